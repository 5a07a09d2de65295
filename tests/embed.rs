//! Ruff inside another program: the public API, in every mode.

mod harness;

use harness::tool::directory;
use ruff::bytecode::{ConstIx, FuncBuilder, Op, Program};
use ruff::embed::{Data, Error, Mode, Runtime, Script};
use ruff_runtime::builtins::Capabilities;
use ruff_runtime::image::{FuncMeta, Image};
use ruff_runtime::value::Value;

const MODES: [Mode; 3] = [Mode::Interpreted, Mode::Tiered, Mode::Compiled];

fn script(text: &str) -> Script {
    Script::compile("host.ruff", text).expect("the program is right")
}

/// A runtime whose top level has run, with its output kept.
fn started(script: &Script, mode: Mode) -> Runtime {
    let mut runtime = Runtime::new(script, mode);
    runtime.keep_output();
    runtime.run().expect("it raises nothing");
    runtime
}

/// The uncaught error that a call gives.
#[track_caller]
fn raised<T: std::fmt::Debug>(result: Result<T, Error>) -> ruff_runtime::start::Uncaught {
    match result {
        Err(Error::Raised(error)) => error,
        other => panic!("it should raise, but gives {other:?}"),
    }
}

#[test]
fn values_go_in_and_come_out() {
    let script = script("func same(x) { return x }\nfunc kind(x) { return type(x) }");
    let values = [
        (Data::Null, "null"),
        (true.into(), "bool"),
        (i64::MIN.into(), "int"),
        (f64::INFINITY.into(), "float"),
        (Data::Float(-0.5), "float"),
        ("".into(), "string"),
        (
            "größer als 32 Bytes, mit \"Zeichen\" und \u{1F600}".into(),
            "string",
        ),
        (Data::Array(Vec::new()), "array"),
        (
            vec![1.into(), vec![Data::Null, 2.5.into()].into(), "x".into()].into(),
            "array",
        ),
        (
            Data::Dict(vec![
                ("z".into(), 1.into()),
                ("a".into(), Data::Array(vec![])),
            ]),
            "dict",
        ),
    ];
    for mode in MODES {
        let mut runtime = started(&script, mode);
        for (value, kind) in &values {
            let arguments = std::slice::from_ref(value);
            assert_eq!(
                runtime.call("same", arguments).as_ref(),
                Ok(value),
                "{mode:?}"
            );
            assert_eq!(
                runtime.call("kind", arguments),
                Ok((*kind).into()),
                "{mode:?}"
            );
        }
    }
}

#[test]
fn parts_of_data_can_be_asked_for() {
    let script = script("func report() { return {\"name\": \"x\", \"sizes\": [1, 2.5]} }");
    let mut runtime = started(&script, Mode::Tiered);
    let report = runtime.call("report", &[]).expect("it raises nothing");
    assert_eq!(report.get("name").and_then(Data::as_str), Some("x"));
    let sizes = report.get("sizes").expect("it is there").items();
    assert_eq!((sizes[0].as_int(), sizes[1].as_int()), (Some(1), None));
    assert_eq!(
        (sizes[0].as_float(), sizes[1].as_float()),
        (Some(1.0), Some(2.5))
    );
    assert_eq!(
        (report.get("missing"), report.items(), report.as_float()),
        (None, &[][..], None)
    );
}

#[test]
fn other_values_come_out_as_they_print() {
    let script = script(
        "struct P { x: int }\nfunc make(n) { return [P { x: n }, Ok(n), make, Some(P { x: 1 }), range(3)] }",
    );
    let mut runtime = started(&script, Mode::Tiered);
    let Ok(Data::Array(made)) = runtime.call("make", &[7.into()]) else {
        panic!("it makes an array");
    };
    let shown = ["P { x: 7 }", "Ok(7)", "<function make>", "Some(P { x: 1 })"];
    let shown: Vec<Data> = shown
        .iter()
        .map(|text| Data::Other((*text).into()))
        .collect();
    assert_eq!(made[..4], shown);
    assert_eq!(made[4], vec![0.into(), 1.into(), 2.into()].into());
}

#[test]
fn values_may_be_deeper_than_the_stack_of_the_host() {
    let script = script("func nest(n) { mut a := []; for i in range(n) { a := [a] }; return a }");
    let host = std::thread::Builder::new().stack_size(256 * 1024);
    let work = move || {
        let mut runtime = started(&script, Mode::Tiered);
        let mut depth = 0;
        let mut value = &runtime
            .call("nest", &[1_000_000.into()])
            .expect("it is made");
        while let Data::Array(items) = value {
            depth += 1;
            value = &items[0];
        }
        assert!(depth > 50, "{depth}");
        assert!(matches!(value, Data::Other(text) if text.starts_with("[[[")));
    };
    host.spawn(work)
        .expect("it starts")
        .join()
        .expect("it does not panic");
}

