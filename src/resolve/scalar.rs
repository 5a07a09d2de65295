//! Which locals can only hold ints, floats, bools and null: their registers need no clearing.
//!
//! In: the values stored to a local. Out: the locals they depend on, and, at the end of the function, the verdict. An
//! operator may be overloaded, so it gives a scalar only if its left operand is one.

use super::hir::*;
use super::scope::LocalInfo;
use ruff_runtime::builtins::{self, ResultType};

/// The locals that must be scalar for the value to be one, or `None` if it may be a heap value.
pub(super) fn depends(value: &Expr) -> Option<Vec<LocalId>> {
    let mut out = Vec::new();
    collect(value, &mut out).then_some(out)
}

fn collect(value: &Expr, out: &mut Vec<LocalId>) -> bool {
    match &value.kind {
        ExprKind::Null | ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::Float(_) => true,
        ExprKind::Var(Var {
            slot: Slot::Local(id),
            certain: true,
            ..
        }) => {
            out.push(*id);
            true
        }
        ExprKind::Var(Var {
            slot: Slot::Number(_),
            ..
        }) => true,
        ExprKind::Unary(_, operand) => collect(operand, out),
        // `+` of a scalar and anything is a number or an error.
        ExprKind::Binary(first, _) => collect(first, out),
        ExprKind::Logical(op, operands) => {
            *op != LogicalOp::Coalesce || operands.iter().all(|o| collect(o, out))
        }
        ExprKind::Postfix(base, steps) => match (&base.kind, &steps[..]) {
            (ExprKind::Var(var), [PostfixStep::Call(_)]) => returns_scalar(var),
            _ => false,
        },
        _ => false,
    }
}

/// Whether a call of it gives a scalar.
pub(crate) fn returns_scalar(var: &Var) -> bool {
    let Slot::Builtin(builtin) = var.slot else {
        return false;
    };
    matches!(
        builtins::ALL[builtin as usize].result,
        ResultType::Null | ResultType::Bool | ResultType::Int | ResultType::Float
    )
}

/// The greatest set of scalar locals.
pub(super) fn solve(locals: &[LocalInfo]) -> Vec<bool> {
    let mut scalar: Vec<bool> = locals.iter().map(|l| l.depends.is_some()).collect();
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); locals.len()];
    for (i, local) in locals.iter().enumerate() {
        for on in local.depends.iter().flatten() {
            users[on.index()].push(i);
        }
    }
    let mut work: Vec<usize> = (0..locals.len()).filter(|&i| !scalar[i]).collect();
    while let Some(i) = work.pop() {
        for &user in &users[i] {
            if std::mem::replace(&mut scalar[user], false) {
                work.push(user);
            }
        }
    }
    scalar
}
