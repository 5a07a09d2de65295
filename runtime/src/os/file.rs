//! Files: whole, at offsets, and what the system says of them.
//!
//! In: paths as text. Out: bytes. A whole file is written so that it is there either as it was or complete: a new file
//! that cannot be finished is removed, an existing plain file is replaced by renaming a finished one over it.

use super::error::{Terminated, check};
use super::interrupt::Unfinished;
use super::{Error, Result, memory};
use alloc::string::String;
use alloc::vec::Vec;
use core::ffi::c_int;
use core::mem::MaybeUninit;

/// An open file, closed when dropped.
pub(super) struct File(pub(super) c_int);

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: the descriptor is ours and nobody uses it any more.
        unsafe { libc::close(self.0) };
    }
}

/// What `stat` tells of a path.
pub struct Metadata(libc::stat);

impl Metadata {
    /// Length in bytes.
    pub fn size(&self) -> u64 {
        self.0.st_size as u64
    }
    /// A plain file.
    pub fn is_file(&self) -> bool {
        self.0.st_mode & libc::S_IFMT == libc::S_IFREG
    }
    /// A directory.
    pub fn is_dir(&self) -> bool {
        self.0.st_mode & libc::S_IFMT == libc::S_IFDIR
    }
    /// A symbolic link (only if the link itself was asked for).
    pub fn is_symlink(&self) -> bool {
        self.0.st_mode & libc::S_IFMT == libc::S_IFLNK
    }
    /// Nobody may write it.
    pub fn readonly(&self) -> bool {
        self.0.st_mode & 0o222 == 0
    }
    /// When the content last changed, in seconds since 1970.
    pub fn modified(&self) -> i64 {
        self.0.st_mtime
    }
    /// When it was last read, in seconds since 1970.
    pub fn accessed(&self) -> i64 {
        self.0.st_atime
    }
    /// When it was made (where the system does not tell that: when its entry last changed), in seconds since 1970.
    pub fn created(&self) -> i64 {
        #[cfg(target_vendor = "apple")]
        return self.0.st_birthtime;
        #[cfg(not(target_vendor = "apple"))]
        return self.0.st_ctime;
    }
    fn is_same(&self, other: &Metadata) -> bool {
        self.0.st_dev == other.0.st_dev && self.0.st_ino == other.0.st_ino
    }
}

type Stat = unsafe extern "C" fn(*const libc::c_char, *mut libc::stat) -> c_int;

fn stat(path: &str, call: Stat) -> Result<Metadata> {
    let path = Terminated::new(path)?;
    let mut stat = MaybeUninit::uninit();
    // SAFETY: the path ends with NUL; `stat` is writable and filled if the call succeeds.
    unsafe {
        check(|| call(path.as_ptr(), stat.as_mut_ptr()))?;
        Ok(Metadata(stat.assume_init()))
    }
}

/// What the path leads to.
pub fn metadata(path: &str) -> Result<Metadata> {
    stat(path, libc::stat)
}

/// What the path itself is, even if a symbolic link.
pub fn link_metadata(path: &str) -> Result<Metadata> {
    stat(path, libc::lstat)
}

impl File {
    fn open(path: &str, flags: c_int, mode: libc::mode_t) -> Result<File> {
        let path = Terminated::new(path)?;
        let flags = flags | libc::O_CLOEXEC;
        // SAFETY: the path ends with NUL.
        check(|| unsafe { libc::open(path.as_ptr(), flags, mode as libc::c_uint) }).map(File)
    }

    fn metadata(&self) -> Result<Metadata> {
        let mut stat = MaybeUninit::uninit();
        // SAFETY: `stat` is writable and filled if the call succeeds.
        unsafe {
            check(|| libc::fstat(self.0, stat.as_mut_ptr()))?;
            Ok(Metadata(stat.assume_init()))
        }
    }

    fn read(&self, into: &mut [u8]) -> Result<usize> {
        // SAFETY: the slice is writable for its length.
        check(|| unsafe { libc::read(self.0, into.as_mut_ptr().cast(), into.len()) })
            .map(|n| n as usize)
    }

