//! Frees objects without recursion: the values that die with an object wait in a list, which takes no memory: it runs through the
//! headers of the dead.

use super::{Header, HeapObject, Object, count_down, live};
use crate::object;
use crate::value::Tag;
use core::ptr;

/// Bits of a link that hold the tag. Addresses of objects are multiples of 16, and none reaches the highest bit.
const TAG_BITS: u32 = 5;
const _: () = assert!((Tag::StructDef as u64) < 1 << TAG_BITS);

/// Dead objects with their kinds, the last first.
struct Waiting {
    top: u64,
}

impl Waiting {
    const EMPTY: Waiting = Waiting { top: 0 };

    /// # Safety
    /// `header` must be that of an object of kind `tag` to which nobody refers any more.
    unsafe fn push(&mut self, tag: Tag, header: *mut Header) {
        debug_assert!(header as u64 & 0xf == 0 && header as u64 >> 63 == 0);
        // SAFETY: nobody looks at the header of a dead object but this list.
        unsafe {
            (*header).count = self.top as u32;
            (*header).flags = (self.top >> 32) as u32;
        }
        self.top = (header as u64 >> 4) << TAG_BITS | tag as u64;
    }

    fn pop(&mut self) -> Option<(Tag, *mut Header)> {
        let header =
            ptr::with_exposed_provenance_mut::<Header>((self.top >> TAG_BITS << 4) as usize);
        if header.is_null() {
            return None;
        }
        let tag = self.top & ((1 << TAG_BITS) - 1);
        // SAFETY: `push` was given the tag and the header, and the object is freed only after it has been taken out.
        unsafe {
            self.top = u64::from((*header).count) | u64::from((*header).flags) << 32;
            Some((core::mem::transmute::<u64, Tag>(tag), header))
        }
    }
}

/// Frees an object whose count has reached zero, and everything that dies with it.
///
/// # Safety
/// `header` must be that of an object of kind `tag` with a count of zero.
#[cold]
#[inline(never)]
pub(super) unsafe fn free(tag: Tag, header: *mut Header) {
    let mut waiting = Waiting::EMPTY;
    // SAFETY: the caller promises the first object; `free_one` only lists objects whose last count it took.
    unsafe {
        free_one(tag, header, &mut waiting);
        while let Some((tag, header)) = waiting.pop() {
            free_one(tag, header, &mut waiting);
        }
    }
}

unsafe fn free_body<T: Object>(header: *mut Header, waiting: &mut Waiting) {
    let object = header.cast::<HeapObject<T>>();
    // SAFETY: the tag says that the object is a `HeapObject<T>`, and nobody refers to it any more.
    let body = unsafe { &mut (*object).body };
    body.children(&mut |child| {
        if child.is_heap() {
            let tag = child.tag();
            let (_, bits) = child.take().into_raw();
            let header = bits as *mut Header;
            // SAFETY: a heap value points to a live object, and its count has been taken over: at zero nobody refers to it any more.
            unsafe {
                if count_down(header) {
                    waiting.push(tag, header);
                }
            }
        }
    });
    // SAFETY: as above; the body is not borrowed any more.
    unsafe { T::free(object) }
}

macro_rules! free_by_tag {
    ($tag:ident, $header:ident, $waiting:ident, $($kind:ident)*; $($other:ident as $body:ident)*) => {
        match $tag {
            $(Tag::$kind => free_body::<object::$kind>($header, $waiting),)*
            $(Tag::$other => free_body::<object::$body>($header, $waiting),)*
            Tag::Null | Tag::Bool | Tag::Int | Tag::Float | Tag::Builtin | Tag::Uninit | Tag::Error => {}
        }
    };
}

unsafe fn free_one(tag: Tag, header: *mut Header, waiting: &mut Waiting) {
    live::died();
    #[cfg(debug_assertions)]
    super::checker::died(header);
    // SAFETY: the caller of `free` promises kind and ownership.
    unsafe {
        free_by_tag!(tag, header, waiting,
            Str Bytes Array Dict Set Queue Stack Variant Func Bound Cell Module StructDef; Struct as Record);
    }
}
