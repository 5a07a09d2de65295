//! The resolved program as text, for dumps and stage tests: the same for the same program.
//!
//! In: a [`Program`]. Out: each file with its statements, each function with its captures. A name shows what it means: `x`
//! a local, `x'` a local in a cell, `^x` captured (`^x'` as a cell), `$x` a global in a slot, `%x` a global in a register,
//! `builtin x`; `a ? b` is tried in that order, from uninitialised to certain. A stored name shows `new` if it is created.

use super::hir::*;
use std::fmt::Write;

/// Prints a program.
pub fn print(program: &Program) -> String {
    let mut out = String::new();
    for (i, func) in program.funcs.iter().enumerate() {
        let module = program.modules.iter().find(|m| m.main.index() == i);
        let mut printer = Printer {
            program,
            func,
            out: &mut out,
            indent: 0,
        };
        printer.func(i, module);
    }
    for def in &program.structs {
        let methods: Vec<String> = (def.methods.iter())
            .map(|(name, id)| format!("{name} = @{}", id.0))
            .collect();
        let fields = def.fields.join(", ");
        let _ = writeln!(
            out,
            "struct {} {{ {fields} }} {}",
            def.name,
            methods.join(", ")
        );
    }
    out
}

struct Printer<'a> {
    program: &'a Program,
    func: &'a Func,
    out: &'a mut String,
    indent: usize,
}

