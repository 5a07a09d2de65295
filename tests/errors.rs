//! Wrong programs and the diagnostics they deserve. Each file in `tests/errors` holds cases: a line `=== what is wrong`,
//! the program, a line `---`, and what is written to stderr. `BLESS=1 cargo test --test errors` rewrites the latter.
//! Every stage in front of the engines may refuse a program; a fault of syntax comes with advice.

use std::fs;
use std::path::Path;

use ruff::diag::{self, ColorChoice, Diagnostic, Subsystem};
use ruff::emit;
use ruff::resolve::{self, Mode, import};
use ruff::source::SourceMap;

/// A case: its title and its program; and what was expected so far.
struct Case<'a> {
    title: &'a str,
    program: &'a str,
    expected: &'a str,
}

fn cases(text: &str) -> Vec<Case<'_>> {
    let case = |part| {
        let (title, rest) = str::split_once(part, '\n').expect("a title ends its line");
        let (program, expected) = rest.split_once("\n---").unwrap_or((rest, ""));
        Case {
            title,
            program,
            expected: expected.trim(),
        }
    };
    text.split("\n=== ").skip(1).map(case).collect()
}

/// What the stages find, up to the first that finds something.
fn diagnostics(program: &str) -> (SourceMap, Vec<Diagnostic>) {
    let mut map = SourceMap::new();
    let file = map.add("wrong.ruff", program);
    let faults = import::load(&mut map, file, None)
        .and_then(|loaded| resolve::resolve(&loaded, Mode::Run))
        .and_then(|hir| emit::emit(&hir, &map).map(drop))
        .err();
    (map, faults.unwrap_or_default())
}

/// Whether a diagnostic has a place, the exit code of its stage and, if it is about syntax, advice.
fn is_complete(fault: &Diagnostic) -> bool {
    let about_syntax = matches!(fault.code.subsystem, Subsystem::Lexer | Subsystem::Parser);
    fault.span.is_some()
        && fault.exit_code() == if about_syntax { 3 } else { 4 }
        && (!about_syntax || !fault.help.is_empty())
}

#[test]
fn wrong_programs_get_the_diagnostics_they_deserve() {
    let bless = std::env::var_os("BLESS").is_some();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    let mut failed = Vec::new();
    for entry in fs::read_dir(dir).expect("the cases are there") {
        let path = entry.expect("the cases can be listed").path();
        let text = fs::read_to_string(&path).expect("a case file is text");
        let mut blessed = text[..text.find("\n=== ").expect("a case file has cases")].to_owned();
        for case in cases(&text) {
            let (map, faults) = diagnostics(case.program);
            let found = diag::render_all(&map, &faults, ColorChoice::Plain);
            if !bless && found.trim() != case.expected {
                failed.push(format!("{} in {}:\n{}", case.title, path.display(), found));
            }
            assert!(
                !faults.is_empty(),
                "{} in {} is not wrong",
                case.title,
                path.display()
            );
            assert!(faults.iter().all(is_complete), "{}: {faults:?}", case.title);
            blessed += &format!("\n=== {}\n{}\n---\n{}", case.title, case.program, found);
        }
        if bless {
            fs::write(&path, blessed.trim_end().to_owned() + "\n")
                .expect("a case file can be written");
        }
    }
    assert!(
        failed.is_empty(),
        "{} (BLESS=1 rewrites the expectations)",
        failed.join("\n")
    );
}
