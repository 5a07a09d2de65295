//! `for` over values and over int ranges (language.md §11).
//!
//! A loop's state is two or three values in consecutive registers: `[subject, position]` for a value, `[next, end, step]`
//! for a range. Holding the subject makes it a snapshot: whoever changes it meanwhile copies it.

use crate::ctx::Ctx;
use crate::error::Result;
use crate::fault;
use crate::object::{Array, Bytes, Dict, Queue, Set, Stack, Str};
use crate::ops::text;
use crate::value::{Tag, Value};

/// Starts a loop over `state[0]`; `state[1]` becomes the position.
#[inline]
pub fn iter_start(cx: &mut Ctx, state: &mut [Value]) -> Result<()> {
    match state[0].tag() {
        Tag::Int
        | Tag::Str
        | Tag::Array
        | Tag::Dict
        | Tag::Set
        | Tag::Queue
        | Tag::Stack
        | Tag::Bytes => {}
        Tag::Float => state[0] = Value::int(state[0].as_float().unwrap_or_default() as i64),
        _ => {
            let kind = text::type_name(&state[0]);
            return Err(cx.raise(format_args!("Cannot iterate over {kind}")));
        }
    }
    state[1] = Value::int(0);
    Ok(())
}

/// The next value of the loop, or `None` at its end.
#[inline]
pub fn iter_next(_cx: &mut Ctx, state: &mut [Value]) -> Result<Option<Value>> {
    let position = state[1].as_int().unwrap_or_default();
    if let Some(array) = state[0].as_object::<Array>() {
        let value = array.get(position as usize);
        state[1] = Value::int(position + 1);
        return Ok(value);
    }
    if let Some(end) = state[0].as_int() {
        if position >= end {
            return Ok(None);
        }
        state[1] = Value::int(position + 1);
        return Ok(Some(Value::int(position)));
    }
    let next = next_other(&state[0], position as usize);
    Ok(next.map(|(value, position)| {
        state[1] = Value::int(position as i64);
        value
    }))
}

/// The value at a position, and the position after it.
#[inline(never)]
fn next_other(subject: &Value, position: usize) -> Option<(Value, usize)> {
    match subject.tag() {
        Tag::Str => {
            let text = subject.as_object::<Str>()?.as_str();
            let c = text.get(position..)?.chars().next()?;
            let size = match fault!(StringLoopsStepByBytes) {
                true => 1,
                false => c.len_utf8(),
            };
            Some((Value::from(Str::of_char(c)), position + size))
        }
        Tag::Dict => {
            let (entry, next) = subject.as_object::<Dict>()?.entry_from(position)?;
            Some((entry.key.to_value(), next))
        }
        Tag::Set => {
            let (value, next) = subject.as_object::<Set>()?.element_from(position)?;
            Some((value.clone(), next))
        }
        Tag::Queue => {
            let value = subject.as_object::<Queue>()?.0.get(position)?.clone();
            Some((value, position + 1))
        }
        Tag::Stack => {
            let value = subject.as_object::<Stack>()?.0.get(position)?.clone();
            Some((value, position + 1))
        }
        Tag::Bytes => {
            let byte = *subject.as_object::<Bytes>()?.0.get(position)?;
            Some((Value::int(byte as i64), position + 1))
        }
        _ => None,
    }
}

/// The ints that `range(…)` means: next, end, step. Raises as the builtin does.
pub fn range_bounds(cx: &mut Ctx, args: &[Value]) -> Result<(i64, i64, i64)> {
    let int = |value: &Value| match value.tag() {
        Tag::Int => value.as_int(),
        Tag::Float => value.as_float().map(|x| x as i64),
        _ => None,
    };
    let bounds = match args {
        [end] => (Some(0), int(end), Some(1)),
        [start, end] => (int(start), int(end), Some(1)),
        [start, end, step] => (int(start), int(end), int(step)),
        _ => return Err(cx.raise("range() requires 1, 2, or 3 arguments")),
    };
    match bounds {
        (Some(_), Some(_), Some(0)) => Err(cx.raise("range() step cannot be zero")),
        (Some(start), Some(end), Some(step)) => Ok((start, end, step)),
        _ => Err(cx.raise("range() requires numeric arguments")),
    }
}

/// Starts a loop over `range(…)`: the first `count` values of `state` are its arguments and become next, end, step.
pub fn range_start(cx: &mut Ctx, state: &mut [Value], count: usize) -> Result<()> {
    let (next, end, step) = range_bounds(cx, &state[..count])?;
    for (slot, n) in state.iter_mut().zip([next, end, step]) {
        *slot = Value::int(n);
    }
    Ok(())
}

/// The next int of the range, or `None` at its end.
#[inline]
pub fn range_next(state: &mut [Value]) -> Option<i64> {
    let (next, end, step) = (state[0].as_int()?, state[1].as_int()?, state[2].as_int()?);
    if if step > 0 { next >= end } else { next <= end } {
        return None;
    }
    // Beyond the last int there is nothing more to come.
    state[0] = Value::int(next.checked_add(step).unwrap_or(end));
    Some(next)
}
