//! Places whose root is a global or a captured variable (language.md §6.3).
//!
//! While an operation changes the root in place, the variable is out of it: nobody else counts its value. No code of the
//! program runs meanwhile; where it may (an overloaded `+`), the variable keeps its old value until that is over.

use super::place::{add_place, store_place, update_place};
use crate::builtins::Builtin;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::object::Cell;
use crate::ops::add;
use crate::value::{Tag, Value};

/// A variable that functions share.
enum Shared<'a> {
    Global(u16),
    Cell(&'a Value),
}

impl Shared<'_> {
    fn swap(&self, cx: &mut Ctx, value: Value) -> Value {
        match *self {
            Shared::Global(global) => {
                core::mem::replace(&mut cx.global_table[global as usize], value)
            }
            Shared::Cell(cell) => match cell.as_object::<Cell>() {
                Some(cell) => cell.replace(value),
                None => value,
            },
        }
    }

    /// Changes the variable's value outside of it.
    fn change(
        &self,
        cx: &mut Ctx,
        change: impl FnOnce(&mut Ctx, &mut Value) -> Result<()>,
    ) -> Result<()> {
        let mut root = self.swap(cx, Value::NULL);
        let result = change(cx, &mut root);
        self.swap(cx, root);
        result
    }

    fn add(&self, cx: &mut Ctx, place: u16, window: &mut [Value]) -> Result<()> {
        if window[1].tag() == Tag::Str {
            return self.change(cx, |cx, root| add_place(cx, root, place, window));
        }
        let old = window[1].take();
        window[1] = add(cx, old, &window[0])?;
        // What is stored stands first, then the indices.
        self.change(cx, |cx, root| {
            store_place(cx, root, place, &mut window[1..])
        })
    }
}

/// [`store_place`] with a global as root.
pub fn store_place_global(
    cx: &mut Ctx,
    global: u16,
    place: u16,
    window: &mut [Value],
) -> Result<()> {
    Shared::Global(global).change(cx, |cx, root| store_place(cx, root, place, window))
}

/// [`add_place`] with a global as root.
pub fn add_place_global(cx: &mut Ctx, global: u16, place: u16, window: &mut [Value]) -> Result<()> {
    Shared::Global(global).add(cx, place, window)
}

/// [`update_place`] with a global as root.
pub fn update_place_global(
    cx: &mut Ctx,
    global: u16,
    place: u16,
    window: &mut [Value],
    builtin: &'static Builtin,
    count: usize,
) -> Result<()> {
    Shared::Global(global).change(cx, |cx, root| {
        update_place(cx, root, place, window, builtin, count)
    })
}

/// [`store_place`] with a captured variable as root.
pub fn store_place_cell(
    cx: &mut Ctx,
    cell: &Value,
    place: u16,
    window: &mut [Value],
) -> Result<()> {
    Shared::Cell(cell).change(cx, |cx, root| store_place(cx, root, place, window))
}

/// [`add_place`] with a captured variable as root.
pub fn add_place_cell(cx: &mut Ctx, cell: &Value, place: u16, window: &mut [Value]) -> Result<()> {
    Shared::Cell(cell).add(cx, place, window)
}

/// [`update_place`] with a captured variable as root.
pub fn update_place_cell(
    cx: &mut Ctx,
    cell: &Value,
    place: u16,
    window: &mut [Value],
    builtin: &'static Builtin,
    count: usize,
) -> Result<()> {
    Shared::Cell(cell).change(cx, |cx, root| {
        update_place(cx, root, place, window, builtin, count)
    })
}
