//! Output files that appear whole or not at all; and the standard streams of the tools.
//!
//! In: a path. Out: a temporary file beside it, which takes its name once it is complete, or disappears.
//! It does not know what is written.

use super::{FILE, Failure};
use ruff_runtime::os::EXIT_BROKEN_PIPE;
use ruff_runtime::os::interrupt::Unfinished;
use ruff_runtime::start;
use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

/// A file on its way to `target`. Dropping it without [`Output::keep`] removes it.
#[derive(Debug)]
pub struct Output {
    target: PathBuf,
    temporary: PathBuf,
    /// Removes it if a signal ends the process.
    _unfinished: Unfinished,
}

impl Output {
    /// Makes the temporary file, in the directory of `target`, so that a directory that cannot be written is found early. What is
    /// no regular file (a device, a pipe) will only be written into: its directory need not be writable.
    pub fn create(target: &Path) -> Result<Output, Failure> {
        let failed = |error: io::Error| cannot_write(target, &error);
        if target.is_dir() {
            return Err(failed(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        let directory = match target.parent() {
            _ if is_special(target) => std::env::temp_dir(),
            Some(parent) if !parent.as_os_str().is_empty() => parent.into(),
            _ => ".".into(),
        };
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        for number in 0..100 {
            let temporary = directory.join(format!(".{name}.{}-{number}.tmp", std::process::id()));
            let unfinished = Unfinished::new(temporary.as_os_str().as_encoded_bytes());
            match OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&temporary)
            {
                Ok(_) => {
                    return Ok(Output {
                        target: target.into(),
                        temporary,
                        _unfinished: unfinished,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Err(failed(io::Error::from(io::ErrorKind::AlreadyExists)))
    }

    /// The temporary file, for tools that write it themselves.
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// Writes all of the content.
    pub fn write(&self, bytes: &[u8]) -> Result<(), Failure> {
        let written = File::create(&self.temporary).and_then(|mut file| file.write_all(bytes));
        written.map_err(|error| cannot_write(&self.target, &error))
    }

    /// Gives the file its name, or writes its content into what is special.
    pub fn keep(self) -> Result<(), Failure> {
        let kept = if is_special(&self.target) {
            fs::read(&self.temporary).and_then(|bytes| fs::write(&self.target, bytes))
        } else {
            fs::rename(&self.temporary, &self.target)
        };
        kept.map_err(|error| cannot_write(&self.target, &error))
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // After `keep` it is gone already, unless the target is special.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// Writes a whole file.
pub fn write(target: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let output = Output::create(target)?;
    output.write(bytes)?;
    output.keep()
}

/// Writes to standard output. A reader that has gone away is no fault of ours: the failure says nothing.
pub fn to_stdout(bytes: &[u8]) -> Result<(), Failure> {
    // `Stdout` itself says that everything is well where the stream is closed.
    let out = io::stdout().as_fd().try_clone_to_owned();
    let written = out.and_then(|out| File::from(out).write_all(bytes));
    written.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure {
            text: String::new(),
            code: EXIT_BROKEN_PIPE,
        },
        // The words are those of the runtime, when a program's output cannot be written.
        _ => Failure {
            text: format!("[RUFCLI002] [cli] error: Cannot write to standard output: {error}\n"),
            code: FILE,
        },
    })
}

/// What a tool says instead of doing something, and its exit code: of itself on standard output, with ornaments for a terminal; or
/// what is wrong with its arguments, and then it does not return.
pub fn no_command(message: &clap::Error) -> i32 {
    if message.use_stderr() {
        message.exit();
    }
    let plain = message.render();
    let text = if io::stdout().is_terminal() && start::wants_color() {
        plain.ansi().to_string()
    } else {
        plain.to_string()
    };
    to_stdout(text.as_bytes()).map_or_else(|failure| failure.report(), |()| 0)
}

/// Writes to standard error. Where that cannot be written there is nobody to tell.
pub fn to_stderr(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Whether something is there that must not be replaced.
fn is_special(target: &Path) -> bool {
    fs::metadata(target).is_ok_and(|there| !there.is_file())
}

fn cannot_write(target: &Path, error: &io::Error) -> Failure {
    Failure::file(format_args!("Cannot write '{}': {error}", target.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_only_when_it_is_kept() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let target = directory.path().join("out");
        let count = || fs::read_dir(directory.path()).expect("readable").count();
        let output = Output::create(&target).expect("writable");
        output.write(b"half").expect("writable");
        assert!(!target.exists());
        drop(output);
        assert_eq!(count(), 0);
        write(&target, b"whole").expect("writable");
        assert_eq!(
            (fs::read(&target).expect("there"), count()),
            (b"whole".to_vec(), 1)
        );
    }

    #[test]
    fn a_missing_directory_is_a_file_error() {
        let failure =
            write(Path::new("no/such/directory/out"), b"").expect_err("cannot be written");
        assert_eq!(failure.code, super::super::FILE);
        assert!(
            failure
                .text
                .contains("Cannot write 'no/such/directory/out': No such file"),
            "{failure}"
        );
    }
}
