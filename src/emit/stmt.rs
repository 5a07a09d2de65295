//! Statements that store to names, and the index of all statements.
//!
//! In: HIR statements in order. Out: code. Each leaves the register stack as it was, but for the variables it declares.

use super::expr::writes_once;
use super::func::{FuncCx, Home};
use crate::bytecode::{ModuleIx, Op, Reg};
use crate::resolve::hir::*;

impl FuncCx<'_> {
    pub fn stmts(&mut self, stmts: &[Stmt]) {
        for (i, stmt) in stmts.iter().enumerate() {
            if let StmtKind::Ask(question) = stmt.kind {
                return self.ask(question, &stmts[i + 1..]);
            }
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Store { target, value } => self.store_stmt(target, value),
            StmtKind::Bind { pattern, value } => self.bind_pattern(pattern, value),
            StmtKind::Update {
                var,
                target,
                op,
                op_span,
                value,
            } => self.update(var, target, (*op, *op_span), value),
            StmtKind::StorePlace { place, op, value } => match op {
                None => self.store_place(place, value),
                Some(op) => self.update_place(place, *op, value),
            },
            StmtKind::Expr(e) => self.effect(e),
            StmtKind::Block(block) => self.block(block),
            StmtKind::Return(value) => self.return_stmt(value.as_ref()),
            StmtKind::Break => self.leave(true),
            StmtKind::Continue => self.leave(false),
            StmtKind::If { arms, otherwise } => self.if_chain(arms, otherwise.as_ref()),
            StmtKind::While { cond, body } => self.while_loop(cond.as_ref(), body),
            StmtKind::For { var, iter, body } => self.for_loop(*var, iter, body),
            StmtKind::Try {
                body,
                binder,
                handler,
            } => self.try_block(body, *binder, handler),
            StmtKind::Match {
                subject,
                cases,
                default,
            } => self.match_stmt(subject, cases, default.as_ref()),
            StmtKind::Import { module, bindings } => {
                self.at(stmt.span);
                self.b.emit(Op::import_module(ModuleIx(module.0 as u16)));
                for binding in bindings {
                    self.at(stmt.span);
                    self.import(*module, binding);
                }
            }
            StmtKind::Ask(_) => unreachable!("asked among the statements of a body"),
            StmtKind::Raise(message) => {
                self.at(stmt.span);
                self.raise(message);
            }
        }
    }

    pub fn raise(&mut self, message: &str) {
        let message = self.tables.message(message);
        self.b.emit(Op::raise(message));
    }

    fn return_stmt(&mut self, value: Option<&Expr>) {
        let Some(value) = value else {
            return self.b.emit(Op::return_null());
        };
        let top = self.b.top();
        let src = self.operand(value);
        self.b.emit(Op::ret(src));
        self.b.release_to(top);
    }

    fn store_stmt(&mut self, target: &Target, value: &Expr) {
        self.prepare_dynamic(&target.store);
        let target = &*self.settled_target(target);
        if self.store_in_place(target, value) {
            return;
        }
        self.declare_target(target);
        match self.direct_register(target, writes_once(value)) {
            Some(dst) => {
                self.expr(value, dst);
                self.finish_new(target, dst);
            }
            None => {
                let top = self.b.top();
                let src = self.operand(value);
                self.store(target, src);
                if src == top && matches!(target.store, Store::Ignore) {
                    self.b.emit(Op::clear(src));
                }
                self.b.release_to(top);
            }
        }
    }

    /// Gives a new variable its register, and its cell if closures in its own value capture it.
    pub fn declare_target(&mut self, target: &Target) {
        match target.store {
            Store::New(id) | Store::NewUnless { local: id, .. } => {
                if self.local(id).early && !self.made.contains(&id) {
                    self.new_cell(id);
                } else if !self.made.contains(&id) {
                    self.declare(id);
                }
            }
            Store::Global(id) => {
                self.global_reg(id);
            }
            _ => {}
        }
    }

    /// Makes the local that a store may create while it may still be the global: closures that capture it go by whether
    /// it is initialised.
    fn prepare_dynamic(&mut self, store: &Store) {
        let Store::Dynamic {
            slot: Slot::Local(id),
            new: true,
            global,
            ..
        } = *store
        else {
            return;
        };
        let needed = match self.answer(global) {
            None => true,
            Some(is_global) => is_global && self.local(id).captured,
        };
        if !needed || self.made.contains(&id) {
            return;
        }
        if self.local(id).cell {
            self.new_cell(id);
        } else {
            let reg = self.declare(id);
            self.b.emit(Op::load_uninit(reg));
        }
    }

    /// The register in which the value of a store may be made.
    fn direct_register(&mut self, target: &Target, once: bool) -> Option<Reg> {
        match target.store {
            Store::New(id) | Store::NewUnless { local: id, .. } => {
                let in_cell = self.local(id).early || self.made.contains(&id);
                (!in_cell).then(|| self.reg(id))
            }
            Store::Local(id) if once && !self.local(id).cell => Some(self.reg(id)),
            Store::Global(id) if once => self.global_reg(id),
            _ => None,
        }
    }

    /// Puts the value of a new variable into its cell if it needs one.
    fn finish_new(&mut self, target: &Target, reg: Reg) {
        self.raise_if_global(target);
        if let Store::New(id) | Store::NewUnless { local: id, .. } = target.store
            && self.local(id).cell
        {
            self.b.emit(Op::new_cell(reg, reg));
        }
    }

    /// Raises if the target cannot be created because the name is an initialised global that cannot be assigned.
    fn raise_if_global(&mut self, target: &Target) {
        let Store::NewUnless {
            global, message, ..
        } = &target.store
        else {
            return;
        };
        let top = self.b.top();
        let test = self.alloc();
        let fine = self.b.label();
        self.load_raw(Slot::Global(*global), test);
        self.b.emit(Op::is_uninit(test, test));
        self.b.emit(Op::jump_if(test, fine));
        self.at(target.span);
        self.raise(message);
        self.bind(fine);
        self.b.release_to(top);
    }

    /// A store whose value the caller makes in the register it is given.
    pub fn fill(&mut self, target: &Target, make: impl FnOnce(&mut Self, Reg)) {
        if let Some(dst) = self.direct_register(target, true) {
            make(self, dst);
            self.finish_new(target, dst);
            return;
        }
        let top = self.b.top();
        let value = self.alloc();
        make(self, value);
        self.store(target, value);
        self.b.release_to(top);
    }

    /// Stores a register's value to a target, which is no new register.
    pub fn store(&mut self, target: &Target, src: Reg) {
        match &target.store {
            Store::New(id) | Store::Local(id) => self.store_slot(Slot::Local(*id), src),
            Store::NewUnless { local, .. } => {
                self.raise_if_global(target);
                self.store_slot(Slot::Local(*local), src);
            }
            Store::Capture(id) => self.store_slot(Slot::Capture(*id), src),
            Store::Global(id) => self.store_slot(Slot::Global(*id), src),
            Store::Raise(message) => {
                self.at(target.span);
                self.raise(message);
            }
            Store::Ignore => {}
            Store::Dynamic {
                slot,
                new,
                global,
                raise,
            } => {
                let (to_local, end) = (self.b.label(), self.b.label());
                let top = self.b.top();
                let test = self.alloc();
                if !new {
                    self.load_raw(*slot, test);
                    self.jump_if_init(test, to_local);
                }
                self.load_raw(Slot::Global(*global), test);
                self.b.emit(Op::is_uninit(test, test));
                self.b.emit(Op::jump_if(test, to_local));
                match raise {
                    Some(message) => {
                        self.at(target.span);
                        self.raise(message);
                    }
                    None => self.store_slot(Slot::Global(*global), src),
                }
                self.b.emit(Op::jump(end));
                self.bind(to_local);
                self.store_slot(*slot, src);
                self.bind(end);
                self.b.release_to(top);
            }
        }
    }

    /// `dst =` the variable's value or the uninitialised mark.
    pub fn load_raw(&mut self, slot: Slot, dst: Reg) {
        match self.home(slot) {
            Some(Home::Reg(reg)) => self.b.emit(Op::mov(dst, reg)),
            Some(Home::Cell(reg)) => self.b.emit(Op::load_cell(dst, reg)),
            Some(Home::Captured(ix)) => self.b.emit(Op::load_capture(dst, ix)),
            Some(Home::CapturedCell(ix)) => {
                self.b.emit(Op::load_capture(dst, ix));
                self.b.emit(Op::load_cell(dst, dst));
            }
            Some(Home::Global(ix)) => self.b.emit(Op::load_global_raw(dst, ix)),
            Some(Home::Callee) | None => self.b.emit(Op::load_null(dst)),
        }
    }

    fn store_slot(&mut self, slot: Slot, src: Reg) {
        match self.home(slot) {
            Some(Home::Reg(reg)) => self.b.emit(Op::mov(reg, src)),
            Some(Home::Cell(reg)) => self.b.emit(Op::store_cell(reg, src)),
            Some(Home::CapturedCell(ix)) => {
                let top = self.b.top();
                let cell = self.alloc();
                self.b.emit(Op::load_capture(cell, ix));
                self.b.emit(Op::store_cell(cell, src));
                self.b.release_to(top);
            }
            Some(Home::Global(ix)) => self.b.emit(Op::store_global(src, ix)),
            Some(Home::Captured(_) | Home::Callee) | None => {
                unreachable!("a captured variable that is stored to is a cell")
            }
        }
    }

    /// `x op= e`
    fn update(
        &mut self,
        var: &Var,
        target: &Target,
        op: (BinaryOp, crate::source::Span),
        value: &Expr,
    ) {
        let (var, target) = (&*self.settled(var), &*self.settled_target(target));
        if op.0 == BinaryOp::Add && self.add_in_place(var, target, op.1, value) {
            return;
        }
        let top = self.b.top();
        let old = match self.plain(var) {
            Some(reg) => reg,
            None => {
                let reg = self.alloc();
                self.load(var, target.span, reg);
                reg
            }
        };
        self.fill(target, |cx, dst| cx.step(op.0, op.1, dst, old, value));
        self.b.release_to(top);
    }

    fn import(&mut self, module: ModuleId, binding: &ImportBinding) {
        let module_ix = ModuleIx(module.0 as u16);
        match binding {
            ImportBinding::Copy { from, name, to } => {
                self.declare_target(to);
                let top = self.b.top();
                let value = self.alloc();
                self.load_raw(Slot::Global(*from), value);
                let done = self.b.label();
                self.jump_if_init(value, done);
                let module = &self.program.modules[module.index()].name;
                let message = format!("Symbol '{name}' not found in module '{module}'");
                self.at(to.span);
                self.raise(&message);
                self.bind(done);
                self.store(to, value);
                self.b.release_to(top);
            }
            ImportBinding::Namespace(target) => {
                self.declare_target(target);
                self.fill(target, |cx, dst| {
                    cx.b.emit(Op::module_namespace(dst, module_ix));
                });
            }
            ImportBinding::Missing { message, span } => {
                self.at(*span);
                self.raise(message);
            }
        }
    }
}
