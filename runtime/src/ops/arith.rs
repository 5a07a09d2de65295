//! Arithmetic (language.md §7.1): ints are checked, an int beside a float becomes a float, `+` joins strings.

use crate::ctx::Ctx;
use crate::error::{Result, Thrown};
use crate::fault;
use crate::heap::Ref;
use crate::object::{Overload, Str};
use crate::ops::{call_overload, room, text};
use crate::value::{Tag, Value};
use alloc::string::String;
use core::fmt::Display;

/// `a + b`. If `a` is a string that nobody else holds, it grows in place.
#[inline]
pub fn add(cx: &mut Ctx, a: Value, b: &Value) -> Result {
    if let (Some(x), Some(y)) = (a.as_int(), b.as_int()) {
        return match x.checked_add(y) {
            Some(sum) => Ok(Value::int(sum)),
            None => Err(overflow(cx, x, '+', y)),
        };
    }
    if let (Some(x), Some(y)) = (a.as_float(), b.as_float()) {
        return Ok(Value::float(x + y));
    }
    add_other(cx, a, b)
}

#[inline(never)]
fn add_other(cx: &mut Ctx, mut a: Value, b: &Value) -> Result {
    if let Some(more) = b.as_text()
        && let Some(text) = a.as_ref_mut::<Str>()
    {
        append(cx, text, more)?;
        return Ok(a);
    }
    if let (Some(x), Some(y)) = (a.as_number(), b.as_number()) {
        let low = if fault!(MixedSumsAreOff) { 1.0 } else { 0.0 };
        return Ok(Value::float(x + y - low));
    }
    overloaded(cx, Overload::Add, &a, "+", b)
}

/// Appends to a string: in place if nobody else holds it.
pub(super) fn append(cx: &mut Ctx, text: &mut Ref<Str>, more: &str) -> Result<()> {
    if text.spare() < more.len() {
        // Growing in place doubles the storage.
        room::check(cx, text.as_str().len() * 2 + more.len(), 1)?;
    }
    if let Some(own) = text.in_place() {
        own.append(more);
    } else {
        let mut joined = String::with_capacity(text.as_str().len() + more.len());
        joined.push_str(text.as_str());
        joined.push_str(more);
        *text = Ref::new(Str::from(joined));
    }
    Ok(())
}

