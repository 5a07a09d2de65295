//! The hunt on demand: `ruff-differential [COUNT] [--seed N] [--workers N]`.

use ruff_differential::ways::{self, Verdict};
use ruff_differential::{generate, hunt, minimise};
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

const USAGE: &str = "\
ruff-differential [COUNT] [--seed N] [--workers N]
                               run COUNT programs (default 1000) in every engine
ruff-differential show SEED    print the program of a seed
ruff-differential check FILE   run a file in every engine
ruff-differential reduce FILE  make a file on which they differ small, and print it";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words[..] {
        ["--serve", from, to] => match (from.parse(), to.parse()) {
            (Ok(from), Ok(to)) => hunt::serve(from, to),
            _ => return usage(),
        },
        ["show", seed] => match seed.parse() {
            Ok(seed) => print!("{}", generate::program(seed).text),
            Err(_) => return usage(),
        },
        ["check", file] => return check(file),
        ["reduce", file] => return reduce(file),
        _ => return search(&words),
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}

fn check(file: &str) -> ExitCode {
    let read = match file {
        "-" => std::io::read_to_string(std::io::stdin()),
        _ => std::fs::read_to_string(file),
    };
    let text = match read {
        Ok(text) => text,
        Err(error) => {
            eprintln!("cannot read {file}: {error}");
            return ExitCode::from(2);
        }
    };
    match ways::compare(&text, true) {
        Verdict::Same => println!("same"),
        Verdict::Skipped(why) => println!("skipped: {why}"),
        Verdict::Different(what) => {
            println!("different: {what}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn reduce(file: &str) -> ExitCode {
    let Ok(text) = std::fs::read_to_string(file) else {
        return usage();
    };
    let program = std::env::current_exe().expect("a process knows its executable");
    let Some(what) = hunt::apart(&program, &text) else {
        println!("no difference");
        return ExitCode::SUCCESS;
    };
    let kind = hunt::kind(&what);
    let same =
        |text: &str| hunt::apart(&program, text).is_some_and(|what| hunt::kind(&what) == kind);
    let reduced = minimise::minimise(&text, same);
    print!("{reduced}");
    eprintln!("{}", hunt::apart(&program, &reduced).unwrap_or_default());
    ExitCode::FAILURE
}

fn search(words: &[&str]) -> ExitCode {
    let fresh = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(1, |time| time.as_secs());
    let (mut count, mut seed, mut workers) = (1000, fresh * 1_000_000, 2);
    let mut words = words.iter();
    while let Some(&word) = words.next() {
        let number = if word.starts_with("--") {
            words.next().copied().unwrap_or("")
        } else {
            word
        };
        let Ok(number) = number.parse::<u64>() else {
            return usage();
        };
        match word {
            "--seed" => seed = number,
            "--workers" => workers = number as usize,
            _ => count = number,
        }
    }
    let program = std::env::current_exe().expect("a process knows its executable");
    println!("{count} programs from seed {seed}");
    let start = Instant::now();
    let report = hunt::hunt(&program, seed, count, workers);
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{} programs ({} of them skipped), {} differences, {:.1} programs per second",
        report.ran,
        report.skipped,
        report.finds.len(),
        report.ran as f64 / seconds
    );
    match report.finds.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
