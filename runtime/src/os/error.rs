//! Errors of system calls, printed as the system names them: `No such file or directory (os error 2)`.

use alloc::string::String;
use alloc::vec::Vec;
use core::ffi::{CStr, c_int};
use core::fmt;

/// An error number of the system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Error(pub c_int);

/// The result of a system call.
pub type Result<T = ()> = core::result::Result<T, Error>;

impl Error {
    /// The path names nothing.
    pub const NOT_FOUND: Error = Error(libc::ENOENT);
    /// The path is taken.
    pub const EXISTS: Error = Error(libc::EEXIST);
    /// The argument cannot mean anything to the system.
    pub const INVALID: Error = Error(libc::EINVAL);
    /// The system has no memory left.
    pub const NO_MEMORY: Error = Error(libc::ENOMEM);

    /// What the last failed call of this thread reported.
    pub fn last() -> Error {
        // SAFETY: the location belongs to this thread and is always readable.
        Error(unsafe { *errno() })
    }
}

#[cfg(any(target_os = "linux", target_os = "emscripten"))]
unsafe fn errno() -> *mut c_int {
    // SAFETY: has no precondition.
    unsafe { libc::__errno_location() }
}

#[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
unsafe fn errno() -> *mut c_int {
    // SAFETY: has no precondition.
    unsafe { libc::__error() }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buffer = [0u8; 128];
        // SAFETY: the buffer is writable for the length given.
        let failed = unsafe { libc::strerror_r(self.0, buffer.as_mut_ptr().cast(), buffer.len()) };
        let text = CStr::from_bytes_until_nul(&buffer)
            .ok()
            .filter(|text| failed == 0 && !text.is_empty())
            .and_then(|text| text.to_str().ok())
            .unwrap_or("Unknown error");
        write!(f, "{text} (os error {})", self.0)
    }
}

/// The result of a call that gives -1 on failure; calls again while a signal interrupts it.
pub(super) fn check<T: From<i8> + PartialEq>(mut call: impl FnMut() -> T) -> Result<T> {
    loop {
        let result = call();
        if result != T::from(-1) {
            return Ok(result);
        }
        let error = Error::last();
        if error.0 != libc::EINTR {
            return Err(error);
        }
    }
}

/// Text as the system wants it, ended by NUL.
pub(super) struct Terminated(Vec<u8>);

impl Terminated {
    /// Fails if the text itself contains a NUL, which no path, name or argument can.
    pub(super) fn new(text: &str) -> Result<Terminated> {
        if text.as_bytes().contains(&0) {
            return Err(Error::INVALID);
        }
        let mut bytes = Vec::with_capacity(text.len() + 1);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
        Ok(Terminated(bytes))
    }

    pub(super) fn as_ptr(&self) -> *const libc::c_char {
        self.0.as_ptr().cast()
    }
}

/// Bytes of the system as text; what is not UTF-8 is replaced.
pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
