//! Indexing: `a[at]`, `a[at] := v` (language.md §6.2, §8, §9).

use crate::ctx::Ctx;
use crate::error::{Result, Thrown};
use crate::fault;
use crate::object::{Array, Bytes, Dict, Str};
use crate::ops::{room, text};
use crate::value::{Tag, Value};

/// `a[at]`
#[inline]
pub fn index(cx: &mut Ctx, a: &Value, at: &Value) -> Result {
    if let (Some(array), Some(n)) = (a.as_object::<Array>(), at.as_int())
        && let Some(value) = array.get(n as usize)
    {
        return Ok(value);
    }
    index_other(cx, a, at)
}

#[inline(never)]
fn index_other(cx: &mut Ctx, a: &Value, at: &Value) -> Result {
    match a.tag() {
        Tag::Dict => index_dict(cx, a, at),
        Tag::Array => {
            let array = a.as_object::<Array>();
            let position = position(cx, at, array.map_or(0, Array::len), READING)?;
            Ok(array.and_then(|a| a.get(position)).unwrap_or_default())
        }
        Tag::Str => {
            let string = a.as_object::<Str>();
            let position = position(cx, at, string.map_or(0, Str::chars), READING)?;
            let c = string.and_then(|s| s.char_at(position));
            Ok(Value::from(Str::of_char(c.unwrap_or_default())))
        }
        Tag::Bytes => {
            let bytes = a.as_object::<Bytes>().map_or(&[][..], |b| &b.0);
            let position = position(cx, at, bytes.len(), READING)?;
            Ok(Value::int(bytes[position] as i64))
        }
        _ => Err(cx.raise(READING)),
    }
}

fn index_dict(cx: &mut Ctx, a: &Value, at: &Value) -> Result {
    match a.as_object::<Dict>().and_then(|dict| dict.get_at(at)) {
        Some(Some(value)) => Ok(value.clone()),
        Some(None) => Err(missing_key(cx, at)),
        None => Err(cx.raise(READING)),
    }
}

pub(super) const READING: &str = "Invalid index operation";
pub(super) const WRITING: &str = "Invalid index assignment";

/// The position that an index means in a sequence of `len` elements: negative counts from the end.
#[inline]
pub(super) fn position(cx: &mut Ctx, at: &Value, len: usize, wrong: &'static str) -> Result<usize> {
    let n = match at.tag() {
        Tag::Int => at.as_int(),
        Tag::Float => at.as_float().and_then(integral),
        _ => None,
    };
    let Some(n) = n else {
        return Err(cx.raise(wrong));
    };
    let from_start = if n < 0 {
        n.saturating_add(len as i64 - i64::from(fault!(NegativeIndicesAreOff)))
    } else {
        n
    };
    if from_start < 0 || from_start >= len as i64 {
        return Err(out_of_bounds(cx, at));
    }
    Ok(from_start as usize)
}

/// The int that a float of integral value means as an index; saturated, so that what is far out stays out.
fn integral(x: f64) -> Option<i64> {
    (libm::trunc(x) == x).then_some(x as i64)
}

/// `root[at] = value`
#[inline]
pub fn set_index(cx: &mut Ctx, root: &mut Value, at: &Value, value: Value) -> Result<()> {
    room::to_write(cx, root)?;
    if let Some(n) = at.as_int()
        && let Some(array) = root.as_ref_mut::<Array>()
        && (n as usize) < array.len()
    {
        room::to_hold(cx, array, &value)?;
        array.make_mut().set(n as usize, value);
        return Ok(());
    }
    set_other(cx, root, at, value)
}

#[inline(never)]
fn set_other(cx: &mut Ctx, root: &mut Value, at: &Value, value: Value) -> Result<()> {
    if let Some(array) = root.as_ref_mut::<Array>() {
        let position = position(cx, at, array.len(), WRITING)?;
        room::to_hold(cx, array, &value)?;
        array.make_mut().set(position, value);
        return Ok(());
    }
    if let Some(dict) = root.as_ref_mut::<Dict>() {
        room::to_add(cx, dict)?;
        let dict = dict.make_mut();
        match dict.slot_at(at) {
            // The old value is dropped after the store.
            Some(Some(slot)) => drop(core::mem::replace(slot, value)),
            Some(None) => dict.extend_at(at, value),
            None => return Err(cx.raise(WRITING)),
        }
        return Ok(());
    }
    Err(cx.raise(WRITING))
}

/// `Index out of bounds: 5`
#[cold]
#[inline(never)]
pub fn out_of_bounds(cx: &mut Ctx, at: &Value) -> Thrown {
    let at = text::to_text(at);
    cx.raise(format_args!("Index out of bounds: {at}"))
}

/// `Missing map key: "b"`, `Missing map key: 7`
#[cold]
#[inline(never)]
pub(super) fn missing_key(cx: &mut Ctx, key: &Value) -> Thrown {
    let key_text = text::to_text(key);
    match key.tag() {
        Tag::Str => cx.raise(format_args!("Missing map key: \"{key_text}\"")),
        _ => cx.raise(format_args!("Missing map key: {key_text}")),
    }
}
