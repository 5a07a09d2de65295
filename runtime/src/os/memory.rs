//! Memory from the C library, and the end of a process that cannot go on.
//!
//! In: requests of `alloc`. Out: memory, or the end of the process with a message: no part of the runtime has to think
//! about a null pointer. `ruff` and executables use this same allocator, so running out of memory looks the same in both.

use core::alloc::{GlobalAlloc, Layout};
use core::fmt::{self, Write};
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering::Relaxed};
use libc::c_void;

/// The C library's `malloc` as Rust's allocator.
pub struct Malloc;

/// What `malloc` aligns to on every 64-bit system.
const MALLOC_ALIGN: usize = 16;

// SAFETY: blocks come from `malloc` or `posix_memalign`, which are aligned as asked and both freed by `free`.
unsafe impl GlobalAlloc for Malloc {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > MALLOC_ALIGN {
            // SAFETY: passed on.
            return unsafe { aligned(layout) };
        }
        // SAFETY: any size may be asked of `malloc`.
        let get = || unsafe { libc::malloc(layout.size()) };
        or_die(get(), layout.size(), get)
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, _layout: Layout) {
        // SAFETY: the block is one of ours, given up by the caller.
        unsafe { libc::free(block.cast()) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.align() > MALLOC_ALIGN {
            // SAFETY: the block has `layout.size()` bytes.
            return unsafe {
                let block = aligned(layout);
                block.write_bytes(0, layout.size());
                block
            };
        }
        // SAFETY: any size may be asked of `calloc`.
        let get = || unsafe { libc::calloc(layout.size(), 1) };
        or_die(get(), layout.size(), get)
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if layout.align() > MALLOC_ALIGN {
            // SAFETY: `realloc` does not keep such an alignment, so copy: both blocks have at least `kept` bytes.
            return unsafe {
                let new = aligned(Layout::from_size_align_unchecked(size, layout.align()));
                let kept = size.min(layout.size());
                core::ptr::copy_nonoverlapping(block, new, kept);
                libc::free(block.cast());
                new
            };
        }
        // SAFETY: the block is one of ours, and `malloc` made it.
        let get = || unsafe { libc::realloc(block.cast(), size) };
        or_die(get(), size, get)
    }
}

/// A block with more than `malloc`'s alignment.
///
/// # Safety
/// As for [`GlobalAlloc::alloc`].
#[cold]
unsafe fn aligned(layout: Layout) -> *mut u8 {
    let get = || {
        let mut block = ptr::null_mut();
        // SAFETY: a Rust alignment is a power of two, and here a multiple of the size of a pointer.
        let failed = unsafe { libc::posix_memalign(&mut block, layout.align(), layout.size()) };
        if failed == 0 { block } else { ptr::null_mut() }
    };
    or_die(get(), layout.size(), get)
}

#[inline(always)]
fn or_die(block: *mut c_void, size: usize, again: impl Fn() -> *mut c_void) -> *mut u8 {
    if block.is_null() {
        return from_reserve(size, again).cast();
    }
    block.cast()
}

/// Memory kept back where the address space is limited, so that a program can be told before nothing is left.
static RESERVE: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());
const RESERVED: usize = 4 << 20;

/// The reserve is in use, and the program has not been told.
static SCARCE: AtomicBool = AtomicBool::new(false);

/// Tries once more, with the reserve given back to the allocator.
#[cold]
#[inline(never)]
fn from_reserve(size: usize, again: impl Fn() -> *mut c_void) -> *mut c_void {
    let reserve = RESERVE.swap(ptr::null_mut(), Relaxed);
    if !reserve.is_null() {
        SCARCE.store(true, Relaxed);
        // SAFETY: made by `malloc`, and taken out of its place.
        unsafe { libc::free(reserve) };
        let block = again();
        if !block.is_null() {
            return block;
        }
    }
    die(format_args!(
        "[RUFRT002] [runtime] error: out of memory (an allocation of {size} bytes failed)"
    ))
}

/// Whether memory has run out since the last time that this was asked: then the program is to be told. Takes a new reserve once there
/// is room for it.
#[inline]
pub fn was_scarce() -> bool {
    RESERVE.load(Relaxed).is_null() && refill()
}

#[cold]
fn refill() -> bool {
    // SAFETY: any size may be asked of `malloc`. The block is never written, so that it costs addresses only.
    RESERVE.store(
        core::hint::black_box(unsafe { libc::malloc(RESERVED) }),
        Relaxed,
    );
    SCARCE.swap(false, Relaxed)
}

/// The largest block that a program may ask for, whatever the system would promise: 16 GiB.
const LIMIT: usize = 1 << 34;

/// Below this many bytes the system's promise is taken at its word.
const LARGE: usize = 1 << 28;

/// Whether a block of this size can be had. Ask before an allocation whose size the program chooses: the allocator
/// itself ends the process if it fails, also in `try_reserve`.
pub fn is_available(size: usize) -> bool {
    // Systems promise more than they have, and kill who believes them. Whoever grows still holds the old block.
    if size > LIMIT || (size >= LARGE && size > free() / 2) {
        return false;
    }
    // SAFETY: any size may be asked of `malloc`, and what it gives may be freed at once.
    unsafe {
        // Unseen by the optimiser, which knows that a block nobody uses need not be asked for.
        let block = core::hint::black_box(libc::malloc(size));
        libc::free(block);
        !block.is_null()
    }
}

/// Whether the address space is limited (`ulimit -v`), so that the system refuses even blocks that it could provide.
static LIMITED: AtomicBool = AtomicBool::new(false);

