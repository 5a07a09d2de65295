//! The containers of register code: a function and a program.
//!
//! In: what `build` finished. Out: plain data that every engine reads and none changes.

use super::op::Op;
use super::operand::{FuncIx, Label, Reg};
use ruff_runtime::error::Pos;
use ruff_runtime::fault;
use ruff_runtime::image::{FuncMeta, Image};
use std::ops::Range;

/// A function of the program, or the top level of a file.
#[derive(Clone, PartialEq, Debug)]
pub struct Func {
    /// Name, number of parameters, kind of method: what the runtime must know, too.
    pub meta: FuncMeta,
    /// How many registers a frame has. The parameters are the first.
    pub registers: u16,
    /// The registers besides parameters that may be read before they are written: they start as null.
    pub unwritten: Vec<Reg>,
    /// How many values or cells a closure of the function captures.
    pub captures: u16,
    /// The instructions.
    pub code: Vec<Op>,
    /// The source position of each instruction; unknown for those that cannot raise.
    pub positions: Vec<Pos>,
    /// Where errors continue, innermost ranges first.
    pub handlers: Vec<Handler>,
}

/// A range of instructions whose errors are caught.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handler {
    /// The first instruction of the range.
    pub from: Label,
    /// The first instruction after the range.
    pub to: Label,
    /// The `catch` or `catch_none` where an error continues.
    pub handler: Label,
}

impl Handler {
    /// The range.
    pub fn range(&self) -> Range<usize> {
        self.from.index()..self.to.index()
    }
}

impl Func {
    /// As in messages: `f`, `<lambda>`, `S.m`; `""` for the top level of a file.
    pub fn name(&self) -> &str {
        &self.meta.name
    }

    /// Number of parameters, a receiver included.
    pub fn arity(&self) -> u16 {
        self.meta.arity as u16
    }

    /// The parameters.
    pub fn parameters(&self) -> impl Iterator<Item = Reg> {
        Reg(0).span(self.arity())
    }

    /// Where an error of the instruction at `at` continues, if the function catches it.
    #[inline]
    pub fn handler_of(&self, at: usize) -> Option<Label> {
        let mut handlers = self.handlers.iter().filter(|h| h.range().contains(&at));
        let caught = match fault!(OuterHandlersFirst) {
            true => handlers.next_back(),
            false => handlers.next(),
        };
        Some(caught?.handler)
    }
}

/// A whole program: its code, and what the runtime must know besides.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Program {
    /// The functions, by [`FuncIx`].
    pub funcs: Vec<Func>,
    /// Constants, names, globals, modules…; `image.funcs[i]` is `funcs[i].meta`.
    pub image: Image,
}

impl Program {
    /// Joins functions and tables; `image.funcs` is filled in from the functions.
    pub fn new(funcs: Vec<Func>, mut image: Image) -> Program {
        image.funcs = funcs.iter().map(|f| f.meta.clone()).collect();
        Program { funcs, image }
    }

    /// A function.
    pub fn func(&self, ix: FuncIx) -> &Func {
        &self.funcs[ix.index()]
    }
}
