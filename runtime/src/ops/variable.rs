//! Variables that are not registers: globals and captured variables.

use crate::ctx::Ctx;
use crate::error::{Result, Thrown};
use crate::fault;
use crate::image::NameId;
use crate::object::Cell;
use crate::value::Value;

/// The value of a global, or the uninitialised mark.
#[inline]
pub fn load_global_raw(cx: &mut Ctx, global: u16) -> Value {
    cx.global_table[global as usize].clone()
}

/// Stores to a global.
#[inline]
pub fn store_global(cx: &mut Ctx, global: u16, value: Value) {
    // The old value is dropped after the store.
    let _old = core::mem::replace(&mut cx.global_table[global as usize], value);
}

/// `Undefined variable: x` for a global.
#[cold]
#[inline(never)]
pub fn undefined_global(cx: &mut Ctx, global: u16) -> Thrown {
    let name = cx.image.globals[global as usize].name.clone();
    cx.raise(format_args!("Undefined variable: {name}"))
}

/// Raises `Undefined variable` if the value is the uninitialised mark.
#[inline]
pub fn check_init(cx: &mut Ctx, value: &Value, name: NameId) -> Result<()> {
    if value.is_uninit() {
        return Err(undefined_name(cx, name));
    }
    Ok(())
}

/// `Undefined variable: x` for a name.
#[cold]
#[inline(never)]
pub fn undefined_name(cx: &mut Ctx, name: NameId) -> Thrown {
    let name = cx.name(name).clone();
    cx.raise(format_args!("Undefined variable: {}", name.as_str()))
}

/// A new captured variable.
pub fn new_cell(cx: &mut Ctx, value: Value) -> Value {
    Value::from(cx.cells.add(value))
}

/// The value of a captured variable, or the uninitialised mark.
#[inline]
pub fn load_cell(cell: &Value) -> Value {
    cell.as_object::<Cell>().map_or(Value::UNINIT, Cell::get)
}

/// Stores to a captured variable.
#[inline]
pub fn store_cell(cell: &Value, value: Value) {
    if let Some(cell) = cell.as_object::<Cell>() {
        // The old value is dropped after the store.
        let old = cell.replace(value);
        if fault!(OverwrittenCellsLeak) {
            core::mem::forget(old);
        }
    }
}
