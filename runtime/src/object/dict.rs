//! Dicts: maps in insertion order.
//!
//! Entries lie in a vector in the order of insertion; a removed entry leaves a gap, and gaps are squeezed out when
//! they are the majority. Up to [`SMALL`] slots keys are compared one by one. Above, ints from 0 on that lie close
//! together have a table of positions, as in Lua (Ierusalimschy et al., "The implementation of Lua 5.0", 2005, section 4);
//! all other keys have a hash index.

use crate::heap::Object;
#[cfg(debug_assertions)]
use crate::heap::Ref;
use crate::object::{Key, Str, key};
use crate::value::{Tag, Value};
use alloc::vec::Vec;
use core::cell::Cell;
use hashbrown::HashTable;

/// Up to this many slots there is no index.
const SMALL: usize = 8;

/// Keys of more bits are never in the dense table.
const MOST_DENSE_BITS: usize = 30;

/// One entry.
#[derive(Clone)]
pub struct Entry {
    /// The key.
    pub key: Key,
    /// The value.
    pub value: Value,
}

/// What the index holds of an entry: where it is, and half of its hash, which spares most looks at entries.
#[derive(Clone, Copy)]
struct Place {
    half: u32,
    at: u32,
}

impl Place {
    /// The index's hash: the half at both ends, where the table looks.
    fn hash(self) -> u64 {
        spread(self.half)
    }
}

fn spread(half: u32) -> u64 {
    (half as u64) << 32 | half as u64
}

/// The half of a hash that the index keeps.
fn half(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// The body of a dict.
#[derive(Default)]
pub struct Dict {
    slots: Vec<Option<Entry>>,
    /// The position of the int key `n`, plus 1, at `n`; 0 where there is none. Keys below its length are nowhere else.
    dense: Vec<u32>,
    index: HashTable<Place>,
    len: usize,
    /// Where the last key of the hash index was found: what is read is often written next.
    recent: Cell<u32>,
}

impl Object for Dict {
    const TAG: Tag = Tag::Dict;
    fn children(&mut self, visit: &mut dyn FnMut(&mut Value)) {
        for entry in self.slots.iter_mut().flatten() {
            visit(&mut entry.value);
        }
    }

    #[cfg(debug_assertions)]
    fn wrong(&self) -> Option<&'static str> {
        if self.iter().count() != self.len {
            return Some("another number of entries than its length");
        }
        let lost = |(at, entry): (usize, &Entry)| self.find(&entry.key) != Some(at);
        entries(&self.slots)
            .any(lost)
            .then_some("a key that is not found")
    }

    #[cfg(debug_assertions)]
    fn names(&self, visit: &mut dyn FnMut(&Ref<Str>)) {
        for entry in self.iter() {
            if let Key::Str(name) = &entry.key {
                visit(name);
            }
        }
    }
}

impl Dict {
    /// An empty dict with room for `capacity` entries.
    pub fn with_capacity(capacity: usize) -> Dict {
        Dict {
            slots: Vec::with_capacity(capacity),
            ..Dict::default()
        }
    }

    /// Number of entries.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }

    /// True if there are no entries.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// True if the next new entry may make the storage grow: that of the entries or that of the index.
    #[inline(always)]
    pub fn is_full(&self) -> bool {
        // An index without room is one that nothing has needed yet: all keys are in the dense table.
        let index_is_full = self.index.capacity() > 0 && self.index.len() == self.index.capacity();
        self.slots.len() == self.slots.capacity() || self.has_index() && index_is_full
    }

    /// The value of a key.
    #[inline]
    pub fn get(&self, key: &Key) -> Option<&Value> {
        let at = self.find(key)?;
        self.slots[at].as_ref().map(|entry| &entry.value)
    }

    /// What the key that `key` stands for holds. The outer `None`: it is no key.
    #[inline]
    pub fn get_at(&self, key: &Value) -> Option<Option<&Value>> {
        let found = self.find_at(key)?;
        Some(found.and_then(|at| self.slots[at].as_ref().map(|entry| &entry.value)))
    }

    /// The same in place.
    #[inline]
    pub fn slot_at(&mut self, key: &Value) -> Option<Option<&mut Value>> {
        let found = self.find_at(key)?;
        Some(found.and_then(|at| self.slots[at].as_mut().map(|entry| &mut entry.value)))
    }

