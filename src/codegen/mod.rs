//! Typed SSA → Cranelift IR, over any `cranelift_module::Module`.
//!
//! In: versions of functions (`ssa`). Out: functions defined in the module: a *body* for each version, with raw registers
//! for arguments and results, and *entries* with the generic signature (`ruff_runtime::ctx::Entry`) for callers that
//! know nothing. Nothing here knows whether the module maps memory or writes an object file.

mod arith;
mod array;
mod call;
mod compare;
mod control;
mod count;
mod cx;
mod entry;
mod field;
pub mod guard;
mod helper;
mod huge;
mod index;
mod inst;
mod memory;
mod place;
#[cfg(test)]
mod tests;
mod val;

use crate::ssa::ir::{Function, InstOp, VersionId};
use crate::ssa::types::{Repr, Type};
use cranelift_codegen::Context;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{self, AbiParam, Signature, types};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_module::{
    DataDescription, DataId, FuncId, Linkage, Module, ModuleError, ModuleReloc,
};
use cx::{Convention, FuncCx};
use huge::Huge;
use ruff_runtime::abi::{Helper, ParamKind, ReturnKind};
use ruff_runtime::image::Step;
use rustc_hash::FxHashMap;

pub use val::registers;

/// How a host passes a value of the type, if it is a scalar.
fn host_scalar(ty: Type) -> Option<AbiParam> {
    match ty.repr() {
        Repr::Int | Repr::Bool => Some(AbiParam::new(types::I64)),
        Repr::Float => Some(AbiParam::new(types::F64)),
        Repr::Null | Repr::Boxed => None,
    }
}

/// What the program looks like as a whole, as far as generated code depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Some handler binds its error, so `e.stack` may be read: calls keep a chain of frames.
    pub keeps_frames: bool,
    /// No speculation holds: what asks at run time whether the fast way may be taken takes the general one.
    pub guards_fail: bool,
    /// Changes are not made inline: the runtime makes them, and it has been told to copy.
    pub copies: bool,
}

/// The signature of a body, beyond the context and the depth.
#[derive(Clone, Debug, PartialEq)]
pub struct BodyType {
    /// The types of the parameters.
    pub params: Vec<Type>,
    /// What it returns.
    pub ret: Type,
    /// It reads what its function object captured.
    pub needs_callee: bool,
    /// For how many levels of call depth a call counts.
    pub weight: u32,
}

impl BodyType {
    /// That of a version.
    pub fn of(f: &Function) -> BodyType {
        let reads_callee =
            |op: &InstOp| matches!(op, InstOp::LoadCapture { .. } | InstOp::LoadCallee {});
        BodyType {
            params: f.params().iter().map(|v| f.ty(*v)).collect(),
            ret: f.ret,
            weight: f.weight,
            needs_callee: f
                .blocks
                .iter()
                .flat_map(|b| &b.insts)
                .any(|inst| reads_callee(&inst.op)),
        }
    }
}

/// A body that has been declared in the module.
#[derive(Clone, Debug)]
pub struct Body {
    /// Its function in the module.
    pub id: FuncId,
    /// Its signature.
    pub ty: BodyType,
}

/// Defines functions in one module.
pub struct Compiler<'m> {
    /// The module.
    pub module: &'m mut dyn Module,
    shape: Shape,
    /// The steps of the program's places.
    places: &'m [Vec<Step>],
    /// No lowering of the signed overflow instructions (cranelift issue 9186): use compare forms.
    plain_overflow: bool,
    /// Imported symbols are in the same linked image, so near calls reach them.
    colocated: bool,
    helpers: FxHashMap<Helper, FuncId>,
    builtins: FxHashMap<u16, DataId>,
    bodies: FxHashMap<VersionId, Body>,
    builder_context: FunctionBuilderContext,
    context: Context,
    /// Bytes of machine code defined so far.
    pub code_bytes: u64,
}

/// How a function is to be defined.
#[derive(Clone, Copy)]
struct Wanted {
    /// Also as text.
    text: bool,
    /// In a time that grows with its size.
    huge: Option<Huge>,
}

/// A function as text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listing {
    /// Its Cranelift IR.
    pub clif: String,
    /// Its machine code.
    pub asm: String,
}

/// The functions of the module that callers may know already, to be kept between compilers of one module.
#[derive(Default)]
pub struct Declared {
    helpers: FxHashMap<Helper, FuncId>,
    builtins: FxHashMap<u16, DataId>,
    bodies: FxHashMap<VersionId, Body>,
}

