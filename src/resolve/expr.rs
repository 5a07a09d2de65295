//! Expressions.
//!
//! In: their trees. Out: HIR expressions. Parentheses are gone, `Result::Ok(v)` is `Ok(v)`.

use super::Resolver;
use super::hir::*;
use super::scope::Binding;
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind as E, PostfixKind};
use ruff_runtime::builtins;
use std::rc::Rc;

impl<'a> Resolver<'a> {
    /// Resolves an expression.
    pub(super) fn expr(&mut self, expr: &'a ast::Expr) -> Expr {
        let span = expr.span;
        let kind = match &expr.kind {
            E::Paren(inner) => return self.expr(inner),
            E::Int(n) => ExprKind::Int(*n),
            E::Float(x) => ExprKind::Float(*x),
            E::Str(text) => ExprKind::Str(text.clone()),
            E::Bool(b) => ExprKind::Bool(*b),
            E::Null => ExprKind::Null,
            E::NoneValue => ExprKind::NoneValue,
            E::SelfValue => ExprKind::Var(self.read_self()),
            E::Name(name) => ExprKind::Var(self.read(name, span)),
            E::Interpolated(parts) => {
                ExprKind::Concat(parts.iter().map(|p| self.part(p, span)).collect())
            }
            E::Array(items) => ExprKind::Array(items.iter().map(|i| self.item(i)).collect()),
            E::Dict(entries) => ExprKind::Dict(entries.iter().map(|e| self.entry(e)).collect()),
            E::Struct { name, fields } => self.struct_literal(name, fields),
            E::Tag { space, name, args } => {
                let args = self.exprs(args);
                tag(&space.text, &name.text, args)
            }
            E::Wrap { kind, value } => ExprKind::Wrap(*kind, Box::new(self.expr(value))),
            E::Throw(value) => ExprKind::Throw(Box::new(self.expr(value))),
            E::Lambda(func) => {
                ExprKind::Closure(self.inner_function(func, "<lambda>".into(), None))
            }
            E::Yield(value) => {
                if !self.cx_ref().generator {
                    self.fault(span, "yield can only be used inside a generator function");
                }
                value.iter().for_each(|v| drop(self.expr(v)));
                ExprKind::Null
            }
            E::Await(value) => {
                self.not_yet(span, "`await`");
                return self.expr(value);
            }
            E::Unary { op, operand } => ExprKind::Unary(*op, Box::new(self.expr(operand))),
            E::Binary { first, rest } => {
                let first = Box::new(self.expr(first));
                let rest = (rest.iter())
                    .map(|step| BinaryStep {
                        op: step.op,
                        op_span: step.op_span,
                        right: self.expr(&step.right),
                    })
                    .collect();
                ExprKind::Binary(first, rest)
            }
            E::Logical { op, operands } => ExprKind::Logical(*op, self.exprs(operands)),
            E::Pipe { value, stages } => {
                let value = Box::new(self.expr(value));
                let stages = stages.iter().map(|s| self.stage(&s.target)).collect();
                ExprKind::Pipe(value, stages)
            }
            E::Postfix { base, steps } => {
                let base = Box::new(self.expr(base));
                ExprKind::Postfix(base, self.steps(steps))
            }
        };
        Expr { span, kind }
    }

    fn exprs(&mut self, exprs: &'a [ast::Expr]) -> Vec<Expr> {
        exprs.iter().map(|e| self.expr(e)).collect()
    }

    fn part(&mut self, part: &'a ast::StrPart, span: Span) -> Expr {
        match part {
            ast::StrPart::Text(text) => Expr {
                span,
                kind: ExprKind::Str(text.clone()),
            },
            ast::StrPart::Expr(e) => self.expr(e),
        }
    }

    fn item(&mut self, item: &'a ast::ArrayElem) -> (bool, Expr) {
        match item {
            ast::ArrayElem::Item(e) => (false, self.expr(e)),
            ast::ArrayElem::Spread(e) => (true, self.expr(e)),
        }
    }

    fn entry(&mut self, entry: &'a ast::DictEntry) -> DictEntry {
        match entry {
            ast::DictEntry::Pair { key, value } => {
                let key = self.expr(key);
                DictEntry::Pair(key, self.expr(value))
            }
            ast::DictEntry::Spread(e) => DictEntry::Spread(self.expr(e)),
        }
    }

