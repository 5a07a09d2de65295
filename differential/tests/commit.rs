//! As many generated programs as half a minute allows, in the oracle and in every engine of one process. The seeds are the same each
//! time; `cargo run --release -p ruff-differential` takes fresh ones.

use ruff_differential::generate;
use ruff_differential::hunt::{Plan, Work, hunt};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

fn run(first: u64, seconds: u64) {
    let plan = Plan {
        work: Work::Engines,
        first,
        count: 1000,
        workers: 2,
        limit: Some(Duration::from_secs(seconds)),
    };
    let report = hunt(Path::new(env!("CARGO_BIN_EXE_ruff-differential")), &plan);
    // Not `println!`: what was run is part of the result.
    let line = format!("generated programs from seed {first}: {report}\n");
    let told = std::io::stdout().write_all(line.as_bytes());
    told.expect("the report can be written");
    assert!(report.finds.is_empty(), "{:#?}", report.finds);
    assert!(report.ran > 0);
}

#[test]
fn generated_programs_mean_the_same_in_every_engine() {
    run(0, 25);
}

#[test]
fn every_form_of_the_generator_is_used() {
    let mut unused: BTreeSet<&str> = generate::forms().collect();
    for seed in 0..200 {
        for form in generate::program(seed).forms.keys() {
            unused.remove(form);
        }
    }
    assert!(unused.is_empty(), "{unused:?}");
}
