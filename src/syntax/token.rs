//! The token table: every kind of token with its spelling and class, and what a lexed token carries.

use crate::source::Span;

/// What a kind of token is good for; the parser's decisions by single tokens all come from here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// Names, literals and the end of the text.
    Special,
    /// A reserved word that only starts a statement.
    Stmt,
    /// A reserved word that only starts an expression.
    Expr,
    /// A reserved word that starts either.
    StmtOrExpr,
    /// Any other reserved word.
    Word,
    /// An opening bracket.
    Open,
    /// A closing bracket.
    Close,
    /// An operator that makes a statement an assignment.
    Assign,
    /// Any other symbol.
    Symbol,
}

macro_rules! token_table {
    (
        special { $($special:ident $special_text:literal;)* }
        words { $($word:ident $word_text:literal $word_class:ident;)* }
        symbols { $($symbol:ident $symbol_text:literal $symbol_class:ident;)* }
    ) => {
        /// The kinds of tokens.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum TokenKind {
            $(#[doc = $special_text] $special,)*
            $(#[doc = concat!("`", $word_text, "`")] $word,)*
            $(#[doc = concat!("`", $symbol_text, "`")] $symbol,)*
        }

        impl TokenKind {
            /// Every kind, in the order of the table.
            pub const ALL: &[TokenKind] = &[
                $(TokenKind::$special,)* $(TokenKind::$word,)* $(TokenKind::$symbol,)*
            ];

            /// How it is written; for a kind of many spellings, what it is called.
            pub const fn spelling(self) -> &'static str {
                match self {
                    $(TokenKind::$special => $special_text,)*
                    $(TokenKind::$word => $word_text,)*
                    $(TokenKind::$symbol => $symbol_text,)*
                }
            }

            /// What it is good for.
            pub const fn class(self) -> Class {
                match self {
                    $(TokenKind::$special => Class::Special,)*
                    $(TokenKind::$word => Class::$word_class,)*
                    $(TokenKind::$symbol => Class::$symbol_class,)*
                }
            }

            /// The reserved word spelled `text`.
            pub fn word(text: &str) -> Option<TokenKind> {
                match text { $($word_text => Some(TokenKind::$word),)* _ => None }
            }

            /// The symbol spelled `text`.
            pub fn symbol(text: &[u8]) -> Option<TokenKind> {
                $(if text == $symbol_text.as_bytes() { return Some(TokenKind::$symbol); })*
                None
            }
        }
    };
}

token_table! {
    special {
        Eof "end of file";
        Ident "identifier";
        Int "integer";
        Float "float";
        Str "string";
    }
    words {
        Let "let" Stmt;
        Mut "mut" Stmt;
        Const "const" Stmt;
        Func "func" StmtOrExpr;
        Return "return" Stmt;
        Enum "enum" Stmt;
        Match "match" Stmt;
        Case "case" Word;
        Default "default" Word;
        If "if" Stmt;
        Else "else" Word;
        Loop "loop" Stmt;
        While "while" Stmt;
        For "for" Stmt;
        In "in" Word;
        Break "break" Stmt;
        Continue "continue" Stmt;
        Try "try" Stmt;
        Except "except" Word;
        IntWord "int" Word;
        FloatWord "float" Word;
        StringWord "string" Word;
        BoolWord "bool" Word;
        Import "import" Stmt;
        Export "export" Stmt;
        From "from" Stmt;
        Struct "struct" Stmt;
        Impl "impl" Word;
        SelfWord "self" Expr;
        Null "null" Expr;
        Spawn "spawn" Stmt;
        Test "test" Stmt;
        TestSetup "test_setup" Stmt;
        TestTeardown "test_teardown" Stmt;
        TestGroup "test_group" Stmt;
        Yield "yield" Expr;
        Async "async" StmtOrExpr;
        Await "await" Expr;
        True "true" Expr;
        False "false" Expr;
    }
    symbols {
        ColonAssign ":=" Assign;
        Assign "=" Assign;
        PlusAssign "+=" Assign;
        MinusAssign "-=" Assign;
        StarAssign "*=" Assign;
        SlashAssign "/=" Assign;
        PercentAssign "%=" Assign;
        EqEq "==" Symbol;
        NotEq "!=" Symbol;
        Lt "<" Symbol;
        Gt ">" Symbol;
        Le "<=" Symbol;
        Ge ">=" Symbol;
        Plus "+" Symbol;
        Minus "-" Symbol;
        Star "*" Symbol;
        Slash "/" Symbol;
        Percent "%" Symbol;
        Bang "!" Symbol;
        AndAnd "&&" Symbol;
        OrOr "||" Symbol;
        Pipe "|>" Symbol;
        QuestionQuestion "??" Symbol;
        QuestionDot "?." Symbol;
        Question "?" Symbol;
        ColonColon "::" Symbol;
        Arrow "->" Symbol;
        Bar "|" Symbol;
        And "&" Symbol;
        Ellipsis "..." Symbol;
        LParen "(" Open;
        RParen ")" Close;
        LBrace "{" Open;
        RBrace "}" Close;
        LBracket "[" Open;
        RBracket "]" Close;
        Comma "," Symbol;
        Semicolon ";" Symbol;
        Colon ":" Symbol;
        Dot "." Symbol;
    }
}

impl TokenKind {
    /// Whether it is a reserved word.
    pub fn is_word(self) -> bool {
        matches!(
            self.class(),
            Class::Stmt | Class::Expr | Class::StmtOrExpr | Class::Word
        )
    }

    /// Whether it is a reserved word with which a statement may start that is not an expression.
    pub fn starts_statement(self) -> bool {
        matches!(self.class(), Class::Stmt | Class::StmtOrExpr)
    }

    /// Whether it is a reserved word with which an expression may start.
    pub fn starts_expression(self) -> bool {
        matches!(self.class(), Class::Expr | Class::StmtOrExpr)
    }
}

/// One token of a file.
#[derive(Clone, PartialEq, Debug)]
pub struct Token {
    /// Its kind.
    pub kind: TokenKind,
    /// Whether only white space and comments precede it on its line.
    pub first_on_line: bool,
    /// Where it stands.
    pub span: Span,
    /// The value of a literal.
    pub value: Literal,
}

/// What a literal token stands for.
#[derive(Clone, PartialEq, Debug)]
pub enum Literal {
    /// The token is no literal.
    None,
    /// An `Int`.
    Int(i64),
    /// A `Float`.
    Float(f64),
    /// A `Str`, in pieces.
    Str(Vec<StrPiece>),
}

/// A piece of a string literal.
#[derive(Clone, PartialEq, Debug)]
pub enum StrPiece {
    /// Text with its escapes replaced; never empty.
    Text(String),
    /// The raw text between `${` and `}`, to be lexed and parsed in its place.
    Code(Span),
}
