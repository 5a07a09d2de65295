//! Register code by hand: labels, handlers, last uses, listings, and what the verifier refuses.

use super::*;
use crate::bytecode::disasm::print;
use crate::bytecode::verify::verify;
use ruff_runtime::image::{FuncMeta, Image};

fn meta(name: &str, arity: u32) -> FuncMeta {
    FuncMeta {
        name: name.to_owned(),
        arity,
        has_self: false,
        legacy_method: false,
        weight: 1,
    }
}

fn program(func: Func) -> Program {
    Program::new(vec![func], Image::default())
}

/// `func sum(n) { s := 0; for i in n { s := s + i } return s }`
fn sum() -> Func {
    let mut b = FuncBuilder::new(meta("sum", 1));
    let s = b.alloc();
    b.emit(Op::load_int(s, 0));
    let state = b.alloc_span(4);
    b.emit(Op::mov(state, Reg(0)));
    b.emit(Op::range_start(1, state));
    let (head, end) = (b.here(), b.label());
    b.emit(Op::loop_head());
    b.emit(Op::range_next(state, end));
    b.emit(Op::add(s, s, state.plus(3)));
    b.emit(Op::jump(head));
    b.bind(end);
    b.emit(Op::ret(s));
    b.finish().unwrap()
}

#[test]
fn lists_a_loop_with_its_last_uses() {
    let program = program(sum());
    verify(&program.funcs[0], &program).unwrap();
    let listing = print(&program.funcs[0], &program);
    let expected = "\
sum/1 registers=6
   0  load_int       r1, 0
   1  mov            r2, r0!
   2  range_start    r2, 1
   3> loop_head
   4  range_next     r2, -> 7
   5  add            r1, r1!, r5!
   6  jump           -> 3
   7> ret            r1!
";
    assert_eq!(listing, expected);
}

#[test]
fn what_a_handler_needs_is_not_moved_in_its_range() {
    let mut b = FuncBuilder::new(meta("f", 2));
    let r = b.alloc();
    let handler = b.label();
    let start = b.begin_try();
    b.emit(Op::add(r, Reg(0), Reg(1)));
    b.emit(Op::ret(r));
    assert!(b.end_try(start, handler));
    b.bind(handler);
    b.emit(Op::catch_none());
    b.emit(Op::ret(Reg(0)));
    let program = program(b.finish().unwrap());
    verify(&program.funcs[0], &program).unwrap();
    let listing = print(&program.funcs[0], &program);
    assert!(listing.contains("add            r2, r0, r1!"), "{listing}");
    assert!(listing.contains("try 0..2 -> 2"), "{listing}");
}

#[test]
fn one_read_of_two_moves() {
    let mut b = FuncBuilder::new(meta("double", 1));
    b.emit(Op::add(Reg(0), Reg(0), Reg(0)));
    b.emit(Op::set_index(Reg(0), Reg(0), Reg(0)));
    b.emit(Op::ret(Reg(0)));
    let program = program(b.finish().unwrap());
    let listing = print(&program.funcs[0], &program);
    assert!(listing.contains("add            r0, r0, r0!"), "{listing}");
    assert!(listing.contains("set_index      r0, r0, r0\n"), "{listing}");
}

fn fault_of(change: impl FnOnce(&mut Func)) -> String {
    let mut func = sum();
    change(&mut func);
    let program = program(func);
    let fault = verify(&program.funcs[0], &program).expect_err("a fault");
    fault.to_string()
}

#[test]
fn the_verifier_refuses_what_would_not_be_safe() {
    let fault = fault_of(|f| f.registers = 5);
    assert_eq!(fault, "sum at 4: base of range_next out of range");
    let fault = fault_of(|f| f.code[6] = Op::jump(Label(99)));
    assert_eq!(fault, "sum at 6: to of jump out of range");
    let fault = fault_of(|f| f.code[7] = Op::loop_head());
    assert_eq!(fault, "sum at 7: runs off the end");
    let fault = fault_of(|f| f.code[3] = Op::catch_none());
    assert_eq!(fault, "sum at 3: runs into a handler");
    let fault = fault_of(|f| f.code[0] = Op::load_const(Reg(1), ConstIx(0)));
    assert_eq!(fault, "sum at 0: k of load_const out of range");
    let fault = fault_of(|f| f.code[5] = Op::call(1, Reg(1), Reg(0)));
    assert_eq!(
        fault,
        "sum at 5: a live register above the window of a call"
    );
    let fault = fault_of(|f| f.code[2] = Op::update_with(1, BuiltinIx(0)));
    assert_eq!(fault, "sum at 2: update_with without update_place");
}

/// Sets of registers against sets of numbers.
#[test]
fn register_sets_are_sets() {
    use crate::bytecode::liveness::RegSet;
    use std::collections::BTreeSet;
    let mut seed = 1u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1);
        (seed >> 33) % below
    };
    let mut sets = [const { (RegSet::new(), BTreeSet::new()) }; 4];
    for _ in 0..20_000 {
        let (i, j, r) = (next(4) as usize, next(4) as usize, next(700) as u16);
        let (other, numbers) = sets[j].clone();
        let (set, model) = &mut sets[i];
        match next(8) {
            0..=3 => {
                set.insert(Reg(r));
                model.insert(r);
            }
            4..=6 => {
                set.remove(Reg(r));
                model.remove(&r);
            }
            _ if next(9) == 0 => (*set, *model) = Default::default(),
            _ => {
                let before = model.len();
                model.extend(&numbers);
                assert_eq!(set.union(&other), model.len() > before);
            }
        }
        assert_eq!(set.contains(Reg(r)), model.contains(&r));
        assert_eq!(set.last(), model.last().map(|&r| Reg(r)));
        assert!(set.iter().eq(model.iter().map(|&r| Reg(r))));
        assert_eq!(*set == other, *model == numbers);
    }
}

/// Many variables in many blocks take neither quadratic time nor quadratic memory.
#[test]
fn liveness_of_many_variables_is_quick() {
    let mut b = FuncBuilder::new(meta("wide", 1));
    for _ in 0..20_000 {
        let (r, skip) = (b.alloc(), b.label());
        b.emit(Op::load_int(r, 1));
        b.emit(Op::jump_if(Reg(0), skip));
        b.emit(Op::add(Reg(0), r, r));
        b.bind(skip);
    }
    b.emit(Op::ret(Reg(0)));
    let started = std::time::Instant::now();
    let func = b.finish().unwrap();
    assert_eq!(func.registers, 20_001);
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

/// A loop of many blocks must not take quadratic time.
#[test]
fn liveness_of_a_long_function_is_quick() {
    let mut b = FuncBuilder::new(meta("long", 1));
    let locals = b.alloc_span(200);
    let head = b.here();
    for i in 0..30_000u16 {
        let r = locals.plus(i % 200);
        let skip = b.label();
        b.emit(Op::jump_if(Reg(0), skip));
        b.emit(Op::add(r, r, Reg(0)));
        b.emit(Op::jump_if_null(r, head));
        b.bind(skip);
    }
    b.emit(Op::ret(locals));
    let started = std::time::Instant::now();
    let func = b.finish().unwrap();
    assert_eq!(func.code.len(), 90_001);
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}
