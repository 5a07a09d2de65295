//! Dict keys: strings, of which the canonical decimal ints are kept as `i64`.
//!
//! `d[5]`, `d["5"]` and `d[5.0]` are one entry and build no text; `"05"`, `"+5"` and `"-0"` stay strings.

use crate::fault;
use crate::heap::Ref;
use crate::object::{Str, string::hash_text};
use crate::value::{Tag, Value};
use alloc::string::String;
use core::cmp::Ordering;
use core::fmt::Write;

/// A dict key.
#[derive(Clone)]
pub enum Key {
    /// A string that is the decimal text of an `i64`.
    Int(i64),
    /// Any other string.
    Str(Ref<Str>),
}

impl Key {
    /// The key that a value stands for: strings, ints, and floats by their printed text.
    #[inline]
    pub fn from_value(value: &Value) -> Option<Key> {
        match value.tag() {
            Tag::Int => value.as_int().map(Key::Int),
            Tag::Str => match canonical_int(value.as_text()?) {
                Some(n) => Some(Key::Int(n)),
                None => value.clone().into_object().ok().map(Key::Str),
            },
            Tag::Float => {
                let mut text = String::new();
                // Writing to a `String` cannot fail.
                let _ = write!(text, "{}", value.as_float()?);
                Some(Key::from_text(&text))
            }
            _ => None,
        }
    }

    /// The key with that text.
    pub fn from_text(text: &str) -> Key {
        match canonical_int(text) {
            Some(n) => Key::Int(n),
            None => Key::Str(Str::new(text)),
        }
    }

    /// The key as the string that programs see.
    pub fn to_value(&self) -> Value {
        match self {
            Key::Int(_) => {
                let mut text = String::new();
                self.write(&mut text);
                Value::from(Ref::new(Str::from(text)))
            }
            Key::Str(s) => Value::from(s.clone()),
        }
    }

    /// Appends the key's text.
    pub fn write(&self, out: &mut String) {
        match self {
            // Writing to a `String` cannot fail.
            Key::Int(n) => drop(write!(out, "{n}")),
            Key::Str(s) => out.push_str(s.as_str()),
        }
    }

    /// The key's hash.
    #[inline(always)]
    pub fn hash(&self) -> u64 {
        match self {
            Key::Int(n) => hash_int(*n),
            Key::Str(s) => s.hash(),
        }
    }
}

impl PartialEq for Key {
    #[inline(always)]
    fn eq(&self, other: &Key) -> bool {
        match (self, other) {
            (Key::Int(a), Key::Int(b)) => a == b,
            (Key::Str(a), Key::Str(b)) => {
                a.ptr_eq(b) || (a.hash() == b.hash() && a.as_str() == b.as_str())
            }
            _ => false,
        }
    }
}

/// Spreads an int over all bits of a hash: the table uses both ends.
#[inline(always)]
pub fn hash_int(n: i64) -> u64 {
    let mixed = (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ mixed >> 32
}

/// The hash of a key by its text.
pub fn hash_key_text(text: &str) -> u64 {
    canonical_int(text).map_or_else(|| hash_text(text), hash_int)
}

/// The int whose decimal text is exactly `text`.
#[inline]
pub fn canonical_int(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let digits = match bytes {
        [b'-', rest @ ..] => rest,
        _ => bytes,
    };
    match digits {
        [] => return None,
        [b'0'] if digits.len() == bytes.len() => return Some(0),
        [b'1'..=b'9', ..] if digits.len() <= 19 => {}
        [b'0', ..] if fault!(KeysWithZerosAreInts) => {}
        _ => return None,
    }
    text.parse().ok()
}

/// Sorts by the order of language.md §9: by bytes, or numerically if all keys are the texts of ints.
pub fn sort_by_key<T>(items: &mut [T], key: impl Fn(&T) -> &Key) {
    let numerically = (items.iter()).all(|item| matches!(key(item), Key::Int(_)));
    // One sort for both orders: every executable that prints a dict carries it.
    items.sort_by(|a, b| match (key(a), key(b)) {
        (Key::Int(a), Key::Int(b)) if numerically => a.cmp(b),
        (a, b) => compare_text(a, b),
    });
}

fn compare_text(a: &Key, b: &Key) -> Ordering {
    if let (Key::Str(a), Key::Str(b)) = (a, b) {
        return a.as_str().cmp(b.as_str());
    }
    let (mut left, mut right) = (String::new(), String::new());
    a.write(&mut left);
    b.write(&mut right);
    left.cmp(&right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_canonical_decimals_are_ints() {
        for (text, int) in [
            ("5", Some(5)),
            ("-5", Some(-5)),
            ("0", Some(0)),
            ("-0", None),
            ("05", None),
            ("+5", None),
            ("", None),
            ("-", None),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("5x", None),
        ] {
            assert_eq!(canonical_int(text), int, "{text}");
        }
    }

    #[test]
    fn numbers_sort_numerically_and_everything_else_by_bytes() {
        let sorted = |texts: &[&str]| {
            let mut keys: alloc::vec::Vec<Key> = texts.iter().map(|t| Key::from_text(t)).collect();
            sort_by_key(&mut keys, |k| k);
            let mut out = String::new();
            for key in &keys {
                key.write(&mut out);
                out.push(' ');
            }
            out
        };
        assert_eq!(sorted(&["10", "9", "-1"]), "-1 9 10 ");
        assert_eq!(sorted(&["10", "9", "a"]), "10 9 a ");
        assert_eq!(
            sorted(&["99999999999999999999", "5", "10"]),
            "10 5 99999999999999999999 "
        );
    }
}
