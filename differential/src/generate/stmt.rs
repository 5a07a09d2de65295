//! Statements: the table of their forms with weights, and what each form writes.

use super::{Generator, Kind, Kind::*};

/// A form of statement.
pub(super) struct Form {
    /// For people.
    pub name: &'static str,
    /// How often.
    pub weight: u32,
    /// Writes one.
    pub make: fn(&mut Generator),
}

macro_rules! forms {
    ($($name:literal $weight:literal $make:expr;)*) => {
        /// All forms.
        pub(super) const FORMS: &[Form] = &[$(Form { name: $name, weight: $weight, make: $make },)*];
    };
}

forms! {
    "declaration" 26 Generator::declaration;
    "assignment" 16 Generator::assignment;
    "assignment of another kind" 2 Generator::assignment_of_another_kind;
    "compound assignment" 14 Generator::compound;
    "store to a place" 22 Generator::store_place;
    "push" 12 Generator::push;
    "push to a place" 5 Generator::push_place;
    "print" 18 Generator::print;
    "if" 12 Generator::if_statement;
    "counted while" 6 Generator::counted_while;
    "for" 14 Generator::for_statement;
    "loop" 3 Generator::endless_loop;
    "match" 5 Generator::match_statement;
    "try" 9 |g| g.guarded(|g| g.statements(1, 3));
    "throw" 1 Generator::throw;
    "leave" 3 Generator::leave;
    "call" 6 Generator::call_statement;
    "destructuring" 5 Generator::destructuring;
    "try operator" 3 Generator::try_operator;
    "shared, then changed" 8 Generator::shared;
    "moved through a call" 6 Generator::moved;
    "closures over one variable" 5 Generator::closures;
    "nested function" 3 Generator::nested_function;
    "overflow on the last trip" 3 Generator::overflowing;
    "type that changes" 4 Generator::changing;
    "elements that change kind" 4 Generator::changing_elements;
    "stores in a loop" 6 Generator::filling;
    "nested places" 5 Generator::nested_places;
    "part of itself" 4 Generator::part_of_itself;
    "sorting" 2 Generator::sorting;
    "folding" 3 Generator::folding;
    "popping" 3 Generator::popping;
    "shadowing" 3 Generator::shadowing;
    "immutable" 2 Generator::immutable;
    "moved inside a try" 4 Generator::moved_in_try;
    "polymorphic calls" 4 Generator::polymorphic;
    "long loop" 2 Generator::long_loop;
    "int loop" 6 Generator::int_loop;
    "walk along an array" 5 Generator::walk;
    "errors through frames" 5 Generator::errors_through_frames;
    "mutual recursion" 3 Generator::mutual_recursion;
    "global before its time" 3 Generator::global_before_its_time;
    "counting in a dict" 4 Generator::counting;
    "text that grows" 4 Generator::text;
    "structs of several shapes" 4 Generator::shapes;
    "closures of a loop" 3 Generator::closures_of_a_loop;
    "collections" 2 Generator::collections;
    "builtins" 4 Generator::builtins;
}

impl Generator {
    /// As many statements as the budget allows, from `low` to `high`.
    pub(super) fn statements(&mut self, low: i64, high: i64) {
        for _ in 0..self.random.within(low, high) {
            self.statement();
        }
    }

    pub(super) fn statement(&mut self) {
        self.budget -= 1;
        if self.budget < 0 || self.indent > 6 {
            return self.print();
        }
        let form = self
            .random
            .weighted(FORMS.iter().map(|form| (form.weight, form)));
        *self.forms.entry(form.name).or_default() += 1;
        (form.make)(self);
    }

    fn declaration(&mut self) {
        let kind = self.kind();
        let value = self.expr(kind, 2);
        let name = self.fresh("v");
        let (word, assignable) =
            [("", true), ("", true), ("mut ", true), ("let ", false)][self.random.below(4)];
        self.line(&format!("{word}{name} := {value}"));
        self.declare(&name, kind, assignable);
    }

