//! Ahead-of-time compilation: a program → one object file, and the texts of the stages on the way.
//!
//! In: bytecode and a target. Out: the bytes of an object, the same for the same program: machine code, the image, the tables of
//! `ruff_runtime::start::Program`, and `main`. It does not know files or linkers.

use super::isa::{self, OptLevel};
use super::native::{self, Texts, Unit, World};
use super::{Failure, INTERNAL};
use crate::bytecode::Program;
use cranelift_codegen::ir::{AbiParam, InstBuilder, types};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_module::{DataDescription, DataId, FuncId, Linkage, Module, ModuleError};
use cranelift_object::{ObjectBuilder, ObjectModule};
use ruff_runtime::builtins;
use ruff_runtime::image::{Const, Image, codec};
use target_lexicon::Triple;

/// What to compile for, and how hard to try.
#[derive(Clone, Debug)]
pub struct Options {
    /// The machine and system.
    pub target: Triple,
    /// The effort.
    pub level: OptLevel,
}

impl Options {
    fn native(&self) -> native::Options {
        native::Options {
            back_end: self.level.into(),
            ..native::Options::default()
        }
    }
}

impl Default for Options {
    fn default() -> Options {
        Options {
            target: Triple::host(),
            level: OptLevel::default(),
        }
    }
}

/// The program as an object file.
pub fn object(program: &Program, options: &Options) -> Result<Vec<u8>, Failure> {
    let isa = isa::portable(options.target.clone(), options.level.into())?;
    let mut module = object_module(isa)?;
    let mut unit = Unit::new(program, World::Closed, options.native());
    define(program, &mut module, &mut unit)?;
    module.finish().emit().map_err(Failure::internal)
}

/// The texts of the native stages.
pub fn texts(program: &Program, options: &Options) -> Result<Texts, Failure> {
    let isa = isa::portable(options.target.clone(), options.level.into())?;
    let mut module = object_module(isa)?;
    let mut unit = Unit::new(program, World::Closed, options.native());
    unit.texts = Some(Texts::default());
    code(program, &mut module, &mut unit);
    Ok(unit.texts.unwrap_or_default())
}

fn object_module(isa: OwnedTargetIsa) -> Result<ObjectModule, Failure> {
    let libcalls = cranelift_module::default_libcall_names();
    let mut builder = ObjectBuilder::new(isa, "ruff", libcalls).map_err(failure)?;
    // One section each, so that the linker keeps only what is reached.
    builder
        .per_function_section(true)
        .per_data_object_section(true);
    Ok(ObjectModule::new(builder))
}

fn failure(error: ModuleError) -> Failure {
    debug_assert_eq!(INTERNAL, 6);
    Failure::internal(error)
}

/// Machine code for all that can run; gives the entry of each function that has one.
fn code(program: &Program, module: &mut dyn Module, unit: &mut Unit) -> Vec<Option<FuncId>> {
    let mut wanted = native::escaping(program);
    let mut entries = vec![None; program.funcs.len()];
    loop {
        for &func in &wanted {
            unit.request_any(program, func);
        }
        unit.define(program, module);
        for func in std::mem::take(&mut wanted) {
            let symbol = format!("ruff_f{func}");
            entries[usize::from(func)] =
                Some(unit.define_entry(program, module, func, &symbol, Linkage::Local));
        }
        wanted = unit.called_by_entry(program);
        wanted.retain(|&func| entries[usize::from(func)].is_none());
        wanted.sort_unstable();
        wanted.dedup();
        if wanted.is_empty() {
            return entries;
        }
    }
}

fn define(program: &Program, module: &mut ObjectModule, unit: &mut Unit) -> Result<(), Failure> {
    let entries = code(program, module, unit);
    let (image, builtins) = renumber(&program.image);
    let bytes = codec::encode(&image);
    let length = bytes.len();
    let image = data(module, "ruff_image", bytes, |_, _| {})?;
    let unreached = define_unreached(module)?;
    let slots = entries.iter().map(|entry| entry.unwrap_or(unreached));
    let entry_table = data(
        module,
        "ruff_entries",
        vec![0; entries.len() * 8],
        |module, table| {
            for (i, entry) in slots.enumerate() {
                let entry = module.declare_func_in_data(entry, table);
                table.write_function_addr(i as u32 * 8, entry);
            }
        },
    )?;
    let descriptors: Vec<DataId> = builtins
        .iter()
        .map(|&number| {
            let symbol = builtins::SYMBOLS[usize::from(number)];
            module
                .declare_data(symbol, Linkage::Import, false, false)
                .map_err(failure)
        })
        .collect::<Result<_, _>>()?;
    let builtin_table = data(
        module,
        "ruff_builtins",
        vec![0; descriptors.len().max(1) * 8],
        |module, table| {
            for (i, &descriptor) in descriptors.iter().enumerate() {
                let descriptor = module.declare_data_in_data(descriptor, table);
                table.write_data_addr(i as u32 * 8, descriptor, 0);
            }
        },
    )?;
    let mut fields = vec![0; 48];
    let word = |n: usize| match module.isa().endianness() {
        cranelift_codegen::ir::Endianness::Little => (n as u64).to_le_bytes(),
        cranelift_codegen::ir::Endianness::Big => (n as u64).to_be_bytes(),
    };
    // The layout of `ruff_runtime::start::Program`.
    fields[8..16].copy_from_slice(&word(length));
    fields[32..40].copy_from_slice(&word(builtins.len()));
    let make_collections = declare_make_collections(&program.image, module)?;
    let program = data(module, "ruff_program", fields, |module, fields| {
        for (offset, table) in [(0, image), (16, entry_table), (24, builtin_table)] {
            let table = module.declare_data_in_data(table, fields);
            fields.write_data_addr(offset, table, 0);
        }
        if let Some(make_collections) = make_collections {
            let make_collections = module.declare_func_in_data(make_collections, fields);
            fields.write_function_addr(40, make_collections);
        }
    })?;
    define_main(module, program)
}

