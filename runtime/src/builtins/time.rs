//! Builtins over time: clocks, waiting, dates in UTC (language.md §19.8).

use super::args::string;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::os::clock;
use crate::value::Value;
use alloc::format;
use alloc::string::String;
use core::fmt::Write;

builtins! {
    /// Seconds since 1970, with fractions.
    "now" = now 0..=0, World -> Float needs Clock;
    /// Whole seconds since 1970.
    "now_unix" | "now_utc_seconds" = now_unix 0..=0, World -> Int needs Clock;
    /// Milliseconds since 1970.
    "current_timestamp" | "time" = current_timestamp 0..=0, World -> Int needs Clock;
    /// The time in UTC, such as 2026-01-31T12:00:00Z.
    "now_utc" = now_utc 0..=0, World -> Str needs Clock;
    /// Milliseconds since the program started.
    "performance_now" = performance_now 0..=0, World -> Float needs Clock;
    /// Microseconds since the program started.
    "time_us" = time_us 0..=0, World -> Float needs Clock;
    /// Nanoseconds since the program started.
    "time_ns" = time_ns 0..=0, World -> Float needs Clock;
    /// Waits a number of milliseconds.
    "sleep" = sleep 1..=1, World -> Int needs Clock;
    /// The difference of two times.
    "elapsed" = elapsed 2..=2, Pure -> Float;
    /// A number of milliseconds in a unit that suits it.
    "format_duration" = format_duration 1..=1, Pure -> Str;
    /// A time in seconds since 1970 as a date in UTC.
    "format_date" = format_date 2..=2, Pure -> Str;
    /// A date as seconds since 1970.
    "parse_date" = parse_date 2..=2, Pure -> Float;
}

const DAY: i64 = 86_400;

fn now(_cx: &mut Ctx, _args: &mut [Value]) -> Result {
    let (seconds, ns) = clock::unix_time();
    Ok(Value::float(seconds as f64 + ns as f64 / 1e9))
}

fn now_unix(_cx: &mut Ctx, _args: &mut [Value]) -> Result {
    Ok(Value::int(clock::unix_time().0))
}

fn current_timestamp(_cx: &mut Ctx, _args: &mut [Value]) -> Result {
    let (seconds, ns) = clock::unix_time();
    Ok(Value::int(seconds * 1000 + ns as i64 / 1_000_000))
}

fn now_utc(_cx: &mut Ctx, _args: &mut [Value]) -> Result {
    let text = written(clock::unix_time().0, "YYYY-MM-DDTHH:mm:ssZ");
    Ok(string(text))
}

fn performance_now(_cx: &mut Ctx, _args: &mut [Value]) -> Result {
    Ok(Value::float(clock::since_start_ns() as f64 / 1e6))
}

fn time_us(_cx: &mut Ctx, _args: &mut [Value]) -> Result {
    Ok(Value::float(clock::since_start_ns() as f64 / 1e3))
}

fn time_ns(_cx: &mut Ctx, _args: &mut [Value]) -> Result {
    Ok(Value::float(clock::since_start_ns() as f64))
}

fn sleep(cx: &mut Ctx, args: &mut [Value]) -> Result {
    match args[0].as_number() {
        Some(ms) if ms >= 0.0 => {
            cx.out.flush();
            // A float that is too large saturates: that is five hundred years.
            clock::sleep_ns((ms * 1e6) as u64);
            Ok(Value::int(0))
        }
        _ => Err(cx.raise("sleep() requires a non-negative number of milliseconds")),
    }
}

fn elapsed(cx: &mut Ctx, args: &mut [Value]) -> Result {
    match (args[0].as_number(), args[1].as_number()) {
        (Some(start), Some(end)) => Ok(Value::float(end - start)),
        _ => Err(cx.raise("elapsed() requires two number arguments")),
    }
}

