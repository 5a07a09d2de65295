//! `5 + 3 * 2` in bytecode built by hand: interpreted and compiled, 10,000 times each.
//!
//! Run: `cargo run --release --example jit_simple_test`

use ruff::bytecode::{ConstIx, FuncBuilder, Op, Program};
use ruff::embed::{Error, Function, Mode, Runtime, Script};
use ruff_runtime::image::{Const, FuncMeta, Image};
use std::hint::black_box;
use std::time::{Duration, Instant};

const RUNS: u32 = 10_000;
const ROUNDS: u32 = 20;

fn main() -> Result<(), Error> {
    let script = Script::from_bytecode(program())?;
    let function = script.function("calculate").expect("the program has it");

    let fresh = timed(|| {
        let mut runtime = Runtime::new(&script, Mode::Interpreted);
        runtime.session(|session| check(session.call(function, &mut [])));
    });
    let interpreted = many_calls(&script, function, Mode::Interpreted);
    let compiled = many_calls(&script, function, Mode::Compiled);
    let typed = typed_calls(&script, function);
    let nothing = fastest(|| {
        black_box(11);
    });

    println!("5 + 3 * 2, {RUNS} runs, the result checked each time");
    for (name, time) in [
        ("a new interpreter for each run", fresh),
        ("one interpreter, called again and again", interpreted),
        ("compiled (compilation not counted)", compiled),
        ("compiled, called as a function of ints", typed),
        ("an empty loop", nothing),
    ] {
        let each = time.as_secs_f64() * 1e9 / f64::from(RUNS);
        println!("  {name:<42} {time:>12.3?}  {each:>10.1} ns each");
    }
    let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
    println!(
        "compiled code against one interpreter: {:.1}x as fast, {:.1}x where the host knows the types",
        ratio(interpreted, compiled),
        ratio(interpreted, typed)
    );
    println!(
        "against a new interpreter each time:   {:.1}x as fast (most of that is setting up)",
        ratio(fresh, compiled)
    );
    let above = (typed.saturating_sub(nothing)).as_secs_f64() * 1e9 / f64::from(RUNS);
    println!("a typed call costs {above:.2} ns more than an empty loop");
    Ok(())
}

/// `func calculate() { return 5 + 3 * 2 }`
fn program() -> Program {
    let meta = FuncMeta {
        name: "calculate".into(),
        arity: 0,
        has_self: false,
        legacy_method: false,
        weight: 1,
    };
    let mut b = FuncBuilder::new(meta);
    let [five, three, two] = [b.alloc(), b.alloc(), b.alloc()];
    b.emit(Op::load_const(five, ConstIx(0)));
    b.emit(Op::load_const(three, ConstIx(1)));
    b.emit(Op::load_const(two, ConstIx(2)));
    b.emit(Op::mul(three, three, two));
    b.emit(Op::add(five, five, three));
    b.emit(Op::ret(five));
    let image = Image {
        consts: vec![Const::Int(5), Const::Int(3), Const::Int(2)],
        ..Image::default()
    };
    Program::new(vec![b.finish().expect("three registers are few")], image)
}

/// The time of many calls in one runtime, after one that warms it up.
fn many_calls(script: &Script, function: Function, mode: Mode) -> Duration {
    let mut runtime = Runtime::new(script, mode);
    runtime.session(|session| {
        check(session.call(function, &mut []));
        let function = session.prepare(function).expect("the program has it");
        fastest(|| check(session.call_prepared(&function, &mut [])))
    })
}

/// The time of many calls of compiled code by a host that knows what the function takes and gives.
fn typed_calls(script: &Script, function: Function) -> Duration {
    let mut runtime = Runtime::new(script, Mode::Compiled);
    runtime.session(|session| {
        let typed = session.typed::<(), i64>(function);
        let typed = typed.expect("the program has it");
        fastest(|| assert!(matches!(session.call_typed(&typed, ()), Ok(11))))
    })
}

fn check(result: Result<ruff_runtime::value::Value, Error>) {
    let value = result.expect("it raises nothing");
    assert_eq!(value.as_int(), Some(11));
}

/// The time of the fastest of some rounds: what else the machine does costs some of them time.
fn fastest(mut work: impl FnMut()) -> Duration {
    (0..ROUNDS)
        .map(|_| timed(&mut work))
        .min()
        .expect("there are rounds")
}

fn timed(mut work: impl FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..RUNS {
        work();
    }
    start.elapsed()
}
