//! Large programs compile in a time that grows with their size, in every engine: four times the program may cost six times the processor
//! time, and no more.

mod harness;

use harness::tool::{command, directory};
use harness::ways::{Scratch, ruff, ruffc};
use std::process::Stdio;

/// What `part` gives for the numbers below `n`, joined.
fn each(n: usize, part: impl Fn(usize) -> String) -> String {
    (0..n).map(part).collect()
}

/// A shape of program: its name, a size, and the program of a size.
type Shape = (&'static str, usize, fn(usize) -> String);

const SHAPES: &[Shape] = &[
    ("functions", 300, |n| {
        each(n, |i| format!("func f{i}(x) {{ return x + {i} }}\n"))
    }),
    ("statements of a function", 1500, |n| {
        format!(
            "func f(x) {{\n{}return x }}\nprint(f(1))",
            "x := x + 1\n".repeat(n)
        )
    }),
    ("statements", 1500, |n| {
        format!("x := 1\n{}", "x := x + 1\n".repeat(n))
    }),
    ("tests one after the other", 300, |n| {
        format!(
            "func f(x, y) {{\n{}return x }}\nprint(f(1, 2))",
            "y := x * 2\nif y > 5 { x := y - 1 }\n".repeat(n)
        )
    }),
    ("handlers one after the other", 150, |n| {
        format!(
            "func g(a) {{ return a }}\nfunc f(x) {{\n{}return x }}\nprint(f(1))",
            "try { x := g(x) } except e { x := 1 }\n".repeat(n)
        )
    }),
    ("elements of an array", 5000, |n| {
        format!(
            "func f() {{ return [{}] }}\nprint(len(f()))",
            each(n, |i| format!("{i}, "))
        )
    }),
];

/// Seconds of processor time that a command needs.
#[allow(
    clippy::zombie_processes,
    reason = "`wait4` waits, and tells the processor time of this child alone"
)]
fn cost(dir: &Scratch, program: &std::path::Path, words: &[&str]) -> f64 {
    let mut command = command(program, dir, words);
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    let child = quiet.spawn().expect("it can be started");
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::zeroed());
    // SAFETY: both places are writable; the child is ours and waited for once.
    let usage = unsafe {
        assert_eq!(
            libc::wait4(child.id() as i32, &mut status, 0, usage.as_mut_ptr()),
            child.id() as i32
        );
        usage.assume_init()
    };
    assert_eq!(status, 0, "{words:?}");
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

/// The least of a few measurements, after what the tool needs for nothing.
fn least(dir: &Scratch, program: &std::path::Path, words: &[&str]) -> f64 {
    (0..3)
        .map(|_| cost(dir, program, words))
        .fold(f64::MAX, f64::min)
}

#[test]
fn four_times_the_program_costs_at_most_six_times_as_much() {
    let mut wrong = Vec::new();
    for (name, n, text) in SHAPES {
        let sizes = [*n, 2 * n, 4 * n].map(text);
        let dir = directory(&[
            ("a.ruff", &sizes[0]),
            ("b.ruff", &sizes[1]),
            ("c.ruff", &sizes[2]),
            ("none.ruff", ""),
        ]);
        for (tool, words) in [
            (ruff(), &["run", "--interpreter"][..]),
            (ruff(), &["run", "--jit-threshold", "1"]),
            (ruff(), &["run"]),
            (ruffc(), &["--emit", "obj", "-o", "x.o"]),
        ] {
            let of = |file: &'static str| least(&dir, tool, &[words, &[file]].concat());
            let nothing = of("none.ruff");
            let costs = ["a.ruff", "b.ruff", "c.ruff"].map(|file| (of(file) - nothing).max(0.001));
            // Below some milliseconds the clock tells nothing.
            let slope = costs[2] / costs[0].max(0.004);
            println!("{name}, {words:?}: {costs:.3?}, x{slope:.1}");
            if slope > 6.0 {
                wrong.push(format!("{name}, {words:?}: {costs:.3?}, x{slope:.1}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
