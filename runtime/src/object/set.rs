//! Sets: distinct values (by `==`) in insertion order.
//!
//! Ints, bools and strings are found by hash in O(1); other elements are compared one by one.

use crate::heap::Object;
use crate::object::equal::same;
use crate::object::{Str, key};
use crate::value::{Tag, Value};
use alloc::vec::Vec;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// The body of a set.
#[derive(Clone, Default)]
pub struct Set {
    /// Elements in insertion order; `None` where one was removed.
    slots: Vec<Option<Value>>,
    /// The elements that hash.
    index: HashTable<Place>,
    /// Positions of the others, in order.
    others: Vec<u32>,
}

impl Object for Set {
    const TAG: Tag = Tag::Set;
    fn children(&mut self, visit: &mut dyn FnMut(&mut Value)) {
        self.slots.iter_mut().flatten().for_each(visit);
    }

    #[cfg(debug_assertions)]
    fn wrong(&self) -> Option<&'static str> {
        if self.iter().count() != self.len() {
            return Some("another number of elements than its length");
        }
        let known = |place: u32| matches!(self.slots.get(place as usize), Some(Some(_)));
        let mut places = self
            .index
            .iter()
            .map(|place| place.at)
            .chain(self.others.iter().copied());
        (!places.all(known)).then_some("a place without an element")
    }
}

/// Where an element lies. Its hash lies beside it, so that a growing index need not visit the elements.
#[derive(Clone, Copy)]
struct Place {
    hash: u32,
    at: u32,
}

impl Place {
    /// The hash as the table uses it, which looks at both ends.
    #[inline]
    fn spread(&self) -> u64 {
        spread(self.hash)
    }
}

#[inline]
fn spread(hash: u32) -> u64 {
    (hash as u64) << 32 | hash as u64
}

/// The hash of a value that equals only values of its own type, ints apart (see [`Set::find`]).
#[inline]
fn hash(value: &Value) -> Option<u32> {
    let hash = match value.tag() {
        Tag::Int => value.as_int().map(key::hash_int),
        Tag::Bool => value.as_bool().map(|b| key::hash_int(b as i64)),
        Tag::Str => value.as_object::<Str>().map(Str::hash),
        _ => None,
    };
    hash.map(fold)
}

#[inline]
fn fold(hash: u64) -> u32 {
    (hash >> 32) as u32 ^ hash as u32
}

impl Set {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.index.len() + self.others.len()
    }

    /// True if the next new element may make the storage grow.
    pub fn is_full(&self) -> bool {
        self.slots.len() == self.slots.capacity() || self.index.len() == self.index.capacity()
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
        let at = self.slots.len() as u32;
        match hash(&value) {
            // Only an element that hashes can be equal: one search finds it or its place.
            Some(hash) if self.others.is_empty() => {
                let same = |place: &Place| is_same(&self.slots[place.at as usize], &value);
                match self.index.entry(spread(hash), same, Place::spread) {
                    Entry::Occupied(_) => return,
                    Entry::Vacant(vacant) => drop(vacant.insert(Place { hash, at })),
                }
            }
            _ if self.contains(&value) => return,
            Some(hash) => {
                let place = Place { hash, at };
                self.index.insert_unique(spread(hash), place, Place::spread);
            }
            None => self.others.push(at),
        }
        self.slots.push(Some(value));
    }

    /// Removes an equal element, if there is one, and gives it. Amortised O(1) for elements that hash.
    pub fn remove(&mut self, value: &Value) -> Option<Value> {
        let at = self.find(value)?;
        match self.slots[at as usize].as_ref().and_then(hash) {
            Some(hash) => {
                if let Ok(found) = self.index.find_entry(spread(hash), |place| place.at == at) {
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
        let holds = |at: u32| is_same(&self.slots[at as usize], value);
        let hashed = match value.tag() {
            // The only int that a float can equal.
            Tag::Float => value
                .as_float()
                .map(|x| fold(key::hash_int(libm::round(x) as i64))),
            _ => hash(value),
        };
        let found = hashed.and_then(|hash| {
            self.index
                .find(spread(hash), |place| holds(place.at))
                .map(|place| place.at)
        });
        found.or_else(|| match value.tag() {
            Tag::Bool | Tag::Str => None,
            _ => self.others.iter().copied().find(|&at| holds(at)),
        })
    }
}

#[inline]
fn is_same(slot: &Option<Value>, value: &Value) -> bool {
    slot.as_ref().is_some_and(|element| same(element, value))
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
