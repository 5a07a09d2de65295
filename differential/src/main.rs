//! The hunt on demand: `cargo run --release -p ruff-differential -- [COUNT] [--seed N] [--executables N]`.

use ruff_differential::hunt::{Detailed, Making, Plan, Work};
use ruff_differential::matrix::{self, Configuration};
use ruff_differential::mutate::Corpus;
use ruff_differential::ways::Verdict;
use ruff_differential::{coverage, faults, generate, hunt, minimise};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

const USAGE: &str = "\
ruff-differential [COUNT] [--mutants N] [--executables N] [--target TRIPLE] [--seed N] [--workers N]
                               run COUNT programs (default 1000) and N mutants of the tests in the engines,
                               and N programs as executables
ruff-differential coverage [COUNT]
                               tell what COUNT programs reach of opcodes, passes, helpers, builtins (debug builds)
ruff-differential faults [COUNT] [FAULT]...
                               plant known faults, and tell which of COUNT programs finds each (debug builds)
ruff-differential show [mutant] SEED
                               print the program of a seed
ruff-differential matrix       print the names of the configurations
ruff-differential check FILE [CONFIGURATION]
                               run a file in one configuration, or in all
ruff-differential reduce FILE  make a file on which they differ small, and print it";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words[..] {
        ["--serve", from, to] => match (from.parse(), to.parse()) {
            (Ok(from), Ok(to)) => hunt::serve(from, to),
            _ => return usage(),
        },
        ["--serve-mutants", from, to] => match (from.parse(), to.parse()) {
            (Ok(from), Ok(to)) => hunt::serve_mutants(from, to),
            _ => return usage(),
        },
        ["--serve-executables", from, to, dir, ref target @ ..] => {
            let (Ok(from), Ok(to)) = (from.parse(), to.parse()) else {
                return usage();
            };
            hunt::serve_executables(from, to, Path::new(dir), target.first().copied());
        }
        ["coverage", ref rest @ ..] => return coverage::command(rest),
        ["faults", ref rest @ ..] => return faults::command(rest),
        ["--serve-faulty", fault, from, to] => {
            match (faults::find(fault), from.parse(), to.parse()) {
                (Some(fault), Ok(from), Ok(to)) => faults::serve(fault, from, to),
                _ => return usage(),
            }
        }
        ["show", seed] => match seed.parse() {
            Ok(seed) => print!("{}", generate::program(seed).text),
            Err(_) => return usage(),
        },
        ["show", "mutant", seed] => match seed.parse() {
            Ok(seed) => print!("{}", Corpus::of_tests().mutant(seed)),
            Err(_) => return usage(),
        },
        ["matrix"] => matrix::all()
            .iter()
            .for_each(|row| println!("{}", row.name)),
        ["check", file] => return check(file, None),
        ["check", file, name] => match matrix::named(name) {
            Some(only) => return check(file, Some(only)),
            None => return usage(),
        },
        ["reduce", file] => return reduce(file),
        _ => return search(&words),
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}

fn check(file: &str, only: Option<&Configuration>) -> ExitCode {
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
    match hunt::serve_text(&text, only) {
        Verdict::Different(what) => {
            eprintln!("{what}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

fn reduce(file: &str) -> ExitCode {
    let Ok(text) = std::fs::read_to_string(file) else {
        return usage();
    };
    let program = std::env::current_exe().expect("a process knows its executable");
    let Some(find) = hunt::apart(&program, &text, None) else {
        println!("no difference");
        return ExitCode::SUCCESS;
    };
    let only = Some(&*find.configuration).filter(|name| !name.is_empty());
    let again = |text: &str| hunt::apart(&program, text, only);
    let kind = hunt::kind(&find.what);
    let same = |text: &str| again(text).is_some_and(|found| hunt::kind(&found.what) == kind);
    let reduced = minimise::minimise(&text, same);
    print!("{reduced}");
    eprintln!("{}", again(&reduced).unwrap_or(find).what);
    ExitCode::FAILURE
}

/// What to search for.
struct Search {
    count: u64,
    seed: u64,
    workers: usize,
    mutants: u64,
    executables: u64,
    target: Option<String>,
}

impl Search {
    fn parse(words: &[&str]) -> Option<Search> {
        let fresh = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(1, |time| time.as_secs());
        let mut search = Search {
            count: 1000,
            seed: fresh * 1_000_000,
            workers: 2,
            mutants: 0,
            executables: 0,
            target: None,
        };
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            match word {
                "--seed" => search.seed = words.next()?.parse().ok()?,
                "--workers" => search.workers = words.next()?.parse().ok().filter(|&n| n > 0)?,
                "--mutants" => search.mutants = words.next()?.parse().ok()?,
                "--executables" => search.executables = words.next()?.parse().ok()?,
                "--target" => search.target = Some(words.next()?.to_string()),
                _ => search.count = word.parse().ok()?,
            }
        }
        Some(search)
    }
}

fn search(words: &[&str]) -> ExitCode {
    let Some(search) = Search::parse(words) else {
        return usage();
    };
    let program = std::env::current_exe().expect("a process knows its executable");
    println!("{} programs from seed {}", search.count, search.seed);
    let executables = Making {
        target: search.target,
        runtime: None,
    };
    let mut different = 0;
    for (count, work) in [
        (search.count, Work::Engines),
        (search.mutants, Work::Mutants),
        (search.executables, Work::Executables(executables)),
    ] {
        if count == 0 {
            continue;
        }
        let plan = Plan {
            work,
            first: search.seed,
            count,
            workers: search.workers,
            limit: None,
        };
        let start = Instant::now();
        let report = hunt::hunt(&program, &plan);
        let seconds = start.elapsed().as_secs_f64();
        let speed = report.ran as f64 / seconds;
        println!("{}, {speed:.1} programs per second", Detailed(&report));
        different += report.finds.len();
    }
    ExitCode::from(u8::from(different > 0))
}
