//! The arms of the lowering: one line per instruction. An index; the work is in the families.

use super::cx::FuncCx;
use super::val::Val;
use crate::reach::{self, Table};
use crate::ssa::ir::{Inst, InstOp};
use cranelift_codegen::ir::{InstBuilder, types};
use ruff_runtime::fault;
use ruff_runtime::value::Tag;

impl FuncCx<'_, '_> {
    /// Lowers an instruction.
    pub fn lower_inst(&mut self, inst: &Inst) {
        reach::note(Table::Instructions, inst.op.name());
        match inst.op {
            InstOp::ConstInt { n } => {
                let n = self.iconst(n);
                self.define(inst, 0, Val::Int(n));
            }
            InstOp::ConstFloat { bits } => {
                let x = self.b.ins().f64const(f64::from_bits(bits));
                self.define(inst, 0, Val::Float(x));
            }
            InstOp::ConstBool { b } => {
                let b = self.b.ins().iconst(types::I8, i64::from(b));
                self.define(inst, 0, Val::Bool(b));
            }
            InstOp::ConstNull {} => self.define(inst, 0, Val::Null),
            InstOp::ConstUninit {} => {
                let (tag, bits) = (self.iconst(Tag::Uninit as i64), self.iconst(0));
                self.define(inst, 0, Val::Boxed(tag, bits));
            }
            InstOp::ConstPool { k } => self.const_pool(inst, k),
            InstOp::ConstBuiltin { builtin } => {
                let (tag, bits) = (
                    self.iconst(Tag::Builtin as i64),
                    self.builtin_address(builtin),
                );
                self.define(inst, 0, Val::Boxed(tag, bits));
            }

            InstOp::AddInt { check } | InstOp::SubInt { check } | InstOp::MulInt { check } => {
                self.int_arith(inst, check);
            }
            InstOp::DivInt {} | InstOp::RemInt {} => self.int_division(inst),
            InstOp::NegInt {} => self.int_negation(inst),
            InstOp::AddFloat {} | InstOp::SubFloat {} | InstOp::MulFloat {} => {
                self.float_arith(inst)
            }
            InstOp::NegFloat {} => self.float_negation(inst),
            InstOp::DivFloat {} => self.float_division(inst),
            InstOp::RemFloat {} => self.float_remainder(inst),
            InstOp::IntToFloat {} => {
                let n = self.int(inst, 0);
                let x = match fault!(CompiledConversionIsUnsigned) {
                    true => self.b.ins().fcvt_from_uint(types::F64, n),
                    false => self.b.ins().fcvt_from_sint(types::F64, n),
                };
                self.define(inst, 0, Val::Float(x));
            }
            InstOp::Arith { how } => self.any_arith(inst, how),
            InstOp::IsSmall {} => self.are_small(inst),
            InstOp::Small {} => {
                let n = self.int(inst, 0);
                self.define(inst, 0, Val::Int(n));
            }

            InstOp::CmpInt { how } => self.compare_ints(inst, how),
            InstOp::CmpFloat { how } => self.compare_floats(inst, how),
            InstOp::CmpBool { how } => self.compare_bools(inst, how),
            InstOp::CompareAny { how } => self.compare_any(inst, how),
            InstOp::NotBool {} => self.not_bool(inst),
            InstOp::Truthy {} => self.truthy(inst),
            InstOp::HasType { ty } => self.has_type(inst, ty),

            InstOp::Helper { helper, imms } => self.call_helper_inst(inst, helper, imms),
            InstOp::Retain {} => self.retain(inst.args[0].value),
            InstOp::Release {} => self.release(inst.args[0].value),

            InstOp::LoadGlobal { global } => self.load_global(inst, global),
            InstOp::StoreGlobal { global } => self.store_global(inst, global),
            InstOp::CheckInit { error, index } => self.check_init(inst, error, index),
            InstOp::LoadKept { r } => self.load_kept(inst, r),
            InstOp::TakeKept { r } => self.take_kept(inst, r),
            InstOp::StoreKept { r } => self.store_kept(inst, r),
            InstOp::LoadCell {} => self.load_cell(inst),
            InstOp::LoadCapture { capture } => self.load_capture(inst, capture),
            InstOp::LoadCallee {} => self.load_callee(inst),

            InstOp::CallValue {} => self.call_value(inst),
            InstOp::CallFunc { func } => self.call_func(inst, func),
            InstOp::CallVersion { version } => self.call_version(inst, version),
            InstOp::CallBuiltin { builtin } => self.call_builtin(inst, builtin),
            InstOp::CallMethod { name } => self.call_method(inst, name),

            InstOp::LeaveLoop { pc } => self.leave_loop(inst, pc),

            InstOp::RangeNext {} => self.range_next(inst),
            InstOp::IterNext {} => self.iter_next(inst),
            InstOp::Catch {} => self.catch(inst),
            InstOp::Located { pos } => self.located(pos),
            InstOp::Unwound { func } => self.unwound(func),
            InstOp::CheckDepth { func, level } => self.check_inlined_depth(inst, func, level),
        }
    }
}
