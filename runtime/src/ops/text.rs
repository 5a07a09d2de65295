//! Values as text (language.md §10), and the names of types.
//!
//! Nothing here recurses: what is still to be written waits in a list of open containers.

use crate::heap::Ref;
use crate::object::{
    Array, Bound, Bytes, Dict, Func, Key, Module, Queue, Record, Set, Stack, Str, Variant,
};
use crate::ops::room::{self, NoRoom};
use crate::value::{Tag, Value};
use alloc::string::String;
use alloc::vec::{self, Vec};
use core::fmt::Write;

/// The result of writing: where there is no room for all of the text, some of it has been written.
pub type Written = Result<(), NoRoom>;

/// Appends the value as `print` shows it.
#[inline]
pub fn write(value: &Value, out: &mut String) -> Written {
    match value.as_text() {
        Some(text) => {
            room::in_text(out, text.len())?;
            out.push_str(text);
            Ok(())
        }
        None => write_other(value, out),
    }
}

/// Numbers and their like need no list of what is open.
#[inline(never)]
fn write_other(value: &Value, out: &mut String) -> Written {
    if write_leaf(value, out, Style::Print)? {
        return Ok(());
    }
    write_all(value, out, Style::Print)
}

/// The value as `print` shows it, as a string value: the value itself if it is a string.
#[inline]
pub fn to_string(value: &Value) -> Result<Value, NoRoom> {
    if value.tag() == Tag::Str {
        return Ok(value.clone());
    }
    let mut out = String::new();
    write(value, &mut out)?;
    Ok(Value::from(Ref::new(Str::from(out))))
}

/// The value as `print` shows it, as far as there is room: for parts of messages.
pub fn to_text(value: &Value) -> String {
    let mut out = String::new();
    let _ = write(value, &mut out);
    out
}

/// Appends the value as `debug` shows it.
pub fn write_debug(value: &Value, out: &mut String) -> Written {
    write_all(value, out, Style::Debug)
}

/// The two ways to show nested values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Print,
    Debug,
}

/// What stands before a part.
enum Label {
    Nothing,
    /// A dict key: quoted when printed.
    Key(Key),
    /// A field name.
    Field(Ref<Str>),
}

/// A container whose opening text is written.
struct Open {
    parts: Parts,
    first: bool,
    close: &'static str,
}

enum Parts {
    /// An array is not copied.
    Array(Ref<Array>, usize),
    List(vec::IntoIter<(Label, Value)>),
}

impl Iterator for Parts {
    type Item = (Label, Value);
    fn next(&mut self) -> Option<(Label, Value)> {
        match self {
            Parts::Array(array, at) => {
                *at += 1;
                Some((Label::Nothing, array.get(*at - 1)?))
            }
            Parts::List(list) => list.next(),
        }
    }
}

fn write_all(value: &Value, out: &mut String, style: Style) -> Written {
    let mut open: Vec<Open> = Vec::new();
    if !write_leaf(value, out, style)? {
        open.push(self::open(value, out, style).ok_or(NoRoom)?);
    }
    while let Some(innermost) = open.last_mut() {
        let Some((label, value)) = innermost.parts.next() else {
            out.push_str(innermost.close);
            open.pop();
            continue;
        };
        if !core::mem::replace(&mut innermost.first, false) {
            out.push_str(", ");
        }
        match label {
            Label::Nothing => {}
            Label::Field(name) => {
                out.push_str(name.as_str());
                out.push_str(": ");
            }
            Label::Key(key) => {
                if let Key::Str(key) = &key {
                    room::in_text(out, key.as_str().len() + room::WORD)?;
                }
                let quote = if style == Style::Print { "\"" } else { "" };
                out.push_str(quote);
                key.write(out);
                out.push_str(quote);
                out.push_str(": ");
            }
        }
        if write_leaf(&value, out, style)? {
            continue;
        }
        if open.len() == open.capacity() {
            room::for_list(open.len(), 2 * size_of::<Open>())?;
        }
        open.push(self::open(&value, out, style).ok_or(NoRoom)?);
    }
    Ok(())
}

/// Writes what has no parts; false if it has parts. Leaves room for what stands between values.
fn write_leaf(value: &Value, out: &mut String, style: Style) -> Result<bool, NoRoom> {
    room::in_text(out, value.as_text().map_or(0, str::len) + room::WORD)?;
    Ok(match style {
        Style::Print => write_plain(value, out),
        Style::Debug => write_debug_leaf(value, out),
    })
}

