//! The resolved program: the syntax tree with every name replaced by what it means. Trees stay flat where the syntax is
//! (operator and postfix chains are lists). What cannot fail at compile time but must fail at run time (immutability,
//! duplicate declarations, unknown names) stands as [`Store::Raise`] or [`Slot::Undefined`] at its place.
//!
//! Invariant: nothing here knows registers or instructions.

use crate::source::{FileId, Span};
use std::rc::Rc;

pub use crate::syntax::ast::{BinaryOp, LogicalOp, UnaryOp, WrapKind};

macro_rules! indices {
    ($($(#[$doc:meta])* $Name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $Name(pub u32);

        impl $Name {
            /// As an index.
            #[inline]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )* };
}

indices! {
    /// Index into [`Program::funcs`].
    FuncId;
    /// Index into [`Program::globals`].
    GlobalId;
    /// Index into [`Program::structs`].
    StructId;
    /// Index into [`Program::modules`].
    ModuleId;
    /// Index into [`Func::locals`].
    LocalId;
    /// Index into [`Func::captures`].
    CaptureId;
}

/// A whole program: the entry file and every module it reaches.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The files; the entry is the first.
    pub modules: Vec<Module>,
    /// All functions, the top level of each file included.
    pub funcs: Vec<Func>,
    /// All variables of file scopes.
    pub globals: Vec<Global>,
    /// All struct definitions.
    pub structs: Vec<Struct>,
    /// Names that are read where nothing of that name can be meant: reading them raises.
    pub unknown: Vec<(Span, Rc<str>)>,
}

/// A source file.
#[derive(Clone, Debug)]
pub struct Module {
    /// Its text.
    pub file: FileId,
    /// The name by which it prints and raises.
    pub name: Rc<str>,
    /// Its top-level code.
    pub main: FuncId,
    /// Exported variables.
    pub exports: Vec<(Rc<str>, GlobalId)>,
}

/// Where a variable of a file scope lives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Home {
    /// In a register of the file's top level: no function mentions it and it is not exported.
    Register,
    /// In a slot that every function can reach.
    Slot,
}

/// A variable of a file scope.
#[derive(Clone, Debug)]
pub struct Global {
    /// Its name.
    pub name: Rc<str>,
    /// Where it lives.
    pub home: Home,
    /// The function that it holds from the start.
    pub hoisted: Option<FuncId>,
    /// Whether anything but the hoisting (or its one import) ever stores to it.
    pub assigned: bool,
    /// The export that it is a copy of, if one import binds it.
    pub copy_of: Option<GlobalId>,
}

/// What a function is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FuncKind {
    /// The top level of a file.
    Main,
    /// The top level of a file with a test in it: `?` on a failure raises.
    Test,
    /// A named function or lambda.
    Plain,
    /// A method whose first parameter is `self`.
    Method,
    /// A method without `self`; its first local is the receiver all the same.
    Legacy,
}

/// A function.
#[derive(Clone, Debug)]
pub struct Func {
    /// As in messages and stacks: `f`, `<lambda>`, `S.m`; empty for top levels.
    pub name: Rc<str>,
    /// What it is.
    pub kind: FuncKind,
    /// The whole text of it.
    pub span: Span,
    /// How many of the locals, the first ones, are parameters (a receiver included).
    pub params: u32,
    /// Parameters and variables in order of their declarations.
    pub locals: Vec<Local>,
    /// What a closure of it captures.
    pub captures: Vec<Capture>,
    /// Variables of a method without `self` that hold fields of the receiver.
    pub fields: Vec<LocalId>,
    /// The code.
    pub body: Block,
}

/// A local variable.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its name.
    pub name: Rc<str>,
    /// It is shared with closures and assigned after the capture: it lives in a cell.
    pub cell: bool,
    /// Its cell must exist before its initialiser runs, or its declaration does not always initialise it.
    pub early: bool,
    /// Closures capture it.
    pub captured: bool,
    /// It can only hold ints, floats, bools and null.
    pub scalar: bool,
    /// It would hold the methods of a struct definition that capture nothing.
    pub unused: bool,
}

