//! Builtins over arrays: ends, positions, pieces (language.md §19.4). They work in place while nobody else holds the
//! array, and share it where nothing changes.

use super::args::{array, count, pair, requires, whole};
use crate::ctx::Ctx;
use crate::error::{Result, Thrown};
use crate::heap::Ref;
use crate::object::{Array, Elements, ElementsMut};
use crate::ops::room;
use crate::value::Value;
use alloc::vec::Vec;

builtins! {
    /// A copy of the array with a value appended.
    "push" | "append" = push 2..=2, Pure -> Array;
    /// The array without its last element, and that element.
    "pop" = pop 1..=1, Pure -> Pair;
    /// A copy of the array with a value inserted before a position.
    "insert" = insert 3..=3, Pure -> Array;
    /// The array without the element at a position, and that element.
    "remove_at" = remove_at 2..=2, Pure -> Pair;
    /// The elements of both arrays.
    "concat" = concat 2..=2, Pure -> Array;
    /// The elements in reverse order.
    "reverse" = reverse 1..=1, Pure -> Array;
    /// The elements cut into arrays of n; the last may be shorter.
    "chunk" = chunk 2..=2, Pure -> Array;
    /// All runs of n neighbouring elements.
    "windows" = windows 2..=2, Pure -> Array;
    /// The elements with arrays among them replaced by their elements, one level deep.
    "flatten" = flatten 1..=1, Pure -> Array;
    /// Pairs of the elements of two arrays, as many as the shorter has.
    "zip" = zip 2..=2, Pure -> Array;
    /// Pairs of position and element.
    "enumerate" = enumerate 1..=1, Pure -> Array;
    /// The first n elements.
    "take" = take 2..=2, Pure -> Array;
    /// The elements after the first n.
    "skip" = skip 2..=2, Pure -> Array;
    /// The elements of an array or generator as an array.
    "collect" = collect 1..=1, Pure -> Array;
}

/// Raises unless the array has room for the value, if need be by doubling.
#[inline]
fn make_room(cx: &mut Ctx, array: &Array, value: &Value) -> Result<()> {
    room::to_hold(cx, array, value)?;
    if array.is_full() {
        room::check(cx, array.len() * 2, array.element_size())?;
    }
    Ok(())
}

fn push(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some(array) = args[0].as_object::<Array>() else {
        return Err(cx.raise("push() requires an array as the first argument"));
    };
    make_room(cx, array, &args[1])?;
    let value = args[1].take();
    if let Some(array) = args[0].as_ref_mut::<Array>() {
        array.make_mut().push(value);
    }
    Ok(args[0].take())
}

fn pop(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some(array) = args[0].as_ref_mut::<Array>() else {
        return Err(requires(cx, "pop", "an array argument"));
    };
    if array.is_empty() {
        return Ok(pair(args[0].take(), Value::int(0)));
    }
    let last = array.make_mut().pop().unwrap_or_default();
    Ok(pair(args[0].take(), last))
}

/// The position given by a number, if it is below `limit`.
fn position(index: i64, limit: usize) -> Option<usize> {
    usize::try_from(index).ok().filter(|&index| index < limit)
}

#[cold]
fn out_of_bounds(cx: &mut Ctx, name: &str, index: i64, len: usize) -> Thrown {
    cx.raise(format_args!(
        "{name}() index {index} out of bounds for array of length {len}"
    ))
}

fn insert(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (Some(array), Some(index)) = (args[0].as_object::<Array>(), whole(&args[1])) else {
        return Err(requires(cx, "insert", "an array, a numeric index, and a value"));
    };
    let Some(at) = position(index, array.len() + 1) else {
        return Err(out_of_bounds(cx, "insert", index, array.len()));
    };
    make_room(cx, array, &args[2])?;
    let value = args[2].take();
    if let Some(array) = args[0].as_ref_mut::<Array>() {
        array.make_mut().insert(at, value);
    }
    Ok(args[0].take())
}

fn remove_at(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let index = whole(&args[1]);
    let (Some(array), Some(index)) = (args[0].as_ref_mut::<Array>(), index) else {
        return Err(requires(cx, "remove_at", "an array and a numeric index"));
    };
    let Some(at) = position(index, array.len()) else {
        return Err(out_of_bounds(cx, "remove_at", index, array.len()));
    };
    let removed = array.make_mut().remove(at);
    Ok(pair(args[0].take(), removed))
}

