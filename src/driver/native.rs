//! Versions of functions → machine code in a module: what both drivers of the back end share.
//!
//! In: a program, and a Cranelift module to define functions in. Out: bodies for all versions that the requested ones reach, and
//! entries. It does not know whether the module maps memory or writes an object file.

use super::isa::BackEnd;
use super::stats::{self, Counter};
use crate::bytecode::{Op, Operand, Program};
use crate::codegen::{BodyType, Compiler, Declared, Listing, Shape};
use crate::ssa;
use crate::ssa::ir::{InstOp, VersionId};
use crate::ssa::passes::Plan;
use crate::ssa::types::Type;
use crate::ssa::versions::{Versions, keeps_frames};
use cranelift_module::{FuncId, Linkage, Module};

/// Texts of the stages behind the bytecode, for dumps.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Texts {
    /// Typed SSA.
    pub ssa: String,
    /// Cranelift IR.
    pub clif: String,
    /// Machine code.
    pub asm: String,
}

impl Texts {
    fn note(&mut self, name: &str, listing: &Listing) {
        self.clif += &format!("; {name}\n{}\n", listing.clif);
        self.asm += &format!("; {name}\n{}\n", listing.asm);
    }
}

/// How machine code is made. Nothing here changes what it does, so the tests compare programs under all of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// The back end's part.
    pub back_end: BackEnd,
    /// Leave the pass of that name out.
    pub without: Option<&'static str>,
    /// Keep the registers of all functions in their frames, as those of huge ones.
    pub keeps_registers: bool,
    /// Leave calls as they are.
    pub never_inlines: bool,
    /// Let every guard fail at run time, so that what stands behind the fast ways is run.
    pub guards_fail: bool,
    /// Leave changes in place to the runtime, which may have been told to copy instead (`ruff_runtime::heap::copying`).
    pub copies: bool,
}

impl Options {
    fn plan(&self) -> Plan {
        let levels = self.back_end.level.inlined_levels();
        Plan {
            inlined_levels: if self.never_inlines { 0 } else { levels },
            without: self.without,
            keeps_registers: self.keeps_registers,
        }
    }
}

/// Instructions of a function that is worth having once more in its entry, at most.
const SMALL: usize = 12;

/// What the live registers hold where a loop is entered in the middle.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Found {
    /// Their types.
    pub types: Vec<Type>,
    /// Which of them are ints and not negative.
    pub not_negative: Vec<usize>,
}

/// The versions of a program and how far they are compiled. One per module.
pub struct Unit {
    versions: Versions,
    declared: Declared,
    shape: Shape,
    colocated: bool,
    /// Versions whose bodies are defined: the first so many.
    defined: usize,
    /// Versions of which [`Unit::called_by_entry`] has told: the first so many.
    asked: usize,
    /// Dumps, if they are wanted.
    pub texts: Option<Texts>,
}

/// What runs beside the code of a unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum World {
    /// Nothing else: all of the program that runs is compiled here, and linked with the runtime.
    Closed,
    /// An interpreter.
    Open {
        /// Near calls reach the runtime.
        colocated: bool,
    },
}

impl Unit {
    /// For a program of which everything that runs is compiled here, or of which only parts are.
    pub fn new(program: &Program, world: World, options: Options) -> Unit {
        let closed = world == World::Closed;
        Unit {
            versions: Versions::new(program, closed, options.plan()),
            declared: Declared::default(),
            shape: Shape {
                keeps_frames: keeps_frames(program),
                guards_fail: options.guards_fail,
                copies: options.copies,
            },
            colocated: closed || world == World::Open { colocated: true },
            defined: 0,
            asked: 0,
            texts: None,
        }
    }

    /// Asks for a version; see [`Versions::request`].
    pub fn request(&mut self, program: &Program, func: u16, types: &[Type]) -> VersionId {
        self.versions.request(program, func, types)
    }

