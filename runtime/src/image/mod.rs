//! The image: what a running program must know of its source besides code. Constants, names, metadata of functions.
//!
//! In: the compiler's tables (`ruff run` hands them over in memory; an executable carries them encoded, see
//! `image/codec`). Out: a [`crate::ctx::Ctx`] ready to run (`Ctx::load`).
//! It does not know bytecode or machine code.

pub mod codec;

use alloc::string::String;
use alloc::vec::Vec;

/// A constant of the program.
#[derive(Clone, PartialEq, Debug)]
pub enum Const {
    /// An int that does not fit an instruction.
    Int(i64),
    /// A float.
    Float(f64),
    /// Text; becomes an immortal string.
    Str(String),
    /// `null`, as a part of a constant.
    Null,
    /// A bool, as a part of a constant.
    Bool(bool),
    /// An array of constants that come before it in the table; becomes immortal with all its parts.
    Array(Vec<u32>),
    /// A dict likewise: key, value, key, value… Keys are ints and texts.
    Dict(Vec<u32>),
}

/// Index into [`Image::names`].
pub type NameId = u16;
/// Index into [`Image::funcs`].
pub type FuncId = u16;
/// Index into [`Image::structs`].
pub type StructId = u16;

/// A function of the program.
#[derive(Clone, PartialEq, Debug)]
pub struct FuncMeta {
    /// As in messages and stacks: `f`, `<lambda>`, `S.m`; `""` for the top level of a file.
    pub name: String,
    /// Number of parameters, `self` included.
    pub arity: u32,
    /// A method whose first parameter is `self` (messages then count one less).
    pub has_self: bool,
    /// A method without `self`: the receiver comes as a hidden first parameter all the same, so that the body can
    /// read its fields. `arity` includes it.
    pub legacy_method: bool,
    /// For how many levels of call depth a call counts ([`crate::ctx::weight`]).
    pub weight: u32,
}

/// A name used for fields, methods or dict entries.
#[derive(Clone, PartialEq, Debug)]
pub struct NameMeta {
    /// The name.
    pub text: String,
    /// The builtin of that name, for uniform call syntax: index into `builtins::ALL`.
    pub builtin: Option<u16>,
}

/// A struct definition.
#[derive(Clone, PartialEq, Debug)]
pub struct StructMeta {
    /// The struct's name.
    pub name: String,
    /// Declared fields, in order.
    pub fields: Vec<NameId>,
    /// Methods by name.
    pub methods: Vec<(NameId, FuncId)>,
}

/// One struct literal's layout: the struct and the fields as written.
#[derive(Clone, PartialEq, Debug)]
pub struct LiteralMeta {
    /// The definition that the literal names, if it is known.
    pub definition: Option<StructId>,
    /// The struct's name.
    pub name: String,
    /// Field names in the order of the values.
    pub fields: Vec<NameId>,
}

/// A tagged value's enum and variant, as in `Color::Red`.
#[derive(Clone, PartialEq, Debug)]
pub struct TagMeta {
    /// The enum's name; `""` in a pattern that matches any enum.
    pub enumeration: String,
    /// The variant's name.
    pub variant: String,
}

/// One step of a place.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Step {
    /// `.name`
    Field(NameId),
    /// `[index]`; the index is the next value of the window.
    Index,
}

/// A global variable.
#[derive(Clone, PartialEq, Debug)]
pub struct GlobalMeta {
    /// Its name, for `Undefined variable`.
    pub name: String,
    /// The function that it holds from the start, for hoisted functions.
    pub hoisted: Option<FuncId>,
}

/// A module of the program; the first is the entry file.
#[derive(Clone, PartialEq, Debug)]
pub struct ModuleMeta {
    /// The name by which it prints and raises.
    pub name: String,
    /// Its top-level code.
    pub main: FuncId,
    /// Exported names and the globals that hold them.
    pub exports: Vec<(NameId, u16)>,
}

/// All of it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Image {
    /// Source files by the names that positions print.
    pub files: Vec<String>,
    /// Constants.
    pub consts: Vec<Const>,
    /// Names.
    pub names: Vec<NameMeta>,
    /// Functions.
    pub funcs: Vec<FuncMeta>,
    /// Struct definitions.
    pub structs: Vec<StructMeta>,
    /// Struct literals.
    pub literals: Vec<LiteralMeta>,
    /// Enum variants.
    pub tags: Vec<TagMeta>,
    /// Places.
    pub places: Vec<Vec<Step>>,
    /// Global variables of all files.
    pub globals: Vec<GlobalMeta>,
    /// Modules; the entry file is the first.
    pub modules: Vec<ModuleMeta>,
    /// Messages raised by `raise` instructions.
    pub messages: Vec<String>,
}
