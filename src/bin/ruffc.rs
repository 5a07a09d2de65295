//! ruffc
fn main() {}
