//! The versions of a program's functions: which exist, what their values are, what they return.
//!
//! A function is specialised for the argument types of a call site if those are ints, floats or bools; beyond
//! [`MOST_VERSIONS`] it has one version for any values. Types are inferred over all versions together: a version whose
//! return type grows puts its callers back on the work list, until nothing grows. The list gives the newest version first: callers are
//! mostly older than what they call, and one that calls thousands of others waits until all of them are known.
//!
//! In: a program, requests for versions. Out: finished SSA functions. It does not know who requests: an
//! ahead-of-time compiler asks for what the entry point reaches, a JIT for what is hot.

use super::build::build;
use super::infer::{Surroundings, infer};
use super::ir::{Function, InstOp, VersionId};
use super::opt::inline::Inlinable;
use super::passes::{self, Plan};
use super::region::Analysis;
use super::types::Type;
use crate::bytecode::Op;
use crate::bytecode::func::Program;
use ruff_runtime::image::{Const, Step};
use ruff_runtime::value::Tag;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BinaryHeap;
use std::rc::Rc;

/// Specialisations of one function before calls share the version for any values.
pub const MOST_VERSIONS: usize = 4;
/// Functions with more instructions are not specialised: their code is big enough once.
const MOST_INSTRUCTIONS: usize = 20_000;

/// What identifies a version.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Key {
    /// The function.
    pub func: u16,
    /// The instruction where it is entered; 0, or a loop head.
    pub entry: u32,
    /// The types of the parameters.
    pub types: Vec<Type>,
    /// The parameters that are ints and not negative, as a loop was found when it was entered in the middle: how it got there is
    /// not in the version's code.
    pub not_negative: Vec<usize>,
}

struct Version {
    /// As built and inferred; taken out while it is being inferred.
    function: Function,
    takes_all: bool,
    ret: Type,
    callers: FxHashSet<VersionId>,
    queued: bool,
    optimised: bool,
    finished: bool,
}

/// All versions so far.
pub struct Versions {
    list: Vec<Version>,
    by_key: FxHashMap<Key, VersionId>,
    /// The versions of a function with the same entry, in the order in which they were made.
    siblings: FxHashMap<(u16, u32), Vec<VersionId>>,
    work: BinaryHeap<VersionId>,
    /// In a closed world every store to a global is in some version, so the stores give its type.
    globals: Option<Vec<Type>>,
    readers: FxHashMap<u16, FxHashSet<VersionId>>,
    plan: Plan,
    inlinable: Inlinable,
    keeps_frames: bool,
    analysed: Option<(u16, Rc<Analysis>)>,
}

impl Versions {
    /// No versions yet. In a closed world nothing runs but versions: what they store to globals is all there is.
    pub fn new(program: &Program, closed_world: bool, plan: Plan) -> Versions {
        let initial = |hoisted: bool| Type::of(if hoisted { Tag::Func } else { Tag::Uninit });
        let globals = program
            .image
            .globals
            .iter()
            .map(|g| initial(g.hoisted.is_some()))
            .collect();
        Versions {
            list: Vec::new(),
            by_key: FxHashMap::default(),
            siblings: FxHashMap::default(),
            work: BinaryHeap::new(),
            globals: closed_world.then_some(globals),
            readers: FxHashMap::default(),
            plan,
            inlinable: Inlinable::new(plan.inlined_levels),
            keeps_frames: keeps_frames(program),
            analysed: None,
        }
    }

    /// Number of versions.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether a version takes any arguments.
    pub fn takes_all(&self, version: VersionId) -> bool {
        self.list[version.index()].takes_all
    }

    /// The versions of a function that are entered at instruction `entry`, in the order in which they were made.
    pub fn siblings(&self, func: u16, entry: u32) -> &[VersionId] {
        self.siblings.get(&(func, entry)).map_or(&[], Vec::as_slice)
    }

    /// The version of a function for arguments of these types, made if there is none. Types that are not worth a
    /// version of their own count as any.
    pub fn request(&mut self, program: &Program, func: u16, types: &[Type]) -> VersionId {
        self.request_at(program, func, 0, types, &[])
    }

