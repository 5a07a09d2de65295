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

const TERNARY: &str = "there is no `c ? a : b`; use `if` and `else` statements";

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
        "`func` behind `async`" => "`async` stands before `func` only".into(),
        "a parameter's name" => {
            "parameters are names with an optional type: `func f(a, b: int) { }`".into()
        }
        "a variant's name" => "variants are plain names: `enum Color { Red, Green }`".into(),
        "a pattern" => "a pattern is a literal, `_`, or a name like `Ok(x)` or `Color::Red`".into(),
        "a name or a pattern" => "a declaration needs a name: `let x := 1`".into(),
        "`:=` or `=`" => "a declaration needs a value: `let x := null`".into(),
        _ => format!("write {expected} here"),
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
    pub(super) fn advice(&self, expected: &str) -> Option<String> {
        let operand = matches!(expected, "an expression" | "a statement");
        let separator = expected.starts_with("`,` or");
        self.operator_advice()
            .or_else(|| self.line_advice())
            .or_else(|| self.bracket_advice())
            .or_else(|| {
                if separator {
                    self.separator_advice()
                } else {
                    None
                }
            })
            .or_else(|| self.word_advice(expected))
            .or_else(|| if operand { self.operand_advice() } else { None })
            .map(str::to_owned)
            .or_else(|| self.name_advice())
    }

    /// Operators that Ruff does not have, which arrive here in two tokens.
    fn operator_advice(&self) -> Option<&'static str> {
        let last = self.kind_before(1);
        let advice = match (last, self.kind()) {
            (T::Plus, T::Plus) if self.touches() => "there is no `++`; write `x += 1`",
            (T::Minus, _) if self.kind_before(2) == T::Minus => "there is no `--`; write `x -= 1`",
            (T::Star, T::Star) if self.touches() => "there is no `**`; use `pow(a, b)`",
            (T::Dot, T::Dot) => "there is no `..`; use `range(a, b)`, or `slice(a, from, to)`",
            (T::EqEq | T::NotEq, T::Assign) if self.touches() => {
                "there is no `===`; `==` never converts strings"
            }
            (_, T::Assign) if self.nth(1) == T::Gt => {
                "there is no `=>`; a function is `func(x) { return x }`, and a case `case 1 { }`"
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
            _ => return None,
        };
        Some(advice)
    }

    /// Mistakes that show in how the current line begins or goes on.
    fn line_advice(&self) -> Option<&'static str> {
        let line: Vec<T> = self.line_so_far().iter().map(|token| token.kind).collect();
        let first = line.first().copied().unwrap_or(T::Eof);
        let advice = match self.kind() {
            T::Colon if line.contains(&T::Question) => TERNARY,
            T::Colon if matches!(first, T::If | T::While | T::For | T::Match | T::Loop) => {
                "between a keyword and its block, write a struct literal in parentheses: `(P { x: 1 })`"
            }
            T::Colon if line == [T::Ident] => {
                "a variable with a type is declared by `let`, `mut` or `const`: `let x: int := 1`"
            }
            T::Assign | T::ColonAssign if matches!(first, T::If | T::While) => {
                "to compare, write `==`"
            }
            T::Assign | T::ColonAssign if first == T::Func => {
                "parameters have no default values, and a body stands in braces: `{ return x }`"
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
        Some(advice)
    }

    /// The tokens between the last line start and the current one; of a long line the last few.
    fn line_so_far(&self) -> &[Token] {
        let earliest = self.at.saturating_sub(64);
        let starts = |&at: &usize| self.tokens[at].first_on_line;
        let start = (earliest..self.at).rev().find(starts).unwrap_or(earliest);
        &self.tokens[start..self.at]
    }

    /// Mistakes inside brackets.
    fn bracket_advice(&self) -> Option<&'static str> {
        let open = self.open_bracket()?;
        let advice = match (open, self.kind()) {
            (T::LParen, T::Ellipsis) => "a call takes no spread; pass the array itself",
            (T::LParen, T::Assign | T::ColonAssign | T::Colon) => {
                "arguments are passed by position, and have no names"
            }
            (T::LBracket, T::Colon) => {
                "there is no slice syntax; use `slice(a, from, to)`, or `substring(s, from, to)`"
            }
            (T::LBrace, T::Assign) => "entries and fields are written `key: value`",
            (T::LBrace, T::ColonAssign) => {
                "a `{` here opens a dict, never a block; entries are written `key: value`, a block `if true { }`"
            }
            (_, kind) if kind.starts_statement() && self.token(0).first_on_line => {
                "a bracket of the statement before is not closed"
            }
            _ => return None,
        };
        Some(advice)
    }

    /// Mistakes where a separator or a closing bracket should be.
    fn separator_advice(&self) -> Option<&'static str> {
        if let Some(advice) = self.foreign(self.token(0)) {
            return Some(advice);
        }
        let advice = match self.kind() {
            T::LParen if self.open_bracket() == Some(T::LBrace) => {
                "an enum declares names only; values are given where it is used: `E::V(1)`"
            }
            T::Ident | T::Str | T::Int | T::Float if self.kind_before(1) == T::Question => TERNARY,
            T::Ident | T::Str | T::Int | T::Float if self.token(0).first_on_line => {
                "a comma is missing, or the bracket on the line before is not closed"
            }
            T::Ident | T::Str | T::Int | T::Float => "a comma or an operator is missing",
            T::Semicolon => "items are separated by `,`",
            T::Eof => "a bracket is not closed",
            T::LBrace => "the `(` is not closed",
            _ => return None,
        };
        Some(advice)
    }

    /// The innermost bracket that is open here, looking back over at most a hundred tokens.
    fn open_bracket(&self) -> Option<T> {
        let mut closed = 0;
        for token in self.tokens[..self.at].iter().rev().take(100) {
            match token.kind.class() {
                Class::Close => closed += 1,
                Class::Open if closed == 0 => return Some(token.kind),
                Class::Open => closed -= 1,
                _ => {}
            }
        }
        None
    }

    /// Words from other languages, and reserved words out of place.
    fn word_advice(&self, expected: &str) -> Option<&'static str> {
        let nearby = self.line_so_far().iter().rev().chain([self.token(0)]);
        if let Some(advice) = nearby.filter_map(|token| self.foreign(token)).next() {
            return Some(advice);
        }
        let advice = match self.kind() {
            T::Impl => "methods are written inside `struct Name { }`",
            T::Case | T::Default if !expected.contains("name") => {
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
            _ => return None,
        };
        Some(advice)
    }

    /// Tokens with which no expression and no statement starts.
    fn operand_advice(&self) -> Option<&'static str> {
        let advice = match self.kind() {
            T::Plus => "there is no prefix `+`",
            T::RBrace | T::RParen | T::RBracket
                if matches!(self.kind_before(1).class(), Class::Symbol | Class::Open) =>
            {
                "something is missing before this bracket"
            }
            T::RBrace | T::RParen | T::RBracket => "this bracket closes none that is open",
            kind if kind.starts_statement() => "statements have no value; only expressions do",
            T::Question => "`?` follows a result or an option",
            kind if kind.class() == Class::Assign => {
                "only a name, a field or an element can be assigned"
            }
            _ => return None,
        };
        Some(advice)
    }

    /// Reserved words as names.
    fn name_advice(&self) -> Option<String> {
        let word = self.kind().spelling();
        match self.kind() {
            T::IntWord | T::FloatWord | T::StringWord | T::BoolWord if self.nth(1) == T::LParen => {
                Some(format!(
                    "`{word}` names a type; to convert, call `to_{word}(x)`"
                ))
            }
            kind if kind.is_word() => {
                Some(format!("`{word}` is a reserved word; choose another name"))
            }
            _ => None,
        }
    }
}
