//! What kinds of values instructions have seen: one byte per instruction, a bit per class.
//!
//! In: tags. Out: bytes that a compiler may read as hints; nothing depends on them being complete.

use ruff_runtime::value::Tag;

/// `null` was seen.
pub const NULL: u8 = 1;
/// A bool was seen.
pub const BOOL: u8 = 2;
/// An int was seen.
pub const INT: u8 = 4;
/// A float was seen.
pub const FLOAT: u8 = 8;
/// A string was seen.
pub const STR: u8 = 16;
/// An array was seen.
pub const ARRAY: u8 = 32;
/// A struct was seen.
pub const STRUCT: u8 = 64;
/// A value of any other kind was seen.
pub const OTHER: u8 = 128;

/// The bit of a tag.
#[inline(always)]
pub fn class(tag: Tag) -> u8 {
    const CLASSES: [u8; 32] = {
        let mut classes = [OTHER; 32];
        classes[Tag::Null as usize] = NULL;
        classes[Tag::Bool as usize] = BOOL;
        classes[Tag::Int as usize] = INT;
        classes[Tag::Float as usize] = FLOAT;
        classes[Tag::Str as usize] = STR;
        classes[Tag::Array as usize] = ARRAY;
        classes[Tag::Struct as usize] = STRUCT;
        classes
    };
    CLASSES[tag as usize & 31]
}
