//! SSA functions as stable text.

use super::ir::{Arg, Edge, Function, Inst, Terminator, ValueId};
use std::fmt::Write;

/// The function, block by block, with the type of each value at its definition.
pub fn print(f: &Function) -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = write_function(f, &mut out);
    out
}

fn write_function(f: &Function, out: &mut String) -> std::fmt::Result {
    write!(out, "{} -> {}", f.name, f.ret)?;
    if f.kept > 0 {
        write!(out, " keeps {} registers", f.kept)?;
    }
    writeln!(out)?;
    for block in super::order::reverse_postorder(f) {
        let data = &f.blocks[block.index()];
        let cold = if data.cold { " cold" } else { "" };
        writeln!(out, "{block}({}){cold}:", definitions(f, &data.params))?;
        for inst in &data.insts {
            writeln!(out, "  {}", instruction(f, inst))?;
        }
        match &data.end {
            Some(Terminator::Jump(to)) => writeln!(out, "  jump {}", edge(to))?,
            Some(Terminator::Branch(cond, then, otherwise)) => {
                writeln!(out, "  branch {cond}, {}, {}", edge(then), edge(otherwise))?;
            }
            Some(Terminator::Return(value)) => writeln!(out, "  return {value}")?,
            Some(Terminator::Unwind) => writeln!(out, "  unwind")?,
            Some(Terminator::Unreachable) | None => writeln!(out, "  unreachable")?,
        }
    }
    Ok(())
}

/// One instruction as text.
pub fn instruction(f: &Function, inst: &Inst) -> String {
    let mut line = String::new();
    if !inst.results.is_empty() {
        line += &format!("{} = ", definitions(f, &inst.results));
    }
    line += inst.op.name();
    for immediate in inst.op.immediates() {
        line += &format!(" {immediate}");
    }
    let args: Vec<String> = inst.args.iter().map(arg).collect();
    if !args.is_empty() {
        line += &format!(" {}", args.join(", "));
    }
    if let Some(site) = inst.site {
        let site = &f.sites[site.index()];
        line += &format!("  ; {}:{}", site.pos.line(), site.pos.column());
        if !site.release.is_empty() {
            line += &format!(" release {:?}", site.release);
        }
        if let Some(handler) = &site.handler {
            line += &format!(" handler {}", edge(handler));
        }
    }
    line
}

fn definitions(f: &Function, values: &[ValueId]) -> String {
    values
        .iter()
        .map(|v| format!("{v}: {}", f.ty(*v)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn arg(arg: &Arg) -> String {
    if arg.last {
        format!("{}!", arg.value)
    } else {
        arg.value.to_string()
    }
}

fn edge(edge: &Edge) -> String {
    let args: Vec<String> = edge.args.iter().map(ValueId::to_string).collect();
    format!("{}({})", edge.to, args.join(", "))
}
