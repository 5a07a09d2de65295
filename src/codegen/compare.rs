//! Comparisons and truthiness.

use super::cx::FuncCx;
use super::guard::{self, Guard};
use super::val::Val;
use crate::ssa::ir::{Compare, Inst};
use crate::ssa::types::Type;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{self, InstBuilder, types};
use ruff_runtime::abi::Helper;
use ruff_runtime::fault;
use ruff_runtime::value::Tag;

/// Finite floats this near are equal (language.md §7.2).
const TOLERANCE: f64 = f64::EPSILON;

impl FuncCx<'_, '_> {
    pub fn compare_ints(&mut self, inst: &Inst, how: Compare) {
        let (a, b) = (self.int(inst, 0), self.int(inst, 1));
        let result = self.b.ins().icmp(int_condition(how), a, b);
        self.define(inst, 0, Val::Bool(result));
    }

    pub fn compare_bools(&mut self, inst: &Inst, how: Compare) {
        let (a, b) = (self.boolean(inst, 0), self.boolean(inst, 1));
        let result = self.b.ins().icmp(int_condition(how), a, b);
        self.define(inst, 0, Val::Bool(result));
    }

    pub fn compare_floats(&mut self, inst: &Inst, how: Compare) {
        let (a, b) = (self.float(inst, 0), self.float(inst, 1));
        let result = self.float_comparison(how, a, b);
        self.define(inst, 0, Val::Bool(result));
    }

    fn float_comparison(&mut self, how: Compare, a: ir::Value, b: ir::Value) -> ir::Value {
        let condition = match how {
            Compare::Lt => FloatCC::LessThan,
            Compare::Le => FloatCC::LessThanOrEqual,
            Compare::Gt => FloatCC::GreaterThan,
            Compare::Ge => FloatCC::GreaterThanOrEqual,
            Compare::Eq => return self.float_equality(a, b),
            Compare::Ne => {
                let equal = self.float_equality(a, b);
                let one = self.b.ins().iconst(types::I8, 1);
                return self.b.ins().bxor(equal, one);
            }
        };
        self.b.ins().fcmp(condition, a, b)
    }

    /// Near, or equal as they are: the latter is for infinities, whose difference is NaN.
    fn float_equality(&mut self, a: ir::Value, b: ir::Value) -> ir::Value {
        let difference = self.b.ins().fsub(a, b);
        let distance = self.b.ins().fabs(difference);
        let tolerance = if fault!(CompiledEqualityIsExact) {
            0.0
        } else {
            TOLERANCE
        };
        let tolerance = self.b.ins().f64const(tolerance);
        let near = self.b.ins().fcmp(FloatCC::LessThan, distance, tolerance);
        let same = self.b.ins().fcmp(FloatCC::Equal, a, b);
        self.b.ins().bor(near, same)
    }

    pub fn not_bool(&mut self, inst: &Inst) {
        let x = self.boolean(inst, 0);
        let one = self.b.ins().iconst(types::I8, 1);
        let result = self.b.ins().bxor(x, one);
        self.define(inst, 0, Val::Bool(result));
    }

    /// Any values: two ints or two floats inline, everything else by the runtime operation.
    pub fn compare_any(&mut self, inst: &Inst, how: Helper) {
        if self.rare {
            let value = self.call_values(inst, how, &[]);
            return self.define(inst, 0, value);
        }
        let ty = self.f.ty(inst.results[0]);
        let may = |fx: &Self, ty: Type| inst.args.iter().all(|a| fx.f.ty(a.value).may_be(ty));
        let compare = match how {
            Helper::eq => Compare::Eq,
            Helper::ne => Compare::Ne,
            Helper::lt => Compare::Lt,
            Helper::le => Compare::Le,
            Helper::gt => Compare::Gt,
            _ => Compare::Ge,
        };
        let (ta, a) = self.arg(inst, 0).boxed(&mut self.b);
        let (tb, b) = self.arg(inst, 1).boxed(&mut self.b);
        let (merge, result) = self.merge_block(ty);
        let slow = self.new_block(false);
        if may(self, Type::INT) {
            let (fast, next) = (self.new_block(false), self.new_block(false));
            guard::note(Guard::IntsCompared);
            let ints = self.all_are(&[ta, tb], Tag::Int);
            self.prefer(ints, fast, next);
            let holds = self.b.ins().icmp(int_condition(compare), a, b);
            self.jump_with(merge, Val::Bool(holds), ty);
            self.b.switch_to_block(next);
        }
        if may(self, Type::FLOAT) {
            let fast = self.new_block(false);
            guard::note(Guard::FloatsCompared);
            let floats = self.all_are(&[ta, tb], Tag::Float);
            self.prefer(floats, fast, slow);
            let flags = ir::MemFlagsData::new();
            let (x, y) = (
                self.b.ins().bitcast(types::F64, flags, a),
                self.b.ins().bitcast(types::F64, flags, b),
            );
            let holds = self.float_comparison(compare, x, y);
            self.jump_with(merge, Val::Bool(holds), ty);
        } else {
            self.b.ins().jump(slow, &[]);
        }
        self.b.switch_to_block(slow);
        let value = self.call_values(inst, how, &[]);
        self.jump_with(merge, value, ty);
        self.b.switch_to_block(merge);
        self.define(inst, 0, result);
    }

