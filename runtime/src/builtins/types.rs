//! Builtins about types and conversions (language.md §19.1).

use super::MANY;
use super::args::string;
use crate::ctx::Ctx;
use crate::error::{Result, Thrown};
use crate::heap::Ref;
use crate::object::{Array, Bytes, Dict};
use crate::ops::{self, room, text};
use crate::value::{Tag, Value};
use alloc::string::String;
use alloc::vec::Vec;

builtins! {
    /// The name of the value's type.
    "type" | "type_of" = type_of 1..=1, Pure -> Str;
    /// True for an int.
    "is_int" = is_int 1..=1, Pure -> Bool;
    /// True for a float.
    "is_float" = is_float 1..=1, Pure -> Bool;
    /// True for a string.
    "is_string" = is_string 1..=1, Pure -> Bool;
    /// True for `true` and `false`.
    "is_bool" = is_bool 1..=1, Pure -> Bool;
    /// True for an array.
    "is_array" = is_array 1..=1, Pure -> Bool;
    /// True for a dict.
    "is_dict" = is_dict 1..=1, Pure -> Bool;
    /// True for `null`.
    "is_null" = is_null 1..=1, Pure -> Bool;
    /// True for anything of type `function`.
    "is_function" = is_function 1..=1, Pure -> Bool;
    /// The text that `print` shows.
    "to_string" | "str" = to_string 1..=1, Pure -> Str;
    /// Whether a condition takes the value for true.
    "is_truthy" = is_truthy 1..=1, Pure -> Bool;
    /// The value as an int.
    "to_int" = to_int 1..=1, Pure -> Int;
    /// The value as a float.
    "to_float" = to_float 1..=1, Pure -> Float;
    /// The value as a bool; "", "0" and "false" are false.
    "to_bool" = to_bool 1..=1, Pure -> Bool;
    /// The int that a string spells.
    "parse_int" = parse_int 1..=1, Pure -> Int;
    /// The float that a string spells.
    "parse_float" = parse_float 1..=1, Pure -> Float;
    /// A byte sequence of an array's ints.
    "bytes" = bytes 1..=1, Pure -> Bytes;
    /// An array of the arguments.
    "array" = array 0..=MANY, Pure -> Array;
    /// An empty dict.
    "dict" = dict 0..=0, Pure -> Dict;
    /// Raises an error, like `throw`.
    "error" = error 1..=1, Pure -> Any;
}

fn type_of(_cx: &mut Ctx, args: &mut [Value]) -> Result {
    Ok(Value::str(text::type_name(&args[0])))
}

/// Tests for one tag.
macro_rules! is_tag {
    ($($name:ident = $($tag:ident)|+;)*) => {$(
        fn $name(_cx: &mut Ctx, args: &mut [Value]) -> Result {
            Ok(Value::bool(matches!(args[0].tag(), $(Tag::$tag)|+)))
        }
    )*};
}

is_tag! {
    is_int = Int;
    is_float = Float;
    is_string = Str;
    is_bool = Bool;
    is_array = Array;
    is_dict = Dict;
    is_null = Null;
    is_function = Func | Bound | Builtin;
}

fn to_string(cx: &mut Ctx, args: &mut [Value]) -> Result {
    if args[0].tag() == Tag::Str {
        return Ok(args[0].take());
    }
    let mut result = String::new();
    room::told(cx, text::write(&args[0], &mut result))?;
    Ok(string(result))
}

fn is_truthy(_cx: &mut Ctx, args: &mut [Value]) -> Result {
    Ok(Value::bool(ops::truthy(&args[0])))
}

/// An int as programs write it in text: white space, a sign, decimal digits.
fn int_in(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

fn float_in(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

#[cold]
fn cannot_convert(cx: &mut Ctx, value: &Value, to: &str) -> Thrown {
    match value.as_text() {
        Some(text) => cx.raise(format_args!("Cannot convert '{text}' to {to}")),
        None => cx.raise(format_args!(
            "Cannot convert {} to {to}",
            text::type_name(value)
        )),
    }
}

fn to_int(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let value = &args[0];
    let int = match value.tag() {
        Tag::Int => value.as_int(),
        Tag::Float => value.as_float().map(|x| x as i64),
        Tag::Bool => value.as_bool().map(i64::from),
        Tag::Str => value.as_text().and_then(int_in),
        _ => None,
    };
    int.map(Value::int)
        .ok_or_else(|| cannot_convert(cx, value, "int"))
}

fn to_float(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let value = &args[0];
    let float = match value.tag() {
        Tag::Int | Tag::Float => value.as_number(),
        Tag::Bool => value.as_bool().map(f64::from),
        Tag::Str => value.as_text().and_then(float_in),
        _ => None,
    };
    float
        .map(Value::float)
        .ok_or_else(|| cannot_convert(cx, value, "float"))
}

fn to_bool(_cx: &mut Ctx, args: &mut [Value]) -> Result {
    Ok(Value::bool(match args[0].as_text() {
        Some(text) => !(text.is_empty() || text == "0" || text.eq_ignore_ascii_case("false")),
        None => ops::truthy(&args[0]),
    }))
}

fn parse_int(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some(text) = args[0].as_text() else {
        return Err(cx.raise("parse_int() requires a string argument"));
    };
    int_in(text)
        .map(Value::int)
        .ok_or_else(|| cx.raise(format_args!("Cannot parse '{text}' as integer")))
}

fn parse_float(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some(text) = args[0].as_text() else {
        return Err(cx.raise("parse_float() requires a string argument"));
    };
    float_in(text)
        .map(Value::float)
        .ok_or_else(|| cx.raise(format_args!("Cannot parse '{text}' as float")))
}

fn bytes(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some(array) = args[0].as_object::<Array>() else {
        return Err(cx.raise("bytes() requires an array of integers"));
    };
    let mut bytes = Vec::with_capacity(array.len());
    for value in array.iter() {
        let Some(n) = value.as_int() else {
            return Err(cx.raise("bytes() requires an array of integers"));
        };
        let Ok(byte) = u8::try_from(n) else {
            return Err(cx.raise(format_args!(
                "bytes() requires integers in range 0-255, got {n}"
            )));
        };
        bytes.push(byte);
    }
    Ok(Value::from(Ref::new(Bytes(bytes))))
}

fn array(_cx: &mut Ctx, args: &mut [Value]) -> Result {
    Ok(super::args::array(
        args.iter_mut().map(Value::take).collect(),
    ))
}

fn dict(_cx: &mut Ctx, _args: &mut [Value]) -> Result {
    Ok(Value::from(Ref::new(Dict::default())))
}

fn error(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let thrown = args[0].clone();
    Err(ops::throw(cx, thrown))
}
