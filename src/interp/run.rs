//! The loop: one match over the instructions, with what is hot inline.
//!
//! In: a frame that has just been pushed. Out: the result of its function. Frames of functions called on the way come and go
//! without recursion; errors look for a handler in the frames pushed here.
//! What an instruction means is said in `ops`; here are only shortcuts for numbers, arrays and calls.

use super::call::{call_native, heated, heats, is_interpreted, looped, push};
use super::frame::{Frame, Regs};
use super::{Machine, feedback, simple};
use crate::bytecode::{Label, Last, Op, Reg};
use crate::last_bit;
use ruff_runtime::builtins;
use ruff_runtime::ctx::{Ctx, FuncInfo};
use ruff_runtime::error::{Result, Thrown};
use ruff_runtime::heap::{HeapObject, Ref};
use ruff_runtime::object::{Array, Func, Record};
use ruff_runtime::ops;
use ruff_runtime::value::{Tag, Value};
use std::cell::Cell;

/// Where the running function is.
#[derive(Clone, Copy)]
struct Ip(*const Op);

impl Ip {
    #[inline(always)]
    fn op(self) -> &'static Op {
        // SAFETY: the instruction pointer stays in verified code, which lives as long as the machine; nobody keeps the borrow.
        unsafe { &*self.0 }
    }

    /// The instruction `n` further on, which verified code has.
    #[inline(always)]
    fn plus(self, n: usize) -> Ip {
        Ip(self.0.wrapping_add(n))
    }
}

/// The running frame, as far as it is not in `Ip` and `Regs`.
#[derive(Clone, Copy)]
struct Running {
    frame: *mut Frame,
    ops: *const Op,
    /// The feedback byte of the instruction at `ip` is at this address plus `ip / 8`.
    feedback: usize,
}

impl Running {
    /// # Safety
    /// The frame must be active.
    #[inline(always)]
    unsafe fn new(frame: *mut Frame) -> (Running, Ip, Regs) {
        // SAFETY: active by the caller's promise.
        unsafe {
            let code = &*(*frame).code;
            let running = Running {
                frame,
                ops: code.ops,
                feedback: code.feedback_bias,
            };
            (running, Ip((*frame).ip), Regs::new((*frame).base))
        }
    }

    #[inline(always)]
    fn at(self, label: Label) -> Ip {
        Ip(self.ops.wrapping_add(label.index()))
    }

    /// The index of an instruction.
    #[inline(always)]
    fn index(self, ip: Ip) -> usize {
        (ip.0.addr() - self.ops.addr()) / size_of::<Op>()
    }

    /// Notes what the instruction has seen.
    #[inline(always)]
    fn note(self, ip: Ip, tag: Tag) {
        // SAFETY: the frame is active; there is a byte for each instruction.
        unsafe {
            let seen = self.feedback.wrapping_add(ip.0.addr() / size_of::<Op>());
            let seen = &*std::ptr::with_exposed_provenance::<Cell<u8>>(seen);
            seen.set(seen.get() | feedback::class(tag));
        }
    }

    #[inline(always)]
    fn info(self) -> &'static FuncInfo {
        // SAFETY: the frame is active; the info lives as long as the program, nobody keeps the borrow.
        unsafe { &*(*self.frame).record.func }
    }

    /// The running function object.
    #[inline(always)]
    fn callee(self) -> &'static HeapObject<Func> {
        // SAFETY: the frame owns a count of its function object; nobody keeps the borrow.
        unsafe { &*(*self.frame).callee }
    }
}

