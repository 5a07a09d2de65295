//! Compares what a program did with what it promised: outcome and promise in, complaints out.

use super::process::Outcome;
use super::program::{Fault, FaultKind, Program, Promise};

/// What the tracing variables of the environment made a program print last.
#[derive(Clone, Copy, Default, Debug)]
pub struct Traces {
    /// Counted objects alive at exit.
    pub live: Option<u64>,
    /// Copies of shared values.
    pub copies: Option<u64>,
}

/// Takes the trace lines off the end of standard error.
pub fn untrace(outcome: &mut Outcome) -> Traces {
    let mut traces = Traces::default();
    loop {
        let text = outcome.stderr.strip_suffix('\n').unwrap_or(&outcome.stderr);
        let start = text.rfind('\n').map_or(0, |at| at + 1);
        let last = &text[start..];
        if let Some(n) = last.strip_prefix("live objects: ") {
            traces.live = n.parse().ok();
        } else if let Some(n) = last.strip_prefix("copies: ") {
            traces.copies = n.parse().ok();
        } else {
            return traces;
        }
        outcome.stderr.truncate(start);
    }
}

/// Everything that is wrong with `outcome`, in words.
pub fn complaints(program: &Program, outcome: &Outcome, traces: Traces) -> Vec<String> {
    let promise = &program.promise;
    let mut wrong = Vec::new();
    let mut expected = promise.stdout.join("\n");
    if !expected.is_empty() || promise.stdout.len() == 1 {
        expected.push('\n');
    }
    let prints = if promise.command.is_some() {
        contains_in_order
    } else {
        same_lines
    };
    if !prints(&outcome.stdout, &expected) {
        wrong.push(format!(
            "stdout differs\n{}",
            diff(&expected, &outcome.stdout)
        ));
    }
    let exit = promise
        .error
        .as_ref()
        .map_or(promise.exit, |fault| fault.kind.exit());
    if outcome.end != format!("exit {exit}") {
        wrong.push(format!("ended with {} instead of exit {exit}", outcome.end));
    }
    wrong.extend(stderr_complaint(program, &outcome.stderr));
    wrong.extend(copy_complaint(promise, outcome, traces));
    wrong.extend(leak_complaint(program, traces));
    wrong
}

/// Equal but for blanks at the ends of lines, which comments cannot show.
fn same_lines(got: &str, expected: &str) -> bool {
    got.ends_with('\n') == expected.ends_with('\n')
        && got
            .lines()
            .map(str::trim_end)
            .eq(expected.lines().map(str::trim_end))
}

fn contains_in_order(got: &str, expected: &str) -> bool {
    let mut lines = got.lines().map(str::trim);
    expected
        .lines()
        .all(|wanted| lines.any(|line| line == wanted.trim()))
}

fn stderr_complaint(program: &Program, stderr: &str) -> Option<String> {
    let promise = &program.promise;
    if !promise.hints.is_empty() {
        let missing = promise.hints.iter().find(|hint| !stderr.contains(*hint))?;
        return Some(format!("stderr does not contain `{missing}`:\n{stderr}"));
    }
    let mut plain: String = promise
        .stderr
        .iter()
        .map(|line| format!("{line}\n"))
        .collect();
    let Some(fault) = &promise.error else {
        // Subcommands may say more; programs say what they print.
        let matches = stderr == plain || promise.command.is_some();
        return (!matches).then(|| format!("stderr differs\n{}", diff(&plain, stderr)));
    };
    let place = match fault.at {
        (line, Some(column)) => format!("  --> {}:{line}:{column}", program.entry),
        (line, None) => format!("  --> {}:{line}:", program.entry),
    };
    match (&fault.stack, fault.at.1) {
        (Some(stack), Some(_)) => {
            plain.push_str(&format!("{}\n{place}\n", first_line(fault)));
            plain.push_str(&call_stack(stack));
            (stderr != plain).then(|| format!("stderr differs\n{}", diff(&plain, stderr)))
        }
        _ => (!reports(stderr, fault, &place, &plain)).then(|| {
            format!(
                "stderr does not report `{}` at `{place}`:\n{stderr}",
                first_line(fault)
            )
        }),
    }
}

