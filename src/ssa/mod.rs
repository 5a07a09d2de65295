//! Typed SSA: bytecode with every value named and typed, and the passes that sharpen it.
//!
//! In: verified bytecode. Out: typed functions for `codegen`. Nothing here knows Cranelift, nor whether the code will be
//! mapped or written to disk.

mod build;
mod build_op;
pub mod infer;
pub mod ir;
pub mod loops;
mod opt;
pub mod order;
pub mod passes;
pub mod print;
mod region;
mod rewrite;
pub mod types;
pub mod verify;
pub mod versions;

pub use build::live_registers;
