//! The configurations that must not differ: one row each.
//!
//! In: a seed. Out: the configurations in which its program is run. What each row changes in the toolchain is
//! `ruff::driver::native::Options`; this module knows only the combinations worth running.

use crate::random::Random;
use ruff::driver::compiler;
use ruff::driver::isa::{BackEnd, OptLevel, Registers};
use ruff::driver::native::Options;
use ruff::driver::run::Engine;
use ruff::driver::tier;
use ruff::ssa::passes;
use std::sync::LazyLock;

/// When a configuration is run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Share {
    /// For every program.
    Always,
    /// For programs with loops that are long enough for the default threshold.
    Hot,
    /// For as many of the programs as the weight says: one of the plain JITs each.
    Plain(u32),
    /// For as many of the programs as the weight says: one of those that check the heap each.
    Checked(u32),
    /// For as many of the programs as the weight says: one of the others each.
    Odd(u32),
}

/// A way to run programs in this process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Configuration {
    /// For reports.
    pub name: String,
    /// When it is run.
    pub share: Share,
    /// The engine.
    pub engine: Engine,
    /// Copy-on-write copies what nobody else holds, too.
    pub copies: bool,
    /// The heap checker looks at every safepoint.
    pub checked: bool,
}

fn row(name: impl Into<String>, share: Share, engine: Engine) -> Configuration {
    Configuration {
        name: name.into(),
        share,
        engine,
        copies: false,
        checked: false,
    }
}

fn jit(threshold: Option<u32>, native: Options) -> Engine {
    Engine::Tiered(tier::Config {
        threshold,
        compiler: compiler::Config {
            native,
            ..compiler::Config::default()
        },
    })
}

/// The quickest back end, for rows that are about what comes before it.
const QUICK: BackEnd = BackEnd {
    level: OptLevel(0),
    registers: Registers::SinglePass,
    verifies: false,
};

fn quick() -> Options {
    Options {
        back_end: QUICK,
        ..Options::default()
    }
}

/// With the registers of all functions in their frames.
fn keeping() -> Options {
    Options {
        keeps_registers: true,
        ..quick()
    }
}

/// All rows.
static TABLE: LazyLock<Vec<Configuration>> = LazyLock::new(|| {
    let mut rows = vec![row("interpreter", Share::Always, Engine::Interpreter)];
    rows.extend(plain());
    rows.extend(back_ends());
    rows.extend(in_the_front());
    // Without debug assertions the runtime copies as always, and has no checker.
    if cfg!(debug_assertions) {
        rows.push(Configuration {
            copies: true,
            ..row(
                "forced copies in the interpreter",
                Share::Odd(4),
                Engine::Interpreter,
            )
        });
        rows.extend(checked());
    }
    rows
});

/// The engines as users have them, with low thresholds.
fn plain() -> impl Iterator<Item = Configuration> {
    let rows = [
        ("jit-1", Share::Plain(3), Some(1), 0),
        ("jit-2", Share::Plain(6), Some(2), 0),
        ("jit-12", Share::Plain(6), Some(12), 0),
        ("jit-1 in the background", Share::Plain(1), Some(1), 4),
        ("jit-2 in the background", Share::Plain(1), Some(2), 3),
        ("jit-default", Share::Hot, None, 0),
        ("jit-default in the background", Share::Hot, None, 5),
    ];
    rows.into_iter()
        .map(|(name, share, threshold, waiting_looks)| {
            let compiler = compiler::Config {
                background: waiting_looks > 0,
                waiting_looks,
                ..compiler::Config::default()
            };
            let config = tier::Config {
                threshold,
                compiler,
            };
            row(name, share, Engine::Tiered(config))
        })
}

/// Settings of Cranelift.
fn back_ends() -> impl Iterator<Item = Configuration> {
    let change = |change: fn(&mut BackEnd)| {
        let mut options = Options::default();
        change(&mut options.back_end);
        options
    };
    let rows = [
        ("-O0", 6, change(|b| b.level = OptLevel(0))),
        ("-O1", 4, change(|b| b.level = OptLevel(1))),
        ("-O3", 4, change(|b| b.level = OptLevel(3))),
        (
            "registers in a single pass",
            6,
            change(|b| b.registers = Registers::SinglePass),
        ),
        ("verified", 4, change(|b| b.verifies = true)),
    ];
    let rows = rows.into_iter();
    rows.flat_map(|(name, weight, options)| odd(name, weight, options))
}

