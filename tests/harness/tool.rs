//! Command lines of `ruff` and `ruffc`, run in a directory of their own.

use super::ways::{Scratch, Way, archive, ruff, ruffc};
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A directory with these files.
pub fn directory(files: &[(&str, &str)]) -> Scratch {
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (name.into(), text.as_bytes().to_vec()))
        .collect();
    Scratch::with(&files)
}

/// The names of the files in a directory, in order.
pub fn files(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("it is there");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("readable").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// A program with words, to be run in a directory; `ruffc` finds its archive.
pub fn command(program: &Path, dir: &Scratch, words: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(words).current_dir(&dir.0).stdin(Stdio::null());
    command.env("RUFF_RUNTIME", archive());
    command
}

/// The command that runs the `a.ruff` of a directory in a way; for an executable it is compiled now.
pub fn started(way: Way, dir: &Scratch) -> Command {
    match way {
        Way::Interpreter => command(ruff(), dir, &["run", "--interpreter", "a.ruff"]),
        Way::Jit => command(ruff(), dir, &["run", "--jit-threshold", "1", "a.ruff"]),
        Way::Tiered => command(ruff(), dir, &["run", "a.ruff"]),
        Way::Executable => {
            let compiled = output(&mut command(ruffc(), dir, &["a.ruff", "-o", "a"]));
            assert_eq!(compiled, (0, String::new(), String::new()));
            command(&dir.0.join("a"), dir, &[])
        }
    }
}

/// Runs a command: its exit code (-1: a signal ended it), standard output and standard error.
pub fn output(command: &mut Command) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("it can be started");
    let text = |bytes| String::from_utf8(bytes).expect("it writes UTF-8");
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

/// Runs `ruff`.
pub fn run(dir: &Scratch, words: &[&str]) -> (i32, String, String) {
    output(&mut command(ruff(), dir, words))
}

/// Runs `ruffc`.
pub fn compile(dir: &Scratch, words: &[&str]) -> (i32, String, String) {
    output(&mut command(ruffc(), dir, words))
}
