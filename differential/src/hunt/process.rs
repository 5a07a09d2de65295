//! A child process and the lines it tells (`child` says which), with a limit to its silence.

use super::child::NEW_LINE;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// How long it may take to find out what to expect of a program.
const ASKING: Duration = Duration::from_secs(3);

/// What a child has told.
pub(crate) enum Line {
    /// A configuration has run.
    Ran(String, Duration),
    /// All agree on the program.
    Same,
    /// The program was not compared.
    Skipped(String),
    /// The program was not compared: nobody knows in time what it does. The child has been ended.
    Endless,
    /// They do not agree.
    Different(String),
    /// The child has ended; how it died, if it did.
    End(Option<String>),
}

/// A child that is listened to.
pub(crate) struct Following {
    child: Child,
    lines: Receiver<String>,
    /// The configuration that it runs; nothing while it asks what to expect.
    pub configuration: String,
}

impl Following {
    /// Starts a child, with a text to read, and a runtime archive to link.
    pub fn start(
        program: &Path,
        args: &[&str],
        text: Option<&str>,
        runtime: Option<&Path>,
    ) -> Following {
        let mut child = Command::new(program)
            .envs(runtime.map(|runtime| ("RUFF_RUNTIME", runtime)))
            .args(args)
            .stdin(text.map_or(Stdio::null(), |_| Stdio::piped()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a child process can be started");
        if let (Some(mut input), Some(text)) = (child.stdin.take(), text) {
            // A child that dies early does not read.
            drop(input.write_all(text.as_bytes()));
        }
        let output = child.stdout.take().expect("the output is a pipe");
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Following {
            child,
            lines,
            configuration: String::new(),
        }
    }

    /// What it tells next. One that is silent for too long is ended.
    pub fn next(&mut self, limit: Duration) -> Line {
        loop {
            let asks = self.configuration.is_empty();
            let limit = if asks { limit.min(ASKING) } else { limit };
            let line = match self.lines.recv_timeout(limit) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout) => {
                    self.end();
                    if asks {
                        return Line::Endless;
                    }
                    return Line::End(Some(format!("hangs in {}", self.configuration)));
                }
                Err(RecvTimeoutError::Disconnected) => return Line::End(self.death()),
            };
            let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
            let rest = rest.replace(NEW_LINE, "\n");
            match word {
                "asks" => self.configuration.clear(),
                "in" => self.configuration = rest,
                "ran" => {
                    let (time, name) = rest.split_once(' ').unwrap_or_default();
                    let time = Duration::from_micros(time.parse().unwrap_or_default());
                    return Line::Ran(name.to_owned(), time);
                }
                "same" => return Line::Same,
                "skipped" => return Line::Skipped(rest),
                "different" => return Line::Different(rest),
                _ => {}
            }
        }
    }

    /// Ends it.
    pub fn end(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }

    fn death(&mut self) -> Option<String> {
        let status = self.child.wait().expect("a child can be waited for");
        (!status.success()).then(|| format!("the process died in {}: {status}", self.configuration))
    }
}
