//! Who drives the stages, and where the code lands: in memory for `ruff`, in files for `ruffc`.
//!
//! In: what the binaries and embedders ask for. Out: effects, and a [`Failure`] for what went wrong outside the program.
//! The stages below know nothing of files, engines or each other's callers; this floor does.

pub mod aot;
pub mod bench;
pub mod build;
pub mod check;
pub mod compiler;
pub mod dump;
pub mod front;
pub mod host_call;
pub mod isa;
pub mod jit;
mod jit_memory;
mod json;
pub mod link;
pub mod native;
pub mod output;
pub mod run;
pub mod stats;
pub mod test_run;
pub mod tier;

use ruff_runtime::os::stack;
use std::fmt;

/// Bytes of the stack on which a tool works.
const TOOL_STACK: usize = 16 << 20;

/// Runs a tool on a stack of its own: that of the process may be small.
pub fn on_own_stack<R>(tool: impl FnOnce() -> R) -> R {
    stack::Kept::of(TOOL_STACK).run(|_| tool())
}

/// Why the toolchain stops: a text for standard error, and the exit code of language.md §20.2.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// What to print, ending with a line end.
    pub text: String,
    /// How to end the process.
    pub code: i32,
}

/// Exit code for a wrong command line.
pub const USAGE: i32 = 2;
/// Exit code for a file that cannot be read or written.
pub const FILE: i32 = 5;
/// Exit code for a fault of the toolchain or the machine it runs on.
pub const INTERNAL: i32 = 6;

impl Failure {
    /// Tells the user, and gives the exit code.
    pub fn report(&self) -> i32 {
        output::to_stderr(&self.text);
        self.code
    }

    /// A wrong command line.
    pub fn usage(message: impl fmt::Display) -> Failure {
        Failure {
            text: format!("[RUFCLI003] [cli] error: {message}\n"),
            code: USAGE,
        }
    }

    /// A file that cannot be read or written.
    pub fn file(message: impl fmt::Display) -> Failure {
        Failure {
            text: format!("[RUFCLI001] [cli] error: {message}\n"),
            code: FILE,
        }
    }

    /// A fault of the toolchain, or of the machine.
    pub fn internal(message: impl fmt::Display) -> Failure {
        Failure {
            text: format!("[RUFCLI006] [cli] error: {message}\n"),
            code: INTERNAL,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str(self.text.trim_end())
    }
}

impl std::error::Error for Failure {}
