//! Clocks: the time of day, and the time since the program started.

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The monotonic clock when the program started; 0 before [`start`].
static STARTED: AtomicU64 = AtomicU64::new(0);

fn read(clock: libc::clockid_t) -> libc::timespec {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is writable; the clocks we ask for exist everywhere, so the call cannot fail.
    unsafe { libc::clock_gettime(clock, &mut time) };
    time
}

/// Nanoseconds of the monotonic clock. Its zero means nothing.
pub fn monotonic_ns() -> u64 {
    let time = read(libc::CLOCK_MONOTONIC);
    (time.tv_sec as u64)
        .wrapping_mul(1_000_000_000)
        .wrapping_add(time.tv_nsec as u64)
}

/// Sets the zero of [`since_start_ns`]; later calls change nothing.
pub fn start() {
    let _ = STARTED.compare_exchange(0, monotonic_ns(), Relaxed, Relaxed);
}

/// Nanoseconds since the program started.
pub fn since_start_ns() -> u64 {
    start();
    monotonic_ns().saturating_sub(STARTED.load(Relaxed))
}

/// Seconds since 1970-01-01 00:00 UTC, and nanoseconds within the second.
pub fn unix_time() -> (i64, u32) {
    let time = read(libc::CLOCK_REALTIME);
    (time.tv_sec, time.tv_nsec as u32)
}

/// Waits, signals notwithstanding.
pub fn sleep_ns(ns: u64) {
    let mut left = libc::timespec {
        tv_sec: (ns / 1_000_000_000) as libc::time_t,
        tv_nsec: (ns % 1_000_000_000) as _,
    };
    // SAFETY: `left` is readable, and writable for the time that an interruption leaves over.
    while unsafe { libc::nanosleep(&left, &mut left) } == -1
        && super::Error::last().0 == libc::EINTR
    {}
}