    fn assignment(&mut self) {
        let Some(variable) = self.assignable(|_| true) else {
            return self.declaration();
        };
        let value = self.expr(variable.kind, 2);
        self.line(&format!("{} := {value}", variable.name));
    }

    fn assignment_of_another_kind(&mut self) {
        let Some(variable) = self.assignable(|_| true) else {
            return self.declaration();
        };
        let kind = self.kind();
        let value = self.expr(kind, 1);
        self.line(&format!("{} := {value}", variable.name));
    }

    fn compound(&mut self) {
        let Some(variable) = self.assignable(|kind| matches!(kind, Int | Float | Str)) else {
            return self.declaration();
        };
        let operator = match variable.kind {
            Str => "+=",
            _ => self
                .random
                .pick(&["+=", "-=", "*=", "+=", "-=", "/=", "%="]),
        };
        let value = self.expr(variable.kind, 2);
        self.line(&format!("{} {operator} {value}", variable.name));
    }

    /// A place in a variable, and the kind of what is hoped to be there.
    pub(super) fn place(&mut self) -> Option<(String, Kind)> {
        let variable = self.assignable(|kind| kind.is_array() || matches!(kind, Dict | Record))?;
        let mut place = variable.name;
        let mut kind = variable.kind;
        loop {
            kind = match kind {
                Dict => {
                    let key = self.key();
                    match self.random.chance(70) {
                        true => place += &format!("[{key}]"),
                        false => place += self.random.pick(&[".a", ".b", ".k"]),
                    }
                    self.random.one(&[Int, Int, Ints, Dict])
                }
                Record => {
                    let fields: Vec<_> =
                        self.structs.iter().flat_map(|d| d.fields.clone()).collect();
                    let (name, kind) = match fields.is_empty() || self.random.chance(5) {
                        true => ("extra".to_owned(), Int),
                        false => fields[self.random.below(fields.len())].clone(),
                    };
                    place += &format!(".{name}");
                    kind
                }
                _ => {
                    place += &format!("[{}]", self.index(1));
                    kind.element().unwrap_or(Int)
                }
            };
            let deeper = kind.is_array() || matches!(kind, Dict | Record);
            if !deeper || self.random.chance(35) {
                return Some((place, kind));
            }
        }
    }

    pub(super) fn store_place(&mut self) {
        let Some((place, kind)) = self.place() else {
            return self.declaration();
        };
        let operator = match kind {
            Int | Float if self.random.chance(40) => self.random.pick(&["+=", "-=", "*=", "%="]),
            Str if self.random.chance(40) => "+=",
            _ => ":=",
        };
        let value = self.expr(kind, 2);
        self.line(&format!("{place} {operator} {value}"));
    }

    fn push(&mut self) {
        let Some(variable) = self.assignable(Kind::is_array) else {
            return self.declaration();
        };
        let name = variable.name;
        let element = variable.kind.element().unwrap_or(Int);
        let value = self.expr(element, 1);
        match self.random.below(4) {
            0 => self.line(&format!("{name} := {name}.push({value})")),
            1 => self.line(&format!("{name} := append({name}, {value})")),
            _ => self.line(&format!("{name} := push({name}, {value})")),
        }
    }

    fn push_place(&mut self) {
        let Some((place, kind)) = self.place() else {
            return self.declaration();
        };
        let value = self.expr(kind.element().unwrap_or(Int), 1);
        self.line(&format!("{place} := push({place}, {value})"));
    }

    pub(super) fn print(&mut self) {
        let count = self.random.within(1, 3);
        let mut shown = Vec::new();
        for _ in 0..count {
            let kind = self.kind();
            let depth = self.random.below(3) as u32;
            shown.push(self.expr(kind, depth));
        }
        self.line(&format!("print({})", shown.join(", ")));
    }

    fn if_statement(&mut self) {
        let condition = self.expr(Bool, 2);
        self.line(&format!("if ({condition}) {{"));
        self.block(|g| g.statements(1, 3));
        if self.random.chance(25) {
            let condition = self.expr(Bool, 1);
            self.line(&format!("}} else if ({condition}) {{"));
            self.block(|g| g.statements(1, 2));
        }
        if self.random.chance(50) {
            self.line("} else {");
            self.block(|g| g.statements(1, 2));
        }
        self.line("}");
    }