/// A variable of an enclosing function that a function uses.
#[derive(Clone, Debug)]
pub struct Capture {
    /// Its name.
    pub name: Rc<str>,
    /// Where the creator of the closure finds it.
    pub from: Source,
    /// The closure gets the variable's cell, not its value.
    pub cell: bool,
    /// It is the function itself, through a binding that never changes: not captured at all.
    pub itself: bool,
    /// It would hold the methods of a struct definition that capture nothing: not captured at all.
    pub unused: bool,
}

/// Where the creator of a closure finds what the closure captures.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Source {
    /// A local of its own.
    Local(LocalId),
    /// Something that it has captured itself.
    Capture(CaptureId),
}

/// A struct definition.
#[derive(Clone, Debug)]
pub struct Struct {
    /// Its name.
    pub name: Rc<str>,
    /// Declared fields in order.
    pub fields: Vec<Rc<str>>,
    /// Methods in order.
    pub methods: Vec<(Rc<str>, FuncId)>,
}

/// Statements in a scope.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Definitions of the block whose methods may capture variables, with the hidden variables that hold the methods.
    pub structs: Vec<(StructId, LocalId)>,
    /// Variables whose cells must exist from the start of the block, because such methods capture them.
    pub early: Vec<LocalId>,
    /// The statements.
    pub stmts: Vec<Stmt>,
}

/// A statement.
#[derive(Clone, Debug)]
pub struct Stmt {
    /// Where it stands.
    pub span: Span,
    /// Which.
    pub kind: StmtKind,
}

/// The statements.
#[derive(Clone, Debug)]
pub enum StmtKind {
    /// `x := e` in all its forms.
    Store {
        /// Where the value goes.
        target: Target,
        /// The value.
        value: Expr,
    },
    /// `[a, b] := e`
    Bind {
        /// What is bound.
        pattern: Pattern,
        /// What is taken apart.
        value: Expr,
    },
    /// `x op= e`
    Update {
        /// The old value.
        var: Var,
        /// Where the new value goes.
        target: Target,
        /// The operator.
        op: BinaryOp,
        /// Where it stands.
        op_span: Span,
        /// The right side.
        value: Expr,
    },
    /// `x.f[i] := e`, `x.f[i] op= e`
    StorePlace {
        /// The target.
        place: Place,
        /// The operator of a compound assignment, and where it stands.
        op: Option<(BinaryOp, Span)>,
        /// The right side.
        value: Expr,
    },
    /// An expression for its effect.
    Expr(Expr),
    /// Statements in a scope of their own.
    Block(Block),
    /// `return`
    Return(Option<Expr>),
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// `if`, with its `else if`s.
    If {
        /// Conditions and blocks.
        arms: Vec<(Expr, Block)>,
        /// The `else` block.
        otherwise: Option<Block>,
    },
    /// `while`, `loop`
    While {
        /// Absent for a plain `loop`.
        cond: Option<Expr>,
        /// The body.
        body: Block,
    },
    /// `for`
    For {
        /// The loop variable.
        var: LocalId,
        /// What is iterated.
        iter: Iter,
        /// The body.
        body: Block,
    },
    /// `try`
    Try {
        /// The guarded block.
        body: Block,
        /// The variable of the caught error.
        binder: Option<LocalId>,
        /// The block behind `except`.
        handler: Block,
    },
    /// `match`
    Match {
        /// What is matched.
        subject: Expr,
        /// The cases in order.
        cases: Vec<Case>,
        /// The `default` block.
        default: Option<Block>,
    },
    /// `import`
    Import {
        /// The module.
        module: ModuleId,
        /// What is bound, in order.
        bindings: Vec<ImportBinding>,
    },
    /// Asks, once for the activation, what some name of the statements behind it stands for.
    Ask(Question),
    /// A statement that always raises.
    Raise(String),
}

