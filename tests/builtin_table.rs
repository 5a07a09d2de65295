//! The table of builtins against the world: each is in the reference, and some program of the tests uses it; each name
//! that is still to come is refused by the compiler.

mod harness;

use harness::program;
use harness::{process, root, ways};
use ruff_runtime::builtins;
use std::process::Command;

/// The text of the reference's section on builtins.
fn reference() -> String {
    let path = root().join("docs").join("language.md");
    let text = std::fs::read_to_string(path).expect("the reference is there");
    let start = text.find("\n# 19. ").expect("the section on builtins");
    let end = text.find("\n# 20. ").expect("the section after it");
    text[start..end].to_owned()
}

/// Whether `name` stands in `text` as a whole word.
fn mentions(text: &str, name: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        !text[..at].ends_with(part_of_word) && !text[at + name.len()..].starts_with(part_of_word)
    })
}

#[test]
fn every_builtin_is_documented_and_tested() {
    let reference = reference();
    let mut programs = reference.clone();
    for program in program::below(&root().join("tests").join("lang")) {
        for (_, text) in &program.files {
            programs.push_str(&String::from_utf8_lossy(text));
        }
    }
    let code = programs
        .lines()
        .filter(|line| !line.starts_with('|'))
        .collect::<Vec<_>>()
        .join("\n");
    let mut wrong = Vec::new();
    for builtin in builtins::ALL {
        if !mentions(&reference, builtin.name) {
            wrong.push(format!("{} is not in the reference", builtin.name));
        }
        if !mentions(&code, builtin.name) {
            wrong.push(format!("{} is used by no program", builtin.name));
        }
        if builtin.doc.trim().is_empty() {
            wrong.push(format!("{} has no doc line", builtin.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_still_to_come_is_refused() {
    for name in builtins::NOT_YET {
        let mut ruff = Command::new(ways::ruff());
        let outcome = process::run(ruff.args(["eval", &format!("print(1)\nprint({name})")]), "");
        assert_eq!(
            (outcome.end.as_str(), outcome.stdout.as_str()),
            ("exit 4", ""),
            "{name}"
        );
        assert!(
            outcome.stderr.contains("<eval>:2:7"),
            "{name}: {}",
            outcome.stderr
        );
    }
}
