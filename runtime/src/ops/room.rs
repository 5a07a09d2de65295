//! Room for large results. An operation whose result can be far larger than its arguments asks here first, so that
//! too large a result is an error of the program and not the end of the process.
//!
//! Copies of what a program has already are asked for only where the address space is limited (`ulimit -v`): elsewhere the system
//! grants them, or ends the process without asking.

use crate::ctx::Ctx;
use crate::error::{Result, Thrown};
use crate::object::{Array, Bytes, Dict, Queue, Set, Stack, Str};
use crate::os::memory;
use crate::value::{Tag, Value};
use alloc::string::String;

/// Below this many bytes nobody asks the allocator; where the address space is limited, where the answer is cheap.
const SMALL: [usize; 2] = [1 << 20, 1 << 12];

/// The largest result, 2 GiB. A program that doubles a value in a loop by mistake shall learn of it before it has filled
/// the memory of the machine, which takes long and hurts others.
const LIMIT: usize = 1 << 31;

/// Bytes for an entry of a dict, with its part of the index.
pub const DICT_ENTRY: usize = 56;

/// Bytes for an entry of a dict while its entries are sorted: its place, and as much again for the sort.
pub const SORTED: usize = 2 * size_of::<usize>();

/// Bytes for an array of two in an array.
pub const PAIR: usize = 96;

/// Bytes for a short string in an array.
pub const PIECE: usize = 96;

/// Bytes for an element of a set, with its part of the index.
pub const SET_ELEMENT: usize = 32;

/// There is no room for a result, found where no error can be raised; see [`told`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoRoom;

/// Whether there is room for so many bytes.
#[inline]
fn is_there(bytes: usize) -> bool {
    bytes < SMALL[usize::from(memory::is_limited())]
        || (bytes <= LIMIT && memory::is_available(bytes))
}

/// Raises `Out of memory` unless there is room for `count` elements of `size` bytes.
#[inline]
pub fn check(cx: &mut Ctx, count: usize, size: usize) -> Result<()> {
    match count.checked_mul(size) {
        Some(bytes) if is_there(bytes) => Ok(()),
        _ => Err(too_large(cx)),
    }
}

/// Raises what [`NoRoom`] says.
#[inline]
pub fn told<T>(cx: &mut Ctx, result: core::result::Result<T, NoRoom>) -> Result<T> {
    result.map_err(|NoRoom| too_large(cx))
}

#[cold]
fn too_large(cx: &mut Ctx) -> Thrown {
    cx.raise(TOO_LARGE)
}

/// The message of errors for want of room.
pub const TOO_LARGE: &str = "Out of memory: the result would be too large";

/// As many bytes as numbers, names and what stands between values take in a text.
pub const WORD: usize = 512;

/// Below this many bytes a text grows unasked.
const PAGE: usize = 1 << 12;

/// Makes room for `more` bytes at the end of a text, if that is so much that it may fail.
#[inline]
pub fn in_text(text: &mut String, more: usize) -> core::result::Result<(), NoRoom> {
    if text.capacity() - text.len() >= more || text.capacity() + more < PAGE {
        return Ok(());
    }
    grow(text, more)
}

#[cold]
#[inline(never)]
fn grow(text: &mut String, more: usize) -> core::result::Result<(), NoRoom> {
    // As the text itself does.
    if !is_there((2 * text.capacity()).max(text.len() + more)) {
        return Err(NoRoom);
    }
    text.reserve(more);
    Ok(())
}

/// Whether a list of values can be had.
#[inline(never)]
pub fn for_list(len: usize, size: usize) -> core::result::Result<(), NoRoom> {
    if is_there(len * size) {
        return Ok(());
    }
    Err(NoRoom)
}

/// Raises unless a dict can have one more entry.
#[inline]
pub fn to_add(cx: &mut Ctx, dict: &Dict) -> Result<()> {
    if dict.is_full() {
        check(cx, dict.len() * 2, DICT_ENTRY)?;
    }
    Ok(())
}

/// Raises unless a value can be changed, by a copy if somebody else holds it, too.
#[inline]
pub fn to_write(cx: &mut Ctx, value: &Value) -> Result<()> {
    if memory::is_limited() && value.is_shared() {
        check(cx, bytes(value), 1)?;
    }
    Ok(())
}

/// Raises unless an array can hold a value of another kind than it does.
#[inline]
pub fn to_hold(cx: &mut Ctx, array: &Array, value: &Value) -> Result<()> {
    if memory::is_limited() && value.is_heap() && array.element_size() < size_of::<Value>() {
        let growth = 1 + usize::from(array.is_full());
        check(cx, array.len() * growth, size_of::<Value>())?;
    }
    Ok(())
}

/// The bytes that the value itself takes, without its parts.
#[cold]
fn bytes(value: &Value) -> usize {
    let object = match value.tag() {
        Tag::Str => value.as_object::<Str>().map(|s| s.as_str().len()),
        Tag::Bytes => value.as_object::<Bytes>().map(|b| b.0.len()),
        Tag::Array => value
            .as_object::<Array>()
            .map(|a| a.len() * a.element_size()),
        Tag::Dict => value.as_object::<Dict>().map(|d| d.len() * DICT_ENTRY),
        Tag::Set => value.as_object::<Set>().map(|s| s.len() * SET_ELEMENT),
        Tag::Queue => value
            .as_object::<Queue>()
            .map(|q| q.0.len() * size_of::<Value>()),
        Tag::Stack => value
            .as_object::<Stack>()
            .map(|s| s.0.len() * size_of::<Value>()),
        _ => None,
    };
    object.unwrap_or(0)
}

/// Raises unless a builtin can make a result as large as its arguments, where that may fail.
#[inline]
pub fn for_result(cx: &mut Ctx, args: &[Value]) -> Result<()> {
    if memory::is_limited() {
        if memory::was_scarce() {
            return Err(cx.raise("Out of memory"));
        }
        // Other values than text are changed in place by most builtins, if nobody else holds them.
        let copied = |arg: &&Value| arg.is_shared() || matches!(arg.tag(), Tag::Str | Tag::Bytes);
        let size = args.iter().filter(copied).map(bytes).sum();
        check(cx, size, 1)?;
    }
    Ok(())
}
