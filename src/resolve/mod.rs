//! Syntax trees → HIR: every name becomes a local, a captured variable, a global or a builtin (language.md §4.4).
//!
//! In: the loaded files. Out: a [`hir::Program`], or every compile error. What only fails when it executes stays in the
//! program as a node that raises. It does not know registers or instructions.

pub mod hir;
pub mod import;
pub mod print;

mod capture;
mod expr;
mod file;
mod func;
mod mentions;
mod scalar;
pub(crate) use scalar::returns_scalar;
mod scope;
mod stmt;
mod tests;

use crate::diag::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast;
use file::{Exports, FileScope, GlobalInfo};
use hir::*;
use import::Loaded;
use rustc_hash::{FxHashMap, FxHashSet};
use scope::{FuncCx, Mutability};
use std::rc::Rc;

pub use tests::{TestCase, test_cases};

/// What is to be run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// The program.
    Run,
    /// The program, whose functions a host may call besides.
    Hosted,
    /// One test of the entry file, by its number in [`test_cases`].
    Test(usize),
}

impl Mode {
    fn is_test(self) -> bool {
        matches!(self, Mode::Test(_))
    }
}

/// Resolves a program.
pub fn resolve(loaded: &Loaded, mode: Mode) -> Result<Program, Vec<Diagnostic>> {
    let exports: Vec<Exports> = loaded.files.iter().map(|f| file::exports(&f.ast)).collect();
    let mut resolver = Resolver {
        loaded,
        exports,
        program: Program::default(),
        files: Vec::new(),
        module: 0,
        fns: Vec::new(),
        method_names: method_names(loaded),
        bound_here: FxHashSet::default(),
        faults: Vec::new(),
        clock: 0,
        next_loop: 0,
    };
    let bodies: Vec<Vec<&ast::Stmt>> = (0..loaded.files.len())
        .map(|i| tests::statements(&loaded.files[i].ast, i == 0 && mode.is_test()))
        .collect();
    for (i, body) in bodies.iter().enumerate() {
        resolver.declare_file(i, body, mode != Mode::Run);
    }
    for (i, body) in bodies.iter().enumerate() {
        resolver.imported_structs(i, body);
    }
    for (i, body) in bodies.iter().enumerate() {
        resolver.file_body(i, body, mode);
    }
    if resolver.faults.is_empty() {
        Ok(resolver.program)
    } else {
        Err(resolver.faults)
    }
}

/// The state of a resolution.
struct Resolver<'a> {
    loaded: &'a Loaded,
    exports: Vec<Exports>,
    program: Program,
    files: Vec<FileScope>,
    /// The file under resolution.
    module: usize,
    fns: Vec<FuncCx>,
    /// The methods of all struct definitions.
    method_names: FxHashSet<Rc<str>>,
    /// Names that the current top-level statement has bound so far.
    bound_here: FxHashSet<Rc<str>>,
    faults: Vec<Diagnostic>,
    /// Counts events in program order.
    clock: u32,
    next_loop: u32,
}

impl<'a> Resolver<'a> {
    fn file(&self) -> &FileScope {
        &self.files[self.module]
    }

    fn tick(&mut self) -> u32 {
        self.clock += 1;
        self.clock
    }

    fn fault(&mut self, span: Span, message: impl Into<String>) {
        let message = format!("Compilation error: {}", message.into());
        self.faults
            .push(Diagnostic::error(Code::COMPILE, span, message));
    }

    fn not_yet(&mut self, span: Span, what: &str) {
        self.fault(span, format!("{what} is not supported yet"));
    }

