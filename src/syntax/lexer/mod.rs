//! Text → tokens. In: a range of a file. Out: its tokens, ended by `Eof`, and the faults found. A faulty literal still
//! gives a token, so that one fault is reported once. Knows no grammar; the code inside a string is handed on as a span,
//! and the parser has it lexed when it gets there.

use crate::diag::{Code, Diagnostic};
use crate::source::{FileId, SourceMap, Span};

use super::token::{Literal, StrPiece, Token, TokenKind};

/// Identifiers have at most this many characters.
const MAX_IDENT: usize = 256;
/// String literals have at most this many characters between their quotes.
const MAX_STRING: usize = 8192;
/// Numeric literals have at most this many characters.
const MAX_NUMBER: usize = 512;

const INVALID_CHARACTER: Code = Code::lexer(1);
const NULL_BYTE: Code = Code::lexer(2);
const UNTERMINATED_STRING: Code = Code::lexer(3);
const UNTERMINATED_COMMENT: Code = Code::lexer(4);
const INVALID_ESCAPE: Code = Code::lexer(5);
const NUMBER_OVERFLOW: Code = Code::lexer(6);
const MALFORMED_NUMBER: Code = Code::lexer(7);
const IDENT_TOO_LONG: Code = Code::lexer(8);
const STRING_TOO_LONG: Code = Code::lexer(9);
const NUMBER_TOO_LONG: Code = Code::lexer(10);

/// Whether a fault of this code leaves text out of which no token, or a token of unknown extent, was made.
pub fn leaves_garbage(code: Code) -> bool {
    [
        INVALID_CHARACTER,
        NULL_BYTE,
        UNTERMINATED_STRING,
        UNTERMINATED_COMMENT,
    ]
    .contains(&code)
}

/// The tokens of a whole file; what is wrong with it is added to `faults`.
pub fn lex(map: &SourceMap, file: FileId, faults: &mut Vec<Diagnostic>) -> Vec<Token> {
    let end = map.file(file).text().len() as u32;
    lex_span(map, Span::new(file, 0, end), faults)
}

/// The tokens of a part of a file.
pub fn lex_span(map: &SourceMap, span: Span, faults: &mut Vec<Diagnostic>) -> Vec<Token> {
    let text = &map.file(span.file).text()[..span.end as usize];
    let mut lexer = Lexer {
        text,
        file: span.file,
        at: span.start as usize,
        fresh_line: true,
        tokens: Vec::new(),
        faults,
    };
    while lexer.skip_blanks() {
        lexer.token();
        lexer.fresh_line = false;
    }
    let end = lexer.text.len();
    lexer.push(TokenKind::Eof, end, Literal::None);
    lexer.tokens
}

struct Lexer<'a> {
    /// The text up to the end of the part to lex.
    text: &'a str,
    file: FileId,
    at: usize,
    /// Whether no token has been seen on the current line.
    fresh_line: bool,
    tokens: Vec<Token>,
    faults: &'a mut Vec<Diagnostic>,
}

