//! The syntax tree: what the parser hands to name resolution. It says what was written and where, and nothing about
//! what a name means. Left-recursive forms (operators of one level, postfix steps, `else if`) are lists, not nested
//! nodes, so the depth of a tree is bounded by the nesting limits, however long the source is.
//!
//! Positions: a [`Span`] starts where the written form starts. Where the language reports an error at another place
//! (an operator, a method name), the node carries the span of that place too.

use std::rc::Rc;

use crate::source::{FileId, Span};

/// A whole source file.
#[derive(Clone, PartialEq, Debug)]
pub struct File {
    /// The file this is the tree of.
    pub file: FileId,
    /// Its statements in order.
    pub body: Vec<Stmt>,
}

/// A name as written: an identifier, or a reserved word where one may stand.
#[derive(Clone, PartialEq, Debug)]
pub struct Name {
    /// The spelling.
    pub text: Rc<str>,
    /// Where it stands.
    pub span: Span,
}

/// `{ … }` around statements.
#[derive(Clone, PartialEq, Debug)]
pub struct Block {
    /// From `{` to `}`.
    pub span: Span,
    /// The statements in order.
    pub stmts: Vec<Stmt>,
}

/// A statement.
#[derive(Clone, PartialEq, Debug)]
pub struct Stmt {
    /// The whole statement, without a `;`.
    pub span: Span,
    /// Which statement.
    pub kind: StmtKind,
}

/// The statements.
#[derive(Clone, PartialEq, Debug)]
pub enum StmtKind {
    /// `let p := e`, `mut p := e`.
    Let {
        /// `mut` rather than `let`.
        mutable: bool,
        /// What is bound.
        pattern: Pattern,
        /// The annotation, without effect.
        ty: Option<Type>,
        /// The initialiser.
        value: Expr,
    },
    /// `const X := e`.
    Const {
        /// The constant.
        name: Name,
        /// The annotation, without effect.
        ty: Option<Type>,
        /// The initialiser.
        value: Expr,
    },
    /// `[a, b] := e`, `{a} := e`: binds like `let`. The pattern is an array or dict pattern.
    Destructure {
        /// What is bound.
        pattern: Pattern,
        /// What is taken apart.
        value: Expr,
    },
    /// `place := e`.
    Assign {
        /// The target.
        place: Place,
        /// The right side.
        value: Expr,
    },
    /// `place += e` and the like.
    CompoundAssign {
        /// The target.
        place: Place,
        /// `+ - * / %`.
        op: BinaryOp,
        /// The operator, where its errors are reported.
        op_span: Span,
        /// The right side.
        value: Expr,
    },
    /// `func name(…) { … }`.
    Func(FuncDef),
    /// `enum E { … }`.
    Enum {
        /// The enum.
        name: Name,
        /// Its variants.
        variants: Vec<Name>,
    },
    /// `struct S { … }`.
    Struct(StructDef),
    /// `import m`, `from a.b import x, y`; at the top level of a file only.
    Import(Import),
    /// `export …`: a `Let`, `Const`, `Destructure`, `Assign` to a bare name, `Func`, `Struct` or `Enum`; at the top
    /// level of a file only.
    Export(Box<Stmt>),
    /// `test "…" { … }` and its relatives.
    Test(TestDef),
    /// `return`, `return e`.
    Return(Option<Expr>),
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `if c { … } else if d { … } else { … }`.
    If {
        /// The `if` and every `else if`, in order; at least one.
        arms: Vec<IfArm>,
        /// The `else` block.
        otherwise: Option<Block>,
    },
    /// `while c { … }`.
    While {
        /// The condition.
        cond: Expr,
        /// The body.
        body: Block,
    },
    /// `loop { … }`, `loop while c { … }`.
    Loop {
        /// The condition of `loop while`.
        cond: Option<Expr>,
        /// The body.
        body: Block,
    },
    /// `for x in e { … }`. An error of the iteration is reported at `iter`.
    For {
        /// The loop variable; `_` is an ordinary name here.
        var: Name,
        /// What is iterated.
        iter: Expr,
        /// The body.
        body: Block,
    },
    /// `try { … } except e { … }`.
    Try {
        /// The guarded block.
        body: Block,
        /// The name of the caught error.
        binder: Option<Name>,
        /// The block behind `except`.
        handler: Block,
    },
    /// `match e { case … default … }`.
    Match {
        /// What is matched.
        subject: Expr,
        /// The cases in order.
        cases: Vec<Case>,
        /// The `default` block.
        default: Option<Block>,
    },
    /// `spawn { … }`.
    Spawn(Block),
    /// An expression for its effect.
    Expr(Expr),
}

