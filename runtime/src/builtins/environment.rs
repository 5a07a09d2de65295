//! Builtins over environment variables (language.md §19.7).

use super::args::string;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::heap::Ref;
use crate::object::{Dict, Key};
use crate::os::environment;
use crate::value::Value;
use alloc::string::String;

builtins! {
    /// An environment variable, "" if it is not set.
    "env" = env 1..=1, World -> Str needs EnvRead;
    /// An environment variable, or a default.
    "env_or" = env_or 2..=2, World -> Any needs EnvRead;
    /// An environment variable as an int.
    "env_int" = env_int 1..=1, World -> Int needs EnvRead;
    /// An environment variable as a float.
    "env_float" = env_float 1..=1, World -> Float needs EnvRead;
    /// Whether an environment variable says true, 1, yes or on.
    "env_bool" = env_bool 1..=1, World -> Bool needs EnvRead;
    /// An environment variable, which must be set.
    "env_required" = env_required 1..=1, World -> Str needs EnvRead;
    /// Sets an environment variable.
    "env_set" = env_set 2..=2, World -> Null needs EnvWrite;
    /// All environment variables.
    "os_environ" | "env_list" = os_environ 0..=0, World -> Dict needs EnvRead;
}

fn name<'a>(cx: &mut Ctx, builtin: &str, value: &'a Value) -> Result<&'a str> {
    match value.as_text() {
        Some(name) => Ok(name),
        None => Err(cx.raise(format_args!("{builtin}() requires a string argument"))),
    }
}

fn env(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let name = name(cx, "env", &args[0])?;
    Ok(string(environment::get(name).unwrap_or_default()))
}

fn env_or(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let name = name(cx, "env_or", &args[0])?;
    match environment::get(name) {
        Some(value) => Ok(string(value)),
        None => Ok(args[1].clone()),
    }
}

/// A variable that must be set to be converted.
fn set_variable<'a>(
    cx: &mut Ctx,
    builtin: &str,
    value: &'a Value,
) -> Result<(&'a str, String)> {
    let name = name(cx, builtin, value)?;
    match environment::get(name) {
        Some(value) => Ok((name, value)),
        None => Err(cx.raise(format_args!("Environment variable '{name}' not found"))),
    }
}

fn env_int(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (name, text) = set_variable(cx, "env_int", &args[0])?;
    match text.trim().parse() {
        Ok(n) => Ok(Value::int(n)),
        Err(_) => Err(cx.raise(format_args!(
            "Environment variable '{name}' is not an integer: {text}"
        ))),
    }
}

fn env_float(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (name, text) = set_variable(cx, "env_float", &args[0])?;
    match text.trim().parse() {
        Ok(x) => Ok(Value::float(x)),
        Err(_) => Err(cx.raise(format_args!(
            "Environment variable '{name}' is not a float: {text}"
        ))),
    }
}

fn env_bool(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (_, text) = set_variable(cx, "env_bool", &args[0])?;
    let yes = ["true", "1", "yes", "on"];
    let is = yes.iter().any(|word| text.trim().eq_ignore_ascii_case(word));
    Ok(Value::bool(is))
}

fn env_required(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let name = name(cx, "env_required", &args[0])?;
    match environment::get(name) {
        Some(value) => Ok(string(value)),
        None => Err(cx.raise(format_args!(
            "Required environment variable '{name}' is not set"
        ))),
    }
}

fn env_set(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some((name, value)) = super::args::two_texts(args) else {
        return Err(cx.raise("env_set() requires two string arguments"));
    };
    match environment::set(name, value) {
        Ok(()) => Ok(Value::NULL),
        Err(error) => Err(cx.raise(format_args!(
            "Cannot set environment variable '{name}': {error}"
        ))),
    }
}

fn os_environ(_cx: &mut Ctx, _args: &mut [Value]) -> Result {
    let entries = environment::all().into_iter();
    let entries = entries.map(|(name, value)| (Key::from_text(&name), string(value)));
    Ok(Value::from(Ref::new(Dict::from_iter(entries))))
}
