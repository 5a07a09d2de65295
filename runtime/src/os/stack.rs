//! A large stack of its own for the running program, so that the depth of recursion does not depend on `ulimit -s`.
//!
//! In: a function. Out: its result; while it runs it stands on freshly reserved memory, of which the system provides
//! only the pages that are touched. The switch is a handful of instructions (a thread would cost a hundred times as
//! much, and make the allocator lock).

use crate::ctx::MAX_DEPTH;
use core::ffi::c_void;
use core::mem::MaybeUninit;

/// What one call may need. With the wanted size, [`MAX_DEPTH`] calls fit. Compiled code whose frame may be larger counts it as several
/// calls.
pub const BYTES_PER_CALL: usize = 10 * 1024;
/// What we ask for; smaller ones follow if the system refuses.
const WANTED: usize = 1 << 30;
const LEAST: usize = 1 << 20;
/// Kept for builtins that run at the deepest call.
const RESERVE: usize = 128 * 1024;
/// Kept for a large frame, which is entered before it is counted; less on a small stack. Source files are too small for larger ones.
const LARGEST_FRAME: usize = 16 << 20;
const GUARD: usize = 64 * 1024;

/// The stack that a function given to [`run`] stands on.
#[derive(Clone, Copy, Debug)]
pub struct Stack {
    /// The lowest address that may be used.
    pub limit: usize,
    /// Usable bytes.
    pub size: usize,
}

impl Stack {
    /// The lowest address at which a call may still start.
    pub fn call_limit(&self) -> u64 {
        (self.limit + self.kept()) as u64
    }

    /// What calls may not use.
    fn kept(&self) -> usize {
        RESERVE + LARGEST_FRAME.min(self.size / 4)
    }

    /// How deep calls may nest on it.
    pub fn max_depth(&self) -> u64 {
        let calls = (self.size.saturating_sub(self.kept()) / BYTES_PER_CALL) as u64;
        calls.clamp(16, MAX_DEPTH)
    }
}

/// Runs the function on a stack of its own, as large as the deepest calls need it, and gives its result.
pub fn run<R>(f: impl FnOnce(Stack) -> R) -> R {
    Kept::of(WANTED + LARGEST_FRAME + RESERVE + GUARD).run(f)
}

/// A stack for functions that run one after the other: the system provides its pages once.
pub struct Kept {
    wanted: usize,
    memory: Option<Memory>,
}

impl Kept {
    /// A stack of so many bytes, or fewer if the system refuses.
    pub const fn of(wanted: usize) -> Kept {
        Kept {
            wanted,
            memory: None,
        }
    }

    /// Runs the function on this stack and gives its result.
    pub fn run<R>(&mut self, f: impl FnOnce(Stack) -> R) -> R {
        if SWITCHES && self.memory.is_none() {
            self.memory = reserve(self.wanted);
        }
        match &self.memory {
            Some(memory) => on(memory.stack, f),
            None => f(current()),
        }
    }
}

/// Reserved memory, given back when dropped.
struct Memory {
    base: *mut c_void,
    mapped: usize,
    stack: Stack,
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and nobody stands on it any more.
        unsafe { libc::munmap(self.base, self.mapped) };
    }
}

fn reserve(wanted: usize) -> Option<Memory> {
    let mut mapped = wanted;
    while mapped >= LEAST {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_NORESERVE;
        // SAFETY: a new anonymous mapping touches no existing memory; its lowest part becomes the guard.
        unsafe {
            let base = libc::mmap(core::ptr::null_mut(), mapped, protection, flags, -1, 0);
            if base != libc::MAP_FAILED {
                libc::mprotect(base, GUARD, libc::PROT_NONE);
                // Otherwise the first touch may clear two megabytes.
                #[cfg(target_os = "linux")]
                libc::madvise(base, mapped, libc::MADV_NOHUGEPAGE);
                let stack = Stack {
                    limit: base as usize + GUARD,
                    size: mapped - GUARD,
                };
                return Some(Memory {
                    base,
                    mapped,
                    stack,
                });
            }
        }
        mapped /= 2;
    }
    None
}

/// The stack that the caller stands on, as far as the system tells.
fn current() -> Stack {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is writable.
    unsafe { libc::getrlimit(libc::RLIMIT_STACK, &mut limit) };
    let size = (limit.rlim_cur as usize).clamp(LEAST, 8 << 20) - RESERVE;
    let here = &raw const limit as usize;
    Stack {
        limit: here.saturating_sub(size),
        size,
    }
}

