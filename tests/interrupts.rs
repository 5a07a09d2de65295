//! Signals that ask a process to end (language.md §20.2): programs end at once, from wherever they are, and what they printed is
//! written; `ruffc` leaves what was there before, and nothing else.

mod harness;

use harness::tool::{self, command, directory, files, output};
use harness::ways::{Scratch, WAYS, Way, ruffc};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// What a process must end in.
const SOON: Duration = Duration::from_millis(100);

/// How often a process is tried; most must end soon. A machine that is busy with others may hold one up.
const TRIES: usize = 5;

/// The file that a program makes when it becomes busy.
const BUSY: &str = "busy";

/// A program that says that it starts, waits to be told, prints something that stays in the buffer, and is busy from then on.
fn busy(with: &str) -> String {
    format!(
        "print(\"starts\")\ninput()\nprint(\"kept\")\nwrite_file(\"{BUSY}\", \"\", true)\n{with}\nprint(\"not reached\")\n"
    )
}

const DOINGS: [(&str, &str); 9] = [
    (
        "a loop",
        "mut i := 0\nloop { i := i + 1; if i > 1000000000 { i := 0 } }",
    ),
    (
        "calls",
        "func f(n) { if n < 2 { return n } return f(n - 1) + f(n - 2) }\nprint(f(60))",
    ),
    (
        "a loop of strings",
        "mut s := \"\"\nloop { s := \"${len(s)}\" }",
    ),
    ("sleep", "sleep(60000)"),
    (
        "a builtin",
        "let a := range(3000000)\nloop { sort(reverse(a)) }",
    ),
    (
        "a callback",
        "loop { map(range(1000000), func(x) { return x + 1 }) }",
    ),
    (
        "copies",
        "let a := map(range(100000), func(x) { return [x] })\nloop { mut b := a; b[5] := null }",
    ),
    ("input", "input()"),
    ("a command", "execute(\"sleep 60\")"),
];

/// The command that runs `a.ruff` in a way, with the signals that the process is started with.
fn started(way: Way, dir: &Scratch) -> Command {
    let mut command = tool::started(way, dir);
    dispose(&mut command, libc::SIG_DFL);
    command
}

/// Starts a command with this disposition of the signals: that of the tests is whatever their shell has set.
fn dispose(command: &mut Command, disposition: libc::sighandler_t) {
    let set = move || {
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
            // SAFETY: a disposition without a handler.
            unsafe { libc::signal(signal, disposition) };
        }
        Ok(())
    };
    // SAFETY: between fork and exec the closure makes system calls only.
    unsafe { command.pre_exec(set) };
}

fn send(child: &Child, signal: i32) {
    // SAFETY: the child has not been waited for, so that the number is its own.
    assert_eq!(unsafe { libc::kill(child.id() as i32, signal) }, 0);
}

/// How long a process took to end.
#[derive(Debug)]
struct Took {
    /// By the clock.
    time: Duration,
    /// By the processor, where the system tells it.
    work: Option<Duration>,
}

impl Took {
    /// Whether the process ended soon. Where others have held it up its own work counts, and ten times as much by the clock.
    fn is_soon(&self) -> bool {
        let work = self.work.unwrap_or(self.time);
        self.time < SOON || (work < SOON && self.time < 10 * SOON)
    }
}

/// The processor time of a process that has not been waited for.
#[cfg(target_os = "linux")]
fn work(child: &Child) -> Option<Duration> {
    let (mut clock, mut time) = (
        0,
        libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        },
    );
    // SAFETY: both results are writable.
    let told = unsafe {
        libc::clock_getcpuclockid(child.id() as i32, &mut clock) == 0
            && libc::clock_gettime(clock, &mut time) == 0
    };
    told.then(|| Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
}

/// Nobody is asked.
#[cfg(not(target_os = "linux"))]
fn work(_: &Child) -> Option<Duration> {
    None
}

/// Waits until a process has ended, without taking its number away.
fn wait(child: &Child) {
    let options = libc::WEXITED | libc::WNOWAIT;
    // SAFETY: the information is writable, and all zeroes are one.
    let done = unsafe {
        let mut told: libc::siginfo_t = std::mem::zeroed();
        libc::waitid(libc::P_PID, child.id(), &mut told, options)
    };
    assert_eq!(done, 0, "it ends");
}

