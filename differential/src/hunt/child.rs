//! The inside of a child process: runs programs and tells on standard output what it does, line by line.
//!
//! `asks` for what to expect, `in CONFIGURATION`, `ran MICROSECONDS CONFIGURATION`, and for each program one of `same`, `skipped WHY`, `different WHAT`.

use crate::executable::Maker;
use crate::matrix::Configuration;
use crate::mutate::Corpus;
use crate::ways::{Listener, Verdict, compare};
use crate::{generate, matrix};
use ruff::driver::isa::OptLevel;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// Ends of lines in what a line tells.
pub(super) const NEW_LINE: char = '\u{1}';

struct Told(std::io::Stdout);

impl Told {
    fn line(&mut self, line: &str) {
        // Whoever listens may have gone.
        drop(writeln!(self.0, "{line}"));
        drop(self.0.flush());
    }

    fn compare(&mut self, seed: u64, text: &str, hot: bool) {
        let verdict = compare(text, matrix::sample(seed, hot), self);
        self.line(&verdict_line(&verdict));
    }
}

impl Listener for Told {
    fn asks(&mut self) {
        self.line("asks");
    }

    fn begins(&mut self, configuration: &Configuration) {
        self.line(&format!("in {}", configuration.name));
    }

    fn ran(&mut self, configuration: &Configuration, time: Duration) {
        self.line(&format!("ran {} {}", time.as_micros(), configuration.name));
    }
}

/// Runs the programs of the seeds from `from` up to `to`.
pub fn serve(from: u64, to: u64) {
    let mut told = Told(std::io::stdout());
    for seed in from..to {
        let generated = generate::program(seed);
        told.compare(seed, &generated.text, generated.hot);
    }
}

/// Runs the mutants of the seeds from `from` up to `to`.
pub fn serve_mutants(from: u64, to: u64) {
    let mut told = Told(std::io::stdout());
    let corpus = Corpus::of_tests();
    for seed in from..to {
        told.compare(seed, &corpus.mutant(seed), false);
    }
}

/// Runs the programs of the seeds from `from` up to `to` as executables, made in the directory, for this machine or a target. Each
/// has one of the levels.
pub fn serve_executables(from: u64, to: u64, dir: &Path, target: Option<&str>) {
    let mut told = Told(std::io::stdout());
    for seed in from..to {
        let level = OptLevel((seed % 4) as u8);
        let name = format!("executable -O{}", level.0);
        let name = target.map_or(name.clone(), |target| format!("{name} {target}"));
        let start = Instant::now();
        let maker = Maker::new(target, level, dir);
        if let Some(missing) = maker.missing() {
            told.line(&format!("skipped {missing} is not installed"));
            continue;
        }
        told.line("asks");
        let begins = || told.line(&format!("in {name}"));
        let verdict = maker.compare(&generate::program(seed).text, begins);
        if !matches!(verdict, Verdict::Skipped(_)) {
            told.line(&format!("ran {} {name}", start.elapsed().as_micros()));
        }
        told.line(&verdict_line(&verdict));
    }
}

/// Runs one program in the configuration of that name, or in all.
pub fn serve_text(text: &str, only: Option<&Configuration>) -> Verdict {
    let mut told = Told(std::io::stdout());
    let verdict = match only {
        Some(only) => compare(text, [only], &mut told),
        None => compare(text, matrix::all(), &mut told),
    };
    told.line(&verdict_line(&verdict));
    verdict
}

fn verdict_line(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Same => "same".to_owned(),
        Verdict::Skipped(why) => format!("skipped {}", one_line(why)),
        Verdict::Different(what) => format!("different {}", one_line(what)),
    }
}

fn one_line(text: &str) -> String {
    text.trim_end()
        .replace('\n', NEW_LINE.encode_utf8(&mut [0; 4]))
}
