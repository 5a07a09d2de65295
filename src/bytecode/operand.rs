//! The operands of instructions as types: registers, labels, indices into the program's tables, last-use flags.
//!
//! In: nothing. Out: newtypes, so that a constant cannot stand where a register should. They do not know the rows.

/// A register of the running function.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Reg(pub u16);

impl Reg {
    /// As an index.
    #[inline(always)]
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The register `n` further on. Saturates: the verifier rejects what lies outside the frame.
    #[inline(always)]
    pub fn plus(self, n: u16) -> Reg {
        Reg(self.0.saturating_add(n))
    }

    /// This register and those after it, `n` in all.
    pub fn span(self, n: u16) -> impl Iterator<Item = Reg> {
        (0..n).map(move |i| self.plus(i))
    }
}

/// An instruction of the function, by index. While a function is being built: the number of a label of the builder.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Label(pub u32);

impl Label {
    /// As an index.
    #[inline(always)]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

macro_rules! indices {
    ($($(#[$doc:meta])* $Name:ident($int:ty);)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $Name(pub $int);

        impl $Name {
            /// As an index.
            #[inline(always)]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )* };
}

indices! {
    /// Index into `Image::consts`.
    ConstIx(u32);
    /// Index into `Image::names`.
    NameIx(u16);
    /// Index into `Program::funcs` and `Image::funcs`.
    FuncIx(u16);
    /// Index into `builtins::ALL`.
    BuiltinIx(u16);
    /// Index into `Image::globals`.
    GlobalIx(u16);
    /// Index into the captures of the running function.
    CaptureIx(u16);
    /// Index into `Image::places`.
    PlaceIx(u16);
    /// Index into `Image::literals`.
    LiteralIx(u16);
    /// Index into `Image::tags`.
    TagIx(u16);
    /// Index into `Image::messages`.
    MessageIx(u16);
    /// Index into `Image::modules`.
    ModuleIx(u16);
}

/// Which `src` operands of an instruction are the last use of their register (bits: `last_bit!`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Last(u8);

impl Last {
    /// None of them.
    pub const NONE: Last = Last(0);

    /// Whether the operand with that bit is a last use.
    #[inline(always)]
    pub fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }

    /// Marks the operand with that bit.
    #[inline(always)]
    pub fn set(&mut self, bit: u8) {
        self.0 |= bit;
    }

    /// All bits.
    #[inline(always)]
    pub fn bits(self) -> u8 {
        self.0
    }
}

/// How an instruction uses a register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Reads it; moves the value out if it is flagged as the last use.
    Read,
    /// Moves the value out; the register then holds null.
    Take,
    /// Changes the value in place: reads and writes.
    Change,
    /// Writes it, dropping the old value.
    Write,
    /// Writes it if the next instruction follows, and does not touch it if the instruction jumps.
    WriteOnFallThrough,
}

/// An operand of an instruction, as data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(
    missing_docs,
    reason = "the variants are the kinds that `op` describes"
)]
pub enum Operand {
    /// With whether it is the last use.
    Src(Reg, bool),
    Dst(Reg),
    InOut(Reg),
    /// The first register and the number of registers.
    Window(Reg, u16),
    /// The first register, and how many arguments of `range` it starts with.
    RangeState(Reg, u16),
    RangeNext(Reg),
    IterState(Reg),
    IterNext(Reg),
    Imm(i32),
    Count(u16),
    Label(Label),
    Const(ConstIx),
    Name(NameIx),
    Func(FuncIx),
    Builtin(BuiltinIx),
    Global(GlobalIx),
    Capture(CaptureIx),
    Place(PlaceIx),
    Literal(LiteralIx),
    Tag(TagIx),
    Message(MessageIx),
    Module(ModuleIx),
}
