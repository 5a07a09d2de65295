//! A notation for calls of builtins without any engine: `len(split("a,b", ","))`. Literals are ints, floats,
//! strings without escapes, `true`, `false`, `null`, `[…]`, `{"k": v}` and names of builtins.

use ruff_runtime::builtins::{ALL, find};
use ruff_runtime::ctx::{Ctx, Entry};
use ruff_runtime::error::Result;
use ruff_runtime::heap::Ref;
use ruff_runtime::image::Image;
use ruff_runtime::object::{Array, Dict, Key};
use ruff_runtime::ops::text;
use ruff_runtime::value::Value;

/// A context for no program.
pub fn context() -> Ctx {
    let no_functions = |_| -> Entry { unreachable!("the image has no functions") };
    Ctx::load(Image::default(), &no_functions, &|_| None)
}

/// What the expression gives, as printed, or the message that it raises.
pub fn eval(source: &str) -> String {
    let mut cx = context();
    let mut reader = Reader {
        cx: &mut cx,
        rest: source,
    };
    match reader.value() {
        Ok(value) => {
            assert_eq!(reader.rest.trim(), "", "{source}");
            text::to_text(&value)
        }
        Err(_) => {
            let pending = cx.pending.take().expect("a pending error");
            text::to_text(&pending.message)
        }
    }
}

struct Reader<'a> {
    cx: &'a mut Ctx,
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn take(&mut self, wanted: char) -> bool {
        self.rest = self.rest.trim_start();
        let found = self.rest.starts_with(wanted);
        if found {
            self.rest = &self.rest[wanted.len_utf8()..];
        }
        found
    }

    fn word(&mut self, part: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn list(&mut self, end: char) -> Result<Vec<Value>> {
        let mut values = Vec::new();
        while !self.take(end) {
            values.push(self.value()?);
            self.take(',');
        }
        Ok(values)
    }

    fn value(&mut self) -> Result<Value> {
        if self.take('[') {
            return Ok(Value::from(Ref::<Array>::from_values(self.list(']')?)));
        }
        if self.take('{') {
            let mut dict = Dict::default();
            while !self.take('}') {
                let key = Key::from_value(&self.value()?).expect("a key");
                assert!(self.take(':'));
                let value = self.value()?;
                dict.insert(key, value);
                self.take(',');
            }
            return Ok(Value::from(Ref::new(dict)));
        }
        if self.take('"') {
            let text = self.word(|c| c != '"');
            self.take('"');
            return Ok(Value::str(text));
        }
        if self
            .rest
            .starts_with(|c: char| c == '-' || c.is_ascii_digit())
        {
            let number = self.word(|c| c == '-' || c == '.' || c.is_ascii_digit());
            return Ok(match number.parse() {
                Ok(int) => Value::int(int),
                Err(_) => Value::float(number.parse().expect("a float")),
            });
        }
        match self.word(|c| c == '_' || c.is_alphanumeric()) {
            "true" => Ok(Value::bool(true)),
            "false" => Ok(Value::bool(false)),
            "null" => Ok(Value::NULL),
            name => {
                let number = find(name).unwrap_or_else(|| panic!("no builtin {name}"));
                let builtin = ALL[number as usize];
                if !self.take('(') {
                    return Ok(Value::builtin(builtin));
                }
                let mut args = self.list(')')?;
                builtin.call(self.cx, &mut args)
            }
        }
    }
}
