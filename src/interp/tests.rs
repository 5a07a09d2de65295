//! The interpreter on bytecode made by hand: the instructions that programs lean on, errors, the hooks.

use super::{Interp, LoopEnd, TierUp, feedback, seen};
use crate::bytecode::*;
use ruff_runtime::builtins;
use ruff_runtime::ctx::Ctx;
use ruff_runtime::error::Pos;
use ruff_runtime::heap::live;
use ruff_runtime::image::{Const, FuncMeta, Image, ModuleMeta};
use ruff_runtime::object::{self, Array, Str};
use ruff_runtime::ops;
use ruff_runtime::value::{Tag, Value};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

fn meta(name: &str, arity: u32) -> FuncMeta {
    FuncMeta {
        name: name.to_owned(),
        arity,
        has_self: false,
        legacy_method: false,
        weight: 1,
    }
}

fn func(name: &str, arity: u32, build: impl FnOnce(&mut FuncBuilder)) -> Func {
    let mut b = FuncBuilder::new(meta(name, arity));
    build(&mut b);
    b.finish().unwrap()
}

fn load(funcs: Vec<Func>, image: Image) -> Interp {
    Interp::new(Arc::new(Program::new(funcs, image))).unwrap()
}

fn message(interp: &mut Interp) -> String {
    let pending = interp.cx.pending.take().expect("an error is pending");
    pending.message.as_text().unwrap_or_default().to_owned()
}

const F: FuncIx = FuncIx(0);

/// `func fib(n) { if n < 2 { return n } return fib(n - 1) + fib(n - 2) }`
fn fib() -> Func {
    func("fib", 1, |b| {
        let n = Reg(0);
        let t = b.alloc();
        let two = b.alloc();
        let recurse = b.label();
        b.emit(Op::load_int(two, 2));
        b.emit(Op::lt(t, n, two));
        b.emit(Op::jump_if_not(t, recurse));
        b.emit(Op::ret(n));
        b.bind(recurse);
        b.emit(Op::sub_imm(two, n, 1));
        b.emit(Op::call_func(1, t, two, F));
        b.emit(Op::sub_imm(two, n, 2));
        b.emit(Op::call_func(1, two, two, F));
        b.emit(Op::add(t, t, two));
        b.emit(Op::ret(t));
    })
}

#[test]
fn five_plus_three_times_two() {
    let f = func("f", 0, |b| {
        let r = b.alloc_span(3);
        for (i, n) in [5, 3, 2].into_iter().enumerate() {
            b.emit(Op::load_int(r.plus(i as u16), n));
        }
        b.emit(Op::mul(r.plus(1), r.plus(1), r.plus(2)));
        b.emit(Op::add(r, r, r.plus(1)));
        b.emit(Op::ret(r));
    });
    let mut interp = load(vec![f], Image::default());
    assert_eq!(interp.call(F, &mut []).unwrap().as_int(), Some(11));
    assert_eq!(interp.call(F, &mut []).unwrap().as_int(), Some(11));
}

/// `func less(a, b) { if a < b { return 1 } return 2 }`: compares ints and floats at once with the jump, then strings, then ints again.
#[test]
fn fused_instructions_give_way_to_other_kinds() {
    let less = func("less", 2, |b| {
        let t = b.alloc();
        let no = b.label();
        b.emit(Op::lt(t, Reg(0), Reg(1)));
        b.emit(Op::jump_if_not(t, no));
        b.emit(Op::load_int(t, 1));
        b.emit(Op::ret(t));
        b.bind(no);
        b.emit(Op::load_int(t, 2));
        b.emit(Op::ret(t));
    });
    let mut interp = load(vec![less], Image::default());
    let (mut a, mut b) = (Value::str("first"), Value::str("second"));
    let mut less = |a, b| interp.call(F, &mut [a, b]).unwrap().as_int();
    for _ in 0..2 {
        assert_eq!(less(Value::int(3), Value::int(4)), Some(1));
        assert_eq!(less(Value::float(3.5), Value::float(3.5)), Some(2));
        assert_eq!(less(a.clone(), b.clone()), Some(1));
    }
    // The calls have given all their counts up.
    for text in [&mut a, &mut b] {
        let text = text.as_ref_mut::<Str>().expect("a string");
        assert!(text.get_mut().is_some());
    }
}