impl<'m> Compiler<'m> {
    /// Starts, or continues with what an earlier compiler of the same module declared.
    pub fn new(
        module: &'m mut dyn Module,
        shape: Shape,
        places: &'m [Vec<Step>],
        colocated: bool,
        declared: Declared,
    ) -> Compiler<'m> {
        let plain_overflow = module
            .isa()
            .triple()
            .architecture
            .to_string()
            .starts_with("riscv");
        let context = module.make_context();
        Compiler {
            module,
            shape,
            places,
            plain_overflow,
            colocated,
            helpers: declared.helpers,
            builtins: declared.builtins,
            bodies: declared.bodies,
            builder_context: FunctionBuilderContext::new(),
            context,
            code_bytes: 0,
        }
    }

    /// What has been declared so far.
    pub fn finish(self) -> Declared {
        Declared {
            helpers: self.helpers,
            builtins: self.builtins,
            bodies: self.bodies,
        }
    }

    /// Whether a version's body has been declared.
    pub fn has_body(&self, version: VersionId) -> bool {
        self.bodies.contains_key(&version)
    }

    /// Declares the body of a version, so that others can call it.
    pub fn declare_body(&mut self, version: VersionId, symbol: &str, ty: BodyType) -> FuncId {
        let signature = self.body_signature(&ty);
        let id = self
            .module
            .declare_function(symbol, Linkage::Local, &signature)
            .unwrap_or_else(|e| panic!("declaring {symbol}: {e}"));
        self.bodies.insert(version, Body { id, ty });
        id
    }

    /// Lowers and defines the body of a declared version. Gives it as text if asked.
    pub fn define_body(
        &mut self,
        version: VersionId,
        f: &Function,
        want_text: bool,
    ) -> Option<Listing> {
        let body = self.bodies[&version].clone();
        let signature = self.body_signature(&body.ty);
        let text = Wanted {
            text: want_text,
            huge: huge::is_huge(f),
        };
        self.define(body.id, signature, &f.name, text, |unit, builder| {
            FuncCx::new(unit, builder, f, &body.ty, Convention::Body).lower()
        })
    }

    /// Declares and defines an entry with the generic signature. It calls the first of the versions whose parameter types
    /// the arguments have; behind them comes the entry with the symbol `otherwise`, or else the last is called without a look.
    pub fn define_entry(
        &mut self,
        (symbol, linkage): (&str, Linkage),
        versions: &[VersionId],
        otherwise: Option<&str>,
        want_text: bool,
    ) -> (FuncId, Option<Listing>) {
        let bodies: Vec<Body> = versions.iter().map(|v| self.bodies[v].clone()).collect();
        let id = self.declare_entry(symbol, linkage);
        let otherwise = otherwise.map(|symbol| self.declare_entry(symbol, Linkage::Import));
        let signature = self.entry_signature();
        let text = Wanted {
            text: want_text,
            huge: None,
        };
        let text = self.define(id, signature, symbol, text, |unit, builder| {
            entry::lower(unit, builder, &bodies, otherwise)
        });
        (id, text)
    }

    /// Declares and defines an entry that is itself the code of a version, for small ones: a call costs less.
    pub fn define_entry_of(
        &mut self,
        symbol: &str,
        linkage: Linkage,
        f: &Function,
        want_text: bool,
    ) -> (FuncId, Option<Listing>) {
        let id = self.declare_entry(symbol, linkage);
        let signature = self.entry_signature();
        let text = Wanted {
            text: want_text,
            huge: huge::is_huge(f),
        };
        let text = self.define(id, signature, symbol, text, |unit, builder| {
            FuncCx::new(unit, builder, f, &BodyType::of(f), Convention::Entry).lower()
        });
        (id, text)
    }

    /// Declares and defines the code of a version for a host that calls it with its arguments in registers. None if its parameters
    /// or its result are no scalars, or if it needs its function object.
    pub fn define_host_entry(
        &mut self,
        symbol: &str,
        f: &Function,
        want_text: bool,
    ) -> Option<(FuncId, Option<Listing>)> {
        let ty = BodyType::of(f);
        let mut signature = self.module.make_signature();
        signature.params.push(AbiParam::new(types::I64));
        for param in &ty.params {
            signature.params.push(host_scalar(*param)?);
        }
        signature.returns.push(match ty.ret.repr() {
            Repr::Null => AbiParam::new(types::I64),
            _ => host_scalar(ty.ret)?,
        });
        if ty.needs_callee {
            return None;
        }
        let declared = self
            .module
            .declare_function(symbol, Linkage::Local, &signature);
        let id = declared.unwrap_or_else(|e| panic!("declaring {symbol}: {e}"));
        let wanted = Wanted {
            text: want_text,
            huge: huge::is_huge(f),
        };
        let text = self.define(id, signature, symbol, wanted, |unit, builder| {
            FuncCx::new(unit, builder, f, &ty, Convention::Host).lower()
        });
        Some((id, text))
    }

    fn declare_entry(&mut self, symbol: &str, linkage: Linkage) -> FuncId {
        self.module
            .declare_function(symbol, linkage, &self.entry_signature())
            .unwrap_or_else(|e| panic!("declaring {symbol}: {e}"))
    }

    /// Lowers a function and hands it to the back end.
    fn define(
        &mut self,
        id: FuncId,
        signature: Signature,
        name: &str,
        wanted: Wanted,
        lower: impl FnOnce(&mut Self, FunctionBuilder),
    ) -> Option<Listing> {
        let mut context = std::mem::replace(&mut self.context, Context::new());
        context.func.signature = signature;
        let mut builder_context = std::mem::take(&mut self.builder_context);
        lower(
            self,
            FunctionBuilder::new(&mut context.func, &mut builder_context),
        );
        self.builder_context = builder_context;
        let clif = wanted.text.then(|| context.func.display().to_string());
        context.set_disasm(wanted.text);
        let defined = match wanted.huge {
            Some(huge) => self.define_huge(id, &mut context, huge),
            None => (self.module.define_function(id, &mut context)).map_err(Box::new),
        };
        if let Err(error) = defined {
            panic!("compiling {name}: {error:?}\n{}", context.func.display());
        }
        let code = context.compiled_code();
        self.code_bytes += code.map_or(0, |code| code.buffer.data().len() as u64);
        let asm = code.and_then(|code| code.vcode.clone());
        self.module.clear_context(&mut context);
        self.context = context;
        clif.map(|clif| Listing {
            clif,
            asm: asm.unwrap_or_default(),
        })
    }

    fn define_huge(
        &mut self,
        id: FuncId,
        context: &mut Context,
        huge: Huge,
    ) -> Result<(), Box<ModuleError>> {
        let isa = huge::machine(self.module.isa(), huge);
        let compiled = context.compile(&*isa, &mut ControlPlane::default());
        compiled.map_err(|error| Box::new(ModuleError::from(error)))?;
        let code = context.compiled_code().expect("it has just been compiled");
        let relocs = code.buffer.relocs().iter();
        let relocs: Vec<_> = relocs
            .map(|reloc| ModuleReloc::from_mach_reloc(reloc, &context.func, id))
            .collect();
        let alignment = u64::from(code.buffer.alignment).max(isa.symbol_alignment());
        self.module
            .define_function_bytes(id, alignment, code.buffer.data(), &relocs)
            .map_err(Box::new)
    }

    /// `(cx, callee, args) -> tag`
    fn entry_signature(&self) -> Signature {
        let mut signature = self.module.make_signature();
        signature.params.extend([AbiParam::new(types::I64); 3]);
        signature.returns.push(AbiParam::new(types::I64));
        signature
    }

    /// `(cx, depth, [frame], [callee], args…) -> (value, raised)`; a boxed value carries "raised" in its tag.
    fn body_signature(&self, ty: &BodyType) -> Signature {
        let mut signature = self.module.make_signature();
        let fixed = 2 + usize::from(self.shape.keeps_frames) + usize::from(ty.needs_callee);
        signature
            .params
            .extend(vec![AbiParam::new(types::I64); fixed]);
        let registers = |ty: &Type| val::registers(*ty).iter().map(|r| AbiParam::new(*r));
        signature
            .params
            .extend(ty.params.iter().flat_map(registers));
        signature.returns.extend(registers(&ty.ret));
        if ty.ret.repr() != Repr::Boxed {
            signature.returns.push(AbiParam::new(types::I64));
        }
        signature
    }

    /// The module's function for a helper, declared at its first use.
    fn helper(&mut self, helper: Helper) -> FuncId {
        if let Some(&id) = self.helpers.get(&helper) {
            return id;
        }
        let info = helper.info();
        let mut signature = self.module.make_signature();
        signature.params.push(AbiParam::new(types::I64));
        for param in info.params {
            let scalars: &[ir::Type] = match param {
                ParamKind::Own | ParamKind::Ref | ParamKind::Window => &[types::I64, types::I64],
                ParamKind::Slot
                | ParamKind::State
                | ParamKind::Int
                | ParamKind::Imm
                | ParamKind::Cache
                | ParamKind::Builtin => &[types::I64],
                ParamKind::Float => &[types::F64],
            };
            signature
                .params
                .extend(scalars.iter().map(|ty| AbiParam::new(*ty)));
        }
        match info.ret {
            ReturnKind::Val | ReturnKind::Bool | ReturnKind::Unit => {
                signature.returns.push(AbiParam::new(types::I64))
            }
            ReturnKind::Float => signature.returns.push(AbiParam::new(types::F64)),
            ReturnKind::Thrown => {}
        }
        let id = self
            .module
            .declare_function(info.symbol, Linkage::Import, &signature)
            .unwrap_or_else(|e| panic!("declaring {}: {e}", info.symbol));
        self.helpers.insert(helper, id);
        id
    }

    /// Writable data of so many bytes, all zero.
    fn new_data(&mut self, bytes: i32) -> DataId {
        let failed = |e: ModuleError| -> ! { panic!("defining data: {e}") };
        let id = self.module.declare_anonymous_data(true, false);
        let id = id.unwrap_or_else(|e| failed(e));
        let mut description = DataDescription::new();
        description.define_zeroinit(bytes as usize);
        description.set_align(8);
        let defined = self.module.define_data(id, &description);
        defined.unwrap_or_else(|e| failed(e));
        id
    }

    /// The module's data for a builtin's descriptor, declared at its first use.
    fn builtin(&mut self, builtin: u16) -> DataId {
        if let Some(&id) = self.builtins.get(&builtin) {
            return id;
        }
        let symbol = ruff_runtime::builtins::SYMBOLS[builtin as usize];
        let id = self
            .module
            .declare_data(symbol, Linkage::Import, false, false)
            .unwrap_or_else(|e| panic!("declaring {symbol}: {e}"));
        self.builtins.insert(builtin, id);
        id
    }
}
