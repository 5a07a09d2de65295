//! Other programs: started, listened to and, if they take too long, stopped.
//!
//! In: commands as argument lists. Out: what they wrote and how they ended. Each command is the head of a process
//! group of its own, so that a timeout stops everything that it started. It reads from `/dev/null`.

use super::error::{Terminated, check};
use super::file::File;
use super::interrupt::Running;
use super::{Error, Result, clock, memory};
use alloc::string::String;
use alloc::vec::Vec;
use core::ffi::c_int;
use core::mem::MaybeUninit;
use core::ptr;

/// How to run commands.
pub struct Options {
    /// Milliseconds after which everything is stopped.
    pub timeout_ms: u64,
    /// Bytes kept of each stream.
    pub max_output: usize,
    /// The whole environment, `NAME=value` each; `None` passes ours on.
    pub environment: Option<Vec<String>>,
}

/// What a command, or the last of a pipe, has done.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The exit code; 128 + N after signal N, as shells count.
    pub code: i32,
    /// Standard output, up to the limit.
    pub stdout: Vec<u8>,
    /// Standard error (of all commands of a pipe), up to the limit.
    pub stderr: Vec<u8>,
    /// It was stopped because it took too long.
    pub timed_out: bool,
    /// There was more standard output.
    pub stdout_truncated: bool,
    /// There was more standard error.
    pub stderr_truncated: bool,
}

/// Waits until a descriptor that does not block accepts bytes.
pub(super) fn wait_writable(descriptor: c_int) {
    let mut entry = libc::pollfd {
        fd: descriptor,
        events: libc::POLLOUT,
        revents: 0,
    };
    // SAFETY: one entry, readable and writable. If the call fails the caller tries to write again.
    unsafe { libc::poll(&mut entry, 1, -1) };
}

/// Runs the commands, each reading what the one before it writes, and collects what the last one writes.
pub fn run(commands: &[Vec<String>], options: &Options) -> Result<Outcome> {
    let (mut listener, children) = start_all(commands, options)?;
    let deadline =
        clock::monotonic_ns().saturating_add(options.timeout_ms.saturating_mul(1_000_000));
    let in_time = listener.listen(deadline) && children.ended_by(deadline);
    if !in_time {
        children.stop();
        // What was written before the end is still in the pipes.
        listener.listen(clock::monotonic_ns().saturating_add(100_000_000));
    }
    let code = children.wait();
    Ok(Outcome {
        code,
        timed_out: !in_time,
        stdout: listener.streams[0].bytes.split_off(0),
        stderr: listener.streams[1].bytes.split_off(0),
        stdout_truncated: listener.streams[0].truncated,
        stderr_truncated: listener.streams[1].truncated,
    })
}

fn start_all(commands: &[Vec<String>], options: &Options) -> Result<(Listener, Children)> {
    let null = c"/dev/null".as_ptr();
    // SAFETY: a NUL-terminated constant.
    let null = File(check(|| unsafe {
        libc::open(null, libc::O_RDONLY | libc::O_CLOEXEC)
    })?);
    let (errors, errors_in) = pipe()?;
    let mut children = Children::default();
    let mut input = null;
    for command in commands {
        let (output, output_in) = pipe()?;
        let streams = [&input, &output_in, &errors_in];
        match Running::start(|| spawn(command, streams, options).map(|child| (child, child))) {
            Ok((running, child)) => {
                children.running.push(running);
                children.numbers.push(child);
            }
            Err(error) => {
                children.stop();
                children.wait();
                return Err(error);
            }
        }
        input = output;
    }
    let limit = options.max_output;
    let streams = [input, errors].map(|file| Stream {
        file: Some(file),
        bytes: Vec::new(),
        truncated: false,
        limit,
    });
    Ok((Listener { streams }, children))
}

/// The reading and the writing end, neither of which other programs get by accident.
fn pipe() -> Result<(File, File)> {
    let mut ends = [0; 2];
    // SAFETY: `ends` is writable for two descriptors; they are new and ours.
    unsafe {
        #[cfg(target_os = "linux")]
        check(|| libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC))?;
        #[cfg(not(target_os = "linux"))]
        check(|| libc::pipe(ends.as_mut_ptr()))?;
        #[cfg(not(target_os = "linux"))]
        for end in ends {
            libc::fcntl(end, libc::F_SETFD, libc::FD_CLOEXEC);
        }
    }
    Ok((File(ends[0]), File(ends[1])))
}

