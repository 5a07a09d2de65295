//! Operations on values without any engine.

use super::*;
use crate::ctx::{Ctx, Entry};
use crate::error::Result;
use crate::heap::Ref;
use crate::image::{FuncMeta, Image, LiteralMeta, NameMeta, Step, StructMeta};
use crate::object::{Array, Dict, Func, Key, Set};
use crate::value::{Tag, Value};
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

/// Gives the first argument, or null.
unsafe extern "C" fn first(cx: *mut Ctx, callee: *const Func, args: *mut Value) -> u64 {
    // SAFETY: called as entries are.
    unsafe {
        let arity = (*callee).info().arity as usize;
        let args = core::slice::from_raw_parts_mut(args, arity);
        let result = args.first_mut().map(Value::take).unwrap_or_default();
        args.iter_mut().for_each(|arg| drop(arg.take()));
        (*cx).give(Ok(result))
    }
}

fn name(text: &str) -> NameMeta {
    NameMeta {
        text: text.to_string(),
        builtin: None,
    }
}

fn func(name: &str, arity: u32, has_self: bool) -> FuncMeta {
    FuncMeta {
        name: name.to_string(),
        arity,
        has_self,
        legacy_method: false,
        weight: 1,
    }
}

/// Names `x`, `y`, `m`, `op_add`; functions `f` (2), `S.m` (self), `S.op_add` (self, other); struct `S`.
fn context() -> Ctx {
    let image = Image {
        files: vec!["t.ruff".to_string()],
        names: ["x", "y", "m", "op_add"].map(name).to_vec(),
        funcs: vec![
            func("f", 2, false),
            func("S.m", 1, true),
            func("S.op_add", 2, true),
        ],
        structs: vec![StructMeta {
            name: "S".to_string(),
            fields: vec![0],
            methods: vec![(2, 1), (3, 2)],
        }],
        literals: vec![
            LiteralMeta {
                definition: Some(0),
                name: "S".to_string(),
                fields: vec![1, 0],
            },
            LiteralMeta {
                definition: None,
                name: "T".to_string(),
                fields: vec![0, 1, 0],
            },
        ],
        places: vec![
            vec![Step::Index, Step::Index],
            vec![Step::Field(0), Step::Index],
            vec![Step::Field(0)],
        ],
        ..Image::default()
    };
    Ctx::load(image, &|_| first as Entry, &|_| None)
}

fn array(values: Vec<Value>) -> Value {
    Value::from(Ref::<Array>::from_values(values))
}

fn dict(entries: &[(&str, i64)]) -> Value {
    let entries = entries
        .iter()
        .map(|&(k, v)| (Key::from_text(k), Value::int(v)));
    Value::from(Ref::new(entries.collect::<Dict>()))
}

fn message(cx: &mut Ctx) -> String {
    let pending = cx.pending.take().expect("an error");
    text::to_text(&pending.message)
}

#[track_caller]
fn shows(cx: &mut Ctx, result: Result, expected: &str) {
    let shown = match result {
        Ok(value) => text::to_text(&value),
        Err(_) => message(cx),
    };
    assert_eq!(shown, expected);
}

#[test]
fn arithmetic_is_checked_and_named() {
    let cx = &mut context();
    let (max, min) = (Value::int(i64::MAX), Value::int(i64::MIN));
    let (one, zero) = (Value::int(1), Value::int(0));
    let result = add(cx, max.clone(), &one);
    shows(cx, result, "Integer overflow: 9223372036854775807 + 1");
    let result = div(cx, &min, &Value::int(-1));
    shows(cx, result, "Integer overflow: -9223372036854775808 / -1");
    let result = neg(cx, &min);
    shows(cx, result, "Integer overflow: -(-9223372036854775808)");
    let result = div(cx, &one, &zero);
    shows(cx, result, "Division by zero");
    let result = rem(cx, &Value::float(1.5), &zero);
    shows(cx, result, "Modulo by zero");
    let result = rem(cx, &Value::int(-7), &Value::int(3));
    shows(cx, result, "-1");
    let result = add(cx, Value::str("a"), &one);
    shows(cx, result, "Invalid binary operation: string + int");
    let result = lt(cx, &one, &Value::str("2"));
    shows(cx, result, "Invalid binary operation: int < string");
    let result = not(cx, &one);
    shows(cx, result, "Invalid unary operation: ! int");
}

