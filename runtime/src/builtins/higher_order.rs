//! Builtins that call a function for the elements of an array (language.md §19.4). They hold the array while they
//! run, so a callback that changes the variable works on a copy.

use crate::ctx::Ctx;
use crate::error::Result;
use crate::heap::Ref;
use crate::object::Array;
use crate::ops::{call, is_callable, room, truthy};
use crate::value::Value;

builtins! {
    /// The results of a function for each element.
    "map" = map 2..=2, Calls -> Array;
    /// The elements for which a function gives something truthy.
    "filter" = filter 2..=2, Calls -> Array;
    /// Folds the elements into one value: f(accumulator, element), from an initial value.
    "reduce" = reduce 3..=3, Calls -> Any;
    /// The first element for which a function gives something truthy, or 0.
    "find" = find 2..=2, Calls -> Any;
    /// True if a function gives something truthy for some element.
    "any" = any 2..=2, Calls -> Bool;
    /// True if a function gives something truthy for every element.
    "all" = all 2..=2, Calls -> Bool;
}

/// The array and the function among the arguments, held.
fn array_and_function(cx: &mut Ctx, args: &[Value], name: &str) -> Result<(Ref<Array>, Value)> {
    match args[0].clone().into_object::<Array>() {
        Ok(array) if is_callable(&args[1]) => Ok((array, args[1].clone())),
        _ => Err(cx.raise(format_args!("{name} expects an array and a function"))),
    }
}

fn map(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (array, f) = array_and_function(cx, args, "map")?;
    // Room for ints first, and for other values beside them while they are converted.
    room::check(cx, array.len(), size_of::<i64>() + size_of::<Value>())?;
    let mut mapped = Array::with_capacity(array.len());
    for value in array.iter() {
        mapped.push(call(cx, &f, &mut [value])?);
    }
    Ok(Value::from(Ref::new(mapped)))
}

fn filter(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (array, f) = array_and_function(cx, args, "filter")?;
    let mut kept = Array::default();
    for value in array.iter() {
        if truthy(&call(cx, &f, &mut [value.clone()])?) {
            if kept.is_full() {
                room::check(cx, kept.len() * 2, size_of::<Value>())?;
            }
            kept.push(value);
        }
    }
    Ok(Value::from(Ref::new(kept)))
}

fn reduce(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (Ok(array), true) = (args[0].clone().into_object::<Array>(), is_callable(&args[2])) else {
        return Err(cx.raise("reduce expects an array, an initial value, and a function"));
    };
    let f = args[2].clone();
    let mut accumulator = args[1].take();
    for value in array.iter() {
        accumulator = call(cx, &f, &mut [accumulator, value])?;
    }
    Ok(accumulator)
}

/// The first element for which the function's answer is `wanted`.
fn first(cx: &mut Ctx, args: &[Value], name: &str, wanted: bool) -> Result<Option<Value>> {
    let (array, f) = array_and_function(cx, args, name)?;
    for value in array.iter() {
        if truthy(&call(cx, &f, &mut [value.clone()])?) == wanted {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

fn find(cx: &mut Ctx, args: &mut [Value]) -> Result {
    Ok(first(cx, args, "find", true)?.unwrap_or(Value::int(0)))
}

fn any(cx: &mut Ctx, args: &mut [Value]) -> Result {
    Ok(Value::bool(first(cx, args, "any", true)?.is_some()))
}

fn all(cx: &mut Ctx, args: &mut [Value]) -> Result {
    Ok(Value::bool(first(cx, args, "all", false)?.is_none()))
}
