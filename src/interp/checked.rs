//! The interpreter's safepoints: before each instruction, what the frames hold is known.
//!
//! In: where the loop is. Out: checks of the heap. Only in builds with debug assertions.

use super::Machine;
use super::frame::Frame;
use super::running::{Ip, Running};
use ruff_runtime::ctx::Ctx;
use ruff_runtime::heap::checker::{self, Known};
use ruff_runtime::value::{Tag, Value};

/// The safepoint before the instruction at `ip`, in an activation whose first frame is `bottom`.
#[inline(always)]
pub fn before(cx: &mut Ctx, m: &Machine, at: (Running, Ip), bottom: *mut Frame) {
    if checker::is_due() {
        check(cx, m, at, bottom);
    }
}

#[cold]
#[inline(never)]
fn check(cx: &mut Ctx, m: &Machine, (now, ip): (Running, Ip), bottom: *mut Frame) {
    // Whoever has called the activation, unless it is that of the entry file, holds values, too. Registers of the frames below may
    // have been handed over and not yet overwritten.
    let known = if bottom == m.frames.start().wrapping_add(1) {
        Known::All
    } else {
        Known::Some
    };
    let name = now.info().name.as_str();
    let at = format!("`{name}`, instruction {}", now.code().index(ip.0));
    checker::check(cx, known, &at, &|visit| {
        // SAFETY: the frames from `bottom` to the running one are active. Their registers lie above the base of the first; those of a
        // callee overlap those of its caller, whose window it has taken over.
        unsafe {
            let (mut frame, mut top) = (bottom, (*bottom).base);
            while frame <= now.0 {
                top = top.max((*frame).top());
                visit((Tag::Func as u64, (*frame).callee as u64));
                frame = frame.add(1);
            }
            let mut register: *mut Value = (*bottom).base;
            while register < top {
                visit((*register).raw());
                register = register.add(1);
            }
        }
    });
}
