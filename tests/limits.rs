//! Programs under the limits that a system may set: small stacks, memory that must not be executed, little address space. What they print
//! does not depend on them, in any engine.

mod harness;

use harness::program::{self, Program};
use harness::tool::{command, directory, files, output, started};
use harness::ways::{Scratch, WAYS, Way, ruff, ruffc};
use std::fs;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// Recursion in every shape: at least 10,000 frames, then an error that can be caught.
const DEEP_CALLS: &str = r#"
mut calls := 0
func plain(n) { calls := n; return plain(n + 1) + 1 }
func ping(n) { calls := n; return pong(n + 1) + 1 }
func pong(n) { calls := n; return ping(n + 1) + 1 }
struct Node { func walk(self, n) { calls := n; return self.walk(n + 1) + 1 } func op_add(self, n) { calls := n; return self + (n + 1) } }
let lambda := func(n) { calls := n; return lambda(n + 1) + 1 }
func through_map(n) { calls := n; return map([n + 1], through_map) }
func through_sort(n) { calls := n; return sort([2, 1], func(a, b) { return through_sort(n + 1) }) }
func through_reduce(n) { calls := n; return reduce([1, 2], n, func(sum, x) { return through_reduce(n + 1) }) }
func wide(n, a, b, c, d) { calls := n; let e := [a, b, c, d]; return len(e) + wide(n + 1, e, "${n}", c, 1.5) }
func in_loop(n) { calls := n; for x in [n] { in_loop(x + 1) } }
func ends(name, f) {
  calls := 0
  try { f(1) } except e {
    if starts_with(e.message, "Maximum call stack depth of ") && calls >= 9990 { print(name, "ends") }
    else { print(name, calls, e.message) }
  }
}
for round in 2 {
  ends("plain", plain)
  ends("mutual", ping)
  ends("method", func(n) { Node { }.walk(n) })
  ends("operator", func(n) { Node { } + n })
  ends("closure", lambda)
  ends("map", through_map)
  ends("sort", through_sort)
  ends("reduce", through_reduce)
  ends("wide", func(n) { wide(n, 1, 2, 3, 4) })
  ends("loop", in_loop)
}
func down(n) { if n == 0 { return 0 } return 1 + down(n - 1) }
print(down(9990))
"#;

/// Values up to a million deep: made, copied, compared, printed and dropped.
const DEEP_VALUES: &str = r#"
struct Box { inner }
func nest(depth, wrap) { mut value := 1; for i in range(depth) { value := wrap(value) }; return value }
func check(depth, wrap) {
  let a := nest(depth, wrap)
  let b := nest(depth, wrap)
  print(type(a), a == b, a == wrap(b), len(str(a)) > depth)
}
check(1000000, func(x) { return [x] })
check(200000, func(x) { return {"k": x} })
check(200000, func(x) { return Box { inner: x } })
check(200000, func(x) { return Ok(x) })
mut chain := func() { return 0 }
for i in 200000 { let next := chain; chain := func() { return next } }
print(type(chain))
mut first := [nest(200000, func(x) { return [x] })]
mut second := first
second[0] := 5
first := null
print(second, contains([nest(200000, func(x) { return [x] })], 5))
"#;

/// Runs a program with what `set` does to its process, in a way.
fn run(
    way: Way,
    program: &Program,
    set: impl Fn() -> io::Result<()> + Send + Sync + 'static,
) -> (i32, String, String) {
    let dir = Scratch::with(&program.files);
    let entry = program.entry.as_str();
    let mut started = match way {
        Way::Interpreter => command(ruff(), &dir, &["run", "--interpreter", entry]),
        Way::Jit => command(ruff(), &dir, &["run", "--jit-threshold", "1", entry]),
        Way::Tiered => command(ruff(), &dir, &["run", entry]),
        Way::Executable => {
            let (code, _, stderr) = output(&mut command(ruffc(), &dir, &[entry, "-o", "x"]));
            assert_eq!(code, 0, "{stderr}");
            command(&dir.0.join("x"), &dir, &[])
        }
    };
    output(limit(&mut started, set))
}

