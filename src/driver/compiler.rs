//! The compiler of one running program: called by the program's thread, or beside it in a thread of its own.
//!
//! In: jobs. Out: their entries, at once or once they are done. It does not know what is hot, nor what entries are for.

use super::jit::Jit;
use super::native::{self, Found};
use super::stats::{self, Counter};
use crate::bytecode::{FuncIx, Program};
use crate::ssa::types::Type;
use ruff_runtime::ctx::Entry;
use ruff_runtime::os::stack;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvError, Sender, TryRecvError, channel};
use std::thread::{self, JoinHandle};

/// Bytes of stack of the compiler's thread, which goes on to a larger one to compile.
const THREAD_STACK: usize = 1 << 18;

/// Bytes of the stack on which functions are compiled, here or there.
const STACK: usize = 64 << 20;

/// How to compile.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Config {
    /// In a thread of its own, while the program runs on.
    pub background: bool,
    /// Every so many looks whether something is done wait until it is: for tests, whose programs end too soon. 0: none waits.
    pub waiting_looks: u32,
    /// Write a map with which `perf` names machine code.
    pub perf_map: bool,
    /// How code is made.
    pub native: native::Options,
}

/// What to compile.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Job {
    /// A function for calls with arguments of these types; see [`Jit::function`].
    #[allow(missing_docs, reason = "the names say it")]
    Function { func: FuncIx, types: Vec<Type> },
    /// A function to be entered at a loop head; see [`Jit::at_loop`].
    #[allow(missing_docs, reason = "the names say it")]
    Loop {
        func: FuncIx,
        head: u32,
        found: Found,
    },
}

impl Job {
    fn run(&self, jit: &mut Jit, program: &Program) -> Entry {
        match self {
            Job::Function { func, types } => jit.function(program, func.0, types),
            Job::Loop { func, head, found } => jit.at_loop(program, func.0, *head, found),
        }
    }
}

/// What becomes of a job.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// It is done.
    Done(Entry),
    /// It will be among the finished ones.
    Later,
    /// Nothing can be compiled.
    Never,
}

/// A compiler. It must outlive all use of what it has compiled.
pub struct Compiler {
    program: Arc<Program>,
    config: Config,
    /// Looks whether something is done, so far.
    looks: u32,
    state: State,
}

/// Set up for the first job: most programs end before.
enum State {
    Idle,
    Here(Box<Workplace>),
    Beside(Worker),
    Refused,
}

impl Compiler {
    /// A compiler for a program. It does nothing yet.
    pub fn new(program: Arc<Program>, config: Config) -> Compiler {
        Compiler {
            program,
            config,
            looks: 0,
            state: State::Idle,
        }
    }

    /// Takes a job.
    pub fn request(&mut self, job: Job) -> Answer {
        self.set_up();
        match &mut self.state {
            State::Here(place) => Answer::Done(place.work(|jit| job.run(jit, &self.program))),
            State::Beside(worker) if worker.jobs.send(job).is_ok() => Answer::Later,
            _ => Answer::Never,
        }
    }

    fn set_up(&mut self) {
        if let State::Idle = self.state {
            let state = if self.config.background {
                Worker::start(self.program.clone(), self.config).map(State::Beside)
            } else {
                set_up(&self.program, self.config).map(State::Here)
            };
            self.state = state.unwrap_or(State::Refused);
        }
    }

    /// A job that has been done beside the program, if there is one that has not been told of. To be called only while there are
    /// jobs that are not finished.
    ///
    /// # Panics
    /// If the compiler has.
    pub fn finished(&mut self) -> Option<(Job, Entry)> {
        let State::Beside(worker) = &mut self.state else {
            return None;
        };
        self.looks += 1;
        let waits = self.config.waiting_looks;
        let finished = if waits > 0 && self.looks.is_multiple_of(waits) {
            let finished = worker.done.recv();
            finished.map_err(|RecvError| TryRecvError::Disconnected)
        } else {
            worker.done.try_recv()
        };
        if let Err(TryRecvError::Disconnected) = finished {
            worker.end();
            self.state = State::Refused;
        }
        finished.ok()
    }

    /// Runs the compiler where it is called, if that is what it does.
    pub fn here<T>(&mut self, work: impl FnOnce(&mut Jit, &Program) -> T) -> Option<T> {
        self.set_up();
        match &mut self.state {
            State::Here(place) => Some(place.work(|jit| work(jit, &self.program))),
            _ => None,
        }
    }
}

/// What compiles, and the stack on which it does: the program may be deep in its recursion, and some functions are large.
struct Workplace {
    jit: Jit,
    stack: stack::Kept,
}

impl Workplace {
    fn work<T>(&mut self, work: impl FnOnce(&mut Jit) -> T) -> T {
        self.stack.run(|_| work(&mut self.jit))
    }
}

/// Sets the back end up. If that is not possible, a counter tells why.
fn set_up(program: &Program, config: Config) -> Option<Box<Workplace>> {
    let new = || Jit::new(program, config.native, config.perf_map);
    let jit = stats::timed(Counter::set_up, new);
    let jit = jit.map_err(|refusal| stats::add(refusal, 1)).ok()?;
    let stack = stack::Kept::of(STACK);
    Some(Box::new(Workplace { jit, stack }))
}

/// The thread beside the program.
struct Worker {
    jobs: Sender<Job>,
    done: Receiver<(Job, Entry)>,
    /// Nobody waits for more.
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    fn start(program: Arc<Program>, config: Config) -> Option<Worker> {
        let (jobs, waiting) = channel::<Job>();
        let (finish, done) = channel();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let work = move || {
            let Some(mut place) = set_up(&program, config) else {
                return;
            };
            for job in waiting {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let entry = place.work(|jit| job.run(jit, &program));
                // If nobody listens the next look at `stopped` says so.
                drop(finish.send((job, entry)));
            }
        };
        let thread = thread::Builder::new()
            .name("compiler".into())
            .stack_size(THREAD_STACK)
            .spawn(work);
        let Ok(thread) = thread else {
            stats::add(Counter::no_thread, 1);
            return None;
        };
        Some(Worker {
            jobs,
            done,
            stop,
            thread: Some(thread),
        })
    }

    /// The thread has ended, which it does by itself only if it cannot compile, or by a panic, which is passed on.
    fn end(&mut self) {
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
            resume_unwind(panic);
        }
    }
}

impl Drop for Worker {
    /// The job at work goes on for nobody; waiting for it would keep the program from ending.
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
