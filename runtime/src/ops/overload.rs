//! Operator overloading (language.md §13.2): the left operand's struct decides.

use crate::ctx::Ctx;
use crate::error::Result;
use crate::object::{Overload, Record};
use crate::ops::call;
use crate::value::Value;

/// What the overload of `a`'s struct gives; `None` if there is none.
#[inline]
pub fn call_overload(
    cx: &mut Ctx,
    overload: Overload,
    a: &Value,
    b: Option<&Value>,
) -> Option<Result> {
    let record = a.as_object::<Record>()?;
    let number = record.shape().definition?.overloads[overload as usize]?;
    let method = record.method(number as usize)?.clone();
    let mut window = [a.clone(), b.cloned().unwrap_or_default()];
    let count = 1 + b.is_some() as usize;
    Some(call(cx, &method, &mut window[..count]))
}
