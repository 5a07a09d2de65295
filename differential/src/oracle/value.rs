//! Values as trees that own everything in them: a copy is a deep copy.

use super::scope::Scope;
use ruff::syntax::ast::{Func, StructDef};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A value of the program.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(String),
    Array(Vec<Value<'a>>),
    /// In the order of insertion.
    Dict(Vec<(String, Value<'a>)>),
    Struct(Struct<'a>),
    /// `Result::Ok(v)`, `Option::None`, and any other `A::B(…)`.
    Variant(String, String, Vec<Value<'a>>),
    Func(Rc<Closure<'a>>),
    /// A method and its receiver.
    Bound(Rc<(Value<'a>, Rc<Closure<'a>>)>),
    Builtin(&'static str),
}

/// A struct, or a caught error.
#[derive(Clone, Debug)]
pub(super) struct Struct<'a> {
    pub name: String,
    pub fields: BTreeMap<String, Value<'a>>,
    pub definition: Option<Rc<Definition<'a>>>,
    /// What a caught error does not show: `e.value` and `e.at`.
    pub hidden: Option<Box<(Value<'a>, String)>>,
}

/// A struct definition as its block knows it.
#[derive(Debug)]
pub(super) struct Definition<'a> {
    pub def: &'a StructDef,
    pub scope: Rc<Scope<'a>>,
}

/// A function with the variables around it.
#[derive(Debug)]
pub(super) struct Closure<'a> {
    /// As in messages.
    pub name: String,
    pub func: &'a Func,
    pub scope: Rc<Scope<'a>>,
    /// The definition that it is a method of.
    pub method_of: Option<&'a StructDef>,
}

impl<'a> Value<'a> {
    pub fn variant(space: &str, name: &str, args: Vec<Value<'a>>) -> Value<'a> {
        Value::Variant(space.into(), name.into(), args)
    }

    /// `type(v)`
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "string",
            Value::Array(_) => "array",
            Value::Dict(_) => "dict",
            Value::Struct(_) => "struct",
            Value::Variant(space, name, _) => match (&**space, &**name) {
                ("Result", "Ok" | "Err") => "result",
                ("Option", "Some" | "None") => "option",
                _ => "tagged",
            },
            Value::Func(_) | Value::Bound(_) | Value::Builtin(_) => "function",
        }
    }

    /// The name of the type in the messages of operators.
    pub fn operand_name(&self) -> &'static str {
        match self {
            Value::Variant(..) => "value",
            Value::Builtin(_) => "native_function",
            Value::Struct(object) if object.hidden.is_some() => "error",
            _ => self.type_name(),
        }
    }

    pub fn truthy(&self) -> bool {
        match self {
            Value::Null => false,
            Value::Bool(b) => *b,
            Value::Int(n) => *n != 0,
            Value::Float(x) => *x != 0.0,
            Value::Str(s) => !s.is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Dict(entries) => !entries.is_empty(),
            _ => true,
        }
    }

    pub fn callable(&self) -> bool {
        matches!(self, Value::Func(_) | Value::Bound(_) | Value::Builtin(_))
    }

    /// How many values it is made of.
    pub fn weight(&self) -> usize {
        1 + match self {
            Value::Str(s) => s.len() / 16,
            Value::Array(items) | Value::Variant(_, _, items) => {
                items.iter().map(Value::weight).sum()
            }
            Value::Dict(entries) => entries.iter().map(|(_, value)| value.weight()).sum(),
            Value::Struct(object) => {
                object.fields.values().map(Value::weight).sum::<usize>()
                    + object.hidden.as_ref().map_or(0, |hidden| hidden.0.weight())
            }
            Value::Bound(bound) => bound.0.weight(),
            _ => 0,
        }
    }

    /// As printed.
    pub fn text(&self) -> String {
        match self {
            Value::Null => "null".into(),
            Value::Bool(b) => b.to_string(),
            Value::Int(n) => n.to_string(),
            Value::Float(x) => x.to_string(),
            Value::Str(s) => s.clone(),
            Value::Array(items) => format!("[{}]", list(items)),
            Value::Dict(entries) => {
                let entries: Vec<String> = sorted(entries)
                    .into_iter()
                    .map(|(key, value)| format!("\"{key}\": {}", value.text()))
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
            Value::Struct(object) => {
                let fields: Vec<String> = object
                    .fields
                    .iter()
                    .map(|(name, value)| format!("{name}: {}", value.text()))
                    .collect();
                format!("{} {{ {} }}", object.name, fields.join(", "))
            }
            Value::Variant(space, name, args) => {
                let plain = matches!(self.type_name(), "result" | "option");
                let name = if plain {
                    name.clone()
                } else {
                    format!("{space}::{name}")
                };
                match args.is_empty() {
                    true => name,
                    false => format!("{name}({})", list(args)),
                }
            }
            Value::Func(closure) if closure.name == "<lambda>" => "<function>".into(),
            Value::Func(closure) => format!("<function {}>", closure.name),
            Value::Bound(bound) => format!("<function {}>", bound.1.name),
            Value::Builtin(name) => format!("<native function: {name}>"),
        }
    }
}

fn list(items: &[Value]) -> String {
    let items: Vec<String> = items.iter().map(Value::text).collect();
    items.join(", ")
}

/// The entries of a dict as they are shown: by bytes, or by value if all keys are canonical ints.
pub(super) fn sorted<'b, 'a>(entries: &'b [(String, Value<'a>)]) -> Vec<(&'b str, &'b Value<'a>)> {
    let mut shown: Vec<_> = entries
        .iter()
        .map(|(key, value)| (key.as_str(), value))
        .collect();
    let number = |key: &str| key.parse::<i64>().ok().filter(|n| n.to_string() == key);
    match shown.iter().all(|(key, _)| number(key).is_some()) {
        true => shown.sort_by_key(|(key, _)| number(key)),
        false => shown.sort_by_key(|(key, _)| *key),
    }
    shown
}

/// The text of a dict key, if the value can be one.
pub(super) fn key_text(value: &Value) -> Option<String> {
    match value {
        Value::Str(s) => Some(s.clone()),
        Value::Int(_) | Value::Float(_) => Some(value.text()),
        _ => None,
    }
}

/// `a == b` without overloads; nothing where the language leaves it open.
pub(super) fn equal<'a>(a: &Value<'a>, b: &Value<'a>) -> Option<bool> {
    Some(match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Int(a), Value::Float(b)) => float_equal(*a as f64, *b),
        (Value::Float(a), Value::Int(b)) => float_equal(*a, *b as f64),
        (Value::Float(a), Value::Float(b)) => float_equal(*a, *b),
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::Array(a), Value::Array(b)) => return all_equal(a, b),
        (Value::Dict(a), Value::Dict(b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            for (key, value) in a {
                let Some((_, other)) = b.iter().find(|(other, _)| other == key) else {
                    return Some(false);
                };
                if !equal(value, other)? {
                    return Some(false);
                }
            }
            true
        }
        (Value::Struct(a), Value::Struct(b)) => {
            if a.name != b.name || !a.fields.keys().eq(b.fields.keys()) {
                return Some(false);
            }
            for (a, b) in a.fields.values().zip(b.fields.values()) {
                if !equal(a, b)? {
                    return Some(false);
                }
            }
            true
        }
        (Value::Variant(s, n, a), Value::Variant(t, m, b)) => {
            if s != t || n != m {
                return Some(false);
            }
            return all_equal(a, b);
        }
        (Value::Builtin(a), Value::Builtin(b)) => a == b,
        (Value::Func(a), Value::Func(b)) => {
            // Whether two closures of one literal are one value is up to the engine if they capture nothing.
            if !Rc::ptr_eq(a, b) && std::ptr::eq(a.func, b.func) {
                return None;
            }
            Rc::ptr_eq(a, b)
        }
        (Value::Bound(_), Value::Bound(_)) => return None,
        _ => false,
    })
}

fn all_equal<'a>(a: &[Value<'a>], b: &[Value<'a>]) -> Option<bool> {
    if a.len() != b.len() {
        return Some(false);
    }
    for (a, b) in a.iter().zip(b) {
        if !equal(a, b)? {
            return Some(false);
        }
    }
    Some(true)
}

fn float_equal(a: f64, b: f64) -> bool {
    a == b || a.is_finite() && b.is_finite() && (a - b).abs() < 2.220446049250313e-16
}
