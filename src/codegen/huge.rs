//! Functions that no person writes: machine code in a time that grows with their size.
//!
//! In: a function, a description of a machine. Out: the same machine, with a back end that bears the function: one that does not
//! optimise, and beyond some size allocates registers in one pass. The usual allocator takes minutes for a thousand values that live
//! across a thousand calls, and a time that grows with the square of the code. It does not know how code becomes part of a module.

use crate::ssa::ir::Function;
use cranelift_codegen::isa::{self, OwnedTargetIsa, TargetIsa};
use cranelift_codegen::settings::{self, Configurable};

/// Functions of more code than this are not optimised.
const LONG: usize = 12_000;

/// The registers of functions of more code than this are allocated in one pass.
const VERY_LONG: usize = 30_000;

/// So are those of functions that release more values than this at all their sites with [`MANY`] together: that many live at once,
/// for that long.
const RELEASED: usize = 20_000;
const MANY: usize = 30;

/// What a function is too much for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Huge {
    /// The optimiser.
    Optimiser,
    /// The optimiser, and the allocator of registers.
    Allocator,
}

/// Whether a function is huge, and how.
pub fn is_huge(f: &Function) -> Option<Huge> {
    let size = f.size();
    let released = f.sites.iter().map(|site| site.release.len());
    let released = released.filter(|&values| values >= MANY).sum::<usize>();
    if size > VERY_LONG || released > RELEASED {
        return Some(Huge::Allocator);
    }
    (size > LONG).then_some(Huge::Optimiser)
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
        Huge::Optimiser => "backtracking",
        Huge::Allocator => "single_pass",
    };
    for (name, value) in [("regalloc_algorithm", allocator), ("opt_level", "none")] {
        flags.set(name, value).unwrap_or_else(|e| failed(&e));
    }
    let finished = builder.finish(settings::Flags::new(flags));
    finished.unwrap_or_else(|e| failed(&e))
}
