//! The order of the passes, as data with reasons.

use super::ir::Function;
use super::opt::inline::Inlinable;
use super::opt::{dce, inline, loop_versioning, params, range, sharpen, straighten};
use super::verify;
use crate::reach::{self, Table};

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

/// Which passes run. What code means must not depend on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Plan {
    /// How many levels of calls are inlined.
    pub inlined_levels: u32,
    /// The pass of that name is left out, wherever it stands.
    pub without: Option<&'static str>,
    /// All versions keep their registers in their frames.
    pub keeps_registers: bool,
}

/// The names of all passes, each once.
pub fn names() -> impl Iterator<Item = &'static str> {
    let all = || {
        [PREPARE, OPTIMISE, AFTER_INLINING, FINISH]
            .into_iter()
            .flatten()
    };
    let is_first = move |&(at, pass): &(usize, &Pass)| all().take(at).all(|p| p.name != pass.name);
    all()
        .enumerate()
        .filter(is_first)
        .map(|(_, pass)| pass.name)
}

/// Runs the passes before inference.
pub fn prepare(f: &mut Function, plan: Plan) {
    check(f, "build");
    run(PREPARE, f, plan);
}

/// Runs the passes after inference.
pub fn optimise(f: &mut Function, plan: Plan) {
    run(OPTIMISE, f, plan);
}

/// Inlines small callees, and runs the passes after that if there were any.
pub fn inline(f: &mut Function, inlinable: &Inlinable, plan: Plan) {
    if inline::run(f, inlinable) {
        reach::note(Table::Passes, "inline");
        check(f, "inline");
        run(AFTER_INLINING, f, plan);
    }
}

/// Runs the passes at the end, if the plan is to take such trouble.
pub fn finish(f: &mut Function, plan: Plan) {
    if plan.inlined_levels > 0 {
        run(FINISH, f, plan);
    }
}

fn run(passes: &[Pass], f: &mut Function, plan: Plan) {
    for pass in passes {
        if plan.without == Some(pass.name) {
            continue;
        }
        if (pass.run)(f) {
            reach::note(Table::Passes, pass.name);
        }
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
