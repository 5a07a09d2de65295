//! The command line of `ruff` (language.md §20.1) as data.
//!
//! In: the process's arguments. Out: a [`Command`] with its flags, or clap's message. Everything after FILE or CODE belongs to
//! the script, so the words are put in order ([`canonical`]) before clap sees them.
//! It does not know what the commands do.

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use ruff::driver::dump::Stage;
use ruff_runtime::builtins::{Capabilities, Capability};
use std::ffi::OsString;
use std::path::PathBuf;

/// The Ruff language: runs, checks, tests and times programs. `ruffc` makes executables.
#[derive(Parser, Debug)]
#[command(
    name = "ruff",
    version,
    arg_required_else_help = true,
    after_help = "A first argument that is no command is a FILE to run; `ruff -e CODE` is `ruff eval CODE`."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Run a program; `-` reads it from standard input
    #[command(override_usage = "ruff run [FLAGS] FILE [ARGS]...")]
    Run(Script),
    /// Run the program given as an argument
    #[command(override_usage = "ruff eval [FLAGS] CODE [ARGS]...")]
    Eval(Script),
    /// Lex, parse and compile a program without running it
    Check(Check),
    /// Run the test blocks of a file
    TestRun(TestRun),
    /// Time programs in the interpreter and with the JIT, and compare their output
    Bench(Bench),
    /// Not available yet
    #[command(hide = true)]
    Repl(Later),
    /// Not available yet
    #[command(hide = true)]
    Test(Later),
    /// Not available yet
    #[command(hide = true)]
    Format(Later),
    /// Not available yet
    #[command(
        hide = true,
        aliases = ["lsp-complete", "lsp-definition", "lsp-references", "lsp-hover", "lsp-diagnostics", "lsp-rename",
            "lsp-code-actions"]
    )]
    Lsp(Later),
}

/// `ruff run` and `ruff eval`.
#[derive(Args, Debug)]
pub struct Script {
    /// How to run.
    #[command(flatten)]
    pub flags: RunFlags,
    /// The program, then its arguments.
    #[arg(required = true, value_name = "FILE")]
    pub words: Vec<OsString>,
}

/// Flags of `ruff run`, before FILE. None of them changes results.
#[derive(Args, Debug, Default)]
pub struct RunFlags {
    /// Never compile to machine code
    #[arg(long, conflicts_with_all = ["jit", "jit_threshold", "jit_background"])]
    pub interpreter: bool,
    /// Compile hot code to machine code (the default)
    #[arg(long)]
    pub jit: bool,
    /// Compile a function at its Nth call or loop iteration; 1: before its first call
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub jit_threshold: Option<u32>,
    /// Compile in a thread beside the program, which is fast a little later but never stands still meanwhile
    #[arg(long)]
    pub jit_background: bool,
    /// Tell what was compiled, how long it took and what was refused, on standard error
    #[arg(long)]
    pub stats: bool,
    /// Write /tmp/perf-PID.map, with which `perf` names compiled functions
    #[arg(long)]
    pub perf_map: bool,
    /// Print stages of the program's compilation instead of running it: tokens, hir, bytecode, ssa, clif, asm
    #[arg(long, value_name = "STAGE", value_delimiter = ',')]
    pub dump: Vec<Stage>,
    /// Limit for waiting on asynchronous work
    #[arg(long, value_name = "N")]
    pub scheduler_timeout_ms: Option<u64>,
    /// Print an uncaught error as one JSON object on standard output
    #[arg(long)]
    pub json_runtime_diagnostics: bool,
    /// Whether to print diagnostics in colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = When::Auto)]
    pub color: When,
    /// What the program may do.
    #[command(flatten)]
    pub capabilities: CapabilityFlags,
}

