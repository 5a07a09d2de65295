//! Every program on which the engines once disagreed, in every engine.

mod harness;

use harness::{program, root, suite};

#[test]
fn what_was_wrong_once_stays_right() {
    suite::run(
        "tests/regress",
        program::below(&root().join("tests").join("regress")),
    );
}
