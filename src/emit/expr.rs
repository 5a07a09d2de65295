//! Expressions, calls apart.
//!
//! In: HIR expressions. Out: code that leaves the value in a register. Two entries: [`FuncCx::operand`] gives the register
//! where the value already stands, or a temporary; [`FuncCx::expr`] fills a register of the caller's choice.

use super::constant;
use super::func::FuncCx;
use crate::bytecode::{Label, Op, Reg};
use crate::resolve::hir::*;
use crate::source::Span;

/// The longest array, dict or interpolation that is built from one window.
const WINDOW: usize = 64;

/// So many elements behind those are appended one by one; more become an array, of which the elements are appended at once.
const PUSHED: usize = 8;

impl FuncCx<'_> {
    /// A register that holds the value: the variable's own, or a new temporary.
    pub fn operand(&mut self, e: &Expr) -> Reg {
        if let ExprKind::Var(var) = &e.kind
            && let Some(reg) = self.plain(var)
        {
            return reg;
        }
        let reg = self.alloc();
        self.expr(e, reg);
        reg
    }

    /// Evaluates into a register that nobody else looks at until the value is there: a new one, or that of a variable
    /// if [`writes_once`].
    pub fn expr(&mut self, e: &Expr, dst: Reg) {
        match &e.kind {
            ExprKind::Null => self.b.emit(Op::load_null(dst)),
            ExprKind::Bool(b) => self.b.emit(Op::load_bool(dst, i32::from(*b))),
            ExprKind::Int(n) => self.int(*n, dst),
            ExprKind::Float(x) => {
                let k = self.tables.float(*x);
                self.b.emit(Op::load_const(dst, k));
            }
            ExprKind::Str(text) => {
                let k = self.tables.text(text);
                self.b.emit(Op::load_const(dst, k));
            }
            ExprKind::Concat(parts) => self.concat(parts, e.span, dst),
            ExprKind::Var(var) => self.load(var, e.span, dst),
            _ if constant::is_made_once(e) => {
                let k = constant::place(e, self.tables);
                self.b.emit(Op::load_const(dst, k));
            }
            ExprKind::Array(items) => self.array(items, dst),
            ExprKind::Dict(entries) => self.dict(entries, e.span, dst),
            ExprKind::Struct {
                definition,
                methods,
                name,
                fields,
            } => {
                let mut names = Vec::with_capacity(fields.len());
                names.extend(fields.iter().map(|field| self.tables.name(&field.0)));
                let literal = self.tables.literal(*definition, name, names);
                let top = self.b.top();
                let values: Vec<&Expr> = fields.iter().map(|field| &field.1).collect();
                let captured = methods.as_ref().filter(|m| !self.is_unused(m));
                let n = values.len() + usize::from(captured.is_some());
                let n = self.count(n, e.span, "fields");
                let base = self.window(&values, u16::from(n));
                if let Some(methods) = captured {
                    self.load(methods, e.span, base.plus(u16::from(n) - 1));
                }
                self.b.emit(Op::make_struct(n, dst, base, literal));
                self.b.release_to(top);
            }
            ExprKind::Tag(tag, args) => {
                let tag = self.tables.tag(tag);
                let top = self.b.top();
                let n = self.count(args.len(), e.span, "payloads");
                let base = self.window(&args.iter().collect::<Vec<_>>(), u16::from(n));
                self.b.emit(Op::make_tagged(n, dst, base, tag));
                self.b.release_to(top);
            }
            ExprKind::Wrap(kind, value) => {
                let top = self.b.top();
                let src = self.operand(value);
                self.b.emit(match kind {
                    WrapKind::Ok => Op::make_ok(dst, src),
                    WrapKind::Err => Op::make_err(dst, src),
                    WrapKind::Some => Op::make_some(dst, src),
                });
                self.b.release_to(top);
            }
            ExprKind::NoneValue => self.b.emit(Op::make_none(dst)),
            ExprKind::Throw(value) => {
                let top = self.b.top();
                let src = self.operand(value);
                self.at(e.span);
                self.b.emit(Op::throw(src));
                self.b.release_to(top);
            }
            ExprKind::Closure(func) => self.closure(*func, dst, e.span),
            ExprKind::Unary(op, operand) => self.unary(*op, operand, e.span, dst),
            ExprKind::Binary(first, rest) => self.binary(first, rest, dst),
            ExprKind::Logical(LogicalOp::Coalesce, operands) => self.coalesce(operands, dst),
            ExprKind::Logical(op, operands) => self.logical(*op, operands, dst),
            ExprKind::Pipe(value, stages) => self.pipe(value, stages, dst),
            ExprKind::Postfix(base, steps) => self.postfix(base, steps, e.span, dst),
        }
    }

    /// Evaluates for the effect.
    pub fn effect(&mut self, e: &Expr) {
        let top = self.b.top();
        let reg = self.alloc();
        self.expr(e, reg);
        if !gives_scalar(e) && self.reachable() {
            self.b.emit(Op::clear(reg));
        }
        self.b.release_to(top);
    }

    fn int(&mut self, n: i64, dst: Reg) {
        match i32::try_from(n) {
            Ok(n) => self.b.emit(Op::load_int(dst, n)),
            Err(_) => {
                let k = self.tables.int(n);
                self.b.emit(Op::load_const(dst, k));
            }
        }
    }

    /// A window of `n` registers, the values in the first of them.
    pub fn window(&mut self, values: &[&Expr], n: u16) -> Reg {
        let base = self.alloc_span(n);
        for (i, value) in values.iter().take(usize::from(n)).enumerate() {
            self.expr(value, base.plus(i as u16));
        }
        base
    }

    fn is_unused(&self, methods: &Var) -> bool {
        match methods.slot {
            Slot::Local(id) => self.local(id).unused,
            Slot::Capture(id) => self.func.captures[id.index()].unused,
            _ => true,
        }
    }

    fn concat(&mut self, parts: &[Expr], span: Span, dst: Reg) {
        let top = self.b.top();
        let (first, rest) = parts.split_at(parts.len().min(WINDOW));
        let base = self.window(&first.iter().collect::<Vec<_>>(), first.len() as u16);
        self.at(span);
        let out = if rest.is_empty() { dst } else { base };
        self.b.emit(Op::concat(out, base, first.len() as u16));
        let mut rest = rest.chunks(WINDOW).peekable();
        while let Some(chunk) = rest.next() {
            self.b.release_to(base.plus(1));
            self.window(&chunk.iter().collect::<Vec<_>>(), chunk.len() as u16);
            self.at(span);
            let out = if rest.peek().is_none() { dst } else { base };
            self.b.emit(Op::concat(out, base, chunk.len() as u16 + 1));
        }
        self.b.release_to(top);
    }

    fn array(&mut self, items: &[(bool, Expr)], dst: Reg) {
        let top = self.b.top();
        let plain = items.iter().take_while(|item| !item.0).take(WINDOW).count();
        let (first, rest) = items.split_at(plain);
        let values: Vec<&Expr> = first.iter().map(|item| &item.1).collect();
        let array = if rest.is_empty() { dst } else { self.alloc() };
        let base = self.window(&values, plain as u16);
        self.b.emit(Op::make_array(array, base, plain as u16));
        let mut rest = rest;
        while let [(spread, value), others @ ..] = rest {
            self.b.release_to(array.plus(1));
            let plain = rest.iter().take_while(|item| !item.0).take(WINDOW);
            let part: Vec<&Expr> = plain.map(|item| &item.1).collect();
            if part.len() > PUSHED {
                rest = &rest[part.len()..];
                self.array_part(array, &part);
                continue;
            }
            rest = others;
            let src = self.operand(value);
            self.at(value.span);
            self.b.emit(if *spread {
                Op::array_spread(array, src)
            } else {
                Op::array_push(array, src)
            });
        }
        if array != dst {
            self.b.emit(Op::mov(dst, array));
        }
        self.b.release_to(top);
    }

    /// Appends many elements at once.
    fn array_part(&mut self, array: Reg, part: &[&Expr]) {
        let n = part.len() as u16;
        let base = self.window(part, n);
        self.at(part[0].span);
        self.b.emit(Op::make_array(base, base, n));
        self.b.emit(Op::array_spread(array, base));
    }

    fn dict(&mut self, entries: &[DictEntry], span: Span, dst: Reg) {
        let top = self.b.top();
        let mut values: Vec<&Expr> = Vec::new();
        for entry in entries.iter().take(WINDOW / 2) {
            match entry {
                DictEntry::Pair(key, value) => values.extend([key, value]),
                DictEntry::Spread(_) => break,
            }
        }
        let rest = &entries[values.len() / 2..];
        let dict = if rest.is_empty() { dst } else { self.alloc() };
        let n = values.len() as u16;
        let base = self.window(&values, n);
        self.at(span);
        self.b.emit(Op::make_dict(dict, base, n));
        for entry in rest {
            self.b.release_to(dict.plus(1));
            match entry {
                DictEntry::Pair(key, value) => {
                    let key = self.operand(key);
                    let src = self.operand(value);
                    self.at(span);
                    self.b.emit(Op::dict_set(dict, key, src));
                }
                DictEntry::Spread(value) => {
                    let src = self.operand(value);
                    self.at(value.span);
                    self.b.emit(Op::dict_spread(dict, src));
                }
            }
        }
        if dict != dst {
            self.b.emit(Op::mov(dst, dict));
        }
        self.b.release_to(top);
    }

    fn unary(&mut self, op: UnaryOp, operand: &Expr, span: Span, dst: Reg) {
        match (op, &operand.kind) {
            // A literal is never negative, so its negation does not overflow.
            (UnaryOp::Neg, ExprKind::Int(n)) => return self.int(-n, dst),
            (UnaryOp::Neg, ExprKind::Float(x)) => {
                let k = self.tables.float(-x);
                return self.b.emit(Op::load_const(dst, k));
            }
            _ => {}
        }
        let top = self.b.top();
        let src = self.operand(operand);
        self.at(span);
        self.b.emit(match op {
            UnaryOp::Neg => Op::neg(dst, src),
            UnaryOp::Not => Op::not(dst, src),
        });
        self.b.release_to(top);
    }

    fn binary(&mut self, first: &Expr, rest: &[BinaryStep], dst: Reg) {
        let top = self.b.top();
        let mut left = self.operand(first);
        // The temporary for what is in between; the first operand's own if it has one.
        let between = top;
        for (i, step) in rest.iter().enumerate() {
            let last = i + 1 == rest.len();
            let out = if last { dst } else { between };
            if !last && self.b.top() == top {
                self.alloc();
            }
            self.step(step.op, step.op_span, out, left, &step.right);
            left = out;
            if !last {
                self.b.release_to(between.plus(1));
            }
        }
        self.b.release_to(top);
    }

    /// `out = left op right`
    pub fn step(&mut self, op: BinaryOp, span: Span, out: Reg, left: Reg, right: &Expr) {
        if let ExprKind::Int(n) = right.kind
            && let Ok(n) = i16::try_from(n)
            && matches!(op, BinaryOp::Add | BinaryOp::Sub)
        {
            self.at(span);
            self.b.emit(match op {
                BinaryOp::Add => Op::add_imm(out, left, n),
                _ => Op::sub_imm(out, left, n),
            });
            return;
        }
        let right = self.operand(right);
        self.at(span);
        self.operator(op, out, left, right);
    }

    /// The instruction of a binary operator.
    pub fn operator(&mut self, op: BinaryOp, dst: Reg, a: Reg, b: Reg) {
        self.b.emit(match op {
            BinaryOp::Add => Op::add(dst, a, b),
            BinaryOp::Sub => Op::sub(dst, a, b),
            BinaryOp::Mul => Op::mul(dst, a, b),
            BinaryOp::Div => Op::div(dst, a, b),
            BinaryOp::Rem => Op::rem(dst, a, b),
            BinaryOp::Lt => Op::lt(dst, a, b),
            BinaryOp::Gt => Op::gt(dst, a, b),
            BinaryOp::Le => Op::le(dst, a, b),
            BinaryOp::Ge => Op::ge(dst, a, b),
            BinaryOp::Eq => Op::eq(dst, a, b),
            BinaryOp::Ne => Op::ne(dst, a, b),
        });
    }

    fn coalesce(&mut self, operands: &[Expr], dst: Reg) {
        let top = self.b.top();
        let value = self.alloc();
        let end = self.b.label();
        for (i, operand) in operands.iter().enumerate() {
            self.expr(operand, value);
            if i + 1 < operands.len() {
                let next = self.b.label();
                self.b.emit(Op::jump_if_null(value, next));
                self.b.emit(Op::jump(end));
                self.bind(next);
            }
        }
        self.bind(end);
        self.b.emit(Op::mov(dst, value));
        self.b.release_to(top);
    }

    fn logical(&mut self, op: LogicalOp, operands: &[Expr], dst: Reg) {
        let stop_on = op == LogicalOp::Or;
        let (short, end) = (self.b.label(), self.b.label());
        let (last, before) = operands.split_last().expect("at least two operands");
        for operand in before {
            self.jump_on(operand, short, stop_on);
        }
        let top = self.b.top();
        let src = self.operand(last);
        self.b.emit(Op::truthy(dst, src));
        self.b.release_to(top);
        self.b.emit(Op::jump(end));
        self.bind(short);
        self.b.emit(Op::load_bool(dst, i32::from(stop_on)));
        self.bind(end);
    }

    /// Evaluates a condition and continues at `to` if its truthiness is `when`.
    pub fn jump_on(&mut self, e: &Expr, to: Label, when: bool) {
        match &e.kind {
            ExprKind::Bool(b) => {
                if *b == when {
                    self.b.emit(Op::jump(to));
                }
            }
            ExprKind::Unary(UnaryOp::Not, inner) if is_bool(inner) => {
                self.jump_on(inner, to, !when)
            }
            ExprKind::Logical(op, operands) if *op != LogicalOp::Coalesce => {
                // The value that ends the evaluation early.
                let stop_on = *op == LogicalOp::Or;
                let (last, before) = operands.split_last().expect("at least two operands");
                if stop_on == when {
                    operands.iter().for_each(|o| self.jump_on(o, to, when));
                } else {
                    let skip = self.b.label();
                    for operand in before {
                        self.jump_on(operand, skip, stop_on);
                    }
                    self.jump_on(last, to, when);
                    self.bind(skip);
                }
            }
            _ => {
                let top = self.b.top();
                let cond = self.operand(e);
                self.b.emit(if when {
                    Op::jump_if(cond, to)
                } else {
                    Op::jump_if_not(cond, to)
                });
                self.b.release_to(top);
            }
        }
    }
}

