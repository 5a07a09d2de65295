//! Builtins that run other programs (language.md §19.7).

use super::args::string;
use crate::ctx::Ctx;
use crate::error::{Result, Thrown};
use crate::object::{Array, Dict, Record};
use crate::ops::text;
use crate::os::environment;
use crate::os::process::{self, Options, Outcome};
use crate::value::Value;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

builtins! {
    /// What a shell command writes; its failure raises.
    "execute" = execute 1..=2, World -> Str needs ShellExec;
    /// What a shell command writes and how it ends.
    "execute_status" = execute_status 1..=2, World -> Any needs ShellExec;
    /// What a program, started without a shell, writes and how it ends.
    "spawn_process" = spawn_process 1..=2, World -> Any needs ProcessExec;
    /// What the last of several programs writes, each reading what the one before it writes.
    "pipe_commands" = pipe_commands 1..=2, World -> Str needs ProcessExec;
}

const DEFAULT_TIMEOUT_MS: u64 = 30_000;
const DEFAULT_OUTPUT: usize = 1 << 20;

/// The options dict that the builtins take last.
fn options(cx: &mut Ctx, name: &str, args: &[Value]) -> Result<Options> {
    let mut options = Options {
        timeout_ms: DEFAULT_TIMEOUT_MS,
        max_output: DEFAULT_OUTPUT,
        environment: None,
    };
    let Some(given) = args.get(1) else {
        return Ok(options);
    };
    let Some(dict) = given.as_object::<Dict>() else {
        return Err(cx.raise(format_args!("{name}() requires a dict of options")));
    };
    if let Some(ms) = number_option(cx, name, dict, "timeout_ms")? {
        options.timeout_ms = ms;
    }
    if let Some(bytes) = number_option(cx, name, dict, "max_output_bytes")? {
        options.max_output = usize::try_from(bytes).unwrap_or(usize::MAX);
    }
    let about_environment = ["inherit_env", "env_allow", "env_deny", "env"];
    if about_environment.iter().any(|key| dict.get_text(key).is_some()) {
        options.environment = Some(environment_for(cx, name, dict)?);
    }
    Ok(options)
}

fn number_option(cx: &mut Ctx, name: &str, dict: &Dict, key: &str) -> Result<Option<u64>> {
    let Some(value) = dict.get_text(key) else {
        return Ok(None);
    };
    match super::args::whole(value).map(u64::try_from) {
        Some(Ok(n)) => Ok(Some(n)),
        _ => Err(cx.raise(format_args!(
            "{name}() requires a non-negative number as {key}"
        ))),
    }
}

/// The environment that the options describe: ours unless `inherit_env` is false, only the names in `env_allow`,
/// without those in `env_deny`, and then the entries of `env`.
fn environment_for(cx: &mut Ctx, name: &str, dict: &Dict) -> Result<Vec<String>> {
    let allow = names_option(cx, name, dict, "env_allow")?;
    let deny = names_option(cx, name, dict, "env_deny")?.unwrap_or_default();
    let inherit = dict.get_text("inherit_env").is_none_or(crate::ops::truthy);
    let mut variables = if inherit { environment::all() } else { Vec::new() };
    variables.retain(|(name, _)| {
        let allowed = allow.as_ref().is_none_or(|allow| allow.contains(name));
        allowed && !deny.contains(name)
    });
    if let Some(own) = dict.get_text("env") {
        let Some(own) = own.as_object::<Dict>() else {
            return Err(cx.raise(format_args!("{name}() requires a dict as env")));
        };
        for entry in own.iter() {
            let mut variable = String::new();
            entry.key.write(&mut variable);
            variables.retain(|(name, _)| *name != variable);
            variables.push((variable, text::to_text(&entry.value)));
        }
    }
    let joined = variables.into_iter().map(|(name, value)| format!("{name}={value}"));
    Ok(joined.collect())
}

fn names_option(cx: &mut Ctx, name: &str, dict: &Dict, key: &str) -> Result<Option<Vec<String>>> {
    let Some(value) = dict.get_text(key) else {
        return Ok(None);
    };
    match strings(value) {
        Some(names) => Ok(Some(names)),
        None => Err(cx.raise(format_args!("{name}() requires an array of strings as {key}"))),
    }
}

