//! Memory that runs out (language.md §14.1 and §20.2): results that are too large are errors that a program can catch, in every engine;
//! where an allocation of the runtime itself fails, the process ends with a message and exit code 6, after what it has printed.

mod harness;

use harness::shim::Shim;
use harness::tool::{command, directory, output, started};
use harness::ways::{WAYS, ruffc};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// What asks for too much at once, or doubles, or grows for ever.
const GREEDY: &[(&str, &str)] = &[
    ("repeat", "repeat(\"x\", 1000000000000)"),
    ("range", "range(1000000000000)"),
    ("a stepped range", "range(0, 1000000000000, 3)"),
    ("pad_left", "pad_left(\"x\", 1000000000000, \" \")"),
    ("pad_right", "pad_right(\"x\", 1000000000000, \"a\")"),
    (
        "join",
        "join(map(range(100000), func(x) { return \"x\" }), repeat(\"y\", 1000000))",
    ),
    (
        "replace",
        "let s := repeat(\"x\", 1000000); replace(s, \"x\", s)",
    ),
    ("concat", "mut a := [1]; loop { a := concat(a, a) }"),
    ("spread ints", "mut a := [1]; loop { a := [...a, ...a] }"),
    (
        "spread texts",
        "mut a := [\"x\"]; loop { a := [...a, ...a] }",
    ),
    ("sum of texts", "mut s := \"ab\"; loop { s := s + s }"),
    (
        "interpolation",
        "mut s := \"ab\"; loop { s := \"${s}${s}\" }",
    ),
    (
        "flatten",
        "mut a := [[1]]; loop { a := flatten([a, a, a, a]) }",
    ),
    ("split", "split(repeat(\"x\", 50000000), \"\")"),
    ("zip", "let a := range(10000000); zip(a, a)"),
    ("enumerate", "enumerate(range(10000000))"),
];

/// What grows by small steps; each reaches the limit of the address space only.
const GROWING: &[(&str, &str)] = &[
    ("push", "mut a := []; loop { a := push(a, 1) }"),
    ("push texts", "mut a := []; loop { a := push(a, \"x\") }"),
    (
        "append",
        "mut s := \"\"; loop { s += \"0123456789012345678901234567890123456789\" }",
    ),
    (
        "dict of ints",
        "mut d := {}; mut i := 0; loop { d[i] := i; i := i + 1 }",
    ),
    (
        "dict of texts",
        "mut d := {}; mut i := 0; loop { d[\"k${i}\"] := i; i := i + 1 }",
    ),
    (
        "long keys",
        "mut d := {}; mut i := 0; loop { d[repeat(\"k\", 100000) + \"${i}\"] := i; i := i + 1 }",
    ),
    (
        "set",
        "mut s := Set([]); mut i := 0; loop { s := set_add(s, i); i := i + 1 }",
    ),
    (
        "queue",
        "mut q := Queue([]); loop { q := queue_enqueue(q, 1) }",
    ),
    (
        "stack",
        "mut s := Stack([]); loop { s := stack_push(s, 1) }",
    ),
    (
        "copies",
        "let a := range(1000000); mut all := []; loop { mut b := a; b[0] := len(all); all := push(all, b) }",
    ),
    (
        "maps",
        "let a := range(1000000); mut all := []; loop { all := push(all, map(a, func(x) { return \"x\" })) }",
    ),
    (
        "sorts",
        "let a := range(1000000); mut all := []; loop { all := push(all, sort(a, func(x, y) { return false })) }",
    ),
    (
        "keys",
        "mut d := {}; for i in 100000 { d[i] := i }; mut all := []; loop { all := push(all, keys(d)) }",
    ),
    (
        "merge",
        "mut d := {}; for i in 100000 { d[i] := i }; mut all := []; loop { all := push(all, merge(d, {\"c\": len(all)})) }",
    ),
];

