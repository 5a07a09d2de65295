//! Reading parts without raising: patterns and destructuring (language.md §4.3, §11).

use crate::ctx::Ctx;
use crate::heap::Ref;
use crate::image::NameId;
use crate::object::{Array, Dict, Key, Variant};
use crate::value::Value;

/// Whether `a` is a tagged value, result or option of that tag.
#[inline]
pub fn matches_tag(cx: &mut Ctx, a: &Value, tag: u16) -> bool {
    let wanted = cx.tag(tag);
    let Some(variant) = a.as_object::<Variant>() else {
        return false;
    };
    let found = variant.tag;
    if wanted.enumeration.is_empty() {
        let plain = !found.is_result() && !found.is_option();
        return plain && found.variant == wanted.variant;
    }
    found.is(wanted)
}

/// Payload number `n` of a tagged value, result or option, or null.
#[inline]
pub fn payload(a: &Value, n: usize) -> Value {
    let variant = a.as_object::<Variant>();
    variant
        .and_then(|variant| variant.payload().get(n).cloned())
        .unwrap_or_default()
}

/// Element `n` of an array, or null.
#[inline]
pub fn element_or_null(a: &Value, n: usize) -> Value {
    let array = a.as_object::<Array>();
    array.and_then(|array| array.get(n)).unwrap_or_default()
}

/// The elements of an array from `n` on, or `[]`.
pub fn rest_of_array(a: &Value, n: usize) -> Value {
    let array = a.as_object::<Array>();
    let rest = array.map(|array| array.slice(n, array.len()));
    Value::from(Ref::new(rest.unwrap_or_default()))
}

/// The entry `name` of a dict, or null.
pub fn entry_or_null(cx: &mut Ctx, a: &Value, name: NameId) -> Value {
    let dict = a.as_object::<Dict>();
    dict.and_then(|dict| dict.get_name(cx.name(name)).cloned())
        .unwrap_or_default()
}

/// A dict (or `{}`) without the entries whose names the window holds.
pub fn rest_of_dict(a: Value, window: &mut [Value]) -> Value {
    let Ok(mut dict) = a.into_object::<Dict>() else {
        return Value::from(Ref::new(Dict::default()));
    };
    for key in window.iter().filter_map(Key::from_value) {
        if dict.contains(&key) {
            let _old = dict.make_mut().remove(&key);
        }
    }
    Value::from(dict)
}
