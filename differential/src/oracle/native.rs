//! Builtins on plain values are called in the runtime: their texts and corner cases are pages of the reference, which a second
//! implementation would only repeat.

use super::value::Value;
use super::{Eval, Oracle, Stop};
use ruff::embed::Data;
use ruff_runtime::builtins;
use ruff_runtime::ctx::Ctx;
use ruff_runtime::image::Image;
use ruff_runtime::start::Uncaught;

/// A context without a program.
pub(super) fn context() -> Ctx {
    let no_function = |_| unreachable!("the program has no functions");
    Ctx::load(Image::default(), &no_function, &|_| None)
}

impl<'a> Oracle<'a> {
    pub(super) fn native(&mut self, name: &str, args: &[Value<'a>], at: u32) -> Eval<'a> {
        let Some(args) = args.iter().map(data).collect::<Option<Vec<Data>>>() else {
            let why = "a builtin that is not for plain values only";
            return self.unknown(why, args.first().cloned().unwrap_or(Value::Null));
        };
        let number = builtins::find(name).expect("a builtin of the table");
        let mut args: Vec<_> = args.iter().map(Data::to_value).collect();
        match builtins::ALL[usize::from(number)].call(&mut self.cx, &mut args) {
            Ok(result) => match value(Data::from_value(&result)) {
                Some(value) => self.small(value),
                None => self.unknown("a builtin gives a value that is not plain", Value::Null),
            },
            Err(_) => {
                let error = Uncaught::take(&mut self.cx).unwrap_or_default();
                // A loop over it would not make the array.
                if name == "range" && error.message.starts_with("Out of memory") {
                    return Err(Stop::GiveUp("a very long range"));
                }
                self.raise(at, error.message)
            }
        }
    }
}

fn data(value: &Value) -> Option<Data> {
    Some(match value {
        Value::Null => Data::Null,
        Value::Bool(b) => Data::Bool(*b),
        Value::Int(n) => Data::Int(*n),
        Value::Float(x) => Data::Float(*x),
        Value::Str(s) => Data::Str(s.clone()),
        Value::Array(items) => Data::Array(items.iter().map(data).collect::<Option<_>>()?),
        Value::Dict(entries) => {
            let entry = |(key, value): &(String, Value)| Some((key.clone(), data(value)?));
            Data::Dict(entries.iter().map(entry).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

fn value<'a>(data: Data) -> Option<Value<'a>> {
    Some(match data {
        Data::Null => Value::Null,
        Data::Bool(b) => Value::Bool(b),
        Data::Int(n) => Value::Int(n),
        Data::Float(x) => Value::Float(x),
        Data::Str(s) => Value::Str(s),
        Data::Array(items) => Value::Array(items.into_iter().map(value).collect::<Option<_>>()?),
        Data::Dict(entries) => {
            let entry = |(key, data)| Some((key, value(data)?));
            Value::Dict(entries.into_iter().map(entry).collect::<Option<_>>()?)
        }
        Data::Other(_) => return None,
    })
}