    /// The inside of a loop.
    pub(super) fn body(&mut self, low: i64, high: i64) {
        self.loops += 1;
        self.block(|g| g.statements(low, high));
        self.loops -= 1;
    }

    fn trips(&mut self) -> i64 {
        self.random.within(0, 5)
    }

    fn counted_while(&mut self) {
        let counter = self.fresh("i");
        let trips = self.trips();
        self.line(&format!("mut {counter} := 0"));
        self.declare(&counter, Int, false);
        let condition = match self.random.below(4) {
            0 => format!("{counter} < {trips} && ({})", self.expr(Bool, 1)),
            1 => format!("{counter} != {trips}"),
            _ => format!("{counter} < {trips}"),
        };
        let word = self.random.pick(&["while", "loop while"]);
        self.line(&format!("{word} {condition} {{"));
        self.indent += 1;
        self.line(&format!("{counter} += 1"));
        self.indent -= 1;
        self.body(1, 3);
        self.line("}");
    }

    fn endless_loop(&mut self) {
        let counter = self.fresh("i");
        let trips = self.trips();
        self.line(&format!("mut {counter} := {trips}"));
        self.declare(&counter, Int, false);
        self.line("loop {");
        self.indent += 1;
        self.line(&format!("{counter} -= 1"));
        self.line(&format!("if {counter} < 0 {{ break }}"));
        self.indent -= 1;
        self.body(1, 3);
        self.line("}");
    }

    fn for_statement(&mut self) {
        let name = self.fresh("i");
        let (iterated, kind) = match self.random.below(10) {
            0..3 => (self.trips().to_string(), Int),
            3 => (format!("range({})", self.trips()), Int),
            4 => (
                format!(
                    "range({}, {}, {})",
                    self.index(0),
                    self.random.within(-3, 8),
                    self.random.pick(&["1", "2", "-1", "3"])
                ),
                Int,
            ),
            5 => (self.expr(Dict, 1), Str),
            6 => (self.expr(Str, 1), Str),
            _ => {
                let kind = self
                    .random
                    .one(&[Ints, Ints, Ints, Floats, Strs, Nested, Mixed, Bools]);
                (self.expr(kind, 1), kind.element().unwrap_or(Int))
            }
        };
        self.line(&format!("for {name} in ({iterated}) {{"));
        self.scopes.push(Vec::new());
        self.declare(&name, kind, true);
        self.body(1, 3);
        self.scopes.pop();
        self.line("}");
    }

    fn match_statement(&mut self) {
        let kind = self.random.one(&[Int, Str, Result, Result, Float]);
        let subject = self.expr(kind, 1);
        self.line(&format!("match ({subject}) {{"));
        self.indent += 1;
        for _ in 0..self.random.within(1, 4) {
            self.case(kind);
        }
        if self.random.chance(60) {
            self.line("default {");
            self.block(|g| g.statements(1, 2));
            self.line("}");
        }
        self.indent -= 1;
        self.line("}");
    }

    fn case(&mut self, kind: Kind) {
        let binder = self.fresh("b");
        let (pattern, binds) = match kind {
            Int => (
                format!(
                    "{} | {}",
                    self.random.within(-2, 2),
                    self.random.within(0, 9)
                ),
                false,
            ),
            Str => (
                self.random
                    .pick(&["a", "\"b\"", "k | \"05\"", "\"\""])
                    .to_owned(),
                false,
            ),
            Float => (
                self.random
                    .pick(&["0.5", "0", "1.0 | 2", "0.3", "inf", "NaN"])
                    .to_owned(),
                false,
            ),
            _ => match self.random.below(6) {
                0 => (format!("Ok({binder}) | Some({binder})"), true),
                1 => (format!("Err({binder})"), true),
                2 => (format!("Shape::Rect(_, {binder})"), true),
                3 => (format!("Rect({binder})"), true),
                4 => ("None | Err".into(), false),
                _ => ("Ok | 1".into(), false),
            },
        };
        self.scopes.push(Vec::new());
        if binds {
            self.declare(&binder, Int, true);
        }
        let guard = match self.random.chance(25) {
            true => format!(" if ({})", self.expr(Bool, 1)),
            false => String::new(),
        };
        self.line(&format!("case {pattern}{guard} {{"));
        self.block(|g| g.statements(1, 2));
        self.line("}");
        self.scopes.pop();
    }

