//! `ruff check`: lex, parse and compile, run nothing.
//!
//! In: a file. Out: what to print. It does not know the flags' spelling.

use super::front::{self, Source};
use super::{Failure, json};
use crate::diag::ColorChoice;
use std::path::PathBuf;

/// How to tell that a program is right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Detail {
    /// Not at all.
    Quiet,
    /// One line.
    Plain,
    /// With counts.
    Verbose,
    /// One JSON object.
    Json,
}

/// Checks a program; gives the text for standard output.
pub fn check(path: PathBuf, detail: Detail, color: ColorChoice) -> Result<String, Failure> {
    let name = path.to_string_lossy().into_owned();
    let compiled = front::front(&Source::File(path), color)?;
    let statements = compiled.loaded.files[0].ast.body.len();
    let instructions: usize = compiled
        .program
        .funcs
        .iter()
        .map(|func| func.code.len())
        .sum();
    Ok(match detail {
        Detail::Quiet => String::new(),
        Detail::Plain => format!("check passed: {name}\n"),
        Detail::Verbose => format!(
            "check passed: {name}\n  files: {}\n  statements: {statements}\n  functions: {}\n  bytecode instructions: {instructions}\n",
            compiled.loaded.files.len(),
            compiled.program.funcs.len(),
        ),
        Detail::Json => {
            json::object(&[
                ("command", json::text("check")),
                ("file", json::text(&name)),
                ("status", json::text("ok")),
                ("statement_count", statements.to_string()),
                ("bytecode_instruction_count", instructions.to_string()),
            ]) + "\n"
        }
    })
}