/// One `if` or `else if`.
#[derive(Clone, PartialEq, Debug)]
pub struct IfArm {
    /// The condition.
    pub cond: Expr,
    /// The block it guards.
    pub body: Block,
}

/// A named function: a statement or a method.
#[derive(Clone, PartialEq, Debug)]
pub struct FuncDef {
    /// Its name.
    pub name: Name,
    /// The rest.
    pub func: Func,
}

/// A function without its name.
#[derive(Clone, PartialEq, Debug)]
pub struct Func {
    /// From `async` or `func` to the closing brace.
    pub span: Span,
    /// `async func`.
    pub is_async: bool,
    /// `func*`.
    pub is_generator: bool,
    /// The parameter `self`, which can only be the first.
    pub self_param: Option<Span>,
    /// The parameters without `self`.
    pub params: Vec<Param>,
    /// The result annotation, without effect.
    pub ret: Option<Type>,
    /// The body.
    pub body: Block,
}

/// A parameter.
#[derive(Clone, PartialEq, Debug)]
pub struct Param {
    /// Its name; `_` is an ordinary name here.
    pub name: Name,
    /// The annotation, without effect.
    pub ty: Option<Type>,
}

/// `struct S { fields and methods }`.
#[derive(Clone, PartialEq, Debug)]
pub struct StructDef {
    /// The struct.
    pub name: Name,
    /// The declared fields in order.
    pub fields: Vec<FieldDef>,
    /// The methods in order; generator methods are accepted here and refused by name resolution.
    pub methods: Vec<FuncDef>,
}

/// A declared field.
#[derive(Clone, PartialEq, Debug)]
pub struct FieldDef {
    /// Its name.
    pub name: Name,
    /// The annotation, without effect.
    pub ty: Option<Type>,
}

/// An import statement.
#[derive(Clone, PartialEq, Debug)]
pub struct Import {
    /// The dotted path; a single name for `import m`.
    pub module: Vec<Name>,
    /// The names listed behind `from … import`; `None` for `import m`.
    pub names: Option<Vec<Name>>,
}

/// A test block.
#[derive(Clone, PartialEq, Debug)]
pub struct TestDef {
    /// Which of the four forms.
    pub kind: TestKind,
    /// The title of a test or group; empty for setup and teardown.
    pub title: Rc<str>,
    /// The block.
    pub body: Block,
}

/// The forms of test blocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TestKind {
    /// `test "…" { }`
    Test,
    /// `test_group "…" { }`
    Group,
    /// `test_setup { }`
    Setup,
    /// `test_teardown { }`
    Teardown,
}

/// One `case` of a `match`.
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
    /// From `case` to the closing brace.
    pub span: Span,
    /// The alternatives; all bind the same names.
    pub patterns: Vec<CasePattern>,
    /// The condition behind `if`.
    pub guard: Option<Expr>,
    /// The block.
    pub body: Block,
}

/// One alternative of a `case`.
#[derive(Clone, PartialEq, Debug)]
pub struct CasePattern {
    /// The whole pattern.
    pub span: Span,
    /// Which pattern.
    pub kind: CasePatternKind,
}

/// The patterns of `match`.
#[derive(Clone, PartialEq, Debug)]
pub enum CasePatternKind {
    /// `_`
    Any,
    /// `1`, `-2`
    Int(i64),
    /// `1.5`, `-0.5`
    Float(f64),
    /// `"text"`
    Str(Rc<str>),
    /// `true`, `false`
    Bool(bool),
    /// `null`
    Null,
    /// `name`, `E::name`, `name(x, _)`, `E::name(x)`
    Name {
        /// The part before `::`.
        space: Option<Name>,
        /// The variant, or the word a bare identifier stands for.
        name: Name,
        /// The binders; `_` binds nothing. Empty if there are no parentheses.
        binders: Vec<Name>,
    },
}

/// What `let`, `mut` and destructuring bind.
#[derive(Clone, PartialEq, Debug)]
pub struct Pattern {
    /// The whole pattern.
    pub span: Span,
    /// Which pattern.
    pub kind: PatternKind,
}