    fn throw(&mut self) {
        let kind = self.random.one(&[Str, Str, Int, Dict, Record, Ints]);
        let value = self.expr(kind, 1);
        let condition = self.expr(Bool, 1);
        self.line(&format!("if ({condition}) {{ throw({value}) }}"));
    }

    fn leave(&mut self) {
        let condition = self.expr(Bool, 1);
        let value = self.expr(Int, 1);
        let way = match self.random.below(3) {
            0 if self.depth > 0 => format!("return {value}"),
            1 if self.loops > 0 => "break".into(),
            _ if self.loops > 0 => "continue".into(),
            _ => return self.print(),
        };
        self.line(&format!("if ({condition}) {{ {way} }}"));
    }

    fn call_statement(&mut self) {
        if self.funcs.is_empty() {
            return self.print();
        }
        let at = self.random.below(self.funcs.len());
        let call = self.call_of(at, 1);
        match self.random.chance(50) {
            true => self.line(&call),
            false => {
                let name = self.fresh("v");
                self.line(&format!("{name} := {call}"));
                self.declare(&name, self.funcs[at].result, true);
            }
        }
    }

    fn destructuring(&mut self) {
        let (a, b) = (self.fresh("d"), self.fresh("d"));
        let word = self.random.pick(&["let ", "mut ", ""]);
        if self.random.chance(25) {
            let value = self.expr(Dict, 2);
            self.line(&format!("{word}{{a, ...{b}}} := {value}"));
            self.declare("a", Int, word == "mut ");
            return self.declare(&b, Dict, word == "mut ");
        }
        let kind = self.random.one(&[Ints, Strs, Nested, Mixed]);
        let value = self.expr(kind, 2);
        let second = match self.random.below(3) {
            0 => format!("...{b}"),
            1 => format!("[{b}]"),
            _ => b.clone(),
        };
        self.line(&format!("{word}[{a}, {second}] := {value}"));
        let element = kind.element().unwrap_or(Int);
        self.declare(&a, element, word == "mut ");
        let rest = if second.starts_with('.') {
            kind
        } else {
            element
        };
        self.declare(&b, rest, word == "mut ");
    }

    fn try_operator(&mut self) {
        if self.depth == 0 {
            return self.print();
        }
        let name = self.fresh("v");
        let value = self.expr(Result, 1);
        self.line(&format!("{name} := ({value})?"));
        self.declare(&name, Int, true);
    }

    fn shadowing(&mut self) {
        let Some(variable) = self.variable(|_| true) else {
            return self.print();
        };
        let kind = self.kind();
        let value = self.expr(kind, 1);
        self.line("if true {");
        self.block(|g| {
            let word = g.random.pick(&["let", "mut"]);
            g.line(&format!("{word} {} := {value}", variable.name));
            g.declare(&variable.name, kind, word == "mut");
            g.statements(1, 3);
        });
        self.line("}");
    }

    fn immutable(&mut self) {
        let name = self.fresh("c");
        let kind = self.random.one(&[Int, Ints, Dict]);
        let value = self.expr(kind, 1);
        let word = self.random.pick(&["let", "const"]);
        self.line(&format!("{word} {name} := {value}"));
        self.declare(&name, kind, false);
        self.guarded(|g| {
            let value = g.expr(kind, 1);
            match g.random.below(3) {
                0 => g.line(&format!("{name} := {value}")),
                1 => g.line(&format!("{name}[0] := {value}")),
                _ => g.line(&format!("{name} += {value}")),
            }
        });
    }
}
