//! `ruffc`: compiles Ruff programs ahead of time (language.md §20.4). Flags in, driver out.

use clap::{Parser, ValueEnum};
use ruff::diag::ColorChoice;
use ruff::driver::build::{self, Emit, Job};
use ruff::driver::isa::{self, OptLevel};
use ruff::driver::{Failure, aot, output};
use ruff_runtime::os;
use ruff_runtime::os::memory::Malloc;
use ruff_runtime::start;
use std::path::PathBuf;
use target_lexicon::Triple;

#[global_allocator]
static ALLOCATOR: Malloc = Malloc;

/// Compiles a Ruff program and its modules ahead of time.
#[derive(Parser, Debug)]
#[command(name = "ruffc", version)]
struct Flags {
    /// The program
    #[arg(required_unless_present = "print")]
    file: Option<PathBuf>,
    /// The file to make; FILE without `.ruff` by default, `-` for standard output
    #[arg(short, value_name = "OUT")]
    output: Option<PathBuf>,
    /// What to make
    #[arg(long, value_enum, default_value_t = What::Exe)]
    emit: What,
    /// The machine to compile for
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// How hard to optimise: 0 to 3
    #[arg(short = 'O', value_name = "LEVEL", default_value_t = 2, value_parser = clap::value_parser!(u8).range(0..=3))]
    level: u8,
    /// Keep names for debuggers
    #[arg(short = 'g')]
    debug: bool,
    /// Print a list and exit
    #[arg(long, value_enum, value_name = "LIST")]
    print: Option<List>,
    /// Whether to print diagnostics in colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = When::Auto)]
    color: When,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// An executable
    Exe,
    /// An object file
    Obj,
    /// Assembly text
    Asm,
    /// Cranelift IR
    Clif,
    /// Typed SSA
    Ssa,
    /// Register code
    Bytecode,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum List {
    /// The targets of --target
    Targets,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum When {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn main() {
    os::start();
    std::panic::set_hook(Box::new(|info| {
        os::memory::die(format_args!(
            "[RUFRT001] [runtime] error: internal error: {info}"
        ))
    }));
    let done = execute(Flags::parse());
    os::exit(done.map_or_else(|failure| failure.report(), |()| 0))
}

fn execute(flags: Flags) -> Result<(), Failure> {
    let Some(file) = flags.file.filter(|_| flags.print.is_none()) else {
        return output::to_stdout(format!("{}\n", isa::TARGETS.join("\n")).as_bytes());
    };
    let color = match flags.color {
        When::Always => true,
        When::Never => false,
        When::Auto => start::wants_color(),
    };
    build::build(&Job {
        file,
        output: flags.output,
        emit: match flags.emit {
            What::Exe => Emit::Executable,
            What::Obj => Emit::Object,
            What::Asm => Emit::Asm,
            What::Clif => Emit::Clif,
            What::Ssa => Emit::Ssa,
            What::Bytecode => Emit::Bytecode,
        },
        options: aot::Options {
            target: flags
                .target
                .map_or(Ok(Triple::host()), |name| isa::triple(&name))?,
            level: OptLevel(flags.level),
        },
        keep_symbols: flags.debug,
        color: if color {
            ColorChoice::Colored
        } else {
            ColorChoice::Plain
        },
    })
}
