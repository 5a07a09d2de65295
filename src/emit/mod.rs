//! HIR → register code. In: a resolved program and its sources (for positions). Out: a [`bytecode::Program`], or a compile
//! error where a program outgrows what instructions can name.
//!
//! Registers form a stack: variables of open blocks below, temporaries above, windows of calls on top. A variable that is a
//! plain register is used where it stands; a value that must survive until something else has been evaluated is there in
//! a register of its own. Which uses are the last ones is found out afterwards (`bytecode::liveness`).
//! Invariant: nothing here knows how an instruction is done.

mod call;
mod choice;
mod constant;
mod control;
mod expr;
mod func;
mod in_place;
mod pattern;
mod place;
mod stmt;
mod tables;

use crate::bytecode;
use crate::diag::{Code, Diagnostic};
use crate::resolve::hir::{FuncId, Program};
use crate::source::SourceMap;
use func::FuncCx;
use tables::Tables;

/// Emits a program.
pub fn emit(program: &Program, map: &SourceMap) -> Result<bytecode::Program, Vec<Diagnostic>> {
    let mut tables = Tables::default();
    let mut funcs = Vec::with_capacity(program.funcs.len());
    let mut faults = Vec::new();
    for (i, func) in program.funcs.iter().enumerate() {
        let cx = FuncCx::new(program, FuncId(i as u32), map, &mut tables, &mut faults);
        match cx.emit() {
            Ok(func) => funcs.push(func),
            Err(bytecode::build::TooLarge) => {
                let message = "Compilation error: a function needs more than 65534 registers";
                faults.push(
                    Diagnostic::error(Code::COMPILE, func.span, message)
                        .help("split it into smaller functions or blocks"),
                );
            }
        }
    }
    let files = map
        .files()
        .map(|(_, file)| file.name().to_owned())
        .collect();
    let (image, overflow) = tables.finish(program, files);
    let overflow =
        overflow.or((program.funcs.len() > usize::from(u16::MAX)).then_some("functions"));
    if let Some(what) = overflow {
        let span = program.funcs[0].span;
        let message = format!("Compilation error: the program has more than 65535 {what}");
        faults.push(Diagnostic::error(Code::COMPILE, span, message));
    }
    if faults.is_empty() {
        Ok(bytecode::Program::new(funcs, image))
    } else {
        Err(faults)
    }
}
