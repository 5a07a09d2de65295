//! Statements.
//!
//! In: their trees, in order. Out: HIR statements; one that only declares gives none.

use super::Resolver;
use super::file::pattern_names;
use super::hir::*;
use super::scope::{Begun, Mutability, Scope};
use crate::source::Span;
use crate::syntax::ast::{self, StmtKind as S};
use ruff_runtime::builtins::{self, ResultType};
use std::rc::Rc;

impl<'a> Resolver<'a> {
    /// Resolves one statement of the current block.
    pub(super) fn stmt(&mut self, stmt: &'a ast::Stmt, out: &mut Vec<Stmt>) {
        let span = stmt.span;
        let kind = match &stmt.kind {
            S::Export(inner) => return self.stmt(inner, out),
            S::Enum { .. } => return,
            S::Struct(def) => return self.file_struct(def),
            S::Func(def) => match self.func_def(def) {
                Some(kind) => kind,
                None => return,
            },
            S::Let {
                mutable,
                pattern,
                value,
                ..
            } => {
                let mutability = if *mutable {
                    Mutability::Mut
                } else {
                    Mutability::Let
                };
                self.declare(pattern, mutability, value)
            }
            S::Destructure { pattern, value } => self.declare(pattern, Mutability::Let, value),
            S::Const { name, value, .. } => {
                let begun = self.begin_declare(&name.text, Mutability::Const);
                self.store(begun, name, value)
            }
            S::Assign { place, value } => self.assign(place, value),
            S::CompoundAssign {
                place,
                op,
                op_span,
                value,
            } => self.compound(place, (*op, *op_span), value),
            S::Import(import) => self.import(import, span),
            S::Test(_) => return,
            S::Return(value) => StmtKind::Return(value.as_ref().map(|v| self.expr(v))),
            S::Break => self.jump(span, "break", StmtKind::Break),
            S::Continue => self.jump(span, "continue", StmtKind::Continue),
            S::If { arms, otherwise } => {
                let arms = (arms.iter())
                    .map(|arm| (self.expr(&arm.cond), self.block(&arm.body)))
                    .collect();
                let otherwise = otherwise.as_ref().map(|b| self.block(b));
                StmtKind::If { arms, otherwise }
            }
            S::While { cond, body } => self.while_loop(Some(cond), body),
            S::Loop { cond, body } => self.while_loop(cond.as_ref(), body),
            S::For { var, iter, body } => self.for_loop(var, iter, body),
            S::Try {
                body,
                binder,
                handler,
            } => {
                let body = self.block(body);
                self.cx().scopes.push(Scope::default());
                let binder = binder.as_ref().map(|name| self.bind_local(&name.text));
                let handler = self.block(handler);
                self.cx().scopes.pop();
                StmtKind::Try {
                    body,
                    binder,
                    handler,
                }
            }
            S::Match {
                subject,
                cases,
                default,
            } => {
                let subject = self.expr(subject);
                let cases = cases.iter().map(|case| self.case(case)).collect();
                let default = default.as_ref().map(|b| self.block(b));
                StmtKind::Match {
                    subject,
                    cases,
                    default,
                }
            }
            S::Spawn(_) => {
                self.not_yet(span, "`spawn`");
                return;
            }
            S::Expr(e) => StmtKind::Expr(self.expr(e)),
        };
        out.push(Stmt { span, kind });
    }

    /// The methods of a struct definition of the file scope.
    fn file_struct(&mut self, def: &'a ast::StructDef) {
        let id = self.file().structs[&def.name.text];
        let runs = self.file().runs_of(&def.name.text);
        // Of several definitions of one name the last counts; the others keep their errors only.
        self.program.structs[id.index()].fields =
            def.fields.iter().map(|f| f.name.text.clone()).collect();
        self.program.structs[id.index()].methods.clear();
        self.struct_methods(def, id, runs, None);
    }

