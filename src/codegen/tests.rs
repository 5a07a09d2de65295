//! Register code by hand, lowered into memory and called: the back end without a front end.

use super::{BodyType, Compiler, Declared, Shape};
use crate::bytecode::{Func, FuncBuilder, Op, Program, Reg};
use crate::ssa::ir::VersionId;
use crate::ssa::passes::Plan;
use crate::ssa::types::Type;
use crate::ssa::versions::Versions;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_jit::{ArenaMemoryProvider, JITBuilder, JITModule};
use cranelift_module::{Linkage, default_libcall_names};
use ruff_runtime::abi::HELPERS;
use ruff_runtime::ctx::{Ctx, Entry};
use ruff_runtime::error::{Result, Thrown};
use ruff_runtime::image::{FuncMeta, Image};
use ruff_runtime::object::Func as FuncObject;
use ruff_runtime::value::Value;

fn builder(name: &str, arity: u32) -> FuncBuilder {
    FuncBuilder::new(FuncMeta {
        name: name.to_owned(),
        arity,
        has_self: false,
        legacy_method: false,
        weight: 1,
    })
}

/// `func sum(n) { s := 0; for i in range(n) { s := s + i } return s }`
fn sum() -> Func {
    let mut b = builder("sum", 1);
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

/// `func fib(n) { if n < 2 { return n } return fib(n - 1) + fib(n - 2) }`
fn fib() -> Func {
    let mut b = builder("fib", 1);
    let (a, c) = (b.alloc(), b.alloc());
    b.emit(Op::load_int(a, 2));
    b.emit(Op::lt(a, Reg(0), a));
    let more = b.label();
    b.emit(Op::jump_if_not(a, more));
    b.emit(Op::ret(Reg(0)));
    b.bind(more);
    b.emit(Op::sub_imm(a, Reg(0), 1));
    b.emit(Op::call_func(1, a, a, crate::bytecode::FuncIx(0)));
    b.emit(Op::sub_imm(c, Reg(0), 2));
    b.emit(Op::call_func(1, c, c, crate::bytecode::FuncIx(0)));
    b.emit(Op::add(a, a, c));
    b.emit(Op::ret(a));
    b.finish().unwrap()
}

/// A compiled function together with what it runs in.
struct Native {
    entry: Entry,
    cx: Ctx,
    clif: String,
    ssa: String,
    _module: JITModule,
}

fn compile(func: Func, types: &[Type]) -> Native {
    let program = Program::new(vec![func], Image::default());
    crate::bytecode::verify::verify_program(&program).unwrap();
    let mut flags = settings::builder();
    flags.set("opt_level", "speed").unwrap();
    let isa = cranelift_native::builder()
        .unwrap()
        .finish(settings::Flags::new(flags))
        .unwrap();
    let mut jit = JITBuilder::with_isa(isa, default_libcall_names());
    jit.memory_provider(Box::new(
        ArenaMemoryProvider::new_with_size(1 << 20).unwrap(),
    ));
    for helper in HELPERS {
        jit.symbol(helper.symbol, (helper.addr)());
    }
    let mut module = JITModule::new(jit);
    let plan = Plan {
        keeps_registers: false,
        inlined_levels: 2,
        without: None,
    };
    let mut versions = Versions::new(&program, false, plan);
    let any = vec![Type::ANY; types.len()];
    let wanted = [
        versions.request(&program, 0, types),
        versions.request(&program, 0, &any),
    ];
    versions.solve(&program);
    let mut compiler = Compiler::new(
        &mut module,
        Shape {
            keeps_frames: false,
            guards_fail: false,
            copies: false,
        },
        &[],
        false,
        Declared::default(),
    );
    let (mut clif, mut ssa) = (String::new(), String::new());
    for version in (0..versions.len() as u32).map(VersionId) {
        let f = versions.finish(&program, version);
        compiler.declare_body(version, &format!("v{}", version.0), BodyType::of(f));
    }
    for version in (0..versions.len() as u32).map(VersionId) {
        let f = versions.finish(&program, version);
        ssa += &crate::ssa::print::print(f);
        clif += &compiler.define_body(version, f, true).unwrap().clif;
    }
    let (id, _) = compiler.define_entry(("entry", Linkage::Local), &wanted, None, false);
    module.finalize_definitions().unwrap();
    let code = module.get_finalized_function(id);
    // SAFETY: `define_entry` defines functions of this type.
    let entry = unsafe { std::mem::transmute::<*const u8, Entry>(code) };
    let mut cx = Ctx::load(program.image, &|_| entry, &|_| None);
    cx.max_depth = 1000;
    Native {
        entry,
        cx,
        clif,
        ssa,
        _module: module,
    }
}

impl Native {
    fn call(&mut self, arg: Value) -> Result {
        let object = FuncObject::new(self.cx.func(0), Box::new([]));
        let mut args = [std::mem::ManuallyDrop::new(arg)];
        // SAFETY: the entry takes one owned argument, which is not dropped here.
        unsafe {
            let tag = (self.entry)(&mut self.cx, &object, args.as_mut_ptr().cast());
            self.cx.taken(tag)
        }
    }

    fn message(&mut self, arg: Value) -> String {
        let Thrown = self.call(arg).unwrap_err();
        self.cx
            .pending
            .take()
            .unwrap()
            .message
            .as_text()
            .unwrap()
            .to_owned()
    }
}

#[test]
fn a_loop_over_a_range_runs() {
    let mut sum = compile(sum(), &[Type::INT]);
    assert_eq!(
        sum.call(Value::int(100)).unwrap().as_int(),
        Some(4950),
        "{}\n{}",
        sum.ssa,
        sum.clif
    );
    assert_eq!(sum.call(Value::float(10.5)).unwrap().as_int(), Some(45));
    assert_eq!(
        sum.message(Value::NULL),
        "range() requires numeric arguments"
    );
}

#[test]
fn recursion_runs_specialised_and_not() {
    let mut fib = compile(fib(), &[Type::INT]);
    assert_eq!(
        fib.call(Value::int(20)).unwrap().as_int(),
        Some(6765),
        "{}\n{}",
        fib.ssa,
        fib.clif
    );
    assert_eq!(fib.call(Value::float(10.0)).unwrap().as_float(), Some(55.0));
    assert_eq!(
        fib.message(Value::str("x")),
        "Invalid binary operation: string < int"
    );
}
