//! Edits of a program at the spans of its syntax tree, so that they need no printer and work for any program: for what makes programs
//! smaller and for what makes others of them.
//!
//! In: texts and their trees. Out: other texts. It does not know what an edit is good for.

use ruff::source::{SourceMap, Span};
use ruff::syntax::ast::*;
use ruff::syntax::parse;

/// The tree of a text, if it has no errors.
pub(crate) fn tree(text: &str) -> Option<File> {
    let mut map = SourceMap::new();
    let file = map.add("edited.ruff", text);
    let (tree, faults) = parse(&map, file);
    faults.is_empty().then_some(tree)
}

/// A piece of the text and what to put in its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Edit {
    start: usize,
    end: usize,
    new: String,
}

impl Edit {
    pub fn new(span: Span, new: impl Into<String>) -> Edit {
        Edit {
            start: span.start as usize,
            end: span.end as usize,
            new: new.into(),
        }
    }

    /// How many bytes shorter the text becomes.
    pub fn saved(&self) -> isize {
        (self.end - self.start) as isize - self.new.len() as isize
    }

    /// The text with the edit made.
    pub fn apply(&self, text: &str) -> String {
        [&text[..self.start], &self.new, &text[self.end..]].concat()
    }
}

/// What an element of an array literal evaluates.
pub(crate) fn elem(elem: &ArrayElem) -> &Expr {
    match elem {
        ArrayElem::Item(expr) | ArrayElem::Spread(expr) => expr,
    }
}

/// The expressions directly in an expression.
pub(crate) fn parts(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Interpolated(parts) => parts
            .iter()
            .filter_map(|part| match part {
                StrPart::Expr(expr) => Some(expr),
                StrPart::Text(_) => None,
            })
            .collect(),
        ExprKind::Paren(inner) | ExprKind::Throw(inner) | ExprKind::Await(inner) => vec![inner],
        ExprKind::Array(items) => items.iter().map(elem).collect(),
        ExprKind::Dict(entries) => entries
            .iter()
            .flat_map(|entry| match entry {
                DictEntry::Pair { key, value } => vec![key, value],
                DictEntry::Spread(value) => vec![value],
            })
            .collect(),
        ExprKind::Struct { fields, .. } => fields.iter().map(|field| &field.value).collect(),
        ExprKind::Tag { args, .. } => args.iter().collect(),
        ExprKind::Wrap { value, .. } => vec![value],
        ExprKind::Unary { operand, .. } => vec![operand],
        ExprKind::Binary { first, rest } => std::iter::once(&**first)
            .chain(rest.iter().map(|step| &step.right))
            .collect(),
        ExprKind::Logical { operands, .. } => operands.iter().collect(),
        ExprKind::Pipe { value, stages } => std::iter::once(&**value)
            .chain(stages.iter().map(|stage| &stage.target))
            .collect(),
        ExprKind::Postfix { base, steps } => {
            let mut parts = vec![&**base];
            for step in steps {
                match &step.kind {
                    PostfixKind::Call(args) | PostfixKind::Method { args, .. } => {
                        parts.extend(args)
                    }
                    PostfixKind::Index(index) => parts.push(index),
                    PostfixKind::Field { .. } | PostfixKind::Try => {}
                }
            }
            parts
        }
        ExprKind::Yield(inner) => inner.iter().map(|inner| &**inner).collect(),
        ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Str(_)
        | ExprKind::Bool(_)
        | ExprKind::Null
        | ExprKind::SelfValue
        | ExprKind::NoneValue
        | ExprKind::Name(_)
        | ExprKind::Lambda(_) => Vec::new(),
    }
}
