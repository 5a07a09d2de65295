//! The command line of `ruff`: arguments, exit codes, what goes to which stream (language.md §20).

mod harness;

use harness::process::{self, Outcome};
use harness::tool::{command, directory, files, run};
use harness::ways::{Scratch, ruff, ruffc};
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

#[track_caller]
fn gives(dir: &Scratch, words: &[&str], code: i32, stdout: &str) {
    let got = run(dir, words);
    assert_eq!(
        (got.0, got.1.as_str()),
        (code, stdout),
        "{words:?}: {}",
        got.2
    );
}

#[track_caller]
fn fails(dir: &Scratch, words: &[&str], code: i32, stderr: &str) {
    let got = run(dir, words);
    assert_eq!((got.0, got.1.as_str()), (code, ""), "{words:?}: {}", got.2);
    assert!(got.2.contains(stderr), "{words:?}: {}", got.2);
}

#[test]
fn everything_behind_the_program_is_its_own() {
    let dir = directory(&[("a.ruff", "print(args())")]);
    gives(
        &dir,
        &["run", "a.ruff", "x", "--stats", "-e"],
        0,
        "[x, --stats, -e]\n",
    );
    gives(&dir, &["a.ruff", "--", "x"], 0, "[x]\n");
    gives(
        &dir,
        &["run", "--interpreter", "--", "a.ruff", "--", "x"],
        0,
        "[--, x]\n",
    );
    gives(
        &dir,
        &["eval", "print(args(), len(args()))", "a", "--flag", "-x"],
        0,
        "[a, --flag, -x] 3\n",
    );
    gives(&dir, &["-e", "print(args())"], 0, "[]\n");
}

#[test]
fn compiling_in_the_background_changes_no_result() {
    let loops = "func f(n) { return n * 2 }\nt := 0\nfor i in 300000 { t := t + f(i) }\nprint(t)";
    let dir = directory(&[("a.ruff", loops), ("hello.ruff", "print(1)")]);
    let both = [("a.ruff", "89999700000\n"), ("hello.ruff", "1\n")];
    for (file, printed) in both {
        gives(&dir, &["run", "--jit-background", file], 0, printed);
        let words = ["run", "--jit-background", "--jit-threshold", "1", file];
        gives(&dir, &words, 0, printed);
    }
}

#[test]
fn a_bench_of_nothing_shows_no_table() {
    let dir = directory(&[("wrong.ruff", "print(")]);
    fails(
        &dir,
        &["bench", "none.ruff"],
        5,
        "Failed to read .ruff file 'none.ruff'",
    );
    fails(&dir, &["bench", "wrong.ruff"], 3, "[RUFPARSE001]");
}