/// Whether the value is certainly a bool; an operator's may not be, if it is overloaded.
fn is_bool(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Bool(_) => true,
        ExprKind::Logical(op, _) => *op != LogicalOp::Coalesce,
        _ => false,
    }
}

/// Whether the value certainly holds no heap object.
pub(super) fn gives_scalar(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Null | ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::Float(_) => true,
        ExprKind::Throw(_) => true,
        ExprKind::Unary(_, operand) => gives_scalar(operand),
        ExprKind::Binary(first, _) => gives_scalar(first),
        ExprKind::Logical(op, _) => *op != LogicalOp::Coalesce,
        ExprKind::Var(var) => matches!(var.slot, Slot::Number(_)),
        ExprKind::Postfix(base, steps) => match (&base.kind, &steps[..]) {
            (ExprKind::Var(var), [PostfixStep::Call(_)]) => crate::resolve::returns_scalar(var),
            _ => false,
        },
        _ => false,
    }
}

/// Whether `expr` writes its register with its last instruction only, so that it may be a variable's.
pub(super) fn writes_once(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Var(var) => var.fallback.is_none() && !matches!(var.slot, Slot::Capture(_)),
        ExprKind::Logical(..) => true,
        ExprKind::Postfix(_, steps) => {
            !matches!(steps.last(), Some(PostfixStep::Method(m)) if m.optional)
        }
        ExprKind::Pipe(_, stages) => {
            !matches!(stages.last(), Some(PipeStage::Method(_, m)) if m.optional)
        }
        _ => true,
    }
}
