//! Fields of structs: each place in the code remembers the shape that it last saw and where the field lies in it
//! (inline caching: Deutsch and Schiffman, "Efficient implementation of the Smalltalk-80 system", 1984; here the cache is data,
//! so that code is never patched and may be in an executable).

use super::cx::FuncCx;
use super::guard::{self, Guard};
use super::val::Val;
use crate::ssa::ir::Inst;
use crate::ssa::types::Type;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, InstBuilder, types};
use cranelift_module::DataId;
use ruff_runtime::abi::Helper;
use ruff_runtime::fault;
use ruff_runtime::layout::{field_cache, record};
use ruff_runtime::value::Tag;

impl FuncCx<'_, '_> {
    /// A fresh cache, which no struct's shape matches.
    fn new_cache(&mut self) -> ir::Value {
        let cache = self.unit.new_data(field_cache::SIZE);
        self.data_address(cache)
    }

    /// The address of a piece of data of this module.
    fn data_address(&mut self, data: DataId) -> ir::Value {
        let data = self.unit.module.declare_data_in_func(data, self.b.func);
        self.b.ins().symbol_value(types::I64, data)
    }

    /// The address of a struct's field. If the cache does not know the shape it learns it, and control goes to `miss`.
    pub fn field_address(&mut self, object: ir::Value, name: u64, miss: ir::Block) -> ir::Value {
        let cache = self.new_cache();
        guard::note(Guard::Shape);
        let shape = self.load(types::I64, object, record::SHAPE);
        let known = self.load(types::I64, cache, field_cache::SHAPE);
        let differs = match fault!(CompiledFieldsIgnoreShapes) {
            true => self.b.ins().icmp_imm_u(IntCC::Equal, known, 0),
            false => self.b.ins().icmp(IntCC::NotEqual, shape, known),
        };
        let learn = self.new_block(true);
        self.guard(differs, learn);
        self.in_cold_block(learn, |fx| {
            let tag = fx.iconst(Tag::Struct as i64);
            let name = fx.iconst(name as i64);
            fx.call_scalars(
                Helper::learn_field,
                &[Val::Boxed(tag, object)],
                &[name, cache],
            );
            fx.b.ins().jump(miss, &[]);
        });
        let offset = self.load(types::I64, cache, field_cache::OFFSET);
        self.b.ins().iadd(object, offset)
    }

    /// `a.name`, by a helper that does so.
    pub fn get_field(&mut self, inst: &Inst, helper: Helper, imms: [u64; 2]) {
        let record = self.f.ty(inst.args[0].value);
        let imms_of_helper = super::helper::immediates(helper, imms);
        if self.rare || !record.may_be(Type::of(Tag::Struct)) {
            let value = self.call_values(inst, helper, &imms_of_helper);
            return self.define(inst, 0, value);
        }
        let ty = self.f.ty(inst.results[0]);
        let (merge, result) = self.merge_block(ty);
        let slow = self.new_block(false);
        let (tag, object) = self.arg(inst, 0).boxed(&mut self.b);
        self.unless_tag(record, tag, Tag::Struct, slow);
        let address = self.field_address(object, imms[0], slow);
        let value = self.load_value(address, 0);
        if let Val::Boxed(tag, bits) = value {
            self.retain_parts(tag, bits, false);
        }
        if inst.args[0].last {
            self.release(inst.args[0].value);
        }
        self.jump_with(merge, value, ty);
        self.b.switch_to_block(slow);
        let value = self.call_values(inst, helper, &imms_of_helper);
        self.jump_with(merge, value, ty);
        self.b.switch_to_block(merge);
        self.define(inst, 0, result);
    }
}
