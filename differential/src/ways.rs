//! Runs one program in configurations of this process's engines and compares.
//!
//! In: a source text. Out: a [`Verdict`]. A program that the oracle gives up on is not run by anybody, so that the engines only see
//! programs that end.

use crate::matrix::Configuration;
use crate::oracle::{self, Answer};
use ruff::bytecode::Program;
use ruff::diag::ColorChoice;
use ruff::driver::front::{self, Source};
use ruff::driver::run::{self, Captured, Engine};
use ruff_runtime::heap::{checker, copying, live};
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The name of the program in positions.
pub const FILE: &str = "program.ruff";

/// What came out of running a program in some ways.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// All agree.
    Same,
    /// Nothing was compared, for this reason.
    Skipped(String),
    /// This is what differs.
    Different(String),
}

/// Who hears what happens while a program is compared.
pub trait Listener {
    /// What to expect is about to be found out; that takes long if the program runs for ever.
    fn asks(&mut self) {}
    /// A configuration is about to run.
    fn begins(&mut self, _: &Configuration) {}
    /// It has run, and took that long.
    fn ran(&mut self, _: &Configuration, _: Duration) {}
}

/// Nobody.
impl Listener for () {}

/// What a program does: by the oracle, as far as that knows, and behind that by the interpreter, which the others must agree with.
/// An error is what there is to say of the program instead.
pub(crate) fn expectation(program: &Arc<Program>, text: &str) -> Result<Captured, Verdict> {
    let beginning = match oracle::run(FILE, text) {
        Answer::Whole(expected) => return Ok(expected),
        Answer::Begins(output, _) => output,
        Answer::None(why) => return Err(Verdict::Skipped(why.into())),
    };
    let interpreted = run::capture(program, Engine::Interpreter);
    if interpreted.output.starts_with(&beginning) {
        return Ok(interpreted);
    }
    let expected = Captured {
        output: beginning,
        error: None,
    };
    Err(Verdict::Different(difference(
        ("beginning by the oracle", &expected),
        ("interpreter", &interpreted),
    )))
}

/// Runs a program in configurations and compares each with what is expected; the first that differs ends it.
pub fn compare<'c>(
    text: &str,
    configurations: impl IntoIterator<Item = &'c Configuration>,
    listener: &mut impl Listener,
) -> Verdict {
    let source = Source::Text {
        name: FILE.into(),
        text: text.into(),
    };
    let compiled = match front::front(&source, ColorChoice::Plain) {
        Ok(compiled) => compiled,
        Err(_) => return Verdict::Skipped("it does not compile".into()),
    };
    let program = Arc::new(compiled.program);
    listener.asks();
    let expected = match expectation(&program, text) {
        Ok(expected) => expected,
        Err(verdict) => return verdict,
    };
    for configuration in configurations {
        listener.begins(configuration);
        let start = Instant::now();
        let before = live::objects();
        copying::force(configuration.copies);
        if configuration.checked {
            checker::switch_on(1);
        }
        let outcome = run::capture(&program, configuration.engine);
        checker::switch_off();
        copying::force(false);
        let left = live::objects().wrapping_sub(before);
        listener.ran(configuration, start.elapsed());
        let name = &configuration.name;
        if left != 0 {
            return Verdict::Different(format!("{name} leaks {} objects", left as isize));
        }
        if outcome != expected {
            return Verdict::Different(difference(("expected", &expected), (name, &outcome)));
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
