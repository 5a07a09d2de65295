//! Stores that work in place whoever else can see the variable (language.md §6.3): `s := s + t`, `a := push(a, x)`,
//! `a := pop(a)[0]` where a cell, a slot or a handler holds the old value meanwhile.
//!
//! In: a target and a value that is made of the target's own. Out: code that works on the variable itself, or `false` if moving
//! does it. The builtins run no code of the program and take their arguments only after their checks, so the variable
//! keeps its value if they raise.

use super::func::{FuncCx, Home};
use super::place::{Action, Root};
use crate::bytecode::op::FIRST_PART;
use crate::bytecode::{Label, Op, Reg};
use crate::resolve::hir::*;
use crate::source::Span;
use ruff_runtime::builtins::{self, Effect, ResultType};

/// A value that a builtin makes of another.
pub(super) struct Change<'e> {
    builtin: u16,
    /// The first is the value that is changed.
    pub args: Vec<&'e Expr>,
    /// It is written as a method call.
    pub method: Option<&'e Method>,
    /// Where its `[` is, if it is the first part of what the builtin gives: `pop(a)[0]`.
    first_part: Option<Span>,
}

impl Change<'_> {
    /// As an operation does it.
    pub fn action(&self) -> Action {
        let part = self.first_part.map_or(0, |_| FIRST_PART);
        Action::Update(self.builtin, self.args.len() as u8 | part)
    }
}

/// A window for a sum: what is added, the old value, perhaps the indices of a place. The operands follow.
pub(super) struct Sum {
    pub base: Reg,
    operands: Reg,
}

impl FuncCx<'_> {
    /// `s := s + t`, `a := push(a, x)` where the old value would otherwise be held by the variable meanwhile.
    pub fn store_in_place(&mut self, target: &Target, value: &Expr) -> bool {
        let Some(slot) = stored_slot(&target.store).filter(|&slot| self.is_shared(slot)) else {
            return false;
        };
        let top = self.b.top();
        if let Some((old, steps)) = self.sum_of_texts(value) {
            if !self.reads(old, slot) {
                return false;
            }
            let Some(root) = self.root(slot) else {
                return false;
            };
            let window = self.sum_window(old, steps, 0);
            let place = self.tables.place(Vec::new());
            self.sum(
                &window,
                steps,
                &|cx, base| {
                    cx.at(steps[0].op_span);
                    cx.act(Action::Add, root, 2, base, place);
                },
                &|cx, sum| cx.store(target, sum),
            );
        } else {
            let Some(change) = change(value).filter(|c| self.reads(c.args[0], slot)) else {
                return false;
            };
            let Some(root) = self.root(slot) else {
                return false;
            };
            self.change(&change, root, target, value.span);
        }
        self.b.release_to(top);
        true
    }

    /// Whether the expression is the variable.
    fn reads(&self, e: &Expr, slot: Slot) -> bool {
        let ExprKind::Var(var) = &e.kind else {
            return false;
        };
        let var = self.settled(var);
        var.slot == slot && var.fallback.is_none()
    }

    fn change(&mut self, change: &Change, root: Root, target: &Target, span: Span) {
        let n = change.args.len();
        let base = self.window(&change.args, n as u16);
        let place = self.tables.place(Vec::new());
        let Some(method) = change.method else {
            self.at(span);
            return self.act(change.action(), root, n, base, place);
        };
        // The receiver may have a method of its own, which may look at the variable.
        let (own, end) = (self.b.label(), self.b.label());
        let test = self.alloc();
        self.b.emit(Op::has_builtin_methods(test, base));
        self.b.emit(Op::jump_if_not(test, own));
        self.at(method.span);
        self.act(change.action(), root, n, base, place);
        self.b.emit(Op::jump(end));
        self.bind(own);
        let name = self.tables.name(&method.name);
        self.b.emit(Op::call_method(n as u8 - 1, base, base, name));
        if let Some(bracket) = change.first_part {
            self.b.emit(Op::load_int(test, 0));
            self.at(bracket);
            self.b.emit(Op::index(base, base, test));
        }
        self.store(target, base);
        self.bind(end);
    }

    /// `x += e` where x is a string, perhaps: appends in place.
    pub fn add_in_place(&mut self, var: &Var, target: &Target, op: Span, value: &Expr) -> bool {
        let Some(slot) = stored_slot(&target.store) else {
            return false;
        };
        let fits = var.slot == slot && var.fallback.is_none();
        if !fits || !self.is_shared(slot) || self.is_number(value) {
            return false;
        }
        let top = self.b.top();
        let Some(root) = self.root(slot) else {
            return false;
        };
        let base = self.alloc_span(2);
        self.load(var, target.span, base.plus(1));
        self.expr(value, base);
        let place = self.tables.place(Vec::new());
        self.at(op);
        self.act(Action::Add, root, 2, base, place);
        self.b.release_to(top);
        true
    }

    /// The first operand of a sum and what is added to it, if that may be texts, and nothing can happen between the additions.
    pub fn sum_of_texts<'e>(&mut self, value: &'e Expr) -> Option<(&'e Expr, &'e [BinaryStep])> {
        let ExprKind::Binary(first, steps) = &value.kind else {
            return None;
        };
        let texts = (steps.iter()).all(|s| s.op == BinaryOp::Add && !self.is_number(&s.right));
        let still = steps[1..].iter().all(|step| match &step.right.kind {
            ExprKind::Str(_) => true,
            ExprKind::Var(var) => self.plain(var).is_some(),
            _ => false,
        });
        (texts && still && steps.len() < 100).then_some((first, steps))
    }

    /// Evaluates the old value and what is added to it. The caller fills in `indices` indices.
    pub fn sum_window(&mut self, old: &Expr, steps: &[BinaryStep], indices: usize) -> Sum {
        let base = self.alloc_span(2 + indices as u16);
        let operands = match steps.len() {
            1 => base,
            n => self.alloc_span(n as u16),
        };
        self.expr(old, base.plus(1));
        for (i, step) in steps.iter().enumerate() {
            self.expr(&step.right, operands.plus(i as u16));
        }
        Sum { base, operands }
    }

    /// Adds a sum's operands in place: at once if all are texts; else one by one, to be stored.
    pub fn sum(
        &mut self,
        window: &Sum,
        steps: &[BinaryStep],
        append: &dyn Fn(&mut Self, Reg),
        store: &dyn Fn(&mut Self, Reg),
    ) {
        let (base, old) = (window.base, window.base.plus(1));
        if steps.len() == 1 {
            return append(self, base);
        }
        let (plain, end) = (self.b.label(), self.b.label());
        self.jump_unless_text(old, plain);
        for (i, step) in steps.iter().enumerate() {
            if !matches!(step.right.kind, ExprKind::Str(_)) {
                self.jump_unless_text(window.operands.plus(i as u16), plain);
            }
        }
        let n = steps.len() as u16;
        self.b.emit(Op::concat(base, window.operands, n));
        append(self, base);
        self.b.emit(Op::jump(end));
        self.bind(plain);
        for (i, step) in steps.iter().enumerate() {
            self.at(step.op_span);
            self.b
                .emit(Op::add(old, old, window.operands.plus(i as u16)));
        }
        store(self, old);
        self.bind(end);
    }

    fn jump_unless_text(&mut self, value: Reg, to: Label) {
        let top = self.b.top();
        let test = self.alloc();
        let is_string = builtins::find("is_string").expect("`is_string` is a builtin");
        let is_string = self.tables.builtin(is_string);
        self.b.emit(Op::mov(test, value));
        self.b.emit(Op::call_builtin(1, test, test, is_string));
        self.b.emit(Op::jump_if_not(test, to));
        self.b.release_to(top);
    }

    /// Whether the variable holds its value while an operation works on it: it is no register, or a handler needs it.
    fn is_shared(&mut self, slot: Slot) -> bool {
        match self.home(slot) {
            Some(Home::Reg(_)) => self.outlives_try(slot),
            Some(_) => true,
            None => false,
        }
    }
}

