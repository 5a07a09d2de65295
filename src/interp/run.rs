//! The loop: one match over the instructions, with what is hot inline.
//!
//! In: a frame that has just been pushed. Out: the result of its function. Frames of functions called on the way come and go
//! without recursion; errors look for a handler in the frames pushed here.
//! What an instruction means is said in `ops`; here are only shortcuts for numbers, arrays and calls.
//!
//! Dispatch. A processor foresees where an indirect jump leads by where it stands and how it got there, so each instruction should
//! end with a jump of its own. LLVM copies the jump of a `match` to the ends of the arms if it has few destinations (16) and no
//! range to check. Hence two matches without wildcards: fifteen hot instructions and a way to the others, which `inst` lists.
//! `black_box` keeps the two from being joined again.

use super::call::{
    Looped, call_native, heated, heats, heats_quietly, is_interpreted, looped, method, push,
};
use super::frame::{Frame, Regs};
use super::inst::{Inst, hot, rare};
use super::running::{Ip, Running, find_handler, leave, leave_empty, note, restore};
use super::{Machine, simple, slow};
use crate::bytecode::Reg;
use crate::last_bit;
use ruff_runtime::ctx::Ctx;
use ruff_runtime::error::{Result, Thrown};
use ruff_runtime::fault;
use ruff_runtime::heap::Ref;
use ruff_runtime::object::{Array, Dict, Func};
use ruff_runtime::ops;
use ruff_runtime::value::{Tag, Value};
use std::hint::black_box;

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
                ($last:ident, $dst:ident, $a:ident, $b:ident, $checked:ident, $op:tt, $slow:path) => {{
                    if let Some(x) = regs.at(*$a).as_int()
                        && let Some(y) = regs.at(*$b).as_int()
                        && let Some(z) = x.$checked(y)
                    {
                        regs.set(*$dst, Value::int(z));
                    } else if let (Some(x), Some(y)) = (regs.at(*$a).as_float(), regs.at(*$b).as_float()) {
                        regs.set(*$dst, Value::float(x $op y));
                        note(m, ip, Tag::Float);
                    } else {
                        let tag = check!($slow(cx, regs, *$last, *$dst, *$a, *$b));
                        note(m, ip, tag);
                    }
                }};
            }
            /// Ints inline, the rest by the operation.
            macro_rules! int_arith {
                ($dst:ident, $a:ident, $y:expr, $checked:ident, $slow:expr) => {{
                    let instead = fault!(InterpretedIntsNeverRaise).then_some(0);
                    if let Some(x) = regs.at(*$a).as_int()
                        && let Some(y) = $y
                        && let Some(z) = x.$checked(y).or(instead)
                    {
                        regs.set(*$dst, Value::int(z));
                    } else {
                        let tag = check!($slow);
                        note(m, ip, tag);
                    }
                }};
            }
            /// A comparison.
            macro_rules! compare {
                ($last:ident, $dst:ident, $a:ident, $b:ident, $op:tt, $floats:expr, $slow:path) => {{
                    if let Some(x) = regs.at(*$a).as_int()
                        && let Some(y) = regs.at(*$b).as_int()
                    {
                        regs.set(*$dst, Value::bool(x $op y));
                    } else if let (Some(x), Some(y)) = (regs.at(*$a).as_float(), regs.at(*$b).as_float()) {
                        note(m, ip, Tag::Float);
                        regs.set(*$dst, Value::bool($floats(x, y)));
                    } else {
                        note(m, ip, regs.at(*$a).tag());
                        check!($slow(cx, regs, *$last, *$dst, *$a, *$b));
                    }
                }};
            }
            /// The instruction as it was before it was fused with those after it.
            macro_rules! restored {
                () => {{
                    restore(now, ip);
                    goto!(ip)
                }};
            }
            /// On with the instruction after a `loop_head`, unless that one has to call the hook.
            macro_rules! go_back {
                ($to:expr) => {{
                    let head = ip.by($to);
                    goto!(if heats_quietly(m, now.info()) {
                        head.plus(1)
                    } else {
                        head
                    })
                }};
            }
            /// Jumps on a result, or continues behind the `n` instructions that are done.
            macro_rules! jump_when {
                ($when:ident, $holds:ident, $to:ident, $n:expr) => {{
                    if !$when.takes($holds) {
                        goto!(ip.plus($n))
                    }
                    if $when.is_back() {
                        go_back!(*$to)
                    }
                    goto!(ip.by(*$to))
                }};
            }
            /// A comparison, and the jump on its result.
            macro_rules! compare_and_jump {
                ($when:ident, $a:ident, $b:ident, $to:ident, $op:tt, $floats:expr) => {{
                    let holds = if let Some(x) = regs.at(*$a).as_int()
                        && let Some(y) = regs.at(*$b).as_int()
                    {
                        x $op y
                    } else if let (Some(x), Some(y)) = (regs.at(*$a).as_float(), regs.at(*$b).as_float()) {
                        note(m, ip, Tag::Float);
                        $floats(x, y)
                    } else {
                        restored!()
                    };
                    jump_when!($when, holds, $to, 2)
                }};
            }
            macro_rules! compare_int_and_jump {
                ($when:ident, $a:ident, $n:ident, $to:ident, $op:tt) => {{
                    if let Some(x) = regs.at(*$a).as_int() {
                        let holds = x $op i64::from(*$n);
                        jump_when!($when, holds, $to, 3)
                    }
                    restored!()
                }};
            }
            macro_rules! step {
                ($step:expr, $a:expr, $b:expr, $to:ident, $op:tt) => {{
                    let instead = fault!(FusedStepsWrap).then_some(i64::MIN);
                    if let Some(x) = regs.at($a).as_int()
                        && let Some(end) = regs.at($b).as_int()
                        && let Some(step) = $step
                        && let Some(x) = x.checked_add(step).or(instead)
                    {
                        regs.set($a, Value::int(x));
                        if x $op end {
                            go_back!(*$to)
                        }
                        goto!(ip.plus(3))
                    }
                    restored!()
                }};
            }
            /// Arithmetic with an int from the instruction.
            macro_rules! with_int {
                ($dst:ident, $a:ident, $n:ident, $checked:ident) => {{
                    if let Some(x) = regs.at(Reg((*$a).into())).as_int()
                        && let Some(z) = x.$checked(i64::from(*$n))
                    {
                        regs.set(*$dst, Value::int(z));
                        goto!(ip.plus(2))
                    }
                    restored!()
                }};
            }
            /// Leaves the function with a value.
            macro_rules! give {
                ($value:expr) => {
                    give!($value, leave)
                };
                ($value:expr, $leave:ident) => {{
                    let value: Value = $value;
                    let dst = now.dst();
                    let caller = $leave(cx, m, now.0);
                    if caller < bottom {
                        return Ok(value);
                    }
                    // SAFETY: frames of this activation lie one above the other; the caller's is active.
                    (now, ip, regs) = unsafe { Running::new(caller) };
                    note(m, ip, value.tag());
                    regs.set(dst, value);
                    goto!(ip.plus(1))
                }};
            }
            /// Enters a function: by a new frame, or by its native entry.
            macro_rules! enter {
                ($info:ident, $callee:ident, $args:expr, $dst:expr) => {{
                    let (args, dst): (Reg, Reg) = ($args, $dst);
                    let mut is_native = !is_interpreted($info);
                    if !is_native && heats(m, $info) {
                        // SAFETY: the arity has been checked.
                        is_native = unsafe { heated(cx, m, $info, regs.ptr(args)) };
                    }
                    if !is_native {
                        // SAFETY: the arguments are the window's, which lies above all live registers; `callee` is owned.
                        unsafe {
                            (*now.0).ip = ip.0;
                            let code = m.codes.get_unchecked($info.id as usize);
                            let (above, base) = (now.0.add(1), regs.ptr(args));
                            let frame = check!(push(cx, m, code, above, base, $callee, dst));
                            (now, ip, regs) = (Running(frame), Ip(code.start), Regs::new(base));
                        }
                        continue 'run;
                    }
                    // SAFETY: as many owned arguments as the function has parameters; `callee` is owned.
                    let value = check!(unsafe { call_native(cx, $info, $callee, regs.ptr(args)) });
                    note(m, ip, value.tag());
                    regs.set(dst, value);
                }};
            }
            loop {
                #[cfg(debug_assertions)]
                super::checked::before(cx, m, (now, ip), bottom);
                match ip.inst() {
                    Inst::AddImm { last, dst, a, n } => {
                        let y = Some(i64::from(*n));
                        int_arith!(
                            dst,
                            a,
                            y,
                            checked_add,
                            slow::add_imm(cx, regs, *last, *dst, *a, *n)
                        )
                    }
                    Inst::Add { last, dst, a, b } => {
                        arith!(last, dst, a, b, checked_add, +, slow::add)
                    }
                    Inst::Sub { last, dst, a, b } => {
                        let (a, b) = if fault!(InterpretedSubIsSwapped) {
                            (b, a)
                        } else {
                            (a, b)
                        };
                        arith!(last, dst, a, b, checked_sub, -, slow::sub)
                    }
                    Inst::Mul { last, dst, a, b } => {
                        arith!(last, dst, a, b, checked_mul, *, slow::mul)
                    }
                    Inst::Move { last, dst, src } => {
                        let value = regs.read(*src, last.has(last_bit!(src)));
                        regs.set(*dst, value);
                    }
                    Inst::LoadConst { dst, k, .. } => {
                        // SAFETY: verified: there is such a constant.
                        let value = unsafe { (*cx.consts.add(k.index())).clone() };
                        regs.set(*dst, value);
                    }
                    Inst::JumpLt { when, a, b, to } => {
                        compare_and_jump!(when, a, b, to, <, |x: f64, y| x < y)
                    }
                    Inst::JumpLe { when, a, b, to } => {
                        compare_and_jump!(when, a, b, to, <=, |x: f64, y| x <= y)
                    }
                    Inst::JumpLtInt { when, a, n, to } => {
                        compare_int_and_jump!(when, a, n, to, <)
                    }
                    Inst::StepLt { step, a, b, to } => step!(Some(i64::from(*step)), *a, *b, to, <),
                    Inst::Index { last, dst, a, at } => {
                        if let Some(array) = regs.at(*a).as_object::<Array>()
                            && let Some(n) = regs.at(*at).as_int()
                            && let Some(value) = array.get(n as usize)
                        {
                            note(m, ip, value.tag());
                            regs.done(*a, last.has(last_bit!(a)));
                            regs.set(*dst, value);
                        } else {
                            let tag = check!(slow::index(cx, regs, *last, *dst, *a, *at));
                            note(m, ip, tag);
                        }
                    }
                    Inst::SetIndex {
                        last,
                        root,
                        at,
                        src,
                    } => {
                        let (n, value) = (regs.at(*at).as_int(), regs.at(*src).raw());
                        if let Some(n) = n
                            && let Some(array) = regs.at_mut(*root).as_ref_mut::<Array>()
                            && let Some(array) = array.in_place()
                            && array.set_unboxed(n as usize, value)
                        {
                            // Neither the index nor the element owns anything.
                        } else if !slow::overwrite_entry(regs, *root, *at, *src) {
                            check!(slow::set_index(cx, regs, *last, *root, *at, *src));
                        }
                    }
                    Inst::GetField { last, dst, a, name } => {
                        let value = check!(ops::get_field(cx, regs.at(*a), name.0));
                        regs.done(*a, last.has(last_bit!(a)));
                        note(m, ip, value.tag());
                        regs.set(*dst, value);
                    }
                    Inst::CallFunc {
                        dst, base, func, ..
                    } => {
                        // SAFETY: verified: there is such a function, and its arity fits; its object is never freed.
                        let (info, callee) = unsafe {
                            let object = &*cx.func_objects.add(func.index());
                            (&*cx.funcs.add(func.index()), object.as_ptr())
                        };
                        enter!(info, callee, *base, *dst);
                    }
                    Inst::ReturnOnly { src } => give!(regs.take(*src), leave_empty),

                    rare!() => match black_box(ip).inst() {
                        // -- Moving values
                        Inst::LoadInt { dst, n, .. } => regs.set(*dst, Value::int(i64::from(*n))),
                        Inst::LoadBool { dst, b, .. } => regs.set(*dst, Value::bool(*b != 0)),
                        Inst::LoadNull { dst, .. } | Inst::Clear { dst, .. } => {
                            regs.set(*dst, Value::NULL)
                        }

                        // -- Variables that are not registers
                        Inst::LoadGlobal { dst, global, .. } => {
                            // SAFETY: verified: there is such a global.
                            let value = unsafe { &*cx.globals.add(global.index()) };
                            if value.is_uninit() {
                                raise!(ops::undefined_global(cx, global.0));
                            }
                            let value = value.clone();
                            note(m, ip, value.tag());
                            regs.set(*dst, value);
                        }
                        Inst::LoadGlobalRaw { dst, global, .. } => {
                            let value = ops::load_global_raw(cx, global.0);
                            regs.set(*dst, value);
                        }
                        Inst::LoadUninit { dst, .. } => regs.set(*dst, Value::UNINIT),
                        Inst::CheckInit { src, name, .. } => {
                            if regs.at(*src).is_uninit() {
                                raise!(ops::undefined_name(cx, name.0));
                            }
                        }
                        Inst::IsUninit { last, dst, src } => {
                            let uninit = regs.at(*src).is_uninit();
                            regs.done(*src, last.has(last_bit!(src)));
                            regs.set(*dst, Value::bool(uninit));
                        }
                        Inst::StoreGlobal { last, src, global } => {
                            let value = regs.read(*src, last.has(last_bit!(src)));
                            ops::store_global(cx, global.0, value);
                        }
                        Inst::LoadCell { last, dst, cell } => {
                            let value = ops::load_cell(regs.at(*cell));
                            regs.done(*cell, last.has(last_bit!(cell)));
                            note(m, ip, value.tag());
                            regs.set(*dst, value);
                        }
                        Inst::StoreCell { last, cell, src } => {
                            let value = regs.read(*src, last.has(last_bit!(src)));
                            ops::store_cell(regs.at(*cell), value);
                            regs.done(*cell, last.has(last_bit!(cell)));
                        }
                        Inst::LoadCapture { dst, capture, .. } => {
                            let captures = now.callee().body.captures();
                            regs.set(*dst, captures[capture.index()].clone());
                        }
                        Inst::LoadCallee { dst, .. } => {
                            let callee = (&raw const *now.callee()).cast_mut();
                            // SAFETY: the frame keeps its own count; the clone is what the register gets.
                            let owned =
                                std::mem::ManuallyDrop::new(unsafe { Ref::from_raw(callee) });
                            regs.set(*dst, Value::from((*owned).clone()));
                        }

                        // -- Operators
                        Inst::Div { last, dst, a, b } => {
                            let y = regs.at(*b).as_int();
                            int_arith!(
                                dst,
                                a,
                                y,
                                checked_div,
                                slow::div(cx, regs, *last, *dst, *a, *b)
                            )
                        }
                        Inst::Rem { last, dst, a, b } => {
                            let y = regs.at(*b).as_int();
                            int_arith!(
                                dst,
                                a,
                                y,
                                checked_rem,
                                slow::rem(cx, regs, *last, *dst, *a, *b)
                            )
                        }
                        Inst::SubImm { last, dst, a, n } => {
                            let y = Some(i64::from(*n));
                            int_arith!(
                                dst,
                                a,
                                y,
                                checked_sub,
                                slow::sub_imm(cx, regs, *last, *dst, *a, *n)
                            )
                        }
                        Inst::Not { last, dst, a } => {
                            if let Some(holds) = regs.at(*a).as_bool() {
                                regs.set(*dst, Value::bool(!holds));
                            } else {
                                let value = check!(ops::not(cx, regs.at(*a)));
                                regs.done(*a, last.has(last_bit!(a)));
                                regs.set(*dst, value);
                            }
                        }
                        Inst::Eq { last, dst, a, b } => {
                            compare!(last, dst, a, b, ==, ops::same_floats, slow::eq)
                        }
                        Inst::Ne { last, dst, a, b } => {
                            compare!(last, dst, a, b, !=, |x, y| !ops::same_floats(x, y), slow::ne)
                        }
                        Inst::Lt { last, dst, a, b } => {
                            compare!(last, dst, a, b, <, |x: f64, y| x < y, slow::lt)
                        }
                        Inst::Le { last, dst, a, b } => {
                            compare!(last, dst, a, b, <=, |x: f64, y| x <= y, slow::le)
                        }
                        Inst::Gt { last, dst, a, b } => {
                            compare!(last, dst, a, b, >, |x: f64, y| x > y, slow::gt)
                        }
                        Inst::Ge { last, dst, a, b } => {
                            compare!(last, dst, a, b, >=, |x: f64, y| x >= y, slow::ge)
                        }

                        // -- Control
                        Inst::Jump { to, .. } => goto!(ip.by(*to)),
                        Inst::JumpIf { last, cond, to } => {
                            let holds = ops::truthy(regs.at(*cond));
                            regs.done(*cond, last.has(last_bit!(cond)));
                            if holds {
                                goto!(ip.by(*to));
                            }
                        }
                        Inst::JumpIfNot { last, cond, to } => {
                            let holds = ops::truthy(regs.at(*cond));
                            regs.done(*cond, last.has(last_bit!(cond)));
                            if !holds {
                                goto!(ip.by(*to));
                            }
                        }
                        Inst::JumpIfNull { last, src, to } => {
                            let null = regs.at(*src).is_null();
                            regs.done(*src, last.has(last_bit!(src)));
                            if null {
                                goto!(ip.by(*to));
                            }
                        }
                        Inst::Return { src, .. } => give!(regs.take(*src)),
                        Inst::ReturnNull { .. } => give!(Value::NULL),
                        Inst::LoopHead { .. } => {
                            if heats(m, now.info())
                                && let Some(end) = looped(cx, m, now.0, now.code().index(ip.0))
                            {
                                let thrown = match end {
                                    Looped::GoesOn(at) => {
                                        goto!(Ip(now.code().start).plus(at as usize))
                                    }
                                    Looped::Finished(Ok(value)) => give!(value),
                                    Looped::Finished(Err(thrown)) => thrown,
                                };
                                // The native version has told of its frame.
                                let caller = leave(cx, m, now.0);
                                if caller < bottom {
                                    return Err(thrown);
                                }
                                // SAFETY: as in `give`.
                                (now, ip, _) = unsafe { Running::new(caller) };
                                break 'run thrown;
                            }
                        }

                        // -- Fused
                        Inst::JumpEq { when, a, b, to } => {
                            compare_and_jump!(when, a, b, to, ==, ops::same_floats)
                        }
                        Inst::JumpEqInt { when, a, n, to } => {
                            compare_int_and_jump!(when, a, n, to, ==)
                        }
                        Inst::StepLe { step, a, b, to } => {
                            step!(Some(i64::from(*step)), *a, *b, to, <=)
                        }
                        Inst::StepByLt { a, by, b, to } => {
                            let [a, by, b] = [a, by, b].map(|r| Reg(u16::from(*r)));
                            step!(regs.at(by).as_int(), a, b, to, <)
                        }
                        Inst::SetBool { value, root, at } => {
                            let (n, value) = (regs.at(*at).as_int(), Value::bool(*value));
                            if let Some(n) = n
                                && let Some(array) = regs.at_mut(*root).as_ref_mut::<Array>()
                                && let Some(array) = array.get_mut()
                                && array.set_unboxed(n as usize, value.raw())
                            {
                                goto!(ip.plus(2))
                            }
                            restored!()
                        }
                        Inst::MulInt { a, dst, n } => with_int!(dst, a, n, checked_mul),
                        Inst::DivInt { a, dst, n } => with_int!(dst, a, n, checked_div),
                        Inst::RemInt { a, dst, n } => with_int!(dst, a, n, checked_rem),
                        Inst::JumpBool { sense, a, to } => {
                            let Some(holds) = regs.at(*a).as_bool() else {
                                restored!()
                            };
                            goto!(if holds == *sense {
                                ip.by(*to)
                            } else {
                                ip.plus(2)
                            })
                        }
                        Inst::JumpUninit { sense, a, to } => {
                            let holds = regs.at(*a).is_uninit();
                            goto!(if holds == *sense {
                                ip.by(*to)
                            } else {
                                ip.plus(2)
                            })
                        }
                        Inst::JumpBack { to } => go_back!(*to),

                        // -- Errors
                        Inst::Throw { last, src } => {
                            let value = regs.read(*src, last.has(last_bit!(src)));
                            raise!(ops::throw(cx, value));
                        }
                        Inst::Raise { message, .. } => raise!(ops::raise(cx, message.0)),
                        Inst::Catch { dst, .. } => {
                            let error = ops::catch(cx);
                            regs.set(*dst, error);
                        }
                        Inst::CatchNone { .. } => ops::catch_none(cx),

                        // -- Calls
                        Inst::Call { n, dst, base } => {
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
                                let value = check!(slow::call_value(cx, regs, *base, (*n).into()));
                                note(m, ip, value.tag());
                                regs.set(*dst, value);
                            }
                        }
                        Inst::CallMethod { n, dst, base, name } => {
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
                                note(m, ip, value.tag());
                                regs.set(*dst, value);
                            }
                        }
                        Inst::CallBuiltin {
                            n,
                            dst,
                            base,
                            builtin,
                        } => {
                            let tag =
                                check!(slow::call_builtin(cx, regs, *n, *dst, *base, *builtin));
                            note(m, ip, tag);
                        }
                        Inst::Get { n, dst, a, key } => {
                            let entry = regs.at(*a).as_object::<Dict>();
                            let Some(found) = entry.and_then(|dict| dict.get_at(regs.at(*key)))
                            else {
                                restored!()
                            };
                            let value = found.cloned().unwrap_or(Value::int(i64::from(*n)));
                            note(m, ip.plus(3), value.tag());
                            regs.set(*dst, value);
                            goto!(ip.plus(4))
                        }
                        Inst::Push {
                            n,
                            dst,
                            base,
                            builtin,
                        } => {
                            if let [array, value] = regs.window(*base, 2)
                                && let Some(unique) = array.as_ref_mut::<Array>()
                                && let Some(unique) = unique.in_place()
                                && unique.push_unboxed(value.raw())
                            {
                                let array = array.take();
                                regs.set(*dst, array);
                                note(m, ip, Tag::Array);
                            } else {
                                let tag =
                                    check!(slow::call_builtin(cx, regs, *n, *dst, *base, *builtin));
                                note(m, ip, tag);
                            }
                        }
                        Inst::Len {
                            n,
                            dst,
                            base,
                            builtin,
                        } => {
                            if let Some(array) = regs.at(*base).as_object::<Array>() {
                                let len = Value::int(array.len() as i64);
                                regs.set(*base, Value::NULL);
                                regs.set(*dst, len);
                                note(m, ip, Tag::Int);
                            } else {
                                let tag =
                                    check!(slow::call_builtin(cx, regs, *n, *dst, *base, *builtin));
                                note(m, ip, tag);
                            }
                        }

                        // -- Loops over values
                        Inst::RangeNext { base, end, .. } => {
                            let [next, stop, step] =
                                [0, 1, 2].map(|i| regs.at(base.plus(i)).as_int());
                            if let (Some(next), Some(stop), Some(1)) = (next, stop, step) {
                                if next >= stop {
                                    goto!(ip.by(*end));
                                }
                                // Less than `stop`, hence no overflow.
                                regs.set(*base, Value::int(next + 1));
                                regs.set(base.plus(3), Value::int(next));
                            } else {
                                match ops::range_next(regs.window(*base, 3)) {
                                    Some(next) => regs.set(base.plus(3), Value::int(next)),
                                    None => goto!(ip.by(*end)),
                                }
                            }
                        }
                        Inst::IterNext { base, end, .. } => {
                            let next = ops::iter_next(cx, regs.window(*base, 2));
                            match check!(next) {
                                Some(value) => {
                                    note(m, ip, value.tag());
                                    regs.set(base.plus(2), value);
                                }
                                None => goto!(ip.by(*end)),
                            }
                        }

                        op @ (Inst::UpdatePlace { .. }
                        | Inst::UpdatePlaceGlobal { .. }
                        | Inst::UpdatePlaceCell { .. }) => {
                            let with = ip.plus(1);
                            check!(simple::run(cx, regs, op, Some(with.inst())));
                            ip = with;
                        }
                        hot!() => unreachable!("done above"),
                        op => check!(simple::run(cx, regs, op, None)),
                    },
                }
                ip = ip.plus(1);
            }
        };

        // The error leaves frames until one has a handler.
        loop {
            if let Some(handler) = find_handler(cx, now, ip) {
                // SAFETY: the running frame is active.
                (_, _, regs) = unsafe { Running::new(now.0) };
                ip = handler;
                continue 'frames;
            }
            let caller = leave(cx, m, now.0);
            if caller < bottom {
                return Err(Thrown);
            }
            // SAFETY: frames of this activation lie one above the other; the caller's is active.
            (now, ip, _) = unsafe { Running::new(caller) };
        }
    }
}
