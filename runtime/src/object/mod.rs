//! The heap objects: one file per kind, a body with its invariants and its safe operations.
//!
//! In: values. Out: object bodies that `heap::Ref` counts. They do not raise: operations with messages are in `ops/`.

mod array;
mod function;
mod string;

pub use array::{Array, Storage};
pub use function::{Bound, Cell, Func};
pub use string::Str;