    fn func_def(&mut self, def: &'a ast::FuncDef) -> Option<StmtKind> {
        let name = &def.name.text;
        if self.at_file_scope() {
            let id = self.file().globals[name].id;
            let hoisted = self.program.globals[id.index()].hoisted;
            let hoisted = hoisted.expect("functions of the top level are hoisted");
            let last = self.program.funcs[hoisted.index()].span == def.func.span;
            let func = if last {
                hoisted
            } else {
                self.new_func(name.clone(), FuncKind::Plain, def.func.span)
            };
            let runs = self.file().runs_of(name);
            self.function(super::func::NewFunc {
                id: func,
                kind: FuncKind::Plain,
                func: &def.func,
                runs,
                bound_to: None,
                made_at: None,
                fields: Vec::new(),
            });
            return None;
        }
        let known = self.scope().names.get(name).copied();
        let begun = match known {
            None => Begun::New(self.bind_local(name)),
            Some(_) => match self.lookup(name) {
                Some(found) => Begun::Found(found),
                None => Begun::Ignore,
            },
        };
        let bound_to = match begun {
            Begun::New(id) => Some(id),
            _ => None,
        };
        let func = self.inner_function(&def.func, name.clone(), bound_to);
        let value = Expr {
            span: def.func.span,
            kind: ExprKind::Closure(func),
        };
        let target = self.finish(begun, name, def.name.span, Some(&value));
        Some(StmtKind::Store { target, value })
    }

    /// `let`, `mut`, destructuring.
    fn declare(
        &mut self,
        pattern: &'a ast::Pattern,
        mutability: Mutability,
        value: &'a ast::Expr,
    ) -> StmtKind {
        if let ast::PatternKind::Name(name) = &pattern.kind {
            let begun = self.begin_declare(&name.text, mutability);
            return self.store(begun, name, value);
        }
        let mut names: Vec<&ast::Name> = Vec::new();
        pattern_names(pattern, &mut |name| names.push(name));
        let mut begun: Vec<Begun> = (names.iter())
            .map(|name| self.begin_declare(&name.text, mutability))
            .collect();
        let value = self.expr(value);
        begun.reverse();
        let pattern = self.pattern(pattern, &mut begun);
        StmtKind::Bind { pattern, value }
    }

    /// The pattern, its declarations (in reverse order) finished.
    fn pattern(&mut self, pattern: &ast::Pattern, begun: &mut Vec<Begun>) -> Pattern {
        use ast::{ArrayPatternItem as A, DictPatternItem as D, PatternKind as P};
        match &pattern.kind {
            P::Ignore => Pattern::Name(ignore(pattern.span)),
            P::Name(name) => Pattern::Name(self.bound(name, begun)),
            P::Array(items) => {
                let (mut elems, mut rest) = (Vec::new(), None);
                for item in items {
                    match item {
                        A::Elem(inner) => elems.push(self.pattern(inner, begun)),
                        A::Rest(name) => rest = Some(self.bound(name, begun)),
                    }
                }
                Pattern::Array(elems, rest)
            }
            P::Dict(items) => {
                let (mut keys, mut rest) = (Vec::new(), None);
                for item in items {
                    match item {
                        D::Key(name) => keys.push((name.text.clone(), self.bound(name, begun))),
                        D::Rest(name) => rest = Some(self.bound(name, begun)),
                    }
                }
                Pattern::Dict(keys, rest)
            }
        }
    }

    fn bound(&mut self, name: &ast::Name, begun: &mut Vec<Begun>) -> Target {
        if &*name.text == "_" {
            return ignore(name.span);
        }
        let begun = begun.pop().expect("every name of the pattern was begun");
        self.finish(begun, &name.text, name.span, None)
    }

    /// A store to a bare name.
    fn store(&mut self, begun: Begun, name: &ast::Name, value: &'a ast::Expr) -> StmtKind {
        let bound_to = match begun {
            Begun::New(id) => Some(id),
            _ => None,
        };
        let value = match (as_lambda(value), bound_to) {
            (Some(func), Some(_)) => {
                let id = self.inner_function(func, "<lambda>".into(), bound_to);
                Expr {
                    span: func.span,
                    kind: ExprKind::Closure(id),
                }
            }
            _ => self.expr(value),
        };
        let target = self.finish(begun, &name.text, name.span, Some(&value));
        StmtKind::Store { target, value }
    }

    fn assign(&mut self, place: &'a ast::Place, value: &'a ast::Expr) -> StmtKind {
        if place.steps.is_empty() {
            let begun = self.begin_assign(&place.root.text);
            return self.store(begun, &place.root, value);
        }
        let value = self.expr(value);
        let place = self.place(place);
        StmtKind::StorePlace {
            place,
            op: None,
            value,
        }
    }