/// Runs the function of a frame that `push` has just given.
///
/// # Safety
/// `bottom` must be the newest frame of `m`, and `cx` its context.
pub unsafe fn run(cx: &mut Ctx, m: &Machine, bottom: *mut Frame) -> Result {
    // SAFETY: the frame is active, as the caller promises.
    let (mut now, mut ip, mut regs) = unsafe { Running::new(bottom) };

    'frames: loop {
        // Ends with the error that an instruction raises.
        let _: Thrown = 'run: loop {
            /// The value, or on with the error.
            macro_rules! check {
                ($result:expr) => {
                    match $result {
                        Ok(value) => value,
                        Err(thrown) => break 'run thrown,
                    }
                };
            }
            macro_rules! raise {
                ($thrown:expr) => {{
                    break 'run $thrown;
                }};
            }
            macro_rules! goto {
                ($ip:expr) => {{
                    ip = $ip;
                    continue 'run;
                }};
            }
            /// Ints inline, floats inline, the rest by the operation.
            macro_rules! arith {
                ($last:ident, $dst:ident, $a:ident, $b:ident, $checked:ident, $op:tt, $slow:ident) => {{
                    if let Some(x) = regs.at(*$a).as_int()
                        && let Some(y) = regs.at(*$b).as_int()
                        && let Some(z) = x.$checked(y)
                    {
                        regs.set(*$dst, Value::int(z));
                    } else if let (Some(x), Some(y)) = (regs.at(*$a).as_float(), regs.at(*$b).as_float()) {
                        regs.set(*$dst, Value::float(x $op y));
                        now.note(ip, Tag::Float);
                    } else {
                        let tag = check!($slow(cx, regs, *$last, *$dst, *$a, *$b));
                        now.note(ip, tag);
                    }
                }};
            }
            /// A bool for a register; if the next instruction jumps on it and nobody else reads it, jumps at once.
            macro_rules! branch {
                ($holds:expr, $dst:ident) => {{
                    let holds: bool = $holds;
                    match ip.plus(1).op() {
                        Op::JumpIfNot { last, cond, to }
                            if cond == $dst && last.has(last_bit!(cond)) =>
                        {
                            goto!(if holds { ip.plus(2) } else { now.at(*to) })
                        }
                        Op::JumpIf { last, cond, to }
                            if cond == $dst && last.has(last_bit!(cond)) =>
                        {
                            goto!(if holds { now.at(*to) } else { ip.plus(2) })
                        }
                        _ => regs.set(*$dst, Value::bool(holds)),
                    }
                }};
            }
            /// A comparison; together with the jump that is the only one to read its result.
            macro_rules! compare {
                ($last:ident, $dst:ident, $a:ident, $b:ident, $op:tt, $floats:expr, $slow:path) => {{
                    let holds = if let Some(x) = regs.at(*$a).as_int()
                        && let Some(y) = regs.at(*$b).as_int()
                    {
                        x $op y
                    } else if let (Some(x), Some(y)) = (regs.at(*$a).as_float(), regs.at(*$b).as_float()) {
                        now.note(ip, Tag::Float);
                        $floats(x, y)
                    } else {
                        let result = check!($slow(cx, regs.at(*$a), regs.at(*$b)));
                        now.note(ip, regs.at(*$a).tag());
                        regs.done(*$a, $last.has(last_bit!(a)));
                        regs.done(*$b, $last.has(last_bit!(b)));
                        match result.as_bool() {
                            Some(holds) => holds,
                            None => {
                                regs.set(*$dst, result);
                                goto!(ip.plus(1))
                            }
                        }
                    };
                    branch!(holds, $dst)
                }};
            }
            /// Leaves the function with a value.
            macro_rules! give {
                ($value:expr) => {{
                    let value: Value = $value;
                    let (frame, dst) = (now.frame, dst_of(now.frame));
                    if leave(cx, m, frame) == bottom.wrapping_sub(1) {
                        return Ok(value);
                    }
                    // SAFETY: frames of this activation lie one above the other; the caller's is active.
                    (now, ip, regs) = unsafe { Running::new(frame.wrapping_sub(1)) };
                    now.note(ip, value.tag());
                    regs.set(dst, value);
                    goto!(ip.plus(1))
                }};
            }
            /// Enters a function: by a new frame, or by its native entry.
            macro_rules! enter {
                ($info:ident, $callee:ident, $args:expr, $dst:expr) => {{
                    let (args, dst): (Reg, Reg) = ($args, $dst);
                    if heats(m, $info) {
                        // SAFETY: the arity has been checked.
                        unsafe { heated(cx, m, $info, regs.ptr(args)) };
                    }
                    if is_interpreted($info) {
                        // SAFETY: the arguments are the window's, which lies above all live registers; `callee` is owned.
                        unsafe {
                            (*now.frame).ip = ip.0;
                            let code = m.codes.get_unchecked($info.id as usize);
                            let frame = check!(push(cx, m, code, regs.ptr(args), $callee, dst));
                            (now, ip, regs) = Running::new(frame);
                        }
                        continue 'run;
                    }
                    // SAFETY: as many owned arguments as the function has parameters; `callee` is owned.
                    let value = check!(unsafe { call_native(cx, $info, $callee, regs.ptr(args)) });
                    now.note(ip, value.tag());
                    regs.set(dst, value);
                }};
            }
            loop {
                match ip.op() {
                    // -- Moving values
                    Op::LoadConst { dst, k, .. } => {
                        // SAFETY: verified: there is such a constant.
                        let value = unsafe { (*cx.consts.add(k.index())).clone() };
                        regs.set(*dst, value);
                    }
                    Op::LoadInt { dst, n, .. } => regs.set(*dst, Value::int(i64::from(*n))),
                    Op::LoadBool { dst, b, .. } => regs.set(*dst, Value::bool(*b != 0)),
                    Op::LoadNull { dst, .. } | Op::Clear { dst, .. } => regs.set(*dst, Value::NULL),
                    Op::Move { last, dst, src } => {
                        let value = regs.read(*src, last.has(last_bit!(src)));
                        regs.set(*dst, value);
                    }

                    // -- Variables that are not registers
                    Op::LoadGlobal { dst, global, .. } => {
                        // SAFETY: verified: there is such a global.
                        let value = unsafe { &*cx.globals.add(global.index()) };
                        if value.is_uninit() {
                            raise!(ops::undefined_global(cx, global.0));
                        }
                        let value = value.clone();
                        now.note(ip, value.tag());
                        regs.set(*dst, value);
                    }
                    Op::LoadGlobalRaw { dst, global, .. } => {
                        let value = ops::load_global_raw(cx, global.0);
                        regs.set(*dst, value);
                    }
                    Op::LoadUninit { dst, .. } => regs.set(*dst, Value::UNINIT),
                    Op::CheckInit { src, name, .. } => {
                        if regs.at(*src).is_uninit() {
                            raise!(ops::undefined_name(cx, name.0));
                        }
                    }
                    Op::IsUninit { last, dst, src } => {
                        let uninit = regs.at(*src).is_uninit();
                        regs.done(*src, last.has(last_bit!(src)));
                        branch!(uninit, dst)
                    }
                    Op::StoreGlobal { last, src, global } => {
                        let value = regs.read(*src, last.has(last_bit!(src)));
                        ops::store_global(cx, global.0, value);
                    }
                    Op::LoadCell { last, dst, cell } => {
                        let value = ops::load_cell(regs.at(*cell));
                        regs.done(*cell, last.has(last_bit!(cell)));
                        now.note(ip, value.tag());
                        regs.set(*dst, value);
                    }
                    Op::StoreCell { last, cell, src } => {
                        let value = regs.read(*src, last.has(last_bit!(src)));
                        ops::store_cell(regs.at(*cell), value);
                        regs.done(*cell, last.has(last_bit!(cell)));
                    }
                    Op::LoadCapture { dst, capture, .. } => {
                        let captures = now.callee().body.captures();
                        regs.set(*dst, captures[capture.index()].clone());
                    }
                    Op::LoadCallee { dst, .. } => {
                        let callee = (&raw const *now.callee()).cast_mut();
                        // SAFETY: the frame keeps its own count; the clone is what the register gets.
                        let owned = std::mem::ManuallyDrop::new(unsafe { Ref::from_raw(callee) });
                        regs.set(*dst, Value::from((*owned).clone()));
                    }

                    // -- Operators
                    Op::Add { last, dst, a, b } => {
                        arith!(last, dst, a, b, checked_add, +, slow_add)
                    }
                    Op::Sub { last, dst, a, b } => {
                        arith!(last, dst, a, b, checked_sub, -, slow_sub)
                    }
                    Op::Mul { last, dst, a, b } => {
                        arith!(last, dst, a, b, checked_mul, *, slow_mul)
                    }
                    Op::Div { last, dst, a, b } => {
                        if let Some(x) = regs.at(*a).as_int()
                            && let Some(y) = regs.at(*b).as_int()
                            && let Some(z) = x.checked_div(y)
                        {
                            regs.set(*dst, Value::int(z));
                        } else {
                            let tag = check!(slow_div(cx, regs, *last, *dst, *a, *b));
                            now.note(ip, tag);
                        }
                    }
                    Op::Rem { last, dst, a, b } => {
                        if let Some(x) = regs.at(*a).as_int()
                            && let Some(y) = regs.at(*b).as_int()
                            && let Some(z) = x.checked_rem(y)
                        {
                            regs.set(*dst, Value::int(z));
                        } else {
                            let tag = check!(slow_rem(cx, regs, *last, *dst, *a, *b));
                            now.note(ip, tag);
                        }
                    }
                    Op::AddImm { last, dst, a, n } => {
                        if let Some(x) = regs.at(*a).as_int()
                            && let Some(z) = x.checked_add(i64::from(*n))
                        {
                            regs.set(*dst, Value::int(z));
                        } else {
                            let a = regs.read(*a, last.has(last_bit!(a)));
                            let value = check!(ops::add(cx, a, &Value::int(i64::from(*n))));
                            now.note(ip, value.tag());
                            regs.set(*dst, value);
                        }
                    }
                    Op::SubImm { last, dst, a, n } => {
                        if let Some(x) = regs.at(*a).as_int()
                            && let Some(z) = x.checked_sub(i64::from(*n))
                        {
                            regs.set(*dst, Value::int(z));
                        } else {
                            let a = regs.read(*a, last.has(last_bit!(a)));
                            let value = check!(ops::sub(cx, &a, &Value::int(i64::from(*n))));
                            now.note(ip, value.tag());
                            regs.set(*dst, value);
                        }
                    }
                    Op::Not { last, dst, a } => {
                        if let Some(holds) = regs.at(*a).as_bool() {
                            branch!(!holds, dst)
                        } else {
                            let value = check!(ops::not(cx, regs.at(*a)));
                            regs.done(*a, last.has(last_bit!(a)));
                            regs.set(*dst, value);
                        }
                    }
                    Op::Eq { last, dst, a, b } => {
                        compare!(last, dst, a, b, ==, ops::same_floats, ops::eq)
                    }
                    Op::Ne { last, dst, a, b } => {
                        compare!(last, dst, a, b, !=, |x, y| !ops::same_floats(x, y), ops::ne)
                    }
                    Op::Lt { last, dst, a, b } => {
                        compare!(last, dst, a, b, <, |x: f64, y| x < y, ops::lt)
                    }
                    Op::Le { last, dst, a, b } => {
                        compare!(last, dst, a, b, <=, |x: f64, y| x <= y, ops::le)
                    }
                    Op::Gt { last, dst, a, b } => {
                        compare!(last, dst, a, b, >, |x: f64, y| x > y, ops::gt)
                    }
                    Op::Ge { last, dst, a, b } => {
                        compare!(last, dst, a, b, >=, |x: f64, y| x >= y, ops::ge)
                    }

                    // -- Control
                    Op::Jump { to, .. } => goto!(now.at(*to)),
                    Op::JumpIf { last, cond, to } => {
                        let holds = ops::truthy(regs.at(*cond));
                        regs.done(*cond, last.has(last_bit!(cond)));
                        if holds {
                            goto!(now.at(*to));
                        }
                    }
                    Op::JumpIfNot { last, cond, to } => {
                        let holds = ops::truthy(regs.at(*cond));
                        regs.done(*cond, last.has(last_bit!(cond)));
                        if !holds {
                            goto!(now.at(*to));
                        }
                    }
                    Op::JumpIfNull { last, src, to } => {
                        let null = regs.at(*src).is_null();
                        regs.done(*src, last.has(last_bit!(src)));
                        if null {
                            goto!(now.at(*to));
                        }
                    }
                    Op::Return { src, .. } => give!(regs.take(*src)),
                    Op::ReturnNull { .. } => give!(Value::NULL),
                    Op::LoopHead { .. } => {
                        if heats(m, now.info())
                            && let Some(result) = looped(cx, m, now.frame, now.index(ip))
                        {
                            let thrown = match result {
                                Ok(value) => give!(value),
                                Err(thrown) => thrown,
                            };
                            // The native version has told of its frame.
                            let frame = now.frame;
                            if leave(cx, m, frame) == bottom.wrapping_sub(1) {
                                return Err(thrown);
                            }
                            // SAFETY: as in `give`.
                            (now, ip, _) = unsafe { Running::new(frame.wrapping_sub(1)) };
                            break 'run thrown;
                        }
                    }

                    // -- Errors
                    Op::Throw { last, src } => {
                        let value = regs.read(*src, last.has(last_bit!(src)));
                        raise!(ops::throw(cx, value));
                    }
                    Op::Raise { message, .. } => raise!(ops::raise(cx, message.0)),
                    Op::Catch { dst, .. } => {
                        let error = ops::catch(cx);
                        regs.set(*dst, error);
                    }
                    Op::CatchNone { .. } => ops::catch_none(cx),

                    // -- Calls
                    Op::Call { n, dst, base } => {
                        if let Some(func) = regs.at(*base).as_object::<Func>() {
                            // SAFETY: the info lives as long as the program.
                            let info = unsafe { &*func.info };
                            if info.arity != u32::from(*n) {
                                raise!(ops::wrong_arity(cx, info, (*n).into()));
                            }
                            if let Ok(callee) = regs.take(*base).into_object::<Func>() {
                                let callee = callee.into_raw();
                                enter!(info, callee, base.plus(1), *dst);
                            }
                        } else {
                            let value = check!(call_value(cx, regs, *base, (*n).into()));
                            now.note(ip, value.tag());
                            regs.set(*dst, value);
                        }
                    }
                    Op::CallFunc {
                        dst, base, func, ..
                    } => {
                        // SAFETY: verified: there is such a function, and its arity fits; its object is never freed.
                        let (info, callee) = unsafe {
                            let object = &*cx.func_objects.add(func.index());
                            (&*cx.funcs.add(func.index()), object.as_ptr())
                        };
                        enter!(info, callee, *base, *dst);
                    }
                    Op::CallMethod { n, dst, base, name } => {
                        let all = usize::from(*n) + 1;
                        if let Some((info, callee)) = method(cx, regs.at(*base), name.0) {
                            if info.arity as usize != all {
                                raise!(ops::wrong_arity(cx, info, all));
                            }
                            let callee = callee.into_raw();
                            enter!(info, callee, *base, *dst);
                        } else {
                            let result = ops::call_method(cx, name.0, regs.window(*base, all));
                            regs.clear(*base, all);
                            let value = check!(result);
                            now.note(ip, value.tag());
                            regs.set(*dst, value);
                        }
                    }
                    Op::CallBuiltin {
                        n,
                        dst,
                        base,
                        builtin,
                    } => {
                        let n = usize::from(*n);
                        let builtin = builtins::ALL[builtin.index()];
                        let result = ops::call_builtin(cx, builtin, regs.window(*base, n));
                        regs.clear(*base, n);
                        let value = check!(result);
                        now.note(ip, value.tag());
                        regs.set(*dst, value);
                    }

                    // -- Parts
                    Op::Index { last, dst, a, at } => {
                        let (array, n) = (regs.at(*a).as_object::<Array>(), regs.at(*at).as_int());
                        let value = if let (Some(array), Some(n)) = (array, n)
                            && let Some(value) = array.get(n as usize)
                        {
                            value
                        } else {
                            check!(ops::index(cx, regs.at(*a), regs.at(*at)))
                        };
                        regs.done(*a, last.has(last_bit!(a)));
                        regs.done(*at, last.has(last_bit!(at)));
                        now.note(ip, value.tag());
                        regs.set(*dst, value);
                    }
                    Op::GetField { last, dst, a, name } => {
                        let value = check!(ops::get_field(cx, regs.at(*a), name.0));
                        regs.done(*a, last.has(last_bit!(a)));
                        now.note(ip, value.tag());
                        regs.set(*dst, value);
                    }
                    Op::SetIndex {
                        last,
                        root,
                        at,
                        src,
                    } => {
                        // A copy of the index, which may be in the same register as the root. The last read of a register
                        // that is read twice moves its value out: the reads must be in the order of the row.
                        let at = regs.read(*at, last.has(last_bit!(at)));
                        let value = regs.read(*src, last.has(last_bit!(src)));
                        check!(ops::set_index(cx, regs.at_mut(*root), &at, value));
                    }

                    // -- Loops over values
                    Op::RangeNext { base, end, .. } => {
                        let [next, stop, step] = [0, 1, 2].map(|i| regs.at(base.plus(i)).as_int());
                        if let (Some(next), Some(stop), Some(1)) = (next, stop, step) {
                            if next >= stop {
                                goto!(now.at(*end));
                            }
                            // Less than `stop`, hence no overflow.
                            regs.set(*base, Value::int(next + 1));
                            regs.set(base.plus(3), Value::int(next));
                        } else {
                            match ops::range_next(regs.window(*base, 3)) {
                                Some(next) => regs.set(base.plus(3), Value::int(next)),
                                None => goto!(now.at(*end)),
                            }
                        }
                    }
                    Op::IterNext { base, end, .. } => {
                        let next = ops::iter_next(cx, regs.window(*base, 2));
                        match check!(next) {
                            Some(value) => {
                                now.note(ip, value.tag());
                                regs.set(base.plus(2), value);
                            }
                            None => goto!(now.at(*end)),
                        }
                    }

                    // -- By a call
                    op @ (Op::LoadBuiltin { .. }
                    | Op::NewCell { .. }
                    | Op::Neg { .. }
                    | Op::Truthy { .. }
                    | Op::Same { .. }
                    | Op::MatchesName { .. }
                    | Op::IsFailure { .. }
                    | Op::MakeArray { .. }
                    | Op::MakeDict { .. }
                    | Op::ArrayPush { .. }
                    | Op::ArraySpread { .. }
                    | Op::DictSet { .. }
                    | Op::DictSpread { .. }
                    | Op::MakeStruct { .. }
                    | Op::MakeStructDef { .. }
                    | Op::MakeTagged { .. }
                    | Op::MakeOk { .. }
                    | Op::MakeErr { .. }
                    | Op::MakeSome { .. }
                    | Op::MakeNone { .. }
                    | Op::MakeClosure { .. }
                    | Op::Concat { .. }
                    | Op::GetFieldOpt { .. }
                    | Op::GetPlace { .. }
                    | Op::FieldOrUninit { .. }
                    | Op::MatchesTag { .. }
                    | Op::Payload { .. }
                    | Op::ElementOrNull { .. }
                    | Op::RestOfArray { .. }
                    | Op::EntryOrNull { .. }
                    | Op::RestOfDict { .. }
                    | Op::SetField { .. }
                    | Op::StorePlace { .. }
                    | Op::AddPlace { .. }
                    | Op::StorePlaceGlobal { .. }
                    | Op::AddPlaceGlobal { .. }
                    | Op::StorePlaceCell { .. }
                    | Op::AddPlaceCell { .. }
                    | Op::UpdateWith { .. }
                    | Op::RangeStart { .. }
                    | Op::IterStart { .. }
                    | Op::ImportModule { .. }
                    | Op::ModuleNamespace { .. }) => check!(simple::run(cx, regs, op, None)),
                    op @ (Op::UpdatePlace { .. }
                    | Op::UpdatePlaceGlobal { .. }
                    | Op::UpdatePlaceCell { .. }) => {
                        let with = ip.plus(1);
                        check!(simple::run(cx, regs, op, Some(with.op())));
                        ip = with;
                    }
                }
                ip = ip.plus(1);
            }
        };

        // The error leaves frames until one has a handler.
        loop {
            if let Some(handler) = find_handler(cx, now, ip) {
                // SAFETY: the running frame is active.
                (_, _, regs) = unsafe { Running::new(now.frame) };
                ip = handler;
                continue 'frames;
            }
            let frame = now.frame;
            if leave(cx, m, frame) == bottom.wrapping_sub(1) {
                return Err(Thrown);
            }
            // SAFETY: frames of this activation lie one above the other; the caller's is active.
            (now, ip, _) = unsafe { Running::new(frame.wrapping_sub(1)) };
        }
    }
}

