//! Whether what nobody else holds is changed in place, as always, or copied nevertheless: a program cannot tell, and tests
//! look whether that is true.
//!
//! It is process-wide, and in builds with debug assertions only, which is what `cargo test` makes: elsewhere [`force`] does nothing.

#[cfg(debug_assertions)]
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The count of an object that may be changed in place; no object has a count of 0.
#[cfg(debug_assertions)]
static ALONE: AtomicU32 = AtomicU32::new(1);

/// From now on copies are made before every change (`true`), or only where an object is shared.
#[cfg_attr(
    not(debug_assertions),
    expect(unused_variables, reason = "releases do not ask")
)]
pub fn force(copies: bool) {
    #[cfg(debug_assertions)]
    ALONE.store(u32::from(!copies), Relaxed);
}

/// The count of an object that may be changed in place.
#[inline(always)]
pub(super) fn alone() -> u32 {
    #[cfg(debug_assertions)]
    return ALONE.load(Relaxed);
    #[cfg(not(debug_assertions))]
    return 1;
}