/// What makes a text of a value that is small only as long as nobody writes it down, or that leaves no room for its text.
const WORDY: &[(&str, &str)] = &[
    ("str", "str(many())"),
    ("str of ints", "str(range(30000000))"),
    ("str of a queue", "str(Queue(many()))"),
    ("str of a dict", "str({\"k\": [1, Some(many())]})"),
    ("print", "print(1, many())"),
    ("eprint", "eprint(many())"),
    ("debug", "debug(many())"),
    ("prompt", "input(many())"),
    ("interpolation", "\"${many()} and ${many()}\""),
    ("appended", "mut s := \"a${1}\"; s := \"${s}${many()}\""),
    ("join", "join([1, many()], \" \")"),
    ("format", "format(\"%s, %s\", 1, many())"),
    ("to_json", "to_json(many())"),
    ("to_json_pretty", "to_json_pretty({\"k\": many()})"),
    ("escapes", "to_json(repeat(\"\\n\", 150000000))"),
    ("throw", "throw(many())"),
    ("assert", "assert(false, many())"),
    ("invert", "invert({\"k\": many()})"),
    ("a message", "parse_int(repeat(\"x\", 250000000))"),
];

/// The address space of these programs: the gigabyte of the stack, and something to fill in a moment.
const SPACE: libc::rlim_t = 1500 << 20;

fn limit_space(command: &mut Command, bytes: libc::rlim_t) -> &mut Command {
    let limit = libc::rlimit {
        rlim_cur: bytes,
        rlim_max: bytes,
    };
    // SAFETY: between fork and exec the closure makes one system call, on a copy of the limit.
    unsafe {
        command.pre_exec(move || match libc::setrlimit(libc::RLIMIT_AS, &limit) {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        })
    }
}

/// Forty times one text of twenty megabytes.
const MANY: &str = "func many() { let s := repeat(\"x\", 20000000); return map(range(40), func(i) { return s }) }\n";

/// A program that does all this one after the other and says how each ends; it is well afterwards.
fn all_of(cases: &[(&str, &str)]) -> (String, String) {
    let mut text = String::from(
        "func ends(name, f) { try { f(); print(name, \"fine\") } except e { print(name, slice(e.message, 0, 13)) } }\n",
    );
    let mut expected = String::new();
    for (name, body) in cases {
        text += &format!("ends(\"{name}\", func() {{ {body} }})\n");
        expected += &format!("{name} Out of memory\n");
    }
    text += "print(len(map(range(1000), func(x) { return [x] })))\n";
    (text, expected + "1000\n")
}

#[test]
fn too_large_a_result_can_be_caught() {
    let (text, expected) = all_of(GREEDY);
    let dir = directory(&[("a.ruff", &text)]);
    for way in WAYS {
        let got = output(limit_space(&mut started(way, &dir), SPACE));
        assert_eq!(got, (0, expected.clone(), String::new()), "{way:?}");
    }
}

#[test]
fn what_grows_for_ever_can_be_caught() {
    let (text, expected) = all_of(GROWING);
    let dir = directory(&[("a.ruff", &text)]);
    for way in WAYS {
        let got = output(limit_space(&mut started(way, &dir), SPACE));
        assert_eq!(got, (0, expected.clone(), String::new()), "{way:?}");
    }
}

#[test]
fn too_large_a_text_can_be_caught() {
    let (text, expected) = all_of(WORDY);
    let dir = directory(&[("a.ruff", &(MANY.to_owned() + &text))]);
    for way in WAYS {
        let got = output(limit_space(&mut started(way, &dir), SPACE));
        assert_eq!(got, (0, expected.clone(), String::new()), "{way:?}");
    }
}

#[test]
fn what_asks_for_terabytes_can_be_caught_without_a_limit() {
    let (text, expected) = all_of(&GREEDY[..7]);
    let dir = directory(&[("a.ruff", &text)]);
    for way in WAYS {
        let got = output(&mut started(way, &dir));
        assert_eq!(got, (0, expected.clone(), String::new()), "{way:?}");
    }
}

/// Small objects without end: nothing in the loop can raise, so the process ends, in a way that can be understood.
#[test]
fn small_objects_without_end_end_the_process_with_a_message() {
    let dir = directory(&[(
        "a.ruff",
        "print(\"printed\")\nmut a := null\nloop { a := [a] }",
    )]);
    for way in WAYS {
        let (code, stdout, stderr) = output(limit_space(&mut started(way, &dir), SPACE));
        assert_eq!(
            (code, stdout.as_str()),
            (6, "printed\n"),
            "{way:?}: {stderr}"
        );
        assert!(
            stderr.starts_with("[RUFRT002] [runtime] error: out of memory (an allocation of "),
            "{way:?}: {stderr}"
        );
    }
}

