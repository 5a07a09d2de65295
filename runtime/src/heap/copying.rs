//! Whether what nobody else holds is changed in place, as always, or copied nevertheless: a program cannot tell, and tests
//! look whether that is true.
//!
//! It is process-wide. What it costs is that the one reference of an unshared object is compared with memory instead of a constant.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The count of an object that may be changed in place; no object has a count of 0.
static ALONE: AtomicU32 = AtomicU32::new(1);

/// From now on copies are made before every change (`true`), or only where an object is shared.
pub fn force(copies: bool) {
    ALONE.store(u32::from(!copies), Relaxed);
}

/// The count of an object that may be changed in place.
#[inline(always)]
pub(super) fn alone() -> u32 {
    ALONE.load(Relaxed)
}
