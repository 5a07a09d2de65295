//! When to leave the interpreter: what is hot is compiled, once for the kinds of values that it works on.
//!
//! In: the interpreter's word that a function or loop is hot. Out: a new entry for the function, or the loop run in machine code.
//! What cannot be compiled stays interpreted and is counted.
//! It does not know how code is made.

use super::compiler::{self, Answer, Compiler, Job};
use super::native::Found;
use crate::bytecode::liveness::Liveness;
use crate::bytecode::{FuncIx, Program};
use crate::interp::{Interp, LoopEnd, TierUp};
use crate::ssa;
use crate::ssa::types::Type;
use ruff_runtime::ctx::{Ctx, Entry};
use ruff_runtime::fault;
use ruff_runtime::object::{Array, Func, Storage};
use ruff_runtime::value::Value;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// Calls and iterations of a function after which compiling it pays. Below, the interpreter would have been done before the compiler.
const THRESHOLD: u32 = 1500;

/// Calls or iterations between looks whether the compiler beside the program is done.
const PATIENCE: u32 = 8;

/// How eagerly to compile, and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Config {
    /// Calls or iterations after which a function is compiled; 1: before its first call.
    pub threshold: Option<u32>,
    /// How.
    pub compiler: compiler::Config,
}

/// Has the interpreter's hot code compiled.
pub fn attach(interp: &mut Interp, config: Config) -> Rc<Tier> {
    let threshold = config.threshold.unwrap_or(THRESHOLD);
    let program = interp.program().clone();
    let tier = Rc::new(Tier {
        compiler: RefCell::new(Compiler::new(program.clone(), config.compiler)),
        program,
        threshold,
        pending: RefCell::default(),
        loops: RefCell::default(),
        live: RefCell::default(),
        liveness: RefCell::default(),
    });
    interp.set_tier_up(threshold, tier.clone());
    tier
}

/// What is hot in one running program, and what has been made of it.
pub struct Tier {
    program: Arc<Program>,
    threshold: u32,
    compiler: RefCell<Compiler>,
    /// Functions, and loops by their heads, that the compiler beside the program works on.
    pending: RefCell<FxHashSet<(FuncIx, u32)>>,
    /// Loops by all that their code depends on.
    loops: RefCell<FxHashMap<(FuncIx, u32, Found), Entry>>,
    live: RefCell<Live>,
    /// That of the last function that was asked for.
    liveness: RefCell<Option<(FuncIx, Liveness)>>,
}

/// Registers by function and instruction.
type Live = FxHashMap<(FuncIx, u32), Rc<[usize]>>;

impl Tier {
    /// Code of a function for hosts; see [`Jit::host_entry`](super::jit::Jit::host_entry). None, too, if nothing can be compiled, or
    /// only beside the program.
    pub fn host_entry(&self, func: FuncIx, params: &[Type], ret: Type) -> Option<*const u8> {
        let mut compiler = self.compiler.borrow_mut();
        compiler
            .here(|jit, program| jit.host_entry(program, func.0, params, ret))
            .flatten()
    }

    /// Has a function or a loop, by its head, compiled. None: not now.
    fn compile(
        &self,
        cx: &Ctx,
        func: FuncIx,
        head: u32,
        job: impl FnOnce() -> Job,
    ) -> Option<Entry> {
        let heat = &cx.func(func.0.into()).heat;
        let mut pending = self.pending.borrow_mut();
        if !pending.contains(&(func, head)) {
            match self.compiler.borrow_mut().request(job()) {
                Answer::Done(entry) => return Some(entry),
                Answer::Never => return None,
                Answer::Later => pending.insert((func, head)),
            };
        }
        heat.set(self.threshold.saturating_sub(PATIENCE));
        None
    }

    /// Puts into use what the compiler beside the program has done.
    fn collect(&self, cx: &Ctx) {
        let mut pending = self.pending.borrow_mut();
        while !pending.is_empty() {
            let Some((job, entry)) = self.compiler.borrow_mut().finished() else {
                return;
            };
            match job {
                Job::Function { func, .. } => {
                    pending.remove(&(func, 0));
                    cx.func(func.0.into()).entry.set(entry);
                }
                Job::Loop { func, head, found } => {
                    pending.remove(&(func, head));
                    self.loops.borrow_mut().insert((func, head, found), entry);
                }
            }
        }
    }

    /// The code for a loop whose registers hold this, compiled if there is none. None: not now.
    fn loop_entry(&self, cx: &Ctx, func: FuncIx, head: u32, found: Found) -> Option<Entry> {
        let key = (func, head, found);
        let known = self.loops.borrow().get(&key).copied();
        if known.is_some() {
            return known;
        }
        let job = || Job::Loop {
            func,
            head,
            found: key.2.clone(),
        };
        let entry = self.compile(cx, func, head, job)?;
        self.loops.borrow_mut().insert(key, entry);
        Some(entry)
    }

    /// The registers that are live at an instruction; see [`ssa::live_registers`].
    fn live_registers(&self, func: FuncIx, at: u32) -> Rc<[usize]> {
        let mut known = self.live.borrow_mut();
        let live = known.entry((func, at)).or_insert_with(|| {
            let mut last = self.liveness.borrow_mut();
            let code = self.program.func(func);
            if last.as_ref().is_none_or(|(known, _)| *known != func) {
                *last = Some((func, Liveness::of(code)));
            }
            let (_, liveness) = last.as_ref().expect("just put");
            let live = ssa::live_registers(code, liveness, at);
            live.into_iter().map(usize::from).collect()
        });
        live.clone()
    }

    fn is_top_level(&self, func: FuncIx) -> bool {
        let modules = &self.program.image.modules;
        modules.iter().any(|module| module.main == func.0)
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
        self.collect(cx);
        let job = || Job::Function {
            func,
            types: args.iter().map(type_of).collect(),
        };
        let entry = self.compile(cx, func, 0, job);
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
        head: u32,
        registers: &mut [Value],
    ) -> Option<LoopEnd> {
        self.collect(cx);
        let live = self.live_registers(func, head);
        let found = found(live.iter().map(|&register| &registers[register]));
        let entry = self.loop_entry(cx, func, head, found)?;
        let args = live.iter().map(|&register| registers[register].take());
        let mut args: Vec<Value> = args.collect();
        for register in registers.iter_mut() {
            drop(register.take());
        }
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
        // The next call of the function need not get hot again: it is.
        heat.set(self.threshold - 1);
        let Some(at) = left.next().and_then(|at| at.as_int()) else {
            return Some(LoopEnd::Finished(tag));
        };
        for (&register, value) in self.live_registers(func, at as u32).iter().zip(left) {
            registers[register] = value;
        }
        if self.is_top_level(func) {
            // It is not called again, and its other loops have yet to get hot.
            heat.set(0);
        }
        Some(LoopEnd::GoesOn(at as u32))
    }
}
