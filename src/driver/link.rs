//! Makes an executable of an object file and the runtime, by the system's C compiler driver.
//!
//! In: an object, a target, a path. Out: an executable, or the reason why there is none, with the command that would make it.
//! It does not know what the object contains.

use super::Failure;
use super::output::Output;
use object::Object;
use object::read::archive::ArchiveFile;
use ruff_runtime::os::interrupt::Running;
use std::env;
use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use target_lexicon::{Architecture, BinaryFormat, Triple};

/// The file name of the runtime archive.
const ARCHIVE: &str = "libruff_runtime.a";

/// The runtime archive for executables of a target: `RUFF_RUNTIME` (the file or its directory), beside this program, or in the `lib`
/// directory of its install prefix; there, archives for other machines are in directories with the names of targets.
fn archive(target: &Triple) -> Result<PathBuf, Failure> {
    if let Some(named) = env::var_os("RUFF_RUNTIME") {
        let named = PathBuf::from(named);
        let file = if named.is_dir() {
            named.join(ARCHIVE)
        } else {
            named
        };
        return if file.is_file() {
            Ok(file)
        } else {
            Err(Failure::internal(format_args!(
                "RUFF_RUNTIME names '{}', which is not there",
                file.display()
            )))
        };
    }
    let program = env::current_exe().and_then(|path| path.canonicalize());
    let program = program.map_err(Failure::internal)?;
    let beside = program.parent().unwrap_or(Path::new("."));
    let places = [
        beside.to_owned(),
        beside.join("../lib/ruff"),
        beside.join("../lib"),
    ];
    let own = places.iter().map(|place| place.join(target.to_string()));
    let found = own
        .chain(places.iter().cloned())
        .map(|place| place.join(ARCHIVE))
        .find(|file| file.is_file());
    found.ok_or_else(|| {
        Failure::internal(format_args!(
            "{ARCHIVE} is neither beside ruffc ({}) nor in ../lib; build it with `cargo build`, or name it by RUFF_RUNTIME",
            beside.display()
        ))
    })
}

/// Fails unless the archive is for the machine and the format of the object.
fn check_archive(target: &Triple, archive: &Path, object: &[u8]) -> Result<(), Failure> {
    let bytes = std::fs::read(archive).map_err(Failure::internal)?;
    let found = ArchiveFile::parse(&*bytes).ok().and_then(|archive| {
        let mut members = archive.members().flatten();
        members.find_map(|member| machine(member.data(&*bytes).ok()?))
    });
    if found.is_some() && found == machine(object) {
        return Ok(());
    }
    let found = found.map_or("no machine".into(), |(architecture, format)| {
        format!("{architecture:?} ({format:?})")
    });
    Err(Failure::internal(format_args!(
        "cannot link for {target} here: the runtime archive at hand is for {found}"
    )))
}

/// What an object file is for.
fn machine(object: &[u8]) -> Option<(object::Architecture, object::BinaryFormat)> {
    let object = object::File::parse(object).ok()?;
    Some((object.architecture(), object.format()))
}

/// How to make an executable for a target: the words of a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkCommand(Vec<OsString>);

impl LinkCommand {
    /// The command that links `object` and the runtime in `archive` into `executable`.
    pub fn new(
        target: &Triple,
        object: &Path,
        archive: &Path,
        executable: &Path,
        keep_symbols: bool,
    ) -> LinkCommand {
        let mut words = driver(target);
        words.extend([object.into(), archive.into()]);
        let flags: &[&str] = match target.binary_format {
            BinaryFormat::Macho => &["-Wl,-dead_strip"],
            BinaryFormat::Coff => &["-Wl,--gc-sections"],
            // Code and constants share pages, and nobody looks for handlers by a table, since nothing unwinds: a small
            // executable is then a tenth smaller.
            _ => &[
                "-pie",
                "-Wl,--gc-sections,--no-eh-frame-hdr",
                "-Wl,-z,noseparate-code",
                "-lm",
            ],
        };
        words.extend(flags.iter().map(OsString::from));
        if !keep_symbols {
            words.push("-s".into());
        }
        words.extend([OsString::from("-o"), executable.into()]);
        LinkCommand(words)
    }

