//! The only place with system calls: output, input, files, environment, processes, clock, entropy, stacks.
//!
//! In: plain Rust data. Out: plain Rust data, or an [`Error`] that prints as the system names it.
//! Nothing here knows values, the context or the language; nothing outside calls `libc`.

pub mod clock;
pub mod directory;
pub mod environment;
mod error;
pub mod file;
pub mod input;
pub mod interrupt;
pub mod memory;
pub mod output;
pub mod process;
pub mod random;
pub mod stack;

pub use error::{Error, Result};

/// Exit code when the reader of standard output has gone away: what a shell reports for a tool that died of SIGPIPE.
pub const EXIT_BROKEN_PIPE: i32 = 141;
/// Exit code when standard output cannot be written for another reason (a full disk, a closed stream).
pub const EXIT_CANNOT_WRITE: i32 = 5;

/// Signals that mean that a `write` has failed: a pipe without a reader, a file that reached the limit of its size.
const WRITE_FAILED: [i32; 2] = [libc::SIGPIPE, libc::SIGXFSZ];

/// Prepares the process; call it once, before a program runs. Starts the program's clock, turns the signals of failing
/// writes into errors, takes the numbers of streams that are missing ([`open_missing_streams`]), and has signals that ask
/// the process to end write first what was printed.
pub fn start() {
    clock::start();
    memory::start();
    ignore_failing_writes();
    open_missing_streams();
    interrupt::start();
}

fn ignore_failing_writes() {
    for signal in WRITE_FAILED {
        // SAFETY: replaces a disposition; no handler of ours is involved.
        unsafe {
            libc::signal(signal, libc::SIG_IGN);
        }
    }
}

/// Opens `/dev/null` for reading in place of standard streams that the parent closed, so that no file of the program gets
/// their numbers: input ends at once, and writing fails as it does where a stream is closed.
pub extern "C" fn open_missing_streams() {
    for stream in 0..3 {
        // SAFETY: `fcntl(F_GETFD)` only looks; `open` gets a NUL-terminated constant and takes the lowest free
        // number, which is the missing stream since the lower ones are open by now.
        unsafe {
            if libc::fcntl(stream, libc::F_GETFD) == -1 {
                libc::open(c"/dev/null".as_ptr(), libc::O_RDONLY);
            }
        }
    }
}

/// Has [`open_missing_streams`] called before `main`, once in a program with Rust's standard library: at its start that opens
/// missing streams in a way to which everything can be written, and nobody would learn that output is lost.
#[macro_export]
macro_rules! open_missing_streams_first {
    () => {
        // SAFETY: the section holds functions that the C library calls before `main`; this one needs nothing of Rust's.
        #[used]
        #[cfg_attr(
            target_vendor = "apple",
            unsafe(link_section = "__DATA,__mod_init_func")
        )]
        #[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
        static OPEN_MISSING_STREAMS: extern "C" fn() = $crate::os::open_missing_streams;
    };
}

/// Ends the process at once. Flush the output first; the system keeps the low 8 bits of the code.
pub fn exit(code: i32) -> ! {
    // SAFETY: ends the process without running handlers; nothing of ours needs one.
    unsafe { libc::_exit(code) }
}
