//! The runtime as `libruff_runtime.a`, which executables made by `ruffc` link.
//!
//! In: the runtime crate. Out: an archive that needs nothing but the C library: what `std` would bring (the allocator,
//! the end of a panic) is here, because the library crate is also linked into `ruff`, a program with `std`.
//! It knows nothing of Ruff.
#![no_std]

// The test harness brings `std`, and with it all of this.
#[cfg(not(test))]
mod without_std {
    use ruff_runtime::os::memory::{Malloc, die};

    #[global_allocator]
    static ALLOCATOR: Malloc = Malloc;

    /// A panic is a bug in the runtime: it is reported, and the process ends as for any internal error.
    #[panic_handler]
    fn panic(info: &core::panic::PanicInfo) -> ! {
        die(format_args!(
            "[RUFRT001] [runtime] error: internal error: {info}"
        ))
    }

    /// Prebuilt `core` and `alloc` mention the unwinder; with `panic = "abort"` nothing ever calls it.
    // SAFETY: the name is the compiler's, and no other crate of the archive defines it.
    #[unsafe(no_mangle)]
    extern "C" fn rust_eh_personality() {}

    /// See [`rust_eh_personality`].
    // SAFETY: as there.
    #[unsafe(no_mangle)]
    extern "C" fn _Unwind_Resume() -> ! {
        die(format_args!("[RUFRT001] [runtime] error: unwinding"))
    }
}
