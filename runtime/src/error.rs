//! Errors a Ruff program raises, as data.
//!
//! In: messages and thrown values. Out: [`Thrown`], a zero-sized witness; the error itself waits in the context until
//! a handler takes it or the process reports it. It does not know who raised it: positions and the names of active
//! functions are added while the error passes through frames (`Ctx::unwound`).

use crate::ctx::FuncInfo;
use crate::value::Value;
use alloc::vec::Vec;

/// An error is pending in the context.
#[derive(Debug)]
#[must_use]
pub struct Thrown;

/// The result of anything that may raise.
pub type Result<T = Value> = core::result::Result<T, Thrown>;

/// A source position: file index (16 bits), line (24 bits) and column (24 bits), both from 1. 0 is "unknown".
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pos(pub u64);

impl Pos {
    /// Packs a position; line and column saturate at 24 bits.
    pub fn new(file: u16, line: u32, column: u32) -> Pos {
        let limit = |n: u32| n.min(0xff_ffff) as u64;
        Pos((file as u64) << 48 | limit(line) << 24 | limit(column))
    }
    /// True if nobody knows.
    pub fn is_unknown(self) -> bool {
        self.0 == 0
    }
    /// Index into `Image::files`.
    pub fn file(self) -> usize {
        (self.0 >> 48) as usize
    }
    /// Line, from 1.
    pub fn line(self) -> u32 {
        (self.0 >> 24 & 0xff_ffff) as u32
    }
    /// Column in Unicode scalar values, from 1.
    pub fn column(self) -> u32 {
        (self.0 & 0xff_ffff) as u32
    }
}

/// The pending error (language.md §14.1).
pub struct Pending {
    /// `e.message`, a string.
    pub message: Value,
    /// `e.value`: what was thrown; the message for errors of the language itself.
    pub value: Value,
    /// `e.cause`, if the thrown struct or dict had one.
    pub cause: Option<Value>,
    /// `e.at`; unknown until the raising frame is unwound.
    pub at: Pos,
    /// The functions unwound so far, innermost first.
    pub unwound: Vec<*const FuncInfo>,
}
