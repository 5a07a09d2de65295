//! One program in a process of its own, for its reduction.

use super::process::{Following, Line};
use std::path::Path;
use std::time::Duration;

/// How long a configuration may run.
const LIMIT: Duration = Duration::from_secs(3);

/// What is wrong with a program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Find {
    /// What differs, or how the process died.
    pub what: String,
    /// The configuration that ran last.
    pub configuration: String,
}

/// Compares one program in a process of its own, in the configuration of that name or in all.
pub fn apart(program: &Path, text: &str, only: Option<&str>) -> Option<Find> {
    let mut args = vec!["check", "-"];
    args.extend(only);
    let mut child = Following::start(program, &args, Some(text), None);
    let mut found = None;
    let ended = loop {
        match child.next(LIMIT) {
            Line::Different(what) => found = Some(what),
            Line::Endless => break None,
            Line::End(death) => break death,
            _ => {}
        }
    };
    // The exit code of a process that found a difference is no death.
    let what = found.or(ended)?;
    Some(Find {
        what,
        configuration: child.configuration,
    })
}

/// What kind of find it is, so that a reduction does not slip from one into another.
pub fn kind(what: &str) -> &'static str {
    let kinds = ["leaks", "hangs", "signal: 6", "signal: 11", "died"];
    kinds
        .into_iter()
        .find(|kind| what.contains(kind))
        .unwrap_or("differs")
}