fn strings(value: &Value) -> Option<Vec<String>> {
    let array = value.as_object::<Array>()?;
    array.iter().map(|v| v.as_text().map(String::from)).collect()
}

/// A command as program and arguments: at least the program.
fn argv(value: &Value) -> Option<Vec<String>> {
    strings(value).filter(|argv| !argv.is_empty())
}

fn run(cx: &mut Ctx, commands: &[Vec<String>], options: &Options) -> Result<Outcome> {
    // What the program has written stands before anything that the commands write to a terminal.
    cx.out.flush();
    process::run(commands, options).map_err(|error| {
        let names: Vec<&str> = commands.iter().map(|command| command[0].as_str()).collect();
        cx.raise(format_args!("Cannot run '{}': {error}", names.join(" | ")))
    })
}

fn run_shell(cx: &mut Ctx, name: &str, args: &[Value]) -> Result<Outcome> {
    let Some(command) = args[0].as_text() else {
        return Err(cx.raise(format_args!("{name}() requires a string command")));
    };
    let options = options(cx, name, args)?;
    let shell = ["sh", "-c", command].map(String::from).to_vec();
    run(cx, &[shell], &options)
}

fn lossy(bytes: &[u8]) -> Value {
    string(String::from_utf8_lossy(bytes).into_owned())
}

/// The standard output of a command that must have succeeded.
fn successful(cx: &mut Ctx, name: &str, args: &[Value], outcome: Outcome) -> Result {
    if outcome.timed_out || outcome.code != 0 || outcome.stdout_truncated {
        return Err(failed(cx, name, args, &outcome));
    }
    Ok(lossy(&outcome.stdout))
}

#[cold]
fn failed(cx: &mut Ctx, name: &str, args: &[Value], outcome: &Outcome) -> Thrown {
    if outcome.timed_out {
        let limit = options(cx, name, args).map_or(DEFAULT_TIMEOUT_MS, |o| o.timeout_ms);
        return cx.raise(format_args!("{name}() timed out after {limit}ms"));
    }
    if outcome.code == 0 {
        return cx.raise(format_args!(
            "{name}() output is larger than {} bytes (see max_output_bytes)",
            outcome.stdout.len()
        ));
    }
    let errors = String::from_utf8_lossy(&outcome.stderr);
    let code = outcome.code;
    match errors.trim_end() {
        "" => cx.raise(format_args!("Command failed with exit code {code}")),
        errors => cx.raise(format_args!("Command failed with exit code {code}: {errors}")),
    }
}

fn execute(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let outcome = run_shell(cx, "execute", args)?;
    successful(cx, "execute", args, outcome)
}

/// A `ProcessResult`.
fn described(cx: &mut Ctx, outcome: &Outcome) -> Value {
    let fields = [
        ("exitcode", Value::int(outcome.code.into())),
        ("stdout", lossy(&outcome.stdout)),
        ("stderr", lossy(&outcome.stderr)),
        ("success", Value::bool(outcome.code == 0 && !outcome.timed_out)),
        ("timed_out", Value::bool(outcome.timed_out)),
        ("stdout_truncated", Value::bool(outcome.stdout_truncated)),
        ("stderr_truncated", Value::bool(outcome.stderr_truncated)),
    ];
    let shape = cx.shape("ProcessResult", &fields.each_ref().map(|field| field.0));
    let values = fields.map(|field| field.1).into_iter().collect();
    Value::from(Record::new(shape, values))
}

fn execute_status(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let outcome = run_shell(cx, "execute_status", args)?;
    Ok(described(cx, &outcome))
}

fn spawn_process(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some(command) = argv(&args[0]) else {
        return Err(cx.raise("spawn_process() requires a non-empty array of strings"));
    };
    let options = options(cx, "spawn_process", args)?;
    let outcome = run(cx, &[command], &options)?;
    Ok(described(cx, &outcome))
}

fn pipe_commands(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let commands = args[0].as_object::<Array>();
    let commands: Option<Vec<_>> =
        commands.and_then(|array| array.iter().map(|command| argv(&command)).collect());
    let Some(commands) = commands.filter(|commands| !commands.is_empty()) else {
        return Err(cx.raise("pipe_commands() requires a non-empty array of commands"));
    };
    let options = options(cx, "pipe_commands", args)?;
    let outcome = run(cx, &commands, &options)?;
    successful(cx, "pipe_commands", args, outcome)
}
