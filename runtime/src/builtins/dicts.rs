//! Builtins over dicts (language.md §19.5). Lists of keys and entries come in the order in which dicts print.

use super::args::{array, pair, requires};
use super::sequences::entry;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::heap::Ref;
use crate::object::{Dict, Entry, Key};
use crate::ops::{room, text};
use crate::value::Value;
use alloc::string::String;

builtins! {
    /// The keys of a dict, sorted.
    "keys" = keys 1..=1, Pure -> Array;
    /// The values of a dict, sorted by their keys.
    "values" = values 1..=1, Pure -> Array;
    /// Pairs of key and value, sorted by key.
    "items" = items 1..=1, Pure -> Array;
    /// 1 if the dict has the key, else 0.
    "has_key" = has_key 2..=2, Pure -> Int;
    /// The value of a key, or a default.
    "get" = get 2..=3, Pure -> Any;
    /// The value of a key, or the default.
    "get_default" = get 3..=3, Pure -> Any;
    /// The entries of both dicts; the right one wins.
    "merge" | "update" = merge 2..=2, Pure -> Dict;
    /// A dict from the printed values to their keys.
    "invert" = invert 1..=1, Pure -> Dict;
}

/// The sorted entries of a dict, each turned into a value; nothing for other values.
fn listed(cx: &mut Ctx, value: &Value, part: impl Fn(&Entry) -> Value) -> Result {
    room::check(cx, value.as_object().map_or(0, Dict::len), room::PAIR)?;
    let entries = value.as_object::<Dict>().map(Dict::sorted);
    let entries = entries.unwrap_or_default();
    Ok(array(entries.into_iter().map(part).collect()))
}

fn keys(cx: &mut Ctx, args: &mut [Value]) -> Result {
    listed(cx, &args[0], |entry| entry.key.to_value())
}

fn values(cx: &mut Ctx, args: &mut [Value]) -> Result {
    listed(cx, &args[0], |entry| entry.value.clone())
}

fn items(cx: &mut Ctx, args: &mut [Value]) -> Result {
    listed(cx, &args[0], |entry| {
        pair(entry.key.to_value(), entry.value.clone())
    })
}

fn has_key(_cx: &mut Ctx, args: &mut [Value]) -> Result {
    Ok(Value::int(entry(&args[0], &args[1]).is_some() as i64))
}

fn get(_cx: &mut Ctx, args: &mut [Value]) -> Result {
    if let Some(value) = entry(&args[0], &args[1]) {
        return Ok(value.clone());
    }
    Ok(args.get_mut(2).map(Value::take).unwrap_or_default())
}

fn merge(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let [left, right] = args else {
        return Ok(Value::NULL);
    };
    let (Some(left), Some(right)) = (left.as_ref_mut::<Dict>(), right.as_object::<Dict>()) else {
        return Err(requires(cx, "merge", "two dictionary arguments"));
    };
    if !right.is_empty() {
        room::check(cx, (left.len() + right.len()) * 2, room::DICT_ENTRY)?;
        let merged = left.make_mut();
        for entry in right.iter() {
            merged.insert(entry.key.clone(), entry.value.clone());
        }
    }
    Ok(args[0].take())
}

fn invert(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some(dict) = args[0].as_object::<Dict>() else {
        return Err(requires(cx, "invert", "a dictionary argument"));
    };
    room::check(cx, dict.len() * 2, room::DICT_ENTRY)?;
    let mut inverted = Dict::with_capacity(dict.len());
    let mut printed = String::new();
    for entry in dict.iter() {
        printed.clear();
        room::told(cx, text::write(&entry.value, &mut printed))?;
        inverted.insert(Key::from_text(&printed), entry.key.to_value());
    }
    Ok(Value::from(Ref::new(inverted)))
}
