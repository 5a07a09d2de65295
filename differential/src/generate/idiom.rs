//! Statements in a pattern that compilers get wrong: shared values that are changed, values that are moved, types that change when
//! the code is warm, loops that go wrong on their last trip.

use super::{Generator, Kind, Kind::*};

impl Generator {
    /// How often a loop runs that is to warm up: long enough for the small thresholds of the JIT.
    pub(super) fn warm(&mut self) -> i64 {
        if self.hot && self.random.chance(30) && self.loops == 0 && self.depth == 0 {
            return self.random.within(1600, 2500);
        }
        self.random.within(3, 30)
    }

    /// `b := a`, then one of them changes; both are printed.
    pub(super) fn shared(&mut self) {
        let shareable = |kind: Kind| kind.is_array() || matches!(kind, Dict | Record);
        let Some(variable) = self.assignable(shareable) else {
            let name = self.fresh("v");
            let value = self.expr(Ints, 1);
            self.line(&format!("{name} := {value}"));
            return self.declare(&name, Ints, true);
        };
        let copy = self.fresh("s");
        let name = &variable.name;
        let held = match self.random.below(5) {
            0 => format!("[{name}, {name}]"),
            1 => format!("{{\"a\": {name}}}"),
            2 => format!("Ok({name})"),
            _ => name.clone(),
        };
        self.line(&format!("{copy} := {held}"));
        let kind = if held == *name { variable.kind } else { Mixed };
        self.declare(&copy, kind, true);
        self.guarded(|g| {
            g.store_place();
            let value = g.expr(variable.kind.element().unwrap_or(Int), 1);
            match variable.kind {
                Dict => g.line(&format!("{name}[\"k\"] := {value}")),
                Record => g.line(&format!("{name}.x := {value}")),
                _ if g.random.chance(50) => g.line(&format!("{name} := push({name}, {value})")),
                _ => g.line(&format!("{name}[0] := {value}")),
            }
        });
        self.line(&format!("print({name}, {copy})"));
    }

    /// `a := f(a)`, where `f` changes what it is given.
    pub(super) fn moved(&mut self) {
        let Some(variable) = self.assignable(|kind| kind.is_array() || kind == Dict) else {
            return self.print();
        };
        let (name, kind) = (variable.name, variable.kind);
        let fitting: Vec<usize> = (0..self.funcs.len())
            .filter(|&at| self.funcs[at].params.first() == Some(&kind))
            .collect();
        let value = self.expr(kind.element().unwrap_or(Int), 1);
        if !fitting.is_empty() && self.random.chance(70) {
            let signature = self.funcs[fitting[self.random.below(fitting.len())]].clone();
            let mut args = vec![name.clone()];
            args.extend(signature.params[1..].iter().map(|&kind| self.expr(kind, 1)));
            return self.line(&format!(
                "{name} := {}({})",
                signature.name,
                args.join(", ")
            ));
        }
        let change = if kind == Dict {
            format!("q[\"m\"] := {value}")
        } else {
            format!("q := push(q, {value})")
        };
        self.line(&format!(
            "{name} := func(q) {{ {change}; return q }}({name})"
        ));
    }

    /// The last use of a value inside a `try` that fails after it.
    pub(super) fn moved_in_try(&mut self) {
        let Some(variable) = self.assignable(Kind::is_array) else {
            return self.print();
        };
        let name = variable.name;
        let failing = match self.random.below(4) {
            0 => format!("{name} := push({name}, [1][{}])", self.index(0)),
            1 => format!("{name} := push({name}, 1).map(func(q) {{ return q + 1 }})"),
            2 => format!(
                "{name} := func(q) {{ q := push(q, 1); return q[{}] }}({name})",
                self.random.within(0, 9)
            ),
            _ => format!("{name} := concat(push({name}, 2), {})", self.expr(Int, 1)),
        };
        self.guarded(|g| {
            g.line(&failing);
            g.statement();
        });
        self.line(&format!("print({name})"));
    }

