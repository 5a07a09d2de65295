//! Random register code: what the verifier lets pass must be safe to run, whatever it does.

use super::Interp;
use crate::bytecode::{op::Op, *};
use ruff_runtime::builtins;
use ruff_runtime::error::Pos;
use ruff_runtime::heap::live;
use ruff_runtime::image::*;
use ruff_runtime::value::Value;
use std::sync::Arc;

const REGISTERS: u64 = 8;

/// A small generator of numbers (xorshift), the same on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    fn reg(&mut self) -> Reg {
        Reg(self.below(REGISTERS) as u16)
    }

    fn n(&mut self) -> u8 {
        self.below(4) as u8
    }

    fn name(&mut self) -> NameIx {
        NameIx(self.below(3) as u16)
    }

    fn place(&mut self) -> PlaceIx {
        PlaceIx(self.below(3) as u16)
    }

    fn global(&mut self) -> GlobalIx {
        GlobalIx(self.below(2) as u16)
    }
}

/// An instruction at `at` of `len`; jumps only go forward, so that everything ends.
fn instruction(d: &mut Dice, at: u64, len: u64) -> Op {
    let (a, b, c) = (d.reg(), d.reg(), d.reg());
    let label = Label((at + 1 + d.below(len - at)) as u32);
    let small = d.below(6) as i16 - 2;
    match d.below(66) {
        0..4 => Op::load_int(a, small.into()),
        4 => Op::load_const(a, ConstIx(d.below(3) as u32)),
        5 => Op::load_bool(a, 1),
        6 => Op::load_null(a),
        7 => Op::load_uninit(a),
        8 => Op::mov(a, b),
        9 => Op::load_global(a, d.global()),
        10 => Op::store_global(a, d.global()),
        11 => Op::new_cell(a, b),
        12 => Op::load_cell(a, b),
        13 => Op::store_cell(a, b),
        14 => Op::load_callee(a),
        15 => Op::check_init(a, d.name()),
        16 => Op::is_uninit(a, b),
        17 => Op::add(a, b, c),
        18 => Op::sub(a, b, c),
        19 => Op::rem(a, b, c),
        20 => Op::add_imm(a, b, small),
        21 => Op::not(a, b),
        22 => Op::eq(a, b, c),
        23 => Op::lt(a, b, c),
        24 => Op::same(a, b, c),
        25 => Op::jump(label),
        26 => Op::jump_if(a, label),
        27 => Op::jump_if_not(a, label),
        28 => Op::ret(a),
        29 => Op::throw(a),
        30 => Op::loop_head(),
        31 => Op::call(d.n(), a, b),
        32 => Op::call_func(1, a, b, FuncIx(1)),
        33 => Op::call_method(d.n(), a, b, d.name()),
        34 => Op::call_builtin(2, a, b, BuiltinIx(builtins::find("push").unwrap())),
        35..38 => Op::make_array(a, b, u16::from(d.n())),
        38 => Op::make_dict(a, b, 2),
        39 => Op::array_push(a, b),
        40 => Op::array_spread(a, b),
        41 => Op::dict_set(a, b, c),
        42 => Op::dict_spread(a, b),
        43 => Op::make_struct(1 + d.n() % 2, a, b, LiteralIx(0)),
        44 => Op::make_struct_def(d.n(), a, b),
        45 => Op::make_tagged(d.n(), a, b, TagIx(0)),
        46 => Op::make_closure(0, a, b, FuncIx(1)),
        47 => Op::concat(a, b, u16::from(d.n())),
        48 => Op::index(a, b, c),
        49 => Op::get_field(a, b, d.name()),
        50 => Op::payload(a, b, small),
        51 => Op::rest_of_array(a, b, small),
        52 => Op::rest_of_dict(d.n(), a, b, c),
        53..55 => Op::set_index(a, b, c),
        55 => Op::set_field(a, b, d.name()),
        56 => Op::store_place(d.n(), a, b, d.place()),
        57 => Op::add_place(d.n(), a, b, d.place()),
        58 => Op::store_place_global(d.n(), d.global(), b, d.place()),
        59 => Op::add_place_cell(d.n(), a, b, d.place()),
        60 => Op::range_start(1 + d.n() % 3, a),
        61 => Op::range_next(a, label),
        62 => Op::iter_start(a),
        63 => Op::iter_next(a, label),
        64 => Op::field_or_uninit(a, b, d.name()),
        _ => Op::clear(a),
    }
}

