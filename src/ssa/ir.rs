//! The typed SSA form: its instruction table and its containers.
//!
//! A [`Function`] is a version of a bytecode function for given argument types. Blocks have parameters; every value has
//! a type. An operand says whether it is the *last use* of a count that the function owns: then the instruction
//! takes the count over, otherwise it borrows. This is the discipline of the bytecode's registers, made explicit: a value that dies without
//! a last use is given up by `release`.
//!
//! An instruction that may raise has a [`Site`]: where it stands, what to give up, and where the error goes.

use super::types::Type;
use ruff_runtime::abi::Helper;
use ruff_runtime::error::Pos;

macro_rules! index {
    ($(#[doc = $doc:literal])* $name:ident, $prefix:literal) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);
        impl $name {
            /// As an index into its table.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{self}")
            }
        }
    };
}

index!(/** A value. */ ValueId, "v");
index!(/** A basic block. */ BlockId, "b");
index!(/** A place where an error may start or pass. */ SiteId, "s");
index!(/** A version of a function, in the program's list of them. */ VersionId, "f");

/// How two numbers are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the usual six")]
pub enum Compare {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Compare {
    /// The comparison that gives the same with the operands swapped.
    pub fn swapped(self) -> Compare {
        match self {
            Compare::Lt => Compare::Gt,
            Compare::Le => Compare::Ge,
            Compare::Gt => Compare::Lt,
            Compare::Ge => Compare::Le,
            same => same,
        }
    }
    /// The comparison of ints that gives the opposite.
    pub fn negated(self) -> Compare {
        match self {
            Compare::Eq => Compare::Ne,
            Compare::Ne => Compare::Eq,
            Compare::Lt => Compare::Ge,
            Compare::Ge => Compare::Lt,
            Compare::Gt => Compare::Le,
            Compare::Le => Compare::Gt,
        }
    }
}

/// How an operation on ints notices that its exact result does not fit. The forms that know signs cost a compare instead
/// of a look at the overflow flag (Warren, "Hacker's Delight", §2-13).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Check {
    /// It always fits.
    Fits,
    /// By the overflow flag, or what stands for it.
    Flag,
    /// The second operand is not negative, so the result lies on the wrong side of the first one.
    NotNegative,
    /// The second operand is not positive: likewise.
    NotPositive,
    /// A product by a positive constant: the first operand, not negative, is above this.
    Above(i64),
}

/// What an instruction does besides giving its result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Nothing: may be removed, repeated or moved.
    Pure,
    /// May raise, and nothing else: may be removed only if it is known not to.
    Raises,
    /// Anything.
    Acts,
}

