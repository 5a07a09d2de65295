//! The command line of `ruffc` (language.md §20.4) as data.
//!
//! In: the process's arguments. Out: [`Flags`], or clap's message. It does not know what they lead to.

use clap::{Parser, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// Reads the command line. The message is one for a usage error, or what `--help` and `--version` print.
pub fn parse(words: Vec<OsString>) -> Result<Flags, clap::Error> {
    Flags::try_parse_from(words)
}

/// Compiles a Ruff program and its modules ahead of time.
#[derive(Parser, Debug)]
#[command(name = "ruffc", version)]
pub struct Flags {
    /// The program; `-` reads it from standard input, and then files to make are named by -o
    #[arg(required_unless_present = "print")]
    pub file: Option<PathBuf>,
    /// The file to make; FILE without `.ruff` by default, `-` for standard output
    #[arg(short, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// What to make
    #[arg(long, value_enum, default_value_t = What::Exe)]
    pub emit: What,
    /// The machine to compile for
    #[arg(long, value_name = "TRIPLE")]
    pub target: Option<String>,
    /// How hard to optimise: 0 to 3
    #[arg(short = 'O', value_name = "LEVEL", default_value_t = 2, value_parser = clap::value_parser!(u8).range(0..=3))]
    pub level: u8,
    /// Keep names for debuggers
    #[arg(short = 'g')]
    pub debug: bool,
    /// Print a list and exit
    #[arg(long, value_enum, value_name = "LIST")]
    pub print: Option<List>,
    /// Whether to print diagnostics in colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = When::Auto)]
    pub color: When,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum What {
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
pub enum List {
    /// The targets of --target
    Targets,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum When {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
