//! Array and dict literals of which all parts are constants: they are made once, when the program is loaded, and whoever changes such
//! a value copies it first, as any shared value.
//!
//! In: HIR literals. Out: whether they are such, and their places in the table of constants. It does not know instructions.

use super::tables::Tables;
use crate::bytecode::ConstIx;
use crate::resolve::hir::{DictEntry, Expr, ExprKind, UnaryOp};

/// Whether an expression is such a literal. An empty one is none: it is there to be filled, and would be copied at once.
pub(super) fn is_made_once(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Array(items) => !items.is_empty() && is_constant(e),
        ExprKind::Dict(entries) => !entries.is_empty() && is_constant(e),
        _ => false,
    }
}

fn is_constant(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Null | ExprKind::Bool(_) | ExprKind::Str(_) => true,
        ExprKind::Array(items) => items
            .iter()
            .all(|(spread, item)| !spread && is_constant(item)),
        ExprKind::Dict(entries) => entries.iter().all(|entry| match entry {
            DictEntry::Pair(key, value) => is_key(key) && is_constant(value),
            DictEntry::Spread(_) => false,
        }),
        _ => number(e).is_some(),
    }
}

/// Whether a constant may be a key: that of others raises, or is converted.
fn is_key(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::Str(_)) || matches!(number(e), Some(Number::Int(_)))
}

enum Number {
    Int(i64),
    Float(f64),
}

/// A number, with its sign.
fn number(e: &Expr) -> Option<Number> {
    match &e.kind {
        ExprKind::Int(n) => Some(Number::Int(*n)),
        ExprKind::Float(x) => Some(Number::Float(*x)),
        // A literal is never negative, so its negation does not overflow.
        ExprKind::Unary(UnaryOp::Neg, operand) => match operand.kind {
            ExprKind::Int(n) => Some(Number::Int(-n)),
            ExprKind::Float(x) => Some(Number::Float(-x)),
            _ => None,
        },
        _ => None,
    }
}

/// The place of a literal that is made once, or of a part of it.
pub(super) fn place(e: &Expr, tables: &mut Tables) -> ConstIx {
    match &e.kind {
        ExprKind::Bool(b) => tables.bool(*b),
        ExprKind::Str(text) => tables.text(text),
        ExprKind::Array(items) => {
            let parts = items
                .iter()
                .map(|(_, item)| place(item, tables).0)
                .collect();
            tables.array(parts)
        }
        ExprKind::Dict(entries) => {
            let mut parts = Vec::with_capacity(entries.len() * 2);
            for entry in entries {
                if let DictEntry::Pair(key, value) = entry {
                    parts.push(place(key, tables).0);
                    parts.push(place(value, tables).0);
                }
            }
            tables.dict(parts)
        }
        _ => match number(e) {
            Some(Number::Int(n)) => tables.int(n),
            Some(Number::Float(x)) => tables.float(x),
            None => tables.null(),
        },
    }
}
