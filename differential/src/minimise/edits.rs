//! The ways to make a program smaller by one step.

use crate::edit::{Edit, elem, parts};
use ruff::source::Span;
use ruff::syntax::ast::*;

/// All edits of a program.
pub(super) fn all(text: &str, tree: &File) -> Vec<Edit> {
    let mut edits = Edits {
        text,
        edits: Vec::new(),
    };
    edits.stmts(&tree.body);
    edits.edits
}

struct Edits<'a> {
    text: &'a str,
    edits: Vec<Edit>,
}

impl Edits<'_> {
    fn replace(&mut self, span: Span, new: impl Into<String>) {
        self.edits.push(Edit::new(span, new));
    }

    fn text(&self, span: Span) -> &str {
        &self.text[span.start as usize..span.end as usize]
    }

    /// What is between the braces.
    fn inside(&self, block: &Block) -> String {
        let text = self.text(block.span);
        text[1..text.len() - 1].to_owned()
    }

    fn stmts(&mut self, stmts: &[Stmt]) {
        // Halves first: most of a program has nothing to do with its fault.
        let mut size = stmts.len() / 2;
        while size > 1 {
            for run in stmts.chunks(size) {
                self.replace(run[0].span.to(run[run.len() - 1].span), "");
            }
            size /= 2;
        }
        stmts.iter().for_each(|stmt| self.stmt(stmt));
    }

    fn block(&mut self, block: &Block) {
        self.stmts(&block.stmts);
    }

    /// The statement becomes the inside of a block of its own.
    fn unwrap(&mut self, stmt: &Stmt, block: &Block) {
        let inside = self.inside(block);
        self.replace(stmt.span, inside);
        self.block(block);
    }

    fn stmt(&mut self, stmt: &Stmt) {
        self.replace(stmt.span, "");
        match &stmt.kind {
            StmtKind::Let { value, .. }
            | StmtKind::Const { value, .. }
            | StmtKind::Destructure { value, .. } => self.expr(value),
            StmtKind::Assign { place, value } | StmtKind::CompoundAssign { place, value, .. } => {
                self.place(place);
                self.expr(value);
            }
            StmtKind::Func(def) => self.func(&def.func),
            StmtKind::Struct(def) => def.methods.iter().for_each(|method| {
                self.replace(method.name.span.to(method.func.span), "");
                self.replace(method.func.span, "");
                self.func(&method.func);
            }),
            StmtKind::Export(inner) => self.stmt(inner),
            StmtKind::Test(test) => self.block(&test.body),
            StmtKind::Return(value) => value.iter().for_each(|value| self.expr(value)),
            StmtKind::If { arms, otherwise } => {
                for arm in arms {
                    self.expr(&arm.cond);
                    self.unwrap(stmt, &arm.body);
                }
                if let Some(block) = otherwise {
                    self.unwrap(stmt, block);
                    let last = arms[arms.len() - 1].body.span;
                    self.replace(last.at_end().to(block.span), "");
                }
            }
            StmtKind::While { cond, body } => {
                self.expr(cond);
                self.unwrap(stmt, body);
            }
            StmtKind::Loop { cond, body } => {
                cond.iter().for_each(|cond| self.expr(cond));
                self.unwrap(stmt, body);
            }
            StmtKind::For { iter, body, .. } => {
                self.expr(iter);
                self.unwrap(stmt, body);
            }
            StmtKind::Try { body, handler, .. } => {
                self.unwrap(stmt, body);
                self.unwrap(stmt, handler);
            }
            StmtKind::Match {
                subject,
                cases,
                default,
            } => {
                self.expr(subject);
                for case in cases {
                    self.replace(case.span, "");
                    case.guard.iter().for_each(|guard| self.expr(guard));
                    self.unwrap(stmt, &case.body);
                }
                default.iter().for_each(|block| self.unwrap(stmt, block));
            }
            StmtKind::Expr(expr) => self.expr(expr),
            StmtKind::Spawn(block) => self.unwrap(stmt, block),
            StmtKind::Enum { .. } | StmtKind::Import(_) | StmtKind::Break | StmtKind::Continue => {}
        }
    }

    fn func(&mut self, func: &Func) {
        self.block(&func.body);
    }

    fn place(&mut self, place: &Place) {
        let mut end = place.root.span;
        for step in &place.steps {
            let (span, index) = match step {
                PlaceStep::Field(name) => (name.span, None),
                PlaceStep::Index { span, index } => (*span, Some(index)),
            };
            // The place without this step and those behind it, and the place without this step alone.
            self.replace(end.at_end().to(place.span.at_end()), "");
            self.replace(end.at_end().to(span), "");
            index.into_iter().for_each(|index| self.expr(index));
            end = span;
        }
    }

    fn expr(&mut self, expr: &Expr) {
        for plain in ["0", "1", "\"\"", "[]", "{}", "null", "true", "1.5"] {
            if self.text(expr.span).len() > plain.len() {
                self.replace(expr.span, plain);
            }
        }
        if let ExprKind::Lambda(func) = &expr.kind {
            return self.func(func);
        }
        if let ExprKind::Postfix { base, steps } = &expr.kind {
            let mut end = base.span;
            for step in steps {
                self.replace(end.at_end().to(expr.span.at_end()), "");
                self.replace(end.at_end().to(step.span), "");
                end = step.span;
            }
        }
        self.list(expr);
        for part in parts(expr) {
            let inner = self.text(part.span).to_owned();
            self.replace(expr.span, inner);
            self.expr(part);
        }
    }

    /// Items of a literal or arguments of a call are left out one by one.
    fn list(&mut self, expr: &Expr) {
        let items: Vec<Span> = match &expr.kind {
            ExprKind::Array(items) => items.iter().map(|item| elem(item).span).collect(),
            ExprKind::Dict(entries) => entries
                .iter()
                .map(|entry| match entry {
                    DictEntry::Pair { key, value } => key.span.to(value.span),
                    DictEntry::Spread(value) => value.span,
                })
                .collect(),
            ExprKind::Postfix { steps, .. } => match steps.last().map(|step| &step.kind) {
                Some(PostfixKind::Call(args) | PostfixKind::Method { args, .. }) => {
                    args.iter().map(|arg| arg.span).collect()
                }
                _ => return,
            },
            _ => return,
        };
        for (at, item) in items.iter().enumerate() {
            let gap = match (at.checked_sub(1), items.get(at + 1)) {
                (Some(before), _) => items[before].at_end().to(*item),
                (None, Some(next)) => item.to(next.at_start()),
                (None, None) => *item,
            };
            self.replace(gap, "");
        }
    }
}
