//! Calls, and the other postfix steps; pipes.
//!
//! In: a base and the steps applied to it. Out: code. What is called stands in the window's first register, so a chain
//! keeps its value in one register with the arguments of each call above it.

use super::func::FuncCx;
use crate::bytecode::{FuncIx, Op, Reg};
use crate::resolve::hir::*;
use crate::source::Span;

/// What a call reaches, if that is known.
enum Callee {
    Builtin(u16),
    Func(FuncId),
}

impl FuncCx<'_> {
    fn callee(&self, base: &Expr, args: usize) -> Option<Callee> {
        let ExprKind::Var(var) = &base.kind else {
            return None;
        };
        if let (Slot::Builtin(number), None) = (var.slot, &var.fallback) {
            return Some(Callee::Builtin(number));
        }
        let func = self.direct(var)?;
        let params = self.program.funcs[func.index()].params as usize;
        (params == args).then_some(Callee::Func(func))
    }

    fn call_known(&mut self, callee: Callee, n: u8, dst: Reg, base: Reg) {
        self.b.emit(match callee {
            Callee::Builtin(number) => Op::call_builtin(n, dst, base, self.tables.builtin(number)),
            Callee::Func(id) => Op::call_func(n, dst, base, FuncIx(id.0 as u16)),
        });
    }

    /// `dst =` the value of the steps applied to the base; errors of calls are reported at `start`.
    pub fn postfix(&mut self, base: &Expr, steps: &[PostfixStep], start: Span, dst: Reg) {
        let top = self.b.top();
        let mut steps = steps.iter().peekable();
        let value = self.alloc();
        let mut current;
        match steps.peek() {
            Some(PostfixStep::Call(args)) if self.callee(base, args.len()).is_some() => {
                let callee = self.callee(base, args.len()).expect("just asked");
                steps.next();
                let out = if steps.peek().is_none() { dst } else { value };
                // The arguments may start where the result will be.
                self.b.release_to(top);
                let n = self.count(args.len(), start, "arguments");
                let window = self.window(&args.iter().collect::<Vec<_>>(), u16::from(n));
                self.at(start);
                self.call_known(callee, n, out, window);
                self.b.release_to(top);
                self.alloc();
                current = out;
            }
            Some(PostfixStep::Call(_) | PostfixStep::Method(_)) => {
                self.expr(base, value);
                current = value;
            }
            _ => {
                self.b.release_to(top);
                current = self.operand(base);
                if current != value {
                    self.alloc();
                }
            }
        }
        while let Some(step) = steps.next() {
            let out = if steps.peek().is_none() { dst } else { value };
            self.postfix_step(step, start, current, value, out);
            self.b.release_to(value.plus(1));
            current = out;
        }
        self.b.release_to(top);
    }

    /// One step: from `current` to `out`; windows start at `value`, the topmost register.
    fn postfix_step(
        &mut self,
        step: &PostfixStep,
        start: Span,
        current: Reg,
        value: Reg,
        out: Reg,
    ) {
        match step {
            PostfixStep::Call(args) => {
                if current != value {
                    self.b.emit(Op::mov(value, current));
                }
                let n = self.count(args.len(), start, "arguments");
                self.window(&args.iter().collect::<Vec<_>>(), u16::from(n));
                self.at(start);
                self.b.emit(Op::call(n, out, value));
            }
            PostfixStep::Method(method) => {
                if current != value {
                    self.b.emit(Op::mov(value, current));
                }
                self.method(method, &[], value, out);
            }
            PostfixStep::Index(index, span) => {
                let index = self.operand(index);
                self.at(*span);
                self.b.emit(Op::index(out, current, index));
            }
            PostfixStep::Field {
                name,
                span,
                optional,
            } => {
                let name = self.tables.name(name);
                self.at(*span);
                self.b.emit(if *optional {
                    Op::get_field_opt(out, current, name)
                } else {
                    Op::get_field(out, current, name)
                });
            }
            PostfixStep::Try(span) => {
                let (failed, ok) = (self.alloc(), self.b.label());
                self.at(*span);
                self.b.emit(Op::is_failure(failed, current));
                self.b.emit(Op::jump_if_not(failed, ok));
                self.b.emit(if self.is_test() {
                    Op::throw(current)
                } else {
                    Op::ret(current)
                });
                self.bind(ok);
                self.b.emit(Op::payload(out, current, 0));
            }
        }
    }

    /// A method call; the receiver stands in `receiver`, followed by the values `piped` already there.
    fn method(&mut self, method: &Method, piped: &[Reg], receiver: Reg, out: Reg) {
        let done = self.b.label();
        if method.optional {
            self.b.emit(Op::jump_if_null(receiver, done));
        }
        let args = method.args.len() + piped.len();
        let n = self.count(args, method.span, "arguments");
        self.window(
            &method.args.iter().collect::<Vec<_>>(),
            u16::from(n).saturating_sub(piped.len() as u16),
        );
        let name = self.tables.name(&method.name);
        let result = if method.optional { receiver } else { out };
        self.at(method.span);
        self.b.emit(Op::call_method(n, result, receiver, name));
        self.bind(done);
        if result != out {
            self.b.emit(Op::mov(out, result));
        }
    }

    /// `dst =` the value sent through the stages. It stands behind the register for what is called.
    pub fn pipe(&mut self, value: &Expr, stages: &[PipeStage], dst: Reg) {
        let top = self.b.top();
        let callee = self.alloc();
        let current = self.alloc();
        self.expr(value, current);
        for (i, stage) in stages.iter().enumerate() {
            let out = if i + 1 == stages.len() { dst } else { current };
            self.stage(stage, callee, current, out);
            self.b.release_to(current.plus(1));
        }
        self.b.release_to(top);
    }

    fn stage(&mut self, stage: &PipeStage, callee: Reg, current: Reg, out: Reg) {
        match stage {
            PipeStage::Call(target, args, span) => {
                let known = self.callee(target, args.len() + 1);
                if known.is_none() {
                    self.expr(target, callee);
                }
                let n = self.count(args.len() + 1, *span, "arguments");
                self.window(
                    &args.iter().collect::<Vec<_>>(),
                    u16::from(n).saturating_sub(1),
                );
                self.at(*span);
                match known {
                    Some(known) => self.call_known(known, n, out, current),
                    None => self.b.emit(Op::call(n, out, callee)),
                }
            }
            PipeStage::Method(receiver, method) => {
                self.expr(receiver, callee);
                self.method(method, &[current], callee, out);
            }
        }
    }
}
