//! Calls of functions and methods.

use super::scope::{Binding, Scope};
use super::stmt::Flow;
use super::value::{Closure, Struct, Value};
use super::{DEEP, Eval, Oracle, Stop};
use ruff_runtime::builtins;
use std::rc::Rc;

const NOT_CALLABLE: &str = "Cannot call non-function; the value being called is not callable. Pass a function, closure, or imported callable value instead.";

/// The method of that name of a struct's definition.
pub(super) fn method<'a>(object: &Struct<'a>, name: &str) -> Option<Rc<Closure<'a>>> {
    let definition = object.definition.as_ref()?;
    let methods = &definition.def.methods;
    let found = methods
        .iter()
        .rev()
        .find(|method| *method.name.text == *name)?;
    Some(Rc::new(Closure {
        name: format!("{}.{name}", definition.def.name.text),
        func: &found.func,
        scope: definition.scope.clone(),
        method_of: Some(definition.def),
    }))
}

impl<'a> Oracle<'a> {
    /// Calls a value; what goes wrong before the function runs is reported at `at`.
    pub(super) fn call(&mut self, callee: Value<'a>, args: Vec<Value<'a>>, at: u32) -> Eval<'a> {
        match callee {
            Value::Func(closure) => self.enter(&closure, None, args, at),
            Value::Bound(bound) => self.enter(&bound.1, Some(bound.0.clone()), args, at),
            Value::Builtin(name) => self.builtin(name, args, at),
            _ => self.raise(at, NOT_CALLABLE),
        }
    }

    /// `receiver.name(args)` (language.md §5.3).
    pub(super) fn method(
        &mut self,
        receiver: Value<'a>,
        name: &str,
        args: Vec<Value<'a>>,
        at: u32,
    ) -> Eval<'a> {
        if let Value::Struct(object) = &receiver
            && let Some(method) = method(object, name)
        {
            return self.enter(&method, Some(receiver), args, at);
        }
        let entry = match &receiver {
            Value::Struct(object) => object.fields.get(name),
            Value::Dict(entries) => entries
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value),
            _ => None,
        };
        if let Some(callee) = entry.filter(|value| value.callable()) {
            return self.call(callee.clone(), args, at);
        }
        let Some(number) = builtins::find(name) else {
            return self.raise(at, format!("Unknown method: {name}"));
        };
        let mut all = vec![receiver];
        all.extend(args);
        self.builtin(builtins::ALL[usize::from(number)].name, all, at)
    }

    /// Runs a function.
    pub(super) fn enter(
        &mut self,
        closure: &Rc<Closure<'a>>,
        receiver: Option<Value<'a>>,
        args: Vec<Value<'a>>,
        at: u32,
    ) -> Eval<'a> {
        let func = closure.func;
        if args.len() != func.params.len() {
            let text = format!(
                "{} expects {} arguments, got {}",
                closure.name,
                func.params.len(),
                args.len()
            );
            return self.raise(at, text);
        }
        if self.stack.len() >= DEEP {
            return Err(Stop::GiveUp("it calls too deeply"));
        }
        if func.is_async || func.is_generator {
            return Err(Stop::GiveUp("an unknown function"));
        }
        let around = Scope::new(Some(closure.scope.clone()), &[]);
        if let Some(receiver) = receiver {
            self.declare_receiver(closure, receiver, &around);
        }
        let scope = Scope::new(Some(around), &func.body.stmts);
        for (param, arg) in func.params.iter().zip(args) {
            scope.declare(&param.name.text, 0, Binding::Mutable, arg);
        }
        self.stack.push(closure.name.clone());
        let outer = self.function.replace(func.span);
        let ended = self.stmts(&func.body.stmts, &scope);
        let value = match ended {
            Ok(Flow::Return(value)) | Err(Stop::Return(value)) => value,
            Ok(_) => Value::Null,
            Err(stop) => {
                self.stack.pop();
                self.function = outer;
                return Err(stop);
            }
        };
        self.stack.pop();
        self.function = outer;
        Ok(value)
    }

    /// `self`, or the fields as variables of a method without it.
    fn declare_receiver(&self, closure: &Closure<'a>, receiver: Value<'a>, around: &Scope<'a>) {
        if closure.func.self_param.is_some() {
            return around.declare("self", 0, Binding::Mutable, receiver);
        }
        let (Value::Struct(object), Some(def)) = (receiver, closure.method_of) else {
            return;
        };
        for field in &def.fields {
            let name = &*field.name.text;
            match object.fields.get(name) {
                Some(value) => around.declare(name, 0, Binding::Mutable, value.clone()),
                None => around.declare_missing(name),
            }
        }
    }
}
