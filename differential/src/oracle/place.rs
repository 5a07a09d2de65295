//! Variables and places: declarations, assignments, reads of names (language.md §4, §6.2).

use super::scope::{Binding, Found, Scope, Variable};
use super::value::{Value, key_text};
use super::{Eval, Oracle};
use ruff::source::Span;
use ruff::syntax::ast::{BinaryOp, Expr, Name, Place, PlaceStep, Stmt};
use ruff_runtime::builtins;
use std::cell::RefCell;
use std::rc::Rc;

/// A step of a place with its index evaluated.
enum Step<'a> {
    Field(&'a str, u32),
    Index(Value<'a>, u32),
}

impl<'a> Oracle<'a> {
    /// The variable that a name means when it is read (R1, R2), if there is one.
    fn variable(&self, name: &str, at: u32, scope: &Rc<Scope<'a>>) -> Option<Rc<Variable<'a>>> {
        match scope.find(name, at, self.function) {
            Found::Variable(variable) => Some(variable),
            _ => self.globals.get(name).cloned(),
        }
    }

    /// READ
    pub(super) fn read(&self, name: &str, at: u32, scope: &Rc<Scope<'a>>) -> Eval<'a> {
        if let Some(variable) = self.variable(name, at, scope) {
            return Ok(variable.value.borrow().clone());
        }
        match name {
            "PI" => return Ok(Value::Float(std::f64::consts::PI)),
            "E" => return Ok(Value::Float(std::f64::consts::E)),
            _ => {}
        }
        match builtins::find(name) {
            Some(number) => Ok(Value::Builtin(builtins::ALL[usize::from(number)].name)),
            None => self.raise(at, format!("Undefined variable: {name}")),
        }
    }

    pub(super) fn set_global(&mut self, name: &'a str, binding: Binding, value: Value<'a>) {
        let variable = Variable {
            value: RefCell::new(value),
            binding,
        };
        self.globals.insert(name, Rc::new(variable));
    }

    /// `let`, `mut`, `const`, and the names of patterns.
    pub(super) fn declare(
        &mut self,
        name: &'a Name,
        value: Value<'a>,
        binding: Binding,
        from: u32,
        scope: &Rc<Scope<'a>>,
    ) -> Eval<'a, ()> {
        let text = &*name.text;
        let again = match scope.is_file() {
            true => self.globals.contains_key(text),
            false => scope.has(text),
        };
        if again {
            return self.raise(
                name.span.start,
                format!("Duplicate declaration in the same scope: {text}"),
            );
        }
        match scope.is_file() {
            true => self.set_global(text, binding, value),
            false => scope.declare(text, from, binding, value),
        }
        Ok(())
    }

    /// ASSIGN
    pub(super) fn assign(
        &mut self,
        stmt: &'a Stmt,
        place: &'a Place,
        value: &'a Expr,
        scope: &Rc<Scope<'a>>,
    ) -> Eval<'a, ()> {
        let value = self.expr(value, scope)?;
        let (name, at) = (&*place.root.text, place.root.span.start);
        if !place.steps.is_empty() {
            let steps = self.steps(&place.steps, scope)?;
            let variable = self.root(place, scope)?;
            return self.store(&variable, place, &steps, value, at);
        }
        let found = match scope.find(name, at, self.function) {
            Found::Variable(variable) => Some(variable),
            Found::Uninitialised => {
                let why = "a store to a declaration that has not been executed";
                return self.unknown(why, Value::Null).map(drop);
            }
            Found::Nothing if scope.is_file() || self.bound.contains(&name) => {
                let global = self.globals.get(name).cloned();
                if let (Some(global), false) = (&global, scope.is_file()) {
                    // A3 acts as the declaration.
                    scope.adopt(name, stmt.span.start, global.clone());
                }
                global
            }
            Found::Nothing => None,
        };
        match found {
            Some(variable) => self.store(&variable, place, &[], value, at),
            None if scope.is_file() => {
                self.set_global(name, Binding::Mutable, value);
                Ok(())
            }
            None => {
                scope.declare(name, stmt.span.start, Binding::Mutable, value);
                Ok(())
            }
        }
    }

    pub(super) fn compound(
        &mut self,
        place: &'a Place,
        op: BinaryOp,
        op_span: Span,
        value: &'a Expr,
        scope: &Rc<Scope<'a>>,
    ) -> Eval<'a, ()> {
        let steps = self.steps(&place.steps, scope)?;
        let variable = self.root(place, scope)?;
        let mut old = variable.value.borrow().clone();
        for step in &steps {
            old = match step {
                Step::Index(index, at) => self.index(&old, index, *at)?,
                Step::Field(name, at) => self.place_field(&old, name, *at)?,
            };
        }
        let right = self.expr(value, scope)?;
        let new = self.binary(op, old, right, op_span.start)?;
        self.store(&variable, place, &steps, new, op_span.start)
    }

    /// A field as a step of a place, where a missing entry is an error.
    fn place_field(&mut self, value: &Value<'a>, name: &str, at: u32) -> Eval<'a> {
        match value {
            Value::Dict(_) => self.index(value, &Value::Str(name.into()), at),
            Value::Struct(object) => match object.fields.get(name) {
                Some(value) => Ok(value.clone()),
                None => self.raise(at, format!("Field not found: {name}")),
            },
            _ => self.raise(
                at,
                format!("Cannot access field or method '{name}' on non-struct value"),
            ),
        }
    }

    fn root(&self, place: &'a Place, scope: &Rc<Scope<'a>>) -> Eval<'a, Rc<Variable<'a>>> {
        let (name, at) = (&*place.root.text, place.root.span.start);
        match self.variable(name, at, scope) {
            Some(variable) => Ok(variable),
            None if builtins::find(name).is_some() => {
                Err(super::Stop::GiveUp("a store to a builtin"))
            }
            None => self.raise(at, format!("Undefined variable: {name}")),
        }
    }

    fn steps(&mut self, steps: &'a [PlaceStep], scope: &Rc<Scope<'a>>) -> Eval<'a, Vec<Step<'a>>> {
        let mut done = Vec::new();
        for step in steps {
            done.push(match step {
                PlaceStep::Field(name) => Step::Field(&name.text, name.span.start),
                PlaceStep::Index { span, index } => {
                    Step::Index(self.expr(index, scope)?, span.start)
                }
            });
        }
        Ok(done)
    }

    /// Stores to a variable or a part of it, if its binding allows that. What goes wrong on the way there is reported at `at`.
    fn store(
        &mut self,
        variable: &Rc<Variable<'a>>,
        place: &'a Place,
        steps: &[Step<'a>],
        value: Value<'a>,
        at: u32,
    ) -> Eval<'a, ()> {
        let kind = match variable.binding {
            Binding::Mutable => None,
            Binding::Let => Some("immutable let"),
            Binding::Const => Some("const"),
        };
        if let Some(kind) = kind {
            let action = if steps.is_empty() {
                "reassign"
            } else {
                "mutate"
            };
            let text = format!("Cannot {action} {kind} binding: {}", place.root.text);
            return self.raise(place.root.span.start, text);
        }
        let value = self.small(value)?;
        let mut root = variable.value.borrow().clone();
        self.put(&mut root, steps, value, at)?;
        let root = self.small(root)?;
        *variable.value.borrow_mut() = root;
        Ok(())
    }

    fn put(
        &mut self,
        slot: &mut Value<'a>,
        steps: &[Step<'a>],
        value: Value<'a>,
        at: u32,
    ) -> Eval<'a, ()> {
        let Some((step, rest)) = steps.split_first() else {
            *slot = value;
            return Ok(());
        };
        let last = rest.is_empty();
        let inner = match step {
            Step::Index(index, _) => self.indexed(slot, index, last, at)?,
            Step::Field(name, _) => self.member(slot, name, last, at)?,
        };
        self.put(inner, rest, value, at)
    }

    fn indexed<'v>(
        &mut self,
        slot: &'v mut Value<'a>,
        index: &Value<'a>,
        last: bool,
        at: u32,
    ) -> Eval<'a, &'v mut Value<'a>> {
        match slot {
            Value::Array(items) => {
                let Some(position) = super::expr::position(index) else {
                    return self.raise(at, "Invalid index assignment");
                };
                match super::expr::within(position, items.len()) {
                    Some(i) => Ok(&mut items[i]),
                    None => self.raise(at, format!("Index out of bounds: {}", index.text())),
                }
            }
            Value::Dict(entries) => match key_text(index) {
                Some(key) => self.entry(entries, key, index, last, at),
                None => self.raise(at, "Invalid index assignment"),
            },
            _ => self.raise(at, "Invalid index assignment"),
        }
    }

    fn member<'v>(
        &mut self,
        slot: &'v mut Value<'a>,
        name: &str,
        last: bool,
        at: u32,
    ) -> Eval<'a, &'v mut Value<'a>> {
        match slot {
            Value::Dict(entries) => {
                self.entry(entries, name.into(), &Value::Str(name.into()), last, at)
            }
            Value::Struct(object) => {
                if !last && !object.fields.contains_key(name) {
                    return self.raise(at, format!("Field not found: {name}"));
                }
                Ok(object.fields.entry(name.into()).or_insert(Value::Null))
            }
            _ => self.raise(at, "Cannot set field on non-struct value"),
        }
    }

    fn entry<'v>(
        &mut self,
        entries: &'v mut Vec<(String, Value<'a>)>,
        key: String,
        written: &Value<'a>,
        last: bool,
        at: u32,
    ) -> Eval<'a, &'v mut Value<'a>> {
        let found = entries.iter().position(|(other, _)| *other == key);
        let i = match found {
            Some(i) => i,
            None if last => {
                entries.push((key, Value::Null));
                entries.len() - 1
            }
            None => return self.raise(at, super::expr::missing_key(written)),
        };
        Ok(&mut entries[i].1)
    }
}
