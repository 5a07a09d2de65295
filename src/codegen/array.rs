//! The memory of arrays: header, elements by storage, whether an array may be changed in place.
//!
//! In: words and static types. Out: loads and stores. It does not know which instruction asks for them.

use super::cx::{FuncCx, VALUE_SIZE};
use super::guard::{self, Guard};
use super::val::Val;
use crate::ssa::types::Type;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, InstBuilder, MemFlagsData, types};
use ruff_runtime::fault;
use ruff_runtime::layout;
use ruff_runtime::layout::array::{self, Storage};
use ruff_runtime::value::Tag;

/// How the elements of a storage lie in memory.
fn element(storage: Storage) -> (ir::Type, i32) {
    match storage {
        Storage::Ints => (types::I64, 8),
        Storage::Floats => (types::F64, 8),
        Storage::Bools => (types::I8, 1),
        Storage::Values => (types::I64, VALUE_SIZE),
    }
}

/// The storage in which an array of type `array` keeps a value of type `value`, as far as it can be told before the
/// program runs: the array's own if that is known, else the one that fits the value.
pub fn storage_for(array: Type, value: Type) -> Option<Storage> {
    let storage = match (array.only_storage(), Type::array_with(value).only_storage()) {
        (Some(own), _) if value.is(Type::array_of(own).element()) => own,
        (None, Some(fitting)) => fitting,
        _ => Storage::Values,
    };
    array.may_be(Type::array_of(storage)).then_some(storage)
}

impl FuncCx<'_, '_> {
    /// Goes to `other` unless `tag` is the wanted one; nothing if its type says that it is.
    pub fn unless_tag(&mut self, ty: Type, tag: ir::Value, wanted: Tag, other: ir::Block) {
        if ty.only_tag() != Some(wanted) {
            guard::note(match wanted {
                Tag::Int => Guard::IndexTag,
                Tag::Array => Guard::ArrayTag,
                _ => Guard::StructTag,
            });
            let wanted = self.iconst(wanted as i64);
            let differs = self.b.ins().icmp(IntCC::NotEqual, tag, wanted);
            self.guard(differs, other);
        }
    }

    /// A field of an array's header, for a use that comes before the array's next change.
    ///
    /// If the value is known to be an array, the load may move: a change in place gives a new value, so nothing
    /// of this one ever changes.
    pub fn array_header(&mut self, ty: Type, object: ir::Value, offset: i32) -> ir::Value {
        if !ty.is(Type::ARRAY) {
            return self.load(types::I64, object, offset);
        }
        let flags = MemFlagsData::trusted().with_readonly().with_can_move();
        self.b.ins().load(types::I64, flags, object, offset)
    }

    /// The length as it is now.
    pub fn array_len(&mut self, object: ir::Value) -> ir::Value {
        self.load(types::I64, object, array::LEN)
    }

    /// Goes to `other` unless the array's storage is that; nothing if its type says so.
    pub fn unless_storage(
        &mut self,
        ty: Type,
        object: ir::Value,
        storage: Storage,
        other: ir::Block,
    ) {
        // An array without elements may have any storage.
        let known = ty.only_storage() == Some(storage) && !ty.may_be(Type::EMPTY_ARRAY);
        if !known && !fault!(CompiledStoresIgnoreStorage) {
            guard::note(Guard::Storage);
            let actual = self.load(types::I64, object, array::STORAGE);
            let wanted = self.iconst(storage as i64);
            let differs = self.b.ins().icmp(IntCC::NotEqual, actual, wanted);
            self.guard(differs, other);
        }
    }

    /// Goes to `other` if somebody else holds the object, too.
    pub fn unless_unique(&mut self, object: ir::Value, other: ir::Block) {
        if fault!(CompiledStoresIgnoreSharing) {
            return;
        }
        guard::note(Guard::Sharing);
        let count = self.load(types::I32, object, layout::header::COUNT);
        let one = self.b.ins().iconst(types::I32, 1);
        let shared = self.b.ins().icmp(IntCC::NotEqual, count, one);
        if self.unit.shape.copies {
            let always = self.iconst(1);
            return self.leave_if(always, other);
        }
        self.guard(shared, other);
    }

    /// The address of an element of so many bytes.
    pub fn element_address(&mut self, data: ir::Value, index: ir::Value, size: i32) -> ir::Value {
        let size = self.iconst(i64::from(size));
        let offset = self.b.ins().imul(index, size);
        self.b.ins().iadd(data, offset)
    }

    /// The element at an index below the length, with a count of its own.
    pub fn load_element(&mut self, array: Type, object: ir::Value, index: ir::Value) -> Val {
        let data = self.array_header(array, object, array::DATA);
        if let Some(storage) = array.only_storage() {
            return self.load_stored(storage, data, index);
        }
        let storages = [
            Storage::Ints,
            Storage::Floats,
            Storage::Bools,
            Storage::Values,
        ];
        let possible: Vec<Storage> = storages
            .into_iter()
            .filter(|s| array.may_be(Type::array_of(*s)))
            .collect();
        guard::note(Guard::ElementStorage);
        let actual = self.array_header(array, object, array::STORAGE);
        let ty = array.both(Type::ARRAY).element();
        let (merge, result) = self.merge_block(ty);
        let (last, others) = possible.split_last().expect("an element has a storage");
        for &storage in others {
            let next = self.new_block(false);
            let wanted = self.iconst(storage as i64);
            let differs = self.b.ins().icmp(IntCC::NotEqual, actual, wanted);
            self.leave_if(differs, next);
            let value = self.load_stored(storage, data, index);
            self.jump_with(merge, value, ty);
            self.b.switch_to_block(next);
        }
        let value = self.load_stored(*last, data, index);
        self.jump_with(merge, value, ty);
        self.b.switch_to_block(merge);
        result
    }

    fn load_stored(&mut self, storage: Storage, data: ir::Value, index: ir::Value) -> Val {
        let (ty, size) = element(storage);
        let address = self.element_address(data, index, size);
        match storage {
            Storage::Ints => Val::Int(self.load(ty, address, 0)),
            Storage::Floats => Val::Float(self.load(ty, address, 0)),
            Storage::Bools => Val::Bool(self.load(ty, address, 0)),
            Storage::Values => {
                let value = self.load_value(address, 0);
                if let Val::Boxed(tag, bits) = value {
                    self.retain_parts(tag, bits, false);
                }
                value
            }
        }
    }

    /// Stores a value that fits the storage at an index; its count passes to the array. Gives the old value if
    /// `replaces` and it may have a count.
    pub fn store_element(
        &mut self,
        storage: Storage,
        object: ir::Value,
        index: ir::Value,
        value: Val,
        replaces: bool,
    ) -> Option<Val> {
        let data = self.load(types::I64, object, array::DATA);
        let address = self.element_address(data, index, element(storage).1);
        let element = Type::array_of(storage).element();
        match (storage, value.convert(element, &mut self.b)) {
            (Storage::Values, boxed) => {
                let old = replaces.then(|| self.load_value(address, 0));
                self.store_value(boxed, address, 0);
                old
            }
            (_, Val::Int(x) | Val::Float(x) | Val::Bool(x)) => {
                self.store(x, address, 0);
                None
            }
            (_, other) => panic!("{}: {other:?} in an array of {storage:?}", self.f.name),
        }
    }
}
