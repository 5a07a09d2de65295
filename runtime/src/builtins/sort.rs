//! `sort` and `unique` (language.md §19.4). A comparator may raise, and may contradict itself: the sort that calls it
//! is a merge sort, which ends with all elements whatever the answers are.

use crate::fault;
use super::args::{array, requires};
use super::sequences;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::heap::Ref;
use crate::object::equal::exactly_same;
use crate::object::{Array, Elements, ElementsMut, Str, key};
use crate::ops::{call, is_callable, room};
use crate::value::{Tag, Value};
use alloc::vec::Vec;
use core::cmp::Ordering;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

builtins! {
    /// The elements in order, or in the order of a comparator: f(a, b) is true or negative if a comes first.
    "sort" = sort 1..=2, Calls -> Array;
    /// The elements without repetitions.
    "unique" = unique 1..=1, Pure -> Array;
}

fn sort(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let has_comparator = args.len() == 2;
    let Some(array) = args[0].as_ref_mut::<Array>() else {
        return Err(cx.raise("sort requires an array argument"));
    };
    if has_comparator {
        return sort_by(cx, args);
    }
    match array.make_mut().elements_mut() {
        ElementsMut::Ints(v) => v.sort_unstable(),
        ElementsMut::Floats(v) => v.sort_by(|a, b| compare_floats(*a, *b)),
        ElementsMut::Bools(v) => v.sort_unstable(),
        ElementsMut::Values(v) if v.iter().all(|v| v.tag() == Tag::Str) => sort_texts(v),
        ElementsMut::Values(v) => v.sort_by(compare),
    }
    Ok(args[0].take())
}

/// Sorts strings. Their first bytes lie beside them, so that most comparisons need not follow pointers.
fn sort_texts(values: &mut [Value]) {
    let begin = |value: &Value| {
        let text = value.as_text().unwrap_or_default().as_bytes();
        let mut bytes = [0; 8];
        let known = text.len().min(bytes.len());
        bytes[..known].copy_from_slice(&text[..known]);
        u64::from_be_bytes(bytes)
    };
    let mut begun: Vec<(u64, Value)> = values.iter_mut().map(|v| (begin(v), v.take())).collect();
    begun.sort_by(|(a, s), (b, t)| a.cmp(b).then_with(|| s.as_text().cmp(&t.as_text())));
    for (slot, (_, value)) in values.iter_mut().zip(begun) {
        *slot = value;
    }
}

/// The order of values without a comparator: total, as the sort of the library demands.
fn compare(a: &Value, b: &Value) -> Ordering {
    match (a.tag(), b.tag()) {
        (Tag::Int, Tag::Int) => a.as_int().cmp(&b.as_int()),
        (Tag::Str, Tag::Str) => a.as_text().cmp(&b.as_text()),
        (Tag::Bool, Tag::Bool) => a.as_bool().cmp(&b.as_bool()),
        (Tag::Int, Tag::Float) => compare_int_float(a, b),
        (Tag::Float, Tag::Int) => compare_int_float(b, a).reverse(),
        (Tag::Float, Tag::Float) => compare_floats(
            a.as_float().unwrap_or_default(),
            b.as_float().unwrap_or_default(),
        ),
        // Numbers stand together; values of other kinds keep their order.
        (a, b) => {
            let rank = |tag| if tag == Tag::Float { Tag::Int } else { tag };
            rank(a).cmp(&rank(b))
        }
    }
}

/// NaN comes last.
fn compare_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b)
        .unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// Compares exactly: converting the int would make different ints equal, and the order no order.
fn compare_int_float(int: &Value, float: &Value) -> Ordering {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    let a = int.as_int().unwrap_or_default();
    let b = float.as_float().unwrap_or_default();
    if b.is_nan() || b >= BEYOND {
        return Ordering::Less;
    }
    if b < -BEYOND {
        return Ordering::Greater;
    }
    let whole = b as i64;
    a.cmp(&whole)
        .then_with(|| compare_floats(whole as f64, b))
}

fn sort_by(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (Some(elements), true) = (args[0].as_object::<Array>(), is_callable(&args[1])) else {
        return Err(requires(cx, "sort", "a function as the second argument"));
    };
    room::check(cx, elements.len() * 2, size_of::<Value>())?;
    let elements: Vec<Value> = elements.iter().collect();
    let comparator = args[1].clone();
    let sorted = merge_sort(elements, |a, b| {
        let answer = call(cx, &comparator, &mut [a.clone(), b.clone()])?;
        let early = |n| n < 0.0 || n == 0.0 && fault!(SortIsNotStable);
        Ok(answer.as_bool().unwrap_or(false) || answer.as_number().is_some_and(early))
    })?;
    Ok(array(sorted))
}

/// Stable: an element passes another only if `before` says that it comes first.
fn merge_sort(
    mut from: Vec<Value>,
    mut before: impl FnMut(&Value, &Value) -> Result<bool>,
) -> Result<Vec<Value>> {
    let len = from.len();
    let mut into = Vec::with_capacity(len);
    let mut width = 1;
    while width < len {
        let mut start = 0;
        while start < len {
            let middle = (start + width).min(len);
            let end = (middle + width).min(len);
            let (left, right) = from[start..end].split_at_mut(middle - start);
            merge(left, right, &mut into, &mut before)?;
            start = end;
        }
        core::mem::swap(&mut from, &mut into);
        into.clear();
        width *= 2;
    }
    Ok(from)
}