/// The binding patterns.
#[derive(Clone, PartialEq, Debug)]
pub enum PatternKind {
    /// `_`: binds nothing.
    Ignore,
    /// `x`
    Name(Name),
    /// `[a, [b], ...rest]`
    Array(Vec<ArrayPatternItem>),
    /// `{a, ...rest}`
    Dict(Vec<DictPatternItem>),
}

/// An item of an array pattern.
#[derive(Clone, PartialEq, Debug)]
pub enum ArrayPatternItem {
    /// An element.
    Elem(Pattern),
    /// `...rest`; `_` binds nothing.
    Rest(Name),
}

/// An item of a dict pattern; `_` binds nothing.
#[derive(Clone, PartialEq, Debug)]
pub enum DictPatternItem {
    /// A key, which is also the name it binds.
    Key(Name),
    /// `...rest`
    Rest(Name),
}

/// The target of an assignment: a variable and steps into its value.
#[derive(Clone, PartialEq, Debug)]
pub struct Place {
    /// The whole target.
    pub span: Span,
    /// The variable, where errors of the assignment are reported.
    pub root: Name,
    /// The steps, outermost container first.
    pub steps: Vec<PlaceStep>,
}

/// A step of a [`Place`].
#[derive(Clone, PartialEq, Debug)]
pub enum PlaceStep {
    /// `.name`
    Field(Name),
    /// `[index]`
    Index {
        /// From `[` to `]`.
        span: Span,
        /// What stands between the brackets.
        index: Expr,
    },
}

/// An expression.
#[derive(Clone, PartialEq, Debug)]
pub struct Expr {
    /// The whole expression.
    pub span: Span,
    /// Which expression.
    pub kind: ExprKind,
}

/// The expressions.
#[derive(Clone, PartialEq, Debug)]
pub enum ExprKind {
    /// `12`
    Int(i64),
    /// `1.5`
    Float(f64),
    /// `"text"`, escapes replaced; also a reserved word as a dict key.
    Str(Rc<str>),
    /// `"a${b}c"`
    Interpolated(Vec<StrPart>),
    /// `true`, `false`
    Bool(bool),
    /// `null`
    Null,
    /// `self`
    SelfValue,
    /// `None`
    NoneValue,
    /// `name`
    Name(Rc<str>),
    /// `(e)`: a call in parentheses is not the call a pipe adds an argument to.
    Paren(Box<Expr>),
    /// `[a, ...b]`
    Array(Vec<ArrayElem>),
    /// `{k: v, ...d}`
    Dict(Vec<DictEntry>),
    /// `Name { field: e }`
    Struct {
        /// The struct.
        name: Name,
        /// The fields in the order written.
        fields: Vec<FieldInit>,
    },
    /// `A::B`, `A::B(e)`
    Tag {
        /// The enum.
        space: Name,
        /// The variant.
        name: Name,
        /// The payloads; empty if there are no parentheses.
        args: Vec<Expr>,
    },
    /// `Ok(e)`, `Err(e)`, `Some(e)`
    Wrap {
        /// Which of the three.
        kind: WrapKind,
        /// The payload.
        value: Box<Expr>,
    },
    /// `throw(e)`; its errors are reported at the start of the span.
    Throw(Box<Expr>),
    /// `func(x) { … }`
    Lambda(Box<Func>),
    /// `yield`, `yield e`
    Yield(Option<Box<Expr>>),
    /// `await e`
    Await(Box<Expr>),
    /// `-e`, `!e`; the operator is the first byte of the span.
    Unary {
        /// The operator.
        op: UnaryOp,
        /// Its operand.
        operand: Box<Expr>,
    },
    /// `a + b - c`: operators of one level, applied from the left.
    Binary {
        /// The leftmost operand.
        first: Box<Expr>,
        /// The operators and their right operands; at least one.
        rest: Vec<BinaryStep>,
    },
    /// `a && b && c`, applied from the left, stopping early.
    Logical {
        /// The operator between all operands.
        op: LogicalOp,
        /// At least two operands.
        operands: Vec<Expr>,
    },
    /// `v |> f |> g(x)`
    Pipe {
        /// What goes in.
        value: Box<Expr>,
        /// Where it goes; at least one.
        stages: Vec<PipeStage>,
    },
    /// `base` and what follows it: calls, indexes, members, `?`, applied from the left.
    Postfix {
        /// What the steps start from.
        base: Box<Expr>,
        /// At least one step.
        steps: Vec<PostfixStep>,
    },
}

/// A piece of an interpolated string.
#[derive(Clone, PartialEq, Debug)]
pub enum StrPart {
    /// Literal text, escapes replaced; never empty.
    Text(Rc<str>),
    /// `${e}`
    Expr(Expr),
}