/// Writes what has no parts in print form; false if it has parts.
fn write_plain(value: &Value, out: &mut String) -> bool {
    // Writing to a `String` cannot fail.
    let _ = match value.tag() {
        Tag::Null | Tag::Uninit | Tag::Error => out.write_str("null"),
        Tag::Bool => write!(out, "{}", value.as_bool().unwrap_or_default()),
        Tag::Int => write!(out, "{}", value.as_int().unwrap_or_default()),
        Tag::Float => write!(out, "{}", value.as_float().unwrap_or_default()),
        Tag::Str => out.write_str(value.as_text().unwrap_or_default()),
        Tag::Builtin => {
            let name = value.as_builtin().map_or("", |f| f.name);
            write!(out, "<native function: {name}>")
        }
        Tag::Bytes => {
            let len = value.as_object::<Bytes>().map_or(0, |b| b.0.len());
            write!(out, "<bytes: {len}>")
        }
        Tag::Func | Tag::Bound => {
            let name = function_name(value);
            let named = !name.is_empty() && name != "<lambda>";
            if named {
                write!(out, "<function {name}>")
            } else {
                out.write_str("<function>")
            }
        }
        Tag::Module => {
            let module = value.as_object::<Module>();
            write!(out, "<module {}>", module.map_or("", |m| m.name.as_str()))
        }
        Tag::Cell | Tag::StructDef => out.write_str("<internal>"),
        Tag::Struct if handle_name(value).is_some() => {
            write!(out, "<{}>", handle_name(value).unwrap_or_default())
        }
        _ => return false,
    };
    true
}

/// Writes what has no parts in debug form; false if it has parts.
fn write_debug_leaf(value: &Value, out: &mut String) -> bool {
    let (before, after) = match value.tag() {
        Tag::Null | Tag::Uninit | Tag::Error => ("Null", ""),
        Tag::Bool => ("Bool(", ")"),
        Tag::Int => ("Int(", ")"),
        Tag::Float => ("Float(", ")"),
        Tag::Str => ("String(", ")"),
        Tag::Builtin => ("NativeFunction(", ")"),
        Tag::Func | Tag::Bound => ("Function", ""),
        Tag::Struct => ("Struct(", ")"),
        _ => return write_plain(value, out),
    };
    out.push_str(before);
    match value.tag() {
        Tag::Str => {
            out.push('"');
            out.push_str(value.as_text().unwrap_or_default());
            out.push('"');
        }
        Tag::Builtin => out.push_str(value.as_builtin().map_or("", |f| f.name)),
        Tag::Struct => out.push_str(value.as_object::<Record>().map_or("", |r| r.name())),
        Tag::Bool | Tag::Int | Tag::Float => drop(write_plain(value, out)),
        _ => {}
    }
    out.push_str(after);
    true
}

/// Opens a value with parts: writes what stands before them. Nothing if there is no room to list the parts.
fn open(value: &Value, out: &mut String, style: Style) -> Option<Open> {
    let unlabelled = |values: &mut dyn Iterator<Item = Value>| {
        room::for_list(values.size_hint().0, PART).ok()?;
        let labelled = values.map(|v| (Label::Nothing, v));
        Some(Parts::List(labelled.collect::<Vec<_>>().into_iter()))
    };
    let debug = style == Style::Debug;
    let (before, parts, close) = match value.tag() {
        Tag::Array => {
            let array = value.clone().into_object::<Array>().ok()?;
            let before = if debug { "Array[" } else { "[" };
            (before, Parts::Array(array, 0), "]")
        }
        Tag::Dict => {
            let dict = value.as_object::<Dict>()?;
            let before = if debug { "Dict{" } else { "{" };
            (before, entries(dict)?, "}")
        }
        Tag::Struct => {
            let record = value.as_object::<Record>()?;
            out.push_str(record.name());
            (" { ", fields(record), " }")
        }
        Tag::Set => {
            let set = value.as_object::<Set>()?;
            ("Set{", unlabelled(&mut set.iter().cloned())?, "}")
        }
        Tag::Queue => {
            let queue = value.as_object::<Queue>()?;
            ("Queue[", unlabelled(&mut queue.0.iter().cloned())?, "]")
        }
        Tag::Stack => {
            let stack = value.as_object::<Stack>()?;
            ("Stack[", unlabelled(&mut stack.0.iter().cloned())?, "]")
        }
        _ => {
            let variant = value.as_object::<Variant>()?;
            if !(variant.tag.is_result() || variant.tag.is_option()) {
                out.push_str(variant.tag.enumeration);
                out.push_str("::");
            }
            out.push_str(variant.tag.variant);
            let payload = variant.payload();
            let brackets = if payload.is_empty() {
                ("", "")
            } else {
                ("(", ")")
            };
            (
                brackets.0,
                unlabelled(&mut payload.iter().cloned())?,
                brackets.1,
            )
        }
    };
    out.push_str(before);
    Some(Open {
        parts,
        first: true,
        close,
    })
}

