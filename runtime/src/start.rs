//! Starts and ends a program: what `main` of an executable calls, and what `ruff` shares with it.
//!
//! In: a loaded context, or the tables that `ruffc` put into an executable. Out: the exit code, after the last of the
//! output and, for an uncaught error, the report of language.md §14.2.
//! It does not know which engine runs the functions.

use crate::builtins::Builtin;
use crate::ctx::{Ctx, Entry};
use crate::error::{Pos, Thrown};
use crate::heap::{checker, live};
use crate::image::codec;
use crate::{ops, os};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Display};

/// Exit code of a program that ends with an uncaught error.
pub const UNCAUGHT: i32 = 4;

/// An uncaught error, taken out of the context: what people and tools are told.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Uncaught {
    /// `e.message`
    pub message: String,
    /// The file, as named on the command line or found by import; empty if the position is unknown.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// Names of the functions that were active, innermost first.
    pub stack: Vec<String>,
    /// Whether to print in colour.
    pub color: bool,
}

/// Functions at either end of a long call stack that are printed.
const SHOWN: usize = 20;

impl Uncaught {
    /// Takes the pending error.
    pub fn take(cx: &mut Ctx) -> Option<Uncaught> {
        let pending = cx.pending.take()?;
        let known = |at: &Pos| !at.is_unknown();
        let stack = pending.unwound.iter().map(|&func| {
            // SAFETY: the context owns its function table, and `unwound` only holds entries of it.
            String::from(unsafe { (*func).name.as_str() })
        });
        Some(Uncaught {
            message: String::from(pending.message.as_text().unwrap_or_default()),
            file: Some(pending.at)
                .filter(known)
                .and_then(|at| cx.image.files.get(at.file()).cloned())
                .unwrap_or_default(),
            line: pending.at.line(),
            column: pending.at.column(),
            stack: stack.collect(),
            color: false,
        })
    }
}

impl Display for Uncaught {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let (bold_red, blue, plain) = if self.color {
            ("\x1b[1;31m", "\x1b[34m", "\x1b[0m")
        } else {
            ("", "", "")
        };
        writeln!(
            out,
            "[RUFVM001] [vm] {bold_red}Runtime Error{plain}: {}",
            self.message
        )?;
        if !self.file.is_empty() {
            writeln!(
                out,
                "  {blue}-->{plain} {}:{}:{}",
                self.file, self.line, self.column
            )?;
        }
        if !self.stack.is_empty() {
            writeln!(out, "\nCall stack:")?;
            let last = self.stack.len().saturating_sub(SHOWN);
            for (i, name) in self.stack.iter().enumerate() {
                if i < SHOWN || i >= last {
                    writeln!(out, "  {i} at {name}")?;
                } else if i == SHOWN {
                    writeln!(out, "  ... {} more", last - SHOWN)?;
                }
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

/// Runs the top level of the program's first file on a stack of its own. Gives the exit code, or the uncaught error.
/// Everything that the program printed has been written before it returns.
pub fn run(cx: &mut Ctx) -> Result<i32, Uncaught> {
    let ran = os::stack::run(|stack| {
        cx.max_depth = stack.max_depth();
        cx.stack_limit = stack.call_limit();
        cx.depth = 0;
        cx.frame = core::ptr::null();
        if cx.image.modules.is_empty() {
            return Ok(());
        }
        // The entry file is a module like any other: whoever imports it while it runs goes in a circle.
        ops::import_module(cx, 0)
    });
    cx.out.flush();
    match ran {
        Ok(()) => Ok(0),
        Err(Thrown) => Err(Uncaught::take(cx).unwrap_or_default()),
    }
}

/// Whether standard error is a terminal on which to use colours.
pub fn wants_color() -> bool {
    // The emptiness rule is that of no-color.org.
    let forbidden = os::environment::get("NO_COLOR").is_some_and(|value| !value.is_empty());
    !forbidden && os::output::error_is_terminal()
}

/// Runs a loaded program as a process does: reports an uncaught error, releases everything, tells tracing variables of the
/// environment what they ask for. Gives the exit code.
pub fn run_process(cx: &mut Ctx, report: impl FnOnce(&mut Ctx, Uncaught)) -> i32 {
    checker::from_environment();
    // SAFETY: the context stays borrowed until the output is released below.
    unsafe { cx.out.hold() };
    let code = run(cx).unwrap_or_else(|error| {
        report(cx, error);
        UNCAUGHT
    });
    trace(cx);
    cx.out.flush();
    cx.out.release();
    code
}

/// Prints an uncaught error as language.md §14.2 says.
pub fn report(cx: &mut Ctx, mut error: Uncaught) {
    error.color = wants_color();
    cx.out.write_error(&alloc::format!("{error}"));
}

/// `RUFF_LIVE_OBJECTS=1` and `RUFF_COPIES=1`: the last lines on standard error tell how many counted objects the program left alive,
/// and how many shared objects were copied.
fn trace(cx: &mut Ctx) {
    let asks = |name: &str| os::environment::get(name).is_some_and(|value| value == "1");
    if asks("RUFF_COPIES") {
        let copies = live::copies();
        cx.out.write_error(&alloc::format!("copies: {copies}\n"));
    }
    if asks("RUFF_LIVE_OBJECTS") {
        cx.shutdown();
        let objects = live::objects();
        cx.out
            .write_error(&alloc::format!("live objects: {objects}\n"));
    }
}

/// What `ruffc` puts into an executable besides machine code.
#[repr(C)]
pub struct Program {
    /// The encoded image (`image/codec`).
    pub image: *const u8,
    /// Its length in bytes.
    pub image_len: usize,
    /// The entry of each function of the program.
    pub entries: *const Entry,
    /// The descriptors of the builtins that the program mentions, by their number in the image.
    pub builtins: *const &'static Builtin,
    /// How many there are.
    pub builtin_count: usize,
    /// Makes the program's constant arrays and dicts, if it has some.
    pub make_collections: Option<extern "C" fn(&mut Ctx)>,
}

/// `main` of an executable. Gives the exit code of the process.
///
/// # Safety
/// `argc` and `argv` must be those of `main`, and `program` what `ruffc` has made: an image, and tables of the lengths
/// that the image and `builtin_count` say.
// SAFETY: the name is ours alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ruff_start(
    argc: i32,
    argv: *const *const core::ffi::c_char,
    program: *const Program,
) -> i32 {
    os::start();
    // SAFETY: the caller's promise.
    let (program, bytes, builtins) = unsafe {
        let program = &*program;
        (
            program,
            core::slice::from_raw_parts(program.image, program.image_len),
            core::slice::from_raw_parts(program.builtins, program.builtin_count),
        )
    };
    let Some(image) = codec::decode(bytes) else {
        os::memory::die(format_args!(
            "[RUFRT001] [runtime] error: the program's image is damaged"
        ));
    };
    // SAFETY: the image has as many functions as the table has entries.
    let entry_of = |id: u32| unsafe { *program.entries.add(id as usize) };
    let mut cx = Ctx::load(image, &entry_of, &|id| builtins.get(id as usize).copied());
    if let Some(make_collections) = program.make_collections {
        make_collections(&mut cx);
    }
    // SAFETY: `main` gets `argc` strings; the first is the program itself.
    cx.args = (1..argc.max(1) as usize)
        .map(|i| unsafe { core::ffi::CStr::from_ptr(*argv.add(i)) })
        .map(|arg| String::from_utf8_lossy(arg.to_bytes()).into_owned())
        .collect();
    let code = run_process(&mut cx, report);
    os::exit(code)
}
