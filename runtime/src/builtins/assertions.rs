//! Assertions (language.md §19.11). Values in their messages have the short debug form.

use super::args::requires;
use super::sequences;
use crate::ctx::Ctx;
use crate::error::{Result, Thrown};
use crate::object::{Array, equal};
use crate::ops::text::{self, short_debug};
use crate::ops::{room, truthy};
use crate::value::{Tag, Value};
use alloc::string::String;

builtins! {
    /// Raises the message unless the condition is truthy.
    "assert" = assert 1..=2, Pure -> Bool;
    /// Raises unless both values are equal.
    "assert_equal" = assert_equal 2..=2, Pure -> Bool;
    /// Raises unless the value is true.
    "assert_true" = assert_true 1..=1, Pure -> Bool;
    /// Raises unless the value is false.
    "assert_false" = assert_false 1..=1, Pure -> Bool;
    /// Raises unless the array, string or dict contains the item.
    "assert_contains" = assert_contains 2..=2, Pure -> Bool;
}

fn assert(cx: &mut Ctx, args: &mut [Value]) -> Result {
    if truthy(&args[0]) {
        return Ok(Value::bool(true));
    }
    let mut message = String::new();
    match args.get(1) {
        Some(value) => room::told(cx, text::write(value, &mut message))?,
        None => message.push_str("Assertion failed"),
    }
    Err(cx.raise(message))
}

fn assert_equal(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (actual, expected) = (&args[0], &args[1]);
    if equal::same(actual, expected) {
        return Ok(Value::bool(true));
    }
    let (actual, expected) = (short_debug(actual), short_debug(expected));
    Err(cx.raise(format_args!(
        "Assertion failed: expected {expected}, got {actual}"
    )))
}

fn expect_bool(cx: &mut Ctx, value: &Value, name: &str, expected: bool) -> Result {
    match value.as_bool() {
        Some(actual) if actual == expected => Ok(Value::bool(true)),
        Some(actual) => Err(cx.raise(format_args!(
            "Assertion failed: expected {expected}, got {actual}"
        ))),
        None => Err(cx.raise(format_args!("{name} requires a boolean argument"))),
    }
}

fn assert_true(cx: &mut Ctx, args: &mut [Value]) -> Result {
    expect_bool(cx, &args[0], "assert_true", true)
}

fn assert_false(cx: &mut Ctx, args: &mut [Value]) -> Result {
    expect_bool(cx, &args[0], "assert_false", false)
}

fn assert_contains(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (collection, item) = (&args[0], &args[1]);
    let found = match (collection.tag(), collection.as_text(), item.as_text()) {
        (Tag::Str, Some(text), Some(part)) => text.contains(part),
        (Tag::Str, ..) => false,
        (Tag::Dict, ..) => sequences::entry(collection, item).is_some(),
        _ => match collection.as_object::<Array>() {
            Some(array) => sequences::position(array, item).is_some(),
            None => return Err(not_a_collection(cx)),
        },
    };
    if found {
        return Ok(Value::bool(true));
    }
    let (collection, item) = (short_debug(collection), short_debug(item));
    Err(cx.raise(format_args!(
        "Assertion failed: {collection} does not contain {item}"
    )))
}

#[cold]
fn not_a_collection(cx: &mut Ctx) -> Thrown {
    requires(cx, "assert_contains", "an array, string, or dictionary")
}
