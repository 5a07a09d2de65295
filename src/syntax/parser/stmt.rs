//! Statements, except for definitions.

use crate::syntax::ast::{BinaryOp, Block, Case, Expr, IfArm, Stmt, StmtKind};
use crate::syntax::token::TokenKind as T;

use super::{Context, Failed, Parse, Parser};

impl Parser<'_> {
    /// The statements up to the end of the file, or up to the `}` of the block they are in.
    pub(super) fn stmts(&mut self) -> Vec<Stmt> {
        let mut stmts = Vec::new();
        loop {
            match self.kind() {
                T::Semicolon => drop(self.bump()),
                T::Eof => return stmts,
                T::RBrace if self.block_depth > 0 => return stmts,
                _ => {
                    let start = self.at;
                    match self.stmt() {
                        Ok(stmt) => stmts.push(stmt),
                        Err(Failed) => self.recover(start),
                    }
                }
            }
        }
    }

    pub(super) fn stmt(&mut self) -> Parse<Stmt> {
        let start = self.here();
        let kind = match self.kind() {
            T::Let | T::Mut => self.let_stmt(),
            T::Const => self.const_stmt(),
            T::Func | T::Async => self.func_stmt(),
            T::Enum => self.enum_def(),
            T::Struct => self.struct_def(),
            T::Import => self.import(),
            T::From => self.import_names(),
            T::Export => self.export(),
            T::Test | T::TestGroup => self.titled_test(),
            T::TestSetup | T::TestTeardown => self.test_fixture(),
            T::Return => self.return_stmt(),
            T::Break => self.word(StmtKind::Break),
            T::Continue => self.word(StmtKind::Continue),
            T::If => self.if_stmt(),
            T::While => self.while_stmt(),
            T::Loop => self.loop_stmt(),
            T::For => self.for_stmt(),
            T::Try => self.try_stmt(),
            T::Match => self.match_stmt(),
            T::Spawn => self.spawn_stmt(),
            T::LBracket | T::LBrace if self.is_at_destructuring() => self.destructure(),
            _ => self.expr_or_assign(),
        }?;
        Ok(Stmt {
            span: self.since(start),
            kind,
        })
    }

    fn word(&mut self, kind: StmtKind) -> Parse<StmtKind> {
        self.bump();
        Ok(kind)
    }

    /// An expression, or the assignment whose target it turns out to be.
    fn expr_or_assign(&mut self) -> Parse<StmtKind> {
        if !self.starts_operand() {
            return Err(self.expected("a statement"));
        }
        let target = self.expr()?;
        if !self.is_at_assignment() {
            return Ok(StmtKind::Expr(target));
        }
        let place = self.place(target)?;
        let op = match self.kind() {
            T::PlusAssign => Some(BinaryOp::Add),
            T::MinusAssign => Some(BinaryOp::Sub),
            T::StarAssign => Some(BinaryOp::Mul),
            T::SlashAssign => Some(BinaryOp::Div),
            T::PercentAssign => Some(BinaryOp::Rem),
            _ => None,
        };
        let op_span = self.bump();
        let value = self.assigned()?;
        Ok(match op {
            Some(op) => StmtKind::CompoundAssign {
                place,
                op,
                op_span,
                value,
            },
            None => StmtKind::Assign { place, value },
        })
    }

    /// The right side of an assignment; another assignment may not follow.
    pub(super) fn assigned(&mut self) -> Parse<Expr> {
        let value = self.expr()?;
        if !self.is_at_assignment() {
            return Ok(value);
        }
        let target_starts_line = self.tokens[self.at - 1].first_on_line;
        let help = if self.nth(1) == T::Gt {
            "there is no `=>`; a function is `func(x) { return x }`"
        } else if target_starts_line {
            "the assignment on the line before is not complete"
        } else {
            "an assignment is a statement without a value; write two: `b := e; a := b`"
        };
        Err(self.fault(self.here(), "Assignments cannot be chained", help))
    }

    fn destructure(&mut self) -> Parse<StmtKind> {
        let pattern = self.pattern()?;
        self.assign_op()?;
        Ok(StmtKind::Destructure {
            pattern,
            value: self.assigned()?,
        })
    }

    fn let_stmt(&mut self) -> Parse<StmtKind> {
        let mutable = self.is_at(T::Mut);
        self.bump();
        let pattern = self.pattern()?;
        let ty = self.annotation()?;
        self.assign_op()?;
        Ok(StmtKind::Let {
            mutable,
            pattern,
            ty,
            value: self.assigned()?,
        })
    }

    fn const_stmt(&mut self) -> Parse<StmtKind> {
        self.bump();
        let name = self.ident("the name of the constant")?;
        let ty = self.annotation()?;
        self.assign_op()?;
        Ok(StmtKind::Const {
            name,
            ty,
            value: self.assigned()?,
        })
    }

    fn return_stmt(&mut self) -> Parse<StmtKind> {
        self.bump();
        let operand = if self.operand_is_absent() {
            None
        } else {
            Some(self.expr()?)
        };
        Ok(StmtKind::Return(operand))
    }

    /// Whether `return` or `yield` has no operand here.
    pub(super) fn operand_is_absent(&self) -> bool {
        match self.kind() {
            T::Semicolon | T::RBrace | T::RParen | T::RBracket | T::Comma | T::Eof => true,
            kind => kind.is_word() && !kind.starts_expression(),
        }
    }

    /// The expression between a keyword and its block, in which `name {` opens the block.
    fn header(&mut self) -> Parse<Expr> {
        self.within(
            Context {
                struct_literals: false,
                ..self.context
            },
            Self::expr,
        )
    }

    fn if_stmt(&mut self) -> Parse<StmtKind> {
        self.bump();
        let mut arms = vec![IfArm {
            cond: self.header()?,
            body: self.block("`if`")?,
        }];
        while self.eat(T::Else).is_some() {
            if self.eat(T::If).is_none() {
                return Ok(StmtKind::If {
                    arms,
                    otherwise: Some(self.block("`else`")?),
                });
            }
            arms.push(IfArm {
                cond: self.header()?,
                body: self.block("`else if`")?,
            });
        }
        Ok(StmtKind::If {
            arms,
            otherwise: None,
        })
    }

    fn while_stmt(&mut self) -> Parse<StmtKind> {
        self.bump();
        Ok(StmtKind::While {
            cond: self.header()?,
            body: self.block("`while`")?,
        })
    }

    fn loop_stmt(&mut self) -> Parse<StmtKind> {
        self.bump();
        let cond = match self.eat(T::While) {
            Some(_) => Some(self.header()?),
            None => None,
        };
        Ok(StmtKind::Loop {
            cond,
            body: self.block("`loop`")?,
        })
    }

    fn for_stmt(&mut self) -> Parse<StmtKind> {
        self.bump();
        let var = self.ident("the loop variable")?;
        self.expect(T::In, "`in`")?;
        Ok(StmtKind::For {
            var,
            iter: self.header()?,
            body: self.block("`for`")?,
        })
    }

    fn try_stmt(&mut self) -> Parse<StmtKind> {
        self.bump();
        let body = self.block("`try`")?;
        self.expect(T::Except, "`except`")?;
        let binder = if self.is_at(T::LBrace) {
            None
        } else {
            Some(self.ident("a name for the error, or `{`")?)
        };
        Ok(StmtKind::Try {
            body,
            binder,
            handler: self.block("`except`")?,
        })
    }

    fn spawn_stmt(&mut self) -> Parse<StmtKind> {
        self.bump();
        Ok(StmtKind::Spawn(self.block("`spawn`")?))
    }

    fn match_stmt(&mut self) -> Parse<StmtKind> {
        self.bump();
        let subject = self.header()?;
        let open = self.expect(T::LBrace, "`{` to open the cases of `match`")?;
        let (cases, default) = self.within(Context::BLOCK, Self::cases)?;
        self.close(
            T::RBrace,
            open,
            if default.is_some() {
                "`}` behind `default`"
            } else {
                "`case`, `default` or `}`"
            },
        )?;
        Ok(StmtKind::Match {
            subject,
            cases,
            default,
        })
    }

    fn cases(&mut self) -> Parse<(Vec<Case>, Option<Block>)> {
        let mut cases = Vec::new();
        while self.is_at(T::Case) {
            let start = self.bump();
            let patterns = self.case_patterns()?;
            let guard = match self.eat(T::If) {
                Some(_) => Some(self.header()?),
                None => None,
            };
            self.eat(T::Colon);
            let body = self.block("`case`")?;
            cases.push(Case {
                span: self.since(start),
                patterns,
                guard,
                body,
            });
        }
        let mut default = None;
        if self.eat(T::Default).is_some() {
            self.eat(T::Colon);
            default = Some(self.block("`default`")?);
        }
        Ok((cases, default))
    }
}
