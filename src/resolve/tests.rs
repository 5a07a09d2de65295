//! Test blocks (language.md §18): finding the tests of a file and the code that each of them runs.
//!
//! In: the tree of a file. Out: the list of tests, and for each the statements of its scope. Under `run` they do nothing.

use crate::syntax::ast::{self, StmtKind as S, TestKind};
use std::rc::Rc;

/// A test of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TestCase {
    /// Its number, for `Mode::Test`.
    pub number: usize,
    /// The titles of the groups around it, outermost first.
    pub groups: Vec<Rc<str>>,
    /// Its title.
    pub title: Rc<str>,
}

/// The tests of a file, in order.
pub fn test_cases(file: &ast::File) -> Vec<TestCase> {
    let mut cases = Vec::new();
    walk(
        &file.body.iter().collect::<Vec<_>>(),
        &mut Vec::new(),
        &mut |groups, def| {
            cases.push(TestCase {
                number: cases.len(),
                groups: groups.iter().map(|g| g.title.clone()).collect(),
                title: def.title.clone(),
            });
        },
    );
    cases
}

/// Visits each test with the groups around it.
fn walk<'a>(
    stmts: &[&'a ast::Stmt],
    groups: &mut Vec<&'a ast::TestDef>,
    visit: &mut dyn FnMut(&[&'a ast::TestDef], &'a ast::TestDef),
) {
    for stmt in stmts {
        match &stmt.kind {
            S::Test(def) if def.kind == TestKind::Test => visit(groups, def),
            S::Test(def) if def.kind == TestKind::Group => {
                groups.push(def);
                walk(&def.body.stmts.iter().collect::<Vec<_>>(), groups, visit);
                groups.pop();
            }
            _ => {}
        }
    }
}

/// The top-level statements of a file that run: under a test, declarations only; never the test blocks themselves.
pub(super) fn statements(file: &ast::File, test: bool) -> Vec<&ast::Stmt> {
    let declares = |stmt: &&ast::Stmt| match &super::unwrap_export(stmt).kind {
        S::Test(_) => false,
        S::Import(_) | S::Func(_) | S::Struct(_) | S::Enum { .. } => true,
        S::Let { .. } | S::Const { .. } => true,
        _ => !test,
    };
    file.body.iter().filter(declares).collect()
}

/// What a test runs in its scope: setups from the outside in, the body, teardowns from the inside out.
pub(super) fn of_case(file: &ast::File, number: usize) -> Vec<&ast::Stmt> {
    let mut count = 0;
    let mut found = Vec::new();
    let top: Vec<&ast::Stmt> = file.body.iter().collect();
    walk(&top, &mut Vec::new(), &mut |groups, def| {
        if count == number {
            let mut levels: Vec<Vec<&ast::Stmt>> = vec![top.clone()];
            levels.extend(groups.iter().map(|g| g.body.stmts.iter().collect()));
            for (depth, level) in levels.iter().enumerate() {
                let plain = |s: &&&ast::Stmt| depth > 0 && !matches!(s.kind, S::Test(_));
                found.extend(level.iter().filter(plain));
                found.extend(blocks(level, TestKind::Setup));
            }
            found.extend(def.body.stmts.iter());
            for level in levels.iter().rev() {
                found.extend(blocks(level, TestKind::Teardown));
            }
        }
        count += 1;
    });
    found
}

/// The statements in the blocks of one kind directly on a level.
fn blocks<'a>(level: &[&'a ast::Stmt], kind: TestKind) -> Vec<&'a ast::Stmt> {
    let of_kind = |stmt: &&'a ast::Stmt| match &stmt.kind {
        S::Test(def) if def.kind == kind => def.body.stmts.iter().collect(),
        _ => Vec::new(),
    };
    level.iter().flat_map(of_kind).collect()
}
