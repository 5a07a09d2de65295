//! What a program means, by the letter of the language reference: an evaluator over the syntax tree that is too simple to be wrong.
//!
//! In: a source text. Out: what it prints and the error that ends it, as far as the oracle knows, or that it gives up: the program
//! runs too long, or does what the language leaves open.
//!
//! Values are copied deeply, names are looked up where they are used, nothing is shared, cached or optimised. Of the engines it uses
//! the lexer and the parser; builtins on plain values are those of the runtime (`native`), everything else is its own.

mod builtins;
mod call;
mod expr;
mod native;
mod operators;
mod pattern;
mod place;
mod scope;
mod stmt;
mod value;

use ruff::driver::run::Captured;
use ruff::source::{SourceMap, Span};
use ruff::syntax::parse;
use ruff_runtime::ctx::Ctx;
use scope::{Scope, Variable};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use value::{Struct, Value};

/// How many steps a program may take.
const FUEL: u64 = 400_000;

/// How many values may hang together, and how many characters may be printed.
const LARGE: usize = 20_000;

/// How deep calls may nest.
const DEEP: usize = 80;

/// A raised error on its way.
#[derive(Debug)]
struct Thrown<'a> {
    message: String,
    value: Value<'a>,
    cause: Option<Value<'a>>,
    /// Offset in the text.
    at: u32,
    /// The active functions, outermost first.
    stack: Vec<String>,
}

/// Why an evaluation ends early.
#[derive(Debug)]
enum Stop<'a> {
    Error(Box<Thrown<'a>>),
    /// `?` on a failure: the function returns it.
    Return(Value<'a>),
    /// There may be no answer, or none in reasonable time.
    GiveUp(&'static str),
}

type Eval<'a, T = Value<'a>> = Result<T, Stop<'a>>;

/// A running program.
struct Oracle<'a> {
    map: &'a SourceMap,
    out: String,
    fuel: u64,
    /// The names that the file scope binds, and the variables that are initialised.
    bound: Vec<&'a str>,
    globals: HashMap<&'a str, Rc<Variable<'a>>>,
    /// The active functions, outermost first.
    stack: Vec<String>,
    /// The text of the innermost of them.
    function: Option<Span>,
    /// How much of the output is known, if that is not all, and why.
    unknown: Option<(usize, &'static str)>,
    /// For the builtins of the runtime.
    cx: Ctx,
}

/// What the oracle says of a program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// All of it.
    Whole(Captured),
    /// It ends and begins with this output; the oracle does not know the rest, for a reason.
    Begins(String, &'static str),
    /// Nothing, for a reason.
    None(&'static str),
}

/// Runs a program, shown as `name`.
pub fn run(name: &str, text: &str) -> Answer {
    let mut map = SourceMap::new();
    let file = map.add(name, text);
    let (tree, faults) = parse(&map, file);
    if !faults.is_empty() {
        return Answer::None("it does not parse");
    }
    let mut oracle = Oracle {
        map: &map,
        out: String::new(),
        fuel: FUEL,
        bound: scope::globals(&tree.body),
        globals: HashMap::new(),
        stack: Vec::new(),
        function: None,
        unknown: None,
        cx: native::context(),
    };
    let scope = Scope::new(None, &tree.body);
    oracle.hoist(&tree.body, &scope);
    let error = match oracle.stmts(&tree.body, &scope) {
        Ok(_) | Err(Stop::Return(_)) => None,
        Err(Stop::GiveUp(why)) => return Answer::None(why),
        Err(Stop::Error(thrown)) => Some(oracle.report(&thrown)),
    };
    if let Some((known, why)) = oracle.unknown {
        oracle.out.truncate(known);
        return Answer::Begins(oracle.out, why);
    }
    Answer::Whole(Captured {
        output: oracle.out,
        error,
    })
}

impl<'a> Oracle<'a> {
    /// One step; gives up when there were too many.
    fn step(&mut self) -> Eval<'a, ()> {
        match self.fuel.checked_sub(1) {
            Some(rest) => self.fuel = rest,
            None => return Err(Stop::GiveUp("it runs too long")),
        }
        Ok(())
    }

    /// The oracle has no answer, though there is one: from here on it only finds out whether the program ends, with an assumption.
    fn unknown(&mut self, why: &'static str, assumed: Value<'a>) -> Eval<'a> {
        self.unknown.get_or_insert((self.out.len(), why));
        Ok(assumed)
    }

    /// Gives up on values that are too large to be copied all the time.
    fn small(&mut self, value: Value<'a>) -> Eval<'a> {
        let weight = value.weight();
        self.fuel = self.fuel.saturating_sub(weight as u64 / 8);
        match weight > LARGE {
            true => Err(Stop::GiveUp("a value is too large")),
            false => Ok(value),
        }
    }

    fn raise<T>(&self, at: u32, message: impl Into<String>) -> Eval<'a, T> {
        let message = message.into();
        let value = Value::Str(message.clone());
        self.throw(at, message, value, None)
    }

    fn throw<T>(
        &self,
        at: u32,
        message: String,
        value: Value<'a>,
        cause: Option<Value<'a>>,
    ) -> Eval<'a, T> {
        Err(Stop::Error(Box::new(Thrown {
            message,
            value,
            cause,
            at,
            stack: self.stack.clone(),
        })))
    }

    /// `throw(v)`
    fn throw_value<T>(&self, at: u32, value: Value<'a>) -> Eval<'a, T> {
        let part = |name: &str| match &value {
            Value::Struct(object) => object.fields.get(name).cloned(),
            Value::Dict(entries) => entries
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.clone()),
            _ => None,
        };
        let message = match (part("message"), &value) {
            (Some(Value::Str(message)), _) => message,
            (_, Value::Struct(object)) => format!("{} error", object.name),
            _ => value.text(),
        };
        let cause = part("cause");
        self.throw(at, message, value, cause)
    }

    /// What `except e` binds.
    fn caught(&self, thrown: Thrown<'a>) -> Value<'a> {
        let stack = thrown.stack.into_iter().map(Value::Str).collect();
        let mut fields = BTreeMap::from([
            ("message".to_owned(), Value::Str(thrown.message)),
            ("stack".to_owned(), Value::Array(stack)),
            ("line".to_owned(), Value::Int(0)),
        ]);
        if let Some(cause) = thrown.cause {
            fields.insert("cause".into(), cause);
        }
        Value::Struct(Struct {
            name: "Error".into(),
            fields,
            definition: None,
            hidden: Some(Box::new((thrown.value, self.position(thrown.at)))),
        })
    }

    fn position(&self, at: u32) -> String {
        let (file, _) = self.map.files().next().expect("the program is a file");
        self.map.position(Span::new(file, at, at))
    }

    /// The text of an uncaught error (language.md §14.2).
    fn report(&self, thrown: &Thrown) -> String {
        let mut text = format!(
            "[RUFVM001] [vm] Runtime Error: {}\n  --> {}\n",
            thrown.message,
            self.position(thrown.at)
        );
        if !thrown.stack.is_empty() {
            text += "\nCall stack:\n";
            for (i, name) in thrown.stack.iter().rev().enumerate() {
                text += &format!("  {i} at {name}\n");
            }
            text += "\n";
        }
        text
    }
}
