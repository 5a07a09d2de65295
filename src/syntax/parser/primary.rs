//! Operands: literals, names, brackets, constructors, function expressions, `yield`; and the code inside strings.

use crate::source::Span;
use crate::syntax::ast::{ArrayElem, DictEntry, Expr, ExprKind, FieldInit, StrPart, WrapKind};
use crate::syntax::lexer;
use crate::syntax::token::{Literal, StrPiece, TokenKind as T};

use super::{Context, Parse, Parser, garbled};

impl Parser<'_> {
    pub(super) fn primary(&mut self) -> Parse<Expr> {
        let start = self.here();
        let kind = match self.kind() {
            T::Int | T::Float => self.number(),
            T::Str => self.string(),
            T::True => self.constant(ExprKind::Bool(true)),
            T::False => self.constant(ExprKind::Bool(false)),
            T::Null => self.constant(ExprKind::Null),
            T::SelfWord => self.constant(ExprKind::SelfValue),
            T::Ident => self.name()?,
            T::LParen => self.paren()?,
            T::LBracket => self.array()?,
            T::LBrace => self.dict()?,
            T::Func | T::Async => ExprKind::Lambda(Box::new(self.lambda()?)),
            T::Yield => self.yield_expr()?,
            _ => return Err(self.expected("an expression")),
        };
        Ok(Expr {
            span: self.since(start),
            kind,
        })
    }

    fn constant(&mut self, kind: ExprKind) -> ExprKind {
        self.bump();
        kind
    }

    fn number(&mut self) -> ExprKind {
        let kind = match self.token(0).value {
            Literal::Int(value) => ExprKind::Int(value),
            Literal::Float(value) => ExprKind::Float(value),
            Literal::None | Literal::Str(_) => ExprKind::Null,
        };
        self.constant(kind)
    }

    /// The string literal here, with the code in it parsed.
    pub(super) fn string(&mut self) -> ExprKind {
        let mut pieces = match std::mem::replace(&mut self.tokens[self.at].value, Literal::None) {
            Literal::Str(pieces) => pieces,
            Literal::None | Literal::Int(_) | Literal::Float(_) => Vec::new(),
        };
        self.bump();
        match pieces.as_mut_slice() {
            [] => ExprKind::Str("".into()),
            [StrPiece::Text(text)] => ExprKind::Str(std::mem::take(text).into()),
            _ => ExprKind::Interpolated(
                pieces
                    .into_iter()
                    .filter_map(|piece| self.part(piece))
                    .collect(),
            ),
        }
    }

    /// A piece of a string; none if the code in it is faulty, which has then been reported.
    fn part(&mut self, piece: StrPiece) -> Option<StrPart> {
        match piece {
            StrPiece::Text(text) => Some(StrPart::Text(text.into())),
            StrPiece::Code(span) => self.code(span).ok().map(StrPart::Expr),
        }
    }

    /// The one expression in `${…}`, parsed where it stands.
    fn code(&mut self, span: Span) -> Parse<Expr> {
        let known = self.faults.len();
        let tokens = lexer::lex_span(self.map, span, &mut self.faults);
        self.garbled.extend(garbled(&self.faults[known..]));
        let outer = (
            std::mem::replace(&mut self.tokens, tokens),
            std::mem::replace(&mut self.at, 0),
        );
        let expr = self.within(Context::BRACKETS, |p| {
            if p.is_at(T::Eof) {
                let help = "put an expression between the braces, or write `\\${}` for the plain characters";
                return Err(p.fault(span, "Expected an expression in the interpolation", help));
            }
            let expr = p.expr()?;
            if !p.is_at(T::Eof) {
                let message = format!("Expected `}}` behind the interpolated expression, found {}", p.describe(p.token(0)));
                let help = p.advice("`}`").unwrap_or_else(|| "an interpolation holds exactly one expression".into());
                return Err(p.fault(p.here(), message, help));
            }
            Ok(expr)
        });
        (self.tokens, self.at) = outer;
        expr
    }

    /// What starts with an identifier: a tag, a struct literal, a constructor, `throw`, or a variable.
    fn name(&mut self) -> Parse<ExprKind> {
        let name = self.bump_name();
        if self.eat(T::ColonColon).is_some() {
            let variant = self.ident("the name of a variant")?;
            let args = if self.is_at(T::LParen) && self.continues_line() {
                self.args()?
            } else {
                Vec::new()
            };
            return Ok(ExprKind::Tag {
                space: name,
                name: variant,
                args,
            });
        }
        if self.is_at(T::LBrace) && self.context.struct_literals && self.opens_fields() {
            return Ok(ExprKind::Struct {
                name,
                fields: self.fields()?,
            });
        }
        let is_call = self.is_at(T::LParen) && self.continues_line();
        Ok(match &*name.text {
            "Ok" if is_call => ExprKind::Wrap {
                kind: WrapKind::Ok,
                value: self.one_arg("Ok")?,
            },
            "Err" if is_call => ExprKind::Wrap {
                kind: WrapKind::Err,
                value: self.one_arg("Err")?,
            },
            "Some" if is_call => ExprKind::Wrap {
                kind: WrapKind::Some,
                value: self.one_arg("Some")?,
            },
            "throw" if is_call => ExprKind::Throw(self.one_arg("throw")?),
            "None" => ExprKind::NoneValue,
            _ => ExprKind::Name(name.text),
        })
    }

    /// The one value in the parentheses of `what`.
    fn one_arg(&mut self, what: &str) -> Parse<Box<Expr>> {
        let open = self.bump();
        if self.is_at(T::RParen) {
            let help = format!("write `{what}(value)`; `null` is a value too");
            return Err(self.fault(
                self.here(),
                format!("`{what}` takes exactly one value"),
                help,
            ));
        }
        let value = self.within(Context::BRACKETS, Self::expr)?;
        if self.is_at(T::Comma) {
            let help = format!("put several values into an array: `{what}([a, b])`");
            return Err(self.fault(
                self.here(),
                format!("`{what}` takes exactly one value"),
                help,
            ));
        }
        self.close(T::RParen, open, "`)`")?;
        Ok(Box::new(value))
    }

    /// Whether the `{` here opens the fields of a struct literal.
    fn opens_fields(&self) -> bool {
        self.nth(1) == T::RBrace || (self.is_at_name(1) && self.nth(2) == T::Colon)
    }

    fn fields(&mut self) -> Parse<Vec<FieldInit>> {
        let open = self.bump();
        let fields = self.within(Context::BRACKETS, |p| {
            let mut fields = Vec::new();
            while !p.is_at(T::RBrace) {
                let name = p.any_name("the name of a field")?;
                p.expect(T::Colon, "`:` behind the field's name")?;
                fields.push(FieldInit {
                    name,
                    value: p.expr()?,
                });
                if p.eat(T::Comma).is_none() {
                    break;
                }
            }
            Ok(fields)
        })?;
        self.close(T::RBrace, open, "`,` or `}`")?;
        Ok(fields)
    }

    fn paren(&mut self) -> Parse<ExprKind> {
        let open = self.bump();
        let inner = self.within(Context::BRACKETS, Self::expr)?;
        self.close(T::RParen, open, "`)`")?;
        Ok(ExprKind::Paren(Box::new(inner)))
    }

    fn array(&mut self) -> Parse<ExprKind> {
        let open = self.bump();
        let elems = self.within(Context::BRACKETS, |p| {
            let mut elems = Vec::new();
            while !p.is_at(T::RBracket) {
                elems.push(match p.eat(T::Ellipsis) {
                    Some(_) => ArrayElem::Spread(p.expr()?),
                    None => ArrayElem::Item(p.expr()?),
                });
                if p.eat(T::Comma).is_none() {
                    break;
                }
            }
            Ok(elems)
        })?;
        self.close(T::RBracket, open, "`,` or `]`")?;
        Ok(ExprKind::Array(elems))
    }

    fn dict(&mut self) -> Parse<ExprKind> {
        let open = self.bump();
        let entries = self.within(Context::BRACKETS, |p| {
            let mut entries = Vec::new();
            while !p.is_at(T::RBrace) {
                entries.push(p.entry()?);
                if p.eat(T::Comma).is_none() {
                    break;
                }
            }
            Ok(entries)
        })?;
        self.close(T::RBrace, open, "`,` or `}`")?;
        Ok(ExprKind::Dict(entries))
    }

    fn entry(&mut self) -> Parse<DictEntry> {
        if self.eat(T::Ellipsis).is_some() {
            return Ok(DictEntry::Spread(self.expr()?));
        }
        let word = self.kind().is_word()
            && !matches!(self.kind(), T::True | T::False | T::Null | T::SelfWord);
        let key = if word && self.nth(1) == T::Colon {
            let name = self.bump_name();
            Expr {
                span: name.span,
                kind: ExprKind::Str(name.text),
            }
        } else {
            self.expr()?
        };
        self.expect(T::Colon, "`:` behind the key")?;
        Ok(DictEntry::Pair {
            key,
            value: self.expr()?,
        })
    }

    fn yield_expr(&mut self) -> Parse<ExprKind> {
        self.bump();
        let operand = if self.operand_is_absent() {
            None
        } else {
            Some(Box::new(self.expr()?))
        };
        Ok(ExprKind::Yield(operand))
    }
}
