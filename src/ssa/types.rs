//! What is known of a value before the program runs: a set of tags, of arrays also of storages, and how such a value is held
//! in registers.
//!
//! Types form a lattice under union: [`Type::NONE`] (no value yet, unreachable) below, [`Type::ANY`] above.
//! The storage of an array is part of its type because a value of the SSA form never changes: whoever changes an
//! array in place takes the value over and gives a new one.

use ruff_runtime::object::Storage;
use ruff_runtime::value::{FIRST_HEAP_TAG, Tag};
use std::fmt;

/// A set of tags that a value may have.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Type(u32);

/// How a value of some type is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Repr {
    /// One integer register.
    Int,
    /// One float register.
    Float,
    /// One register, 0 or 1.
    Bool,
    /// No register: the type has one value.
    Null,
    /// Two registers: tag and payload.
    Boxed,
}

const fn bit(tag: Tag) -> u32 {
    1 << tag as u32
}

/// The bit of arrays with that storage. Those of [`Type::EMPTY_ARRAY`] are under the tag's own bit.
const fn storage_bit(storage: Storage) -> u32 {
    1 << (FIRST_STORAGE_BIT + storage as u32)
}

/// Bits from here on are no tags.
const FIRST_STORAGE_BIT: u32 = 28;
const _: () = assert!((Tag::StructDef as u32) < FIRST_STORAGE_BIT);

/// Storages with the type of their elements and the name that dumps print.
const STORAGES: [(Storage, Type, &str); 4] = [
    (Storage::Ints, Type::INT, "int"),
    (Storage::Floats, Type::FLOAT, "float"),
    (Storage::Bools, Type::BOOL, "bool"),
    (Storage::Values, Type::ANY, "any"),
];

/// The tags, with the names that dumps print. The only list of them.
const LEAVES: &[(Tag, &str)] = &[
    (Tag::Null, "null"),
    (Tag::Bool, "bool"),
    (Tag::Int, "int"),
    (Tag::Float, "float"),
    (Tag::Builtin, "builtin"),
    (Tag::Uninit, "uninit"),
    (Tag::Str, "string"),
    (Tag::Bytes, "bytes"),
    (Tag::Array, "array"),
    (Tag::Dict, "dict"),
    (Tag::Struct, "struct"),
    (Tag::Set, "set"),
    (Tag::Queue, "queue"),
    (Tag::Stack, "stack"),
    (Tag::Variant, "variant"),
    (Tag::Func, "func"),
    (Tag::Bound, "bound"),
    (Tag::Cell, "cell"),
    (Tag::Module, "module"),
    (Tag::StructDef, "structdef"),
];

impl Type {
    /// No value: not computed yet, or unreachable.
    pub const NONE: Type = Type(0);
    /// `null`
    pub const NULL: Type = Type(bit(Tag::Null));
    /// `true` or `false`
    pub const BOOL: Type = Type(bit(Tag::Bool));
    /// An int.
    pub const INT: Type = Type(bit(Tag::Int));
    /// A float.
    pub const FLOAT: Type = Type(bit(Tag::Float));
    /// An int or a float.
    pub const NUMBER: Type = Type(bit(Tag::Int) | bit(Tag::Float));
    /// A string.
    pub const STR: Type = Type(bit(Tag::Str));
    /// Any value that a program can see.
    pub const ANY: Type = Type(!bit(Tag::Uninit) & !bit(Tag::Error) & !bit(Tag::Cell));
    /// Any array.
    pub const ARRAY: Type = Type(bit(Tag::Array) | 0xf << FIRST_STORAGE_BIT);
    /// An array without elements whose storage is not that of boxed values: `[]`.
    pub const EMPTY_ARRAY: Type = Type(bit(Tag::Array));
    /// A captured variable.
    pub const CELL: Type = Type(bit(Tag::Cell));
    /// Anything a register can hold.
    pub const REGISTER: Type = Type(!bit(Tag::Error));

    /// The type of values with this tag.
    pub const fn of(tag: Tag) -> Type {
        match tag {
            Tag::Array => Type::ARRAY,
            _ => Type(bit(tag)),
        }
    }

    /// An array with that storage.
    pub const fn array_of(storage: Storage) -> Type {
        Type(storage_bit(storage))
    }

    /// Either.
    pub const fn union(self, other: Type) -> Type {
        Type(self.0 | other.0)
    }

    /// Without the tags of `other`.
    pub const fn without(self, other: Type) -> Type {
        Type(self.0 & !other.0)
    }

    /// True if every value of this type is of the other.
    pub const fn is(self, other: Type) -> bool {
        self.0 & !other.0 == 0
    }

    /// True if some value of this type may be of the other.
    pub const fn may_be(self, other: Type) -> bool {
        self.0 & other.0 != 0
    }

    /// What both may be.
    pub const fn both(self, other: Type) -> Type {
        Type(self.0 & other.0)
    }

