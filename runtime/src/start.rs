//! Starts and ends a program: what `main` of an executable calls, and what `ruff` shares with it.
//!
//! In: a loaded context, or the tables that `ruffc` put into an executable. Out: the exit code, after the last of the
//! output and, for an uncaught error, the report of language.md §14.2.
//! It does not know which engine runs the functions.

use crate::ctx::Ctx;
use crate::error::Pos;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Display};

/// Exit code of a program that ends with an uncaught error.
pub const UNCAUGHT: i32 = 4;

/// An uncaught error, taken out of the context: what people and tools are told.
#[derive(Clone, PartialEq, Debug)]
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
            for (i, name) in self.stack.iter().enumerate() {
                writeln!(out, "  {i} at {name}")?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}