/// Starts a program, lets it become busy and sends the signal. Gives how it ended, what it printed and how long it took to end.
fn interrupt(command: &mut Command, signal: i32) -> (ExitStatus, String, Took) {
    let there = command.get_current_dir().expect("it has one").join(BUSY);
    drop(fs::remove_file(&there));
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = piped.spawn().expect("it can be started");
    let mut reader = BufReader::new(child.stdout.take().expect("piped"));
    let mut text = String::new();
    reader.read_line(&mut text).expect("it starts");
    let mut input = child.stdin.take().expect("piped");
    std::io::Write::write_all(&mut input, b"go\n").expect("it reads");
    let limit = Instant::now() + Duration::from_secs(20);
    while !there.exists() && Instant::now() < limit {
        sleep(Duration::from_millis(2));
    }
    sleep(Duration::from_millis(30));
    let (sent, before) = (Instant::now(), work(&child));
    send(&child, signal);
    wait(&child);
    let took = Took {
        time: sent.elapsed(),
        work: work(&child)
            .zip(before)
            .map(|(after, before)| after - before),
    };
    let status = child.wait().expect("it ends");
    reader.read_to_string(&mut text).expect("text");
    (status, text, took)
}

/// Interrupts a program until it has ended soon, or not, in most of the tries. What it prints must be as it looks to `is_right`.
#[track_caller]
fn ends_soon(command: &mut Command, name: &str, is_right: impl Fn(&str) -> bool) {
    let mut late = Vec::new();
    for number in 1..=TRIES {
        let (status, text, took) = interrupt(command, libc::SIGINT);
        assert!(
            status.code() == Some(130) && is_right(&text),
            "{name}: {status}"
        );
        if !took.is_soon() {
            late.push(took);
        }
        assert!(late.len() <= TRIES / 2, "{name}: {late:?}");
        if number - late.len() > TRIES / 2 {
            break;
        }
    }
}

#[test]
fn programs_end_soon_and_what_they_printed_is_written() {
    for (name, with) in DOINGS {
        let dir = directory(&[("a.ruff", &busy(with))]);
        for way in WAYS {
            let is_right = |text: &str| text == "starts\nkept\n";
            ends_soon(
                &mut started(way, &dir),
                &format!("{name}, {way:?}"),
                is_right,
            );
        }
    }
}

#[test]
fn a_print_that_takes_long_is_not_waited_for() {
    let text = "let a := range(20000000)\n".to_owned() + &busy("loop { print(a) }");
    let dir = directory(&[("a.ruff", &text)]);
    for way in WAYS {
        // What was complete may have been lost with what was not.
        let is_right = |text: &str| "starts\nkept\n".starts_with(text);
        ends_soon(&mut started(way, &dir), &format!("{way:?}"), is_right);
    }
}

#[test]
fn a_reader_that_does_not_read_holds_nobody_up() {
    let dir = directory(&[("a.ruff", "loop { print(repeat(\"x\", 1000)) }")]);
    for way in WAYS {
        let mut command = started(way, &dir);
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .expect("it can be started");
        sleep(Duration::from_millis(100));
        let sent = Instant::now();
        send(&child, libc::SIGINT);
        let status = child.wait().expect("it ends");
        assert_eq!(status.code(), Some(130), "{way:?}");
        assert!(sent.elapsed() < Duration::from_secs(5), "{way:?}");
    }
}

#[test]
fn other_signals_are_seen_as_what_they_are() {
    let dir = directory(&[("a.ruff", &busy("loop { }"))]);
    for way in WAYS {
        for signal in [libc::SIGTERM, libc::SIGHUP] {
            let (status, text, _) = interrupt(&mut started(way, &dir), signal);
            let seen = (status.signal(), text.as_str());
            assert_eq!(seen, (Some(signal), "starts\nkept\n"), "{way:?}");
        }
    }
}

#[test]
fn signals_that_the_parent_ignores_stay_ignored() {
    let dir = directory(&[(
        "a.ruff",
        &format!(
            "print(\"starts\")\ninput()\nwrite_file(\"{BUSY}\", \"\", true)\nsleep(100)\nprint(\"ends\")"
        ),
    )]);
    for way in WAYS {
        let mut command = started(way, &dir);
        dispose(&mut command, libc::SIG_IGN);
        let (status, text, _) = interrupt(&mut command, libc::SIGINT);
        assert_eq!(
            (status.code(), text.as_str()),
            (Some(0), "starts\nends\n"),
            "{way:?}"
        );
    }
}

