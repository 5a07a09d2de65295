//! File scopes: which names a file binds at its top level, by which statement first, and which functions can run when.
//!
//! In: the trees of all files. Out: a [`FileScope`] each. Statements of the top level are numbered from 1; hoisted
//! functions are bound by statement 0.

use super::hir::*;
use super::mentions::{self, Use};
use super::scope::Mutability;
use crate::syntax::ast::{self, StmtKind as S};
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;

/// A global as the resolver sees it.
#[derive(Clone, Copy)]
pub(super) struct GlobalInfo {
    pub id: GlobalId,
    /// The number of the statement that binds it first.
    pub bound_at: u32,
    pub mutability: Mutability,
}

/// The scope of a file.
#[derive(Default)]
pub(super) struct FileScope {
    pub globals: FxHashMap<Rc<str>, GlobalInfo>,
    /// Struct definitions of the file and those it imports.
    pub structs: FxHashMap<Rc<str>, StructId>,
    /// For hoisted functions and structs: when code of theirs can run.
    pub runs: FxHashMap<Rc<str>, Runs>,
    /// The number of statements.
    pub end: u32,
}

impl FileScope {
    /// When the code of a hoisted function or struct can run.
    pub fn runs_of(&self, name: &str) -> Runs {
        let known = self.runs.get(name).copied();
        known.unwrap_or(Runs::from(self.end))
    }

    pub fn mutability(&self, global: GlobalId, name: &str) -> Mutability {
        let info = self.globals.get(name).filter(|info| info.id == global);
        info.map_or(Mutability::Mut, |info| info.mutability)
    }
}

/// What a file exports, by name.
#[derive(Default, Clone)]
pub(super) struct Exports {
    pub values: Vec<Rc<str>>,
    /// Structs and enums.
    pub types: Vec<Rc<str>>,
}

/// The exports of a file, each name once.
pub(super) fn exports(file: &ast::File) -> Exports {
    let mut exports = Exports::default();
    for stmt in &file.body {
        let S::Export(inner) = &stmt.kind else {
            continue;
        };
        match &inner.kind {
            S::Struct(def) => exports.types.push(def.name.text.clone()),
            S::Enum { name, .. } => exports.types.push(name.text.clone()),
            _ => bound_names(inner, &mut |name, _| exports.values.push(name.clone())),
        }
    }
    for list in [&mut exports.values, &mut exports.types] {
        let mut seen = FxHashSet::default();
        list.retain(|name| seen.insert(name.clone()));
    }
    exports
}

/// The names that a statement of the top level binds itself, imports apart.
pub(super) fn bound_names(stmt: &ast::Stmt, bind: &mut dyn FnMut(&Rc<str>, Mutability)) {
    match &stmt.kind {
        S::Let {
            mutable, pattern, ..
        } => {
            let mutability = if *mutable {
                Mutability::Mut
            } else {
                Mutability::Let
            };
            pattern_names(pattern, &mut |name| bind(&name.text, mutability));
        }
        S::Const { name, .. } => bind(&name.text, Mutability::Const),
        S::Destructure { pattern, .. } => {
            pattern_names(pattern, &mut |name| bind(&name.text, Mutability::Let))
        }
        S::Assign { place, .. } if place.steps.is_empty() => {
            bind(&place.root.text, Mutability::Mut)
        }
        S::Func(def) => bind(&def.name.text, Mutability::Mut),
        S::Export(inner) => bound_names(inner, bind),
        _ => {}
    }
}

/// The names of a pattern, in order.
pub(super) fn pattern_names<'a>(pattern: &'a ast::Pattern, bind: &mut dyn FnMut(&'a ast::Name)) {
    use ast::{ArrayPatternItem as A, DictPatternItem as D, PatternKind as P};
    let mut one = |name: &'a ast::Name| {
        if &*name.text != "_" {
            bind(name);
        }
    };
    match &pattern.kind {
        P::Ignore => {}
        P::Name(name) => one(name),
        P::Array(items) => {
            for item in items {
                match item {
                    A::Elem(inner) => pattern_names(inner, bind),
                    A::Rest(name) if &*name.text != "_" => bind(name),
                    A::Rest(_) => {}
                }
            }
        }
        P::Dict(items) => {
            for item in items {
                let (D::Key(name) | D::Rest(name)) = item;
                one(name);
            }
        }
    }
}

