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
    ARCHIVE.get_or_init(|| {
        let target = root.join("target").join("archive");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args([
            "build",
            "--release",
            "--quiet",
            "-p",
            "ruff-runtime-archive",
        ]);
        cargo.arg("--target-dir").arg(&target).current_dir(root);
        let status = cargo.status().expect("cargo can be started");
        assert!(status.success(), "the runtime archive does not build");
        target.join("release").join("libruff_runtime.a")
    })
}
