//! Runs one program as an executable and compares it with what is expected.
//!
//! In: a target, a level, a directory to work in, a source text. Out: a [`Verdict`]. It knows nothing of engines in this process.

use crate::ways::{FILE, Verdict, difference, expectation};
use ruff::bytecode::Program;
use ruff::diag::ColorChoice;
use ruff::driver::aot::{self, Options};
use ruff::driver::front::{self, Source};
use ruff::driver::isa::{self, OptLevel};
use ruff::driver::run::Captured;
use ruff::driver::{Failure, link};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

/// How to make executables, and where.
#[derive(Clone, Debug)]
pub struct Maker {
    options: Options,
    /// Runs executables of another machine.
    emulator: Option<Vec<String>>,
    /// A directory to work in.
    dir: PathBuf,
}

impl Maker {
    /// For this machine or a target.
    ///
    /// # Panics
    /// If there is no such target.
    pub fn new(target: Option<&str>, level: OptLevel, dir: &Path) -> Maker {
        let mut options = Options {
            level,
            ..Options::default()
        };
        if let Some(target) = target {
            let triple = isa::triple(target);
            options.target = triple.unwrap_or_else(|failure| panic!("{}", failure.text));
        }
        Maker {
            options,
            emulator: target.map(emulator),
            dir: dir.to_owned(),
        }
    }

    fn run(&self, program: &Program) -> Result<Output, Failure> {
        let object = aot::object(program, &self.options)?;
        let executable = self.dir.join("program");
        link::executable(&self.options.target, &object, &executable, false)?;
        Ok(self
            .command(&executable)
            .output()
            .expect("an executable can be started"))
    }

    fn command(&self, executable: &Path) -> Command {
        let Some((emulator, words)) = self.emulator.as_deref().and_then(<[String]>::split_first)
        else {
            return Command::new(executable);
        };
        let mut command = Command::new(emulator);
        command.args(words).arg(executable);
        command
    }

    /// The tool for executables of another machine that this one lacks, by name: the emulator or the linker.
    pub fn missing(&self) -> Option<String> {
        let emulator = self.emulator.as_deref().and_then(<[String]>::first)?;
        let linker = link::driver(&self.options.target).swap_remove(0);
        let is_there = |tool: &String| Command::new(tool).arg("--version").output().is_ok();
        [emulator.clone(), linker.to_string_lossy().into_owned()]
            .into_iter()
            .find(|tool| !is_there(tool))
    }

    /// Compiles a program, runs it, and compares; `begins` hears that it is known what to expect. A program of
    /// which nothing is expected is skipped.
    pub fn compare(&self, text: &str, begins: impl FnOnce()) -> Verdict {
        let source = Source::Text {
            name: FILE.into(),
            text: text.into(),
        };
        let program = match front::front(&source, ColorChoice::Plain) {
            Ok(compiled) => Arc::new(compiled.program),
            Err(_) => return Verdict::Skipped("it does not compile".into()),
        };
        let expected = match expectation(&program, text) {
            Ok(expected) => expected,
            Err(verdict) => return verdict,
        };
        begins();
        let ran = match self.run(&program) {
            Ok(ran) => ran,
            Err(failure) => return Verdict::Different(format!("not compiled: {}", failure.text)),
        };
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
            false => Verdict::Different(difference(
                ("expected", &expected),
                ("executable", &outcome),
            )),
        }
    }
}

/// What runs executables of a target, by the names of Debian's packages.
fn emulator(target: &str) -> Vec<String> {
    let machine = target.split('-').next().unwrap_or(target);
    let machine = machine.trim_end_matches("gc");
    let library = format!("/usr/{machine}-linux-gnu");
    vec![format!("qemu-{machine}"), "-L".into(), library]
}
