//! The programs of `examples/`, run as their headers say (`# Run: ruff run examples/…`), in every engine.
//!
//! What the runs of a program print, one after the other, stands in the `.out` file beside it: standard output, the lines
//! of standard error marked `! `, and `exit N` where N is not 0. Times (`12.5 ms`) are compared as `… ms`.
//! `BLESS=1` rewrites the files from what the interpreter prints.

mod harness;

use harness::process::{Outcome, run};
use harness::ways::{self, Scratch, WAYS, Way};
use harness::{check, root};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The examples that are programs, not modules or input.
fn programs() -> Vec<PathBuf> {
    let dir = root().join("examples");
    let mut found: Vec<PathBuf> = fs::read_dir(&dir)
        .expect("examples are there")
        .map(|entry| entry.expect("readable").path())
        .flat_map(|path| {
            if path.is_dir() {
                vec![path.join("main.ruff")]
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|e| e == "ruff"))
        .collect();
    found.sort();
    found
}

/// The argument lists of a program's `# Run:` lines.
fn runs(text: &str) -> Vec<Vec<String>> {
    let lines = text
        .lines()
        .filter_map(|line| line.strip_prefix("# Run: ruff run "));
    lines
        .map(|line| line.split_whitespace().skip(1).map(str::to_owned).collect())
        .collect()
}

/// All files of `examples/`, for a directory in which the program may write.
fn files(dir: &Path, into: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(dir).expect("examples can be read") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            files(&path, into);
        } else {
            let name = path
                .strip_prefix(root())
                .expect("below the root")
                .to_owned();
            into.push((name, fs::read(&path).expect("an example can be read")));
        }
    }
}

fn command(way: Way, entry: &str, dir: &Path) -> Result<Command, Outcome> {
    let mut ruff = Command::new(ways::ruff());
    match way {
        Way::Interpreter => ruff.args(["run", "--interpreter", entry]),
        Way::Jit => ruff.args(["run", "--jit-threshold", "1", entry]),
        Way::Tiered => ruff.args(["run", entry]),
        Way::Executable => {
            let executable = dir.join("example");
            let mut ruffc = Command::new(ways::ruffc());
            ruffc
                .arg(entry)
                .arg("-o")
                .arg(&executable)
                .env("RUFF_RUNTIME", ways::archive());
            let compiled = run(ruffc.current_dir(dir), "");
            if compiled.end != "exit 0" {
                return Err(compiled);
            }
            ruff = Command::new(executable);
            &mut ruff
        }
    };
    ruff.current_dir(dir);
    Ok(ruff)
}

/// What all runs of a program print, in one text.
fn transcript(way: Way, entry: &str, runs: &[Vec<String>]) -> String {
    let mut all = Vec::new();
    files(&root().join("examples"), &mut all);
    let dir = Scratch::with(&all);
    let mut text = String::new();
    for arguments in runs {
        let outcome = match command(way, entry, &dir.0) {
            Ok(mut command) => run(command.args(arguments), ""),
            Err(refused) => refused,
        };
        text.push_str(&outcome.stdout);
        for line in outcome.stderr.lines() {
            text.push_str(&format!("! {line}\n"));
        }
        if outcome.end != "exit 0" {
            text.push_str(&format!("{}\n", outcome.end));
        }
    }
    text
}

/// Replaces the number before ` ms`.
fn without_times(text: &str) -> String {
    let lines = text.lines().map(|line| match line.strip_suffix(" ms") {
        Some(rest) => {
            let end = rest
                .trim_end_matches(|c: char| c.is_ascii_digit() || c == '.')
                .len();
            format!("{}… ms\n", &rest[..end])
        }
        None => format!("{line}\n"),
    });
    lines.collect()
}

#[test]
fn the_examples_do_what_they_show() {
    let mut wrong = Vec::new();
    for path in programs() {
        let text = fs::read_to_string(&path).expect("an example is UTF-8");
        let entry = path
            .strip_prefix(root())
            .expect("below the root")
            .to_string_lossy()
            .into_owned();
        let runs = runs(&text);
        assert!(!runs.is_empty(), "{entry} does not say how to run it");
        let golden = path.with_extension("out");
        if std::env::var_os("BLESS").is_some() {
            let text = transcript(Way::Interpreter, &entry, &runs);
            fs::write(&golden, without_times(&text)).expect("written");
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        for way in WAYS {
            let got = without_times(&transcript(way, &entry, &runs));
            if got != expected {
                wrong.push(format!(
                    "{entry} ({}):\n{}",
                    way.name(),
                    check::diff(&expected, &got)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
