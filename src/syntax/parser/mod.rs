//! Tokens → syntax tree, by recursive descent. In: a file. Out: its tree and all its faults. A statement that fails is
//! left out, and parsing goes on where the next one seems to start. Nesting is limited, and what nests without brackets
//! is parsed by loops, so the native stack is safe whatever the source.
//!
//! Here: the cursor over the tokens, contexts, reports, recovery. The grammar is in `stmt`, `decl`, `expr`, `primary`,
//! `pattern` and `types`; the advice for common mistakes is in `advice`.

mod advice;
mod decl;
mod expr;
mod pattern;
mod primary;
mod stmt;
#[cfg(test)]
mod tests;
mod types;

use std::collections::BTreeSet;
use std::rc::Rc;

use rustc_hash::FxHashSet;

use crate::diag::{Code, Diagnostic, Label};
use crate::source::{FileId, MAX_SOURCE_BYTES, SourceMap, Span};

use super::ast::{Block, File, Name};
use super::lexer;
use super::token::{Class, Token, TokenKind};

/// Expressions, patterns and types may nest this deep.
const MAX_EXPR_DEPTH: u32 = 256;
/// Blocks may nest this deep.
const MAX_BLOCK_DEPTH: u32 = 128;

/// Parses a file. The tree is complete if there are no diagnostics; these are in the order of their places.
pub fn parse(map: &SourceMap, file: FileId) -> (File, Vec<Diagnostic>) {
    let source = map.file(file);
    if source.size() > MAX_SOURCE_BYTES {
        let message = format!("Source file is too large: {} bytes", source.size());
        let fault = Diagnostic::error(Code::PARSE, Span::new(file, 0, 0), message)
            .help(format!("a file has at most {MAX_SOURCE_BYTES} bytes; move parts into modules, and data into data files"));
        return (
            File {
                file,
                body: Vec::new(),
            },
            vec![fault],
        );
    }
    let mut parser = Parser::new(map, file);
    let body = parser.stmts();
    let mut faults = parser.faults;
    faults.sort_by_key(|fault| fault.span.map(|span| span.start));
    (File { file, body }, faults)
}

/// The mark of a syntax error that has been reported.
struct Failed;

type Parse<T> = Result<T, Failed>;

/// What the brackets and keywords around the current place say about it.
#[derive(Clone, Copy)]
struct Context {
    /// Whether a `(` or `[` that is first on its line starts a new statement.
    newlines_matter: bool,
    /// Whether `name {` may open a struct literal.
    struct_literals: bool,
}

impl Context {
    /// Directly in a block.
    const BLOCK: Context = Context {
        newlines_matter: true,
        struct_literals: true,
    };
    /// Inside parentheses, brackets, and the braces of dict and struct literals.
    const BRACKETS: Context = Context {
        newlines_matter: false,
        struct_literals: true,
    };
}

struct Parser<'m> {
    map: &'m SourceMap,
    /// The tokens, ended by `Eof`.
    tokens: Vec<Token>,
    /// The current token.
    at: usize,
    context: Context,
    expr_depth: u32,
    block_depth: u32,
    faults: Vec<Diagnostic>,
    /// Where the last syntax error was reported: a second one at the same place is a consequence of the first.
    last_fault: Option<u32>,
    /// Where text ends of which the lexer could make nothing: a syntax error there is a consequence.
    garbled: BTreeSet<u32>,
    /// The names seen so far, to share their texts.
    names: FxHashSet<Rc<str>>,
}

