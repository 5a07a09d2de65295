//! The heap checker: whether the heap is what it should be, at every point of a running program where that can be told.
//!
//! In: safepoints, which are the instructions of the interpreter and the helpers that compiled code calls, and what each knows of the
//! references to objects. Out: nothing, or a panic that says what is wrong and where. A check looks at every live object (`walk.rs`):
//! its header, its body, what it refers to, and whether its count is the number of references found.
//!
//! It is process-wide, watches the thread that switches it on, and exists in builds with debug assertions only, which is what
//! `cargo test` makes: elsewhere its functions are empty. `RUFF_CHECK_HEAP=N` switches it on for a process, see [`from_environment`].

#[cfg(debug_assertions)]
mod walk;
#[cfg(debug_assertions)]
mod watch;

#[cfg(debug_assertions)]
pub use watch::{
    argument, born, check, died, from_environment, helper, is_due, owned, switch_off, switch_on,
};

/// Visits, as its two words, a value that somebody holds.
#[cfg(debug_assertions)]
pub type Visit<'a> = &'a mut dyn FnMut((u64, u64));

/// Which of the references to objects a safepoint can name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Known {
    /// All: a count is the number of references found.
    All,
    /// Not those that builtins and compiled code keep: a count is at least that number.
    Some,
}

/// What a build without debug assertions has instead.
#[cfg(not(debug_assertions))]
mod absent {
    use crate::ctx::Ctx;
    use crate::value::Value;

    /// Does nothing: there is no checker in this build.
    pub fn switch_on(_period: u32) {}
    /// Does nothing: there is no checker in this build.
    pub fn switch_off() {}
    /// Does nothing: there is no checker in this build.
    #[inline(always)]
    pub fn from_environment() {}
    /// Does nothing: there is no checker in this build.
    #[inline(always)]
    pub fn argument(_: &Value) {}
    /// Does nothing: there is no checker in this build.
    #[inline(always)]
    pub fn owned(_: &[Value]) {}
    /// Does nothing: there is no checker in this build.
    #[inline(always)]
    pub fn helper(_: &mut Ctx, _: &'static str) {}
}
#[cfg(not(debug_assertions))]
pub use absent::*;
