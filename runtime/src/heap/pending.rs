//! Frees objects without recursion: while one object is being freed, the objects that die with it wait in a list.

use super::{Header, HeapObject, live};
use crate::object;
use crate::value::Tag;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::UnsafeCell;

struct Pending {
    draining: bool,
    waiting: Vec<(Tag, *mut Header)>,
}

struct OneThread(UnsafeCell<Pending>);

// SAFETY: a Ruff program runs on one thread; threads of `spawn` will have a heap, and then a list, of their own.
unsafe impl Sync for OneThread {}

static PENDING: OneThread = OneThread(UnsafeCell::new(Pending {
    draining: false,
    waiting: Vec::new(),
}));

/// Frees an object whose count has reached zero, and everything that dies with it.
///
/// # Safety
/// `header` must be that of an object of kind `tag` with a count of zero.
#[cold]
#[inline(never)]
pub(super) unsafe fn free(tag: Tag, header: *mut Header) {
    // SAFETY: one thread (see `OneThread`), and no reference into the cell is held across `free_one`.
    unsafe {
        let pending = PENDING.0.get();
        if (*pending).draining {
            (*pending).waiting.push((tag, header));
            return;
        }
        (*pending).draining = true;
        free_one(tag, header);
        while let Some((tag, header)) = (*pending).waiting.pop() {
            free_one(tag, header);
        }
        (*pending).draining = false;
    }
}

macro_rules! free_by_tag {
    ($tag:ident, $header:ident, $($kind:ident)*) => {
        match $tag {
            $(Tag::$kind => drop(Box::from_raw($header.cast::<HeapObject<object::$kind>>())),)*
            _ => {}
        }
    };
}

unsafe fn free_one(tag: Tag, header: *mut Header) {
    live::died();
    // SAFETY: the caller of `free` promises kind and ownership.
    unsafe {
        free_by_tag!(tag, header, Str Array Func Bound Cell);
    }
}
