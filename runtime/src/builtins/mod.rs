//! The builtin functions: one table, one file per family.
//!
//! A row gives the doc line, the name and its aliases, the function, its arity, its effect, the type of its result
//! and the host capability it needs. Everything else expands from the rows: the descriptor that a program links
//! (one static per name, so that an executable carries only what it uses), the index, arity errors.
//!
//! A builtin gets its arguments in a window it may take from. **It must not take anything before its checks have
//! passed**: after an error the arguments are still there (this is what lets `d[k] := push(d[k], v)` work in place).

use crate::ctx::Ctx;
use crate::error::Result;
use crate::value::Value;

pub mod arrays;
pub mod output;
pub mod types;

/// What a builtin may do, for the optimiser.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Depends on its arguments only; may raise.
    Pure,
    /// Reads or writes the world outside the program.
    World,
    /// Calls functions given to it.
    Calls,
}

/// The type of a builtin's result, for inference: `Any` is always right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the variants are the names of the types")]
pub enum ResultType {
    Any,
    Null,
    Bool,
    Int,
    Float,
    Str,
    Bytes,
    Array,
    Dict,
}

/// A host effect that `--untrusted` denies (language.md §20.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(
    missing_docs,
    reason = "the variants are the names of the capabilities"
)]
pub enum Capability {
    FsRead,
    FsWrite,
    FsDelete,
    ProcessExec,
    ShellExec,
    EnvRead,
    EnvWrite,
    Clock,
    Random,
}

/// A set of capabilities, as bits `1 << Capability`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Capabilities(pub u32);

impl Capabilities {
    /// Everything.
    pub const ALL: Capabilities = Capabilities(u32::MAX);
    /// Whether a capability is in the set.
    pub fn has(self, capability: Capability) -> bool {
        self.0 & 1 << capability as u32 != 0
    }
}

/// No upper bound on the number of arguments.
pub const MANY: u16 = u16::MAX;

/// A builtin function.
pub struct Builtin {
    /// The name under which the program called it.
    pub name: &'static str,
    /// Fewest arguments.
    pub min: u16,
    /// Most arguments, or [`MANY`].
    pub max: u16,
    /// The function. It may take values out of the window, but only after its checks (see the module header).
    pub run: fn(&mut Ctx, &mut [Value]) -> Result,
    /// What it may do.
    pub effect: Effect,
    /// What it gives.
    pub result: ResultType,
    /// The host effect it needs, if any.
    pub needs: Option<Capability>,
    /// One line for people.
    pub doc: &'static str,
}

impl Builtin {
    /// Calls it: capability, arity, then the function.
    #[inline]
    pub fn call(&'static self, cx: &mut Ctx, args: &mut [Value]) -> Result {
        if args.len() < self.min as usize || args.len() > self.max as usize {
            return Err(self.wrong_arity(cx, args.len()));
        }
        if let Some(capability) = self.needs
            && !cx.allowed.has(capability)
        {
            return Err(self.denied(cx, capability));
        }
        (self.run)(cx, args)
    }

    #[cold]
    fn wrong_arity(&self, cx: &mut Ctx, got: usize) -> crate::error::Thrown {
        let wanted = if got < self.min as usize {
            self.min
        } else {
            self.max
        };
        cx.raise(format_args!(
            "{} expects {wanted} arguments, got {got}",
            self.name
        ))
    }

    #[cold]
    fn denied(&self, cx: &mut Ctx, capability: Capability) -> crate::error::Thrown {
        let (name, flag) = match capability {
            Capability::FsRead => ("filesystem-read", "--allow-fs-read"),
            Capability::FsWrite => ("filesystem-write", "--allow-fs-write"),
            Capability::FsDelete => ("filesystem-delete", "--allow-fs-delete"),
            Capability::ProcessExec => ("process-exec", "--allow-process-exec"),
            Capability::ShellExec => ("shell-exec", "--allow-shell-exec"),
            Capability::EnvRead => ("env-read", "--allow-env-read"),
            Capability::EnvWrite => ("env-write", "--allow-env-write"),
            Capability::Clock => ("clock", "--allow-clock"),
            Capability::Random => ("random", "--allow-random"),
        };
        cx.raise(format_args!(
            "Capability denied: {name} required for {}; rerun with {flag}",
            self.name
        ))
    }
}

/// Names of the reference (language.md §19) whose builtins are not there yet: a program that mentions one gets a
/// compile error, never a wrong answer.
pub const NOT_YET: &[&str] = &[];

macro_rules! builtins {
    ($( $(#[doc = $doc:literal])+ $($name:literal)|+ = $family:ident::$run:ident $min:literal..=$max:expr,
        $effect:ident -> $result:ident $(needs $needs:ident)?; )*) => {
        /// One descriptor per name; an executable links those that its program mentions.
        pub mod table {
            use super::*;
            builtins!(@statics $( [concat!($($doc),+)] [$($name)|+] $family $run $min [$max] $effect $result [$($needs)?]; )*);
        }
        /// Every builtin, in table order; the index is the builtin's number in bytecode.
        pub static ALL: &[&Builtin] = &builtins!(@all $($($name)|+),*);
        /// The symbol of each builtin's descriptor, in the same order.
        pub static SYMBOLS: &[&str] = &[$($(concat!("ruff_builtin_", $name)),+),*];
    };
    (@statics $( [$doc:expr] [$($name:literal)|+] $family:ident $run:ident $min:literal [$max:expr] $effect:ident $result:ident $needs:tt; )*) => {
        $( builtins!(@each [$doc] [$($name)|+] $family $run $min [$max] $effect $result $needs); )*
    };
    (@each [$doc:expr] [$($name:literal)|+] $family:ident $run:ident $min:literal [$max:expr] $effect:ident $result:ident $needs:tt) => {
        $( builtins!(@one [$doc] $name $family $run $min [$max] $effect $result $needs); )+
    };
    (@one [$doc:expr] $name:literal $family:ident $run:ident $min:literal [$max:expr] $effect:ident $result:ident $needs:tt) => {
        pastey::paste! {
            #[doc = $doc]
            // SAFETY: the name is unique: two rows of one name do not compile.
            #[unsafe(export_name = concat!("ruff_builtin_", $name))]
            pub static [<BUILTIN_ $name:upper>]: Builtin = Builtin {
                name: $name, min: $min, max: $max, run: $family::$run, effect: Effect::$effect,
                result: ResultType::$result, needs: builtins!(@needs $needs), doc: $doc,
            };
        }
    };
    (@needs []) => { None };
    (@needs [$needs:ident]) => { Some(Capability::$needs) };
    (@all $($($name:literal)|+),*) => {
        pastey::paste! { [$($( &table::[<BUILTIN_ $name:upper>] ),+),*] }
    };
}

builtins! {
    /// Writes its arguments, separated by a space, and a newline to standard output.
    "print" | "println" = output::print 0..=MANY, World -> Null;
    /// The name of the value's type.
    "type" | "type_of" = types::type_of 1..=1, Pure -> Str;
    /// A copy of the array with a value appended.
    "push" | "append" = arrays::push 2..=2, Pure -> Array;
}

/// The number of the builtin of that name.
pub fn find(name: &str) -> Option<u16> {
    ALL.iter().position(|b| b.name == name).map(|i| i as u16)
}
