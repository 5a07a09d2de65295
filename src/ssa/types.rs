//! What is known of a value before the program runs: a set of tags, and how such a value is held in registers.
//!
//! Types form a lattice under union: [`Type::NONE`] (no value yet, unreachable) below, [`Type::ANY`] above.

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

/// The leaves, with the names that dumps print. The only list of them.
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
    /// A captured variable.
    pub const CELL: Type = Type(bit(Tag::Cell));
    /// Anything a register can hold.
    pub const REGISTER: Type = Type(!bit(Tag::Error));

    /// The type of values with this tag.
    pub const fn of(tag: Tag) -> Type {
        Type(bit(tag))
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

    /// Bit `t` is set if a value may have tag `t`.
    pub const fn bits(self) -> u32 {
        self.0
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
            .find(|(tag, _)| bit(*tag) == self.0)
            .map(|(tag, _)| *tag)
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
            Repr::Null | Repr::Boxed => Type::ANY,
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