    /// The version of a function that is entered at instruction `entry`, a loop head, with live registers of these types, of which
    /// those numbered in `not_negative` are known not to be negative.
    pub fn request_at(
        &mut self,
        program: &Program,
        func: u16,
        entry: u32,
        types: &[Type],
        not_negative: &[usize],
    ) -> VersionId {
        let key = Key {
            func,
            entry,
            types: types.iter().map(|ty| ty.specialised()).collect(),
            not_negative: not_negative.to_vec(),
        };
        if let Some(&version) = self.by_key.get(&key) {
            return version;
        }
        let any = vec![Type::ANY; types.len()];
        let siblings = self.siblings(func, entry).len();
        let large = program.funcs[func as usize].code.len() > MOST_INSTRUCTIONS;
        if siblings >= MOST_VERSIONS && !not_negative.is_empty() {
            return self.request_at(program, func, entry, types, &[]);
        }
        // A loop is compiled as it is found; only one found in ever new ways does without types.
        let most = if entry == 0 {
            MOST_VERSIONS
        } else {
            2 * MOST_VERSIONS
        };
        if key.types != any && (siblings >= most || large && entry == 0) {
            return self.request_at(program, func, entry, &any, &[]);
        }
        self.make(program, key)
    }

    fn make(&mut self, program: &Program, key: Key) -> VersionId {
        let version = VersionId(self.list.len() as u32);
        let mut types = key.types.clone();
        if key.entry != 0 {
            // A register may hold what no program sees: a captured variable, the uninitialised mark.
            for ty in types.iter_mut().filter(|ty| **ty == Type::ANY) {
                *ty = Type::REGISTER;
            }
        }
        let analysis = self.analysis(program, key.func);
        let mut function = build(
            program,
            key.func,
            &analysis,
            key.entry,
            &types,
            self.plan.keeps_registers,
        );
        passes::prepare(&mut function, self.plan);
        function.name = symbol_name(&function.name, &key);
        let params = function.params();
        let not_negative = key.not_negative.iter().map(|&i| params[i]).collect();
        function.not_negative = not_negative;
        let siblings = self.siblings.entry((key.func, key.entry));
        siblings.or_default().push(version);
        let takes_all = key.types.iter().all(|ty| *ty == Type::ANY);
        self.by_key.insert(key, version);
        self.list.push(Version {
            function,
            takes_all,
            ret: Type::NONE,
            callers: FxHashSet::default(),
            queued: true,
            optimised: false,
            finished: false,
        });
        self.work.push(version);
        version
    }

    /// What all versions of a function have in common; that of the last function is kept.
    fn analysis(&mut self, program: &Program, func: u16) -> Rc<Analysis> {
        if let Some((known, analysis)) = &self.analysed
            && *known == func
        {
            return analysis.clone();
        }
        let analysis = Rc::new(Analysis::of(&program.funcs[usize::from(func)]));
        self.analysed = Some((func, analysis.clone()));
        analysis
    }

    /// Infers until nothing changes.
    pub fn solve(&mut self, program: &Program) {
        while let Some(version) = self.work.pop() {
            self.list[version.index()].queued = false;
            let mut function = std::mem::take(&mut self.list[version.index()].function);
            infer(
                &mut function,
                &mut Around {
                    versions: self,
                    program,
                    version,
                },
            );
            // Other argument types may mean another version, of which nothing is known yet: what a function returns only grows,
            // or two versions could go on changing each other for ever.
            let ret = function.ret.union(self.list[version.index()].ret);
            function.ret = ret;
            self.list[version.index()].function = function;
            if self.list[version.index()].ret != ret {
                self.list[version.index()].ret = ret;
                for caller in self.list[version.index()].callers.clone() {
                    self.enqueue(caller);
                }
            }
        }
    }

    fn enqueue(&mut self, version: VersionId) {
        let data = &mut self.list[version.index()];
        if !data.queued && !data.optimised {
            data.queued = true;
            self.work.push(version);
        }
    }

