//! What `ruffc` does: a source file → the file that was asked for.
//!
//! In: a [`Job`]. Out: a file that appears whole or not at all, or a [`Failure`]. It does not know the flags' spelling.

use super::aot;
use super::front::{self, Source};
use super::{Failure, link, output};
use crate::bytecode::{Program, disasm};
use crate::diag::ColorChoice;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// What to make of a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the variants are the names of the forms")]
pub enum Emit {
    Executable,
    Object,
    Asm,
    Clif,
    Ssa,
    Bytecode,
}

impl Emit {
    /// Of the file it is written to by default; text goes to standard output.
    fn extension(self) -> Option<&'static str> {
        match self {
            Emit::Executable => Some(""),
            Emit::Object => Some("o"),
            _ => None,
        }
    }
}

/// One compilation.
#[derive(Clone, Debug)]
pub struct Job {
    /// The program.
    pub source: Source,
    /// Where to put the result; `-` is standard output.
    pub output: Option<PathBuf>,
    /// What to make.
    pub emit: Emit,
    /// For which machine, and how.
    pub options: aot::Options,
    /// Keep the symbols of the executable.
    pub keep_symbols: bool,
    /// Whether to render diagnostics in colour.
    pub color: ColorChoice,
}

/// Compiles.
pub fn build(job: &Job) -> Result<(), Failure> {
    let out = destination(job)?;
    let compiled = front::front(&job.source, job.color)?;
    if let Some(out) = &out {
        spare_modules(out, &compiled.program)?;
    }
    if job.emit == Emit::Executable {
        let object = aot::object(&compiled.program, &job.options)?;
        let Some(out) = out else {
            return Err(Failure::usage(
                "an executable cannot be written to standard output",
            ));
        };
        return link::executable(&job.options.target, &object, &out, job.keep_symbols);
    }
    let bytes = content(&compiled.program, job)?;
    match out {
        Some(out) => output::write(&out, &bytes),
        None => output::to_stdout(&bytes),
    }
}

fn content(program: &Program, job: &Job) -> Result<Vec<u8>, Failure> {
    Ok(match job.emit {
        Emit::Executable | Emit::Object => aot::object(program, &job.options)?,
        Emit::Asm => aot::texts(program, &job.options)?.asm.into_bytes(),
        Emit::Clif => aot::texts(program, &job.options)?.clif.into_bytes(),
        Emit::Ssa => aot::texts(program, &job.options)?.ssa.into_bytes(),
        Emit::Bytecode => disasm::print_program(program).into_bytes(),
    })
}

/// The file to write; `None` is standard output.
fn destination(job: &Job) -> Result<Option<PathBuf>, Failure> {
    if let Some(out) = &job.output {
        if out == OsStr::new("-") {
            return Ok(None);
        }
        if matches!(&job.source, Source::File(file) if same_file(out, file)) {
            return Err(Failure::usage(format_args!(
                "'{}' is the program itself; name another file by -o",
                out.display()
            )));
        }
        return Ok(Some(out.clone()));
    }
    let Some(extension) = job.emit.extension() else {
        return Ok(None);
    };
    let Source::File(file) = &job.source else {
        return Err(Failure::usage("name the file to make by -o"));
    };
    let out = file.with_extension(extension);
    if file.extension().is_none_or(|extension| extension != "ruff") || same_file(&out, file) {
        return Err(Failure::usage(format_args!(
            "'{}' does not end with .ruff; name the file to make by -o",
            file.display()
        )));
    }
    Ok(Some(out))
}

/// Refuses to write over a file that the program imports.
fn spare_modules(out: &Path, program: &Program) -> Result<(), Failure> {
    let mut files = program.image.files.iter();
    if files.any(|file| same_file(out, Path::new(file))) {
        return Err(Failure::usage(format_args!(
            "'{}' is a module of the program; name another file by -o",
            out.display()
        )));
    }
    Ok(())
}

fn same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}