    fn compound(
        &mut self,
        place: &'a ast::Place,
        op: (BinaryOp, Span),
        value: &'a ast::Expr,
    ) -> StmtKind {
        let root = &place.root;
        if place.steps.is_empty() {
            let var = self.read(&root.text, root.span);
            let value = self.expr(value);
            let target = self.store_read(&var, &root.text, root.span);
            let (op, op_span) = op;
            return StmtKind::Update {
                var,
                target,
                op,
                op_span,
                value,
            };
        }
        let place = self.place(place);
        let value = self.expr(value);
        StmtKind::StorePlace {
            place,
            op: Some(op),
            value,
        }
    }

    fn place(&mut self, place: &'a ast::Place) -> Place {
        let steps = (place.steps.iter())
            .map(|step| match step {
                ast::PlaceStep::Field(name) => PlaceStep::Field(name.text.clone(), name.span),
                ast::PlaceStep::Index { span, index } => PlaceStep::Index(self.expr(index), *span),
            })
            .collect();
        let (root, raise) = self.place_root(&place.root.text, place.root.span);
        Place {
            span: place.root.span,
            root,
            raise,
            steps,
        }
    }

    fn jump(&mut self, span: Span, word: &str, kind: StmtKind) -> StmtKind {
        if self.cx_ref().loops.is_empty() {
            self.fault(span, format!("{word} can only be used inside a loop"));
        }
        kind
    }

    fn enter_loop(&mut self) {
        self.next_loop += 1;
        let id = self.next_loop;
        self.cx().loops.push(id);
    }

    fn while_loop(&mut self, cond: Option<&'a ast::Expr>, body: &'a ast::Block) -> StmtKind {
        self.enter_loop();
        let cond = cond.map(|c| self.expr(c));
        let body = self.block(body);
        self.cx().loops.pop();
        StmtKind::While { cond, body }
    }

    fn for_loop(&mut self, var: &ast::Name, iter: &'a ast::Expr, body: &'a ast::Block) -> StmtKind {
        let iter = range_args(self.expr(iter));
        self.enter_loop();
        self.cx().scopes.push(Scope::default());
        let var = self.bind_local(&var.text);
        if matches!(iter, Iter::Range(..)) {
            self.cx().locals[var.index()].depends = Some(Vec::new());
        }
        let body = self.block(body);
        self.cx().scopes.pop();
        self.cx().loops.pop();
        StmtKind::For { var, iter, body }
    }

    fn case(&mut self, case: &'a ast::Case) -> Case {
        self.cx().scopes.push(Scope::default());
        let mut binders: Vec<(Rc<str>, LocalId)> = Vec::new();
        let patterns = (case.patterns.iter())
            .map(|pattern| self.case_pattern(pattern, &mut binders))
            .collect();
        let guard = case.guard.as_ref().map(|g| self.expr(g));
        let body = self.block(&case.body);
        self.cx().scopes.pop();
        Case {
            patterns,
            binders: binders.into_iter().map(|b| b.1).collect(),
            guard,
            body,
        }
    }

    fn case_pattern(
        &mut self,
        pattern: &ast::CasePattern,
        bound: &mut Vec<(Rc<str>, LocalId)>,
    ) -> CasePattern {
        use ast::CasePatternKind as P;
        match &pattern.kind {
            P::Any => CasePattern::Any,
            P::Null => CasePattern::Null,
            P::Int(n) => CasePattern::Literal(ExprKind::Int(*n)),
            P::Float(x) => CasePattern::Literal(ExprKind::Float(*x)),
            P::Str(text) => CasePattern::Literal(ExprKind::Str(text.clone())),
            P::Bool(b) => CasePattern::Literal(ExprKind::Bool(*b)),
            P::Name {
                space,
                name,
                binders,
            } => {
                let home = builtin_space(&name.text);
                if space.is_none() && binders.is_empty() && home.is_none() {
                    return CasePattern::Name(name.text.clone());
                }
                let space = match (space, home) {
                    (Some(space), _) => space.text.clone(),
                    (None, home) => home.unwrap_or_default().into(),
                };
                let binders = binders.iter().map(|b| self.binder(b, bound)).collect();
                let name = name.text.clone();
                CasePattern::Tag(Tag { space, name }, binders)
            }
        }
    }

    /// The variable of a binder: alternatives share those of one name.
    fn binder(&mut self, name: &ast::Name, bound: &mut Vec<(Rc<str>, LocalId)>) -> Option<LocalId> {
        if &*name.text == "_" {
            return None;
        }
        if let Some((_, id)) = bound.iter().find(|b| b.0 == name.text) {
            return Some(*id);
        }
        let id = self.bind_local(&name.text);
        bound.push((name.text.clone(), id));
        Some(id)
    }

