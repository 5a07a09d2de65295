//! Plants every fault of the table `ruff_runtime::fault` in turn and sees after how many programs the hunt finds it.
//!
//! In: a number of programs. Out: a table of faults that says what found them, or that nothing did. A faulty engine runs in a child
//! process, since it may die or hang. Each program is run in its sample of configurations, as ever.
//! The oracle calls the runtime for builtins on plain values (`oracle::native`): a fault in those is one that the hunt cannot see.

use crate::hunt;
use crate::hunt::process::{Following, Line};
use ruff_runtime::fault::Fault;
use std::fmt;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// How long a child may be silent: a fault that ends in a loop is found, too.
const LIMIT: Duration = Duration::from_secs(10);

/// How many programs a fault may survive unseen, unless told otherwise.
pub const PROGRAMS: u64 = 400;

/// What became of a fault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The program of that number, counted from 1, showed it.
    Caught {
        /// The number.
        program: u64,
        /// The configuration that differs from what is expected or leaks, or how the process died.
        by: String,
    },
    /// All programs ran as ever.
    Missed,
}

/// What became of all of them, in the order of the table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// How many programs each had to survive.
    pub programs: u64,
    /// The faults and their outcomes.
    pub rows: Vec<(Fault, Outcome)>,
}

impl Report {
    /// The faults that nothing has found.
    pub fn missed(&self) -> impl Iterator<Item = Fault> {
        let missed = self.rows.iter().filter(|row| row.1 == Outcome::Missed);
        missed.map(|row| row.0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        for (fault, outcome) in &self.rows {
            let (name, room) = (format!("{fault:?}"), fault.room());
            match outcome {
                Outcome::Caught { program, by } => {
                    writeln!(out, "{name:<30} {room:<9} {program:>6}  {by}")?
                }
                Outcome::Missed => {
                    writeln!(out, "{name:<30} {room:<9} missed  {}", fault.what().trim())?
                }
            }
        }
        let (all, missed) = (self.rows.len(), self.missed().count());
        let (caught, programs) = (all - missed, self.programs);
        write!(
            out,
            "{caught} of {all} faults caught within {programs} programs"
        )
    }
}

/// The fault of that name.
pub fn find(name: &str) -> Option<Fault> {
    let mut all = Fault::ALL.iter().copied();
    all.find(|fault| fault.name() == name)
}

/// The command `faults`: the whole table, or some of it: a number of programs and names of faults.
pub fn command(words: &[&str]) -> ExitCode {
    if !cfg!(debug_assertions) {
        eprintln!("faults can only be planted in builds with debug assertions");
        return ExitCode::from(2);
    }
    let (mut programs, mut faults) = (PROGRAMS, Vec::new());
    for word in words {
        match (word.parse(), find(word)) {
            (Ok(number), _) => programs = number,
            (_, Some(fault)) => faults.push(fault),
            _ => {
                eprintln!("no fault is called {word}");
                return ExitCode::from(2);
            }
        }
    }
    if faults.is_empty() {
        faults = Fault::ALL.to_vec();
    }
    let program = std::env::current_exe().expect("a process knows its executable");
    let report = hunt_for(&program, &faults, programs);
    println!("{report}");
    ExitCode::from(u8::from(report.missed().next().is_some()))
}

/// Plants the faults one by one in processes `program`, whose main must lead to [`serve`], and runs so many programs.
pub fn hunt_for(program: &Path, faults: &[Fault], programs: u64) -> Report {
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(&fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let row = (fault, look_for(program, fault, programs));
                    rows.lock().expect("no worker panics").push(row);
                }
            });
        }
    });
    let mut rows = rows.into_inner().expect("no worker panics");
    rows.sort_by_key(|row| row.0 as usize);
    Report { programs, rows }
}

/// Runs the programs in order until one shows the fault.
fn look_for(program: &Path, fault: Fault, programs: u64) -> Outcome {
    let mut done = 0;
    while done < programs {
        let (from, to) = (done.to_string(), programs.to_string());
        let args = ["--serve-faulty", fault.name(), &from, &to];
        let mut child = Following::start(program, &args, None, None);
        let by = loop {
            match child.next(LIMIT) {
                Line::Ran(..) => {}
                Line::Same | Line::Skipped(_) => done += 1,
                // Nobody knows what to expect. The next child goes on behind it.
                Line::Endless => {
                    done += 1;
                    break None;
                }
                Line::Different(_) if child.configuration.is_empty() => {
                    break Some("interpreter".into());
                }
                Line::Different(_) => break Some(child.configuration.clone()),
                // A slow machine makes sound programs hang, too.
                Line::End(Some(death))
                    if death.starts_with("hangs") && hangs_anyway(program, done) =>
                {
                    done += 1;
                    break None;
                }
                Line::End(death) => break death,
            }
        };
        child.end();
        if let Some(by) = by {
            let program = done + 1;
            return Outcome::Caught { program, by };
        }
    }
    Outcome::Missed
}

/// Whether a program hangs without any fault.
fn hangs_anyway(program: &Path, seed: u64) -> bool {
    let (from, to) = (seed.to_string(), (seed + 1).to_string());
    let mut child = Following::start(program, &["--serve", &from, &to], None, None);
    let hangs = loop {
        match child.next(LIMIT) {
            Line::Ran(..) => {}
            line => break !matches!(line, Line::Same | Line::Skipped(_)),
        }
    };
    child.end();
    hangs
}

/// What a child does: [`hunt::serve`] with a fault.
pub fn serve(fault: Fault, from: u64, to: u64) {
    plant(fault);
    hunt::serve(from, to);
}

#[cfg(debug_assertions)]
fn plant(fault: Fault) {
    ruff_runtime::fault::plant(fault);
}

#[cfg(not(debug_assertions))]
fn plant(_: Fault) {
    unreachable!("`command` has refused");
}