impl<'m> Parser<'m> {
    fn new(map: &'m SourceMap, file: FileId) -> Parser<'m> {
        let mut faults = Vec::new();
        let tokens = lexer::lex(map, file, &mut faults);
        Parser {
            map,
            garbled: garbled(&faults).collect(),
            tokens,
            at: 0,
            context: Context::BLOCK,
            expr_depth: 0,
            block_depth: 0,
            faults,
            last_fault: None,
            names: FxHashSet::default(),
        }
    }

    // -- The cursor

    /// The token `ahead` of the current one; the last one beyond the end.
    fn token(&self, ahead: usize) -> &Token {
        &self.tokens[(self.at + ahead).min(self.tokens.len() - 1)]
    }

    fn kind(&self) -> TokenKind {
        self.tokens[self.at].kind
    }

    fn nth(&self, ahead: usize) -> TokenKind {
        self.token(ahead).kind
    }

    fn is_at(&self, kind: TokenKind) -> bool {
        self.kind() == kind
    }

    fn is_at_assignment(&self) -> bool {
        self.kind().class() == Class::Assign
    }

    /// The span of the current token.
    fn here(&self) -> Span {
        self.tokens[self.at].span
    }

    /// The span of the token before the current one.
    fn last(&self) -> Span {
        self.tokens[self.at.saturating_sub(1)].span
    }

    /// From the start of `first` to the end of what has been consumed.
    fn since(&self, first: Span) -> Span {
        if self.at == 0 {
            first
        } else {
            first.to(self.last())
        }
    }

    /// Consumes the current token, unless it is `Eof`, and gives its span.
    fn bump(&mut self) -> Span {
        let span = self.here();
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
        span
    }

    fn eat(&mut self, kind: TokenKind) -> Option<Span> {
        self.is_at(kind).then(|| self.bump())
    }

    /// Consumes a token of this kind, or reports that `expected` is missing.
    fn expect(&mut self, kind: TokenKind, expected: &str) -> Parse<Span> {
        match self.eat(kind) {
            Some(span) => Ok(span),
            None => Err(self.expected(expected)),
        }
    }

    /// Consumes the bracket that closes the one at `open`, or reports that `expected` is missing.
    fn close(&mut self, kind: TokenKind, open: Span, expected: &str) -> Parse<Span> {
        if let Some(span) = self.eat(kind) {
            return Ok(span);
        }
        let known = self.faults.len();
        let failed = self.expected(expected);
        self.relate(known, open, "opened here");
        Err(failed)
    }

    fn text(&self, span: Span) -> &'m str {
        self.map.text(span)
    }

    /// The shared text of the token at `span`.
    fn intern(&mut self, span: Span) -> Rc<str> {
        let text = self.text(span);
        if let Some(known) = self.names.get(text) {
            return known.clone();
        }
        let new: Rc<str> = text.into();
        self.names.insert(new.clone());
        new
    }

    /// Consumes the current token as a name, whatever it is.
    fn bump_name(&mut self) -> Name {
        let span = self.bump();
        Name {
            text: self.intern(span),
            span,
        }
    }

    /// An identifier.
    fn ident(&mut self, expected: &str) -> Parse<Name> {
        if self.is_at(TokenKind::Ident) {
            Ok(self.bump_name())
        } else {
            Err(self.expected(expected))
        }
    }

    /// An identifier or a reserved word in the place of one.
    fn any_name(&mut self, expected: &str) -> Parse<Name> {
        if self.is_at_name(0) {
            Ok(self.bump_name())
        } else {
            Err(self.expected(expected))
        }
    }

    fn is_at_name(&self, ahead: usize) -> bool {
        let kind = self.nth(ahead);
        kind == TokenKind::Ident || kind.is_word()
    }

    // -- Contexts and limits

