//! Tokens and trees as text, for tests and curious people. The text is stable and shows structure, not positions: an
//! expression is one parenthesised form, a statement one line, and the statements of a block are indented below it.

use std::fmt::Write as _;

use crate::source::{FileId, SourceMap};

use super::ast::*;
use super::lexer;
use super::token::{Class, Literal, StrPiece};

/// The tokens of a file, one a line: position, kind, and the text or value where the kind does not say it.
pub fn tokens(map: &SourceMap, file: FileId) -> String {
    let mut out = String::new();
    for token in lexer::lex(map, file, &mut Vec::new()) {
        let at = map.line_col(token.span);
        let _ = write!(out, "{}:{} {}", at.line, at.col, token.kind.spelling());
        match &token.value {
            Literal::None if token.kind.class() == Class::Special => {
                let _ = write!(out, " {}", map.text(token.span));
            }
            Literal::None => {}
            Literal::Int(value) => drop(write!(out, " {value}")),
            Literal::Float(value) => drop(write!(out, " {value:?}")),
            Literal::Str(pieces) => {
                for piece in pieces {
                    let _ = match piece {
                        StrPiece::Text(text) => write!(out, " {text:?}"),
                        StrPiece::Code(span) => write!(out, " ${{{}}}", map.text(*span)),
                    };
                }
            }
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    out
}

/// The tree of a file.
pub fn tree(file: &File) -> String {
    let mut dump = Dump::default();
    file.body.iter().for_each(|stmt| dump.stmt(stmt));
    dump.out
}

/// An expression as one parenthesised form.
pub fn expr(expr: &Expr) -> String {
    let mut dump = Dump::default();
    dump.expr(expr);
    dump.out
}

#[derive(Default)]
struct Dump {
    out: String,
    indent: usize,
    /// Whether blocks are written within the line, as in a function expression.
    inline: bool,
}

impl Dump {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// `text` and a blank before it, unless a form has just been opened.
    fn word(&mut self, text: &str) {
        if !self.out.ends_with(['(', '\n', ' ']) && !self.out.is_empty() {
            self.out.push(' ');
        }
        self.put(text);
    }

    fn open(&mut self, head: &str) {
        self.word("(");
        self.put(head);
    }

    /// A whole form: a head, and what `rest` adds.
    fn form(&mut self, head: &str, rest: impl FnOnce(&mut Self)) {
        self.open(head);
        rest(self);
        self.put(")");
    }

    fn names<'a>(&mut self, names: impl IntoIterator<Item = &'a Name>) {
        names.into_iter().for_each(|name| self.word(&name.text));
    }

    fn exprs<'a>(&mut self, exprs: impl IntoIterator<Item = &'a Expr>) {
        exprs.into_iter().for_each(|expr| self.expr(expr));
    }

    fn line_start(&mut self) {
        if self.inline {
            return;
        }
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.put("\n");
        }
        for _ in 0..self.indent {
            self.put("  ");
        }
    }

    /// The statements of a block, indented on lines of their own, or within the line in braces.
    fn block(&mut self, block: &Block) {
        if self.inline {
            self.word("{");
            for (i, stmt) in block.stmts.iter().enumerate() {
                self.put(if i == 0 { " " } else { "; " });
                self.stmt_kind(&stmt.kind);
            }
            return self.put(" }");
        }
        self.indent += 1;
        block.stmts.iter().for_each(|stmt| self.stmt(stmt));
        self.indent -= 1;
    }

    /// Begins what goes on with a statement behind a block of it.
    fn part_start(&mut self) {
        if self.inline {
            self.put(" ")
        } else {
            self.line_start()
        }
    }

    /// A line of its own within a statement: `head`, then a block below it.
    fn part(&mut self, head: &str, rest: impl FnOnce(&mut Self), body: &Block) {
        self.part_start();
        self.put(head);
        rest(self);
        self.block(body);
    }

    fn stmt(&mut self, stmt: &Stmt) {
        self.line_start();
        self.stmt_kind(&stmt.kind);
        if !self.out.ends_with('\n') {
            self.put("\n");
        }
    }

    fn stmt_kind(&mut self, kind: &StmtKind) {
        match kind {
            StmtKind::Let {
                mutable,
                pattern,
                ty,
                value,
            } => {
                self.put(if *mutable { "mut" } else { "let" });
                self.pattern(pattern);
                self.annotation(ty);
                self.expr(value);
            }
            StmtKind::Const { name, ty, value } => {
                self.put("const");
                self.word(&name.text);
                self.annotation(ty);
                self.expr(value);
            }
            StmtKind::Destructure { pattern, value } => {
                self.put("destructure");
                self.pattern(pattern);
                self.expr(value);
            }
            StmtKind::Assign { place, value } => {
                self.put(":=");
                self.place(place);
                self.expr(value);
            }
            StmtKind::CompoundAssign {
                place, op, value, ..
            } => {
                self.put(op.symbol());
                self.put("=");
                self.place(place);
                self.expr(value);
            }
            StmtKind::Func(def) => self.func(&def.func, Some(&def.name)),
            StmtKind::Enum { name, variants } => {
                self.put("enum");
                self.names([name].into_iter().chain(variants));
            }
            StmtKind::Struct(def) => self.struct_def(def),
            StmtKind::Import(import) => self.import(import),
            StmtKind::Export(stmt) => {
                self.put("export ");
                self.stmt_kind(&stmt.kind);
            }
            StmtKind::Test(test) => {
                let word = match test.kind {
                    TestKind::Test => "test",
                    TestKind::Group => "test_group",
                    TestKind::Setup => "test_setup",
                    TestKind::Teardown => "test_teardown",
                };
                self.put(word);
                if matches!(test.kind, TestKind::Test | TestKind::Group) {
                    self.word(&format!("{:?}", test.title));
                }
                self.block(&test.body);
            }
            StmtKind::Return(value) => {
                self.put("return");
                self.exprs(value);
            }
            StmtKind::Break => self.put("break"),
            StmtKind::Continue => self.put("continue"),
            StmtKind::Expr(expr) => self.expr(expr),
            _ => self.control(kind),
        }
    }

    fn control(&mut self, kind: &StmtKind) {
        match kind {
            StmtKind::If { arms, otherwise } => {
                for (i, arm) in arms.iter().enumerate() {
                    if i > 0 {
                        self.part_start();
                    }
                    self.put(if i == 0 { "if" } else { "else if" });
                    self.expr(&arm.cond);
                    self.block(&arm.body);
                }
                if let Some(body) = otherwise {
                    self.part("else", |_| (), body);
                }
            }
            StmtKind::While { cond, body } => {
                self.put("while");
                self.expr(cond);
                self.block(body);
            }
            StmtKind::Loop { cond, body } => {
                self.put(if cond.is_some() { "loop while" } else { "loop" });
                self.exprs(cond);
                self.block(body);
            }
            StmtKind::For { var, iter, body } => {
                self.put("for");
                self.names([var]);
                self.expr(iter);
                self.block(body);
            }
            StmtKind::Try {
                body,
                binder,
                handler,
            } => {
                self.put("try");
                self.block(body);
                self.part("except", |d| d.names(binder), handler);
            }
            StmtKind::Match {
                subject,
                cases,
                default,
            } => {
                self.put("match");
                self.expr(subject);
                self.indent += 1;
                cases
                    .iter()
                    .for_each(|case| self.part("case", |d| d.case_head(case), &case.body));
                if let Some(body) = default {
                    self.part("default", |_| (), body);
                }
                self.indent -= 1;
            }
            StmtKind::Spawn(body) => {
                self.put("spawn");
                self.block(body);
            }
            _ => {}
        }
    }

    fn struct_def(&mut self, def: &StructDef) {
        self.put("struct");
        self.names([&def.name]);
        for field in &def.fields {
            self.names([&field.name]);
            self.annotation(&field.ty);
        }
        self.indent += 1;
        for method in &def.methods {
            self.part_start();
            self.func(&method.func, Some(&method.name));
        }
        self.indent -= 1;
    }

    fn import(&mut self, import: &Import) {
        self.put("import ");
        let path: Vec<&str> = import.module.iter().map(|name| &*name.text).collect();
        self.put(&path.join("."));
        if let Some(names) = &import.names {
            self.put(":");
            self.names(names);
        }
    }

    fn func(&mut self, func: &Func, name: Option<&Name>) {
        self.word(if func.is_async { "async func" } else { "func" });
        self.put(if func.is_generator { "*" } else { "" });
        self.names(name);
        self.open("");
        if func.self_param.is_some() {
            self.word("self");
        }
        for param in &func.params {
            self.names([&param.name]);
            self.annotation(&param.ty);
        }
        self.put(")");
        if let Some(ty) = &func.ret {
            self.word("->");
            self.ty(ty);
        }
        self.block(&func.body);
    }

    fn case_head(&mut self, case: &Case) {
        for (i, pattern) in case.patterns.iter().enumerate() {
            if i > 0 {
                self.word("|");
            }
            self.case_pattern(pattern);
        }
        if let Some(guard) = &case.guard {
            self.word("if");
            self.expr(guard);
        }
    }

    fn case_pattern(&mut self, pattern: &CasePattern) {
        match &pattern.kind {
            CasePatternKind::Any => self.word("_"),
            CasePatternKind::Int(value) => self.word(&value.to_string()),
            CasePatternKind::Float(value) => self.word(&format!("{value:?}")),
            CasePatternKind::Str(text) => self.word(&format!("{text:?}")),
            CasePatternKind::Bool(value) => self.word(&value.to_string()),
            CasePatternKind::Null => self.word("null"),
            CasePatternKind::Name {
                space,
                name,
                binders,
            } => {
                let space = space
                    .as_ref()
                    .map_or(String::new(), |space| format!("{}::", space.text));
                let name = format!("{space}{}", name.text);
                if binders.is_empty() {
                    self.word(&name)
                } else {
                    self.form(&name, |d| d.names(binders))
                }
            }
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        match &pattern.kind {
            PatternKind::Ignore => self.word("_"),
            PatternKind::Name(name) => self.word(&name.text),
            PatternKind::Array(items) => self.form("array", |d| {
                for item in items {
                    match item {
                        ArrayPatternItem::Elem(pattern) => d.pattern(pattern),
                        ArrayPatternItem::Rest(name) => d.word(&format!("...{}", name.text)),
                    }
                }
            }),
            PatternKind::Dict(items) => self.form("dict", |d| {
                for item in items {
                    match item {
                        DictPatternItem::Key(name) => d.word(&name.text),
                        DictPatternItem::Rest(name) => d.word(&format!("...{}", name.text)),
                    }
                }
            }),
        }
    }

    fn place(&mut self, place: &Place) {
        self.word(&place.root.text);
        for step in &place.steps {
            match step {
                PlaceStep::Field(name) => self.put(&format!(".{}", name.text)),
                PlaceStep::Index { index, .. } => {
                    self.put("[");
                    self.put(&expr(index));
                    self.put("]");
                }
            }
        }
    }

    fn annotation(&mut self, ty: &Option<Type>) {
        if let Some(ty) = ty {
            self.put(":");
            self.ty(ty);
        }
    }

    fn ty(&mut self, ty: &Type) {
        match &ty.kind {
            TypeKind::Name { name, args } if args.is_empty() => self.word(&name.text),
            TypeKind::Name { name, args } => {
                self.form(&name.text, |d| args.iter().for_each(|arg| d.ty(arg)))
            }
            TypeKind::Func { params, ret } => self.form("func", |d| {
                params.iter().flatten().for_each(|param| d.ty(param));
                if let Some(ret) = ret {
                    d.word("->");
                    d.ty(ret);
                }
            }),
        }
        for suffix in &ty.suffixes {
            self.put(match suffix {
                TypeSuffix::Array => "[]",
                TypeSuffix::Optional => "?",
            });
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Int(value) => self.word(&value.to_string()),
            ExprKind::Float(value) => self.word(&format!("{value:?}")),
            ExprKind::Str(text) => self.word(&format!("{text:?}")),
            ExprKind::Interpolated(parts) => self.form("str", |d| {
                parts.iter().for_each(|part| d.part_of_string(part))
            }),
            ExprKind::Bool(value) => self.word(&value.to_string()),
            ExprKind::Null => self.word("null"),
            ExprKind::SelfValue => self.word("self"),
            ExprKind::NoneValue => self.word("None"),
            ExprKind::Name(name) => self.word(name),
            ExprKind::Paren(inner) => self.form("paren", |d| d.expr(inner)),
            ExprKind::Array(elems) => {
                self.form("array", |d| elems.iter().for_each(|elem| d.elem(elem)))
            }
            ExprKind::Dict(entries) => {
                self.form("dict", |d| entries.iter().for_each(|entry| d.entry(entry)))
            }
            ExprKind::Struct { name, fields } => self.form(&format!("struct {}", name.text), |d| {
                for field in fields {
                    d.names([&field.name]);
                    d.put(":");
                    d.expr(&field.value);
                }
            }),
            ExprKind::Tag { space, name, args } => {
                let tag = format!("{}::{}", space.text, name.text);
                if args.is_empty() {
                    self.word(&tag)
                } else {
                    self.form(&tag, |d| d.exprs(args))
                }
            }
            ExprKind::Wrap { kind, value } => self.form(&format!("{kind:?}"), |d| d.expr(value)),
            ExprKind::Throw(value) => self.form("throw", |d| d.expr(value)),
            ExprKind::Lambda(func) => self.lambda(func),
            ExprKind::Yield(value) => self.form("yield", |d| d.exprs(value.as_deref())),
            _ => self.operation(&expr.kind),
        }
    }

    fn operation(&mut self, kind: &ExprKind) {
        match kind {
            ExprKind::Await(operand) => self.form("await", |d| d.expr(operand)),
            ExprKind::Unary { op, operand } => {
                self.form(if *op == UnaryOp::Neg { "neg" } else { "not" }, |d| {
                    d.expr(operand)
                });
            }
            ExprKind::Binary { first, rest } => {
                let heads: Vec<&str> = rest.iter().rev().map(|step| step.op.symbol()).collect();
                heads.iter().for_each(|head| self.open(head));
                self.expr(first);
                for step in rest {
                    self.expr(&step.right);
                    self.put(")");
                }
            }
            ExprKind::Logical { op, operands } => {
                let head = match op {
                    LogicalOp::And => "&&",
                    LogicalOp::Or => "||",
                    LogicalOp::Coalesce => "??",
                };
                self.form(head, |d| d.exprs(operands));
            }
            ExprKind::Pipe { value, stages } => self.form("|>", |d| {
                d.expr(value);
                d.exprs(stages.iter().map(|stage| &stage.target));
            }),
            ExprKind::Postfix { base, steps } => {
                steps
                    .iter()
                    .rev()
                    .for_each(|step| self.open(&postfix_head(&step.kind)));
                self.expr(base);
                for step in steps {
                    match &step.kind {
                        PostfixKind::Call(args) | PostfixKind::Method { args, .. } => {
                            self.exprs(args)
                        }
                        PostfixKind::Index(index) => self.expr(index),
                        PostfixKind::Field { .. } | PostfixKind::Try => {}
                    }
                    self.put(")");
                }
            }
            _ => {}
        }
    }

    /// A function expression, whole within the line.
    fn lambda(&mut self, func: &Func) {
        let outer = std::mem::replace(&mut self.inline, true);
        self.form("", |d| d.func(func, None));
        self.inline = outer;
    }

    fn part_of_string(&mut self, part: &StrPart) {
        match part {
            StrPart::Text(text) => self.word(&format!("{text:?}")),
            StrPart::Expr(expr) => self.expr(expr),
        }
    }

    fn elem(&mut self, elem: &ArrayElem) {
        match elem {
            ArrayElem::Item(item) => self.expr(item),
            ArrayElem::Spread(value) => self.form("...", |d| d.expr(value)),
        }
    }

    fn entry(&mut self, entry: &DictEntry) {
        match entry {
            DictEntry::Pair { key, value } => {
                self.expr(key);
                self.put(":");
                self.expr(value);
            }
            DictEntry::Spread(value) => self.form("...", |d| d.expr(value)),
        }
    }
}

fn postfix_head(kind: &PostfixKind) -> String {
    let dot = |optional: &bool| if *optional { "?." } else { "." };
    match kind {
        PostfixKind::Call(_) => "call".into(),
        PostfixKind::Index(_) => "index".into(),
        PostfixKind::Field { name, optional } => format!("{}{}", dot(optional), name.text),
        PostfixKind::Method { name, optional, .. } => format!("{}{}()", dot(optional), name.text),
        PostfixKind::Try => "?".into(),
    }
}
