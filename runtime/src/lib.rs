//! What Ruff programs stand on at run time, in every engine: values, their operations, the builtins.
//!
//! `ruff` links this crate as a library; executables link it as `libruff_runtime.a` (the crate in `archive/`).
//! No `std`: an executable that says hello is then a tenth of the size.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod abi;
pub mod builtins;
pub mod ctx;
pub mod error;
pub mod fault;
pub mod heap;
pub mod image;
pub mod layout;
pub mod object;
pub mod ops;
pub mod os;
pub mod start;
pub mod value;