    /// Asks for a version that is entered at a loop head; see [`Versions::request_at`].
    pub fn request_at(
        &mut self,
        program: &Program,
        func: u16,
        head: u32,
        found: &Found,
    ) -> VersionId {
        let Found {
            types,
            not_negative,
        } = found;
        self.versions
            .request_at(program, func, head, types, not_negative)
    }

    /// Asks for the version that takes any arguments.
    pub fn request_any(&mut self, program: &Program, func: u16) -> VersionId {
        let arity = program.funcs[usize::from(func)].arity();
        self.request(program, func, &vec![Type::ANY; usize::from(arity)])
    }

    /// Infers, optimises and defines everything requested, and what it calls.
    pub fn define(&mut self, program: &Program, module: &mut dyn Module) {
        stats::timed(Counter::optimise, || {
            self.versions.solve(program);
            let mut finished = self.defined;
            while finished < self.versions.len() {
                self.versions.finish(program, VersionId(finished as u32));
                finished += 1;
            }
        });
        stats::timed(Counter::generate, || self.define_new(program, module));
    }

    /// A compiler that knows what those before it have declared; it must hand that back.
    fn compiler<'m>(&mut self, program: &'m Program, module: &'m mut dyn Module) -> Compiler<'m> {
        let declared = std::mem::take(&mut self.declared);
        let places = &program.image.places;
        Compiler::new(module, self.shape, places, self.colocated, declared)
    }

    fn define_new(&mut self, program: &Program, module: &mut dyn Module) {
        let mut compiler = self.compiler(program, module);
        let new = self.defined..self.versions.len();
        for number in new.clone() {
            let version = VersionId(number as u32);
            let function = self.versions.finish(program, version);
            let symbol = format!("{}.{number}", function.name);
            compiler.declare_body(version, &symbol, BodyType::of(function));
        }
        for number in new {
            let version = VersionId(number as u32);
            let function = self.versions.finish(program, version);
            let listing = compiler.define_body(version, function, self.texts.is_some());
            if let Some((texts, listing)) = self.texts.as_mut().zip(listing) {
                texts.ssa += &ssa::print::print(function);
                texts.note(&function.name, &listing);
            }
        }
        stats::add(Counter::code_bytes, compiler.code_bytes);
        self.defined = self.versions.len();
        self.declared = compiler.finish();
    }

    /// Defines an entry of the function with the generic signature: specialised versions first, then the one for any arguments.
    pub fn define_entry(
        &mut self,
        program: &Program,
        module: &mut dyn Module,
        func: u16,
        symbol: &str,
        linkage: Linkage,
    ) -> FuncId {
        let any = self.request_any(program, func);
        let mut versions = self.versions.siblings(func, 0).to_vec();
        versions.retain(|&version| version != any);
        versions.push(any);
        self.entry(program, module, (symbol, linkage), &versions, None)
    }

    /// Whether a version takes any arguments.
    pub fn takes_all(&self, version: VersionId) -> bool {
        self.versions.takes_all(version)
    }

    /// Defines an entry that leads to the first of the versions that fits the arguments. If none does, to the entry with the symbol
    /// `otherwise`; if that is nothing, the last version fits all that come.
    pub fn entry(
        &mut self,
        program: &Program,
        module: &mut dyn Module,
        (symbol, linkage): (&str, Linkage),
        versions: &[VersionId],
        otherwise: Option<&str>,
    ) -> FuncId {
        let mut compiler = self.compiler(program, module);
        let wants_text = self.texts.is_some();
        let only = match versions {
            [only] if otherwise.is_none() => {
                Some(self.versions.finish(program, *only)).filter(|f| f.size() <= SMALL)
            }
            _ => None,
        };
        let (id, listing) = match only {
            Some(f) => compiler.define_entry_of(symbol, linkage, f, wants_text),
            None => compiler.define_entry((symbol, linkage), versions, otherwise, wants_text),
        };
        if let Some((texts, listing)) = self.texts.as_mut().zip(listing) {
            texts.note(&format!("entry {symbol}"), &listing);
        }
        stats::add(Counter::code_bytes, compiler.code_bytes);
        self.declared = compiler.finish();
        id
    }

