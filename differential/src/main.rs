//! The hunt on demand: `cargo run --release -p ruff-differential -- [COUNT] [--seed N] [--executables N]`.

use ruff_differential::hunt::Plan;
use ruff_differential::ways::{self, Verdict};
use ruff_differential::{executable, generate, hunt, minimise};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

const USAGE: &str = "\
ruff-differential [COUNT] [--seed N] [--workers N] [--executables N]
                               run COUNT programs (default 1000) in every engine, and N of them as executables
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
    let (mut count, mut seed, mut workers, mut executables) = (1000, fresh * 1_000_000, 2, 0);
    let mut words = words.iter();
    while let Some(&word) = words.next() {
        let number = match word.starts_with("--") {
            true => words.next().copied().unwrap_or(""),
            false => word,
        };
        let Ok(number) = number.parse::<u64>() else {
            return usage();
        };
        match word {
            "--seed" => seed = number,
            "--workers" => workers = number,
            "--executables" => executables = number,
            _ => count = number,
        }
    }
    let program = std::env::current_exe().expect("a process knows its executable");
    println!("{count} programs from seed {seed}");
    let start = Instant::now();
    let plan = Plan {
        first: seed,
        count,
        workers: workers as usize,
        limit: None,
    };
    let report = hunt::hunt(&program, plan);
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{report}, {:.1} programs per second",
        report.ran as f64 / seconds
    );
    let mut different = report.finds.len();
    if executables > 0 {
        let found = compile(&program, seed, executables);
        println!("{executables} executables: {found} differences");
        different += found;
    }
    ExitCode::from(u8::from(different > 0))
}

/// Compares executables with the oracle; gives how many differ. `ruffc` must stand beside this program.
fn compile(program: &Path, first: u64, count: u64) -> usize {
    let ruffc = program.with_file_name("ruffc");
    let dir = std::env::temp_dir().join(format!("ruff-differential-{}", std::process::id()));
    let made = std::fs::create_dir_all(&dir);
    made.expect("a directory for the executables can be made");
    let mut different = 0;
    for seed in first..first + count {
        let found = executable::compare(&ruffc, &dir, &generate::program(seed).text);
        if let Verdict::Different(what) = found {
            println!("seed {seed}: {what}");
            different += 1;
        }
    }
    // A leftover directory harms nobody.
    drop(std::fs::remove_dir_all(dir));
    different
}
