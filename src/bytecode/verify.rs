//! Checks that a function keeps what the engines rely on. Code that passes is safe to run, whoever made it.
//!
//! In: a function and its program. Out: nothing, or the first [`Fault`]. Checked: registers, windows, table indices and labels in
//! range; no end without a jump or return; `catch` only at handlers; pairs of instructions that belong together; last-use flags
//! only where nothing needs the value any more; nothing live above a call's window, where the callee's frame will be.
//! It does not know what the instructions do.

use super::func::{Func, Program};
use super::liveness::Liveness;
use super::op::{FIRST_PART, Op};
use super::operand::*;
use ruff_runtime::builtins;
use ruff_runtime::ctx::weight;
use ruff_runtime::image::{Const, Image, Step};
use rustc_hash::FxHashSet;
use std::fmt;

/// What is wrong with a function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The function's name.
    pub func: String,
    /// The instruction.
    pub at: usize,
    /// The broken rule.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}: {}", self.func, self.at, self.what)
    }
}

impl std::error::Error for Fault {}

/// Checks a whole program: every function, and that what its tables mention exists.
pub fn verify_program(program: &Program) -> Result<(), Fault> {
    for func in &program.funcs {
        verify(func, program)?;
    }
    verify_tables(program).map_err(|what| Fault {
        func: String::from("(tables)"),
        at: 0,
        what,
    })
}

/// Checks a function.
pub fn verify(func: &Func, program: &Program) -> Result<(), Fault> {
    let checker = Checker { func, program };
    checker.shape()?;
    for at in 0..func.code.len() {
        checker
            .instruction(at)
            .map_err(|what| checker.fault(at, what))?;
    }
    checker.handlers()?;
    checker.liveness()
}

fn verify_tables(program: &Program) -> Result<(), String> {
    let Image {
        consts,
        funcs,
        structs,
        globals,
        modules,
        ..
    } = &program.image;
    ensure(funcs.len() == program.funcs.len(), "metadata of functions")?;
    for (k, constant) in consts.iter().enumerate() {
        let (Const::Array(parts) | Const::Dict(parts)) = constant else {
            continue;
        };
        ensure(
            parts.iter().all(|&part| (part as usize) < k),
            "a part of a constant",
        )?;
        if matches!(constant, Const::Dict(_)) {
            let key =
                |pair: &[u32]| matches!(consts[pair[0] as usize], Const::Int(_) | Const::Str(_));
            ensure(
                parts.len() % 2 == 0 && parts.chunks(2).all(key),
                "a constant dict",
            )?;
        }
    }
    let plain = |id: u16| match program.funcs.get(usize::from(id)) {
        Some(func) if func.captures == 0 => Ok(func),
        Some(func) => Err(format!("{} captures, but is no closure", func.name())),
        None => Err(format!("there is no function {id}")),
    };
    for func in globals.iter().filter_map(|g| g.hoisted) {
        plain(func)?;
    }
    for &(_, func) in structs.iter().flat_map(|s| &s.methods) {
        // Methods may capture: their struct values then carry closures.
        let method = program.funcs.get(usize::from(func));
        ensure(
            method.is_some_and(|f| f.arity() > 0),
            "a method without receiver",
        )?;
    }
    for module in modules {
        ensure(plain(module.main)?.arity() == 0, "a main with parameters")?;
        for &(_, global) in &module.exports {
            ensure(usize::from(global) < globals.len(), "an export")?;
        }
    }
    Ok(())
}

fn ensure(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

/// Whether a register that the instruction changes in place is also in its window.
fn changes_its_window(op: &Op) -> bool {
    let (mut changed, mut window) = (None, 0..0);
    op.operands(|_, operand| match operand {
        Operand::InOut(r) => changed = Some(r.index()),
        Operand::Window(r, n) => window = r.index()..r.index() + usize::from(n),
        _ => {}
    });
    changed.is_some_and(|r| window.contains(&r))
}

struct Checker<'a> {
    func: &'a Func,
    program: &'a Program,
}