fn call_stack(stack: &[String]) -> String {
    let frames = stack
        .iter()
        .enumerate()
        .map(|(i, name)| format!("  {i} at {name}\n"));
    if stack.is_empty() {
        String::new()
    } else {
        format!("\nCall stack:\n{}\n", frames.collect::<String>())
    }
}

fn first_line(fault: &Fault) -> String {
    match fault.kind {
        FaultKind::Uncaught => format!("[RUFVM001] [vm] Runtime Error: {}", fault.message),
        FaultKind::Compile => format!(
            "[RUFVM001] [vm] error: Compilation error: {}",
            fault.message
        ),
        FaultKind::Syntax => format!("error: {}", fault.message),
    }
}

fn reports(stderr: &str, fault: &Fault, place: &str, before: &str) -> bool {
    let Some(stderr) = stderr.strip_prefix(before) else {
        return false;
    };
    let header = first_line(fault);
    let lines: Vec<&str> = stderr.lines().collect();
    let says = |line: &str| match fault.kind {
        // An ellipsis ends a message whose wording is free from there on.
        _ if header.ends_with('…') => line.contains(header.trim_end_matches('…')),
        FaultKind::Syntax => line.ends_with(&header) && line.starts_with("[RUF"),
        _ => line == header,
    };
    let placed = |at: usize| {
        lines[at + 1..]
            .iter()
            .take(3)
            .any(|line| line.starts_with(place))
    };
    // A file may hold several errors of syntax; every other error is the only one.
    let last = if fault.kind == FaultKind::Syntax {
        lines.len()
    } else {
        1
    };
    (0..last.min(lines.len())).any(|at| says(lines[at]) && placed(at))
}

fn copy_complaint(promise: &Promise, outcome: &Outcome, traces: Traces) -> Option<String> {
    let limit = promise.copies?;
    match traces.copies {
        Some(copies) if copies <= limit => None,
        Some(copies) => Some(format!(
            "{copies} copies were made, at most {limit} allowed"
        )),
        None => Some(format!("copies were not counted:\n{}", outcome.stderr)),
    }
}

/// A program that ends itself by `exit` never gives its values back; every other one does.
fn leak_complaint(program: &Program, traces: Traces) -> Option<String> {
    let live = traces.live.filter(|&live| live != 0)?;
    let exits = |text: &[u8]| text.windows(5).any(|w| w == b"exit(");
    let leaked = !program.files.iter().any(|(_, text)| exits(text));
    leaked.then(|| format!("{live} objects leaked"))
}

/// What is wrong with the refusal of a program whose feature is missing.
pub fn refusal_complaint(program: &Program, outcome: &Outcome) -> Option<String> {
    let refused = outcome.end == "exit 4"
        && outcome.stdout.is_empty()
        && outcome.stderr.contains("Compilation error: ")
        && outcome
            .stderr
            .contains(&format!("  --> {}:", program.entry));
    (!refused).then(|| {
        format!(
            "should be refused with a position, but {}\nstdout:\n{}stderr:\n{}",
            outcome.end, outcome.stdout, outcome.stderr
        )
    })
}

/// The first lines that differ, with their numbers.
pub fn diff(expected: &str, got: &str) -> String {
    let (want, have): (Vec<_>, Vec<_>) = (expected.lines().collect(), got.lines().collect());
    let mut text = String::new();
    let mut shown = 0;
    for at in 0..want.len().max(have.len()) {
        let (w, h) = (want.get(at), have.get(at));
        if w == h {
            continue;
        }
        shown += 1;
        if shown > 4 {
            text.push_str("    …\n");
            break;
        }
        for (sign, line) in [('-', w), ('+', h)] {
            if let Some(line) = line {
                text.push_str(&format!("    {:>3} {sign} {line}\n", at + 1));
            }
        }
    }
    if text.is_empty() {
        text.push_str("    only the line ends differ\n");
    }
    text
}
