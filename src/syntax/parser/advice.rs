//! Advice for common mistakes: habits from other languages, forgotten braces. It looks at the tokens around the one that
//! did not fit and never decides whether something is an error.

use crate::syntax::token::{Class, Token, TokenKind as T};

use super::Parser;

/// Words that other languages have where Ruff has something else.
const FOREIGN_WORDS: &[(&str, &str)] = &[
    ("and", "the operator is `&&`"),
    ("or", "the operator is `||`"),
    ("not", "the operator is `!`"),
    ("elif", "write `else if`"),
    ("elseif", "write `else if`"),
    ("elsif", "write `else if`"),
    ("unless", "write `if !(…) { }`"),
    ("until", "write `while !(…) { }`"),
    ("do", "write `loop { … if done { break } }`"),
    ("foreach", "write `for x in xs { }`"),
    ("switch", "write `match v { case 1 { } default { } }`"),
    ("when", "write `match v { case 1 { } default { } }`"),
    (
        "catch",
        "an error is caught by `except`: `try { } except e { }`",
    ),
    (
        "finally",
        "there is no `finally`; write the code behind the `try` statement",
    ),
    ("fn", "functions are defined with `func`"),
    ("fun", "functions are defined with `func`"),
    ("def", "functions are defined with `func`"),
    ("function", "functions are defined with `func`"),
    ("var", "write `mut x := value`, or just `x := value`"),
    ("val", "write `let x := value`"),
    ("class", "write `struct Name { fields and methods }`"),
    ("then", "a body stands in braces: `if c { }`"),
    (
        "as",
        "there is no renaming; import the name and assign it to another",
    ),
    (
        "is",
        "compare with `==`, and types with `type(x) == \"int\"`",
    ),
    ("new", "write a struct literal: `Name { field: value }`"),
    ("extends", "structs have no inheritance"),
];

/// The advice where nothing more special is known.
pub(super) fn general(expected: &str) -> String {
    match expected {
        "an expression" => {
            "an expression is a literal, a name, a call, or operators with their operands".into()
        }
        "a statement" => {
            "a statement starts with a name, a keyword, a literal or an opening bracket".into()
        }
        _ if expected.ends_with("to open the body of the function") => {
            "write the body in braces: `func f(x) { return x }`".into()
        }
        _ if expected.contains("to open the body") => {
            "a body is always a block in braces: `{ … }`".into()
        }
        "a type" => {
            "a type is a name, `name<type>`, `func(type) -> type`, with `[]` or `?` behind".into()
        }
        "a pattern" => "a pattern is a literal, `_`, or a name like `Ok(x)` or `Color::Red`".into(),
        "a name or a pattern" => "a declaration needs a name: `let x := 1`".into(),
        _ if expected.starts_with('`') => format!("write {expected} here"),
        _ => format!("{expected} must stand here"),
    }
}

