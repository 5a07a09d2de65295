//! Statements.

use super::scope::{Binding, Scope};
use super::value::{Closure, Value};
use super::{Eval, Oracle, Stop};
use ruff::syntax::ast::{Block, Expr, Func, Stmt, StmtKind};
use std::rc::Rc;

/// How a statement ends.
pub(super) enum Flow<'a> {
    Next,
    Break,
    Continue,
    Return(Value<'a>),
}

impl<'a> Oracle<'a> {
    /// Named functions of the top level exist from the start; the last definition of a name holds.
    pub(super) fn hoist(&mut self, stmts: &'a [Stmt], scope: &Rc<Scope<'a>>) {
        for stmt in stmts {
            let stmt = match &stmt.kind {
                StmtKind::Export(inner) => inner,
                _ => stmt,
            };
            if let StmtKind::Func(def) = &stmt.kind {
                let value = self.closure(&def.name.text, &def.func, scope);
                self.set_global(&def.name.text, Binding::Mutable, value);
            }
        }
    }

    pub(super) fn closure(&self, name: &str, func: &'a Func, scope: &Rc<Scope<'a>>) -> Value<'a> {
        Value::Func(Rc::new(Closure {
            name: name.into(),
            func,
            scope: scope.clone(),
            method_of: None,
        }))
    }

    pub(super) fn stmts(&mut self, stmts: &'a [Stmt], scope: &Rc<Scope<'a>>) -> Eval<'a, Flow<'a>> {
        for stmt in stmts {
            match self.stmt(stmt, scope)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    /// A block in a scope of its own.
    fn block(&mut self, block: &'a Block, parent: &Rc<Scope<'a>>) -> Eval<'a, Flow<'a>> {
        let scope = Scope::new(Some(parent.clone()), &block.stmts);
        self.stmts(&block.stmts, &scope)
    }

    /// A block with a variable in a scope around it.
    fn block_with(
        &mut self,
        name: &'a str,
        value: Value<'a>,
        block: &'a Block,
        parent: &Rc<Scope<'a>>,
    ) -> Eval<'a, Flow<'a>> {
        let around = Scope::new(Some(parent.clone()), &[]);
        around.declare(name, 0, Binding::Mutable, value);
        self.block(block, &around)
    }

    fn condition(&mut self, expr: &'a Expr, scope: &Rc<Scope<'a>>) -> Eval<'a, bool> {
        Ok(self.expr(expr, scope)?.truthy())
    }

    fn stmt(&mut self, stmt: &'a Stmt, scope: &Rc<Scope<'a>>) -> Eval<'a, Flow<'a>> {
        self.step()?;
        match &stmt.kind {
            StmtKind::Let {
                mutable,
                pattern,
                value,
                ..
            } => {
                let binding = if *mutable {
                    Binding::Mutable
                } else {
                    Binding::Let
                };
                let value = self.expr(value, scope)?;
                self.bind(pattern, value, binding, stmt.span.end, scope)?;
            }
            StmtKind::Const { name, value, .. } => {
                let value = self.expr(value, scope)?;
                self.declare(name, value, Binding::Const, stmt.span.end, scope)?;
            }
            StmtKind::Destructure { pattern, value } => {
                let value = self.expr(value, scope)?;
                self.bind(pattern, value, Binding::Let, stmt.span.end, scope)?;
            }
            StmtKind::Assign { place, value } => self.assign(stmt, place, value, scope)?,
            StmtKind::CompoundAssign {
                place,
                op,
                op_span,
                value,
            } => self.compound(place, *op, *op_span, value, scope)?,
            // At the top level it has been there from the start.
            StmtKind::Func(def) if !scope.is_file() => {
                let value = self.closure(&def.name.text, &def.func, scope);
                scope.declare(&def.name.text, stmt.span.start, Binding::Mutable, value);
            }
            StmtKind::Func(_) | StmtKind::Struct(_) | StmtKind::Enum { .. } | StmtKind::Test(_) => {
            }
            StmtKind::Export(inner) => return self.stmt(inner, scope),
            StmtKind::Return(value) => {
                let value = match value {
                    Some(value) => self.expr(value, scope)?,
                    None => Value::Null,
                };
                return Ok(Flow::Return(value));
            }
            StmtKind::Break => return Ok(Flow::Break),
            StmtKind::Continue => return Ok(Flow::Continue),
            StmtKind::If { arms, otherwise } => {
                for arm in arms {
                    if self.condition(&arm.cond, scope)? {
                        return self.block(&arm.body, scope);
                    }
                }
                if let Some(block) = otherwise {
                    return self.block(block, scope);
                }
            }
            StmtKind::While { cond, body } => return self.repeat(Some(cond), body, scope),
            StmtKind::Loop { cond, body } => return self.repeat(cond.as_ref(), body, scope),
            StmtKind::For { var, iter, body } => {
                return self.for_each(&var.text, iter, body, scope);
            }
            StmtKind::Try {
                body,
                binder,
                handler,
            } => {
                let depth = self.stack.len();
                let function = self.function;
                return match self.block(body, scope) {
                    Err(Stop::Error(thrown)) => {
                        self.stack.truncate(depth);
                        self.function = function;
                        match binder {
                            Some(name) => {
                                let error = self.caught(*thrown);
                                self.block_with(&name.text, error, handler, scope)
                            }
                            None => self.block(handler, scope),
                        }
                    }
                    other => other,
                };
            }
            StmtKind::Match {
                subject,
                cases,
                default,
            } => {
                let value = self.expr(subject, scope)?;
                for case in cases {
                    if let Some(around) = self.case(case, &value, scope)? {
                        return self.block(&case.body, &around);
                    }
                }
                if let Some(block) = default {
                    return self.block(block, scope);
                }
            }
            StmtKind::Expr(expr) => drop(self.expr(expr, scope)?),
            StmtKind::Spawn(_) | StmtKind::Import(_) => {
                return Err(Stop::GiveUp("an unknown statement"));
            }
        }
        Ok(Flow::Next)
    }

    fn repeat(
        &mut self,
        cond: Option<&'a Expr>,
        body: &'a Block,
        scope: &Rc<Scope<'a>>,
    ) -> Eval<'a, Flow<'a>> {
        loop {
            self.step()?;
            if let Some(cond) = cond
                && !self.condition(cond, scope)?
            {
                return Ok(Flow::Next);
            }
            match self.block(body, scope)? {
                Flow::Next | Flow::Continue => {}
                Flow::Break => return Ok(Flow::Next),
                flow => return Ok(flow),
            }
        }
    }

    fn for_each(
        &mut self,
        name: &'a str,
        iter: &'a Expr,
        body: &'a Block,
        scope: &Rc<Scope<'a>>,
    ) -> Eval<'a, Flow<'a>> {
        let subject = self.expr(iter, scope)?;
        let items: Box<dyn Iterator<Item = Value<'a>>> = match subject {
            Value::Array(items) => Box::new(items.into_iter()),
            Value::Str(s) => {
                let chars: Vec<char> = s.chars().collect();
                Box::new(chars.into_iter().map(|c| Value::Str(c.to_string())))
            }
            Value::Dict(entries) => Box::new(entries.into_iter().map(|(key, _)| Value::Str(key))),
            Value::Int(n) => Box::new((0..n).map(Value::Int)),
            Value::Float(x) => Box::new((0..x as i64).map(Value::Int)),
            other => {
                return self.raise(
                    super::expr::bare(iter).span.start,
                    format!("Cannot iterate over {}", other.type_name()),
                );
            }
        };
        for item in items {
            self.step()?;
            match self.block_with(name, item, body, scope)? {
                Flow::Next | Flow::Continue => {}
                Flow::Break => break,
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }
}
