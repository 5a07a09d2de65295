//! The passes over one function, one file each; `passes.rs` says in which order they run and why.

pub mod dce;
pub mod inline;
pub mod loop_versioning;
pub mod params;
pub mod range;
pub mod sharpen;
pub mod straighten;
