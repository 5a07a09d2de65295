//! Stores to places, `root.f[i] := v`: the walk is inline where nobody else holds what lies on the way and nothing has to be
//! made. Anywhere else, before anything has changed, the runtime does it all.

use super::array::storage_for;
use super::cx::{FuncCx, VALUE_SIZE};
use super::val::Val;
use crate::ssa::ir::Inst;
use crate::ssa::types::Type;
use cranelift_codegen::ir::{self, types};
use ruff_runtime::abi::Helper;
use ruff_runtime::image::{NameId, Step};
use ruff_runtime::layout::array::{self, Storage};
use ruff_runtime::value::Tag;

/// What lies at a step of the walk.
#[derive(Clone, Copy)]
struct Level {
    ty: Type,
    tag: ir::Value,
    object: ir::Value,
}

/// Where the value and the first index of a path stand among the operands.
#[derive(Clone, Copy)]
struct Operands {
    value: usize,
    indices: usize,
}

impl FuncCx<'_, '_> {
    /// `root.name = value`
    pub fn set_field(&mut self, inst: &Inst, name: u64) {
        self.store_inline(
            inst,
            &[Step::Field(name as NameId)],
            Operands {
                value: 1,
                indices: 2,
            },
            Helper::set_field,
            [name, 0],
        );
    }

    /// `root[at] = value`: the index comes before the value.
    pub fn set_index(&mut self, inst: &Inst) {
        self.store_inline(
            inst,
            &[Step::Index],
            Operands {
                value: 2,
                indices: 1,
            },
            Helper::set_index,
            [0, 0],
        );
    }

    /// `root.path = value`: root, value, then the indices of the path.
    pub fn store_place(&mut self, inst: &Inst, imms: [u64; 2]) {
        let steps = self.unit.places[imms[0] as usize].clone();
        self.store_inline(
            inst,
            &steps,
            Operands {
                value: 1,
                indices: 2,
            },
            Helper::store_place,
            imms,
        );
    }

    fn store_inline(
        &mut self,
        inst: &Inst,
        steps: &[Step],
        operands: Operands,
        helper: Helper,
        imms: [u64; 2],
    ) {
        let (root, stored) = (inst.args[0].value, inst.args[operands.value]);
        let imms = super::helper::immediates(helper, imms);
        // What becomes a part of itself has a second holder that is not counted yet.
        let Some((last, before)) = steps
            .split_last()
            .filter(|_| root != stored.value && !self.rare)
        else {
            return self.call_changing(inst, helper, &imms);
        };
        let ty = self.f.ty(inst.results[0]);
        let (merge, result) = self.merge_block(ty);
        let slow = self.new_block(false);
        let (tag, object) = self.val(root).boxed(&mut self.b);
        let mut at = Level {
            ty: self.f.ty(root),
            tag,
            object,
        };
        let mut indices = inst.args[operands.indices.min(inst.args.len())..].iter();
        for step in before {
            let slot = match step {
                Step::Field(name) => self.unique_field(at, *name, slow),
                Step::Index => {
                    let index = indices
                        .next()
                        .expect("a path has an operand for each index");
                    self.unique_array(at, Storage::Values, slow);
                    let index = self.index_within(index.value, at.ty, at.object, slow);
                    let data = self.load(types::I64, at.object, array::DATA);
                    self.element_address(data, index, VALUE_SIZE)
                }
            };
            at = self.level_at(slot);
        }
        let old = match last {
            Step::Field(name) => {
                let slot = self.unique_field(at, *name, slow);
                let old = self.load_value(slot, 0);
                let value = self.stored(stored);
                self.store_value(value, slot, 0);
                Some(old)
            }
            Step::Index => {
                let index = indices
                    .next()
                    .expect("a path has an operand for each index");
                let value_type = self.f.ty(stored.value);
                let storage = storage_for(at.ty, value_type).unwrap_or(Storage::Values);
                self.unique_array(at, storage, slow);
                let index = self.index_within(index.value, at.ty, at.object, slow);
                let value = self.stored(stored);
                self.store_element(storage, at.object, index, value, true)
            }
        };
        if let Some(Val::Boxed(tag, bits)) = old {
            self.release_parts(tag, bits, false);
        }
        self.jump_with(merge, Val::Boxed(tag, object), ty);
        self.b.switch_to_block(slow);
        self.call_changing(inst, helper, &imms);
        let changed = self.val(inst.results[0]);
        self.jump_with(merge, changed, ty);
        self.b.switch_to_block(merge);
        self.define(inst, 0, result);
    }

    /// The value to store, with a count for the place.
    fn stored(&mut self, arg: crate::ssa::ir::Arg) -> Val {
        if !arg.last {
            self.retain(arg.value);
        }
        self.val(arg.value)
    }

    fn level_at(&mut self, slot: ir::Value) -> Level {
        Level {
            ty: Type::ANY,
            tag: self.load(types::I64, slot, 0),
            object: self.load(types::I64, slot, super::cx::BITS),
        }
    }

    /// The address of a field of a struct that nobody else holds.
    fn unique_field(&mut self, at: Level, name: NameId, slow: ir::Block) -> ir::Value {
        self.unless_tag(at.ty, at.tag, Tag::Struct, slow);
        self.unless_unique(at.object, slow);
        self.field_address(at.object, u64::from(name), slow)
    }

    fn unique_array(&mut self, at: Level, storage: Storage, slow: ir::Block) {
        self.unless_tag(at.ty, at.tag, Tag::Array, slow);
        self.unless_unique(at.object, slow);
        self.unless_storage(at.ty, at.object, storage, slow);
    }
}