/// `i := i + 1` at the end of a loop raises where it stands, and `i` keeps its value.
#[test]
fn a_counter_that_overflows_raises() {
    let f = func("f", 1, |b| {
        let t = b.alloc_span(2);
        let (handler, head) = (b.label(), b.label());
        let start = b.begin_try();
        b.emit(Op::load_int(t, i32::MAX));
        b.bind(head);
        b.emit(Op::loop_head());
        b.at(Pos::new(0, 3, 5));
        b.emit(Op::add_imm(Reg(0), Reg(0), 1));
        b.emit(Op::gt(t.plus(1), Reg(0), t));
        b.emit(Op::jump_if(t.plus(1), head));
        b.end_try(start, handler);
        b.emit(Op::return_null());
        b.bind(handler);
        b.emit(Op::catch(t));
        b.emit(Op::mov(t.plus(1), Reg(0)));
        b.emit(Op::make_array(t, t, 2));
        b.emit(Op::ret(t));
    });
    let mut interp = load(vec![f], Image::default());
    let result = interp.call(F, &mut [Value::int(i64::MAX - 9)]).unwrap();
    let text = ops::text::to_text(&result);
    assert!(text.contains("Integer overflow"), "{text}");
    assert!(text.ends_with("9223372036854775807]"), "{text}");
}

#[test]
fn calls_do_not_use_the_machine_stack() {
    let mut interp = load(vec![fib()], Image::default());
    let result = interp.call(F, &mut [Value::int(20)]).unwrap();
    assert_eq!(result.as_int(), Some(6765));
    let seen = seen(&interp.cx, F);
    assert_eq!(seen[5], feedback::INT, "{seen:?}");

    // `func down(n) { if n == 0 { return 0 } return down(n - 1) }`, on a test's small stack.
    let down = func("down", 1, |b| {
        let t = b.alloc();
        let end = b.label();
        b.emit(Op::jump_if_not(Reg(0), end));
        b.emit(Op::sub_imm(t, Reg(0), 1));
        b.emit(Op::call_func(1, t, t, F));
        b.emit(Op::ret(t));
        b.bind(end);
        b.emit(Op::ret(Reg(0)));
    });
    let mut interp = load(vec![down], Image::default());
    let result = interp.call(F, &mut [Value::int(90_000)]).unwrap();
    assert_eq!(result.as_int(), Some(0));
    assert!(interp.call(F, &mut [Value::int(200_000)]).is_err());
    assert_eq!(
        message(&mut interp),
        "Maximum call stack depth of 100000 exceeded while calling down"
    );
    assert_eq!(interp.cx.depth, 0);
    let result = interp.call(F, &mut [Value::int(10)]).unwrap();
    assert_eq!(result.as_int(), Some(0));
}

#[test]
fn an_appended_array_is_never_copied() {
    let push = builtins::find("push").map(BuiltinIx).unwrap();
    let f = func("fill", 1, |b| {
        let a = b.alloc();
        b.emit(Op::make_array(a, a, 0));
        let state = b.alloc_span(4);
        b.emit(Op::mov(state, Reg(0)));
        b.emit(Op::range_start(1, state));
        let (head, end) = (b.here(), b.label());
        b.emit(Op::loop_head());
        b.emit(Op::range_next(state, end));
        let window = b.alloc_span(2);
        b.emit(Op::mov(window, a));
        b.emit(Op::mov(window.plus(1), state.plus(3)));
        b.emit(Op::call_builtin(2, a, window, push));
        b.emit(Op::jump(head));
        b.bind(end);
        b.emit(Op::ret(a));
    });
    let mut interp = load(vec![f], Image::default());
    let copies = live::copies();
    let result = interp.call(F, &mut [Value::int(1000)]).unwrap();
    // Tests that run meanwhile copy, too, but not once for each element.
    assert!(live::copies().wrapping_sub(copies) < 500);
    let array = result.as_object::<Array>().unwrap();
    assert_eq!(
        (array.len(), array.get(999).unwrap().as_int()),
        (1000, Some(999))
    );
}

