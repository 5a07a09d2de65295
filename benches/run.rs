//! Times the programs of `benches/programs` in every engine and in other languages.
//!
//! `cargo run --release --example benchmarks -- [--rounds N] [--small] [--only ENGINE,…] [PROGRAM[=ARGUMENT]…]`. First all twins of a program must print the same;
//! then the engines run turn about, round after round, so that a busy machine disturbs all of them alike. The
//! tables show the processor time of the whole process in milliseconds (minimum and median), then the minimum as a multiple of C's.
//! Languages that are not installed are named and skipped.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program with the argument that makes it run long enough, and a small one.
const PROGRAMS: &[(&str, u64, u64)] = &[
    ("fib", 32, 20),
    ("loops", 10_000, 100),
    ("sieve", 100, 1),
    ("push", 200, 1),
    ("counting", 3_000_000, 10_000),
    ("mandelbrot", 400, 20),
    ("lcg", 20_000_000, 10_000),
    ("matmul", 200, 20),
    ("nbody", 200_000, 100),
    ("strings", 20, 1),
    ("hello", 0, 0),
];

/// Who runs the programs. `Make` engines compile a program first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `COMMAND… FILE ARGUMENT`.
    Run(&'static [&'static str]),
    /// The interpreter of `ruff`, or its default.
    Ruff(&'static [&'static str]),
    /// `ruffc`.
    Ruffc,
    /// A compiler called as `COMMAND… FILE -o OUT`.
    Make(&'static [&'static str], &'static [&'static str]),
}

struct Engine {
    name: &'static str,
    extension: &'static str,
    kind: Kind,
}

const ENGINES: &[Engine] = &[
    Engine {
        name: "gcc -O2",
        extension: "c",
        kind: Kind::Make(&["gcc", "-O2"], &["-lm"]),
    },
    Engine {
        name: "ruffc",
        extension: "ruff",
        kind: Kind::Ruffc,
    },
    Engine {
        name: "ruff",
        extension: "ruff",
        kind: Kind::Ruff(&["run"]),
    },
    Engine {
        name: "ruff -i",
        extension: "ruff",
        kind: Kind::Ruff(&["run", "--interpreter"]),
    },
    Engine {
        name: "lua5.4",
        extension: "lua",
        kind: Kind::Run(&["lua5.4"]),
    },
    Engine {
        name: "luajit",
        extension: "lua",
        kind: Kind::Run(&["luajit"]),
    },
    Engine {
        name: "node",
        extension: "js",
        kind: Kind::Run(&["node"]),
    },
    Engine {
        name: "pypy3",
        extension: "py",
        kind: Kind::Run(&["pypy3"]),
    },
    Engine {
        name: "go",
        extension: "go",
        kind: Kind::Make(&["go", "build"], &[]),
    },
];

struct Options {
    rounds: usize,
    small: bool,
    engines: Vec<String>,
    /// Programs by name, each with an argument of its own if one was given: `fib`, `fib=40`.
    programs: Vec<(String, Option<u64>)>,
}

fn options() -> Options {
    let mut options = Options {
        rounds: 5,
        small: false,
        engines: Vec::new(),
        programs: Vec::new(),
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || {
            words
                .next()
                .unwrap_or_else(|| panic!("{word} takes a value"))
        };
        match word.as_str() {
            "--rounds" => options.rounds = value().parse().expect("--rounds takes a number"),
            "--only" => options.engines = value().split(',').map(str::to_owned).collect(),
            "--small" => options.small = true,
            name => {
                let (name, argument) = match name.split_once('=') {
                    Some((name, n)) => (name, Some(n.parse().expect("NAME=NUMBER"))),
                    None => (name, None),
                };
                options.programs.push((name.to_owned(), argument));
            }
        }
    }
    options
}

/// Processor time of all ended children, in milliseconds.
fn children_time() -> f64 {
    // SAFETY: an all-zero `rusage` is a valid value, and the pointer is to a whole one.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage);
        usage
    };
    let ms = |t: libc::timeval| t.tv_sec as f64 * 1e3 + t.tv_usec as f64 / 1e3;
    ms(usage.ru_utime) + ms(usage.ru_stime)
}

/// Where executables are put.
fn build_dir(release: &Path) -> PathBuf {
    let dir = release.join("benchmarks");
    std::fs::create_dir_all(&dir).expect("a directory for executables can be made");
    dir
}

fn installed(command: &str) -> bool {
    let mut which = Command::new("sh");
    which
        .args(["-c", &format!("command -v {command}")])
        .stdout(Stdio::null());
    which.status().is_ok_and(|status| status.success())
}

/// Where cargo puts the release build, with `ruff`, `ruffc` and the runtime in it: this program is one of its examples.
fn release() -> PathBuf {
    let program = std::env::current_exe().expect("a program knows its path");
    let release = program.ancestors().nth(2).expect("it is in `examples`");
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--release", "--quiet"])
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    let status = cargo.status().expect("cargo can be started");
    assert!(status.success(), "the release build fails");
    release.to_owned()
}