    /// Closures that share a variable, called from here and through builtins.
    pub(super) fn closures(&mut self) {
        let (count, bump, read) = (self.fresh("n"), self.fresh("h"), self.fresh("h"));
        let start = self.expr(Int, 1);
        let step = self.expr(Int, 1);
        self.line(&format!("mut {count} := {start}"));
        self.declare(&count, Int, true);
        self.line(&format!(
            "{bump} := func(q) {{ {count} += {step}; return {count} + q }}"
        ));
        self.line(&format!("{read} := func(q) {{ return [{count}, q] }}"));
        self.declare(&bump, Func, true);
        self.declare(&read, Func, true);
        match self.random.below(4) {
            0 => self.line(&format!("print(map([1, 2, 3], {bump}), {count})")),
            1 => {
                let trips = self.warm().min(40);
                self.line(&format!("for q in {trips} {{ {bump}(q) }}"));
            }
            2 => {
                let value = self.expr(Int, 1);
                self.line(&format!("{count} := {value}"));
            }
            _ => self.line(&format!("{count} := \"now text\"")),
        }
        self.guarded(|g| g.line(&format!("print({bump}(1), {read}(2), {count})")));
    }

    pub(super) fn nested_function(&mut self) {
        let (name, param) = (self.fresh("h"), self.fresh("p"));
        self.line(&format!("func {name}({param}) {{"));
        self.depth += 1;
        let loops = std::mem::take(&mut self.loops);
        self.block(|g| {
            g.declare(&param, Int, true);
            g.statements(1, 2);
            let value = g.expr(Int, 2);
            g.line(&format!("return {value}"));
        });
        self.loops = loops;
        self.depth -= 1;
        self.line("}");
        self.declare(&name, Func, false);
        self.guarded(|g| {
            let value = g.expr(Int, 1);
            g.line(&format!("print({name}({value}))"));
        });
    }

    /// A loop whose arithmetic overflows late, or just not.
    pub(super) fn overflowing(&mut self) {
        let sum = self.fresh("n");
        let trips = self.warm();
        let off = self.random.within(-2, 1);
        let step = self.random.within(1, 3);
        let (start, operator) = match self.random.chance(50) {
            true => (format!("9223372036854775807 - {}", trips * step + off), "+"),
            false => (
                format!("-9223372036854775807 + {}", trips * step + off),
                "-",
            ),
        };
        self.line(&format!("mut {sum} := {start}"));
        self.declare(&sum, Int, true);
        self.guarded(|g| match g.random.below(3) {
            0 => g.line(&format!(
                "for q in {trips} {{ {sum} := {sum} {operator} {step} }}"
            )),
            1 => g.line(&format!(
                "mut q := 0 while q < {trips} {{ {sum} {operator}= {step}; q += 1 }}"
            )),
            _ => g.line(&format!(
                "mut q := {trips} while q >= 0 {{ {sum} {operator}= {step}; q -= 1 }}"
            )),
        });
        self.line(&format!("print({sum})"));
    }

    /// A variable whose type changes in the middle of a loop.
    pub(super) fn changing(&mut self) {
        let name = self.fresh("n");
        let trips = self.warm();
        let when = self.random.within(0, trips);
        let (first, then) = (self.any_plain(), self.any_plain());
        let start = self.expr(first, 1);
        self.line(&format!("mut {name} := {start}"));
        self.declare(&name, first, true);
        let other = self.expr(then, 1);
        let number = self.random.one(&[Int, Float]);
        let value = self.expr(number, 1);
        let operator = self.random.pick(&["+", "-", "*"]);
        self.guarded(|g| {
            g.line(&format!("for q in {trips} {{"));
            g.indent += 1;
            g.line(&format!("if q == {when} {{ {name} := {other} }}"));
            g.line(&format!("{name} := {name} {operator} {value}"));
            g.indent -= 1;
            g.line("}");
        });
        self.line(&format!("print({name})"));
    }

    fn any_plain(&mut self) -> Kind {
        self.random.one(&[Int, Int, Float, Str, Null, Bool])
    }

    /// A value that becomes a part of itself, which is a copy, in a loop.
    pub(super) fn part_of_itself(&mut self) {
        let name = self.fresh("v");
        let kind = self
            .random
            .one(&[Ints, Floats, Nested, Mixed, Dict, Record]);
        let start = self.expr(kind, 1);
        self.line(&format!("mut {name} := {start}"));
        let place = match kind {
            Dict => "[\"a\"]",
            Record => ".x",
            _ => self.random.pick(&["[0]", "[-1]", "[0][0]"]),
        };
        let trips = self.random.within(1, 4);
        self.guarded(|g| {
            g.line(&format!("for q in {trips} {{ {name}{place} := {name} }}"));
        });
        self.line(&format!("print({name})"));
        self.declare(&name, Mixed, true);
    }

