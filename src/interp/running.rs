//! Where the loop is: the instruction and the frame, and how both change.
//!
//! In: frames that `push` has made. Out: [`Ip`] and [`Running`], which the loop keeps in machine registers, and the
//! ends of frames. Code of its own only on rare paths.

use super::Machine;
use super::feedback;
use super::frame::{Code, Frame, Regs};
use super::inst::Inst;
use crate::bytecode::Reg;
use ruff_runtime::ctx::{Ctx, FuncInfo};
use ruff_runtime::fault;
use ruff_runtime::heap::{HeapObject, Ref};
use ruff_runtime::object::Func;
use ruff_runtime::value::Tag;

/// Where the running function is.
#[derive(Clone, Copy)]
pub struct Ip(pub *mut Inst);

impl Ip {
    /// The instruction.
    #[inline(always)]
    pub fn inst(self) -> &'static Inst {
        // SAFETY: the instruction pointer stays in verified code, which lives as long as the machine. Nobody keeps the borrow beyond
        // the instruction, and `restore` ends one.
        unsafe { &*self.0 }
    }

    /// The instruction `n` further on, which verified code has.
    #[inline(always)]
    pub fn plus(self, n: usize) -> Ip {
        Ip(self.0.wrapping_add(n))
    }

    /// Where a jump leads.
    #[inline(always)]
    pub fn by(self, distance: impl Into<i32>) -> Ip {
        let distance: i32 = distance.into();
        Ip(self.0.wrapping_offset(distance as isize))
    }
}

/// The running frame.
#[derive(Clone, Copy)]
pub struct Running(pub *mut Frame);

impl Running {
    /// The frame, the instruction where it is, and its registers.
    ///
    /// # Safety
    /// The frame must be active.
    #[inline(always)]
    pub unsafe fn new(frame: *mut Frame) -> (Running, Ip, Regs) {
        // SAFETY: active by the caller's promise.
        unsafe { (Running(frame), Ip((*frame).ip), Regs::new((*frame).base)) }
    }

    /// The function.
    #[inline(always)]
    pub fn code(self) -> &'static Code {
        // SAFETY: the frame is active; the code lives as long as the machine, nobody keeps the borrow.
        unsafe { &*(*self.0).code }
    }

    /// What every engine knows of the function.
    #[inline(always)]
    pub fn info(self) -> &'static FuncInfo {
        // SAFETY: the frame is active; the info lives as long as the program, nobody keeps the borrow.
        unsafe { &*(*self.0).record.func }
    }

    /// The caller's register that gets the result.
    #[inline(always)]
    pub fn dst(self) -> Reg {
        // SAFETY: the frame is active.
        unsafe { (*self.0).dst }
    }

    /// The running function object.
    #[inline(always)]
    pub fn callee(self) -> &'static HeapObject<Func> {
        // SAFETY: the frame owns a count of its function object; nobody keeps the borrow.
        unsafe { &*(*self.0).callee }
    }
}

/// Notes what the instruction has seen.
#[inline(always)]
pub fn note(m: &Machine, ip: Ip, tag: Tag) {
    // SAFETY: `ip` is in the text.
    let seen = unsafe { m.text.seen(ip.0) };
    let class = feedback::class(tag);
    // Mostly there is no news, and a read is cheaper than a write.
    if seen.get() & class == 0 {
        seen.set(seen.get() | class);
    }
}

/// Pops the newest frame and gives the one below.
#[inline(always)]
pub fn leave(cx: &mut Ctx, m: &Machine, frame: *mut Frame) -> *mut Frame {
    // SAFETY: called with the newest frame, whose registers nobody uses any more.
    unsafe { (*frame).release() };
    leave_empty(cx, m, frame)
}

/// Pops the newest frame, whose registers own nothing, and gives the one below.
#[inline(always)]
pub fn leave_empty(cx: &mut Ctx, m: &Machine, frame: *mut Frame) -> *mut Frame {
    // SAFETY: called with the newest frame, which owns a count of its function object.
    unsafe {
        drop(Ref::from_raw((*frame).callee));
        cx.depth -= (*(*frame).code).weight;
        if !fault!(ReturnsKeepFrames) {
            cx.frame = (*frame).record.parent;
        }
    }
    let below = frame.wrapping_sub(1);
    m.frame.set(below);
    below
}

/// Puts the instruction of the program back in the place of a fused one.
#[cold]
#[inline(never)]
pub fn restore(now: Running, ip: Ip) {
    let code = now.code();
    // SAFETY: the function lives as long as the program, and `ip` is in its code, of which nobody has a borrow now.
    unsafe {
        let at = code.index(ip.0);
        *ip.0 = Inst::new((&(*code.func).code)[at], at);
    }
}

/// Where the pending error, raised or passing at `ip`, continues in the running frame; tells the context that it leaves the frame
/// otherwise.
#[cold]
#[inline(never)]
pub fn find_handler(cx: &mut Ctx, now: Running, ip: Ip) -> Option<Ip> {
    // SAFETY: the frame is active, the function lives as long as the program.
    let func = unsafe { &*now.code().func };
    let at = now.code().index(ip.0);
    cx.located(func.positions[at]);
    match func.handler_of(at) {
        Some(handler) => Some(Ip(now.code().start.wrapping_add(handler.index()))),
        None => {
            cx.unwound(now.info());
            None
        }
    }
}