/// Calls `$with!` with all rows: doc line, dump name, variant with its immediates, effect.
macro_rules! for_each_inst {
    ($with:ident) => {
        $with! {
            /// An int constant.
            "int" ConstInt(n: i64) Pure;
            /// A float constant, as bits.
            "float" ConstFloat(bits: u64) Pure;
            /// A bool constant.
            "bool" ConstBool(b: bool) Pure;
            /// `null`
            "null" ConstNull() Pure;
            /// The mark of an uninitialised variable.
            "uninit" ConstUninit() Pure;
            /// A constant of the program's table; immortal.
            "const" ConstPool(k: u32) Pure;
            /// A builtin as a value.
            "builtin" ConstBuiltin(builtin: u16) Pure;

            /// `a + b` of ints; raises on overflow.
            "add_int" AddInt(check: Check) Raises;
            /// `a - b` of ints; raises on overflow.
            "sub_int" SubInt(check: Check) Raises;
            /// `a * b` of ints; raises on overflow.
            "mul_int" MulInt(check: Check) Raises;
            /// `a / b` of ints; raises on zero and overflow.
            "div_int" DivInt() Raises;
            /// `a % b` of ints; raises on zero and overflow.
            "rem_int" RemInt() Raises;
            /// `-a` of an int; raises on overflow.
            "neg_int" NegInt() Raises;
            /// `a + b` of floats.
            "add_float" AddFloat() Pure;
            /// `a - b` of floats.
            "sub_float" SubFloat() Pure;
            /// `a * b` of floats.
            "mul_float" MulFloat() Pure;
            /// `a / b` of floats; raises on zero.
            "div_float" DivFloat() Raises;
            /// `a % b` of floats; raises on zero.
            "rem_float" RemFloat() Raises;
            /// `-a` of a float.
            "neg_float" NegFloat() Pure;
            /// An int as a float.
            "int_to_float" IntToFloat() Pure;
            /// Whether all ints lie between -2^31 and 2^31 - 1.
            "is_small" IsSmall() Pure;
            /// The int, of which `is_small` has shown that.
            "small" Small() Pure;
            /// Compares two ints.
            "cmp_int" CmpInt(how: Compare) Pure;
            /// Compares two floats; equality has the tolerance of language.md §7.2.
            "cmp_float" CmpFloat(how: Compare) Pure;
            /// Compares two bools (equal, not equal).
            "cmp_bool" CmpBool(how: Compare) Pure;
            /// `!a` of a bool.
            "not_bool" NotBool() Pure;

            /// `a + b`, … of any values: ints and floats inline, the rest by the runtime operation. Consumes last uses.
            "arith" Arith(how: Helper) Acts;
            /// Compares any values: ints and floats inline, the rest by the runtime operation (which may call an overload).
            "compare" CompareAny(how: Helper) Acts;
            /// Truthiness of any value, as a bool. Consumes a last use.
            "truthy" Truthy() Pure;
            /// Whether the value has one of the tags in the set, as a bool. Borrows.
            "has_type" HasType(ty: Type) Pure;
            /// A runtime operation with its immediates. A `slot` parameter gives its changed value as a further result;
            /// a `window` parameter takes all remaining operands.
            "call" Helper(helper: Helper, imms: [u64; 2]) Acts;
            /// One more count of the operand.
            "retain" Retain() Acts;
            /// One count less of the operand.
            "release" Release() Acts;

            /// A global variable, or the uninitialised mark; counts it.
            "load_global" LoadGlobal(global: u16) Acts;
            /// Stores to a global variable; the old value is dropped.
            "store_global" StoreGlobal(global: u16) Acts;
            /// Raises if the operand is the uninitialised mark: `undefined_global` or `undefined_name` with the index. Gives the
            /// operand, with its count.
            "check_init" CheckInit(error: Helper, index: u16) Acts;
            /// The value of a captured variable; counts it. Borrows the cell.
            "load_cell" LoadCell() Acts;
            /// The value of a kept register, which still owns it.
            "load_kept" LoadKept(r: u16) Acts;
            /// The value of a kept register, which is null from now on.
            "take_kept" TakeKept(r: u16) Acts;
            /// Stores to a kept register; the old value is dropped.
            "store_kept" StoreKept(r: u16) Acts;
            /// What the running function captured at an index; counts it.
            "load_capture" LoadCapture(capture: u16) Acts;
            /// The running function; counts it.
            "load_callee" LoadCallee() Acts;

            /// Calls the first operand with the others.
            "call_value" CallValue() Acts;
            /// Calls a function of the program that no version is known for.
            "call_func" CallFunc(func: u16) Acts;
            /// Calls a version of a function of the program.
            "call_version" CallVersion(version: VersionId) Acts;
            /// Calls a builtin.
            "call_builtin" CallBuiltin(builtin: u16) Acts;
            /// Calls a method or builtin of that name on the first operand.
            "call_method" CallMethod(name: u16) Acts;

            /// Hands what is live at a bytecode instruction over to whoever entered the function in a loop, to go on from there. Consumes
            /// its operands.
            "leave_loop" LeaveLoop(pc: u32) Acts;

            /// The next int of a range: next, end, step give the next `next`, the int, whether there is one.
            "range_next" RangeNext() Pure;
            /// The next value of a loop: subject, position give the next position, the value, whether there is one. Borrows.
            "iter_next" IterNext() Acts;
            /// Takes the pending error as a value. Only first in a handler.
            "catch" Catch() Acts;
            /// Notes that the pending error passes an inlined call.
            "located" Located(pos: Pos) Acts;
        /// Notes that the pending error leaves an inlined function.
        "unwound" Unwound(func: u16) Acts;
        /// Raises if entering an inlined call of the function, so many levels below this one, is too deep.
        "check_depth" CheckDepth(func: u16, level: u32) Acts;
        }
    };
}

