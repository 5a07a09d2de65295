//! `ruff check`: lex, parse and compile, run nothing.
//!
//! In: a file. Out: what to print, and warnings of what will raise if it is reached. It does not know the flags' spelling.

use super::front::{self, Source};
use super::{Failure, json};
use crate::diag::{self, Code, ColorChoice, Diagnostic};
use crate::resolve::{self, Mode, hir};
use crate::source::Span;
use ruff_runtime::builtins;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::rc::Rc;

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
    let parsed = front::parse(&Source::File(path), color)?;
    let cases = resolve::test_cases(&parsed.loaded.files[0].ast);
    let mut unknown = Unknown::default();
    for case in &cases {
        let (test, _) = front::compile_test(&parsed, case.number)?;
        unknown.note(&test);
    }
    let compiled = front::compile(parsed, Mode::Run)?;
    unknown.note(&compiled.hir);
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
            diag::render_all(&compiled.map, &unknown.warnings(), color)
        }
        Detail::Quiet | Detail::Json => String::new(),
    };
    Ok(Report { text, warnings })
}

/// Names that nothing declares, in the program and in its tests, and those that do have a meaning.
#[derive(Default)]
struct Unknown {
    names: Vec<(Span, Rc<str>)>,
    known: BTreeSet<Rc<str>>,
}

impl Unknown {
    fn note(&mut self, hir: &hir::Program) {
        self.names.extend(hir.unknown.iter().cloned());
        let locals = hir.funcs.iter().flat_map(|func| &func.locals);
        let globals = hir.globals.iter().map(|global| global.name.clone());
        self.known.extend(globals);
        self.known.extend(locals.map(|local| local.name.clone()));
    }

    /// A warning for each, with the name that was probably meant.
    fn warnings(mut self) -> Vec<Diagnostic> {
        self.names.sort_by_key(|(span, _)| (span.file, span.start));
        // What stands outside the tests is in the program of each.
        self.names.dedup();
        let known = || {
            let builtins = builtins::ALL.iter().map(|builtin| builtin.name);
            builtins.chain(self.known.iter().map(|name| &**name))
        };
        let warning = |(span, name): &(Span, Rc<str>)| {
            let message = format!("Undefined variable: {name}");
            let warning = Diagnostic::warning(Code::COMPILE, *span, message);
            match diag::suggest(name, known()) {
                Some(meant) => warning.help(format!("did you mean `{meant}`?")),
                None => warning,
            }
        };
        self.names.iter().map(warning).collect()
    }
}
