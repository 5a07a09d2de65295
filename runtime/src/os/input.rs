//! Buffered standard input.

use super::error::check;
use super::{Error, Result};
use alloc::vec::Vec;

/// Standard input with a buffer. Lines are taken off its front.
#[derive(Default)]
pub struct Input {
    buffer: Vec<u8>,
    /// Where the bytes begin that nobody has taken yet.
    start: usize,
}

impl Input {
    /// The next line without its `\n`, or `None` at the end of input.
    pub fn line(&mut self) -> Result<Option<Vec<u8>>> {
        let mut seen = self.start;
        loop {
            if let Some(at) = self.buffer[seen..].iter().position(|&b| b == b'\n') {
                let line = self.buffer[self.start..seen + at].to_vec();
                self.start = seen + at + 1;
                return Ok(Some(line));
            }
            seen = self.buffer.len() - self.start;
            if !self.fill()? {
                let rest = self.buffer.split_off(self.start);
                self.buffer.clear();
                self.start = 0;
                return Ok((!rest.is_empty()).then_some(rest));
            }
        }
    }

    /// Reads more; false at the end of input. Moves what is left to the front of the buffer.
    fn fill(&mut self) -> Result<bool> {
        const CHUNK: usize = 16 * 1024;
        self.buffer.drain(..self.start);
        self.start = 0;
        let old = self.buffer.len();
        self.buffer.resize(old + CHUNK, 0);
        let free = &mut self.buffer[old..];
        // SAFETY: the slice is writable for its length.
        let got =
            check(|| unsafe { libc::read(libc::STDIN_FILENO, free.as_mut_ptr().cast(), CHUNK) });
        self.buffer
            .truncate(old + *got.as_ref().unwrap_or(&0) as usize);
        match got {
            Ok(n) => Ok(n > 0),
            // A process without an input reads nothing.
            Err(Error(libc::EBADF)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
