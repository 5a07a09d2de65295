//! Structs: a shape and the values of its fields.
//!
//! A shape is the struct's name, its definition if it has one, and the names of the fields in the order of their
//! values. Shapes are interned (same name, definition and fields in the same order: same address) and live as long as
//! the process: a program can only name so many fields. Adding a field is a step from one shape to the next.
//! Field names are interned strings (`Ctx::intern`), so that they are compared by address.
//!
//! The `#[repr(C)]` fields are read by generated code (`layout.rs`).

use crate::ctx::Ctx;
use crate::error::{Pos, Result};
use crate::heap::{Object, Ref};
use crate::object::Str;
use crate::value::{Tag, Value};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::RefCell;

/// A struct definition of the program.
pub struct Definition {
    /// The struct's name.
    pub name: Ref<Str>,
    /// The declared fields, in order.
    pub fields: Vec<Ref<Str>>,
    /// The methods: names and function objects. If they capture local variables, these are only placeholders, and the
    /// struct carries a [`StructDef`].
    pub methods: Vec<(Ref<Str>, Value)>,
    /// The methods that overload operators, by [`Overload`].
    pub overloads: [Option<u16>; Overload::NAMES.len()],
}

impl Definition {
    /// The number of a method.
    #[inline]
    pub fn find(&self, name: &Ref<Str>) -> Option<usize> {
        self.methods.iter().position(|(n, _)| n.ptr_eq(name))
    }
}

/// The operators that a struct can overload (language.md §13.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the variants are the names of the methods")]
pub enum Overload {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Eq,
    Ne,
    Lt,
    Gt,
    Le,
    Ge,
    Neg,
    Not,
}

impl Overload {
    /// The methods' names, in the order of the variants.
    pub const NAMES: [&'static str; 13] = [
        "op_add", "op_sub", "op_mul", "op_div", "op_mod", "op_eq", "op_ne", "op_lt", "op_gt",
        "op_le", "op_ge", "op_neg", "op_not",
    ];
}

/// The layout of a struct value.
pub struct Shape {
    /// The struct's name.
    pub name: Ref<Str>,
    /// The definition that its literal named.
    pub definition: Option<&'static Definition>,
    /// The fields, in the order of the values.
    pub fields: Vec<Ref<Str>>,
    next: RefCell<Vec<(Ref<Str>, &'static Shape)>>,
}

impl Shape {
    /// The shape without fields; the caller interns it (`Ctx::shape`).
    pub fn root(name: Ref<Str>, definition: Option<&'static Definition>) -> &'static Shape {
        Shape::leak(name, definition, Vec::new())
    }

    fn leak(
        name: Ref<Str>,
        definition: Option<&'static Definition>,
        fields: Vec<Ref<Str>>,
    ) -> &'static Shape {
        Box::leak(Box::new(Shape {
            name,
            definition,
            fields,
            next: RefCell::new(Vec::new()),
        }))
    }

    /// The number of a field.
    #[inline(always)]
    pub fn find(&self, name: &Ref<Str>) -> Option<usize> {
        self.fields.iter().position(|field| field.ptr_eq(name))
    }

    /// The shape with one more field, which must be new.
    pub fn with(&'static self, name: &Ref<Str>) -> &'static Shape {
        let known = self.next.borrow();
        if let Some((_, shape)) = known.iter().find(|(n, _)| n.ptr_eq(name)) {
            return shape;
        }
        drop(known);
        let mut fields = self.fields.clone();
        fields.push(name.clone());
        let shape = Shape::leak(self.name.clone(), self.definition, fields);
        self.next.borrow_mut().push((name.clone(), shape));
        shape
    }
}

/// A function of the runtime that programs can call.
pub type Native = fn(&mut Ctx, &mut [Value]) -> Result;

/// A kind of value with methods of its own that is otherwise a struct, such as an argument parser.
pub struct Handle {
    /// What `type` gives.
    pub type_name: &'static str,
    /// Its methods; the window starts with the receiver.
    pub methods: &'static [(&'static str, Native)],
}

/// What few structs have.
#[derive(Clone, Default)]
pub struct Extra {
    /// The methods, a [`StructDef`], if they capture local variables; else null.
    pub methods: Value,
    /// For a caught error: what was thrown. Readable as field `value`, not printed, not compared.
    pub thrown: Option<Value>,
    /// For a caught error: the position that field `at` prints.
    pub at: Pos,
    /// For a handle: its methods.
    pub handle: Option<&'static Handle>,
}

/// The body of a struct value.
#[repr(C)]
#[derive(Clone)]
pub struct Record {
    shape: &'static Shape,
    values: Fields,
    extra: Option<Box<Extra>>,
}

/// The values of the fields; a vector whose parts generated code can find.
#[repr(C)]
struct Fields {
    data: *mut Value,
    len: usize,
    capacity: usize,
}

impl Fields {
    fn from_vec(values: Vec<Value>) -> Fields {
        let mut values = core::mem::ManuallyDrop::new(values);
        Fields {
            data: values.as_mut_ptr(),
            len: values.len(),
            capacity: values.capacity(),
        }
    }

