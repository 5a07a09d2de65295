//! Builtins over numbers: functions on floats, bits, ranges, sums (language.md §19.2).
//!
//! The functions on floats come from one library on every machine, so that results do not depend on the system.

use super::MANY;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::heap::Ref;
use crate::object::{Array, Elements};
use crate::ops::{self, room, text};
use crate::value::Value;
use alloc::vec::Vec;

builtins! {
    /// The number without its sign.
    "abs" = abs 1..=1, Pure -> Float;
    /// The square root.
    "sqrt" = sqrt 1..=1, Pure -> Float;
    /// The largest whole number not above the argument.
    "floor" = floor 1..=1, Pure -> Float;
    /// The smallest whole number not below the argument.
    "ceil" = ceil 1..=1, Pure -> Float;
    /// The nearest whole number, halves away from zero.
    "round" = round 1..=1, Pure -> Float;
    /// The sine of an angle in radians.
    "sin" = sin 1..=1, Pure -> Float;
    /// The cosine of an angle in radians.
    "cos" = cos 1..=1, Pure -> Float;
    /// The tangent of an angle in radians.
    "tan" = tan 1..=1, Pure -> Float;
    /// The natural logarithm.
    "log" = log 1..=1, Pure -> Float;
    /// e to the power of the argument.
    "exp" = exp 1..=1, Pure -> Float;
    /// The first number to the power of the second.
    "pow" = pow 2..=2, Pure -> Float;
    /// The smaller of two numbers.
    "min" = min 2..=2, Pure -> Float;
    /// The larger of two numbers.
    "max" = max 2..=2, Pure -> Float;
    /// The bits that both ints have.
    "bit_and" = bit_and 2..=2, Pure -> Int;
    /// The bits that at least one of two ints has.
    "bit_or" = bit_or 2..=2, Pure -> Int;
    /// The bits that exactly one of two ints has.
    "bit_xor" = bit_xor 2..=2, Pure -> Int;
    /// The int with every bit turned over.
    "bit_not" = bit_not 1..=1, Pure -> Int;
    /// The int's bits moved up by a number of places; high bits drop out.
    "bit_shl" = bit_shl 2..=2, Pure -> Int;
    /// The int's bits moved down by a number of places; the sign stays.
    "bit_shr" = bit_shr 2..=2, Pure -> Int;
    /// The array of ints from a (0) up to, not including, b, in steps.
    "range" = range 0..=MANY, Pure -> Array;
    /// The sum of the numbers in an array.
    "sum" = sum 1..=1, Pure -> Any;
}

/// The argument as a float; `what` names it in the message.
#[inline]
fn number(cx: &mut Ctx, name: &str, what: &str, value: &Value) -> Result<f64> {
    match value.as_number() {
        Some(x) => Ok(x),
        None => Err(not_of_kind(cx, name, "numeric", what, value)),
    }
}

#[inline]
fn integer(cx: &mut Ctx, name: &str, what: &str, value: &Value) -> Result<i64> {
    match value.as_int() {
        Some(n) => Ok(n),
        None => Err(not_of_kind(cx, name, "integer", what, value)),
    }
}

#[cold]
fn not_of_kind(
    cx: &mut Ctx,
    name: &str,
    kind: &str,
    what: &str,
    value: &Value,
) -> crate::error::Thrown {
    let got = text::short_debug(value);
    cx.raise(format_args!(
        "{name}() expects {kind} argument '{what}' , got {got}"
    ))
}

/// Functions of one float.
macro_rules! of_one {
    ($($name:ident = $function:path;)*) => {$(
        fn $name(cx: &mut Ctx, args: &mut [Value]) -> Result {
            let x = number(cx, stringify!($name), "value", &args[0])?;
            Ok(Value::float($function(x)))
        }
    )*};
}

of_one! {
    abs = libm::fabs;
    floor = libm::floor;
    ceil = libm::ceil;
    round = libm::round;
    sin = libm::sin;
    cos = libm::cos;
    tan = libm::tan;
    exp = libm::exp;
}

fn sqrt(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let x = number(cx, "sqrt", "value", &args[0])?;
    if x < 0.0 {
        return Err(cx.raise("sqrt() domain error: value must be >= 0"));
    }
    Ok(Value::float(libm::sqrt(x)))
}

fn log(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let x = number(cx, "log", "value", &args[0])?;
    if x <= 0.0 {
        return Err(cx.raise("log() domain error: value must be > 0"));
    }
    Ok(Value::float(libm::log(x)))
}

