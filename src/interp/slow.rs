//! What the loop's shortcuts leave over: operators on other kinds of values, and calls of other values than functions.
//!
//! In: registers and operands. Out: changed registers, and the tag of the result. Nothing of this is inlined into the loop.

use super::frame::Regs;
use crate::bytecode::{BuiltinIx, Last, Reg};
use crate::last_bit;
use ruff_runtime::builtins;
use ruff_runtime::ctx::Ctx;
use ruff_runtime::error::Result;
use ruff_runtime::heap::Ref;
use ruff_runtime::object::Dict;
use ruff_runtime::ops;
use ruff_runtime::value::{Tag, Value};

/// Calls what is no plain function: a builtin, a bound method, or an error.
#[inline(never)]
pub fn call_value(cx: &mut Ctx, mut regs: Regs, base: Reg, n: usize) -> Result {
    let f = regs.take(base);
    let result = ops::call(cx, &f, regs.window(base.plus(1), n));
    regs.clear(base.plus(1), n);
    result
}

/// Calls a builtin.
#[inline(never)]
pub fn call_builtin(
    cx: &mut Ctx,
    mut regs: Regs,
    n: u8,
    dst: Reg,
    base: Reg,
    builtin: BuiltinIx,
) -> Result<Tag> {
    let n = usize::from(n);
    let builtin = builtins::ALL[builtin.index()];
    let result = ops::call_builtin(cx, builtin, regs.window(base, n));
    regs.clear(base, n);
    let value = result?;
    let tag = value.tag();
    regs.set(dst, value);
    Ok(tag)
}

/// `dst = a[at]`
#[inline(never)]
pub fn index(cx: &mut Ctx, mut regs: Regs, last: Last, dst: Reg, a: Reg, at: Reg) -> Result<Tag> {
    let value = ops::index(cx, regs.at(a), regs.at(at))?;
    let tag = value.tag();
    regs.done(a, last.has(last_bit!(a)));
    regs.done(at, last.has(last_bit!(at)));
    regs.set(dst, value);
    Ok(tag)
}

/// `root[at] = src` where the dict has an entry for the int, and neither value owns anything. False: nothing has happened.
#[inline(always)]
pub fn overwrite_entry(mut regs: Regs, root: Reg, at: Reg, src: Reg) -> bool {
    let (Some(key), value) = (regs.at(at).as_int(), regs.at(src)) else {
        return false;
    };
    if value.is_heap() {
        return false;
    }
    let value = value.clone();
    let dict = regs.at_mut(root).as_ref_mut::<Dict>();
    match dict
        .and_then(Ref::get_mut)
        .and_then(|dict| dict.dense_slot(key))
    {
        Some(slot) if !slot.is_heap() => {
            *slot = value;
            true
        }
        _ => false,
    }
}

/// `root[at] = src`
#[inline(never)]
pub fn set_index(
    cx: &mut Ctx,
    mut regs: Regs,
    last: Last,
    root: Reg,
    at: Reg,
    src: Reg,
) -> Result<()> {
    // The index may be in the register of the root or of the value, which only the second read may then empty.
    let (last_at, last_src) = (last.has(last_bit!(at)), last.has(last_bit!(src)));
    let index = regs.read(at, last_at && at != src);
    let value = regs.read(src, last_src || last_at && at == src);
    ops::set_index(cx, regs.at_mut(root), &index, value)
}

/// `+`
#[inline(never)]
pub fn add(cx: &mut Ctx, mut regs: Regs, last: Last, dst: Reg, a: Reg, b: Reg) -> Result<Tag> {
    // Owned: a string that nobody else holds grows in place.
    let left = regs.read(a, last.has(last_bit!(a)));
    let value = ops::add(cx, left, regs.at(b))?;
    let tag = value.tag();
    regs.done(b, last.has(last_bit!(b)));
    regs.set(dst, value);
    Ok(tag)
}

/// Operators that borrow both operands.
macro_rules! borrowing {
    ($($name:ident;)*) => { $(
        /// The operator.
        #[inline(never)]
        pub fn $name(cx: &mut Ctx, mut regs: Regs, last: Last, dst: Reg, a: Reg, b: Reg) -> Result<Tag> {
            let value = ops::$name(cx, regs.at(a), regs.at(b))?;
            let tag = value.tag();
            regs.done(a, last.has(last_bit!(a)));
            regs.done(b, last.has(last_bit!(b)));
            regs.set(dst, value);
            Ok(tag)
        }
    )* };
}

borrowing! {
    sub;
    mul;
    div;
    rem;
    eq;
    ne;
    lt;
    le;
    gt;
    ge;
}

/// `+` a small int.
#[inline(never)]
pub fn add_imm(cx: &mut Ctx, mut regs: Regs, last: Last, dst: Reg, a: Reg, n: i16) -> Result<Tag> {
    let left = regs.read(a, last.has(last_bit!(a)));
    let value = ops::add(cx, left, &Value::int(n.into()))?;
    let tag = value.tag();
    regs.set(dst, value);
    Ok(tag)
}

/// `-` a small int.
#[inline(never)]
pub fn sub_imm(cx: &mut Ctx, mut regs: Regs, last: Last, dst: Reg, a: Reg, n: i16) -> Result<Tag> {
    let value = ops::sub(cx, regs.at(a), &Value::int(n.into()))?;
    let tag = value.tag();
    regs.done(a, last.has(last_bit!(a)));
    regs.set(dst, value);
    Ok(tag)
}
