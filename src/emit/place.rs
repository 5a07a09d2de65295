//! Places: stores to parts of a variable, compound assignments, and the stores that must work in place whoever else can see the
//! variable (language.md §6.2, §6.3).
//!
//! In: HIR places. Out: code. A root in a register that no handler needs is changed by moving it through the operation;
//! for all others there are operations that reach into the variable.

use super::expr::gives_scalar;
use super::func::{FuncCx, Home};
use crate::bytecode::{GlobalIx, Label, Op, PlaceIx, Reg};
use crate::resolve::hir::*;
use crate::source::Span;
use ruff_runtime::builtins::{self, Effect};
use ruff_runtime::image::Step;

/// The root of a place, as an operation reaches it.
#[derive(Clone, Copy)]
enum Root {
    Reg(Reg),
    Cell(Reg),
    Global(GlobalIx),
}

/// What to do with a place whose values stand in a window.
#[derive(Clone, Copy)]
enum Action {
    Store,
    Add,
    /// The builtin and how many arguments it has.
    Update(u16, u8),
}

impl FuncCx<'_> {
    /// `s := s + t`, `a := push(a, x)` where the old value would otherwise be held by the variable meanwhile.
    pub fn store_in_place(&mut self, target: &Target, value: &Expr) -> bool {
        let Some(slot) = stored_slot(&target.store) else {
            return false;
        };
        if !self.is_shared(slot) {
            return false;
        }
        let same = |e: &Expr| match &e.kind {
            ExprKind::Var(var) => Some(self.settled(var).into_owned()),
            _ => None,
        };
        let same = |e: &Expr| same(e).filter(|var| var.slot == slot && var.fallback.is_none());
        match &value.kind {
            ExprKind::Binary(first, rest) => {
                let ([step], Some(var)) = (&rest[..], same(first)) else {
                    return false;
                };
                step.op == BinaryOp::Add
                    && self.add_in_place(&var, target, step.op_span, &step.right)
            }
            ExprKind::Postfix(base, steps) => {
                if let ([PostfixStep::Method(method)], Some(var)) = (&steps[..], same(base)) {
                    return self.push_method(&var, base.span, target, method);
                }
                let Some((builtin, args)) = pure_call(value) else {
                    return false;
                };
                if args.first().and_then(same).is_none() {
                    return false;
                }
                let top = self.b.top();
                let Some(root) = self.root(slot) else {
                    return false;
                };
                let base = self.window(&args.iter().collect::<Vec<_>>(), args.len() as u16);
                let place = self.tables.place(Vec::new());
                self.at(value.span);
                self.act(
                    Action::Update(builtin, args.len() as u8),
                    root,
                    args.len(),
                    base,
                    place,
                );
                self.b.release_to(top);
                true
            }
            _ => false,
        }
    }

    /// `a := a.push(x)`: in place if the variable holds an array, else a method call like any other.
    fn push_method(&mut self, var: &Var, span: Span, target: &Target, method: &Method) -> bool {
        let push =
            builtins::find(&method.name).filter(|_| matches!(&*method.name, "push" | "append"));
        let (Some(push), [value], false) = (push, &method.args[..], method.optional) else {
            return false;
        };
        let top = self.b.top();
        let Some(root) = self.root(var.slot) else {
            return false;
        };
        let base = self.alloc_span(2);
        self.load(var, span, base);
        self.expr(value, base.plus(1));
        let (plain, end) = (self.b.label(), self.b.label());
        self.jump_unless_array(base, plain);
        let place = self.tables.place(Vec::new());
        self.at(method.span);
        self.act(Action::Update(push, 2), root, 2, base, place);
        self.b.emit(Op::jump(end));
        self.bind(plain);
        let name = self.tables.name(&method.name);
        self.fill(target, |cx, dst| {
            cx.at(method.span);
            cx.b.emit(Op::call_method(1, dst, base, name));
        });
        self.bind(end);
        self.b.release_to(top);
        true
    }

    /// Continues at `to` if the value is no array.
    fn jump_unless_array(&mut self, value: Reg, to: Label) {
        let top = self.b.top();
        let (kind, wanted) = (self.alloc(), self.alloc());
        let type_of = builtins::find("type").expect("`type` is a builtin");
        let type_of = self.tables.builtin(type_of);
        self.b.emit(Op::mov(kind, value));
        self.b.emit(Op::call_builtin(1, kind, kind, type_of));
        let array = self.tables.text(&"array".into());
        self.b.emit(Op::load_const(wanted, array));
        self.b.emit(Op::same(kind, kind, wanted));
        self.b.emit(Op::jump_if_not(kind, to));
        self.b.release_to(top);
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

    /// Whether the variable holds its value while an operation works on it: it is no register, or a handler needs it.
    fn is_shared(&mut self, slot: Slot) -> bool {
        match self.home(slot) {
            Some(Home::Reg(_)) => self.outlives_try(slot),
            Some(_) => true,
            None => false,
        }
    }

    fn root(&mut self, slot: Slot) -> Option<Root> {
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

    fn act(&mut self, action: Action, root: Root, n: usize, base: Reg, place: PlaceIx) {
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
            && !self.appends(value, place)
            && !updates(value, place)
        {
            let src = self.operand(value);
            self.store_step(place, root, step, src, None);
            self.b.release_to(top);
            return;
        }
        if place.raise.is_none() {
            if let Some((builtin, args)) = pure_call(value)
                && updates(value, place)
            {
                self.update_with(place, value, builtin, args);
                self.b.release_to(top);
                return;
            }
            if let ExprKind::Binary(old, steps) = &value.kind
                && self.appends(value, place)
                && let [step] = &steps[..]
            {
                let n = 2 + index_count(place);
                let base = self.alloc_span(n as u16);
                self.expr(old, base.plus(1));
                self.expr(&step.right, base);
                self.indices(place, base.plus(2));
                self.finish_place(place, Action::Add, n, base, step.op_span);
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

    /// Whether the value is the place's own value plus what may be a text.
    fn appends(&self, value: &Expr, place: &Place) -> bool {
        let ExprKind::Binary(first, rest) = &value.kind else {
            return false;
        };
        let [step] = &rest[..] else {
            return false;
        };
        step.op == BinaryOp::Add && !self.is_number(&step.right) && is_place(first, place)
    }

    /// Whether the value is no text, as far as one can see (an overloaded operator may give one: it is then not appended in place).
    fn is_number(&self, e: &Expr) -> bool {
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
    fn update_with(&mut self, place: &Place, value: &Expr, builtin: u16, args: &[Expr]) {
        let n = args.len() + index_count(place);
        let base = self.alloc_span(n as u16);
        for (i, arg) in args.iter().enumerate() {
            self.expr(arg, base.plus(i as u16));
        }
        self.indices(place, base.plus(args.len() as u16));
        let action = Action::Update(builtin, args.len() as u8);
        self.finish_place(place, action, n, base, value.span);
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

/// The variable of a plain store.
fn stored_slot(store: &Store) -> Option<Slot> {
    match *store {
        Store::Local(id) => Some(Slot::Local(id)),
        Store::Capture(id) => Some(Slot::Capture(id)),
        Store::Global(id) => Some(Slot::Global(id)),
        _ => None,
    }
}

/// A call of a builtin that depends on its arguments only, and so runs no code of the program.
fn pure_call(e: &Expr) -> Option<(u16, &[Expr])> {
    let ExprKind::Postfix(base, steps) = &e.kind else {
        return None;
    };
    let (ExprKind::Var(var), [PostfixStep::Call(args)]) = (&base.kind, &steps[..]) else {
        return None;
    };
    let (Slot::Builtin(number), None) = (var.slot, &var.fallback) else {
        return None;
    };
    let pure = builtins::ALL[number as usize].effect == Effect::Pure;
    (pure && args.len() < 100).then_some((number, &args[..]))
}

/// Whether the value is a call such as `push(x[i], v)` for the place `x[i]`.
fn updates(value: &Expr, place: &Place) -> bool {
    let first = pure_call(value).and_then(|(_, args)| args.first());
    first.is_some_and(|first| is_place(first, place))
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
