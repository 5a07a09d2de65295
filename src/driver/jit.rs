//! Machine code in memory.
//!
//! In: a program, and which of its functions to compile. Out: entries that can be called. Memory is written first and made
//! executable afterwards, never both. Nothing is redefined: a function compiled again gets a new entry.
//! It does not know what is hot.

use super::isa;
use super::jit_memory::JitMemory;
use super::native::{self, Found, Unit, World};
use super::stats::{self, Counter};
use crate::bytecode::Program;
use crate::interp;
use crate::ssa::ir::VersionId;
use crate::ssa::types::Type;
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{FuncId, Linkage};
use ruff_runtime::abi::HELPERS;
use ruff_runtime::builtins::{ALL, Builtin, SYMBOLS};
use ruff_runtime::ctx::Entry;
use ruff_runtime::os::memory;
use rustc_hash::FxHashMap;
use std::fs::File;
use std::io::Write;

/// Address space for machine code; the second is tried if the system refuses the first. All calls are near calls in it.
const RESERVED: [usize; 2] = [1 << 29, 1 << 25];

/// The symbol of the interpreter's entry.
const INTERPRETER: &str = "interpreter";

/// A compiler into memory, for one program. It must outlive all use of what it has compiled.
pub struct Jit {
    module: JITModule,
    unit: Unit,
    /// The versions behind the entry of each function.
    entered: FxHashMap<u16, Vec<VersionId>>,
    guards_fail: bool,
    entries: u32,
    perf_map: Option<File>,
}

impl Jit {
    /// Sets the compiler up, or says by which counter of refusals it cannot be.
    pub fn new(
        program: &Program,
        options: native::Options,
        perf_map: bool,
    ) -> Result<Jit, Counter> {
        if !memory::may_execute_memory() {
            return Err(Counter::no_executable_memory);
        }
        let isa = isa::host(options.back_end).map_err(|_| Counter::no_back_end)?;
        let mut builder = JITBuilder::with_isa(isa, cranelift_module::default_libcall_names());
        let memory = RESERVED.iter().find_map(|&size| JitMemory::new(size));
        let memory = memory.ok_or(Counter::no_executable_memory)?;
        // Only there do near calls reach that far.
        let colocated = cfg!(target_arch = "x86_64") && memory.is_near();
        builder.memory_provider(Box::new(memory));
        builder.symbol_lookup_fn(Box::new(address));
        Ok(Jit {
            module: JITModule::new(builder),
            unit: Unit::new(program, World::Open { colocated }, options),
            entered: FxHashMap::default(),
            guards_fail: options.guards_fail,
            entries: 0,
            perf_map: perf_map.then(create_perf_map).flatten(),
        })
    }

    /// Compiles a function for arguments of these types. The entry takes all that the function has been compiled for so far, by a look
    /// at their tags; with others it goes on in the interpreter.
    pub fn function(&mut self, program: &Program, func: u16, types: &[Type]) -> Entry {
        let version = self.unit.request(program, func, types);
        let versions = self.entered.entry(func).or_default();
        // An array without elements may have another storage than its type says; whoever has seen that takes all arguments.
        if self.guards_fail || versions.contains(&version) {
            versions.push(self.unit.request_any(program, func));
        }
        versions.push(version);
        versions.sort_by_key(|&version| (self.unit.takes_all(version), version));
        versions.dedup();
        let versions = versions.clone();
        self.unit.define(program, &mut self.module);
        let takes_all = versions
            .last()
            .is_some_and(|&last| self.unit.takes_all(last));
        let otherwise = (!takes_all).then_some(INTERPRETER);
        let id = self.entry(program, &versions, otherwise);
        stats::add(Counter::functions, 1);
        self.publish(id, program.funcs[usize::from(func)].name())
    }

    /// Compiles a function to be entered at a loop head, with the live registers as its arguments.
    pub fn at_loop(&mut self, program: &Program, func: u16, head: u32, found: &Found) -> Entry {
        let version = self.unit.request_at(program, func, head, found);
        self.unit.define(program, &mut self.module);
        let id = self.entry(program, &[version], None);
        stats::add(Counter::loops, 1);
        self.publish(
            id,
            &format!("{}@{head}", program.funcs[usize::from(func)].name()),
        )
    }

    /// Compiles a function for a host that calls it with arguments of these types, in registers, and takes a `ret`. None if it does
    /// not always give one.
    pub fn host_entry(
        &mut self,
        program: &Program,
        func: u16,
        params: &[Type],
        ret: Type,
    ) -> Option<*const u8> {
        let version = self.unit.request(program, func, params);
        self.unit.define(program, &mut self.module);
        let symbol = self.symbol();
        let types = (params, ret);
        let id = self
            .unit
            .host_entry(program, &mut self.module, &symbol, version, types)?;
        stats::add(Counter::functions, 1);
        Some(self.finalized(id, program.funcs[usize::from(func)].name()))
    }

    /// Defines an entry; see [`Unit::entry`].
    fn entry(
        &mut self,
        program: &Program,
        versions: &[VersionId],
        otherwise: Option<&str>,
    ) -> FuncId {
        let symbol = (&*self.symbol(), Linkage::Local);
        self.unit
            .entry(program, &mut self.module, symbol, versions, otherwise)
    }

    fn symbol(&mut self) -> String {
        self.entries += 1;
        format!("entry.{}", self.entries)
    }

    /// Makes an entry executable, with all else that has been defined.
    fn publish(&mut self, entry: FuncId, name: &str) -> Entry {
        let code = self.finalized(entry, name);
        // SAFETY: the code was compiled with the signature of `Entry`; it stays where it is as long as this compiler.
        unsafe { std::mem::transmute::<*const u8, Entry>(code) }
    }

    /// Makes what has been defined executable. Gives where the function starts.
    fn finalized(&mut self, entry: FuncId, name: &str) -> *const u8 {
        if let Err(error) = self.module.finalize_definitions() {
            panic!("finalizing {name}: {error}");
        }
        let code = self.module.get_finalized_function(entry);
        self.note(code, name);
        code
    }

    /// A line of the perf map.
    fn note(&mut self, code: *const u8, name: &str) {
        if let Some(map) = &mut self.perf_map {
            // A map that cannot be written costs names in a profile, nothing else.
            let _ = writeln!(map, "{:x} 1000 ruff:{name}", code as usize);
        }
    }
}

fn create_perf_map() -> Option<File> {
    File::create(format!("/tmp/perf-{}.map", std::process::id())).ok()
}

/// The address behind an imported symbol: a helper, a builtin's descriptor, or the interpreter.
fn address(symbol: &str) -> Option<*const u8> {
    if symbol == INTERPRETER {
        return Some(interp::entry as *const u8);
    }
    if let Some(helper) = HELPERS.iter().find(|helper| helper.symbol == symbol) {
        return Some((helper.addr)());
    }
    let builtin = SYMBOLS.iter().position(|known| *known == symbol)?;
    Some((ALL[builtin] as *const Builtin).cast())
}