/// Looks at the limit of the address space; see [`is_limited`].
pub(super) fn start() {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is writable.
    let told = unsafe { libc::getrlimit(libc::RLIMIT_AS, &mut limit) } == 0;
    if told && limit.rlim_cur != libc::RLIM_INFINITY {
        LIMITED.store(true, Relaxed);
        refill();
    }
}

/// Whether blocks may be refused that are no larger than what the program has already.
#[inline]
pub fn is_limited() -> bool {
    LIMITED.load(Relaxed)
}

/// Bytes of memory that nobody uses, as far as the system tells.
fn free() -> usize {
    told_by_linux().unwrap_or_else(|| {
        // SAFETY: both only read.
        let (pages, size) = unsafe {
            (
                libc::sysconf(libc::_SC_PHYS_PAGES),
                libc::sysconf(libc::_SC_PAGESIZE),
            )
        };
        let bytes = usize::try_from(pages).ok().zip(usize::try_from(size).ok());
        bytes.map_or(LIMIT, |(pages, size)| pages.saturating_mul(size))
    })
}

/// The line `MemAvailable:   21988888 kB`.
fn told_by_linux() -> Option<usize> {
    let told = super::file::read("/proc/meminfo").ok()?;
    let told = core::str::from_utf8(&told).ok()?;
    let line = told
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: usize = line.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    Some(kib * 1024)
}

/// Ends the process at once with exit code 6 (internal error), after what it has printed and a line on standard error. Allocates nothing.
#[cold]
pub fn die(message: fmt::Arguments) -> ! {
    super::output::flush_at_a_fault();
    // Nobody is left to tell if this fails.
    let _ = writeln!(Stderr, "{message}");
    // SAFETY: ends the process; no Rust code runs after it.
    unsafe { libc::_exit(6) }
}

struct Stderr;

impl Write for Stderr {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            // SAFETY: the pointer and length of a live slice.
            let written = unsafe { libc::write(2, rest.as_ptr().cast(), rest.len() as _) };
            match usize::try_from(written) {
                Ok(written) if written > 0 => rest = rest.get(written..).unwrap_or_default(),
                _ => return Err(fmt::Error),
            }
        }
        Ok(())
    }
}

/// Whether the system lets this process turn written memory into code. Some do not (SELinux, `PR_SET_MDWE`, seccomp).
pub fn may_execute_memory() -> bool {
    const SIZE: usize = 4096;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANON;
    // SAFETY: a new anonymous mapping of one page, on which nobody else can stand, is made, changed and removed.
    unsafe {
        let page = libc::mmap(
            core::ptr::null_mut(),
            SIZE,
            libc::PROT_READ | libc::PROT_WRITE,
            flags,
            -1,
            0,
        );
        if page == libc::MAP_FAILED {
            return false;
        }
        let allowed = libc::mprotect(page, SIZE, libc::PROT_READ | libc::PROT_EXEC) == 0;
        libc::munmap(page, SIZE);
        allowed
    }
}

/// What may be done with mapped memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protection {
    /// Nothing.
    None,
    /// It may be read.
    Read,
    /// It may be read and written.
    Write,
    /// It may be read and run.
    Execute,
}

impl Protection {
    fn bits(self) -> libc::c_int {
        match self {
            Protection::None => libc::PROT_NONE,
            Protection::Read => libc::PROT_READ,
            Protection::Write => libc::PROT_READ | libc::PROT_WRITE,
            Protection::Execute => libc::PROT_READ | libc::PROT_EXEC,
        }
    }
}

/// Sets address space aside, at an address if it is free, else somewhere. Nothing may be done with it until [`protect`] allows
/// it. `None` if the system refuses that much.
pub fn reserve(size: usize, at: usize) -> Option<core::ptr::NonNull<u8>> {
    let at = core::ptr::without_provenance_mut(at);
    let flags = libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_NORESERVE;
    // SAFETY: without `MAP_FIXED` a new anonymous mapping touches no existing memory, whatever the address.
    let base = unsafe { libc::mmap(at, size, Protection::None.bits(), flags, -1, 0) };
    if base == libc::MAP_FAILED {
        return None;
    }
    core::ptr::NonNull::new(base.cast())
}

/// Changes what may be done with mapped memory. False if the system refuses.
///
/// # Safety
/// The range must be whole pages of one mapping, and nobody may rely on what is then forbidden.
pub unsafe fn protect(base: *mut u8, size: usize, protection: Protection) -> bool {
    // SAFETY: the caller's promise.
    unsafe { libc::mprotect(base.cast(), size, protection.bits()) == 0 }
}

/// The size of a page.
pub fn page_size() -> usize {
    // SAFETY: only reads.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(1 << 16)
}

/// Maps zeroed memory that the system provides page by page, as it is touched. `None` if the system refuses that much.
pub fn map_zeroed(size: usize) -> Option<core::ptr::NonNull<u8>> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_NORESERVE;
    // SAFETY: a new anonymous mapping touches no existing memory.
    let base = unsafe { libc::mmap(core::ptr::null_mut(), size, protection, flags, -1, 0) };
    if base == libc::MAP_FAILED {
        return None;
    }
    core::ptr::NonNull::new(base.cast())
}

/// Gives a mapping back.
///
/// # Safety
/// `base` must be what [`map_zeroed`] or [`reserve`] gave for this size, and nobody may use the memory any more.
pub unsafe fn unmap(base: core::ptr::NonNull<u8>, size: usize) {
    // SAFETY: the caller's promise.
    unsafe { libc::munmap(base.as_ptr().cast(), size) };
}