/// A call that crosses to the other stack: the function goes over, the result comes back.
struct Crossing<F, R> {
    function: MaybeUninit<F>,
    result: MaybeUninit<R>,
    stack: Stack,
}

fn on<F: FnOnce(Stack) -> R, R>(stack: Stack, f: F) -> R {
    let mut crossing = Crossing {
        function: MaybeUninit::new(f),
        result: MaybeUninit::uninit(),
        stack,
    };
    let top = (stack.limit + stack.size) & !0xf;
    // SAFETY: `top` is the aligned end of writable memory that nobody else uses; `arrive` gets the crossing it
    // expects, which outlives the call, and initialises the result. A panic in it ends the process.
    unsafe {
        switch(top, arrive::<F, R>, (&raw mut crossing).cast());
        crossing.result.assume_init()
    }
}

unsafe extern "C" fn arrive<F: FnOnce(Stack) -> R, R>(crossing: *mut c_void) {
    // SAFETY: `on` passes a crossing of these types, alive, with the function not yet taken.
    unsafe {
        let crossing = &mut *crossing.cast::<Crossing<F, R>>();
        let function = crossing.function.assume_init_read();
        crossing.result.write(function(crossing.stack));
    }
}

type Arrive = unsafe extern "C" fn(*mut c_void);

/// Whether [`switch`] exists for this machine.
const SWITCHES: bool = cfg!(any(
    target_arch = "x86_64",
    target_arch = "aarch64",
    target_arch = "riscv64",
    target_arch = "s390x"
));

/// Calls `f(data)` with the stack pointer at `top`. The old one waits in a register that the callee preserves.
#[inline(never)]
unsafe fn switch(top: usize, f: Arrive, data: *mut c_void) {
    // SAFETY: the caller provides the stack; the machine code below keeps the calling convention: the pointer is
    // aligned, the old one is restored, everything a call may change is declared.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        core::arch::asm!(
            "mov r12, rsp",
            "mov rsp, {top}",
            "call {f}",
            "mov rsp, r12",
            top = in(reg) top, f = in(reg) f, in("rdi") data, out("r12") _, clobber_abi("C"),
        );
    }
    // SAFETY: as above.
    #[cfg(target_arch = "aarch64")]
    unsafe {
        core::arch::asm!(
            "mov x20, sp",
            "mov sp, {top}",
            "blr {f}",
            "mov sp, x20",
            top = in(reg) top, f = in(reg) f, in("x0") data, out("x20") _, clobber_abi("C"),
        );
    }
    // SAFETY: as above.
    #[cfg(target_arch = "riscv64")]
    unsafe {
        core::arch::asm!(
            "mv s2, sp",
            "mv sp, {top}",
            "jalr {f}",
            "mv sp, s2",
            top = in(reg) top, f = in(reg) f, in("a0") data, out("s2") _, clobber_abi("C"),
        );
    }
    // SAFETY: as above; the callee may save registers in the 160 bytes above its stack pointer.
    #[cfg(target_arch = "s390x")]
    unsafe {
        core::arch::asm!(
            "lgr %r8, %r15",
            "lgr %r15, {top}",
            "basr %r14, {f}",
            "lgr %r15, %r8",
            top = in(reg_addr) top - 160, f = in(reg_addr) f, in("r2") data, out("r8") _, clobber_abi("C"),
        );
    }
    #[cfg(not(any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "riscv64",
        target_arch = "s390x"
    )))]
    {
        let _ = (top, f, data);
        unreachable!("guarded by SWITCHES");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn deep(n: u64) -> u64 {
        let big = [n; 512];
        let big = core::hint::black_box(&big);
        if n == 0 {
            0
        } else {
            big[7] - n + 1 + deep(n - 1)
        }
    }

    #[test]
    fn deep_recursion_fits_and_the_result_comes_back() {
        let word = String::from("here");
        let (text, depth, n) = run(|stack| (word + " and back", stack.max_depth(), deep(50_000)));
        assert_eq!(
            (text.as_str(), depth, n),
            ("here and back", MAX_DEPTH, 50_000)
        );
    }

    #[test]
    fn stacks_nest_and_are_given_back() {
        for i in 0..2_000 {
            assert_eq!(run(|_| i), i);
        }
        assert!(run(|outer| run(|inner| inner.limit != outer.limit)));
    }
}