/// When code of a hoisted function or struct can run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Runs {
    /// During no statement of the top level before this one.
    pub first: u32,
    /// During none after this one.
    pub last: u32,
}

/// As the last statement: there is none after which the code cannot run.
const ALWAYS: u32 = u32::MAX;

impl Runs {
    /// At any time from a statement on.
    pub fn from(first: u32) -> Runs {
        let last = ALWAYS;
        Runs { first, last }
    }
}

/// When the code of each hoisted function and struct of a file can run: from the first statement of the top level that can
/// lead to a call of it to the last one. Names are taken as written, whatever they mean at their place, so it may be too
/// long but never too short. What nobody mentions is left out. `open`: others may call the functions, too.
pub(super) fn runs(body: &[&ast::Stmt], open: bool) -> FxHashMap<Rc<str>, Runs> {
    let code = Code::of(body, open);
    let mut runs = FxHashMap::default();
    let mut latest: Vec<(Rc<str>, u32)> = Vec::new();
    for (i, stmt) in body.iter().enumerate() {
        let at = i as u32 + 1;
        let mut work = Vec::new();
        if !matches!(stmt.kind, S::Func(_) | S::Struct(_)) {
            mentions::of_stmt(stmt, &mut |name, how| {
                work.push(name.clone());
                latest.push((name.clone(), if how == Use::Called { at } else { ALWAYS }));
            });
        }
        code.reach(work, at, &mut runs, &mut latest);
    }
    latest.extend(code.outside.iter().map(|name| (name.clone(), ALWAYS)));
    code.reach(
        code.outside.clone(),
        body.len() as u32 + 1,
        &mut runs,
        &mut latest,
    );
    // Later statements first: a name then gets its last one at its first visit.
    latest.sort_by_key(|(_, at)| std::cmp::Reverse(*at));
    for (name, at) in latest {
        let mut work = vec![name];
        while let Some(name) = work.pop() {
            if let Some(run) = runs.get_mut(&name).filter(|run| run.last == 0) {
                run.last = at;
                work.extend(code.mentions[&name].iter().map(|(inner, _)| inner.clone()));
            }
        }
    }
    runs
}

/// The hoisted functions and structs of a file.
struct Code {
    /// What their code mentions.
    mentions: FxHashMap<Rc<str>, Vec<(Rc<str>, Use)>>,
    /// Those that others may call.
    outside: Vec<Rc<str>>,
}

impl Code {
    fn of(body: &[&ast::Stmt], open: bool) -> Code {
        let mut code = Code {
            mentions: FxHashMap::default(),
            outside: Vec::new(),
        };
        for stmt in body {
            let exported = matches!(stmt.kind, S::Export(_));
            match &super::unwrap_export(stmt).kind {
                S::Func(def) => {
                    // The body of such a function runs after its call.
                    let later = def.func.is_generator || def.func.is_async;
                    code.add(&def.name.text, &def.func.body, later);
                    if exported || open {
                        code.outside.push(def.name.text.clone());
                    }
                }
                S::Struct(def) => {
                    for method in &def.methods {
                        code.add(&def.name.text, &method.func.body, true);
                    }
                }
                _ => {}
            }
        }
        code
    }

    fn add(&mut self, name: &Rc<str>, body: &ast::Block, later: bool) {
        let known = self.mentions.entry(name.clone()).or_default();
        mentions::of_block(body, &mut |name, how| {
            known.push((name.clone(), if later { Use::Kept } else { how }));
        });
    }

    /// Notes what code of theirs can run from a statement on that mentions the names.
    fn reach(
        &self,
        mut work: Vec<Rc<str>>,
        at: u32,
        runs: &mut FxHashMap<Rc<str>, Runs>,
        latest: &mut Vec<(Rc<str>, u32)>,
    ) {
        while let Some(name) = work.pop() {
            let Some(mentions) = self.mentions.get(&name) else {
                continue;
            };
            if runs.contains_key(&name) {
                continue;
            }
            runs.insert(name, Runs { first: at, last: 0 });
            for (inner, how) in mentions {
                work.push(inner.clone());
                if *how == Use::Kept {
                    latest.push((inner.clone(), ALWAYS));
                }
            }
        }
    }
}