#[test]
fn strings_grow_in_place_only_if_unshared() {
    let cx = &mut context();
    let own = Value::str("ab");
    let address = own.raw().1;
    let joined = add(cx, own, &Value::str("c")).unwrap();
    assert_eq!(joined.raw().1, address);
    let shared = joined.clone();
    let more = add(cx, joined, &Value::str("d")).unwrap();
    assert_eq!(
        (text::to_text(&shared), text::to_text(&more)),
        ("abc".into(), "abcd".into())
    );
}

#[test]
fn equality_follows_the_reference() {
    let values = |list: &[Value]| array(list.to_vec());
    assert!(same(
        &values(&[Value::int(1)]),
        &values(&[Value::float(1.0)])
    ));
    assert!(same(&Value::float(0.1 + 0.2), &Value::float(0.3)));
    assert!(!same(&Value::float(f64::NAN), &Value::float(f64::NAN)));
    assert!(!same(&Value::int(1), &Value::str("1")));
    assert!(same(
        &dict(&[("a", 1), ("b", 2)]),
        &dict(&[("b", 2), ("a", 1)])
    ));
    let set = |list: &[i64]| -> Value {
        Value::from(Ref::new(
            list.iter().map(|&n| Value::int(n)).collect::<Set>(),
        ))
    };
    assert!(same(&set(&[1, 2]), &set(&[2, 1, 2])));
    let mut mixed: Set = [Value::int(1), Value::float(1.0), Value::float(2.5)]
        .into_iter()
        .collect();
    assert_eq!(mixed.len(), 2);
    assert!(mixed.contains(&Value::float(1.0)));
    assert!(mixed.remove(&Value::float(2.5)).is_some() && mixed.len() == 1);
}

#[test]
fn structs_have_shapes_methods_and_overloads() {
    let cx = &mut context();
    let s = make_struct(cx, 0, &mut [Value::int(1), Value::int(2)]);
    assert_eq!(text::to_text(&s), "S { x: 2, y: 1 }");
    let twice = make_struct(cx, 1, &mut [Value::int(1), Value::int(2), Value::int(3)]);
    assert_eq!(text::to_text(&twice), "T { x: 3, y: 2 }");
    let bound = get_field(cx, &s, 2).unwrap();
    assert_eq!(text::to_text(&bound), "<function S.m>");
    let result = call(cx, &bound, &mut []);
    shows(cx, result, "S { x: 2, y: 1 }");
    let result = call_method(cx, 2, &mut [s.clone(), Value::int(1)]);
    shows(cx, result, "S.m expects 0 arguments, got 1");
    let result = add(cx, s.clone(), &Value::int(1));
    shows(cx, result, "S { x: 2, y: 1 }");
    let result = sub(cx, &s, &Value::int(1));
    shows(cx, result, "Invalid binary operation: struct - int");
    let result = get_field(cx, &s, 3).map(drop);
    assert!(result.is_ok());
    let result = call_method(cx, 0, &mut [s]);
    shows(cx, result, "Unknown method: x");
    let result = call(cx, &Value::int(5), &mut []);
    assert!(result.is_err() && message(cx).starts_with("Cannot call non-function; "));
}