fn two_numbers(cx: &mut Ctx, name: &str, args: &[Value], what: [&str; 2]) -> Result<(f64, f64)> {
    let left = number(cx, name, what[0], &args[0])?;
    let right = number(cx, name, what[1], &args[1])?;
    Ok((left, right))
}

fn pow(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (base, exponent) = two_numbers(cx, "pow", args, ["base", "exponent"])?;
    Ok(Value::float(libm::pow(base, exponent)))
}

fn min(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (a, b) = two_numbers(cx, "min", args, ["left", "right"])?;
    Ok(Value::float(a.min(b)))
}

fn max(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (a, b) = two_numbers(cx, "max", args, ["left", "right"])?;
    Ok(Value::float(a.max(b)))
}

/// Functions of the bits of two ints.
macro_rules! of_bits {
    ($($name:ident = $operator:tt;)*) => {$(
        fn $name(cx: &mut Ctx, args: &mut [Value]) -> Result {
            let left = integer(cx, stringify!($name), "left", &args[0])?;
            let right = integer(cx, stringify!($name), "right", &args[1])?;
            Ok(Value::int(left $operator right))
        }
    )*};
}

of_bits! {
    bit_and = &;
    bit_or = |;
    bit_xor = ^;
}

fn bit_not(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let n = integer(cx, "bit_not", "value", &args[0])?;
    Ok(Value::int(!n))
}

/// The value and the places to move it by.
fn shift(cx: &mut Ctx, name: &str, args: &[Value]) -> Result<(i64, u32)> {
    let left = integer(cx, name, "left", &args[0])?;
    let right = integer(cx, name, "right", &args[1])?;
    match u32::try_from(right) {
        Ok(places @ 0..64) => Ok((left, places)),
        _ => Err(cx.raise(format_args!(
            "{name}() expects a shift amount between 0 and 63"
        ))),
    }
}

fn bit_shl(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (n, places) = shift(cx, "bit_shl", args)?;
    Ok(Value::int(n << places))
}

fn bit_shr(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (n, places) = shift(cx, "bit_shr", args)?;
    Ok(Value::int(n >> places))
}

fn range(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (from, to, step) = ops::range_bounds(cx, args)?;
    let distance = if step > 0 {
        to as i128 - from as i128
    } else {
        from as i128 - to as i128
    };
    let count = (distance.max(0) as u128).div_ceil(step.unsigned_abs() as u128);
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    room::check(cx, count, size_of::<i64>())?;
    let mut ints = Vec::with_capacity(count);
    // The element after the last may lie outside the ints: it is computed, but not used.
    let mut next = from;
    for _ in 0..count {
        ints.push(next);
        next = next.wrapping_add(step);
    }
    Ok(Value::from(Ref::new(Array::from_ints(ints))))
}

fn sum(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some(array) = args[0].as_object::<Array>() else {
        return Err(cx.raise("sum requires an array argument"));
    };
    match array.elements() {
        Elements::Ints(ints) => sum_values(cx, ints.iter().map(|&n| Value::int(n))),
        Elements::Floats(floats) => sum_values(cx, floats.iter().map(|&x| Value::float(x))),
        Elements::Bools(_) => Ok(Value::int(0)),
        Elements::Values(values) => sum_values(cx, values.iter().map(immediate)),
    }
}

/// A number as it is; anything else as null, without counting it.
fn immediate(value: &Value) -> Value {
    match (value.as_int(), value.as_float()) {
        (Some(n), _) => Value::int(n),
        (_, Some(x)) => Value::float(x),
        _ => Value::NULL,
    }
}

/// Adds as the program would: in ints until the first float.
fn sum_values(cx: &mut Ctx, values: impl Iterator<Item = Value>) -> Result {
    let mut ints = 0i64;
    let mut floats = None;
    for value in values {
        match (value.as_int(), &mut floats) {
            (Some(n), None) => match ints.checked_add(n) {
                Some(sum) => ints = sum,
                None => return Err(cx.raise(format_args!("Integer overflow: {ints} + {n}"))),
            },
            (_, floats) => {
                if let Some(x) = value.as_number() {
                    *floats = Some(floats.unwrap_or(ints as f64) + x);
                }
            }
        }
    }
    Ok(floats.map_or(Value::int(ints), Value::float))
}
