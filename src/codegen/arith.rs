//! Arithmetic. Typed operations are inline with the error in a cold block, which calls the runtime operation again on the
//! boxed operands: it knows the message. Operations on any values try ints, then floats, then call.

use super::cx::FuncCx;
use super::guard::{self, Guard};
use super::val::Val;
use crate::ssa::ir::{Check, Inst, InstOp};
use crate::ssa::types::Type;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{self, InstBuilder, types};
use ruff_runtime::abi::Helper;
use ruff_runtime::fault;
use ruff_runtime::value::Tag;

impl FuncCx<'_, '_> {
    /// `a op b` and whether it overflowed.
    pub fn overflowing(
        &mut self,
        op: &InstOp,
        a: ir::Value,
        b: ir::Value,
    ) -> (ir::Value, ir::Value) {
        if self.unit.plain_overflow {
            return self.overflowing_by_compare(op, a, b);
        }
        match op {
            InstOp::AddInt { .. } => self.b.ins().sadd_overflow(a, b),
            InstOp::SubInt { .. } => self.b.ins().ssub_overflow(a, b),
            _ => self.b.ins().smul_overflow(a, b),
        }
    }

    /// Hacker's Delight §2-13: the sign says whether a sum or difference overflowed, the high half whether a product did.
    fn overflowing_by_compare(
        &mut self,
        op: &InstOp,
        a: ir::Value,
        b: ir::Value,
    ) -> (ir::Value, ir::Value) {
        if let InstOp::MulInt { .. } = op {
            let low = self.b.ins().imul(a, b);
            let high = self.b.ins().smulhi(a, b);
            let shift = self.iconst(63);
            let sign = self.b.ins().sshr(low, shift);
            return (low, self.b.ins().icmp(IntCC::NotEqual, high, sign));
        }
        let add = matches!(op, InstOp::AddInt { .. });
        let result = if add {
            self.b.ins().iadd(a, b)
        } else {
            self.b.ins().isub(a, b)
        };
        let left = self.b.ins().bxor(a, result);
        let right = if add {
            self.b.ins().bxor(b, result)
        } else {
            self.b.ins().bxor(a, b)
        };
        let sign = self.b.ins().band(left, right);
        let zero = self.iconst(0);
        (result, self.b.ins().icmp(IntCC::SignedLessThan, sign, zero))
    }

    fn wrapping(&mut self, op: &InstOp, a: ir::Value, b: ir::Value) -> ir::Value {
        match op {
            InstOp::AddInt { .. } => self.b.ins().iadd(a, b),
            InstOp::SubInt { .. } => self.b.ins().isub(a, b),
            _ => self.b.ins().imul(a, b),
        }
    }

    pub fn int_arith(&mut self, inst: &Inst, check: Check) {
        let (a, b) = (self.int(inst, 0), self.int(inst, 1));
        let check = if wraps(&inst.op) { Check::Fits } else { check };
        let (result, overflow) = match check {
            Check::Fits => {
                let result = self.wrapping(&inst.op, a, b);
                return self.define(inst, 0, Val::Int(result));
            }
            Check::Flag => self.overflowing(&inst.op, a, b),
            Check::NotNegative | Check::NotPositive => self.wrong_side(&inst.op, check, a, b),
            Check::Above(most) => {
                let most = self.iconst(most);
                let above = self.b.ins().icmp(IntCC::UnsignedGreaterThan, a, most);
                (self.b.ins().imul(a, b), above)
            }
        };
        let cold = self.new_block(true);
        self.leave_if(overflow, cold);
        self.in_cold_block(cold, |fx| {
            let helper = match inst.op {
                InstOp::AddInt { .. } => Helper::overflow_add,
                InstOp::SubInt { .. } => Helper::overflow_sub,
                _ => Helper::overflow_mul,
            };
            fx.raise(inst, helper, &[a, b]);
        });
        self.define(inst, 0, Val::Int(result));
    }

    /// A sum or difference whose second operand has a known sign, and whether it lies on the wrong side of the first.
    fn wrong_side(
        &mut self,
        op: &InstOp,
        check: Check,
        a: ir::Value,
        b: ir::Value,
    ) -> (ir::Value, ir::Value) {
        let result = self.wrapping(op, a, b);
        let rises = matches!(op, InstOp::AddInt { .. }) == (check == Check::NotNegative);
        let wrong = if rises {
            IntCC::SignedLessThan
        } else {
            IntCC::SignedGreaterThan
        };
        (result, self.b.ins().icmp(wrong, result, a))
    }

