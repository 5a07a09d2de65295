//! Seed → program. Type-directed: an expression is made for the kind of value its place hopes for, but now and then it
//! lies, because code that is compiled for one type must also be right for all others.
//!
//! In: a seed. Out: the text of a program that compiles. It terminates unless it is unlucky (the oracle's fuel decides), and prints
//! often. What it is made of stands in two tables of weights: `expr::FORMS` and `stmt::FORMS`.
//! It does not know what a program means.

mod any_builtin;
mod edge;
mod expr;
mod frames;
mod function;
mod gather;
mod idiom;
mod literal;
mod ranges;
mod rare;
mod stmt;

use crate::random::Random;
use std::collections::BTreeMap;
use std::fmt::Write;

/// What a value is hoped to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Null,
    Bool,
    Int,
    Float,
    Str,
    Ints,
    Floats,
    Bools,
    Strs,
    Mixed,
    Nested,
    Dict,
    Record,
    Result,
    /// A function of one argument.
    Func,
}

use Kind::*;

const KINDS: &[Kind] = &[
    Null, Bool, Int, Float, Str, Ints, Floats, Bools, Strs, Mixed, Nested, Dict, Record, Result,
    Func,
];

/// How often a variable or parameter is hoped to be of a kind.
const VARIABLES: &[(u32, Kind)] = &[
    (24, Int),
    (9, Float),
    (5, Bool),
    (8, Str),
    (14, Ints),
    (5, Floats),
    (3, Bools),
    (3, Strs),
    (5, Mixed),
    (6, Nested),
    (8, Dict),
    (8, Record),
    (3, Result),
    (3, Func),
    (1, Null),
];

impl Kind {
    /// The kind of the elements.
    fn element(self) -> Option<Kind> {
        match self {
            Ints => Some(Int),
            Floats => Some(Float),
            Bools => Some(Bool),
            Strs => Some(Str),
            Nested => Some(Ints),
            Mixed => Some(Int),
            _ => None,
        }
    }

    fn is_array(self) -> bool {
        self.element().is_some()
    }
}

#[derive(Clone, Debug)]
struct Variable {
    name: String,
    kind: Kind,
    /// Whether the program may assign it: not `let`, and no counter that ends a loop.
    assignable: bool,
}

/// A function of the program.
#[derive(Clone, Debug)]
struct Signature {
    name: String,
    params: Vec<Kind>,
    result: Kind,
}

/// A struct definition.
#[derive(Clone, Debug)]
struct Definition {
    name: String,
    fields: Vec<(String, Kind)>,
}

/// A program in the making.
struct Generator {
    random: Random,
    out: String,
    indent: usize,
    scopes: Vec<Vec<Variable>>,
    funcs: Vec<Signature>,
    structs: Vec<Definition>,
    /// Globals that are assigned somewhere at the top level, perhaps after a function that stores to them has run.
    late: Vec<(String, Kind)>,
    names: usize,
    /// Loops around the current statement within its function.
    loops: usize,
    /// Functions around the current statement.
    depth: usize,
    /// How many statements may still be made.
    budget: i32,
    /// Whether handlers bind their error: such programs keep frames, and inline less.
    binds: bool,
    /// Whether there are loops long enough for the default threshold of the JIT.
    hot: bool,
    /// How many expressions of a hundred are of another kind than their place hopes for.
    lies: usize,
    /// A call at the end of the program that perhaps raises.
    ending: Option<String>,
    /// How often each form was used.
    forms: BTreeMap<&'static str, u32>,
}

/// What the run of a program needs to know of it besides its text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Generated {
    /// The program.
    pub text: String,
    /// It has loops long enough for the default threshold of the JIT.
    pub hot: bool,
    /// How often each form of expression and statement was used.
    pub forms: BTreeMap<&'static str, u32>,
}

/// The names of all forms.
pub fn forms() -> impl Iterator<Item = &'static str> {
    let expressions = expr::FORMS.iter().map(|form| form.name);
    expressions.chain(stmt::FORMS.iter().map(|form| form.name))
}

/// The program of that seed.
pub fn program(seed: u64) -> Generated {
    let mut random = Random::new(seed);
    let binds = random.chance(50);
    let hot = random.chance(10);
    let lies = [0, 1, 2, 5][random.below(4)];
    let mut generator = Generator {
        random,
        out: String::new(),
        indent: 0,
        scopes: vec![Vec::new()],
        funcs: Vec::new(),
        structs: Vec::new(),
        late: Vec::new(),
        names: 0,
        loops: 0,
        depth: 0,
        budget: 0,
        binds,
        hot,
        lies,
        ending: None,
        forms: BTreeMap::new(),
    };
    generator.program(seed);
    Generated {
        text: generator.out,
        hot,
        forms: generator.forms,
    }
}

