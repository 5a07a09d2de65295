//! The names that a piece of the tree mentions: variables read or assigned, and structs of literals, as written.
//!
//! In: statements and expressions. Out: a call for each name, with what is done to it. It does not know scopes.

use crate::syntax::ast::*;
use std::rc::Rc;

/// What is done to a name where it is mentioned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Use {
    /// It is called there and then.
    Called,
    /// Anything else: what it holds may be called at any time from then on.
    Kept,
}

/// Gets each name.
type Visit<'a> = &'a mut dyn FnMut(&Rc<str>, Use);

/// The names in the body of a function that may run at any time.
fn of_inner(block: &Block, visit: Visit) {
    of_block(block, &mut |name, _| visit(name, Use::Kept));
}

/// The names in a block.
pub(super) fn of_block(block: &Block, visit: Visit) {
    for stmt in &block.stmts {
        of_stmt(stmt, visit);
    }
}

/// The names in a statement.
pub(super) fn of_stmt(stmt: &Stmt, visit: Visit) {
    use StmtKind as S;
    match &stmt.kind {
        S::Let { value, .. } | S::Const { value, .. } | S::Destructure { value, .. } => {
            of_expr(value, visit)
        }
        S::Assign { place, value } | S::CompoundAssign { place, value, .. } => {
            visit(&place.root.text, Use::Kept);
            for step in &place.steps {
                if let PlaceStep::Index { index, .. } = step {
                    of_expr(index, visit);
                }
            }
            of_expr(value, visit);
        }
        S::Func(def) => of_inner(&def.func.body, visit),
        S::Struct(def) => {
            for method in &def.methods {
                of_inner(&method.func.body, visit);
            }
        }
        S::Export(inner) => of_stmt(inner, visit),
        S::Test(def) => of_inner(&def.body, visit),
        S::Return(value) => value.iter().for_each(|v| of_expr(v, visit)),
        S::If { arms, otherwise } => {
            for arm in arms {
                of_expr(&arm.cond, visit);
                of_block(&arm.body, visit);
            }
            otherwise.iter().for_each(|b| of_block(b, visit));
        }
        S::While { cond, body } => {
            of_expr(cond, visit);
            of_block(body, visit);
        }
        S::Loop { cond, body } => {
            cond.iter().for_each(|c| of_expr(c, visit));
            of_block(body, visit);
        }
        S::For { iter, body, .. } => {
            of_expr(iter, visit);
            of_block(body, visit);
        }
        S::Try { body, handler, .. } => {
            of_block(body, visit);
            of_block(handler, visit);
        }
        S::Match {
            subject,
            cases,
            default,
        } => {
            of_expr(subject, visit);
            for case in cases {
                case.guard.iter().for_each(|g| of_expr(g, visit));
                of_block(&case.body, visit);
            }
            default.iter().for_each(|b| of_block(b, visit));
        }
        S::Spawn(body) => of_inner(body, visit),
        S::Expr(e) => of_expr(e, visit),
        S::Enum { .. } | S::Import(_) | S::Break | S::Continue => {}
    }
}

/// The names in an expression.
pub(super) fn of_expr(expr: &Expr, visit: Visit) {
    use ExprKind as E;
    match &expr.kind {
        E::Name(name) => visit(name, Use::Kept),
        E::Interpolated(parts) => {
            for part in parts {
                if let StrPart::Expr(e) = part {
                    of_expr(e, visit);
                }
            }
        }
        E::Paren(e) | E::Wrap { value: e, .. } | E::Throw(e) | E::Await(e) => of_expr(e, visit),
        E::Unary { operand, .. } => of_expr(operand, visit),
        E::Yield(value) => value.iter().for_each(|e| of_expr(e, visit)),
        E::Array(items) => {
            for item in items {
                let (ArrayElem::Item(e) | ArrayElem::Spread(e)) = item;
                of_expr(e, visit);
            }
        }
        E::Dict(entries) => {
            for entry in entries {
                match entry {
                    DictEntry::Pair { key, value } => {
                        of_expr(key, visit);
                        of_expr(value, visit);
                    }
                    DictEntry::Spread(e) => of_expr(e, visit),
                }
            }
        }
        E::Struct { name, fields } => {
            visit(&name.text, Use::Kept);
            fields.iter().for_each(|f| of_expr(&f.value, visit));
        }
        E::Tag { args, .. } => args.iter().for_each(|e| of_expr(e, visit)),
        E::Lambda(func) => of_inner(&func.body, visit),
        E::Binary { first, rest } => {
            of_expr(first, visit);
            rest.iter().for_each(|step| of_expr(&step.right, visit));
        }
        E::Logical { operands, .. } => operands.iter().for_each(|e| of_expr(e, visit)),
        E::Pipe { value, stages } => {
            of_expr(value, visit);
            for stage in stages {
                match &stage.target.kind {
                    E::Name(name) => visit(name, Use::Called),
                    _ => of_expr(&stage.target, visit),
                }
            }
        }
        E::Postfix { base, steps } => {
            match (&base.kind, steps.first().map(|step| &step.kind)) {
                (E::Name(name), Some(PostfixKind::Call(_))) => visit(name, Use::Called),
                _ => of_expr(base, visit),
            }
            for step in steps {
                match &step.kind {
                    PostfixKind::Call(args) | PostfixKind::Method { args, .. } => {
                        args.iter().for_each(|e| of_expr(e, visit))
                    }
                    PostfixKind::Index(e) => of_expr(e, visit),
                    PostfixKind::Field { .. } | PostfixKind::Try => {}
                }
            }
        }
        E::Int(_)
        | E::Float(_)
        | E::Str(_)
        | E::Bool(_)
        | E::Null
        | E::SelfValue
        | E::NoneValue => {}
    }
}
