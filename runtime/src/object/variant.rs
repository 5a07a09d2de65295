//! Results, options and other tagged values.

use crate::heap::Object;
use crate::value::{Tag, Value};
use alloc::vec::Vec;

/// The two names of a tagged value. Interned: the same names are the same address (`Ctx::tag`), and the four tags of
/// results and options are the statics below.
#[derive(PartialEq, Eq, Debug)]
pub struct TagName {
    /// The enum's name; `""` in a pattern that matches any enum.
    pub enumeration: &'static str,
    /// The variant's name.
    pub variant: &'static str,
}

/// `Result::Ok`
pub static OK: TagName = TagName {
    enumeration: "Result",
    variant: "Ok",
};
/// `Result::Err`
pub static ERR: TagName = TagName {
    enumeration: "Result",
    variant: "Err",
};
/// `Option::Some`
pub static SOME: TagName = TagName {
    enumeration: "Option",
    variant: "Some",
};
/// `Option::None`
pub static NONE: TagName = TagName {
    enumeration: "Option",
    variant: "None",
};

impl TagName {
    /// True if this is that very tag.
    #[inline(always)]
    pub fn is(&self, other: &TagName) -> bool {
        core::ptr::eq(self, other)
    }

    /// `Ok` or `Err`.
    pub fn is_result(&self) -> bool {
        self.is(&OK) || self.is(&ERR)
    }

    /// `Some` or `None`.
    pub fn is_option(&self) -> bool {
        self.is(&SOME) || self.is(&NONE)
    }
}

/// What a tagged value carries; nearly always one value or none.
#[derive(Clone, Default)]
enum Payload {
    #[default]
    Nothing,
    One(Value),
    Many(Vec<Value>),
}

/// The body of a result, option or tagged value.
#[derive(Clone)]
pub struct Variant {
    /// What it is.
    pub tag: &'static TagName,
    payload: Payload,
}

impl Object for Variant {
    const TAG: Tag = Tag::Variant;
    fn children(&mut self, visit: &mut dyn FnMut(&mut Value)) {
        self.payload_mut().iter_mut().for_each(visit);
    }
}

impl Variant {
    /// A value of that tag, with the payload taken from the slice.
    pub fn new(tag: &'static TagName, values: &mut [Value]) -> Variant {
        let payload = match values {
            [] => Payload::Nothing,
            [one] => Payload::One(one.take()),
            many => Payload::Many(many.iter_mut().map(Value::take).collect()),
        };
        Variant { tag, payload }
    }

    /// A value of that tag with one payload.
    #[inline]
    pub fn one(tag: &'static TagName, value: Value) -> Variant {
        Variant {
            tag,
            payload: Payload::One(value),
        }
    }

    /// The payload.
    #[inline]
    pub fn payload(&self) -> &[Value] {
        match &self.payload {
            Payload::Nothing => &[],
            Payload::One(value) => core::slice::from_ref(value),
            Payload::Many(values) => values,
        }
    }

    /// The payload for writing.
    #[inline]
    pub fn payload_mut(&mut self) -> &mut [Value] {
        match &mut self.payload {
            Payload::Nothing => &mut [],
            Payload::One(value) => core::slice::from_mut(value),
            Payload::Many(values) => values,
        }
    }
}
