//! Ctrl-C, and the other signals that ask a process to end.
//!
//! In: what is to be undone if a signal comes: files half written, commands running. Out: a process that ends soon, with what it
//! printed written, no half-written file and no command left running. It does not know what runs: the handler ends the process
//! from wherever it stands, so that no loop, compiled or not, has to look.

use super::output;
use alloc::ffi::CString;
use core::ffi::{c_char, c_int};
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, Ordering::SeqCst};

/// Exit code after Ctrl-C: what a shell reports for a tool that died of SIGINT.
pub const EXIT_INTERRUPTED: i32 = 130;

/// The signals that ask a process to end.
const ASKING: [c_int; 3] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP];

/// How long a process may go on to write what it has printed, in microseconds.
const PATIENCE: libc::suseconds_t = 50_000;

/// The signal that came; 0 before.
static RECEIVED: AtomicI32 = AtomicI32::new(0);

/// How many files and commands are known at a time; one more is simply left behind.
const SLOTS: usize = 16;
static FILES: [AtomicPtr<c_char>; SLOTS] = [const { AtomicPtr::new(ptr::null_mut()) }; SLOTS];
/// A command is just being started, which has no number yet.
static STARTING: AtomicBool = AtomicBool::new(false);
static GROUPS: [AtomicI32; SLOTS] = [const { AtomicI32::new(0) }; SLOTS];

/// Installs the handlers, except where the parent has a signal ignored (`nohup`, jobs in the background).
pub(super) fn start() {
    for signal in ASKING {
        // SAFETY: asks for a disposition, and installs a handler that only does what handlers may.
        unsafe {
            let mut old = core::mem::zeroed::<libc::sigaction>();
            libc::sigaction(signal, ptr::null(), &mut old);
            if old.sa_sigaction != libc::SIG_IGN {
                install(signal, asked);
            }
        }
    }
}

/// # Safety
/// The handler must do only what handlers may.
unsafe fn install(signal: c_int, handler: extern "C" fn(c_int)) {
    // SAFETY: the structure is filled before it is read; calls that wait go on after other handlers, ours end the process.
    unsafe {
        let mut action = core::mem::zeroed::<libc::sigaction>();
        action.sa_sigaction = handler as *const () as usize;
        action.sa_flags = libc::SA_RESTART;
        libc::sigemptyset(&mut action.sa_mask);
        libc::sigaction(signal, &action, ptr::null_mut());
    }
}

/// The handler. Where the output is just being changed or a command being started, it only notes the signal: [`poll`] follows.
extern "C" fn asked(signal: c_int) {
    if RECEIVED.swap(signal, SeqCst) == 0 {
        limit_patience();
    }
    if !STARTING.load(SeqCst) && output::flush_from_handler() {
        end();
    }
}

/// Ends the process if a signal has asked for it while the handler could not.
pub(super) fn poll() {
    if RECEIVED.load(SeqCst) != 0 {
        output::flush_from_handler();
        end();
    }
}

/// Has the process end without its output if that cannot be written in time: a reader may be waiting for something, too.
fn limit_patience() {
    extern "C" fn enough(_: c_int) {
        end()
    }
    // SAFETY: only calls that handlers may make; the handler installed is one, too.
    unsafe {
        install(libc::SIGALRM, enough);
        let mut alarm = core::mem::zeroed::<libc::sigset_t>();
        libc::sigemptyset(&mut alarm);
        libc::sigaddset(&mut alarm, libc::SIGALRM);
        libc::sigprocmask(libc::SIG_UNBLOCK, &alarm, ptr::null_mut());
        let mut after = core::mem::zeroed::<libc::itimerval>();
        after.it_value.tv_usec = PATIENCE;
        libc::setitimer(libc::ITIMER_REAL, &after, ptr::null_mut());
    }
}

/// Undoes what is unfinished and ends the process.
fn end() -> ! {
    let leaders = GROUPS.each_ref().map(|slot| slot.swap(0, SeqCst));
    for leader in leaders.into_iter().filter(|&leader| leader > 0) {
        // SAFETY: the group is that of a child which nobody has waited for, so the number is not reused. It is waited for, since
        // until it has ended it may make the file that is removed below.
        unsafe {
            libc::kill(-leader, libc::SIGTERM);
            libc::waitpid(leader, ptr::null_mut(), 0);
        }
    }
    for file in &FILES {
        let path = file.swap(ptr::null_mut(), SeqCst);
        if !path.is_null() {
            // SAFETY: paths in the table end with NUL and stay until they are taken out.
            unsafe { libc::unlink(path) };
        }
    }
    let signal = RECEIVED.load(SeqCst);
    if signal == libc::SIGINT {
        super::exit(EXIT_INTERRUPTED);
    }
    // SAFETY: the parent shall see which signal it was; the default action ends the process.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        let mut set = core::mem::zeroed::<libc::sigset_t>();
        libc::sigemptyset(&mut set);
        libc::sigaddset(&mut set, signal);
        libc::sigprocmask(libc::SIG_UNBLOCK, &set, ptr::null_mut());
        libc::raise(signal);
    }
    super::exit(128 + signal)
}

/// A file that is to disappear if the process is asked to end; forgotten when dropped.
#[derive(Debug)]
pub struct Unfinished(*mut c_char);

impl Unfinished {
    /// Notes a path. Call it before the file is made.
    pub fn new(path: &[u8]) -> Unfinished {
        let Ok(path) = CString::new(path) else {
            return Unfinished(ptr::null_mut());
        };
        let path = path.into_raw();
        let free = |slot: &AtomicPtr<c_char>| {
            slot.compare_exchange(ptr::null_mut(), path, SeqCst, SeqCst)
                .is_ok()
        };
        FILES.iter().any(free);
        Unfinished(path)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.0.is_null() {
            return;
        }
        for slot in &FILES {
            let _ = slot.compare_exchange(self.0, ptr::null_mut(), SeqCst, SeqCst);
        }
        // SAFETY: made by `into_raw`, and in no slot any more: a handler that had taken it out would have ended the process.
        drop(unsafe { CString::from_raw(self.0) });
    }
}

/// A command, the leader of its process group, that is to end with this process; forgotten when dropped, which must be before anybody
/// waits for it.
#[derive(Debug)]
pub struct Running(c_int);

impl Running {
    /// Starts a command by a function that gives its number, and notes it before a signal can end this process.
    pub fn start<T, E>(start: impl FnOnce() -> Result<(c_int, T), E>) -> Result<(Running, T), E> {
        STARTING.store(true, SeqCst);
        let started = start();
        let noted = started.map(|(child, other)| {
            let free = |slot: &AtomicI32| slot.compare_exchange(0, child, SeqCst, SeqCst).is_ok();
            GROUPS.iter().any(free);
            (Running(child), other)
        });
        STARTING.store(false, SeqCst);
        poll();
        noted
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for slot in &GROUPS {
            let _ = slot.compare_exchange(self.0, 0, SeqCst, SeqCst);
        }
    }
}
