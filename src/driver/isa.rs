//! Machines to compile for.
//!
//! In: a target triple and an optimisation level. Out: Cranelift's description of the machine, with the settings that both
//! drivers share. It does not know who compiles what.

use super::Failure;
use cranelift_codegen::isa::{self, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use std::str::FromStr;
use target_lexicon::{BinaryFormat, Triple};

/// How much the back end should think: `-O0` to `-O3`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct OptLevel(pub u8);

impl OptLevel {
    /// How many levels of calls are inlined.
    pub fn inlined_levels(self) -> u32 {
        match self.0 {
            0 | 1 => 0,
            2 => 2,
            _ => 3,
        }
    }
}

impl Default for OptLevel {
    fn default() -> OptLevel {
        OptLevel(2)
    }
}

/// How Cranelift assigns registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Registers {
    /// Live ranges over the whole function: good code.
    #[default]
    Backtracking,
    /// One walk over the instructions: soon done.
    SinglePass,
}

/// How Cranelift compiles. Nothing here changes what the code does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BackEnd {
    /// How much it should think.
    pub level: OptLevel,
    /// How it assigns registers.
    pub registers: Registers,
    /// Whether it verifies what it is given.
    pub verifies: bool,
}

impl Default for BackEnd {
    fn default() -> BackEnd {
        OptLevel::default().into()
    }
}

impl From<OptLevel> for BackEnd {
    fn from(level: OptLevel) -> BackEnd {
        BackEnd {
            level,
            registers: Registers::default(),
            verifies: cfg!(debug_assertions),
        }
    }
}

/// The targets of `ruffc --target`, as `--print targets` lists them.
pub const TARGETS: &[&str] = &[
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "riscv64gc-unknown-linux-gnu",
    "s390x-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-gnu",
];

/// The triple of that name, if it is one we can compile for.
pub fn triple(name: &str) -> Result<Triple, Failure> {
    let known = Triple::from_str(name).ok().filter(|triple| {
        // Relocations of AArch64 COFF and RISC-V Mach-O do not exist in the object writer.
        isa::lookup(triple.clone()).is_ok()
            && match triple.binary_format {
                BinaryFormat::Elf => true,
                BinaryFormat::Macho => !triple.architecture.to_string().starts_with("riscv"),
                BinaryFormat::Coff => triple.architecture.to_string() == "x86_64",
                _ => false,
            }
            && triple.pointer_width().is_ok_and(|width| width.bits() == 64)
    });
    known.ok_or_else(|| {
        Failure::usage(format_args!(
            "cannot compile for target '{name}'; `ruffc --print targets` lists the known ones"
        ))
    })
}

/// The machine we run on, with all of its instructions: for code that stays in memory.
pub fn host(back_end: BackEnd) -> Result<OwnedTargetIsa, Failure> {
    let builder = cranelift_native::builder().map_err(Failure::internal)?;
    finish(builder, back_end)
}

/// A machine of that triple without optional instructions: for code that others run.
pub fn portable(triple: Triple, back_end: BackEnd) -> Result<OwnedTargetIsa, Failure> {
    let builder = isa::lookup(triple).map_err(Failure::internal)?;
    finish(builder, back_end)
}

fn finish(builder: isa::Builder, back_end: BackEnd) -> Result<OwnedTargetIsa, Failure> {
    let mut flags = settings::builder();
    let opt_level = match back_end.level {
        OptLevel(0) => "none",
        _ => "speed",
    };
    let registers = match back_end.registers {
        Registers::Backtracking => "backtracking",
        Registers::SinglePass => "single_pass",
    };
    let verify = if back_end.verifies { "true" } else { "false" };
    for (name, value) in [
        ("opt_level", opt_level),
        ("regalloc_algorithm", registers),
        ("enable_verifier", verify),
        // Position independence comes from colocated symbols; `is_pic` would load every address from a table.
        ("is_pic", "false"),
        // The guard pages of the program's stack are wider than any frame.
        ("enable_probestack", "false"),
        ("unwind_info", "false"),
    ] {
        flags.set(name, value).map_err(Failure::internal)?;
    }
    builder
        .finish(settings::Flags::new(flags))
        .map_err(Failure::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_target_exists() {
        for name in TARGETS {
            let triple = triple(name).expect("listed");
            portable(triple, OptLevel(0).into()).expect("compiled in");
        }
        host(BackEnd::default()).expect("the tests run on a supported machine");
    }

    #[test]
    fn others_are_refused() {
        for name in [
            "vax",
            "aarch64-pc-windows-msvc",
            "i686-unknown-linux-gnu",
            "wasm32-wasip1",
        ] {
            assert_eq!(triple(name).expect_err(name).code, super::super::USAGE);
        }
    }
}
