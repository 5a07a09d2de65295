//! Where a value lives while a function is lowered: in one register, in two, or nowhere.

use crate::ssa::types::{Repr, Type};
use cranelift_codegen::ir::{self, InstBuilder, types};
use cranelift_frontend::FunctionBuilder;
use ruff_runtime::value::Tag;

/// A lowered value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Val {
    /// An `i64`.
    Int(ir::Value),
    /// An `f64`.
    Float(ir::Value),
    /// An `i8`, 0 or 1.
    Bool(ir::Value),
    /// `null`, without a register.
    Null,
    /// Tag and payload, each an `i64`.
    Boxed(ir::Value, ir::Value),
}

/// The Cranelift types of the registers that hold a value of a type.
pub fn registers(ty: Type) -> &'static [ir::Type] {
    match ty.repr() {
        Repr::Int => &[types::I64],
        Repr::Float => &[types::F64],
        Repr::Bool => &[types::I8],
        Repr::Null => &[],
        Repr::Boxed => &[types::I64, types::I64],
    }
}

impl Val {
    /// A value of the type in these registers.
    pub fn from_registers(ty: Type, registers: &[ir::Value]) -> Val {
        match ty.repr() {
            Repr::Int => Val::Int(registers[0]),
            Repr::Float => Val::Float(registers[0]),
            Repr::Bool => Val::Bool(registers[0]),
            Repr::Null => Val::Null,
            Repr::Boxed => Val::Boxed(registers[0], registers[1]),
        }
    }

    /// Tag and payload.
    pub fn boxed(self, b: &mut FunctionBuilder) -> (ir::Value, ir::Value) {
        let tag = |b: &mut FunctionBuilder, tag: Tag| b.ins().iconst(types::I64, tag as i64);
        match self {
            Val::Int(n) => (tag(b, Tag::Int), n),
            Val::Float(x) => {
                let bits = b.ins().bitcast(types::I64, ir::MemFlagsData::new(), x);
                (tag(b, Tag::Float), bits)
            }
            Val::Bool(x) => {
                let bits = b.ins().uextend(types::I64, x);
                (tag(b, Tag::Bool), bits)
            }
            Val::Null => {
                let zero = b.ins().iconst(types::I64, 0);
                (zero, zero)
            }
            Val::Boxed(tag, bits) => (tag, bits),
        }
    }

    /// The value as one of a type that includes its own, or that the program has just checked it to have.
    pub fn convert(self, ty: Type, b: &mut FunctionBuilder) -> Val {
        match (ty.repr(), self) {
            (Repr::Int, Val::Int(_))
            | (Repr::Float, Val::Float(_))
            | (Repr::Bool, Val::Bool(_)) => self,
            (Repr::Null, _) => Val::Null,
            (Repr::Int, _) => Val::Int(self.boxed(b).1),
            (Repr::Float, _) => {
                let bits = self.boxed(b).1;
                Val::Float(b.ins().bitcast(types::F64, ir::MemFlagsData::new(), bits))
            }
            (Repr::Bool, _) => {
                let bits = self.boxed(b).1;
                Val::Bool(b.ins().ireduce(types::I8, bits))
            }
            (Repr::Boxed, _) => {
                let (tag, bits) = self.boxed(b);
                Val::Boxed(tag, bits)
            }
        }
    }

    /// The registers, in the order of [`registers`].
    pub fn parts(self) -> Vec<ir::Value> {
        match self {
            Val::Int(x) | Val::Float(x) | Val::Bool(x) => vec![x],
            Val::Null => Vec::new(),
            Val::Boxed(tag, bits) => vec![tag, bits],
        }
    }
}