impl Lexer<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(self.file, start as u32, self.at as u32)
    }

    /// Adds the token that starts at `start` and ends here.
    fn push(&mut self, kind: TokenKind, start: usize, value: Literal) {
        let span = self.span_from(start);
        self.tokens.push(Token {
            kind,
            first_on_line: self.fresh_line,
            span,
            value,
        });
    }

    /// Reports a fault of the text from `start` to here.
    fn fault(&mut self, code: Code, start: usize, message: impl Into<String>, help: &str) {
        let span = self.span_from(start);
        self.faults
            .push(Diagnostic::error(code, span, message).help(help));
    }

    fn skip_while(&mut self, accept: impl Fn(char) -> bool) {
        let rest = &self.text[self.at..];
        self.at += rest.find(|c| !accept(c)).unwrap_or(rest.len());
    }

    /// Skips white space and comments; false at the end of the text.
    fn skip_blanks(&mut self) -> bool {
        while let Some(byte) = self.byte(0) {
            match byte {
                b'\n' | b'\r' => {
                    self.fresh_line = true;
                    self.at += 1;
                }
                b' ' | b'\t' => self.at += 1,
                b'#' => self.skip_while(|c| c != '\n' && c != '\r'),
                b'/' if self.byte(1) == Some(b'/') => self.skip_while(|c| c != '\n' && c != '\r'),
                b'/' if self.byte(1) == Some(b'*') => self.block_comment(),
                _ => return true,
            }
        }
        false
    }

    fn block_comment(&mut self) {
        let start = self.at;
        match self.text[start + 2..].find("*/") {
            Some(len) => {
                self.fresh_line |= self.text[start..start + 2 + len].contains(['\n', '\r']);
                self.at = start + len + 4;
            }
            None => {
                self.at = start + 2;
                self.fault(
                    UNTERMINATED_COMMENT,
                    start,
                    "Unterminated block comment",
                    "close it with `*/`; block comments do not nest",
                );
                self.at = self.text.len();
            }
        }
    }

    /// Lexes one token, or reports the character that starts none.
    fn token(&mut self) {
        match self.peek() {
            Some(c) if c.is_ascii_alphabetic() || c == '_' => self.word(),
            Some(c) if c.is_ascii_digit() => self.number(),
            Some('"') => self.string(),
            Some(c) => {
                let start = self.at;
                let symbol = (1..=3).rev().find_map(|len| {
                    let text = self.text.as_bytes().get(start..start + len)?;
                    Some((TokenKind::symbol(text)?, len))
                });
                match symbol {
                    Some((kind, len)) => {
                        self.at += len;
                        self.push(kind, start, Literal::None);
                    }
                    None => self.invalid_character(c),
                }
            }
            None => {}
        }
    }

    fn word(&mut self) {
        let start = self.at;
        self.skip_while(is_ident_part);
        let text = &self.text[start..self.at];
        if text.len() > MAX_IDENT && text.chars().count() > MAX_IDENT {
            self.fault(
                IDENT_TOO_LONG,
                start,
                format!("Identifier is longer than {MAX_IDENT} characters"),
                "choose a shorter name",
            );
        }
        self.push(
            TokenKind::word(text).unwrap_or(TokenKind::Ident),
            start,
            Literal::None,
        );
    }

    fn number(&mut self) {
        let start = self.at;
        self.skip_while(|c| c.is_ascii_digit());
        let float = self.byte(0) == Some(b'.') && self.byte(1).is_some_and(|b| b.is_ascii_digit());
        if float {
            self.at += 1;
            self.skip_while(|c| c.is_ascii_digit());
        }
        let digits = self.at;
        self.skip_while(is_ident_part);
        let text = &self.text[start..self.at];
        let int = text.parse::<i64>().ok();
        let value = text.parse::<f64>().ok().filter(|value| value.is_finite());
        if text.len() > MAX_NUMBER {
            let message = format!("Numeric literal is longer than {MAX_NUMBER} characters");
            self.fault(
                NUMBER_TOO_LONG,
                start,
                message,
                "compute the number, or write fewer digits",
            );
        } else if self.at > digits {
            let message = format!("Malformed numeric literal: {text}");
            let help = malformed_number_help(&text[..digits - start], &text[digits - start..]);
            self.fault(MALFORMED_NUMBER, start, message, &help);
        } else if (float && value.is_none()) || (!float && int.is_none()) {
            let message = format!("Numeric literal overflow: {text}");
            let help = if float {
                "the largest float is about 1.8 * pow(10, 308)"
            } else if text == "9223372036854775808" {
                "write the smallest int as `-9223372036854775807 - 1`"
            } else {
                "ints have 64 bits, up to 9223372036854775807; with `.0` it is a float"
            };
            self.fault(NUMBER_OVERFLOW, start, message, help);
        }
        if float {
            self.push(
                TokenKind::Float,
                start,
                Literal::Float(value.unwrap_or(0.0)),
            );
        } else {
            self.push(TokenKind::Int, start, Literal::Int(int.unwrap_or(0)));
        }
    }

    fn string(&mut self) {
        let start = self.at;
        self.at += 1;
        let mut pieces = Vec::new();
        let mut text = String::new();
        loop {
            let at = self.at;
            match self.peek() {
                None | Some('\n' | '\r') => {
                    let (message, help) = (
                        "Unterminated string literal",
                        "close it with `\"` on the same line; a line end inside is `\\n`",
                    );
                    self.fault(UNTERMINATED_STRING, start, message, help);
                    break;
                }
                Some('"') => {
                    self.at += 1;
                    self.check_string_length(start);
                    break;
                }
                Some('\\') => self.escape(&mut text),
                Some('$') if self.byte(1) == Some(b'{') => {
                    self.at += 2;
                    let Some(code) = self.interpolation() else {
                        let (message, help) = (
                            "Unterminated interpolated string expression",
                            "close it with `}`, or write `\\$` for a plain `$`",
                        );
                        self.at = at + 2;
                        self.fault(UNTERMINATED_STRING, at, message, help);
                        self.skip_while(|c| c != '\n' && c != '\r');
                        break;
                    };
                    if !text.is_empty() {
                        pieces.push(StrPiece::Text(std::mem::take(&mut text)));
                    }
                    pieces.push(StrPiece::Code(code));
                }
                Some('\0') => {
                    self.at += 1;
                    self.null_byte(at);
                }
                Some(c) => {
                    self.at += c.len_utf8();
                    text.push(c);
                }
            }
        }
        if !text.is_empty() {
            pieces.push(StrPiece::Text(text));
        }
        self.push(TokenKind::Str, start, Literal::Str(pieces));
    }

    fn check_string_length(&mut self, start: usize) {
        if self.at - start > MAX_STRING
            && self.text[start + 1..self.at - 1].chars().count() > MAX_STRING
        {
            let message = format!("String literal is longer than {MAX_STRING} characters");
            self.fault(
                STRING_TOO_LONG,
                start,
                message,
                "join shorter strings with `+`",
            );
        }
    }

    /// Reads the escape at the backslash here into `text`.
    fn escape(&mut self, text: &mut String) {
        let start = self.at;
        self.at += 1;
        let Some(c) = self.peek().filter(|&c| c != '\n' && c != '\r') else {
            return;
        };
        self.at += c.len_utf8();
        match c {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            '\\' | '"' | '$' => text.push(c),
            _ => {
                let message = format!("Invalid escape sequence: \\\\{c}");
                self.fault(
                    INVALID_ESCAPE,
                    start,
                    message,
                    "the escapes are \\n \\t \\r \\\\ \\\" \\$; write `\\\\` for a backslash",
                );
            }
        }
    }

    /// Skips the code behind `${` and its closing brace; none if the line ends first.
    fn interpolation(&mut self) -> Option<Span> {
        let start = self.at;
        let mut depth = 0u32;
        loop {
            match self.byte(0)? {
                b'\n' | b'\r' => return None,
                b'{' => depth += 1,
                b'}' if depth == 0 => break,
                b'}' => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
        let code = self.span_from(start);
        self.at += 1;
        Some(code)
    }

    fn null_byte(&mut self, start: usize) {
        self.fault(
            NULL_BYTE,
            start,
            "Null byte is not allowed in source",
            "remove the byte; is this a text file?",
        );
    }

    /// Reports a character that starts no token. What follows a letter is taken as a name, as was surely meant.
    fn invalid_character(&mut self, c: char) {
        let start = self.at;
        self.at += c.len_utf8();
        if c == '\0' {
            return self.null_byte(start);
        }
        self.fault(
            INVALID_CHARACTER,
            start,
            format!("Invalid character: '{c}'"),
            invalid_character_help(c),
        );
        if c.is_alphanumeric() {
            self.skip_while(is_ident_part);
            self.push(TokenKind::Ident, start, Literal::None);
        }
    }
}

fn is_ident_part(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn invalid_character_help(c: char) -> &'static str {
    match c {
        '\'' | '`' => "strings are written in double quotes: \"text\"",
        '“' | '”' | '„' | '«' | '»' | '‘' | '’' => {
            "this quotation mark is not `\"`; strings are written \"text\""
        }
        '^' => "there is no operator `^`; use `bit_xor(a, b)`, or `pow(a, b)` for powers",
        '~' => "there is no operator `~`; use `bit_not(a)`",
        '@' => "Ruff has no decorators or annotations",
        '$' => "`$` has a meaning only inside strings: \"${name}\"",
        '\\' => {
            "lines need no continuation mark; an expression goes on where an operator starts the next line"
        }
        '−' | '–' | '—' => "this dash is not the operator `-`",
        '\u{a0}' | '\u{200b}' | '\u{feff}' | '\u{3000}' | '\u{2028}' => {
            "replace this invisible character by a blank"
        }
        c if c.is_alphanumeric() => {
            "a name starts with an ASCII letter or `_`; other letters may follow"
        }
        _ => "remove it, or put it into a string",
    }
}

/// Advice for the number `digits` that is followed by `tail`.
fn malformed_number_help(digits: &str, tail: &str) -> String {
    let (first, rest) = tail.split_at(tail.chars().next().map_or(0, char::len_utf8));
    match first {
        "e" | "E" if rest.bytes().all(|b| b.is_ascii_digit()) && !digits.contains('.') => {
            match rest.parse::<usize>() {
                Ok(zeros @ 0..=18) => format!(
                    "there are no exponents; write `{digits}{}.0`",
                    "0".repeat(zeros)
                ),
                _ => format!("there are no exponents; write `{digits} * pow(10, n)`"),
            }
        }
        "e" | "E" => format!("there are no exponents; write `{digits} * pow(10, n)`"),
        "_" => format!(
            "write the digits without `_`: `{digits}{}`",
            tail.replace('_', "")
        ),
        "x" | "X" | "o" | "b" if digits == "0" => match i64::from_str_radix(rest, radix(first)) {
            Ok(value) => format!("numbers are written in decimal: `{value}`"),
            Err(_) => "numbers are written in decimal".to_owned(),
        },
        "f" | "F" if rest.is_empty() && !digits.contains('.') => {
            format!("numbers have no suffix; the float is `{digits}.0`")
        }
        _ => format!(
            "put a blank or an operator behind `{digits}`; a name cannot start with a digit"
        ),
    }
}

fn radix(letter: &str) -> u32 {
    match letter {
        "b" => 2,
        "o" => 8,
        _ => 16,
    }
}

#[cfg(test)]
mod tests;