    /// An array whose elements change kind while it is read in a loop.
    pub(super) fn changing_elements(&mut self) {
        let (name, sum) = (self.fresh("v"), self.fresh("n"));
        let kind = self.random.one(&[Ints, Floats, Bools]);
        let start = self.expr(kind, 1);
        self.line(&format!("mut {name} := {start}"));
        self.line(&format!("mut {sum} := 0"));
        let trips = self.warm().min(40);
        let when = self.random.within(0, trips);
        let other = self.any_plain();
        let other = self.expr(other, 1);
        let same = self.expr(kind.element().unwrap_or(Int), 1);
        let changed = match self.random.chance(50) {
            true => format!("{name}[0] := {other}"),
            false => format!("{name} := push({name}, {other})"),
        };
        self.guarded(|g| {
            g.line(&format!("for q in {trips} {{"));
            g.indent += 1;
            g.line(&format!("if q == {when} {{ {changed} }}"));
            match g.random.below(3) {
                0 => g.line(&format!("{name} := push({name}, {same})")),
                1 => g.line(&format!("{name}[q % 3] := {same}")),
                _ => g.line(&format!("for w in {name} {{ {sum} := {sum} + w }}")),
            }
            g.line(&format!("{sum} := {sum} + {name}[q % len({name})]"));
            g.indent -= 1;
            g.line("}");
        });
        self.line(&format!("print({name}, {sum})"));
        self.declare(&name, kind, true);
        self.declare(&sum, Int, true);
    }

    /// A loop that stores to the elements of an array, and perhaps beyond it.
    pub(super) fn filling(&mut self) {
        let (name, count) = (self.fresh("v"), self.fresh("n"));
        let kind = self.random.one(&[Ints, Ints, Floats, Bools, Nested, Strs]);
        let element = kind.element().unwrap_or(Int);
        let size = self.random.within(1, 8);
        let first = self.expr(element, 1);
        self.line(&format!("mut {name} := []"));
        self.line(&format!(
            "for q in {size} {{ {name} := push({name}, {first}) }}"
        ));
        self.declare(&name, kind, true);
        self.line(&format!("mut {count} := 0"));
        let beyond = size + self.random.one(&[0, 0, 0, 1, 2]);
        let counter = self.fresh("i");
        self.guarded(|g| {
            let bound = [beyond.to_string(), format!("len({name})")][g.random.below(2)].clone();
            g.line(&format!("for {counter} in {bound} {{"));
            g.block(|g| {
                g.declare(&counter, Int, false);
                let value = g.expr(element, 2);
                let index = [
                    counter.clone(),
                    format!("{counter} + 1 - 1"),
                    format!("-{counter} - 1"),
                    format!("{counter} * 2"),
                ][g.random.below(4)]
                .clone();
                let operator = if kind == Ints {
                    g.random.pick(&[":=", "+=", "-="])
                } else {
                    ":="
                };
                g.line(&format!("{name}[{index}] {operator} {value}"));
                g.line(&format!(
                    "if {name}[{counter}] == {name}[0] {{ {count} += 1 }}"
                ));
            });
            g.line("}");
        });
        self.line(&format!("print({name}, {count})"));
    }

    /// Arrays in arrays in dicts in structs, stored to at depth.
    pub(super) fn nested_places(&mut self) {
        let name = self.fresh("v");
        let (a, b) = (self.expr(Int, 1), self.expr(Ints, 1));
        let value = match self.random.below(3) {
            0 => format!("{{\"a\": [[{a}, 2], {b}], \"k\": {{\"b\": {b}}}}}"),
            1 => format!("Loose {{ a: [[{a}], {b}], k: {{\"b\": {b}}} }}"),
            _ => format!("{{\"a\": [{b}, [3]], \"k\": Loose {{ b: {b} }}}}"),
        };
        self.line(&format!("mut {name} := {value}"));
        let copy = self.fresh("s");
        let part = self.random.pick(&["", ".a", ".k"]);
        self.line(&format!("{copy} := {name}{part}"));
        self.guarded(|g| {
            for _ in 0..g.random.within(1, 4) {
                let (i, j, value) = (g.index(0), g.index(0), g.expr(Int, 2));
                match g.random.below(6) {
                    0 => g.line(&format!("{name}.a[{i}][{j}] := {value}")),
                    1 => g.line(&format!("{name}.a[{i}][{j}] += {value}")),
                    2 => g.line(&format!("{name}.k.b := push({name}.k.b, {value})")),
                    3 => g.line(&format!("{name}.a[{i}] := push({name}.a[{i}], {value})")),
                    4 => g.line(&format!("{name}.k.c := {value}")),
                    _ => g.line(&format!("{name}.a := {name}.a.push({value})")),
                }
            }
        });
        self.line(&format!("print({name}, {copy})"));
    }