/// Whether a name stands for a local variable or for a global, which is so for a whole activation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Question {
    /// The global: chosen by a dynamic store of the function itself if it is initialised.
    pub global: GlobalId,
    /// The captured variable whose creator has chosen: the global if it is uninitialised.
    pub capture: Option<CaptureId>,
}

/// What a `for` runs over.
#[derive(Clone, Debug)]
pub enum Iter {
    /// The ints of `range(args)`, and where the call stands.
    Range(Vec<Expr>, Span),
    /// Any value.
    Value(Expr),
}

/// One effect of an import.
#[derive(Clone, Debug)]
pub enum ImportBinding {
    /// Copies an export.
    Copy {
        /// The export.
        from: GlobalId,
        /// The name listed.
        name: Rc<str>,
        /// Where it goes.
        to: Target,
    },
    /// Binds the namespace.
    Namespace(Target),
    /// Raises that there is no such symbol.
    Missing {
        /// The message.
        message: String,
        /// Where the name stands.
        span: Span,
    },
}

/// The target of a store to a bare name, and where the name stands.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where it stands.
    pub span: Span,
    /// The name.
    pub name: Rc<str>,
    /// What a store does.
    pub store: Store,
}

/// What a store to a name does.
#[derive(Clone, Debug)]
pub enum Store {
    /// Creates the variable.
    New(LocalId),
    /// Creates the variable, or raises the message if the global is initialised.
    NewUnless {
        /// The variable.
        local: LocalId,
        /// The global.
        global: GlobalId,
        /// The message.
        message: String,
    },
    /// Stores to a local.
    Local(LocalId),
    /// Stores to a captured variable.
    Capture(CaptureId),
    /// Stores to a global.
    Global(GlobalId),
    /// Stores to a local or captured variable, unless that is uninitialised and the global is not: then to the global.
    Dynamic {
        /// The variable.
        slot: Slot,
        /// The statement creates the variable.
        new: bool,
        /// The global.
        global: GlobalId,
        /// The message if the global cannot be assigned.
        raise: Option<String>,
    },
    /// Raises the message.
    Raise(String),
    /// Drops the value.
    Ignore,
}

/// A place with at least one step.
#[derive(Clone, Debug)]
pub struct Place {
    /// Where the name of the root stands.
    pub span: Span,
    /// The variable.
    pub root: Var,
    /// The message if the root cannot be changed.
    pub raise: Option<String>,
    /// The steps.
    pub steps: Vec<PlaceStep>,
}

/// A step of a place, and where it stands.
#[derive(Clone, Debug)]
pub enum PlaceStep {
    /// `.name`
    Field(Rc<str>, Span),
    /// `[index]`
    Index(Expr, Span),
}

/// What a destructuring binds.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// A name or `_`.
    Name(Target),
    /// Elements and perhaps the rest.
    Array(Vec<Pattern>, Option<Target>),
    /// Entries and perhaps the rest.
    Dict(Vec<(Rc<str>, Target)>, Option<Target>),
}

/// One `case`.
#[derive(Clone, Debug)]
pub struct Case {
    /// The alternatives.
    pub patterns: Vec<CasePattern>,
    /// The variables that the patterns bind.
    pub binders: Vec<LocalId>,
    /// The condition behind `if`.
    pub guard: Option<Expr>,
    /// The block.
    pub body: Block,
}

/// One alternative of a `case`.
#[derive(Clone, Debug)]
pub enum CasePattern {
    /// `_`
    Any,
    /// `null`
    Null,
    /// A literal.
    Literal(ExprKind),
    /// A bare identifier.
    Name(Rc<str>),
    /// A tag, with the variables that get its payloads.
    Tag(Tag, Vec<Option<LocalId>>),
}

/// An enum and a variant; `""` as the enum for any, `Result` and `Option` for the built-in ones.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Tag {
    /// The enum.
    pub space: Rc<str>,
    /// The variant.
    pub name: Rc<str>,
}

