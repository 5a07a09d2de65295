//! The guards: what compiled code asks of values before it does without the runtime. The one table of their kinds.
//!
//! In: a kind, where such a guard is made. Out: a note for the tests that look whether programs reach all of them.

use crate::reach::{self, Table};

macro_rules! guards {
    ($( $(#[doc = $doc:literal])+ $kind:ident; )*) => {
        /// What is asked.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Guard {
            $( $(#[doc = $doc])+ $kind, )*
        }
        /// The names of all kinds.
        pub const NAMES: &[&str] = &[$(stringify!($kind)),*];
    };
}

guards! {
    /// Has an argument the tag of the version?
    ArgumentTag;
    /// Has an array that is an argument the storage of the version?
    ArgumentStorage;
    /// Has such an array no elements at all?
    ArgumentEmpty;
    /// Are the operands of arithmetic ints?
    IntOperands;
    /// Are they floats?
    FloatOperands;
    /// Are the operands of a comparison ints?
    IntsCompared;
    /// Are they floats?
    FloatsCompared;
    /// Is a condition null, a bool or an int?
    SimpleCondition;
    /// Is an index an int?
    IndexTag;
    /// Is a value an array?
    ArrayTag;
    /// Is a value a struct?
    StructTag;
    /// Is a value that is called a user function?
    FunctionTag;
    /// Does it take so many arguments?
    Arity;
    /// Has an array the storage that a value fits into?
    Storage;
    /// Which of the possible storages has the array that is read?
    ElementStorage;
    /// Does nobody else hold the object?
    Sharing;
    /// Is the index within the array?
    Bounds;
    /// Has the array room for one more?
    Capacity;
    /// Has the struct the shape that was there last?
    Shape;
    /// Has the variable a value?
    Initialised;
    /// Does a value of any type live on the heap?
    Counted;
}

/// Notes that such a guard is made.
pub fn note(guard: Guard) {
    reach::note(Table::Guards, NAMES[guard as usize]);
}
