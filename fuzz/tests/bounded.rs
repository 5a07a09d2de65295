//! Every target with its corpus, with the programs of the language's tests where it takes programs, and with a bounded number of mutants
//! of both. An input that breaks a promise is printed; it belongs into the corpus.

use ruff_fuzz::mutate::{Random, mutant};
use ruff_fuzz::{TARGETS, Target};
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Mutants of each target, and how long they may take: a slow machine tries fewer.
const MUTANTS: u64 = 10_000;
const LIMIT: Duration = Duration::from_secs(6);

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(dir).expect("the directory is there");
    let mut paths: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        match path.is_dir() {
            true => files(&path, found),
            false => found.push(path),
        }
    }
}

fn seeds(target: &Target) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    files(&root.join("corpus").join(target.name), &mut paths);
    if target.takes_programs {
        for programs in ["../tests/lang", "../tests/errors", "../examples"] {
            files(&root.join(programs), &mut paths);
        }
        paths.retain(|path| path.extension().is_none_or(|e| e == "ruff"));
    }
    let read = |path: &PathBuf| std::fs::read(path).expect("it can be read");
    paths.iter().map(read).collect()
}

/// What runs now, for the hook: a panic on the stack of a program ends the process.
static RUNNING: Mutex<(&str, Vec<u8>)> = Mutex::new(("", Vec::new()));

fn run(target: &Target, input: &[u8]) {
    *RUNNING.lock().expect("no target holds it") = (target.name, input.to_vec());
    (target.run)(input);
}

fn name_the_input() {
    let told = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if let Ok(running) = RUNNING.lock() {
            let (name, input) = &*running;
            eprintln!("{name} breaks a promise for {}", input.escape_ascii());
        }
        told(info);
    }));
}

#[test]
fn no_input_breaks_a_promise() {
    name_the_input();
    for target in TARGETS {
        let seeds = seeds(target);
        assert!(!seeds.is_empty(), "{} has no corpus", target.name);
        seeds.iter().for_each(|seed| run(target, seed));
        let start = Instant::now();
        let mut random = Random::new(1);
        let mut tried = 0;
        while tried < MUTANTS && start.elapsed() < LIMIT {
            let seed = &seeds[random.below(seeds.len())];
            // Long programs take long.
            let seed = &seed[..seed.len().min(4096)];
            run(target, &mutant(seed, &seeds, &mut random));
            tried += 1;
        }
        println!("{}: {} seeds, {tried} mutants", target.name, seeds.len());
    }
}
