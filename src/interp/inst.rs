//! The instructions as the interpreter runs them: every row of the opcode table, and those that stand for several.
//!
//! In: instructions of register code. Out: [`Inst`]s, one for each, in the same places. Jumps say how far they go, so that the loop
//! needs no other address than that of the instruction. Who chooses the fused ones is `fuse`.

use crate::bytecode::op::{byte_type, kind_type};
use crate::bytecode::*;
use crate::for_each_op;

/// How far a jump goes, from its own instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Distance(pub i32);

impl Distance {
    fn between(at: usize, to: Label) -> Distance {
        // Functions have fewer than 2^31 instructions, or the difference wraps to the right one.
        Distance((to.0).wrapping_sub(at as u32) as i32)
    }
}

impl From<Distance> for i32 {
    #[inline(always)]
    fn from(distance: Distance) -> i32 {
        distance.0
    }
}

/// When a comparison jumps, and whether to the `loop_head` of a loop that it ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct When {
    bits: u8,
}

impl When {
    /// Jumps if the result is `sense`.
    pub fn new(sense: bool, back: bool) -> When {
        let bits = u8::from(sense) | u8::from(back) << 1;
        When { bits }
    }

    /// Whether it jumps on a result.
    #[inline(always)]
    pub fn takes(self, result: bool) -> bool {
        self.bits & 1 == u8::from(result)
    }

    /// Whether it jumps to a `loop_head`.
    #[inline(always)]
    pub fn is_back(self) -> bool {
        self.bits & 2 != 0
    }
}

macro_rules! field_type {
    (label) => {
        Distance
    };
    ($kind:ident) => {
        kind_type!($kind)
    };
}

macro_rules! field {
    ($at:ident, $f:ident, label) => {
        Distance::between($at, $f)
    };
    ($at:ident, $f:ident, $kind:ident) => {
        $f
    };
}

/// Calls `$with!` with what is given, in brackets, and the rows of the fused instructions.
macro_rules! for_each_fused {
    ($with:ident $given:tt) => {
        $with! { $given
            /// `eq` or `ne`, and the jump that alone reads its result: continues at `to` if `when` takes whether both are equal.
            JumpEq { when: When, a: Reg, b: Reg, to: i16 };
            /// Likewise `lt`, or `gt` with its operands exchanged.
            JumpLt { when: When, a: Reg, b: Reg, to: i16 };
            /// Likewise `le`, or `ge` with its operands exchanged.
            JumpLe { when: When, a: Reg, b: Reg, to: i16 };
            /// `load_int`, `eq` or `ne` with it, and the jump.
            JumpEqInt { when: When, a: Reg, n: i16, to: i16 };
            /// `load_int`, a comparison with it that is the same as `a < n` or its contrary, and the jump.
            JumpLtInt { when: When, a: Reg, n: i16, to: i16 };
            /// The end of a counting loop: `add_imm` or `sub_imm` of a register, `lt`, and the jump back to the `loop_head` at `to`.
            StepLt { step: i8, a: Reg, b: Reg, to: i16 };
            /// Likewise with `le`.
            StepLe { step: i8, a: Reg, b: Reg, to: i16 };
            /// Likewise `add` of another register to the counter, and `lt`.
            StepByLt { a: u8, by: u8, b: u8, to: i16 };
            /// `load_bool`, and `set_index` with it.
            SetBool { value: bool, root: Reg, at: Reg };
            /// `load_int`, and `mul` by it.
            MulInt { a: u8, dst: Reg, n: i32 };
            /// `load_int`, and `div` by it.
            DivInt { a: u8, dst: Reg, n: i32 };
            /// `load_int`, and `rem` by it.
            RemInt { a: u8, dst: Reg, n: i32 };
            /// `not`, and the jump that alone reads its result: continues at `to` if the bool `a` is `sense`. The jump is skipped.
            JumpBool { sense: bool, a: Reg, to: i16 };
            /// `is_uninit`, and the jump that alone reads its result. The jump is skipped.
            JumpUninit { sense: bool, a: Reg, to: i16 };
            /// `jump` to a `loop_head`.
            JumpBack { to: Distance };
            /// Two `mov`s, `load_int`, and `call_builtin` of `get` with them: what the dict `a` has for `key`, or `n`.
            Get { n: i8, dst: Reg, a: Reg, key: Reg };
            /// `call_builtin` of `push`.
            Push { n: u8, dst: Reg, base: Reg, builtin: BuiltinIx };
            /// `call_builtin` of `len`.
            Len { n: u8, dst: Reg, base: Reg, builtin: BuiltinIx };
            /// `return` where no other register owns anything.
            ReturnOnly { src: Reg };
        }
    };
}

macro_rules! define_insts {
    ($($rows:tt)*) => { for_each_fused! { define_all [$($rows)*] } };
}