    /// Parses by `parse` in another context.
    fn within<T>(&mut self, context: Context, parse: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.context, context);
        let result = parse(self);
        self.context = outer;
        result
    }

    /// Parses by `parse` one level deeper in expressions, patterns or types.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.expr_depth == MAX_EXPR_DEPTH {
            return Err(self.too_deep("Expression", MAX_EXPR_DEPTH));
        }
        self.expr_depth += 1;
        let result = parse(self);
        self.expr_depth -= 1;
        result
    }

    fn too_deep(&mut self, what: &str, limit: u32) -> Failed {
        let message = format!("{what} nesting is too deep (the limit is {limit})");
        self.fault(
            self.here(),
            message,
            "give the inner part a name or a function of its own",
        )
    }

    /// `{ statements }`, the body of `what`.
    fn block(&mut self, what: &str) -> Parse<Block> {
        if !self.is_at(TokenKind::LBrace) {
            return Err(self.expected(&format!("`{{` to open the body of {what}")));
        }
        if self.block_depth == MAX_BLOCK_DEPTH {
            return Err(self.too_deep("Block", MAX_BLOCK_DEPTH));
        }
        let open = self.bump();
        self.block_depth += 1;
        let stmts = self.within(Context::BLOCK, Self::stmts);
        self.block_depth -= 1;
        if self.eat(TokenKind::RBrace).is_none() {
            let known = self.faults.len();
            let help = format!("the body of {what} is not closed");
            self.fault(self.here(), "Expected `}`, found end of file", help);
            self.relate(known, open, "opened here");
        }
        Ok(Block {
            span: self.since(open),
            stmts,
        })
    }

    // -- Reports

    /// Reports that the current token is not what the grammar wants here.
    fn expected(&mut self, expected: &str) -> Failed {
        let gap = self.last().start..=self.here().start;
        if self.at > 0 && self.garbled.range(gap).next().is_some() {
            return Failed;
        }
        let message = format!(
            "Expected {expected}, found {}",
            self.describe(self.token(0))
        );
        let help = self
            .advice(expected)
            .unwrap_or_else(|| advice::general(expected));
        self.fault(self.here(), message, help)
    }

    /// Reports a syntax error.
    fn fault(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) -> Failed {
        if self.last_fault != Some(span.start) {
            self.last_fault = Some(span.start);
            self.faults
                .push(Diagnostic::error(Code::PARSE, span, message).help(help));
        }
        Failed
    }

    /// Adds a place to the report that has been made since there were `known`, if one has.
    fn relate(&mut self, known: usize, span: Span, text: &str) {
        if let Some(fault) = self.faults.get_mut(known) {
            fault.related.push(Label {
                span,
                text: text.into(),
            });
        }
    }

    /// A token as messages name it.
    fn describe(&self, token: &Token) -> String {
        match token.kind {
            TokenKind::Eof => "end of file".into(),
            TokenKind::Str => "a string".into(),
            kind if kind.class() == Class::Special => {
                format!("{} `{}`", kind.spelling(), clip(self.text(token.span)))
            }
            kind if kind.is_word() => format!("reserved word `{}`", kind.spelling()),
            kind => format!("`{}`", kind.spelling()),
        }
    }

    // -- Recovery

    /// Skips to where the next statement seems to start, after the one that started at token `start` has failed: brackets
    /// that it opened are skipped with their contents.
    fn recover(&mut self, start: usize) {
        let mut brackets = Brackets::default();
        let failed_at = self.at.max(start);
        self.at = start;
        while !self.is_at(TokenKind::Eof) {
            let Token {
                kind,
                first_on_line,
                ..
            } = self.tokens[self.at];
            if self.at >= failed_at && brackets.braces == 0 {
                let outside = brackets.open.is_empty();
                let resumes = kind.starts_statement() || (outside && may_open_line(kind));
                let ends = kind == TokenKind::RBrace || (outside && kind == TokenKind::Semicolon);
                if (ends || (first_on_line && resumes)) && self.at > start {
                    return;
                }
            }
            brackets.pass(kind);
            self.at += 1;
        }
    }
}

/// Where the text of those lexer errors ends that leave no usable token.
fn garbled(faults: &[Diagnostic]) -> impl Iterator<Item = u32> {
    let unusable = |fault: &&Diagnostic| lexer::leaves_garbage(fault.code);
    faults
        .iter()
        .filter(unusable)
        .filter_map(|fault| Some(fault.span?.end))
}

/// The brackets that are open at a place, as far as they were opened since another.
#[derive(Default)]
struct Brackets {
    open: Vec<TokenKind>,
    /// How many of them are `{`.
    braces: usize,
}

impl Brackets {
    /// Takes note of a token. A closing bracket closes its partner and what was left open inside; it never closes a `{`
    /// that is not its partner.
    fn pass(&mut self, kind: TokenKind) {
        let partner = match kind {
            TokenKind::RParen => TokenKind::LParen,
            TokenKind::RBracket => TokenKind::LBracket,
            TokenKind::RBrace => TokenKind::LBrace,
            kind if kind.class() == Class::Open => {
                self.braces += usize::from(kind == TokenKind::LBrace);
                return self.open.push(kind);
            }
            _ => return,
        };
        let closes = |&kind: &TokenKind| kind == partner || kind == TokenKind::LBrace;
        if let Some(at) = self.open.iter().rposition(closes)
            && self.open[at] == partner
        {
            self.braces -= usize::from(partner == TokenKind::LBrace);
            self.open.truncate(at);
        }
    }
}

/// Whether a line that starts with this token probably starts a statement, rather than going on with one that failed.
fn may_open_line(kind: TokenKind) -> bool {
    match kind.class() {
        Class::Special | Class::Stmt | Class::Expr | Class::StmtOrExpr => true,
        Class::Open => kind != TokenKind::LBrace,
        _ => false,
    }
}

/// The start of a text that may be long.
fn clip(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
