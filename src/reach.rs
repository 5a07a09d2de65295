//! What the stages have made use of: how often which row of which table.
//!
//! In: rows, as they are used. Out: their counts since the process began. Tests ask whether programs reach everything;
//! only builds with debug assertions count, in all others a note is nothing.
//! It knows neither the tables nor who uses them.

#[cfg(debug_assertions)]
use std::{collections::BTreeMap, sync::Mutex};

/// A table whose rows are counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Table {
    /// Instructions of the interpreter that stand for several of the program.
    Fused,
    /// Passes that have changed something.
    Passes,
    /// SSA instructions that have been lowered.
    Instructions,
    /// Places in compiled code that ask for a type, a shape, a storage.
    Guards,
    /// Helpers that compiled code calls.
    Helpers,
}

#[cfg(debug_assertions)]
static COUNTS: Mutex<BTreeMap<(Table, &str), u64>> = Mutex::new(BTreeMap::new());

/// Notes that a row is used.
#[cfg(debug_assertions)]
pub fn note(table: Table, row: &'static str) {
    // A count is whole whatever a panic has interrupted.
    let mut counts = COUNTS.lock().unwrap_or_else(|broken| broken.into_inner());
    *counts.entry((table, row)).or_default() += 1;
}

/// Nothing is counted in this build.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn note(_: Table, _: &'static str) {}

/// How often a row has been used.
#[cfg(debug_assertions)]
pub fn count(table: Table, row: &'static str) -> u64 {
    let counts = COUNTS.lock().unwrap_or_else(|broken| broken.into_inner());
    counts.get(&(table, row)).copied().unwrap_or_default()
}
