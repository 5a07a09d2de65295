//! Byte sequences (type `bytes`).

use crate::heap::Object;
use crate::value::{Tag, Value};
use alloc::vec::Vec;

/// The body of a byte sequence: a plain vector.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Bytes(pub Vec<u8>);

impl Object for Bytes {
    const TAG: Tag = Tag::Bytes;
    fn children(&mut self, _visit: &mut dyn FnMut(&mut Value)) {}
}