macro_rules! arithmetic {
    ($(#[$doc:meta])* $name:ident, $sign:literal, $checked:ident, $op:tt, $overload:ident) => {
        $(#[$doc])*
        #[inline]
        pub fn $name(cx: &mut Ctx, a: &Value, b: &Value) -> Result {
            if let (Some(x), Some(y)) = (a.as_int(), b.as_int()) {
                return match x.$checked(y) {
                    Some(result) => Ok(Value::int(result)),
                    None => Err(overflow(cx, x, $sign, y)),
                };
            }
            if let (Some(x), Some(y)) = (a.as_number(), b.as_number()) {
                return Ok(Value::float(x $op y));
            }
            overloaded(cx, Overload::$overload, a, stringify!($op), b)
        }
    };
}

arithmetic! {
    /// `a - b`
    sub, '-', checked_sub, -, Sub
}
arithmetic! {
    /// `a * b`
    mul, '*', checked_mul, *, Mul
}

/// `a / b`: towards zero for ints.
#[inline]
pub fn div(cx: &mut Ctx, a: &Value, b: &Value) -> Result {
    if let (Some(x), Some(y)) = (a.as_int(), b.as_int()) {
        return match x.checked_div(y) {
            Some(quotient) => Ok(Value::int(quotient)),
            None if y == 0 => Err(division_by_zero(cx)),
            None => Err(overflow(cx, x, '/', y)),
        };
    }
    match (a.as_number(), b.as_number()) {
        (Some(_), Some(0.0)) => Err(division_by_zero(cx)),
        (Some(x), Some(y)) => Ok(Value::float(x / y)),
        _ => overloaded(cx, Overload::Div, a, "/", b),
    }
}

/// `a % b`: the sign is that of `a`.
#[inline]
pub fn rem(cx: &mut Ctx, a: &Value, b: &Value) -> Result {
    if let (Some(x), Some(y)) = (a.as_int(), b.as_int()) {
        return match x.checked_rem(y) {
            Some(rest) => Ok(Value::int(rest)),
            None if y == 0 => Err(modulo_by_zero(cx)),
            None => Err(overflow(cx, x, '%', y)),
        };
    }
    match (a.as_number(), b.as_number()) {
        (Some(_), Some(0.0)) => Err(modulo_by_zero(cx)),
        (Some(x), Some(y)) => Ok(Value::float(rem_float(x, y))),
        _ => overloaded(cx, Overload::Mod, a, "%", b),
    }
}

/// `fmod`
#[inline]
pub fn rem_float(x: f64, y: f64) -> f64 {
    libm::fmod(x, y)
}

/// `-a`
#[inline]
pub fn neg(cx: &mut Ctx, a: &Value) -> Result {
    if let Some(n) = a.as_int() {
        return match n.checked_neg() {
            Some(result) => Ok(Value::int(result)),
            None => Err(negation_overflow(cx, n)),
        };
    }
    if let Some(x) = a.as_float() {
        return Ok(Value::float(-x));
    }
    unary(cx, Overload::Neg, a, '-')
}

/// `!a`
#[inline]
pub fn not(cx: &mut Ctx, a: &Value) -> Result {
    match a.as_bool() {
        Some(b) => Ok(Value::bool(!b)),
        None => unary(cx, Overload::Not, a, '!'),
    }
}

#[cold]
fn unary(cx: &mut Ctx, overload: Overload, a: &Value, sign: char) -> Result {
    match call_overload(cx, overload, a, None) {
        Some(result) => result,
        None => {
            let kind = operand_name(a);
            Err(cx.raise(format_args!("Invalid unary operation: {sign} {kind}")))
        }
    }
}

/// What the left struct says, or the error for operands that do not go together.
#[cold]
#[inline(never)]
pub(super) fn overloaded(
    cx: &mut Ctx,
    overload: Overload,
    a: &Value,
    sign: impl Display,
    b: &Value,
) -> Result {
    match call_overload(cx, overload, a, Some(b)) {
        Some(result) => result,
        None => Err(invalid_binary(cx, a, sign, b)),
    }
}

#[cold]
pub(super) fn invalid_binary(cx: &mut Ctx, a: &Value, sign: impl Display, b: &Value) -> Thrown {
    let (left, right) = (operand_name(a), operand_name(b));
    cx.raise(format_args!(
        "Invalid binary operation: {left} {sign} {right}"
    ))
}

/// The names that messages about operators use (language.md §7.1).
fn operand_name(value: &Value) -> &'static str {
    match value.tag() {
        Tag::Null | Tag::Bool | Tag::Int | Tag::Float | Tag::Str | Tag::Array | Tag::Dict => {
            text::type_name(value)
        }
        Tag::Struct if super::is_caught_error(value) => "error",
        Tag::Struct => "struct",
        Tag::Func | Tag::Bound => "function",
        Tag::Builtin => "native_function",
        _ => "value",
    }
}

/// `Integer overflow: a OP b`
#[cold]
#[inline(never)]
pub fn overflow(cx: &mut Ctx, a: i64, sign: char, b: i64) -> Thrown {
    cx.raise(format_args!("Integer overflow: {a} {sign} {b}"))
}

/// `Integer overflow: -(a)`
#[cold]
#[inline(never)]
pub fn negation_overflow(cx: &mut Ctx, a: i64) -> Thrown {
    cx.raise(format_args!("Integer overflow: -({a})"))
}

/// `Division by zero`
#[cold]
#[inline(never)]
pub fn division_by_zero(cx: &mut Ctx) -> Thrown {
    cx.raise("Division by zero")
}

/// `Modulo by zero`
#[cold]
#[inline(never)]
pub fn modulo_by_zero(cx: &mut Ctx) -> Thrown {
    cx.raise("Modulo by zero")
}
