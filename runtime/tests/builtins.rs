//! The table of builtins against the reference: every row is documented, nothing is named twice or forgotten.

use ruff_runtime::builtins::{self, ALL, NOT_YET, SYMBOLS};
use std::collections::HashSet;

#[test]
fn every_row_is_documented_and_named_once() {
    let mut seen = HashSet::new();
    for builtin in ALL {
        assert!(
            !builtin.doc.trim().is_empty(),
            "{} has no doc line",
            builtin.name
        );
        assert!(builtin.min <= builtin.max, "{}: arity", builtin.name);
        assert!(seen.insert(builtin.name), "{} has two rows", builtin.name);
        assert!(
            !NOT_YET.contains(&builtin.name),
            "{} is there: take it out of NOT_YET",
            builtin.name
        );
    }
}

#[test]
fn symbols_follow_the_names() {
    assert_eq!(ALL.len(), SYMBOLS.len());
    for (i, builtin) in ALL.iter().enumerate() {
        assert_eq!(SYMBOLS[i], format!("ruff_builtin_{}", builtin.name));
        assert_eq!(builtins::find(builtin.name), Some(i as u16));
    }
}

#[test]
fn every_builtin_is_in_the_reference() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/language.md");
    let Ok(reference) = std::fs::read_to_string(path) else {
        return; // the crate was packaged without the repository's documentation
    };
    let words: HashSet<&str> = reference
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .collect();
    let names = ALL.iter().map(|b| b.name).chain(NOT_YET.iter().copied());
    let unknown: Vec<&str> = names.filter(|name| !words.contains(name)).collect();
    assert!(unknown.is_empty(), "not in docs/language.md: {unknown:?}");
}
