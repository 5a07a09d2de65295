//! Places: stores to parts of a variable, and compound assignments to them (language.md §6.2).
//!
//! In: HIR places. Out: code. A root in a register that no handler needs is changed by moving it through the operation;
//! for all others there are operations that reach into the variable.

use super::expr::gives_scalar;
use super::func::{FuncCx, Home};
use super::in_place::{Change, change};
use crate::bytecode::{GlobalIx, Op, PlaceIx, Reg};
use crate::resolve::hir::*;
use crate::source::Span;
use ruff_runtime::image::Step;

/// The root of a place, as an operation reaches it.
#[derive(Clone, Copy)]
pub(super) enum Root {
    Reg(Reg),
    Cell(Reg),
    Global(GlobalIx),
}

/// What to do with a place whose values stand in a window.
#[derive(Clone, Copy)]
pub(super) enum Action {
    Store,
    Add,
    /// The builtin, and the number of its arguments as `update_with` wants it.
    Update(u16, u8),
}

impl FuncCx<'_> {
    pub fn root(&mut self, slot: Slot) -> Option<Root> {
        Some(match self.home(slot)? {
            Home::Reg(reg) => Root::Reg(reg),
            Home::Cell(reg) => Root::Cell(reg),
            Home::Global(ix) => Root::Global(ix),
            Home::CapturedCell(ix) => {
                let cell = self.alloc();
                self.b.emit(Op::load_capture(cell, ix));
                Root::Cell(cell)
            }
            Home::Captured(_) | Home::Callee => return None,
        })
    }

    pub fn act(&mut self, action: Action, root: Root, n: usize, base: Reg, place: PlaceIx) {
        let n = n as u8;
        self.b.emit(match (action, root) {
            (Action::Store, Root::Reg(r)) => Op::store_place(n, r, base, place),
            (Action::Store, Root::Cell(r)) => Op::store_place_cell(n, r, base, place),
            (Action::Store, Root::Global(g)) => Op::store_place_global(n, g, base, place),
            (Action::Add, Root::Reg(r)) => Op::add_place(n, r, base, place),
            (Action::Add, Root::Cell(r)) => Op::add_place_cell(n, r, base, place),
            (Action::Add, Root::Global(g)) => Op::add_place_global(n, g, base, place),
            (Action::Update(..), Root::Reg(r)) => Op::update_place(n, r, base, place),
            (Action::Update(..), Root::Cell(r)) => Op::update_place_cell(n, r, base, place),
            (Action::Update(..), Root::Global(g)) => Op::update_place_global(n, g, base, place),
        });
        if let Action::Update(builtin, args) = action {
            let builtin = self.tables.builtin(builtin);
            self.b.emit(Op::update_with(args, builtin));
        }
    }

    /// `x.f[i] := e`
    pub fn store_place(&mut self, place: &Place, value: &Expr) {
        let top = self.b.top();
        let root = self.plain(&place.root);
        if let (Some(root), [step], None) = (root, &place.steps[..], &place.raise)
            && self.appended(value, place).is_none()
            && changed(value, place).is_none()
        {
            let src = self.operand(value);
            self.store_step(place, root, step, src, None);
            self.b.release_to(top);
            return;
        }
        if place.raise.is_none() {
            if let Some(change) = changed(value, place) {
                self.update_with(place, value, &change);
                self.b.release_to(top);
                return;
            }
            if let Some((old, steps)) = self.appended(value, place) {
                let n = index_count(place);
                let window = self.sum_window(old, steps, n);
                self.indices(place, window.base.plus(2));
                self.sum(
                    &window,
                    steps,
                    &|cx, base| cx.finish_place(place, Action::Add, n + 2, base, steps[0].op_span),
                    &|cx, base| cx.finish_place(place, Action::Store, n + 1, base, place.span),
                );
                self.b.release_to(top);
                return;
            }
        }
        let indices = index_count(place);
        let n = 1 + indices;
        let base = self.alloc_span(n as u16);
        self.expr(value, base);
        self.indices(place, base.plus(1));
        self.finish_place(place, Action::Store, n, base, place.span);
        self.b.release_to(top);
    }

    /// The place's own value and what is added to it, if that may be texts.
    fn appended<'e>(
        &mut self,
        value: &'e Expr,
        place: &Place,
    ) -> Option<(&'e Expr, &'e [BinaryStep])> {
        let (first, steps) = self.sum_of_texts(value)?;
        is_place(first, place).then_some((first, steps))
    }

    /// Whether the value is no text, as far as one can see (an overloaded operator may give one: it is then not appended in place).
    pub fn is_number(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Var(Var {
                slot: Slot::Local(id),
                ..
            }) => self.local(*id).scalar,
            ExprKind::Unary(..) => true,
            ExprKind::Binary(first, rest) => {
                rest.iter().any(|step| step.op != BinaryOp::Add) || self.is_number(first)
            }
            _ => gives_scalar(e),
        }
    }

    /// One step from a root in a register; the index is in a register already if it is given.
    fn store_step(
        &mut self,
        place: &Place,
        root: Reg,
        step: &PlaceStep,
        src: Reg,
        at: Option<Reg>,
    ) {
        match step {
            PlaceStep::Field(name, _) => {
                let name = self.tables.name(name);
                self.at(place.span);
                self.b.emit(Op::set_field(root, src, name));
            }
            PlaceStep::Index(index, _) => {
                let index = at.unwrap_or_else(|| self.operand(index));
                self.at(place.span);
                self.b.emit(Op::set_index(root, index, src));
            }
        }
    }

    /// `d[k] := push(d[k], v)`
    fn update_with(&mut self, place: &Place, value: &Expr, change: &Change) {
        let args = change.args.len();
        let n = args + index_count(place);
        let base = self.alloc_span(n as u16);
        for (i, arg) in change.args.iter().enumerate() {
            self.expr(arg, base.plus(i as u16));
        }
        self.indices(place, base.plus(args as u16));
        self.finish_place(place, change.action(), n, base, value.span);
    }

    /// `x.f[i] op= e`
    pub fn update_place(&mut self, place: &Place, op: (BinaryOp, Span), value: &Expr) {
        let top = self.b.top();
        let appends = op.0 == BinaryOp::Add && !self.is_number(value) && place.raise.is_none();
        if !appends
            && place.raise.is_none()
            && let [step] = &place.steps[..]
            && let Some(root) = self.plain(&place.root)
        {
            let index = match step {
                PlaceStep::Index(index, _) => Some(self.operand(index)),
                PlaceStep::Field(..) => None,
            };
            let old = self.alloc();
            self.read_step(old, root, step, index);
            self.step(op.0, op.1, old, old, value);
            self.store_step(place, root, step, old, index);
            self.b.release_to(top);
            return;
        }
        // The new value, or what is added and the old value; then the indices.
        let values = if appends { 2 } else { 1 };
        let n = values + index_count(place);
        let base = self.alloc_span(n as u16);
        let indices = base.plus(values as u16);
        self.indices(place, indices);
        let old = base.plus(values as u16 - 1);
        self.read_place(place, indices, old);
        if appends {
            self.expr(value, base);
            self.finish_place(place, Action::Add, n, base, op.1);
        } else {
            self.step(op.0, op.1, old, old, value);
            self.finish_place(place, Action::Store, n, base, place.span);
        }
        self.b.release_to(top);
    }

    /// Evaluates the indices of a place into the registers from `base` on.
    fn indices(&mut self, place: &Place, base: Reg) {
        let mut at = base;
        for step in &place.steps {
            if let PlaceStep::Index(index, _) = step {
                self.expr(index, at);
                at = at.plus(1);
            }
        }
    }

    /// `dst =` the value at the place, whose indices are evaluated.
    fn read_place(&mut self, place: &Place, indices: Reg, dst: Reg) {
        let top = self.b.top();
        let mut current = match self.plain(&place.root) {
            Some(reg) => reg,
            None => {
                let reg = self.alloc();
                self.load(&place.root, place.span, reg);
                reg
            }
        };
        let mut index = indices;
        for (i, step) in place.steps.iter().enumerate() {
            let last = i + 1 == place.steps.len();
            let out = match (last, current.0 >= top.0) {
                (true, _) => dst,
                (false, true) => current,
                (false, false) => self.alloc(),
            };
            self.read_step(out, current, step, Some(index));
            if matches!(step, PlaceStep::Index(..)) {
                index = index.plus(1);
            }
            current = out;
        }
        self.b.release_to(top);
    }

    fn read_step(&mut self, dst: Reg, from: Reg, step: &PlaceStep, index: Option<Reg>) {
        match (step, index) {
            (PlaceStep::Field(name, span), _) => {
                let name = self.tables.name(name);
                self.at(*span);
                self.b.emit(Op::get_place(dst, from, name));
            }
            (PlaceStep::Index(_, span), Some(index)) => {
                self.at(*span);
                self.b.emit(Op::index(dst, from, index));
            }
            (PlaceStep::Index(index, span), None) => {
                let index = self.operand(index);
                self.at(*span);
                self.b.emit(Op::index(dst, from, index));
            }
        }
    }

    /// Finds the root by READ, and acts on it.
    fn finish_place(&mut self, place: &Place, action: Action, n: usize, base: Reg, span: Span) {
        let n = usize::from(self.count(n, place.span, "indices of a place"));
        let steps = (place.steps.iter())
            .map(|step| match step {
                PlaceStep::Field(name, _) => Step::Field(self.tables.name(name).0),
                PlaceStep::Index(..) => Step::Index,
            })
            .collect();
        let steps = self.tables.place(steps);
        let act = |cx: &mut Self, root: Root| match &place.raise {
            Some(message) => {
                cx.at(place.span);
                cx.raise(message);
            }
            None => {
                cx.at(span);
                cx.act(action, root, n, base, steps);
            }
        };
        self.with_root(&place.root, place.span, &act);
    }

    fn with_root(&mut self, var: &Var, span: Span, act: &dyn Fn(&mut Self, Root)) {
        let var = &*self.settled(var);
        let top = self.b.top();
        let Some(root) = self.root(var.slot) else {
            // A builtin, or nothing at all: the store fails.
            let value = self.alloc();
            self.load(var, span, value);
            act(self, Root::Reg(value));
            self.b.emit(Op::clear(value));
            return self.b.release_to(top);
        };
        if !var.certain {
            self.root_unsure(var, span, root, act);
        } else {
            act(self, root);
        }
        self.b.release_to(top);
    }

    fn root_unsure(&mut self, var: &Var, span: Span, root: Root, act: &dyn Fn(&mut Self, Root)) {
        let (init, end) = (self.b.label(), self.b.label());
        let test = self.alloc();
        match root {
            Root::Reg(reg) => self.b.emit(Op::is_uninit(test, reg)),
            Root::Cell(cell) => self.b.emit(Op::load_cell(test, cell)),
            Root::Global(ix) => self.b.emit(Op::load_global_raw(test, ix)),
        }
        if !matches!(root, Root::Reg(_)) {
            self.b.emit(Op::is_uninit(test, test));
        }
        self.b.emit(Op::jump_if_not(test, init));
        match &var.fallback {
            Some(fallback) => self.with_root(fallback, span, act),
            None => {
                self.at(span);
                self.undefined(&var.name);
            }
        }
        self.b.emit(Op::jump(end));
        self.bind(init);
        act(self, root);
        self.bind(end);
    }
}