/// A row that compiles everything, and one, run more often, that leaves what runs once to the interpreter: it takes half the time.
fn odd(name: &str, weight: u32, options: Options) -> [Configuration; 2] {
    [("", 1, weight), (", from the second time", 2, 2 * weight)].map(|(when, threshold, weight)| {
        let engine = jit(Some(threshold), options);
        Configuration {
            copies: options.copies,
            ..row(format!("{name}{when}"), Share::Odd(weight), engine)
        }
    })
}

/// What comes before Cranelift: passes left out, guards that fail, forced copies.
fn in_the_front() -> Vec<Configuration> {
    let quick = quick();
    let inlining = Options {
        // The level alone decides how much is inlined, and there is no quick back end that inlines.
        back_end: BackEnd {
            level: OptLevel(3),
            ..QUICK
        },
        ..quick
    };
    let mut rows = vec![
        ("no inlining".to_owned(), 4, {
            let never_inlines = true;
            Options {
                never_inlines,
                ..inlining
            }
        }),
        ("guards that fail".to_owned(), 12, {
            let guards_fail = true;
            Options {
                guards_fail,
                ..quick
            }
        }),
        ("registers kept in frames".to_owned(), 4, keeping()),
        ("forced copies".to_owned(), 8, {
            let copies = true;
            Options { copies, ..quick }
        }),
    ];
    for pass in passes::names() {
        let without = Some(pass);
        rows.push((
            format!("without {pass}"),
            4,
            Options {
                without,
                ..inlining
            },
        ));
    }
    let rows = rows.into_iter();
    rows.flat_map(|(name, weight, options)| odd(&name, weight, options))
        .collect()
}

/// Engines with the heap checker.
fn checked() -> impl Iterator<Item = Configuration> {
    let quick = quick();
    let rows = [
        ("checked heap in the interpreter", 2, Engine::Interpreter),
        ("checked heap in jit-1", 1, jit(Some(1), quick)),
        ("checked heap in jit-3", 1, jit(Some(3), quick)),
        (
            "checked heap with kept registers",
            1,
            jit(Some(1), keeping()),
        ),
    ];
    rows.into_iter()
        .map(|(name, weight, engine)| Configuration {
            checked: true,
            ..row(name, Share::Checked(weight), engine)
        })
}

/// All configurations.
pub fn all() -> &'static [Configuration] {
    &TABLE
}

/// The configuration of that name.
pub fn named(name: &str) -> Option<&'static Configuration> {
    all().iter().find(|row| row.name == name)
}

/// The configurations for the program of a seed: the interpreter, the default if the program is hot, a plain JIT, one with the heap
/// checker (in builds that have it), and another one.
pub fn sample(seed: u64, hot: bool) -> Vec<&'static Configuration> {
    // Not the numbers that the generator draws from the same seed.
    let mut random = Random::new(!seed);
    let mut weighted = |weight: fn(&Share) -> Option<u32>| {
        let rows = all().iter();
        let rows = rows.filter_map(move |row| Some((weight(&row.share)?, row)));
        random.weighted(rows)
    };
    let checked = cfg!(debug_assertions).then(|| {
        weighted(|share| match share {
            Share::Checked(weight) => Some(*weight),
            _ => None,
        })
    });
    let plain = weighted(|share| match share {
        Share::Plain(weight) => Some(*weight),
        _ => None,
    });
    let odd = weighted(|share| match share {
        Share::Odd(weight) => Some(*weight),
        _ => None,
    });
    let certain =
        |row: &&'static Configuration| row.share == Share::Always || hot && row.share == Share::Hot;
    let certain = all().iter().filter(certain);
    certain.chain([plain, odd]).chain(checked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_configuration_gets_its_share() {
        let mut runs = vec![0; all().len()];
        for seed in 0..2000 {
            let chosen = sample(seed, seed % 10 == 0);
            assert!(chosen.len() >= 3);
            for row in chosen {
                let at = all().iter().position(|other| other == row);
                runs[at.expect("a sample is of the table")] += 1;
            }
        }
        assert!(runs.iter().all(|&count| count >= 20), "{runs:?}");
    }

    #[test]
    fn names_differ() {
        for row in all() {
            assert_eq!(named(&row.name), Some(row));
        }
    }
}
