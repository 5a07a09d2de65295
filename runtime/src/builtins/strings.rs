//! Builtins over strings: case, search, cutting and joining (language.md §19.3). Positions count characters.

use super::args::{count, string, texts, two_texts, whole};
use crate::ctx::Ctx;
use crate::error::Result;
use crate::object::{Array, Elements, Str};
use crate::ops::{room, text};
use crate::value::Value;
use alloc::string::String;

builtins! {
    /// The number of characters of a string.
    "count_chars" = count_chars 1..=1, Pure -> Int;
    /// The string in upper case.
    "upper" | "to_upper" = upper 1..=1, Pure -> Str;
    /// The string in lower case.
    "lower" | "to_lower" = lower 1..=1, Pure -> Str;
    /// The string with its first character in upper case and the rest in lower case.
    "capitalize" = capitalize 1..=1, Pure -> Str;
    /// The string without white space at both ends.
    "trim" = trim 1..=1, Pure -> Str;
    /// The string without white space at its start.
    "trim_start" = trim_start 1..=1, Pure -> Str;
    /// The string without white space at its end.
    "trim_end" = trim_end 1..=1, Pure -> Str;
    /// The characters of a string in reverse order.
    "str_reverse" = str_reverse 1..=1, Pure -> Str;
    /// The string with all occurrences of a text replaced by another.
    "replace" | "replace_str" = replace 3..=3, Pure -> Str;
    /// The characters from start up to, not including, end.
    "substring" | "substr" = substring 3..=3, Pure -> Str;
    /// The character at a position, or "" if there is none.
    "char_at" = char_at 2..=2, Pure -> Str;
    /// The pieces of a string between separators.
    "split" = split 2..=2, Pure -> Array;
    /// The elements of an array as text, with a separator between them.
    "join" = join 2..=2, Pure -> Str;
    /// The string n times over.
    "repeat" = repeat 2..=2, Pure -> Str;
    /// True if the string begins with the other.
    "starts_with" = starts_with 2..=2, Pure -> Bool;
    /// True if the string ends with the other.
    "ends_with" = ends_with 2..=2, Pure -> Bool;
    /// The string made at least as wide as given, with a character put before it.
    "pad_left" | "pad_start" = pad_left 3..=3, Pure -> Str;
    /// The string made at least as wide as given, with a character put after it.
    "pad_right" | "pad_end" = pad_right 3..=3, Pure -> Str;
    /// The lines of a text, without their line ends.
    "lines" = lines 1..=1, Pure -> Array;
    /// The words of a text, cut at white space.
    "words" = words 1..=1, Pure -> Array;
}

#[cold]
fn not_text(cx: &mut Ctx, name: &str) -> Result {
    Err(cx.raise(format_args!("{name}() requires a string argument")))
}

#[cold]
fn not_two_texts(cx: &mut Ctx, name: &str) -> Result {
    Err(cx.raise(format_args!("{name}() requires two string arguments")))
}

fn count_chars(cx: &mut Ctx, args: &mut [Value]) -> Result {
    match args[0].as_object::<Str>() {
        Some(text) => Ok(Value::int(text.chars() as i64)),
        None => not_text(cx, "count_chars"),
    }
}

fn upper(cx: &mut Ctx, args: &mut [Value]) -> Result {
    match args[0].as_text() {
        Some(text) => Ok(string(text.to_uppercase())),
        None => not_text(cx, "upper"),
    }
}

fn lower(cx: &mut Ctx, args: &mut [Value]) -> Result {
    match args[0].as_text() {
        Some(text) => Ok(string(text.to_lowercase())),
        None => not_text(cx, "lower"),
    }
}

fn capitalize(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some(text) = args[0].as_text() else {
        return not_text(cx, "capitalize");
    };
    let mut chars = text.chars();
    let mut result = String::with_capacity(text.len());
    if let Some(first) = chars.next() {
        result.extend(first.to_uppercase());
        result.push_str(&chars.as_str().to_lowercase());
    }
    Ok(string(result))
}

/// Gives the part of the first argument that `cut` chooses; the argument itself if that is all of it.
fn trimmed(cx: &mut Ctx, args: &mut [Value], name: &str, cut: fn(&str) -> &str) -> Result {
    let Some(text) = args[0].as_text() else {
        return not_text(cx, name);
    };
    let rest = cut(text);
    if rest.len() == text.len() {
        return Ok(args[0].take());
    }
    Ok(Value::str(rest))
}

fn trim(cx: &mut Ctx, args: &mut [Value]) -> Result {
    trimmed(cx, args, "trim", str::trim)
}

fn trim_start(cx: &mut Ctx, args: &mut [Value]) -> Result {
    trimmed(cx, args, "trim_start", str::trim_start)
}

fn trim_end(cx: &mut Ctx, args: &mut [Value]) -> Result {
    trimmed(cx, args, "trim_end", str::trim_end)
}

fn str_reverse(cx: &mut Ctx, args: &mut [Value]) -> Result {
    match args[0].as_text() {
        Some(text) => Ok(string(text.chars().rev().collect())),
        None => not_text(cx, "str_reverse"),
    }
}

fn replace(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (Some(text), Some(old), Some(new)) =
        (args[0].as_text(), args[1].as_text(), args[2].as_text())
    else {
        return Err(cx.raise("replace() requires three string arguments"));
    };
    if new.len() > old.len() {
        let found = text.matches(old).count();
        // The text that stays is small; what the replacements add is what can explode.
        room::check(cx, found, new.len())?;
    }
    Ok(string(text.replace(old, new)))
}

