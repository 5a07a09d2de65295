//! The context: everything one running Ruff program owns besides its values.
//!
//! In: an [`Image`] (the program's constants and metadata). Out: [`Ctx`], passed to every operation, builtin and
//! compiled function as the first argument. The leading `#[repr(C)]` fields are read and written by generated code
//! (offsets in `layout.rs`).
//! It does not know which engine runs the program: functions are entry pointers.

mod collections;
mod load;
pub mod tables;

use crate::error::{Pending, Pos, Result, Thrown};
use crate::heap::Ref;
use crate::image::{FuncMeta, Image};
use crate::object::Str;
use crate::ops::room::{self, NoRoom};
use crate::os::output::Output;
use crate::value::{Tag, Value};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt::{Display, Write};
use tables::Tables;

/// The generic entry of a function: `args` points to as many owned values as the function has parameters; the callee
/// consumes them. `callee` is the function object (captures). Gives the tag of the result, whose payload is in
/// `Ctx::ret_bits`, or [`Tag::Error`] with the error pending.
/// Before the call the caller stores its own depth in `Ctx::depth` and its frame in `Ctx::frame`.
pub type Entry =
    unsafe extern "C" fn(cx: *mut Ctx, callee: *const crate::object::Func, args: *mut Value) -> u64;

/// What every engine knows of a function. Lives as long as the program; one per function of the source.
#[repr(C)]
pub struct FuncInfo {
    /// Where a call goes now: the interpreter's entry, or native code.
    pub entry: Cell<Entry>,
    /// Number of parameters (without `self` for methods' messages, with it for calls).
    pub arity: u32,
    /// Index of the function in the program.
    pub id: u32,
    /// Calls and loop iterations seen by the interpreter.
    pub heat: Cell<u32>,
    /// [`FuncInfo::SELF`] and [`FuncInfo::LEGACY`].
    pub flags: u32,
    /// For how many levels of call depth a call counts ([`weight`]).
    pub weight: u32,
    /// As in messages: `f`, `<lambda>`, `S.m`.
    pub name: Ref<Str>,
}

impl FuncInfo {
    /// A method whose first parameter is `self`.
    pub const SELF: u32 = 1;
    /// A method without `self`; the receiver is a hidden first parameter.
    pub const LEGACY: u32 = 2;

    /// True if the first parameter is the receiver.
    #[inline(always)]
    pub fn is_method(&self) -> bool {
        self.flags != 0
    }
}

/// One active call, linked to its caller. On the machine stack of native code, in the frame array of the interpreter.
#[repr(C)]
pub struct FrameRecord {
    /// The caller's record, null for the outermost.
    pub parent: *const FrameRecord,
    /// The active function; null for the top level of a file.
    pub func: *const FuncInfo,
}

/// The state of one running program.
#[repr(C)]
pub struct Ctx {
    /// Payload of the value that a helper or entry returns beside its tag.
    pub ret_bits: u64,
    /// Call depth of the function that is calling out of Ruff code.
    pub depth: u64,
    /// Depth at which a call raises instead.
    pub max_depth: u64,
    /// Lowest address of the machine stack at which a call may still start; below, it raises as if it were too deep.
    pub stack_limit: u64,
    /// Frame of the function that is calling out of Ruff code.
    pub frame: *const FrameRecord,
    /// The program's constants.
    pub consts: *const Value,
    /// The program's global variables.
    pub globals: *mut Value,
    /// The program's functions, by index.
    pub funcs: *const FuncInfo,
    /// The function objects without captures, by index of the function.
    pub func_objects: *const Ref<crate::object::Func>,
    /// Where code that was entered in a loop puts what the registers hold when it leaves that loop: the instruction to go on at, then
    /// the values.
    pub resume: *mut Value,
    // From here on private to Rust code; generated code does not look.
    /// The pending error after a [`Thrown`].
    pub pending: Option<Box<Pending>>,
    /// The program's metadata.
    pub image: Image,
    /// What the metadata became: names, tags, shapes, definitions.
    pub(crate) tables: Tables,
    /// Which modules have run.
    pub(crate) modules: Vec<ModuleState>,
    /// The modules that are running their top-level code, outermost first; the entry file apart.
    pub(crate) importing: Vec<u16>,
    /// Captured variables alive, for the cycle collector.
    pub(crate) cells: crate::heap::cycle::Cells,
    /// Standard output, buffered.
    pub out: Output,
    /// The script's arguments.
    pub args: Vec<String>,
    /// Host effects the program may use.
    pub allowed: crate::builtins::Capabilities,
    /// Random numbers, once seeded.
    pub rng: crate::os::random::Random,
    /// Standard input, buffered.
    pub input: crate::os::input::Input,
    /// What the engine behind the entries keeps for itself: the interpreter's machine. Null if there is none.
    pub engine: *mut core::ffi::c_void,
    /// Function table storage behind `funcs`.
    pub(crate) func_table: Vec<FuncInfo>,
    /// Constant storage behind `consts`.
    pub(crate) const_table: Vec<Value>,
    /// Global storage behind `globals`.
    pub(crate) global_table: Vec<Value>,
}

