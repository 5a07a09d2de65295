//! Calls: pushing frames, the entry for everybody else, and native code behind a function.
//!
//! In: function objects and owned arguments. Out: frames for `run`, or results.

use super::frame::{Code, Frame};
use super::{LoopEnd, Machine, run};
use crate::bytecode::{FuncIx, Reg};
use ruff_runtime::ctx::{Ctx, FrameRecord, FuncInfo};
use ruff_runtime::error::{Result, Thrown};
use ruff_runtime::heap::{HeapObject, Ref};
use ruff_runtime::object::{Func, Record};
use ruff_runtime::ops;
use ruff_runtime::value::Value;

/// The entry of every function that the interpreter runs, and the way of native entries for arguments that they do not take.
///
/// # Safety
/// As `ctx::Entry` says; the context must be that of an `Interp`.
pub unsafe extern "C" fn entry(cx: *mut Ctx, callee: *const Func, args: *mut Value) -> u64 {
    // SAFETY: the caller passes the context of an `Interp`, whose engine word is its machine, a live callee, and as many owned
    // arguments as it has parameters.
    unsafe {
        let cx = &mut *cx;
        let machine: *const Machine = cx.engine.cast();
        let result = activate(cx, &*machine, callee, args);
        cx.give(result)
    }
}

/// Runs a function in an activation of its own: a call that does not come from the interpreter's loop.
///
/// # Safety
/// `args` must be as many owned values as the function has parameters; they are consumed.
unsafe fn activate(
    cx: &mut Ctx,
    machine: &Machine,
    callee: *const Func,
    args: *mut Value,
) -> Result {
    let (depth, parent) = (cx.depth, cx.frame);
    // Frames are reserved for this depth.
    cx.max_depth = cx.max_depth.min(machine.frames.len() as u64 - 1);
    // SAFETY: function objects only exist on the heap, with the header before the body; arguments as promised. The slots above the
    // newest frame hold values that nobody needs.
    unsafe {
        let object = callee
            .byte_sub(std::mem::offset_of!(HeapObject<Func>, body))
            .cast_mut()
            .cast::<HeapObject<Func>>();
        let info = (*callee).info();
        if heats(machine, info) && heated(cx, machine, info, args) {
            return take_result(cx, info, callee, args, (depth, parent));
        }
        let code = &machine.codes[info.id as usize];
        let (base, arity) = (machine.top(), info.arity as usize);
        if base.add(code.registers) > machine.stack.end() {
            for i in 0..arity {
                drop(args.add(i).read());
            }
            return Err(ops::too_deep(cx, info));
        }
        for i in 0..arity {
            *base.add(i) = args.add(i).read();
        }
        let owned = std::mem::ManuallyDrop::new(Ref::from_raw(object));
        let callee = Ref::into_raw((*owned).clone());
        let above = machine.frame.get().add(1);
        let result = match push(cx, machine, code, above, base, callee, Reg(0)) {
            Ok(frame) => run::run(cx, machine, frame),
            Err(thrown) => {
                for i in 0..arity {
                    *base.add(i) = Value::NULL;
                }
                Err(thrown)
            }
        };
        (cx.depth, cx.frame) = (depth, parent);
        result
    }
}

unsafe fn take_result(
    cx: &mut Ctx,
    info: &FuncInfo,
    callee: *const Func,
    args: *mut Value,
    (depth, frame): (u64, *const FrameRecord),
) -> Result {
    let run = info.entry.get();
    // SAFETY: passed on; `taken` gets what the entry has just returned.
    unsafe {
        let tag = run(cx, callee, args);
        (cx.depth, cx.frame) = (depth, frame);
        cx.taken(tag)
    }
}

/// Pushes a frame whose parameters are already at `base`. Takes the count of `callee`, also if it raises.
///
/// # Safety
/// `frame` must be the one above the newest. `base` must lie on the machine's stack with the arguments of `code` in place; what lies above them must be values that
/// nobody needs. `callee` must be an owned object of that function.
#[inline(always)]
pub unsafe fn push(
    cx: &mut Ctx,
    machine: &Machine,
    code: &Code,
    frame: *mut Frame,
    base: *mut Value,
    callee: *mut HeapObject<Func>,
    dst: Reg,
) -> Result<*mut Frame> {
    // SAFETY: within the stack, as just checked; frames are reserved for `max_depth` calls (`activate`).
    unsafe {
        if cx.depth + code.weight >= cx.max_depth || base.add(code.registers) > machine.stack.end()
        {
            return Err(too_deep(cx, code, callee));
        }
        for register in &code.nulls {
            *base.add(register.index()) = Value::NULL;
        }
        frame.write(Frame {
            record: FrameRecord {
                parent: cx.frame,
                func: code.info,
            },
            code,
            base,
            ip: code.start,
            callee,
            dst,
        });
        cx.depth += code.weight;
        cx.frame = frame.cast();
        machine.frame.set(frame);
        Ok(frame)
    }
}

