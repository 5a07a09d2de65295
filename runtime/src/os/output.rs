//! Buffered standard output, and standard error beside it.
//!
//! In: text. Out: the same text on the stream, in order: the buffer is written when it is full, before input is read,
//! before anything goes to standard error and at the end; after every line if the stream is a terminal.
//! Standard output that cannot be written ends the process: quietly if its reader has gone away (`| head`), with a
//! message otherwise. So no caller has to look.

use super::error::{Error, check};
use super::{EXIT_BROKEN_PIPE, EXIT_CANNOT_WRITE, exit, interrupt};
use alloc::string::String;
use core::ffi::c_int;
use core::ptr;
use core::sync::atomic::{
    AtomicBool, AtomicPtr,
    Ordering::{Relaxed, SeqCst},
    compiler_fence,
};

/// Bytes after which the buffer is written.
const FULL: usize = 32 * 1024;

/// Where the text goes.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Sink {
    /// Standard output; nobody has looked yet what it is.
    #[default]
    Unknown,
    /// Standard output, a file or pipe.
    Stream,
    /// Standard output, a terminal.
    Terminal,
    /// Nowhere: the buffer keeps it for [`Output::take`].
    Memory,
}

/// The output that is written if the process ends before its time; null if there is none.
static LAST_WORDS: AtomicPtr<Output> = AtomicPtr::new(ptr::null_mut());

/// Standard output with a buffer.
#[derive(Default)]
pub struct Output {
    buffer: String,
    sink: Sink,
    /// The buffer is being changed or written: signal handlers must not look at it.
    busy: AtomicBool,
}

impl Output {
    /// Output that only collects: for tests and programs that embed the language.
    pub fn in_memory() -> Output {
        Output {
            sink: Sink::Memory,
            ..Output::default()
        }
    }

    /// Has what is in the buffer written even if a signal or a fault ends the process, until [`Output::release`].
    ///
    /// # Safety
    /// The output must stay where it is until then.
    pub unsafe fn hold(&mut self) {
        LAST_WORDS.store(self, SeqCst);
    }

    /// The end of [`Output::hold`].
    pub fn release(&mut self) {
        LAST_WORDS.store(ptr::null_mut(), SeqCst);
    }

    /// Appends text.
    pub fn write(&mut self, text: &str) {
        self.buffer().push_str(text);
        self.wrote();
    }

    /// The buffer, to append to; call [`Output::wrote`] afterwards.
    #[inline]
    pub fn buffer(&mut self) -> &mut String {
        self.busy.store(true, Relaxed);
        // The handler runs on this thread: it is enough that the compiler keeps the order.
        compiler_fence(SeqCst);
        &mut self.buffer
    }

    /// Writes the buffer if it is full, or if a terminal should show the line now.
    #[inline]
    pub fn wrote(&mut self) {
        self.rest();
        if self.buffer.len() >= FULL || !matches!(self.sink, Sink::Stream | Sink::Memory) {
            self.wrote_enough();
        }
    }

    #[cold]
    fn wrote_enough(&mut self) {
        if self.sink == Sink::Unknown {
            // SAFETY: only asks what the descriptor is.
            let terminal = unsafe { libc::isatty(libc::STDOUT_FILENO) } == 1;
            self.sink = if terminal {
                Sink::Terminal
            } else {
                Sink::Stream
            };
        }
        if self.buffer.len() >= FULL || self.sink == Sink::Terminal {
            self.flush();
        }
    }

    /// Writes everything buffered. Ends the process if that is not possible.
    pub fn flush(&mut self) {
        if self.sink == Sink::Memory || self.buffer.is_empty() {
            return;
        }
        self.busy.store(true, SeqCst);
        let result = write_all(libc::STDOUT_FILENO, self.buffer.as_bytes());
        self.buffer.clear();
        if let Err(error) = result {
            cannot_write(error);
        }
        self.rest();
    }

    /// The buffer is complete: signals that came meanwhile are heard now.
    #[inline]
    fn rest(&mut self) {
        compiler_fence(SeqCst);
        self.busy.store(false, Relaxed);
        interrupt::poll();
    }

    /// Writes to standard error, after everything that is buffered. A failure is ignored: there is nobody to tell.
    pub fn write_error(&mut self, text: &str) {
        self.flush();
        let _ = write_all(libc::STDERR_FILENO, text.as_bytes());
    }

    /// The text collected [in memory](Output::in_memory), or not yet written.
    pub fn take(&mut self) -> String {
        core::mem::take(&mut self.buffer)
    }
}

/// In a signal handler: writes what is in the buffer; false if it is just being changed.
pub(super) fn flush_from_handler() -> bool {
    // SAFETY: held outputs are alive, and do not change while the handler of their thread runs.
    let Some(output) = (unsafe { LAST_WORDS.load(SeqCst).as_ref() }) else {
        return true;
    };
    if output.busy.load(SeqCst) {
        return false;
    }
    let _ = write_all(libc::STDOUT_FILENO, output.buffer.as_bytes());
    true
}

/// Before a fault ends the process: writes what is in the buffer. Where the fault happened while the buffer grew, it still is what it
/// was before; where it happened while the buffer was written, it was not this function's turn.
pub(super) fn flush_at_a_fault() {
    let output = LAST_WORDS.swap(ptr::null_mut(), SeqCst);
    // SAFETY: held outputs are alive; the process ends after this, so nobody uses the reference again.
    if let Some(output) = unsafe { output.as_ref() } {
        let _ = write_all(libc::STDOUT_FILENO, output.buffer.as_bytes());
    }
}

/// Whether standard error is a terminal.
pub fn error_is_terminal() -> bool {
    // SAFETY: only asks what the descriptor is.
    unsafe { libc::isatty(libc::STDERR_FILENO) == 1 }
}

#[cold]
fn cannot_write(error: Error) -> ! {
    if error.0 == libc::EPIPE {
        exit(EXIT_BROKEN_PIPE);
    }
    let text =
        alloc::format!("[RUFCLI002] [cli] error: Cannot write to standard output: {error}\n");
    let _ = write_all(libc::STDERR_FILENO, text.as_bytes());
    exit(EXIT_CANNOT_WRITE)
}

/// Writes all bytes, waiting where the descriptor does not block.
pub(super) fn write_all(descriptor: c_int, mut bytes: &[u8]) -> super::Result {
    while !bytes.is_empty() {
        // SAFETY: the slice is readable for its length.
        match check(|| unsafe { libc::write(descriptor, bytes.as_ptr().cast(), bytes.len()) }) {
            Ok(written) => bytes = &bytes[written as usize..],
            Err(Error(libc::EAGAIN)) => super::process::wait_writable(descriptor),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_keeps_everything() {
        let mut out = Output::in_memory();
        for _ in 0..10_000 {
            out.write("0123456789");
        }
        out.flush();
        assert_eq!(out.take().len(), 100_000);
    }
}
