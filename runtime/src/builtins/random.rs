//! Builtins that give random numbers, texts and choices (language.md §19.2).

use super::args::{string, whole};
use crate::ctx::Ctx;
use crate::error::Result;
use crate::object::Array;
use crate::ops::room;
use crate::os::random::entropy;
use crate::value::Value;
use alloc::string::String;
use core::fmt::Write;

builtins! {
    /// A float from 0 up to, not including, 1.
    "random" = random 0..=0, World -> Float needs Random;
    /// An int from min to max, both included.
    "random_int" = random_int 2..=2, World -> Int needs Random;
    /// An element of an array.
    "random_choice" = random_choice 1..=1, World -> Any needs Random;
    /// Fixes the sequence of random numbers.
    "set_random_seed" = set_random_seed 1..=1, World -> Null needs Random;
    /// Makes random numbers unpredictable again.
    "clear_random_seed" = clear_random_seed 0..=0, World -> Null needs Random;
    /// A text of random lowercase letters and digits.
    "random_id" = random_id 1..=1, World -> Str needs Random;
    /// A random UUID (version 4).
    "uuid_v4" = uuid_v4 0..=0, World -> Str needs Random;
}

fn random(cx: &mut Ctx, _args: &mut [Value]) -> Result {
    Ok(Value::float(cx.rng.float()))
}

fn random_int(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (Some(min), Some(max)) = (whole(&args[0]), whole(&args[1])) else {
        return Err(cx.raise("random_int() requires two number arguments"));
    };
    if min > max {
        return Err(cx.raise(format_args!(
            "random_int() requires min <= max, got {min} and {max}"
        )));
    }
    let offset = cx.rng.up_to(max.abs_diff(min));
    Ok(Value::int(min.wrapping_add_unsigned(offset)))
}

fn random_choice(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some(array) = args[0].as_object::<Array>() else {
        return Err(cx.raise("random_choice() requires an array argument"));
    };
    let Some(last) = array.len().checked_sub(1) else {
        return Ok(Value::int(0));
    };
    let at = cx.rng.up_to(last as u64) as usize;
    Ok(array.get(at).unwrap_or_default())
}

fn set_random_seed(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let seed = match (args[0].as_int(), args[0].as_float()) {
        (Some(n), _) => n as u64,
        (_, Some(x)) => x.to_bits(),
        _ => return Err(cx.raise("set_random_seed() requires a number argument")),
    };
    cx.rng.seed(seed);
    Ok(Value::NULL)
}

fn clear_random_seed(cx: &mut Ctx, _args: &mut [Value]) -> Result {
    cx.rng.clear();
    Ok(Value::NULL)
}

fn random_id(cx: &mut Ctx, args: &mut [Value]) -> Result {
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let Some(length) = super::args::count(&args[0]) else {
        return Err(cx.raise("random_id() requires a number argument"));
    };
    room::check(cx, length, 1)?;
    let letter = |_| LETTERS[cx.rng.up_to(35) as usize] as char;
    Ok(string((0..length).map(letter).collect()))
}

/// Always from the system's entropy: a seed must not make two identifiers equal.
fn uuid_v4(_cx: &mut Ctx, _args: &mut [Value]) -> Result {
    let mut bytes = [0u8; 16];
    entropy(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (i, byte) in bytes.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(string(text))
}
