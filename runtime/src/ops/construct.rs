//! Constructors: arrays, dicts, structs, tagged values, closures, strings.

use crate::ctx::Ctx;
use crate::error::Result;
use crate::heap::Ref;
use crate::image::FuncId;
use crate::object::{
    Array, Dict, ERR, Func, Key, OK, Record, SOME, Str, StructDef, TagName, Variant,
};
use crate::ops::{room, text};
use crate::value::Value;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;

/// An array of the window.
pub fn make_array(_cx: &mut Ctx, window: &mut [Value]) -> Value {
    let array: Array = window.iter_mut().map(Value::take).collect();
    Value::from(Ref::new(array))
}

/// A dict of the window: key, value, key, value…
pub fn make_dict(cx: &mut Ctx, window: &mut [Value]) -> Result {
    let mut dict = Dict::with_capacity(window.len() / 2);
    for pair in window.chunks_exact_mut(2) {
        let key = literal_key(cx, &pair[0])?;
        let _old = dict.insert(key, pair[1].take());
    }
    Ok(Value::from(Ref::new(dict)))
}

fn literal_key(cx: &mut Ctx, key: &Value) -> Result<Key> {
    match Key::from_value(key) {
        Some(key) => Ok(key),
        None => Err(cx.raise("Dict keys must be strings")),
    }
}

/// Appends to the array under construction.
pub fn array_push(_cx: &mut Ctx, array: &mut Value, value: Value) {
    if let Some(array) = array.as_ref_mut::<Array>() {
        array.make_mut().push(value);
    }
}

/// Appends the elements of `from` to the array under construction.
pub fn array_spread(cx: &mut Ctx, array: &mut Value, from: &Value) -> Result<()> {
    match (array.as_ref_mut::<Array>(), from.as_object::<Array>()) {
        (Some(array), Some(from)) => {
            let size = array.element_size().max(from.element_size());
            room::check(cx, (array.len() * 2).max(array.len() + from.len()), size)?;
            array.make_mut().extend(from);
        }
        _ => return Err(cx.raise("Can only spread arrays")),
    }
    Ok(())
}

/// Sets an entry of the dict under construction.
pub fn dict_set(cx: &mut Ctx, dict: &mut Value, key: &Value, value: Value) -> Result<()> {
    let key = literal_key(cx, key)?;
    if let Some(dict) = dict.as_ref_mut::<Dict>() {
        room::to_add(cx, dict)?;
        let _old = dict.make_mut().insert(key, value);
    }
    Ok(())
}

/// Sets all entries of `from` in the dict under construction.
pub fn dict_spread(cx: &mut Ctx, dict: &mut Value, from: &Value) -> Result<()> {
    match (dict.as_ref_mut::<Dict>(), from.as_object::<Dict>()) {
        (Some(dict), Some(from)) => {
            room::check(cx, (dict.len() + from.len()) * 2, room::DICT_ENTRY)?;
            let dict = dict.make_mut();
            for entry in from.iter() {
                let _old = dict.insert(entry.key.clone(), entry.value.clone());
            }
            Ok(())
        }
        _ => Err(cx.raise("Can only spread dicts")),
    }
}

/// A struct of literal number `literal` with its fields from the window, in the order of the literal. One value more is
/// the literal's [`StructDef`].
pub fn make_struct(cx: &mut Ctx, literal: u16, window: &mut [Value]) -> Value {
    let literal = &cx.tables.literals[literal as usize];
    let (fields, rest) = window.split_at_mut(literal.listed);
    let mut record = if literal.places.is_empty() {
        Record::build(literal.shape, fields.iter_mut().map(Value::take))
    } else {
        let mut values = vec![Value::NULL; literal.shape.fields.len()];
        for (field, &place) in fields.iter_mut().zip(&literal.places) {
            values[place] = field.take();
        }
        Record::new(literal.shape, values)
    };
    if let [methods] = rest {
        record.make_mut().extra_mut().methods = methods.take();
    }
    Value::from(record)
}

/// The methods of a struct definition as closures, in the order of the definition, from the window.
pub fn make_struct_def(_cx: &mut Ctx, window: &mut [Value]) -> Value {
    let methods = window.iter_mut().map(Value::take).collect();
    Value::from(Ref::new(StructDef { methods }))
}

/// A tagged value with the window as payload.
pub fn make_tagged(cx: &mut Ctx, tag: u16, window: &mut [Value]) -> Value {
    variant(cx, cx.tag(tag), window)
}

fn variant(cx: &Ctx, tag: &'static TagName, window: &mut [Value]) -> Value {
    let none = &cx.tables.none;
    if window.is_empty()
        && let Some(none) = none.as_object::<Variant>().filter(|none| none.tag.is(tag))
    {
        debug_assert!(none.payload().is_empty());
        return cx.tables.none.clone();
    }
    Value::from(Ref::new(Variant::new(tag, window)))
}

/// `Ok(value)`
pub fn make_ok(_cx: &mut Ctx, value: Value) -> Value {
    Value::from(Ref::new(Variant::one(&OK, value)))
}

/// `Err(value)`
pub fn make_err(_cx: &mut Ctx, value: Value) -> Value {
    Value::from(Ref::new(Variant::one(&ERR, value)))
}

/// `Some(value)`
pub fn make_some(_cx: &mut Ctx, value: Value) -> Value {
    Value::from(Ref::new(Variant::one(&SOME, value)))
}

/// `None`
pub fn make_none(cx: &mut Ctx) -> Value {
    cx.tables.none.clone()
}

/// A function object of `func` that captures the window.
pub fn make_closure(cx: &mut Ctx, func: FuncId, window: &mut [Value]) -> Value {
    let captures: Box<[Value]> = window.iter_mut().map(Value::take).collect();
    let info = &raw const cx.func_table[func as usize];
    Value::from(Ref::new(Func::new(info, captures)))
}

fn write_each(values: &[Value], out: &mut String) -> text::Written {
    values.iter().try_for_each(|value| text::write(value, out))
}

/// The texts of the window, joined: string interpolation.
pub fn concat(cx: &mut Ctx, window: &mut [Value]) -> Result {
    let Some((first, rest)) = window.split_first_mut() else {
        return Ok(Value::str(""));
    };
    // What grows doubles; other values than strings are written at least.
    let known = |v: &Value| v.as_text().map_or(8, str::len);
    let size = known(first) + rest.iter().map(known).sum::<usize>();
    room::check(cx, size, 2)?;
    // The first piece grows in place if it is a string that nobody else holds.
    if let Some(own) = first.as_ref_mut::<Str>().and_then(|s| s.in_place()) {
        let mut more = String::new();
        room::told(cx, write_each(rest, &mut more))?;
        // Other values than strings may have become longer than they seemed.
        let own_size = own.as_str().len();
        if own_size + more.len() > 2 * size {
            room::check(cx, own_size + more.len(), 2)?;
        }
        own.append(&more);
        return Ok(first.take());
    }
    let mut joined = String::with_capacity(size);
    let written = text::write(first, &mut joined).and_then(|()| write_each(rest, &mut joined));
    room::told(cx, written)?;
    Ok(Value::from(Ref::new(Str::from(joined))))
}
