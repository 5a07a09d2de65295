//! Faults that can be planted, to see whether the tests would find a bug of their kind.
//!
//! In: the name of a fault, from a test. Out: `fault!(NAME)`, true where that fault is to be made. The table is the only list of
//! faults; whoever plants them knows what to do with the others.
//!
//! Only builds with debug assertions have them, which is what `cargo test` makes; there a place asks one relaxed load. A build
//! without, as every release is, has the constant `false`: it would not compile otherwise, see below. A feature of Cargo would
//! need a second build of the toolchain for the tests, or get into releases of the workspace by unification of features.

#[cfg(debug_assertions)]
use core::sync::atomic::{AtomicUsize, Ordering};

macro_rules! faults {
    ($( $(#[doc = $doc:literal])+ $name:ident $room:literal; )*) => {
        /// A bug that can be planted.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Fault {
            $( $(#[doc = $doc])+ $name, )*
        }
        impl Fault {
            /// All of them.
            pub const ALL: &[Fault] = &[$(Fault::$name),*];
            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Fault::$name => stringify!($name),)* }
            }
            /// The room of `docs/architecture.md` whose code it breaks.
            pub fn room(self) -> &'static str {
                match self { $(Fault::$name => $room,)* }
            }
            /// What it breaks.
            pub fn what(self) -> &'static str {
                match self { $(Fault::$name => concat!($($doc),+),)* }
            }
        }
    };
}

