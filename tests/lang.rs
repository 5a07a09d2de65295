//! Every program of `tests/lang` in every engine. What a program promises stands in its comments.

mod harness;

use harness::{program, root, suite};

#[test]
fn the_language_means_the_same_in_every_engine() {
    suite::run(
        "tests/lang",
        program::below(&root().join("tests").join("lang")),
    );
}
