//! Builtins that only compute, called directly.

use ruff::embed::Script;
use ruff::interp::Interp;
use ruff_runtime::builtins::{ALL, Builtin, Effect, find};
use ruff_runtime::ops;
use ruff_runtime::os::stack;
use ruff_runtime::value::Value;
use std::cell::RefCell;
use std::sync::Arc;

fn builtin(name: &str) -> &'static Builtin {
    ALL[usize::from(find(name).expect("there is such a builtin"))]
}

thread_local! {
    /// The state of an empty program. Its names live as long as the process, so that a new one for each input would fill the memory.
    static STATE: RefCell<Interp> = {
        let script = Script::compile("empty.ruff", "").expect("nothing is a program");
        let program = Arc::new(script.program().clone());
        RefCell::new(Interp::new(program).expect("it is the compiler's"))
    };
}

/// Runs with the state of an empty program, on a stack like that of programs.
fn with_state(work: impl FnOnce(&mut Interp)) {
    STATE.with_borrow_mut(|interp| {
        stack::run(|stack| {
            interp.cx.max_depth = stack.max_depth();
            interp.cx.stack_limit = stack.call_limit();
            work(interp);
            interp.cx.shutdown();
        });
    });
}

/// The result; none if it raises.
fn call(interp: &mut Interp, builtin: &'static Builtin, mut args: Vec<Value>) -> Option<Value> {
    let result = ops::call_builtin(&mut interp.cx, builtin, &mut args);
    if result.is_err() {
        ops::catch_none(&mut interp.cx);
    }
    result.ok()
}

/// What `to_json` makes of what `parse_json` makes of a text is a fixed point of both.
pub fn json(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (parse, write) = (builtin("parse_json"), builtin("to_json"));
    with_state(|interp| {
        let Some(value) = call(interp, parse, vec![Value::str(&text)]) else {
            return;
        };
        let Some(written) = call(interp, write, vec![value]) else {
            return;
        };
        let again = call(interp, parse, vec![written.clone()]);
        let again = again.expect("what to_json writes can be parsed");
        let rewritten = call(interp, write, vec![again]);
        let rewritten = rewritten.as_ref().and_then(Value::as_text);
        assert_eq!(rewritten, written.as_text());
    });
}

/// The first byte chooses a builtin that only computes; the rest are arguments, separated by zeros.
pub fn pure(bytes: &[u8]) {
    let Some((&which, rest)) = bytes.split_first() else {
        return;
    };
    let builtins: Vec<&'static Builtin> = ALL
        .iter()
        .copied()
        .filter(|builtin| builtin.effect == Effect::Pure)
        .collect();
    let builtin = builtins[usize::from(which) % builtins.len()];
    with_state(|interp| {
        let texts = rest.split(|b| *b == 0).take(5);
        let args = texts.map(|text| argument(interp, text)).collect();
        if let Some(value) = call(interp, builtin, args) {
            // A string that is not UTF-8, a length that is wrong: seen when all of it is read.
            let text = ops::text::to_text(&value);
            assert!(text.chars().count() <= text.len(), "{}", builtin.name);
        }
    });
}

/// No computer has memory for so many.
const HUGE: u64 = 1 << 44;

/// A text; behind `#` a number, a bool or nothing; or JSON.
fn argument(interp: &mut Interp, bytes: &[u8]) -> Value {
    let text = String::from_utf8_lossy(bytes);
    if text.starts_with(['[', '{']) {
        return call(interp, builtin("parse_json"), vec![Value::str(&text)]).unwrap_or_default();
    }
    match text.strip_prefix('#') {
        Some("") => Value::NULL,
        Some(number) => match (number.parse::<i64>(), number.parse::<f64>()) {
            // What is merely large takes long, or all memory; what is huge must be refused.
            (Ok(int), _) if int.unsigned_abs() < HUGE => Value::int(int % 100_000),
            (Ok(int), _) => Value::int(int),
            (_, Ok(float)) if float.abs() < HUGE as f64 => Value::float(float % 100_000.0),
            (_, Ok(float)) => Value::float(float),
            _ => Value::bool(number == "t"),
        },
        None => Value::str(&text),
    }
}
