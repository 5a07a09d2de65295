//! Expressions: operators of all levels, and what may follow an operand.

use crate::source::Span;
use crate::syntax::ast::{
    BinaryOp, BinaryStep, Expr, ExprKind, LogicalOp, PipeStage, PostfixKind, PostfixStep, UnaryOp,
};
use crate::syntax::token::{Class, TokenKind as T};

use super::{Context, MAX_EXPR_DEPTH, Parse, Parser};

/// An operator between two operands.
#[derive(Clone, Copy)]
enum Infix {
    Binary(BinaryOp),
    Logical(LogicalOp),
    Pipe,
}

/// The infix operator a token stands for, and its level; the higher binds tighter.
fn infix(kind: T) -> Option<(u8, Infix)> {
    Some(match kind {
        T::Star => (8, Infix::Binary(BinaryOp::Mul)),
        T::Slash => (8, Infix::Binary(BinaryOp::Div)),
        T::Percent => (8, Infix::Binary(BinaryOp::Rem)),
        T::Plus => (7, Infix::Binary(BinaryOp::Add)),
        T::Minus => (7, Infix::Binary(BinaryOp::Sub)),
        T::Lt => (6, Infix::Binary(BinaryOp::Lt)),
        T::Gt => (6, Infix::Binary(BinaryOp::Gt)),
        T::Le => (6, Infix::Binary(BinaryOp::Le)),
        T::Ge => (6, Infix::Binary(BinaryOp::Ge)),
        T::EqEq => (5, Infix::Binary(BinaryOp::Eq)),
        T::NotEq => (5, Infix::Binary(BinaryOp::Ne)),
        T::AndAnd => (4, Infix::Logical(LogicalOp::And)),
        T::OrOr => (3, Infix::Logical(LogicalOp::Or)),
        T::QuestionQuestion => (2, Infix::Logical(LogicalOp::Coalesce)),
        T::Pipe => (1, Infix::Pipe),
        _ => return None,
    })
}

/// Operands joined by operators of one level, still waiting for the operand behind the last operator.
struct Chain {
    level: u8,
    first: Expr,
    /// The operators, each with its right operand except for the last.
    rest: Vec<(Infix, Span, Expr)>,
    pending: (Infix, Span),
}

impl Chain {
    /// The expression that the chain and its last operand make.
    fn finish(self, last: Expr) -> Expr {
        let span = self.first.span.to(last.span);
        let (op, op_span) = self.pending;
        let steps = self.rest.into_iter().chain([(op, op_span, last)]);
        let first = self.first;
        let kind = match op {
            Infix::Binary(_) => ExprKind::Binary {
                first: Box::new(first),
                rest: steps.filter_map(binary_step).collect(),
            },
            Infix::Logical(op) => ExprKind::Logical {
                op,
                operands: [first]
                    .into_iter()
                    .chain(steps.map(|(_, _, operand)| operand))
                    .collect(),
            },
            Infix::Pipe => {
                let stages = steps
                    .map(|(_, op_span, target)| PipeStage { op_span, target })
                    .collect();
                ExprKind::Pipe {
                    value: Box::new(first),
                    stages,
                }
            }
        };
        Expr { span, kind }
    }
}

fn binary_step((op, op_span, right): (Infix, Span, Expr)) -> Option<BinaryStep> {
    match op {
        Infix::Binary(op) => Some(BinaryStep { op, op_span, right }),
        Infix::Logical(_) | Infix::Pipe => None,
    }
}

