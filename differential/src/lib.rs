//! Looks for programs on which the engines disagree: with each other, or with an oracle that is too simple to be wrong.
//!
//! `generate` makes programs from seeds, `oracle` says what they mean, `matrix` lists the configurations of the engines, `ways`
//! runs a program in some of them, `hunt` does so for many programs in child processes that may die, and `minimise` makes a find small.

pub mod coverage;

mod edit;

pub mod executable;

pub mod faults;

pub mod generate;

pub mod hunt;

pub mod matrix;

pub mod minimise;

pub mod mutate;

mod oracle;

pub mod random;

pub mod ways;
