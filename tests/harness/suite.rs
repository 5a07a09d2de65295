//! Runs many programs in every way, two at a time, and reports once at the end.

use super::check::{complaints, refusal_complaint, untrace};
use super::process::Outcome;
use super::program::Program;
use super::ways::{self, WAYS, Way};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How many programs run at once.
const THREADS: usize = 2;

#[derive(Default)]
struct Tally {
    ran: BTreeMap<&'static str, usize>,
    refused: BTreeMap<String, usize>,
    failures: Vec<String>,
}

/// Runs `programs` in every way and panics with all failures. `RUFF_TEST_ONLY=TEXT` keeps those whose name contains the text,
/// `RUFF_TEST_WAYS=interpreter,jit-1` these ways.
pub fn run(title: &str, programs: Vec<Program>) {
    run_in(&WAYS, title, programs);
}

/// The same in some of the ways.
pub fn run_in(ways: &[Way], title: &str, programs: Vec<Program>) {
    let wanted = std::env::var("RUFF_TEST_WAYS").unwrap_or_default();
    let ways = ways.iter().copied();
    let ways = ways.filter(|way| wanted.is_empty() || wanted.contains(way.name()));
    let ways: Vec<Way> = ways.collect();
    let only = std::env::var("RUFF_TEST_ONLY").unwrap_or_default();
    let programs: Vec<_> = programs
        .into_iter()
        .filter(|p| p.name.contains(&only))
        .collect();
    if !programs.is_empty() && ways.contains(&Way::Executable) {
        ways::archive();
    }
    let tally = Mutex::new(Tally::default());
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(program) = programs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    one(program, &ways, &tally);
                }
            });
        }
    });
    report(title, &tally.into_inner().expect("no thread panicked"));
}

fn one(program: &Program, ways: &[Way], tally: &Mutex<Tally>) {
    let (ran, failures) = match &program.promise.command {
        Some(command) => by_command(program, command),
        None => in_ways(program, ways),
    };
    let mut tally = tally.lock().expect("no thread panicked");
    match &program.promise.needs {
        Some(feature) => *tally.refused.entry(feature.clone()).or_default() += 1,
        None => ran
            .into_iter()
            .for_each(|way| *tally.ran.entry(way).or_default() += 1),
    }
    tally.failures.extend(failures);
}

fn by_command(program: &Program, command: &[String]) -> (Vec<&'static str>, Vec<String>) {
    let mut outcome = ways::subcommand(program, command);
    let traces = untrace(&mut outcome);
    let wrong = complaints(program, &outcome, traces);
    let title = format!("{} ({})", program.name, command.join(" "));
    (
        vec!["subcommands"],
        wrong.into_iter().map(|w| format!("{title}: {w}")).collect(),
    )
}

fn in_ways(program: &Program, ways: &[Way]) -> (Vec<&'static str>, Vec<String>) {
    let mut failures = Vec::new();
    let mut ran = Vec::new();
    let mut first: Option<Outcome> = None;
    for way in ways {
        let mut outcome = way.run(program);
        ran.push(way.name());
        let traces = untrace(&mut outcome);
        let wrong = if program.promise.needs.is_some() {
            refusal_complaint(program, &outcome).into_iter().collect()
        } else {
            complaints(program, &outcome, traces)
        };
        let title = format!("{} ({})", program.name, way.name());
        let clean = wrong.is_empty();
        failures.extend(wrong.into_iter().map(|w| format!("{title}: {w}")));
        match &first {
            None => first = Some(outcome),
            Some(first) if clean && *first != outcome && failures.is_empty() => {
                failures.push(format!(
                    "{title}: differs from the interpreter\n{outcome:?}"
                ));
            }
            Some(_) => {}
        }
    }
    (ran, failures)
}

fn report(title: &str, tally: &Tally) {
    let mut counts: Vec<String> = WAYS
        .iter()
        .filter_map(|way| Some((way.name(), tally.ran.get(way.name())?)))
        .map(count)
        .collect();
    counts.extend(
        tally
            .ran
            .get("subcommands")
            .map(|n| count(("subcommands", n))),
    );
    say(&format!("{title}: {}", counts.join(", ")));
    for (feature, n) in &tally.refused {
        say(&format!(
            "{title}: {n} refused by every engine for want of {feature}"
        ));
    }
    if !tally.failures.is_empty() {
        let list = tally.failures.join("\n");
        panic!("{title}: {} failures\n{list}", tally.failures.len());
    }
}

/// Prints a line even where the test passes: counts are part of the result, and `println!` would be captured.
fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("the report can be written");
}

fn count((name, n): (&str, &usize)) -> String {
    format!("{name} {n} programs")
}
