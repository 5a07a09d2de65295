//! Would the hunt of `commit.rs` find a bug? Known ones are planted, one at a time, and the same programs must show them.

use ruff_differential::faults::{PROGRAMS, hunt_for};
use ruff_runtime::fault::Fault;
use std::io::Write;
use std::path::Path;

#[test]
fn planted_faults_are_caught() {
    let program = Path::new(env!("CARGO_BIN_EXE_ruff-differential"));
    let report = hunt_for(program, Fault::ALL, PROGRAMS);
    // Not `println!`: what was caught by what is part of the result.
    let told = writeln!(std::io::stdout(), "{report}");
    told.expect("the report can be written");
    let (all, missed) = (report.rows.len(), report.missed().count());
    assert!(missed * 20 <= all, "{report}");
}
