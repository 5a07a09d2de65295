//! Comparison and truth (language.md §3, §7.2).

use crate::ctx::Ctx;
use crate::error::Result;
use crate::image::NameId;
use crate::object::{Array, Dict, Overload, equal::same as structurally_same, equal::same_float};
use crate::ops::{arith, call_overload, text};
use crate::value::{Tag, Value};
use alloc::string::String;

/// Whether a condition holds.
#[inline]
pub fn truthy(a: &Value) -> bool {
    match a.tag() {
        Tag::Bool => a.as_bool() == Some(true),
        Tag::Int => a.as_int() != Some(0),
        Tag::Null | Tag::Uninit => false,
        _ => truthy_other(a),
    }
}

#[inline(never)]
fn truthy_other(a: &Value) -> bool {
    match a.tag() {
        Tag::Float => a.as_float() != Some(0.0),
        Tag::Str => a.as_text() != Some(""),
        Tag::Array => a.as_object::<Array>().is_some_and(|a| !a.is_empty()),
        Tag::Dict => a.as_object::<Dict>().is_some_and(|d| !d.is_empty()),
        _ => true,
    }
}

/// `a == b`: the left struct's `op_eq`, else structural.
#[inline]
pub fn eq(cx: &mut Ctx, a: &Value, b: &Value) -> Result {
    if let (Some(a), Some(b)) = (a.as_int(), b.as_int()) {
        return Ok(Value::bool(a == b));
    }
    if a.tag() == Tag::Struct
        && let Some(result) = call_overload(cx, Overload::Eq, a, Some(b))
    {
        return result;
    }
    Ok(Value::bool(structurally_same(a, b)))
}

/// `a != b`: the left struct's `op_ne`, else the opposite of `==`.
#[inline]
pub fn ne(cx: &mut Ctx, a: &Value, b: &Value) -> Result {
    if let (Some(a), Some(b)) = (a.as_int(), b.as_int()) {
        return Ok(Value::bool(a != b));
    }
    if a.tag() == Tag::Struct {
        if let Some(result) = call_overload(cx, Overload::Ne, a, Some(b)) {
            return result;
        }
        if let Some(result) = call_overload(cx, Overload::Eq, a, Some(b)) {
            return result.map(|equal| Value::bool(!truthy(&equal)));
        }
    }
    Ok(Value::bool(!structurally_same(a, b)))
}

macro_rules! ordering {
    ($(#[$doc:meta])* $name:ident $op:tt $overload:ident) => {
        $(#[$doc])*
        #[inline]
        pub fn $name(cx: &mut Ctx, a: &Value, b: &Value) -> Result {
            if let (Some(a), Some(b)) = (a.as_int(), b.as_int()) {
                return Ok(Value::bool(a $op b));
            }
            if let (Some(a), Some(b)) = (a.as_number(), b.as_number()) {
                return Ok(Value::bool(a $op b));
            }
            if let (Some(a), Some(b)) = (a.as_text(), b.as_text()) {
                return Ok(Value::bool(a $op b));
            }
            arith::overloaded(cx, Overload::$overload, a, stringify!($op), b)
        }
    };
}

ordering! {
    /// `a < b`
    lt < Lt
}
ordering! {
    /// `a <= b`
    le <= Le
}
ordering! {
    /// `a > b`
    gt > Gt
}
ordering! {
    /// `a >= b`
    ge >= Ge
}

/// Equality of two floats, for compiled code.
pub fn same_floats(a: f64, b: f64) -> bool {
    same_float(a, b)
}

/// Whether `a` is a string equal to the name, or a float that prints so: a bare identifier as a pattern.
pub fn matches_name(cx: &mut Ctx, a: &Value, name: NameId) -> bool {
    let name = cx.name(name);
    match a.tag() {
        Tag::Str => a.as_text() == Some(name.as_str()),
        Tag::Float => {
            let mut printed = String::new();
            // A number is short.
            let _ = text::write(a, &mut printed);
            printed == name.as_str()
        }
        _ => false,
    }
}