/// When to print in colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum When {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Capabilities (language.md §20.3).
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Capabilities")]
pub struct CapabilityFlags {
    /// Deny every effect on the host that no --allow flag allows
    #[arg(long)]
    pub untrusted: bool,
    /// Allow everything
    #[arg(long)]
    pub allow_all: bool,
    /// Allow reading files
    #[arg(long)]
    pub allow_fs_read: bool,
    /// Allow writing files
    #[arg(long)]
    pub allow_fs_write: bool,
    /// Allow deleting files
    #[arg(long)]
    pub allow_fs_delete: bool,
    /// Allow starting processes
    #[arg(long)]
    pub allow_process_exec: bool,
    /// Allow running shell commands
    #[arg(long)]
    pub allow_shell_exec: bool,
    /// Allow reading the environment
    #[arg(long)]
    pub allow_env_read: bool,
    /// Allow changing the environment
    #[arg(long)]
    pub allow_env_write: bool,
    /// Allow connecting to the network
    #[arg(long)]
    pub allow_net_client: bool,
    /// Allow serving on the network
    #[arg(long)]
    pub allow_net_server: bool,
    /// Allow both
    #[arg(long)]
    pub allow_net: bool,
    /// Allow databases
    #[arg(long)]
    pub allow_database: bool,
    /// Allow the clock and sleeping
    #[arg(long)]
    pub allow_clock: bool,
    /// Allow random numbers
    #[arg(long)]
    pub allow_random: bool,
}

impl CapabilityFlags {
    /// The capabilities of a program that runs with these flags.
    pub fn capabilities(&self) -> Capabilities {
        use Capability::*;
        let rows: [(bool, &[Capability]); 14] = [
            (self.allow_fs_read, &[FsRead]),
            (self.allow_fs_write, &[FsWrite]),
            (self.allow_fs_delete, &[FsDelete]),
            (self.allow_process_exec, &[ProcessExec]),
            (self.allow_shell_exec, &[ShellExec]),
            (self.allow_env_read, &[EnvRead]),
            (self.allow_env_write, &[EnvWrite]),
            (self.allow_clock, &[Clock]),
            (self.allow_random, &[Random]),
            // No builtin needs these yet; a flag still means that all else is denied.
            (self.allow_net_client, &[]),
            (self.allow_net_server, &[]),
            (self.allow_net, &[]),
            (self.allow_database, &[]),
            (self.untrusted, &[]),
        ];
        if self.allow_all || rows.iter().all(|(given, _)| !given) {
            return Capabilities::ALL;
        }
        let allowed = rows
            .iter()
            .filter(|(given, _)| *given)
            .flat_map(|(_, list)| *list);
        Capabilities(allowed.fold(0, |bits, &capability| bits | 1 << capability as u32))
    }
}

/// `ruff check`
#[derive(Args, Debug)]
pub struct Check {
    /// Print nothing if the program is right
    #[arg(short, long, conflicts_with_all = ["verbose", "json"])]
    pub quiet: bool,
    /// Also print what was counted
    #[arg(short, long)]
    pub verbose: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// The program
    pub file: OsString,
}

/// `ruff test-run`
#[derive(Args, Debug)]
pub struct TestRun {
    /// One line per test
    #[arg(short, long)]
    pub verbose: bool,
    /// The program
    pub file: OsString,
}

/// `ruff bench`
#[derive(Args, Debug)]
pub struct Bench {
    /// Timed runs of each program in each engine
    #[arg(short, long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub iterations: u32,
    /// Runs before the timed ones
    #[arg(short, long, value_name = "N", default_value_t = 1)]
    pub warmup: u32,
    /// A program or a directory of programs
    #[arg(default_value = ".")]
    pub path: PathBuf,
}

/// A command of a later version.
#[derive(Args, Debug)]
pub struct Later {
    /// Whatever follows.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    pub words: Vec<OsString>,
}

/// Reads the command line. The message is one for a usage error, or what `--help` and `--version` print.
pub fn parse(words: Vec<OsString>) -> Result<Command, clap::Error> {
    match plain_run(&words) {
        Some(script) => Ok(Command::Run(script)),
        None => Cli::try_parse_from(canonical(words)).map(|cli| cli.command),
    }
}

/// `ruff FILE ARGS…` and `ruff run FILE ARGS…` without flags: the way that should cost nothing.
fn plain_run(words: &[OsString]) -> Option<Script> {
    let words = match words.get(1)?.to_str()? {
        "run" => &words[2..],
        word if word.ends_with(".ruff") => &words[1..],
        _ => return None,
    };
    let is_flag = |word: &OsString| word.as_encoded_bytes().starts_with(b"-");
    if words.first().is_none_or(is_flag) {
        return None;
    }
    let (mut words, mut dashes) = (words.to_vec(), false);
    drop_dashes(&mut words, &mut dashes);
    Some(Script {
        flags: RunFlags::default(),
        words,
    })
}