    /// Zero raises, and so does MIN / -1: both divisors leave the fast path.
    pub fn int_division(&mut self, inst: &Inst) {
        let (a, b) = (self.int(inst, 0), self.int(inst, 1));
        let (slow, (merge, result)) = (self.new_block(true), self.merge_block(Type::INT));
        let special = self.zero_or_minus_one(b);
        self.leave_if(special, slow);
        let quotient = if let InstOp::DivInt {} = inst.op {
            let (a, b) = if fault!(CompiledDivIsSwapped) {
                (b, a)
            } else {
                (a, b)
            };
            self.b.ins().sdiv(a, b)
        } else {
            self.b.ins().srem(a, b)
        };
        self.jump_with(merge, Val::Int(quotient), Type::INT);
        self.b.switch_to_block(slow);
        let helper = if let InstOp::DivInt {} = inst.op {
            Helper::div
        } else {
            Helper::rem
        };
        let value = self.slow_arith(helper, inst);
        self.jump_with(merge, value, Type::INT);
        self.b.switch_to_block(merge);
        self.define(inst, 0, result);
    }

    /// True for the divisors 0 and -1.
    fn zero_or_minus_one(&mut self, b: ir::Value) -> ir::Value {
        let one = self.iconst(1);
        if fault!(CompiledDivTraps) {
            return self.b.ins().icmp(IntCC::UnsignedLessThan, b, one);
        }
        let above = self.b.ins().iadd(b, one);
        self.b
            .ins()
            .icmp(IntCC::UnsignedLessThanOrEqual, above, one)
    }

    pub fn int_negation(&mut self, inst: &Inst) {
        let a = self.int(inst, 0);
        let least = self.iconst(i64::MIN);
        let overflow = self.b.ins().icmp(IntCC::Equal, a, least);
        let cold = self.new_block(true);
        self.leave_if(overflow, cold);
        self.in_cold_block(cold, |fx| fx.raise(inst, Helper::overflow_neg, &[a]));
        let result = self.b.ins().ineg(a);
        self.define(inst, 0, Val::Int(result));
    }

    /// A small int is what its lower half extends to.
    pub fn are_small(&mut self, inst: &Inst) {
        let mut rest = self.iconst(0);
        for i in 0..inst.args.len() {
            let n = self.int(inst, i);
            let half = self.b.ins().ireduce(types::I32, n);
            let extended = self.b.ins().sextend(types::I64, half);
            let difference = self.b.ins().bxor(n, extended);
            rest = self.b.ins().bor(rest, difference);
        }
        let zero = self.iconst(0);
        let small = self.b.ins().icmp(IntCC::Equal, rest, zero);
        self.define(inst, 0, Val::Bool(small));
    }

    pub fn float_arith(&mut self, inst: &Inst) {
        let (a, b) = (self.float(inst, 0), self.float(inst, 1));
        let result = match inst.op {
            InstOp::AddFloat {} => self.b.ins().fadd(a, b),
            InstOp::SubFloat {} => self.b.ins().fsub(a, b),
            _ => self.b.ins().fmul(a, b),
        };
        self.define(inst, 0, Val::Float(result));
    }

    pub fn float_negation(&mut self, inst: &Inst) {
        let a = self.float(inst, 0);
        let result = self.b.ins().fneg(a);
        self.define(inst, 0, Val::Float(result));
    }

    pub fn float_division(&mut self, inst: &Inst) {
        let (a, b) = (self.float(inst, 0), self.float(inst, 1));
        let zero = self.b.ins().f64const(0.0);
        let by_zero = self.b.ins().fcmp(FloatCC::Equal, b, zero);
        let cold = self.new_block(true);
        self.leave_if(by_zero, cold);
        self.in_cold_block(cold, |fx| fx.raise(inst, Helper::division_by_zero, &[]));
        let result = self.b.ins().fdiv(a, b);
        self.define(inst, 0, Val::Float(result));
    }

    /// `fmod` has no instruction.
    pub fn float_remainder(&mut self, inst: &Inst) {
        let (a, b) = (self.float(inst, 0), self.float(inst, 1));
        let zero = self.b.ins().f64const(0.0);
        let by_zero = self.b.ins().fcmp(FloatCC::Equal, b, zero);
        let cold = self.new_block(true);
        self.leave_if(by_zero, cold);
        self.in_cold_block(cold, |fx| fx.raise(inst, Helper::modulo_by_zero, &[]));
        let result = self.call_scalars(Helper::rem_float, &[], &[a, b]);
        self.define(inst, 0, Val::Float(result));
    }

    /// Raises an error of the runtime at the instruction's site.
    fn raise(&mut self, inst: &Inst, error: Helper, operands: &[ir::Value]) {
        self.call_raising(error, operands);
        self.enter_site(inst);
    }

    /// The runtime operation on the operands; counts as their last uses say.
    pub fn slow_arith(&mut self, helper: Helper, inst: &Inst) -> Val {
        self.call_values(inst, helper, &[])
    }

    // -- Any values