/// An element of an array literal.
#[derive(Clone, PartialEq, Debug)]
pub enum ArrayElem {
    /// `e`
    Item(Expr),
    /// `...e`
    Spread(Expr),
}

/// An entry of a dict literal.
#[derive(Clone, PartialEq, Debug)]
pub enum DictEntry {
    /// `key: value`
    Pair {
        /// The key expression.
        key: Expr,
        /// The value.
        value: Expr,
    },
    /// `...e`
    Spread(Expr),
}

/// A field of a struct literal.
#[derive(Clone, PartialEq, Debug)]
pub struct FieldInit {
    /// The field.
    pub name: Name,
    /// Its value.
    pub value: Expr,
}

/// An operator and its right operand.
#[derive(Clone, PartialEq, Debug)]
pub struct BinaryStep {
    /// The operator.
    pub op: BinaryOp,
    /// Where it stands; its errors are reported here.
    pub op_span: Span,
    /// The right operand.
    pub right: Expr,
}

/// `|> target`
#[derive(Clone, PartialEq, Debug)]
pub struct PipeStage {
    /// Where `|>` stands.
    pub op_span: Span,
    /// What receives the value. If it is a `Postfix` whose last step is a `Call` or `Method`, the value becomes the
    /// first argument of that call; anything else is evaluated and called with the value.
    pub target: Expr,
}

/// A step of a postfix expression.
#[derive(Clone, PartialEq, Debug)]
pub struct PostfixStep {
    /// The step alone: `(…)`, `[…]`, `.name`, `.name(…)`, `?`.
    pub span: Span,
    /// Which step.
    pub kind: PostfixKind,
}

/// The postfix steps.
#[derive(Clone, PartialEq, Debug)]
pub enum PostfixKind {
    /// `(args)`; errors are reported at the first character of the callee, where the whole postfix expression starts.
    Call(Vec<Expr>),
    /// `[index]`; errors are reported at `[`, the start of the step.
    Index(Expr),
    /// `.name`, `?.name`; errors are reported at the name.
    Field {
        /// The member.
        name: Name,
        /// `?.` rather than `.`.
        optional: bool,
    },
    /// `.name(args)`, `?.name(args)`; errors are reported at the name.
    Method {
        /// The method.
        name: Name,
        /// `?.` rather than `.`.
        optional: bool,
        /// The arguments.
        args: Vec<Expr>,
    },
    /// `?`; errors are reported at the step.
    Try,
}

/// Operators that compute a value from two.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BinaryOp {
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Rem,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `<`
    Lt,
    /// `>`
    Gt,
    /// `<=`
    Le,
    /// `>=`
    Ge,
    /// `==`
    Eq,
    /// `!=`
    Ne,
}

impl BinaryOp {
    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::Rem => "%",
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Lt => "<",
            BinaryOp::Gt => ">",
            BinaryOp::Le => "<=",
            BinaryOp::Ge => ">=",
            BinaryOp::Eq => "==",
            BinaryOp::Ne => "!=",
        }
    }
}

/// Operators that may not evaluate their right side.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LogicalOp {
    /// `&&`
    And,
    /// `||`
    Or,
    /// `??`
    Coalesce,
}

/// Prefix operators.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `!`
    Not,
}

/// The constructors of results and options that take a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum WrapKind {
    /// `Ok(e)`
    Ok,
    /// `Err(e)`
    Err,
    /// `Some(e)`
    Some,
}

/// A type annotation: parsed, kept for tools, without effect.
#[derive(Clone, PartialEq, Debug)]
pub struct Type {
    /// The whole annotation.
    pub span: Span,
    /// What it names.
    pub kind: TypeKind,
    /// `[]` and `?` behind it, in order.
    pub suffixes: Vec<TypeSuffix>,
}

/// The type annotations.
#[derive(Clone, PartialEq, Debug)]
pub enum TypeKind {
    /// `int`, `list<int>`
    Name {
        /// The name.
        name: Name,
        /// The arguments between `<` and `>`.
        args: Vec<Type>,
    },
    /// `func`, `func(int) -> int`
    Func {
        /// The parameter types; `None` without parentheses.
        params: Option<Vec<Type>>,
        /// The result type.
        ret: Option<Box<Type>>,
    },
}

/// What may follow a type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TypeSuffix {
    /// `[]`
    Array,
    /// `?`
    Optional,
}
