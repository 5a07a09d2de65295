//! The stages of a compilation as text: the same for the same program.
//!
//! In: a source and the stages wanted. Out: their dumps, one after the other. Every stage prints itself; this only asks.

use super::front::{self, Compiled, Source};
use super::native::Texts;
use super::{Failure, aot};
use crate::bytecode::disasm;
use crate::diag::ColorChoice;
use crate::syntax;
use std::str::FromStr;

/// A stage that can be printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the variants are the names of the stages")]
pub enum Stage {
    Tokens,
    Ast,
    Hir,
    Bytecode,
    Ssa,
    Clif,
    Asm,
}

const NAMES: [(&str, Stage); 7] = [
    ("tokens", Stage::Tokens),
    ("ast", Stage::Ast),
    ("hir", Stage::Hir),
    ("bytecode", Stage::Bytecode),
    ("ssa", Stage::Ssa),
    ("clif", Stage::Clif),
    ("asm", Stage::Asm),
];

impl FromStr for Stage {
    type Err = String;

    fn from_str(name: &str) -> Result<Stage, String> {
        let row = NAMES.iter().find(|(known, _)| *known == name);
        row.map(|&(_, stage)| stage).ok_or_else(|| {
            let names: Vec<_> = NAMES.iter().map(|(name, _)| *name).collect();
            format!("the stages are {}", names.join(", "))
        })
    }
}

/// The dumps of a program's stages, each under its name if there are several.
pub fn dump(source: &Source, stages: &[Stage], color: ColorChoice) -> Result<String, Failure> {
    let compiled = front::front(source, color)?;
    let mut text = String::new();
    for &stage in stages {
        if stages.len() > 1 {
            let name = NAMES.iter().find(|(_, known)| *known == stage);
            text += &format!("== {}\n", name.map_or("", |(name, _)| name));
        }
        text += &one(&compiled, stage)?;
    }
    Ok(text)
}

/// One stage of a compiled program.
pub fn one(compiled: &Compiled, stage: Stage) -> Result<String, Failure> {
    let entry = compiled.loaded.files[0].ast.file;
    Ok(match stage {
        Stage::Tokens => syntax::dump::tokens(&compiled.map, entry),
        Stage::Ast => syntax::dump::tree(&compiled.loaded.files[0].ast),
        Stage::Hir => crate::resolve::print::print(&compiled.hir),
        Stage::Bytecode => disasm::print_program(&compiled.program),
        Stage::Ssa => native(compiled)?.ssa,
        Stage::Clif => native(compiled)?.clif,
        Stage::Asm => native(compiled)?.asm,
    })
}

/// What an executable for this machine would consist of.
fn native(compiled: &Compiled) -> Result<Texts, Failure> {
    aot::texts(&compiled.program, &aot::Options::default())
}
