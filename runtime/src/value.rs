//! The boxed value: 16 bytes, a tag and a payload. This file alone knows what the bits mean.
//!
//! In: nothing. Out: [`Value`], which owns one count of its heap object, and [`Tag`].
//! It does not know what the objects contain (`object/`) nor how they are counted (`heap/`).

use crate::heap::{self, Object, Ref};
use core::fmt;

/// What a [`Value`] is. The numbers are part of the interface to generated code (`layout.rs`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u64)]
pub enum Tag {
    /// `null`; the payload is 0.
    Null = 0,
    /// `true` or `false`; the payload is 1 or 0.
    Bool = 1,
    /// A 64-bit signed integer.
    Int = 2,
    /// An IEEE double, as its bits.
    Float = 3,
    /// A builtin: the address of a static [`crate::builtins::Builtin`]. Never counted.
    Builtin = 4,
    /// A variable whose declaration has not executed yet. Never visible to a program.
    Uninit = 5,
    /// Only as a returned tag: an error is pending in the context. Never stored.
    Error = 6,
    /// Text. The first of the counted kinds: every tag from here on points to a heap object.
    Str = 8,
    /// A byte sequence.
    Bytes = 9,
    /// A sequence.
    Array = 10,
    /// A string-keyed map in insertion order.
    Dict = 11,
    /// A named record.
    Struct = 12,
    /// A set in insertion order.
    Set = 13,
    /// A first-in first-out queue.
    Queue = 14,
    /// A last-in first-out stack.
    Stack = 15,
    /// `Ok`/`Err`, `Some`/`None` or any other `A::B(…)`.
    Variant = 16,
    /// A user function or lambda with what it captured.
    Func = 17,
    /// A method together with its receiver.
    Bound = 18,
    /// A captured variable. Never visible to a program.
    Cell = 19,
    /// A module namespace.
    Module = 20,
    /// The methods of a struct definition that capture local variables. Never visible to a program.
    StructDef = 21,
}

/// The smallest tag whose payload is a counted heap object.
pub const FIRST_HEAP_TAG: u64 = Tag::Str as u64;

/// A Ruff value. Cloning counts the heap object up, dropping counts it down.
#[repr(C)]
pub struct Value {
    tag: u64,
    bits: u64,
}

const _: () = assert!(size_of::<Value>() == 16);

impl Value {
    /// `null`.
    pub const NULL: Value = Value {
        tag: Tag::Null as u64,
        bits: 0,
    };
    /// The mark of an uninitialised variable.
    pub const UNINIT: Value = Value {
        tag: Tag::Uninit as u64,
        bits: 0,
    };

    /// A boolean.
    #[inline(always)]
    pub const fn bool(b: bool) -> Value {
        Value {
            tag: Tag::Bool as u64,
            bits: b as u64,
        }
    }

    /// An integer.
    #[inline(always)]
    pub const fn int(n: i64) -> Value {
        Value {
            tag: Tag::Int as u64,
            bits: n as u64,
        }
    }

    /// A float.
    #[inline(always)]
    pub const fn float(x: f64) -> Value {
        Value {
            tag: Tag::Float as u64,
            bits: x.to_bits(),
        }
    }

    /// Text, copied into a new string object.
    pub fn str(text: &str) -> Value {
        Value::from(crate::object::Str::new(text))
    }

    /// A builtin as a first-class function.
    pub fn builtin(builtin: &'static crate::builtins::Builtin) -> Value {
        Value {
            tag: Tag::Builtin as u64,
            bits: builtin as *const _ as u64,
        }
    }

    /// What this value is.
    #[inline(always)]
    pub fn tag(&self) -> Tag {
        // SAFETY: every constructor stores a `Tag`; `from_raw` demands one.
        unsafe { core::mem::transmute::<u64, Tag>(self.tag) }
    }

    /// True if the payload is a counted heap object.
    #[inline(always)]
    pub fn is_heap(&self) -> bool {
        self.tag >= FIRST_HEAP_TAG
    }

    /// True if the payload is a heap object that somebody else refers to, too (or that is never counted).
    #[inline]
    pub fn is_shared(&self) -> bool {
        // SAFETY: a heap value points to a live object, which starts with its header.
        self.is_heap() && unsafe { (*self.header()).count } > 1
    }

    /// True for `null`.
    #[inline(always)]
    pub fn is_null(&self) -> bool {
        self.tag == Tag::Null as u64
    }

    /// True for the mark of an uninitialised variable.
    #[inline(always)]
    pub fn is_uninit(&self) -> bool {
        self.tag == Tag::Uninit as u64
    }

    /// The integer, if it is one.
    #[inline(always)]
    pub fn as_int(&self) -> Option<i64> {
        if self.tag == Tag::Int as u64 {
            Some(self.bits as i64)
        } else {
            None
        }
    }

    /// The float, if it is one (ints are not converted: see [`Value::as_number`]).
    #[inline(always)]
    pub fn as_float(&self) -> Option<f64> {
        if self.tag == Tag::Float as u64 {
            Some(f64::from_bits(self.bits))
        } else {
            None
        }
    }