const SAMPLES: [&str; 2] = [
    r#"
print("printed")
struct Point { x func op_add(self, n) { return Point { x: self.x + n } } }
func walk(n) { if n == 0 { throw({"message": "end", "n": [n]}) } return walk(n - 1) + 1 }
mut all := []
for i in 30 {
  mut d := {"k": i, "text": "t${i}"}
  d["more${i}"] := [i, "x", 1.5]
  all := push(all, d)
  try { walk(5) } except e { all := push(all, e.message + "!") }
}
let p := Point { x: 1 } + 5
print(len(all), p.x, len(str(all)), sort(map(all, str))[0])
print(reduce(range(50), "", func(s, x) { return s + "${x}" }))
"#,
    r#"
print("printed")
mut counters := []
for i in 20 { mut n := i; counters := push(counters, func() { n := n + 1; return n }) }
mut sum := 0
for f in counters { sum := sum + f() + f() }
let words := split(repeat("the quick brown fox ", 20), " ")
mut counts := {}
for w in words { counts[w] := get(counts, w, 0) + 1 }
print(sum, to_json(counts), Set(words), Queue([1, 2]), parse_json("[1, {\"a\": [2]}]"))
match Ok([sum]) { case Ok(v) { print(v) } default { print("no") } }
throw("the end")
"#,
];

/// What may come of a failing allocation: the program as if nothing had happened, an error of the program, or the message.
fn is_clean(
    (code, stdout, stderr): &(i32, String, String),
    expected: &(i32, String, String),
) -> bool {
    let told = |code: &str| stderr.starts_with(code);
    match code {
        _ if (code, stdout, stderr) == (&expected.0, &expected.1, &expected.2) => true,
        6 => {
            told("[RUFRT002] [runtime] error: out of memory (an allocation of ")
                && expected.1.starts_with(stdout.as_str())
        }
        4 => told("[RUFVM001] [vm] Runtime Error: ") && stderr.contains("emory"),
        5 => told("[RUFCLI001] [cli] error: ") && stderr.contains("Cannot allocate memory"),
        _ => false,
    }
}

#[test]
fn any_allocation_may_fail() {
    let shim = match Shim::build() {
        Ok(shim) => shim,
        Err(why) => return eprintln!("skipped: allocations cannot be made to fail here: {why}"),
    };
    for text in SAMPLES {
        let dir = directory(&[("a.ruff", text)]);
        for way in WAYS {
            let mut program = started(way, &dir);
            let expected = output(&mut program);
            for what in ["FAIL_AT", "FAIL_FROM"] {
                let mut number = 1;
                loop {
                    let got = output(shim.apply(&mut program, what, number));
                    assert!(
                        is_clean(&got, &expected),
                        "{way:?}, {what}={number}: {got:?}"
                    );
                    if got == expected && number > 50 {
                        break;
                    }
                    number += 1 + number / 12;
                }
                program.env_remove(what);
            }
        }
    }
}

#[test]
fn any_allocation_of_the_compiler_may_fail() {
    let shim = match Shim::build() {
        Ok(shim) => shim,
        Err(why) => return eprintln!("skipped: allocations cannot be made to fail here: {why}"),
    };
    let dir = directory(&[("a.ruff", SAMPLES[1]), ("a.o", "old")]);
    let mut number = 1;
    loop {
        let mut compiler = command(ruffc(), &dir, &["a.ruff", "--emit", "obj"]);
        let got = output(shim.apply(&mut compiler, "FAIL_FROM", number));
        assert_eq!(
            harness::tool::files(&dir.0),
            ["a.o", "a.ruff"],
            "after {number}"
        );
        if got.0 == 0 {
            break;
        }
        assert!(
            is_clean(&got, &(0, String::new(), String::new())),
            "{number}: {got:?}"
        );
        let left = std::fs::read_to_string(dir.0.join("a.o")).expect("there");
        assert_eq!(left, "old");
        number += 1 + number / 5;
    }
}
