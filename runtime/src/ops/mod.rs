//! The meaning of every operation of the language on boxed values: one place for all engines.
//!
//! In: values and a context. Out: values, or an error with the message that language.md prescribes.
//! The interpreter calls these functions; compiled code calls them through `abi`.

pub mod room;
pub mod text;
