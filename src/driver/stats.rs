//! Counters of the engines: the one table, and the report of `ruff run --stats`.
//!
//! In: increments, by name. Out: the report. A refusal or fallback without a row here cannot be counted, so every question
//! "why is this slow?" has a printed answer. It does not know who counts.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

macro_rules! counters {
    ($( $group:ident { $($(#[doc = $doc:literal])+ $counter:ident,)* } )*) => {
        /// What is counted.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[allow(non_camel_case_types, reason = "the report prints the names")]
        pub enum Counter {
            $($($(#[doc = $doc])+ $counter,)*)*
        }
        /// The rows: group, name, what it means.
        pub const ROWS: &[(&str, &str, &str)] =
            &[$($((stringify!($group), stringify!($counter), concat!($($doc),+)),)*)*];
        static COUNTS: [AtomicU64; ROWS.len()] = [const { AtomicU64::new(0) }; ROWS.len()];
    };
}

counters! {
    compiled {
        /// functions compiled for calls
        functions,
        /// loops compiled for entry in the middle
        loops,
        /// bytes of machine code
        code_bytes,
    }
    microseconds {
        /// reading, parsing, resolving, emitting
        front_end,
        /// setting the compiler up
        set_up,
        /// bytecode to typed SSA, with all passes
        optimise,
        /// SSA to machine code
        generate,
    }
    refused {
        /// the machine has no back end for this processor
        no_back_end,
        /// the system denies executable memory
        no_executable_memory,
        /// the system denies a thread to compile in
        no_thread,
        /// the back end could not compile the function
        not_compiled,
    }
}

/// Adds to a counter.
pub fn add(counter: Counter, n: u64) {
    COUNTS[counter as usize].fetch_add(n, Relaxed);
}

/// The value of a counter.
pub fn get(counter: Counter) -> u64 {
    COUNTS[counter as usize].load(Relaxed)
}

/// Adds the time that `work` takes, in microseconds.
pub fn timed<R>(counter: Counter, work: impl FnOnce() -> R) -> R {
    let start = std::time::Instant::now();
    let result = work();
    add(counter, start.elapsed().as_micros() as u64);
    result
}

/// The counters as a table. Refusals that never happened are left out.
pub fn report() -> String {
    let mut text = String::from("-- stats\n");
    let mut last = "";
    for (&(group, name, meaning), count) in ROWS.iter().zip(&COUNTS) {
        let count = count.load(Relaxed);
        if count == 0 && group == "refused" {
            continue;
        }
        if group != last {
            text += &format!("{group}\n");
            last = group;
        }
        text += &format!("  {name:<22}{count:>10}  {}\n", meaning.trim());
    }
    text
}
