//! Programs of the examples and of the language's tests under valgrind: neither the runtime nor generated code touches memory that is not its own, or
//! decides by what nobody has written.
//!
//! Where valgrind is not installed the test says so and counts as skipped.

mod harness;

use harness::root;
use harness::tool::{command, directory, output, started};
use harness::ways::Way;
use std::fs;
use std::process::Command;
use std::sync::Mutex;

/// One or two for each kind of object, and one for each kind of way through the code.
const PROGRAMS: &[&str] = &[
    "examples/bank.ruff",
    "examples/shapes.ruff",
    "tests/lang/07_numbers/loop_bounds.ruff",
    "tests/lang/08_indexing/flags.ruff",
    "tests/lang/19_builtins/get.ruff",
    "tests/lang/19_builtins/arrays.ruff",
    "tests/lang/19_builtins/callbacks.ruff",
    "tests/lang/19_builtins/collections.ruff",
    "tests/lang/19_builtins/dicts.ruff",
    "tests/lang/19_builtins/json.ruff",
    "tests/lang/19_builtins/strings.ruff",
];

const WAYS: [Way; 3] = [Way::Interpreter, Way::Jit, Way::Executable];

/// What valgrind ends with if it has found something; no program of the list does.
const FOUND: i32 = 99;

#[test]
fn programs_touch_only_their_own_memory() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        return println!("1 skipped: valgrind is not installed");
    }
    let left = Mutex::new(PROGRAMS.to_vec());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(name) = left.lock().ok().and_then(|mut left| left.pop()) {
                    WAYS.iter().for_each(|way| check(name, *way));
                }
            });
        }
    });
}

fn check(name: &str, way: Way) {
    let path = root().join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let dir = directory(&[("a.ruff", &text)]);
    let mut program = started(way, &dir);
    let (code, printed, _) = output(&mut program);

    let mut checked = command(
        "valgrind".as_ref(),
        &dir,
        &["-q", "--smc-check=all-non-file"],
    );
    checked.arg(format!("--error-exitcode={FOUND}"));
    if way == Way::Jit {
        // The optimised compiler itself reads ahead what it then does not use.
        checked.arg("--undef-value-errors=no");
    }
    checked.arg(program.get_program()).args(program.get_args());
    let (end, text, told) = output(&mut checked);
    assert_ne!(end, FOUND, "{name} {way:?}: {told}");
    assert_eq!((end, text), (code, printed), "{name} {way:?}");
}
