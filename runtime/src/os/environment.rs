//! Environment variables.

use super::Result;
use super::error::{Terminated, check, text};
use alloc::string::String;
use alloc::vec::Vec;
use core::ffi::CStr;

unsafe extern "C" {
    static environ: *const *const libc::c_char;
}

/// The variable's value, if it is set.
pub fn get(name: &str) -> Option<String> {
    let name = Terminated::new(name).ok()?;
    // SAFETY: the name ends with NUL; the value is copied before anything can change it.
    unsafe {
        let value = libc::getenv(name.as_ptr());
        (!value.is_null()).then(|| text(CStr::from_ptr(value).to_bytes()))
    }
}

/// Sets a variable for this process and those it will start.
pub fn set(name: &str, value: &str) -> Result {
    let (name, value) = (Terminated::new(name)?, Terminated::new(value)?);
    // SAFETY: both end with NUL, and no other thread of ours reads the environment.
    check(|| unsafe { libc::setenv(name.as_ptr(), value.as_ptr(), 1) }).map(|_| ())
}

/// All variables, in the system's order.
pub fn all() -> Vec<(String, String)> {
    let mut variables = Vec::new();
    // SAFETY: `environ` is null or a null-terminated array of NUL-terminated strings, which nobody changes meanwhile.
    unsafe {
        let mut entry = environ;
        while !entry.is_null() && !(*entry).is_null() {
            let both = text(CStr::from_ptr(*entry).to_bytes());
            // A leading `=` belongs to the name.
            if let Some(at) = both.get(1..).and_then(|rest| rest.find('=')) {
                variables.push((both[..at + 1].into(), both[at + 2..].into()));
            }
            entry = entry.add(1);
        }
    }
    variables
}
