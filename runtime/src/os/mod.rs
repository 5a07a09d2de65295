//! The only place with system calls: output, files, environment, clock, threads.

pub mod memory;
pub mod output;
pub mod random;
