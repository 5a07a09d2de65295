//! Scopes, and what a name means at a point (language.md §4.4: READ R1-R4, ASSIGN A1-A4).
//!
//! In: declarations and uses in program order. Out: [`Var`]s and [`Store`]s. The chain of functions under resolution is
//! `Resolver::fns`, the innermost last; the first is the top level of the file.

use super::Resolver;
use super::file::Runs;
use super::hir::*;
use crate::source::Span;
use ruff_runtime::builtins;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// Whether a binding may be stored to, and what a store says if not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mutability {
    Mut,
    Let,
    Const,
}

impl Mutability {
    /// The error of a store to the bare name.
    pub fn reassign(self, name: &str) -> Option<String> {
        match self {
            Mutability::Mut => None,
            Mutability::Let => Some(format!("Cannot reassign immutable let binding: {name}")),
            Mutability::Const => Some(format!("Cannot reassign const binding: {name}")),
        }
    }

    /// The error of a store to a path into the value.
    pub fn mutate(self, name: &str) -> Option<String> {
        match self {
            Mutability::Mut => None,
            Mutability::Let => Some(format!("Cannot mutate immutable let binding: {name}")),
            Mutability::Const => Some(format!("Cannot mutate const binding: {name}")),
        }
    }
}

/// What a name declared in a block stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Binding {
    Local(LocalId),
    /// A bare assignment has chosen the global of that name (A3).
    Global(GlobalId),
}

/// The names of one block.
#[derive(Default)]
pub(super) struct Scope {
    pub names: FxHashMap<Rc<str>, Binding>,
    pub structs: FxHashMap<Rc<str>, (StructId, LocalId)>,
}

/// What is known of a local while its function is being resolved.
pub(super) struct LocalInfo {
    pub name: Rc<str>,
    pub mutability: Mutability,
    /// Its declaration is being resolved: visible only in functions inside it.
    pub pending: bool,
    /// A read may find it uninitialised.
    pub unsure: bool,
    /// The global it stands in for if that is initialised when the declaring assignment runs (A3 or A4).
    pub stands_for: Option<GlobalId>,
    pub events: super::capture::Events,
    /// Its cell must exist from the start of its block.
    pub block_early: bool,
    /// It holds the methods of a struct definition.
    pub methods_of: Option<StructId>,
    /// The scalar analysis: what its values depend on, or `None` if one of them may be a heap value.
    pub depends: Option<Vec<LocalId>>,
}

/// A function under resolution.
pub(super) struct FuncCx {
    pub id: FuncId,
    pub kind: FuncKind,
    pub scopes: Vec<Scope>,
    pub locals: Vec<LocalInfo>,
    pub captures: Vec<Capture>,
    pub capture_of: FxHashMap<Source, CaptureId>,
    pub fields: Vec<LocalId>,
    /// The loops around the current point.
    pub loops: Vec<u32>,
    /// Globals bound by a top-level statement before this one are initialised whenever the code runs.
    pub at: u32,
    /// Globals bound first by this statement of the top level or a later one are not, whenever it runs.
    pub until: u32,
    /// The number of scopes around the statements of the body.
    pub body_depth: usize,
    /// What the function asks about names that may be locals or globals.
    pub asked: Vec<Question>,
    /// The local of the enclosing function that this function initialises.
    pub bound_to: Option<LocalId>,
    /// When its closure is made, if not where it is written.
    pub made_at: Option<u32>,
    /// The variable `self`.
    pub this: Option<LocalId>,
    pub generator: bool,
}

impl FuncCx {
    pub fn new(id: FuncId, kind: FuncKind, runs: Runs) -> FuncCx {
        FuncCx {
            id,
            kind,
            scopes: Vec::new(),
            locals: Vec::new(),
            captures: Vec::new(),
            capture_of: FxHashMap::default(),
            fields: Vec::new(),
            loops: Vec::new(),
            at: runs.first,
            until: runs.last,
            body_depth: 0,
            asked: Vec::new(),
            bound_to: None,
            made_at: None,
            this: None,
            generator: false,
        }
    }

