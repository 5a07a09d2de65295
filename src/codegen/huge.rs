//! Functions that no person writes: machine code in a time that grows with their size.
//!
//! In: a function, a description of a machine. Out: the same machine, with a back end that bears the function: one that does not
//! optimise long functions, and allocates registers in one pass where very many values live at once (the usual allocator takes minutes
//! for a thousand values that live across a thousand calls). It does not know how code becomes part of a module.

use crate::ssa::ir::Function;
use cranelift_codegen::isa::{self, OwnedTargetIsa, TargetIsa};
use cranelift_codegen::settings::{self, Configurable};

/// Functions of more code than this are huge.
const SIZE: usize = 12_000;

/// So are those that release more values than this at all their sites together: that many values live at once.
const RELEASED: usize = 20_000;

/// What is too much of a function for the usual back end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Huge {
    /// Its code.
    Code,
    /// The values that live at once.
    Values,
}

/// Whether a function is huge, and how.
pub fn is_huge(f: &Function) -> Option<Huge> {
    let released = f.sites.iter().map(|site| site.release.len());
    if released.sum::<usize>() > RELEASED {
        return Some(Huge::Values);
    }
    (f.size() > SIZE).then_some(Huge::Code)
}

/// The same machine for such functions.
pub fn machine(isa: &dyn TargetIsa, huge: Huge) -> OwnedTargetIsa {
    let failed = |error: &dyn std::fmt::Display| -> ! { panic!("{}: {error}", isa.name()) };
    let mut builder = isa::lookup(isa.triple().clone()).unwrap_or_else(|e| failed(&e));
    for value in isa.isa_flags() {
        let set = builder.set(value.name, &value.value_string());
        set.unwrap_or_else(|e| failed(&e));
    }
    let mut flags = settings::builder();
    for value in isa.flags().iter() {
        let set = flags.set(value.name, &value.value_string());
        set.unwrap_or_else(|e| failed(&e));
    }
    let allocator = match huge {
        Huge::Code => "backtracking",
        Huge::Values => "single_pass",
    };
    for (name, value) in [("regalloc_algorithm", allocator), ("opt_level", "none")] {
        flags.set(name, value).unwrap_or_else(|e| failed(&e));
    }
    let finished = builder.finish(settings::Flags::new(flags));
    finished.unwrap_or_else(|e| failed(&e))
}
