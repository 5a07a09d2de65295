//! The heap objects: one file per kind, a body with its invariants and its safe operations.
//!
//! In: values. Out: object bodies that `heap::Ref` counts. They do not raise: operations with messages are in `ops/`.
//! `Clone` of a body copies one level (its elements are counted up); that is what copy-on-write needs.

mod array;
mod bytes;
mod dict;
pub mod equal;
mod function;
pub mod key;
mod module;
mod record;
mod sequence;
mod set;
mod string;
mod text;
mod variant;

pub use array::{Array, Elements, ElementsMut, Storage};
pub use bytes::Bytes;
pub use dict::{Dict, Entry};
pub use function::{Bound, Cell, Func};
pub use key::Key;
pub use module::Module;
pub use record::{
    Definition, Extra, FieldCache, Handle, Native, Overload, Record, Shape, StructDef,
};
pub use sequence::{Queue, Stack};
pub use set::Set;
pub use string::{Str, hash_text};
pub use variant::{ERR, NONE, OK, SOME, TagName, Variant};