    /// The top level of a file: the initialisation of globals is known exactly.
    pub fn is_top(&self) -> bool {
        matches!(self.kind, FuncKind::Main | FuncKind::Test)
    }
}

/// A declaration that a lookup has found.
#[derive(Clone, Copy)]
pub(super) enum Found {
    /// In the function at that depth of the chain.
    Local(usize, LocalId),
    Global(GlobalId),
}

/// A store whose value is yet to be resolved.
pub(super) enum Begun {
    /// A new local, invisible (but for functions) until the value is resolved.
    New(LocalId),
    /// A new local that stands for a global if that is initialised.
    Dynamic(LocalId, GlobalId),
    /// A visible declaration.
    Found(Found),
    /// The bare assignment chooses the global: from now on a declaration of the block.
    Choose(GlobalId),
    /// A global, directly at the top level.
    Global(GlobalId),
    Raise(String),
    Ignore,
}

impl Resolver<'_> {
    pub(super) fn cx(&mut self) -> &mut FuncCx {
        self.fns
            .last_mut()
            .expect("a function is always being resolved")
    }

    pub(super) fn cx_ref(&self) -> &FuncCx {
        self.fns
            .last()
            .expect("a function is always being resolved")
    }

    /// Directly at the file's top level, not in a block.
    pub(super) fn at_file_scope(&self) -> bool {
        let cx = self.cx_ref();
        cx.is_top() && cx.scopes.is_empty()
    }

    /// A new variable of the current function, not yet in a scope.
    pub(super) fn new_local(&mut self, name: &Rc<str>, mutability: Mutability) -> LocalId {
        let pos = self.tick();
        let cx = self.cx();
        let id = LocalId(cx.locals.len() as u32);
        cx.locals.push(LocalInfo {
            name: name.clone(),
            mutability,
            pending: false,
            unsure: false,
            stands_for: None,
            events: super::capture::Events::new(pos, cx.loops.len()),
            block_early: false,
            methods_of: None,
            depends: Some(Vec::new()),
        });
        id
    }

    /// A new initialised variable in the innermost scope: parameters and binders.
    pub(super) fn bind_local(&mut self, name: &Rc<str>) -> LocalId {
        let id = self.new_local(name, Mutability::Mut);
        self.cx().locals[id.index()].depends = None;
        self.scope().names.insert(name.clone(), Binding::Local(id));
        id
    }

    pub(super) fn scope(&mut self) -> &mut Scope {
        self.cx()
            .scopes
            .last_mut()
            .expect("a block has been entered")
    }

    /// The nearest visible declaration, outward to, not including, the file scope.
    pub(super) fn lookup(&self, name: &str) -> Option<Found> {
        for (depth, cx) in self.fns.iter().enumerate().rev() {
            for scope in cx.scopes.iter().rev() {
                match scope.names.get(name) {
                    Some(&Binding::Local(id)) => {
                        let innermost = depth + 1 == self.fns.len();
                        if !(innermost && cx.locals[id.index()].pending) {
                            return Some(Found::Local(depth, id));
                        }
                    }
                    Some(&Binding::Global(global)) => return Some(Found::Global(global)),
                    None => {}
                }
            }
        }
        None
    }

    /// READ of a name.
    pub(super) fn read(&mut self, name: &Rc<str>, span: Span) -> Var {
        match self.lookup(name) {
            Some(Found::Local(depth, id)) => {
                let slot = self.slot(depth, id);
                let info = &self.fns[depth].locals[id.index()];
                let (stands_for, early) = (info.stands_for, self.may_run_before(depth, id));
                let unsure = info.unsure || early;
                let fallback = match stands_for {
                    Some(global) if !early => {
                        self.ask_captured(global, slot);
                        self.mention(global);
                        Some(Box::new(global_var(name, global, true)))
                    }
                    _ if unsure => Some(Box::new(self.read_global(name, span, false))),
                    _ => None,
                };
                Var {
                    name: name.clone(),
                    slot,
                    certain: !unsure,
                    fallback,
                }
            }
            Some(Found::Global(global)) => {
                self.mention(global);
                global_var(name, global, true)
            }
            None => self.read_global(name, span, true),
        }
    }

    /// R2 to R4. `sure`: the name means nothing else here.
    fn read_global(&mut self, name: &Rc<str>, span: Span, sure: bool) -> Var {
        if let Some(info) = self.file().globals.get(name).copied() {
            let known = info.bound_at < self.cx_ref().at;
            if known || self.may_be_initialised(info.bound_at) {
                self.mention(info.id);
                let mut var = global_var(name, info.id, known);
                if !known && let Some(slot) = prelude(name) {
                    var.fallback = Some(Box::new(plain_var(name, slot)));
                }
                return var;
            }
        }
        if let Some(slot) = prelude(name) {
            return plain_var(name, slot);
        }
        if sure && builtins::NOT_YET.contains(&&**name) {
            self.not_yet(span, &format!("The builtin `{name}`"));
        } else if sure && !self.file().globals.contains_key(name) {
            self.program.unknown.push((span, name.clone()));
        }
        plain_var(name, Slot::Undefined)
    }

    /// Whether a global bound first by that statement of the top level can be initialised when the code runs.
    fn may_be_initialised(&self, bound_at: u32) -> bool {
        let cx = self.cx_ref();
        bound_at < if cx.is_top() { cx.at } else { cx.until }
    }

    /// Whether the current function may run before a local of the function at `depth` is initialised.
    fn may_run_before(&self, depth: usize, id: LocalId) -> bool {
        let info = &self.fns[depth].locals[id.index()];
        let Some(inner) = self.fns.get(depth + 1) else {
            return false;
        };
        // The value of the variable itself runs later; a method exists before the variables behind it.
        info.pending && inner.bound_to != Some(id)
            || (inner.made_at).is_some_and(|start| info.events.is_initialised_after(start))
    }

    /// Asks what a captured variable stands for, whose creator has chosen.
    fn ask_captured(&mut self, global: GlobalId, slot: Slot) {
        if let Slot::Capture(capture) = slot {
            self.ask(global, Some(capture));
        }
    }

    /// Notes that the function asks a question; its variables of one name have one answer.
    fn ask(&mut self, global: GlobalId, capture: Option<CaptureId>) {
        let asked = &mut self.cx().asked;
        if !asked.iter().any(|question| question.global == global) {
            asked.push(Question { global, capture });
        }
    }

    /// The variable `self`.
    pub(super) fn read_self(&mut self) -> Var {
        let name: Rc<str> = "self".into();
        for depth in (0..self.fns.len()).rev() {
            if let Some(id) = self.fns[depth].this {
                let slot = self.slot(depth, id);
                return Var {
                    name,
                    slot,
                    certain: true,
                    fallback: None,
                };
            }
            if self.fns[depth].kind == FuncKind::Legacy {
                break;
            }
        }
        plain_var(&name, Slot::Undefined)
    }

    /// A local of the function at `depth`, as the current function reaches it.
    pub(super) fn slot(&mut self, depth: usize, id: LocalId) -> Slot {
        if depth + 1 == self.fns.len() {
            Slot::Local(id)
        } else {
            Slot::Capture(self.capture(depth, id))
        }
    }

    /// Notes that code uses a global.
    pub(super) fn mention(&mut self, global: GlobalId) {
        if !self.cx_ref().is_top() {
            self.program.globals[global.index()].home = Home::Slot;
        }
    }

    /// Starts a bare assignment: A1 to A4.
    pub(super) fn begin_assign(&mut self, name: &Rc<str>) -> Begun {
        if let Some(found) = self.lookup(name) {
            return Begun::Found(found);
        }
        let global = self.file().globals.get(name).copied();
        if self.at_file_scope() {
            let info = global.expect("the names bound at the top level are known");
            let error = (info.bound_at < self.cx_ref().at)
                .then(|| info.mutability.reassign(name))
                .flatten();
            return match error {
                Some(message) => Begun::Raise(message),
                None => Begun::Global(info.id),
            };
        }
        let Some(info) = global else {
            return Begun::New(self.pend(name, Mutability::Mut));
        };
        if info.bound_at < self.cx_ref().at {
            return Begun::Choose(info.id);
        }
        let id = self.pend(name, Mutability::Mut);
        if !self.may_be_initialised(info.bound_at) {
            return Begun::New(id);
        }
        let local = &mut self.cx().locals[id.index()];
        (local.stands_for, local.unsure) = (Some(info.id), true);
        if info.mutability == Mutability::Mut {
            self.ask(info.id, None);
        }
        self.mention(info.id);
        Begun::Dynamic(id, info.id)
    }

    /// Starts a declaration.
    pub(super) fn begin_declare(&mut self, name: &Rc<str>, mutability: Mutability) -> Begun {
        let duplicate = format!("Duplicate declaration in the same scope: {name}");
        if self.at_file_scope() {
            let info = self.file().globals[name];
            let first = info.bound_at == self.cx_ref().at && self.bound_here.insert(name.clone());
            return if first {
                Begun::Global(info.id)
            } else {
                Begun::Raise(duplicate)
            };
        }
        if self.scope().names.contains_key(name) {
            return Begun::Raise(duplicate);
        }
        Begun::New(self.pend(name, mutability))
    }

    fn pend(&mut self, name: &Rc<str>, mutability: Mutability) -> LocalId {
        let id = self.new_local(name, mutability);
        self.cx().locals[id.index()].pending = true;
        self.scope().names.insert(name.clone(), Binding::Local(id));
        id
    }

    /// Ends an assignment or declaration, its value being resolved (and given, if it is known what it is).
    pub(super) fn finish(
        &mut self,
        begun: Begun,
        name: &Rc<str>,
        span: Span,
        value: Option<&Expr>,
    ) -> Target {
        let store = match begun {
            Begun::New(id) => {
                self.initialised(id, value);
                Store::New(id)
            }
            Begun::Dynamic(id, global) => {
                self.initialised(id, value);
                match self.file().mutability(global, name).reassign(name) {
                    None => self.dynamic(Slot::Local(id), true, global, name),
                    Some(message) => {
                        // Behind the store it is the local for certain.
                        let local = &mut self.cx().locals[id.index()];
                        (local.stands_for, local.unsure) = (None, false);
                        Store::NewUnless {
                            local: id,
                            global,
                            message,
                        }
                    }
                }
            }
            Begun::Found(found) => self.store_found(found, name, value),
            Begun::Choose(global) => {
                self.scope()
                    .names
                    .insert(name.clone(), Binding::Global(global));
                self.store_global(global, name)
            }
            Begun::Global(global) => {
                self.program.globals[global.index()].assigned = true;
                Store::Global(global)
            }
            Begun::Raise(message) => Store::Raise(message),
            Begun::Ignore => Store::Ignore,
        };
        Target {
            span,
            name: name.clone(),
            store,
        }
    }

    fn initialised(&mut self, id: LocalId, value: Option<&Expr>) {
        let pos = self.tick();
        let depends = value.and_then(super::scalar::depends);
        let local = &mut self.cx().locals[id.index()];
        local.pending = false;
        local.events.initialised(pos);
        local.depends = depends;
    }

    /// A store to the visible declaration of a name.
    pub(super) fn store_found(
        &mut self,
        found: Found,
        name: &Rc<str>,
        value: Option<&Expr>,
    ) -> Store {
        let (depth, id) = match found {
            Found::Global(global) => return self.store_global(global, name),
            Found::Local(depth, id) => (depth, id),
        };
        let info = &self.fns[depth].locals[id.index()];
        if let Some(message) = info.mutability.reassign(name) {
            return Store::Raise(message);
        }
        let stands_for = info.stands_for;
        let slot = self.slot(depth, id);
        self.assigned(depth, id, value);
        match (stands_for, slot) {
            (Some(global), slot) => {
                if !self.may_run_before(depth, id) {
                    self.ask_captured(global, slot);
                }
                self.dynamic(slot, false, global, name)
            }
            (None, Slot::Capture(capture)) => Store::Capture(capture),
            (None, _) => Store::Local(id),
        }
    }

    /// Notes a store to a local of the function at `depth`, or a change of a part of it.
    pub(super) fn assigned(&mut self, depth: usize, id: LocalId, value: Option<&Expr>) {
        let pos = self.tick();
        let inner = depth + 1 < self.fns.len();
        let depends = value.and_then(super::scalar::depends);
        let cx = &mut self.fns[depth];
        let local = &mut cx.locals[id.index()];
        local.events.assigned(pos, &cx.loops, inner);
        match (&mut local.depends, depends) {
            (Some(known), Some(more)) if !inner => known.extend(more),
            (known, _) => *known = None,
        }
    }

    fn dynamic(&mut self, slot: Slot, new: bool, global: GlobalId, name: &Rc<str>) -> Store {
        let raise = self.file().mutability(global, name).reassign(name);
        if raise.is_none() {
            self.program.globals[global.index()].assigned = true;
        }
        self.mention(global);
        Store::Dynamic {
            slot,
            new,
            global,
            raise,
        }
    }

    fn store_global(&mut self, global: GlobalId, name: &Rc<str>) -> Store {
        self.mention(global);
        match self.file().mutability(global, name).reassign(name) {
            Some(message) => Store::Raise(message),
            None => {
                self.program.globals[global.index()].assigned = true;
                Store::Global(global)
            }
        }
    }

    /// The target of a compound assignment, whose variable has been found by READ.
    pub(super) fn store_read(&mut self, var: &Var, name: &Rc<str>, span: Span) -> Target {
        let store = match (self.lookup(name), var.slot) {
            (Some(found), _) => self.store_found(found, name, None),
            (None, Slot::Global(global)) => self.store_global(global, name),
            (None, Slot::Undefined) => Store::Ignore,
            (None, _) => Store::Raise(format!("Cannot reassign const binding: {name}")),
        };
        Target {
            span,
            name: name.clone(),
            store,
        }
    }

    /// The root of a path target, found by READ, and the message if it cannot be changed.
    pub(super) fn place_root(&mut self, name: &Rc<str>, span: Span) -> (Var, Option<String>) {
        let var = self.read(name, span);
        let raise = match self.lookup(name) {
            Some(Found::Local(depth, id)) => {
                let mutability = self.fns[depth].locals[id.index()].mutability;
                self.assigned(depth, id, None);
                mutability.mutate(name)
            }
            Some(Found::Global(global)) => self.change_global(global, name),
            None => match var.slot {
                Slot::Global(global) => self.change_global(global, name),
                _ => None,
            },
        };
        (var, raise)
    }

    fn change_global(&mut self, global: GlobalId, name: &Rc<str>) -> Option<String> {
        self.program.globals[global.index()].assigned = true;
        self.file().mutability(global, name).mutate(name)
    }
}

/// The builtin of that name.
fn prelude(name: &str) -> Option<Slot> {
    match name {
        "PI" => Some(Slot::Number(std::f64::consts::PI)),
        "E" => Some(Slot::Number(std::f64::consts::E)),
        _ => builtins::find(name).map(Slot::Builtin),
    }
}

fn global_var(name: &Rc<str>, global: GlobalId, certain: bool) -> Var {
    Var {
        name: name.clone(),
        slot: Slot::Global(global),
        certain,
        fallback: None,
    }
}

fn plain_var(name: &Rc<str>, slot: Slot) -> Var {
    Var {
        name: name.clone(),
        slot,
        certain: true,
        fallback: None,
    }
}
