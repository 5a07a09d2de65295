//! Memory for machine code and its data.
//!
//! In: what the JIT module asks for. Out: memory in one reservation, as near to this program's own code as the system allows:
//! calls between both are then short, and processors foresee them better. It is written first and made executable afterwards, never
//! both. It does not know what is in it.

use cranelift_jit::{BranchProtection, JITMemoryKind, JITMemoryProvider};
use cranelift_module::{ModuleError, ModuleResult};
use ruff_runtime::os::memory::{self, Protection};
use std::io;
use std::ops::Range;
use std::ptr::NonNull;
use wasmtime_internal_jit_icache_coherence as coherence;

/// How far from this program's code the reservation is tried, both ways, in turn.
const DISTANCES: [isize; 4] = [-(1 << 30), -(3 << 29), 1 << 30, 3 << 29];

/// What near calls reach on x86-64, less the size of any program.
const REACH: usize = (1 << 31) - (1 << 28);

/// A reservation. Dropping it gives it back: nothing in it may be in use then.
pub struct JitMemory {
    base: NonNull<u8>,
    size: usize,
    page: usize,
    code: Area,
    constants: Area,
    variables: Area,
}

/// A part of the reservation, filled from its start. Offsets count from the start of the reservation.
struct Area {
    /// The first free byte.
    next: usize,
    /// Where the pages start that have been opened for writing and are not sealed.
    unsealed: usize,
    /// Where the pages start that have not been opened.
    unopened: usize,
    end: usize,
}

impl Area {
    fn new(range: Range<usize>) -> Area {
        Area {
            next: range.start,
            unsealed: range.start,
            unopened: range.start,
            end: range.end,
        }
    }
}

impl JitMemory {
    /// Reserves so many bytes, a power of two of at least a MiB. None if the system refuses.
    pub fn new(size: usize) -> Option<JitMemory> {
        let here = JitMemory::new as *const () as usize & !(size - 1);
        let places = DISTANCES.iter().map(|&d| here.wrapping_add_signed(d));
        let mut found = memory::reserve(size, 0)?;
        for place in places {
            if is_near(found, size) {
                break;
            }
            // Without the first, the system may give the next one its place.
            if let Some(base) = memory::reserve(size, place) {
                // SAFETY: reserved above, for this size, and not used.
                unsafe { memory::unmap(found, size) };
                found = base;
            }
        }
        let (half, most) = (size / 2, size / 4 * 3);
        Some(JitMemory {
            base: found,
            size,
            page: memory::page_size(),
            code: Area::new(0..half),
            constants: Area::new(half..most),
            variables: Area::new(most..size),
        })
    }

    /// Whether calls reach this program's code, and its code reaches what is here, by a signed distance of 32 bits.
    pub fn is_near(&self) -> bool {
        is_near(self.base, self.size)
    }

    /// Has what has been written to an area executable, or at least not writable any more.
    fn seal(&mut self, kind: JITMemoryKind) -> io::Result<()> {
        let base = self.base.as_ptr();
        let (area, protection) = match kind {
            JITMemoryKind::Executable => (&mut self.code, Protection::Execute),
            JITMemoryKind::ReadOnly => (&mut self.constants, Protection::Read),
            JITMemoryKind::Writable => return Ok(()),
        };
        let size = area.unopened - area.unsealed;
        if size == 0 {
            return Ok(());
        }
        let start = base.wrapping_add(area.unsealed);
        // SAFETY: these pages have been opened and not sealed; what is in them is not written any more.
        unsafe {
            if protection == Protection::Execute {
                coherence::clear_cache(start.cast(), size)?;
            }
            if !memory::protect(start, size, protection) {
                return Err(io::Error::last_os_error());
            }
        }
        area.unsealed = area.unopened;
        area.next = area.unopened;
        Ok(())
    }
}

/// Whether all of the reservation and of this program are in reach of each other.
fn is_near(base: NonNull<u8>, size: usize) -> bool {
    let here = JitMemory::new as *const () as usize;
    let start = base.addr().get();
    start.abs_diff(here).max((start + size).abs_diff(here)) < REACH
}

impl JITMemoryProvider for JitMemory {
    fn allocate(&mut self, size: usize, align: u64, kind: JITMemoryKind) -> io::Result<*mut u8> {
        let area = match kind {
            JITMemoryKind::Executable => &mut self.code,
            JITMemoryKind::ReadOnly => &mut self.constants,
            JITMemoryKind::Writable => &mut self.variables,
        };
        let start = area.next.next_multiple_of(align as usize);
        let opened = (start + size).next_multiple_of(self.page);
        if opened > area.end {
            return Err(io::Error::new(
                io::ErrorKind::OutOfMemory,
                "the address space reserved for machine code is used up",
            ));
        }
        let base = self.base.as_ptr();
        if opened > area.unopened {
            let (first, more) = (area.unopened, opened - area.unopened);
            // SAFETY: these pages of the reservation have not been given out.
            if !unsafe { memory::protect(base.wrapping_add(first), more, Protection::Write) } {
                return Err(io::Error::last_os_error());
            }
            area.unopened = opened;
        }
        area.next = start + size;
        Ok(base.wrapping_add(start))
    }

    unsafe fn free_memory(&mut self) {
        // Dropping does.
    }

    fn finalize(&mut self, _: BranchProtection) -> ModuleResult<()> {
        let sealed = self
            .seal(JITMemoryKind::Executable)
            .and_then(|()| self.seal(JITMemoryKind::ReadOnly))
            .and_then(|()| coherence::pipeline_flush_mt());
        sealed.map_err(|error| ModuleError::Allocation { err: error })
    }
}

impl Drop for JitMemory {
    fn drop(&mut self) {
        // SAFETY: reserved by `new` for this size; whoever drops it uses nothing of it any more.
        unsafe { memory::unmap(self.base, self.size) };
    }
}

// SAFETY: the reservation belongs to this object alone.
unsafe impl Send for JitMemory {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_stays_and_new_memory_follows() {
        let mut memory = JitMemory::new(1 << 20).expect("a MiB can be reserved");
        let mut last = None;
        for round in 0..3u8 {
            let block = memory.allocate(100, 16, JITMemoryKind::ReadOnly);
            let block = block.expect("there is room");
            // SAFETY: 100 writable bytes have just been given out; what was sealed before may be read.
            unsafe {
                block.write_bytes(round, 100);
                memory
                    .finalize(BranchProtection::None)
                    .expect("it can be sealed");
                assert_eq!(block.add(99).read(), round);
                if let Some((before, value)) = last.replace((block, round)) {
                    assert_eq!(before.read(), value);
                }
            }
        }
        let too_much = memory.allocate(1 << 20, 16, JITMemoryKind::Writable);
        assert_eq!(
            too_much.map_err(|e| e.kind()),
            Err(io::ErrorKind::OutOfMemory)
        );
    }

    #[test]
    fn code_is_near_where_the_system_gives_a_choice() {
        let memory = JitMemory::new(1 << 20).expect("a MiB can be reserved");
        if cfg!(all(target_arch = "x86_64", target_os = "linux")) {
            assert!(memory.is_near());
        }
    }
}
