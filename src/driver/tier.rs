//! When to leave the interpreter: what is hot is compiled, once for the kinds of values that it works on.
//!
//! In: the interpreter's word that a function or loop is hot. Out: a new entry for the function, or the loop run in machine code. What cannot be compiled stays interpreted and is counted.
//! It does not know how code is made.

use super::jit::Jit;
use super::native::{self, Found};
use super::stats::{self, Counter};
use crate::bytecode::{FuncIx, Program};
use crate::interp::{Interp, LoopEnd, TierUp};
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
        live: RefCell::default(),
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
    /// The live registers at instructions where a loop has been entered or left.
    live: RefCell<Live>,
}

/// Registers by function and instruction.
type Live = FxHashMap<(u16, u32), Rc<[usize]>>;

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

    /// The registers that are live at an instruction; see [`ssa::live_registers`].
    fn live_registers(&self, func: FuncIx, at: u32) -> Rc<[usize]> {
        let mut known = self.live.borrow_mut();
        let live = known.entry((func.0, at)).or_insert_with(|| {
            let live = ssa::live_registers(self.program.func(func), at);
            live.into_iter().map(usize::from).collect()
        });
        live.clone()
    }

    fn is_top_level(&self, func: FuncIx) -> bool {
        let modules = &self.program.image.modules;
        modules.iter().any(|module| module.main == func.0)
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

/// What the registers of a loop hold.
fn found<'v>(values: impl Iterator<Item = &'v Value> + Clone) -> Found {
    let is_natural = |value: &Value| {
        value
            .as_int()
            .is_some_and(|n| n >= 0 || fault!(CountersAreNatural))
    };
    Found {
        types: values.clone().map(type_of).collect(),
        not_negative: (values.enumerate())
            .filter_map(|(i, value)| is_natural(value).then_some(i))
            .collect(),
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
    fn hot_call(&self, cx: &mut Ctx, func: FuncIx, args: &[Value]) -> bool {
        let types: Vec<Type> = args.iter().map(type_of).collect();
        let entry = self.compile(|jit, program| jit.function(program, func.0, &types));
        if let Some(entry) = entry {
            cx.func(func.0.into()).entry.set(entry);
        }
        entry.is_some()
    }

    fn hot_loop(
        &self,
        cx: &mut Ctx,
        func: FuncIx,
        callee: &Func,
        at: u32,
        registers: &mut [Value],
    ) -> Option<LoopEnd> {
        let live = self.live_registers(func, at);
        let found = found(live.iter().map(|&register| &registers[register]));
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
        let mut args: Vec<Value> = Vec::with_capacity(registers.len() + 1);
        args.extend(live.iter().map(|&register| registers[register].take()));
        registers
            .iter_mut()
            .for_each(|register| drop(register.take()));
        let mut left = vec![Value::NULL; registers.len() + 1];
        let outer = std::mem::replace(&mut cx.resume, left.as_mut_ptr());
        // SAFETY: the version behind the entry was compiled for these registers with values of these types. It consumes them, so that
        // the vector must not drop them again. Where it leaves the loop there is room for all registers, and an instruction before them.
        let tag = unsafe {
            let tag = entry(cx, callee, args.as_mut_ptr());
            args.set_len(0);
            tag
        };
        cx.resume = outer;
        let mut left = left.into_iter();
        let heat = &cx.func(func.0.into()).heat;
        let Some(at) = left.next().and_then(|at| at.as_int()) else {
            // The next call of the function need not get hot again: it is.
            heat.set(self.threshold - 1);
            return Some(LoopEnd::Finished(tag));
        };
        for (&register, value) in self.live_registers(func, at as u32).iter().zip(left) {
            registers[register] = value;
        }
        // Likewise; but the top level of a file is not called again, and its other loops have yet to get hot.
        heat.set(if self.is_top_level(func) {
            0
        } else {
            self.threshold - 1
        });
        Some(LoopEnd::GoesOn(at as u32))
    }
}
