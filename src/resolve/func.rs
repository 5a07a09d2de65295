//! Functions, methods and blocks.
//!
//! In: their trees. Out: finished [`Func`]s in the program, [`Block`]s.

use super::Resolver;
use super::file::Runs;
use super::hir::*;
use super::scope::{Binding, FuncCx, Mutability, Scope};
use crate::syntax::ast;
use rustc_hash::FxHashSet;
use std::rc::Rc;

/// A function about to be resolved.
pub(super) struct NewFunc<'a> {
    pub id: FuncId,
    pub kind: FuncKind,
    pub func: &'a ast::Func,
    /// During which statements of the top level it runs.
    pub runs: Runs,
    pub bound_to: Option<LocalId>,
    pub made_at: Option<u32>,
    /// The declared fields of the struct, for a method without `self`.
    pub fields: Vec<Rc<str>>,
}

impl<'a> Resolver<'a> {
    /// Resolves the body of a function into its place in the program.
    pub(super) fn function(&mut self, new: NewFunc<'a>) {
        self.refuse(new.func);
        let mut cx = FuncCx::new(new.id, new.kind, new.runs);
        (cx.bound_to, cx.made_at) = (new.bound_to, new.made_at);
        cx.generator = new.func.is_generator;
        self.fns.push(cx);
        let mut params = new.func.params.len() as u32;
        if new.kind != FuncKind::Plain {
            params += 1;
            let receiver = self.new_local(&"self".into(), Mutability::Mut);
            self.cx().locals[receiver.index()].depends = None;
            if new.kind == FuncKind::Method {
                self.cx().this = Some(receiver);
            }
        }
        // Parameters come first among the locals; the fields' scope lies around theirs all the same.
        let mut scope = Scope::default();
        let mut seen = FxHashSet::default();
        for param in &new.func.params {
            let name = &param.name.text;
            if !seen.insert(name.clone()) && &**name != "_" {
                self.fault(
                    param.name.span,
                    format!("Duplicate declaration in the same scope: {name}"),
                );
            }
            let id = self.new_local(name, Mutability::Mut);
            self.cx().locals[id.index()].depends = None;
            scope.names.insert(name.clone(), Binding::Local(id));
        }
        if new.kind == FuncKind::Legacy {
            self.cx().scopes.push(Scope::default());
            for name in &new.fields {
                let id = self.bind_local(name);
                self.cx().locals[id.index()].unsure = true;
                self.cx().fields.push(id);
            }
        }
        self.cx().scopes.push(scope);
        self.cx().body_depth = self.cx_ref().scopes.len();
        let body: Vec<&ast::Stmt> = new.func.body.stmts.iter().collect();
        let body = self.statements(&body);
        self.end_func(body, params);
    }

    /// Ends the innermost function: decides how its locals are captured and stores it.
    pub(super) fn end_func(&mut self, body: Block, params: u32) {
        let mut cx = self.fns.pop().expect("a function is being resolved");
        let locals = self.decide_captures(&mut cx);
        let func = &mut self.program.funcs[cx.id.index()];
        func.params = params;
        func.locals = locals;
        func.captures = cx.captures;
        func.fields = cx.fields;
        func.body = body;
    }

    /// Reports what functions cannot do yet.
    fn refuse(&mut self, func: &ast::Func) {
        if func.is_generator {
            self.not_yet(func.span, "A generator function");
        }
        if func.is_async {
            self.not_yet(func.span, "An async function");
        }
    }

    /// A function inside the current one.
    pub(super) fn inner_function(
        &mut self,
        func: &'a ast::Func,
        name: Rc<str>,
        bound_to: Option<LocalId>,
    ) -> FuncId {
        let id = self.new_func(name, FuncKind::Plain, func.span);
        // Its value may be kept.
        let runs = Runs::from(self.cx_ref().at);
        self.function(NewFunc {
            id,
            kind: FuncKind::Plain,
            func,
            runs,
            bound_to,
            made_at: None,
            fields: Vec::new(),
        });
        id
    }

    /// The methods of a struct definition. `made_at`: when the closures of methods in a block are made.
    pub(super) fn struct_methods(
        &mut self,
        def: &'a ast::StructDef,
        id: StructId,
        runs: Runs,
        made_at: Option<u32>,
    ) {
        for method in &def.methods {
            let name = format!("{}.{}", def.name.text, method.name.text);
            if method.func.is_generator {
                let message = format!("Generator methods are not supported for structs: {name}");
                self.fault(method.name.span, message);
                continue;
            }
            let kind = match method.func.self_param {
                Some(_) => FuncKind::Method,
                None => FuncKind::Legacy,
            };
            let func = self.new_func(name.into(), kind, method.func.span);
            let fields = self.program.structs[id.index()].fields.clone();
            self.program.structs[id.index()]
                .methods
                .push((method.name.text.clone(), func));
            self.function(NewFunc {
                id: func,
                kind,
                func: &method.func,
                runs,
                bound_to: None,
                made_at,
                fields,
            });
        }
    }

    /// A block with a scope of its own.
    pub(super) fn block(&mut self, block: &'a ast::Block) -> Block {
        let stmts: Vec<&ast::Stmt> = block.stmts.iter().collect();
        self.block_of(&stmts)
    }

    /// Statements in a scope of their own.
    pub(super) fn block_of(&mut self, stmts: &[&'a ast::Stmt]) -> Block {
        self.cx().scopes.push(Scope::default());
        let block = self.statements(stmts);
        self.cx().scopes.pop();
        block
    }

    /// Statements in the innermost scope, which ends with them.
    fn statements(&mut self, stmts: &[&'a ast::Stmt]) -> Block {
        let mut block = Block::default();
        let start = self.tick();
        for stmt in stmts {
            if let ast::StmtKind::Struct(def) = &stmt.kind {
                let id = self.new_struct(def);
                let hidden =
                    self.new_local(&format!("struct {}", def.name.text).into(), Mutability::Let);
                let local = &mut self.cx().locals[hidden.index()];
                local.methods_of = Some(id);
                local.depends = None;
                self.scope()
                    .structs
                    .insert(def.name.text.clone(), (id, hidden));
                block.structs.push((id, hidden));
            }
        }
        let mut structs = block.structs.clone().into_iter();
        for stmt in stmts {
            if let ast::StmtKind::Struct(def) = &stmt.kind {
                let (id, _) = structs.next().expect("all definitions were counted");
                let runs = Runs::from(self.cx_ref().at);
                self.struct_methods(def, id, runs, Some(start));
                continue;
            }
            let (at, asked) = (block.stmts.len(), self.cx_ref().asked.len());
            self.stmt(stmt, &mut block.stmts);
            if self.cx_ref().scopes.len() == self.cx_ref().body_depth {
                let asks = self.cx_ref().asked[asked..].iter().map(|&question| Stmt {
                    span: stmt.span,
                    kind: StmtKind::Ask(question),
                });
                let asks: Vec<Stmt> = asks.collect();
                block.stmts.splice(at..at, asks);
            }
        }
        if !block.structs.is_empty() {
            let cx = self.cx_ref();
            let scope = cx.scopes.last().expect("the scope of the block");
            let mut early: Vec<LocalId> = (scope.names.values())
                .filter_map(|binding| match binding {
                    Binding::Local(id) if cx.locals[id.index()].block_early => Some(*id),
                    _ => None,
                })
                .collect();
            early.sort();
            block.early = early;
        }
        block
    }
}