faults! {
    /// A variable that is assigned after its capture is captured by value.
    LateStoresAreNotCaptured "resolve";
    /// Errors are said to be one column further right.
    PositionsAreOff "emit";
    /// A value is moved out by the first of several reads of one instruction.
    FirstReadIsLast "bytecode";
    /// What a handler needs is not kept alive for it.
    HandlersNeedNothing "bytecode";
    /// An error goes to the outermost handler of a function.
    OuterHandlersFirst "bytecode";

    /// Subtracts the other way round.
    InterpretedSubIsSwapped "interp";
    /// What ints cannot give, as a quotient by zero, is 0.
    InterpretedIntsNeverRaise "interp";
    /// `a <= literal` before a jump is `a < literal`.
    FusedComparisonIsStrict "interp";
    /// The step of a loop that passes the greatest int goes on with the least.
    FusedStepsWrap "interp";
    /// The chain of active functions keeps those that returned.
    ReturnsKeepFrames "interp";
    /// A copy of a register is not retained.
    InterpretedCopiesAreNotRetained "interp";
    /// What an instruction has used up is released twice.
    InterpretedReleasesAreDoubled "interp";
    /// What the registers hold when a function returns is not released.
    InterpretedReturnsLeak "interp";

    /// Overwriting a register does not give its old value up.
    OverwrittenValuesLeak "ssa";
    /// A register kept in the frame is not counted for the value that becomes a part of what it holds.
    KeptPartsAreBorrowed "ssa";
    /// An error does not give up what its function holds.
    ErrorsLeak "ssa";
    /// Types that reach a handler are not looked at.
    HandlersHaveNoTypes "ssa";
    /// A handler sees the result of the instruction that raised.
    HandlersSeeResults "ssa";
    /// An instruction that only raises is dropped if nobody uses its result.
    UnusedErrorsVanish "ssa";
    /// A branch on `!c` becomes a branch on `c`.
    NegatedBranchesStay "ssa";
    /// `a < b` bounds `a` by one too little.
    UpperBoundsAreOff "ssa";
    /// Remainders are never negative.
    RemaindersAreNatural "ssa";
    /// Counters of a loop that is entered in the middle are never negative.
    CountersAreNatural "ssa";
    /// An error of an inlined body does not name the function.
    InlinedCallsHaveNoName "ssa";
    /// An error that leaves an inlined body does not give up what its caller holds.
    InlinedErrorsLeak "ssa";

    /// Sums wrap.
    CompiledAddWraps "codegen";
    /// Differences wrap.
    CompiledSubWraps "codegen";
    /// Products wrap.
    CompiledMulWraps "codegen";
    /// Divides ints the other way round.
    CompiledDivIsSwapped "codegen";
    /// The least int divided by -1 traps.
    CompiledDivTraps "codegen";
    /// `>=` of ints is `>`.
    CompiledGeIsStrict "codegen";
    /// Floats are equal only if they are the same.
    CompiledEqualityIsExact "codegen";
    /// Ints become floats as if they were unsigned.
    CompiledConversionIsUnsigned "codegen";
    /// The element behind the last can be read.
    CompiledBoundsAreOff "codegen";
    /// A field is looked for where the struct before had it.
    CompiledFieldsIgnoreShapes "codegen";
    /// What is read from a field or an element is not retained.
    CompiledPartsAreNotRetained "codegen";
    /// Values that die are not released.
    CompiledReleasesAreMissing "codegen";
    /// Values that die are released twice.
    CompiledReleasesAreDoubled "codegen";
    /// Arrays are changed in place whoever else holds them.
    CompiledStoresIgnoreSharing "codegen";
    /// Values are put into arrays of any storage.
    CompiledStoresIgnoreStorage "codegen";
    /// What is pushed in place is not counted by the array's length.
    CompiledPushesAreLost "codegen";
    /// Only the first argument is asked whether it fits a version.
    EntriesGuardFirstArgument "codegen";
    /// The runtime is called without telling where the program is.
    CallsOutHaveNoFrame "codegen";
    /// A range that counts down is empty.
    CompiledRangesOnlyRise "codegen";

    /// A sum of an int and a float is one less.
    MixedSumsAreOff "runtime";
    /// Floats are equal only if they are the same.
    EqualityIsExact "runtime";
    /// `"05"` and `"5"` are one key.
    KeysWithZerosAreInts "runtime";
    /// Negative indices count from the last but one.
    NegativeIndicesAreOff "runtime";
    /// Objects are changed in place whoever else holds them.
    SharedObjectsChange "runtime";
    /// A loop over a string steps by bytes of its last character.
    StringLoopsStepByBytes "runtime";
    /// The stack of a caught error has its outermost function last.
    StacksAreReversed "runtime";
    /// Sorting by a function puts the later of two equal values first.
    SortIsNotStable "runtime";
    /// Structs are equal without a look at their last field.
    LastFieldsAreNotCompared "runtime";
    /// Storing to a captured variable does not give its old value up.
    OverwrittenCellsLeak "runtime";
    /// Text that grows keeps the hash that it had.
    GrownTextKeepsItsHash "runtime";
    /// An error that is caught without a name is not freed.
    UnnamedErrorsLeak "runtime";
}

/// The planted one, counted from 1.
#[cfg(debug_assertions)]
static PLANTED: AtomicUsize = AtomicUsize::new(0);

/// Plants a fault in this process, in place of the one before.
#[cfg(debug_assertions)]
pub fn plant(fault: Fault) {
    PLANTED.store(fault as usize + 1, Ordering::Relaxed);
}

/// Whether that fault is to be made; see [`fault!`](crate::fault!).
#[cfg(debug_assertions)]
#[inline(always)]
pub fn is_planted(fault: Fault) -> bool {
    PLANTED.load(Ordering::Relaxed) == fault as usize + 1
}

/// There are no faults in this build.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub const fn is_planted(_: Fault) -> bool {
    false
}

// What the compiler can tell at compile time costs nothing at run time.
#[cfg(not(debug_assertions))]
const _: () = assert!(!is_planted(Fault::ALL[0]));

/// Whether the fault of that name has been planted: `false` at compile time in builds without debug assertions.
#[macro_export]
macro_rules! fault {
    ($name:ident) => {
        $crate::fault::is_planted($crate::fault::Fault::$name)
    };
}
