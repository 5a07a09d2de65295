//! Builtins that print, that work on values of any kind, or that call functions (language.md §19). Anything else, wrong arguments
//! included, is left to `native`.

use super::value::{Value, key_text, sorted};
use super::{Eval, Oracle, Stop};
use ruff_runtime::builtins;

impl<'a> Oracle<'a> {
    pub(super) fn builtin(
        &mut self,
        name: &'static str,
        args: Vec<Value<'a>>,
        at: u32,
    ) -> Eval<'a> {
        self.step()?;
        let row = builtins::ALL[usize::from(builtins::find(name).expect("a builtin of the table"))];
        let wanted = if args.len() < usize::from(row.min) {
            row.min
        } else {
            row.max
        };
        if args.len() < usize::from(row.min) || args.len() > usize::from(row.max) {
            return self.raise(
                at,
                format!("{name} expects {wanted} arguments, got {}", args.len()),
            );
        }
        match name {
            "print" | "println" => return self.print(&args),
            "map" | "filter" | "find" | "any" | "all" => return self.each(name, args, at),
            "reduce" => return self.reduce(args, at),
            "sort" if args.len() == 2 => return self.sort(args, at),
            "error" => return self.throw_value(at, args.into_iter().next().unwrap_or(Value::Null)),
            _ => {}
        }
        match self.of_any_kind(name, &args) {
            Some(value) => self.small(value),
            None => self.native(name, &args, at),
        }
    }

    fn print(&mut self, args: &[Value<'a>]) -> Eval<'a> {
        let shown: Vec<String> = args.iter().map(Value::text).collect();
        self.out += &shown.join(" ");
        self.out.push('\n');
        match self.out.len() > 8 * super::LARGE {
            true => Err(Stop::GiveUp("it prints too much")),
            false => Ok(Value::Null),
        }
    }

    /// Builtins whose arguments may hold anything.
    fn of_any_kind(&self, name: &str, args: &[Value<'a>]) -> Option<Value<'a>> {
        Some(match (name, args) {
            ("to_string" | "str", [value]) => Value::Str(value.text()),
            ("type" | "type_of", [value]) => Value::Str(value.type_name().into()),
            ("is_truthy", [value]) => Value::Bool(value.truthy()),
            ("is_int", [value]) => Value::Bool(value.type_name() == "int"),
            ("is_float", [value]) => Value::Bool(value.type_name() == "float"),
            ("is_string", [value]) => Value::Bool(value.type_name() == "string"),
            ("is_bool", [value]) => Value::Bool(value.type_name() == "bool"),
            ("is_array", [value]) => Value::Bool(value.type_name() == "array"),
            ("is_dict", [value]) => Value::Bool(value.type_name() == "dict"),
            ("is_null", [value]) => Value::Bool(value.type_name() == "null"),
            ("is_function", [value]) => Value::Bool(value.type_name() == "function"),
            ("len", [Value::Array(items)]) => Value::Int(items.len() as i64),
            ("len", [Value::Dict(entries)]) => Value::Int(entries.len() as i64),
            ("push" | "append", [Value::Array(items), value]) => {
                let mut items = items.clone();
                items.push(value.clone());
                Value::Array(items)
            }
            ("pop", [Value::Array(items)]) => {
                let mut items = items.clone();
                let last = items.pop().unwrap_or(Value::Int(0));
                Value::Array(vec![Value::Array(items), last])
            }
            ("concat", [Value::Array(a), Value::Array(b)]) => {
                Value::Array([&a[..], &b[..]].concat())
            }
            ("reverse", [Value::Array(items)]) => {
                Value::Array(items.iter().rev().cloned().collect())
            }
            ("take", [Value::Array(items), Value::Int(n)]) => {
                let n = (*n).clamp(0, items.len() as i64) as usize;
                Value::Array(items[..n].to_vec())
            }
            ("skip", [Value::Array(items), Value::Int(n)]) => {
                let n = (*n).clamp(0, items.len() as i64) as usize;
                Value::Array(items[n..].to_vec())
            }
            ("join", [Value::Array(items), Value::Str(separator)]) => {
                let items: Vec<String> = items.iter().map(Value::text).collect();
                Value::Str(items.join(separator))
            }
            ("keys", [Value::Dict(entries)]) => {
                let keys = sorted(entries).into_iter();
                Value::Array(keys.map(|(key, _)| Value::Str(key.into())).collect())
            }
            ("values", [Value::Dict(entries)]) => {
                let values = sorted(entries).into_iter();
                Value::Array(values.map(|(_, value)| value.clone()).collect())
            }
            ("items", [Value::Dict(entries)]) => {
                let item = |(key, value): (&str, &Value<'a>)| {
                    Value::Array(vec![Value::Str(key.into()), value.clone()])
                };
                Value::Array(sorted(entries).into_iter().map(item).collect())
            }
            ("get", [Value::Dict(entries), key, default @ ..]) => {
                let key = key_text(key)?;
                let found = entries.iter().find(|(other, _)| *other == key);
                let default = default.first().cloned().unwrap_or(Value::Null);
                found.map_or(default, |(_, value)| value.clone())
            }
            ("merge" | "update", [Value::Dict(a), Value::Dict(b)]) => {
                let mut merged = a.clone();
                for (key, value) in b {
                    super::expr::insert(&mut merged, key.clone(), value.clone());
                }
                Value::Dict(merged)
            }
            ("remove", [Value::Dict(entries), key]) => {
                let key = key_text(key)?;
                let mut entries = entries.clone();
                let found = entries.iter().position(|(other, _)| *other == key);
                let old = found.map_or(Value::Int(0), |at| entries.remove(at).1);
                Value::Array(vec![Value::Dict(entries), old])
            }
            _ => return None,
        })
    }

    fn each(&mut self, name: &str, args: Vec<Value<'a>>, at: u32) -> Eval<'a> {
        let [Value::Array(items), f] = &args[..] else {
            return self.raise(at, format!("{name} expects an array and a function"));
        };
        if !f.callable() {
            return self.raise(at, format!("{name} expects an array and a function"));
        }
        let mut results = Vec::new();
        for item in items {
            let result = self.call(f.clone(), vec![item.clone()], at)?;
            match name {
                "map" => results.push(result),
                "filter" if result.truthy() => results.push(item.clone()),
                "find" if result.truthy() => return Ok(item.clone()),
                "any" if result.truthy() => return Ok(Value::Bool(true)),
                "all" if !result.truthy() => return Ok(Value::Bool(false)),
                _ => {}
            }
        }
        match name {
            "find" => Ok(Value::Int(0)),
            "any" => Ok(Value::Bool(false)),
            "all" => Ok(Value::Bool(true)),
            _ => self.small(Value::Array(results)),
        }
    }

    fn reduce(&mut self, args: Vec<Value<'a>>, at: u32) -> Eval<'a> {
        let wrong = "reduce expects an array, an initial value, and a function";
        let [Value::Array(items), init, f] = &args[..] else {
            return self.raise(at, wrong);
        };
        if !f.callable() {
            return self.raise(at, wrong);
        }
        let mut result = init.clone();
        for item in items {
            result = self.call(f.clone(), vec![result, item.clone()], at)?;
        }
        Ok(result)
    }

    /// A stable sort by a function that says what comes first. Which calls it makes is up to the engine, so a function that
    /// raises, or has no order, is nothing to compare.
    fn sort(&mut self, args: Vec<Value<'a>>, at: u32) -> Eval<'a> {
        let [Value::Array(items), f] = &args[..] else {
            return self.unknown("a wrong sort", Value::Null);
        };
        if !f.callable() {
            return self.unknown("a wrong sort", Value::Null);
        }
        let mut done: Vec<Value<'a>> = Vec::new();
        for item in items {
            let mut place = done.len();
            while place > 0 && self.before(f, item, &done[place - 1], at)? {
                place -= 1;
            }
            done.insert(place, item.clone());
        }
        for (i, earlier) in done.iter().enumerate() {
            for later in &done[i + 1..] {
                if self.before(f, later, earlier, at)? {
                    return self.unknown("a sort without an order", Value::Array(done));
                }
            }
        }
        Ok(Value::Array(done))
    }

    fn before(&mut self, f: &Value<'a>, a: &Value<'a>, b: &Value<'a>, at: u32) -> Eval<'a, bool> {
        match self.call(f.clone(), vec![a.clone(), b.clone()], at) {
            Ok(Value::Bool(before)) => Ok(before),
            Ok(Value::Int(n)) => Ok(n < 0),
            Ok(Value::Float(x)) => Ok(x < 0.0),
            Err(stop @ Stop::GiveUp(_)) => Err(stop),
            _ => self
                .unknown("a sort by something else", Value::Null)
                .map(|_| false),
        }
    }
}
