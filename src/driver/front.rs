//! Source text → bytecode: the stages before any engine, in order.
//!
//! In: where a program comes from. Out: a [`Compiled`] program with everything later stages and tools ask for, or a [`Failure`]
//! with all diagnostics rendered. It does not know what will happen to the program.

use super::Failure;
use crate::bytecode::Program;
use crate::diag::{self, ColorChoice, Diagnostic};
use crate::emit;
use crate::resolve::import::{self, Loaded};
use crate::resolve::{self, Mode, hir};
use crate::source::{FileId, SourceMap};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Where a program comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// Standard input, shown as `<stdin>`.
    Stdin,
    /// A text, and the name by which positions show it.
    Text {
        /// The name.
        name: String,
        /// The text.
        text: String,
    },
}

/// A program whose files have been read and parsed.
#[derive(Debug)]
pub struct Parsed {
    /// Its files.
    pub map: SourceMap,
    /// Their trees.
    pub loaded: Loaded,
    /// Whether to render diagnostics in colour.
    pub color: ColorChoice,
}

/// A program ready for an engine.
#[derive(Debug)]
pub struct Compiled {
    /// Its files.
    pub map: SourceMap,
    /// Their trees.
    pub loaded: Loaded,
    /// The resolved program.
    pub hir: hir::Program,
    /// The bytecode.
    pub program: Program,
}

/// Reads and parses a program and all modules it reaches.
pub fn parse(source: &Source, color: ColorChoice) -> Result<Parsed, Failure> {
    let mut map = SourceMap::new();
    let (entry, path) = read(&mut map, source)?;
    match import::load(&mut map, entry, path) {
        Ok(loaded) => Ok(Parsed { map, loaded, color }),
        Err(faults) => Err(failure(&map, &faults, color)),
    }
}

/// Compiles a program, or one test of it.
pub fn compile(parsed: Parsed, mode: Mode) -> Result<Compiled, Failure> {
    let Parsed { map, loaded, color } = parsed;
    let (hir, program) = stages(&map, &loaded, mode, color)?;
    Ok(Compiled {
        map,
        loaded,
        hir,
        program,
    })
}

/// Compiles one test of a program that stays at hand for the others.
pub fn compile_test(parsed: &Parsed, number: usize) -> Result<(hir::Program, Program), Failure> {
    let mode = Mode::Test(number);
    stages(&parsed.map, &parsed.loaded, mode, parsed.color)
}

/// All stages.
pub fn front(source: &Source, color: ColorChoice) -> Result<Compiled, Failure> {
    compile(parse(source, color)?, Mode::Run)
}

fn stages(
    map: &SourceMap,
    loaded: &Loaded,
    mode: Mode,
    color: ColorChoice,
) -> Result<(hir::Program, Program), Failure> {
    let hir = resolve::resolve(loaded, mode).map_err(|faults| failure(map, &faults, color))?;
    let program = emit::emit(&hir, map).map_err(|faults| failure(map, &faults, color))?;
    Ok((hir, program))
}

fn read<'a>(
    map: &mut SourceMap,
    source: &'a Source,
) -> Result<(FileId, Option<&'a Path>), Failure> {
    let cannot_read = |name: &dyn std::fmt::Display, error: std::io::Error| {
        Failure::file(format_args!("Failed to read .ruff file '{name}': {error}"))
    };
    match source {
        Source::File(path) => {
            let name = path.to_string_lossy();
            let text = std::fs::read_to_string(path).map_err(|error| cannot_read(&name, error))?;
            Ok((map.add(&name, &text), Some(path)))
        }
        Source::Stdin => {
            let mut text = String::new();
            let read = std::io::stdin().read_to_string(&mut text);
            read.map_err(|error| cannot_read(&"<stdin>", error))?;
            Ok((map.add("<stdin>", &text), None))
        }
        Source::Text { name, text } => Ok((map.add(name, text), None)),
    }
}

fn failure(map: &SourceMap, faults: &[Diagnostic], color: ColorChoice) -> Failure {
    Failure {
        text: diag::render_all(map, faults, color),
        code: faults
            .first()
            .map_or(super::INTERNAL, Diagnostic::exit_code),
    }
}
