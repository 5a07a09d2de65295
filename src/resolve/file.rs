//! File scopes: which names a file binds at its top level, by which statement first, and which functions can run when.
//!
//! In: the trees of all files. Out: a [`FileScope`] each. Statements of the top level are numbered from 1; hoisted
//! functions are bound by statement 0.

use super::hir::*;
use super::mentions;
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
    /// For hoisted functions and structs: the first statement during which code of theirs can run.
    pub earliest: FxHashMap<Rc<str>, u32>,
    /// The number of statements.
    pub end: u32,
}

impl FileScope {
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

/// For each hoisted function and struct of a file: the first top-level statement that can lead to a call of it. Names
/// are taken as written, whatever they mean at their place, so it may be too early but never too late.
pub(super) fn earliest(body: &[&ast::Stmt]) -> FxHashMap<Rc<str>, u32> {
    let mut leads_to: FxHashMap<Rc<str>, Vec<Rc<str>>> = FxHashMap::default();
    for stmt in body {
        let stmt = match &stmt.kind {
            S::Export(inner) => inner,
            _ => *stmt,
        };
        match &stmt.kind {
            S::Func(def) => {
                let known = leads_to.entry(def.name.text.clone()).or_default();
                mentions::of_block(&def.func.body, &mut |name| known.push(name.clone()));
            }
            S::Struct(def) => {
                let known = leads_to.entry(def.name.text.clone()).or_default();
                for method in &def.methods {
                    mentions::of_block(&method.func.body, &mut |name| known.push(name.clone()));
                }
            }
            _ => {}
        }
    }
    let mut earliest = FxHashMap::default();
    for (i, stmt) in body.iter().enumerate() {
        let mut work = Vec::new();
        if !matches!(stmt.kind, S::Func(_) | S::Struct(_)) {
            mentions::of_stmt(stmt, &mut |name| work.push(name.clone()));
        }
        while let Some(name) = work.pop() {
            if let Some(next) = leads_to.remove(&name) {
                work.extend(next);
                earliest.insert(name, i as u32 + 1);
            }
        }
    }
    earliest
}
