//! Runs a program in this process.
//!
//! In: bytecode and how to run it. Out: the exit code, after the output and the report of an uncaught error.
//! It does not know the language; what an engine does with a function is the engine's business.

use super::{json, stats, tier};
use crate::bytecode::Program;
use crate::diag::ColorChoice;
use crate::interp::Interp;
use ruff_runtime::builtins::Capabilities;
use ruff_runtime::ctx::Ctx;
use ruff_runtime::os;
use ruff_runtime::start::{self, Uncaught};
use std::sync::Arc;

/// Which engines may run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// Only the interpreter.
    Interpreter,
    /// The interpreter, and machine code for what is hot.
    Tiered(tier::Config),
}

impl Default for Engine {
    fn default() -> Engine {
        Engine::Tiered(tier::Config::default())
    }
}

/// How to run a program. Nothing here but the capabilities and the arguments changes what it does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// The engines.
    pub engine: Engine,
    /// What `args()` gives.
    pub args: Vec<String>,
    /// Host effects the program may use.
    pub allowed: Capabilities,
    /// Print an uncaught error as JSON on standard output.
    pub json_errors: bool,
    /// Print the counters on standard error at the end.
    pub stats: bool,
    /// Whether to report in colour.
    pub color: ColorChoice,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            engine: Engine::default(),
            args: Vec::new(),
            allowed: Capabilities::ALL,
            json_errors: false,
            stats: false,
            color: ColorChoice::Plain,
        }
    }
}

/// The program with its engines, ready to run.
///
/// # Panics
/// If the program is not what `emit` makes: bytecode from elsewhere is to be verified first.
pub fn load(program: &Arc<Program>, engine: Engine) -> Interp {
    let loaded = Interp::new(program.clone());
    let mut interp = loaded.unwrap_or_else(|fault| panic!("the bytecode is wrong: {fault}"));
    if let Engine::Tiered(config) = engine {
        tier::attach(&mut interp, config);
    }
    interp
}

/// Runs the program as the whole purpose of this process. Gives the exit code.
pub fn run(program: Program, options: &Options) -> i32 {
    let program = Arc::new(program);
    let mut interp = load(&program, options.engine);
    let cx = &mut *interp.cx;
    cx.args = options.args.clone();
    cx.allowed = options.allowed;
    let code = start::run_process(cx, |cx, error| report(cx, error, options));
    if options.stats {
        cx.out.write_error(&stats::report());
    }
    code
}

fn report(cx: &mut Ctx, mut error: Uncaught, options: &Options) {
    if options.json_errors {
        cx.out.write(&json_error(&error));
        cx.out.flush();
        return;
    }
    error.color = options.color == ColorChoice::Colored;
    cx.out.write_error(&error.to_string());
}

/// An uncaught error for tools (language.md §20.1).
fn json_error(error: &Uncaught) -> String {
    let stack: Vec<_> = error
        .stack
        .iter()
        .rev()
        .map(|name| json::text(name))
        .collect();
    let diagnostic = json::object(&[
        ("code", json::text("RUFVM001")),
        ("severity", json::text("error")),
        ("subsystem", json::text("vm")),
        ("message", json::text(&error.message)),
        ("help", "null".into()),
        ("file", json::text(&error.file)),
        ("line", error.line.to_string()),
        ("column", error.column.to_string()),
    ]);
    let object = json::object(&[
        ("command", json::text("run")),
        ("status", json::text("error")),
        ("kind", json::text("runtime_diagnostic")),
        ("contract_version", json::text("1.0.0-draft")),
        ("exit_code", start::UNCAUGHT.to_string()),
        ("diagnostic", diagnostic),
        ("runtime_kind", json::text("Runtime Error")),
        ("call_stack", format!("[{}]", stack.join(","))),
    ]);
    object + "\n"
}

/// What a program wrote to standard output and how it ended, run with its output kept in memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Captured {
    /// Standard output.
    pub output: String,
    /// The uncaught error, as people read it.
    pub error: Option<String>,
}

/// Runs the program with its output kept in memory.
pub fn capture(program: &Arc<Program>, engine: Engine) -> Captured {
    let mut interp = load(program, engine);
    let cx = &mut *interp.cx;
    cx.out = os::output::Output::in_memory();
    let error = start::run(cx).err();
    cx.shutdown();
    Captured {
        output: cx.out.take(),
        error: error.map(|error| error.to_string()),
    }
}