impl Parser<'_> {
    /// The token `back` before the current one.
    fn before(&self, back: usize) -> Option<&Token> {
        self.at.checked_sub(back).map(|at| &self.tokens[at])
    }

    fn kind_before(&self, back: usize) -> T {
        self.before(back).map_or(T::Eof, |token| token.kind)
    }

    /// Whether the current token touches the one before it.
    fn touches(&self) -> bool {
        self.before(1)
            .is_some_and(|token| token.span.end == self.here().start)
    }

    fn foreign(&self, token: &Token) -> Option<&'static str> {
        let text = if token.kind == T::Ident {
            self.text(token.span)
        } else {
            return None;
        };
        FOREIGN_WORDS
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, advice)| *advice)
    }

    /// Advice about the current token, which is not what the grammar wants.
    pub(super) fn advice(&self) -> Option<String> {
        self.operator_advice()
            .or_else(|| self.line_advice())
            .or_else(|| self.bracket_advice())
            .or_else(|| self.word_advice())
    }

    /// Operators that Ruff does not have, which arrive here in two tokens.
    fn operator_advice(&self) -> Option<String> {
        let last = self.kind_before(1);
        let advice = match (last, self.kind()) {
            (T::Plus, T::Plus) if self.touches() => "there is no `++`; write `x += 1`",
            (T::Minus, _) if self.kind_before(2) == T::Minus => "there is no `--`; write `x -= 1`",
            (T::Star, T::Star) if self.touches() => "there is no `**`; use `pow(a, b)`",
            (T::Dot, T::Dot) => "there is no `..`; use `range(a, b)`, or `slice(a, from, to)`",
            (T::EqEq | T::NotEq, T::Assign) if self.touches() => {
                "there is no `===`; `==` never converts strings"
            }
            (T::Assign | T::Minus, T::Gt) if self.touches() => {
                "there is no `=>`; a function is `func(x) { return x }`"
            }
            (T::Lt, T::Gt) if self.touches() => "unequal is `!=`",
            (T::Lt, T::Lt) | (T::Gt, T::Gt) => {
                "there are no shift operators; use `bit_shl(a, n)`, `bit_shr(a, n)`"
            }
            (_, T::And) => "there is no `&`; logic is `&&`, bits are `bit_and(a, b)`",
            (_, T::Bar) => "there is no `|` between values; logic is `||`, bits are `bit_or(a, b)`",
            (_, T::Bang) => "unequal is `!=`, and `!x` negates",
            (_, T::Arrow) => {
                "`->` only stands before a result type; a function is `func(x) { return x }`"
            }
            (_, T::Ge) if self.nth(1).class() != Class::Symbol && last == T::IntWord => {
                "put a blank between `>` and `=`"
            }
            (_, T::Dot) if self.nth(1) == T::Int => {
                "a float has digits on both sides of the point: `0.5`"
            }
            (_, T::Plus) => "there is no prefix `+`",
            _ => return None,
        };
        Some(advice.into())
    }

    /// Mistakes that show in how the current line begins or goes on.
    fn line_advice(&self) -> Option<String> {
        let line: Vec<T> = self.line_so_far().iter().map(|token| token.kind).collect();
        let first = line.first().copied().unwrap_or(T::Eof);
        let advice = match self.kind() {
            T::Colon if line.contains(&T::Question) => {
                "there is no `c ? a : b`; use `if` and `else` statements"
            }
            T::Colon if line == [T::Ident] => {
                "a variable with a type is declared by `let`, `mut` or `const`: `let x: int := 1`"
            }
            T::Assign | T::ColonAssign if matches!(first, T::If | T::While) => {
                "to compare, write `==`"
            }
            T::Assign | T::ColonAssign if first == T::Func => {
                "parameters have no default values, and a body stands in braces"
            }
            T::LParen if line == [T::For] => {
                "write `for x in e { }`; to count, `for i in range(a, b) { }` or `while`"
            }
            T::Comma if line.starts_with(&[T::For, T::Ident]) => {
                "to count along, write `for pair in enumerate(xs) { let [i, x] := pair … }`"
            }
            T::Dot if line == [T::Import, T::Ident] => "write `from a.b import name`",
            T::Str if matches!(line[..], [T::Import] | [T::From]) => {
                "write the name of the module without quotes"
            }
            T::Star if line.contains(&T::Import) => "`import m` binds every exported name",
            T::LParen if line == [T::Func] || line == [T::Async, T::Func] => {
                "a function without a name is an expression: `f := func(x) { }`"
            }
            T::Ident if line == [T::Async, T::Func] => "write `async func name() { }`",
            _ => return None,
        };
        Some(advice.into())
    }

    /// The tokens between the last line start and the current one; of a long line the last few.
    fn line_so_far(&self) -> &[Token] {
        let earliest = self.at.saturating_sub(64);
        let starts = |&at: &usize| self.tokens[at].first_on_line;
        let start = (earliest..self.at).rev().find(starts).unwrap_or(earliest);
        &self.tokens[start..self.at]
    }

    /// Mistakes inside brackets.
    fn bracket_advice(&self) -> Option<String> {
        let open = self.open_bracket();
        let advice = match (open, self.kind()) {
            (Some(T::LParen), T::Ellipsis) => "a call takes no spread; pass the array itself",
            (Some(T::LParen), T::Assign | T::ColonAssign | T::Colon) => {
                "arguments are passed by position, and have no names"
            }
            (Some(T::LBracket), T::Colon) => {
                "there is no slice syntax; use `slice(a, from, to)`, or `substring(s, from, to)`"
            }
            (Some(T::LBrace), T::Assign | T::ColonAssign) => {
                "entries and fields are written `key: value`; a `{` here never opens a block (write `if true { }`)"
            }
            (Some(T::LBrace), T::LParen) => {
                "an enum declares names only; values are given where it is used: `E::V(1)`"
            }
            (Some(T::LBrace), T::Semicolon | T::RBrace | T::Ident)
                if self.kind_before(1) != T::Comma =>
            {
                "separate entries by `,` and write `key: value`; a block stands only behind `if`, `while` and the like"
            }
            (Some(_), T::Ident | T::Str | T::Int | T::Float) => "a comma or an operator is missing",
            (Some(_), T::Eof) => "a bracket is not closed",
            (Some(_), kind) if kind.starts_statement() && self.token(0).first_on_line => {
                "a bracket of the statement before is not closed"
            }
            _ => return None,
        };
        Some(advice.into())
    }

    /// The innermost bracket that is open here, looking back over at most a screenful of tokens.
    fn open_bracket(&self) -> Option<T> {
        let mut closed = 0;
        for token in self.tokens[..self.at].iter().rev().take(400) {
            match token.kind.class() {
                Class::Close => closed += 1,
                Class::Open if closed == 0 => return Some(token.kind),
                Class::Open => closed -= 1,
                _ => {}
            }
        }
        None
    }

    /// Words from other languages, and reserved words as names.
    fn word_advice(&self) -> Option<String> {
        let nearby = self.line_so_far().iter().rev().chain([self.token(0)]);
        if let Some(advice) = nearby.filter_map(|token| self.foreign(token)).next() {
            return Some(advice.into());
        }
        let advice = match self.kind() {
            T::IntWord | T::FloatWord | T::StringWord | T::BoolWord if self.nth(1) == T::LParen => {
                return Some(format!(
                    "`{0}` names a type; to convert, call `to_{0}(x)`",
                    self.kind().spelling()
                ));
            }
            T::Impl => "methods are written inside `struct Name { }`",
            T::Case | T::Default => {
                "`case` and `default` stand inside `match v { }`, `default` last"
            }
            T::Else => "`else` follows the `}` of an `if`",
            T::Except => "`except` follows the `}` of a `try`",
            T::In => "`in` belongs to `for x in e { }`; to search, call `contains(xs, x)`",
            T::If | T::Match
                if self.kind_before(1).class() == Class::Assign
                    || self.kind_before(1) == T::Return =>
            {
                "`if` and `match` are statements without a value; assign inside their blocks"
            }
            T::RBrace | T::RParen | T::RBracket => {
                "a bracket is closed that was not opened, or something before it is missing"
            }
            T::Question => "`?` follows a result or an option",
            kind if kind.is_word() => {
                return Some(format!(
                    "`{}` is a reserved word; choose another name",
                    kind.spelling()
                ));
            }
            kind if kind.class() == Class::Assign => {
                "only a name, a field or an element can be assigned"
            }
            _ => return None,
        };
        Some(advice.into())
    }
}
