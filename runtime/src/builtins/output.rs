//! Builtins that talk to the terminal and end the program: `print`, `input`, `exit` (language.md §10, §19.1).

use super::MANY;
use super::args::{string, whole};
use crate::ctx::Ctx;
use crate::error::Result;
use crate::ops::room;
use crate::ops::text::{self, Written};
use crate::os;
use crate::value::Value;
use alloc::string::String;

builtins! {
    /// Writes its arguments, separated by a space, and a newline to standard output.
    "print" | "println" = print 0..=MANY, World -> Null;
    /// Writes its arguments, separated by a space, and a newline to standard error.
    "eprint" = eprint 0..=MANY, World -> Null;
    /// Writes its arguments in debug form to standard output.
    "debug" = debug 0..=MANY, World -> Null;
    /// A line of standard input, after a prompt.
    "input" = input 0..=1, World -> Str;
    /// Ends the program with an exit code (0).
    "exit" = exit 0..=1, World -> Any;
}

/// Appends the values, separated by a space, and a newline.
fn write_line(
    args: &[Value],
    write: fn(&Value, &mut String) -> Written,
    out: &mut String,
) -> Written {
    for (i, arg) in args.iter().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        write(arg, out)?;
    }
    out.push('\n');
    Ok(())
}

/// Appends something to the output, or nothing where there is no room for all of it.
fn append(cx: &mut Ctx, write: impl FnOnce(&mut String) -> Written) -> Result<()> {
    let out = cx.out.buffer();
    let before = out.len();
    let written = write(out);
    if written.is_err() {
        // What the buffer has grown to would be missed elsewhere.
        *out = String::from(out.get(..before).unwrap_or_default());
    }
    cx.out.wrote();
    room::told(cx, written)
}

fn print(cx: &mut Ctx, args: &mut [Value]) -> Result {
    append(cx, |out| write_line(args, text::write, out))?;
    Ok(Value::NULL)
}

fn eprint(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let mut line = String::new();
    room::told(cx, write_line(args, text::write, &mut line))?;
    cx.out.write_error(&line);
    Ok(Value::NULL)
}

fn debug(cx: &mut Ctx, args: &mut [Value]) -> Result {
    append(cx, |out| {
        out.push_str("[DEBUG] ");
        write_line(args, text::write_debug, out)
    })?;
    Ok(Value::NULL)
}

fn input(cx: &mut Ctx, args: &mut [Value]) -> Result {
    if let Some(prompt) = args.first() {
        append(cx, |out| text::write(prompt, out))?;
    }
    cx.out.flush();
    let line = match cx.input.line() {
        Ok(line) => line.unwrap_or_default(),
        Err(error) => return Err(cx.raise(format_args!("Cannot read standard input: {error}"))),
    };
    match String::from_utf8(line) {
        Ok(mut line) => {
            line.truncate(line.trim_end().len());
            Ok(string(line))
        }
        Err(_) => Err(cx.raise("Cannot read standard input: stream did not contain valid UTF-8")),
    }
}

fn exit(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let code = match args.first() {
        None => 0,
        Some(value) => match whole(value) {
            Some(code) => code,
            None => return Err(cx.raise("exit() requires a numeric argument")),
        },
    };
    cx.out.flush();
    os::exit((code & 0xff) as i32)
}
