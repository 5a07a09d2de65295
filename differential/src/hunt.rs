//! Many programs, in child processes that may die.
//!
//! In: a range of seeds. Out: what was found. A child tells on its standard output which seed it works on, so that one that
//! crashes or hangs names the program that did it.

use crate::generate;
use crate::ways::{self, Verdict};
use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long a child may work on one program.
const LIMIT: Duration = Duration::from_secs(30);

/// How long a program may run while it is reduced.
const REDUCING: Duration = Duration::from_secs(3);

/// How many programs a child runs before another one takes over.
const BATCH: u64 = 25;

/// What a hunt has seen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Programs that were run.
    pub ran: u64,
    /// Programs that were not compared, most of them because they run too long.
    pub skipped: u64,
    /// Seeds with what differs, or how the child died.
    pub finds: Vec<(u64, String)>,
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let (ran, skipped, finds) = (self.ran, self.skipped, self.finds.len());
        write!(
            out,
            "{ran} programs ({skipped} of them skipped), {finds} differences"
        )
    }
}

/// What to run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Plan {
    /// The first seed.
    pub first: u64,
    /// How many seeds.
    pub count: u64,
    /// How many processes at once.
    pub workers: usize,
    /// No more batches are begun after that.
    pub limit: Option<Duration>,
}

/// Runs the programs of a plan by processes `program`, whose main must lead to [`serve`].
pub fn hunt(program: &Path, plan: Plan) -> Report {
    let next = AtomicU64::new(plan.first);
    let report = Mutex::new(Report::default());
    let end = plan.first + plan.count;
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..plan.workers {
            scope.spawn(|| {
                while plan.limit.is_none_or(|limit| start.elapsed() < limit) {
                    let from = next.fetch_add(BATCH, Ordering::Relaxed);
                    if from >= end {
                        return;
                    }
                    batch(program, from, (from + BATCH).min(end), &report);
                }
            });
        }
    });
    report
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Runs a batch; a child that dies is replaced by one that goes on behind the program it died of.
fn batch(program: &Path, from: u64, to: u64, report: &Mutex<Report>) {
    let mut from = from;
    while from < to {
        let mut child = Command::new(program)
            .args(["--serve", &from.to_string(), &to.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a child process can be started");
        let lines = lines(&mut child);
        let (mut at, death) = follow(&lines, &mut child, from, report);
        if let Some(death) = death {
            find(report, at, death);
            at += 1;
        }
        from = at.max(from + 1);
    }
}

fn lines(child: &mut Child) -> Receiver<String> {
    let output = child.stdout.take().expect("the output is a pipe");
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Reads what the child says until it ends. Gives the seed it came to, and how it died, if it did.
fn follow(
    lines: &Receiver<String>,
    child: &mut Child,
    from: u64,
    report: &Mutex<Report>,
) -> (u64, Option<String>) {
    let mut at = from;
    loop {
        match lines.recv_timeout(LIMIT) {
            Ok(line) => {
                let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
                match word {
                    "same" => count(report, false),
                    "skipped" => count(report, true),
                    "different" => {
                        count(report, false);
                        find(report, at, rest.replace('\u{1}', "\n"));
                    }
                    _ => continue,
                }
                at += 1;
            }
            Err(RecvTimeoutError::Timeout) => {
                drop(child.kill());
                drop(child.wait());
                return (at, Some("hangs".into()));
            }
            Err(RecvTimeoutError::Disconnected) => {
                let status = child.wait().expect("a child can be waited for");
                let death = (!status.success()).then(|| format!("the process died: {status}"));
                return (at, death);
            }
        }
    }
}

fn count(report: &Mutex<Report>, skipped: bool) {
    let mut report = report.lock().expect("no worker panics");
    report.ran += 1;
    report.skipped += u64::from(skipped);
}

fn find(report: &Mutex<Report>, seed: u64, what: String) {
    eprintln!("seed {seed}: {what}");
    report
        .lock()
        .expect("no worker panics")
        .finds
        .push((seed, what));
}

/// What a child does: runs the programs of the seeds from `from` up to `to`, and tells about each on a line.
pub fn serve(from: u64, to: u64) {
    for seed in from..to {
        let generated = generate::program(seed);
        let told = match ways::compare(&generated.text, generated.hot) {
            Verdict::Same => "same".to_owned(),
            Verdict::Skipped(why) => format!("skipped {}", why.replace('\n', "\u{1}")),
            Verdict::Different(what) => format!("different {}", what.replace('\n', "\u{1}")),
        };
        println!("{told}");
        drop(std::io::stdout().flush());
    }
}

/// Compares one program in a process of its own. Gives what differs, or how the process died.
pub fn apart(program: &Path, text: &str) -> Option<String> {
    let mut child = Command::new(program)
        .args(["check", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child process can be started");
    let mut input = child.stdin.take().expect("the input is a pipe");
    // A child that dies early does not read.
    drop(input.write_all(text.as_bytes()));
    drop(input);
    let lines = lines(&mut child);
    let mut told = String::new();
    loop {
        match lines.recv_timeout(REDUCING) {
            Ok(line) => told += &format!("{line}\n"),
            Err(RecvTimeoutError::Timeout) => {
                drop(child.kill());
                drop(child.wait());
                return Some("hangs".into());
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let status = child.wait().expect("a child can be waited for");
    match status.code() {
        Some(0) => None,
        Some(1) => Some(told),
        _ => Some(format!("the process died: {status}")),
    }
}

/// What kind of find it is, so that a reduction does not slip from one into another.
pub fn kind(what: &str) -> &'static str {
    let kinds = ["leaks", "hangs", "signal: 6", "signal: 11", "died"];
    kinds
        .into_iter()
        .find(|kind| what.contains(kind))
        .unwrap_or("differs")
}