    #[inline(always)]
    fn as_slice(&self) -> &[Value] {
        // SAFETY: the parts of a vector that this object owns.
        unsafe { core::slice::from_raw_parts(self.data, self.len) }
    }

    #[inline(always)]
    fn as_mut_slice(&mut self) -> &mut [Value] {
        // SAFETY: the parts of a vector that this object owns.
        unsafe { core::slice::from_raw_parts_mut(self.data, self.len) }
    }

    fn take(&mut self) -> Vec<Value> {
        let fields = core::mem::replace(self, Fields::from_vec(Vec::new()));
        let fields = core::mem::ManuallyDrop::new(fields);
        // SAFETY: the parts of a vector, of which `fields` is the only owner and is not dropped.
        unsafe { Vec::from_raw_parts(fields.data, fields.len, fields.capacity) }
    }
}

impl Clone for Fields {
    fn clone(&self) -> Fields {
        Fields::from_vec(self.as_slice().to_vec())
    }
}

impl Drop for Fields {
    fn drop(&mut self) {
        // SAFETY: the parts of a vector that this object owns.
        drop(unsafe { Vec::from_raw_parts(self.data, self.len, self.capacity) });
    }
}

impl Object for Record {
    const TAG: Tag = Tag::Struct;
    fn children(&mut self, visit: &mut dyn FnMut(&mut Value)) {
        self.values.as_mut_slice().iter_mut().for_each(&mut *visit);
        if let Some(extra) = &mut self.extra {
            visit(&mut extra.methods);
            extra.thrown.iter_mut().for_each(visit);
        }
    }
}

impl Record {
    /// Where the shape and the pointer to the values lie in the body.
    pub(crate) const OFFSETS: [usize; 2] = [
        core::mem::offset_of!(Record, shape),
        core::mem::offset_of!(Record, values) + core::mem::offset_of!(Fields, data),
    ];

    /// A struct with as many values as the shape has fields.
    #[inline]
    pub fn new(shape: &'static Shape, values: Vec<Value>) -> Record {
        assert_eq!(shape.fields.len(), values.len());
        Record {
            shape,
            values: Fields::from_vec(values),
            extra: None,
        }
    }

    /// The layout.
    #[inline(always)]
    pub fn shape(&self) -> &'static Shape {
        self.shape
    }

    /// The struct's name.
    pub fn name(&self) -> &str {
        self.shape.name.as_str()
    }

    /// The values of the fields, in the order of the shape.
    #[inline(always)]
    pub fn values(&self) -> &[Value] {
        self.values.as_slice()
    }

    /// A field by its interned name.
    #[inline(always)]
    pub fn get(&self, name: &Ref<Str>) -> Option<&Value> {
        let at = self.shape.find(name)?;
        self.values().get(at)
    }

    /// A field by its text: for builtins that look for a name.
    pub fn get_text(&self, name: &str) -> Option<&Value> {
        let at = self.shape.fields.iter().position(|f| f.as_str() == name)?;
        self.values().get(at)
    }

    /// A field in place.
    #[inline(always)]
    pub fn slot(&mut self, name: &Ref<Str>) -> Option<&mut Value> {
        let at = self.shape.find(name)?;
        self.values.as_mut_slice().get_mut(at)
    }

    /// Sets a field, adding it if it is new.
    pub fn set(&mut self, name: &Ref<Str>, value: Value) {
        if let Some(slot) = self.slot(name) {
            // The old value is dropped after the store: dropping may run long.
            let _old = core::mem::replace(slot, value);
            return;
        }
        self.shape = self.shape.with(name);
        let mut values = self.values.take();
        values.push(value);
        self.values = Fields::from_vec(values);
    }

    /// The fields sorted by name, as they print.
    pub fn sorted(&self) -> Vec<(&Ref<Str>, &Value)> {
        let mut fields: Vec<_> = self.shape.fields.iter().zip(self.values()).collect();
        fields.sort_by(|a, b| a.0.as_str().cmp(b.0.as_str()));
        fields
    }

    /// What few structs have.
    pub fn extra(&self) -> Option<&Extra> {
        self.extra.as_deref()
    }

    /// The same, to be set.
    pub fn extra_mut(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }

    /// A method by number, as a function value.
    pub fn method(&self, number: usize) -> Option<&Value> {
        let captured = self
            .extra()
            .and_then(|e| e.methods.as_object::<StructDef>());
        match captured {
            Some(def) => def.methods.get(number),
            None => self.shape.definition?.methods.get(number).map(|(_, f)| f),
        }
    }
}

/// The methods of a struct definition that capture local variables.
pub struct StructDef {
    /// The methods as function values, in the order of the definition.
    pub methods: Vec<Value>,
}

impl Object for StructDef {
    const TAG: Tag = Tag::StructDef;
    fn children(&mut self, visit: &mut dyn FnMut(&mut Value)) {
        self.methods.iter_mut().for_each(visit);
    }
}
