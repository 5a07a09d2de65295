//! The runtime archive that executables link, `libruff_runtime.a`, as tests get it.
//!
//! `cargo test` builds dependencies without regard to `panic = "abort"`, so the archive is built once by a nested `cargo build` in a
//! target directory of its own, to be named by `RUFF_RUNTIME`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The archive of the repository at `root`, built at the first call.
pub fn archive(root: &Path) -> &'static Path {
    static ARCHIVE: OnceLock<PathBuf> = OnceLock::new();
    ARCHIVE.get_or_init(|| build(root, None))
}

/// Builds the archive, for this machine or for a target whose standard library is installed.
pub fn build(root: &Path, target: Option<&str>) -> PathBuf {
    let dir = root.join("target").join("archive");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--quiet"]);
    cargo.args(["-p", "ruff-runtime-archive"]);
    cargo.args(target.map(|target| ["--target", target]).iter().flatten());
    cargo.arg("--target-dir").arg(&dir).current_dir(root);
    let status = cargo.status().expect("cargo can be started");
    assert!(status.success(), "the runtime archive does not build");
    let built = dir.join(target.unwrap_or_default()).join("release");
    built.join("libruff_runtime.a")
}
