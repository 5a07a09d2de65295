//! Ruff inside another program: compile a source or bytecode, run it, call its functions, read values.
//!
//! In: source text, [`Data`]. Out: [`Data`], or an [`Error`] that says which kind of thing went wrong.
//! It knows the driver and the runtime; values of the runtime only leave it inside a [`Session`].
//!
//! A [`Script`] may be shared between threads; a [`Runtime`] stays in one. Recursion of a program does not use the host's stack, and no
//! fault of a program ends the host: only the builtin `exit` does, which ends the process wherever it is called.

mod typed;

pub use typed::TypedFunction;

use crate::bytecode::verify::{Fault, verify_program};
use crate::bytecode::{FuncIx, Program};
use crate::diag::ColorChoice;
use crate::driver::Failure;
use crate::driver::front::{self, Source};
use crate::driver::run::{self, Engine};
use crate::driver::tier::{self, Tier};
use crate::interp::Interp;
use crate::resolve;
use ruff_runtime::builtins::Capabilities;
use ruff_runtime::ctx::Ctx;
use ruff_runtime::error::Thrown;
use ruff_runtime::heap::Ref;
use ruff_runtime::object::{Array, Dict, Func, Key, Str};
use ruff_runtime::ops;
use ruff_runtime::os::{output::Output, stack};
use ruff_runtime::start::{self, Uncaught};
use ruff_runtime::value::{Tag, Value};
use std::fmt;
use std::marker::PhantomData;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// A compiled program. Cheap to clone; any number of [`Runtime`]s may run it.
#[derive(Clone, Debug)]
pub struct Script {
    program: Arc<Program>,
}

/// A function of a [`Script`] that captures nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Function(FuncIx);

/// How a [`Runtime`] runs its program. The results are the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    /// In the interpreter.
    Interpreted,
    /// In the interpreter; what is hot is compiled.
    #[default]
    Tiered,
    /// Compiled before its first call.
    Compiled,
}

/// What can go wrong.
#[derive(Clone, PartialEq, Debug)]
pub enum Error {
    /// The source cannot be read or is wrong; the text is what `ruff` would print.
    Source(Failure),
    /// The bytecode breaks a rule of its format.
    Bytecode(Fault),
    /// The program raised an error that it did not catch.
    Raised(Uncaught),
    /// The program has no function of that name.
    NoFunction(String),
    /// A function has given something else than the host wants.
    #[allow(missing_docs, reason = "the types by name")]
    WrongType { wanted: String, given: String },
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Error::Source(failure) => failure.fmt(out),
            Error::Bytecode(fault) => fault.fmt(out),
            Error::Raised(error) => out.write_str(&error.message),
            Error::NoFunction(name) => write!(out, "the program has no function '{name}'"),
            Error::WrongType { wanted, given } => {
                write!(
                    out,
                    "the function gives a value of type {given}, not {wanted}"
                )
            }
        }
    }
}

impl std::error::Error for Error {}

impl Script {
    /// Compiles a source text. `name` stands for it in positions; imports start from the current directory.
    pub fn compile(name: &str, text: &str) -> Result<Script, Error> {
        Script::front(&Source::Text {
            name: name.into(),
            text: text.into(),
        })
    }

    /// Compiles a file and the modules it imports.
    pub fn load(path: impl AsRef<Path>) -> Result<Script, Error> {
        Script::front(&Source::File(path.as_ref().into()))
    }

    fn front(source: &Source) -> Result<Script, Error> {
        let compiled = front::parse(source, ColorChoice::Plain)
            .and_then(|parsed| front::compile(parsed, resolve::Mode::Hosted))
            .map_err(Error::Source)?;
        Ok(Script {
            program: Arc::new(compiled.program),
        })
    }

    /// Takes a program in bytecode, for instance one built with [`FuncBuilder`](crate::bytecode::FuncBuilder).
    pub fn from_bytecode(program: Program) -> Result<Script, Error> {
        verify_program(&program).map_err(Error::Bytecode)?;
        Ok(Script {
            program: Arc::new(program),
        })
    }

    /// The bytecode.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The function of that name, as messages show it (`f`, `S.method`), for [`Session::call`].
    pub fn function(&self, name: &str) -> Option<Function> {
        let fits = |func: &crate::bytecode::Func| func.name() == name && func.captures == 0;
        let at = self.program.funcs.iter().position(fits)?;
        Some(Function(FuncIx(at as u16)))
    }
}

/// A program that is loaded: its variables, its output, its engine.
pub struct Runtime {
    interp: Interp,
    /// The compiler, unless the program is only interpreted.
    tier: Option<Rc<Tier>>,
}

