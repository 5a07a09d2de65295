//! Counted heap objects: allocation, counts, release.
//!
//! In: object bodies of `object/`. Out: [`Ref<T>`], a non-atomic counted pointer with copy-on-write.
//! Values form no cycles except through captured variables (`cycle.rs`). Releasing a deep structure does not
//! recurse: nested objects wait in a list.
//! It does not know what a body contains.

pub mod checker;
pub mod copying;
pub mod cycle;
pub mod live;
mod pending;
pub(crate) mod pool;

use crate::fault;
#[cfg(debug_assertions)]
use crate::object::Str;
use crate::value::{Tag, Value};
use alloc::alloc::{Layout, handle_alloc_error};
use alloc::boxed::Box;
use core::ops::Deref;
use core::ptr::NonNull;

/// The first 8 bytes of every heap object.
#[repr(C)]
pub struct Header {
    /// References to the object. From [`IMMORTAL`] on it is never changed and the object never freed.
    pub count: u32,
    /// Marks for the cycle collector; 0 otherwise.
    pub flags: u32,
}

impl Header {
    /// What stands in the place of the header of a freed object, in debug builds.
    const FREED: Header = Header {
        count: 0,
        flags: 0xdead_dead,
    };

    /// In debug builds: whoever counts an object that is free has kept a reference too long, or given one up twice.
    #[inline(always)]
    fn check_alive(&self) {
        debug_assert!(
            self.count != 0 && self.flags != Header::FREED.flags,
            "a freed object is counted"
        );
    }
}

/// A count at or above this belongs to an object that lives as long as the process.
pub const IMMORTAL: u32 = 0x8000_0000;

/// A heap object: header, then the body of its kind.
#[repr(C)]
pub struct HeapObject<T> {
    /// Count and flags.
    pub header: Header,
    /// What the kind says.
    pub body: T,
}

/// A body that can live on the heap under a tag of its own.
pub trait Object: Sized {
    /// The tag of values that point to such an object.
    const TAG: Tag;
    /// Visits every value the body owns (freeing and the cycle collector take them out this way).
    fn children(&mut self, visit: &mut dyn FnMut(&mut Value));

    /// What the heap checker can see to be wrong with the body itself.
    #[cfg(debug_assertions)]
    fn wrong(&self) -> Option<&'static str> {
        None
    }

    /// For the heap checker: visits the strings that the body owns besides its values.
    #[cfg(debug_assertions)]
    fn names(&self, _visit: &mut dyn FnMut(&Ref<Str>)) {}

    /// Drops the body and frees the memory.
    ///
    /// # Safety
    /// Nobody else may refer to the object any more.
    unsafe fn free(object: *mut HeapObject<Self>) {
        // SAFETY: `Ref::new` allocated the object with this layout, and the caller holds the last reference.
        unsafe {
            core::ptr::drop_in_place(object);
            pool::release(object.cast(), Layout::new::<HeapObject<Self>>());
        }
    }
}

/// A body that can be copied by one level, as copy-on-write needs: every `Clone` one, and structs.
pub trait Duplicate: Object {
    /// A new object with the same parts.
    fn duplicate(&self) -> Ref<Self>;
}

impl<T: Object + Clone> Duplicate for T {
    fn duplicate(&self) -> Ref<T> {
        Ref::new(self.clone())
    }
}

impl<T> HeapObject<T> {
    /// A counted object with one reference.
    #[inline(always)]
    pub(crate) fn counted(body: T) -> HeapObject<T> {
        live::born();
        HeapObject {
            header: Header { count: 1, flags: 0 },
            body,
        }
    }
}

/// An owned, counted pointer to a heap object.
#[repr(transparent)]
pub struct Ref<T: Object>(NonNull<HeapObject<T>>);

impl<T: Object> Ref<T> {
    /// Moves a body to the heap, with a count of one.
    #[inline]
    pub fn new(body: T) -> Ref<T> {
        let layout = Layout::new::<HeapObject<T>>();
        // SAFETY: an object is not empty; it is written before anybody reads it.
        unsafe {
            let object = pool::allocate(layout).cast::<HeapObject<T>>();
            if object.is_null() {
                handle_alloc_error(layout);
            }
            object.write(HeapObject::counted(body));
            #[cfg(debug_assertions)]
            checker::born(object);
            Ref::from_raw(object)
        }
    }