/// Bytes for a part in a list.
const PART: usize = size_of::<(Label, Value)>();

fn entries(dict: &Dict) -> Option<Parts> {
    room::for_list(dict.len(), PART + room::SORTED).ok()?;
    let entries = dict.sorted().into_iter();
    let labelled = entries.map(|e| (Label::Key(e.key.clone()), e.value.clone()));
    Some(Parts::List(labelled.collect::<Vec<_>>().into_iter()))
}

fn fields(record: &Record) -> Parts {
    let fields = record.sorted().into_iter();
    let labelled = fields.map(|(name, value)| (Label::Field(name.clone()), value.clone()));
    Parts::List(labelled.collect::<Vec<_>>().into_iter())
}

/// The name of a user function or bound method, as in messages.
pub fn function_name(value: &Value) -> &str {
    if let Some(bound) = value.as_object::<Bound>() {
        return function_name(&bound.method);
    }
    value
        .as_object::<Func>()
        .map_or("", |func| func.info().name.as_str())
}

fn handle_name(value: &Value) -> Option<&'static str> {
    let record = value.as_object::<Record>()?;
    Some(record.extra()?.handle?.type_name)
}

/// The name that `type` gives.
pub fn type_name(value: &Value) -> &'static str {
    match value.tag() {
        Tag::Null | Tag::Uninit | Tag::Error => "null",
        Tag::Bool => "bool",
        Tag::Int => "int",
        Tag::Float => "float",
        Tag::Str => "string",
        Tag::Bytes => "bytes",
        Tag::Array => "array",
        Tag::Dict => "dict",
        Tag::Struct => handle_name(value).unwrap_or("struct"),
        Tag::Set => "set",
        Tag::Queue => "queue",
        Tag::Stack => "stack",
        Tag::Variant => match value.as_object::<Variant>() {
            Some(variant) if variant.tag.is_result() => "result",
            Some(variant) if variant.tag.is_option() => "option",
            _ => "tagged",
        },
        Tag::Builtin | Tag::Func | Tag::Bound => "function",
        Tag::Module => "module",
        Tag::Cell | Tag::StructDef => "value",
    }
}

/// The short debug form of assertion messages, as far as there is room.
pub fn short_debug(value: &Value) -> String {
    let mut out = String::new();
    let mut inner = value.clone();
    let mut closing = 0;
    // Only `Ok`, `Err` and `Some` nest.
    while let Some(variant) = inner.as_object::<Variant>()
        && let [payload] = variant.payload()
        && (variant.tag.is_result() || variant.tag.is_option())
    {
        out.push_str(variant.tag.variant);
        out.push('(');
        closing += 1;
        let payload = payload.clone();
        inner = payload;
    }
    short_leaf(&inner, &mut out);
    (0..closing).for_each(|_| out.push(')'));
    out
}

fn short_leaf(value: &Value, out: &mut String) {
    let text = value.as_text().unwrap_or_default();
    if room::in_text(out, text.len() + room::WORD).is_err() {
        return;
    }
    // Writing to a `String` cannot fail.
    let _ = match value.tag() {
        Tag::Str => write!(out, "Str(\"{text}\")"),
        Tag::Array => {
            let len = value.as_object::<Array>().map_or(0, Array::len);
            write!(out, "Array[{len}]")
        }
        Tag::Dict => {
            let len = value.as_object::<Dict>().map_or(0, Dict::len);
            write!(out, "Dict{{{len} keys}}")
        }
        Tag::Builtin => out.write_str("Function"),
        Tag::Null | Tag::Bool | Tag::Int | Tag::Float | Tag::Struct | Tag::Func | Tag::Bound => {
            write_debug_leaf(value, out);
            Ok(())
        }
        _ => {
            let _ = write(value, out);
            Ok(())
        }
    };
}
