//! Raising and catching (language.md §14.1), and the postfix `?`.

use crate::ctx::{Ctx, FrameRecord, FuncInfo};
use crate::error::{Pending, Pos, Result, Thrown};
use crate::fault;
use crate::heap::Ref;
use crate::object::{Array, Dict, ERR, NONE, OK, Record, SOME, Shape, Variant};
use crate::ops::{room, text};
use crate::value::{Tag, Value};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// The fields of `Error` in the order of their values.
const FIELDS: [&str; 4] = ["message", "stack", "line", "cause"];

/// Raises `value`.
#[cold]
#[inline(never)]
pub fn throw(cx: &mut Ctx, value: Value) -> Thrown {
    let (message, cause) = match value.tag() {
        Tag::Struct => {
            let record = value.as_object::<Record>();
            let field = |name| record.and_then(|r| r.get_text(name));
            let name = record.map_or("", |r| r.name());
            let message = field("message").filter(is_string).cloned();
            (
                Ok(message.unwrap_or_else(|| Value::str(&format!("{name} error")))),
                field("cause").cloned(),
            )
        }
        Tag::Dict => {
            let entry = |name| value.as_object::<Dict>().and_then(|d| d.get_text(name));
            let message = entry("message").filter(is_string).cloned();
            (
                message.map_or_else(|| text::to_string(&value), Ok),
                entry("cause").cloned(),
            )
        }
        _ => (text::to_string(&value), None),
    };
    match room::told(cx, message) {
        Ok(message) => cx.throw(message, value, cause),
        Err(thrown) => thrown,
    }
}

fn is_string(value: &&Value) -> bool {
    value.tag() == Tag::Str
}

/// Takes the pending error as the value that `except` binds.
#[cold]
#[inline(never)]
pub fn catch(cx: &mut Ctx) -> Value {
    let Some(pending) = cx.pending.take() else {
        return Value::NULL;
    };
    let stack = stack_of(cx, &pending);
    let shape = error_shapes(cx)[pending.cause.is_some() as usize];
    let mut values = vec![pending.message, stack, Value::int(0)];
    values.extend(pending.cause);
    let mut record = Record::new(shape, values);
    let extra = record.make_mut().extra_mut();
    extra.thrown = Some(pending.value);
    extra.at = pending.at;
    Value::from(record)
}

/// Drops the pending error: `except` without a name.
#[cold]
pub fn catch_none(cx: &mut Ctx) {
    let pending = cx.pending.take();
    if fault!(UnnamedErrorsLeak) {
        core::mem::forget(pending);
    }
}

fn error_shapes(cx: &mut Ctx) -> [&'static Shape; 2] {
    if let Some(shapes) = cx.tables.error_shapes {
        return shapes;
    }
    let shapes = [cx.shape("Error", &FIELDS[..3]), cx.shape("Error", &FIELDS)];
    cx.tables.error_shapes = Some(shapes);
    shapes
}

/// How many names a stack has at most. Handlers nest as calls do: without a limit, an error that each of them throws on would take
/// time and memory by the square of their depth.
const NAMES: usize = 1000;

/// The names of the innermost active functions, outermost first: those still active, then those that the error has left.
fn stack_of(cx: &Ctx, pending: &Pending) -> Value {
    let mut names: Vec<Value> = Vec::new();
    let mut note = |func: *const FuncInfo| {
        if func.is_null() {
            return true;
        }
        // SAFETY: frames and `unwound` point to the function table of the context.
        let name = unsafe { &(*func).name };
        if !name.as_str().is_empty() {
            names.push(Value::from(name.clone()));
        }
        names.len() < NAMES
    };
    let mut wanted = pending.unwound.iter().all(|&func| note(func));
    let mut frame: *const FrameRecord = cx.frame;
    while wanted && !frame.is_null() {
        // SAFETY: the records of active frames are alive and linked to their callers.
        unsafe {
            wanted = note((*frame).func);
            frame = (*frame).parent;
        }
    }
    if !fault!(StacksAreReversed) {
        names.reverse();
    }
    Value::from(Ref::new(Array::from_values(names)))
}

/// Whether a struct is a caught error (or a changed copy of one).
pub(super) fn is_caught_error(value: &Value) -> bool {
    let record = value.as_object::<Record>();
    record.is_some_and(|r| r.extra().is_some_and(|e| e.thrown.is_some()))
}

/// The fields of a caught error that can be read but do not print.
pub(super) fn hidden_field(cx: &Ctx, record: &Record, name: &str) -> Option<Value> {
    let extra = record.extra()?;
    let thrown = extra.thrown.as_ref()?;
    match name {
        "value" => Some(thrown.clone()),
        "at" => Some(Value::str(&source_position(cx, extra.at))),
        _ => None,
    }
}

/// `FILE:LINE:COL`
pub fn source_position(cx: &Ctx, at: Pos) -> String {
    if at.is_unknown() {
        return String::new();
    }
    let file = cx.image.files.get(at.file()).map_or("", String::as_str);
    format!("{file}:{}:{}", at.line(), at.column())
}

/// Whether `e?` leaves the function: true for `Err` and `None`, false for `Ok` and `Some`.
#[inline]
pub fn is_failure(cx: &mut Ctx, a: &Value) -> Result<bool> {
    if let Some(variant) = a.as_object::<Variant>() {
        if variant.tag.is(&OK) || variant.tag.is(&SOME) {
            return Ok(false);
        }
        if variant.tag.is(&ERR) || variant.tag.is(&NONE) {
            return Ok(true);
        }
    }
    Err(cx.raise("Try operator requires Result or Option"))
}

/// Raises message number `message` of the program.
#[cold]
#[inline(never)]
pub fn raise(cx: &mut Ctx, message: u16) -> Thrown {
    let message = cx.image.messages[message as usize].clone();
    cx.raise(message)
}
