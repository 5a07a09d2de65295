//! Builtins about types and conversions (language.md §19.1).

use crate::ctx::Ctx;
use crate::error::Result;
use crate::ops::text;
use crate::value::Value;

/// `type(v)`
pub fn type_of(_cx: &mut Ctx, args: &mut [Value]) -> Result {
    Ok(Value::str(text::type_name(&args[0])))
}