    /// Moves a body to the heap for as long as the process lives; it is never counted.
    pub fn new_immortal(body: T) -> Ref<T> {
        let object = Box::new(HeapObject {
            header: Header {
                count: IMMORTAL,
                flags: 0,
            },
            body,
        });
        Ref(NonNull::from(Box::leak(object)))
    }

    /// The pointer, with the count it owned.
    #[inline(always)]
    pub fn into_raw(self) -> *mut HeapObject<T> {
        let raw = self.0.as_ptr();
        core::mem::forget(self);
        raw
    }

    /// The pointer, borrowed.
    #[inline(always)]
    pub fn as_ptr(&self) -> *mut HeapObject<T> {
        self.0.as_ptr()
    }

    /// # Safety
    /// `raw` must point to a live object of kind `T`, one count of which passes to the result.
    #[inline(always)]
    pub unsafe fn from_raw(raw: *mut HeapObject<T>) -> Ref<T> {
        // SAFETY: the caller passes a live, hence non-null, object.
        Ref(unsafe { NonNull::new_unchecked(raw) })
    }

    /// The body for writing if nobody else refers to the object.
    #[inline(always)]
    pub fn get_mut(&mut self) -> Option<&mut T> {
        // SAFETY: the object is live, and with a count of one this `Ref` is its only holder.
        let object = unsafe { self.0.as_mut() };
        if object.header.count == 1 {
            Some(&mut object.body)
        } else {
            None
        }
    }

    /// The body for writing if it should be changed in place: if nobody else refers to the object, and copies are not forced.
    #[inline(always)]
    pub fn in_place(&mut self) -> Option<&mut T> {
        // SAFETY: the object is live, and with a count of one this `Ref` is its only holder; `alone` is one, or nothing's count.
        let object = unsafe { self.0.as_mut() };
        if object.header.count == copying::alone() {
            Some(&mut object.body)
        } else {
            None
        }
    }

    /// The body for writing; first copies it (one level) if it is shared. The copy is counted (`live::copies`), but that of an
    /// immortal one: who changes a constant makes a value of his own from it.
    #[inline]
    pub fn make_mut(&mut self) -> &mut T
    where
        T: Duplicate,
    {
        if self.in_place().is_none() && !fault!(SharedObjectsChange) {
            // SAFETY: a `Ref` owns a count, so the object is live.
            if unsafe { self.0.as_ref() }.header.count < IMMORTAL {
                live::copied();
            }
            *self = self.duplicate();
        }
        // SAFETY: either it was unique, or it has just been replaced by a fresh object.
        unsafe { &mut self.0.as_mut().body }
    }

    /// True if both point to the same object.
    #[inline]
    pub fn ptr_eq(&self, other: &Ref<T>) -> bool {
        self.0 == other.0
    }
}

impl<T: Object> Deref for Ref<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: a `Ref` owns a count, so the object is live.
        unsafe { &self.0.as_ref().body }
    }
}

impl<T: Object> Clone for Ref<T> {
    #[inline(always)]
    fn clone(&self) -> Ref<T> {
        // SAFETY: the object is live.
        unsafe { retain(self.0.as_ptr().cast()) }
        Ref(self.0)
    }
}

impl<T: Object> Drop for Ref<T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: this `Ref` owns one count of a live object of kind `T`.
        unsafe { release(T::TAG, self.0.as_ptr().cast()) }
    }
}

/// Counts one more reference.
///
/// # Safety
/// `header` must be that of a live object.
#[inline(always)]
pub unsafe fn retain(header: *mut Header) {
    // SAFETY: live by the caller's promise.
    let count = unsafe {
        (*header).check_alive();
        &mut (*header).count
    };
    if *count < IMMORTAL {
        *count += 1;
    }
}

/// Counts one reference less; true if it was the last one.
///
/// # Safety
/// `header` must be that of a live object of which the caller gives one count up.
#[inline(always)]
unsafe fn count_down(header: *mut Header) -> bool {
    // SAFETY: live by the caller's promise.
    let count = unsafe {
        (*header).check_alive();
        &mut (*header).count
    };
    if *count >= IMMORTAL {
        return false;
    }
    *count -= 1;
    *count == 0
}

/// Gives one reference up, and frees the object if it was the last.
///
/// # Safety
/// `header` must be that of a live object of kind `tag`, of which the caller gives one count up.
#[inline(always)]
pub unsafe fn release(tag: Tag, header: *mut Header) {
    // SAFETY: passed on.
    unsafe {
        if count_down(header) {
            pending::free(tag, header);
        }
    }
}