    pub fn truthy(&mut self, inst: &Inst) {
        let result = match self.arg(inst, 0) {
            Val::Bool(b) => b,
            Val::Int(n) => self.not_zero(n),
            Val::Float(x) => {
                let zero = self.b.ins().f64const(0.0);
                self.b.ins().fcmp(FloatCC::NotEqual, x, zero)
            }
            Val::Null => self.b.ins().iconst(types::I8, 0),
            Val::Boxed(tag, bits) => self.boxed_truthiness(inst, tag, bits),
        };
        self.define(inst, 0, Val::Bool(result));
    }

    fn not_zero(&mut self, n: ir::Value) -> ir::Value {
        let zero = self.iconst(0);
        self.b.ins().icmp(IntCC::NotEqual, n, zero)
    }

    /// Null, bools and ints are the smallest tags and truthy if their payload is not 0; the runtime knows the others.
    fn boxed_truthiness(&mut self, inst: &Inst, tag: ir::Value, bits: ir::Value) -> ir::Value {
        if self.rare {
            return match self.call_values(inst, Helper::truthy, &[]) {
                Val::Bool(b) => b,
                _ => unreachable!("the helper gives a bool"),
            };
        }
        let (merge, result) = self.merge_block(Type::BOOL);
        let (fast, slow) = (self.new_block(false), self.new_block(false));
        let last = self.iconst(Tag::Int as i64);
        guard::note(Guard::SimpleCondition);
        let simple = self.b.ins().icmp(IntCC::UnsignedLessThanOrEqual, tag, last);
        self.prefer(simple, fast, slow);
        let holds = self.not_zero(bits);
        self.jump_with(merge, Val::Bool(holds), Type::BOOL);
        self.b.switch_to_block(slow);
        let value = self.call_values(inst, Helper::truthy, &[]);
        self.jump_with(merge, value, Type::BOOL);
        self.b.switch_to_block(merge);
        match result {
            Val::Bool(b) => b,
            _ => unreachable!("a merge block of bool"),
        }
    }

    /// Whether the tag is one of a set: a bit test.
    pub fn has_type(&mut self, inst: &Inst, ty: Type) {
        let (tag, _) = self.arg(inst, 0).boxed(&mut self.b);
        let result = match ty.only_tag() {
            Some(only) => {
                let only = self.iconst(only as i64);
                self.b.ins().icmp(IntCC::Equal, tag, only)
            }
            None => {
                let set = self.iconst(i64::from(ty.tags()));
                let shifted = self.b.ins().ushr(set, tag);
                let one = self.iconst(1);
                let bit = self.b.ins().band(shifted, one);
                self.b.ins().ireduce(types::I8, bit)
            }
        };
        self.define(inst, 0, Val::Bool(result));
    }
}

fn int_condition(how: Compare) -> IntCC {
    match how {
        Compare::Eq => IntCC::Equal,
        Compare::Ne => IntCC::NotEqual,
        Compare::Lt => IntCC::SignedLessThan,
        Compare::Le => IntCC::SignedLessThanOrEqual,
        Compare::Gt => IntCC::SignedGreaterThan,
        Compare::Ge if fault!(CompiledGeIsStrict) => IntCC::SignedGreaterThan,
        Compare::Ge => IntCC::SignedGreaterThanOrEqual,
    }
}
