//! Memory for small objects: freed blocks wait in a list per size and are handed out again, much faster than by the
//! system's allocator.
//!
//! The lists belong to the thread that runs the first program; every other thread goes to the system. Each block is one
//! of the system's, so that it does not matter which thread gives it back.

use alloc::alloc::{Layout, alloc, dealloc};
use core::cell::UnsafeCell;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Blocks are multiples of this.
const STEP: usize = 16;
/// The largest block.
const LARGEST: usize = 256;

/// A free block. Where an object's header was stands that it is free, for those who look (`Header::check_alive`).
#[repr(C)]
struct Block {
    header: super::Header,
    next: *mut Block,
}

/// Overwrites what a freed object held, in debug builds: who reads it learns so.
#[inline(always)]
fn poison(memory: *mut u8, layout: Layout) {
    if cfg!(debug_assertions) {
        // SAFETY: the memory is free and of that size, which is at least that of a header.
        unsafe {
            memory.write_bytes(0xdb, layout.size());
            memory.cast::<super::Header>().write(super::Header::FREED);
        }
    }
}

struct Lists(UnsafeCell<[*mut Block; LARGEST / STEP + 1]>);

// SAFETY: only the owning thread looks inside (see `is_owner`).
unsafe impl Sync for Lists {}

static LISTS: Lists = Lists(UnsafeCell::new([ptr::null_mut(); LARGEST / STEP + 1]));
static OWNER: AtomicUsize = AtomicUsize::new(0);

/// Gives the lists to the calling thread, unless they have an owner.
pub fn claim() {
    // Whoever loses simply does without.
    let _ = OWNER.compare_exchange(0, this_thread(), Relaxed, Relaxed);
}

#[inline(always)]
fn is_owner() -> bool {
    OWNER.load(Relaxed) == this_thread()
}

/// A number of the running thread, other than those of all threads alive.
#[inline(always)]
pub(super) fn this_thread() -> usize {
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    {
        let thread: usize;
        // SAFETY: reads the thread pointer, which the ABI keeps at the start of the thread's block.
        unsafe {
            core::arch::asm!("mov {}, fs:0", out(reg) thread, options(nostack, preserves_flags, readonly, pure));
        }
        thread
    }
    #[cfg(all(target_arch = "aarch64", target_os = "linux"))]
    {
        let thread: usize;
        // SAFETY: reads the thread pointer.
        unsafe {
            core::arch::asm!("mrs {}, tpidr_el0", out(reg) thread, options(nostack, preserves_flags, nomem, pure));
        }
        thread
    }
    #[cfg(not(all(
        any(target_arch = "x86_64", target_arch = "aarch64"),
        target_os = "linux"
    )))]
    {
        // SAFETY: has no preconditions.
        unsafe { libc::pthread_self() as usize }
    }
}

/// The list of a layout, and the layout of its blocks.
#[inline(always)]
fn class(layout: Layout) -> Option<(usize, Layout)> {
    if layout.size() > LARGEST || layout.align() > STEP {
        return None;
    }
    let number = layout.size().div_ceil(STEP);
    let block = Layout::from_size_align(number * STEP, STEP).ok()?;
    Some((number, block))
}

/// Memory for an object; null if there is none.
///
/// # Safety
/// The layout must not be empty.
#[inline]
pub unsafe fn allocate(layout: Layout) -> *mut u8 {
    let Some((number, block)) = class(layout) else {
        // SAFETY: passed on.
        return unsafe { alloc(layout) };
    };
    if is_owner() {
        // SAFETY: this thread alone uses the lists, which hold free blocks of their size.
        unsafe {
            let list = &mut (*LISTS.0.get())[number];
            if !list.is_null() {
                let free = *list;
                *list = (*free).next;
                return free.cast();
            }
        }
    }
    // SAFETY: a block is not empty.
    unsafe { alloc(block) }
}

/// Takes memory back.
///
/// # Safety
/// It must come from [`allocate`] with the same layout, and nobody may use it any more.
#[inline]
pub unsafe fn release(memory: *mut u8, layout: Layout) {
    poison(memory, layout);
    let Some((number, block)) = class(layout) else {
        // SAFETY: passed on.
        return unsafe { dealloc(memory, layout) };
    };
    if is_owner() {
        let free = memory.cast::<Block>();
        // SAFETY: the block is free, large and aligned enough; this thread alone uses the lists.
        unsafe {
            let list = &mut (*LISTS.0.get())[number];
            (*free).next = *list;
            *list = free;
        }
        return;
    }
    // SAFETY: every block was allocated with this layout.
    unsafe { dealloc(memory, block) }
}
