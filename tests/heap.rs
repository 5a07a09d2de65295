//! The heap checker finds nothing wrong in any program of `tests/lang`, and finds what is broken on purpose.
//!
//! It exists in builds with debug assertions, which is what `cargo test` makes.

mod harness;

use harness::ways::Way;
use harness::{program, root, suite};
use ruff::diag::ColorChoice;
use ruff::driver::front::{self, Source};
use ruff::driver::run::{self, Engine};
use ruff::driver::tier;
use ruff_runtime::fault::{self, Fault};
use ruff_runtime::heap::checker;
use std::process::Command;
use std::sync::Arc;

#[test]
fn the_heap_is_right_at_every_safepoint() {
    let mut programs = program::below(&root().join("tests").join("lang"));
    for program in &mut programs {
        let every = ("RUFF_CHECK_HEAP".to_owned(), "1".to_owned());
        program.promise.env.push(every);
    }
    suite::run_in(
        &[Way::Interpreter, Way::Jit],
        "tests/lang with the heap checker",
        programs,
    );
}

/// Faults of counts and bodies, and whether compiled code is to show them.
const FAULTS: &[(Fault, bool)] = &[
    (Fault::InterpretedCopiesAreNotRetained, false),
    (Fault::InterpretedReleasesAreDoubled, false),
    (Fault::InterpretedReturnsLeak, false),
    (Fault::OverwrittenCellsLeak, false),
    (Fault::GrownTextKeepsItsHash, false),
    (Fault::UnnamedErrorsLeak, false),
    (Fault::CompiledPartsAreNotRetained, true),
    (Fault::CompiledReleasesAreDoubled, true),
];

/// Values that are shared, overwritten, handed on, given up early and late, so that each fault has something to break.
const PROGRAM: &str = r#"
kept := ["one", "two"]
func pass(a) { b := a  return b }
func part(s, n) { if n > 0 { t := s[n]  return len(t) + len(kept) } return 0 }
func fails(a) { throw a }
func holds(a) {
  b := [a]  c := [b]  e := [c]  f := [e]  g := [f]  h := [g]  i := [h]  j := [i]
  if len(a) > 9 { return [b, c, e, f, g, h, i, j] }
  return len(a)
}
func renamed() {
  name := [kept[0]]
  rename := func() { name := [kept[1]] }
  rename()
  return name[0]
}
text := "text that is too long to lie in the string object "
d := {}
d[text] := 1
text := text + "text"
print(get(d, text, 0))
text := text + "more text"
x := pass(kept)
try { fails(kept) } except { print("caught") }
print(len(x), part(kept, 1), len(text), len(d), len(pass(text)), holds(kept), renamed())
"#;

/// Where the name of the fault stands for the process that plants it.
const PLANTED: &str = "RUFF_PLANTED_FAULT";

#[test]
fn faults_of_counts_and_bodies_are_found() {
    let tests = std::env::current_exe().expect("a process knows its executable");
    for (fault, _) in FAULTS {
        let mut process = Command::new(&tests);
        process.args(["--exact", "faulty_program", "--nocapture"]);
        let outcome = process.env(PLANTED, fault.name()).output();
        let outcome = outcome.expect("it can be started");
        let told = String::from_utf8_lossy(&outcome.stderr).into_owned();
        let line = told.lines().find(|line| line.contains("the heap is wrong"));
        println!("{fault:?}: {line:?}");
        assert!(
            line.is_some() && !outcome.status.success(),
            "{fault:?}: {told}"
        );
    }
}

/// The inside of a process of [`faults_of_counts_and_bodies_are_found`]; without a fault: the program is right.
#[test]
fn faulty_program() {
    let name = std::env::var(PLANTED).unwrap_or_default();
    let planted = FAULTS.iter().find(|(fault, _)| fault.name() == name);
    let compiled = planted.is_none_or(|&(_, compiled)| compiled);
    let source = Source::Text {
        name: "program.ruff".into(),
        text: PROGRAM.into(),
    };
    let front = front::front(&source, ColorChoice::Plain);
    let program = Arc::new(front.expect("the program compiles").program);
    let jit = Engine::Tiered(tier::Config {
        threshold: Some(1),
        ..tier::Config::default()
    });
    if let Some((fault, _)) = planted {
        fault::plant(*fault);
    }
    let engine = if compiled { jit } else { Engine::Interpreter };
    checker::switch_on(1);
    let outcome = run::capture(&program, engine);
    checker::switch_off();
    assert_eq!(
        outcome.output, "0\ncaught\n2 5 63 1 63 2 two\n",
        "{outcome:?}"
    );
}