    /// The finished form of a version, after [`Versions::solve`]: typed, optimised, calling other versions directly,
    /// with small callees inlined.
    pub fn finish(&mut self, program: &Program, version: VersionId) -> &Function {
        if !self.list[version.index()].finished {
            self.optimise(program, version);
            for callee in self.callees(version) {
                self.optimise(program, callee);
            }
            // Callees of what gets inlined.
            let mut first = self.callees(version);
            first.sort_unstable();
            first.dedup();
            first.retain(|callee| self.inlinable.has(*callee));
            for callee in first {
                for second in self.callees(callee) {
                    self.optimise(program, second);
                }
            }
            let data = &mut self.list[version.index()];
            passes::inline(&mut data.function, &self.inlinable, self.plan);
            passes::finish(&mut data.function, self.plan);
            data.finished = true;
        }
        &self.list[version.index()].function
    }

    /// Types the version's code and optimises it on its own.
    fn optimise(&mut self, program: &Program, version: VersionId) {
        if std::mem::replace(&mut self.list[version.index()].optimised, true) {
            return;
        }
        let mut function = std::mem::take(&mut self.list[version.index()].function);
        self.resolve_calls(program, &mut function);
        passes::optimise(&mut function, self.plan);
        self.inlinable.offer(version, &function, self.keeps_frames);
        self.list[version.index()].function = function;
    }

    /// The versions that a finished version calls.
    pub fn callees(&self, version: VersionId) -> Vec<VersionId> {
        let blocks = &self.list[version.index()].function.blocks;
        let called = blocks
            .iter()
            .flat_map(|b| &b.insts)
            .filter_map(|inst| match inst.op {
                InstOp::CallVersion { version } => Some(version),
                _ => None,
            });
        called.collect()
    }

    fn resolve_calls(&mut self, program: &Program, f: &mut Function) {
        for block in 0..f.blocks.len() {
            for inst in 0..f.blocks[block].insts.len() {
                let InstOp::CallFunc { func } = f.blocks[block].insts[inst].op else {
                    continue;
                };
                let args = &f.blocks[block].insts[inst].args;
                let types: Vec<Type> = args.iter().map(|a| f.ty(a.value)).collect();
                if program.funcs[func as usize].captures > 0 || types.iter().any(|ty| ty.is_none())
                {
                    continue;
                }
                let version = self.request(program, func, &types);
                f.blocks[block].insts[inst].op = InstOp::CallVersion { version };
            }
        }
        self.solve(program);
    }
}

/// Whether a program must keep a chain of frames: some handler binds its error, so `e.stack` may be read.
pub fn keeps_frames(program: &Program) -> bool {
    let binds = |op: &Op| matches!(op, Op::Catch { .. });
    program.funcs.iter().any(|func| func.code.iter().any(binds))
}

/// The name of a version in symbols and dumps: the function's and a letter for each argument.
fn symbol_name(name: &str, key: &Key) -> String {
    let types: String = key.types.iter().map(|ty| ty.letter()).collect();
    let entry = if key.entry == 0 {
        String::new()
    } else {
        format!("@{}", key.entry)
    };
    format!("{name}({types}){entry}")
}

struct Around<'a> {
    versions: &'a mut Versions,
    program: &'a Program,
    version: VersionId,
}

impl Surroundings for Around<'_> {
    fn returned(&mut self, func: u16, args: &[Type]) -> Type {
        let callee = self.versions.request(self.program, func, args);
        let callee = &mut self.versions.list[callee.index()];
        callee.callers.insert(self.version);
        callee.ret
    }

    fn global(&mut self, global: u16) -> Type {
        let Some(globals) = &self.versions.globals else {
            return Type::ANY.union(Type::of(Tag::Uninit));
        };
        let readers = self.versions.readers.entry(global).or_default();
        readers.insert(self.version);
        globals[global as usize]
    }

    fn stored(&mut self, global: u16, ty: Type) {
        let Some(globals) = &mut self.versions.globals else {
            return;
        };
        let wider = globals[global as usize].union(ty);
        if wider != globals[global as usize] {
            globals[global as usize] = wider;
            for reader in self
                .versions
                .readers
                .get(&global)
                .cloned()
                .unwrap_or_default()
            {
                self.versions.enqueue(reader);
            }
        }
    }

    fn constant(&self, k: u32) -> &Const {
        &self.program.image.consts[k as usize]
    }

    fn steps(&self, place: u16) -> &[Step] {
        &self.program.image.places[usize::from(place)]
    }
}