    /// What an int key of the dense table holds, in place.
    #[inline(always)]
    pub fn dense_slot(&mut self, key: i64) -> Option<&mut Value> {
        let at = (*self.dense.get(key as usize)? as usize).checked_sub(1)?;
        self.slots[at].as_mut().map(|entry| &mut entry.value)
    }

    /// The value of a key, by its text: for builtins that look for a name.
    pub fn get_text(&self, text: &str) -> Option<&Value> {
        let same = |key: &Key| match key {
            Key::Str(s) => s.as_str() == text,
            Key::Int(n) => key::canonical_int(text) == Some(*n),
        };
        let at = self.find_by(|| key::hash_key_text(text), same)?;
        self.slots[at].as_ref().map(|entry| &entry.value)
    }

    /// The value of a key that is a name (an identifier is never an int).
    #[inline]
    pub fn get_name(&self, name: &crate::heap::Ref<Str>) -> Option<&Value> {
        let at = self.find_name(name)?;
        self.slots[at].as_ref().map(|entry| &entry.value)
    }

    /// True if there is an entry of that key.
    #[inline]
    pub fn contains(&self, key: &Key) -> bool {
        self.find(key).is_some()
    }

    /// Sets an entry and gives its old value. An existing entry keeps its position.
    #[inline]
    pub fn insert(&mut self, key: Key, value: Value) -> Option<Value> {
        if let Some(at) = self.find(&key) {
            let entry = self.slots[at].as_mut();
            return entry.map(|entry| core::mem::replace(&mut entry.value, value));
        }
        self.append(key, value);
        None
    }

    /// The value of a key in place, so that a nested place can be changed without taking it out.
    #[inline]
    pub fn slot(&mut self, key: &Key) -> Option<&mut Value> {
        let at = self.find(key)?;
        self.slots[at].as_mut().map(|entry| &mut entry.value)
    }

    /// Removes an entry, keeping the order of the others, in amortised O(1).
    pub fn remove(&mut self, key: &Key) -> Option<Value> {
        let at = self.find(key)?;
        if let Some(place) = dense_place(&mut self.dense, key) {
            *place = 0;
        } else if self.has_index()
            && let Ok(found) = self
                .index
                .find_entry(spread(half(key.hash())), |p| p.at as usize == at)
        {
            found.remove();
        }
        let entry = self.slots[at].take()?;
        self.len -= 1;
        if at + 1 == self.slots.len() {
            self.slots.pop();
            self.drop_stale_index();
        } else if self.slots.len() > SMALL && self.len < self.slots.len() / 2 {
            self.squeeze();
        }
        Some(entry.value)
    }

