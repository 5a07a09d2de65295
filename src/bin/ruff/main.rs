//! `ruff`: runs, checks, tests and times Ruff programs. Flags in, driver out.

mod flags;

use flags::{Command, RunFlags, Script, When};
use ruff::diag::ColorChoice;
use ruff::driver::bench::Repeats;
use ruff::driver::check::Detail;
use ruff::driver::front::{self, Source};
use ruff::driver::run::{self, Engine, Options};
use ruff::driver::stats::{self, Counter};
use ruff::driver::{Failure, bench, check, compiler, dump, on_own_stack, output, test_run, tier};
use ruff_runtime::os;
use ruff_runtime::os::memory::Malloc;
use ruff_runtime::start;
use std::ffi::OsString;
use std::io::IsTerminal;

#[global_allocator]
static ALLOCATOR: Malloc = Malloc;

ruff_runtime::open_missing_streams_first!();

fn main() {
    os::start();
    report_panics();
    let code = on_own_stack(|| {
        let command = flags::parse(std::env::args_os().collect());
        let command = command.unwrap_or_else(|message| os::exit(output::no_command(&message)));
        execute(command).unwrap_or_else(|failure| failure.report())
    });
    os::exit(code)
}

/// A panic is our own fault: exit code 6, after the place where it happened.
fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        os::memory::die(format_args!(
            "[RUFRT001] [runtime] error: internal error: {info}"
        ))
    }));
}

fn execute(command: Command) -> Result<i32, Failure> {
    let color = color(When::Auto);
    match command {
        Command::Run(script) => run(script, |word| match word.to_str() {
            Some("-") => Source::Stdin,
            _ => Source::File(word.into()),
        }),
        Command::Eval(script) => run(script, |word| Source::Text {
            name: "<eval>".into(),
            text: word.to_string_lossy().into_owned(),
        }),
        Command::Check(flags) => {
            let detail = match (flags.quiet, flags.json, flags.verbose) {
                (true, ..) => Detail::Quiet,
                (_, true, _) => Detail::Json,
                (.., verbose) => {
                    if verbose {
                        Detail::Verbose
                    } else {
                        Detail::Plain
                    }
                }
            };
            let report = check::check(flags.file.into(), detail, color)?;
            output::to_stderr(&report.warnings);
            print(&report.text)
        }
        Command::TestRun(flags) => test_run::test_run(flags.file.into(), flags.verbose, color),
        Command::Bench(flags) => {
            let repeats = Repeats {
                timed: flags.iterations,
                warm_up: flags.warmup,
            };
            bench::bench(&flags.path, repeats, color)
        }
        Command::Repl(_) | Command::Test(_) | Command::Format(_) | Command::Lsp(_) => Err(
            Failure::usage("this command is not available in this version; see `ruff --help`"),
        ),
    }
}

fn run(script: Script, source: impl Fn(&OsString) -> Source) -> Result<i32, Failure> {
    let Script { flags, words } = script;
    let color = color(flags.color);
    let Some((program, args)) = words.split_first() else {
        return Err(Failure::usage("which program?"));
    };
    let source = source(program);
    if !flags.dump.is_empty() {
        return print(&dump::dump(&source, &flags.dump, color)?);
    }
    let options = options(&flags, args, color);
    let compiled = stats::timed(Counter::front_end, || front::front(&source, color))?;
    Ok(run::run(compiled.program, &options))
}

fn options(flags: &RunFlags, args: &[OsString], color: ColorChoice) -> Options {
    let engine = if flags.interpreter {
        Engine::Interpreter
    } else {
        Engine::Tiered(tier::Config {
            threshold: flags.jit_threshold,
            compiler: compiler::Config {
                background: flags.jit_background,
                perf_map: flags.perf_map,
                ..compiler::Config::default()
            },
        })
    };
    Options {
        engine,
        args: args
            .iter()
            .map(|arg| arg.to_string_lossy().into_owned())
            .collect(),
        allowed: flags.capabilities.capabilities(),
        json_errors: flags.json_runtime_diagnostics,
        stats: flags.stats,
        color,
    }
}

fn color(when: When) -> ColorChoice {
    let colored = match when {
        When::Auto => std::io::stderr().is_terminal() && start::wants_color(),
        When::Always => true,
        When::Never => false,
    };
    if colored {
        ColorChoice::Colored
    } else {
        ColorChoice::Plain
    }
}

/// Prints what a tool found.
fn print(text: &str) -> Result<i32, Failure> {
    output::to_stdout(text.as_bytes()).map(|()| 0)
}
