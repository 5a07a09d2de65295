//! Register code as text, the same for the same code: for dumps, stage tests and failures.
//!
//! In: a function and its program (for names). Out: one line per instruction, `>` before those that something jumps to, then
//! the handlers. A register that is moved out by its last use is written `r1!`.
//! It does not know the rows: operands come as data.

use super::func::{Func, Program};
use super::op::{FIRST_PART, Op};
use super::operand::Operand;
use ruff_runtime::builtins;
use ruff_runtime::image::{Const, Image, Step};
use std::fmt::{self, Write};

/// The listing of a function.
pub fn print(func: &Func, program: &Program) -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = write_func(&mut out, func, &program.image, false);
    out
}

/// The listing of a function with the source position, `LINE:COL`, of each instruction that has one.
pub fn print_with_positions(func: &Func, program: &Program) -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = write_func(&mut out, func, &program.image, true);
    out
}

/// The listing of all functions of a program.
pub fn print_program(program: &Program) -> String {
    let listings: Vec<String> = program.funcs.iter().map(|f| print(f, program)).collect();
    listings.join("\n")
}

fn write_func(out: &mut String, func: &Func, image: &Image, positions: bool) -> fmt::Result {
    let name = match func.name() {
        "" => "<main>",
        name => name,
    };
    write!(out, "{name}/{} registers={}", func.arity(), func.registers)?;
    if func.captures > 0 {
        write!(out, " captures={}", func.captures)?;
    }
    writeln!(out)?;
    let mut targets = vec![false; func.code.len()];
    let labels = func.code.iter().filter_map(Op::target);
    for label in labels.chain(func.handlers.iter().map(|h| h.handler)) {
        if let Some(target) = targets.get_mut(label.index()) {
            *target = true;
        }
    }
    for (at, op) in func.code.iter().enumerate() {
        let mark = if targets[at] { '>' } else { ' ' };
        let mut line = format!("{at:>4}{mark} ");
        write_op(&mut line, op, image)?;
        if positions && let Some(at) = func.positions.get(at).filter(|p| !p.is_unknown()) {
            line = format!("{line:<44} # {}:{}", at.line(), at.column());
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    for h in &func.handlers {
        writeln!(out, "   try {}..{} -> {}", h.from.0, h.to.0, h.handler.0)?;
    }
    Ok(())
}

fn write_op(out: &mut String, op: &Op, image: &Image) -> fmt::Result {
    write!(out, "{:<14}", op.name())?;
    let mut separator = " ";
    op.operands(|_, operand| {
        out.push_str(separator);
        separator = ", ";
        // Writing to a `String` cannot fail.
        let _ = write_operand(out, operand, image);
    });
    if let Op::UpdateWith { n, .. } = op {
        let part = if n & FIRST_PART != 0 { ", [0]" } else { "" };
        write!(out, ", {}{part}", n & !FIRST_PART)?;
    }
    Ok(())
}

fn write_operand(out: &mut String, operand: Operand, image: &Image) -> fmt::Result {
    match operand {
        Operand::Src(r, true) => write!(out, "r{}!", r.0),
        Operand::Src(r, false)
        | Operand::Dst(r)
        | Operand::InOut(r)
        | Operand::RangeNext(r)
        | Operand::IterState(r)
        | Operand::IterNext(r) => write!(out, "r{}", r.0),
        Operand::Window(_, 0) => write!(out, "[]"),
        Operand::Window(r, 1) => write!(out, "[r{}]", r.0),
        Operand::Window(r, n) => write!(out, "[r{}..r{}]", r.0, r.plus(n - 1).0),
        Operand::RangeState(r, n) => write!(out, "r{}, {n}", r.0),
        Operand::Imm(n) => write!(out, "{n}"),
        // The window shows it.
        Operand::Count(n) => write!(out, "{n}"),
        Operand::Label(to) => write!(out, "-> {}", to.0),
        Operand::Const(k) => write_const(out, k.0, image),
        Operand::Name(ix) => match image.names.get(ix.index()) {
            Some(name) => write!(out, ".{}", name.text),
            None => write!(out, "name?{}", ix.0),
        },
        Operand::Func(ix) => match image.funcs.get(ix.index()) {
            Some(f) => write!(out, "@{}:{}", ix.0, f.name),
            None => write!(out, "func?{}", ix.0),
        },
        Operand::Builtin(ix) => match builtins::ALL.get(ix.index()) {
            Some(builtin) => write!(out, "{}", builtin.name),
            None => write!(out, "builtin?{}", ix.0),
        },
        Operand::Global(ix) => match image.globals.get(ix.index()) {
            Some(global) => write!(out, "${}:{}", ix.0, global.name),
            None => write!(out, "global?{}", ix.0),
        },
        Operand::Capture(ix) => write!(out, "^{}", ix.0),
        Operand::Place(ix) => write_place(out, ix.index(), image),
        Operand::Literal(ix) => match image.literals.get(ix.index()) {
            Some(literal) => write!(out, "{}", literal.name),
            None => write!(out, "literal?{}", ix.0),
        },
        Operand::Tag(ix) => match image.tags.get(ix.index()) {
            Some(tag) => write!(out, "{}::{}", tag.enumeration, tag.variant),
            None => write!(out, "tag?{}", ix.0),
        },
        Operand::Message(ix) => match image.messages.get(ix.index()) {
            Some(message) => write!(out, "{message:?}"),
            None => write!(out, "message?{}", ix.0),
        },
        Operand::Module(ix) => match image.modules.get(ix.index()) {
            Some(module) => write!(out, "module {}", module.name),
            None => write!(out, "module?{}", ix.0),
        },
    }
}

fn write_const(out: &mut String, k: u32, image: &Image) -> fmt::Result {
    let part = |out: &mut String, i: usize, k: u32, between: &str| {
        out.push_str(if i > 0 { between } else { "" });
        write_const(out, k, image)
    };
    match image.consts.get(k as usize) {
        Some(Const::Null) => write!(out, "null"),
        Some(Const::Bool(b)) => write!(out, "{b}"),
        Some(Const::Int(n)) => write!(out, "{n}"),
        Some(Const::Float(x)) => write!(out, "{x:?}"),
        Some(Const::Str(text)) => write!(out, "{text:?}"),
        Some(Const::Array(parts)) => {
            out.push('[');
            for (i, &k) in parts.iter().enumerate() {
                part(out, i, k, ", ")?;
            }
            write!(out, "]")
        }
        Some(Const::Dict(parts)) => {
            out.push('{');
            for (i, &k) in parts.iter().enumerate() {
                part(out, i, k, if i % 2 == 1 { ": " } else { ", " })?;
            }
            write!(out, "}}")
        }
        None => write!(out, "const?{k}"),
    }
}

fn write_place(out: &mut String, ix: usize, image: &Image) -> fmt::Result {
    let Some(steps) = image.places.get(ix) else {
        return write!(out, "place?{ix}");
    };
    for step in steps {
        match step {
            Step::Index => write!(out, "[]")?,
            Step::Field(name) => match image.names.get(usize::from(*name)) {
                Some(name) => write!(out, ".{}", name.text)?,
                None => write!(out, ".name?{name}")?,
            },
        }
    }
    Ok(())
}
