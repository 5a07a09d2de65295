//! Register code: its table, its containers and its tools.

pub mod op;
