//! The program's tables while functions are being emitted: constants, names, tags, places… each entry once.
//!
//! In: what instructions refer to. Out: indices, and at the end an [`Image`]. A table that outgrows its index type is
//! noted, not reported: the caller has the place.

use crate::bytecode::{BuiltinIx, ConstIx, GlobalIx, LiteralIx, MessageIx, NameIx, PlaceIx, TagIx};
use crate::resolve::hir::{self, GlobalId, StructId};
use ruff_runtime::builtins;
use ruff_runtime::image::{
    Const, GlobalMeta, Image, LiteralMeta, ModuleMeta, NameMeta, Step, StructMeta, TagMeta,
};
use rustc_hash::FxHashMap;
use std::hash::Hash;
use std::rc::Rc;

/// A constant as a key: floats by their bits.
#[derive(PartialEq, Eq, Hash)]
enum ConstKey {
    Int(i64),
    Float(u64),
    Str(Rc<str>),
    Null,
    Bool(bool),
    Array(Vec<u32>),
    Dict(Vec<u32>),
}

/// A struct literal as a key: its definition, its name, its fields as written.
type LiteralKey = (Option<StructId>, Rc<str>, Vec<NameIx>);

/// The tables under construction.
#[derive(Default)]
pub(super) struct Tables {
    image: Image,
    consts: FxHashMap<ConstKey, usize>,
    names: FxHashMap<Rc<str>, usize>,
    tags: FxHashMap<hir::Tag, usize>,
    places: FxHashMap<Vec<Step>, usize>,
    literals: FxHashMap<LiteralKey, usize>,
    messages: FxHashMap<String, usize>,
    globals: FxHashMap<GlobalId, usize>,
    /// What there is too much of.
    pub overflow: Option<&'static str>,
}

/// The index of a key: a known one, or a new one whose entry is pushed.
fn intern<K: Eq + Hash, T>(
    known: &mut FxHashMap<K, usize>,
    key: K,
    list: &mut Vec<T>,
    entry: impl FnOnce(&K) -> T,
) -> usize {
    if let Some(&at) = known.get(&key) {
        return at;
    }
    list.push(entry(&key));
    known.insert(key, list.len() - 1);
    list.len() - 1
}

impl Tables {
    fn index16(&mut self, at: usize, what: &'static str) -> u16 {
        u16::try_from(at).unwrap_or_else(|_| {
            self.overflow = Some(what);
            u16::MAX
        })
    }

    fn constant(&mut self, key: ConstKey, value: Const) -> ConstIx {
        let at = intern(&mut self.consts, key, &mut self.image.consts, |_| value);
        ConstIx(at as u32)
    }

    pub fn int(&mut self, n: i64) -> ConstIx {
        self.constant(ConstKey::Int(n), Const::Int(n))
    }

    pub fn float(&mut self, x: f64) -> ConstIx {
        self.constant(ConstKey::Float(x.to_bits()), Const::Float(x))
    }

    pub fn text(&mut self, text: &Rc<str>) -> ConstIx {
        self.constant(ConstKey::Str(text.clone()), Const::Str(text.to_string()))
    }

    pub fn null(&mut self) -> ConstIx {
        self.constant(ConstKey::Null, Const::Null)
    }

    pub fn bool(&mut self, b: bool) -> ConstIx {
        self.constant(ConstKey::Bool(b), Const::Bool(b))
    }

    /// An array of constants.
    pub fn array(&mut self, parts: Vec<u32>) -> ConstIx {
        self.constant(ConstKey::Array(parts.clone()), Const::Array(parts))
    }

    /// A dict of constants: key, value, key, value…
    pub fn dict(&mut self, parts: Vec<u32>) -> ConstIx {
        self.constant(ConstKey::Dict(parts.clone()), Const::Dict(parts))
    }

    pub fn name(&mut self, name: &Rc<str>) -> NameIx {
        let at = intern(
            &mut self.names,
            name.clone(),
            &mut self.image.names,
            |name| NameMeta {
                text: name.to_string(),
                builtin: builtins::find(name),
            },
        );
        NameIx(self.index16(at, "names"))
    }

    pub fn tag(&mut self, tag: &hir::Tag) -> TagIx {
        let at = intern(&mut self.tags, tag.clone(), &mut self.image.tags, |tag| {
            TagMeta {
                enumeration: tag.space.to_string(),
                variant: tag.name.to_string(),
            }
        });
        TagIx(self.index16(at, "tags"))
    }

    pub fn place(&mut self, steps: Vec<Step>) -> PlaceIx {
        let at = intern(&mut self.places, steps, &mut self.image.places, Vec::clone);
        PlaceIx(self.index16(at, "places"))
    }

    pub fn literal(
        &mut self,
        definition: Option<StructId>,
        name: &Rc<str>,
        fields: Vec<NameIx>,
    ) -> LiteralIx {
        let key = (definition, name.clone(), fields);
        let at = intern(&mut self.literals, key, &mut self.image.literals, |key| {
            LiteralMeta {
                definition: key.0.map(|id| id.0 as u16),
                name: key.1.to_string(),
                fields: key.2.iter().map(|name| name.0).collect(),
            }
        });
        LiteralIx(self.index16(at, "struct literals"))
    }

    pub fn message(&mut self, message: &str) -> MessageIx {
        let key = message.to_owned();
        let at = intern(
            &mut self.messages,
            key,
            &mut self.image.messages,
            String::clone,
        );
        MessageIx(self.index16(at, "messages"))
    }

    /// The slot of a global; only those that code refers to get one.
    pub fn global(&mut self, program: &hir::Program, id: GlobalId) -> GlobalIx {
        let at = intern(&mut self.globals, id, &mut self.image.globals, |id| {
            let global = &program.globals[id.index()];
            GlobalMeta {
                name: global.name.to_string(),
                hoisted: global.hoisted.map(|func| func.0 as u16),
            }
        });
        GlobalIx(self.index16(at, "global variables"))
    }

    pub fn builtin(&self, number: u16) -> BuiltinIx {
        BuiltinIx(number)
    }

    /// Fills in what the functions do not say, and ends.
    pub fn finish(
        mut self,
        program: &hir::Program,
        files: Vec<String>,
    ) -> (Image, Option<&'static str>) {
        for def in &program.structs {
            let fields = def.fields.iter().map(|field| self.name(field).0).collect();
            let methods = (def.methods.iter())
                .map(|(name, func)| (self.name(name).0, func.0 as u16))
                .collect();
            self.image.structs.push(StructMeta {
                name: def.name.to_string(),
                fields,
                methods,
            });
        }
        for module in &program.modules {
            let exports = (module.exports.iter())
                .map(|(name, id)| (self.name(name).0, self.global(program, *id).0))
                .collect();
            self.image.modules.push(ModuleMeta {
                name: module.name.to_string(),
                main: module.main.0 as u16,
                exports,
            });
        }
        let too_many = [
            (program.structs.len(), "struct definitions"),
            (program.modules.len(), "modules"),
        ];
        for (count, what) in too_many {
            self.index16(count, what);
        }
        self.image.files = files;
        (self.image, self.overflow)
    }
}