#[test]
fn commands_end_with_the_program() {
    let dir = directory(&[(
        "a.ruff",
        &busy("execute(\"echo $$ > number; sleep 60; echo late > late\")"),
    )]);
    for way in WAYS {
        let mut command = started(way, &dir);
        let (status, _, _) = interrupt(&mut command, libc::SIGINT);
        assert_eq!(status.code(), Some(130), "{way:?}");
        let number = fs::read_to_string(dir.0.join("number")).expect("the command ran");
        let number: i32 = number.trim().parse().expect("a number");
        // SAFETY: signal 0 only asks whether somebody is there; the number is that of a child of a process that has ended.
        let there = || unsafe { libc::kill(number, 0) } == 0;
        let limit = Instant::now() + Duration::from_secs(5);
        while there() && Instant::now() < limit {
            sleep(Duration::from_millis(5));
        }
        // Whoever takes orphans in may not have looked yet: then it is a zombie.
        let stat = fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
        assert!(!there() || stat.contains(") Z "), "{way:?}: {stat}");
    }
}

#[test]
fn an_interrupted_compiler_leaves_what_was_there() {
    let linker = "#!/bin/sh\nfor word; do last=$word; done\necho half > \"$last\"\necho > linking\nsleep 60\necho late > \"$last\"\n";
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        let dir = directory(&[("a.ruff", "print(1)"), ("a", "old"), ("cc", linker)]);
        let cc = dir.0.join("cc");
        fs::set_permissions(&cc, fs::Permissions::from_mode(0o755)).expect("it is ours");
        let mut compiler = command(ruffc(), &dir, &["a.ruff"]);
        dispose(&mut compiler, libc::SIG_DFL);
        let mut compiler = compiler.env("CC", &cc).spawn().expect("it can be started");
        let limit = Instant::now() + Duration::from_secs(20);
        while !dir.0.join("linking").exists() && Instant::now() < limit {
            sleep(Duration::from_millis(2));
        }
        assert_ne!(
            files(&dir.0),
            ["a", "a.ruff", "cc", "linking"],
            "nothing is half done"
        );
        send(&compiler, signal);
        let status = compiler.wait().expect("it ends");
        match signal {
            libc::SIGINT => assert_eq!(status.code(), Some(130)),
            _ => assert_eq!(status.signal(), Some(signal)),
        }
        assert_eq!(files(&dir.0), ["a", "a.ruff", "cc", "linking"]);
        assert_eq!(fs::read_to_string(dir.0.join("a")).expect("there"), "old");
    }
}

/// Signals at any moment of a real compilation: the output is as it was or whole, and alone.
#[test]
fn a_compiler_interrupted_at_any_moment_leaves_nothing_half_done() {
    let dir = directory(&[("a.ruff", "print(1)"), ("a", "old")]);
    let mut ends = [0; 2];
    for moment in 0..25 {
        let mut compiler = command(ruffc(), &dir, &["a.ruff"]);
        dispose(&mut compiler, libc::SIG_DFL);
        let mut compiler = compiler.spawn().expect("it can be started");
        sleep(Duration::from_millis(6 * moment));
        send(&compiler, libc::SIGINT);
        let status = compiler.wait().expect("it ends");
        assert_eq!(files(&dir.0), ["a", "a.ruff"], "after {} ms", 6 * moment);
        match status.code() {
            Some(130) => ends[0] += 1,
            Some(0) => ends[1] += 1,
            // The process was not its own yet.
            None if status.signal() == Some(libc::SIGINT) => {}
            _ => panic!("{status}"),
        }
        let made = fs::read(dir.0.join("a")).expect("there");
        assert!(made == b"old" || made.starts_with(b"\x7fELF") || made.len() > 10_000);
        if made != b"old" {
            let ran = output(&mut command(&dir.0.join("a"), &dir, &[]));
            assert_eq!(ran, (0, "1\n".into(), String::new()));
        }
    }
    assert!(ends[0] > 0, "{ends:?}");
}