#[cold]
#[inline(never)]
unsafe fn too_deep(cx: &mut Ctx, code: &Code, callee: *mut HeapObject<Func>) -> Thrown {
    // SAFETY: the count that `push` was given; the info lives as long as the program.
    unsafe {
        let thrown = ops::too_deep(cx, &*code.info);
        drop(Ref::from_raw(callee));
        thrown
    }
}

/// Whether a call of the function runs bytecode.
#[inline(always)]
pub fn is_interpreted(info: &FuncInfo) -> bool {
    info.entry.get() as usize == entry as *const () as usize
}

/// Counts a call or an iteration; true if the hook wants to hear of it.
#[inline(always)]
pub fn heats(machine: &Machine, info: &FuncInfo) -> bool {
    let heat = info.heat.get().wrapping_add(1);
    info.heat.set(heat);
    heat >= machine.threshold.get()
}

/// Counts an iteration and gives true, or does nothing because the hook wants to hear of it.
#[inline(always)]
pub fn heats_quietly(machine: &Machine, info: &FuncInfo) -> bool {
    let heat = info.heat.get().wrapping_add(1);
    let quiet = heat < machine.threshold.get();
    if quiet {
        info.heat.set(heat);
    }
    quiet
}

/// A function has become hot by calls. True if its entry is native now and takes these arguments.
///
/// # Safety
/// `args` must point to as many values as the function has parameters.
#[cold]
#[inline(never)]
pub unsafe fn heated(cx: &mut Ctx, machine: &Machine, info: &FuncInfo, args: *const Value) -> bool {
    info.heat.set(0);
    let Some(hook) = machine.tier_up.clone() else {
        return false;
    };
    let (depth, frame) = (cx.depth, cx.frame);
    let args = match info.arity as usize {
        0 => &[],
        // SAFETY: the caller's promise; nobody writes to them while the hook compiles.
        arity => unsafe { std::slice::from_raw_parts(args, arity) },
    };
    let is_native = hook.hot_call(cx, FuncIx(info.id as u16), args);
    (cx.depth, cx.frame) = (depth, frame);
    is_native
}

/// What is to be done after a hot loop.
pub enum Looped {
    /// The function has this result; the registers are empty.
    Finished(Result),
    /// To go on at this instruction.
    GoesOn(u32),
}

/// A loop has become hot. Gives how it ended if the hook has run it natively.
#[cold]
#[inline(never)]
pub fn looped(cx: &mut Ctx, machine: &Machine, frame: *mut Frame, at: usize) -> Option<Looped> {
    // SAFETY: the frame is active, hence its pointers alive. What the hook has taken over is forgotten, not dropped.
    unsafe {
        let (code, callee) = (&*(*frame).code, &(*(*frame).callee).body);
        (*code.info).heat.set(0);
        let hook = machine.tier_up.clone()?;
        let (depth, parent) = (cx.depth, cx.frame);
        let registers = std::slice::from_raw_parts_mut((*frame).base, code.registers);
        // The native version is another frame of the same call.
        cx.depth -= code.weight;
        cx.frame = (*frame).record.parent;
        let func = FuncIx((*code.info).id as u16);
        let end = hook.hot_loop(cx, func, callee, at as u32, registers);
        (cx.depth, cx.frame) = (depth, parent);
        Some(match end? {
            LoopEnd::GoesOn(pc) => Looped::GoesOn(pc),
            LoopEnd::Finished(tag) => Looped::Finished(cx.taken(tag)),
        })
    }
}

/// Calls a function that does not run in the interpreter. Takes the count of `callee` and the arguments.
///
/// # Safety
/// `args` must be as many owned values as the function has parameters, `callee` an owned object of the function.
pub unsafe fn call_native(
    cx: &mut Ctx,
    info: &FuncInfo,
    callee: *mut HeapObject<Func>,
    args: *mut Value,
) -> Result {
    // SAFETY: passed on. The entry consumes the arguments, so they are forgotten here.
    unsafe {
        let callee = Ref::from_raw(callee);
        if cx.depth + u64::from(info.weight) >= cx.max_depth {
            return Err(ops::too_deep(cx, info));
        }
        let here = (cx.depth, cx.frame);
        let result = take_result(cx, info, &*callee, args, here);
        for i in 0..info.arity as usize {
            args.add(i).write(Value::NULL);
        }
        result
    }
}

/// The method that `receiver.name` means, if it is one of its struct.
#[inline(always)]
pub fn method(cx: &Ctx, receiver: &Value, name: u16) -> Option<(&'static FuncInfo, Ref<Func>)> {
    let record = receiver.as_object::<Record>()?;
    let number = record.shape().definition?.find(cx.name(name))?;
    let func = record.method(number)?.clone().into_object::<Func>().ok()?;
    // SAFETY: the info lives as long as the program, which outlives its frames.
    Some((unsafe { &*func.info }, func))
}
