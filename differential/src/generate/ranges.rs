//! Loops over ints as range analysis looks at them: counters with steps, comparisons with bounds, sums and products near the limits,
//! walks along arrays whose index is computed.

use super::{Generator, Kind::*};

/// Numbers at which sums, products and quotients change their ways.
const NEAR_LIMITS: &[&str] = &[
    "9223372036854775807",
    "9223372036854775806",
    "(-9223372036854775807 - 1)",
    "-9223372036854775807",
    "4611686018427387904",
    "-4611686018427387905",
    "3037000500",
    "-3037000499",
    "2147483648",
    "4294967295",
];

impl Generator {
    /// A number for the arithmetic of these loops.
    fn bound(&mut self) -> String {
        match self.random.below(10) {
            0 => self.random.pick(NEAR_LIMITS).into(),
            1..4 => self.random.within(-100, 1000).to_string(),
            _ => self.random.within(-3, 12).to_string(),
        }
    }

    /// Arithmetic over int variables.
    fn arithmetic(&mut self, names: &[&str], depth: u32) -> String {
        if depth == 0 || self.random.chance(25) {
            return match self.random.chance(70) {
                true => self.random.pick(names).into(),
                false => self.bound(),
            };
        }
        let operator = self
            .random
            .pick(&["+", "-", "*", "+", "-", "+", "-", "/", "%"]);
        let left = self.arithmetic(names, depth - 1);
        let right = self.arithmetic(names, depth - 1);
        match self.random.below(12) {
            0 => format!("(-({left} {operator} {right}))"),
            _ => format!("({left} {operator} {right})"),
        }
    }

    fn test(&mut self, names: &[&str]) -> String {
        let operator = self.random.pick(&["<", "<=", ">", ">=", "==", "!="]);
        let (left, right) = (self.arithmetic(names, 1), self.arithmetic(names, 1));
        match self.random.below(5) {
            0 => format!(
                "({left} {operator} {right} && {} > {})",
                names[0],
                self.bound()
            ),
            1 => format!(
                "({left} {operator} {right} || {} < {})",
                names[1],
                self.bound()
            ),
            _ => format!("{left} {operator} {right}"),
        }
    }

    /// A function of two ints with a loop, called with bounds that make it overflow now and then.
    pub(super) fn int_loop(&mut self) {
        let name = self.fresh("h");
        let names = ["i", "s", "p", "q"];
        let start = self.random.pick(&["p", "0", "q", "p - 1"]);
        let first = self.bound();
        self.line(&format!("{name} := func(p, q) {{"));
        self.block(|g| {
            g.line(&format!("mut i := {start}"));
            g.line(&format!("mut s := {first}"));
            g.line("mut t := 0");
            let test = g.test(&names);
            g.line(&format!("while {test} {{"));
            g.block(|g| {
                g.line("t += 1; if t > 30 { break }");
                for _ in 0..g.random.within(1, 3) {
                    let value = g.arithmetic(&names, 2);
                    let target = g.random.pick(&["s", "s", "i"]);
                    if g.random.chance(40) {
                        let test = g.test(&names);
                        g.line(&format!(
                            "if {test} {{ {target} := {value} }} else {{ s -= i }}"
                        ));
                    } else {
                        g.line(&format!("{target} := {value}"));
                    }
                }
                let step = g.random.pick(&["1", "1", "1", "2", "3", "q"]);
                let operator = g.random.pick(&["+=", "+=", "+=", "-=", "*="]);
                g.line(&format!("i {operator} {step}"));
            });
            g.line("}");
            g.line("return [i, s, t]");
        });
        self.line("}");
        self.declare(&name, Func, false);
        for _ in 0..self.random.within(2, 4) {
            let (a, b) = (self.bound(), self.bound());
            self.guarded(|g| g.line(&format!("print({name}({a}, {b}))")));
        }
    }

    /// A walk along an array with a computed index, which leaves it now and then.
    pub(super) fn walk(&mut self) {
        let (array, at, sum) = (self.fresh("v"), self.fresh("i"), self.fresh("n"));
        let kind = self.random.one(&[Ints, Ints, Floats, Bools, Strs, Mixed]);
        let value = self.array(kind, 1);
        self.line(&format!("mut {array} := {value}"));
        self.declare(&array, kind, true);
        self.line(&format!("mut {sum} := []"));
        let start = self.random.pick(&["0", "0", "1", "-2"]);
        self.line(&format!("mut {at} := {start}"));
        self.declare(&at, Int, false);
        let limit = match self.random.below(4) {
            0 => format!("{at} <= len({array})"),
            1 => format!("{at} + 1 < len({array})"),
            2 => format!("{at} < len({array}) && len({sum}) < 20"),
            _ => format!("{at} < len({array})"),
        };
        self.guarded(|g| {
            g.line(&format!("while {limit} {{"));
            g.block(|g| {
                let index = match g.random.below(7) {
                    0 => format!("{at} - 1"),
                    1 => format!("{at} + 1"),
                    2 => format!("len({array}) - 1 - {at}"),
                    3 => format!("{at} * 2 % 5"),
                    4 => format!("{at} / 2"),
                    _ => at.clone(),
                };
                if g.random.chance(30) {
                    let value = g.expr(kind.element().unwrap_or(Int), 1);
                    g.line(&format!("{array}[{at}] := {value}"));
                }
                if g.random.chance(12) {
                    g.line(&format!("if {at} == 2 {{ {array} := pop({array})[0] }}"));
                }
                g.line(&format!("{sum} := push({sum}, {array}[{index}])"));
                let step = g.random.one(&[1, 1, 1, 2]);
                g.line(&format!("{at} += {step}"));
            });
            g.line("}");
        });
        self.line(&format!("print({array}, {sum}, {at})"));
    }
}
