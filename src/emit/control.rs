//! Branches, loops, `try` and `match`.
//!
//! In: HIR statements. Out: code. A loop tests at its bottom if its condition is small enough to stand twice.

use super::func::{FuncCx, Loop};
use crate::bytecode::{Label, Op, Reg};
use crate::resolve::hir::*;

/// How large a condition may be that stands before the loop and at its bottom.
const SMALL: usize = 12;

impl FuncCx<'_> {
    pub fn if_chain(&mut self, arms: &[(Expr, Block)], otherwise: Option<&Block>) {
        let end = self.b.label();
        for (i, (cond, body)) in arms.iter().enumerate() {
            let next = self.b.label();
            self.jump_on(cond, next, false);
            self.block(body);
            let more = i + 1 < arms.len() || otherwise.is_some();
            if more && self.reachable() {
                self.b.emit(Op::jump(end));
            }
            self.bind(next);
        }
        if let Some(block) = otherwise {
            self.block(block);
        }
        self.bind(end);
    }

    /// A block with its scope.
    pub fn block(&mut self, block: &Block) {
        let mark = self.b.top();
        self.open_block(block);
        self.stmts(&block.stmts);
        self.close_block(mark);
    }

    /// The body of a loop, whose `continue` and `break` lead to the labels.
    fn body(&mut self, body: &Block, on_continue: Label, on_break: Label) {
        self.loops.push(Loop {
            on_break,
            on_continue,
            scopes: self.scopes.len(),
        });
        self.block(body);
        self.loops.pop();
    }

    /// `break` or `continue`.
    pub fn leave(&mut self, breaks: bool) {
        let Some(target) = self.loops.last() else {
            return;
        };
        let (scopes, label) = (
            target.scopes,
            if breaks {
                target.on_break
            } else {
                target.on_continue
            },
        );
        self.clear_scopes(scopes);
        self.b.emit(Op::jump(label));
    }

    pub fn while_loop(&mut self, cond: Option<&Expr>, body: &Block) {
        let end = self.b.label();
        match cond {
            Some(cond) if size(cond) <= SMALL => {
                let test = self.b.label();
                self.jump_on(cond, end, false);
                let head = self.b.here();
                self.b.emit(Op::loop_head());
                self.body(body, test, end);
                self.bind(test);
                self.jump_on(cond, head, true);
            }
            _ => {
                let head = self.b.here();
                self.b.emit(Op::loop_head());
                if let Some(cond) = cond {
                    self.jump_on(cond, end, false);
                }
                self.body(body, head, end);
                if self.reachable() {
                    self.b.emit(Op::jump(head));
                }
            }
        }
        self.bind(end);
    }

    pub fn for_loop(&mut self, var: LocalId, iter: &Iter, body: &Block) {
        let mark = self.b.top();
        let end = self.b.label();
        let (state, head) = match iter {
            Iter::Range(args, span) => {
                let state = self.alloc_span(4);
                for (i, arg) in args.iter().enumerate() {
                    self.expr(arg, state.plus(i as u16));
                }
                self.at(*span);
                self.b.emit(Op::range_start(args.len() as u8, state));
                let head = self.b.here();
                self.b.emit(Op::loop_head());
                self.b.emit(Op::range_next(state, end));
                (state.plus(3), head)
            }
            Iter::Value(value) => {
                let state = self.alloc_span(3);
                self.expr(value, state);
                self.at(value.span);
                self.b.emit(Op::iter_start(state));
                let head = self.b.here();
                self.b.emit(Op::loop_head());
                self.b.emit(Op::iter_next(state, end));
                (state.plus(2), head)
            }
        };
        self.scopes.push(Vec::new());
        self.bind_value(var, state);
        self.body(body, head, end);
        if self.reachable() {
            self.b.emit(Op::jump(head));
        }
        self.bind(end);
        // What is iterated, and the variable's last value; a cell lies beyond it.
        if matches!(iter, Iter::Value(_)) {
            self.b.emit(Op::clear(mark));
        }
        self.close_block(mark);
    }

    /// Makes a register that holds a value the variable's own, or puts its value into a cell.
    fn bind_value(&mut self, id: LocalId, value: Reg) {
        if self.local(id).cell {
            let cell = self.declare(id);
            self.b.emit(Op::new_cell(cell, value));
        } else {
            self.place_local(id, value);
        }
    }

    pub fn try_block(&mut self, body: &Block, binder: Option<LocalId>, handler: &Block) {
        let (on_error, end) = (self.b.label(), self.b.label());
        let mark = self.b.top();
        let high = std::mem::replace(&mut self.high, mark);
        let start = self.b.begin_try();
        self.try_depth += 1;
        self.block(body);
        self.try_depth -= 1;
        let guards = self.b.end_try(start, on_error);
        let used = self.high;
        self.high = self.high.max(high);
        if !guards {
            return;
        }
        if self.reachable() {
            self.b.emit(Op::jump(end));
        }
        self.bind(on_error);
        self.scopes.push(Vec::new());
        match binder {
            Some(id) => {
                let reg = self.declare(id);
                self.b.emit(Op::catch(reg));
                if self.local(id).cell {
                    self.b.emit(Op::new_cell(reg, reg));
                }
            }
            None => self.b.emit(Op::catch_none()),
        }
        // The body may have been left anywhere: drop what it left behind.
        for r in self.b.top().0..used.0 {
            self.b.emit(Op::clear(Reg(r)));
        }
        self.block(handler);
        self.close_block(mark);
        self.bind(end);
    }

    pub fn match_stmt(&mut self, subject: &Expr, cases: &[Case], default: Option<&Block>) {
        let mark = self.b.top();
        let value = self.operand(subject);
        let temporary = value == mark;
        let end = self.b.label();
        for case in cases {
            let next = self.b.label();
            self.case(case, value, temporary, next);
            if self.reachable() {
                self.b.emit(Op::jump(end));
            }
            self.bind(next);
        }
        if temporary {
            self.b.emit(Op::clear(value));
        }
        if let Some(block) = default {
            self.block(block);
        }
        self.bind(end);
        self.b.release_to(mark);
    }

    fn case(&mut self, case: &Case, value: Reg, temporary: bool, next: Label) {
        let mark = self.b.top();
        self.scopes.push(Vec::new());
        let registers: Vec<Reg> = case.binders.iter().map(|&id| self.declare(id)).collect();
        let (guard_failed, body) = (self.b.label(), self.b.label());
        for (i, pattern) in case.patterns.iter().enumerate() {
            let last = i + 1 == case.patterns.len();
            let fail = if last { next } else { self.b.label() };
            self.case_pattern(pattern, value, fail, case, &registers);
            if !last {
                self.b.emit(Op::jump(body));
                self.bind(fail);
            }
        }
        self.bind(body);
        for (&id, &reg) in case.binders.iter().zip(&registers) {
            if self.local(id).cell {
                self.b.emit(Op::new_cell(reg, reg));
            }
        }
        if let Some(guard) = &case.guard {
            self.jump_on(guard, guard_failed, false);
        }
        if temporary {
            self.b.emit(Op::clear(value));
        }
        self.block(&case.body);
        if case.guard.is_some() && !registers.is_empty() {
            let done = self.b.label();
            if self.reachable() {
                self.b.emit(Op::jump(done));
            }
            self.bind(guard_failed);
            registers
                .iter()
                .for_each(|&reg| self.b.emit(Op::clear(reg)));
            self.b.emit(Op::jump(next));
            self.bind(done);
        } else if case.guard.is_some() {
            // Nothing to drop: a failed guard is a failed pattern.
            let done = self.b.label();
            if self.reachable() {
                self.b.emit(Op::jump(done));
            }
            self.bind(guard_failed);
            self.b.emit(Op::jump(next));
            self.bind(done);
        }
        self.close_block(mark);
    }

    /// Continues at `fail` if the pattern does not match.
    fn case_pattern(
        &mut self,
        pattern: &CasePattern,
        value: Reg,
        fail: Label,
        case: &Case,
        registers: &[Reg],
    ) {
        let top = self.b.top();
        let test = self.alloc();
        match pattern {
            CasePattern::Any => {}
            CasePattern::Null => {
                let is_null = self.b.label();
                self.b.emit(Op::jump_if_null(value, is_null));
                self.b.emit(Op::jump(fail));
                self.bind(is_null);
            }
            CasePattern::Literal(kind) => {
                let literal = Expr {
                    span: self.func.span,
                    kind: kind.clone(),
                };
                let literal = self.operand(&literal);
                self.b.emit(Op::same(test, value, literal));
                self.b.emit(Op::jump_if_not(test, fail));
            }
            CasePattern::Name(name) => {
                let name = self.tables.name(name);
                self.b.emit(Op::matches_name(test, value, name));
                self.b.emit(Op::jump_if_not(test, fail));
            }
            CasePattern::Tag(tag, binders) => {
                let tag = self.tables.tag(tag);
                self.b.emit(Op::matches_tag(test, value, tag));
                self.b.emit(Op::jump_if_not(test, fail));
                for (i, binder) in binders.iter().enumerate() {
                    let at = binder.and_then(|id| case.binders.iter().position(|&b| b == id));
                    if let Some(at) = at {
                        self.b.emit(Op::payload(registers[at], value, i as i16));
                    }
                }
            }
        }
        self.b.release_to(top);
    }
}

/// How many nodes an expression has, as far as it matters.
fn size(e: &Expr) -> usize {
    match &e.kind {
        ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Str(_)
        | ExprKind::Var(_) => 1,
        ExprKind::Unary(_, operand) => 1 + size(operand),
        ExprKind::Binary(first, rest) => {
            size(first) + rest.iter().map(|s| 1 + size(&s.right)).sum::<usize>()
        }
        ExprKind::Logical(_, operands) => operands.iter().map(|o| 1 + size(o)).sum(),
        ExprKind::Postfix(base, steps) => {
            size(base)
                + (steps.iter())
                    .map(|step| match step {
                        PostfixStep::Call(args) => 1 + args.iter().map(size).sum::<usize>(),
                        PostfixStep::Method(m) => 1 + m.args.iter().map(size).sum::<usize>(),
                        PostfixStep::Index(index, _) => 1 + size(index),
                        PostfixStep::Field { .. } => 1,
                        PostfixStep::Try(_) => SMALL,
                    })
                    .sum::<usize>()
        }
        _ => SMALL + 1,
    }
}
