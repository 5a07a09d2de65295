//! `ruff test-run`: the test blocks of a file, each in a fresh program (language.md §18).
//!
//! In: a file. Out: a report on standard output, and the exit code. What a test consists of is `resolve`'s knowledge.

use super::front::{self, Source};
use super::run::{self, Engine};
use super::{Failure, output};
use crate::diag::ColorChoice;
use crate::resolve;
use ruff_runtime::start;
use std::path::PathBuf;
use std::sync::Arc;

/// Exit code if a test failed.
const FAILED: i32 = 1;
/// Exit code if there is no test.
const NO_TESTS: i32 = 4;

/// Runs all tests of a file; gives the exit code.
pub fn test_run(path: PathBuf, verbose: bool, color: ColorChoice) -> Result<i32, Failure> {
    let name = path.to_string_lossy().into_owned();
    let parsed = front::parse(&Source::File(path), color)?;
    let cases = resolve::test_cases(&parsed.loaded.files[0].ast);
    if cases.is_empty() {
        return Err(Failure {
            text: format!("No tests found in {name}\n"),
            code: NO_TESTS,
        });
    }
    let mut failed = 0;
    say(&format!("Running {} tests in {name}\n", cases.len()))?;
    for case in &cases {
        let (_, program) = front::compile_test(&parsed, case.number)?;
        let mut interp = run::load(&Arc::new(program), Engine::default());
        let outcome = start::run(&mut interp.cx);
        interp.cx.shutdown();
        let title: Vec<&str> = case
            .groups
            .iter()
            .chain([&case.title])
            .map(|part| &**part)
            .collect();
        let title = title.join(" > ");
        match outcome {
            Ok(_) if verbose => say(&format!("  ✓ {title}\n"))?,
            Ok(_) => {}
            Err(error) => {
                failed += 1;
                if verbose {
                    say(&format!("  ✗ {title}\n    Error: {}\n", error.message))?;
                }
            }
        }
    }
    let total = cases.len();
    let passed = total - failed;
    say(&format!(
        "Tests: {total} total, {passed} passed, {failed} failed\n"
    ))?;
    Ok(if failed == 0 { 0 } else { FAILED })
}

/// Prints at once, so that the report and what the tests print stay in order.
fn say(text: &str) -> Result<(), Failure> {
    output::to_stdout(text.as_bytes())
}
