//! What generated programs reach: opcodes, fused instructions, passes, SSA instructions, guards, helpers, builtins.
//!
//! In: a number of programs. Out: how often each row of each table was reached, and the rows that no program can reach, with
//! reasons. The rows come from the product's own tables, so that a new one shows up by itself, as 0.
//! Opcodes and builtins are counted where they stand in bytecode, all else as `ruff::reach` is told while programs are compiled,
//! which takes a build with debug assertions. What is reached may still never be executed: the oracle and the planted
//! faults look after that.

use crate::{generate, ways};
use ruff::bytecode::op;
use ruff::bytecode::{Op, Operand, Program};
use ruff::codegen::guard;
use ruff::diag::ColorChoice;
use ruff::driver::front::{self, Source};
use ruff::driver::run::{self, Engine};
use ruff::driver::{aot, tier};
use ruff::interp;
use ruff::reach::Table;
use ruff::ssa::{ir, passes};
use ruff_runtime::abi;
use ruff_runtime::builtins;
use std::collections::BTreeMap;
use std::fmt;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// How many programs are compiled, unless told otherwise.
pub const PROGRAMS: u64 = 600;

/// Rows that generated programs do not reach: the table, the rows, and why. Builtins that need a capability go without saying.
const UNREACHED: &[(&str, &[&str], &str)] = &[
    (OPCODES, MODULES, ONE_FILE),
    (HELPERS, MODULES, ONE_FILE),
    (BUILTINS, &["eprint"], "nobody compares standard error"),
    (
        BUILTINS,
        &["debug"],
        "the oracle does not know what it prints",
    ),
    (BUILTINS, &["input"], "there is no standard input"),
    (BUILTINS, &["exit"], "it ends the process"),
];

const MODULES: &[&str] = &["import_module", "module_namespace"];
const ONE_FILE: &str = "generated programs are of one file";

/// A row and how often it was reached.
pub type Row = (&'static str, u64);

/// What was reached: the tables by name, with their rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Coverage {
    /// How many programs were compiled.
    pub programs: u64,
    /// The tables.
    pub tables: Vec<(&'static str, Vec<Row>)>,
}

impl Coverage {
    /// Rows that are 0 without a reason, and rows that have one and are not, with their tables.
    pub fn surprises(&self) -> Vec<(&'static str, Row)> {
        let rows = |(table, rows): &(&'static str, Vec<Row>)| {
            let table = *table;
            let surprising = |row: &&Row| (row.1 == 0) != reason(table, row.0).is_some();
            let rows: Vec<Row> = rows.iter().filter(surprising).copied().collect();
            rows.into_iter().map(move |row| (table, row))
        };
        self.tables.iter().flat_map(rows).collect()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        writeln!(out, "{} programs", self.programs)?;
        for (table, rows) in &self.tables {
            let reached = rows.iter().filter(|row| row.1 > 0).count();
            writeln!(out, "\n{table}: {reached} of {}", rows.len())?;
            let mut rows = rows.clone();
            rows.sort_by_key(|row| row.1);
            for (name, count) in rows {
                let why = if count == 0 {
                    reason(table, name)
                } else {
                    None
                };
                writeln!(out, "  {count:>8}  {name}  {}", why.unwrap_or_default())?;
            }
        }
        Ok(())
    }
}

/// Why a row is not reached, if that is known.
fn reason(table: &str, row: &str) -> Option<&'static str> {
    let mut known = UNREACHED.iter().filter(|known| known.0 == table);
    if let Some(known) = known.find(|known| known.1.contains(&row)) {
        return Some(known.2);
    }
    let builtin = builtins::find(row).filter(|_| table == BUILTINS)?;
    let needs = builtins::ALL[usize::from(builtin)].needs;
    needs.map(|_| "needs a capability: no two runs are the same")
}

const OPCODES: &str = "opcodes";
const BUILTINS: &str = "builtins";
const HELPERS: &str = "helpers";

/// The command `coverage`: all tables, for a number of programs.
pub fn command(words: &[&str]) -> ExitCode {
    let programs = match words {
        [] => Some(PROGRAMS),
        [number] => number.parse().ok(),
        _ => None,
    };
    let Some(programs) = programs.filter(|_| cfg!(debug_assertions)) else {
        eprintln!("coverage [COUNT], in a build with debug assertions");
        return ExitCode::from(2);
    };
    print!("{}", measure(programs));
    ExitCode::SUCCESS
}

