//! Builtins of the whole table, with good and bad arguments.

use super::{Generator, Kind, Kind::*};
use ruff_runtime::builtins::{ALL, Builtin, Effect, ResultType};

/// What takes long or much memory for large numbers, and what only throws: other forms use those.
const LEFT_OUT: &[&str] = &[
    "range",
    "repeat",
    "pad_left",
    "pad_right",
    "pad_start",
    "pad_end",
    "error",
];

fn eligible(builtin: &Builtin) -> bool {
    builtin.effect != Effect::World && builtin.needs.is_none() && !LEFT_OUT.contains(&builtin.name)
}

/// The kind of what it gives.
fn gives(builtin: &Builtin) -> Kind {
    match builtin.result {
        ResultType::Null => Null,
        ResultType::Bool => Bool,
        ResultType::Int => Int,
        ResultType::Float => Float,
        ResultType::Str => Str,
        ResultType::Dict => Dict,
        ResultType::Array | ResultType::Pair => Mixed,
        ResultType::Bytes | ResultType::Any => Result,
    }
}

impl Generator {
    fn builtin_of(&mut self, fits: impl Fn(&Builtin) -> bool) -> Option<&'static Builtin> {
        let fitting: Vec<&Builtin> = (ALL.iter().copied())
            .filter(|b| eligible(b) && fits(b))
            .collect();
        match fitting.is_empty() {
            true => None,
            false => Some(fitting[self.random.below(fitting.len())]),
        }
    }

    fn call_any(&mut self, builtin: &Builtin, depth: u32) -> String {
        let most = builtin.max.min(builtin.min + 2);
        let mut count = self.random.within(i64::from(builtin.min), i64::from(most));
        if self.random.chance(2) {
            count = (count - 1).max(0);
        }
        let likely = [
            Int, Float, Str, Ints, Strs, Dict, Mixed, Str, Ints, Floats, Nested, Int,
        ];
        let args = (0..count).map(|at| {
            let takes_function = builtin.effect == Effect::Calls && at == count - 1;
            let kind = match takes_function && self.random.chance(90) {
                true => Func,
                false => self.random.one(&likely),
            };
            self.expr(kind, depth.min(1))
        });
        let args = args.collect();
        self.builtin_with(builtin.name, args)
    }

    /// A builtin that gives the kind.
    pub(super) fn any_builtin(&mut self, kind: Kind, depth: u32) -> String {
        match self.builtin_of(|b| gives(b) == kind) {
            Some(builtin) => self.call_any(builtin, depth),
            None => self.leaf(kind),
        }
    }

    /// Some builtins on the same arguments, each in a `try` of its own.
    pub(super) fn builtins(&mut self) {
        for _ in 0..self.random.within(1, 4) {
            let Some(builtin) = self.builtin_of(|_| true) else {
                return;
            };
            let name = self.fresh("v");
            let call = self.call_any(builtin, 1);
            self.line(&format!("mut {name} := null"));
            self.guarded(|g| g.line(&format!("{name} := {call}; print({name})")));
            self.declare(&name, gives(builtin), true);
        }
    }

    /// One of all builtins, by a number.
    pub(super) fn builtin_in_turn(&mut self, number: u64) {
        let eligible: Vec<_> = ALL.iter().filter(|b| eligible(b)).collect();
        let builtin = eligible[(number % eligible.len() as u64) as usize];
        let call = self.call_any(builtin, 1);
        self.guarded(|g| g.line(&format!("print({call})")));
    }
}