/// Null-terminated pointers to texts that the first vector keeps alive.
fn pointers(texts: &[String]) -> Result<(Vec<Terminated>, Vec<*mut libc::c_char>)> {
    let kept: Vec<Terminated> = texts
        .iter()
        .map(|t| Terminated::new(t))
        .collect::<Result<_>>()?;
    let mut pointers: Vec<_> = kept.iter().map(|t| t.as_ptr().cast_mut()).collect();
    pointers.push(ptr::null_mut());
    Ok((kept, pointers))
}

unsafe extern "C" {
    static environ: *const *mut libc::c_char;
}

/// Starts one command with the given standard streams.
fn spawn(command: &[String], streams: [&File; 3], options: &Options) -> Result<libc::pid_t> {
    let (_arguments, argv) = pointers(command)?;
    let environment = options.environment.as_deref().map(pointers).transpose()?;
    let mut actions = MaybeUninit::uninit();
    let mut attributes = MaybeUninit::uninit();
    let mut signals = MaybeUninit::uninit();
    let mut child = 0;
    // SAFETY: each object is initialised before use and destroyed once; all pointers outlive the call; `argv` and the
    // environment are null-terminated; an empty `argv` has a null name, which the caller excludes.
    let failure = unsafe {
        libc::posix_spawn_file_actions_init(actions.as_mut_ptr());
        for (stream, file) in (0..).zip(streams) {
            libc::posix_spawn_file_actions_adddup2(actions.as_mut_ptr(), file.0, stream);
        }
        libc::sigemptyset(signals.as_mut_ptr());
        for signal in super::WRITE_FAILED {
            libc::sigaddset(signals.as_mut_ptr(), signal);
        }
        libc::posix_spawnattr_init(attributes.as_mut_ptr());
        libc::posix_spawnattr_setsigdefault(attributes.as_mut_ptr(), signals.as_ptr());
        libc::posix_spawnattr_setpgroup(attributes.as_mut_ptr(), 0);
        let flags = libc::POSIX_SPAWN_SETSIGDEF | libc::POSIX_SPAWN_SETPGROUP;
        libc::posix_spawnattr_setflags(attributes.as_mut_ptr(), flags as libc::c_short);
        let envp = match &environment {
            Some((_, envp)) => envp.as_ptr(),
            None => environ,
        };
        let failure = libc::posix_spawnp(
            &mut child,
            argv[0],
            actions.as_ptr(),
            attributes.as_ptr(),
            argv.as_ptr(),
            envp,
        );
        libc::posix_spawn_file_actions_destroy(actions.as_mut_ptr());
        libc::posix_spawnattr_destroy(attributes.as_mut_ptr());
        failure
    };
    if failure == 0 {
        Ok(child)
    } else {
        Err(Error(failure))
    }
}

/// The commands of a pipe, first to last, none of which has been waited for.
#[derive(Default)]
struct Children {
    numbers: Vec<libc::pid_t>,
    running: Vec<Running>,
}

impl Children {
    /// Whether all of them end before the deadline. Most end at once when they close their output.
    fn ended_by(&self, deadline: u64) -> bool {
        let mut pause = 50_000;
        loop {
            if self.numbers.iter().all(|&child| has_ended(child)) {
                return true;
            }
            let now = clock::monotonic_ns();
            if now >= deadline {
                return false;
            }
            clock::sleep_ns(pause.min(deadline - now));
            pause = (pause * 2).min(20_000_000);
        }
    }

    fn stop(&self) {
        for &child in &self.numbers {
            // SAFETY: the group is that of a child which nobody has waited for, so the number is not reused.
            unsafe { libc::kill(-child, libc::SIGKILL) };
        }
    }

    /// Waits for all; the exit code of the last.
    fn wait(mut self) -> i32 {
        self.running.clear();
        let mut code = 0;
        for &child in &self.numbers {
            let mut status = 0;
            // SAFETY: `status` is writable.
            let ended = check(|| unsafe { libc::waitpid(child, &mut status, 0) }).is_ok();
            code = match status {
                _ if !ended => 127,
                status if libc::WIFEXITED(status) => libc::WEXITSTATUS(status),
                status => 128 + libc::WTERMSIG(status),
            };
        }
        code
    }
}

/// Whether a child has ended; it can still be waited for.
fn has_ended(child: libc::pid_t) -> bool {
    let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
    let how = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
    // SAFETY: `info` is writable and initialised with zeros, which it keeps if the child is still running.
    unsafe {
        let asked =
            check(|| libc::waitid(libc::P_PID, child as libc::id_t, info.as_mut_ptr(), how));
        asked.is_err() || info.assume_init_ref().si_pid() != 0
    }
}

