//! One child process: command in, captured output out, never longer than a limit.

use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A program that runs longer hangs; the slowest honest one needs a few seconds in an unoptimised build.
const LIMIT: Duration = Duration::from_secs(60);

/// What a process left behind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// Its standard output, invalid UTF-8 replaced.
    pub stdout: String,
    /// Its standard error, likewise.
    pub stderr: String,
    /// `exit N`, or what ended it otherwise.
    pub end: String,
}

/// Runs `command` with `stdin` as its input.
pub fn run(command: &mut Command, stdin: &str) -> Outcome {
    let spawned = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = spawned.unwrap_or_else(|e| panic!("cannot start {command:?}: {e}"));
    let mut input = child.stdin.take().expect("stdin was piped");
    let text = stdin.to_owned();
    // The child may end without reading its input, which closes the pipe: that is its right.
    let feed = thread::spawn(move || drop(input.write_all(text.as_bytes())));
    let stdout = drain(child.stdout.take().expect("stdout was piped"));
    let stderr = drain(child.stderr.take().expect("stderr was piped"));
    let end = wait(&mut child);
    feed.join().expect("feeding stdin does not panic");
    Outcome {
        stdout: stdout.join().expect("read"),
        stderr: stderr.join().expect("read"),
        end,
    }
}

fn drain(mut from: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).expect("a pipe can be read");
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn wait(child: &mut Child) -> String {
    let start = Instant::now();
    let mut pause = Duration::from_micros(200);
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return describe(status);
        }
        if start.elapsed() > LIMIT {
            child.kill().expect("a running child can be killed");
            child.wait().expect("a killed child can be waited for");
            return format!("killed after {} s", LIMIT.as_secs());
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}

fn describe(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exit {code}"),
        None => status.to_string(),
    }
}
