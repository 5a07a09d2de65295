//! Reading elements: arrays inline as far as their storage allows, everything else by the runtime.

use super::cx::{BITS, FuncCx, VALUE_SIZE};
use super::val::Val;
use crate::ssa::ir::Inst;
use crate::ssa::types::Type;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, InstBuilder, types};
use ruff_runtime::abi::Helper;
use ruff_runtime::layout::array::{self, Storage};
use ruff_runtime::value::Tag;

// A number's tag follows from the storage it lies in.
const _: () = assert!(Storage::Ints as u64 == 0 && Storage::Floats as u64 == 1);
const _: () = assert!(Tag::Float as u64 == Tag::Int as u64 + 1);

impl FuncCx<'_, '_> {
    /// `a[at]`
    pub fn index(&mut self, inst: &Inst) {
        let (a, at) = (self.f.ty(inst.args[0].value), self.f.ty(inst.args[1].value));
        if !a.may_be(Type::of(Tag::Array)) || !at.may_be(Type::INT) {
            let value = self.call_values(inst, Helper::index, &[]);
            return self.define(inst, 0, value);
        }
        let ty = self.f.ty(inst.results[0]);
        let (merge, result) = self.merge_block(ty);
        let slow = self.new_block(false);
        let (tag, object) = self.arg(inst, 0).boxed(&mut self.b);
        let (index_tag, index) = self.arg(inst, 1).boxed(&mut self.b);
        self.unless(IntCC::NotEqual, tag, Tag::Array as i64, slow);
        if at != Type::INT {
            self.unless(IntCC::NotEqual, index_tag, Tag::Int as i64, slow);
        }
        let len = self.load(types::I64, object, array::LEN);
        let outside = self
            .b
            .ins()
            .icmp(IntCC::UnsignedGreaterThanOrEqual, index, len);
        self.leave_if(outside, slow);
        let storage = self.load(types::I64, object, array::STORAGE);
        let data = self.load(types::I64, object, array::DATA);
        let boxed = self.new_block(false);
        self.unless(
            IntCC::UnsignedGreaterThan,
            storage,
            Storage::Floats as i64,
            boxed,
        );

        let address = self.element(data, index, BITS);
        let bits = self.load(types::I64, address, 0);
        let int = self.iconst(Tag::Int as i64);
        let tag = self.b.ins().iadd(storage, int);
        self.leave_with(inst, Val::Boxed(tag, bits), merge, ty);

        self.b.switch_to_block(boxed);
        self.unless(IntCC::NotEqual, storage, Storage::Values as i64, slow);
        let address = self.element(data, index, VALUE_SIZE);
        let value = self.load_value(address, 0);
        if let Val::Boxed(tag, bits) = value {
            self.retain_parts(tag, bits, false);
        }
        self.leave_with(inst, value, merge, ty);

        self.b.switch_to_block(slow);
        let value = self.call_values(inst, Helper::index, &[]);
        self.jump_with(merge, value, ty);
        self.b.switch_to_block(merge);
        self.define(inst, 0, result);
    }

    /// Goes to `other` if the word compares so with the number, else on.
    fn unless(&mut self, how: IntCC, word: ir::Value, number: i64, other: ir::Block) {
        let number = self.iconst(number);
        let differs = self.b.ins().icmp(how, word, number);
        self.leave_if(differs, other);
    }

    fn element(&mut self, data: ir::Value, index: ir::Value, size: i32) -> ir::Value {
        let size = self.iconst(i64::from(size));
        let offset = self.b.ins().imul(index, size);
        self.b.ins().iadd(data, offset)
    }

    /// Gives the collection up if this was its last use, and goes on with an element.
    fn leave_with(&mut self, inst: &Inst, value: Val, merge: ir::Block, ty: Type) {
        if inst.args[0].last {
            self.release(inst.args[0].value);
        }
        self.jump_with(merge, value, ty);
    }
}
