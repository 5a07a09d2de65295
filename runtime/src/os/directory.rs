//! Directories and the working directory.

use super::error::{Terminated, check, text};
use super::{Error, Result, file};
use alloc::string::String;
use alloc::vec::Vec;
use core::ffi::CStr;

/// The names in a directory, sorted, without `.` and `..`.
pub fn list(path: &str) -> Result<Vec<String>> {
    let path = Terminated::new(path)?;
    let mut names = Vec::new();
    // SAFETY: the path ends with NUL; the stream is read by us alone and closed once; an entry is valid until the
    // next read, and its name ends with NUL.
    unsafe {
        let stream = libc::opendir(path.as_ptr());
        if stream.is_null() {
            return Err(Error::last());
        }
        loop {
            let entry = libc::readdir(stream);
            if entry.is_null() {
                break;
            }
            let name = CStr::from_ptr((&raw const (*entry).d_name).cast()).to_bytes();
            if name != b"." && name != b".." {
                names.push(text(name));
            }
        }
        libc::closedir(stream);
    }
    names.sort_unstable();
    Ok(names)
}

/// Makes a directory and the parents that are missing; one that is there already is fine.
pub fn create_all(path: &str) -> Result {
    if path.is_empty() {
        return Err(Error::NOT_FOUND);
    }
    match create(path) {
        Err(Error::NOT_FOUND) => {
            let parent = path
                .trim_end_matches('/')
                .rfind('/')
                .map_or("", |at| &path[..at]);
            if parent.trim_end_matches('/').is_empty() {
                return Err(Error::NOT_FOUND);
            }
            create_all(parent)?;
            create(path).or_else(|error| if_there(path, error))
        }
        Err(error) => if_there(path, error),
        Ok(()) => Ok(()),
    }
}

fn create(path: &str) -> Result {
    let path = Terminated::new(path)?;
    // SAFETY: the path ends with NUL.
    check(|| unsafe { libc::mkdir(path.as_ptr(), 0o777) }).map(|_| ())
}

fn if_there(path: &str, error: Error) -> Result {
    match file::metadata(path) {
        Ok(there) if there.is_dir() => Ok(()),
        _ => Err(error),
    }
}

/// Removes an empty directory.
pub fn remove(path: &str) -> Result {
    let path = Terminated::new(path)?;
    // SAFETY: the path ends with NUL.
    check(|| unsafe { libc::rmdir(path.as_ptr()) }).map(|_| ())
}

/// The working directory.
pub fn current() -> Result<String> {
    // SAFETY: without a buffer `getcwd` allocates one of the size needed, which we free.
    unsafe { owned(libc::getcwd(core::ptr::null_mut(), 0)) }
}

/// Changes the working directory.
pub fn change(path: &str) -> Result {
    let path = Terminated::new(path)?;
    // SAFETY: the path ends with NUL.
    check(|| unsafe { libc::chdir(path.as_ptr()) }).map(|_| ())
}

/// The absolute path without links, `.` and `..`; it must exist.
pub fn canonical(path: &str) -> Result<String> {
    let path = Terminated::new(path)?;
    // SAFETY: the path ends with NUL; without a buffer `realpath` allocates one, which we free.
    unsafe { owned(libc::realpath(path.as_ptr(), core::ptr::null_mut())) }
}

/// Text that the C library has allocated.
///
/// # Safety
/// `allocated` must be null after a failed call, or a NUL-terminated string from `malloc` that nobody else frees.
unsafe fn owned(allocated: *mut libc::c_char) -> Result<String> {
    if allocated.is_null() {
        return Err(Error::last());
    }
    // SAFETY: the caller's promise.
    unsafe {
        let result = text(CStr::from_ptr(allocated).to_bytes());
        libc::free(allocated.cast());
        Ok(result)
    }
}
