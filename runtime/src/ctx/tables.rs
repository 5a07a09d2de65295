//! The program's tables in the form in which operations use them: interned strings, tags, shapes, definitions.
//!
//! In: the image, once, when the program is loaded. Out: lookups by id. Everything here is immortal: a program names
//! only so many things.

use crate::builtins::Builtin;
use crate::ctx::Ctx;
use crate::heap::Ref;
use crate::image::{FuncId, NameId};
use crate::object::{
    Definition, ERR, Func, NONE, OK, SOME, Shape, Str, TagName, Variant, hash_text,
};
use crate::value::Value;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use hashbrown::HashTable;

/// Ids and small facts, resolved.
pub(crate) struct Tables {
    /// All interned strings.
    interned: HashTable<Ref<Str>>,
    /// Names by [`NameId`].
    pub names: Vec<Ref<Str>>,
    /// The builtin of each name, for uniform call syntax.
    pub name_builtins: Vec<Option<&'static Builtin>>,
    /// Tags by id, and behind them those that only builtins made.
    pub tags: Vec<&'static TagName>,
    /// The shapes without fields, by the addresses of their names and definitions.
    roots: Vec<&'static Shape>,
    /// Struct literals by id.
    pub literals: Vec<Literal>,
    /// A function object without captures for each function.
    pub funcs: Vec<Ref<Func>>,
    /// `None`
    pub none: Value,
    /// The shape of caught errors, and with `cause`.
    pub error_shapes: Option<[&'static Shape; 2]>,
}

/// A struct literal.
pub(crate) struct Literal {
    /// The shape of its values.
    pub shape: &'static Shape,
    /// How many fields it lists.
    pub listed: usize,
    /// If a field is listed twice: where each listed value goes. Else empty.
    pub places: Vec<usize>,
}

impl Default for Tables {
    fn default() -> Tables {
        Tables {
            interned: HashTable::new(),
            names: Vec::new(),
            name_builtins: Vec::new(),
            tags: Vec::new(),
            roots: Vec::new(),
            literals: Vec::new(),
            funcs: Vec::new(),
            none: Value::from(Ref::new_immortal(Variant::new(&NONE, &mut []))),
            error_shapes: None,
        }
    }
}

impl Tables {
    pub(crate) fn intern(&mut self, text: &str) -> Ref<Str> {
        let hash = hash_text(text);
        if let Some(known) = self.interned.find(hash, |s| s.as_str() == text) {
            return known.clone();
        }
        let new = Ref::new_immortal(Str::from(String::from(text)));
        self.interned.insert_unique(hash, new.clone(), |s| s.hash());
        new
    }

    pub(crate) fn shape(
        &mut self,
        name: &Ref<Str>,
        definition: Option<&'static Definition>,
    ) -> &'static Shape {
        let key = |name: &Ref<Str>, definition: Option<&'static Definition>| {
            let definition = definition.map_or(core::ptr::null(), |d| d as *const Definition);
            (name.as_ptr().addr(), definition.addr())
        };
        let wanted = key(name, definition);
        let place = (self.roots).binary_search_by_key(&wanted, |s| key(&s.name, s.definition));
        match place {
            Ok(at) => self.roots[at],
            Err(at) => {
                let shape = Shape::root(name.clone(), definition);
                self.roots.insert(at, shape);
                shape
            }
        }
    }

    pub(crate) fn tag(&mut self, enumeration: &str, variant: &str) -> &'static TagName {
        let fixed: Option<&'static TagName> = match (enumeration, variant) {
            ("Result" | "", "Ok") => Some(&OK),
            ("Result" | "", "Err") => Some(&ERR),
            ("Option" | "", "Some") => Some(&SOME),
            ("Option" | "", "None") => Some(&NONE),
            _ => None,
        };
        if let Some(tag) = fixed {
            return tag;
        }
        let same = |t: &&&TagName| t.enumeration == enumeration && t.variant == variant;
        if let Some(known) = self.tags.iter().find(same) {
            return known;
        }
        let text = |s: &str| -> &'static str { String::from(s).leak() };
        Box::leak(Box::new(TagName {
            enumeration: text(enumeration),
            variant: text(variant),
        }))
    }
}

impl Ctx {
    /// The interned string of a name.
    #[inline(always)]
    pub fn name(&self, id: NameId) -> &Ref<Str> {
        &self.tables.names[id as usize]
    }

    /// The interned string of that text; interned strings are compared by address.
    pub fn intern(&mut self, text: &str) -> Ref<Str> {
        self.tables.intern(text)
    }

    /// The shape of a struct without a definition, with these fields: for builtins that give structs.
    pub fn shape(&mut self, name: &str, fields: &[&str]) -> &'static Shape {
        let name = self.intern(name);
        let root = self.tables.shape(&name, None);
        fields
            .iter()
            .fold(root, |shape, field| shape.with(&self.tables.intern(field)))
    }

    /// The function object of a function that captures nothing; immortal.
    #[inline(always)]
    pub fn func_object(&self, id: FuncId) -> &Ref<Func> {
        &self.tables.funcs[id as usize]
    }

    /// The shape that values of a struct literal get.
    pub fn literal_shape(&self, literal: u16) -> &'static Shape {
        self.tables.literals[literal as usize].shape
    }

    /// The tag with that id.
    #[inline(always)]
    pub fn tag(&self, id: u16) -> &'static TagName {
        self.tables.tags[id as usize]
    }
}
