//! Many programs, in child processes that may die.
//!
//! In: a range of seeds. Out: what was found. A child tells on its standard output what it works on (`child`), so that one that
//! crashes or hangs names the program and the configuration that did it.

mod apart;
mod child;
pub(crate) mod process;
mod report;

pub use apart::{Find, apart, kind};
pub use child::{serve, serve_executables, serve_mutants, serve_text};
pub use report::{Detailed, Report};

use process::{Following, Line};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long a child may be silent.
const LIMIT: Duration = Duration::from_secs(30);

/// How many programs a child runs before another one takes over: machine code is never freed.
const BATCH: u64 = 100;

/// Which programs are run, and in what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Work {
    /// Generated ones, in engines of one process.
    Engines,
    /// Mutants of the tests' programs, in the same engines.
    Mutants,
    /// Generated ones, as executables.
    Executables(Making),
}

/// How executables are made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Making {
    /// The target; nothing: this machine.
    pub target: Option<String>,
    /// The runtime archive, if it does not lie beside the program.
    pub runtime: Option<PathBuf>,
}

/// What to run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// In what.
    pub work: Work,
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
pub fn hunt(program: &Path, plan: &Plan) -> Report {
    let next = AtomicU64::new(plan.first);
    let report = Mutex::new(Report::default());
    let end = plan.first + plan.count;
    let start = Instant::now();
    // Small plans are shared out evenly, too.
    let size = BATCH.min(plan.count.div_ceil(plan.workers as u64)).max(1);
    thread::scope(|scope| {
        for _ in 0..plan.workers {
            scope.spawn(|| {
                while plan.limit.is_none_or(|limit| start.elapsed() < limit) {
                    let from = next.fetch_add(size, Ordering::Relaxed);
                    if from >= end {
                        return;
                    }
                    batch(program, &plan.work, from..(from + size).min(end), &report);
                }
            });
        }
    });
    report
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Runs a batch; a child that dies is replaced by one that goes on behind the program it died of.
fn batch(program: &Path, work: &Work, seeds: Range<u64>, report: &Mutex<Report>) {
    let dir = tempfile::tempdir().expect("a directory for executables can be made");
    let mut at = seeds.start;
    while at < seeds.end {
        let (from, to) = (at.to_string(), seeds.end.to_string());
        let mut args = vec![from.as_str(), &to];
        let mut runtime = None;
        match work {
            Work::Engines => args.insert(0, "--serve"),
            Work::Mutants => args.insert(0, "--serve-mutants"),
            Work::Executables(making) => {
                args.insert(0, "--serve-executables");
                args.push(dir.path().to_str().expect("its name is plain text"));
                args.extend(making.target.as_deref());
                runtime = making.runtime.as_deref();
            }
        }
        let mut child = Following::start(program, &args, None, runtime);
        let death = loop {
            match child.next(LIMIT) {
                Line::Ran(configuration, time) => {
                    locked(report).add_run(&configuration, time);
                }
                Line::Same => {
                    locked(report).ran += 1;
                    at += 1;
                }
                Line::Skipped(why) => {
                    locked(report).add_skipped(&why);
                    at += 1;
                }
                Line::Endless => {
                    locked(report).add_skipped("nobody knows what to expect");
                    at += 1;
                    break None;
                }
                Line::Different(what) => {
                    find(report, at, what);
                    at += 1;
                }
                Line::End(death) => break death,
            }
        };
        if let Some(death) = death {
            find(report, at, death);
            at += 1;
        }
    }
}

fn locked(report: &Mutex<Report>) -> std::sync::MutexGuard<'_, Report> {
    report.lock().expect("no worker panics")
}

fn find(report: &Mutex<Report>, seed: u64, what: String) {
    eprintln!("seed {seed}: {what}");
    let mut report = locked(report);
    report.ran += 1;
    report.finds.push((seed, what));
}