#[test]
fn places_change_in_place_or_copy() {
    let cx = &mut context();
    let mut root = array(vec![
        array(vec![Value::int(1), Value::int(2)]),
        Value::int(0),
    ]);
    let window = &mut [Value::int(9), Value::int(0), Value::int(-1)];
    store_place(cx, &mut root, 0, window).unwrap();
    assert_eq!(text::to_text(&root), "[[1, 9], 0]");
    let snapshot = root.clone();
    let window = &mut [Value::int(7), Value::int(0), Value::int(0)];
    store_place(cx, &mut root, 0, window).unwrap();
    assert_eq!(text::to_text(&snapshot), "[[1, 9], 0]");
    assert_eq!(text::to_text(&root), "[[7, 9], 0]");
    drop(snapshot);
    let result = store_place(
        cx,
        &mut root,
        0,
        &mut [Value::NULL, Value::int(5), Value::int(0)],
    );
    shows(cx, result.map(|()| Value::NULL), "Index out of bounds: 5");
    let mut d = dict(&[]);
    let result = store_place(cx, &mut d, 1, &mut [Value::NULL, Value::int(5)]);
    shows(cx, result.map(|()| Value::NULL), "Missing map key: \"x\"");
    let result = store_place(cx, &mut Value::int(1), 2, &mut [Value::NULL]);
    shows(
        cx,
        result.map(|()| Value::NULL),
        "Cannot set field on non-struct value",
    );
}

#[test]
fn compound_places_do_not_copy() {
    let cx = &mut context();
    let mut root = dict(&[]);
    set_field(cx, &mut root, 0, Value::str("some")).unwrap();
    let old = get_field(cx, &root, 0).unwrap();
    let address = old.raw().1;
    add_place(cx, &mut root, 2, &mut [Value::str("b"), old]).unwrap();
    let now = get_field(cx, &root, 0).unwrap();
    assert_eq!(
        (text::to_text(&now).as_str(), now.raw().1),
        ("someb", address)
    );
    drop(now);

    set_field(cx, &mut root, 0, array(vec![Value::int(1)])).unwrap();
    let old = get_field(cx, &root, 0).unwrap();
    let address = old.raw().1;
    let push = crate::builtins::ALL[crate::builtins::find("push").unwrap() as usize];
    update_place(cx, &mut root, 2, &mut [old, Value::int(2)], push, 2).unwrap();
    let now = get_field(cx, &root, 0).unwrap();
    assert_eq!(
        (text::to_text(&now).as_str(), now.raw().1),
        ("[1, 2]", address)
    );

    set_field(cx, &mut root, 0, Value::str("no array")).unwrap();
    let old = get_field(cx, &root, 0).unwrap();
    let result = update_place(cx, &mut root, 2, &mut [old, Value::int(2)], push, 2);
    assert!(result.is_err());
    let kept = get_field(cx, &root, 0).unwrap();
    assert_eq!(text::to_text(&kept), "no array");
}

#[test]
fn indexing_counts_characters_and_from_the_end() {
    let cx = &mut context();
    let text = Value::str("héllo");
    for (at, expected) in [
        (Value::int(1), "é"),
        (Value::int(-1), "o"),
        (Value::float(0.0), "h"),
        (Value::int(5), "Index out of bounds: 5"),
        (Value::int(-6), "Index out of bounds: -6"),
        (Value::float(0.5), "Invalid index operation"),
        (Value::str("x"), "Invalid index operation"),
    ] {
        let result = index(cx, &text, &at);
        shows(cx, result, expected);
    }
    let d = dict(&[("5", 1), ("b", 2)]);
    for (at, expected) in [
        (Value::int(5), "1"),
        (Value::float(5.0), "1"),
        (Value::str("b"), "2"),
        (Value::int(7), "Missing map key: 7"),
        (Value::str("x"), "Missing map key: \"x\""),
        (Value::NULL, "Invalid index operation"),
    ] {
        let result = index(cx, &d, &at);
        shows(cx, result, expected);
    }
}

