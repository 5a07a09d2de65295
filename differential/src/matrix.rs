//! The configurations that must not differ: one row each.
//!
//! In: a seed. Out: the configurations in which its program is run. What each row changes in the toolchain is
//! `ruff::driver::native::Options`; this module knows only the combinations worth running.

use crate::random::Random;
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
}

fn row(name: impl Into<String>, share: Share, engine: Engine) -> Configuration {
    Configuration {
        name: name.into(),
        share,
        engine,
        copies: false,
    }
}

fn jit(threshold: Option<u32>, native: Options) -> Engine {
    Engine::Tiered(tier::Config {
        threshold,
        perf_map: false,
        native,
    })
}

/// All rows.
static TABLE: LazyLock<Vec<Configuration>> = LazyLock::new(|| {
    let plain = Options::default();
    let at = |level| BackEnd::from(OptLevel(level));
    let mut rows = vec![
        row("interpreter", Share::Always, Engine::Interpreter),
        row("jit-1", Share::Plain(4), jit(Some(1), plain)),
        row("jit-2", Share::Plain(4), jit(Some(2), plain)),
        row("jit-12", Share::Plain(2), jit(Some(12), plain)),
        row("jit-default", Share::Hot, jit(None, plain)),
    ];
    let mut odd = |name: &str, weight, change: fn(&mut Options)| {
        let mut options = plain;
        change(&mut options);
        let engine = jit(Some(1), options);
        rows.push(row(name, Share::Odd(weight), engine));
    };
    odd("-O0", 4, |o| o.back_end.level = OptLevel(0));
    odd("-O1", 2, |o| o.back_end.level = OptLevel(1));
    odd("-O3", 2, |o| o.back_end.level = OptLevel(3));
    odd("registers in a single pass", 4, |o| {
        o.back_end.registers = Registers::SinglePass;
    });
    odd("verified", 2, |o| o.back_end.verifies = true);
    odd("no inlining", 2, |o| o.never_inlines = true);
    odd("guards that fail", 6, |o| o.guards_fail = true);
    for pass in passes::names() {
        let options = Options {
            without: Some(pass),
            back_end: at(2),
            ..plain
        };
        let name = format!("without {pass}");
        rows.push(row(name, Share::Odd(2), jit(Some(1), options)));
    }
    let copying = Options {
        copies: true,
        ..plain
    };
    for (name, weight, engine) in [
        ("forced copies", 4, jit(Some(1), copying)),
        ("forced copies in the interpreter", 3, Engine::Interpreter),
    ] {
        rows.push(Configuration {
            copies: true,
            ..row(name, Share::Odd(weight), engine)
        });
    }
    rows
});

/// All configurations.
pub fn all() -> &'static [Configuration] {
    &TABLE
}

/// The configuration of that name.
pub fn named(name: &str) -> Option<&'static Configuration> {
    all().iter().find(|row| row.name == name)
}

/// The configurations for the program of a seed: two that every program has, a plain JIT and another one.
pub fn sample(seed: u64, hot: bool) -> Vec<&'static Configuration> {
    // Not the numbers that the generator draws from the same seed.
    let mut random = Random::new(!seed);
    let mut weighted = |weight: fn(&Share) -> Option<u32>| {
        let rows = all().iter();
        let rows = rows.filter_map(move |row| Some((weight(&row.share)?, row)));
        random.weighted(rows)
    };
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
    certain.chain([plain, odd]).collect()
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
        assert!(runs.iter().all(|&count| count >= 40), "{runs:?}");
    }

    #[test]
    fn names_differ() {
        for row in all() {
            assert_eq!(named(&row.name), Some(row));
        }
    }
}
