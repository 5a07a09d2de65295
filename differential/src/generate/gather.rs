//! Loops that gather: counts in dicts, text, records of several shapes, closures that are called when the loop is over.

use super::{Generator, Kind::*};

impl Generator {
    /// Counts by key in a dict; keys that look like numbers are among them.
    pub(super) fn counting(&mut self) {
        let counts = self.fresh("v");
        let kind = self.random.one(&[Strs, Ints, Mixed]);
        let keys = self.array(kind, 1);
        let start = if self.random.chance(70) {
            "{}".into()
        } else {
            self.dict(1)
        };
        self.line(&format!("mut {counts} := {start}"));
        self.declare(&counts, Dict, true);
        let how = match self.random.below(5) {
            0 => format!("{counts}[q] += 1"),
            1 => format!("{counts}[q] := push(get({counts}, q, []), w)"),
            2 => format!("if !contains({counts}, q) {{ {counts}[q] := 0 }} {counts}[q] += w"),
            3 => format!("{counts}.k := get({counts}, \"k\", 0) + 1"),
            _ => format!("{counts}[q] := get({counts}, q, 0) + 1"),
        };
        self.guarded(|g| {
            g.line(&format!("for w in 3 {{ for q in {keys} {{ {how} }} }}"));
        });
        self.line(&format!("print({counts}, len({counts}), keys({counts}))"));
    }

    /// Text that grows, and is looked at by position.
    pub(super) fn text(&mut self) {
        let (text, copy) = (self.fresh("v"), self.fresh("s"));
        let (start, more) = (self.expr(Str, 1), self.expr(Str, 1));
        self.line(&format!("mut {text} := {start}"));
        self.line(&format!("{copy} := {text}"));
        self.declare(&text, Str, true);
        self.declare(&copy, Str, true);
        let trips = self.random.within(1, 12);
        let how = match self.random.below(5) {
            0 => format!("{text} += {more}"),
            1 => format!("{text} := {text} + {more} + q"),
            2 => format!("{text} := \"${{{text}}}${{q}}\""),
            3 => format!("{text} += {text}[q]"),
            _ => format!("{text} := {more} + {text}"),
        };
        self.guarded(|g| {
            g.line(&format!(
                "for q in {trips} {{ {how}; if q == 1 {{ {copy} := {text} }} }}"
            ));
        });
        self.line(&format!(
            "print({text}, {copy}, len({text}), {text} < {copy})"
        ));
        self.guarded(|g| {
            let index = g.index(0);
            g.line(&format!(
                "for q in {text} {{ if q == {text}[{index}] {{ print(q) }} }}"
            ));
        });
    }

    /// Structs of several shapes that pass the same places in the code.
    pub(super) fn shapes(&mut self) {
        let (list, sum) = (self.fresh("v"), self.fresh("n"));
        let mut items: Vec<String> = (0..self.random.within(1, 3))
            .map(|_| self.record(1))
            .collect();
        items.push("Loose { y: 1, x: 2 }".into());
        if self.random.chance(60) {
            items.push("{\"x\": 7}".into());
        }
        if self.random.chance(40) {
            let any = self.kind();
            items.push(self.expr(any, 1));
        }
        self.line(&format!("mut {list} := [{}]", items.join(", ")));
        self.declare(&list, Mixed, true);
        self.line(&format!("mut {sum} := 0"));
        let how = match self.random.below(6) {
            0 => format!("{sum} += q.x"),
            1 => format!("q.x := {sum}; {sum} += 1; print(q)"),
            2 => format!("q.extra := {sum}; print(q, q?.x)"),
            3 => format!("{sum} += q?.x ?? 0"),
            4 => format!("q.x += 1; {sum} := q.x"),
            _ => format!("{sum} := q.total({sum})"),
        };
        self.guarded(|g| g.line(&format!("for w in 3 {{ for q in {list} {{ {how} }} }}")));
        self.line(&format!("print({sum}, {list})"));
    }

    /// Closures made in a loop, called after it.
    pub(super) fn closures_of_a_loop(&mut self) {
        let (list, seen) = (self.fresh("v"), self.fresh("n"));
        let start = self.expr(Int, 1);
        self.line(&format!("mut {list} := []"));
        self.line(&format!("mut {seen} := {start}"));
        self.declare(&seen, Int, true);
        let trips = self.random.within(1, 5);
        let body = match self.random.below(4) {
            0 => format!("{seen} += q; return {seen}"),
            1 => "m := m + w; return m".to_owned(),
            2 => format!("{list} := []; return q"),
            _ => "return q * w".to_owned(),
        };
        self.line(&format!(
            "for q in {trips} {{ mut m := q; {list} := push({list}, func(w) {{ {body} }}); m += 1 }}"
        ));
        self.guarded(|g| {
            g.line(&format!(
                "for q in {list} {{ for w in 3 {{ print(q(w), {seen}) }} }}"
            ));
        });
        self.line(&format!("print({seen}, len({list}))"));
    }

    /// Sets, queues and stacks.
    pub(super) fn collections(&mut self) {
        let name = self.fresh("v");
        let (make, add, look) = [
            ("Set", "set_add", "set_has"),
            ("Queue", "queue_enqueue", "queue_peek"),
            ("Stack", "stack_push", "stack_peek"),
        ][self.random.below(3)];
        let kind = self.random.one(&[Ints, Strs, Mixed]);
        let (first, value) = (self.array(kind, 1), self.expr(Int, 1));
        self.line(&format!("mut {name} := {make}({first})"));
        let copy = self.fresh("s");
        self.line(&format!("{copy} := {name}"));
        self.guarded(|g| {
            g.line(&format!(
                "for q in 4 {{ {name} := {add}({name}, q % 3 + {value}) }}"
            ));
            let second = if make == "Set" { ", 1" } else { "" };
            g.line(&format!(
                "print({name}, {copy}, {look}({name}{second}), {name} == {copy})"
            ));
        });
        self.declare(&name, Result, true);
    }
}
