//! The four ways to run a program, and where their binaries come from.

use super::process::{Outcome, run};
use super::program::{Program, Promise};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A way to run a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// `ruff run --interpreter`.
    Interpreter,
    /// `ruff run --jit-threshold 1`: everything is compiled before its first call.
    Jit,
    /// `ruff run`: hot code is compiled.
    Tiered,
    /// `ruffc`, then the executable.
    Executable,
}

/// All ways, in the order of the report.
pub const WAYS: [Way; 4] = [Way::Interpreter, Way::Jit, Way::Tiered, Way::Executable];

impl Way {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Way::Interpreter => "interpreter",
            Way::Jit => "jit-1",
            Way::Tiered => "tiered",
            Way::Executable => "executable",
        }
    }

    /// Runs `program` in a directory of its own.
    pub fn run(self, program: &Program) -> Outcome {
        let dir = Scratch::with(&program.files);
        match self {
            Way::Interpreter => interpret(program, &["run", "--interpreter"], &dir.0),
            Way::Jit => interpret(program, &["run", "--jit-threshold", "1"], &dir.0),
            Way::Tiered => interpret(program, &["run"], &dir.0),
            Way::Executable => compile_and_run(program, &dir.0),
        }
    }
}

/// Runs `program` by a subcommand of `ruff`.
pub fn subcommand(program: &Program, command: &[String]) -> Outcome {
    let dir = Scratch::with(&program.files);
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    interpret(program, &words, &dir.0)
}

fn interpret(program: &Program, command: &[&str], dir: &Path) -> Outcome {
    let mut ruff = Command::new(ruff());
    ruff.args(command)
        .arg(&program.entry)
        .args(&program.promise.args);
    environment(&mut ruff, &program.promise, dir);
    run(&mut ruff, &program.promise.stdin)
}

fn compile_and_run(program: &Program, dir: &Path) -> Outcome {
    let executable = dir.join("ruff-program");
    let mut ruffc = Command::new(ruffc());
    ruffc.arg(&program.entry).arg("-o").arg(&executable);
    environment(&mut ruffc, &Promise::default(), dir);
    ruffc.env("RUFF_RUNTIME", archive());
    let compiled = run(&mut ruffc, "");
    if compiled.end != "exit 0" || !compiled.stderr.is_empty() {
        // A program refused by the compiler behaves as one refused by `ruff run`.
        return compiled;
    }
    let mut program_itself = Command::new(&executable);
    program_itself.args(&program.promise.args);
    environment(&mut program_itself, &program.promise, dir);
    let outcome = run(&mut program_itself, &program.promise.stdin);
    fs::remove_file(executable).expect("the executable can be removed");
    outcome
}

fn environment(command: &mut Command, promise: &Promise, dir: &Path) {
    command
        .current_dir(dir)
        .env_remove("RUFF_RUNTIME")
        .env_remove("NO_COLOR");
    command
        .env("RUFF_LIVE_OBJECTS", "1")
        .env("RUFF_COPIES", "1");
    command.envs(promise.env.iter().cloned());
}

/// The `ruff` under test.
pub fn ruff() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_ruff"))
}

/// The `ruffc` under test.
pub fn ruffc() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_ruffc"))
}

/// The runtime archive executables link, built at the first call.
pub fn archive() -> &'static Path {
    super::archive::archive(&super::root())
}

/// A directory that exists as long as the value.
pub struct Scratch(pub PathBuf);

impl Scratch {
    /// A fresh directory with `files` in it.
    pub fn with(files: &[(PathBuf, Vec<u8>)]) -> Scratch {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let top = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let dir = top.join(format!("{}-{number}", std::process::id()));
        fs::create_dir_all(&dir).expect("a scratch directory can be made");
        for (name, bytes) in files {
            let path = dir.join(name);
            fs::create_dir_all(path.parent().expect("a file has a parent")).expect("made");
            fs::write(path, bytes).expect("a scratch file can be written");
        }
        Scratch(dir)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A leftover directory harms nobody; a second panic would hide the first.
        drop(fs::remove_dir_all(&self.0));
    }
}
