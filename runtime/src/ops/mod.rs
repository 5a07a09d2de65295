//! The meaning of every operation of the language on boxed values: one place for all engines.
//!
//! In: values and a context. Out: values, or an error with the message that language.md prescribes.
//! The interpreter calls these functions; compiled code calls them through `abi`.
//! The common cases (ints, floats, arrays) are inlined into the caller; what is rare or raises is outlined.

mod arith;
mod call;
mod compare;
mod construct;
mod error;
mod field;
mod index;
mod iterate;
mod module;
mod overload;
mod parts;
mod place;
pub mod room;
mod shared_place;
#[cfg(test)]
mod tests;
pub mod text;
mod variable;

pub use crate::object::equal::same;
pub use arith::*;
pub use call::*;
pub use compare::*;
pub use construct::*;
pub use error::*;
pub use field::*;
pub use index::*;
pub use iterate::*;
pub use module::*;
pub use overload::*;
pub use parts::*;
pub use place::*;
pub use shared_place::*;
pub use variable::*;