impl Runtime {
    /// Loads a program. Nothing of it runs yet; its top-level functions can be called all the same.
    pub fn new(script: &Script, mode: Mode) -> Runtime {
        let mut interp = run::load(&script.program, Engine::Interpreter);
        let threshold = (mode == Mode::Compiled).then_some(1);
        let config = tier::Config {
            threshold,
            ..tier::Config::default()
        };
        let compiles = mode != Mode::Interpreted;
        let tier = compiles.then(|| tier::attach(&mut interp, config));
        Runtime { interp, tier }
    }

    /// What `args()` gives.
    pub fn set_args(&mut self, args: Vec<String>) {
        self.interp.cx.args = args;
    }

    /// The effects on the host that the program may have; all by default.
    pub fn set_capabilities(&mut self, allowed: Capabilities) {
        self.interp.cx.allowed = allowed;
    }

    /// Keeps what the program prints, for [`Runtime::take_output`], instead of writing it to standard output.
    pub fn keep_output(&mut self) {
        self.interp.cx.out = Output::in_memory();
    }

    /// What the program has printed since the last call.
    pub fn take_output(&mut self) -> String {
        self.interp.cx.out.take()
    }

    /// Runs the top level of the program's first file, unless it has run already.
    pub fn run(&mut self) -> Result<(), Error> {
        start::run(&mut self.interp.cx)
            .map(drop)
            .map_err(Error::Raised)
    }

    /// Calls what the program exports under that name, or else its first function of that name.
    pub fn call(&mut self, name: &str, args: &[Data]) -> Result<Data, Error> {
        let callee = self.callee(name);
        let callee = callee.ok_or_else(|| Error::NoFunction(name.into()))?;
        self.session(|session| {
            let mut values: Vec<Value> = args.iter().map(Data::to_value).collect();
            let result = ops::call(session.cx, &callee, &mut values);
            result
                .map(|value| Data::from_value(&value))
                .map_err(|Thrown| session.raised())
        })
    }

    fn callee(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.exported(name).filter(|value| ops::is_callable(value)) {
            return Some(value.clone());
        }
        let funcs = &self.interp.program().funcs;
        let fits = |func: &crate::bytecode::Func| func.name() == name && func.captures == 0;
        let at = funcs.iter().position(fits)?;
        Some(Value::from(self.interp.cx.func_object(at as u16).clone()))
    }

    /// The value of a variable that the program exports, once it has one.
    pub fn variable(&self, name: &str) -> Option<Data> {
        self.exported(name).map(Data::from_value)
    }

    fn exported(&self, name: &str) -> Option<&Value> {
        let cx = &self.interp.cx;
        let names = &cx.image.names;
        let mut exports = cx.image.modules.first()?.exports.iter();
        let (_, global) = exports.find(|(id, _)| names[usize::from(*id)].text == name)?;
        Some(cx.global(*global)).filter(|value| !value.is_uninit())
    }

    /// Prepares the stack for calls once; inside, calls cost next to nothing.
    pub fn session<R>(&mut self, work: impl FnOnce(&mut Session) -> R) -> R {
        let cx = &mut *self.interp.cx;
        stack::run(|stack| {
            cx.max_depth = stack.max_depth();
            cx.stack_limit = stack.call_limit();
            let tier = self.tier.as_deref();
            let brand = PhantomData;
            work(&mut Session { cx, tier, brand })
        })
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.interp.cx.shutdown();
    }
}

/// Calls without preparation, on values of the runtime. See [`Runtime::session`].
///
/// What it looks up can only be used in this session, since the lifetime is its own:
///
/// ```compile_fail
/// # use ruff::embed::{Function, Runtime};
/// fn mix(one: &mut Runtime, other: &mut Runtime, function: Function) {
///     one.session(|one| {
///         let prepared = one.prepare(function).unwrap();
///         other.session(|other| other.call_prepared(&prepared, &mut []).map(drop))
///     });
/// }
/// ```
pub struct Session<'a> {
    cx: &'a mut Ctx,
    tier: Option<&'a Tier>,
    brand: Brand<'a>,
}

/// Makes a lifetime neither longer nor shorter than it is.
type Brand<'a> = PhantomData<fn(&'a ()) -> &'a ()>;

impl<'a> Session<'a> {
    /// Calls a function of the runtime's script. The arguments are taken out of the slice.
    ///
    /// Arguments and result belong to this runtime: use neither in another one.
    #[inline]
    pub fn call(&mut self, function: Function, args: &mut [Value]) -> Result<Value, Error> {
        let prepared = self.prepare(function)?;
        self.call_prepared(&prepared, args)
    }