    /// All tags are `tag`.
    pub fn all_are(&mut self, tags: &[ir::Value], tag: Tag) -> ir::Value {
        let mut differs = None;
        for &t in tags {
            let expected = self.iconst(tag as i64);
            let difference = self.b.ins().bxor(t, expected);
            differs = Some(match differs {
                None => difference,
                Some(so_far) => self.b.ins().bor(so_far, difference),
            });
        }
        let (differs, zero) = (differs.expect("an operator has operands"), self.iconst(0));
        self.b.ins().icmp(IntCC::Equal, differs, zero)
    }

    pub fn any_arith(&mut self, inst: &Inst, how: Helper) {
        if self.rare {
            let value = self.slow_arith(how, inst);
            return self.define(inst, 0, value);
        }
        let ty = self.f.ty(inst.results[0]);
        let may = |fx: &Self, ty: Type| inst.args.iter().all(|a| fx.f.ty(a.value).may_be(ty));
        let parts: Vec<(ir::Value, ir::Value)> = (0..inst.args.len())
            .map(|i| self.arg(inst, i).boxed(&mut self.b))
            .collect();
        let tags: Vec<ir::Value> = parts.iter().map(|p| p.0).collect();
        let bits: Vec<ir::Value> = parts.iter().map(|p| p.1).collect();
        let (merge, result) = self.merge_block(ty);
        let slow = self.new_block(false);
        if may(self, Type::INT) {
            let next = self.new_block(false);
            guard::note(Guard::IntOperands);
            let ints = self.all_are(&tags, Tag::Int);
            let fast = self.new_block(false);
            self.prefer(ints, fast, next);
            let value = self.fast_int(how, &bits, slow);
            self.jump_with(merge, Val::Int(value), ty);
            self.b.switch_to_block(next);
        }
        if may(self, Type::FLOAT) && how != Helper::rem {
            let fast = self.new_block(false);
            guard::note(Guard::FloatOperands);
            let floats = self.all_are(&tags, Tag::Float);
            self.prefer(floats, fast, slow);
            let value = self.fast_float(how, &bits, slow);
            self.jump_with(merge, Val::Float(value), ty);
        } else {
            self.b.ins().jump(slow, &[]);
        }
        self.b.switch_to_block(slow);
        let value = self.slow_arith(how, inst);
        self.jump_with(merge, value, ty);
        self.b.switch_to_block(merge);
        self.define(inst, 0, result);
    }

    fn fast_int(&mut self, how: Helper, bits: &[ir::Value], slow: ir::Block) -> ir::Value {
        let check = Check::Flag;
        let op = match how {
            Helper::add => InstOp::AddInt { check },
            Helper::sub => InstOp::SubInt { check },
            Helper::mul => InstOp::MulInt { check },
            Helper::neg => {
                let least = self.iconst(i64::MIN);
                let overflow = self.b.ins().icmp(IntCC::Equal, bits[0], least);
                self.leave_if(overflow, slow);
                return self.b.ins().ineg(bits[0]);
            }
            _ => {
                let special = self.zero_or_minus_one(bits[1]);
                self.leave_if(special, slow);
                let div = how == Helper::div;
                return if div {
                    self.b.ins().sdiv(bits[0], bits[1])
                } else {
                    self.b.ins().srem(bits[0], bits[1])
                };
            }
        };
        let (value, overflow) = self.overflowing(&op, bits[0], bits[1]);
        self.leave_if(overflow, slow);
        value
    }

    fn fast_float(&mut self, how: Helper, bits: &[ir::Value], slow: ir::Block) -> ir::Value {
        let floats: Vec<ir::Value> = bits
            .iter()
            .map(|x| {
                self.b
                    .ins()
                    .bitcast(types::F64, ir::MemFlagsData::new(), *x)
            })
            .collect();
        match how {
            Helper::add => self.b.ins().fadd(floats[0], floats[1]),
            Helper::sub => self.b.ins().fsub(floats[0], floats[1]),
            Helper::mul => self.b.ins().fmul(floats[0], floats[1]),
            Helper::neg => self.b.ins().fneg(floats[0]),
            _ => {
                let zero = self.b.ins().f64const(0.0);
                let by_zero = self.b.ins().fcmp(FloatCC::Equal, floats[1], zero);
                self.leave_if(by_zero, slow);
                self.b.ins().fdiv(floats[0], floats[1])
            }
        }
    }
}

/// Whether a planted fault takes away the check of such an operation.
fn wraps(op: &InstOp) -> bool {
    match op {
        InstOp::AddInt { .. } => fault!(CompiledAddWraps),
        InstOp::SubInt { .. } => fault!(CompiledSubWraps),
        InstOp::MulInt { .. } => fault!(CompiledMulWraps),
        _ => false,
    }
}
