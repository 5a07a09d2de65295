//! The Ruff toolchain.