fn meta(name: &str, arity: u32) -> FuncMeta {
    FuncMeta {
        name: name.to_owned(),
        arity,
        has_self: false,
        legacy_method: false,
        weight: 1,
    }
}

/// A function whose second half handles the errors of the first.
fn random_func(d: &mut Dice) -> Func {
    let half = 3 + d.below(12);
    let mut code: Vec<Op> = (0..half).map(|at| instruction(d, at, half)).collect();
    code.push(Op::return_null());
    let handler = code.len() as u64;
    code.push(Op::catch(d.reg()));
    let len = handler + 4;
    code.extend((handler + 1..len).map(|at| instruction(d, at, len)));
    code.push(Op::ret(d.reg()));
    let mut func = Func {
        meta: meta("f", 2),
        registers: REGISTERS as u16,
        unwritten: Vec::new(),
        captures: 0,
        positions: vec![Pos::default(); code.len()],
        code,
        handlers: vec![Handler {
            from: Label(0),
            to: Label(handler as u32),
            handler: Label(handler as u32),
        }],
    };
    let in_frame = |op: &Op| {
        let mut fits = true;
        op.registers(|r, _| fits &= u64::from(r.0) < REGISTERS);
        fits
    };
    for op in &mut func.code {
        if !in_frame(op) {
            *op = Op::loop_head();
        }
    }
    liveness::finish(&mut func);
    func
}

fn image() -> Image {
    let name = |text: &str| NameMeta {
        text: text.to_owned(),
        builtin: builtins::find(text),
    };
    let global = |name: &str| GlobalMeta {
        name: name.to_owned(),
        hoisted: None,
    };
    Image {
        consts: vec![
            Const::Str("text".to_owned()),
            Const::Float(1.5),
            Const::Int(1 << 40),
        ],
        names: vec![name("x"), name("len"), name("m")],
        structs: vec![StructMeta {
            name: "S".to_owned(),
            fields: vec![0],
            methods: vec![(2, 1)],
        }],
        literals: vec![LiteralMeta {
            definition: Some(0),
            name: "S".to_owned(),
            fields: vec![0],
        }],
        tags: vec![TagMeta {
            enumeration: "E".to_owned(),
            variant: "V".to_owned(),
        }],
        places: vec![
            vec![Step::Index],
            vec![Step::Field(0)],
            vec![Step::Field(0), Step::Index],
        ],
        globals: vec![global("g"), global("h")],
        ..Image::default()
    }
}

#[test]
fn what_the_verifier_lets_pass_is_safe_to_run() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut ran = 0;
    for _ in 0..6_000 {
        let mut callee = FuncBuilder::new(meta("m", 1));
        callee.emit(Op::ret(Reg(0)));
        let funcs = vec![random_func(&mut dice), callee.finish().unwrap()];
        let program = Program::new(funcs, image());
        if verify::verify_program(&program).is_err() {
            continue;
        }
        ran += 1;
        let mut interp = Interp::new(Arc::new(program)).unwrap();
        let mut args = [Value::int(3), Value::str("argument")];
        drop(interp.call(FuncIx(0), &mut args));
        assert!(interp.cx.frame.is_null() && interp.cx.depth == 0);
        interp.cx.shutdown();
    }
    assert!(ran > 300, "only {ran} programs were valid");
    // Other tests run beside this one and hold objects of their own, but not many.
    assert!(
        live::objects() < 10_000,
        "{} objects leaked",
        live::objects()
    );
}
