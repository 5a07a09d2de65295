//! Variables and their visibility (language.md §4.4), by the letter: which declaration a name means depends on where the name
//! stands in the text; whether that variable is initialised depends on what has run.

use super::value::Value;
use ruff::source::Span;
use ruff::syntax::ast::{ArrayPatternItem, DictPatternItem, Pattern, PatternKind, Stmt, StmtKind};
use std::cell::RefCell;
use std::rc::Rc;

/// Whether a binding may be stored to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Binding {
    Mutable,
    Let,
    Const,
}

/// A variable. Closures share it.
#[derive(Debug)]
pub(super) struct Variable<'a> {
    pub value: RefCell<Value<'a>>,
    pub binding: Binding,
}

/// A declaration that has executed.
#[derive(Debug)]
struct Entry<'a> {
    name: &'a str,
    /// Names before this place mean something else.
    from: u32,
    /// Nothing for a field that the receiver of a method lacks.
    variable: Option<Rc<Variable<'a>>>,
}

/// An execution of a block.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    /// The block around it; nothing for the file.
    pub parent: Option<Rc<Scope<'a>>>,
    /// The statements of the block.
    pub stmts: &'a [Stmt],
    entries: RefCell<Vec<Entry<'a>>>,
}

/// What a name means in the blocks around it.
pub(super) enum Found<'a> {
    Variable(Rc<Variable<'a>>),
    /// A visible declaration that has not been executed.
    Uninitialised,
    Nothing,
}

impl<'a> Scope<'a> {
    pub fn new(parent: Option<Rc<Scope<'a>>>, stmts: &'a [Stmt]) -> Rc<Scope<'a>> {
        Rc::new(Scope {
            parent,
            stmts,
            entries: RefCell::default(),
        })
    }

    pub fn is_file(&self) -> bool {
        self.parent.is_none()
    }

    /// Whether the name is declared directly in this block so far.
    pub fn has(&self, name: &str) -> bool {
        self.entries.borrow().iter().any(|entry| entry.name == name)
    }

    /// Declares a name from a place of the text on, in place of an older declaration.
    pub fn declare(&self, name: &'a str, from: u32, binding: Binding, value: Value<'a>) {
        let variable = Variable {
            value: RefCell::new(value),
            binding,
        };
        self.enter(name, from, Some(Rc::new(variable)));
    }

    /// Declares a field that the receiver lacks.
    pub fn declare_missing(&self, name: &'a str) {
        self.enter(name, 0, None);
    }

    /// From a place of the text on, a name means a variable that another block has declared.
    pub fn adopt(&self, name: &'a str, from: u32, variable: Rc<Variable<'a>>) {
        self.enter(name, from, Some(variable));
    }

    fn enter(&self, name: &'a str, from: u32, variable: Option<Rc<Variable<'a>>>) {
        let mut entries = self.entries.borrow_mut();
        entries.retain(|entry| entry.name != name);
        entries.push(Entry {
            name,
            from,
            variable,
        });
    }

    /// Rule R1: what a name at a place means. `function` is the innermost function around the place.
    pub fn find(&self, name: &str, at: u32, function: Option<Span>) -> Found<'a> {
        let mut scope = self;
        while let Some(parent) = &scope.parent {
            // A function in the initialiser of a declaration sees it.
            let inside = |stmt: &Stmt| {
                let within = |f: Span| f.start >= stmt.span.start && f.end <= stmt.span.end;
                at >= stmt.span.start && function.is_some_and(within)
            };
            let initialises =
                |from: u32| (scope.stmts.iter()).any(|stmt| stmt.span.end == from && inside(stmt));
            let entries = scope.entries.borrow();
            let entry = entries
                .iter()
                .find(|entry| entry.name == name && (at >= entry.from || initialises(entry.from)));
            match entry.map(|entry| &entry.variable) {
                Some(Some(variable)) => return Found::Variable(variable.clone()),
                Some(None) => return Found::Uninitialised,
                None => {}
            }
            let later = scope
                .stmts
                .iter()
                .any(|stmt| (at >= stmt.span.end || inside(stmt)) && declares(stmt, name));
            if later {
                return Found::Uninitialised;
            }
            scope = parent;
        }
        Found::Nothing
    }
}

/// Whether the statement declares the name, whatever is visible before it.
fn declares(stmt: &Stmt, name: &str) -> bool {
    match &stmt.kind {
        StmtKind::Let { pattern, .. } | StmtKind::Destructure { pattern, .. } => {
            names(pattern).contains(&name)
        }
        StmtKind::Const { name: constant, .. } => *constant.text == *name,
        StmtKind::Func(def) => *def.name.text == *name,
        _ => false,
    }
}

/// The names that a pattern binds.
pub(super) fn names(pattern: &Pattern) -> Vec<&str> {
    let mut found = Vec::new();
    collect(pattern, &mut found);
    found.retain(|name| *name != "_");
    found
}

fn collect<'p>(pattern: &'p Pattern, into: &mut Vec<&'p str>) {
    match &pattern.kind {
        PatternKind::Ignore => {}
        PatternKind::Name(name) => into.push(&name.text),
        PatternKind::Array(items) => {
            for item in items {
                match item {
                    ArrayPatternItem::Elem(pattern) => collect(pattern, into),
                    ArrayPatternItem::Rest(name) => into.push(&name.text),
                }
            }
        }
        PatternKind::Dict(items) => {
            for item in items {
                let (DictPatternItem::Key(name) | DictPatternItem::Rest(name)) = item;
                into.push(&name.text);
            }
        }
    }
}

/// The names that the file scope binds (the set G).
pub(super) fn globals(stmts: &[Stmt]) -> Vec<&str> {
    let mut found = Vec::new();
    for stmt in stmts {
        match &stmt.kind {
            StmtKind::Let { pattern, .. } | StmtKind::Destructure { pattern, .. } => {
                found.extend(names(pattern))
            }
            StmtKind::Const { name, .. } => found.push(&name.text),
            StmtKind::Func(def) => found.push(&def.name.text),
            StmtKind::Assign { place, .. } if place.steps.is_empty() => {
                found.push(&place.root.text)
            }
            StmtKind::Export(inner) => found.extend(globals(std::slice::from_ref(inner))),
            _ => {}
        }
    }
    found
}
