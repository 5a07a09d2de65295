//! Type annotations. They have no effect, but must be well formed.

use crate::syntax::ast::{Type, TypeKind, TypeSuffix};
use crate::syntax::token::TokenKind as T;

use super::{Parse, Parser};

impl Parser<'_> {
    /// `: type`, if a colon is here.
    pub(super) fn annotation(&mut self) -> Parse<Option<Type>> {
        match self.eat(T::Colon) {
            Some(_) => self.ty().map(Some),
            None => Ok(None),
        }
    }

    /// `-> type`, if an arrow is here.
    pub(super) fn result_annotation(&mut self) -> Parse<Option<Type>> {
        match self.eat(T::Arrow) {
            Some(_) => self.ty().map(Some),
            None => Ok(None),
        }
    }

    fn ty(&mut self) -> Parse<Type> {
        self.nested(|p| {
            let start = p.here();
            let kind = if p.eat(T::Func).is_some() {
                p.func_type()?
            } else {
                p.named_type()?
            };
            let mut suffixes = Vec::new();
            loop {
                if p.is_at(T::LBracket) && p.nth(1) == T::RBracket {
                    p.bump();
                    p.bump();
                    suffixes.push(TypeSuffix::Array);
                } else if p.eat(T::Question).is_some() {
                    suffixes.push(TypeSuffix::Optional);
                } else {
                    break;
                }
            }
            Ok(Type {
                span: p.since(start),
                kind,
                suffixes,
            })
        })
    }

    fn named_type(&mut self) -> Parse<TypeKind> {
        let name = self.any_name("a type")?;
        let mut args = Vec::new();
        if self.eat(T::Lt).is_some() {
            loop {
                args.push(self.ty()?);
                if self.eat(T::Comma).is_none() {
                    break;
                }
            }
            self.expect(T::Gt, "`,` or `>`")?;
        }
        Ok(TypeKind::Name { name, args })
    }

    /// What follows `func` in a type.
    fn func_type(&mut self) -> Parse<TypeKind> {
        let mut params = None;
        if let Some(open) = self.eat(T::LParen) {
            let mut types = Vec::new();
            while !self.is_at(T::RParen) {
                types.push(self.ty()?);
                if self.eat(T::Comma).is_none() {
                    break;
                }
            }
            self.close(T::RParen, open, "`,` or `)`")?;
            params = Some(types);
        }
        let ret = self.result_annotation()?.map(Box::new);
        Ok(TypeKind::Func { params, ret })
    }
}