    /// Bit `t` is set if a value may have tag `t`.
    pub const fn tags(self) -> u32 {
        let array = if self.may_be(Type::ARRAY) {
            bit(Tag::Array)
        } else {
            0
        };
        self.0 & ((1 << FIRST_STORAGE_BIT) - 1) | array
    }

    /// True for [`Type::NONE`].
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// True if a value of this type may be a counted heap object.
    pub const fn may_be_counted(self) -> bool {
        self.0 >> FIRST_HEAP_TAG != 0
    }

    /// The tag, if there is only one.
    pub fn only_tag(self) -> Option<Tag> {
        LEAVES
            .iter()
            .find(|(tag, _)| bit(*tag) == self.tags())
            .map(|(tag, _)| *tag)
    }

    // -- Arrays

    /// The storages that arrays of this type with elements have, each with the type of its elements.
    fn rows(self) -> impl Iterator<Item = (Storage, Type)> {
        let rows = STORAGES.into_iter();
        rows.filter(move |row| self.0 & storage_bit(row.0) != 0)
            .map(|row| (row.0, row.1))
    }

    /// The one storage of arrays of this type with elements, if that is known.
    pub fn only_storage(self) -> Option<Storage> {
        let mut rows = self.rows();
        rows.next()
            .filter(|_| rows.next().is_none())
            .map(|row| row.0)
    }

    /// The type of the elements of arrays of this type.
    pub fn element(self) -> Type {
        self.rows().fold(Type::NONE, |ty, row| ty.union(row.1))
    }

    /// Arrays of this type after the store of a value of type `value` to an element: what does not fit is boxed.
    pub fn with_element(self, value: Type) -> Type {
        self.rows().fold(Type::NONE, |ty, (storage, element)| {
            let kept = value.may_be(element).then_some(storage);
            let boxed = (!value.is(element)).then_some(Storage::Values);
            let storages = kept.into_iter().chain(boxed);
            storages.fold(ty, |ty, storage| ty.union(Type::array_of(storage)))
        })
    }

    /// Arrays of this type after a value of type `value` was appended. One without elements gets the storage
    /// that fits, unless its storage fits everything.
    pub fn with_appended(self, value: Type) -> Type {
        let refits = self.may_be(Type::EMPTY_ARRAY) || self.rows().any(|row| !value.is(row.1));
        let fresh = if refits {
            Type::array_with(value)
        } else {
            Type::NONE
        };
        self.with_element(value).union(fresh)
    }

    /// Arrays of elements of type `value`, all of one tag.
    pub fn array_with(value: Type) -> Type {
        let (rows, mut left) = (Type::ARRAY.rows(), value);
        rows.fold(Type::NONE, |ty, (storage, element)| {
            let fits = left.may_be(element);
            left = left.without(element);
            if fits {
                ty.union(Type::array_of(storage))
            } else {
                ty
            }
        })
    }

    /// How a value of this type is held.
    pub fn repr(self) -> Repr {
        match self {
            Type::INT => Repr::Int,
            Type::FLOAT => Repr::Float,
            Type::BOOL => Repr::Bool,
            Type::NULL => Repr::Null,
            _ => Repr::Boxed,
        }
    }

    /// The type under which a function is specialised for an argument of this type.
    pub fn specialised(self) -> Type {
        match self.repr() {
            Repr::Int | Repr::Float | Repr::Bool => self,
            Repr::Boxed if self.is(Type::ARRAY) && self.rows().count() <= 1 && !self.is_none() => {
                self.union(Type::EMPTY_ARRAY)
            }
            Repr::Null | Repr::Boxed => Type::ANY,
        }
    }

    /// The letter of an argument of this type in the name of a version.
    pub fn letter(self) -> char {
        match self {
            Type::INT => 'i',
            Type::FLOAT => 'f',
            Type::BOOL => 'b',
            _ if self.is(Type::ARRAY) => match self.only_storage() {
                Some(Storage::Ints) => 'I',
                Some(Storage::Floats) => 'F',
                Some(Storage::Bools) => 'B',
                Some(Storage::Values) => 'A',
                None => 'E',
            },
            _ => 'a',
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Type::NONE => f.write_str("none"),
            Type::ANY => f.write_str("any"),
            Type::REGISTER => f.write_str("register"),
            _ => {
                let mut separator = "";
                for (tag, name) in LEAVES {
                    if self.may_be(Type::of(*tag)) {
                        write!(f, "{separator}{name}")?;
                        separator = "|";
                    }
                }
                if self.may_be(Type::ARRAY) && !Type::ARRAY.is(*self) {
                    let names = STORAGES
                        .iter()
                        .filter(|row| self.0 & storage_bit(row.0) != 0);
                    let names: Vec<&str> = names.map(|row| row.2).collect();
                    write!(f, "<{}>", names.join("/"))?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