impl Printer<'_> {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{:width$}{text}", "", width = self.indent * 2);
    }

    fn func(&mut self, number: usize, module: Option<&Module>) {
        let func = self.func;
        let params: Vec<String> = (0..func.params).map(|i| self.local(LocalId(i))).collect();
        let mut head = match module {
            Some(module) => format!("@{number} file {}", module.name),
            None => format!("@{number} func {}({})", func.name, params.join(", ")),
        };
        for capture in &func.captures {
            let from = match capture.from {
                Source::Local(id) => format!("local {}", id.0),
                Source::Capture(id) => format!("capture {}", id.0),
            };
            let how = match capture {
                Capture { itself: true, .. } => "itself",
                Capture { unused: true, .. } => "unused",
                Capture { cell: true, .. } => "cell",
                _ => "value",
            };
            let _ = write!(head, " [{} {how} of {from}]", capture.name);
        }
        self.line(&head);
        if !func.fields.is_empty() {
            let fields: Vec<String> = func.fields.iter().map(|&id| self.local(id)).collect();
            self.indent += 1;
            self.line(&format!("fields {}", fields.join(", ")));
            self.indent -= 1;
        }
        self.block(&func.body);
    }

    fn block(&mut self, block: &Block) {
        self.indent += 1;
        for (def, id) in &block.structs {
            let name = &self.program.structs[def.index()].name;
            let text = format!("methods of {name} in {}", self.local(*id));
            self.line(&text);
        }
        block.stmts.iter().for_each(|stmt| self.stmt(stmt));
        self.indent -= 1;
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Store { target, value } => {
                let text = format!("{} := {}", self.target(target), self.expr(value));
                self.line(&text);
            }
            StmtKind::Bind { pattern, value } => {
                let text = format!("{} := {}", self.pattern(pattern), self.expr(value));
                self.line(&text);
            }
            StmtKind::Update {
                var,
                target,
                op,
                value,
                ..
            } => {
                let (target, var) = (self.target(target), self.var(var));
                let text = format!("{target} := {var} {} {}", op.symbol(), self.expr(value));
                self.line(&text);
            }
            StmtKind::StorePlace { place, op, value } => {
                let op = op.map_or("", |(op, _)| op.symbol());
                let text = format!("{} {op}:= {}", self.place(place), self.expr(value));
                self.line(&text);
            }
            StmtKind::Expr(e) => {
                let text = self.expr(e);
                self.line(&text);
            }
            StmtKind::Block(block) => {
                self.line("block");
                self.block(block);
            }
            StmtKind::Return(value) => {
                let text = value.as_ref().map(|v| self.expr(v)).unwrap_or_default();
                self.line(format!("return {text}").trim_end());
            }
            StmtKind::Break => self.line("break"),
            StmtKind::Continue => self.line("continue"),
            StmtKind::If { arms, otherwise } => {
                for (i, (cond, body)) in arms.iter().enumerate() {
                    let word = if i == 0 { "if" } else { "else if" };
                    let text = format!("{word} {}", self.expr(cond));
                    self.line(&text);
                    self.block(body);
                }
                if let Some(block) = otherwise {
                    self.line("else");
                    self.block(block);
                }
            }
            StmtKind::While { cond, body } => {
                let text = match cond {
                    Some(cond) => format!("while {}", self.expr(cond)),
                    None => "loop".to_owned(),
                };
                self.line(&text);
                self.block(body);
            }
            StmtKind::For { var, iter, body } => {
                let iter = match iter {
                    Iter::Range(args, _) => format!("range({})", self.exprs(args)),
                    Iter::Value(value) => self.expr(value),
                };
                let text = format!("for {} in {iter}", self.local(*var));
                self.line(&text);
                self.block(body);
            }
            StmtKind::Try {
                body,
                binder,
                handler,
            } => {
                self.line("try");
                self.block(body);
                let binder = binder.map(|id| self.local(id)).unwrap_or_default();
                self.line(format!("except {binder}").trim_end());
                self.block(handler);
            }
            StmtKind::Match {
                subject,
                cases,
                default,
            } => {
                let text = format!("match {}", self.expr(subject));
                self.line(&text);
                cases.iter().for_each(|case| self.case(case));
                if let Some(block) = default {
                    self.line("default");
                    self.block(block);
                }
            }
            StmtKind::Import { module, bindings } => {
                let name = &self.program.modules[module.index()].name;
                self.line(&format!("import {name}"));
                self.indent += 1;
                for binding in bindings {
                    let text = match binding {
                        ImportBinding::Copy { from, to, .. } => {
                            format!("{} := {}", self.target(to), self.slot(Slot::Global(*from)))
                        }
                        ImportBinding::Namespace(target) => {
                            format!("{} := namespace", self.target(target))
                        }
                        ImportBinding::Missing { message, .. } => format!("raise {message:?}"),
                    };
                    self.line(&text);
                }
                self.indent -= 1;
            }
            StmtKind::Ask(Question { global, capture }) => {
                let capture = capture.map(|id| format!("{} or ", self.slot(Slot::Capture(id))));
                let global = self.slot(Slot::Global(*global));
                self.line(&format!("ask {}{global}", capture.unwrap_or_default()));
            }
            StmtKind::Raise(message) => self.line(&format!("raise {message:?}")),
        }
    }

    fn case(&mut self, case: &Case) {
        let mut patterns = Vec::new();
        for pattern in &case.patterns {
            patterns.push(match pattern {
                CasePattern::Any => "_".to_owned(),
                CasePattern::Null => "null".to_owned(),
                CasePattern::Literal(kind) => self.kind(kind),
                CasePattern::Name(name) => format!("name {name}"),
                CasePattern::Tag(tag, binders) => {
                    let binders: Vec<String> = (binders.iter())
                        .map(|b| b.map_or("_".to_owned(), |id| self.local(id)))
                        .collect();
                    format!("{}::{}({})", tag.space, tag.name, binders.join(", "))
                }
            });
        }
        let mut text = format!("case {}", patterns.join(" | "));
        if let Some(guard) = &case.guard {
            let _ = write!(text, " if {}", self.expr(guard));
        }
        self.line(&text);
        self.block(&case.body);
    }

    // -- Names

    fn local(&self, id: LocalId) -> String {
        let local = &self.func.locals[id.index()];
        let cell = if local.cell { "'" } else { "" };
        format!("{}.{}{cell}", local.name, id.0)
    }

    fn slot(&self, slot: Slot) -> String {
        match slot {
            Slot::Local(id) => self.local(id),
            Slot::Capture(id) => {
                let capture = &self.func.captures[id.index()];
                let cell = if capture.cell { "'" } else { "" };
                format!("^{}{cell}", capture.name)
            }
            Slot::Global(id) => {
                let global = &self.program.globals[id.index()];
                let mark = if global.home == Home::Slot { '$' } else { '%' };
                format!("{mark}{}", global.name)
            }
            Slot::Builtin(number) => {
                let builtin = ruff_runtime::builtins::ALL[usize::from(number)];
                format!("builtin {}", builtin.name)
            }
            Slot::Number(x) => x.to_string(),
            Slot::Undefined => "undefined".to_owned(),
        }
    }

    fn var(&self, var: &Var) -> String {
        let mut text = match var.slot {
            Slot::Undefined => format!("undefined {}", var.name),
            slot => self.slot(slot),
        };
        if !var.certain {
            text += " ?";
        }
        if let Some(fallback) = &var.fallback {
            text = format!("({text} {})", self.var(fallback));
        }
        text
    }

    fn target(&self, target: &Target) -> String {
        match &target.store {
            Store::New(id) => format!("new {}", self.local(*id)),
            Store::NewUnless { local, message, .. } => {
                format!("(raise {message:?} or new {})", self.local(*local))
            }
            Store::Local(id) => self.local(*id),
            Store::Capture(id) => self.slot(Slot::Capture(*id)),
            Store::Global(id) => self.slot(Slot::Global(*id)),
            Store::Dynamic {
                slot,
                new,
                global,
                raise,
            } => {
                let new = if *new { "new " } else { "" };
                let global = match raise {
                    Some(message) => format!("raise {message:?}"),
                    None => self.slot(Slot::Global(*global)),
                };
                format!("({global} or {new}{})", self.slot(*slot))
            }
            Store::Raise(message) => format!("raise {message:?}"),
            Store::Ignore => "_".to_owned(),
        }
    }

    fn place(&self, place: &Place) -> String {
        let mut text = self.var(&place.root);
        for step in &place.steps {
            match step {
                PlaceStep::Field(name, _) => {
                    let _ = write!(text, ".{name}");
                }
                PlaceStep::Index(index, _) => {
                    let _ = write!(text, "[{}]", self.expr(index));
                }
            }
        }
        match &place.raise {
            Some(message) => format!("{text} raise {message:?}"),
            None => text,
        }
    }

    fn pattern(&self, pattern: &Pattern) -> String {
        let rest = |target: &Option<Target>| {
            let text = target.as_ref().map(|t| self.target(t));
            text.map(|t| format!(", ...{t}")).unwrap_or_default()
        };
        match pattern {
            Pattern::Name(target) => self.target(target),
            Pattern::Array(elems, more) => {
                let elems: Vec<String> = elems.iter().map(|e| self.pattern(e)).collect();
                format!("[{}{}]", elems.join(", "), rest(more))
            }
            Pattern::Dict(entries, more) => {
                let entries: Vec<String> = entries.iter().map(|e| self.target(&e.1)).collect();
                format!("{{{}{}}}", entries.join(", "), rest(more))
            }
        }
    }

    // -- Expressions

    fn exprs(&self, exprs: &[Expr]) -> String {
        let exprs: Vec<String> = exprs.iter().map(|e| self.expr(e)).collect();
        exprs.join(", ")
    }

    fn expr(&self, e: &Expr) -> String {
        self.kind(&e.kind)
    }

    fn kind(&self, kind: &ExprKind) -> String {
        match kind {
            ExprKind::Null => "null".to_owned(),
            ExprKind::Bool(b) => b.to_string(),
            ExprKind::Int(n) => n.to_string(),
            ExprKind::Float(x) => format!("{x:?}"),
            ExprKind::Str(text) => format!("{text:?}"),
            ExprKind::Concat(parts) => format!("concat({})", self.exprs(parts)),
            ExprKind::Var(var) => self.var(var),
            ExprKind::Array(items) => {
                let items: Vec<String> = (items.iter())
                    .map(|(spread, e)| {
                        format!("{}{}", if *spread { "..." } else { "" }, self.expr(e))
                    })
                    .collect();
                format!("[{}]", items.join(", "))
            }
            ExprKind::Dict(entries) => {
                let entries: Vec<String> = (entries.iter())
                    .map(|entry| match entry {
                        DictEntry::Pair(key, value) => {
                            format!("{}: {}", self.expr(key), self.expr(value))
                        }
                        DictEntry::Spread(e) => format!("...{}", self.expr(e)),
                    })
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
            ExprKind::Struct {
                definition,
                name,
                fields,
                ..
            } => {
                let known = if definition.is_some() { "" } else { "unknown " };
                let fields: Vec<String> = (fields.iter())
                    .map(|(name, e)| format!("{name}: {}", self.expr(e)))
                    .collect();
                format!("{known}{name} {{ {} }}", fields.join(", "))
            }
            ExprKind::Tag(tag, args) => {
                format!("{}::{}({})", tag.space, tag.name, self.exprs(args))
            }
            ExprKind::Wrap(kind, value) => format!("{kind:?}({})", self.expr(value)),
            ExprKind::NoneValue => "None".to_owned(),
            ExprKind::Throw(value) => format!("throw({})", self.expr(value)),
            ExprKind::Closure(id) => format!("closure @{}", id.0),
            ExprKind::Unary(op, operand) => {
                let op = if *op == UnaryOp::Neg { "-" } else { "!" };
                format!("{op}{}", self.expr(operand))
            }
            ExprKind::Binary(first, rest) => {
                let mut text = format!("({}", self.expr(first));
                for step in rest {
                    let _ = write!(text, " {} {}", step.op.symbol(), self.expr(&step.right));
                }
                text + ")"
            }
            ExprKind::Logical(op, operands) => {
                let op = match op {
                    LogicalOp::And => " && ",
                    LogicalOp::Or => " || ",
                    LogicalOp::Coalesce => " ?? ",
                };
                let operands: Vec<String> = operands.iter().map(|e| self.expr(e)).collect();
                format!("({})", operands.join(op))
            }
            ExprKind::Pipe(value, stages) => {
                let mut text = self.expr(value);
                for stage in stages {
                    let _ = match stage {
                        PipeStage::Call(callee, args, _) => {
                            write!(text, " |> {}({})", self.expr(callee), self.exprs(args))
                        }
                        PipeStage::Method(receiver, m) => {
                            write!(text, " |> {}{}", self.expr(receiver), self.method(m))
                        }
                    };
                }
                text
            }
            ExprKind::Postfix(base, steps) => {
                let mut text = self.expr(base);
                for step in steps {
                    text += &match step {
                        PostfixStep::Call(args) => format!("({})", self.exprs(args)),
                        PostfixStep::Index(index, _) => format!("[{}]", self.expr(index)),
                        PostfixStep::Field { name, optional, .. } => {
                            format!("{}{name}", dot(*optional))
                        }
                        PostfixStep::Method(method) => self.method(method),
                        PostfixStep::Try(_) => "?".to_owned(),
                    };
                }
                text
            }
        }
    }

    fn method(&self, method: &Method) -> String {
        let args = self.exprs(&method.args);
        format!("{}{}({args})", dot(method.optional), method.name)
    }
}

fn dot(optional: bool) -> &'static str {
    if optional { "?." } else { "." }
}