    /// Runs it. The linker's own words are part of the failure.
    pub fn run(&self) -> Result<(), Failure> {
        let [program, words @ ..] = &self.0[..] else {
            unreachable!("a command has a program");
        };
        let (status, said) = listen(Command::new(program).args(words)).map_err(|error| {
            Failure::internal(format_args!(
                "cannot run the linker '{}': {error}",
                program.display()
            ))
        })?;
        if status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&said);
        Err(Failure::internal(format_args!(
            "the linker '{}' failed ({}):\n{}",
            program.display(),
            status,
            said.trim_end()
        )))
    }
}

/// Runs a command, and has it end with this process; gives how it ended and what it said on standard error.
fn listen(command: &mut Command) -> io::Result<(ExitStatus, Vec<u8>)> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let piped = command.stdin(Stdio::null()).stdout(Stdio::null());
    let piped = piped.stderr(Stdio::piped());
    let start = || piped.spawn().map(|child| (child.id() as i32, child));
    let (running, mut child) = Running::start(start)?;
    let mut said = Vec::new();
    if let Some(stderr) = &mut child.stderr {
        stderr.read_to_end(&mut said)?;
    }
    drop(running);
    Ok((child.wait()?, said))
}

impl std::fmt::Display for LinkCommand {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        for (i, word) in self.0.iter().enumerate() {
            let word = word.to_string_lossy();
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:+@%".contains(c);
            let blank = if i == 0 { "" } else { " " };
            if !word.is_empty() && word.chars().all(plain) {
                write!(out, "{blank}{word}")?;
            } else {
                write!(out, "{blank}'{}'", word.replace('\'', r"'\''"))?;
            }
        }
        Ok(())
    }
}

/// The C compiler driver for a target: `CC` or `cc` for this machine, the customary cross compiler for others. The words of
/// a command.
pub fn driver(target: &Triple) -> Vec<OsString> {
    if is_host(target) {
        let named = env::var_os("CC").map_or(Vec::new(), words);
        return if named.is_empty() {
            vec!["cc".into()]
        } else {
            named
        };
    }
    let program = match (target.binary_format, target.architecture) {
        (BinaryFormat::Coff, _) => "x86_64-w64-mingw32-gcc".into(),
        (BinaryFormat::Macho, Architecture::Aarch64(_)) => "aarch64-apple-darwin-clang".into(),
        (BinaryFormat::Macho, _) => "x86_64-apple-darwin-clang".into(),
        (_, Architecture::Riscv64(_)) => "riscv64-linux-gnu-gcc".into(),
        (_, architecture) => format!("{architecture}-linux-gnu-gcc").into(),
    };
    vec![program]
}

/// The words of `CC`, which may be a program with flags (`ccache gcc`) or the path of a program, blanks and all.
fn words(named: OsString) -> Vec<OsString> {
    match named.to_str() {
        Some(text) if !Path::new(text).is_file() => {
            text.split_whitespace().map(OsString::from).collect()
        }
        _ => vec![named],
    }
}

/// Whether executables for `target` run on this machine.
pub fn is_host(target: &Triple) -> bool {
    let host = Triple::host();
    (
        target.architecture,
        target.operating_system,
        target.binary_format,
    ) == (host.architecture, host.operating_system, host.binary_format)
}

/// Links an executable. If that is not possible the object is left as `OUT.o`, and the failure ends with the command to run.
pub fn executable(
    target: &Triple,
    object: &[u8],
    out: &Path,
    keep_symbols: bool,
) -> Result<(), Failure> {
    let beside = PathBuf::from(format!("{}.o", out.display()));
    let archive = archive(target).and_then(|archive| {
        if !is_host(target) {
            check_archive(target, &archive, object)?;
        }
        Ok(archive)
    });
    let linked = archive.clone().and_then(|archive| {
        // Both lie where the executable will: if that place cannot be written, the failure says so.
        let (executable, file) = (Output::create(out)?, Output::create(out)?);
        file.write(object)?;
        LinkCommand::new(
            target,
            file.path(),
            &archive,
            executable.path(),
            keep_symbols,
        )
        .run()?;
        executable.keep()
    });
    let Err(mut failure) = linked else {
        return Ok(());
    };
    if failure.code == super::INTERNAL {
        super::output::write(&beside, object)?;
        let command = LinkCommand::new(
            target,
            &beside,
            &archive.unwrap_or_else(|_| ARCHIVE.into()),
            out,
            keep_symbols,
        );
        failure.text += &format!(
            "  = help: the object is in {}; link it with\n    {command}\n",
            beside.display()
        );
    }
    Err(failure)
}
