//! Expressions.

use super::scope::{Found, Scope};
use super::value::{Definition, Struct, Value, key_text};
use super::{Eval, Oracle, Stop};
use ruff::syntax::ast::*;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The int that an index stands for.
pub(super) fn position(index: &Value) -> Option<i64> {
    match index {
        Value::Int(n) => Some(*n),
        // An infinite one is outside of everything.
        Value::Float(x) if x.fract() == 0.0 || x.is_infinite() => Some(*x as i64),
        _ => None,
    }
}

/// The element that a position means; negative ones count from the end.
pub(super) fn within(position: i64, len: usize) -> Option<usize> {
    let from_start = match position < 0 {
        true => position.checked_add(len as i64)?,
        false => position,
    };
    usize::try_from(from_start).ok().filter(|i| *i < len)
}

/// The expression without parentheses around it: they are not part of any position.
pub(super) fn bare(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Paren(expr) => bare(expr),
        _ => expr,
    }
}

/// The message for a key that is not in a dict.
pub(super) fn missing_key(key: &Value) -> String {
    match key {
        Value::Str(s) => format!("Missing map key: \"{s}\""),
        other => format!("Missing map key: {}", other.text()),
    }
}

impl<'a> Oracle<'a> {
    pub(super) fn expr(&mut self, expr: &'a Expr, scope: &Rc<Scope<'a>>) -> Eval<'a> {
        self.step()?;
        let at = expr.span.start;
        Ok(match &expr.kind {
            ExprKind::Int(n) => Value::Int(*n),
            ExprKind::Float(x) => Value::Float(*x),
            ExprKind::Str(s) => Value::Str(s.to_string()),
            ExprKind::Bool(b) => Value::Bool(*b),
            ExprKind::Null => Value::Null,
            ExprKind::NoneValue => Value::variant("Option", "None", Vec::new()),
            ExprKind::Interpolated(parts) => {
                let mut text = String::new();
                for part in parts {
                    match part {
                        StrPart::Text(piece) => text += piece,
                        StrPart::Expr(expr) => text += &self.expr(expr, scope)?.text(),
                    }
                }
                self.small(Value::Str(text))?
            }
            ExprKind::SelfValue => match scope.find("self", at, None) {
                Found::Variable(variable) => variable.value.borrow().clone(),
                _ => return self.raise(at, "Undefined variable: self"),
            },
            ExprKind::Name(name) => self.read(name, at, scope)?,
            ExprKind::Paren(inner) => self.expr(inner, scope)?,
            ExprKind::Array(elems) => self.array(elems, scope)?,
            ExprKind::Dict(entries) => self.dict(entries, at, scope)?,
            ExprKind::Struct { name, fields } => {
                let mut values = BTreeMap::new();
                for field in fields {
                    let value = self.expr(&field.value, scope)?;
                    values.insert(field.name.text.to_string(), value);
                }
                self.small(Value::Struct(Struct {
                    name: name.text.to_string(),
                    fields: values,
                    definition: definition(&name.text, scope),
                    hidden: None,
                }))?
            }
            ExprKind::Tag { space, name, args } => {
                let args = self.exprs(args, scope)?;
                self.small(Value::variant(&space.text, &name.text, args))?
            }
            ExprKind::Wrap { kind, value } => {
                let value = self.expr(value, scope)?;
                let (space, name) = match kind {
                    WrapKind::Ok => ("Result", "Ok"),
                    WrapKind::Err => ("Result", "Err"),
                    WrapKind::Some => ("Option", "Some"),
                };
                self.small(Value::variant(space, name, vec![value]))?
            }
            ExprKind::Throw(value) => {
                let value = self.expr(value, scope)?;
                return self.throw_value(at, value);
            }
            ExprKind::Lambda(func) => self.closure("<lambda>", func, scope),
            ExprKind::Unary { op, operand } => {
                let value = self.expr(operand, scope)?;
                self.unary(*op, value, at)?
            }
            ExprKind::Binary { first, rest } => {
                let mut left = self.expr(first, scope)?;
                for step in rest {
                    let right = self.expr(&step.right, scope)?;
                    left = self.binary(step.op, left, right, step.op_span.start)?;
                }
                left
            }
            ExprKind::Logical { op, operands } => self.logical(*op, operands, scope)?,
            ExprKind::Pipe { value, stages } => {
                let mut value = self.expr(value, scope)?;
                for stage in stages {
                    value = self.pipe(value, &stage.target, scope)?;
                }
                value
            }
            ExprKind::Postfix { base, steps } => self.postfix(base, steps, at, None, scope)?,
            ExprKind::Yield(_) | ExprKind::Await(_) => {
                return Err(Stop::GiveUp("an unknown expression"));
            }
        })
    }

    pub(super) fn exprs(
        &mut self,
        exprs: &'a [Expr],
        scope: &Rc<Scope<'a>>,
    ) -> Eval<'a, Vec<Value<'a>>> {
        exprs.iter().map(|expr| self.expr(expr, scope)).collect()
    }

    fn array(&mut self, elems: &'a [ArrayElem], scope: &Rc<Scope<'a>>) -> Eval<'a> {
        let mut items = Vec::new();
        for elem in elems {
            match elem {
                ArrayElem::Item(expr) => items.push(self.expr(expr, scope)?),
                ArrayElem::Spread(expr) => match self.expr(expr, scope)? {
                    Value::Array(more) => items.extend(more),
                    _ => return self.raise(bare(expr).span.start, "Can only spread arrays"),
                },
            }
        }
        self.small(Value::Array(items))
    }

    fn dict(&mut self, written: &'a [DictEntry], at: u32, scope: &Rc<Scope<'a>>) -> Eval<'a> {
        let mut entries = Vec::new();
        // The reference does not say when keys are looked at. The engines wait for all pairs that come before a spread.
        let spread = |entry: &DictEntry| matches!(entry, DictEntry::Spread(_));
        let waits = written.iter().position(spread).unwrap_or(written.len());
        let mut wrong = false;
        for (i, entry) in written.iter().enumerate() {
            if wrong && i >= waits {
                return self.raise(at, "Dict keys must be strings");
            }
            match entry {
                DictEntry::Pair { key, value } => {
                    let key = self.expr(key, scope)?;
                    let value = self.expr(value, scope)?;
                    match key_text(&key) {
                        Some(key) => insert(&mut entries, key, value),
                        None if i < waits => wrong = true,
                        None => return self.raise(at, "Dict keys must be strings"),
                    }
                }
                DictEntry::Spread(expr) => match self.expr(expr, scope)? {
                    Value::Dict(more) => more
                        .into_iter()
                        .for_each(|(key, value)| insert(&mut entries, key, value)),
                    _ => return self.raise(bare(expr).span.start, "Can only spread dicts"),
                },
            }
        }
        if wrong {
            return self.raise(at, "Dict keys must be strings");
        }
        self.small(Value::Dict(entries))
    }

    fn logical(&mut self, op: LogicalOp, operands: &'a [Expr], scope: &Rc<Scope<'a>>) -> Eval<'a> {
        let mut left = self.expr(&operands[0], scope)?;
        for operand in &operands[1..] {
            left = match op {
                LogicalOp::And if !left.truthy() => Value::Bool(false),
                LogicalOp::Or if left.truthy() => Value::Bool(true),
                LogicalOp::And | LogicalOp::Or => Value::Bool(self.expr(operand, scope)?.truthy()),
                LogicalOp::Coalesce => match left {
                    Value::Null => self.expr(operand, scope)?,
                    value => value,
                },
            };
        }
        Ok(left)
    }

    /// A postfix expression. `piped` becomes the first argument of its last step, a call.
    pub(super) fn postfix(
        &mut self,
        base: &'a Expr,
        steps: &'a [PostfixStep],
        at: u32,
        piped: Option<Value<'a>>,
        scope: &Rc<Scope<'a>>,
    ) -> Eval<'a> {
        let mut value = self.expr(base, scope)?;
        let mut piped = piped;
        for (i, step) in steps.iter().enumerate() {
            let first = if i + 1 == steps.len() {
                piped.take()
            } else {
                None
            };
            value = match &step.kind {
                PostfixKind::Call(args) => {
                    let args = self.arguments(first, args, scope)?;
                    self.call(value, args, at)?
                }
                PostfixKind::Index(index) => {
                    let index = self.expr(index, scope)?;
                    self.index(&value, &index, step.span.start)?
                }
                PostfixKind::Field { name, optional } => match optional {
                    true => self.optional_field(&value, &name.text)?,
                    false => self.field(&value, &name.text, name.span.start)?,
                },
                PostfixKind::Method {
                    name,
                    optional,
                    args,
                } => {
                    if *optional && matches!(value, Value::Null) {
                        Value::Null
                    } else {
                        let args = self.arguments(first, args, scope)?;
                        self.method(value, &name.text, args, name.span.start)?
                    }
                }
                PostfixKind::Try => match value {
                    Value::Variant(space, name, args) => match (&*space, &*name) {
                        ("Result", "Ok") | ("Option", "Some") => {
                            args.into_iter().next().unwrap_or(Value::Null)
                        }
                        ("Result", "Err") | ("Option", "None") => {
                            return Err(Stop::Return(Value::Variant(space, name, args)));
                        }
                        _ => {
                            return self
                                .raise(step.span.start, "Try operator requires Result or Option");
                        }
                    },
                    _ => {
                        return self
                            .raise(step.span.start, "Try operator requires Result or Option");
                    }
                },
            };
        }
        Ok(value)
    }

    fn arguments(
        &mut self,
        first: Option<Value<'a>>,
        args: &'a [Expr],
        scope: &Rc<Scope<'a>>,
    ) -> Eval<'a, Vec<Value<'a>>> {
        let mut values: Vec<_> = first.into_iter().collect();
        values.extend(self.exprs(args, scope)?);
        Ok(values)
    }

    fn pipe(&mut self, value: Value<'a>, target: &'a Expr, scope: &Rc<Scope<'a>>) -> Eval<'a> {
        let at = bare(target).span.start;
        if let ExprKind::Postfix { base, steps } = &target.kind
            && let Some(PostfixKind::Call(_) | PostfixKind::Method { .. }) =
                steps.last().map(|step| &step.kind)
        {
            return self.postfix(base, steps, at, Some(value), scope);
        }
        let callee = self.expr(target, scope)?;
        self.call(callee, vec![value], at)
    }

    pub(super) fn index(&mut self, value: &Value<'a>, index: &Value<'a>, at: u32) -> Eval<'a> {
        match value {
            Value::Array(items) => match position(index) {
                Some(i) => match within(i, items.len()) {
                    Some(i) => Ok(items[i].clone()),
                    None => self.raise(at, format!("Index out of bounds: {}", index.text())),
                },
                None => self.raise(at, "Invalid index operation"),
            },
            Value::Str(s) => match position(index) {
                Some(i) => match within(i, s.chars().count()).and_then(|i| s.chars().nth(i)) {
                    Some(c) => Ok(Value::Str(c.to_string())),
                    None => self.raise(at, format!("Index out of bounds: {}", index.text())),
                },
                None => self.raise(at, "Invalid index operation"),
            },
            Value::Dict(entries) => match key_text(index) {
                Some(key) => match entries.iter().find(|(other, _)| *other == key) {
                    Some((_, value)) => Ok(value.clone()),
                    None => self.raise(at, missing_key(index)),
                },
                None => self.raise(at, "Invalid index operation"),
            },
            _ => self.raise(at, "Invalid index operation"),
        }
    }

    fn field(&mut self, value: &Value<'a>, name: &str, at: u32) -> Eval<'a> {
        match (self.member_of(value, name), value) {
            (Some(value), _) => Ok(value),
            (None, Value::Dict(_)) => Ok(Value::Null),
            (None, Value::Struct(_)) => self.raise(at, format!("Field not found: {name}")),
            _ => self.raise(
                at,
                format!("Cannot access field or method '{name}' on non-struct value"),
            ),
        }
    }

    fn optional_field(&mut self, value: &Value<'a>, name: &str) -> Eval<'a> {
        Ok(self.member_of(value, name).unwrap_or(Value::Null))
    }

    /// An entry, a field, a bound method, or what a caught error hides.
    fn member_of(&mut self, value: &Value<'a>, name: &str) -> Option<Value<'a>> {
        match value {
            Value::Dict(entries) => entries
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.clone()),
            Value::Struct(object) => {
                if let Some(value) = object.fields.get(name) {
                    return Some(value.clone());
                }
                match (&object.hidden, name) {
                    (Some(hidden), "value") => return Some(hidden.0.clone()),
                    (Some(hidden), "at") => return Some(Value::Str(hidden.1.clone())),
                    _ => {}
                }
                let method = super::call::method(object, name)?;
                Some(Value::Bound(Rc::new((value.clone(), method))))
            }
            _ => None,
        }
    }
}

/// The definition that a struct literal means: of the nearest block around it that has one of the name.
fn definition<'a>(name: &str, scope: &Rc<Scope<'a>>) -> Option<Rc<Definition<'a>>> {
    let mut scope = scope;
    loop {
        // Of two with one name the last holds, as with functions.
        for stmt in scope.stmts.iter().rev() {
            if let StmtKind::Struct(def) = &stmt.kind
                && *def.name.text == *name
            {
                return Some(Rc::new(Definition {
                    def,
                    scope: scope.clone(),
                }));
            }
        }
        scope = scope.parent.as_ref()?;
    }
}

/// Sets an entry, which keeps its place if it is there.
pub(super) fn insert<'a>(entries: &mut Vec<(String, Value<'a>)>, key: String, value: Value<'a>) {
    match entries.iter_mut().find(|(other, _)| *other == key) {
        Some((_, old)) => *old = value,
        None => entries.push((key, value)),
    }
}
