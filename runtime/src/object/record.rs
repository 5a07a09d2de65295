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
#[cfg(debug_assertions)]
use crate::heap::checker;
use crate::heap::{Duplicate, HeapObject, Object, Ref, pool};
use crate::object::Str;
use crate::value::{Tag, Value};
use alloc::alloc::{Layout, handle_alloc_error};
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

/// The body of a struct value: the values of the fields follow it in the same allocation, as many as the shape says. So it
/// only ever lives on the heap, behind a [`Ref`].
#[repr(C)]
pub struct Record {
    shape: &'static Shape,
    extra: Option<Box<Extra>>,
    values: [Value; 0],
}

impl Object for Record {
    const TAG: Tag = Tag::Struct;
    fn children(&mut self, visit: &mut dyn FnMut(&mut Value)) {
        self.values_mut().iter_mut().for_each(&mut *visit);
        if let Some(extra) = &mut self.extra {
            visit(&mut extra.methods);
            extra.thrown.iter_mut().for_each(visit);
        }
    }

    unsafe fn free(object: *mut HeapObject<Record>) {
        // SAFETY: the caller's only reference goes; the memory was allocated in `build` with this layout. Dropping the
        // body drops the values.
        unsafe {
            let layout = Record::layout((*object).body.shape);
            core::ptr::drop_in_place(object);
            pool::release(object.cast(), layout);
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        // SAFETY: the values are initialised and not used any more.
        unsafe { core::ptr::drop_in_place(self.values_mut()) }
    }
}

impl Duplicate for Record {
    fn duplicate(&self) -> Ref<Record> {
        let mut copy = Record::build(self.shape, self.values().iter().cloned());
        if let Some(body) = copy.get_mut() {
            body.extra = self.extra.clone();
        }
        copy
    }
}

impl Record {
    /// Where the shape and the first value lie in the body.
    pub(crate) const OFFSETS: [usize; 2] = [
        core::mem::offset_of!(Record, shape),
        core::mem::offset_of!(Record, values),
    ];

    /// A struct with as many values as the shape has fields.
    pub fn new(shape: &'static Shape, values: Vec<Value>) -> Ref<Record> {
        Record::build(shape, values.into_iter())
    }

    fn layout(shape: &Shape) -> Layout {
        let bytes = size_of::<HeapObject<Record>>() + size_of::<Value>() * shape.fields.len();
        // A program names far fewer fields than would overflow this.
        Layout::from_size_align(bytes, align_of::<HeapObject<Record>>())
            .unwrap_or(Layout::new::<u64>())
    }

    /// A struct of the shape; missing values are null, surplus ones are dropped.
    #[inline]
    pub fn build(shape: &'static Shape, mut values: impl Iterator<Item = Value>) -> Ref<Record> {
        let layout = Record::layout(shape);
        // SAFETY: the layout is not empty. Header, body and all values are written before anybody reads them.
        unsafe {
            let object = pool::allocate(layout).cast::<HeapObject<Record>>();
            if object.is_null() {
                handle_alloc_error(layout);
            }
            object.write(HeapObject::counted(Record {
                shape,
                extra: None,
                values: [],
            }));
            let first = (&raw mut (*object).body.values).cast::<Value>();
            for at in 0..shape.fields.len() {
                first.add(at).write(values.next().unwrap_or_default());
            }
            #[cfg(debug_assertions)]
            checker::born(object);
            Ref::from_raw(object)
        }
    }

    #[inline(always)]
    fn values_mut(&mut self) -> &mut [Value] {
        let count = self.shape.fields.len();
        // SAFETY: `build` wrote so many values behind the body.
        unsafe { core::slice::from_raw_parts_mut((&raw mut self.values).cast(), count) }
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
        // SAFETY: `build` wrote so many values behind the body.
        unsafe {
            core::slice::from_raw_parts((&raw const self.values).cast(), self.shape.fields.len())
        }
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
        self.values_mut().get_mut(at)
    }

    /// The fields sorted by name, as they print.
    pub fn sorted(&self) -> Vec<(&Ref<Str>, &Value)> {
        // By insertion: structs are small, and so is this code, which every executable carries.
        let mut fields: Vec<(&Ref<Str>, &Value)> = Vec::with_capacity(self.shape.fields.len());
        for (name, value) in self.shape.fields.iter().zip(self.values()) {
            let at = fields.partition_point(|(other, _)| other.as_str() < name.as_str());
            fields.insert(at, (name, value));
        }
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

impl Ref<Record> {
    /// Sets a field, adding it if it is new; copies the struct if it is shared.
    #[inline]
    pub fn set(&mut self, name: &Ref<Str>, value: Value) {
        match self.make_mut().slot(name) {
            // The old value is dropped after the store: dropping may run long.
            Some(slot) => drop(core::mem::replace(slot, value)),
            None => self.add_field(name, value),
        }
    }

    /// Replaces the struct, which nobody else holds, by one with a field more.
    fn add_field(&mut self, name: &Ref<Str>, value: Value) {
        let shape = self.shape.with(name);
        let Some(old) = self.get_mut() else {
            return;
        };
        let extra = old.extra.take();
        let values = old.values_mut().iter_mut().map(Value::take);
        let mut new = Record::build(shape, values.chain(core::iter::once(value)));
        if let Some(body) = new.get_mut() {
            body.extra = extra;
        }
        *self = new;
    }
}

/// Where compiled code last found a field: a struct of this shape has it so many bytes behind its header. Zero, as
/// it begins, is no shape.
#[repr(C)]
#[derive(Default)]
pub struct FieldCache {
    shape: usize,
    offset: usize,
}

impl FieldCache {
    /// Where shape and offset lie.
    pub(crate) const OFFSETS: [usize; 2] = [
        core::mem::offset_of!(FieldCache, shape),
        core::mem::offset_of!(FieldCache, offset),
    ];

    /// Notes where the record has the field, if it has it.
    pub fn learn(&mut self, record: &Record, name: &Ref<Str>) {
        if let Some(number) = record.shape.find(name) {
            self.shape = core::ptr::from_ref(record.shape).addr();
            self.offset = core::mem::offset_of!(HeapObject<Record>, body)
                + Record::OFFSETS[1]
                + number * size_of::<Value>();
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