fn substring(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (Some(text), Some(start), Some(end)) =
        (args[0].as_object::<Str>(), count(&args[1]), count(&args[2]))
    else {
        return Err(cx.raise("substring() requires a string and numeric start/end arguments"));
    };
    Ok(Value::str(characters(text, start, end)))
}

/// The characters `start..end`, both clamped to the length.
pub(super) fn characters(text: &Str, start: usize, end: usize) -> &str {
    if start >= end {
        return "";
    }
    let rest = &text.as_str()[text.byte_offset(start)..];
    let wanted = end - start;
    if text.is_ascii() {
        return &rest[..wanted.min(rest.len())];
    }
    let stop = rest.char_indices().nth(wanted).map_or(rest.len(), |(at, _)| at);
    &rest[..stop]
}

fn char_at(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (Some(text), Some(index)) = (args[0].as_object::<Str>(), whole(&args[1])) else {
        return Err(cx.raise("char_at() requires a string and a numeric index"));
    };
    let found = usize::try_from(index).ok().and_then(|index| text.char_at(index));
    Ok(match found {
        Some(c) => Value::from(Str::of_char(c)),
        None => Value::str(""),
    })
}

fn split(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some((text, separator)) = two_texts(args) else {
        return not_two_texts(cx, "split");
    };
    if text.len() > 1 << 16 {
        room::check(cx, text.matches(separator).count(), room::PIECE)?;
    }
    let mut chars = separator.chars();
    Ok(match (chars.next(), chars.next()) {
        // The search for one character is much faster than the search for a text.
        (Some(c), None) => texts(text.split(c)),
        _ => texts(text.split(separator)),
    })
}

fn join(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (Some(array), Some(separator)) = (args[0].as_object::<Array>(), args[1].as_text()) else {
        return Err(cx.raise("join() requires array and separator string arguments"));
    };
    let mut result = String::new();
    let separators = array.len().saturating_sub(1);
    room::check(cx, separators, separator.len())?;
    if let Elements::Values(values) = array.elements() {
        let size = values.iter().map(|v| v.as_text().map_or(0, str::len));
        let size = size.sum::<usize>() + separators * separator.len();
        room::check(cx, size, 1)?;
        result.reserve(size);
    }
    for (i, value) in array.iter().enumerate() {
        if i > 0 {
            result.push_str(separator);
        }
        let more = separator.len() + room::WORD;
        let written = text::write(&value, &mut result);
        room::told(cx, written.and_then(|()| room::in_text(&mut result, more)))?;
    }
    Ok(string(result))
}

fn repeat(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (Some(text), Some(times)) = (args[0].as_text(), count(&args[1])) else {
        return Err(cx.raise("repeat() requires a string and a number"));
    };
    room::check(cx, times, text.len())?;
    Ok(string(text.repeat(times)))
}

fn starts_with(cx: &mut Ctx, args: &mut [Value]) -> Result {
    match two_texts(args) {
        Some((text, start)) => Ok(Value::bool(text.starts_with(start))),
        None => not_two_texts(cx, "starts_with"),
    }
}

fn ends_with(cx: &mut Ctx, args: &mut [Value]) -> Result {
    match two_texts(args) {
        Some((text, end)) => Ok(Value::bool(text.ends_with(end))),
        None => not_two_texts(cx, "ends_with"),
    }
}

/// The padding that brings the first argument to the width of the second, of the first character of the third.
fn padding(cx: &mut Ctx, args: &[Value], name: &str) -> Result<String> {
    let (Some(text), Some(width), Some(fill)) =
        (args[0].as_object::<Str>(), count(&args[1]), args[2].as_text())
    else {
        let what = "requires a string, a width, and a padding string";
        return Err(cx.raise(format_args!("{name}() {what}")));
    };
    let fill = fill.chars().next().unwrap_or(' ');
    let missing = width.saturating_sub(text.chars());
    room::check(cx, missing, fill.len_utf8())?;
    Ok(fill.encode_utf8(&mut [0; 4]).repeat(missing))
}

fn pad_left(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let mut result = padding(cx, args, "pad_left")?;
    if result.is_empty() {
        return Ok(args[0].take());
    }
    result.push_str(args[0].as_text().unwrap_or_default());
    Ok(string(result))
}

fn pad_right(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let padding = padding(cx, args, "pad_right")?;
    if let Some(text) = args[0].as_ref_mut::<Str>() {
        text.make_mut().append(&padding);
    }
    Ok(args[0].take())
}

fn lines(cx: &mut Ctx, args: &mut [Value]) -> Result {
    match args[0].as_text() {
        Some(text) => {
            if text.len() > 1 << 16 {
                room::check(cx, text.matches('\n').count(), room::PIECE)?;
            }
            Ok(texts(text.lines()))
        }
        None => not_text(cx, "lines"),
    }
}

fn words(cx: &mut Ctx, args: &mut [Value]) -> Result {
    match args[0].as_text() {
        Some(text) => {
            if text.len() > 1 << 16 {
                room::check(cx, text.split_whitespace().count(), room::PIECE)?;
            }
            Ok(texts(text.split_whitespace()))
        }
        None => not_text(cx, "words"),
    }
}
