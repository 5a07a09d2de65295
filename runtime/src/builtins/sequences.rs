//! Builtins that work on several kinds of collections: size, search, removal, slices (language.md §19.3, §19.4).

use super::args::{clamped, pair, requires, whole};
use super::arrays::piece;
use super::strings::characters;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::heap::Ref;
use crate::object::equal::exactly_same;
use crate::object::{Array, Bytes, Dict, Elements, Key, Queue, Set, Stack, Str};
use crate::value::{Tag, Value};

builtins! {
    /// The number of characters, elements or entries.
    "len" = len 1..=1, Pure -> Int;
    /// True if the string or collection has nothing in it.
    "is_empty" = is_empty 1..=1, Pure -> Bool;
    /// Whether a string has a part (1 or 0), an array an element, a dict a key (true or false).
    "contains" = contains 2..=2, Pure -> Any;
    /// The position of a part of a string or an element of an array, or -1.
    "index_of" = index_of 2..=2, Pure -> Int;
    /// An array without the first element equal to a value; or a dict without a key, and the key's old value.
    "remove" = remove 2..=2, Pure -> Array;
    /// The part from one position up to, not including, another; negative positions count from the end.
    "slice" = slice 3..=3, Pure -> Any;
    /// An empty array or dict.
    "clear" = clear 1..=1, Pure -> Any;
}

/// Number of elements of anything that has some.
fn size(value: &Value) -> Option<usize> {
    match value.tag() {
        Tag::Str => value.as_object::<Str>().map(Str::chars),
        Tag::Array => value.as_object::<Array>().map(Array::len),
        Tag::Dict => value.as_object::<Dict>().map(Dict::len),
        Tag::Bytes => value.as_object::<Bytes>().map(|b| b.0.len()),
        Tag::Set => value.as_object::<Set>().map(Set::len),
        Tag::Queue => value.as_object::<Queue>().map(|q| q.0.len()),
        Tag::Stack => value.as_object::<Stack>().map(|s| s.0.len()),
        _ => None,
    }
}

fn len(cx: &mut Ctx, args: &mut [Value]) -> Result {
    match size(&args[0]) {
        Some(size) => Ok(Value::int(size as i64)),
        None => Err(requires(
            cx,
            "len",
            "an array, dict, bytes, set, queue, stack, or string",
        )),
    }
}

fn is_empty(cx: &mut Ctx, args: &mut [Value]) -> Result {
    match args[0].as_text().map(str::len).or_else(|| size(&args[0])) {
        Some(size) => Ok(Value::bool(size == 0)),
        None => Err(requires(cx, "is_empty", "a string or collection")),
    }
}

/// The position of the first element that is the value, floats exactly and of the same type.
pub(super) fn position(array: &Array, value: &Value) -> Option<usize> {
    match array.elements() {
        Elements::Ints(v) => {
            let wanted = value.as_int()?;
            v.iter().position(|&n| n == wanted)
        }
        Elements::Floats(v) => {
            let wanted = value.as_float()?;
            v.iter().position(|&x| x == wanted)
        }
        Elements::Bools(v) => {
            let wanted = value.as_bool()?;
            v.iter().position(|&b| b == wanted)
        }
        Elements::Values(v) => v.iter().position(|v| exactly_same(v, value)),
    }
}

fn contains(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let wanted = &args[1];
    match args[0].tag() {
        Tag::Str => match (args[0].as_text(), wanted.as_text()) {
            (Some(text), Some(part)) => Ok(Value::int(text.contains(part) as i64)),
            _ => Err(requires(cx, "contains", "a string to look for in a string")),
        },
        Tag::Array => {
            let array = args[0].as_object::<Array>();
            let found = array.and_then(|array| position(array, wanted));
            Ok(Value::bool(found.is_some()))
        }
        Tag::Dict => Ok(Value::bool(entry(&args[0], wanted).is_some())),
        _ => Err(cx.raise("contains() first argument must be a string, array, or dictionary")),
    }
}

/// The value under a key; nothing if there is none, or no dict, or no possible key.
pub(super) fn entry<'a>(dict: &'a Value, key: &Value) -> Option<&'a Value> {
    dict.as_object::<Dict>()?.get_at(key)?
}

fn index_of(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let found = if let Some(text) = args[0].as_object::<Str>() {
        let Some(part) = args[1].as_text() else {
            return Err(requires(cx, "index_of", "a string to look for in a string"));
        };
        let at = text.as_str().find(part);
        at.map(|at| characters_before(text, at))
    } else if let Some(array) = args[0].as_object::<Array>() {
        position(array, &args[1])
    } else {
        return Err(cx.raise("index_of() first argument must be a string or array"));
    };
    Ok(Value::int(found.map_or(-1, |at| at as i64)))
}

/// The character position of a byte offset.
fn characters_before(text: &Str, offset: usize) -> usize {
    if text.is_ascii() {
        return offset;
    }
    text.as_str()[..offset].chars().count()
}

fn remove(cx: &mut Ctx, args: &mut [Value]) -> Result {
    match args[0].tag() {
        Tag::Array => {
            let array = args[0].as_object::<Array>();
            let found = array.and_then(|array| position(array, &args[1]));
            if let (Some(at), Some(array)) = (found, args[0].as_ref_mut::<Array>()) {
                array.make_mut().remove(at);
            }
            Ok(args[0].take())
        }
        Tag::Dict => {
            let Some(key) = Key::from_value(&args[1]) else {
                return Err(requires(cx, "remove", "a key to remove from a dictionary"));
            };
            let mut old = None;
            if let Some(dict) = args[0].as_ref_mut::<Dict>()
                && dict.contains(&key)
            {
                old = dict.make_mut().remove(&key);
            }
            Ok(pair(args[0].take(), old.unwrap_or(Value::int(0))))
        }
        _ => Err(requires(cx, "remove", "an array or dictionary")),
    }
}

fn slice(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let sliced = matches!(args[0].tag(), Tag::Array | Tag::Bytes | Tag::Str);
    let (true, Some(from), Some(to)) = (sliced, whole(&args[1]), whole(&args[2])) else {
        let what = "array or bytes and numeric start/end arguments";
        return Err(requires(cx, "slice", what));
    };
    let len = size(&args[0]).unwrap_or_default();
    let (from, to) = (clamped(from, len), clamped(to, len));
    if from == 0 && to == len {
        return Ok(args[0].take());
    }
    let to = to.max(from);
    if let Some(text) = args[0].as_object::<Str>() {
        return Ok(Value::str(characters(text, from, to)));
    }
    if let Some(bytes) = args[0].as_object::<Bytes>() {
        return Ok(Value::from(Ref::new(Bytes(bytes.0[from..to].to_vec()))));
    }
    if let Some(array) = args[0].as_ref_mut::<Array>() {
        match array.in_place() {
            Some(unique) if from == 0 => unique.truncate(to),
            _ => return Ok(piece(array, from, to)),
        }
    }
    Ok(args[0].take())
}

fn clear(cx: &mut Ctx, args: &mut [Value]) -> Result {
    match args[0].tag() {
        Tag::Array => Ok(Value::from(Ref::new(Array::default()))),
        Tag::Dict => Ok(Value::from(Ref::new(Dict::default()))),
        _ => Err(requires(cx, "clear", "an array or dictionary")),
    }
}
