//! Programs at a terminal: what they print appears line by line, Ctrl-C as a person types it ends them, and the terminal is left as it
//! was.

mod harness;

use harness::tool::{directory, started};
use harness::ways::WAYS;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// A terminal: what a person sees and types on, and what programs get.
struct Terminal {
    screen: File,
    line: File,
}

impl Terminal {
    fn new() -> Terminal {
        let (mut screen, mut line) = (0, 0);
        let none = std::ptr::null_mut();
        // SAFETY: both numbers are writable, and neither a name nor settings are asked for; the files are nobody else's.
        unsafe {
            assert_eq!(
                libc::openpty(&mut screen, &mut line, none, none.cast(), none.cast()),
                0
            );
            Terminal {
                screen: File::from_raw_fd(screen),
                line: File::from_raw_fd(line),
            }
        }
    }

    /// How the terminal treats what is typed and printed.
    fn settings(&self) -> impl PartialEq + std::fmt::Debug + use<> {
        // SAFETY: all zeroes are settings, and they are writable.
        let settings = unsafe {
            let mut settings: libc::termios = std::mem::zeroed();
            assert_eq!(libc::tcgetattr(self.line.as_raw_fd(), &mut settings), 0);
            settings
        };
        let modes = [settings.c_iflag, settings.c_oflag];
        (modes, settings.c_cflag, settings.c_lflag, settings.c_cc)
    }

    /// Starts a command as a shell does: its session has the terminal.
    fn start(&self, command: &mut Command) -> Child {
        let stream = || self.line.try_clone().expect("it can be opened again");
        command.stdin(stream()).stdout(stream()).stderr(stream());
        // SAFETY: between fork and exec the closure makes system calls only.
        unsafe {
            command.pre_exec(|| {
                libc::signal(libc::SIGINT, libc::SIG_DFL);
                libc::setsid();
                libc::ioctl(0, libc::TIOCSCTTY as _, 0);
                Ok(())
            });
        }
        command.spawn().expect("it can be started")
    }

    /// Reads until the text ends so.
    fn shows(&mut self, end: &str) -> String {
        let mut seen = Vec::new();
        while !seen.ends_with(end.as_bytes()) {
            let mut byte = [0];
            self.screen.read_exact(&mut byte).expect("it is shown");
            seen.push(byte[0]);
        }
        String::from_utf8(seen).expect("text")
    }
}

/// What ends only by Ctrl-C.
const ENDLESS: [(&str, &str); 3] = [
    ("a loop", "mut i := 0\nloop { i := (i + 1) % 1000 }"),
    ("input", "input(\"? \")"),
    ("a command", "execute(\"sleep 60\")"),
];

#[test]
fn control_c_ends_programs_and_leaves_the_terminal_as_it_was() {
    for (name, with) in ENDLESS {
        let text = format!("print(\"starts\")\n{with}\nprint(\"not reached\")\n");
        let dir = directory(&[("a.ruff", &text)]);
        for way in WAYS {
            let mut terminal = Terminal::new();
            let before = terminal.settings();
            let mut child = terminal.start(&mut started(way, &dir));
            assert_eq!(terminal.shows("\n"), "starts\r\n", "{name}, {way:?}");
            if name == "input" {
                assert_eq!(terminal.shows("? "), "? ", "{way:?}");
            }
            std::thread::sleep(Duration::from_millis(20));
            terminal.screen.write_all(b"\x03").expect("it is typed");
            let limit = Instant::now() + Duration::from_secs(5);
            let status = loop {
                match child.try_wait().expect("it can be waited for") {
                    Some(status) => break status,
                    None if Instant::now() > limit => {
                        child.kill().expect("it runs");
                        panic!("{name}, {way:?}: it goes on");
                    }
                    None => std::thread::sleep(Duration::from_millis(1)),
                }
            };
            assert_eq!(status.code(), Some(130), "{name}, {way:?}");
            assert_eq!(terminal.settings(), before, "{name}, {way:?}");
            // The terminal itself shows what was typed; programs add nothing.
            terminal.line.write_all(b"|").expect("it is shown");
            assert_eq!(terminal.shows("|"), "^C|", "{name}, {way:?}");
        }
    }
}