/// The text of an error, as far as there is room for it.
struct Message(String);

impl Write for Message {
    fn write_str(&mut self, more: &str) -> core::fmt::Result {
        room::in_text(&mut self.0, more.len()).map_err(|NoRoom| core::fmt::Error)?;
        self.0.push_str(more);
        Ok(())
    }
}

/// How far a module's top-level code has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ModuleState {
    Waiting,
    Running,
    Done,
}

/// Registers that a call may have for each level of depth for which it counts.
pub const REGISTERS_PER_LEVEL: u32 = 64;

/// For how many levels of call depth a call of a function with so many registers counts, in every engine: calls of large functions
/// take more room.
pub const fn weight(registers: u16) -> u32 {
    1 + registers as u32 / REGISTERS_PER_LEVEL
}

/// The deepest nesting of calls, the N of "Maximum call stack depth of N exceeded".
pub const MAX_DEPTH: u64 = 100_000;

impl Ctx {
    /// Raises an error of the language or a builtin: `Err(cx.raise(format_args!(…)))`.
    #[cold]
    pub fn raise(&mut self, message: impl Display) -> Thrown {
        let mut text = Message(String::new());
        if write!(text, "{message}").is_err() {
            text = Message(room::TOO_LARGE.into());
        }
        let message = Value::from(Ref::new(Str::from(text.0)));
        self.throw(message.clone(), message, None)
    }

    /// Raises with the given `e.message`, `e.value` and `e.cause`.
    #[cold]
    pub fn throw(&mut self, message: Value, value: Value, cause: Option<Value>) -> Thrown {
        self.pending = Some(Box::new(Pending {
            message,
            value,
            cause,
            at: Pos::default(),
            unwound: Vec::new(),
        }));
        Thrown
    }

    /// Notes that the pending error passes the operation at `at` (kept only if the error has no position yet).
    #[cold]
    pub fn located(&mut self, at: Pos) {
        if let Some(pending) = &mut self.pending
            && pending.at.is_unknown()
        {
            pending.at = at;
        }
    }

    /// Notes that the pending error leaves the frame of `func`. The top level of a file is not noted.
    #[cold]
    pub fn unwound(&mut self, func: *const FuncInfo) {
        let place = func.addr().wrapping_sub(self.funcs.addr()) / size_of::<FuncInfo>();
        let named = |info: &FuncInfo| !info.name.as_str().is_empty();
        if let Some(pending) = &mut self.pending
            && self.func_table.get(place).is_some_and(named)
        {
            pending.unwound.push(func);
        }
    }

    /// The tag of a result for generated code, its payload left in `ret_bits`.
    #[inline(always)]
    pub fn give(&mut self, result: Result) -> u64 {
        match result {
            Ok(value) => {
                let (tag, bits) = value.into_raw();
                self.ret_bits = bits;
                tag
            }
            Err(Thrown) => Tag::Error as u64,
        }
    }

    /// The result behind a tag that generated code or an [`Entry`] returned.
    ///
    /// # Safety
    /// `tag` must be what an entry or helper has just returned, with its payload in `ret_bits`.
    #[inline(always)]
    pub unsafe fn taken(&mut self, tag: u64) -> Result {
        if tag == Tag::Error as u64 {
            return Err(Thrown);
        }
        // SAFETY: the caller's promise; the count passes to the result.
        Ok(unsafe { Value::from_raw(tag, self.ret_bits) })
    }

    /// A function of the program.
    #[inline(always)]
    pub fn func(&self, id: u32) -> &FuncInfo {
        &self.func_table[id as usize]
    }

    /// The value of a global variable; the uninitialised mark before it has one.
    pub fn global(&self, id: u16) -> &Value {
        &self.global_table[id as usize]
    }

    /// What the image says of a function.
    pub fn func_meta(&self, id: u32) -> &FuncMeta {
        &self.image.funcs[id as usize]
    }
}