impl Generator {
    fn program(&mut self, seed: u64) {
        // Small programs compile faster, so that more of them are run; some things only happen in larger ones.
        let size = self.random.one(&[0, 0, 0, 0, 0, 0, 1, 2, 3]);
        for _ in 0..self.random.below(size + 1) {
            self.definition();
        }
        for _ in 0..self.random.below(3) {
            let kind = self.kind();
            let name = self.fresh("g");
            self.late.push((name, kind));
        }
        for _ in 0..self.random.below(size + 2) {
            self.function();
        }
        for _ in 0..self.random.below(size.min(2) + 2) {
            self.edge_function();
        }
        // Some globals before the code that uses them, some after.
        self.budget = self.random.within(4, 5 * size.max(1) as i64) as i32;
        let late = std::mem::take(&mut self.late);
        let split = self.random.below(late.len() + 1);
        for (name, kind) in &late[..split] {
            self.global(name, *kind);
        }
        self.guarded_statements(size.max(1));
        for (name, kind) in &late[split..] {
            self.global(name, *kind);
        }
        self.guarded_statements(size);
        // Statements are rarely where these can stand.
        match self.random.below(10) {
            0 => self.global_before_its_time(),
            1 => self.builtin_replaced(),
            _ => {}
        }
        self.in_turn(seed);
        self.print_everything();
        if let Some(ending) = self.ending.take() {
            self.line(&ending);
        }
    }

    fn global(&mut self, name: &str, kind: Kind) {
        let value = self.expr(kind, 1);
        self.line(&format!("{name} := {value}"));
        self.declare(name, kind, true);
    }

    /// Statements of the top level, most of them inside a `try`, so that an error does not end everything.
    fn guarded_statements(&mut self, count: usize) {
        for _ in 0..count {
            match self.random.chance(70) {
                true => self.guarded(|generator| generator.statements(2, 4)),
                false => self.statements(1, 2),
            }
        }
    }

    fn print_everything(&mut self) {
        let names: Vec<String> = self.scopes[0].iter().map(|v| v.name.clone()).collect();
        for name in names {
            self.line(&format!("print(\"{name}\", {name})"));
        }
    }

    /// A `try` around what `body` writes.
    fn guarded(&mut self, body: impl FnOnce(&mut Generator)) {
        self.line("try {");
        self.block(body);
        if self.binds {
            let name = self.fresh("e");
            self.line(&format!("}} except {name} {{"));
            self.block(|generator| {
                let what = ["message", "at", "stack", "value", "line"];
                let mut shown = format!("{name}.message");
                for _ in 0..generator.random.below(3) {
                    let _ = write!(shown, ", {name}.{}", generator.random.pick(&what));
                }
                generator.line(&format!("print({shown})"));
                if generator.random.chance(10) {
                    generator.statement();
                }
                if generator.depth > 0 && generator.random.chance(10) {
                    generator.line(&format!("throw({name})"));
                }
            });
        } else {
            self.line("} except {");
            self.block(|generator| generator.line("print(\"caught\")"));
        }
        self.line("}");
    }

    /// The inside of a block: a scope, indented.
    fn block(&mut self, body: impl FnOnce(&mut Generator)) {
        self.indent += 1;
        self.scopes.push(Vec::new());
        body(self);
        self.scopes.pop();
        self.indent -= 1;
    }

    fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.out.push_str("  ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// What `body` writes, as a text of its own.
    fn apart(&mut self, body: impl FnOnce(&mut Generator)) -> String {
        let outer = std::mem::take(&mut self.out);
        body(self);
        std::mem::replace(&mut self.out, outer)
    }

    fn fresh(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    fn declare(&mut self, name: &str, kind: Kind, assignable: bool) {
        let scope = self.scopes.last_mut().expect("the file is a scope");
        scope.retain(|variable| variable.name != name);
        scope.push(Variable {
            name: name.into(),
            kind,
            assignable,
        });
    }

    /// A kind for a variable.
    fn kind(&mut self) -> Kind {
        self.random.weighted(VARIABLES.iter().copied())
    }

    /// A variable in scope that `wanted` likes; later ones are likelier.
    fn variable(&mut self, wanted: impl Fn(&Variable) -> bool) -> Option<Variable> {
        let visible = self.scopes.iter().flatten();
        let mut fitting: Vec<&Variable> = visible.filter(|v| wanted(v)).collect();
        // A name that is shadowed is only good for its innermost meaning.
        fitting.reverse();
        let count = fitting.len();
        if count == 0 {
            return None;
        }
        let at = self.random.below(count).min(self.random.below(count));
        let name = &fitting[at].name;
        let mut meanings = self.scopes.iter().rev().flatten();
        let meaning = meanings.find(|v| v.name == *name)?;
        wanted(meaning).then(|| meaning.clone())
    }

    fn assignable(&mut self, wanted: impl Fn(Kind) -> bool) -> Option<Variable> {
        self.variable(|v| v.assignable && wanted(v.kind))
    }
}
