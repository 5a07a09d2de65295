//! Do generated programs reach everything that programs can reach? A row that is new in one of the product's tables fails here until
//! the generator makes use of it, or a reason is given why no program can.

use ruff_differential::coverage::{PROGRAMS, measure};

#[test]
fn everything_reachable_is_reached() {
    let coverage = measure(PROGRAMS);
    let surprises = coverage.surprises();
    assert!(surprises.is_empty(), "{surprises:#?}\n{coverage}");
}