    /// Defines the code of a version for hosts, if it takes exactly these types and gives a `ret`; see
    /// [`Compiler::define_host_entry`].
    pub fn host_entry(
        &mut self,
        program: &Program,
        module: &mut dyn Module,
        symbol: &str,
        version: VersionId,
        (params, ret): (&[Type], Type),
    ) -> Option<FuncId> {
        let mut compiler = self.compiler(program, module);
        let wants_text = self.texts.is_some();
        let f = self.versions.finish(program, version);
        let types = f.params().iter().map(|param| f.ty(*param));
        let fits = f.ret == ret && types.eq(params.iter().copied());
        let defined = fits.then(|| compiler.define_host_entry(symbol, f, wants_text));
        stats::add(Counter::code_bytes, compiler.code_bytes);
        self.declared = compiler.finish();
        let (id, listing) = defined.flatten()?;
        if let Some((texts, listing)) = self.texts.as_mut().zip(listing) {
            texts.note(&format!("entry {symbol}"), &listing);
        }
        Some(id)
    }

    /// Functions that versions defined since the last question call through their entries.
    pub fn called_by_entry(&mut self, program: &Program) -> Vec<u16> {
        let mut called = Vec::new();
        for number in std::mem::replace(&mut self.asked, self.defined)..self.defined {
            let function = self.versions.finish(program, VersionId(number as u32));
            called.extend(
                function
                    .blocks
                    .iter()
                    .flat_map(|block| &block.insts)
                    .filter_map(|inst| match inst.op {
                        InstOp::CallFunc { func } => Some(func),
                        _ => None,
                    }),
            );
        }
        called
    }
}

/// The functions that running code can get hold of as values, or that the runtime calls: those need an entry. Ascending.
pub fn escaping(program: &Program) -> Vec<u16> {
    let mut reach = Reach {
        program,
        reached: vec![false; program.funcs.len()],
        escaping: vec![false; program.funcs.len()],
        waiting: Vec::new(),
    };
    for module in &program.image.modules {
        reach.escapes(module.main);
        for &(_, global) in &module.exports {
            reach.global(global);
        }
    }
    for definition in &program.image.structs {
        definition
            .methods
            .iter()
            .for_each(|&(_, method)| reach.escapes(method));
    }
    while let Some(func) = reach.waiting.pop() {
        for op in &program.funcs[usize::from(func)].code {
            reach.op(op);
        }
    }
    let escaping = reach
        .escaping
        .iter()
        .enumerate()
        .filter(|(_, escapes)| **escapes);
    escaping.map(|(func, _)| func as u16).collect()
}

struct Reach<'a> {
    program: &'a Program,
    reached: Vec<bool>,
    escaping: Vec<bool>,
    waiting: Vec<u16>,
}

impl Reach<'_> {
    fn reaches(&mut self, func: u16) {
        if !std::mem::replace(&mut self.reached[usize::from(func)], true) {
            self.waiting.push(func);
        }
    }

    fn escapes(&mut self, func: u16) {
        self.escaping[usize::from(func)] = true;
        self.reaches(func);
    }

    fn global(&mut self, global: u16) {
        if let Some(func) = self.program.image.globals[usize::from(global)].hoisted {
            self.escapes(func);
        }
    }

    fn op(&mut self, op: &Op) {
        let direct = matches!(op, Op::CallFunc { .. });
        op.operands(|_, operand| match operand {
            Operand::Func(func) if direct => self.reaches(func.0),
            Operand::Func(func) => self.escapes(func.0),
            Operand::Global(global) => self.global(global.0),
            _ => {}
        });
    }
}
