//! Structural equality (language.md §3, §7.2), the meaning of `==` without overloads.
//!
//! Pairs still to compare wait in a list, so that deep values do not need a deep stack.

use crate::fault;
use crate::object::{Array, Bytes, Dict, Queue, Record, Set, Stack, Str, Variant, array::Elements};
use crate::value::{Tag, Value};
use alloc::vec::Vec;

/// Two floats are equal if they differ by less than this (kept for compatibility).
const TOLERANCE: f64 = 2.220446049250313e-16;

/// Equality of floats.
#[inline(always)]
pub fn same_float(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() < TOLERANCE && !fault!(EqualityIsExact)
}

/// True if the values are equal, whatever overloads structs have.
#[inline]
pub fn same(a: &Value, b: &Value) -> bool {
    if let (Some(a), Some(b)) = (a.as_int(), b.as_int()) {
        return a == b;
    }
    Waiting::new(false).all_same(a, b)
}

/// True if the values are equal and of the same types throughout, floats exactly: how builtins look for an element.
#[inline]
pub fn exactly_same(a: &Value, b: &Value) -> bool {
    if let (Some(a), Some(b)) = (a.as_int(), b.as_int()) {
        return a == b;
    }
    a.tag() == b.tag() && Waiting::new(true).all_same(a, b)
}

/// The pairs that must be equal, too.
struct Waiting {
    pairs: Vec<(Value, Value)>,
    exact: bool,
}

impl Waiting {
    fn new(exact: bool) -> Waiting {
        Waiting {
            pairs: Vec::new(),
            exact,
        }
    }

    fn all_same(&mut self, a: &Value, b: &Value) -> bool {
        if !self.step(a, b) {
            return false;
        }
        while let Some((a, b)) = self.pairs.pop() {
            if !self.step(&a, &b) {
                return false;
            }
        }
        true
    }

    fn floats(&self, a: f64, b: f64) -> bool {
        if self.exact { a == b } else { same_float(a, b) }
    }

    /// Compares values without parts at once; the others wait.
    #[inline]
    fn part(&mut self, a: &Value, b: &Value) -> bool {
        let nested = |tag| tag > Tag::Bytes && tag < Tag::Func;
        if nested(a.tag()) && a.tag() == b.tag() {
            self.pairs.push((a.clone(), b.clone()));
            return true;
        }
        self.step(a, b)
    }

    fn step(&mut self, a: &Value, b: &Value) -> bool {
        if a.tag() != b.tag() {
            return match (a.as_number(), b.as_number()) {
                (Some(a), Some(b)) => !self.exact && same_float(a, b),
                _ => false,
            };
        }
        match a.tag() {
            Tag::Float => self.floats(
                a.as_float().unwrap_or_default(),
                b.as_float().unwrap_or_default(),
            ),
            Tag::Builtin => a.as_builtin().map(|f| f.name) == b.as_builtin().map(|f| f.name),
            // A float that is NaN equals nothing, so identity proves nothing for values with parts.
            Tag::Str => {
                objects::<Str>(a, b, |a, b| core::ptr::eq(a, b) || a.as_str() == b.as_str())
            }
            Tag::Bytes => objects::<Bytes>(a, b, |a, b| a == b),
            Tag::Array => objects::<Array>(a, b, |a, b| self.arrays(a, b)),
            Tag::Dict => objects::<Dict>(a, b, |a, b| self.dicts(a, b)),
            Tag::Struct => objects::<Record>(a, b, |a, b| self.records(a, b)),
            Tag::Set => objects::<Set>(a, b, |a, b| self.sets(a, b)),
            Tag::Queue => objects::<Queue>(a, b, |a, b| {
                a.0.len() == b.0.len() && a.0.iter().zip(&b.0).all(|(a, b)| self.part(a, b))
            }),
            Tag::Stack => objects::<Stack>(a, b, |a, b| self.all(&a.0, &b.0)),
            Tag::Variant => objects::<Variant>(a, b, |a, b| {
                a.tag == b.tag && self.all(a.payload(), b.payload())
            }),
            _ => a.is_identical(b),
        }
    }

    fn all(&mut self, a: &[Value], b: &[Value]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.part(a, b))
    }

    fn arrays(&mut self, a: &Array, b: &Array) -> bool {
        if a.len() != b.len() {
            return false;
        }
        match (a.elements(), b.elements()) {
            (Elements::Ints(a), Elements::Ints(b)) => a == b,
            (Elements::Bools(a), Elements::Bools(b)) => a == b,
            (Elements::Values(a), Elements::Values(b)) => self.all(a, b),
            _ => a.iter().zip(b.iter()).all(|(a, b)| self.part(&a, &b)),
        }
    }

    fn dicts(&mut self, a: &Dict, b: &Dict) -> bool {
        a.len() == b.len()
            && a.iter().all(|entry| {
                b.get(&entry.key)
                    .is_some_and(|v| self.part(&entry.value, v))
            })
    }

    fn records(&mut self, a: &Record, b: &Record) -> bool {
        if core::ptr::eq(a.shape(), b.shape()) {
            let compared = a
                .values()
                .len()
                .saturating_sub(fault!(LastFieldsAreNotCompared).into());
            return self.all(&a.values()[..compared], &b.values()[..compared]);
        }
        a.name() == b.name()
            && a.values().len() == b.values().len()
            && a.shape()
                .fields
                .iter()
                .zip(a.values())
                .all(|(name, value)| b.get(name).is_some_and(|v| self.part(value, v)))
    }

    fn sets(&mut self, a: &Set, b: &Set) -> bool {
        if a.len() != b.len() {
            return false;
        }
        let (mut left, mut right) = (a.unhashed(), b.unhashed());
        if let (Some(x), None, Some(y), None) =
            (left.next(), left.next(), right.next(), right.next())
            && x.tag() == y.tag()
        {
            // One candidate: compared without recursion, however deep it is.
            let hashed = |v: &&Value| matches!(v.tag(), Tag::Int | Tag::Bool | Tag::Str);
            return self.part(x, y) && a.iter().filter(hashed).all(|v| b.contains(v));
        }
        a.iter().all(|value| b.contains(value))
    }
}

#[inline(always)]
fn objects<T: crate::heap::Object>(
    a: &Value,
    b: &Value,
    equal: impl FnOnce(&T, &T) -> bool,
) -> bool {
    match (a.as_object::<T>(), b.as_object::<T>()) {
        (Some(a), Some(b)) => equal(a, b),
        _ => false,
    }
}