/// The variable of a plain store.
fn stored_slot(store: &Store) -> Option<Slot> {
    match *store {
        Store::Local(id) => Some(Slot::Local(id)),
        Store::Capture(id) => Some(Slot::Capture(id)),
        Store::Global(id) => Some(Slot::Global(id)),
        _ => None,
    }
}

/// What a value is made of, if a builtin makes it that depends on its arguments only and so runs no code of the program.
pub(super) fn change(e: &Expr) -> Option<Change<'_>> {
    let ExprKind::Postfix(base, steps) = &e.kind else {
        return None;
    };
    let (step, first_part) = match &steps[..] {
        [step] => (step, None),
        [step, PostfixStep::Index(at, bracket)] if matches!(at.kind, ExprKind::Int(0)) => {
            (step, Some(*bracket))
        }
        _ => return None,
    };
    let (builtin, args, method) = match (step, &base.kind) {
        (PostfixStep::Call(args), ExprKind::Var(var)) => match (var.slot, &var.fallback) {
            (Slot::Builtin(number), None) => (number, args.iter().collect::<Vec<_>>(), None),
            _ => return None,
        },
        (PostfixStep::Method(method), _) if !method.optional => {
            let args = std::iter::once(&**base).chain(&method.args);
            (builtins::find(&method.name)?, args.collect(), Some(method))
        }
        _ => return None,
    };
    let row = builtins::ALL[usize::from(builtin)];
    let fits = (1..100).contains(&args.len())
        && row.effect == Effect::Pure
        && (first_part.is_none() || row.result == ResultType::Pair);
    fits.then_some(Change {
        builtin,
        args,
        method,
        first_part,
    })
}