    /// An int or float as a float.
    #[inline]
    pub fn as_number(&self) -> Option<f64> {
        match self.tag() {
            Tag::Int => Some(self.bits as i64 as f64),
            Tag::Float => Some(f64::from_bits(self.bits)),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    #[inline(always)]
    pub fn as_bool(&self) -> Option<bool> {
        if self.tag == Tag::Bool as u64 {
            Some(self.bits != 0)
        } else {
            None
        }
    }

    /// The text, if it is a string.
    #[inline]
    pub fn as_text(&self) -> Option<&str> {
        self.as_object::<crate::object::Str>().map(|s| s.as_str())
    }

    /// The builtin, if it is one.
    #[inline]
    pub fn as_builtin(&self) -> Option<&'static crate::builtins::Builtin> {
        if self.tag != Tag::Builtin as u64 {
            return None;
        }
        // SAFETY: only `Value::builtin` makes this tag, from a static reference.
        Some(unsafe { &*(self.bits as *const crate::builtins::Builtin) })
    }

    /// The heap object of kind `T`, borrowed, if the value is of that kind.
    #[inline(always)]
    pub fn as_object<T: Object>(&self) -> Option<&T> {
        if self.tag != T::TAG as u64 {
            return None;
        }
        // SAFETY: the tag says that the payload points to a live `HeapObject<T>`, of which this value owns a count.
        Some(unsafe { &(*(self.bits as *const heap::HeapObject<T>)).body })
    }

    /// The counted reference of kind `T`, borrowed, if the value is of that kind.
    #[inline(always)]
    pub fn as_counted<T: Object>(&self) -> Option<&Ref<T>> {
        if self.tag != T::TAG as u64 {
            return None;
        }
        // SAFETY: `Ref<T>` is a transparent pointer to `HeapObject<T>`, which the tag says the payload is.
        Some(unsafe { &*(&self.bits as *const u64).cast::<Ref<T>>() })
    }

    /// The counted reference of kind `T`, borrowed in place, if the value is of that kind:
    /// `value.as_ref_mut::<Array>()?.make_mut()` is how an in-place operation reaches its object.
    #[inline(always)]
    pub fn as_ref_mut<T: Object>(&mut self) -> Option<&mut Ref<T>> {
        if self.tag != T::TAG as u64 {
            return None;
        }
        // SAFETY: `Ref<T>` is a transparent pointer to `HeapObject<T>`, which the tag says the payload is.
        Some(unsafe { &mut *(&mut self.bits as *mut u64).cast::<Ref<T>>() })
    }

    /// The counted reference of kind `T`, moved out, or the value back.
    #[inline]
    pub fn into_object<T: Object>(self) -> Result<Ref<T>, Value> {
        if self.tag != T::TAG as u64 {
            return Err(self);
        }
        let (_, bits) = self.into_raw();
        // SAFETY: the tag says what the payload points to, and the count moves into the `Ref`.
        Ok(unsafe { Ref::from_raw(bits as *mut heap::HeapObject<T>) })
    }

    /// Takes the value out, leaving `null`.
    #[inline(always)]
    pub fn take(&mut self) -> Value {
        core::mem::replace(self, Value::NULL)
    }

    /// The two words, with the count that the value owned.
    #[inline(always)]
    pub fn into_raw(self) -> (u64, u64) {
        let raw = (self.tag, self.bits);
        core::mem::forget(self);
        raw
    }

    /// The two words, borrowed.
    #[inline(always)]
    pub fn raw(&self) -> (u64, u64) {
        (self.tag, self.bits)
    }

    /// A value from its two words.
    ///
    /// # Safety
    /// `tag` must be a [`Tag`] and `bits` its payload; a heap tag hands one count over to the result.
    #[inline(always)]
    pub unsafe fn from_raw(tag: u64, bits: u64) -> Value {
        Value { tag, bits }
    }

    /// True if both are the same immediate or the same heap object (not: equal).
    #[inline]
    pub fn is_identical(&self, other: &Value) -> bool {
        self.tag == other.tag && self.bits == other.bits
    }

    #[inline(always)]
    fn header(&self) -> *mut heap::Header {
        self.bits as *mut heap::Header
    }
}

impl Clone for Value {
    #[inline(always)]
    fn clone(&self) -> Value {
        if self.is_heap() {
            // SAFETY: a heap value points to a live object.
            unsafe { heap::retain(self.header()) }
        }
        Value {
            tag: self.tag,
            bits: self.bits,
        }
    }
}

impl Drop for Value {
    #[inline(always)]
    fn drop(&mut self) {
        if self.is_heap() {
            // SAFETY: this value owns one count of the live object it points to.
            unsafe { heap::release(self.tag(), self.header()) }
        }
    }
}

impl Default for Value {
    fn default() -> Value {
        Value::NULL
    }
}

impl<T: Object> From<Ref<T>> for Value {
    #[inline(always)]
    fn from(object: Ref<T>) -> Value {
        Value {
            tag: T::TAG as u64,
            bits: object.into_raw() as u64,
        }
    }
}

/// For test failures and compiler dumps only; programs print through `ops::text`.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tag() {
            Tag::Null => f.write_str("null"),
            Tag::Bool => write!(f, "{}", self.bits != 0),
            Tag::Int => write!(f, "{}", self.bits as i64),
            Tag::Float => write!(f, "{:?}", f64::from_bits(self.bits)),
            Tag::Str => write!(f, "{:?}", self.as_text().unwrap_or_default()),
            tag => write!(f, "<{tag:?}>"),
        }
    }
}
