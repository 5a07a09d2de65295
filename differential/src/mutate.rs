//! Mutants of programs that people wrote: statements left out, doubled or swapped, other literals, other operators.
//!
//! In: programs, a seed. Out: the text of a mutant that parses. It does not know what a program means; one that no longer ends is
//! the oracle's business.

use crate::edit::{Edit, parts, tree};
use crate::random::Random;
use crate::ways::FILE;
use ruff::diag::ColorChoice;
use ruff::driver::front::{self, Source};
use ruff::source::Span;
use ruff::syntax::ast::*;
use ruff_runtime::builtins::{self, Effect};
use std::path::Path;

/// Programs to make mutants of.
#[derive(Clone, Debug)]
pub struct Corpus {
    programs: Vec<String>,
}

impl Corpus {
    /// The programs of a directory and those below it that keep to themselves: no mutant shall touch files or wait.
    pub fn read(dir: &Path) -> std::io::Result<Corpus> {
        let mut programs = Vec::new();
        let mut waiting = vec![dir.to_owned()];
        while let Some(dir) = waiting.pop() {
            let entries = std::fs::read_dir(dir)?.map(|entry| entry.map(|entry| entry.path()));
            let mut entries = entries.collect::<Result<Vec<_>, _>>()?;
            entries.sort();
            for path in entries {
                if path.is_dir() {
                    waiting.push(path);
                } else if path
                    .extension()
                    .is_some_and(|extension| extension == "ruff")
                {
                    let text = std::fs::read_to_string(path)?;
                    let parts = text
                        .split("\n# ---")
                        .map(|part| format!("{}\n", part.trim()));
                    programs.extend(parts.filter(|part| is_harmless(part) && compiles(part)));
                }
            }
        }
        Ok(Corpus { programs })
    }

    /// The programs of this repository's tests of the language.
    ///
    /// # Panics
    /// If they are not there: the hunt is run where it was built.
    pub fn of_tests() -> Corpus {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/lang");
        Corpus::read(&dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()))
    }

    /// How many programs there are.
    pub fn len(&self) -> usize {
        self.programs.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.programs.is_empty()
    }

    /// The mutant of that seed.
    pub fn mutant(&self, seed: u64) -> String {
        let mut random = Random::new(seed);
        let mut text = self.programs[random.below(self.programs.len())].clone();
        for _ in 0..random.within(1, 4) {
            let points = tree(&text)
                .map(|tree| Points::of(&tree))
                .unwrap_or_default();
            let candidate = points
                .edit(&text, &mut random)
                .map(|edit| edit.apply(&text));
            // A doubled declaration or a cut literal may not parse.
            text = candidate
                .filter(|text| tree(text).is_some())
                .unwrap_or(text);
        }
        text
    }
}

fn compiles(text: &str) -> bool {
    let source = Source::Text {
        name: FILE.into(),
        text: text.into(),
    };
    front::front(&source, ColorChoice::Plain).is_ok()
}

/// It mentions no builtin that reads or changes the world, except those that print.
fn is_harmless(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.into_iter().all(|word| {
        let builtin = builtins::find(word).map(|number| builtins::ALL[usize::from(number)]);
        let touches = builtin.is_some_and(|b| b.effect == Effect::World || b.needs.is_some());
        matches!(word, "print" | "println") || word != "import" && !touches
    })
}

/// Where a program can be changed.
#[derive(Default)]
struct Points {
    statements: Vec<Vec<Span>>,
    literals: Vec<Span>,
    operators: Vec<(Span, BinaryOp)>,
}

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "-1",
    "7",
    "0.0",
    "0.5",
    "-1.5",
    "9223372036854775807",
    "(-9223372036854775807 - 1)",
    "4611686018427387904",
];
const OTHERS: &[&str] = &[
    "true",
    "false",
    "null",
    "\"\"",
    "\"a\"",
    "\"5\"",
    "\"héllo\"",
    "[]",
    "[1, 2]",
    "[0.5]",
    "{}",
    "{\"a\": 1}",
    "None",
    "Ok(1)",
];

impl Points {
    fn of(tree: &File) -> Points {
        let mut points = Points::default();
        points.stmts(&tree.body);
        points
    }

