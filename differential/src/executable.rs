//! Runs one program as an executable and compares it with the oracle.
//!
//! In: `ruffc`, a directory to work in, a source text. Out: a [`Verdict`]. It knows nothing of engines in this process.

use crate::oracle;
use crate::ways::{FILE, Verdict, difference};
use ruff::driver::run::Captured;
use std::path::Path;
use std::process::Command;

/// Compiles a program, runs it, and compares. A program that the oracle gives up on is skipped.
pub fn compare(ruffc: &Path, dir: &Path, text: &str) -> Verdict {
    let expected = match oracle::run(FILE, text) {
        Ok(expected) => expected,
        Err(why) => return Verdict::Skipped(why.into()),
    };
    let written = std::fs::write(dir.join(FILE), text);
    written.expect("a source file can be written");
    let compiled = Command::new(ruffc)
        .args([FILE, "-o", "program"])
        .current_dir(dir)
        .output()
        .expect("ruffc can be started");
    if !compiled.status.success() {
        let said = String::from_utf8_lossy(&compiled.stderr);
        return Verdict::Different(format!("ruffc: {}\n{said}", compiled.status));
    }
    let ran = Command::new(dir.join("program"))
        .output()
        .expect("an executable can be started");
    let error = String::from_utf8_lossy(&ran.stderr).into_owned();
    let outcome = Captured {
        output: String::from_utf8_lossy(&ran.stdout).into_owned(),
        error: (!error.is_empty()).then_some(error),
    };
    let code = if expected.error.is_some() { 4 } else { 0 };
    if ran.status.code() != Some(code) {
        return Verdict::Different(format!("the executable ended with {}", ran.status));
    }
    match outcome == expected {
        true => Verdict::Same,
        false => Verdict::Different(difference(("oracle", &expected), ("executable", &outcome))),
    }
}