    /// Looks a function of the runtime's script up once, for many calls.
    pub fn prepare(&self, function: Function) -> Result<Prepared<'a>, Error> {
        if usize::from(function.0.0) >= self.cx.image.funcs.len() {
            return Err(Error::NoFunction(format!("{:?}", function.0)));
        }
        let func = self.cx.func_object(function.0.0).clone();
        let brand = PhantomData;
        Ok(Prepared { func, brand })
    }

    /// Calls a function that this runtime has looked up, like [`Session::call`].
    #[inline(always)]
    pub fn call_prepared(
        &mut self,
        prepared: &Prepared<'a>,
        args: &mut [Value],
    ) -> Result<Value, Error> {
        self.reset();
        match ops::call_function(self.cx, &prepared.func, args) {
            Ok(value) => Ok(value),
            Err(Thrown) => Err(self.raised()),
        }
    }

    /// Calls come from no function: what the last one left does not count.
    #[inline(always)]
    fn reset(&mut self) {
        (self.cx.depth, self.cx.frame) = (0, std::ptr::null());
    }

    #[cold]
    fn raised(&mut self) -> Error {
        Error::Raised(Uncaught::take(self.cx).unwrap_or_default())
    }
}

/// A function that a session has looked up.
pub struct Prepared<'a> {
    func: Ref<Func>,
    brand: Brand<'a>,
}

/// A value that belongs to nobody: what goes into a program and what comes out.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "the variants are the names of the types")]
pub enum Data {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(String),
    Array(Vec<Data>),
    /// In insertion order.
    Dict(Vec<(String, Data)>),
    /// Any other value, as it prints; and what is nested more than [`Data::DEPTH`] levels deep.
    Other(String),
}

impl Data {
    /// How deep arrays and dicts nest in what [`Data::from_value`] gives: the host recurses over them.
    pub const DEPTH: usize = 100;

    /// A copy of a value of the runtime.
    pub fn from_value(value: &Value) -> Data {
        Data::within(value, Data::DEPTH)
    }

    fn within(value: &Value, depth: usize) -> Data {
        match value.tag() {
            Tag::Null => Data::Null,
            Tag::Bool => Data::Bool(value.as_bool().unwrap_or_default()),
            Tag::Int => Data::Int(value.as_int().unwrap_or_default()),
            Tag::Float => Data::Float(value.as_float().unwrap_or_default()),
            Tag::Str => Data::Str(value.as_text().unwrap_or_default().into()),
            _ => match depth.checked_sub(1) {
                Some(depth) => Data::from_object(value, depth),
                None => Data::Other(ops::text::to_text(value)),
            },
        }
    }

    fn from_object(value: &Value, depth: usize) -> Data {
        if let Some(array) = value.as_object::<Array>() {
            let items = array.iter().map(|item| Data::within(&item, depth));
            return Data::Array(items.collect());
        }
        if let Some(dict) = value.as_object::<Dict>() {
            let entry = |entry: &ruff_runtime::object::Entry| {
                let mut key = String::new();
                entry.key.write(&mut key);
                (key, Data::within(&entry.value, depth))
            };
            return Data::Dict(dict.iter().map(entry).collect());
        }
        Data::Other(ops::text::to_text(value))
    }

    /// The int, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Data::Int(n) => Some(*n),
            _ => None,
        }
    }

    /// The number, if it is an int or a float.
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Data::Int(n) => Some(*n as f64),
            Data::Float(x) => Some(*x),
            _ => None,
        }
    }

    /// The text, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Data::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of an array; none of anything else.
    pub fn items(&self) -> &[Data] {
        match self {
            Data::Array(items) => items,
            _ => &[],
        }
    }

    /// The value under a key of a dict.
    pub fn get(&self, key: &str) -> Option<&Data> {
        match self {
            Data::Dict(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The value for the runtime; [`Data::Other`] becomes its text.
    pub fn to_value(&self) -> Value {
        match self {
            Data::Null => Value::NULL,
            Data::Bool(b) => Value::bool(*b),
            Data::Int(n) => Value::int(*n),
            Data::Float(x) => Value::float(*x),
            Data::Str(text) | Data::Other(text) => Value::from(Str::new(text)),
            Data::Array(items) => {
                let items = items.iter().map(Data::to_value).collect();
                Value::from(Ref::new(Array::from_values(items)))
            }
            Data::Dict(entries) => {
                let mut dict = Dict::default();
                for (key, value) in entries {
                    dict.insert(Key::from_text(key), value.to_value());
                }
                Value::from(Ref::new(dict))
            }
        }
    }
}

macro_rules! data_from {
    ($($from:ty => $variant:ident),*) => { $(
        impl From<$from> for Data {
            fn from(value: $from) -> Data {
                Data::$variant(value.into())
            }
        }
    )* };
}
data_from!(bool => Bool, i64 => Int, i32 => Int, u32 => Int, f64 => Float, &str => Str, String => Str, Vec<Data> => Array);
