//! Writing to places: `root.f[i] := v` and the compound forms (language.md §6.2, §6.3).
//!
//! The walk to the place makes each level unique as it goes, so that it changes values in place if nobody else holds
//! them and copies one level at a time if somebody does. A place keeps its old value if anything raises.

use crate::builtins::Builtin;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::image::{NameId, Step};
use crate::object::{Array, Dict, Key, Record, Str};
use crate::ops::arith::append;
use crate::ops::field::no_field_place;
use crate::ops::index::{WRITING, missing_key, position};
use crate::ops::{add, room, set_field, set_index};
use crate::value::{Tag, Value};

/// Stores `window[0]` at the place of `root`; the indices of its steps follow.
pub fn store_place(cx: &mut Ctx, root: &mut Value, place: u16, window: &mut [Value]) -> Result<()> {
    let value = window[0].take();
    store(cx, root, place, &window[1..], value)
}

/// `root.place += window[0]`; `window[1]` is what has just been read from the place, then come its indices.
pub fn add_place(cx: &mut Ctx, root: &mut Value, place: u16, window: &mut [Value]) -> Result<()> {
    let (operands, indices) = window.split_at_mut(2);
    let [more, old] = operands else {
        return Ok(());
    };
    if more.tag() == Tag::Str
        && old.tag() == Tag::Str
        && let Some(slot) = find_slot(cx, root, place, indices)
        && slot.is_identical(old)
    {
        drop(old.take());
        if let (Some(text), Some(more)) = (slot.as_ref_mut::<Str>(), more.as_text()) {
            append(cx, text, more)?;
        }
        return Ok(());
    }
    let sum = add(cx, old.take(), more)?;
    store(cx, root, place, indices, sum)
}

/// Added to the `count` of [`update_place`]: the place gets the first part of what the builtin gives, a pair.
pub const FIRST_PART: usize = 0x80;

/// `root.place = builtin(root.place, …)`; `window[0]` is what has just been read from the place, then come the other of
/// the `count` arguments, then the indices of the place.
pub fn update_place(
    cx: &mut Ctx,
    root: &mut Value,
    place: u16,
    window: &mut [Value],
    builtin: &'static Builtin,
    count: usize,
) -> Result<()> {
    let part = count & FIRST_PART != 0;
    let (args, indices) = window.split_at_mut(count & !FIRST_PART);
    let wanted = |value| if part { first_part(value) } else { value };
    // Numbers are not worth the walk, which would box the elements of an array of numbers.
    if args[0].is_heap()
        && let Some(slot) = find_slot(cx, root, place, indices)
        && slot.is_identical(&args[0])
    {
        // Dropped while the place still holds it: then the argument is the only reference.
        drop(args[0].take());
        args[0] = slot.take();
        return match builtin.call(cx, args) {
            Ok(value) => {
                *slot = wanted(value);
                Ok(())
            }
            // A builtin takes its arguments only after its checks, so this is the old value.
            Err(thrown) => {
                *slot = args[0].take();
                Err(thrown)
            }
        };
    }
    let value = wanted(builtin.call(cx, args)?);
    store(cx, root, place, indices, value)
}

/// The first value of a pair that nobody else holds.
fn first_part(mut pair: Value) -> Value {
    let array = pair.as_ref_mut::<Array>();
    let slot = array.and_then(|array| array.make_mut().slot(0));
    slot.map(Value::take).unwrap_or_default()
}

fn step_of(cx: &Ctx, place: u16, number: usize) -> Option<Step> {
    cx.image.places[place as usize].get(number).copied()
}

/// Stores at the place, creating its last dict entry or struct field if necessary.
fn store(
    cx: &mut Ctx,
    root: &mut Value,
    place: u16,
    indices: &[Value],
    value: Value,
) -> Result<()> {
    let mut indices = indices.iter();
    let mut at = root;
    let mut number = 0;
    while let Some(step) = step_of(cx, place, number) {
        number += 1;
        let index = match step {
            Step::Index => indices.next(),
            Step::Field(_) => None,
        };
        if step_of(cx, place, number).is_none() {
            return match (step, index) {
                (Step::Field(name), _) => set_field(cx, at, name, value),
                (Step::Index, Some(index)) => set_index(cx, at, index, value),
                (Step::Index, None) => Err(cx.raise(WRITING)),
            };
        }
        at = match (step, index) {
            (Step::Field(name), _) => inner_field(cx, at, name)?,
            (Step::Index, Some(index)) => inner_index(cx, at, index)?,
            (Step::Index, None) => return Err(cx.raise(WRITING)),
        };
    }
    *at = value;
    Ok(())
}

/// The value at the place, if the place is there.
fn find_slot<'a>(
    cx: &mut Ctx,
    root: &'a mut Value,
    place: u16,
    indices: &[Value],
) -> Option<&'a mut Value> {
    let mut indices = indices.iter();
    let mut at = root;
    let mut number = 0;
    while let Some(step) = step_of(cx, place, number) {
        number += 1;
        let found = match step {
            Step::Field(name) => inner_field(cx, at, name),
            Step::Index => inner_index(cx, at, indices.next()?),
        };
        at = match found {
            Ok(slot) => slot,
            Err(_) => {
                cx.pending = None;
                return None;
            }
        };
    }
    Some(at)
}

fn inner_field<'a>(cx: &mut Ctx, at: &'a mut Value, name: NameId) -> Result<&'a mut Value> {
    let name = cx.name(name).clone();
    match at.tag() {
        Tag::Struct => {
            let record = at.as_ref_mut::<Record>();
            match record.and_then(|record| record.make_mut().slot(&name)) {
                Some(slot) => Ok(slot),
                None => Err(cx.raise(format_args!("Field not found: {}", name.as_str()))),
            }
        }
        Tag::Dict => {
            let dict = at.as_ref_mut::<Dict>();
            match dict.and_then(|dict| dict.make_mut().slot(&Key::Str(name.clone()))) {
                Some(slot) => Ok(slot),
                None => Err(missing_key(cx, &Value::from(name))),
            }
        }
        _ => Err(no_field_place(cx)),
    }
}

fn inner_index<'a>(cx: &mut Ctx, at: &'a mut Value, index: &Value) -> Result<&'a mut Value> {
    room::to_write(cx, at)?;
    match at.tag() {
        Tag::Array => {
            let len = at.as_object::<Array>().map_or(0, Array::len);
            let position = position(cx, index, len, WRITING)?;
            if let Some(array) = at.as_object() {
                // The place of an element is that of a boxed one.
                room::to_hold(cx, array, &Value::str(""))?;
            }
            let array = at.as_ref_mut::<Array>();
            match array.and_then(|array| array.make_mut().slot(position)) {
                Some(slot) => Ok(slot),
                None => Err(cx.raise(WRITING)),
            }
        }
        Tag::Dict => {
            let dict = at.as_ref_mut::<Dict>();
            match dict.and_then(|dict| dict.make_mut().slot_at(index)) {
                Some(Some(slot)) => Ok(slot),
                Some(None) => Err(missing_key(cx, index)),
                None => Err(cx.raise(WRITING)),
            }
        }
        _ => Err(cx.raise(WRITING)),
    }
}
