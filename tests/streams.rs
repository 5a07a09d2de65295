//! Standard streams that cannot be used: readers that go away, full disks, closed descriptors, input that is no text. In every engine,
//! and for what the tools print themselves (language.md §20.2).

mod harness;

use harness::tool::{command, directory, output, started};
use harness::ways::{WAYS, ruff, ruffc};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

const TOLD: &str = "[RUFCLI002] [cli] error: Cannot write to standard output: No space left on device (os error 28)\n";

/// Reads one line of what the command prints and goes away; gives the line, the exit code and standard error.
fn first_line(command: &mut Command) -> (String, Option<i32>, String) {
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("it can be started");
    let mut line = String::new();
    let mut reader = BufReader::new(child.stdout.take().expect("piped"));
    reader.read_line(&mut line).expect("it prints a line");
    drop(reader);
    let done = child.wait_with_output().expect("it ends");
    let stderr = String::from_utf8_lossy(&done.stderr).into_owned();
    (line, done.status.code(), stderr)
}

fn full() -> Stdio {
    let file = File::options().write(true).open("/dev/full");
    file.expect("the system has such a device").into()
}

#[test]
fn a_reader_that_goes_away_ends_a_program_silently() {
    let dir = directory(&[(
        "a.ruff",
        "mut i := 0\nwhile true { i := i + 1; print(\"line\", i) }",
    )]);
    for way in WAYS {
        let got = first_line(&mut started(way, &dir));
        assert_eq!(
            got,
            ("line 1\n".into(), Some(141), String::new()),
            "{way:?}"
        );
    }
}

#[test]
fn a_full_disk_is_told() {
    for text in [
        "print(1)",
        "for i in 100000 { print(i) }",
        "print(1)\nthrow(\"not reached\")",
    ] {
        let dir = directory(&[("a.ruff", text)]);
        for way in WAYS {
            let (code, _, stderr) = output(started(way, &dir).stdout(full()));
            assert_eq!((code, stderr.as_str()), (5, TOLD), "{way:?}: {text}");
        }
    }
}

#[test]
fn without_standard_error_exit_codes_remain() {
    let dir = directory(&[("a.ruff", "print(1)\nthrow(\"x\")"), ("bad.ruff", "x := (")]);
    for way in WAYS {
        let (code, stdout, _) = output(started(way, &dir).stderr(full()));
        assert_eq!((code, stdout.as_str()), (4, "1\n"), "{way:?}");
    }
    for (tool, words, code) in [
        (ruff(), &["run", "bad.ruff"][..], 3),
        (ruff(), &["run", "missing.ruff"], 5),
        (ruff(), &["run", "--no-such-flag"], 2),
        (ruff(), &["run", "--stats", "bad.ruff"], 3),
        (ruffc(), &["bad.ruff"], 3),
        (ruffc(), &["missing.ruff"], 5),
    ] {
        let got = output(command(tool, &dir, words).stderr(full()));
        assert_eq!((got.0, got.1.as_str()), (code, ""), "{words:?}");
    }
}

#[test]
fn closed_streams_end_no_program() {
    let dir = directory(&[(
        "a.ruff",
        "print(1)\nwrite_file(\"out.txt\", str(input()), true)",
    )]);
    for way in WAYS {
        let mut shell = Command::new("sh");
        shell.args(["-c", "exec \"$@\" <&- >&- 2>&-", "sh"]);
        let program = started(way, &dir);
        shell.arg(program.get_program()).args(program.get_args());
        let got = output(shell.current_dir(&dir.0));
        assert_eq!(got, (0, String::new(), String::new()), "{way:?}");
        let written = std::fs::read_to_string(dir.0.join("out.txt"));
        assert_eq!(written.expect("it was written"), "", "{way:?}");
    }
}

#[test]
fn what_the_tools_print_may_be_cut_off() {
    let text = format!("x := 1\n{}", "print(x + 1)\n".repeat(1000));
    let dir = directory(&[
        ("a.ruff", &text),
        ("small.ruff", "x := 1"),
        ("t.ruff", "test \"t\" { }"),
    ]);
    for (tool, words) in [
        (ruff(), &["run", "--dump", "tokens", "a.ruff"][..]),
        (ruff(), &["run", "--dump", "bytecode,hir", "a.ruff"]),
        (ruffc(), &["--emit", "bytecode", "a.ruff"]),
    ] {
        let (line, code, stderr) = first_line(&mut command(tool, &dir, words));
        assert_eq!(
            (code, stderr.as_str()),
            (Some(141), ""),
            "{words:?}: {line}"
        );
    }
    for (tool, words) in [
        (ruff(), &["run", "--dump", "tokens", "small.ruff"][..]),
        (ruff(), &["check", "small.ruff"]),
        (ruff(), &["bench", "-i", "1", "small.ruff"]),
        (ruffc(), &["--print", "targets"]),
        (ruffc(), &["--emit", "ssa", "small.ruff"]),
    ] {
        let (code, _, stderr) = output(command(tool, &dir, words).stdout(full()));
        assert_eq!((code, stderr.as_str()), (5, TOLD), "{words:?}");
    }
}

#[test]
fn input_that_is_no_text_ends_no_program() {
    let dir = directory(&[(
        "a.ruff",
        "while true { let line := input(); if line == null || line == \"\" { break }; print(len(line) > 0) }",
    )]);
    std::fs::write(
        dir.0.join("bytes"),
        [b'a', 0xff, b'\n', 0xc3, b'\n', 0, b'\n'],
    )
    .expect("written");
    for way in WAYS {
        let input = File::open(dir.0.join("bytes")).expect("it is there");
        let (code, _, stderr) = output(started(way, &dir).stdin(input));
        assert!(
            code == 0 || code == 4 && stderr.contains("Runtime Error: "),
            "{way:?}: {code} {stderr}"
        );
    }
}
