//! `ruff check`: lex, parse and compile, run nothing.
//!
//! In: a file. Out: what to print, and warnings of what will raise if it is reached. It does not know the flags' spelling.

use super::front::{self, Compiled, Source};
use super::{Failure, json};
use crate::diag::{self, Code, ColorChoice, Diagnostic};
use ruff_runtime::builtins;
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

/// What a check has to say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// For standard output.
    pub text: String,
    /// For standard error.
    pub warnings: String,
}

/// Checks a program.
pub fn check(path: PathBuf, detail: Detail, color: ColorChoice) -> Result<Report, Failure> {
    let name = path.to_string_lossy().into_owned();
    let compiled = front::front(&Source::File(path), color)?;
    let statements = compiled.loaded.files[0].ast.body.len();
    let instructions: usize = compiled
        .program
        .funcs
        .iter()
        .map(|func| func.code.len())
        .sum();
    let text = match detail {
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
    };
    let warnings = match detail {
        Detail::Plain | Detail::Verbose => {
            diag::render_all(&compiled.map, &unknown(&compiled), color)
        }
        Detail::Quiet | Detail::Json => String::new(),
    };
    Ok(Report { text, warnings })
}

/// Warnings of names that nothing declares, with the name that was probably meant.
fn unknown(compiled: &Compiled) -> Vec<Diagnostic> {
    let hir = &compiled.hir;
    let known = || {
        let locals = hir.funcs.iter().flat_map(|func| &func.locals);
        let builtins = builtins::ALL.iter().map(|builtin| builtin.name);
        let globals = hir.globals.iter().map(|global| &*global.name);
        builtins
            .chain(globals)
            .chain(locals.map(|local| &*local.name))
    };
    let warning = |(span, name): &(_, std::rc::Rc<str>)| {
        let warning =
            Diagnostic::warning(Code::COMPILE, *span, format!("Undefined variable: {name}"));
        match diag::suggest(name, known()) {
            Some(meant) => warning.help(format!("did you mean `{meant}`?")),
            None => warning,
        }
    };
    let mut unknown: Vec<_> = hir.unknown.iter().collect();
    unknown.sort_by_key(|(span, _)| (span.file, span.start));
    unknown.into_iter().map(warning).collect()
}