impl Checker<'_> {
    fn fault(&self, at: usize, what: impl Into<String>) -> Fault {
        Fault {
            func: self.func.name().to_owned(),
            at,
            what: what.into(),
        }
    }

    fn shape(&self) -> Result<(), Fault> {
        let func = self.func;
        let fault = |what: &str| Err(self.fault(0, what));
        if func.positions.len() != func.code.len() {
            return fault("one position per instruction");
        }
        if func.meta.arity > u32::from(func.registers) {
            return fault("parameters are registers");
        }
        if func.meta.weight != weight(func.registers) {
            return fault("the weight that its registers ask for");
        }
        if func.registers == u16::MAX || func.code.len() >= u32::MAX as usize {
            return fault("too large");
        }
        if func.code.last().is_none_or(Op::falls_through) {
            return Err(self.fault(func.code.len().saturating_sub(1), "runs off the end"));
        }
        Ok(())
    }

    fn instruction(&self, at: usize) -> Result<(), String> {
        let op = &self.func.code[at];
        let mut fault = Ok(());
        op.operands(|name, operand| {
            if fault.is_ok() && !self.in_range(operand) {
                fault = Err(format!("{name} of {} out of range", op.name()));
            }
        });
        fault?;
        ensure(
            !changes_its_window(op),
            "a window that holds what is changed",
        )?;
        self.counts(op)?;
        let before = at.checked_sub(1).map(|before| &self.func.code[before]);
        match op {
            Op::UpdatePlace { n, place, .. }
            | Op::UpdatePlaceGlobal { n, place, .. }
            | Op::UpdatePlaceCell { n, place, .. } => {
                let Some(Op::UpdateWith { n: args, .. }) = self.func.code.get(at + 1) else {
                    return Err("update_place without update_with".to_owned());
                };
                let args = usize::from(*args & !FIRST_PART);
                let total = args + self.steps(*place);
                ensure(args > 0 && total == usize::from(*n), "window of a place")?;
            }
            Op::UpdateWith { .. } => ensure(
                before.is_some_and(Op::is_update),
                "update_with without update_place",
            )?,
            Op::Catch { .. } | Op::CatchNone { .. } => ensure(
                before.is_some_and(|b| !b.falls_through()),
                "runs into a handler",
            )?,
            _ => {}
        }
        match op.target().map(|to| &self.func.code[to.index()]) {
            Some(Op::Catch { .. } | Op::CatchNone { .. }) => Err("jumps to a handler".to_owned()),
            Some(Op::UpdateWith { .. }) => Err("jumps to update_with".to_owned()),
            _ => Ok(()),
        }
    }

    fn in_range(&self, operand: Operand) -> bool {
        let image = &self.program.image;
        let registers = |r: Reg, n: u16| r.index() + usize::from(n) <= self.func.registers.into();
        match operand {
            Operand::Src(r, _) | Operand::Dst(r) | Operand::InOut(r) => registers(r, 1),
            Operand::Window(r, n) => registers(r, n),
            Operand::RangeState(r, n) => (1..=3).contains(&n) && registers(r, 3),
            Operand::RangeNext(r) => registers(r, 4),
            Operand::IterState(r) => registers(r, 2),
            Operand::IterNext(r) => registers(r, 3),
            Operand::Imm(_) | Operand::Count(_) => true,
            Operand::Label(to) => to.index() < self.func.code.len(),
            Operand::Const(ix) => ix.index() < image.consts.len(),
            Operand::Name(ix) => ix.index() < image.names.len(),
            Operand::Func(ix) => ix.index() < self.program.funcs.len(),
            Operand::Builtin(ix) => ix.index() < builtins::ALL.len(),
            Operand::Global(ix) => ix.index() < image.globals.len(),
            Operand::Capture(ix) => ix.index() < usize::from(self.func.captures),
            Operand::Place(ix) => ix.index() < image.places.len(),
            Operand::Literal(ix) => ix.index() < image.literals.len(),
            Operand::Tag(ix) => ix.index() < image.tags.len(),
            Operand::Message(ix) => ix.index() < image.messages.len(),
            Operand::Module(ix) => ix.index() < image.modules.len(),
        }
    }

    /// The number of index steps of a place.
    fn steps(&self, place: PlaceIx) -> usize {
        let steps = &self.program.image.places[place.index()];
        steps.iter().filter(|s| **s == Step::Index).count()
    }

    /// Counts that the tables must agree with.
    fn counts(&self, op: &Op) -> Result<(), String> {
        let Program { funcs, image } = self.program;
        match *op {
            Op::CallFunc { n, func, .. } => {
                let callee = &funcs[func.index()];
                ensure(callee.captures == 0, "call_func of a closure")?;
                ensure(u16::from(n) == callee.arity(), "arity of call_func")
            }
            Op::MakeClosure { n, func, .. } => ensure(
                u16::from(n) == funcs[func.index()].captures,
                "number of captures",
            ),
            Op::MakeStruct { n, literal, .. } => ensure(
                // One value more: the methods, if they capture variables.
                usize::from(n)
                    .checked_sub(image.literals[literal.index()].fields.len())
                    .is_some_and(|more| more <= 1),
                "number of fields",
            ),
            Op::MakeDict { n, .. } => ensure(n % 2 == 0, "a key without value"),
            Op::StorePlace { n, place, .. }
            | Op::StorePlaceGlobal { n, place, .. }
            | Op::StorePlaceCell { n, place, .. } => {
                ensure(usize::from(n) == 1 + self.steps(place), "window of a place")
            }
            Op::AddPlace { n, place, .. }
            | Op::AddPlaceGlobal { n, place, .. }
            | Op::AddPlaceCell { n, place, .. } => {
                ensure(usize::from(n) == 2 + self.steps(place), "window of a place")
            }
            Op::Payload { n, .. } | Op::ElementOrNull { n, .. } | Op::RestOfArray { n, .. } => {
                ensure(n >= 0, "a negative position")
            }
            Op::LoadBool { b, .. } => ensure(b == 0 || b == 1, "a bool is 0 or 1"),
            _ => Ok(()),
        }
    }

    fn handlers(&self) -> Result<(), Fault> {
        for h in &self.func.handlers {
            let fault = |what: &str| Err(self.fault(h.from.index(), what));
            if h.from >= h.to || h.to.index() > self.func.code.len() {
                return fault("range of a handler");
            }
            match self.func.code.get(h.handler.index()) {
                Some(Op::Catch { .. } | Op::CatchNone { .. }) => {}
                _ => return fault("a handler starts with catch"),
            }
        }
        let handlers: FxHashSet<usize> = (self.func.handlers.iter())
            .map(|h| h.handler.index())
            .collect();
        let catches = |(at, op): &(usize, &Op)| {
            matches!(op, Op::Catch { .. } | Op::CatchNone { .. }) && !handlers.contains(at)
        };
        match self.func.code.iter().enumerate().find(catches) {
            Some((at, _)) => Err(self.fault(at, "catch without handler")),
            None => Ok(()),
        }
    }

    fn liveness(&self) -> Result<(), Fault> {
        let mut fault = Ok(());
        let liveness = Liveness::of(self.func);
        if !liveness
            .unwritten(self.func)
            .eq(self.func.unwritten.iter().copied())
        {
            return Err(self.fault(0, "the list of registers read before they are written"));
        }
        liveness.backward(self.func, |at, live| {
            let op = &self.func.code[at];
            if let Op::Call { base, .. } | Op::CallFunc { base, .. } | Op::CallMethod { base, .. } =
                *op
                && live.last().is_some_and(|last| last >= base)
            {
                fault = Err(self.fault(at, "a live register above the window of a call"));
            }
            op.operands(|_, operand| match operand {
                Operand::Src(r, true) if live.contains(r) => {
                    fault = Err(self.fault(at, format!("r{} is needed after its last use", r.0)));
                }
                _ => {}
            });
        });
        fault
    }
}
