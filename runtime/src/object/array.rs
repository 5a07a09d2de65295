//! Arrays. The elements are stored unboxed while they are all ints, all floats or all bools, boxed otherwise; a store
//! of another kind converts the storage once. The storage kind is the run-time evidence for the type `array<int>`.
//!
//! The `#[repr(C)]` fields are read by generated code (`layout.rs`).

use crate::heap::{Object, Ref};
use crate::value::{Tag, Value};
use alloc::vec::Vec;
use core::mem::ManuallyDrop;

/// How an array keeps its elements.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u64)]
pub enum Storage {
    /// `i64` each. Also the storage of the empty array.
    Ints = 0,
    /// `f64` each.
    Floats = 1,
    /// One byte each, 0 or 1.
    Bools = 2,
    /// [`Value`]s.
    Values = 3,
}

const _: () = assert!(Array::number_tag(Storage::Ints) == Tag::Int as u64);
const _: () = assert!(Array::number_tag(Storage::Floats) == Tag::Float as u64);

/// The body of an array: a vector of what `storage` says.
#[repr(C)]
pub struct Array {
    storage: Storage,
    data: *mut u8,
    len: usize,
    capacity: usize,
}

/// Elements borrowed for writing, by storage: their order and values may change, not their kind.
pub enum ElementsMut<'a> {
    /// All ints.
    Ints(&'a mut [i64]),
    /// All floats.
    Floats(&'a mut [f64]),
    /// All bools.
    Bools(&'a mut [bool]),
    /// Anything.
    Values(&'a mut [Value]),
}

/// Runs `$body` with `$v` bound to the vector behind the array, as `&mut Vec<_>`, and stores it back.
macro_rules! with_vec {
    ($array:expr, $kind:ty, $v:ident => $body:expr) => {{
        let array: &mut Array = $array;
        // SAFETY: the caller has matched `storage`, so these are the parts of a `Vec<$kind>`, given back below.
        let mut vec = ManuallyDrop::new(unsafe {
            Vec::from_raw_parts(array.data.cast::<$kind>(), array.len, array.capacity)
        });
        let $v = &mut *vec;
        let result = $body;
        array.data = vec.as_mut_ptr().cast();
        array.len = vec.len();
        array.capacity = vec.capacity();
        result
    }};
}

impl Object for Array {
    const TAG: Tag = Tag::Array;
    fn children(&mut self, visit: &mut dyn FnMut(&mut Value)) {
        if self.storage == Storage::Values {
            with_vec!(self, Value, v => v.iter_mut().for_each(visit));
        }
    }

    #[cfg(debug_assertions)]
    fn wrong(&self) -> Option<&'static str> {
        // SAFETY: a number, read as one, since it may be none of the enum's.
        if unsafe { (&raw const self.storage).cast::<u64>().read() } > Storage::Values as u64 {
            return Some("an unknown storage");
        }
        if self.len > self.capacity || self.data.is_null() {
            return Some("more elements than room");
        }
        // SAFETY: so many bytes are initialised; they are read as bytes, whatever they are.
        let bytes = |len| unsafe { core::slice::from_raw_parts(self.data, len) };
        let wrong = self.storage == Storage::Bools && bytes(self.len).iter().any(|&b| b > 1);
        wrong.then_some("a bool that is neither")
    }
}

/// Borrowed elements, by storage.
pub enum Elements<'a> {
    /// All ints.
    Ints(&'a [i64]),
    /// All floats.
    Floats(&'a [f64]),
    /// All bools.
    Bools(&'a [bool]),
    /// Anything.
    Values(&'a [Value]),
}

impl Array {
    /// Where storage, data, length and capacity lie in the body.
    pub(crate) const OFFSETS: [usize; 4] = [
        core::mem::offset_of!(Array, storage),
        core::mem::offset_of!(Array, data),
        core::mem::offset_of!(Array, len),
        core::mem::offset_of!(Array, capacity),
    ];

    fn from_vec<T>(storage: Storage, vec: Vec<T>) -> Array {
        let mut vec = ManuallyDrop::new(vec);
        Array {
            storage,
            data: vec.as_mut_ptr().cast(),
            len: vec.len(),
            capacity: vec.capacity(),
        }
    }

    /// An array of ints.
    pub fn from_ints(ints: Vec<i64>) -> Array {
        Array::from_vec(Storage::Ints, ints)
    }

    /// An array of floats.
    pub fn from_floats(floats: Vec<f64>) -> Array {
        if floats.is_empty() {
            Array::default()
        } else {
            Array::from_vec(Storage::Floats, floats)
        }
    }

    /// An array of any values; chooses the narrowest storage.
    pub fn from_values(values: Vec<Value>) -> Array {
        let same = |tag| values.iter().all(|v| v.tag() == tag);
        match values.first().map(Value::tag) {
            None => Array::default(),
            Some(Tag::Int) if same(Tag::Int) => values.into_iter().collect(),
            Some(Tag::Float) if same(Tag::Float) => values.into_iter().collect(),
            Some(Tag::Bool) if same(Tag::Bool) => values.into_iter().collect(),
            Some(_) => Array::from_vec(Storage::Values, values),
        }
    }

    /// An empty array with room for `capacity` elements.
    pub fn with_capacity(capacity: usize) -> Array {
        Array::from_ints(Vec::with_capacity(capacity))
    }

    /// Number of elements.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }

    /// True if there are no elements.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How the elements are stored.
    #[inline(always)]
    pub fn storage(&self) -> Storage {
        self.storage
    }

    /// The elements, borrowed.
    #[inline]
    pub fn elements(&self) -> Elements<'_> {
        // SAFETY: `storage` says what `data` points to; `len` elements are initialised.
        unsafe {
            match self.storage {
                Storage::Ints => {
                    Elements::Ints(core::slice::from_raw_parts(self.data.cast(), self.len))
                }
                Storage::Floats => {
                    Elements::Floats(core::slice::from_raw_parts(self.data.cast(), self.len))
                }
                Storage::Bools => {
                    Elements::Bools(core::slice::from_raw_parts(self.data.cast(), self.len))
                }
                Storage::Values => {
                    Elements::Values(core::slice::from_raw_parts(self.data.cast(), self.len))
                }
            }
        }
    }

    /// The elements, borrowed for writing.
    #[inline]
    pub fn elements_mut(&mut self) -> ElementsMut<'_> {
        let (data, len) = (self.data, self.len);
        // SAFETY: as in `elements`; the borrow of `self` is exclusive.
        unsafe {
            match self.storage {
                Storage::Ints => {
                    ElementsMut::Ints(core::slice::from_raw_parts_mut(data.cast(), len))
                }
                Storage::Floats => {
                    ElementsMut::Floats(core::slice::from_raw_parts_mut(data.cast(), len))
                }
                Storage::Bools => {
                    ElementsMut::Bools(core::slice::from_raw_parts_mut(data.cast(), len))
                }
                Storage::Values => {
                    ElementsMut::Values(core::slice::from_raw_parts_mut(data.cast(), len))
                }
            }
        }
    }

    /// Bytes that an element takes in the present storage.
    pub fn element_size(&self) -> usize {
        match self.storage {
            Storage::Ints | Storage::Floats => 8,
            Storage::Bools => 1,
            Storage::Values => size_of::<Value>(),
        }
    }

    /// True if the next push must grow the storage.
    #[inline(always)]
    pub fn is_full(&self) -> bool {
        self.len == self.capacity
    }

    /// The element at `index`.
    #[inline]
    pub fn get(&self, index: usize) -> Option<Value> {
        if index >= self.len {
            return None;
        }
        // SAFETY: in range, and `storage` says what `data` points to.
        Some(unsafe {
            match self.storage {
                // Both at once: three cases are compared, four would be a jump through a table.
                numbers @ (Storage::Ints | Storage::Floats) => {
                    let bits = *self.data.cast::<u64>().add(index);
                    Value::from_raw(Array::number_tag(numbers), bits)
                }
                Storage::Bools => Value::bool(*self.data.cast::<bool>().add(index)),
                Storage::Values => (*self.data.cast::<Value>().add(index)).clone(),
            }
        })
    }

    /// The tag of the numbers that a storage of numbers holds.
    #[inline(always)]
    const fn number_tag(storage: Storage) -> u64 {
        storage as u64 + Tag::Int as u64
    }

    /// Replaces the element at `index` by a number or a bool given as its two words, if it exists and the storage is of that kind.
    #[inline(always)]
    pub fn set_unboxed(&mut self, index: usize, value: (u64, u64)) -> bool {
        index < self.len && self.write_unboxed(index, value)
    }

    /// Appends a number or a bool given as its two words, if there is room and the storage is of that kind.
    #[inline(always)]
    pub fn push_unboxed(&mut self, value: (u64, u64)) -> bool {
        let pushed = self.len < self.capacity && self.write_unboxed(self.len, value);
        self.len += usize::from(pushed);
        pushed
    }

    /// Writes within the capacity, if the storage is of the value's kind.
    #[inline(always)]
    fn write_unboxed(&mut self, at: usize, (tag, bits): (u64, u64)) -> bool {
        // SAFETY: `at` lies within the capacity of what `storage` says, and the kind has been compared.
        unsafe {
            match self.storage {
                numbers @ (Storage::Ints | Storage::Floats) => {
                    let fits = tag == Array::number_tag(numbers);
                    if fits {
                        self.data.cast::<u64>().add(at).write(bits);
                    }
                    fits
                }
                Storage::Bools => {
                    let fits = tag == Tag::Bool as u64;
                    if fits {
                        self.data.add(at).write(bits as u8);
                    }
                    fits
                }
                Storage::Values => false,
            }
        }
    }

    /// The elements in order, as values.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Value> + ExactSizeIterator + '_ {
        (0..self.len).map(|i| self.get(i).unwrap_or_default())
    }

    /// Replaces the element at `index`, which must exist.
    #[inline]
    pub fn set(&mut self, index: usize, value: Value) {
        assert!(index < self.len, "array index {index} of {}", self.len);
        self.admit(value.tag());
        match self.storage {
            Storage::Ints => {
                with_vec!(self, i64, v => v[index] = value.as_int().unwrap_or_default())
            }
            Storage::Floats => {
                with_vec!(self, f64, v => v[index] = value.as_float().unwrap_or_default())
            }
            Storage::Bools => {
                with_vec!(self, bool, v => v[index] = value.as_bool().unwrap_or_default())
            }
            Storage::Values => with_vec!(self, Value, v => v[index] = value),
        }
    }

    /// Appends, in amortised O(1).
    #[inline]
    pub fn push(&mut self, value: Value) {
        self.admit(value.tag());
        match self.storage {
            Storage::Ints => with_vec!(self, i64, v => v.push(value.as_int().unwrap_or_default())),
            Storage::Floats => {
                with_vec!(self, f64, v => v.push(value.as_float().unwrap_or_default()))
            }
            Storage::Bools => {
                with_vec!(self, bool, v => v.push(value.as_bool().unwrap_or_default()))
            }
            Storage::Values => with_vec!(self, Value, v => v.push(value)),
        }
    }

    /// Removes and gives the last element.
    pub fn pop(&mut self) -> Option<Value> {
        let last = self.len.checked_sub(1)?;
        Some(self.remove(last))
    }

    /// Inserts before `index`, which must be at most the length.
    pub fn insert(&mut self, index: usize, value: Value) {
        self.admit(value.tag());
        match self.storage {
            Storage::Ints => {
                with_vec!(self, i64, v => v.insert(index, value.as_int().unwrap_or_default()))
            }
            Storage::Floats => {
                with_vec!(self, f64, v => v.insert(index, value.as_float().unwrap_or_default()))
            }
            Storage::Bools => {
                with_vec!(self, bool, v => v.insert(index, value.as_bool().unwrap_or_default()))
            }
            Storage::Values => with_vec!(self, Value, v => v.insert(index, value)),
        }
    }

    /// Removes the element at `index`, which must exist, keeping the order.
    pub fn remove(&mut self, index: usize) -> Value {
        match self.storage {
            Storage::Ints => with_vec!(self, i64, v => Value::int(v.remove(index))),
            Storage::Floats => with_vec!(self, f64, v => Value::float(v.remove(index))),
            Storage::Bools => with_vec!(self, bool, v => Value::bool(v.remove(index))),
            Storage::Values => with_vec!(self, Value, v => v.remove(index)),
        }
    }

    /// Keeps the first `len` elements.
    pub fn truncate(&mut self, len: usize) {
        match self.storage {
            Storage::Ints => with_vec!(self, i64, v => v.truncate(len)),
            Storage::Floats => with_vec!(self, f64, v => v.truncate(len)),
            Storage::Bools => with_vec!(self, bool, v => v.truncate(len)),
            Storage::Values => with_vec!(self, Value, v => v.truncate(len)),
        }
    }

    /// The elements `from..to`, which must be a valid range, as a new array of the same storage.
    pub fn slice(&self, from: usize, to: usize) -> Array {
        match self.elements() {
            _ if from >= to => Array::default(),
            Elements::Ints(v) => Array::from_vec(Storage::Ints, v[from..to].to_vec()),
            Elements::Floats(v) => Array::from_vec(Storage::Floats, v[from..to].to_vec()),
            Elements::Bools(v) => Array::from_vec(Storage::Bools, v[from..to].to_vec()),
            Elements::Values(v) => Array::from_vec(Storage::Values, v[from..to].to_vec()),
        }
    }

    /// Appends all elements of `other`.
    pub fn extend(&mut self, other: &Array) {
        if self.is_empty() {
            *self = other.clone();
            return;
        }
        match (self.storage, other.elements()) {
            (Storage::Ints, Elements::Ints(more)) => {
                with_vec!(self, i64, v => v.extend_from_slice(more))
            }
            (Storage::Floats, Elements::Floats(more)) => {
                with_vec!(self, f64, v => v.extend_from_slice(more))
            }
            (Storage::Bools, Elements::Bools(more)) => {
                with_vec!(self, bool, v => v.extend_from_slice(more))
            }
            (Storage::Values, Elements::Values(more)) => {
                with_vec!(self, Value, v => v.extend_from_slice(more))
            }
            _ => other.iter().for_each(|value| self.push(value)),
        }
    }

    /// The boxed element in place, so that a nested place can be changed without taking it out.
    /// Converts the storage to [`Storage::Values`]; `None` if there is no such element.
    pub fn slot(&mut self, index: usize) -> Option<&mut Value> {
        if index >= self.len {
            return None;
        }
        self.convert_to_values();
        // SAFETY: the storage is now `Values`, `index` is in range, and the borrow is tied to `self`.
        Some(unsafe { &mut *self.data.cast::<Value>().add(index) })
    }

    /// Makes room in the storage for a value of this tag.
    #[inline(always)]
    fn admit(&mut self, tag: Tag) {
        let fits = match self.storage {
            Storage::Ints => tag == Tag::Int,
            Storage::Floats => tag == Tag::Float,
            Storage::Bools => tag == Tag::Bool,
            Storage::Values => true,
        };
        if !fits {
            self.convert_for(tag);
        }
    }

    #[cold]
    fn convert_for(&mut self, tag: Tag) {
        if self.len > 0 {
            return self.convert_to_values();
        }
        // Room that somebody has asked for is room for elements of any kind.
        let room = self.capacity;
        *self = Array::default();
        *self = match tag {
            Tag::Int => Array::from_ints(Vec::with_capacity(room)),
            Tag::Float => Array::from_vec(Storage::Floats, Vec::<f64>::with_capacity(room)),
            Tag::Bool => Array::from_vec(Storage::Bools, Vec::<bool>::with_capacity(room)),
            _ => Array::from_vec(Storage::Values, Vec::<Value>::with_capacity(room)),
        };
    }

    fn convert_to_values(&mut self) {
        if self.storage != Storage::Values {
            *self = Array::from_vec(Storage::Values, self.iter().collect());
        }
    }
}

/// Collects values into the storage that the first one suggests, converting when another kind turns up.
impl FromIterator<Value> for Array {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Array {
        let values = values.into_iter();
        let mut array = Array::with_capacity(values.size_hint().0);
        for value in values {
            array.push(value);
        }
        array
    }
}

impl Default for Array {
    fn default() -> Array {
        Array::from_ints(Vec::new())
    }
}

impl Clone for Array {
    fn clone(&self) -> Array {
        self.slice(0, self.len)
    }
}

impl Drop for Array {
    fn drop(&mut self) {
        // SAFETY: `storage` says which vector the parts came from, and `self` owns it.
        unsafe {
            match self.storage {
                Storage::Ints => drop(Vec::from_raw_parts(
                    self.data.cast::<i64>(),
                    self.len,
                    self.capacity,
                )),
                Storage::Floats => drop(Vec::from_raw_parts(
                    self.data.cast::<f64>(),
                    self.len,
                    self.capacity,
                )),
                Storage::Bools => drop(Vec::from_raw_parts(
                    self.data.cast::<bool>(),
                    self.len,
                    self.capacity,
                )),
                Storage::Values => drop(Vec::from_raw_parts(
                    self.data.cast::<Value>(),
                    self.len,
                    self.capacity,
                )),
            }
        }
    }
}

impl Ref<Array> {
    /// A new array object of any values.
    pub fn from_values(values: Vec<Value>) -> Ref<Array> {
        Ref::new(Array::from_values(values))
    }
}
