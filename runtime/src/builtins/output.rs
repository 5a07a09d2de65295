//! Builtins that write: `print` and its relatives (language.md §10).

use super::MANY;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::ops::text;
use crate::value::Value;
use alloc::string::String;

builtins! {
    /// Writes its arguments, separated by a space, and a newline to standard output.
    "print" | "println" = print 0..=MANY, World -> Null;
}

/// `print(a, b)`
pub fn print(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let mut line = String::new();
    for (i, arg) in args.iter().enumerate() {
        if i > 0 {
            line.push(' ');
        }
        text::write(arg, &mut line);
    }
    line.push('\n');
    cx.out.write(&line);
    Ok(Value::NULL)
}