/// An error two calls deep is caught with its position and the names of the functions; registers keep their values.
#[test]
fn a_handler_catches_what_callees_raise() {
    let k = ConstIx(0);
    let thrower = func("thrower", 0, |b| {
        let r = b.alloc();
        b.emit(Op::load_const(r, k));
        b.at(Pos::new(0, 7, 9));
        b.emit(Op::throw(r));
    });
    let middle = func("middle", 0, |b| {
        let r = b.alloc();
        b.emit(Op::call_func(0, r, r.plus(1), FuncIx(0)));
        b.alloc();
        b.emit(Op::ret(r));
    });
    let catcher = func("catcher", 1, |b| {
        let r = b.alloc_span(2);
        let handler = b.label();
        let start = b.begin_try();
        b.emit(Op::call_func(0, r, r.plus(1), FuncIx(1)));
        assert!(b.end_try(start, handler));
        b.emit(Op::return_null());
        b.bind(handler);
        b.emit(Op::catch(r));
        b.emit(Op::mov(r.plus(1), Reg(0)));
        b.emit(Op::make_array(r, r, 2));
        b.emit(Op::ret(r));
    });
    let image = Image {
        consts: vec![Const::Str("boom".to_owned())],
        files: vec!["t.ruff".to_owned()],
        ..Image::default()
    };
    let mut interp = load(vec![thrower, middle, catcher], image);
    let result = interp.call(FuncIx(2), &mut [Value::int(5)]).unwrap();
    let text = ops::text::to_text(&result);
    let expected = "[Error { line: 0, message: boom, stack: [catcher, middle, thrower] }, 5]";
    assert_eq!(text, expected);

    assert!(interp.call(FuncIx(1), &mut []).is_err());
    let pending = interp.cx.pending.take().unwrap();
    assert_eq!(pending.at, Pos::new(0, 7, 9));
    assert_eq!(pending.unwound.len(), 2);
    assert!(interp.cx.frame.is_null());
}

#[test]
fn a_builtin_calls_back_into_the_interpreter() {
    let map = builtins::find("map").map(BuiltinIx).unwrap();
    let double = func("<lambda>", 1, |b| {
        b.emit(Op::add(Reg(0), Reg(0), Reg(0)));
        b.emit(Op::ret(Reg(0)));
    });
    let f = func("f", 0, |b| {
        let w = b.alloc_span(4);
        b.emit(Op::load_int(w, 4));
        b.emit(Op::load_int(w.plus(1), 5));
        b.emit(Op::make_array(w, w, 2));
        b.emit(Op::make_closure(0, w.plus(1), w.plus(1), FuncIx(0)));
        b.emit(Op::call_builtin(2, w, w, map));
        b.emit(Op::ret(w));
    });
    let mut interp = load(vec![double, f], Image::default());
    let result = interp.call(FuncIx(1), &mut []).unwrap();
    assert_eq!(ops::text::to_text(&result), "[8, 10]");
}

#[test]
fn the_top_level_runs_once_as_a_module() {
    let print = builtins::find("print").map(BuiltinIx).unwrap();
    let main = func("", 0, |b| {
        let r = b.alloc();
        b.emit(Op::load_int(r, 1));
        b.emit(Op::call_builtin(1, r, r, print));
    });
    let image = Image {
        modules: vec![ModuleMeta {
            name: "main".to_owned(),
            main: 0,
            exports: Vec::new(),
        }],
        ..Image::default()
    };
    let mut interp = load(vec![main], image);
    interp.run().unwrap();
    interp.run().unwrap();
}

#[derive(Default)]
struct Notes(RefCell<Vec<String>>);

impl TierUp for Notes {
    fn hot_call(&self, _: &mut Ctx, func: FuncIx, _: &[Value]) -> bool {
        self.0.borrow_mut().push(format!("call {}", func.0));
        false
    }

    fn hot_loop(
        &self,
        cx: &mut Ctx,
        _: FuncIx,
        _: &object::Func,
        at: u32,
        registers: &mut [Value],
    ) -> Option<LoopEnd> {
        self.0.borrow_mut().push(format!("loop {at}"));
        let sum = registers[1].as_int()?;
        registers.iter_mut().for_each(|r| drop(r.take()));
        cx.ret_bits = sum as u64;
        (sum > 100).then_some(LoopEnd::Finished(Tag::Int as u64))
    }
}

#[test]
fn hot_loops_can_be_taken_over() {
    let f = func("f", 1, |b| {
        let sum = b.alloc();
        b.emit(Op::load_int(sum, 0));
        let head = b.here();
        b.emit(Op::loop_head());
        b.emit(Op::add_imm(sum, sum, 1));
        b.emit(Op::jump(head));
    });
    let mut interp = load(vec![f], Image::default());
    let notes = Rc::new(Notes::default());
    interp.set_tier_up(150, notes.clone());
    let result = interp.call(F, &mut [Value::str("kept")]).unwrap();
    assert_eq!(result.as_int(), Some(148));
    assert_eq!(*notes.0.borrow(), ["loop 1"]);
}
