//! What a hunt has seen, added up.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// What a hunt has seen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Programs that were run.
    pub ran: u64,
    /// Programs that were not compared, by the reason.
    pub skipped: BTreeMap<String, u64>,
    /// Runs of each configuration, and the time they took together.
    pub runs: BTreeMap<String, (u64, Duration)>,
    /// Programs with what differs, or how the child died.
    pub finds: Vec<(u64, String)>,
}

impl Report {
    /// A configuration has run.
    pub fn add_run(&mut self, configuration: &str, time: Duration) {
        let (count, total) = self.runs.entry(configuration.to_owned()).or_default();
        *count += 1;
        *total += time;
    }

    /// A program was not compared.
    pub fn add_skipped(&mut self, why: &str) {
        self.ran += 1;
        *self.skipped.entry(why.to_owned()).or_default() += 1;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let runs: u64 = self.runs.values().map(|(count, _)| count).sum();
        let (ran, skipped, finds) = (
            self.ran,
            self.skipped.values().sum::<u64>(),
            self.finds.len(),
        );
        write!(
            out,
            "{ran} programs ({skipped} of them skipped), {runs} runs, {finds} differences"
        )
    }
}

/// The report with a line for each configuration and each reason to skip a program.
pub struct Detailed<'r>(pub &'r Report);

impl fmt::Display for Detailed<'_> {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        for (name, (count, time)) in &self.0.runs {
            let each = time.as_secs_f64() * 1e3 / *count as f64;
            writeln!(out, "{count:9} runs {each:7.2} ms each  {name}")?;
        }
        for (why, count) in &self.0.skipped {
            writeln!(out, "{count:9} skipped: {why}")?;
        }
        write!(out, "{}", self.0)
    }
}