fn concat(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (Some(a), Some(b)) = (args[0].as_object::<Array>(), args[1].as_object::<Array>()) else {
        return Err(cx.raise("concat() requires two array arguments"));
    };
    if a.is_empty() {
        return Ok(args[1].take());
    }
    let size = a.element_size().max(b.element_size());
    room::check(cx, a.len() + b.len(), size)?;
    let more = args[1].take();
    if let (Some(a), Some(b)) = (args[0].as_ref_mut::<Array>(), more.as_object::<Array>())
        && !b.is_empty()
    {
        a.make_mut().extend(b);
    }
    Ok(args[0].take())
}

fn reverse(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some(array) = args[0].as_ref_mut::<Array>() else {
        return Err(requires(cx, "reverse", "an array argument"));
    };
    match array.make_mut().elements_mut() {
        ElementsMut::Ints(v) => v.reverse(),
        ElementsMut::Floats(v) => v.reverse(),
        ElementsMut::Bools(v) => v.reverse(),
        ElementsMut::Values(v) => v.reverse(),
    }
    Ok(args[0].take())
}

/// The elements `from..to` as a new value.
pub(super) fn piece(array: &Array, from: usize, to: usize) -> Value {
    Value::from(Ref::new(array.slice(from, to)))
}

fn chunk(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (Some(all), Some(size)) = (args[0].as_object::<Array>(), count(&args[1])) else {
        return Err(requires(cx, "chunk", "an array and a number"));
    };
    if size == 0 {
        let whole = args[0].take();
        return Ok(array(alloc::vec![whole]));
    }
    room::check(cx, all.len().div_ceil(size), room::PAIR)?;
    let starts = (0..all.len()).step_by(size);
    let end = |from: usize| from.saturating_add(size).min(all.len());
    Ok(array(starts.map(|from| piece(all, from, end(from))).collect()))
}

fn windows(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (Some(all), Some(size)) = (args[0].as_object::<Array>(), count(&args[1])) else {
        return Err(requires(cx, "windows", "an array and a number"));
    };
    if size == 0 || size > all.len() {
        return Ok(array(Vec::new()));
    }
    let starts = 0..=all.len() - size;
    room::check(cx, all.len() - size + 1, size * all.element_size())?;
    Ok(array(starts.map(|from| piece(all, from, from + size)).collect()))
}

fn flatten(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some(array) = args[0].as_object::<Array>() else {
        return Err(requires(cx, "flatten", "an array argument"));
    };
    let Elements::Values(values) = array.elements() else {
        return Ok(args[0].take());
    };
    let len = |v: &Value| v.as_object::<Array>().map_or(1, Array::len);
    room::check(cx, values.iter().map(len).sum(), size_of::<Value>())?;
    let mut flat = Array::default();
    for value in values {
        match value.as_object::<Array>() {
            Some(inner) => flat.extend(inner),
            None => flat.push(value.clone()),
        }
    }
    Ok(Value::from(Ref::new(flat)))
}

fn zip(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (Some(a), Some(b)) = (args[0].as_object::<Array>(), args[1].as_object::<Array>()) else {
        return Err(requires(cx, "zip", "two array arguments"));
    };
    room::check(cx, a.len().min(b.len()), room::PAIR)?;
    Ok(array(a.iter().zip(b.iter()).map(|(x, y)| pair(x, y)).collect()))
}

fn enumerate(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some(all) = args[0].as_object::<Array>() else {
        return Err(requires(cx, "enumerate", "an array argument"));
    };
    room::check(cx, all.len(), room::PAIR)?;
    let numbered = (0..).zip(all.iter());
    Ok(array(numbered.map(|(i, v)| pair(Value::int(i), v)).collect()))
}

fn take(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let wanted = count(&args[1]);
    let (Some(array), Some(wanted)) = (args[0].as_ref_mut::<Array>(), wanted) else {
        return Err(requires(cx, "take", "an array and a number"));
    };
    if wanted >= array.len() {
        return Ok(args[0].take());
    }
    match array.in_place() {
        Some(unique) => unique.truncate(wanted),
        None => return Ok(piece(array, 0, wanted)),
    }
    Ok(args[0].take())
}

fn skip(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (Some(array), Some(skipped)) = (args[0].as_object::<Array>(), count(&args[1])) else {
        return Err(requires(cx, "skip", "an array and a number"));
    };
    if skipped == 0 {
        return Ok(args[0].take());
    }
    let rest = array.len().saturating_sub(skipped);
    room::check(cx, rest, array.element_size())?;
    Ok(piece(array, skipped.min(array.len()), array.len()))
}

fn collect(cx: &mut Ctx, args: &mut [Value]) -> Result {
    match args[0].as_object::<Array>() {
        Some(_) => Ok(args[0].take()),
        None => Err(requires(cx, "collect", "an array or a generator")),
    }
}