/// Below this many bytes nobody asks whether there is memory.
const ALWAYS_THERE: usize = 1 << 20;

/// One stream that commands write, with what has come so far.
struct Stream {
    file: Option<File>,
    bytes: Vec<u8>,
    truncated: bool,
    limit: usize,
}

impl Stream {
    /// Reads once; closes at the end. Past the limit the bytes are read, so that the writer can go on, and dropped.
    fn read(&mut self) {
        let Some(file) = &self.file else { return };
        let mut chunk = [0u8; 16 * 1024];
        // SAFETY: the chunk is writable for its length.
        let got = check(|| unsafe { libc::read(file.0, chunk.as_mut_ptr().cast(), chunk.len()) });
        match got {
            Ok(n) if n > 0 => {
                let n = n as usize;
                let mut kept = n.min(self.limit - self.bytes.len());
                let doubled = self.bytes.len() * 2;
                if self.bytes.capacity() - self.bytes.len() < kept
                    && doubled > ALWAYS_THERE
                    && !memory::is_available(doubled)
                {
                    // What the system has no memory for is cut off, too.
                    self.limit = self.bytes.len();
                    kept = 0;
                }
                self.bytes.extend_from_slice(&chunk[..kept]);
                self.truncated |= kept < n;
            }
            _ => self.file = None,
        }
    }
}

/// Collects both streams at once, so that neither fills up while we wait for the other.
struct Listener {
    streams: [Stream; 2],
}

impl Listener {
    /// Reads until both streams end: true; or until the deadline: false.
    fn listen(&mut self, deadline: u64) -> bool {
        loop {
            let mut entries = self.streams.each_ref().map(|stream| libc::pollfd {
                // A negative descriptor is not looked at.
                fd: stream.file.as_ref().map_or(-1, |file| file.0),
                events: libc::POLLIN,
                revents: 0,
            });
            if entries.iter().all(|entry| entry.fd < 0) {
                return true;
            }
            let now = clock::monotonic_ns();
            if now >= deadline {
                return false;
            }
            let ms = ((deadline - now) / 1_000_000 + 1).min(c_int::MAX as u64) as c_int;
            // SAFETY: two entries, readable and writable. An interrupted wait just goes round again.
            unsafe { libc::poll(entries.as_mut_ptr(), 2, ms) };
            for (stream, entry) in self.streams.iter_mut().zip(entries) {
                if entry.revents != 0 {
                    stream.read();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn shell(text: &str, timeout_ms: u64) -> Outcome {
        let options = Options {
            timeout_ms,
            max_output: 1 << 20,
            environment: None,
        };
        let command = ["sh", "-c", text].map(String::from).to_vec();
        run(&[command], &options).unwrap()
    }

    #[test]
    fn both_streams_and_the_code_come_back() {
        let outcome = shell("echo out; echo err >&2; exit 3", 10_000);
        assert_eq!(
            (&*outcome.stdout, &*outcome.stderr),
            (&b"out\n"[..], &b"err\n"[..])
        );
        assert_eq!((outcome.code, outcome.timed_out), (3, false));
    }

    #[test]
    fn a_timeout_stops_the_whole_group() {
        let outcome = shell("echo early; sleep 60 & sleep 60; echo late", 50);
        assert!(outcome.timed_out);
        assert_eq!(outcome.stdout, b"early\n");
    }

    #[test]
    fn more_than_a_pipe_holds_passes_and_is_cut_at_the_limit() {
        let outcome = shell(
            "head -c 3000000 /dev/zero; head -c 200000 /dev/zero >&2",
            10_000,
        );
        assert_eq!(
            (outcome.stdout.len(), outcome.stdout_truncated),
            (1 << 20, true)
        );
        assert_eq!(
            (outcome.stderr.len(), outcome.stderr_truncated),
            (200_000, false)
        );
    }

    #[test]
    fn pipes_end_when_their_reader_does() {
        let options = Options {
            timeout_ms: 10_000,
            max_output: 100,
            environment: Some(vec!["PATH=/usr/bin:/bin".into()]),
        };
        let commands = [vec!["yes"], vec!["head", "-n", "2"]];
        let commands = commands.map(|c| c.into_iter().map(String::from).collect());
        let outcome = run(&commands, &options).unwrap();
        assert_eq!((&*outcome.stdout, outcome.code), (&b"y\ny\n"[..], 0));
        assert_eq!(
            run(&[vec!["/no/such".into()]], &options).unwrap_err(),
            Error::NOT_FOUND
        );
    }
}