    /// At most `limit` bytes from where the file stands; as many as are there. `expected` sizes the first read.
    fn read_up_to(&self, limit: usize, expected: usize) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        const ALWAYS_THERE: usize = 1 << 20;
        // One more than expected, so that the end of the file shows without growing the buffer.
        let mut chunk = expected.saturating_add(1);
        while bytes.len() < limit {
            let old = bytes.len();
            let want = chunk.min(limit - old);
            if want > ALWAYS_THERE && !memory::is_available(old + want) {
                return Err(Error::NO_MEMORY);
            }
            bytes.reserve_exact(want);
            bytes.resize(old + want, 0);
            let got = self.read(&mut bytes[old..])?;
            bytes.truncate(old + got);
            if got == 0 {
                break;
            }
            chunk = bytes.len().max(8 * 1024);
        }
        Ok(bytes)
    }

    fn seek(&self, offset: u64) -> Result {
        let offset = libc::off_t::try_from(offset).map_err(|_| Error::INVALID)?;
        // SAFETY: moves the position of a descriptor of ours.
        check(|| unsafe { libc::lseek(self.0, offset, libc::SEEK_SET) }).map(|_| ())
    }

    fn write_all(&self, bytes: &[u8]) -> Result {
        super::output::write_all(self.0, bytes)
    }
}

/// The whole file.
pub fn read(path: &str) -> Result<Vec<u8>> {
    let file = File::open(path, libc::O_RDONLY, 0)?;
    let expected = file.metadata()?.size() as usize;
    file.read_up_to(usize::MAX, expected)
}

/// Up to `count` bytes from `offset`.
pub fn read_at(path: &str, offset: u64, count: usize) -> Result<Vec<u8>> {
    let file = File::open(path, libc::O_RDONLY, 0)?;
    if offset > 0 {
        file.seek(offset)?;
    }
    let rest = file.metadata()?.size().saturating_sub(offset);
    file.read_up_to(count, (rest as usize).min(count))
}

/// A new file with these bytes; an existing path is an error.
pub fn create_new(path: &str, bytes: &[u8]) -> Result {
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL;
    let file = File::open(path, flags, 0o666)?;
    file.write_all(bytes).inspect_err(|_| {
        let _ = remove(path);
    })
}

/// A file with these bytes, whatever was there.
pub fn replace(path: &str, bytes: &[u8]) -> Result {
    match link_metadata(path) {
        Err(Error::NOT_FOUND) => create_new(path, bytes),
        Ok(old) if is_replaceable(&old) => match replace_by_renaming(path, &old, bytes) {
            // The directory does not allow new files: then the old one is the only place.
            Err(Error(libc::EACCES | libc::EPERM | libc::EROFS | libc::ENAMETOOLONG)) => {
                overwrite(path, bytes)
            }
            result => result,
        },
        _ => overwrite(path, bytes),
    }
}

/// A plain file of ours under one name: nobody can tell that another file has taken its place.
fn is_replaceable(old: &Metadata) -> bool {
    // SAFETY: has no precondition.
    let us = unsafe { libc::geteuid() };
    old.is_file() && !old.readonly() && old.0.st_nlink == 1 && old.0.st_uid == us
}

fn overwrite(path: &str, bytes: &[u8]) -> Result {
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC;
    File::open(path, flags, 0o666)?.write_all(bytes)
}

fn replace_by_renaming(path: &str, old: &Metadata, bytes: &[u8]) -> Result {
    let temporary = temporary_beside(path);
    let _unfinished = Unfinished::new(temporary.as_bytes());
    create_new(&temporary, bytes)?;
    let finish = || {
        let name = Terminated::new(&temporary)?;
        // SAFETY: the path ends with NUL.
        check(|| unsafe { libc::chmod(name.as_ptr(), old.0.st_mode & 0o7777) })?;
        rename(&temporary, path)
    };
    finish().inspect_err(|_| {
        let _ = remove(&temporary);
    })
}

