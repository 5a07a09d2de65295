//! Patterns: of declarations and destructuring, of `case`; and the expressions that are places.

use std::collections::BTreeSet;

use crate::source::Span;
use crate::syntax::ast::{
    ArrayPatternItem, CasePattern, CasePatternKind, DictPatternItem, Expr, ExprKind, Name, Pattern,
    PatternKind, Place, PlaceStep, PostfixKind, StrPart,
};
use crate::syntax::token::{Class, Literal, TokenKind as T};

use super::{Failed, MAX_EXPR_DEPTH, Parse, Parser};

impl Parser<'_> {
    /// Whether the statement that starts here with a bracket is a destructuring: the brackets hold a pattern, and `:=` or
    /// `=` follows.
    pub(super) fn is_at_destructuring(&self) -> bool {
        self.pattern_end(self.at, 0)
            .is_some_and(|end| matches!(self.tokens[end].kind, T::ColonAssign | T::Assign))
    }

    /// The token behind the pattern that starts at token `at`, if there is one.
    fn pattern_end(&self, at: usize, depth: u32) -> Option<usize> {
        let close = match self.tokens[at].kind {
            T::Ident => return Some(at + 1),
            T::LBracket => T::RBracket,
            T::LBrace => T::RBrace,
            _ => return None,
        };
        if depth == MAX_EXPR_DEPTH {
            return None;
        }
        let mut at = at + 1;
        while self.tokens[at].kind != close {
            at = match self.tokens[at].kind {
                T::Ellipsis if self.tokens[at + 1].kind == T::Ident => at + 2,
                T::Ident => at + 1,
                _ if close == T::RBracket => self.pattern_end(at, depth + 1)?,
                _ => return None,
            };
            match self.tokens[at].kind {
                T::Comma => at += 1,
                kind if kind == close => {}
                _ => return None,
            }
        }
        Some(at + 1)
    }

    /// A pattern of a declaration.
    pub(super) fn pattern(&mut self) -> Parse<Pattern> {
        self.nested(|p| {
            let start = p.here();
            let kind = match p.kind() {
                T::LBracket => PatternKind::Array(p.array_pattern()?),
                T::LBrace => PatternKind::Dict(p.dict_pattern()?),
                T::Ident if p.text(start) == "_" => {
                    p.bump();
                    PatternKind::Ignore
                }
                _ => PatternKind::Name(p.ident("a name or a pattern")?),
            };
            Ok(Pattern {
                span: p.since(start),
                kind,
            })
        })
    }

    fn array_pattern(&mut self) -> Parse<Vec<ArrayPatternItem>> {
        let open = self.bump();
        let mut items = Vec::new();
        while !self.is_at(T::RBracket) {
            items.push(match self.eat(T::Ellipsis) {
                Some(_) => ArrayPatternItem::Rest(self.ident("a name behind `...`")?),
                None => ArrayPatternItem::Elem(self.pattern()?),
            });
            if self.eat(T::Comma).is_none() {
                break;
            }
        }
        self.close(T::RBracket, open, "`,` or `]`")?;
        Ok(items)
    }

    fn dict_pattern(&mut self) -> Parse<Vec<DictPatternItem>> {
        let open = self.bump();
        let mut items = Vec::new();
        while !self.is_at(T::RBrace) {
            items.push(match self.eat(T::Ellipsis) {
                Some(_) => DictPatternItem::Rest(self.ident("a name behind `...`")?),
                None => DictPatternItem::Key(self.ident("a key of the dict")?),
            });
            if self.eat(T::Comma).is_none() {
                break;
            }
        }
        self.close(T::RBrace, open, "`,` or `}`")?;
        Ok(items)
    }

    /// The alternatives of a `case`, which must all bind the same names.
    pub(super) fn case_patterns(&mut self) -> Parse<Vec<CasePattern>> {
        let mut patterns = vec![self.case_pattern()?];
        while self.eat(T::Bar).is_some() {
            patterns.push(self.case_pattern()?);
        }
        let wanted = bound_names(&patterns[0]);
        if let Some(odd) = patterns
            .iter()
            .find(|pattern| bound_names(pattern) != wanted)
        {
            let known = self.faults.len();
            let (first, odd) = (patterns[0].span, odd.span);
            let help = "bind the same names in each alternative, or write two cases";
            self.fault(odd, "Alternatives of a case must bind the same names", help);
            self.relate(known, first, "the first alternative");
        }
        Ok(patterns)
    }

    fn case_pattern(&mut self) -> Parse<CasePattern> {
        let start = self.here();
        let kind = match self.kind() {
            T::Minus => {
                self.bump();
                match self.number_pattern() {
                    Some(CasePatternKind::Int(value)) => CasePatternKind::Int(-value),
                    Some(CasePatternKind::Float(value)) => CasePatternKind::Float(-value),
                    _ => return Err(self.expected("a number behind `-`")),
                }
            }
            T::Str => self.string_pattern()?,
            T::True => self.fixed_pattern(CasePatternKind::Bool(true)),
            T::False => self.fixed_pattern(CasePatternKind::Bool(false)),
            T::Null => self.fixed_pattern(CasePatternKind::Null),
            T::Ident => self.name_pattern()?,
            _ => match self.number_pattern() {
                Some(kind) => kind,
                None => return Err(self.expected("a pattern")),
            },
        };
        Ok(CasePattern {
            span: self.since(start),
            kind,
        })
    }

    fn fixed_pattern(&mut self, kind: CasePatternKind) -> CasePatternKind {
        self.bump();
        kind
    }

    fn number_pattern(&mut self) -> Option<CasePatternKind> {
        let kind = match self.token(0).value {
            Literal::Int(value) => CasePatternKind::Int(value),
            Literal::Float(value) => CasePatternKind::Float(value),
            _ => return None,
        };
        self.bump();
        Some(kind)
    }

    fn string_pattern(&mut self) -> Parse<CasePatternKind> {
        let span = self.here();
        match self.string() {
            ExprKind::Str(text) => Ok(CasePatternKind::Str(text)),
            ExprKind::Interpolated(_) => {
                let help = "match it in a guard: `case _ if v == \"${x}\" { }`";
                Err(self.fault(span, "A pattern cannot be an interpolated string", help))
            }
            _ => Err(Failed),
        }
    }

    /// `_`, `name`, `E::name`, each name with binders or without.
    fn name_pattern(&mut self) -> Parse<CasePatternKind> {
        let mut name = self.bump_name();
        let mut space = None;
        if self.eat(T::ColonColon).is_some() {
            space = Some(name);
            name = self.ident("the name of a variant")?;
        } else if &*name.text == "_" && !self.is_at(T::LParen) {
            return Ok(CasePatternKind::Any);
        }
        let mut binders = Vec::new();
        if let Some(open) = self.eat(T::LParen) {
            loop {
                binders.push(self.ident("a name to bind")?);
                if self.eat(T::Comma).is_none() {
                    break;
                }
            }
            self.close(T::RParen, open, "`,` or `)`")?;
        }
        Ok(CasePatternKind::Name {
            space,
            name,
            binders,
        })
    }

    /// The place that the target of an assignment stands for.
    pub(super) fn place(&mut self, target: Expr) -> Parse<Place> {
        let span = target.span;
        match target.kind {
            ExprKind::Name(text) => Ok(Place {
                span,
                root: Name { text, span },
                steps: Vec::new(),
            }),
            ExprKind::NoneValue => Ok(Place {
                span,
                root: Name {
                    text: self.intern(span),
                    span,
                },
                steps: Vec::new(),
            }),
            ExprKind::SelfValue => Err(self.assigned_self(span)),
            ExprKind::Postfix { base, steps } => {
                let root = match base.kind {
                    ExprKind::Name(text) => Name {
                        text,
                        span: base.span,
                    },
                    ExprKind::SelfValue => return Err(self.assigned_self(span)),
                    _ => {
                        return Err(
                            self.not_a_place(span, "the target must start with a variable's name")
                        );
                    }
                };
                let mut place = Vec::with_capacity(steps.len());
                for step in steps {
                    place.push(match step.kind {
                        PostfixKind::Field { name, optional: false } => PlaceStep::Field(name),
                        PostfixKind::Index(index) => PlaceStep::Index { span: step.span, index },
                        PostfixKind::Field { .. } => {
                            return Err(self.not_a_place(step.span, "`?.` only reads; test for null first, then assign to `.`"));
                        }
                        PostfixKind::Call(_) | PostfixKind::Method { .. } => {
                            let help = "a call gives a value, not a place; assign the result to a variable first";
                            return Err(self.not_a_place(step.span, help));
                        }
                        PostfixKind::Try => {
                            return Err(self.not_a_place(step.span, "unwrap the value into a variable first"));
                        }
                    });
                }
                Ok(Place {
                    span,
                    root,
                    steps: place,
                })
            }
            ExprKind::Unary { .. } | ExprKind::Binary { .. } | ExprKind::Logical { .. } => {
                Err(self.not_a_place(span, "to compare, write `==`"))
            }
            _ => Err(self.not_a_place(
                span,
                "a target is a name, followed by any number of `.field` and `[index]`",
            )),
        }
    }

    fn not_a_place(&mut self, span: Span, help: &str) -> Failed {
        self.fault(span, "Invalid assignment target", help)
    }

    fn assigned_self(&mut self, span: Span) -> Failed {
        let help = "change a copy and return it: `s := self; s.n := 1; return s`";
        self.fault(
            span,
            "Cannot assign to `self`: it is a read-only copy of the receiver",
            help,
        )
    }

    /// A string literal without interpolations.
    pub(super) fn plain_string(&mut self, what: &str) -> Parse<std::rc::Rc<str>> {
        let span = self.here();
        if !self.is_at(T::Str) {
            return Err(self.expected(&format!("{what}, a string")));
        }
        match self.string() {
            ExprKind::Str(text) => Ok(text),
            ExprKind::Interpolated(parts) => {
                debug_assert!(parts.iter().any(|part| matches!(part, StrPart::Expr(_))));
                let help = "write the text as it is; `\\$` stands for `$`";
                Err(self.fault(span, format!("Expected {what} without `${{…}}`"), help))
            }
            _ => Err(Failed),
        }
    }

    /// Whether an assignment operator is here that is not compound.
    pub(super) fn assign_op(&mut self) -> Parse<Span> {
        match self.kind() {
            T::ColonAssign | T::Assign => Ok(self.bump()),
            kind if kind.class() == Class::Assign => {
                let message = format!("Expected `:=` or `=`, found `{}`", kind.spelling());
                Err(self.fault(
                    self.here(),
                    message,
                    "a declaration has no old value to compute with; use `:=`",
                ))
            }
            _ => Err(self.expected("`:=` or `=`")),
        }
    }
}

/// The names a pattern binds.
fn bound_names(pattern: &CasePattern) -> BTreeSet<&str> {
    match &pattern.kind {
        CasePatternKind::Name { binders, .. } => binders
            .iter()
            .map(|name| &*name.text)
            .filter(|&name| name != "_")
            .collect(),
        _ => BTreeSet::new(),
    }
}
