//! Which objects are alive, and when to look at them.
//!
//! In: births and deaths, safepoints. Out: calls of the walk. A check costs as much as the heap is large, so that the next one waits for
//! as many safepoints as makes its cost per safepoint bounded; in long programs they become rarer and rarer.

use super::walk::{Live, Walk};
use super::{Known, Visit};
use crate::ctx::Ctx;
use crate::heap::pool::this_thread;
use crate::heap::{Header, HeapObject, Object};
use crate::os;
use crate::value::Value;
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::fmt::Display;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// A check of so many values and objects may be made at every safepoint.
const CHEAP: usize = 128;
/// After so many checks they become half as frequent.
const MANY: u32 = 20_000;

/// What the checker knows between two safepoints.
struct Watch {
    live: Live,
    /// Safepoints so far.
    passed: u64,
    /// Safepoints until the next check.
    wait: u32,
    /// The least of them.
    period: u32,
    /// Checks since the period changed.
    checks: u32,
    /// Values that the helper has taken over whose safepoint comes next.
    owned: Vec<(u64, u64)>,
}

struct Place(UnsafeCell<Option<Watch>>);

// SAFETY: only the thread whose number is in `OWNER` looks inside.
unsafe impl Sync for Place {}

static PLACE: Place = Place(UnsafeCell::new(None));
/// The thread that is watched; 0 if none is.
static OWNER: AtomicUsize = AtomicUsize::new(0);

/// The state, if this thread is watched.
#[inline(always)]
fn watch() -> Option<&'static mut Watch> {
    let owner = OWNER.load(Relaxed);
    if owner == 0 || owner != this_thread() {
        return None;
    }
    // SAFETY: this thread owns the place; no function of this file calls another one of it while it has the borrow.
    unsafe { (*PLACE.0.get()).as_mut() }
}

/// From now on the objects that this thread makes are watched, and looked at in every `period`-th safepoint, or rarer if there are many.
///
/// # Panics
/// If a thread is watched already.
pub fn switch_on(period: u32) {
    let claimed = OWNER.compare_exchange(0, this_thread(), Relaxed, Relaxed);
    assert!(claimed.is_ok(), "the heap of a thread is checked already");
    let period = period.max(1);
    let new = Watch {
        live: Live::default(),
        passed: 0,
        wait: period,
        period,
        checks: 0,
        owned: Vec::new(),
    };
    // SAFETY: this thread owns the place now.
    unsafe { *PLACE.0.get() = Some(new) };
}

/// Ends the watch.
pub fn switch_off() {
    if watch().is_some() {
        // SAFETY: this thread owns the place.
        drop(unsafe { (*PLACE.0.get()).take() });
        OWNER.store(0, Relaxed);
    }
}

/// `RUFF_CHECK_HEAP=N` switches the checker on, with every `N`-th safepoint.
pub fn from_environment() {
    let period = os::environment::get("RUFF_CHECK_HEAP").and_then(|n| n.parse().ok());
    if let Some(period) = period {
        switch_on(period);
    }
}

/// An object was allocated.
pub fn born<T: Object>(object: *mut HeapObject<T>) {
    if let Some(watch) = watch() {
        watch.live.add(T::TAG, object.cast());
    }
}

/// An object is about to be freed.
pub fn died(header: *mut Header) {
    if let Some(watch) = watch() {
        watch.live.remove(header);
    }
}

/// A safepoint; true if it is to be checked.
#[inline]
pub fn is_due() -> bool {
    let Some(watch) = watch() else {
        return false;
    };
    watch.passed += 1;
    watch.wait -= 1;
    watch.wait == 0
}

/// Checks the heap. `roots` visits, as their two words, the values that the engine holds; those of the context are known.
///
/// # Panics
/// If something is wrong with it.
pub fn check(cx: &mut Ctx, known: Known, at: &dyn Display, roots: &dyn Fn(Visit)) {
    let Some(watch) = watch() else {
        return;
    };
    let mut walk = Walk::new(&watch.live);
    let looked = walk
        .roots(cx, roots)
        .and_then(|()| walk.objects())
        .and_then(|()| walk.counts(known));
    if let Err(wrong) = looked {
        let passed = watch.passed;
        panic!("the heap is wrong: {wrong} (safepoint {passed}, {at})");
    }
    watch.checks += 1;
    if watch.checks == MANY {
        watch.checks = 0;
        watch.period = watch.period.saturating_mul(2);
    }
    watch.wait = watch
        .period
        .saturating_add((walk.looked_at() / CHEAP) as u32);
}

/// A value that compiled code lends to a helper: looks whether it is one.
pub fn argument(value: &Value) {
    if let Some(watch) = watch()
        && let Err(wrong) = Walk::new(&watch.live).refer(value.raw())
    {
        panic!("the heap is wrong: {wrong} (an argument of a helper)");
    }
}

/// Values that compiled code hands over to the helper whose safepoint comes next.
pub fn owned(values: &[Value]) {
    if let Some(watch) = watch() {
        watch.owned.extend(values.iter().map(Value::raw));
    }
}

/// The safepoint of a helper: what compiled code holds is not known.
pub fn helper(cx: &mut Ctx, name: &'static str) {
    if OWNER.load(Relaxed) == 0 {
        return;
    }
    let due = is_due();
    let Some(watch) = watch() else {
        return;
    };
    let owned = core::mem::take(&mut watch.owned);
    if due {
        check(
            cx,
            Known::Some,
            &format_args!("helper `{name}`"),
            &|visit| owned.iter().copied().for_each(visit),
        );
    }
}