    fn struct_literal(&mut self, name: &ast::Name, fields: &'a [ast::FieldInit]) -> ExprKind {
        let (definition, methods) = self.definition(&name.text);
        let fields = (fields.iter())
            .map(|field| (field.name.text.clone(), self.expr(&field.value)))
            .collect();
        ExprKind::Struct {
            definition,
            methods,
            name: name.text.clone(),
            fields,
        }
    }

    /// The struct definition that a literal names, and the variable that holds its methods.
    fn definition(&mut self, name: &Rc<str>) -> (Option<StructId>, Option<Var>) {
        for depth in (0..self.fns.len()).rev() {
            let scopes = &self.fns[depth].scopes;
            let found = scopes
                .iter()
                .rev()
                .find_map(|s| s.structs.get(name).copied());
            if let Some((id, hidden)) = found {
                let var = Var {
                    name: format!("struct {name}").into(),
                    slot: self.slot(depth, hidden),
                    certain: true,
                    fallback: None,
                };
                return (Some(id), Some(var));
            }
        }
        (self.file().structs.get(name).copied(), None)
    }

    fn stage(&mut self, target: &'a ast::Expr) -> PipeStage {
        if let E::Postfix { base, steps } = &target.kind
            && let Some((last, before)) = steps.split_last()
            && let PostfixKind::Call(_) | PostfixKind::Method { .. } = last.kind
        {
            let base = self.expr(base);
            let span = target.span;
            let before = self.steps(before);
            let callee = if before.is_empty() {
                base
            } else {
                Expr {
                    span,
                    kind: ExprKind::Postfix(Box::new(base), before),
                }
            };
            return match self.step(last) {
                PostfixStep::Call(args) => PipeStage::Call(callee, args, span),
                PostfixStep::Method(method) => PipeStage::Method(callee, method),
                _ => unreachable!("the last step is a call"),
            };
        }
        let target = self.expr(target);
        let span = target.span;
        PipeStage::Call(target, Vec::new(), span)
    }

    fn steps(&mut self, steps: &'a [ast::PostfixStep]) -> Vec<PostfixStep> {
        steps.iter().map(|s| self.step(s)).collect()
    }

    fn step(&mut self, step: &'a ast::PostfixStep) -> PostfixStep {
        match &step.kind {
            PostfixKind::Call(args) => PostfixStep::Call(self.exprs(args)),
            PostfixKind::Index(index) => PostfixStep::Index(self.expr(index), step.span),
            PostfixKind::Field { name, optional } => PostfixStep::Field {
                name: name.text.clone(),
                span: name.span,
                optional: *optional,
            },
            PostfixKind::Method {
                name,
                optional,
                args,
            } => {
                self.check_method(name);
                PostfixStep::Method(Method {
                    name: name.text.clone(),
                    span: name.span,
                    optional: *optional,
                    args: self.exprs(args),
                })
            }
            PostfixKind::Try => PostfixStep::Try(step.span),
        }
    }

    /// A builtin called as a method, but not there yet. A struct's method of that name may be meant instead.
    fn check_method(&mut self, name: &ast::Name) {
        let meant = |scope: &super::scope::Scope| {
            matches!(
                scope.names.get(&name.text),
                Some(Binding::Local(_) | Binding::Global(_))
            )
        };
        if builtins::NOT_YET.contains(&&*name.text)
            && !self.method_names.contains(&name.text)
            && !self.fns.iter().any(|cx| cx.scopes.iter().any(meant))
        {
            self.not_yet(name.span, &format!("The builtin `{}`", name.text));
        }
    }
}

/// A tagged value, or the result or option that is the same.
fn tag(space: &Rc<str>, name: &Rc<str>, mut args: Vec<Expr>) -> ExprKind {
    let kind = match (&**space, &**name, args.len()) {
        ("Result", "Ok", 1) => WrapKind::Ok,
        ("Result", "Err", 1) => WrapKind::Err,
        ("Option", "Some", 1) => WrapKind::Some,
        ("Option", "None", 0) => return ExprKind::NoneValue,
        _ => {
            let (space, name) = (space.clone(), name.clone());
            return ExprKind::Tag(Tag { space, name }, args);
        }
    };
    let value = args.pop().expect("one argument");
    ExprKind::Wrap(kind, Box::new(value))
}