/// What makes the constant arrays and dicts, if the program has some: only then it is linked.
fn declare_make_collections(
    image: &Image,
    module: &mut ObjectModule,
) -> Result<Option<FuncId>, Failure> {
    let is_collection = |each: &Const| matches!(each, Const::Array(_) | Const::Dict(_));
    if !image.consts.iter().any(is_collection) {
        return Ok(None);
    }
    let mut signature = module.make_signature();
    signature.params.push(AbiParam::new(types::I64));
    let symbol = "ruff_make_collections";
    let id = module.declare_function(symbol, Linkage::Import, &signature);
    id.map(Some).map_err(failure)
}

/// The image with the builtins that its names mention numbered from 0, and their numbers in `builtins::ALL`: an executable
/// links only those.
fn renumber(image: &Image) -> (Image, Vec<u16>) {
    let mut image = image.clone();
    let mut mentioned: Vec<u16> = image.names.iter().filter_map(|name| name.builtin).collect();
    mentioned.sort_unstable();
    mentioned.dedup();
    for name in &mut image.names {
        let place = name
            .builtin
            .and_then(|number| mentioned.binary_search(&number).ok());
        name.builtin = place.map(|place| place as u16);
    }
    (image, mentioned)
}

/// Defines constant data, to whose description `fill` may add addresses.
fn data(
    module: &mut ObjectModule,
    symbol: &str,
    bytes: Vec<u8>,
    fill: impl FnOnce(&mut ObjectModule, &mut DataDescription),
) -> Result<DataId, Failure> {
    let id = module
        .declare_data(symbol, Linkage::Local, false, false)
        .map_err(failure)?;
    let mut description = DataDescription::new();
    description.define(bytes.into());
    description.set_align(8);
    fill(module, &mut description);
    module.define_data(id, &description).map_err(failure)?;
    Ok(id)
}

/// Stands in the entry table for functions that nothing can call.
fn define_unreached(module: &mut ObjectModule) -> Result<FuncId, Failure> {
    let signature = module.make_signature();
    define_function(
        module,
        "ruff_unreached",
        Linkage::Local,
        signature,
        |_, b| {
            b.ins()
                .trap(cranelift_codegen::ir::TrapCode::unwrap_user(1));
        },
    )
}

/// `int main(int argc, char **argv) { return ruff_start(argc, argv, &ruff_program); }`
fn define_main(module: &mut ObjectModule, program: DataId) -> Result<(), Failure> {
    let mut start = module.make_signature();
    start
        .params
        .extend([types::I32, types::I64, types::I64].map(AbiParam::new));
    start.returns.push(AbiParam::new(types::I32));
    let mut signature = start.clone();
    signature.params.pop();
    let start = module
        .declare_function("ruff_start", Linkage::Import, &start)
        .map_err(failure)?;
    define_function(module, "main", Linkage::Export, signature, |module, b| {
        let block = b.current_block().expect("the entry block");
        let mut args = b.block_params(block).to_vec();
        let program = module.declare_data_in_func(program, b.func);
        args.push(b.ins().symbol_value(types::I64, program));
        let start = module.declare_func_in_func(start, b.func);
        b.func.dfg.ext_funcs[start].colocated = true;
        let call = b.ins().call(start, &args);
        let code = b.inst_results(call)[0];
        b.ins().return_(&[code]);
    })?;
    Ok(())
}

fn define_function(
    module: &mut ObjectModule,
    symbol: &str,
    linkage: Linkage,
    signature: cranelift_codegen::ir::Signature,
    body: impl FnOnce(&mut ObjectModule, &mut FunctionBuilder),
) -> Result<FuncId, Failure> {
    let id = module
        .declare_function(symbol, linkage, &signature)
        .map_err(failure)?;
    let mut context = module.make_context();
    context.func.signature = signature;
    let mut builder_context = FunctionBuilderContext::new();
    let mut b = FunctionBuilder::new(&mut context.func, &mut builder_context);
    let block = b.create_block();
    b.append_block_params_for_function_params(block);
    b.switch_to_block(block);
    body(module, &mut b);
    b.seal_all_blocks();
    b.finalize(module.target_config());
    module.define_function(id, &mut context).map_err(failure)?;
    Ok(id)
}
