//! Each test gives source and the tree it means, as `dump` writes it; or the messages it deserves.

use super::*;
use crate::syntax::dump;

fn check(source: &str, expected: &str) {
    let mut map = SourceMap::new();
    let file = map.add("t.ruff", source);
    let (tree, faults) = parse(&map, file);
    let messages: Vec<&str> = faults.iter().map(|fault| &*fault.message).collect();
    assert_eq!(
        (dump::tree(&tree).trim_end(), messages),
        (expected, vec![]),
        "{source}"
    );
}

#[test]
fn operators_bind_by_level() {
    check("1 + 2 * 3 - 4", "(- (+ 1 (* 2 3)) 4)");
}
