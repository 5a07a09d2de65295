//! Register code: its table, its containers and its tools.

pub mod build;
pub mod disasm;
pub mod func;
pub mod liveness;
pub mod op;
pub mod operand;
pub mod verify;

pub use build::FuncBuilder;
pub use func::{Func, Handler, Program};
pub use op::Op;
pub use operand::*;

#[cfg(test)]
mod tests;
