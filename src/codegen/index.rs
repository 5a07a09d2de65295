//! Reading and writing elements, appending, lengths: arrays inline as far as types and counts allow, everything else by
//! the runtime.

use super::array::storage_for;
use super::cx::FuncCx;
use super::guard::{self, Guard};
use super::helper::Imm;
use super::val::Val;
use crate::ssa::ir::{Edge, Inst, ValueId};
use crate::ssa::types::Type;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, InstBuilder, types};
use ruff_runtime::abi::Helper;
use ruff_runtime::fault;
use ruff_runtime::layout::array;
use ruff_runtime::value::Tag;

impl FuncCx<'_, '_> {
    /// Goes to `other` unless the index is an int within the array. Gives it.
    pub fn index_within(
        &mut self,
        index: ValueId,
        array: Type,
        object: ir::Value,
        other: ir::Block,
    ) -> ir::Value {
        let ty = self.f.ty(index);
        let (tag, index) = self.val(index).boxed(&mut self.b);
        self.unless_tag(ty, tag, Tag::Int, other);
        guard::note(Guard::Bounds);
        let len = self.array_header(array, object, array::LEN);
        let outside = match fault!(CompiledBoundsAreOff) {
            true => IntCC::UnsignedGreaterThan,
            false => IntCC::UnsignedGreaterThanOrEqual,
        };
        let outside = self.b.ins().icmp(outside, index, len);
        self.guard(outside, other);
        index
    }

    /// `a[at]`
    pub fn index(&mut self, inst: &Inst) {
        let (array, at) = (self.f.ty(inst.args[0].value), self.f.ty(inst.args[1].value));
        if self.rare || array.element().is_none() || !at.may_be(Type::INT) {
            let value = self.call_values(inst, Helper::index, &[]);
            return self.define(inst, 0, value);
        }
        let ty = self.f.ty(inst.results[0]);
        let (merge, result) = self.merge_block(ty);
        let slow = self.new_block(array.is(Type::ARRAY));
        let (tag, object) = self.arg(inst, 0).boxed(&mut self.b);
        self.unless_tag(array, tag, Tag::Array, slow);
        let index = self.index_within(inst.args[1].value, array, object, slow);
        let value = self.load_element(array, object, index);
        if inst.args[0].last {
            self.release(inst.args[0].value);
        }
        self.jump_with(merge, value, ty);
        self.b.switch_to_block(slow);
        let value = self.call_values(inst, Helper::index, &[]);
        self.jump_with(merge, value, ty);
        self.b.switch_to_block(merge);
        self.define(inst, 0, result);
    }

    /// `push(array, value)`: in place if there is room and nobody else holds the array.
    pub fn push(&mut self, inst: &Inst, builtin: u16) {
        let (array, value) = (self.f.ty(inst.args[0].value), self.f.ty(inst.args[1].value));
        let storage = storage_for(array, value);
        let itself = inst.args[0].value == inst.args[1].value;
        let Some(storage) = storage.filter(|_| inst.args[0].last && !itself && !self.rare) else {
            return self.call_any_builtin(inst, builtin);
        };
        let ty = self.f.ty(inst.results[0]);
        let (merge, result) = self.merge_block(ty);
        let slow = self.new_block(array.is(Type::ARRAY));
        let (tag, object) = self.arg(inst, 0).boxed(&mut self.b);
        self.unless_tag(array, tag, Tag::Array, slow);
        self.unless_unique(object, slow);
        self.unless_storage(array, object, storage, slow);
        let len = self.array_len(object);
        let capacity = self.load(types::I64, object, array::CAPACITY);
        guard::note(Guard::Capacity);
        let full = self.b.ins().icmp(IntCC::Equal, len, capacity);
        self.guard(full, slow);
        if !inst.args[1].last {
            self.retain(inst.args[1].value);
        }
        let value = self.arg(inst, 1);
        self.store_element(storage, object, len, value, false);
        let one = self.iconst(1);
        let longer = self.b.ins().iadd(len, one);
        let longer = if fault!(CompiledPushesAreLost) {
            len
        } else {
            longer
        };
        self.store(longer, object, array::LEN);
        self.jump_with(merge, Val::Boxed(tag, object), ty);
        self.b.switch_to_block(slow);
        let value = self.call_values(inst, Helper::call_builtin, &[Imm::Builtin(builtin)]);
        self.jump_with(merge, value, ty);
        self.b.switch_to_block(merge);
        self.define(inst, 0, result);
    }

    /// `len(value)`
    pub fn len(&mut self, inst: &Inst, builtin: u16) {
        let ty = self.f.ty(inst.args[0].value);
        if self.rare || !ty.may_be(Type::ARRAY) {
            return self.call_any_builtin(inst, builtin);
        }
        let (merge, result) = self.merge_block(Type::INT);
        let slow = self.new_block(false);
        let (tag, object) = self.arg(inst, 0).boxed(&mut self.b);
        self.unless_tag(ty, tag, Tag::Array, slow);
        let len = self.array_len(object);
        if inst.args[0].last {
            self.release(inst.args[0].value);
        }
        self.jump_with(merge, Val::Int(len), Type::INT);
        self.b.switch_to_block(slow);
        if ty.is(Type::ARRAY) {
            self.b.ins().trap(super::control::NEVER);
        } else {
            let value = self.call_values(inst, Helper::call_builtin, &[Imm::Builtin(builtin)]);
            self.jump_with(merge, value, Type::INT);
        }
        self.b.switch_to_block(merge);
        self.define(inst, 0, result);
    }

    /// True if a step over this value is inline: then it is lowered together with the branch that ends its block.
    pub fn steps_inline(&self, inst: &Inst) -> bool {
        let subject = self.f.ty(inst.args[0].value);
        subject.is(Type::ARRAY) && !subject.element().is_none()
    }

    /// A step of a loop over an array: to `then` with the element, to `otherwise` at the end.
    pub fn step_over_array(&mut self, inst: &Inst, then: &Edge, otherwise: &Edge) {
        let ty = self.f.ty(inst.args[0].value);
        let (_, object) = self.arg(inst, 0).boxed(&mut self.b);
        let position = self.int(inst, 1);
        let one = self.iconst(1);
        let next = self.b.ins().iadd(position, one);
        self.define(inst, 0, Val::Int(next));
        let len = self.array_header(ty, object, array::LEN);
        let has = self.b.ins().icmp(IntCC::UnsignedLessThan, position, len);
        let element = self.new_block(false);
        let in_order = self.comes_first(then.to, otherwise.to);
        let (otherwise, args) = self.edge(otherwise);
        self.branch(has, (element, &[]), (otherwise, &args), in_order);
        self.b.switch_to_block(element);
        let item = self.load_element(ty, object, position);
        self.define(inst, 1, item);
        let (then, args) = self.edge(then);
        self.b.ins().jump(then, &args);
    }
}
