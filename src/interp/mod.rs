//! Tier 0: runs register code.
//!
//! In: a verified [`Program`]. Out: its effects, and what its instructions have seen ([`feedback`]). Calls between Ruff functions do
//! not use the machine stack; calls from builtins and native code come in through [`entry`].
//! It does not know who compiles: a [`TierUp`] is told what is hot, and may swap entries or take a frame over.

mod call;
#[cfg(debug_assertions)]
mod checked;
pub mod feedback;
mod frame;
mod fuse;
mod inst;
mod owned;
#[cfg(test)]
mod random_code;
mod run;
mod running;
mod simple;
mod slow;
#[cfg(test)]
mod tests;

pub use call::entry;
pub use inst::FUSED;

use crate::bytecode::verify::{Fault, verify_program};
use crate::bytecode::{FuncIx, Program};
use frame::{Code, Frame, Reserve, Text};
use inst::Inst;
use ruff_runtime::builtins;
use ruff_runtime::ctx::{Ctx, MAX_DEPTH, REGISTERS_PER_LEVEL};
use ruff_runtime::error::Result;
use ruff_runtime::object::Func;
use ruff_runtime::ops;
use ruff_runtime::value::Value;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

/// Values on the register stack: as many as the calls may have that [`MAX_DEPTH`] allows.
const STACK_VALUES: usize = REGISTERS_PER_LEVEL as usize * MAX_DEPTH as usize;

/// What to do with hot code. The program may be running in it again when it is called.
pub trait TierUp {
    /// A function has become hot by calls and is about to be called with `args`. The hook may replace `cx.func(id).entry`; if it
    /// gives true, the call goes there, and such an entry must not lead back here. With other arguments it may: by [`entry`].
    fn hot_call(&self, cx: &mut Ctx, func: FuncIx, args: &[Value]) -> bool;

    /// A loop has become hot: the frame of `callee` is at the `loop_head` with index `at`. If the hook does not give `None`, it has run
    /// the loop.
    fn hot_loop(
        &self,
        cx: &mut Ctx,
        func: FuncIx,
        callee: &Func,
        at: u32,
        registers: &mut [Value],
    ) -> Option<LoopEnd>;
}

/// How a loop ended that the hook has run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LoopEnd {
    /// The function has returned or raised, and this is what an entry gives. The registers hold nothing any more.
    Finished(u64),
    /// The interpreter goes on at this instruction, with the registers as they are.
    GoesOn(u32),
}

/// What the interpreter keeps beside the context.
struct Machine {
    program: Arc<Program>,
    text: Text,
    codes: Vec<Code>,
    stack: Reserve<Value>,
    frames: Reserve<Frame>,
    /// The newest frame.
    frame: Cell<*mut Frame>,
    /// Heat at which the hook is called.
    threshold: Cell<u32>,
    tier_up: Option<Rc<dyn TierUp>>,
}

impl Machine {
    fn new(program: Arc<Program>, cx: &Ctx) -> Machine {
        let (text, starts) = Text::new(&program);
        let codes = program.funcs.iter().zip(starts).enumerate();
        let codes = codes.map(|(id, (func, start))| {
            let start = text.start().wrapping_add(start);
            Code::new(func, cx.func(id as u32), start)
        });
        let codes = codes.collect();
        // SAFETY: zeroed values are null, zeroed frames have null pointers; what they hold later is released frame by frame.
        let (stack, frames) = unsafe {
            (
                Reserve::new(STACK_VALUES),
                Reserve::<Frame>::new(MAX_DEPTH as usize + 2),
            )
        };
        Machine {
            program,
            text,
            codes,
            frame: Cell::new(frames.start()),
            stack,
            frames,
            threshold: Cell::new(u32::MAX),
            tier_up: None,
        }
    }

    /// Where the registers of the next activation start.
    fn top(&self) -> *mut Value {
        let frame = self.frame.get();
        if frame == self.frames.start() {
            return self.stack.start();
        }
        // SAFETY: all frames but the first, which stands for nobody, are those of active calls.
        unsafe { (*frame).top() }
    }
}

/// A program loaded for the interpreter.
pub struct Interp {
    /// The program's state.
    pub cx: Box<Ctx>,
    // Behind a raw pointer, since the context refers to it, too.
    machine: *mut Machine,
}

impl Interp {
    /// Verifies and loads a program.
    pub fn new(program: Arc<Program>) -> std::result::Result<Interp, Fault> {
        verify_program(&program)?;
        let builtin = |number: u16| builtins::ALL.get(usize::from(number)).copied();
        let mut cx = Box::new(Ctx::load(program.image.clone(), &|_| entry, &builtin));
        cx.make_collections();
        let machine = Box::into_raw(Box::new(Machine::new(program, &cx)));
        cx.engine = machine.cast();
        Ok(Interp { cx, machine })
    }

    fn machine(&self) -> &Machine {
        // SAFETY: allocated by `new`, freed by `drop`, never borrowed exclusively while the program runs.
        unsafe { &*self.machine }
    }

    /// The program.
    pub fn program(&self) -> &Arc<Program> {
        &self.machine().program
    }

    /// Has `hook` told what is hot: what has been called or has looped `threshold` times.
    pub fn set_tier_up(&mut self, threshold: u32, hook: Rc<dyn TierUp>) {
        // SAFETY: as in `machine`; the program does not run, since it would borrow `self`.
        let machine = unsafe { &mut *self.machine };
        machine.threshold.set(threshold.max(1));
        machine.tier_up = Some(hook);
    }

    /// Runs the top level of the entry file on the caller's stack (`ruff_runtime::start::run` does it on a stack of its own).
    pub fn run(&mut self) -> Result<()> {
        ops::import_module(&mut self.cx, 0)
    }

    /// Calls a function that captures nothing.
    pub fn call(&mut self, func: FuncIx, args: &mut [Value]) -> Result {
        let callee = self.cx.func_object(func.0).clone();
        ops::call_function(&mut self.cx, &callee, args)
    }
}

impl Drop for Interp {
    fn drop(&mut self) {
        self.cx.engine = std::ptr::null_mut();
        // SAFETY: allocated by `new`; no frame is active, since that would borrow `self`.
        drop(unsafe { Box::from_raw(self.machine) });
    }
}

/// What the instructions of a function have seen so far: a byte of classes each (see [`feedback`]). Empty if the context is not
/// that of an interpreter.
pub fn seen(cx: &Ctx, func: FuncIx) -> Vec<u8> {
    let machine: *const Machine = cx.engine.cast();
    // SAFETY: the engine word is null or the machine of the `Interp` that owns the context.
    match unsafe { machine.as_ref() } {
        Some(machine) => {
            let start = machine.codes[func.index()].start;
            let first = (start.addr() - machine.text.start().addr()) / size_of::<Inst>();
            let len = machine.program.func(func).code.len();
            let feedback = machine.text.feedback(first..first + len);
            feedback.iter().map(Cell::get).collect()
        }
        None => Vec::new(),
    }
}