macro_rules! inst_enum {
    ($( $(#[doc = $doc:literal])+ $name:literal $variant:ident($($imm:ident: $ty:ty),*) $effect:ident; )*) => {
        /// What an instruction does; the rows of the table.
        #[derive(Clone, Copy, PartialEq, Debug)]
        pub enum InstOp {
            $(
                $(#[doc = $doc])+
                $variant { $(
                    #[doc = concat!("`", stringify!($imm), "`")]
                    $imm: $ty
                ),* },
            )*
        }
        /// The names of all instructions, in table order.
        pub const NAMES: &[&str] = &[$($name),*];
        impl InstOp {
            /// The name in dumps.
            pub fn name(&self) -> &'static str {
                match self { $(InstOp::$variant { .. } => $name,)* }
            }
            /// What it does besides giving its result.
            pub fn effect(&self) -> Effect {
                match self { $(InstOp::$variant { .. } => Effect::$effect,)* }
            }
            /// The immediates as text, in table order.
            pub fn immediates(&self) -> Vec<String> {
                match self { $(InstOp::$variant { $($imm),* } => vec![$(format!("{:?}", $imm)),*],)* }
            }
        }
    };
}
for_each_inst!(inst_enum);

/// An operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arg {
    /// The value.
    pub value: ValueId,
    /// The instruction takes over the count that the function owned.
    pub last: bool,
}

impl Arg {
    /// A borrowed operand.
    pub fn borrowed(value: ValueId) -> Arg {
        Arg { value, last: false }
    }
    /// An operand whose count passes to the instruction.
    pub fn owned(value: ValueId) -> Arg {
        Arg { value, last: true }
    }
}

/// An instruction.
#[derive(Clone, PartialEq, Debug)]
pub struct Inst {
    /// What it does.
    pub op: InstOp,
    /// Its operands.
    pub args: Vec<Arg>,
    /// Its results; none or one, except for `slot` helpers and loops.
    pub results: Vec<ValueId>,
    /// Where its error goes, if it may raise.
    pub site: Option<SiteId>,
}

/// Where control goes, with the values for the block's parameters.
#[derive(Clone, PartialEq, Debug)]
pub struct Edge {
    /// The block.
    pub to: BlockId,
    /// The values; their counts pass to the parameters.
    pub args: Vec<ValueId>,
}

/// How a block ends.
#[derive(Clone, PartialEq, Debug)]
pub enum Terminator {
    /// Continues.
    Jump(Edge),
    /// Continues at the first edge if the bool is true, else at the second.
    Branch(ValueId, Edge, Edge),
    /// Leaves with a value, whose count passes to the caller.
    Return(ValueId),
    /// Leaves with the pending error.
    Unwind,
    /// Not reached.
    Unreachable,
}

/// A place where an error may start or pass.
#[derive(Clone, PartialEq, Debug)]
pub struct Site {
    /// The source position that the error gets if it has none yet.
    pub pos: Pos,
    /// Counts that the function owns there and that neither the instruction took nor the handler gets.
    pub release: Vec<ValueId>,
    /// An inlined function that the error leaves here.
    pub leaves: Option<u16>,
    /// The handler; none: the error leaves the function.
    pub handler: Option<Edge>,
}

/// A basic block.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Block {
    /// Its parameters.
    pub params: Vec<ValueId>,
    /// Its instructions.
    pub insts: Vec<Inst>,
    /// Its end; none while it is being built.
    pub end: Option<Terminator>,
    /// Hardly ever executed: handlers, landing blocks of inlined calls.
    pub cold: bool,
    /// How many inlined calls it is in.
    pub level: u32,
}