/// What `push(x[i], v)` does to the place `x[i]`.
fn changed<'e>(value: &'e Expr, place: &Place) -> Option<Change<'e>> {
    change(value).filter(|change| change.method.is_none() && is_place(change.args[0], place))
}

fn index_count(place: &Place) -> usize {
    let is_index = |step: &&PlaceStep| matches!(step, PlaceStep::Index(..));
    place.steps.iter().filter(is_index).count()
}

/// Whether the expression reads the place, by indices that evaluate to the same without effects.
fn is_place(e: &Expr, place: &Place) -> bool {
    let ExprKind::Postfix(base, steps) = &e.kind else {
        return false;
    };
    let ExprKind::Var(var) = &base.kind else {
        return false;
    };
    var.slot == place.root.slot
        && steps.len() == place.steps.len()
        && steps.iter().zip(&place.steps).all(|pair| match pair {
            (
                PostfixStep::Field {
                    name,
                    optional: false,
                    ..
                },
                PlaceStep::Field(other, _),
            ) => name == other,
            (PostfixStep::Index(index, _), PlaceStep::Index(other, _)) => same_simple(index, other),
            _ => false,
        })
}

/// Whether two expressions are the same, made of names, literals and parts of them only.
fn same_simple(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Int(a), ExprKind::Int(b)) => a == b,
        (ExprKind::Str(a), ExprKind::Str(b)) => a == b,
        (ExprKind::Var(a), ExprKind::Var(b)) => a.slot == b.slot,
        (ExprKind::Binary(a, x), ExprKind::Binary(b, y)) => {
            same_simple(a, b)
                && x.len() == y.len()
                && (x.iter().zip(y)).all(|(x, y)| x.op == y.op && same_simple(&x.right, &y.right))
        }
        (ExprKind::Postfix(a, x), ExprKind::Postfix(b, y)) => {
            same_simple(a, b)
                && x.len() == y.len()
                && x.iter().zip(y).all(|pair| match pair {
                    (
                        PostfixStep::Field { name, optional, .. },
                        PostfixStep::Field {
                            name: other,
                            optional: also,
                            ..
                        },
                    ) => name == other && optional == also,
                    (PostfixStep::Index(a, _), PostfixStep::Index(b, _)) => same_simple(a, b),
                    _ => false,
                })
        }
        _ => false,
    }
}