#[test]
fn loops_iterate_a_snapshot() {
    let cx = &mut context();
    let mut collect = |subject: Value| {
        let mut state = [subject, Value::NULL];
        let mut out = String::new();
        if iter_start(cx, &mut state).is_err() {
            return message(cx);
        }
        while let Ok(Some(value)) = iter_next(cx, &mut state) {
            out += &text::to_text(&value);
        }
        out
    };
    assert_eq!(collect(Value::int(3)), "012");
    assert_eq!(collect(Value::float(2.9)), "01");
    assert_eq!(collect(Value::str("hé")), "hé");
    assert_eq!(collect(dict(&[("b", 1), ("a", 2), ("7", 3)])), "ba7");
    assert_eq!(collect(array(vec![Value::int(4), Value::NULL])), "4null");
    assert_eq!(collect(Value::NULL), "Cannot iterate over null");
    let cx = &mut context();
    let mut ranges = |args: &[i64]| {
        let mut state = [Value::NULL, Value::NULL, Value::NULL];
        for (slot, n) in state.iter_mut().zip(args) {
            *slot = Value::int(*n);
        }
        range_start(cx, &mut state, args.len()).unwrap();
        core::iter::from_fn(|| range_next(&mut state)).collect::<Vec<_>>()
    };
    assert_eq!(ranges(&[5, 0, -2]), [5, 3, 1]);
    assert_eq!(ranges(&[i64::MAX - 1, i64::MAX, 5]), [i64::MAX - 1]);
    assert!(ranges(&[3, 1]).is_empty());
}

#[test]
fn errors_carry_message_value_and_position() {
    let cx = &mut context();
    let thrown = dict(&[("k", 1)]);
    let _ = throw(cx, thrown);
    cx.located(crate::error::Pos::new(0, 3, 7));
    let e = catch(cx);
    assert_eq!(
        text::to_text(&e),
        "Error { line: 0, message: {\"k\": 1}, stack: [] }"
    );
    let (value, at) = (cx.intern("value"), cx.intern("at"));
    let Ok(record) = e.into_object::<crate::object::Record>() else {
        panic!("a struct")
    };
    assert!(record.get(&value).is_none() && record.get(&at).is_none());
    assert_eq!(text::to_text(&hidden(cx, &record, "value")), "{\"k\": 1}");
    assert_eq!(text::to_text(&hidden(cx, &record, "at")), "t.ruff:3:7");
}

fn hidden(cx: &Ctx, record: &crate::object::Record, name: &str) -> Value {
    super::error::hidden_field(cx, record, name).unwrap_or_default()
}

#[test]
fn deep_values_print_compare_and_die_without_a_deep_stack() {
    let cx = &mut context();
    let mut nest = |mut value: Value| {
        for i in 0..300_000 {
            value = match i % 4 {
                0 => array(vec![value]),
                1 => Value::from(Ref::new(
                    [(Key::from_text("k"), value)].into_iter().collect::<Dict>(),
                )),
                2 => Value::from(Ref::new([value].into_iter().collect::<Set>())),
                _ => make_ok(cx, value),
            };
        }
        value
    };
    let (a, b, c) = (
        nest(Value::int(1)),
        nest(Value::int(1)),
        nest(Value::int(2)),
    );
    assert!(same(&a, &b) && !same(&a, &c));
    assert!(text::to_text(&a).starts_with("Ok(Set{{\"k\": [Ok("));
    assert!(text::short_debug(&a).starts_with("Ok("));
}

#[test]
fn debug_forms() {
    let list = array(vec![
        Value::int(1),
        Value::str("b"),
        Value::float(1.5),
        Value::NULL,
    ]);
    let mut out = String::new();
    assert_eq!(text::write_debug(&list, &mut out), Ok(()));
    assert_eq!(out, "Array[Int(1), String(\"b\"), Float(1.5), Null]");
    assert_eq!(text::short_debug(&list), "Array[4]");
    assert_eq!(text::short_debug(&Value::str("a")), "Str(\"a\")");
    assert_eq!(text::short_debug(&dict(&[("a", 1)])), "Dict{1 keys}");
    assert_eq!(text::type_name(&list), "array");
    assert_eq!(Value::NULL.tag(), Tag::Null);
}
