//! The order of the passes, as data with reasons.

use super::ir::Function;
use super::opt::{dce, params, range, sharpen, straighten};
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

/// Runs the passes before inference.
pub fn prepare(f: &mut Function) {
    run(PREPARE, f);
}

/// Runs the passes after inference.
pub fn optimise(f: &mut Function) {
    run(OPTIMISE, f);
}

fn run(passes: &[Pass], f: &mut Function) {
    for pass in passes {
        (pass.run)(f);
        if cfg!(debug_assertions)
            && let Err(error) = verify::verify(f)
        {
            panic!(
                "{} after {}: {error}\n{}",
                f.name,
                pass.name,
                super::print::print(f)
            );
        }
    }
}
