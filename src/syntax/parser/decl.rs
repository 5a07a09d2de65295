//! Definitions: functions, structs, enums, imports and exports, test blocks.

use crate::source::Span;
use crate::syntax::ast::{
    FieldDef, Func, FuncDef, Import, Param, StmtKind, StructDef, TestDef, TestKind,
};
use crate::syntax::token::TokenKind as T;

use super::{Parse, Parser};

impl Parser<'_> {
    /// A statement that starts with `func` or `async`: always a named definition.
    pub(super) fn func_stmt(&mut self) -> Parse<StmtKind> {
        Ok(StmtKind::Func(self.func_def()?))
    }

    fn func_def(&mut self) -> Parse<FuncDef> {
        let (start, is_async, is_generator) = self.func_head()?;
        let name = self.ident("the function's name")?;
        let func = self.func_rest(start, is_async, is_generator)?;
        Ok(FuncDef { name, func })
    }

    /// A function expression.
    pub(super) fn lambda(&mut self) -> Parse<Func> {
        let (start, is_async, is_generator) = self.func_head()?;
        if self.is_at(T::Ident) {
            let message = format!("Expected `(`, found {}", self.describe(self.token(0)));
            let help = "a function inside an expression has no name; behind `return` alone, write `return;`";
            return Err(self.fault(self.here(), message, help));
        }
        self.func_rest(start, is_async, is_generator)
    }

    /// `[async] func [*]`
    fn func_head(&mut self) -> Parse<(Span, bool, bool)> {
        let start = self.here();
        let is_async = self.eat(T::Async).is_some();
        self.expect(T::Func, "`func` behind `async`")?;
        let star = self.eat(T::Star);
        if let (true, Some(star)) = (is_async, star) {
            let help =
                "write a plain `func*`, or collect the values and return them from an `async func`";
            return Err(self.fault(star, "A generator function cannot be async", help));
        }
        Ok((start, is_async, star.is_some()))
    }

    /// A function from its parameter list on.
    fn func_rest(&mut self, start: Span, is_async: bool, is_generator: bool) -> Parse<Func> {
        let open = self.expect(T::LParen, "`(` to open the parameters")?;
        let (mut self_param, mut params) = (None, Vec::new());
        while !self.is_at(T::RParen) {
            if self.is_at(T::SelfWord) {
                let span = self.bump();
                if self_param.is_some() || !params.is_empty() {
                    let help = "write `self` in front of the other parameters";
                    return Err(self.fault(span, "`self` must be the first parameter", help));
                }
                self.annotation()?;
                self_param = Some(span);
            } else {
                let name = self.ident("a parameter's name")?;
                params.push(Param {
                    name,
                    ty: self.annotation()?,
                });
            }
            if self.eat(T::Comma).is_none() {
                break;
            }
        }
        self.close(T::RParen, open, "`,` or `)`")?;
        let ret = self.result_annotation()?;
        let body = self.block("the function")?;
        Ok(Func {
            span: self.since(start),
            is_async,
            is_generator,
            self_param,
            params,
            ret,
            body,
        })
    }

    pub(super) fn enum_def(&mut self) -> Parse<StmtKind> {
        self.bump();
        let name = self.ident("the enum's name")?;
        let open = self.expect(T::LBrace, "`{` to open the variants")?;
        let mut variants = Vec::new();
        while !self.is_at(T::RBrace) {
            variants.push(self.ident("a variant's name")?);
            if self.eat(T::Comma).is_none() {
                break;
            }
        }
        self.close(T::RBrace, open, "`,` or `}`")?;
        Ok(StmtKind::Enum { name, variants })
    }

    pub(super) fn struct_def(&mut self) -> Parse<StmtKind> {
        self.bump();
        let name = self.ident("the struct's name")?;
        let open = self.expect(T::LBrace, "`{` to open the fields and methods")?;
        let (mut fields, mut methods) = (Vec::new(), Vec::new());
        while self.is_at_name(0) {
            if matches!(self.kind(), T::Func | T::Async) && self.nth(1) != T::Colon {
                methods.push(self.func_def()?);
            } else {
                let name = self.bump_name();
                fields.push(FieldDef {
                    name,
                    ty: self.annotation()?,
                });
                self.eat(T::Comma);
            }
        }
        self.close(T::RBrace, open, "a field, a method or `}`")?;
        Ok(StmtKind::Struct(StructDef {
            name,
            fields,
            methods,
        }))
    }

    /// Reports `what` unless it stands directly in a file.
    fn only_at_top(&mut self, what: &str) -> Parse<()> {
        if self.block_depth == 0 {
            return Ok(());
        }
        let message = format!("`{what}` is allowed only at the top level of a file");
        Err(self.fault(self.here(), message, "move it out of the block"))
    }

    pub(super) fn import(&mut self) -> Parse<StmtKind> {
        self.only_at_top("import")?;
        self.bump();
        let module = vec![self.ident("the module's name")?];
        Ok(StmtKind::Import(Import {
            module,
            names: None,
        }))
    }

    pub(super) fn import_names(&mut self) -> Parse<StmtKind> {
        self.only_at_top("from … import")?;
        self.bump();
        let mut module = vec![self.any_name("the module's name")?];
        while self.eat(T::Dot).is_some() {
            module.push(self.any_name("a part of the module's name")?);
        }
        self.expect(T::Import, "`import`")?;
        let mut names = vec![self.ident("a name to import")?];
        while self.eat(T::Comma).is_some() {
            names.push(self.ident("a name to import")?);
        }
        Ok(StmtKind::Import(Import {
            module,
            names: Some(names),
        }))
    }

    pub(super) fn export(&mut self) -> Parse<StmtKind> {
        self.only_at_top("export")?;
        self.bump();
        let exportable = match self.kind() {
            T::Let | T::Mut | T::Const | T::Func | T::Async | T::Struct | T::Enum => true,
            T::LBracket | T::LBrace => self.is_at_destructuring(),
            T::Ident => matches!(self.nth(1), T::ColonAssign | T::Assign),
            _ => false,
        };
        if !exportable {
            return Err(self.expected(
                "a declaration, `name := value`, `func`, `struct` or `enum` behind `export`",
            ));
        }
        Ok(StmtKind::Export(Box::new(self.stmt()?)))
    }

    /// `test "…" { }`, `test_group "…" { }`
    pub(super) fn titled_test(&mut self) -> Parse<StmtKind> {
        let kind = if self.is_at(T::Test) {
            TestKind::Test
        } else {
            TestKind::Group
        };
        let word = self.kind().spelling();
        self.bump();
        let title = self.plain_string("the title of the test")?;
        let body = self.block(&format!("`{word}`"))?;
        Ok(StmtKind::Test(TestDef { kind, title, body }))
    }

    /// `test_setup { }`, `test_teardown { }`
    pub(super) fn test_fixture(&mut self) -> Parse<StmtKind> {
        let kind = if self.is_at(T::TestSetup) {
            TestKind::Setup
        } else {
            TestKind::Teardown
        };
        let word = self.kind().spelling();
        self.bump();
        let body = self.block(&format!("`{word}`"))?;
        Ok(StmtKind::Test(TestDef {
            kind,
            title: "".into(),
            body,
        }))
    }
}
