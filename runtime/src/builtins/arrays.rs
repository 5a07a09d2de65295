//! Builtins over arrays (language.md §19.4).

use crate::ctx::Ctx;
use crate::error::Result;
use crate::object::Array;
use crate::value::Value;

builtins! {
    /// A copy of the array with a value appended.
    "push" | "append" = push 2..=2, Pure -> Array;
}

/// `push(a, v)`: in place if `a` is unique.
pub fn push(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let value = args[1].clone();
    match args[0].as_ref_mut::<Array>() {
        Some(array) => array.make_mut().push(value),
        None => return Err(cx.raise("push() requires an array as the first argument")),
    }
    Ok(args[0].take())
}