/// A version of a bytecode function.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Function {
    /// Its name, for dumps and symbols.
    pub name: String,
    /// The bytecode function.
    pub func: u16,
    /// The bytecode instruction where it is entered: 0, or the loop head of an on-stack replacement.
    pub entry_pc: u32,
    /// For how many levels of call depth a call counts.
    pub weight: u32,
    /// It is the top level of a file: its code outside loops is executed once.
    pub runs_once: bool,
    /// How many registers it keeps in its frame: all of the bytecode function, or none.
    pub kept: u16,
    /// Parameters of block 0 that are not negative.
    pub not_negative: Vec<ValueId>,
    /// Blocks; the first is the entry, whose parameters are the function's.
    pub blocks: Vec<Block>,
    /// The type of each value.
    pub types: Vec<Type>,
    /// Sites.
    pub sites: Vec<Site>,
    /// The type of what it returns.
    pub ret: Type,
}

impl Function {
    /// A new value.
    pub fn value(&mut self, ty: Type) -> ValueId {
        self.types.push(ty);
        ValueId(self.types.len() as u32 - 1)
    }
    /// The type of a value.
    pub fn ty(&self, value: ValueId) -> Type {
        self.types[value.index()]
    }
    /// A new block.
    pub fn block(&mut self) -> BlockId {
        self.blocks.push(Block::default());
        BlockId(self.blocks.len() as u32 - 1)
    }
    /// The blocks' numbers.
    pub fn block_ids(&self) -> impl DoubleEndedIterator<Item = BlockId> + use<> {
        (0..self.blocks.len() as u32).map(BlockId)
    }
    /// How much code its blocks become.
    pub fn size(&self) -> usize {
        self.blocks.iter().map(Block::size).sum()
    }
    /// The parameters of the entry.
    pub fn params(&self) -> &[ValueId] {
        &self.blocks[0].params
    }
}

impl Block {
    /// How much code it becomes: one for each typed instruction and for the end, a few for what looks at tags, counts or
    /// calls.
    pub fn size(&self) -> usize {
        let cost = |inst: &Inst| match inst.op.effect() {
            Effect::Pure | Effect::Raises => 1,
            Effect::Acts => 4,
        };
        1 + self.insts.iter().map(cost).sum::<usize>()
    }
    /// The values that it defines: its parameters and what its instructions give.
    pub fn definitions(&self) -> impl Iterator<Item = ValueId> {
        let results = self.insts.iter().flat_map(|inst| &inst.results);
        self.params.iter().chain(results).copied()
    }
    /// The values that it defines, for changing.
    pub fn definitions_mut(&mut self) -> impl Iterator<Item = &mut ValueId> {
        let results = self.insts.iter_mut().flat_map(|inst| &mut inst.results);
        self.params.iter_mut().chain(results)
    }
    /// The edges out of the block's end.
    pub fn edges(&self) -> impl Iterator<Item = &Edge> {
        let (a, b) = match &self.end {
            Some(Terminator::Jump(edge)) => (Some(edge), None),
            Some(Terminator::Branch(_, then, otherwise)) => (Some(then), Some(otherwise)),
            _ => (None, None),
        };
        a.into_iter().chain(b)
    }
    /// The edges out of the block's end, for changing.
    pub fn edges_mut(&mut self) -> impl Iterator<Item = &mut Edge> {
        let (a, b) = match &mut self.end {
            Some(Terminator::Jump(edge)) => (Some(edge), None),
            Some(Terminator::Branch(_, then, otherwise)) => (Some(then), Some(otherwise)),
            _ => (None, None),
        };
        a.into_iter().chain(b)
    }
}