/// Moves two sorted runs into one.
fn merge(
    left: &mut [Value],
    right: &mut [Value],
    into: &mut Vec<Value>,
    before: &mut impl FnMut(&Value, &Value) -> Result<bool>,
) -> Result<()> {
    let (mut l, mut r) = (0, 0);
    // Runs in order are the common case of half-sorted data.
    let in_order = match (left.last(), right.first()) {
        (Some(last), Some(first)) if left.len() > 1 => !before(first, last)?,
        _ => right.is_empty(),
    };
    while !in_order && l < left.len() && r < right.len() {
        if before(&right[r], &left[l])? {
            into.push(right[r].take());
            r += 1;
        } else {
            into.push(left[l].take());
            l += 1;
        }
    }
    into.extend(left[l..].iter_mut().map(Value::take));
    into.extend(right[r..].iter_mut().map(Value::take));
    Ok(())
}

fn unique(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let Some(all) = args[0].as_object::<Array>() else {
        return Err(requires(cx, "unique", "an array argument"));
    };
    if let Elements::Ints(ints) = all.elements() {
        return Ok(Value::from(Ref::new(Array::from_ints(unique_ints(ints)))));
    }
    let mut kept: Vec<Value> = Vec::new();
    let mut index: HashTable<usize> = HashTable::new();
    let mut others = Array::default();
    for value in all.iter() {
        let Some(hashed) = hash(&value) else {
            if sequences::position(&others, &value).is_none() {
                others.push(value.clone());
                kept.push(value);
            }
            continue;
        };
        let same = |&i: &usize| exactly_same(&kept[i], &value);
        if index.find(hashed, same).is_none() {
            let rehash = |&i: &usize| hash(&kept[i]).unwrap_or_default();
            index.insert_unique(hashed, kept.len(), rehash);
            kept.push(value);
        }
    }
    Ok(array(kept))
}

fn unique_ints(ints: &[i64]) -> Vec<i64> {
    let mut seen: HashTable<i64> = HashTable::new();
    let hash = |n: &i64| key::hash_int(*n);
    let is_new = |n: &i64| match seen.entry(hash(n), |known| known == n, hash) {
        Entry::Vacant(vacant) => {
            vacant.insert(*n);
            true
        }
        Entry::Occupied(_) => false,
    };
    ints.iter().copied().filter(is_new).collect()
}

/// The hash of a value that can only be the same as values of its own type; a float by its bits, `-0.0` as `0.0`.
fn hash(value: &Value) -> Option<u64> {
    match value.tag() {
        Tag::Int => value.as_int().map(key::hash_int),
        Tag::Float => value.as_float().map(|x| key::hash_int((x + 0.0).to_bits() as i64)),
        Tag::Bool | Tag::Null => Some(value.as_bool().map_or(3, u64::from)),
        Tag::Str => value.as_object::<Str>().map(Str::hash),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(ints: &[i64], before: impl Fn(i64, i64) -> bool) -> Vec<i64> {
        let values = ints.iter().map(|&n| Value::int(n)).collect();
        let number = |v: &Value| v.as_int().unwrap_or_default();
        let sorted = merge_sort(values, |a, b| Ok(before(number(a), number(b))));
        sorted.unwrap_or_default().iter().map(number).collect()
    }

    #[test]
    fn merge_sort_is_stable_and_survives_any_comparator() {
        let ints: Vec<i64> = (0..1000).map(|i| i * 7919 % 1000).collect();
        let mut expected = ints.clone();
        expected.sort();
        assert_eq!(sorted(&ints, |a, b| a < b), expected);
        expected = ints.clone();
        expected.sort_by_key(|n| n % 10);
        assert_eq!(sorted(&ints, |a, b| a % 10 < b % 10), expected);
        for answer in [true, false] {
            let mut any = sorted(&ints, |_, _| answer);
            any.sort();
            assert_eq!(any.len(), 1000);
        }
        let mut odd = sorted(&ints, |a, b| (a ^ b) % 3 == 0);
        odd.sort();
        assert_eq!(odd, (0..1000).collect::<Vec<i64>>());
    }

    #[test]
    fn ints_and_floats_have_one_order() {
        let big = (1i64 << 53) + 1;
        let float = Value::float((1i64 << 53) as f64);
        assert_eq!(compare(&Value::int(big), &float), Ordering::Greater);
        assert_eq!(compare(&Value::int(big - 1), &float), Ordering::Equal);
        assert_eq!(compare(&Value::float(1.5), &Value::int(1)), Ordering::Greater);
        assert_eq!(compare(&Value::float(-1.5), &Value::int(-1)), Ordering::Less);
        let infinite = Value::float(f64::INFINITY);
        assert_eq!(compare(&Value::int(i64::MAX), &infinite), Ordering::Less);
        let nan = Value::float(f64::NAN);
        assert_eq!(compare(&infinite, &nan), Ordering::Less);
    }
}
