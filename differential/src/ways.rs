//! Runs one program in every engine of this process and compares.
//!
//! In: a source text. Out: a [`Verdict`]. A program that the oracle gives up on is not run by anybody, so that the engines only see
//! programs that end.

use crate::oracle;
use ruff::diag::ColorChoice;
use ruff::driver::front::{self, Source};
use ruff::driver::run::{self, Captured, Engine};
use ruff::driver::tier;
use ruff_runtime::heap::live;
use std::fmt::Write;
use std::sync::Arc;

/// The name of the program in positions.
pub const FILE: &str = "program.ruff";

/// What came out of running a program in every way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// All agree.
    Same,
    /// Nothing was compared, for this reason.
    Skipped(String),
    /// This is what differs.
    Different(String),
}

/// The engines by name. `hot` adds the default threshold, which is in vain for programs without long loops.
fn engines(hot: bool) -> Vec<(&'static str, Engine)> {
    let jit = |threshold| {
        Engine::Tiered(tier::Config {
            threshold,
            perf_map: false,
        })
    };
    let mut engines = vec![
        ("interpreter", Engine::Interpreter),
        ("jit-1", jit(Some(1))),
        ("jit-2", jit(Some(2))),
        ("jit-12", jit(Some(12))),
    ];
    if hot {
        engines.push(("tiered", jit(None)));
    }
    engines
}

/// Runs a program in every way and compares.
pub fn compare(text: &str, hot: bool) -> Verdict {
    let source = Source::Text {
        name: FILE.into(),
        text: text.into(),
    };
    let compiled = match front::front(&source, ColorChoice::Plain) {
        Ok(compiled) => compiled,
        Err(failure) => return Verdict::Skipped(format!("does not compile: {}", failure.text)),
    };
    let program = Arc::new(compiled.program);
    let expected = match oracle::run(FILE, text) {
        Ok(expected) => expected,
        Err(why) => return Verdict::Skipped(why.into()),
    };
    for (name, engine) in engines(hot) {
        let before = live::objects();
        let outcome = run::capture(&program, engine);
        let left = live::objects().wrapping_sub(before);
        if left != 0 {
            return Verdict::Different(format!("{name} leaks {} objects", left as isize));
        }
        if outcome != expected {
            return Verdict::Different(difference(("oracle", &expected), (name, &outcome)));
        }
    }
    Verdict::Same
}

/// The first lines that differ.
pub(crate) fn difference(first: (&str, &Captured), second: (&str, &Captured)) -> String {
    let text = |outcome: &Captured| {
        format!(
            "{}{}",
            outcome.output,
            outcome.error.as_deref().unwrap_or("")
        )
    };
    let (left, right) = (text(first.1), text(second.1));
    let (mut left, mut right) = (left.lines(), right.lines());
    let mut line = 0;
    loop {
        line += 1;
        let (a, b) = (left.next(), right.next());
        if a != b || a.is_none() {
            let mut report = format!("line {line} of the output\n");
            let end = "(the end)";
            let _ = writeln!(report, "  {}: {}", first.0, a.unwrap_or(end));
            let _ = write!(report, "  {}: {}", second.0, b.unwrap_or(end));
            return report;
        }
    }
}
