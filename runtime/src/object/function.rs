//! Functions as values: user functions with their captures, bound methods, and captured variables.
//!
//! The `#[repr(C)]` fields are read by generated code (`layout.rs`).

use crate::ctx::FuncInfo;
use crate::heap::Object;
use crate::value::{Tag, Value};
use alloc::boxed::Box;

/// A user function or lambda.
#[repr(C)]
pub struct Func {
    /// What the program knows of the function; outlives every object.
    pub info: *const FuncInfo,
    captures: *mut Value,
    count: usize,
}

impl Object for Func {
    const TAG: Tag = Tag::Func;
    fn children(&mut self, visit: &mut dyn FnMut(&mut Value)) {
        // SAFETY: the parts of the boxed slice that `new` took, borrowed mutably through `self`.
        let captures = unsafe { core::slice::from_raw_parts_mut(self.captures, self.count) };
        captures.iter_mut().for_each(visit);
    }
}

impl Func {
    /// Where the pointer to the captures lies in the body.
    pub(crate) const CAPTURES: usize = core::mem::offset_of!(Func, captures);

    /// A function object over `info`, which must outlive it, with what it captured: values, or [`Cell`]s.
    pub fn new(info: *const FuncInfo, captures: Box<[Value]>) -> Func {
        let count = captures.len();
        Func {
            info,
            captures: Box::into_raw(captures).cast(),
            count,
        }
    }

    /// What the program knows of the function.
    #[inline(always)]
    pub fn info(&self) -> &FuncInfo {
        // SAFETY: `new` demands that the info outlives the object.
        unsafe { &*self.info }
    }

    /// What the function captured.
    #[inline(always)]
    pub fn captures(&self) -> &[Value] {
        // SAFETY: the parts of the boxed slice that `new` took.
        unsafe { core::slice::from_raw_parts(self.captures, self.count) }
    }
}

impl Drop for Func {
    fn drop(&mut self) {
        // SAFETY: the parts of the boxed slice that `new` took, owned by this object.
        drop(unsafe {
            Box::from_raw(core::ptr::slice_from_raw_parts_mut(
                self.captures,
                self.count,
            ))
        });
    }
}

/// A method with its receiver: `r.area` without a call.
pub struct Bound {
    /// The method, a [`Func`]; its first parameter is `self`, unless it is a method without `self`.
    pub method: Value,
    /// The receiver, a copy as of the moment of binding.
    pub receiver: Value,
}

impl Object for Bound {
    const TAG: Tag = Tag::Bound;
    fn children(&mut self, visit: &mut dyn FnMut(&mut Value)) {
        visit(&mut self.method);
        visit(&mut self.receiver);
    }

    #[cfg(debug_assertions)]
    fn wrong(&self) -> Option<&'static str> {
        let callable = self.method.as_object::<Func>().is_some();
        (!callable).then_some("a method that is no function")
    }
}

/// A captured variable that somebody assigns after the capture.
#[repr(C)]
pub struct Cell {
    /// The variable's value, or [`Value::UNINIT`].
    pub value: core::cell::UnsafeCell<Value>,
    /// Where the cycle collector finds the variable.
    pub(crate) link: crate::heap::cycle::Link,
}

impl Object for Cell {
    const TAG: Tag = Tag::Cell;
    fn children(&mut self, visit: &mut dyn FnMut(&mut Value)) {
        visit(self.value.get_mut());
    }
}

impl Cell {
    /// A variable with its first value. Programs get theirs from `ops::new_cell`, which tells the cycle collector.
    pub fn new(value: Value) -> Cell {
        Cell {
            value: core::cell::UnsafeCell::new(value),
            link: Default::default(),
        }
    }

    /// A copy of the variable's value.
    #[inline(always)]
    pub fn get(&self) -> Value {
        // SAFETY: one thread, and no reference into the cell outlives a call of this file.
        unsafe { (*self.value.get()).clone() }
    }

    /// Stores, giving the old value (the caller drops it after the store).
    #[inline(always)]
    pub fn replace(&self, value: Value) -> Value {
        // SAFETY: as in `get`.
        unsafe { core::mem::replace(&mut *self.value.get(), value) }
    }
}