    fn import(&mut self, import: &'a ast::Import, span: Span) -> StmtKind {
        let dotted = super::import::dotted(import);
        let at = import.module[0].span;
        let Some(&Some(index)) = self.loaded.files[self.module].imports.get(&at.start) else {
            let file = format!("{}.ruff", dotted.replace('.', "/"));
            return StmtKind::Raise(format!(
                "Module not found: {dotted}; there is no {file} beside the importing file, in the package or beside the script"
            ));
        };
        let exports = self.exports[index].clone();
        let mut bindings = Vec::new();
        match &import.names {
            Some(names) => {
                for name in names {
                    if exports.values.contains(&name.text) {
                        bindings.push(self.import_copy(index, &name.text, name.span));
                    } else if !exports.types.contains(&name.text) {
                        let message =
                            format!("Symbol '{}' not found in module '{dotted}'", name.text);
                        let span = name.span;
                        bindings.push(ImportBinding::Missing { message, span });
                    }
                }
            }
            None => {
                for name in &exports.values {
                    bindings.push(self.import_copy(index, name, span));
                }
                let own = &import.module[0].text;
                if !exports.values.contains(own) {
                    let target = self.import_target(own, at, None);
                    bindings.push(ImportBinding::Namespace(target));
                }
            }
        }
        let module = ModuleId(index as u32);
        StmtKind::Import { module, bindings }
    }

    fn import_copy(&mut self, module: usize, name: &Rc<str>, span: Span) -> ImportBinding {
        let from = self.files[module].globals[name].id;
        let to = self.import_target(name, span, Some(from));
        let name = name.clone();
        ImportBinding::Copy { from, name, to }
    }

    /// The global that an import binds, as a bare assignment would.
    fn import_target(&mut self, name: &Rc<str>, span: Span, from: Option<GlobalId>) -> Target {
        let store = match self.begin_assign(name) {
            Begun::Global(id) => {
                let first = self.file().globals[name].bound_at == self.cx_ref().at;
                let global = &mut self.program.globals[id.index()];
                if first && global.copy_of.is_none() && from.is_some() {
                    global.copy_of = from;
                } else if global.copy_of != from || from.is_none() {
                    global.assigned = true;
                }
                Store::Global(id)
            }
            Begun::Raise(message) => Store::Raise(message),
            _ => unreachable!("imports stand at the top level"),
        };
        Target {
            span,
            name: name.clone(),
            store,
        }
    }
}

fn ignore(span: Span) -> Target {
    Target {
        span,
        name: "_".into(),
        store: Store::Ignore,
    }
}

fn as_lambda(value: &ast::Expr) -> Option<&ast::Func> {
    match &value.kind {
        ast::ExprKind::Lambda(func) => Some(func),
        ast::ExprKind::Paren(inner) => as_lambda(inner),
        _ => None,
    }
}

/// The enum of a variant that may be written alone.
pub(super) fn builtin_space(variant: &str) -> Option<&'static str> {
    match variant {
        "Ok" | "Err" => Some("Result"),
        "Some" | "None" => Some("Option"),
        _ => None,
    }
}

/// What a `for` over the value runs over: `range(…)` and what is known to be an int need no value.
fn range_args(value: Expr) -> Iter {
    if gives_int(&value) {
        let span = value.span;
        return Iter::Range(vec![value], span);
    }
    let is_range = match &value.kind {
        ExprKind::Postfix(base, steps) => match (&base.kind, &steps[..]) {
            (
                ExprKind::Var(Var {
                    slot: Slot::Builtin(_),
                    name,
                    ..
                }),
                [PostfixStep::Call(args)],
            ) => &**name == "range" && (1..=3).contains(&args.len()),
            _ => false,
        },
        _ => false,
    };
    match value.kind {
        ExprKind::Postfix(_, mut steps) if is_range => match steps.pop() {
            Some(PostfixStep::Call(args)) => Iter::Range(args, value.span),
            _ => unreachable!("it is a call"),
        },
        kind => Iter::Value(Expr {
            span: value.span,
            kind,
        }),
    }
}

/// Whether the value is certainly an int.
fn gives_int(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Int(_) => true,
        ExprKind::Postfix(base, steps) => match (&base.kind, &steps[..]) {
            (
                ExprKind::Var(Var {
                    slot: Slot::Builtin(number),
                    ..
                }),
                [PostfixStep::Call(_)],
            ) => builtins::ALL[usize::from(*number)].result == ResultType::Int,
            _ => false,
        },
        _ => false,
    }
}