    /// The entries in insertion order.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.slots.iter().flatten()
    }

    /// The entries in the order in which they print (language.md §9).
    pub fn sorted(&self) -> Vec<&Entry> {
        let mut entries: Vec<&Entry> = self.iter().collect();
        key::sort_by_key(&mut entries, |entry| &entry.key);
        entries
    }

    /// The first entry at or after a position, and the position after it: iteration that keeps no borrow.
    /// Positions start at 0 and hold as long as the dict is not changed.
    #[inline]
    pub fn entry_from(&self, position: usize) -> Option<(&Entry, usize)> {
        let rest = self.slots.get(position..)?;
        let (skipped, entry) = rest
            .iter()
            .enumerate()
            .find_map(|(i, slot)| slot.as_ref().map(|entry| (i, entry)))?;
        Some((entry, position + skipped + 1))
    }

    #[inline(always)]
    fn has_index(&self) -> bool {
        self.slots.len() > SMALL
    }

    #[inline(always)]
    fn find(&self, key: &Key) -> Option<usize> {
        match key {
            Key::Int(n) => self.find_int(*n),
            Key::Str(s) => self.find_name(s),
        }
    }

    /// The position of the key that a value stands for, without making the key.
    #[inline(always)]
    fn find_at(&self, key: &Value) -> Option<Option<usize>> {
        if let Some(n) = key.as_int() {
            return Some(self.find_int(n));
        }
        match key.as_counted::<Str>() {
            Some(text) => Some(match key::canonical_int(text.as_str()) {
                Some(n) => self.find_int(n),
                None => self.find_name(text),
            }),
            None => Some(self.find(&Key::from_value(key)?)),
        }
    }

    #[inline(always)]
    fn find_int(&self, n: i64) -> Option<usize> {
        // A negative key is above all lengths.
        if let Some(&place) = self.dense.get(n as usize) {
            return (place as usize).checked_sub(1);
        }
        self.find_by(
            || key::hash_int(n),
            |other| matches!(other, Key::Int(m) if *m == n),
        )
    }

    #[inline(always)]
    fn find_name(&self, name: &crate::heap::Ref<Str>) -> Option<usize> {
        let same = |other: &Key| match other {
            Key::Str(s) => {
                s.ptr_eq(name) || (s.hash() == name.hash() && s.as_str() == name.as_str())
            }
            Key::Int(_) => false,
        };
        self.find_by(|| name.hash(), same)
    }

    #[inline(always)]
    fn find_by(&self, hash: impl FnOnce() -> u64, same: impl Fn(&Key) -> bool) -> Option<usize> {
        let holds = |slot: &Option<Entry>| slot.as_ref().is_some_and(|entry| same(&entry.key));
        if !self.has_index() {
            return self.slots.iter().position(holds);
        }
        let recent = self.recent.get() as usize;
        if self.slots.get(recent).is_some_and(holds) {
            return Some(recent);
        }
        let half = half(hash());
        let found = self.index.find(spread(half), |place| {
            place.half == half && holds(&self.slots[place.at as usize])
        })?;
        self.recent.set(found.at);
        Some(found.at as usize)
    }

    /// Appends an entry for the key that `key` stands for, which is not there yet.
    pub fn extend_at(&mut self, key: &Value, value: Value) {
        if let Some(key) = Key::from_value(key) {
            self.append(key, value);
        }
    }

    /// Appends an entry whose key is not there yet.
    fn append(&mut self, key: Key, value: Value) {
        self.len += 1;
        let at = self.slots.len();
        let place = dense_place(&mut self.dense, &key).map(|place| *place = at as u32 + 1);
        let half = if at < SMALL || place.is_some() {
            0
        } else {
            half(key.hash())
        };
        self.slots.push(Some(Entry { key, value }));
        if at == SMALL || place.is_none() && at > SMALL && self.is_index_due() {
            self.rebuild_index();
        } else if place.is_none() && at > SMALL {
            self.index_at(half, at);
        }
    }

    /// Whether the hash index is full and holds so much that some of it may belong into the dense table.
    fn is_index_due(&self) -> bool {
        self.index.len() == self.index.capacity() && self.index.len() >= self.len / 4
    }

    fn index_at(&mut self, half: u32, at: usize) {
        let at = at as u32;
        let place = Place { half, at };
        self.index.insert_unique(place.hash(), place, |p| p.hash());
    }

    /// Removes the gaps.
    fn squeeze(&mut self) {
        self.slots.retain(Option::is_some);
        self.rebuild_index();
    }

    fn rebuild_index(&mut self) {
        self.clear_index();
        if !self.has_index() {
            return;
        }
        self.dense.resize(self.dense_size(), 0);
        let Dict { slots, dense, .. } = self;
        let mut hashed = Vec::new();
        for (at, entry) in entries(slots) {
            match dense_place(dense, &entry.key) {
                Some(place) => *place = at as u32 + 1,
                None => hashed.push((half(entry.key.hash()), at)),
            }
        }
        // With some room, since the next time is when it is full.
        let room = hashed.len() + hashed.len() / 4;
        self.index.reserve(room, |p| p.hash());
        for (half, at) in hashed {
            self.index_at(half, at);
        }
    }

    /// The largest power of two below which at least a quarter of the ints are keys; 0 if there are hardly any.
    fn dense_size(&self) -> usize {
        // How many int keys have so many bits.
        let mut of_bits = [0usize; MOST_DENSE_BITS + 1];
        for (_, entry) in entries(&self.slots) {
            if let Key::Int(n) = entry.key
                && n >> MOST_DENSE_BITS == 0
            {
                of_bits[(64 - n.leading_zeros()) as usize] += 1;
            }
        }
        let (mut size, mut below) = (0, 0);
        for (bits, keys) in of_bits.into_iter().enumerate() {
            below += keys;
            if below > SMALL / 2 && below >= 1 << bits >> 2 {
                size = 1 << bits;
            }
        }
        size
    }

    fn clear_index(&mut self) {
        self.index.clear();
        self.dense.clear();
    }

    /// Below the threshold the index is not kept up, so it must not come back with old positions.
    fn drop_stale_index(&mut self) {
        if !self.has_index() {
            self.clear_index();
        }
    }
}

