//! Builtins that give a text another form: identifiers, slugs, shortened text, templates (language.md §19.3).

use super::args::{count, string};
use super::strings::characters;
use crate::ctx::Ctx;
use crate::error::{Result, Thrown};
use crate::object::Str;
use crate::ops::{room, text};
use crate::value::{Tag, Value};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

builtins! {
    /// The text as part of an address: lower case, letters and digits, words joined by "-".
    "slugify" = slugify 1..=1, Pure -> Str;
    /// The text cut to a greatest length, with a suffix if something was cut.
    "truncate" = truncate 3..=3, Pure -> Str;
    /// The words of the text as one identifier: likeThisOne.
    "to_camel_case" = to_camel_case 1..=1, Pure -> Str;
    /// The words of the text as one identifier: like_this_one.
    "to_snake_case" = to_snake_case 1..=1, Pure -> Str;
    /// The words of the text as one identifier: like-this-one.
    "to_kebab_case" = to_kebab_case 1..=1, Pure -> Str;
    /// A template with %s (as printed), %d (whole number), %f (number) and %% filled in.
    "format" = format 1..=super::MANY, Pure -> Str;
}

#[cold]
fn not_text(cx: &mut Ctx, name: &str) -> Result {
    Err(cx.raise(format_args!("{name}() requires a string argument")))
}

fn slugify(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some(text) = args[0].as_text() else {
        return not_text(cx, "slugify");
    };
    let mut slug = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if c.is_alphanumeric() {
            if gap && !slug.is_empty() {
                slug.push('-');
            }
            gap = false;
            slug.extend(c.to_lowercase());
        } else {
            gap |= c.is_whitespace() || c == '_' || c == '-';
        }
    }
    Ok(string(slug))
}

fn truncate(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (Some(text), Some(most), Some(suffix)) = (
        args[0].as_object::<Str>(),
        count(&args[1]),
        args[2].as_object::<Str>(),
    ) else {
        return Err(cx.raise("truncate() requires a string, a maximum length, and a suffix string"));
    };
    if text.chars() <= most {
        return Ok(args[0].take());
    }
    let kept = most.saturating_sub(suffix.chars());
    let mut result = String::from(characters(text, 0, kept));
    result.push_str(characters(suffix, 0, most - kept));
    Ok(string(result))
}

/// The words of a text in any spelling: cut at white space, `_` and `-`, and where a capital begins a word
/// (`helloBigWorld`, `HTTPServer`).
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for part in text.split(|c: char| c.is_whitespace() || c == '_' || c == '-') {
        let mut start = 0;
        let mut before: Option<char> = None;
        let mut chars = part.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let next_is_lower = chars.peek().is_some_and(|&(_, next)| next.is_lowercase());
            let begins = c.is_uppercase()
                && before.is_some_and(|b| !b.is_uppercase() || next_is_lower);
            if begins {
                words.push(&part[start..at]);
                start = at;
            }
            before = Some(c);
        }
        words.push(&part[start..]);
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The words of the first argument in lower case, joined.
fn joined(cx: &mut Ctx, args: &[Value], name: &str, separator: &str) -> Result {
    let Some(text) = args[0].as_text() else {
        return not_text(cx, name);
    };
    let words: Vec<String> = words(text).iter().map(|w| w.to_lowercase()).collect();
    Ok(string(words.join(separator)))
}

fn to_snake_case(cx: &mut Ctx, args: &mut [Value]) -> Result {
    joined(cx, args, "to_snake_case", "_")
}

fn to_kebab_case(cx: &mut Ctx, args: &mut [Value]) -> Result {
    joined(cx, args, "to_kebab_case", "-")
}

fn to_camel_case(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some(text) = args[0].as_text() else {
        return not_text(cx, "to_camel_case");
    };
    let mut result = String::with_capacity(text.len());
    for (i, word) in words(text).into_iter().enumerate() {
        let mut chars = word.chars();
        match chars.next() {
            Some(first) if i > 0 => result.extend(first.to_uppercase()),
            Some(first) => result.extend(first.to_lowercase()),
            None => {}
        }
        result.push_str(&chars.as_str().to_lowercase());
    }
    Ok(string(result))
}

fn format(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some(template) = args[0].as_text() else {
        return Err(cx.raise("format() requires a string as the first argument"));
    };
    let mut values = args[1..].iter();
    let mut result = String::with_capacity(template.len());
    let mut pieces = template.split('%');
    result.push_str(pieces.next().unwrap_or_default());
    while let Some(piece) = pieces.next() {
        let kind = piece.chars().next();
        match kind {
            Some('s' | 'd' | 'f') => {
                let kind = kind.unwrap_or_default();
                let Some(value) = values.next() else {
                    let message = "format() missing argument for placeholder";
                    return Err(cx.raise(format_args!("{message} %{kind}")));
                };
                fill(cx, kind, value, &mut result)?;
                room::told(cx, room::in_text(&mut result, piece.len()))?;
                result.push_str(&piece[1..]);
            }
            // `%%`: the next piece begins after the second sign.
            None => match pieces.next() {
                Some(rest) => {
                    result.push('%');
                    result.push_str(rest);
                }
                None => result.push('%'),
            },
            Some(_) => {
                result.push('%');
                result.push_str(piece);
            }
        }
    }
    Ok(string(result))
}

/// Appends a value as its placeholder says.
fn fill(cx: &mut Ctx, kind: char, value: &Value, out: &mut String) -> Result<()> {
    match (kind, value.tag()) {
        ('s', _) | ('d', Tag::Int) | ('f', Tag::Int | Tag::Float) => {
            room::told(cx, text::write(value, out))?;
        }
        ('d', Tag::Float | Tag::Bool) => {
            let number = value.as_float().map(|x| x as i64);
            let number = number.or(value.as_bool().map(i64::from));
            // Writing to a `String` cannot fail.
            let _ = write!(out, "{}", number.unwrap_or_default());
        }
        _ => return Err(not_a_number(cx, kind)),
    }
    Ok(())
}

#[cold]
fn not_a_number(cx: &mut Ctx, kind: char) -> Thrown {
    cx.raise(format_args!(
        "format() requires a number for placeholder %{kind}"
    ))
}
