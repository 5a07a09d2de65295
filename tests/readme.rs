//! The commands of the README: those of `ruff` and `ruffc` work as shown, those of cargo name targets, flags and programs that
//! exist, and every table of times says what made it. What the README says about Ruff itself is tested in `docs.rs`.

mod harness;

use harness::root;
use harness::tool::{command, output};
use harness::ways::{Scratch, ruff, ruffc};
use std::fs;
use std::path::Path;

fn readme() -> String {
    read("README.md")
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
}

/// The commands of the shell blocks, without remarks.
fn commands() -> Vec<Vec<String>> {
    let readme = readme();
    let blocks = readme.split("```sh\n").skip(1);
    let lines = blocks.flat_map(|block| block.split("```").next().unwrap_or_default().lines());
    let code = lines.map(|line| line.split(" #").next().unwrap_or_default());
    code.flat_map(|line| line.split(" && "))
        .map(|words| words.split_whitespace().map(str::to_owned).collect())
        .collect()
}

/// A directory in which the examples lie as in the repository.
fn repository() -> Scratch {
    let mut files = Vec::new();
    for entry in fs::read_dir(root().join("examples")).expect("examples are there") {
        let path = entry.expect("readable").path();
        if path.is_file() {
            let name = Path::new("examples").join(path.file_name().expect("a file has a name"));
            files.push((name, fs::read(&path).expect("readable")));
        }
    }
    Scratch::with(&files)
}

#[test]
fn the_commands_of_the_readme_work() {
    let dir = repository();
    let mut printed = Vec::new();
    let commands = commands();
    assert!(commands.len() >= 7, "{commands:?}");
    for words in &commands {
        let (program, arguments) = words.split_first().expect("a command has words");
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let program = match program.as_str() {
            "cargo" => {
                check_cargo(&arguments);
                continue;
            }
            "target/release/ruff" => ruff().to_owned(),
            "target/release/ruffc" => ruffc().to_owned(),
            made => dir.0.join(made),
        };
        let (code, stdout, stderr) = output(&mut command(&program, &dir, &arguments));
        assert_eq!((code, stderr.as_str()), (0, ""), "{words:?}");
        if !stdout.is_empty() {
            printed.push(stdout);
        }
    }
    let [run, executed] = &printed[..] else {
        panic!("two commands print something, not {}", printed.len());
    };
    assert_eq!(run, executed, "an executable prints what `ruff run` prints");
}

/// Checks that a command of cargo names what exists.
fn check_cargo(words: &[&str]) {
    match words {
        ["build", "--release"] | ["test"] => {}
        ["run", "--release", "--example", "benchmarks", rest @ ..] => {
            let source = read("benches/run.rs");
            let mut value = false;
            for word in rest.iter().skip(1) {
                if word.starts_with("--") {
                    assert!(source.contains(&format!("\"{word}\" =>")), "no flag {word}");
                } else if !value {
                    let program = word.split('=').next().unwrap_or_default();
                    let row = format!("(\"{program}\", ");
                    assert!(source.contains(&row), "no program {program}");
                }
                value = ["--rounds", "--only"].contains(word);
            }
        }
        [
            "run",
            "--release",
            "-p",
            "ruff-differential",
            "--",
            _,
            rest @ ..,
        ] => {
            let source = read("differential/src/main.rs");
            for flag in rest.iter().filter(|word| word.starts_with("--")) {
                assert!(source.contains(&format!("\"{flag}\" =>")), "no flag {flag}");
            }
        }
        ["run", "--release", "--example", "jit_simple_test"] => {
            assert!(root().join("examples/jit_simple_test.rs").exists());
        }
        other => panic!("cargo {other:?} is new: does it work?"),
    }
}

#[test]
fn tables_of_times_name_the_command_that_makes_them() {
    let readme = readme();
    let paragraphs: Vec<&str> = readme.split("\n\n").collect();
    let tables = paragraphs
        .windows(2)
        .filter(|pair| pair[1].starts_with("| |"));
    let mut count = 0;
    for table in tables {
        count += 1;
        let command = table[0]
            .split('`')
            .find(|code| code.contains("--example benchmarks "));
        let command = command.unwrap_or_else(|| panic!("which command made this?\n{}", table[1]));
        let words: Vec<&str> = command.split_whitespace().skip(1).collect();
        check_cargo(&words);
        let source = read("benches/run.rs");
        for row in table[1].lines().skip(2) {
            let program = row.split('|').nth(1).expect("a row has cells").trim();
            assert!(
                source.contains(&format!("(\"{program}\", ")),
                "no program {program}"
            );
        }
    }
    assert!(count > 0, "the README has no table of times");
}

#[test]
fn the_commands_of_the_examples_exist() {
    for entry in fs::read_dir(root().join("examples")).expect("examples are there") {
        let path = entry.expect("readable").path();
        let Some("rs") = path.extension().and_then(|e| e.to_str()) else {
            continue;
        };
        let name = path
            .file_stem()
            .expect("a file has a name")
            .to_string_lossy();
        let text = fs::read_to_string(&path).expect("an example is text");
        let run = format!("Run: `cargo run --release --example {name}`");
        assert!(text.contains(&run), "{name} does not say how to run it");
    }
}