#[test]
fn functions_keep_their_state_between_calls() {
    let script = script(
        "export count := 0\nfunc next(step) { count += step; print(\"now\", count); return count }",
    );
    for mode in MODES {
        let mut runtime = started(&script, mode);
        for n in 1..=4000 {
            assert_eq!(
                runtime.call("next", &[2.into()]),
                Ok((2 * n).into()),
                "{mode:?}"
            );
        }
        assert_eq!(runtime.variable("count"), Some(8000.into()));
        let output = runtime.take_output();
        assert!(
            output.starts_with("now 2\nnow 4\n") && output.ends_with("now 8000\n"),
            "{mode:?}"
        );
        assert_eq!(runtime.take_output(), "");
    }
}

#[test]
fn errors_say_what_was_raised_and_where() {
    let text = "func deep(n) { if n == 0 { return [1][4] } return deep(n - 1) }\nfunc rethrow() { try { deep(1) } except e { throw(\"again: \" + e.message) } }\nprint(deep)";
    let script = script(text);
    for mode in MODES {
        let mut runtime = started(&script, mode);
        for _ in 0..3 {
            let error = raised(runtime.call("deep", &[2.into()]));
            assert_eq!(error.message, "Index out of bounds: 4");
            assert_eq!(
                (error.file.as_str(), error.line, error.column),
                ("host.ruff", 1, 38)
            );
            assert_eq!(error.stack, ["deep", "deep", "deep"], "{mode:?}");
            let error = raised(runtime.call("rethrow", &[]));
            assert_eq!(
                (error.message.as_str(), error.line),
                ("again: Index out of bounds: 4", 2)
            );
            let error = raised(runtime.call("deep", &[]));
            assert!(error.message.contains("argument"), "{}", error.message);
        }
        assert_eq!(
            runtime.call("missing", &[]),
            Err(Error::NoFunction("missing".into()))
        );
        assert_eq!(
            runtime.take_output(),
            "<function deep>\n",
            "the runtime is usable afterwards"
        );
    }
}

#[test]
fn wrong_programs_are_refused_with_what_ruff_would_print() {
    let Err(Error::Source(failure)) = Script::compile("bad.ruff", "x := (1\nbreak") else {
        panic!("it is wrong");
    };
    assert_eq!(failure.code, 3);
    assert!(
        failure.text.contains("[RUFPARSE001] [parser] error:")
            && failure.text.contains("--> bad.ruff:")
    );
    let Err(Error::Source(failure)) = Script::compile("bad.ruff", "break") else {
        panic!("it is wrong");
    };
    assert_eq!(failure.code, 4);
    let Err(error @ Error::Source(_)) = Script::load("no/such/program.ruff") else {
        panic!("it is not there");
    };
    assert!(
        error
            .to_string()
            .contains("Failed to read .ruff file 'no/such/program.ruff'")
    );
}

#[test]
fn wrong_bytecode_is_refused() {
    let meta = FuncMeta {
        name: "broken".into(),
        arity: 0,
        has_self: false,
        legacy_method: false,
        weight: 1,
    };
    let mut b = FuncBuilder::new(meta);
    let register = b.alloc();
    b.emit(Op::load_const(register, ConstIx(3)));
    b.emit(Op::ret(register));
    let func = b.finish().expect("it is short");
    let program = Program::new(vec![func], Image::default());
    assert!(matches!(
        Script::from_bytecode(program),
        Err(Error::Bytecode(_))
    ));
}

#[test]
fn the_top_level_runs_once_and_may_fail() {
    let script = script("print(\"up\")\nexport a := 1\nfunc get() { return b }\nb := [1][a]\n");
    for mode in MODES {
        let mut runtime = Runtime::new(&script, mode);
        runtime.keep_output();
        assert_eq!(runtime.variable("a"), None, "nothing has run");
        assert_eq!(
            raised(runtime.call("get", &[])).message,
            "Undefined variable: b"
        );
        assert_eq!(raised(runtime.run()).message, "Index out of bounds: 1");
        assert_eq!(
            runtime.variable("a"),
            Some(1.into()),
            "what ran has happened"
        );
        assert_eq!(runtime.take_output(), "up\n");
    }
    let mut runtime = started(&self::script("print(1)"), Mode::Tiered);
    assert_eq!(
        (runtime.run(), runtime.take_output().as_str()),
        (Ok(()), "1\n")
    );
}

