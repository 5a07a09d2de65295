//! What must hold for any input: nothing panics, hangs or goes out of bounds, and a few things more.
//!
//! A [`Target`] takes bytes and panics where a promise is broken. `cargo test` gives each of them its corpus and a bounded
//! number of mutants; `fuzz/libfuzzer` gives them to a fuzzer that looks at coverage.
//! It does not know who calls it.

mod arguments;
mod builtins;
mod bytecode;
pub mod mutate;
mod source;

/// Something that takes any bytes.
pub struct Target {
    /// The name of its corpus and of its fuzzer.
    pub name: &'static str,
    /// Panics where a promise is broken.
    pub run: fn(&[u8]),
    /// Inputs are texts of the language: its programs are seeds, its words make mutants.
    pub takes_programs: bool,
}

macro_rules! targets {
    ($($(#[doc = $doc:literal])+ $name:literal = $run:path, $programs:literal;)*) => {
        /// All targets.
        pub const TARGETS: &[Target] = &[$(
            Target { name: $name, run: $run, takes_programs: $programs },
        )*];
    };
}
targets! {
    /// Text to tokens: they lie in the text, one behind the other, and faults can be shown.
    "lexer" = source::lexer, true;
    /// Text to a tree: what it says of faults can be shown, and without any the tree can be printed.
    "parser" = source::parser, true;
    /// Text to bytecode: a program is refused with a position, or the verifier passes it.
    "compiler" = source::compiler, true;
    /// Bytes as instructions: the verifier decides without harm, and what it passes can be listed.
    "bytecode" = bytecode::verifier, false;
    /// `parse_json`, and back.
    "json" = builtins::json, false;
    /// The builtins that only compute, those over strings among them, with any arguments.
    "builtins" = builtins::pure, false;
    /// The command lines of `ruff` and `ruffc`.
    "arguments" = arguments::command_lines, false;
}

/// Gives an input to the target of that name.
///
/// # Panics
/// If the target breaks a promise, or if there is none of that name.
pub fn run(name: &str, input: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("the name is one of the table").run)(input);
}