fn format_duration(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some(ms) = args[0].as_number() else {
        return Err(cx.raise("format_duration() requires a number argument"));
    };
    let size = ms.abs();
    Ok(string(if size >= 1000.0 {
        format!("{:.2}s", ms / 1000.0)
    } else if size >= 1.0 {
        format!("{ms:.2}ms")
    } else if size >= 0.001 {
        format!("{:.2}μs", ms * 1000.0)
    } else {
        format!("{:.0}ns", ms * 1e6)
    }))
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar.
/// (Years are counted from March, so that the leap day is the last of its year.)
fn date_of(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468; // from 0000-03-01
    let era = day.div_euclid(146_097); // 400 years
    let day = day.rem_euclid(146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153; // from March
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

/// The inverse of [`date_of`].
fn day_of(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year = year.rem_euclid(400);
    let month = if month > 2 { month - 3 } else { month + 9 };
    let day = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + year * 365 + year / 4 - year / 100 + day - 719_468
}

/// A time in seconds since 1970 by the letters of a pattern; everything else is copied.
fn written(seconds: i64, pattern: &str) -> String {
    let (year, month, day) = date_of(seconds.div_euclid(DAY));
    let second = seconds.rem_euclid(DAY);
    let parts = [
        ("YYYY", year, 4),
        ("MM", month, 2),
        ("DD", day, 2),
        ("HH", second / 3600, 2),
        ("mm", second / 60 % 60, 2),
        ("ss", second % 60, 2),
    ];
    let mut text = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        match parts.iter().find(|part| rest.starts_with(part.0)) {
            Some((letters, number, width)) => {
                // Writing to a `String` cannot fail.
                let _ = write!(text, "{number:0width$}");
                rest = &rest[letters.len()..];
            }
            None => {
                text.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    text
}

fn format_date(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (Some(seconds), Some(pattern)) = (args[0].as_number(), args[1].as_text()) else {
        return Err(cx.raise("format_date() requires a number and a format string"));
    };
    let seconds = args[0].as_int().unwrap_or(libm::floor(seconds) as i64);
    Ok(string(written(seconds, pattern)))
}

/// The day that a date like 1970-01-31 names, counted from 1970-01-01.
fn day_in(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let digits = |part: &[u8]| {
        let all = part.iter().all(u8::is_ascii_digit);
        all.then(|| part.iter().fold(0, |n, b| n * 10 + i64::from(b - b'0')))
    };
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let date = (
        digits(&bytes[..4])?,
        digits(&bytes[5..7])?,
        digits(&bytes[8..])?,
    );
    // A day that does not exist comes back as another one.
    let day = day_of(date.0, date.1, date.2);
    (date_of(day) == date).then_some(day)
}

fn parse_date(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some((text, pattern)) = super::args::two_texts(args) else {
        return Err(cx.raise("parse_date() requires two string arguments"));
    };
    if pattern != "YYYY-MM-DD" {
        return Err(cx.raise("parse_date() supports only the format YYYY-MM-DD"));
    }
    match day_in(text) {
        Some(day) => Ok(Value::float((day * DAY) as f64)),
        None => Err(cx.raise(format_args!("Cannot parse '{text}' as date"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree_over_a_million_years() {
        for day in (-200_000_000..200_000_000).step_by(997) {
            let (y, m, d) = date_of(day);
            assert_eq!(day_of(y, m, d), day, "{y}-{m}-{d}");
        }
        assert_eq!(date_of(0), (1970, 1, 1));
        assert_eq!(date_of(11_016), (2000, 2, 29));
        assert_eq!(day_in("2024-02-29"), Some(19_782));
        assert_eq!(day_in("2023-02-29"), None);
        assert_eq!(day_in("2023-13-01"), None);
        assert_eq!(day_in("2023-1-01é"), None);
    }

    #[test]
    fn patterns_are_filled() {
        assert_eq!(written(-1, "YYYY-MM-DD HH:mm:ss"), "1969-12-31 23:59:59");
        assert_eq!(written(951_782_400, "DD.MM.YYYY é"), "29.02.2000 é");
        written(i64::MAX, "YYYY");
        written(i64::MIN, "YYYY");
    }
}