#[test]
fn runtimes_do_not_know_each_other() {
    let counter = script("n := 0\nfunc next() { n += 1; return n }");
    let other = script("n := 100\nfunc next() { n -= 1; return n }");
    let mut runtimes: Vec<Runtime> = MODES
        .iter()
        .flat_map(|&mode| {
            [
                started(&counter, mode),
                started(&counter, mode),
                started(&other, mode),
            ]
        })
        .collect();
    for round in 1..=5 {
        for (i, runtime) in runtimes.iter_mut().enumerate() {
            let expected = if i % 3 == 2 { 100 - round } else { round };
            assert_eq!(runtime.call("next", &[]), Ok(expected.into()));
        }
        runtimes.rotate_left(3);
    }
    drop(runtimes.remove(0));
    assert_eq!(runtimes[0].call("next", &[]), Ok(6.into()));
}

#[test]
fn a_script_runs_in_many_threads() {
    let script = script(
        "func work(n) { mut d := {}; for i in range(n) { d[\"${i % 7}\"] := [i] }; return len(d) }",
    );
    std::thread::scope(|scope| {
        for _ in 0..4 {
            for mode in MODES {
                let script = script.clone();
                scope.spawn(move || {
                    let mut runtime = started(&script, mode);
                    for _ in 0..20 {
                        assert_eq!(runtime.call("work", &[500.into()]), Ok(7.into()));
                    }
                });
            }
        }
    });
}

#[test]
fn recursion_does_not_use_the_stack_of_the_host() {
    let script = script(
        "func down(n) { if n == 0 { return 0 } return 1 + down(n - 1) }\nfunc forever() { return forever() }",
    );
    let host = std::thread::Builder::new().stack_size(128 * 1024);
    let work = move || {
        for mode in [Mode::Interpreted, Mode::Compiled] {
            let mut runtime = started(&script, mode);
            assert_eq!(runtime.call("down", &[50_000.into()]), Ok(50_000.into()));
            let error = raised(runtime.call("forever", &[]));
            assert!(
                error.message.starts_with("Maximum call stack depth of "),
                "{}",
                error.message
            );
        }
    };
    host.spawn(work)
        .expect("it starts")
        .join()
        .expect("it does not panic");
}

#[test]
fn modules_are_loaded_beside_the_program() {
    let dir = directory(&[
        (
            "main.ruff",
            "from tools import twice\nexport factor := 10\nfunc scaled(n) { return twice(n) * factor }\nfunc name() { return \"main\" }",
        ),
        (
            "tools.ruff",
            "export factor := 2\nexport func twice(n) { return n * factor }\nexport func name() { return \"tools\" }",
        ),
    ]);
    let script = Script::load(dir.0.join("main.ruff")).expect("the program is right");
    for mode in MODES {
        let mut runtime = started(&script, mode);
        assert_eq!(runtime.call("scaled", &[3.into()]), Ok(60.into()));
        assert_eq!(
            runtime.variable("factor"),
            Some(10.into()),
            "that of the program"
        );
        assert_eq!(runtime.call("name", &[]), Ok("main".into()));
    }
}

#[test]
fn what_a_variable_holds_can_be_called() {
    let script = script(
        "func maker(n) { return func(x) { n += x; return n } }\nexport handler := maker(40)\nexport size := len\nexport number := 5",
    );
    for mode in MODES {
        let mut runtime = started(&script, mode);
        assert_eq!(runtime.call("handler", &[1.into()]), Ok(41.into()));
        assert_eq!(runtime.call("handler", &[1.into()]), Ok(42.into()));
        assert_eq!(runtime.call("size", &["four".into()]), Ok(4.into()));
        assert_eq!(
            runtime.call("number", &[]),
            Err(Error::NoFunction("number".into()))
        );
    }
}

#[test]
fn the_host_decides_on_arguments_and_effects() {
    let script =
        script("func words() { return args() }\nfunc read(path) { return read_file(path) }");
    let mut runtime = started(&script, Mode::Tiered);
    assert_eq!(runtime.call("words", &[]), Ok(Data::Array(vec![])));
    runtime.set_args(vec!["a".into(), "-b".into()]);
    assert_eq!(
        runtime.call("words", &[]),
        Ok(vec!["a".into(), "-b".into()].into())
    );
    runtime.set_capabilities(Capabilities(0));
    let error = raised(runtime.call("read", &["Cargo.toml".into()]));
    assert!(
        error
            .message
            .starts_with("Capability denied: filesystem-read"),
        "{}",
        error.message
    );
}

