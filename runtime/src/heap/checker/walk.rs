//! One look at the whole heap.
//!
//! In: the live objects, the roots. Out: what is wrong first, in words. It calls nothing of the program.

use super::{Known, Visit};
use crate::ctx::Ctx;
use crate::heap::cycle::AddressHash;
use crate::heap::{Header, HeapObject, IMMORTAL, Object};
use crate::object;
use crate::value::{FIRST_HEAP_TAG, Tag};
use alloc::format;
use alloc::string::String;
use core::cell::Cell;
use hashbrown::HashMap;

/// What is wrong.
type Wrong = String;

/// An object, by what it was made as.
struct Entry {
    tag: Tag,
    /// References found by the walk.
    found: Cell<u32>,
}

/// The counted objects alive.
#[derive(Default)]
pub struct Live(HashMap<*mut Header, Entry, AddressHash>);

impl Live {
    /// An object was allocated.
    pub fn add(&mut self, tag: Tag, header: *mut Header) {
        let found = Cell::new(0);
        self.0.insert(header, Entry { tag, found });
    }

    /// An object is freed. Those made before the watch began are not known.
    pub fn remove(&mut self, header: *mut Header) {
        self.0.remove(&header);
    }
}

/// Runs `$then` with `$body` bound to the body, borrowed, of an object by its tag.
macro_rules! with_body {
    ($tag:expr, $header:expr, |$body:ident| $then:expr) => {
        with_body!($tag, $header, |$body| $then;
            Str Bytes Array Dict Set Queue Stack Variant Func Bound Cell Module StructDef; Struct as Record)
    };
    ($tag:expr, $header:expr, |$body:ident| $then:expr; $($kind:ident)*; $($other:ident as $type:ident)*) => {
        match $tag {
            $(Tag::$kind => {
                // SAFETY: the object is alive and of that kind. Nobody borrows from it mutably while a safepoint is passed.
                let $body = unsafe { &mut (*$header.cast::<HeapObject<object::$kind>>()).body };
                $then
            })*
            $(Tag::$other => {
                // SAFETY: as above.
                let $body = unsafe { &mut (*$header.cast::<HeapObject<object::$type>>()).body };
                $then
            })*
            Tag::Null | Tag::Bool | Tag::Int | Tag::Float | Tag::Builtin | Tag::Uninit | Tag::Error => {}
        }
    };
}

/// A look at the heap: first the roots, then the objects, then what has been counted.
pub struct Walk<'a> {
    live: &'a Live,
    looked_at: usize,
}

