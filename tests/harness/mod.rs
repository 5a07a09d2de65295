//! Runs Ruff programs in every engine and compares them with what they promise.
//!
//! In: programs with their expectations ([`program`]). Out: a report, and a panic that lists every failure. What a way
//! of running a program is, is in [`ways`]; what is compared, in [`check`]. Nothing here links the toolchain: the
//! binaries are what a user would run.

#![allow(
    dead_code,
    reason = "every test target uses its own part of the harness"
)]

pub mod archive;
pub mod check;
pub mod process;
pub mod program;
pub mod shim;
pub mod suite;
pub mod tool;
pub mod ways;

use std::path::PathBuf;

/// The root of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
