//! JSON text to values.
//!
//! In: text of at most [`MAX_BYTES`], nested at most [`MAX_DEPTH`] deep. Out: a value, or what is wrong and where.

use super::super::args::{array, string};
use crate::heap::Ref;
use crate::object::{Dict, Key};
use crate::value::Value;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

const MAX_BYTES: usize = 1 << 20;
const MAX_DEPTH: usize = 64;

/// What is wrong with a text, and where.
#[derive(Debug, PartialEq)]
pub struct Error {
    what: &'static str,
    /// Line and column from 1; 0 if the whole text is meant.
    line: usize,
    column: usize,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)?;
        if self.line > 0 {
            write!(f, " at line {} column {}", self.line, self.column)?;
        }
        Ok(())
    }
}

type Parsed<T = Value> = Result<T, Error>;

/// The value that the text describes.
pub fn parse(text: &str) -> Parsed {
    if text.len() > MAX_BYTES {
        return Err(Error {
            what: "input is larger than 1048576 bytes",
            line: 0,
            column: 0,
        });
    }
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
    };
    let value = parser.value()?;
    parser.skip_space();
    if parser.at < text.len() {
        return parser.fail("trailing characters");
    }
    Ok(value)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    /// The error at the present position. Every byte from here on is of one line or the next.
    #[cold]
    fn fail<T>(&self, what: &'static str) -> Parsed<T> {
        let before = &self.text.as_bytes()[..self.at.min(self.text.len())];
        let line_start = before.iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
        let is_char_start = |b: &&u8| **b & 0xc0 != 0x80;
        Err(Error {
            what,
            line: before.iter().filter(|&&b| b == b'\n').count() + 1,
            column: before[line_start..].iter().filter(is_char_start).count() + 1,
        })
    }

    fn value(&mut self) -> Parsed {
        self.skip_space();
        match self.peek() {
            None => self.fail("unexpected end of input"),
            Some(b'{') => self.nested(Parser::object),
            Some(b'[') => self.nested(Parser::list),
            Some(b'"') => self.text().map(string),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::bool(true)),
            Some(b'f') => self.word("false", Value::bool(false)),
            Some(b'n') => self.word("null", Value::NULL),
            Some(_) => self.fail("expected a value"),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Parsed {
        if !self.text[self.at..].starts_with(word) {
            return self.fail("expected a value");
        }
        self.at += word.len();
        Ok(value)
    }

    fn nested(&mut self, parse: impl Fn(&mut Self) -> Parsed) -> Parsed {
        if self.depth == MAX_DEPTH {
            return self.fail("nesting is deeper than 64");
        }
        self.depth += 1;
        self.at += 1;
        let value = parse(self)?;
        self.depth -= 1;
        Ok(value)
    }

    /// After an element: true if another one follows, false at the end.
    fn more(&mut self, end: u8, wanted: &'static str) -> Parsed<bool> {
        self.skip_space();
        if self.eat(end) {
            return Ok(false);
        }
        if !self.eat(b',') {
            return match self.peek() {
                None => self.fail("unexpected end of input"),
                Some(_) => self.fail(wanted),
            };
        }
        self.skip_space();
        if self.peek() == Some(end) {
            return self.fail("trailing comma");
        }
        Ok(true)
    }

    fn list(&mut self) -> Parsed {
        let mut values = Vec::new();
        self.skip_space();
        if self.eat(b']') {
            return Ok(array(values));
        }
        loop {
            values.push(self.value()?);
            if !self.more(b']', "expected ',' or ']'")? {
                return Ok(array(values));
            }
        }
    }

    fn object(&mut self) -> Parsed {
        let mut dict = Dict::default();
        self.skip_space();
        if self.eat(b'}') {
            return Ok(Value::from(Ref::new(dict)));
        }
        loop {
            self.skip_space();
            match self.peek() {
                Some(b'"') => {}
                None => return self.fail("unexpected end of input"),
                Some(_) => return self.fail("expected a string as the key"),
            }
            let key = self.text()?;
            self.skip_space();
            if !self.eat(b':') {
                return self.fail("expected ':'");
            }
            let value = self.value()?;
            dict.insert(Key::from_text(&key), value);
            if !self.more(b'}', "expected ',' or '}'")? {
                return Ok(Value::from(Ref::new(dict)));
            }
        }
    }

    fn number(&mut self) -> Parsed {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if let Some(b'0'..=b'9') = self.peek() {
            return self.fail("a number cannot begin with 0");
        }
        let mut is_int = true;
        if self.eat(b'.') {
            is_int = false;
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            is_int = false;
            let _sign = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        let number = &self.text[start..self.at];
        if is_int && let Ok(n) = number.parse() {
            return Ok(Value::int(n));
        }
        match number.parse::<f64>() {
            Ok(x) if x.is_finite() => Ok(Value::float(x)),
            _ => {
                self.at = start;
                self.fail("number is out of range")
            }
        }
    }

    fn digits(&mut self) -> Parsed<()> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if start == self.at {
            return self.fail("expected a digit");
        }
        Ok(())
    }

    /// A string; the parser stands at its opening quote.
    fn text(&mut self) -> Parsed<String> {
        self.at += 1;
        let mut text = String::new();
        let mut plain = self.at;
        loop {
            match self.peek() {
                None => return self.fail("unexpected end of input in a string"),
                Some(b'"') => {
                    text.push_str(&self.text[plain..self.at]);
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {
                    text.push_str(&self.text[plain..self.at]);
                    text.push(self.escape()?);
                    plain = self.at;
                }
                Some(0..32) => return self.fail("control character in a string"),
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Parsed<char> {
        self.at += 1;
        let c = match self.peek() {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(c @ (b'"' | b'\\' | b'/')) => c as char,
            Some(b'u') => return self.unicode(),
            None => return self.fail("unexpected end of input in a string"),
            Some(_) => return self.fail("invalid escape"),
        };
        self.at += 1;
        Ok(c)
    }

    /// `XXXX` or `XXXX\uXXXX` after `\u`; the parser stands at the `u`.
    fn unicode(&mut self) -> Parsed<char> {
        let start = self.at - 1;
        let high = self.hex()?;
        let code = match high {
            0xd800..0xdc00 => match self.low_surrogate()? {
                Some(low) => 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00),
                None => high,
            },
            _ => high,
        };
        match char::from_u32(code) {
            Some(c) => Ok(c),
            None => {
                self.at = start;
                self.fail("lone surrogate in a string")
            }
        }
    }

    fn low_surrogate(&mut self) -> Parsed<Option<u32>> {
        if !self.text.as_bytes()[self.at..].starts_with(b"\\u") {
            return Ok(None);
        }
        self.at += 1;
        let low = self.hex()?;
        Ok((0xdc00..0xe000).contains(&low).then_some(low))
    }

    /// Four hex digits after the `u` where the parser stands.
    fn hex(&mut self) -> Parsed<u32> {
        self.at += 1;
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|b| (b as char).to_digit(16));
            let Some(digit) = digit else {
                return self.fail("expected four hex digits");
            };
            code = code << 4 | digit;
            self.at += 1;
        }
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn wrong(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn values_come_back() {
        assert_eq!(parse(" -12 ").unwrap().as_int(), Some(-12));
        assert_eq!(parse("1.0").unwrap().as_float(), Some(1.0));
        assert_eq!(parse("1e2").unwrap().as_float(), Some(100.0));
        assert_eq!(parse("99999999999999999999").unwrap().as_float(), Some(1e20));
        let text = parse(r#""a\u00e9\ud83d\ude00\/\n""#).unwrap();
        assert_eq!(text.as_text(), Some("aé😀/\n"));
        let dict = parse(r#"{"k": [1, {}], "k": null}"#).unwrap();
        assert_eq!(dict.as_object::<Dict>().map(Dict::len), Some(1));
    }

    #[test]
    fn errors_say_where() {
        assert_eq!(wrong(""), "unexpected end of input at line 1 column 1");
        assert_eq!(wrong("[1,\n 2,]"), "trailing comma at line 2 column 4");
        assert_eq!(wrong("{\"é\" 1}"), "expected ':' at line 1 column 6");
        assert_eq!(wrong("[1] x"), "trailing characters at line 1 column 5");
        assert_eq!(wrong("01"), "a number cannot begin with 0 at line 1 column 2");
        assert_eq!(wrong("\"\\ud800x\""), "lone surrogate in a string at line 1 column 2");
        assert_eq!(wrong("1e999"), "number is out of range at line 1 column 1");
        assert_eq!(wrong(&"[".repeat(65)), "nesting is deeper than 64 at line 1 column 65");
        assert_eq!(wrong(&" ".repeat(MAX_BYTES + 1)), "input is larger than 1048576 bytes");
        assert!(parse(&("[".repeat(64) + &"]".repeat(64))).is_ok());
    }

    #[test]
    fn no_input_panics() {
        let text = r#"{"a": [1, -2.5e+3, "x\n\ud83d\ude00é", true, false, null]}"#;
        for (from, _) in text.char_indices() {
            for (to, _) in text[from..].char_indices() {
                let _ = parse(&text[from..from + to]);
            }
        }
    }
}
