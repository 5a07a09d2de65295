//! When to leave the interpreter: what is hot is compiled, once for the kinds of values that it works on.
//!
//! In: the interpreter's word that a function or loop is hot. Out: a new entry for the function, or the loop finished in machine
//! code. What cannot be compiled stays interpreted and is counted.
//! It does not know how code is made.

use super::jit::Jit;
use super::native::{self, Found};
use super::stats::{self, Counter};
use crate::bytecode::{FuncIx, Program};
use crate::interp::{Interp, TierUp};
use crate::ssa;
use crate::ssa::types::Type;
use ruff_runtime::ctx::{Ctx, Entry};
use ruff_runtime::fault;
use ruff_runtime::object::{Array, Func, Storage};
use ruff_runtime::os::stack;
use ruff_runtime::value::Value;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// Calls and iterations of a function after which compiling it pays. Below, the interpreter would have been done before the compiler.
const THRESHOLD: u32 = 1500;

/// How eagerly to compile.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Config {
    /// Calls or iterations after which a function is compiled; 1: before its first call.
    pub threshold: Option<u32>,
    /// Write a map with which `perf` names machine code.
    pub perf_map: bool,
    /// How code is made.
    pub native: native::Options,
}

/// Has the interpreter's hot code compiled.
pub fn attach(interp: &mut Interp, config: Config) -> Rc<Tier> {
    let threshold = config.threshold.unwrap_or(THRESHOLD);
    let tier = Rc::new(Tier {
        program: interp.program().clone(),
        config,
        threshold,
        compiler: RefCell::new(Compiler::Idle),
        loops: RefCell::default(),
    });
    interp.set_tier_up(threshold, tier.clone());
    tier
}

/// The compiler of one running program.
pub struct Tier {
    program: Arc<Program>,
    config: Config,
    threshold: u32,
    compiler: RefCell<Compiler>,
    loops: RefCell<FxHashMap<Loop, Entry>>,
}

/// A loop by its function, its head and what the live registers hold.
type Loop = (u16, u32, Found);

/// Set up when the first function is hot: most programs end before.
enum Compiler {
    Idle,
    Ready(Box<Jit>),
    Refused,
}

impl Tier {
    /// Code of a function for hosts; see [`Jit::host_entry`]. None, too, if nothing can be compiled.
    pub fn host_entry(&self, func: FuncIx, params: &[Type], ret: Type) -> Option<*const u8> {
        self.compile(|jit, program| jit.host_entry(program, func.0, params, ret))
            .flatten()
    }

    /// Runs the compiler if there is one. It stands on a stack of its own, since the program may be deep in its recursion.
    fn compile<T>(&self, work: impl FnOnce(&mut Jit, &Program) -> T) -> Option<T> {
        let mut compiler = self.compiler.borrow_mut();
        if let Compiler::Idle = *compiler {
            let new = stats::timed(Counter::set_up, || {
                Jit::new(&self.program, self.config.native, self.config.perf_map)
            });
            *compiler = match new {
                Ok(jit) => Compiler::Ready(Box::new(jit)),
                Err(refusal) => {
                    stats::add(refusal, 1);
                    Compiler::Refused
                }
            };
        }
        match &mut *compiler {
            Compiler::Ready(jit) => Some(stack::run(|_| work(jit, &self.program))),
            _ => None,
        }
    }
}

fn type_of(value: &Value) -> Type {
    let ty = match value.as_object::<Array>() {
        Some(array) if array.is_empty() && array.storage() != Storage::Values => Type::EMPTY_ARRAY,
        Some(array) => Type::array_of(array.storage()),
        None => Type::of(value.tag()),
    };
    ty.specialised()
}

impl TierUp for Tier {
    fn hot_call(&self, cx: &mut Ctx, func: FuncIx, args: &[Value]) {
        let types: Vec<Type> = args.iter().map(type_of).collect();
        if let Some(entry) = self.compile(|jit, program| jit.function(program, func.0, &types)) {
            cx.func(func.0.into()).entry.set(entry);
        }
    }

    fn hot_loop(
        &self,
        cx: &mut Ctx,
        func: FuncIx,
        callee: &Func,
        at: u32,
        registers: &mut [Value],
    ) -> Option<u64> {
        let live = ssa::entry_registers(self.program.func(func), at);
        let values = live
            .iter()
            .map(|&register| &registers[usize::from(register)]);
        let is_natural = |value: &Value| {
            value
                .as_int()
                .is_some_and(|n| n >= 0 || fault!(CountersAreNatural))
        };
        let found = Found {
            types: values.clone().map(type_of).collect(),
            not_negative: (values.enumerate())
                .filter_map(|(i, value)| is_natural(value).then_some(i))
                .collect(),
        };
        let key = (func.0, at, found);
        let known = self.loops.borrow().get(&key).copied();
        let entry = match known {
            Some(entry) => entry,
            None => {
                let entry =
                    self.compile(|jit, program| jit.at_loop(program, func.0, at, &key.2))?;
                self.loops.borrow_mut().insert(key, entry);
                entry
            }
        };
        // The next call of the function need not get hot again: it is.
        cx.func(func.0.into()).heat.set(self.threshold - 1);
        let mut args: Vec<Value> = live
            .iter()
            .map(|&register| registers[usize::from(register)].take())
            .collect();
        registers
            .iter_mut()
            .for_each(|register| drop(register.take()));
        // SAFETY: the version behind the entry was compiled for these registers with values of these types. It
        // consumes them, so that the vector must not drop them again.
        unsafe {
            let tag = entry(cx, callee, args.as_mut_ptr());
            args.set_len(0);
            Some(tag)
        }
    }
}
