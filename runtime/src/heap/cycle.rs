//! The cycle collector. Values form no cycles, except through captured variables: a lambda may be stored in a variable
//! that it captures. So every cycle passes through a [`Cell`], and the collector looks only at what is reachable from
//! the cells alive.
//!
//! Trial deletion: count, for every object reachable from a cell, the references that come from such objects. An object
//! with more references than that is held from outside, and so is all it reaches; what remains is garbage, and emptying
//! its cells lets the counts free it.
//!
//! The collector runs when more cells have been made since its last run than objects survived that run, and at least
//! half as many are alive: its work is in proportion to the cells made.

use super::{Header, HeapObject, IMMORTAL, Object, Ref};
use crate::object::{self, Cell, key::hash_int};
use crate::value::{Tag, Value};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ptr;
use hashbrown::HashMap;

/// Cells made before the collector first looks.
const FIRST: usize = 1000;

/// A link in the list of cells alive. The list is circular around the link in [`Cells`].
#[repr(C)]
pub struct Link {
    previous: *mut Link,
    next: *mut Link,
}

impl Link {
    /// A link in no list.
    pub const fn new() -> Link {
        Link {
            previous: ptr::null_mut(),
            next: ptr::null_mut(),
        }
    }
}

impl Default for Link {
    fn default() -> Link {
        Link::new()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if !self.next.is_null() {
            // SAFETY: the neighbours of a linked link are alive: they unlink themselves when they die.
            unsafe {
                (*self.previous).next = self.next;
                (*self.next).previous = self.previous;
            }
        }
    }
}

/// The cells alive in one program.
pub struct Cells {
    /// The list's fixed point, boxed so that the context may move; null until the first cell.
    head: *mut Link,
    /// Cells made since the last look.
    made: usize,
    /// Look again after so many.
    threshold: usize,
}

impl Default for Cells {
    fn default() -> Cells {
        Cells {
            head: ptr::null_mut(),
            made: 0,
            threshold: FIRST,
        }
    }
}

impl Drop for Cells {
    fn drop(&mut self) {
        if !self.head.is_null() {
            // SAFETY: `head` is the box of `add`; its drop unlinks it, the cells that remain keep a ring of their own.
            drop(unsafe { Box::from_raw(self.head) });
        }
    }
}

impl Cells {
    /// A new captured variable.
    pub fn add(&mut self, value: Value) -> Ref<Cell> {
        let cell = Ref::new(Cell::new(value));
        if self.head.is_null() {
            let head = Box::into_raw(Box::new(Link::new()));
            // SAFETY: just made.
            unsafe { ((*head).previous, (*head).next) = (head, head) };
            self.head = head;
        }
        // SAFETY: the head and its neighbour are alive, and the cell is new and does not move.
        unsafe {
            let link: *mut Link = &raw mut (*cell.as_ptr()).body.link;
            (*link).previous = self.head;
            (*link).next = (*self.head).next;
            (*(*self.head).next).previous = link;
            (*self.head).next = link;
        }
        self.made += 1;
        if self.made >= self.threshold {
            self.look();
        }
        cell
    }

    #[cold]
    fn look(&mut self) {
        self.made = 0;
        if self.iter().nth(self.threshold / 2).is_some() {
            let survivors = self.collect();
            self.threshold = FIRST.max(survivors);
        }
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = *mut HeapObject<Cell>> {
        let head = self.head;
        let mut at = head;
        core::iter::from_fn(move || {
            if head.is_null() {
                return None;
            }
            // SAFETY: links of the ring are alive, and all but the head lie in cells.
            unsafe {
                at = (*at).next;
                (at != head).then(|| at.byte_sub(LINK_OFFSET).cast())
            }
        })
    }

    /// Frees the garbage among the cells. Gives the number of objects that were looked at and remain.
    pub fn collect(&mut self) -> usize {
        let mut graph = Graph::default();
        let cells: Vec<_> = self.iter().collect();
        for &cell in &cells {
            graph.visit(Tag::Cell, cell.cast());
        }
        graph.trace();
        graph.keep_what_is_held();
        let garbage: Vec<Value> = cells
            .iter()
            .filter(|&&cell| graph.is_garbage(cell.cast()))
            // SAFETY: the cell is alive; nobody outside the garbage refers to it, so nobody borrows from it.
            .map(|&cell| unsafe { (*cell).body.value.get_mut().take() })
            .collect();
        drop(garbage);
        graph.nodes.values().filter(|node| node.held).count()
    }
}

const LINK_OFFSET: usize =
    core::mem::offset_of!(HeapObject<Cell>, body) + core::mem::offset_of!(Cell, link);

/// Hashes addresses.
#[derive(Clone, Copy, Default)]
pub(super) struct AddressHash(u64);

impl core::hash::Hasher for AddressHash {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_usize(byte as usize);
        }
    }
    fn write_usize(&mut self, n: usize) {
        self.0 = hash_int((self.0 ^ n as u64) as i64);
    }
}

