//! Stage tests: each file of `tests/stages` is a program with the dumps of some stages below it, as `#| ` lines. Its first line
//! says which: `# stage: hir bytecode`. `BLESS=1 cargo test --test stages` rewrites the dumps.

use ruff::diag::ColorChoice;
use ruff::driver::dump::{Stage, dump};
use ruff::driver::front::Source;
use std::path::{Path, PathBuf};

/// The files of a directory and those below it, in order.
fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(dir).expect("a directory of tests");
    let mut paths: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "ruff") {
            out.push(path);
        }
    }
}

/// The program without its dumps, and the dumps as they should be.
fn expected(text: &str, name: &str) -> (String, String) {
    let source: String = text
        .split_inclusive('\n')
        .filter(|line| !line.starts_with("#|"))
        .collect();
    let first = source.lines().next().unwrap_or_default();
    let stages = first
        .strip_prefix("# stage:")
        .unwrap_or_else(|| panic!("{name} does not start with `# stage:`"));
    let stages: Vec<Stage> = (stages.split_whitespace())
        .map(|word| word.parse().unwrap_or_else(|e| panic!("{name}: {e}")))
        .collect();
    let program = Source::Text {
        name: name.to_owned(),
        text: source.clone(),
    };
    let dumps = match dump(&program, &stages, ColorChoice::Plain) {
        Ok(text) => text,
        Err(failure) => failure.to_string(),
    };
    let dumps = dumps
        .lines()
        .map(|line| format!("#| {line}").trim_end().to_owned() + "\n")
        .collect();
    (source, dumps)
}

#[test]
fn stages_print_what_is_written_below_their_source() {
    let bless = std::env::var("BLESS").is_ok_and(|value| value == "1");
    let mut paths = Vec::new();
    files(Path::new("tests/stages"), &mut paths);
    assert!(!paths.is_empty(), "no stage tests");
    let mut failures = String::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a readable test");
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let (source, dumps) = expected(&text, &name);
        let want = source + &dumps;
        if text == want {
            continue;
        }
        if bless {
            std::fs::write(&path, want).expect("a writable test");
            continue;
        }
        let differ = text.lines().zip(want.lines()).find(|(a, b)| a != b);
        let (old, new) = differ.unwrap_or(("(ends)", "(goes on)"));
        failures += &format!("{}\n  expected: {old}\n  printed:  {new}\n", path.display());
    }
    assert!(failures.is_empty(), "{failures}BLESS=1 rewrites the dumps");
}
