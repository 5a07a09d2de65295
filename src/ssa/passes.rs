//! The order of the passes, as data with reasons.

use super::ir::Function;
use super::opt::inline::Inlinable;
use super::opt::{dce, inline, loop_versioning, params, range, sharpen, straighten};
use super::verify;

/// A pass over one function.
pub struct Pass {
    /// As `--dump-after` and timings name it.
    pub name: &'static str,
    /// Runs it; true if it changed something.
    pub run: fn(&mut Function) -> bool,
    /// Why it stands where it does.
    pub why: &'static str,
}

/// Before inference.
pub const PREPARE: &[Pass] = &[Pass {
    name: "params",
    run: params::run,
    why: "first: every parameter less is one type less to infer",
}];

/// After inference, in this order.
pub const OPTIMISE: &[Pass] = &[
    Pass {
        name: "sharpen",
        run: sharpen::run,
        why: "first: it turns types into typed instructions, which all others look at",
    },
    Pass {
        name: "straighten",
        run: straighten::run,
        why: "after sharpen: blocks that only counted uncounted values are empty now",
    },
    Pass {
        name: "params",
        run: params::run,
        why: "after sharpen and straighten: loops over ranges pass constants around",
    },
    Pass {
        name: "dce",
        run: dce::run,
        why: "before range: fewer values to bound",
    },
    Pass {
        name: "range",
        run: range::run,
        why: "over typed ints and straight control flow, whose comparisons it reads",
    },
    Pass {
        name: "dce",
        run: dce::run,
        why: "last: what the others left unused",
    },
];

/// After inlining, in this order.
pub const AFTER_INLINING: &[Pass] = &[
    Pass {
        name: "straighten",
        run: straighten::run,
        why: "first: bodies hang on jumps",
    },
    Pass {
        name: "params",
        run: params::run,
        why: "an inlined result has often one source",
    },
    Pass {
        name: "range",
        run: range::run,
        why: "a body now sees the comparisons around its call",
    },
    Pass {
        name: "dce",
        run: dce::run,
        why: "last: what the others left unused",
    },
];

/// At the end of it all, in this order.
pub const FINISH: &[Pass] = &[
    Pass {
        name: "loop_versioning",
        run: loop_versioning::run,
        why: "after inlining: a body with two versions of a loop would be too large to inline",
    },
    Pass {
        name: "straighten",
        run: straighten::run,
        why: "the question which version it is hangs on a jump",
    },
    Pass {
        name: "params",
        run: params::run,
        why: "what both versions give is often one value",
    },
];

/// Runs the passes before inference.
pub fn prepare(f: &mut Function) {
    check(f, "build");
    run(PREPARE, f);
}

/// Runs the passes after inference.
pub fn optimise(f: &mut Function) {
    run(OPTIMISE, f);
}

/// Inlines small callees, and runs the passes after that if there were any.
pub fn inline(f: &mut Function, inlinable: &Inlinable) {
    if inline::run(f, inlinable) {
        check(f, "inline");
        run(AFTER_INLINING, f);
    }
}

/// Runs the passes at the end.
pub fn finish(f: &mut Function) {
    run(FINISH, f);
}

fn run(passes: &[Pass], f: &mut Function) {
    for pass in passes {
        (pass.run)(f);
        check(f, pass.name);
    }
}

fn check(f: &Function, after: &str) {
    if cfg!(debug_assertions)
        && let Err(error) = verify::verify(f)
    {
        panic!(
            "{} after {after}: {error}\n{}",
            f.name,
            super::print::print(f)
        );
    }
}
