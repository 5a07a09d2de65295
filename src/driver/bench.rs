//! `ruff bench`: a program's time in each engine.
//!
//! In: a file or a directory of programs. Out: a table on standard output; the engines' outputs are compared before any time
//! is shown. It does not know what the programs do.

use super::Failure;
use super::front::{self, Source};
use super::output;
use super::run::{self, Captured, Engine};
use crate::bytecode::Program;
use crate::diag::ColorChoice;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often to run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Repeats {
    /// Timed runs.
    pub timed: u32,
    /// Runs before them.
    pub warm_up: u32,
}

/// Times a program, or all programs of a directory; gives the exit code.
pub fn bench(path: &Path, repeats: Repeats, color: ColorChoice) -> Result<i32, Failure> {
    let mut titles = format!(
        "{:<32} {:>12} {:>12} {:>12} {:>12}   ratio\n",
        "program", "interp min", "median", "jit min", "median"
    );
    for file in programs(path)? {
        let compiled = front::front(&Source::File(file.clone()), color)?;
        let program = Arc::new(compiled.program);
        let engines = [Engine::Interpreter, Engine::default()];
        let mut times = [Vec::new(), Vec::new()];
        let mut first: Option<Captured> = None;
        // Turn about, so that a change of the machine's pace hits both engines.
        for round in 0..repeats.warm_up + repeats.timed {
            for (engine, times) in engines.iter().zip(&mut times) {
                let (captured, time) = timed(&program, *engine);
                if *first.get_or_insert_with(|| captured.clone()) != captured {
                    return Err(Failure::internal(format_args!(
                        "{}: the engines' outputs differ",
                        file.display()
                    )));
                }
                if round >= repeats.warm_up {
                    times.push(time);
                }
            }
        }
        let error = first.and_then(|captured| captured.error);
        // The titles come with the first row: a program that does not compile has no table.
        let rows = std::mem::take(&mut titles) + &row(&file, &mut times, error);
        output::to_stdout(rows.as_bytes())?;
    }
    Ok(0)
}

fn timed(program: &Arc<Program>, engine: Engine) -> (Captured, Duration) {
    let start = Instant::now();
    let captured = run::capture(program, engine);
    (captured, start.elapsed())
}

fn row(file: &Path, times: &mut [Vec<Duration>; 2], error: Option<String>) -> String {
    let mut columns = String::new();
    let mut least = [0.0; 2];
    for (times, least) in times.iter_mut().zip(&mut least) {
        times.sort();
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        *least = milliseconds(times[0]);
        let median = milliseconds(times[times.len() / 2]);
        columns += &format!(" {:>9.3} ms {median:>9.3} ms", *least);
    }
    let ended = error.map_or(String::new(), |error| {
        format!(
            "   ended with: {}",
            error.lines().next().unwrap_or_default()
        )
    });
    format!(
        "{:<32}{columns}  {:>5.2}x{ended}\n",
        file.display(),
        least[0] / least[1]
    )
}

/// The file itself, or the programs directly in the directory.
fn programs(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let cannot = |error: std::io::Error| {
        Failure::file(format_args!(
            "Cannot read directory '{}': {error}",
            path.display()
        ))
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(cannot)? {
        let file = entry.map_err(cannot)?.path();
        if file
            .extension()
            .is_some_and(|extension| extension == "ruff")
        {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Failure::file(format_args!(
            "No .ruff files in '{}'",
            path.display()
        )));
    }
    Ok(files)
}