/// Where a name is looked up.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Slot {
    /// A local variable.
    Local(LocalId),
    /// A captured variable.
    Capture(CaptureId),
    /// A global.
    Global(GlobalId),
    /// A builtin function.
    Builtin(u16),
    /// A builtin number.
    Number(f64),
    /// Nowhere: the read raises.
    Undefined,
}

/// A name being read.
#[derive(Clone, Debug)]
pub struct Var {
    /// The name.
    pub name: Rc<str>,
    /// Where to look first.
    pub slot: Slot,
    /// Known to be initialised. A global that is not certain and has no fallback raises if it is not.
    pub certain: bool,
    /// Where to look if that is uninitialised.
    pub fallback: Option<Box<Var>>,
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// Where it stands; its own errors are reported at its start.
    pub span: Span,
    /// Which.
    pub kind: ExprKind,
}

/// The expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// An int.
    Int(i64),
    /// A float.
    Float(f64),
    /// Text.
    Str(Rc<str>),
    /// An interpolated string.
    Concat(Vec<Expr>),
    /// A name.
    Var(Var),
    /// An array literal; the flag marks a spread.
    Array(Vec<(bool, Expr)>),
    /// A dict literal.
    Dict(Vec<DictEntry>),
    /// A struct literal.
    Struct {
        /// The definition, if it is known.
        definition: Option<StructId>,
        /// The variable that holds the definition's methods if they capture variables.
        methods: Option<Var>,
        /// The name.
        name: Rc<str>,
        /// Fields as written.
        fields: Vec<(Rc<str>, Expr)>,
    },
    /// `A::B(args)`
    Tag(Tag, Vec<Expr>),
    /// `Ok(e)`, `Err(e)`, `Some(e)`
    Wrap(WrapKind, Box<Expr>),
    /// `None`
    NoneValue,
    /// `throw(e)`
    Throw(Box<Expr>),
    /// A function as a value.
    Closure(FuncId),
    /// `-e`, `!e`
    Unary(UnaryOp, Box<Expr>),
    /// Operators of one level, applied from the left.
    Binary(Box<Expr>, Vec<BinaryStep>),
    /// `&&`, `||`, `??` between all operands.
    Logical(LogicalOp, Vec<Expr>),
    /// Stages that each get the value before them.
    Pipe(Box<Expr>, Vec<PipeStage>),
    /// Steps applied from the left.
    Postfix(Box<Expr>, Vec<PostfixStep>),
}

/// An entry of a dict literal.
#[derive(Clone, Debug)]
pub enum DictEntry {
    /// `key: value`
    Pair(Expr, Expr),
    /// `...e`
    Spread(Expr),
}

/// An operator and its right operand.
#[derive(Clone, Debug)]
pub struct BinaryStep {
    /// The operator.
    pub op: BinaryOp,
    /// Where it stands.
    pub op_span: Span,
    /// The right operand.
    pub right: Expr,
}

/// A stage of a pipe: the value becomes the first argument.
#[derive(Clone, Debug)]
pub enum PipeStage {
    /// `|> f`, `|> f(args)`, and where errors of the call are reported: the callee may have lost its parentheses.
    Call(Expr, Vec<Expr>, Span),
    /// `|> e.m(args)`
    Method(Expr, Method),
}

/// The name and the arguments of a method call.
#[derive(Clone, Debug)]
pub struct Method {
    /// The method.
    pub name: Rc<str>,
    /// Where its name stands.
    pub span: Span,
    /// `?.` rather than `.`
    pub optional: bool,
    /// The arguments.
    pub args: Vec<Expr>,
}

/// A step of a postfix expression.
#[derive(Clone, Debug)]
pub enum PostfixStep {
    /// `(args)`; errors are reported where the whole expression starts.
    Call(Vec<Expr>),
    /// `[index]`, and where the bracket stands.
    Index(Expr, Span),
    /// `.name`, `?.name`
    Field {
        /// The member.
        name: Rc<str>,
        /// Where it stands.
        span: Span,
        /// `?.` rather than `.`
        optional: bool,
    },
    /// `.name(args)`
    Method(Method),
    /// `?`, and where it stands.
    Try(Span),
}
