//! Sets: distinct values (by `==`) in insertion order.
//!
//! Ints, bools and strings are found by hash in O(1); other elements are compared one by one.

use crate::heap::Object;
use crate::object::equal::same;
use crate::object::{Str, key};
use crate::value::{Tag, Value};
use alloc::vec::Vec;
use hashbrown::HashTable;

/// The body of a set.
#[derive(Clone, Default)]
pub struct Set {
    /// Elements in insertion order; `None` where one was removed.
    slots: Vec<Option<Value>>,
    /// Positions of the elements that hash.
    index: HashTable<u32>,
    /// Positions of the others, in order.
    others: Vec<u32>,
}

impl Object for Set {
    const TAG: Tag = Tag::Set;
    fn children(&mut self, visit: &mut dyn FnMut(&mut Value)) {
        self.slots.iter_mut().flatten().for_each(visit);
    }
}

/// The hash of a value that equals only values of its own type, ints apart (see [`Set::find`]).
fn hash(value: &Value) -> Option<u64> {
    match value.tag() {
        Tag::Int => value.as_int().map(key::hash_int),
        Tag::Bool => value.as_bool().map(|b| b as u64 + 1),
        Tag::Str => value.as_object::<Str>().map(Str::hash),
        _ => None,
    }
}

impl Set {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.index.len() + self.others.len()
    }

    /// True if there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True if an equal element is there.
    pub fn contains(&self, value: &Value) -> bool {
        self.find(value).is_some()
    }

    /// Adds an element unless an equal one is there.
    pub fn insert(&mut self, value: Value) {
        if self.contains(&value) {
            return;
        }
        let at = self.slots.len() as u32;
        let hashed = hash(&value);
        self.slots.push(Some(value));
        match hashed {
            Some(hashed) => {
                let slots = &self.slots;
                self.index.insert_unique(hashed, at, |&i| hash_at(slots, i));
            }
            None => self.others.push(at),
        }
    }

    /// Removes an equal element, if there is one, and gives it. Amortised O(1) for elements that hash.
    pub fn remove(&mut self, value: &Value) -> Option<Value> {
        let at = self.find(value)?;
        match hash_slot(&self.slots[at as usize]) {
            Some(hashed) => {
                if let Ok(found) = self.index.find_entry(hashed, |&i| i == at) {
                    found.remove();
                }
            }
            None => self.others.retain(|&i| i != at),
        }
        let removed = self.slots[at as usize].take();
        if self.slots.len() > 8 && self.len() < self.slots.len() / 2 {
            *self = core::mem::take(&mut self.slots)
                .into_iter()
                .flatten()
                .collect();
        }
        removed
    }

    /// The elements in order.
    pub fn iter(&self) -> impl Iterator<Item = &Value> {
        self.slots.iter().flatten()
    }

    /// The first element at or after a position, and the position after it (see `Dict::entry_from`).
    pub fn element_from(&self, position: usize) -> Option<(&Value, usize)> {
        let rest = self.slots.get(position..)?;
        let (skipped, value) = rest
            .iter()
            .enumerate()
            .find_map(|(i, slot)| slot.as_ref().map(|value| (i, value)))?;
        Some((value, position + skipped + 1))
    }

    /// The elements that do not hash, in order.
    pub(super) fn unhashed(&self) -> impl Iterator<Item = &Value> {
        self.others
            .iter()
            .filter_map(|&i| self.slots[i as usize].as_ref())
    }

    fn find(&self, value: &Value) -> Option<u32> {
        let holds = |i: &u32| {
            self.slots[*i as usize]
                .as_ref()
                .is_some_and(|v| same(v, value))
        };
        let hashed = match value.tag() {
            // The only int that a float can equal.
            Tag::Float => value
                .as_float()
                .map(|x| key::hash_int(libm::round(x) as i64)),
            _ => hash(value),
        };
        let found = hashed.and_then(|hashed| self.index.find(hashed, holds));
        found
            .or_else(|| match value.tag() {
                Tag::Bool | Tag::Str => None,
                _ => self.others.iter().find(|i| holds(i)),
            })
            .copied()
    }
}

fn hash_slot(slot: &Option<Value>) -> Option<u64> {
    slot.as_ref().and_then(hash)
}

fn hash_at(slots: &[Option<Value>], at: u32) -> u64 {
    hash_slot(&slots[at as usize]).unwrap_or_default()
}

impl FromIterator<Value> for Set {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Set {
        let mut set = Set::default();
        for value in values {
            set.insert(value);
        }
        set
    }
}