#[test]
fn programs_come_from_files_words_and_standard_input() {
    let dir = directory(&[]);
    let mut child = command(ruff(), &dir, &["run", "-", "x"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it can be started");
    let mut stdin = child.stdin.take().expect("piped");
    stdin
        .write_all(b"print(args())\nmissing")
        .expect("it reads");
    drop(stdin);
    let done = child.wait_with_output().expect("it ends");
    assert_eq!(done.stdout, b"[x]\n");
    assert!(String::from_utf8_lossy(&done.stderr).contains("--> <stdin>:2:1"));
    fails(
        &dir,
        &["-e", "[1][4]"],
        4,
        "[RUFVM001] [vm] Runtime Error: Index out of bounds: 4\n  --> <eval>:1:4\n",
    );
}

/// What a command makes of a program on standard input.
fn given(text: &str, dir: &Scratch, tool: &Path, words: &[&str]) -> Outcome {
    process::run(&mut command(tool, dir, words), text)
}

#[test]
fn programs_on_standard_input_are_one_in_every_way() {
    let text = "from m import twice\nprint(twice(2), args())\nthrow(\"end\")";
    let dir = directory(&[("m.ruff", "export func twice(n) { return n * 2 }")]);
    let expected = Outcome {
        stdout: "4 [x]\n".into(),
        stderr: "[RUFVM001] [vm] Runtime Error: end\n  --> <stdin>:3:1\n".into(),
        end: "exit 4".into(),
    };
    for flags in [&["--interpreter"][..], &["--jit-threshold", "1"], &[]] {
        let words = [&["run"], flags, &["-", "x"]].concat();
        assert_eq!(given(text, &dir, ruff(), &words), expected, "{words:?}");
    }
    let compiled = given(text, &dir, ruffc(), &["-", "-o", "out"]);
    let silent = (compiled.stdout.as_str(), compiled.stderr.as_str());
    assert_eq!((compiled.end.as_str(), silent), ("exit 0", ("", "")));
    assert_eq!(given("", &dir, &dir.0.join("out"), &["x"]), expected);

    let wrong = given("x := 1\nx := (", &dir, ruff(), &["run", "-"]);
    assert!(wrong.stderr.contains("--> <stdin>:2:"), "{wrong:?}");
    assert_eq!(
        given("x := 1\nx := (", &dir, ruffc(), &["-", "-o", "no"]),
        wrong
    );
    assert_eq!(files(&dir.0), ["m.ruff", "out"]);
}

#[test]
fn a_compiler_of_standard_input_must_be_told_what_to_make() {
    let dir = directory(&[]);
    for emit in ["exe", "obj"] {
        let got = given("print(1)", &dir, ruffc(), &["-", "--emit", emit]);
        assert_eq!((got.end.as_str(), got.stdout.as_str()), ("exit 2", ""));
        assert!(
            got.stderr.contains("name the file to make by -o"),
            "{got:?}"
        );
        assert_eq!(files(&dir.0), [""; 0], "{emit}");
    }
    let got = given("print(1)", &dir, ruffc(), &["-", "--emit", "bytecode"]);
    assert!(
        got.end == "exit 0" && got.stdout.contains("call_builtin"),
        "{got:?}"
    );
}

#[test]
fn exit_codes_say_what_went_wrong() {
    let dir = directory(&[("bad.ruff", "print(1"), ("name.ruff", "func f(a, a) { }")]);
    gives(&dir, &["-e", "return 5"], 0, "");
    gives(&dir, &["-e", "exit(7)"], 7, "");
    fails(&dir, &["bad.ruff"], 3, "[RUFPARSE001] [parser] error:");
    fails(
        &dir,
        &["name.ruff"],
        4,
        "[RUFVM001] [vm] error: Compilation error: Duplicate declaration",
    );
    let missing = "[RUFCLI001] [cli] error: Failed to read .ruff file 'no.ruff': No such file or directory (os error 2)\n";
    fails(&dir, &["run", "no.ruff"], 5, missing);
    fails(&dir, &["no.ruff"], 5, missing);
    fails(&dir, &["run", "."], 5, "Failed to read .ruff file '.'");
    fails(
        &dir,
        &["run", "--no-such-flag", "bad.ruff"],
        2,
        "--no-such-flag",
    );
    fails(&dir, &["run"], 2, "FILE");
    fails(
        &dir,
        &["run", "--jit-threshold", "0", "bad.ruff"],
        2,
        "jit-threshold",
    );
    fails(&dir, &["format", "bad.ruff"], 2, "not available");
}

#[test]
fn a_file_that_is_no_text_cannot_be_read() {
    let dir = Scratch::with(&[("raw.ruff".into(), vec![b'"', 0xff, b'"'])]);
    fails(
        &dir,
        &["raw.ruff"],
        5,
        "Failed to read .ruff file 'raw.ruff'",
    );
    fails(
        &dir,
        &["check", "raw.ruff"],
        5,
        "Failed to read .ruff file 'raw.ruff'",
    );
}

#[test]
fn check_compiles_and_runs_nothing() {
    let dir = directory(&[("a.ruff", "print(1)\nx := 2"), ("bad.ruff", "x := ")]);
    gives(&dir, &["check", "a.ruff"], 0, "check passed: a.ruff\n");
    gives(&dir, &["check", "-q", "a.ruff"], 0, "");
    let (code, stdout, _) = run(&dir, &["check", "--json", "a.ruff"]);
    let start = r#"{"command":"check","file":"a.ruff","status":"ok","statement_count":2,"bytecode_instruction_count":"#;
    assert!(code == 0 && stdout.starts_with(start), "{stdout}");
    fails(&dir, &["check", "bad.ruff"], 3, "bad.ruff:1");
}

#[test]
fn check_warns_of_names_that_nothing_declares() {
    let text = "func total(items) { sum := 0; for item in items { sum += itm }; return sum }\nprnt(total([1]), later, qqqqqq)\nlater := 1";
    let dir = directory(&[("a.ruff", text)]);
    let (code, stdout, stderr) = run(&dir, &["check", "a.ruff"]);
    assert_eq!((code, stdout.as_str()), (0, "check passed: a.ruff\n"));
    let expected = "\
[RUFVM001] [vm] warning: Undefined variable: itm
  --> a.ruff:1:58
   |
 1 | func total(items) { sum := 0; for item in items { sum += itm }; return sum }
   |                                                          ^^^
  = help: did you mean `item`?
[RUFVM001] [vm] warning: Undefined variable: prnt
  --> a.ruff:2:1
   |
 2 | prnt(total([1]), later, qqqqqq)
   | ^^^^
  = help: did you mean `print`?
[RUFVM001] [vm] warning: Undefined variable: qqqqqq
  --> a.ruff:2:25
   |
 2 | prnt(total([1]), later, qqqqqq)
   |                         ^^^^^^
";
    assert_eq!(stderr, expected);
    assert_eq!(
        run(&dir, &["check", "-q", "a.ruff"]),
        (0, String::new(), String::new())
    );
    assert_eq!(run(&dir, &["check", "--json", "a.ruff"]).2, "");
}

#[test]
fn check_looks_into_tests() {
    let text = "func f() { return undef2 }\ntest \"x\" { let value := f(); print(valu) }\ntest \"y\" { print(nothing) }";
    let dir = directory(&[("a.ruff", text)]);
    let (code, stdout, stderr) = run(&dir, &["check", "a.ruff"]);
    assert_eq!((code, stdout.as_str()), (0, "check passed: a.ruff\n"));
    let told: Vec<&str> = (stderr.lines())
        .filter(|line| line.contains("warning") || line.contains("did you mean"))
        .collect();
    let expected = [
        "[RUFVM001] [vm] warning: Undefined variable: undef2",
        "[RUFVM001] [vm] warning: Undefined variable: valu",
        "  = help: did you mean `value`?",
        "[RUFVM001] [vm] warning: Undefined variable: nothing",
    ];
    assert_eq!(told, expected);
    let broken = directory(&[("a.ruff", "test \"x\" { break }")]);
    fails(&broken, &["check", "a.ruff"], 4, "a.ruff:1");
}

#[test]
fn uncaught_errors_can_be_json() {
    let dir = directory(&[(
        "f.ruff",
        "func f() { throw(\"a \\\"b\\\"\") }\nprint(1)\nf()",
    )]);
    let (code, stdout, stderr) = run(&dir, &["run", "--json-runtime-diagnostics", "f.ruff"]);
    assert_eq!((code, stderr.as_str()), (4, ""));
    let object = stdout
        .strip_prefix("1\n")
        .expect("the program's output comes first");
    for part in [
        r#""command":"run","status":"error","kind":"runtime_diagnostic""#,
        r#""exit_code":4"#,
        r#""message":"a \"b\"""#,
        r#""file":"f.ruff","line":1,"column":12"#,
        r#""call_stack":["f"]"#,
    ] {
        assert!(object.contains(part), "{part} is not in {object}");
    }
}

#[test]
fn denied_effects_raise() {
    let dir = directory(&[("f.txt", "here")]);
    let code = "print(read_file(\"f.txt\"))";
    gives(&dir, &["-e", code], 0, "here\n");
    gives(&dir, &["eval", "--allow-fs-read", code], 0, "here\n");
    let denied =
        "Capability denied: filesystem-read required for read_file; rerun with --allow-fs-read";
    fails(&dir, &["eval", "--untrusted", code], 4, denied);
    fails(&dir, &["eval", "--allow-clock", code], 4, denied);
    gives(
        &dir,
        &["eval", "--untrusted", "--allow-all", code],
        0,
        "here\n",
    );
}

#[test]
fn stages_can_be_printed() {
    let dir = directory(&[("a.ruff", "func f(n) { return n + 1 }\nprint(f(2))")]);
    for (stage, part) in [
        ("tokens", "func"),
        ("hir", "f"),
        ("bytecode", "add_imm"),
        ("ssa", "add_int"),
        ("clif", "block0"),
        ("asm", "ret"),
    ] {
        let (code, stdout, stderr) = run(&dir, &["run", "--dump", stage, "a.ruff"]);
        assert!(
            code == 0 && stdout.contains(part),
            "{stage}: {stdout}{stderr}"
        );
        assert_eq!(
            run(&dir, &["run", "--dump", stage, "a.ruff"]).1,
            stdout,
            "{stage} is not stable"
        );
    }
    fails(
        &dir,
        &["run", "--dump", "nonsense", "a.ruff"],
        2,
        "the stages are",
    );
}

#[test]
fn stats_tell_what_was_compiled() {
    let dir = directory(&[]);
    let code = "func f(n) { return n * 2 }\nprint(f(4))";
    let (_, stdout, stderr) = run(&dir, &["eval", "--stats", "--jit-threshold", "1", code]);
    assert_eq!(stdout, "8\n");
    assert!(
        stderr.contains("functions") && stderr.contains("generate"),
        "{stderr}"
    );
}

#[test]
fn tests_are_run_and_counted() {
    let text = "test \"right\" { assert(true) }\ntest \"wrong\" { assert_equal(1, 2) }";
    let dir = directory(&[("t.ruff", text), ("none.ruff", "x := 1")]);
    let (code, stdout, _) = run(&dir, &["test-run", "-v", "t.ruff"]);
    assert_eq!(code, 1);
    for part in [
        "✓ right",
        "✗ wrong\n    Error: Assertion failed: expected Int(2), got Int(1)",
        "Tests: 2 total, 1 passed, 1 failed\n",
    ] {
        assert!(stdout.contains(part), "{part} is not in {stdout}");
    }
    fails(
        &dir,
        &["test-run", "none.ruff"],
        4,
        "No tests found in none.ruff",
    );
}
