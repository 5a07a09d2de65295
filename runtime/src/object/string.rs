//! Immutable text with what is worth remembering about it: its length in characters and its hash.
//!
//! Appending in place is possible while nobody else holds the string (`Ref::make_mut`).

use super::text::Text;
use crate::fault;
use crate::heap::{HeapObject, Object, Ref};
use crate::value::{Tag, Value};
use alloc::string::String;
use core::cell::Cell;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering};

const UNKNOWN: usize = usize::MAX;

/// The body of a string.
pub struct Str {
    text: Text,
    /// Characters, or [`UNKNOWN`]. Equal to the length in bytes for ASCII text, which makes indexing O(1).
    chars: Cell<usize>,
    /// Hash of the text, or 0 if not computed yet.
    hash: Cell<u64>,
}

impl Object for Str {
    const TAG: Tag = Tag::Str;
    fn children(&mut self, _visit: &mut dyn FnMut(&mut Value)) {}

    #[cfg(debug_assertions)]
    fn wrong(&self) -> Option<&'static str> {
        let Ok(text) = core::str::from_utf8(self.as_str().as_bytes()) else {
            return Some("bytes that are not UTF-8");
        };
        let (chars, hash) = (self.chars.get(), self.hash.get());
        if chars != UNKNOWN && chars != text.chars().count() {
            return Some("a wrong number of characters");
        }
        (hash != 0 && hash != hash_text(text)).then_some("a wrong hash")
    }
}

impl Clone for Str {
    fn clone(&self) -> Str {
        Str {
            text: self.text.clone(),
            chars: self.chars.clone(),
            hash: self.hash.clone(),
        }
    }
}

impl From<String> for Str {
    #[inline]
    fn from(text: String) -> Str {
        Str::of(Text::from(text))
    }
}

impl From<&str> for Str {
    #[inline]
    fn from(text: &str) -> Str {
        Str::of(Text::from(text))
    }
}

impl Str {
    #[inline]
    fn of(text: Text) -> Str {
        Str {
            text,
            chars: Cell::new(UNKNOWN),
            hash: Cell::new(0),
        }
    }

    /// A string object with a copy of the text; for no or one ASCII character, one that is there for good.
    pub fn new(text: &str) -> Ref<Str> {
        match text.as_bytes() {
            [] => small(EMPTY),
            &[c] => small(c as usize),
            _ => Ref::new(Str::from(text)),
        }
    }

    /// The string of one character.
    pub fn of_char(c: char) -> Ref<Str> {
        Str::new(c.encode_utf8(&mut [0; 4]))
    }

    /// The text.
    #[inline(always)]
    pub fn as_str(&self) -> &str {
        self.text.as_str()
    }

    /// Length in Unicode scalar values; counted once.
    #[inline]
    pub fn chars(&self) -> usize {
        if self.chars.get() == UNKNOWN {
            self.chars.set(self.as_str().chars().count());
        }
        self.chars.get()
    }

    /// True if every character is one byte.
    #[inline]
    pub fn is_ascii(&self) -> bool {
        self.chars() == self.as_str().len()
    }

    /// The character at an index counted in characters; O(1) for ASCII text.
    pub fn char_at(&self, index: usize) -> Option<char> {
        if self.is_ascii() {
            return self.as_str().as_bytes().get(index).map(|&b| b as char);
        }
        self.as_str().chars().nth(index)
    }

    /// The byte offset of a character index (its length in bytes if past the end); O(1) for ASCII text.
    pub fn byte_offset(&self, index: usize) -> usize {
        if self.is_ascii() {
            return index.min(self.as_str().len());
        }
        let text = self.as_str();
        text.char_indices()
            .nth(index)
            .map_or(text.len(), |(at, _)| at)
    }

    /// Bytes that can be appended before the storage grows.
    #[inline(always)]
    pub fn spare(&self) -> usize {
        self.text.spare()
    }

    /// Appends in place, in amortised O(length of `more`).
    pub fn append(&mut self, more: &str) {
        if self.chars.get() != UNKNOWN {
            let added = if more.is_ascii() {
                more.len()
            } else {
                more.chars().count()
            };
            self.chars.set(self.chars.get() + added);
        }
        if !fault!(GrownTextKeepsItsHash) {
            self.hash.set(0);
        }
        self.text.push_str(more);
    }

    /// The hash of the text; computed once. Never 0.
    pub fn hash(&self) -> u64 {
        if self.hash.get() == 0 {
            self.hash.set(hash_text(self.as_str()));
        }
        self.hash.get()
    }
}

/// Index of the empty string in [`SMALL`]; the others are the codes of their one ASCII character.
const EMPTY: usize = 128;

/// Immortal strings, made when first used. Everything they cache is computed then, so nobody writes to them.
static SMALL: [AtomicPtr<HeapObject<Str>>; 129] = [const { AtomicPtr::new(null_mut()) }; 129];

#[inline]
fn small(at: usize) -> Ref<Str> {
    let made = SMALL[at].load(Ordering::Acquire);
    if made.is_null() {
        return make_small(at);
    }
    // SAFETY: an immortal string, which is never freed and whose count does not matter.
    unsafe { Ref::from_raw(made) }
}

#[cold]
fn make_small(at: usize) -> Ref<Str> {
    let text = match at {
        EMPTY => String::new(),
        code => String::from(code as u8 as char),
    };
    let string = Ref::new_immortal(Str::from(text));
    string.chars();
    string.hash();
    SMALL[at].store(string.as_ptr(), Ordering::Release);
    string
}

/// The hash that [`Str::hash`] caches, for text that is not an object. Never 0.
pub fn hash_text(text: &str) -> u64 {
    // Folded multiplication, eight bytes at a time: as in wyhash, without its resistance to chosen collisions.
    const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
    const FACTOR: u64 = 0xd6e8_feb8_6659_fd93;
    let fold = |hash: u64, word: u64| {
        let wide = (hash ^ word) as u128 * FACTOR as u128;
        wide as u64 ^ (wide >> 64) as u64
    };
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let hash = words.iter().fold(SEED ^ text.len() as u64, |hash, &word| {
        fold(hash, u64::from_le_bytes(word))
    });
    fold(hash, u64::from_le_bytes(last)) | 1
}