    fn edit(&self, text: &str, random: &mut Random) -> Option<Edit> {
        let of = |span: Span| text[span.start as usize..span.end as usize].to_owned();
        match random.below(8) {
            0..3 => {
                let list = pick(&self.statements, random)?;
                let at = random.below(list.len());
                let span = list[at];
                Some(match (random.below(3), list.get(at + 1)) {
                    (0, _) => Edit::new(span, ""),
                    (1, Some(next)) => {
                        let both = span.to(*next);
                        Edit::new(both, format!("{}\n{}", of(*next), of(span)))
                    }
                    _ => Edit::new(span, format!("{0}\n{0}", of(span))),
                })
            }
            3..6 => {
                let span = *pick(&self.literals, random)?;
                let new = if random.chance(75) { NUMBERS } else { OTHERS };
                Some(Edit::new(span, random.pick(new)))
            }
            _ => {
                let (span, op) = pick(&self.operators, random)?;
                let others: &[&str] = match op {
                    BinaryOp::Add
                    | BinaryOp::Sub
                    | BinaryOp::Mul
                    | BinaryOp::Div
                    | BinaryOp::Rem => &["+", "-", "*", "/", "%"],
                    _ => &["<", "<=", ">", ">=", "==", "!="],
                };
                // `+=` keeps its equals sign.
                let assigns = of(*span).len() == 2 && others.contains(&"+");
                let new = random.pick(others);
                let new = if assigns {
                    format!("{new}=")
                } else {
                    new.to_owned()
                };
                Some(Edit::new(*span, new))
            }
        }
    }

    fn stmts(&mut self, stmts: &[Stmt]) {
        if !stmts.is_empty() {
            self.statements
                .push(stmts.iter().map(|stmt| stmt.span).collect());
        }
        stmts.iter().for_each(|stmt| self.stmt(stmt));
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Let { value, .. }
            | StmtKind::Const { value, .. }
            | StmtKind::Destructure { value, .. } => self.expr(value),
            StmtKind::Assign { place, value } => {
                self.place(place);
                self.expr(value);
            }
            StmtKind::CompoundAssign {
                place,
                op,
                op_span,
                value,
            } => {
                self.place(place);
                self.operators.push((*op_span, *op));
                self.expr(value);
            }
            StmtKind::Func(def) => self.stmts(&def.func.body.stmts),
            StmtKind::Struct(def) => {
                let bodies = def.methods.iter().map(|method| &method.func.body);
                bodies.for_each(|body| self.stmts(&body.stmts));
            }
            StmtKind::Export(inner) => self.stmt(inner),
            StmtKind::Test(test) => self.stmts(&test.body.stmts),
            StmtKind::Return(value) => value.iter().for_each(|value| self.expr(value)),
            StmtKind::If { arms, otherwise } => {
                for arm in arms {
                    self.expr(&arm.cond);
                    self.stmts(&arm.body.stmts);
                }
                otherwise.iter().for_each(|block| self.stmts(&block.stmts));
            }
            StmtKind::While { cond, body } => {
                self.expr(cond);
                self.stmts(&body.stmts);
            }
            StmtKind::Loop { cond, body } => {
                cond.iter().for_each(|cond| self.expr(cond));
                self.stmts(&body.stmts);
            }
            StmtKind::For { iter, body, .. } => {
                self.expr(iter);
                self.stmts(&body.stmts);
            }
            StmtKind::Try { body, handler, .. } => {
                self.stmts(&body.stmts);
                self.stmts(&handler.stmts);
            }
            StmtKind::Match {
                subject,
                cases,
                default,
            } => {
                self.expr(subject);
                for case in cases {
                    case.guard.iter().for_each(|guard| self.expr(guard));
                    self.stmts(&case.body.stmts);
                }
                default.iter().for_each(|block| self.stmts(&block.stmts));
            }
            StmtKind::Expr(expr) => self.expr(expr),
            StmtKind::Spawn(block) => self.stmts(&block.stmts),
            StmtKind::Enum { .. } | StmtKind::Import(_) | StmtKind::Break | StmtKind::Continue => {}
        }
    }

    fn place(&mut self, place: &Place) {
        for step in &place.steps {
            if let PlaceStep::Index { index, .. } = step {
                self.expr(index);
            }
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Str(_)
            | ExprKind::Bool(_)
            | ExprKind::Null => {
                self.literals.push(expr.span);
            }
            ExprKind::Binary { rest, .. } => {
                self.operators
                    .extend(rest.iter().map(|step| (step.op_span, step.op)));
            }
            ExprKind::Lambda(func) => self.stmts(&func.body.stmts),
            _ => {}
        }
        parts(expr).into_iter().for_each(|part| self.expr(part));
    }
}

fn pick<'a, T>(items: &'a [T], random: &mut Random) -> Option<&'a T> {
    match items.is_empty() {
        true => None,
        false => Some(&items[random.below(items.len())]),
    }
}
