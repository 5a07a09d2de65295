//! Builtins about types and conversions (language.md §19.1).

use crate::ctx::Ctx;
use crate::error::Result;
use crate::ops::text;
use crate::value::Value;

builtins! {
    /// The name of the value's type.
    "type" | "type_of" = type_of 1..=1, Pure -> Str;
}

/// `type(v)`
pub fn type_of(_cx: &mut Ctx, args: &mut [Value]) -> Result {
    Ok(Value::str(text::type_name(&args[0])))
}
