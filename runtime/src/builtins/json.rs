//! JSON builtins (language.md §19.9): values to text here, text to values in `json/parse.rs`.

mod parse;

use super::args::string;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::object::{Array, Dict, Elements, Entry};
use crate::ops::room::{self, NoRoom, SORTED};
use crate::ops::text::{self, Written};
use crate::value::{Tag, Value};
use alloc::string::String;
use alloc::vec::{self, Vec};
use core::fmt::Write;
use core::slice;

builtins! {
    /// The value that a JSON text describes.
    "parse_json" = parse_json 1..=1, Pure -> Any;
    /// The value as JSON on one line.
    "to_json" = to_json 1..=1, Pure -> Str;
    /// The value as indented JSON.
    "to_json_pretty" = to_json_pretty 1..=1, Pure -> Str;
}

fn parse_json(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some(text) = args[0].as_text() else {
        return Err(cx.raise("parse_json() requires a string argument"));
    };
    parse::parse(text).map_err(|error| cx.raise(format_args!("JSON parse error: {error}")))
}

fn to_json(cx: &mut Ctx, args: &mut [Value]) -> Result {
    written(cx, &args[0], false)
}

fn to_json_pretty(cx: &mut Ctx, args: &mut [Value]) -> Result {
    written(cx, &args[0], true)
}

fn written(cx: &mut Ctx, value: &Value, pretty: bool) -> Result {
    let mut writer = Writer {
        out: String::new(),
        open: Vec::new(),
        pretty,
    };
    match writer.write(value) {
        Ok(()) => Ok(string(writer.out)),
        Err(Unfit::NoRoom(none)) => room::told(cx, Err(none)),
        Err(Unfit::Value(value)) => {
            let shown = text::short_debug(&value);
            Err(cx.raise(format_args!("Cannot convert {shown} to JSON")))
        }
    }
}

/// Why there is no JSON.
enum Unfit {
    /// A value that JSON does not know.
    Value(Value),
    /// The text would be too large.
    NoRoom(NoRoom),
}

impl From<NoRoom> for Unfit {
    fn from(none: NoRoom) -> Unfit {
        Unfit::NoRoom(none)
    }
}

/// The elements of an open array or dict that are still to come. A list rather than recursion: values nest deeper
/// than stacks.
enum Rest<'a> {
    Elements(slice::Iter<'a, Value>),
    Entries(vec::IntoIter<&'a Entry>),
}

struct Writer<'a> {
    out: String,
    open: Vec<Rest<'a>>,
    pretty: bool,
}

impl<'a> Writer<'a> {
    fn write(&mut self, value: &'a Value) -> core::result::Result<(), Unfit> {
        self.begin(value)?;
        let mut first = true;
        loop {
            let opened = self.open.len();
            let Some(rest) = self.open.last_mut() else {
                return Ok(());
            };
            let next = match rest {
                Rest::Elements(elements) => elements.next().map(|value| (None, value)),
                Rest::Entries(entries) => entries.next().map(|e| (Some(&e.key), &e.value)),
            };
            let Some((key, value)) = next else {
                self.end()?;
                first = false;
                continue;
            };
            self.separate(first)?;
            if let Some(key) = key {
                let mut name = String::new();
                key.write(&mut name);
                self.quote(&name)?;
                self.out.push_str(if self.pretty { ": " } else { ":" });
            }
            self.begin(value)?;
            first = self.open.len() > opened;
        }
    }

    /// Writes a value that has no parts, or opens one that has.
    fn begin(&mut self, value: &'a Value) -> core::result::Result<(), Unfit> {
        if self.open.len() == self.open.capacity() {
            room::for_list(self.open.len(), 2 * size_of::<Rest>())?;
        }
        match value.tag() {
            Tag::Null | Tag::Bool | Tag::Int => text::write(value, &mut self.out)?,
            Tag::Float => self.float(value.as_float().unwrap_or_default())?,
            Tag::Str => self.quote(value.as_text().unwrap_or_default())?,
            Tag::Array => match value.as_object::<Array>() {
                Some(array) => return self.begin_array(array),
                None => return Err(Unfit::Value(value.clone())),
            },
            Tag::Dict => match value.as_object::<Dict>() {
                Some(dict) if dict.is_empty() => self.out.push_str("{}"),
                Some(dict) => {
                    room::for_list(dict.len(), SORTED)?;
                    self.out.push('{');
                    self.open.push(Rest::Entries(dict.sorted().into_iter()));
                }
                None => return Err(Unfit::Value(value.clone())),
            },
            _ => return Err(Unfit::Value(value.clone())),
        }
        Ok(())
    }

    fn begin_array(&mut self, array: &'a Array) -> core::result::Result<(), Unfit> {
        if array.is_empty() {
            self.out.push_str("[]");
            return Ok(());
        }
        self.out.push('[');
        if let Elements::Values(values) = array.elements() {
            self.open.push(Rest::Elements(values.iter()));
            return Ok(());
        }
        // Unboxed elements have no parts: they need no place in the list of open values but for the indentation.
        self.open.push(Rest::Elements([].iter()));
        for (i, value) in array.iter().enumerate() {
            self.separate(i == 0)?;
            match value.as_float() {
                Some(x) => self.float(x)?,
                None => text::write(&value, &mut self.out)?,
            }
        }
        Ok(())
    }

    /// Goes to where the next part of the innermost open value begins.
    fn separate(&mut self, first: bool) -> Written {
        if !first {
            self.out.push(',');
        }
        self.new_line(self.open.len())
    }

    fn new_line(&mut self, depth: usize) -> Written {
        if self.pretty {
            room::in_text(&mut self.out, 2 * depth + room::WORD)?;
            self.out.push('\n');
            self.out.extend(core::iter::repeat_n("  ", depth));
        }
        Ok(())
    }

    /// Closes the innermost open value.
    fn end(&mut self) -> Written {
        if let Some(rest) = self.open.pop() {
            self.new_line(self.open.len())?;
            self.out.push(match rest {
                Rest::Elements(_) => ']',
                Rest::Entries(_) => '}',
            });
        }
        Ok(())
    }

    fn float(&mut self, x: f64) -> core::result::Result<(), Unfit> {
        if !x.is_finite() {
            return Err(Unfit::Value(Value::float(x)));
        }
        room::in_text(&mut self.out, room::WORD)?;
        let start = self.out.len();
        // Writing to a `String` cannot fail.
        let _ = write!(self.out, "{x}");
        // So that it is a float again when it is read.
        if !self.out[start..].contains('.') {
            self.out.push_str(".0");
        }
        Ok(())
    }

    fn quote(&mut self, text: &str) -> Written {
        room::in_text(&mut self.out, text.len() + room::WORD)?;
        self.out.push('"');
        let mut plain = 0;
        for (i, byte) in text.bytes().enumerate() {
            let escape = match byte {
                b'"' => "\\\"",
                b'\\' => "\\\\",
                b'\n' => "\\n",
                b'\r' => "\\r",
                b'\t' => "\\t",
                8 => "\\b",
                12 => "\\f",
                0..32 => "",
                _ => continue,
            };
            self.out.push_str(&text[plain..i]);
            plain = i + 1;
            if escape.is_empty() {
                // Writing to a `String` cannot fail.
                let _ = write!(self.out, "\\u{byte:04x}");
            } else {
                self.out.push_str(escape);
            }
            room::in_text(&mut self.out, text.len() - i + room::WORD)?;
        }
        self.out.push_str(&text[plain..]);
        self.out.push('"');
        Ok(())
    }
}