/// Has the process of a command limited before it starts.
fn limit(
    command: &mut Command,
    set: impl Fn() -> io::Result<()> + Send + Sync + 'static,
) -> &mut Command {
    // SAFETY: between fork and exec the closures of this file make system calls on copies, and nothing else.
    unsafe { command.pre_exec(set) }
}

/// Limits the stack that the system gives the process.
fn limit_stack(bytes: libc::rlim_t) -> io::Result<()> {
    // SAFETY: the limit is read only.
    done(unsafe { libc::setrlimit(libc::RLIMIT_STACK, &both(bytes)) })
}

/// Limits the addresses that the process may use.
fn limit_space(bytes: libc::rlim_t) -> io::Result<()> {
    // SAFETY: the limit is read only.
    done(unsafe { libc::setrlimit(libc::RLIMIT_AS, &both(bytes)) })
}

fn both(bytes: libc::rlim_t) -> libc::rlimit {
    libc::rlimit {
        rlim_cur: bytes,
        rlim_max: bytes,
    }
}

fn done(result: i32) -> io::Result<()> {
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Programs that do not raise what they do not catch.
fn program(text: &str) -> Program {
    program::split("limits", "limits.ruff", text).remove(0)
}

#[test]
fn recursion_ends_in_an_error_whatever_the_stack() {
    let program = program(DEEP_CALLS);
    let shapes = [
        "plain", "mutual", "method", "operator", "closure", "map", "sort", "reduce", "wide", "loop",
    ];
    let round: String = shapes
        .iter()
        .map(|shape| format!("{shape} ends\n"))
        .collect();
    let expected = format!("{round}{round}9990\n");
    for stack in [1 << 20, 8 << 20, libc::RLIM_INFINITY] {
        for way in WAYS {
            let got = run(way, &program, move || limit_stack(stack));
            assert_eq!(
                got,
                (0, expected.clone(), String::new()),
                "{way:?}, stack of {stack}"
            );
        }
    }
}

#[test]
fn the_tools_work_on_a_small_stack() {
    let program = program("print(\"on\")\n");
    let (dir, entry) = (Scratch::with(&program.files), program.entry.as_str());
    for (tool, words) in [
        (ruff(), &["run", entry][..]),
        (ruff(), &["check", entry]),
        (ruff(), &["bench", entry]),
        (ruff(), &["--version"]),
        (ruffc(), &[entry, "--emit", "obj", "-o", "x.o"]),
    ] {
        let mut started = command(tool, &dir, words);
        // Arguments and environment may take a quarter of the stack.
        started.env_clear();
        let (code, _, told) = output(limit(&mut started, || limit_stack(48 << 10)));
        assert_eq!((code, told.as_str()), (0, ""), "{words:?}");
    }
}

#[test]
fn calls_of_functions_with_large_frames_end_in_an_error() {
    // Each call keeps so many values until the one below has returned.
    let numbers = 0..400;
    let kept: String = (numbers.clone())
        .map(|i| format!("a{i} := x * {i}\n"))
        .collect();
    let used: String = numbers.map(|i| format!("s := s + a{i}\n")).collect();
    let program = program(&format!(
        r#"
func large(x) {{
{kept}
s := large(x + 1)
{used}
return s
}}
func small(n) {{ if n == 0 {{ return 0 }} return 1 + small(n - 1) }}
try {{ large(0) }} except e {{ print(starts_with(e.message, "Maximum call stack depth of ")) }}
print(small(9990))
"#
    ));
    // A large stack would take a gigabyte of memory here.
    for way in WAYS {
        let got = run(way, &program, || limit_space(600 << 20));
        assert_eq!(
            got,
            (0, "true\n9990\n".to_owned(), String::new()),
            "{way:?}"
        );
    }
}

#[test]
fn calls_nest_as_deep_in_every_way() {
    let func = |locals: usize| {
        let each = |part: &dyn Fn(usize) -> String| (0..locals).map(part).collect::<String>();
        let (kept, used) = (
            each(&|i| format!("let a{i} := n + {i}\n")),
            each(&|i| format!("s := s + a{i}\n")),
        );
        format!(
            "func f{locals}(n) {{\n{kept}deepest := n\ns := f{locals}(n + 1)\n{used}return s\n}}\n"
        )
    };
    let sizes = [1, 61, 100, 300, 599, 2000];
    let mut source = String::from("deepest := 0\n");
    for locals in sizes {
        source.push_str(&func(locals));
        source.push_str(&format!(
            "for again in 2 {{ try {{ f{locals}(1) }} except e {{ print({locals}, deepest, len(e.stack)) }} }}\n"
        ));
    }
    let program = program(&source);
    let (code, expected, told) = run(Way::Interpreter, &program, || Ok(()));
    assert_eq!((code, told.as_str()), (0, ""));
    let depths: Vec<usize> = (expected.lines())
        .map(|line| {
            line.split(' ')
                .nth(1)
                .expect("a depth")
                .parse()
                .expect("a number")
        })
        .collect();
    assert_eq!(depths.len(), 2 * sizes.len(), "{expected}");
    assert!(
        depths[..10].iter().all(|&depth| depth >= 9_990),
        "{expected}"
    );
    for way in WAYS {
        let got = run(way, &program, || Ok(()));
        assert_eq!(got, (0, expected.clone(), String::new()), "{way:?}");
    }
}

#[test]
fn values_may_be_a_million_deep_whatever_the_stack() {
    let program = program(DEEP_VALUES);
    let expected = "array true false true\ndict true false true\nstruct true false true\nresult true false true\nfunction\n[5] false\n";
    for stack in [1 << 20, libc::RLIM_INFINITY] {
        for way in WAYS {
            let got = run(way, &program, move || limit_stack(stack));
            assert_eq!(
                got,
                (0, expected.into(), String::new()),
                "{way:?}, stack of {stack}"
            );
        }
    }
}

/// A value that nobody reads to its end: made, compared, printed and, by an error of standard output or at the end, given up.
const DEEP_OUTPUT: &str = r#"
func nest(depth) { mut value := 1; for i in range(depth) { value := [value] }; return value }
mut a := nest(1000000)
let b := nest(1000000)
if a == b && a != [b] { write_file("compared", "", true) }
if len(args()) > 0 { a := null; write_file("freed", "", true) }
print(b)
"#;

#[test]
fn a_reader_may_go_away_from_a_value_a_million_deep() {
    let dir = directory(&[("a.ruff", DEEP_OUTPUT)]);
    for stack in [1 << 20, libc::RLIM_INFINITY] {
        for way in WAYS {
            for read in [0, 10] {
                let mut program = started(way, &dir);
                let piped = program.arg("free").stdout(Stdio::piped());
                let piped = limit(piped.stderr(Stdio::piped()), move || limit_stack(stack));
                let mut child = piped.spawn().expect("it can be started");
                let mut bytes = vec![0; read];
                let mut reader = child.stdout.take().expect("piped");
                reader.read_exact(&mut bytes).expect("it prints");
                drop(reader);
                let done = child.wait_with_output().expect("it ends");
                let seen = (done.status.code(), bytes, files(&dir.0));
                let mut there = vec!["a", "a.ruff", "compared", "freed"];
                there.retain(|name| *name != "a" || way == Way::Executable);
                let expected = (Some(141), vec![b'['; read], there);
                assert_eq!(seen.0, expected.0, "{way:?}, stack of {stack}: {done:?}");
                assert_eq!((seen.1, done.stderr), (expected.1, vec![]), "{way:?}");
                assert_eq!(seen.2, expected.2, "{way:?}, stack of {stack}");
                for name in ["compared", "freed"] {
                    fs::remove_file(dir.0.join(name)).expect("it is there");
                }
            }
            drop(fs::remove_file(dir.0.join("a")));
        }
    }
}

/// Forbids the process, and what it executes, to make written memory executable.
#[cfg(target_os = "linux")]
fn deny_executable_memory() -> io::Result<()> {
    const PR_SET_MDWE: i32 = 65;
    const REFUSE_EXEC_GAIN: libc::c_ulong = 1;
    // SAFETY: takes numbers only.
    done(unsafe { libc::prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0) })
}