/// Compiles the programs of the first so many seeds, for the interpreter, by running them, and as executables.
pub fn measure(programs: u64) -> Coverage {
    let next = AtomicU64::new(0);
    let stands = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            let work = || {
                while let seed = next.fetch_add(1, Ordering::Relaxed)
                    && seed < programs
                {
                    one(&generate::program(seed).text, &stands);
                }
            };
            // The oracle is recursive.
            let thread = thread::Builder::new().stack_size(64 << 20);
            let spawned = thread.spawn_scoped(scope, work);
            spawned.expect("a thread can be started");
        }
    });
    let stands = stands.into_inner().expect("no worker panics");
    let counted = |table: &'static str, rows: Vec<&'static str>| {
        let row = |name| {
            (
                name,
                stands.get(&(table, name)).copied().unwrap_or_default(),
            )
        };
        (table, rows.into_iter().map(row).collect())
    };
    let reached = |name, table: Table, rows: Vec<&'static str>| {
        let row = |name| (name, reached(table, name));
        (name, rows.into_iter().map(row).collect())
    };
    let names = builtins::ALL.iter().map(|builtin| builtin.name);
    let helpers = abi::HELPERS.iter().map(|helper| helper.name);
    Coverage {
        programs,
        tables: vec![
            counted(OPCODES, op::NAMES.to_vec()),
            counted(BUILTINS, names.collect()),
            reached("fused instructions", Table::Fused, interp::FUSED.to_vec()),
            reached("passes that changed something", Table::Passes, pass_names()),
            reached("SSA instructions", Table::Instructions, ir::NAMES.to_vec()),
            reached("guards", Table::Guards, guard::NAMES.to_vec()),
            reached(HELPERS, Table::Helpers, helpers.collect()),
        ],
    }
}

#[cfg(debug_assertions)]
fn reached(table: Table, row: &'static str) -> u64 {
    ruff::reach::count(table, row)
}

#[cfg(not(debug_assertions))]
fn reached(_: Table, _: &'static str) -> u64 {
    0
}

fn pass_names() -> Vec<&'static str> {
    passes::names().chain(["inline"]).collect()
}

type Stands = Mutex<BTreeMap<(&'static str, &'static str), u64>>;

/// One program. One of which nobody knows what to expect is only compiled.
fn one(text: &str, stands: &Stands) {
    let source = Source::Text {
        name: ways::FILE.into(),
        text: text.into(),
    };
    let compiled = front::front(&source, ColorChoice::Plain);
    let Ok(compiled) = compiled else { return };
    count(
        &compiled.program,
        &mut stands.lock().expect("no worker panics"),
    );
    // What may be compiled is the other test's business.
    drop(aot::texts(&compiled.program, &aot::Options::default()));
    let program = Arc::new(compiled.program);
    if ways::expectation(&program, text).is_err() {
        return;
    }
    for (threshold, keeps_registers) in [(1, false), (12, false), (12, true)] {
        let mut config = tier::Config {
            threshold: Some(threshold),
            ..tier::Config::default()
        };
        config.compiler.native.keeps_registers = keeps_registers;
        run::capture(&program, Engine::Tiered(config));
    }
}

/// Counts what stands in the bytecode. The name of a method counts as the builtin of that name.
fn count(program: &Program, stands: &mut BTreeMap<(&str, &str), u64>) {
    let ops = program.funcs.iter().flat_map(|func| &func.code);
    for op in ops {
        *stands.entry((OPCODES, op.name())).or_default() += 1;
        let mut builtin = None;
        op.operands(|_, operand| match operand {
            Operand::Builtin(ix) => builtin = Some(ix.0),
            Operand::Name(ix) if matches!(op, Op::CallMethod { .. }) => {
                builtin = program.image.names[usize::from(ix.0)].builtin;
            }
            _ => {}
        });
        if let Some(number) = builtin {
            let name = builtins::ALL[usize::from(number)].name;
            *stands.entry((BUILTINS, name)).or_default() += 1;
        }
    }
}
