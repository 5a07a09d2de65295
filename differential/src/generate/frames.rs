//! Errors through frames: thrown deep inside, when the functions between have been compiled, and caught outside.

use super::{Generator, Kind::*};

impl Generator {
    /// What fails for some values of `param`.
    fn failing(&mut self, param: &str) -> String {
        let at = self.random.within(0, 12);
        match self.random.below(6) {
            0 => format!("if {param} == {at} {{ throw(\"at ${{{param}}}\") }}"),
            1 => format!(
                "if {param} == {at} {{ throw({{\"message\": \"m\", \"cause\": {param}}}) }}"
            ),
            2 => format!("w := [1, 2, 3][{param}]"),
            3 => format!("w := 100 / ({param} - {at})"),
            4 => format!("w := 9223372036854775800 + {param}"),
            _ => format!("if {param} > {at} {{ {param} := \"text\" }} w := {param} * 2"),
        }
    }

    /// Functions that call each other while a loop outside catches what one of them throws.
    pub(super) fn errors_through_frames(&mut self) {
        let (inner, outer, sum) = (self.fresh("h"), self.fresh("h"), self.fresh("n"));
        let failing = self.failing("p");
        let value = self.expr(Int, 1);
        self.line(&format!(
            "{inner} := func(p) {{ {failing}; return p + {value} }}"
        ));
        self.declare(&inner, Func, false);
        let held = self.expr(Ints, 1);
        let through = match self.random.below(4) {
            0 => format!("r := push(r, {inner}(p))"),
            1 => format!("r := map(push(r, p), {inner})"),
            2 => format!("r[0] := {inner}(p)"),
            _ => format!("for x in [p, 1] {{ r := push(r, {inner}(x)) }}"),
        };
        self.line(&format!(
            "{outer} := func(p) {{ r := {held}; {through}; return r }}"
        ));
        self.declare(&outer, Func, false);
        self.line(&format!("mut {sum} := []"));
        self.declare(&sum, Mixed, true);
        let trips = self.warm().min(30);
        let counter = self.fresh("i");
        self.line(&format!("for {counter} in {trips} {{"));
        self.scopes.push(Vec::new());
        self.declare(&counter, Int, true);
        let loops = std::mem::replace(&mut self.loops, 1);
        self.indent += 1;
        self.guarded(|g| {
            g.line(&format!("{sum} := push({sum}, {outer}({counter}))"));
            if g.random.chance(30) {
                g.statement();
            }
        });
        self.indent -= 1;
        self.loops = loops;
        self.scopes.pop();
        self.line("}");
        self.line(&format!("print({sum})"));
    }

    /// Two functions that call each other.
    pub(super) fn mutual_recursion(&mut self) {
        let (even, odd) = (self.fresh("h"), self.fresh("h"));
        let (at_end, step) = (self.expr(Int, 1), self.expr(Int, 1));
        let failing = self.failing("n");
        let first = self
            .random
            .pick(&["acc + n", "push(acc, n)", "acc", "\"${acc}.\""]);
        self.line(&format!("mut {odd} := null"));
        self.line(&format!(
            "{even} := func(n, acc) {{ if n == 0 {{ return [acc, {at_end}] }}; return {odd}(n - 1, {first}) }}"
        ));
        self.line(&format!(
            "{odd} := func(n, acc) {{ {failing}; if n < 1 {{ return acc }}; return {even}(n - 1, acc) }}"
        ));
        let start = self.random.pick(&["0", "[]", "0.5", "\"s\"", "{}"]);
        for _ in 0..self.random.within(1, 3) {
            let trips = self.random.within(0, 20);
            self.guarded(|g| g.line(&format!("print({even}({trips}, {start}), {step})")));
        }
    }

    /// A function that stores to a name which becomes a global only later, called before and after that.
    pub(super) fn global_before_its_time(&mut self) {
        if self.depth > 0 || self.loops > 0 || self.indent > 0 {
            return self.print();
        }
        let (name, function) = (self.fresh("g"), self.fresh("h"));
        let (inside, kind) = (self.expr(Int, 1), self.random.one(&[Int, Ints, Str]));
        let later = self.expr(kind, 1);
        let store = match self.random.below(3) {
            0 => format!("{name} := {inside}; {name} += 1"),
            1 => format!("for q in 2 {{ {name} := q + {inside} }} print({name})"),
            _ => format!("if n > 0 {{ {name} := n }} else {{ {name} := {inside} }} print({name})"),
        };
        let last = self
            .random
            .pick(&["return 0", "return func(q) { return q }", "return n"]);
        self.line(&format!("func {function}(n) {{ {store}; {last} }}"));
        for word in ["", "mut ", "let "] {
            if word.is_empty() || self.random.chance(20) {
                self.guarded(|g| g.line(&format!("print({function}(1), {name})")));
            }
        }
        let word = self.random.pick(&["", "", "mut ", "let "]);
        self.line(&format!("{word}{name} := {later}"));
        self.declare(&name, kind, !word.starts_with('l'));
        self.guarded(|g| g.line(&format!("print({function}(2), {name})")));
        self.guarded(|g| g.line(&format!("print({function}(0), {name})")));
    }

    /// A function that calls a builtin, before and after a global of that name is assigned.
    pub(super) fn builtin_replaced(&mut self) {
        let (builtin, arg) = self.random.one(&[
            ("len", "\"abc\""),
            ("abs", "-3"),
            ("keys", "{\"a\": 1}"),
            ("to_string", "2.5"),
        ]);
        let function = self.fresh("h");
        self.line(&format!(
            "func {function}(n) {{ return [n, {builtin}({arg})] }}"
        ));
        self.guarded(|g| g.line(&format!("print({function}(1))")));
        self.line(&format!("{builtin} := func(x) {{ return [x] }}"));
        self.guarded(|g| g.line(&format!("print({function}(2), {builtin}({arg}))")));
    }
}