    /// The globals, functions and structs of a file, before anything of it is resolved. `open`: others than its own
    /// statements may call its functions.
    fn declare_file(&mut self, index: usize, body: &[&'a ast::Stmt], open: bool) {
        let file = &self.loaded.files[index];
        let mut scope = FileScope {
            runs: file::runs(body, open),
            end: body.len() as u32 + 1,
            ..FileScope::default()
        };
        let main = self.new_func("".into(), FuncKind::Main, whole(&file.ast));
        for stmt in body {
            let stmt = unwrap_export(stmt);
            match &stmt.kind {
                ast::StmtKind::Func(def) => {
                    let func = self.new_func(def.name.text.clone(), FuncKind::Plain, def.func.span);
                    let id = self.declare_global(&mut scope, &def.name.text, 0, Mutability::Mut);
                    self.program.globals[id.index()].hoisted = Some(func);
                    self.program.globals[id.index()].home = Home::Slot;
                }
                ast::StmtKind::Struct(def) => {
                    let id = self.new_struct(def);
                    scope.structs.insert(def.name.text.clone(), id);
                }
                _ => {}
            }
        }
        for (i, stmt) in body.iter().enumerate() {
            let at = i as u32 + 1;
            let mut names: Vec<(Rc<str>, Mutability)> = Vec::new();
            file::bound_names(stmt, &mut |name, m| names.push((name.clone(), m)));
            if let ast::StmtKind::Import(import) = &stmt.kind {
                names.extend(
                    self.imported_names(index, import)
                        .into_iter()
                        .map(|name| (name, Mutability::Mut)),
                );
            }
            for (name, mutability) in names {
                self.declare_global(&mut scope, &name, at, mutability);
            }
        }
        let mut exported = Vec::new();
        for name in &self.exports[index].values {
            if let Some(info) = scope.globals.get(name) {
                self.program.globals[info.id.index()].home = Home::Slot;
                exported.push((name.clone(), info.id));
            }
        }
        self.program.modules.push(Module {
            file: file.ast.file,
            name: file.name.clone(),
            main,
            exports: exported,
        });
        self.files.push(scope);
    }

    fn declare_global(
        &mut self,
        scope: &mut FileScope,
        name: &Rc<str>,
        bound_at: u32,
        mutability: Mutability,
    ) -> GlobalId {
        let globals = &mut self.program.globals;
        let info = scope.globals.entry(name.clone()).or_insert_with(|| {
            globals.push(Global {
                name: name.clone(),
                home: Home::Register,
                hoisted: None,
                assigned: false,
                copy_of: None,
            });
            GlobalInfo {
                id: GlobalId(globals.len() as u32 - 1),
                bound_at,
                mutability,
            }
        });
        info.id
    }

    fn new_func(&mut self, name: Rc<str>, kind: FuncKind, span: Span) -> FuncId {
        self.program.funcs.push(Func {
            name,
            kind,
            span,
            params: 0,
            locals: Vec::new(),
            captures: Vec::new(),
            fields: Vec::new(),
            body: Block::default(),
        });
        FuncId(self.program.funcs.len() as u32 - 1)
    }

    fn new_struct(&mut self, def: &ast::StructDef) -> StructId {
        self.program.structs.push(Struct {
            name: def.name.text.clone(),
            fields: def.fields.iter().map(|f| f.name.text.clone()).collect(),
            methods: Vec::new(),
        });
        StructId(self.program.structs.len() as u32 - 1)
    }

    /// The variables that an import statement binds.
    fn imported_names(&self, index: usize, import: &ast::Import) -> Vec<Rc<str>> {
        let at = import.module[0].span.start;
        let Some(&Some(module)) = self.loaded.files[index].imports.get(&at) else {
            return Vec::new();
        };
        let exports = &self.exports[module];
        match &import.names {
            Some(names) => (names.iter().map(|name| name.text.clone()))
                .filter(|name| exports.values.contains(name))
                .collect(),
            None => {
                let mut names = exports.values.clone();
                let own = &import.module[0].text;
                if !names.contains(own) {
                    names.push(own.clone());
                }
                names
            }
        }
    }

    /// The struct definitions that a file's imports bring, which its own shadow.
    fn imported_structs(&mut self, index: usize, body: &[&ast::Stmt]) {
        let mut brought: FxHashMap<Rc<str>, StructId> = FxHashMap::default();
        for stmt in body {
            let ast::StmtKind::Import(import) = &stmt.kind else {
                continue;
            };
            let at = import.module[0].span.start;
            let Some(&Some(module)) = self.loaded.files[index].imports.get(&at) else {
                continue;
            };
            for name in &self.exports[module].types {
                let wanted = (import.names.as_ref())
                    .is_none_or(|names| names.iter().any(|n| n.text == *name));
                if wanted && let Some(&id) = self.files[module].structs.get(name) {
                    brought.insert(name.clone(), id);
                }
            }
        }
        for (name, id) in brought {
            self.files[index].structs.entry(name).or_insert(id);
        }
    }

    /// The code of a file.
    fn file_body(&mut self, index: usize, body: &[&'a ast::Stmt], mode: Mode) {
        self.module = index;
        let test = index == 0 && mode.is_test();
        let kind = if test { FuncKind::Test } else { FuncKind::Main };
        let main = self.program.modules[index].main;
        self.program.funcs[main.index()].kind = kind;
        self.fns.push(FuncCx::new(main, kind, file::Runs::from(0)));
        let mut block = Block::default();
        for (i, stmt) in body.iter().enumerate() {
            self.cx().at = i as u32 + 1;
            self.bound_here.clear();
            self.stmt(stmt, &mut block.stmts);
        }
        self.cx().at = self.file().end;
        if let Mode::Test(number) = mode
            && test
        {
            let stmts = tests::of_case(&self.loaded.files[0].ast, number);
            let inner = self.block_of(&stmts);
            let span = whole(&self.loaded.files[0].ast);
            let kind = StmtKind::Block(inner);
            block.stmts.push(Stmt { span, kind });
        } else {
            self.check_tests(index);
        }
        self.end_func(block, 0);
    }

    /// Finds the compile errors in the tests of a file that is run.
    fn check_tests(&mut self, index: usize) {
        let cases = test_cases(&self.loaded.files[index].ast);
        if cases.is_empty() {
            return;
        }
        let saved = self.program.clone();
        let (main, end) = (self.program.modules[index].main, self.file().end);
        for case in cases {
            let stmts = tests::of_case(&self.loaded.files[index].ast, case.number);
            self.fns
                .push(FuncCx::new(main, FuncKind::Test, file::Runs::from(end)));
            self.block_of(&stmts);
            self.fns.pop();
        }
        self.program = saved;
    }
}

fn unwrap_export(stmt: &ast::Stmt) -> &ast::Stmt {
    match &stmt.kind {
        ast::StmtKind::Export(inner) => inner,
        _ => stmt,
    }
}

/// The span of a file's code.
fn whole(file: &ast::File) -> Span {
    match (file.body.first(), file.body.last()) {
        (Some(first), Some(last)) => first.span.to(last.span),
        _ => Span::new(file.file, 0, 0),
    }
}

/// The names of all methods of the program.
fn method_names(loaded: &Loaded) -> FxHashSet<Rc<str>> {
    let mut names = FxHashSet::default();
    for file in &loaded.files {
        for stmt in &file.ast.body {
            if let ast::StmtKind::Struct(def) = &unwrap_export(stmt).kind {
                names.extend(def.methods.iter().map(|m| m.name.text.clone()));
            }
        }
    }
    names
}