impl Walk<'_> {
    /// Begins.
    pub fn new(live: &Live) -> Walk<'_> {
        Walk { live, looked_at: 0 }
    }

    /// How many values and objects were looked at.
    pub fn looked_at(&self) -> usize {
        self.looked_at
    }

    /// Notes what the context and the engine refer to.
    pub fn roots(&mut self, cx: &mut Ctx, engine: &dyn Fn(Visit)) -> Result<(), Wrong> {
        self.live.0.values().for_each(|entry| entry.found.set(0));
        for value in cx.global_table.iter().chain(&cx.const_table) {
            self.refer(value.raw())
                .map_err(|wrong| format!("{wrong} as a global or constant"))?;
        }
        if let Some(pending) = &cx.pending {
            let parts = [&pending.message, &pending.value];
            for value in parts.into_iter().chain(&pending.cause) {
                self.refer(value.raw())
                    .map_err(|wrong| format!("{wrong} in the pending error"))?;
            }
        }
        let mut first = Ok(());
        engine(&mut |raw| {
            if first.is_ok() {
                first = self
                    .refer(raw)
                    .map_err(|wrong| format!("{wrong} as a root"));
            }
        });
        first?;
        let known = |cell: &*mut HeapObject<object::Cell>| {
            let entry = self.live.0.get(&cell.cast::<Header>());
            entry.is_some_and(|entry| entry.tag == Tag::Cell)
        };
        match cx.cells.iter().find(|cell| !known(cell)) {
            Some(cell) => Err(format!(
                "the cell at {cell:?} is in the list, but not alive"
            )),
            None => Ok(()),
        }
    }

    /// Notes what the objects refer to, and looks at each.
    pub fn objects(&mut self) -> Result<(), Wrong> {
        for (&header, entry) in &self.live.0 {
            self.object(entry.tag, header)
                .map_err(|wrong| format!("{wrong} in {}", named(entry.tag, header)))?;
        }
        Ok(())
    }

    fn object(&mut self, tag: Tag, header: *mut Header) -> Result<(), Wrong> {
        self.looked_at += 1;
        // SAFETY: the object is alive.
        let Header { count, flags } = unsafe { header.read() };
        if count == 0 || count >= IMMORTAL || flags != 0 {
            return Err(format!("count {count:#x} and flags {flags:#x}"));
        }
        let mut first = Ok(());
        with_body!(tag, header, |body| {
            if let Some(wrong) = body.wrong() {
                return Err(wrong.into());
            }
            body.children(&mut |child| {
                if first.is_ok() {
                    first = self.part(tag, child.raw());
                }
            });
            body.names(&mut |name| {
                if first.is_ok() {
                    first = self.refer((Tag::Str as u64, name.as_ptr() as u64));
                }
            });
        });
        first
    }

    /// A part of an object, which may be what programs see only if they see it.
    fn part(&mut self, holder: Tag, part: (u64, u64)) -> Result<(), Wrong> {
        let hidden = [Tag::Uninit, Tag::Cell, Tag::StructDef].map(|tag| tag as u64);
        let hides = matches!(holder, Tag::Func | Tag::Cell | Tag::Struct | Tag::StructDef);
        if hidden.contains(&part.0) && !hides {
            return Err(format!("a part with tag {}", part.0));
        }
        self.refer(part)
    }

    /// Notes one reference, if the words are a value.
    pub fn refer(&mut self, (tag, bits): (u64, u64)) -> Result<(), Wrong> {
        self.looked_at += 1;
        if tag < FIRST_HEAP_TAG {
            let valid = match tag {
                tag if tag == Tag::Null as u64 || tag == Tag::Uninit as u64 => bits == 0,
                tag if tag == Tag::Bool as u64 => bits <= 1,
                tag if tag == Tag::Builtin as u64 => bits != 0,
                tag => tag == Tag::Int as u64 || tag == Tag::Float as u64,
            };
            return match valid {
                true => Ok(()),
                false => Err(format!(
                    "the words {tag} and {bits:#x}, which are no value,"
                )),
            };
        }
        let header = bits as *mut Header;
        match self.live.0.get(&header) {
            Some(entry) if entry.tag as u64 == tag => {
                entry.found.set(entry.found.get() + 1);
                Ok(())
            }
            Some(entry) => Err(format!(
                "a reference with tag {tag} to {}",
                named(entry.tag, header)
            )),
            None if is_immortal(tag, header) => Ok(()),
            None => Err(format!(
                "a reference with tag {tag} to {header:?}, where no object is alive,"
            )),
        }
    }

    /// Compares what was found with the counts.
    pub fn counts(&self, known: Known) -> Result<(), Wrong> {
        for (&header, entry) in &self.live.0 {
            // SAFETY: the object is alive.
            let (count, found) = unsafe { ((*header).count, entry.found.get()) };
            if found > count || known == Known::All && found != count {
                let object = named(entry.tag, header);
                return Err(format!(
                    "{object} has a count of {count}, and {found} references"
                ));
            }
        }
        Ok(())
    }
}

/// Whether an object that is not watched lives as long as the process.
fn is_immortal(tag: u64, header: *mut Header) -> bool {
    let kinds = [Tag::Str, Tag::Func, Tag::Variant, Tag::Array, Tag::Dict].map(|tag| tag as u64);
    if !kinds.contains(&tag) || header.is_null() || !header.is_aligned() {
        return false;
    }
    // SAFETY: a reference leads to an object, or to one that has been freed and overwritten: blocks stay mapped.
    let Header { count, flags } = unsafe { header.read() };
    count >= IMMORTAL && flags == 0
}

/// An object as people know it.
fn named(tag: Tag, header: *mut Header) -> String {
    if tag == Tag::Str {
        // SAFETY: the object is alive.
        let body = unsafe { &(*header.cast::<HeapObject<object::Str>>()).body };
        if body.wrong().is_none() {
            let start: String = body.as_str().chars().take(30).collect();
            return format!("the Str {start:?} at {header:?}");
        }
    }
    format!("the {tag:?} at {header:?}")
}
