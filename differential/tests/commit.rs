//! What must hold before every commit: generated programs and mutants mean the same in every configuration, and as executables. Most
//! seeds are the same each time; some are fresh, and printed. `cargo run --release -p ruff-differential` takes as many as you like.

#[path = "../../tests/harness/archive.rs"]
mod archive;

use ruff::driver::isa::OptLevel;
use ruff_differential::executable::Maker;
use ruff_differential::hunt::{Detailed, Making, Plan, Work, hunt};
use ruff_differential::{generate, matrix};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// Runs programs, reports, and fails if there was a difference. Gives the configurations that ran.
fn run(what: &str, work: Work, first: u64, count: u64) -> BTreeSet<String> {
    let plan = Plan {
        work,
        first,
        count,
        workers: 2,
        limit: None,
    };
    let report = hunt(Path::new(env!("CARGO_BIN_EXE_ruff-differential")), &plan);
    // Not `println!`: what was run is part of the result.
    let text = format!("{what} from seed {first}:\n{}\n", Detailed(&report));
    let told = std::io::stdout().write_all(text.as_bytes());
    told.expect("the report can be written");
    assert!(report.finds.is_empty(), "{:#?}", report.finds);
    assert_eq!(report.ran, count);
    // Mutants often run for ever, which nobody generates.
    let most = if plan.work == Work::Mutants { 5 } else { 20 };
    let skipped: u64 = report.skipped.values().sum();
    assert!(
        skipped * most <= count,
        "too many programs are not compared"
    );
    report.runs.into_keys().collect()
}

/// A seed that nobody has used before.
fn fresh() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |time| time.as_secs()) * 1_000_000
}

#[test]
fn generated_programs_mean_the_same_in_every_configuration() {
    let ran = run("generated programs", Work::Engines, 0, 1700);
    for row in matrix::all() {
        assert!(ran.contains(&row.name), "{} has not run", row.name);
    }
    run("fresh programs", Work::Engines, fresh(), 300);
}

#[test]
fn mutants_of_the_tests_mean_the_same_in_every_configuration() {
    run("mutants", Work::Mutants, 0, 200);
    run("fresh mutants", Work::Mutants, fresh(), 100);
}

#[test]
fn executables_do_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let making = Making {
        target: None,
        runtime: Some(archive::archive(&root).to_owned()),
    };
    let work = Work::Executables(making);
    run("executables", work.clone(), 0, 80);
    run("fresh executables", work, fresh(), 20);
}

/// The machines that can be emulated: both orders of bytes, and three instruction sets besides x86-64.
const MACHINES: [&str; 3] = [
    "aarch64-unknown-linux-gnu",
    "riscv64gc-unknown-linux-gnu",
    "s390x-unknown-linux-gnu",
];

/// What is missing to make and run executables for a target: its C compiler driver, `qemu-user`, or its standard library of Rust
/// (`rustup target add TARGET`), of which the runtime needs a part.
fn missing(target: &str, root: &Path) -> Option<String> {
    let tool = Maker::new(Some(target), OptLevel(0), root).missing();
    if let Some(tool) = tool {
        return Some(format!("{tool} is not installed"));
    }
    let mut rustc = Command::new("rustc");
    let asked = rustc.args(["--print", "target-libdir", "--target", target]);
    let told = asked.output().map(|told| told.stdout).unwrap_or_default();
    let library = String::from_utf8_lossy(&told);
    let is_there = Path::new(library.trim_end()).is_dir();
    (!is_there).then(|| "its standard library is not installed".into())
}

#[test]
fn executables_of_other_machines_do_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut text = String::new();
    for target in MACHINES {
        if let Some(missing) = missing(target, &root) {
            text += &format!("executables for {target}: skipped, {missing}\n");
            continue;
        }
        let making = Making {
            target: Some(target.to_owned()),
            runtime: Some(archive::build(&root, Some(target))),
        };
        let what = format!("executables for {target}");
        run(&what, Work::Executables(making), 0, 20);
    }
    let told = std::io::stdout().write_all(text.as_bytes());
    told.expect("the report can be written");
}

#[test]
fn every_form_of_the_generator_is_used() {
    let mut unused: BTreeSet<&str> = generate::forms().collect();
    for seed in 0..400 {
        for form in generate::program(seed).forms.keys() {
            unused.remove(form);
        }
    }
    assert!(unused.is_empty(), "{unused:?}");
}