impl core::hash::BuildHasher for AddressHash {
    type Hasher = AddressHash;
    fn build_hasher(&self) -> AddressHash {
        AddressHash(0)
    }
}

struct Node {
    tag: Tag,
    /// References from objects of the graph.
    inside: u32,
    held: bool,
}

/// The objects reachable from cells.
#[derive(Default)]
struct Graph {
    nodes: HashMap<*mut Header, Node, AddressHash>,
    waiting: Vec<(Tag, *mut Header)>,
}

impl Graph {
    fn visit(&mut self, tag: Tag, header: *mut Header) -> &mut Node {
        let waiting = &mut self.waiting;
        self.nodes.entry(header).or_insert_with(|| {
            waiting.push((tag, header));
            Node {
                tag,
                inside: 0,
                held: false,
            }
        })
    }

    fn trace(&mut self) {
        while let Some((tag, header)) = self.waiting.pop() {
            children(tag, header, &mut |tag, child| {
                self.visit(tag, child).inside += 1
            });
        }
    }

    /// Marks what is referred to from outside the graph, and all that is reachable from there.
    fn keep_what_is_held(&mut self) {
        let held = self.nodes.iter().filter(|(header, node)| {
            // SAFETY: the objects of the graph are alive.
            unsafe { (***header).count > node.inside }
        });
        self.waiting = held.map(|(&header, node)| (node.tag, header)).collect();
        while let Some((tag, header)) = self.waiting.pop() {
            let Some(node) = self.nodes.get_mut(&header) else {
                continue;
            };
            if !core::mem::replace(&mut node.held, true) {
                let waiting = &mut self.waiting;
                children(tag, header, &mut |tag, child| waiting.push((tag, child)));
            }
        }
    }

    fn is_garbage(&self, header: *mut Header) -> bool {
        self.nodes.get(&header).is_some_and(|node| !node.held)
    }
}

/// Visits the counted objects with parts that an object refers to.
fn children(tag: Tag, header: *mut Header, visit: &mut dyn FnMut(Tag, *mut Header)) {
    fn each<T: Object>(header: *mut Header, visit: &mut dyn FnMut(&mut Value)) {
        // SAFETY: the tag says what the object is; it is alive, and nothing borrows from it during a collection.
        unsafe { (*header.cast::<HeapObject<T>>()).body.children(visit) }
    }
    let visit = &mut |child: &mut Value| {
        let (_, bits) = child.raw();
        let header = bits as *mut Header;
        // SAFETY: a heap value points to a live object.
        if child.tag() > Tag::Bytes && unsafe { (*header).count } < IMMORTAL {
            visit(child.tag(), header);
        }
    };
    match tag {
        Tag::Array => each::<object::Array>(header, visit),
        Tag::Dict => each::<object::Dict>(header, visit),
        Tag::Struct => each::<object::Record>(header, visit),
        Tag::Set => each::<object::Set>(header, visit),
        Tag::Queue => each::<object::Queue>(header, visit),
        Tag::Stack => each::<object::Stack>(header, visit),
        Tag::Variant => each::<object::Variant>(header, visit),
        Tag::Func => each::<object::Func>(header, visit),
        Tag::Bound => each::<object::Bound>(header, visit),
        Tag::Cell => each::<object::Cell>(header, visit),
        Tag::Module => each::<object::Module>(header, visit),
        Tag::StructDef => each::<object::StructDef>(header, visit),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Array;
    use crate::value::Value;

    fn in_itself(cells: &mut Cells) -> Ref<Cell> {
        let cell = cells.add(Value::NULL);
        let array = Array::from_values(alloc::vec![Value::from(cell.clone())]);
        drop(cell.replace(Value::from(Ref::new(array))));
        cell
    }

    #[test]
    fn frees_cycles_and_keeps_what_is_held() {
        let mut cells = Cells::default();
        let held = in_itself(&mut cells);
        for _ in 0..50 {
            drop(in_itself(&mut cells));
        }
        assert_eq!(cells.iter().count(), 51);
        cells.collect();
        assert_eq!(cells.iter().count(), 1);
        assert_eq!(held.get().tag(), Tag::Array);
        drop(held.replace(Value::NULL));
        drop(held);
        assert_eq!(cells.iter().count(), 0);
    }

    #[test]
    fn garbage_does_not_grow_with_work() {
        let mut cells = Cells::default();
        for _ in 0..100_000 {
            drop(in_itself(&mut cells));
            assert!(cells.made <= cells.threshold);
        }
        assert!(cells.iter().count() < 10_000);
        cells.collect();
        assert_eq!(cells.iter().count(), 0);
    }
}