fn compile(mut command: Command) {
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed:\n{text}");
}

/// The command that runs `program` in `engine`; none where there is no such twin.
fn prepare(engine: &Engine, program: &str, release: &Path) -> Option<Vec<String>> {
    let programs = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("benches")
        .join("programs");
    let file = programs.join(program).with_extension(engine.extension);
    if !file.is_file() {
        return None;
    }
    let file = file.to_string_lossy().into_owned();
    let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    let executable = build_dir(release).join(format!("{program}-{}", engine.extension));
    let executable = executable.to_string_lossy().into_owned();
    match engine.kind {
        Kind::Run(command) => Some([words(command), vec![file]].concat()),
        Kind::Ruff(command) => {
            let ruff = release.join("ruff").to_string_lossy().into_owned();
            Some([vec![ruff], words(command), vec![file]].concat())
        }
        Kind::Ruffc => {
            let mut ruffc = Command::new(release.join("ruffc"));
            ruffc.args([&file, "-o", &executable]);
            compile(ruffc);
            Some(vec![executable])
        }
        Kind::Make(command, libraries) => {
            let mut make = Command::new(command[0]);
            // `go build` wants its flags before the file.
            make.args(&command[1..])
                .args(["-o", &executable])
                .arg(&file)
                .args(libraries);
            compile(make);
            Some(vec![executable])
        }
    }
}

/// Runs a command once: what it printed, and the processor time it took.
fn once(command: &[String], argument: u64) -> (String, f64) {
    let before = children_time();
    let mut process = Command::new(&command[0]);
    process.args(&command[1..]).arg(argument.to_string());
    let output = process
        .output()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?} {argument} failed:\n{errors}"
    );
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        children_time() - before,
    )
}

type Times = BTreeMap<&'static str, Vec<f64>>;

fn measure(
    engines: &[&Engine],
    program: &str,
    argument: u64,
    rounds: usize,
    release: &Path,
) -> Times {
    let commands: Vec<_> = engines
        .iter()
        .filter_map(|e| Some((e.name, prepare(e, program, release)?)))
        .collect();
    let mut expected: Option<(&str, String)> = None;
    let mut times = Times::new();
    for (name, command) in &commands {
        let (printed, _) = once(command, argument);
        match &expected {
            None => expected = Some((name, printed)),
            Some((first, text)) => {
                assert!(
                    *text == printed,
                    "{program}: {first} prints {text} but {name} prints {printed}"
                );
            }
        }
    }
    for _ in 0..rounds {
        for (name, command) in &commands {
            times
                .entry(name)
                .or_default()
                .push(once(command, argument).1);
        }
    }
    times
        .values_mut()
        .for_each(|list| list.sort_by(f64::total_cmp));
    times
}

fn table(
    title: &str,
    engines: &[&Engine],
    rows: &[(&str, Times)],
    cell: impl Fn(&Times, &str) -> String,
) {
    println!("\n{title}");
    let head: String = engines.iter().map(|e| format!("{:>16}", e.name)).collect();
    println!("{:<12}{head}", "");
    for (program, times) in rows {
        let cells: String = engines
            .iter()
            .map(|e| format!("{:>16}", cell(times, e.name)))
            .collect();
        println!("{program:<12}{cells}");
    }
}

fn minimum_and_median(times: &Times, engine: &str) -> String {
    times.get(engine).map_or("-".to_owned(), |t| {
        format!("{:.1} / {:.1}", t[0], t[t.len() / 2])
    })
}

fn ratio_to_c(times: &Times, engine: &str) -> String {
    match (times.get("gcc -O2"), times.get(engine)) {
        (Some(c), Some(t)) => format!("{:.2}", t[0] / c[0].max(0.1)),
        _ => "-".to_owned(),
    }
}

fn main() {
    let options = options();
    let wanted = |name: &str, list: &[String]| list.is_empty() || list.iter().any(|w| w == name);
    let release = release();
    let mut engines = Vec::new();
    for engine in ENGINES.iter().filter(|e| wanted(e.name, &options.engines)) {
        match engine.kind {
            Kind::Run(command) | Kind::Make(command, _) if !installed(command[0]) => {
                println!("{} is not installed: skipped", command[0]);
            }
            _ => engines.push(engine),
        }
    }
    let mut rows = Vec::new();
    let names: Vec<String> = options.programs.iter().map(|p| p.0.clone()).collect();
    for &(program, long, short) in PROGRAMS.iter().filter(|p| wanted(p.0, &names)) {
        let given = options.programs.iter().find(|p| p.0 == program);
        let usual = if options.small { short } else { long };
        let argument = given.and_then(|p| p.1).unwrap_or(usual);
        rows.push((
            program,
            measure(&engines, program, argument, options.rounds.max(1), &release),
        ));
        eprintln!("{program}: all outputs agree");
    }
    table(
        "Processor time in ms, minimum / median",
        &engines,
        &rows,
        minimum_and_median,
    );
    table(
        "Minimum as a multiple of gcc -O2",
        &engines,
        &rows,
        ratio_to_c,
    );
}
