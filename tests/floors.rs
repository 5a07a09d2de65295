//! Imports only look down: each part of the toolchain uses the parts below it and no others.

use std::fs;
use std::path::{Path, PathBuf};

/// The parts from the ground up; those of one row stand side by side and do not talk, `source` and `diag` excepted.
const FLOORS: &[&[&str]] = &[
    &["source", "diag", "reach"],
    &["syntax"],
    &["resolve"],
    &["bytecode"],
    &["emit"],
    &["interp", "ssa"],
    &["codegen"],
    &["driver"],
];

/// Neighbours that may use each other: a diagnostic names a place in a source file.
const FRIENDS: &[(&str, &str)] = &[("diag", "source")];

fn floor(part: &str) -> Option<usize> {
    FLOORS.iter().position(|row| row.contains(&part))
}

fn sources(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a source directory can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

/// The part a file belongs to: `src/ssa/opt/dce.rs` and `src/ssa.rs` to `ssa`.
fn part_of(file: &Path, src: &Path) -> String {
    let below = file.strip_prefix(src).expect("below src");
    let first = below
        .components()
        .next()
        .expect("a file has a name")
        .as_os_str();
    first.to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// The parts a text names as `crate::part`, also in `use crate::{a, b::c}`.
fn used(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join("\n");
    for (at, path) in code.match_indices("crate::") {
        // `$crate::` of a macro expands where it is used; the path itself is as real as any.
        let rest = &code[at + path.len()..];
        match rest.strip_prefix('{') {
            Some(group) => parts.extend(heads(group)),
            None => parts.extend(name(rest)),
        }
    }
    parts
}

fn name(text: &str) -> Option<String> {
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

/// The first names of the members of a use group.
fn heads(group: &str) -> Vec<String> {
    let (mut depth, mut start, mut heads) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' | ',' if depth == 0 => {
                heads.extend(name(group[start..at].trim_start()));
                start = at + 1;
                if c == '}' {
                    return heads;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    heads
}

#[test]
fn imports_only_look_down() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut wrong = Vec::new();
    for file in &files {
        let part = part_of(file, &src);
        let Some(here) = floor(&part) else { continue };
        for other in used(&fs::read_to_string(file).expect("a source file is UTF-8")) {
            let Some(there) = floor(&other) else { continue };
            let friends = FRIENDS.contains(&(part.as_str(), other.as_str()));
            if other != part && there >= here && !friends {
                wrong.push(format!("{} (floor of {part}) uses {other}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_runtime_stands_on_its_own() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("runtime")
        .join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    for file in files {
        let text = fs::read_to_string(&file).expect("a source file is UTF-8");
        for line in text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
        {
            let stranger =
                line.contains("ruff::") || line.contains("cranelift") || line.contains("std::");
            assert!(!stranger, "{}: {line}", file.display());
        }
    }
}

#[test]
fn groups_are_read_by_their_heads() {
    let text = "use crate::{diag::{Diag, Label}, source};\nuse crate::ssa::ir;\n// crate::driver\n";
    assert_eq!(used(text), ["diag", "source", "ssa"]);
}
