//! Room for large results. An operation whose result can be far larger than its arguments asks here first, so that
//! too large a result is an error of the program and not the end of the process.

use crate::ctx::Ctx;
use crate::error::Result;
use crate::os::memory;

/// Below this many bytes nobody asks the allocator.
const SMALL: usize = 1 << 20;

/// The largest result, 2 GiB. A program that doubles a value in a loop by mistake shall learn of it before it has filled
/// the memory of the machine, which takes long and hurts others.
const LIMIT: usize = 1 << 31;

/// Raises `Out of memory` unless there is room for `count` elements of `size` bytes.
#[inline]
pub fn check(cx: &mut Ctx, count: usize, size: usize) -> Result<()> {
    match count.checked_mul(size) {
        Some(bytes) if bytes < SMALL => Ok(()),
        Some(bytes) if bytes <= LIMIT && memory::is_available(bytes) => Ok(()),
        _ => Err(cx.raise("Out of memory: the result would be too large")),
    }
}
