//! Patterns: destructuring (language.md §4.3) and the cases of `match` (§11).

use super::scope::{Binding, Scope};
use super::value::{Value, equal};
use super::{Eval, Oracle};
use ruff::syntax::ast::{
    ArrayPatternItem, Case, CasePatternKind, DictPatternItem, Name, Pattern, PatternKind,
};
use std::rc::Rc;

impl<'a> Oracle<'a> {
    pub(super) fn bind(
        &mut self,
        pattern: &'a Pattern,
        value: Value<'a>,
        binding: Binding,
        from: u32,
        scope: &Rc<Scope<'a>>,
    ) -> Eval<'a, ()> {
        match &pattern.kind {
            PatternKind::Ignore => Ok(()),
            PatternKind::Name(name) => self.bind_name(name, value, binding, from, scope),
            PatternKind::Array(items) => {
                let values = match value {
                    Value::Array(values) => values,
                    _ => Vec::new(),
                };
                for (i, item) in items.iter().enumerate() {
                    match item {
                        ArrayPatternItem::Elem(pattern) => {
                            let value = values.get(i).cloned().unwrap_or(Value::Null);
                            self.bind(pattern, value, binding, from, scope)?;
                        }
                        ArrayPatternItem::Rest(name) => {
                            let rest = values.get(i..).unwrap_or(&[]).to_vec();
                            self.bind_name(name, Value::Array(rest), binding, from, scope)?;
                        }
                    }
                }
                Ok(())
            }
            PatternKind::Dict(items) => {
                let mut entries = match value {
                    Value::Dict(entries) => entries,
                    _ => Vec::new(),
                };
                for item in items {
                    match item {
                        DictPatternItem::Key(name) => {
                            let found = entries.iter().position(|(key, _)| **key == *name.text);
                            let value = found.map_or(Value::Null, |at| entries.remove(at).1);
                            self.bind_name(name, value, binding, from, scope)?;
                        }
                        DictPatternItem::Rest(name) => {
                            let rest = Value::Dict(std::mem::take(&mut entries));
                            self.bind_name(name, rest, binding, from, scope)?;
                        }
                    }
                }
                Ok(())
            }
        }
    }

    fn bind_name(
        &mut self,
        name: &'a Name,
        value: Value<'a>,
        binding: Binding,
        from: u32,
        scope: &Rc<Scope<'a>>,
    ) -> Eval<'a, ()> {
        match &*name.text {
            "_" => Ok(()),
            _ => self.declare(name, value, binding, from, scope),
        }
    }

    /// The scope with the binders of a case, if it matches.
    pub(super) fn case(
        &mut self,
        case: &'a Case,
        value: &Value<'a>,
        scope: &Rc<Scope<'a>>,
    ) -> Eval<'a, Option<Rc<Scope<'a>>>> {
        for pattern in &case.patterns {
            let around = Scope::new(Some(scope.clone()), &[]);
            if !matches(&pattern.kind, value) {
                continue;
            }
            if let CasePatternKind::Name { binders, .. } = &pattern.kind {
                let payloads = match value {
                    Value::Variant(_, _, payloads) => &payloads[..],
                    _ => &[],
                };
                for (i, binder) in binders.iter().enumerate() {
                    let payload = payloads.get(i).cloned().unwrap_or(Value::Null);
                    if &*binder.text != "_" {
                        around.declare(&binder.text, 0, Binding::Mutable, payload);
                    }
                }
            }
            if let Some(guard) = &case.guard
                && !self.expr(guard, &around)?.truthy()
            {
                // The next alternatives match the same value with the same guard.
                continue;
            }
            return Ok(Some(around));
        }
        Ok(None)
    }
}

fn matches<'a>(pattern: &CasePatternKind, value: &Value<'a>) -> bool {
    let literal = |other: Value<'a>| equal(value, &other) == Some(true);
    match pattern {
        CasePatternKind::Any => true,
        CasePatternKind::Int(n) => literal(Value::Int(*n)),
        CasePatternKind::Float(x) => literal(Value::Float(*x)),
        CasePatternKind::Str(s) => literal(Value::Str(s.to_string())),
        CasePatternKind::Bool(b) => literal(Value::Bool(*b)),
        CasePatternKind::Null => matches!(value, Value::Null),
        CasePatternKind::Name {
            space,
            name,
            binders,
        } => {
            let (tag_space, tag_name) = match value {
                Value::Variant(space, name, _) => (&**space, &**name),
                _ => ("", ""),
            };
            let wanted = match &*name.text {
                "Ok" | "Err" => Some("Result"),
                "Some" | "None" => Some("Option"),
                _ => None,
            };
            match (space, wanted) {
                (Some(space), _) => *space.text == *tag_space && *name.text == *tag_name,
                (None, Some(space)) => tag_space == space && *name.text == *tag_name,
                (None, None) if !binders.is_empty() => {
                    !tag_name.is_empty() && *name.text == *tag_name
                }
                (None, None) => match value {
                    Value::Str(s) => **s == *name.text,
                    Value::Float(x) => !x.is_finite() && x.to_string() == *name.text,
                    _ => false,
                },
            }
        }
    }
}