#[test]
fn sessions_call_functions_on_values() {
    let script = script("func add(a, b) { return a + b }");
    let add = script.function("add").expect("it is there");
    assert_eq!(script.function("sub"), None);
    for mode in MODES {
        let mut runtime = started(&script, mode);
        let sum = runtime.session(|session| {
            let mut sum = 0;
            for n in 0..5000 {
                let value = session.call(add, &mut [Value::int(sum), Value::int(n)])?;
                sum = value.as_int().unwrap_or(-1);
            }
            Ok::<i64, Error>(sum)
        });
        assert_eq!(sum, Ok(4999 * 5000 / 2), "{mode:?}");
        let wrong = runtime.session(|session| session.call(add, &mut [Value::NULL]).map(drop));
        assert!(raised(wrong).message.contains("argument"));
    }
    let small = self::script("x := 1");
    let mut other = started(&small, Mode::Interpreted);
    let foreign = other.session(|session| session.call(add, &mut []).map(drop));
    assert!(matches!(foreign, Err(Error::NoFunction(_))), "{foreign:?}");
}

#[test]
fn typed_calls_give_what_other_calls_give() {
    let script = script(
        "mut calls := 0
func area(width, height) { calls += 1; return width * height }
func half(x) { return x / 2.0 }
func mixed(n, x, up, y) { if up { return n + x + y } return n - x - y }
func is_even(n) { return n % 2 == 0 }
func deep(n) { if n == 0 { return 0 } return 1 + deep(n - 1) }
func endless(n) { return 1 + endless(n) }
func nothing(n) { calls += n }
func loud(n) { try { throw(\"x\") } except e { return n + len(e.stack) } }
export func count() { return calls }",
    );
    let function = |name: &str| script.function(name).expect("it is there");
    for mode in MODES {
        let mut runtime = started(&script, mode);
        runtime.session(|session| {
            let area = session.typed::<(i64, i64), i64>(function("area")).unwrap();
            assert_eq!(session.call_typed(&area, (6, -7)), Ok(-42));
            let error = raised(session.call_typed(&area, (i64::MAX, 2)));
            assert_eq!(error.message, "Integer overflow: 9223372036854775807 * 2");
            assert_eq!((error.line, error.stack.len()), (2, 1), "{mode:?}");
            assert_eq!(session.call_typed(&area, (2, 3)), Ok(6));

            let half = session.typed::<(f64,), f64>(function("half")).unwrap();
            assert_eq!(session.call_typed(&half, (-0.5,)), Ok(-0.25));
            let mixed = function("mixed");
            let mixed = session.typed::<(i64, f64, bool, f64), f64>(mixed).unwrap();
            assert_eq!(session.call_typed(&mixed, (1, 2.0, true, 4.0)), Ok(7.0));
            assert_eq!(session.call_typed(&mixed, (1, 2.0, false, 4.0)), Ok(-5.0));
            let is_even = session.typed::<(i64,), bool>(function("is_even")).unwrap();
            assert_eq!(session.call_typed(&is_even, (4,)), Ok(true));
            assert_eq!(session.call_typed(&is_even, (5,)), Ok(false));

            let deep = session.typed::<(i64,), i64>(function("deep")).unwrap();
            assert_eq!(session.call_typed(&deep, (9_000,)), Ok(9_000));
            let endless = session.typed::<(i64,), i64>(function("endless")).unwrap();
            for _ in 0..2 {
                let error = raised(session.call_typed(&endless, (1,)));
                assert!(error.message.starts_with("Maximum call stack depth"));
            }
            let nothing = session.typed::<(i64,), ()>(function("nothing")).unwrap();
            assert_eq!(session.call_typed(&nothing, (40,)), Ok(()));
            let count = session.typed::<(), i64>(function("count")).unwrap();
            assert_eq!(session.call_typed(&count, ()), Ok(43));
            let loud = session.typed::<(i64,), i64>(function("loud")).unwrap();
            assert_eq!(session.call_typed(&loud, (1,)), Ok(2));
        });
    }
}

#[test]
fn typed_calls_look_at_what_may_be_of_another_type() {
    let script = script("func sometimes(n) { if n > 1 { return \"many\" } return n }");
    let sometimes = script.function("sometimes").expect("it is there");
    for mode in MODES {
        let mut runtime = started(&script, mode);
        runtime.session(|session| {
            let typed = session.typed::<(i64,), i64>(sometimes).unwrap();
            assert_eq!(session.call_typed(&typed, (1,)), Ok(1));
            let wrong = Error::WrongType {
                wanted: "int".into(),
                given: "string".into(),
            };
            assert_eq!(session.call_typed(&typed, (2,)), Err(wrong), "{mode:?}");
            let arity = session.typed::<(), i64>(sometimes).unwrap();
            assert!(
                raised(session.call_typed(&arity, ()))
                    .message
                    .contains("argument")
            );
        });
    }
}