macro_rules! define_all {
    (
        [$($(#[$doc:meta])* $name:ident = $Variant:ident($byte:ident) { $($f:ident: $k:ident),* $(,)? } $how:ident $($helper:ident)?;)*]
        $($(#[$fused_doc:meta])* $Fused:ident { $($g:ident: $ty:ty),* };)*
    ) => {
        /// An instruction of the interpreter.
        ///
        /// The fused ones stand in the place of the first instruction that they do the work of; the others keep their places, where
        /// a jump may still find them. They know what to do with ints (some with other kinds, too). For anything else
        /// they are replaced by the instruction that was there before.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "the doc line of a row describes its operands")]
        pub enum Inst {
            $($(#[$doc])* $Variant { $byte: byte_type!($byte), $($f: field_type!($k)),* },)*
            $($(#[$fused_doc])* $Fused { $($g: $ty),* },)*
        }

        /// The names of the fused ones.
        pub const FUSED: &[&str] = &[$(stringify!($Fused)),*];

        impl Inst {
            /// Its name, if it is a fused one.
            pub fn fused(&self) -> Option<&'static str> {
                match self {
                    $(Inst::$Fused { .. } => Some(stringify!($Fused)),)*
                    _ => None,
                }
            }

            /// The instruction that does what `op` does at index `at`.
            pub fn new(op: Op, at: usize) -> Inst {
                match op {
                    $(Op::$Variant { $byte, $($f),* } => Inst::$Variant { $byte, $($f: field!(at, $f, $k)),* },)*
                }
            }
        }
    };
}

for_each_op!(define_insts);

const _: () = assert!(size_of::<Inst>() == 8);

/// The instructions that programs spend their time in: not more than fifteen (see `run`).
macro_rules! hot {
    () => {
        Inst::AddImm { .. }
            | Inst::Add { .. }
            | Inst::Sub { .. }
            | Inst::Mul { .. }
            | Inst::Move { .. }
            | Inst::LoadConst { .. }
            | Inst::JumpLt { .. }
            | Inst::JumpLe { .. }
            | Inst::JumpLtInt { .. }
            | Inst::StepLt { .. }
            | Inst::Index { .. }
            | Inst::SetIndex { .. }
            | Inst::GetField { .. }
            | Inst::CallFunc { .. }
            | Inst::ReturnOnly { .. }
    };
}
pub(super) use hot;

/// All others.
macro_rules! rare {
    () => {
        Inst::LoadInt { .. }
            | Inst::LoadBool { .. }
            | Inst::LoadNull { .. }
            | Inst::LoadBuiltin { .. }
            | Inst::LoadUninit { .. }
            | Inst::Clear { .. }
            | Inst::LoadGlobal { .. }
            | Inst::LoadGlobalRaw { .. }
            | Inst::StoreGlobal { .. }
            | Inst::NewCell { .. }
            | Inst::LoadCell { .. }
            | Inst::StoreCell { .. }
            | Inst::LoadCapture { .. }
            | Inst::LoadCallee { .. }
            | Inst::CheckInit { .. }
            | Inst::IsUninit { .. }
            | Inst::Div { .. }
            | Inst::Rem { .. }
            | Inst::SubImm { .. }
            | Inst::Neg { .. }
            | Inst::Not { .. }
            | Inst::Eq { .. }
            | Inst::Ne { .. }
            | Inst::Lt { .. }
            | Inst::Le { .. }
            | Inst::Gt { .. }
            | Inst::Ge { .. }
            | Inst::Truthy { .. }
            | Inst::Same { .. }
            | Inst::HasBuiltinMethods { .. }
            | Inst::MatchesName { .. }
            | Inst::Jump { .. }
            | Inst::JumpIf { .. }
            | Inst::JumpIfNot { .. }
            | Inst::JumpIfNull { .. }
            | Inst::Return { .. }
            | Inst::ReturnNull { .. }
            | Inst::LoopHead { .. }
            | Inst::Throw { .. }
            | Inst::Raise { .. }
            | Inst::Catch { .. }
            | Inst::CatchNone { .. }
            | Inst::IsFailure { .. }
            | Inst::Call { .. }
            | Inst::CallBuiltin { .. }
            | Inst::CallMethod { .. }
            | Inst::MakeArray { .. }
            | Inst::MakeDict { .. }
            | Inst::ArrayPush { .. }
            | Inst::ArraySpread { .. }
            | Inst::DictSet { .. }
            | Inst::DictSpread { .. }
            | Inst::MakeStruct { .. }
            | Inst::MakeStructDef { .. }
            | Inst::MakeTagged { .. }
            | Inst::MakeOk { .. }
            | Inst::MakeErr { .. }
            | Inst::MakeSome { .. }
            | Inst::MakeNone { .. }
            | Inst::MakeClosure { .. }
            | Inst::Concat { .. }
            | Inst::GetFieldOpt { .. }
            | Inst::GetPlace { .. }
            | Inst::FieldOrUninit { .. }
            | Inst::MatchesTag { .. }
            | Inst::Payload { .. }
            | Inst::ElementOrNull { .. }
            | Inst::RestOfArray { .. }
            | Inst::EntryOrNull { .. }
            | Inst::RestOfDict { .. }
            | Inst::SetField { .. }
            | Inst::StorePlace { .. }
            | Inst::AddPlace { .. }
            | Inst::UpdatePlace { .. }
            | Inst::StorePlaceGlobal { .. }
            | Inst::AddPlaceGlobal { .. }
            | Inst::UpdatePlaceGlobal { .. }
            | Inst::StorePlaceCell { .. }
            | Inst::AddPlaceCell { .. }
            | Inst::UpdatePlaceCell { .. }
            | Inst::UpdateWith { .. }
            | Inst::RangeStart { .. }
            | Inst::RangeNext { .. }
            | Inst::IterStart { .. }
            | Inst::IterNext { .. }
            | Inst::ImportModule { .. }
            | Inst::ModuleNamespace { .. }
            | Inst::JumpEq { .. }
            | Inst::JumpEqInt { .. }
            | Inst::StepLe { .. }
            | Inst::StepByLt { .. }
            | Inst::SetBool { .. }
            | Inst::MulInt { .. }
            | Inst::DivInt { .. }
            | Inst::RemInt { .. }
            | Inst::JumpBool { .. }
            | Inst::JumpUninit { .. }
            | Inst::JumpBack { .. }
            | Inst::Get { .. }
            | Inst::Push { .. }
            | Inst::Len { .. }
    };
}
pub(super) use rare;
