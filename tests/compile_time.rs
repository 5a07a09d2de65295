//! Large programs compile in a time that grows with their size, in every engine: four times the program may cost six times the processor
//! time, and no more. With `RUFF_FULL_SIZE=1`, which takes a while, the largest of each shape is about as large as a source file may be.

mod harness;

use harness::tool::{command, directory};
use harness::ways::{Scratch, ruff, ruffc};
use ruff::source::MAX_SOURCE_BYTES;
use std::io::Write;
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
    ("loops one after the other", 100, |n| {
        format!(
            "func f(x) {{\n{}return x }}\nprint(f(1))",
            "for i in 2 { x := x + i }\n".repeat(n)
        )
    }),
    ("statements of floats and strings", 1500, |n| {
        format!(
            "func f(x, y, s) {{\n{}return [x, y, s] }}\nprint(f(1.0, 2, \"a\"))",
            "x := x + 1.5\ny := y * 3 % 1000\ns := \"${y}\"\n".repeat(n / 3)
        )
    }),
    ("calls", 1500, |n| {
        format!(
            "func g(a) {{ return a + 1 }}\nfunc f(x) {{\n{}return x }}\nprint(f(1))",
            "x := g(x)\n".repeat(n)
        )
    }),
    ("pushes", 1500, |n| {
        format!(
            "func f(x) {{\na := []\n{}return len(a) }}\nprint(f(1))",
            "a := push(a, x)\n".repeat(n)
        )
    }),
    ("functions called once each", 250, |n| {
        format!(
            "{}s := 0\n{}print(s)",
            each(n, |i| format!("func f{i}(x) {{ return x + {i} }}\n")),
            each(n, |i| format!("s := s + f{i}({i})\n"))
        )
    }),
    ("functions that call the one before", 150, |n| {
        format!(
            "func f0(x) {{ return x }}\n{}print(f{n}(1))",
            each(n, |i| format!(
                "func f{}(x) {{ return f{i}(x) + 1 }}\n",
                i + 1
            ))
        )
    }),
    ("functions that call two others", 100, |n| {
        format!(
            "func f0(x) {{ return x }}\nfunc f1(x) {{ return x }}\n{}print(f{n}({n}))",
            each(n, |i| format!(
                "func f{}(x) {{ if x > {n} {{ return f{}(x - 1) }} return f{i}(x - 1) + 1 }}\n",
                i + 2,
                i + 1
            ))
        )
    }),
    ("functions that call each other", 100, |n| {
        let calls = |i: usize| ((i * 7 + 1) % n, (i * 3 + 2) % n);
        format!(
            "{}print(f0(5))",
            each(n, |i| {
                let (a, b) = calls(i);
                format!(
                    "func f{i}(x) {{ if x <= 0 {{ return {i} }} return f{a}(x - 1) + f{b}(x - 2) }}\n"
                )
            })
        )
    }),
    ("structs", 100, |n| {
        format!(
            "{}s := 0\n{}print(s)",
            each(n, |i| format!("struct S{i} {{ a: int, b{i}: int }}\n")),
            each(n, |i| format!("s := s + S{i} {{ a: {i}, b{i}: 1 }}.a\n"))
        )
    }),
    ("alternatives", 200, |n| {
        format!(
            "func f(x) {{\n{}{{ return 0 }} }}\nprint(f(77))",
            each(n, |i| format!("if x == {i} {{ return {i} * 3 }} else "))
        )
    }),
    ("elements of an array that vary", 1500, |n| {
        format!(
            "func f(x) {{ return [{}] }}\nprint(len(f(1)))",
            each(n, |i| format!("x, {i}, "))
        )
    }),
    ("elements of an array", 5000, |n| {
        format!(
            "func f() {{ return [{}] }}\nprint(len(f()))",
            each(n, |i| format!("{i}, "))
        )
    }),
    ("strings of an array", 1500, |n| {
        format!(
            "func f() {{ return [{}] }}\nprint(len(f()))",
            each(n, |i| format!("\"s{i}\", "))
        )
    }),
    ("entries of a dict", 1500, |n| {
        format!(
            "func f() {{ return {{ {} }} }}\nprint(len(f()))",
            each(n, |i| format!("\"k{i}\": {i}, "))
        )
    }),
    ("values alive at once", 300, |n| {
        format!(
            "func f(x) {{\n{}s := 0\n{}return s }}\nprint(f(1))",
            each(n, |i| format!("a{i} := [x, {i}]\n")),
            each(n, |i| format!("s := s + len(a{i})\n"))
        )
    }),
    ("values alive at once and changed", 300, |n| {
        format!(
            "func g(a) {{ return push(a, 1) }}\nfunc f(x) {{\n{}s := 0\n{}{}return s }}\nprint(f(1))",
            each(n, |i| format!("a{i} := [x, {i}]\n")),
            each(n, |i| format!("a{i} := g(a{i})\n")),
            each(n, |i| format!("s := s + len(a{i})\n"))
        )
    }),
    ("operands of a sum", 400, |n| {
        format!("func f(x) {{ return x{} }}\nprint(f(1))", " + x".repeat(n))
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
    let full_size = std::env::var_os("RUFF_FULL_SIZE").is_some();
    for &(name, small, text) in SHAPES {
        // Numbers get longer.
        let fitting = MAX_SOURCE_BYTES * 4 / 5 / text(4 * small).len();
        let n = if full_size { fitting * small } else { small };
        let sizes = [n, 2 * n, 4 * n].map(text);
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
            let way = words.join(" ");
            let row = format!("{name:<35} {n:>6} {way:<22} {costs:>7.3?}  x{slope:.1}");
            // Not `println!`: the slopes are part of the result.
            writeln!(std::io::stdout(), "{row}").expect("the report can be written");
            if slope > 6.0 {
                wrong.push(row);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
