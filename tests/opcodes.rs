//! The table of opcodes against the corpus: every instruction is in the code of some test program.

mod harness;

use harness::{program, root};
use ruff::bytecode::op::NAMES;
use ruff::diag::ColorChoice;
use ruff::driver::front::{Source, front};
use std::collections::HashSet;

#[test]
fn every_opcode_is_in_some_program() {
    let lang = root().join("tests").join("lang");
    let mut sources = Vec::new();
    for program in program::below(&lang) {
        if let [(name, text)] = &program.files[..] {
            sources.push(Source::Text {
                name: name.to_string_lossy().into_owned(),
                text: String::from_utf8_lossy(text).into_owned(),
            });
        }
    }
    // Programs of several files: where they stand.
    for dir in std::fs::read_dir(lang.join("17_modules")).expect("programs with modules") {
        let dir = dir.expect("a directory entry").path();
        sources.push(Source::File(dir.join("main.ruff")));
    }
    let mut used = HashSet::new();
    for source in sources {
        if let Ok(compiled) = front(&source, ColorChoice::Plain) {
            let code = compiled.program.funcs.iter().flat_map(|f| &f.code);
            used.extend(code.map(|op| op.name()));
        }
    }
    let unused: Vec<_> = NAMES.iter().filter(|name| !used.contains(**name)).collect();
    assert!(
        unused.is_empty(),
        "no program of tests/lang uses {unused:?}"
    );
}
