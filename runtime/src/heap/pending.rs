//! Frees objects without recursion: the values that die with an object wait in a list.

use super::{Header, HeapObject, Object, count_down, live};
use crate::object;
use crate::value::Tag;
use alloc::vec::Vec;

type Waiting = Vec<(Tag, *mut Header)>;

/// Frees an object whose count has reached zero, and everything that dies with it.
///
/// # Safety
/// `header` must be that of an object of kind `tag` with a count of zero.
#[cold]
#[inline(never)]
pub(super) unsafe fn free(tag: Tag, header: *mut Header) {
    let mut waiting = Waiting::new();
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
            // SAFETY: a heap value points to a live object, and its count has been taken over.
            if unsafe { count_down(header) } {
                waiting.push((tag, header));
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
    // SAFETY: the caller of `free` promises kind and ownership.
    unsafe {
        free_by_tag!(tag, header, waiting,
            Str Bytes Array Dict Set Queue Stack Variant Func Bound Cell Module StructDef; Struct as Record);
    }
}