/// Drops a `--` directly behind FILE, unless one has been dropped before it.
fn drop_dashes(words: &mut Vec<OsString>, dropped: &mut bool) {
    if !*dropped && words.get(1).is_some_and(|word| word == "--") {
        words.remove(1);
        *dropped = true;
    }
}

/// The same command line with its command spelt out and `--` before FILE or CODE, so that all that follows is taken as it is.
fn canonical(mut words: Vec<OsString>) -> Vec<OsString> {
    let Some(first) = words.get(1) else {
        return words;
    };
    let cli = Cli::command();
    let names = |command: &clap::Command, word: &OsString| {
        command.get_name() == word || command.get_all_aliases().any(|alias| alias == word)
    };
    if first == "-e" {
        words[1] = "eval".into();
    } else if cli.get_subcommands().all(|command| !names(command, first))
        && !["help", "-h", "--help", "-V", "--version"]
            .iter()
            .any(|word| first == word)
    {
        words.insert(1, "run".into());
    }
    if words[1] != "run" && words[1] != "eval" {
        return words;
    }
    let run = RunFlags::augment_args(clap::Command::new("run"));
    let takes_value = |word: &OsString| {
        let long = word.to_str().and_then(|word| word.strip_prefix("--"));
        run.get_arguments().any(|flag| {
            flag.get_long().is_some_and(|name| Some(name) == long)
                && flag.get_action().takes_values()
        })
    };
    let mut at = 2;
    while at < words.len() {
        let word = &words[at];
        if word == "-" || !word.as_encoded_bytes().starts_with(b"-") {
            break;
        }
        if word == "--" {
            return words;
        }
        at += if takes_value(word) { 2 } else { 1 };
    }
    if at < words.len() {
        let mut script = words.split_off(at);
        drop_dashes(&mut script, &mut false);
        words.push("--".into());
        words.append(&mut script);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Command {
        let words = std::iter::once("ruff")
            .chain(line.split(' '))
            .map(OsString::from);
        parse(words.collect()).expect("the line is right")
    }

    #[track_caller]
    fn runs(line: &str, words: &str) -> RunFlags {
        let (Command::Run(script) | Command::Eval(script)) = parsed(line) else {
            panic!("{line} does not run");
        };
        assert_eq!(
            script.words,
            words.split(' ').map(OsString::from).collect::<Vec<_>>()
        );
        script.flags
    }

    #[test]
    fn everything_behind_the_file_is_the_scripts() {
        runs("f.ruff", "f.ruff");
        runs("f.ruff --stats -x", "f.ruff --stats -x");
        runs("run f.ruff --stats -x", "f.ruff --stats -x");
        runs("program a", "program a");
        assert!(runs("run --stats f --stats", "f --stats").stats);
        assert!(runs("--stats f", "f").stats);
        assert_eq!(
            runs("run --jit-threshold 1 f 2", "f 2").jit_threshold,
            Some(1)
        );
        assert_eq!(
            runs("run --jit-threshold=1 f 2", "f 2").jit_threshold,
            Some(1)
        );
        runs("run - a", "- a");
        runs("-e code a --flag -x", "code a --flag -x");
        runs("eval code -- a -- b", "code a -- b");
    }

    #[test]
    fn one_pair_of_dashes_beside_the_file_is_dropped() {
        runs("f.ruff -- a", "f.ruff a");
        runs("f.ruff a -- b", "f.ruff a -- b");
        runs("run -- f -- a", "f -- a");
        runs("run f -- -- a", "f -- a");
        runs("run --stats -- -f a", "-f a");
    }

    #[test]
    fn capabilities_follow_the_flags() {
        let of = |line: &str| runs(line, "f").capabilities.capabilities();
        assert_eq!(of("run f"), Capabilities::ALL);
        assert_eq!(of("run --untrusted f"), Capabilities(0));
        assert!(of("run --allow-fs-read f").has(Capability::FsRead));
        assert!(!of("run --allow-fs-read f").has(Capability::Clock));
        assert_eq!(of("run --untrusted --allow-all f"), Capabilities::ALL);
    }
}
