//! Makes a context from an image, and takes it apart at the end.

use super::tables::{Literal, Tables};
use super::{Ctx, Entry, FuncInfo, MAX_DEPTH, ModuleState};
use crate::builtins::{Builtin, Capabilities};
use crate::heap::{self, Ref};
use crate::image::{Const, FuncMeta, GlobalMeta, Image, LiteralMeta, StructMeta};
use crate::object::{Definition, Func, Overload, Str};
use crate::value::Value;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;

impl Ctx {
    /// A context ready to run the image's program, but for constant arrays and dicts ([`Ctx::make_collections`]).
    /// `entry_of` gives the first entry of each function; `builtin` resolves the builtins that `NameMeta::builtin`
    /// mentions (an executable links only those).
    pub fn load(
        image: Image,
        entry_of: &dyn Fn(u32) -> Entry,
        builtin: &dyn Fn(u16) -> Option<&'static Builtin>,
    ) -> Ctx {
        heap::pool::claim();
        let mut tables = Tables::default();
        tables.names = image.names.iter().map(|n| tables.intern(&n.text)).collect();
        tables.name_builtins = image
            .names
            .iter()
            .map(|n| n.builtin.and_then(builtin))
            .collect();
        for tag in &image.tags {
            let tag = tables.tag(&tag.enumeration, &tag.variant);
            tables.tags.push(tag);
        }
        let func_table = func_table(&mut tables, &image.funcs, entry_of);
        let definitions = definitions(&mut tables, &image.structs);
        for literal in &image.literals {
            let literal = resolve_literal(&mut tables, literal, &definitions);
            tables.literals.push(literal);
        }
        let const_table: Vec<Value> = image
            .consts
            .iter()
            .map(|c| constant(&mut tables, c))
            .collect();
        let mut global_table: Vec<Value> =
            image.globals.iter().map(|g| initial(&tables, g)).collect();
        Ctx {
            ret_bits: 0,
            depth: 0,
            max_depth: MAX_DEPTH,
            stack_limit: 0,
            frame: core::ptr::null(),
            consts: const_table.as_ptr(),
            globals: global_table.as_mut_ptr(),
            funcs: func_table.as_ptr(),
            func_objects: tables.funcs.as_ptr(),
            resume: core::ptr::null_mut(),
            pending: None,
            modules: image.modules.iter().map(|_| ModuleState::Waiting).collect(),
            importing: Vec::new(),
            tables,
            image,
            cells: Default::default(),
            out: Default::default(),
            args: Vec::new(),
            allowed: Capabilities::ALL,
            rng: Default::default(),
            input: Default::default(),
            engine: core::ptr::null_mut(),
            func_table,
            const_table,
            global_table,
        }
    }

    /// Drops everything the program left behind, cycles included. Afterwards no counted object is alive
    /// (`heap::live::objects`) but those the caller holds.
    pub fn shutdown(&mut self) {
        self.pending = None;
        for global in &mut self.global_table {
            drop(core::mem::replace(global, Value::UNINIT));
        }
        self.cells.collect();
    }
}

fn func_table(
    tables: &mut Tables,
    funcs: &[FuncMeta],
    entry_of: &dyn Fn(u32) -> Entry,
) -> Vec<FuncInfo> {
    let mut infos = Vec::with_capacity(funcs.len());
    for (id, func) in funcs.iter().enumerate() {
        infos.push(FuncInfo {
            entry: Cell::new(entry_of(id as u32)),
            arity: func.arity,
            id: id as u32,
            heat: Cell::new(0),
            flags: if func.has_self { FuncInfo::SELF } else { 0 }
                | if func.legacy_method {
                    FuncInfo::LEGACY
                } else {
                    0
                },
            weight: func.weight,
            name: tables.intern(&func.name),
        });
    }
    // The table does not move or grow any more: function objects may point into it.
    for info in &infos {
        let object = Func::new(info, Box::default());
        tables.funcs.push(Ref::new_immortal(object));
    }
    infos
}

fn definitions(tables: &mut Tables, structs: &[StructMeta]) -> Vec<&'static Definition> {
    let resolve = |meta: &StructMeta| -> &'static Definition {
        let methods: Vec<(Ref<Str>, Value)> = meta
            .methods
            .iter()
            .map(|&(name, func)| {
                let object = tables.funcs[func as usize].clone();
                (tables.names[name as usize].clone(), Value::from(object))
            })
            .collect();
        let overloads = Overload::NAMES.map(|overload| {
            let at = methods.iter().position(|(n, _)| n.as_str() == overload);
            at.map(|at| at as u16)
        });
        Box::leak(Box::new(Definition {
            name: tables.intern(&meta.name),
            fields: names(tables, &meta.fields),
            methods,
            overloads,
        }))
    };
    structs.iter().map(resolve).collect()
}

fn names(tables: &Tables, ids: &[u16]) -> Vec<Ref<Str>> {
    ids.iter()
        .map(|&id| tables.names[id as usize].clone())
        .collect()
}

fn resolve_literal(
    tables: &mut Tables,
    literal: &LiteralMeta,
    definitions: &[&'static Definition],
) -> Literal {
    let name = tables.intern(&literal.name);
    let definition = literal.definition.map(|id| definitions[id as usize]);
    let mut shape = tables.shape(&name, definition);
    let mut places = Vec::new();
    for field in names(tables, &literal.fields) {
        if shape.find(&field).is_none() {
            shape = shape.with(&field);
        }
        places.extend(shape.find(&field));
    }
    if shape.fields.len() == literal.fields.len() {
        places.clear();
    }
    Literal {
        shape,
        listed: literal.fields.len(),
        places,
    }
}

/// A constant; arrays and dicts are made later ([`Ctx::make_collections`]).
fn constant(tables: &mut Tables, constant: &Const) -> Value {
    match constant {
        Const::Null | Const::Array(_) | Const::Dict(_) => Value::NULL,
        Const::Bool(b) => Value::bool(*b),
        Const::Int(n) => Value::int(*n),
        Const::Float(x) => Value::float(*x),
        Const::Str(text) if text.len() <= 32 => Value::from(tables.intern(text)),
        Const::Str(text) => Value::from(Ref::new_immortal(Str::from(String::from(text.as_str())))),
    }
}

fn initial(tables: &Tables, global: &GlobalMeta) -> Value {
    match global.hoisted {
        Some(func) => Value::from(tables.funcs[func as usize].clone()),
        None => Value::UNINIT,
    }
}
