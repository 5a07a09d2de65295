//! The examples of `docs/language.md` and of the README: programs in every engine, console sessions in a shell.

mod harness;

use harness::program::{self, Program};
use harness::{check, process, root, suite, ways};
use std::process::Command;

/// Examples that use what is not there yet: the section, which of its programs, and the feature they want.
const WANTING: &[(&str, usize, &str)] = &[
    ("10.", 1, "channels"),
    ("15.", 1, "generators"),
    ("15.", 2, "generators"),
    ("16.1", 1, "async"),
    ("16.2", 1, "spawn"),
    ("19.9", 1, "csv, regular expressions, hashing"),
];

/// A fenced block of the document.
struct Block {
    language: String,
    section: String,
    line: usize,
    text: String,
}

fn blocks(file: &str) -> Vec<Block> {
    let document = std::fs::read_to_string(root().join(file)).expect("the document is there");
    let mut blocks = Vec::new();
    let mut section = String::new();
    let mut open: Option<Block> = None;
    for (index, line) in document.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, Some(language)) => {
                let (section, language) = (section.clone(), language.to_owned());
                open = Some(Block {
                    language,
                    section,
                    line: index + 2,
                    text: String::new(),
                });
            }
            (None, None) => {
                if let Some(heading) = line.strip_prefix('#') {
                    let number = heading.trim_start_matches('#').split_whitespace().next();
                    section = number.unwrap_or_default().to_owned();
                }
            }
        }
    }
    blocks
}

fn programs(file: &str) -> Vec<Program> {
    let mut programs = Vec::new();
    let mut in_section = (String::new(), 0);
    for block in blocks(file).iter().filter(|block| block.language == "ruff") {
        let name = format!("{} in line {}", block.section, block.line);
        for mut program in program::split(&name, "example.ruff", &block.text) {
            if in_section.0 != block.section {
                in_section = (block.section.clone(), 0);
            }
            in_section.1 += 1;
            let wanting = WANTING
                .iter()
                .find(|(s, n, _)| (*s, *n) == (&block.section, in_section.1));
            program.promise.needs = wanting.map(|(_, _, feature)| (*feature).to_owned());
            programs.push(program);
        }
    }
    programs
}

#[test]
fn the_examples_of_the_language_reference_hold() {
    suite::run("docs/language.md", programs("docs/language.md"));
}

#[test]
fn the_examples_of_the_readme_hold() {
    suite::run("README.md", programs("README.md"));
}

/// A console session: files shown by `cat`, and commands with what they print.
#[derive(Default)]
struct Session {
    files: Vec<(std::path::PathBuf, Vec<u8>)>,
    steps: Vec<(String, String)>,
}

fn session(text: &str) -> Session {
    let mut session = Session::default();
    for part in text.split("\n$ ") {
        let part = part.strip_prefix("$ ").unwrap_or(part);
        let (command, output) = part.split_once('\n').unwrap_or((part, ""));
        match command.strip_prefix("cat ") {
            Some(file) => session
                .files
                .push((file.into(), format!("{output}\n").into_bytes())),
            None => session.steps.push((command.to_owned(), output.to_owned())),
        }
    }
    session
}

#[test]
fn the_console_sessions_of_the_language_reference_hold() {
    let bin = ways::ruff()
        .parent()
        .expect("a binary lies in a directory")
        .to_owned();
    let path = format!(
        "{}:{}",
        bin.display(),
        std::env::var("PATH").expect("PATH is set")
    );
    let mut wrong = Vec::new();
    for block in blocks("docs/language.md")
        .iter()
        .filter(|b| b.language == "text" && b.text.starts_with("$ "))
    {
        let session = session(&block.text);
        let dir = ways::Scratch::with(&session.files);
        for (command, expected) in &session.steps {
            let mut shell = Command::new("sh");
            shell
                .args(["-c", &format!("{{ {command}; }} 2>&1")])
                .current_dir(&dir.0)
                .env("PATH", &path);
            let got = process::run(&mut shell, "").stdout;
            if got.trim_end() != expected.trim_end() {
                let diff = check::diff(expected, &got);
                wrong.push(format!("line {}: $ {command}\n{diff}", block.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
