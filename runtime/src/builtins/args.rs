//! Reading arguments, and making the values that builtins give back.

use crate::ctx::Ctx;
use crate::error::Thrown;
use crate::heap::Ref;
use crate::object::{Array, Str};
use crate::value::Value;
use alloc::string::String;
use alloc::vec::Vec;

/// A count, width or position given as any number; floats are truncated and saturate.
#[inline]
pub fn whole(value: &Value) -> Option<i64> {
    value
        .as_int()
        .or_else(|| value.as_float().map(|x| x as i64))
}

/// A count or width: negative ones count as 0.
#[inline]
pub fn count(value: &Value) -> Option<usize> {
    whole(value).map(|n| usize::try_from(n).unwrap_or(0))
}

/// Raises that arguments are of the wrong kind: `NAME() requires WHAT`.
#[cold]
pub fn requires(cx: &mut Ctx, name: &str, what: &str) -> Thrown {
    cx.raise(format_args!("{name}() requires {what}"))
}

/// Two strings.
#[inline]
pub fn two_texts(args: &[Value]) -> Option<(&str, &str)> {
    Some((args[0].as_text()?, args[1].as_text()?))
}

/// A position as slices take it: negative counts from the end, the result lies in `0..=len`.
#[inline]
pub fn clamped(index: i64, len: usize) -> usize {
    let from_end = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
    if index < 0 {
        len.saturating_sub(from_end)
    } else {
        from_end.min(len)
    }
}

/// Text that was built for the result.
#[inline]
pub fn string(text: String) -> Value {
    Value::from(Ref::new(Str::from(text)))
}

/// A new array of any values.
#[inline]
pub fn array(values: Vec<Value>) -> Value {
    Value::from(Ref::<Array>::from_values(values))
}

/// An array of strings.
pub fn texts<'a>(pieces: impl Iterator<Item = &'a str>) -> Value {
    array(pieces.map(Value::str).collect())
}

/// A pair, such as `[rest, last]`.
pub fn pair(first: Value, second: Value) -> Value {
    array(alloc::vec![first, second])
}
