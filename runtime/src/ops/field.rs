//! Fields: `a.name`, `a?.name`, `a.name := v`.

use crate::ctx::Ctx;
use crate::error::{Result, Thrown};
use crate::heap::Ref;
use crate::image::NameId;
use crate::object::{Bound, Dict, FieldCache, Key, Module, Record};
use crate::ops::call::find_method;
use crate::ops::error::hidden_field;
use crate::ops::index::missing_key;
use crate::ops::module::no_such_member;
use crate::ops::room;
use crate::value::{Tag, Value};

/// `a.name`
#[inline]
pub fn get_field(cx: &mut Ctx, a: &Value, name: NameId) -> Result {
    if let Some(record) = a.as_object::<Record>()
        && let Some(value) = record.get(cx.name(name))
    {
        return Ok(value.clone());
    }
    get_other(cx, a, name)
}

#[inline(never)]
fn get_other(cx: &mut Ctx, a: &Value, name: NameId) -> Result {
    if let Some(value) = find(cx, a, name) {
        return Ok(value);
    }
    let text = cx.name(name).clone();
    let text = text.as_str();
    Err(match a.tag() {
        Tag::Dict => return Ok(Value::NULL),
        Tag::Struct => cx.raise(format_args!("Field not found: {text}")),
        Tag::Module => no_such_member(cx, a, name),
        _ => cx.raise(format_args!(
            "Cannot access field or method '{text}' on non-struct value"
        )),
    })
}

/// Notes where the struct `a` has a field of its own of that name.
pub fn learn_field(cx: &mut Ctx, a: &Value, name: NameId, cache: &mut FieldCache) {
    if let Some(record) = a.as_object::<Record>() {
        cache.learn(record, cx.name(name));
    }
}

/// `a?.name`
pub fn get_field_opt(cx: &mut Ctx, a: &Value, name: NameId) -> Value {
    find(cx, a, name).unwrap_or_default()
}

/// `a.name` where that is a step of a place: on a dict it is `a["name"]`, and the entry must exist.
pub fn get_place(cx: &mut Ctx, a: &Value, name: NameId) -> Result {
    if a.tag() == Tag::Dict && find(cx, a, name).is_none() {
        let name = Value::from(cx.name(name).clone());
        return Err(missing_key(cx, &name));
    }
    get_field(cx, a, name)
}

/// The field, hidden field, method (bound), entry or member of that name.
fn find(cx: &Ctx, a: &Value, id: NameId) -> Option<Value> {
    let name = cx.name(id);
    match a.tag() {
        Tag::Struct => {
            let record = a.as_object::<Record>()?;
            if let Some(value) = record.get(name) {
                return Some(value.clone());
            }
            if let Some(value) = hidden_field(cx, record, name.as_str()) {
                return Some(value);
            }
            let method = find_method(record, name)?.clone();
            let receiver = a.clone();
            Some(Value::from(Ref::new(Bound { method, receiver })))
        }
        Tag::Dict => a.as_object::<Dict>()?.get_name(name).cloned(),
        Tag::Module => a.as_object::<Module>()?.get(name).cloned(),
        _ => None,
    }
}

/// The field of the receiver of a method without `self`, or the mark of an uninitialised variable.
pub fn field_or_uninit(cx: &mut Ctx, a: &Value, name: NameId) -> Value {
    let record = a.as_object::<Record>();
    match record.and_then(|record| record.get(cx.name(name))) {
        Some(value) => value.clone(),
        None => Value::UNINIT,
    }
}

/// `root.name = value`
#[inline]
pub fn set_field(cx: &mut Ctx, root: &mut Value, name: NameId, value: Value) -> Result<()> {
    let name = cx.name(name);
    if let Some(record) = root.as_ref_mut::<Record>() {
        record.set(name, value);
        return Ok(());
    }
    if let Some(dict) = root.as_ref_mut::<Dict>() {
        let key = Key::Str(name.clone());
        room::to_add(cx, dict)?;
        let _old = dict.make_mut().insert(key, value);
        return Ok(());
    }
    Err(no_field_place(cx))
}

#[cold]
pub(super) fn no_field_place(cx: &mut Ctx) -> Thrown {
    cx.raise("Cannot set field on non-struct value")
}