    pub(super) fn sorting(&mut self) {
        let kind = self.random.one(&[Ints, Floats, Strs]);
        let array = self.expr(kind, 1);
        let order = self
            .random
            .pick(&["a < b", "a > b", "a - b", "b - a", "[a][b]"]);
        self.guarded(|g| {
            g.line(&format!(
                "print(sort({array}, func(a, b) {{ return {order} }}))"
            ))
        });
    }

    pub(super) fn folding(&mut self) {
        let array = self.expr(Ints, 1);
        let start = self.any_plain();
        let start = self.expr(start, 0);
        let step = match self.random.below(4) {
            0 => "acc + q",
            1 => "acc - q * 2",
            2 => "push(acc, q)",
            _ => "\"${acc}${q}\"",
        };
        let start = if step.starts_with('p') {
            "[]".to_owned()
        } else {
            start
        };
        self.guarded(|g| {
            g.line(&format!(
                "print(reduce({array}, {start}, func(acc, q) {{ return {step} }}))"
            ))
        });
    }

    pub(super) fn popping(&mut self) {
        let Some(variable) = self.assignable(Kind::is_array) else {
            return self.print();
        };
        let name = variable.name;
        match self.random.below(3) {
            0 => self.line(&format!("{name} := pop({name})[0]")),
            1 => {
                let (rest, last) = (self.fresh("d"), self.fresh("d"));
                self.line(&format!("let [{rest}, {last}] := pop({name})"));
                self.line(&format!("print({rest}, {last}, {name})"));
            }
            _ => self.line(&format!(
                "while len({name}) > 0 {{ let [q, w] := pop({name}); print(w); {name} := q }}"
            )),
        }
    }

    /// One function, called with every kind of argument.
    pub(super) fn polymorphic(&mut self) {
        let name = self.fresh("h");
        let param = self.fresh("p");
        let loops = std::mem::take(&mut self.loops);
        self.depth += 1;
        let body = self.apart(|g| {
            g.scopes.push(Vec::new());
            g.declare(&param, Int, true);
            let value = g.expr(Int, 2);
            g.line(&format!("return {value}"));
            g.scopes.pop();
        });
        self.depth -= 1;
        self.loops = loops;
        let use_it = self
            .random
            .pick(&["+ 1", "- 0.5", "* 2", "== 1", "< 3", "[0]", "+ \"s\""]);
        let first = format!("q := {param} {use_it}; print(q);");
        self.line(&format!(
            "let {name} := func({param}) {{ {first} {} }}",
            body.trim()
        ));
        self.declare(&name, Func, false);
        for _ in 0..self.random.within(2, 5) {
            let kind = self.kind();
            self.guarded(|g| {
                let value = g.expr(kind, 1);
                g.line(&format!("print({name}({value}))"));
            });
        }
    }

    /// A loop with calls that is long enough to be compiled while it runs.
    pub(super) fn long_loop(&mut self) {
        if self.loops > 0 {
            return self.filling();
        }
        let sum = self.fresh("n");
        let trips = self.warm();
        self.line(&format!("mut {sum} := 0"));
        self.declare(&sum, Int, true);
        let counter = self.fresh("i");
        self.guarded(|g| {
            g.line(&format!("for {counter} in {trips} {{"));
            g.block(|g| {
                g.declare(&counter, Int, false);
                let value = g.expr(Int, 2);
                g.line(&format!("{sum} := ({sum} + {value}) % 100003"));
                if g.random.chance(40) {
                    let condition = g.expr(Bool, 1);
                    let value = g.expr(Int, 1);
                    g.line(&format!("if {condition} {{ {sum} -= {value} }}"));
                }
            });
            g.line("}");
        });
        self.line(&format!("print({sum})"));
    }
}