#[cfg(target_os = "linux")]
#[test]
fn without_executable_memory_programs_run_interpreted() {
    let dir = directory(&[(
        "a.ruff",
        "func f(n) { return n * 2 }\nmut t := 0\nfor i in 100000 { t := t + f(i) }\nprint(t)",
    )]);
    for flags in [&["--stats"][..], &["--stats", "--jit-threshold", "1"]] {
        let words = [&["run"], flags, &["a.ruff"]].concat();
        let mut denied = command(ruff(), &dir, &words);
        let Ok(done) = limit(&mut denied, deny_executable_memory).output() else {
            eprintln!("skipped: this kernel cannot deny executable memory");
            return;
        };
        let stderr = String::from_utf8_lossy(&done.stderr);
        assert_eq!(
            (done.status.code(), &*done.stdout),
            (Some(0), &b"9999900000\n"[..]),
            "{stderr}"
        );
        let count = |name: &str| {
            let row = stderr
                .lines()
                .find_map(|line| line.trim().strip_prefix(name));
            row.and_then(|row| row.split_whitespace().next()?.parse().ok())
        };
        assert_eq!(count("no_executable_memory"), Some(1), "{stderr}");
        assert_eq!(
            (count("functions"), count("loops")),
            (Some(0), Some(0)),
            "{stderr}"
        );
        let (_, _, stderr) = output(&mut command(ruff(), &dir, &words));
        assert!(!stderr.contains("no_executable_memory"), "{stderr}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_runs_without_executable_memory_is_the_same_in_every_way() {
    let text = "func f(n) { return n * 2 }\nmut t := 0\nfor i in 100000 { t := t + f(i) }\nprint(t, map([1, 2], f))\nf(null)";
    let dir = directory(&[("a.ruff", text)]);
    for way in WAYS {
        let mut program = started(way, &dir);
        let expected = output(&mut program);
        assert_eq!(
            (expected.0, expected.1.as_str()),
            (4, "9999900000 [2, 4]\n")
        );
        // A kernel that cannot deny it does not start the program at all; the test above says so.
        if let Ok(done) = limit(&mut program, deny_executable_memory).output() {
            let text = |bytes| String::from_utf8(bytes).expect("text");
            let code = done.status.code().unwrap_or(-1);
            let got = (code, text(done.stdout), text(done.stderr));
            assert_eq!(got, expected, "{way:?}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn no_memory_is_writable_and_executable() {
    let program = program(
        "func f(n) { return n + 1 }\nmut t := 0\nfor i in 5000 { t := f(t) }\nlet maps := read_file(\"/proc/self/maps\")\nprint(t, len(split(maps, \"rwx\")), len(maps) > 100)",
    );
    for way in WAYS {
        let got = run(way, &program, || Ok(()));
        assert_eq!(got, (0, "5000 1 true\n".into(), String::new()), "{way:?}");
    }
}

#[test]
fn programs_run_in_little_address_space() {
    let program = program(
        "func fib(n) { if n < 2 { return n } return fib(n - 1) + fib(n - 2) }\nprint(fib(20), len(range(100000)))",
    );
    for way in WAYS {
        for space in [256 << 20, 1 << 30] {
            let got = run(way, &program, move || limit_space(space));
            assert_eq!(
                got,
                (0, "6765 100000\n".into(), String::new()),
                "{way:?} in {space} bytes"
            );
        }
    }
}
