//! Standard streams that cannot be used: readers that go away, full disks, closed descriptors, input that is no text. In every engine,
//! and for what the tools print themselves (language.md §20.2).

mod harness;

use harness::tool::{command, directory, output, started};
use harness::ways::{Scratch, WAYS, ruff, ruffc};
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

/// The command, without the standard streams that the shell is told to close.
fn without(streams: &str, program: Command, dir: &Scratch) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec \"$@\" {streams}"), "sh"]);
    shell.arg(program.get_program()).args(program.get_args());
    shell.envs(program.get_envs().filter_map(|(k, v)| Some((k, v?))));
    shell.current_dir(&dir.0);
    shell
}

const CLOSED: &str =
    "[RUFCLI002] [cli] error: Cannot write to standard output: Bad file descriptor (os error 9)\n";

#[test]
fn what_is_printed_to_a_closed_stream_is_told() {
    for (text, code, told) in [
        ("print(1)", 5, CLOSED),
        ("for i in 100000 { print(i) }", 5, CLOSED),
        ("print(1)\nthrow(\"not reached\")", 5, CLOSED),
        ("print(1)\nexit(3)", 5, CLOSED),
        ("eprint(\"e\")\nexit(3)", 3, "e\n"),
        ("x := 1", 0, ""),
    ] {
        let dir = directory(&[("a.ruff", text)]);
        for way in WAYS {
            let got = output(&mut without(">&-", started(way, &dir), &dir));
            assert_eq!(got, (code, String::new(), told.into()), "{way:?}: {text}");
        }
    }
}

#[test]
fn without_standard_error_programs_end_as_they_do() {
    for (text, code) in [
        ("eprint(1)\nprint(2)", 0),
        ("print(2)\nthrow(3)", 4),
        ("eprint(1)\nprint(2)\nexit(5)", 5),
    ] {
        let dir = directory(&[("a.ruff", text)]);
        for way in WAYS {
            let got = output(&mut without("2>&-", started(way, &dir), &dir));
            assert_eq!(got, (code, "2\n".into(), String::new()), "{way:?}: {text}");
        }
    }
}

#[test]
fn no_file_of_a_program_becomes_its_standard_stream() {
    let text = "print(1)\neprint(2)\nwrite_file(\"out.txt\", str(input()), true)\nprint(execute(\"cat out.txt; echo ran\"))\nwrite_file(\"more.txt\", \"more\", true)";
    let dir = directory(&[("a.ruff", text)]);
    for way in WAYS {
        let got = output(&mut without("<&- >&- 2>&-", started(way, &dir), &dir));
        // What was to be printed is written before standard error is.
        assert_eq!(got, (5, String::new(), String::new()), "{way:?}");
        let program = started(way, &dir);
        let got = output(&mut without("<&- 2>&-", program, &dir));
        assert_eq!(got, (0, "1\nran\n\n".into(), String::new()), "{way:?}");
        for (name, text) in [("out.txt", ""), ("more.txt", "more")] {
            let written = std::fs::read_to_string(dir.0.join(name));
            assert_eq!(written.expect("it was written"), text, "{way:?}");
        }
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
        (ruff(), &["test-run", "t.ruff"]),
        (ruffc(), &["--print", "targets"]),
        (ruff(), &["--help"]),
        (ruff(), &["--version"]),
        (ruffc(), &["--help"]),
        (ruffc(), &["--emit", "ssa", "small.ruff"]),
    ] {
        let (code, _, stderr) = output(command(tool, &dir, words).stdout(full()));
        assert_eq!((code, stderr.as_str()), (5, TOLD), "{words:?}");
        let closed = output(&mut without(">&-", command(tool, &dir, words), &dir));
        assert_eq!(closed, (5, String::new(), CLOSED.into()), "{words:?}");
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