impl Parser<'_> {
    /// Whether an expression can start with the current token.
    pub(super) fn starts_operand(&self) -> bool {
        match self.kind() {
            T::Minus | T::Bang => true,
            T::Eof => false,
            kind => {
                matches!(kind.class(), Class::Special | Class::Open) || kind.starts_expression()
            }
        }
    }

    /// A whole expression.
    pub(super) fn expr(&mut self) -> Parse<Expr> {
        self.nested(Self::operators)
    }

    /// Operands and the operators between them, by precedence. Chains that wait for an operand are kept in a list, the
    /// loosest first, rather than on the native stack.
    fn operators(&mut self) -> Parse<Expr> {
        let mut open: Vec<Chain> = Vec::new();
        let mut operand = self.unary()?;
        loop {
            let next = infix(self.kind());
            let level = next.map_or(0, |(level, _)| level);
            while let Some(chain) = open.pop_if(|chain| chain.level > level) {
                operand = chain.finish(operand);
            }
            let Some((level, op)) = next else {
                return Ok(operand);
            };
            let pending = (op, self.bump());
            match open.last_mut() {
                Some(chain) if chain.level == level => {
                    let (op, op_span) = std::mem::replace(&mut chain.pending, pending);
                    chain.rest.push((op, op_span, operand));
                }
                _ => open.push(Chain {
                    level,
                    first: operand,
                    rest: Vec::new(),
                    pending,
                }),
            }
            operand = self.unary()?;
        }
    }

    /// Prefix operators and their operand. They nest, but need no recursion.
    fn unary(&mut self) -> Parse<Expr> {
        let mut prefixes = Vec::new();
        while matches!(self.kind(), T::Minus | T::Bang | T::Await) {
            if self.expr_depth as usize + prefixes.len() >= MAX_EXPR_DEPTH as usize {
                return Err(self.too_deep("Expression", MAX_EXPR_DEPTH));
            }
            prefixes.push((self.kind(), self.bump()));
        }
        let depth = prefixes.len() as u32;
        self.expr_depth += depth;
        let operand = self.postfix();
        self.expr_depth -= depth;
        let mut expr = operand?;
        for (kind, span) in prefixes.into_iter().rev() {
            let span = span.to(expr.span);
            let operand = Box::new(expr);
            let kind = match kind {
                T::Minus => ExprKind::Unary {
                    op: UnaryOp::Neg,
                    operand,
                },
                T::Bang => ExprKind::Unary {
                    op: UnaryOp::Not,
                    operand,
                },
                _ => ExprKind::Await(operand),
            };
            expr = Expr { span, kind };
        }
        Ok(expr)
    }

    /// An operand and the calls, indexes and members that follow it.
    fn postfix(&mut self) -> Parse<Expr> {
        let base = self.primary()?;
        let mut steps = Vec::new();
        loop {
            let start = self.here();
            let kind = match self.kind() {
                T::LParen if self.continues_line() => PostfixKind::Call(self.args()?),
                T::LBracket if self.continues_line() => PostfixKind::Index(self.index()?),
                T::Dot | T::QuestionDot => self.member()?,
                T::Question => {
                    self.bump();
                    PostfixKind::Try
                }
                _ if steps.is_empty() => return Ok(base),
                _ => {
                    let span = self.since(base.span);
                    return Ok(Expr {
                        span,
                        kind: ExprKind::Postfix {
                            base: Box::new(base),
                            steps,
                        },
                    });
                }
            };
            steps.push(PostfixStep {
                span: self.since(start),
                kind,
            });
        }
    }

    /// Whether a `(` or `[` here goes on with the expression before it.
    pub(super) fn continues_line(&self) -> bool {
        !(self.context.newlines_matter && self.token(0).first_on_line)
    }

    fn index(&mut self) -> Parse<Expr> {
        let open = self.bump();
        let index = self.within(Context::BRACKETS, Self::expr)?;
        self.close(T::RBracket, open, "`]`")?;
        Ok(index)
    }

    /// `.name`, `?.name`, with its call if it has one.
    fn member(&mut self) -> Parse<PostfixKind> {
        let optional = self.is_at(T::QuestionDot);
        self.bump();
        let name = self.any_name("the name of a field or method")?;
        if self.is_at(T::LParen) && self.continues_line() {
            return Ok(PostfixKind::Method {
                name,
                optional,
                args: self.args()?,
            });
        }
        Ok(PostfixKind::Field { name, optional })
    }

    /// `(a, b)`
    pub(super) fn args(&mut self) -> Parse<Vec<Expr>> {
        let open = self.bump();
        let args = self.within(Context::BRACKETS, |p| {
            let mut args = Vec::new();
            while !p.is_at(T::RParen) {
                args.push(p.expr()?);
                if p.eat(T::Comma).is_none() {
                    break;
                }
            }
            Ok(args)
        })?;
        self.close(T::RParen, open, "`,` or `)`")?;
        Ok(args)
    }
}