#[inline(always)]
fn dst_of(frame: *mut Frame) -> Reg {
    // SAFETY: called with the newest frame.
    unsafe { (*frame).dst }
}

/// Pops the newest frame and gives the one below.
#[inline(always)]
fn leave(cx: &mut Ctx, m: &Machine, frame: *mut Frame) -> *mut Frame {
    // SAFETY: called with the newest frame, whose registers nobody uses any more.
    unsafe {
        (*frame).release();
        cx.depth -= 1;
        cx.frame = (*frame).record.parent;
    }
    let below = frame.wrapping_sub(1);
    m.frame.set(below);
    below
}

/// Where the pending error, raised or passing at `ip`, continues in the running frame; tells the context that it leaves the frame
/// otherwise.
#[cold]
#[inline(never)]
fn find_handler(cx: &mut Ctx, now: Running, ip: Ip) -> Option<Ip> {
    // SAFETY: the frame is active, the function lives as long as the program.
    let func = unsafe { &*(*(*now.frame).code).func };
    let at = now.index(ip);
    cx.located(func.positions[at]);
    match func.handler_of(at) {
        Some(handler) => Some(now.at(handler)),
        None => {
            cx.unwound(now.info());
            None
        }
    }
}

/// The method that `receiver.name` means, if it is one of its struct.
#[inline(always)]
fn method(cx: &Ctx, receiver: &Value, name: u16) -> Option<(&'static FuncInfo, Ref<Func>)> {
    let record = receiver.as_object::<Record>()?;
    let number = record.shape().definition?.find(cx.name(name))?;
    let func = record.method(number)?.clone().into_object::<Func>().ok()?;
    // SAFETY: the info lives as long as the program, which outlives its frames.
    Some((unsafe { &*func.info }, func))
}