/// The entries with their positions.
fn entries(slots: &[Option<Entry>]) -> impl Iterator<Item = (usize, &Entry)> + '_ {
    let numbered = slots.iter().enumerate();
    numbered.filter_map(|(at, slot)| Some((at, slot.as_ref()?)))
}

/// Where the dense table has the position of a key; none if that is the hash index's.
#[inline(always)]
fn dense_place<'d>(dense: &'d mut [u32], key: &Key) -> Option<&'d mut u32> {
    match key {
        Key::Int(n) => dense.get_mut(*n as usize),
        Key::Str(_) => None,
    }
}

impl Clone for Dict {
    fn clone(&self) -> Dict {
        if self.len == self.slots.len() {
            return Dict {
                slots: self.slots.clone(),
                dense: self.dense.clone(),
                index: self.index.clone(),
                len: self.len,
                recent: self.recent.clone(),
            };
        }
        self.iter().cloned().collect()
    }
}

impl FromIterator<Entry> for Dict {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Dict {
        let entries = entries.into_iter();
        let mut dict = Dict::with_capacity(entries.size_hint().0);
        for entry in entries {
            dict.insert(entry.key, entry.value);
        }
        dict
    }
}

impl FromIterator<(Key, Value)> for Dict {
    fn from_iter<I: IntoIterator<Item = (Key, Value)>>(entries: I) -> Dict {
        entries
            .into_iter()
            .map(|(key, value)| Entry { key, value })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn text(dict: &Dict) -> String {
        let mut out = String::new();
        for entry in dict.iter() {
            entry.key.write(&mut out);
            out.push(' ');
        }
        out
    }

    #[test]
    fn order_survives_overwriting_and_removal() {
        let mut dict = Dict::default();
        for name in ["x", "y", "z"] {
            dict.insert(Key::from_text(name), Value::NULL);
        }
        dict.insert(Key::from_text("x"), Value::int(1));
        assert_eq!(text(&dict), "x y z ");
        dict.remove(&Key::from_text("x"));
        dict.insert(Key::from_text("x"), Value::int(2));
        assert_eq!(text(&dict), "y z x ");
    }

    #[test]
    fn agrees_with_a_model_under_many_changes() {
        let mut dict = Dict::default();
        let mut model: Vec<(i64, i64)> = Vec::new();
        let mut seed = 1u64;
        for step in 0..20_000i64 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let n = (seed >> 33) as i64 % 40;
            // Close together, far apart, and below zero.
            let n = if n % 4 == 3 { n * 500 - 10_000 } else { n };
            let key = if seed >> 20 & 1 == 0 {
                Key::Int(n)
            } else {
                Key::from_text(&alloc::format!("{n}"))
            };
            if seed >> 60 < 9 {
                dict.insert(key, Value::int(step));
                match model.iter_mut().find(|(k, _)| *k == n) {
                    Some(entry) => entry.1 = step,
                    None => model.push((n, step)),
                }
            } else {
                let old = dict.remove(&key).and_then(|v| v.as_int());
                let at = model.iter().position(|(k, _)| *k == n);
                assert_eq!(old, at.map(|at| model.remove(at).1));
            }
            assert_eq!(dict.len(), model.len());
            for (k, v) in &model {
                assert_eq!(dict.get(&Key::Int(*k)).and_then(Value::as_int), Some(*v));
            }
            assert!(
                dict.iter()
                    .map(|e| e.value.as_int())
                    .eq(model.iter().map(|e| Some(e.1)))
            );
        }
    }

    #[test]
    fn ints_close_together_are_found_without_hashing() {
        for step in [1, 2] {
            for backwards in [false, true] {
                let mut dict = Dict::default();
                for i in 0..1000 {
                    let n = if backwards { 999 - i } else { i };
                    dict.insert(Key::Int(n * step), Value::int(n));
                }
                let dense = (0..1000).filter(|n| dict.dense_slot(n * step).is_some());
                assert!(dense.count() >= 500, "{step} {backwards}");
                for n in 0..1000 {
                    let found = dict.get(&Key::Int(n * step)).and_then(Value::as_int);
                    assert_eq!(found, Some(n));
                }
            }
        }
        let mut sparse = Dict::default();
        for n in 0..1000 {
            sparse.insert(Key::Int(n * 1_000_003), Value::NULL);
        }
        assert!(sparse.dense.len() <= 2 * SMALL, "{}", sparse.dense.len());
    }
}
