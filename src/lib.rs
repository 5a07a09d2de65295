//! The Ruff toolchain, stages in the order in which a program passes through them.

pub mod source;

pub mod diag;

pub mod syntax;

pub mod resolve;

pub mod bytecode;

pub mod emit;

pub mod interp;

pub mod ssa;

pub mod codegen;

pub mod driver;