/// Calls what is no plain function: a builtin, a bound method, or an error.
#[inline(never)]
fn call_value(cx: &mut Ctx, mut regs: Regs, base: Reg, n: usize) -> Result {
    let f = regs.take(base);
    let result = ops::call(cx, &f, regs.window(base.plus(1), n));
    regs.clear(base.plus(1), n);
    result
}

#[inline(never)]
fn slow_add(cx: &mut Ctx, mut regs: Regs, last: Last, dst: Reg, a: Reg, b: Reg) -> Result<Tag> {
    // Owned: a string that nobody else holds grows in place.
    let left = regs.read(a, last.has(last_bit!(a)));
    let value = ops::add(cx, left, regs.at(b))?;
    let tag = value.tag();
    regs.done(b, last.has(last_bit!(b)));
    regs.set(dst, value);
    Ok(tag)
}

macro_rules! slow {
    ($($name:ident = $operation:path;)*) => { $(
        #[inline(never)]
        fn $name(cx: &mut Ctx, mut regs: Regs, last: Last, dst: Reg, a: Reg, b: Reg) -> Result<Tag> {
            let value = $operation(cx, regs.at(a), regs.at(b))?;
            let tag = value.tag();
            regs.done(a, last.has(last_bit!(a)));
            regs.done(b, last.has(last_bit!(b)));
            regs.set(dst, value);
            Ok(tag)
        }
    )* };
}

slow! {
    slow_sub = ops::sub;
    slow_mul = ops::mul;
    slow_div = ops::div;
    slow_rem = ops::rem;
}
