//! The Ruff toolchain, stages in the order in which a program passes through them.

pub mod bytecode;
