//! ruff
fn main() {}
