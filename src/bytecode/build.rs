//! Building a function: instructions, labels, positions, handlers, a stack of registers.
//!
//! In: instructions in order, whose labels may be bound later. Out: a [`Func`] with instruction indices for labels and with
//! its last uses flagged. It does not know what the instructions mean.

use super::func::{Func, Handler};
use super::liveness;
use super::op::Op;
use super::operand::{Label, Reg};
use ruff_runtime::ctx::weight;
use ruff_runtime::error::Pos;
use ruff_runtime::image::FuncMeta;

/// A function that needs more registers than an instruction can name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLarge;

/// The start of a `try` range (see [`FuncBuilder::begin_try`]).
#[must_use]
pub struct TryStart(u32);

/// A function under construction.
///
/// Registers form a stack: `alloc` takes the next one, `release_to` gives everything from a register on back. The parameters
/// are allocated at the start.
pub struct FuncBuilder {
    func: Func,
    /// Where each label is bound, or `UNBOUND`.
    labels: Vec<u32>,
    position: Pos,
    top: u32,
    most: u32,
}

const UNBOUND: u32 = u32::MAX;

impl FuncBuilder {
    /// Starts a function.
    pub fn new(meta: FuncMeta) -> FuncBuilder {
        let arity = meta.arity;
        FuncBuilder {
            func: Func {
                meta,
                registers: 0,
                unwritten: Vec::new(),
                captures: 0,
                code: Vec::new(),
                positions: Vec::new(),
                handlers: Vec::new(),
            },
            labels: Vec::new(),
            position: Pos::default(),
            top: arity,
            most: arity,
        }
    }

    /// The position of the instructions that follow.
    pub fn at(&mut self, position: Pos) {
        self.position = position;
    }

    /// The position that instructions get now.
    pub fn position(&self) -> Pos {
        self.position
    }

    /// Appends an instruction at the current position. Its labels are those of [`FuncBuilder::label`].
    pub fn emit(&mut self, op: Op) {
        self.func.code.push(op);
        self.func.positions.push(self.position);
    }

    /// Number of instructions so far.
    pub fn len(&self) -> usize {
        self.func.code.len()
    }

    /// True before the first instruction.
    pub fn is_empty(&self) -> bool {
        self.func.code.is_empty()
    }

    /// Whether the end of the code so far can be reached from the instruction before it. (A label bound here may also lead here.)
    pub fn falls_through(&self) -> bool {
        self.func.code.last().is_none_or(Op::falls_through)
    }

    /// A label to be bound later.
    pub fn label(&mut self) -> Label {
        self.labels.push(UNBOUND);
        Label(self.labels.len() as u32 - 1)
    }

    /// Binds a label to the next instruction.
    pub fn bind(&mut self, label: Label) {
        debug_assert_eq!(self.labels[label.index()], UNBOUND, "bound twice");
        self.labels[label.index()] = self.len() as u32;
    }

    /// A label bound to the next instruction.
    pub fn here(&mut self) -> Label {
        let label = self.label();
        self.bind(label);
        label
    }

    /// Starts a range whose errors are caught.
    pub fn begin_try(&mut self) -> TryStart {
        TryStart(self.len() as u32)
    }

    /// Ends the range. Errors in it continue at `handler`, where `catch` or `catch_none` must be. Inner ranges end first.
    /// False if there is nothing in the range: then there is no handler.
    pub fn end_try(&mut self, start: TryStart, handler: Label) -> bool {
        let to = self.len() as u32;
        let guards = start.0 < to;
        if guards {
            self.func.handlers.push(Handler {
                from: Label(start.0),
                to: Label(to),
                handler,
            });
        }
        guards
    }

    /// The next register.
    pub fn alloc(&mut self) -> Reg {
        self.alloc_span(1)
    }

    /// The next `n` registers; gives the first.
    pub fn alloc_span(&mut self, n: u16) -> Reg {
        let first = Reg(self.top.min(u32::from(u16::MAX)) as u16);
        self.top += u32::from(n);
        self.most = self.most.max(self.top);
        first
    }

    /// The register that `alloc` would give.
    pub fn top(&self) -> Reg {
        Reg(self.top.min(u32::from(u16::MAX)) as u16)
    }

    /// Gives `reg` and all registers above it back. What they hold must have been moved out or cleared.
    pub fn release_to(&mut self, reg: Reg) {
        debug_assert!(u32::from(reg.0) <= self.top);
        self.top = u32::from(reg.0);
    }

    /// How many values a closure of the function captures.
    pub fn set_captures(&mut self, captures: u16) {
        self.func.captures = captures;
    }

    /// Ends the function: appends `return_null` if the end can be reached, resolves the labels, flags the last uses.
    pub fn finish(mut self) -> Result<Func, TooLarge> {
        let end = self.len() as u32;
        if self.falls_through() || self.labels.contains(&end) {
            self.emit(Op::return_null());
        }
        // One register stays free, so that the register after the last one has a number, too.
        if self.most >= u32::from(u16::MAX) {
            return Err(TooLarge);
        }
        let mut func = self.func;
        func.registers = self.most as u16;
        func.meta.weight = weight(func.registers);
        let labels = self.labels;
        let resolve = |label: Label| {
            let at = labels[label.index()];
            assert_ne!(at, UNBOUND, "a label of {} was never bound", func.meta.name);
            Label(at)
        };
        for op in &mut func.code {
            op.retarget(resolve);
        }
        for handler in &mut func.handlers {
            handler.handler = resolve(handler.handler);
        }
        liveness::finish(&mut func);
        Ok(func)
    }
}