/// A name in the same directory that nobody uses.
fn temporary_beside(path: &str) -> String {
    let (directory, name) = match path.rfind('/') {
        Some(at) => path.split_at(at + 1),
        None => ("", path),
    };
    // SAFETY: has no precondition.
    let process = unsafe { libc::getpid() };
    let now = super::clock::monotonic_ns();
    alloc::format!("{directory}.{name}.{process}-{now:x}")
}

/// Appends to the file, which is made if it does not exist.
pub fn append(path: &str, bytes: &[u8]) -> Result {
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND;
    File::open(path, flags, 0o666)?.write_all(bytes)
}

/// Writes within the file from `offset` on, extending it if need be; it is made if it does not exist.
pub fn write_at(path: &str, offset: u64, bytes: &[u8]) -> Result {
    let file = File::open(path, libc::O_WRONLY | libc::O_CREAT, 0o666)?;
    file.seek(offset)?;
    file.write_all(bytes)
}

/// Cuts the file, or extends it with zeros.
pub fn truncate(path: &str, size: u64) -> Result {
    let size = libc::off_t::try_from(size).map_err(|_| Error::INVALID)?;
    let file = File::open(path, libc::O_WRONLY, 0)?;
    // SAFETY: changes the length of a file that we have opened.
    check(|| unsafe { libc::ftruncate(file.0, size) }).map(|_| ())
}

/// Removes a file or symbolic link, not a directory.
pub fn remove(path: &str) -> Result {
    let path = Terminated::new(path)?;
    // SAFETY: the path ends with NUL.
    check(|| unsafe { libc::unlink(path.as_ptr()) }).map(|_| ())
}

/// Renames, replacing a file at the new path.
pub fn rename(old: &str, new: &str) -> Result {
    let (old, new) = (Terminated::new(old)?, Terminated::new(new)?);
    // SAFETY: both paths end with NUL.
    check(|| unsafe { libc::rename(old.as_ptr(), new.as_ptr()) }).map(|_| ())
}

/// Copies up to `limit` bytes from an open file to another.
fn copy_bytes(from: &File, to: &File, mut limit: u64) -> Result {
    let mut buffer = alloc::vec![0; 64 * 1024];
    while limit > 0 {
        let want = buffer
            .len()
            .min(usize::try_from(limit).unwrap_or(usize::MAX));
        let got = from.read(&mut buffer[..want])?;
        if got == 0 {
            break;
        }
        to.write_all(&buffer[..got])?;
        limit -= got as u64;
    }
    Ok(())
}

/// Copies content and permissions, replacing a file at the new path. A file cannot be copied onto itself.
pub fn copy(source: &str, target: &str) -> Result {
    let from = File::open(source, libc::O_RDONLY, 0)?;
    let original = from.metadata()?;
    if original.is_dir() {
        return Err(Error(libc::EISDIR));
    }
    if metadata(target).is_ok_and(|there| there.is_same(&original)) {
        return Err(Error::EXISTS);
    }
    let mode = original.0.st_mode & 0o777;
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC;
    let to = File::open(target, flags, mode)?;
    copy_bytes(&from, &to, u64::MAX)?;
    // SAFETY: changes the permissions of a file that we have opened. Devices refuse, which is as well.
    let _ = check(|| unsafe { libc::fchmod(to.0, mode) });
    Ok(())
}

/// Replaces the target by up to `count` bytes of the source from `offset` on.
pub fn copy_range(source: &str, target: &str, offset: u64, count: u64) -> Result {
    let from = File::open(source, libc::O_RDONLY, 0)?;
    from.seek(offset)?;
    if metadata(target).is_ok_and(|there| from.metadata().is_ok_and(|here| here.is_same(&there))) {
        return Err(Error::EXISTS);
    }
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC;
    let to = File::open(target, flags, 0o666)?;
    copy_bytes(&from, &to, count)
}
