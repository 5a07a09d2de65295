//! Values as text (language.md §10).

use crate::value::{Tag, Value};
use alloc::string::String;
use core::fmt::Write;

/// Appends the value as `print` shows it.
pub fn write(value: &Value, out: &mut String) {
    // Writing to a `String` cannot fail.
    let _ = match value.tag() {
        Tag::Int => write!(out, "{}", value.as_int().unwrap_or_default()),
        Tag::Float => write!(out, "{}", value.as_float().unwrap_or_default()),
        Tag::Str => out.write_str(value.as_text().unwrap_or_default()),
        _ => write!(out, "{value:?}"),
    };
}

/// The name that `type` gives.
pub fn type_name(value: &Value) -> &'static str {
    match value.tag() {
        Tag::Int => "int",
        _ => "value",
    }
}
