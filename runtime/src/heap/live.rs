//! Counters that tests read: objects alive, and copies made by copy-on-write.
//!
//! Both are process-wide and relaxed; the cost is one increment beside an allocation.

use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static LIVE: AtomicUsize = AtomicUsize::new(0);
static COPIES: AtomicUsize = AtomicUsize::new(0);

/// A counted object was allocated.
#[inline(always)]
pub fn born() {
    LIVE.store(LIVE.load(Relaxed).wrapping_add(1), Relaxed);
}

/// A counted object was freed.
#[inline(always)]
pub fn died() {
    LIVE.store(LIVE.load(Relaxed).wrapping_sub(1), Relaxed);
}

/// A shared object was copied because somebody wanted to write to it.
#[inline(always)]
pub fn copied() {
    COPIES.store(COPIES.load(Relaxed).wrapping_add(1), Relaxed);
}

/// Counted objects alive now.
pub fn objects() -> usize {
    LIVE.load(Relaxed)
}

/// Copies made by copy-on-write since the process started.
pub fn copies() -> usize {
    COPIES.load(Relaxed)
}
