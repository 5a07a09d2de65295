//! What happens to a process whose standard streams are closed, full or abandoned. The test starts itself as that
//! process.

use ruff_runtime::builtins::{ALL, find};
use ruff_runtime::ctx::{Ctx, Entry};
use ruff_runtime::image::Image;
use ruff_runtime::os;
use ruff_runtime::value::Value;
use std::fs::File;
use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("child") => child(&std::env::args().nth(2).expect("what to do")),
        _ => {
            a_reader_that_goes_away_ends_the_program_quietly();
            a_full_disk_is_reported();
            closed_streams_lose_what_is_written();
            files_do_not_take_the_numbers_of_closed_streams();
            standard_error_comes_after_what_was_printed_before();
            prompts_show_before_input_is_read();
            println!("6 tests of streams passed");
        }
    }
}

/// The program: one builtin after another.
fn child(what: &str) {
    os::start();
    let no_functions = |_| -> Entry { unreachable!("the image has no functions") };
    let mut cx = Ctx::load(Image::default(), &no_functions, &|_| None);
    let mut call = |name: &str, args: &mut [Value]| {
        let builtin = ALL[find(name).expect("a builtin") as usize];
        builtin.call(&mut cx, args).unwrap_or_default()
    };
    match what {
        "much" => {
            for i in 0..200_000 {
                call("print", &mut [Value::int(i), Value::str("and so on")]);
            }
        }
        "both" => {
            call("print", &mut [Value::str("out")]);
            call("eprint", &mut [Value::str("err")]);
            call("print", &mut [Value::str("more")]);
        }
        "input" => {
            let line = call("input", &mut [Value::str("? ")]);
            call("print", &mut [Value::str("got"), line]);
            let line = call("input", &mut []);
            call("print", &mut [Value::str("then"), line]);
        }
        "file" => {
            let path = std::env::args().nth(3).expect("a path");
            call(
                "append_file",
                &mut [Value::str(&path), Value::str("first\n")],
            );
            call("print", &mut [Value::str("printed")]);
        }
        _ => unreachable!("no such child"),
    }
    call("exit", &mut [Value::int(256 + 7)]);
}

fn program(what: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["child", what]);
    command
}

/// The program, with redirections that only a shell can write.
fn redirected(what: &str, redirections: &str) -> Command {
    let program = std::env::current_exe().expect("this program");
    let mut command = Command::new("sh");
    let line = format!("exec '{}' child {what} {redirections}", program.display());
    command.args(["-c", &line]);
    command
}

fn run(command: &mut Command) -> Output {
    command.output().expect("the program starts")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

fn a_reader_that_goes_away_ends_the_program_quietly() {
    let mut command = program("much");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut first = [0; 11];
    let mut out = child.stdout.take().expect("a pipe");
    out.read_exact(&mut first).expect("a line");
    assert_eq!(text(&first), "0 and so on");
    drop(out);
    let output = child.wait_with_output().expect("an end");
    assert_eq!(output.status.code(), Some(141));
    assert_eq!(text(&output.stderr), "");
}

fn a_full_disk_is_reported() {
    let Ok(full) = File::options().write(true).open("/dev/full") else {
        return; // this system has none
    };
    let output = run(program("much").stdout(full));
    assert_eq!(output.status.code(), Some(5));
    assert_eq!(
        text(&output.stderr),
        "[RUFCLI002] [cli] error: Cannot write to standard output: No space left on device (os error 28)\n"
    );
}

fn closed_streams_lose_what_is_written() {
    let output = run(&mut redirected("both", ">&- 2>&-"));
    assert_eq!(output.status.code(), Some(7));
    let output = run(&mut redirected("input", "<&-"));
    assert_eq!(text(&output.stdout), "? got \nthen \n");
}

fn files_do_not_take_the_numbers_of_closed_streams() {
    let path = std::env::temp_dir().join(format!("ruff-streams-{}", std::process::id()));
    let what = format!("file '{}'", path.display());
    run(&mut redirected(&what, ">&-"));
    let written = std::fs::read_to_string(&path).expect("a file");
    std::fs::remove_file(&path).expect("our own file");
    assert_eq!(written, "first\n");
}

fn standard_error_comes_after_what_was_printed_before() {
    let output = run(&mut redirected("both", "2>&1"));
    assert_eq!(text(&output.stdout), "out\nerr\nmore\n");
    assert_eq!(output.status.code(), Some(7));
}

fn prompts_show_before_input_is_read() {
    let mut command = program("input");
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut prompt = [0; 2];
    let out = child.stdout.as_mut().expect("a pipe");
    out.read_exact(&mut prompt).expect("the prompt");
    assert_eq!(text(&prompt), "? ");
    let mut into = child.stdin.take().expect("a pipe");
    into.write_all("Ada \t\r\nno line end".as_bytes())
        .expect("a reader");
    drop(into);
    let output = child.wait_with_output().expect("an end");
    assert_eq!(text(&output.stdout), "got Ada\nthen no line end\n");
}
