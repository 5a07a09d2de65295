//! The opcode table: the only list of instructions. The enum, the disassembler, the verifier, liveness and the arms of
//! the interpreter and the SSA builder expand from it.
//!
//! A row: doc line, name, `Variant(byte) { operand: kind, … }`, and how it is done:
//! `via F` calls the runtime operation `ops::F` with the operands in order (see the helper table `abi.rs`, which says which
//! of them it takes owned); `custom` has a method of its own in each engine.
//!
//! Every instruction is 8 bytes: the opcode, a byte, and 6 bytes of operands. The byte is `last`, the last-use flags of the
//! `src` operands ([`Last`]), or `n`, a number of window values.
//!
//! Operand kinds ([`Access`] says which are registers, and how they are used):
//! `dst` register written (its old value is dropped) · `src` register read; if it is the last use, moved out (the register then
//! holds null) · `inout` register whose value is changed in place · `window` first of `n` registers that are
//! all moved out · `call_window` likewise, `n + 1` registers · `konst` `name` `func` `builtin` `global` `capture` `place`
//! `literal` `tag` `message` `module` indices into the program's tables · `imm` `imm16` small integer · `count16` a number of
//! window values · `label` instruction index · `range_state` `range_next` `iter_state` `iter_next` the first register of a
//! loop's state (see the rows).

use super::operand::*;

/// Calls `$with!` with all rows.
#[macro_export]
macro_rules! for_each_op {
    ($with:ident) => { $with! {
        // -- Moving values
        /// `dst = consts[k]`
        load_const = LoadConst(last) { dst: dst, k: konst } custom;
        /// `dst = n`, a small integer.
        load_int = LoadInt(last) { dst: dst, n: imm } custom;
        /// `dst = true` (1) or `false` (0).
        load_bool = LoadBool(last) { dst: dst, b: imm } custom;
        /// `dst = null`
        load_null = LoadNull(last) { dst: dst } custom;
        /// `dst =` the builtin as a function value.
        load_builtin = LoadBuiltin(last) { dst: dst, builtin: builtin } custom;
        /// `dst =` the mark of an uninitialised variable.
        load_uninit = LoadUninit(last) { dst: dst } custom;
        /// `dst = src`
        mov = Move(last) { dst: dst, src: src } custom;
        /// Drops the value of a register whose variable has gone out of scope; it then holds null.
        clear = Clear(last) { dst: dst } custom;

        // -- Variables that are not registers
        /// `dst = globals[g]`; raises `Undefined variable` if it is not initialised.
        load_global = LoadGlobal(last) { dst: dst, global: global } custom;
        /// `dst = globals[g]`, or the uninitialised mark.
        load_global_raw = LoadGlobalRaw(last) { dst: dst, global: global } custom;
        /// `globals[g] = src`
        store_global = StoreGlobal(last) { src: src, global: global } custom;
        /// `dst =` a new captured variable that holds `src`.
        new_cell = NewCell(last) { dst: dst, src: src } custom;
        /// `dst =` the value of the captured variable in `cell`, or the uninitialised mark.
        load_cell = LoadCell(last) { dst: dst, cell: src } custom;
        /// Stores `src` in the captured variable in `cell`.
        store_cell = StoreCell(last) { cell: src, src: src } custom;
        /// `dst =` what the running function captured at that index (a value or a captured variable).
        load_capture = LoadCapture(last) { dst: dst, capture: capture } custom;
        /// `dst =` the running function itself.
        load_callee = LoadCallee(last) { dst: dst } custom;
        /// Raises `Undefined variable: NAME` if `src` is the uninitialised mark.
        check_init = CheckInit(last) { src: src, name: name } custom;
        /// `dst =` whether `src` is the uninitialised mark.
        is_uninit = IsUninit(last) { dst: dst, src: src } custom;

        // -- Operators
        /// `dst = a + b`
        add = Add(last) { dst: dst, a: src, b: src } via add;
        /// `dst = a - b`
        sub = Sub(last) { dst: dst, a: src, b: src } via sub;
        /// `dst = a * b`
        mul = Mul(last) { dst: dst, a: src, b: src } via mul;
        /// `dst = a / b`
        div = Div(last) { dst: dst, a: src, b: src } via div;
        /// `dst = a % b`
        rem = Rem(last) { dst: dst, a: src, b: src } via rem;
        /// `dst = a + n`
        add_imm = AddImm(last) { dst: dst, a: src, n: imm16 } custom;
        /// `dst = a - n`
        sub_imm = SubImm(last) { dst: dst, a: src, n: imm16 } custom;
        /// `dst = -a`
        neg = Neg(last) { dst: dst, a: src } via neg;
        /// `dst = !a`
        not = Not(last) { dst: dst, a: src } via not;
        /// `dst = a == b`, with overloads.
        eq = Eq(last) { dst: dst, a: src, b: src } via eq;
        /// `dst = a != b`, with overloads.
        ne = Ne(last) { dst: dst, a: src, b: src } via ne;
        /// `dst = a < b`
        lt = Lt(last) { dst: dst, a: src, b: src } via lt;
        /// `dst = a <= b`
        le = Le(last) { dst: dst, a: src, b: src } via le;
        /// `dst = a > b`
        gt = Gt(last) { dst: dst, a: src, b: src } via gt;
        /// `dst = a >= b`
        ge = Ge(last) { dst: dst, a: src, b: src } via ge;
        /// `dst =` whether `a` is truthy, as a bool.
        truthy = Truthy(last) { dst: dst, a: src } via truthy;
        /// `dst = a == b` without overloads: literal patterns.
        same = Same(last) { dst: dst, a: src, b: src } via same;
        /// `dst =` whether the methods of `a` are builtins: it is no struct, dict or module.
        has_builtin_methods = HasBuiltinMethods(last) { dst: dst, a: src } via has_builtin_methods;
        /// `dst =` whether `a` is a string equal to the name, or a float that prints so: a bare identifier as a pattern.
        matches_name = MatchesName(last) { dst: dst, a: src, name: name } via matches_name;

        // -- Control
        /// Continues at `to`.
        jump = Jump(last) { to: label } custom;
        /// Continues at `to` if `cond` is truthy.
        jump_if = JumpIf(last) { cond: src, to: label } custom;
        /// Continues at `to` if `cond` is falsy.
        jump_if_not = JumpIfNot(last) { cond: src, to: label } custom;
        /// Continues at `to` if `src` is null.
        jump_if_null = JumpIfNull(last) { src: src, to: label } custom;
        /// Leaves the function with `src`.
        ret = Return(last) { src: src } custom;
        /// Leaves the function with null.
        return_null = ReturnNull(last) { } custom;
        /// The head of a loop: where heat is counted and where native code may enter.
        loop_head = LoopHead(last) { } custom;

        // -- Errors
        /// Raises `src` (language.md §14.1).
        throw = Throw(last) { src: src } via throw;
        /// Raises the message.
        raise = Raise(last) { message: message } custom;
        /// First instruction of a handler: `dst =` the caught error as a struct `Error`.
        catch = Catch(last) { dst: dst } custom;
        /// First instruction of a handler that binds nothing: the caught error is dropped.
        catch_none = CatchNone(last) { } custom;
        /// `dst =` whether `src` is `Err` or `None` (to be returned) and not `Ok` or `Some`; raises for anything else.
        is_failure = IsFailure(last) { dst: dst, src: src } via is_failure;

        // -- Calls
        /// `dst = f(args…)` where `f` is `window[0]` and the `count` arguments follow it.
        call = Call(n) { dst: dst, base: call_window } custom;
        /// `dst =` the call of a known function of the program; the arity has been checked.
        call_func = CallFunc(n) { dst: dst, base: window, func: func } custom;
        /// `dst =` the call of a builtin.
        call_builtin = CallBuiltin(n) { dst: dst, base: window, builtin: builtin } custom;
        /// `dst = window[0].name(args…)` as language.md §5.3; `count` arguments follow the receiver.
        call_method = CallMethod(n) { dst: dst, base: call_window, name: name } custom;

        // -- Constructors
        /// `dst =` an array of the window.
        make_array = MakeArray(last) { dst: dst, base: window, n: count16 } custom;
        /// `dst =` a dict of the window: key, value, key, value… (`n` values in all).
        make_dict = MakeDict(last) { dst: dst, base: window, n: count16 } custom;
        /// Appends `src` to the array under construction.
        array_push = ArrayPush(last) { array: inout, src: src } custom;
        /// Appends the elements of `src`; raises `Can only spread arrays`.
        array_spread = ArraySpread(last) { array: inout, src: src } custom;
        /// Sets an entry of the dict under construction; raises `Dict keys must be strings`.
        dict_set = DictSet(last) { dict: inout, key: src, src: src } custom;
        /// Sets all entries of `src`; raises `Can only spread dicts`.
        dict_spread = DictSpread(last) { dict: inout, src: src } custom;
        /// `dst =` a struct of the literal, its fields from the window (`n` is what the literal says).
        make_struct = MakeStruct(n) { dst: dst, base: window, literal: literal } custom;
        /// `dst =` the methods of a struct definition that capture variables: the closures in the window. Such a definition's
        /// literals carry it as one value more.
        make_struct_def = MakeStructDef(n) { dst: dst, base: window } custom;
        /// `dst =` a tagged value with the window as payload.
        make_tagged = MakeTagged(n) { dst: dst, base: window, tag: tag } custom;
        /// `dst = Ok(src)`
        make_ok = MakeOk(last) { dst: dst, src: src } via make_ok;
        /// `dst = Err(src)`
        make_err = MakeErr(last) { dst: dst, src: src } via make_err;
        /// `dst = Some(src)`
        make_some = MakeSome(last) { dst: dst, src: src } via make_some;
        /// `dst = None`
        make_none = MakeNone(last) { dst: dst } via make_none;
        /// `dst =` a function object of `func` that captures the window.
        make_closure = MakeClosure(n) { dst: dst, base: window, func: func } custom;
        /// `dst =` the texts of the window, joined: string interpolation; raises if there is no room.
        concat = Concat(last) { dst: dst, base: window, n: count16 } custom;

        // -- Reading parts
        /// `dst = a[at]`
        index = Index(last) { dst: dst, a: src, at: src } via index;
        /// `dst = a.name`
        get_field = GetField(last) { dst: dst, a: src, name: name } via get_field;
        /// `dst = a?.name`
        get_field_opt = GetFieldOpt(last) { dst: dst, a: src, name: name } via get_field_opt;
        /// `dst = a.name` where that is a step of a place: the entry of a dict must exist.
        get_place = GetPlace(last) { dst: dst, a: src, name: name } via get_place;
        /// `dst =` the field `name` of the receiver of a method without `self`, or the uninitialised mark.
        field_or_uninit = FieldOrUninit(last) { dst: dst, a: src, name: name } via field_or_uninit;
        /// `dst =` whether `a` is a tagged value, result or option of that tag.
        matches_tag = MatchesTag(last) { dst: dst, a: src, tag: tag } via matches_tag;
        /// `dst =` payload number `n` of a tagged value, result or option, or null.
        payload = Payload(last) { dst: dst, a: src, n: imm16 } via payload;
        /// `dst =` element `n` of the array `a`, or null if there is none or `a` is no array: destructuring.
        element_or_null = ElementOrNull(last) { dst: dst, a: src, n: imm16 } via element_or_null;
        /// `dst =` the elements from `n` on of the array `a`, or `[]`.
        rest_of_array = RestOfArray(last) { dst: dst, a: src, n: imm16 } via rest_of_array;
        /// `dst =` the entry `name` of the dict `a`, or null.
        entry_or_null = EntryOrNull(last) { dst: dst, a: src, name: name } via entry_or_null;
        /// `dst =` the dict `a` (or `{}` if it is no dict) without the entries whose names the window holds.
        rest_of_dict = RestOfDict(n) { dst: dst, a: src, base: window } custom;

        // -- Writing to places (language.md §6.2)
        /// `root[at] = src`
        set_index = SetIndex(last) { root: inout, at: src, src: src } custom;
        /// `root.name = src`
        set_field = SetField(last) { root: inout, src: src, name: name } custom;
        /// Stores `window[0]` at the place of `root`; the indices of its steps follow in the window.
        store_place = StorePlace(n) { root: inout, base: window, place: place } custom;
        /// Adds `window[0]` to the value at the place of `root` in place: `root.path += window[0]`. The
        /// place has just been read into `window[1]`, whose count keeps nobody else from appending in place; the indices follow.
        add_place = AddPlace(n) { root: inout, base: window, place: place } custom;
        /// `root.path = builtin(root.path, window…)` in place: `window[0]` is the value just read from the place, then come the
        /// builtin's other arguments, then the indices of the place. The builtin is that of the next instruction, an `update_with`.
        update_place = UpdatePlace(n) { root: inout, base: window, place: place } custom;
        /// `store_place` with a global as root. It must be initialised.
        store_place_global = StorePlaceGlobal(n) { global: global, base: window, place: place } custom;
        /// `add_place` with a global as root. An overloaded `+` sees the global's old value.
        add_place_global = AddPlaceGlobal(n) { global: global, base: window, place: place } custom;
        /// `update_place` with a global as root.
        update_place_global = UpdatePlaceGlobal(n) { global: global, base: window, place: place } custom;
        /// `store_place` with the captured variable in `cell` as root. It must be initialised.
        store_place_cell = StorePlaceCell(n) { cell: inout, base: window, place: place } custom;
        /// `add_place` with the captured variable in `cell` as root. An overloaded `+` sees the variable's old value.
        add_place_cell = AddPlaceCell(n) { cell: inout, base: window, place: place } custom;
        /// `update_place` with the captured variable in `cell` as root.
        update_place_cell = UpdatePlaceCell(n) { cell: inout, base: window, place: place } custom;
        /// Never executed: carries the builtin of the `update_place` before it, and its number of arguments, plus
        /// `FIRST_PART` if the place gets the first part of what the builtin gives.
        update_with = UpdateWith(n) { builtin: builtin } custom;

        // -- Loops over values
        /// Starts `for` over an int range: `base, base+1, base+2` hold the `n` arguments of `range` and then its state: next, end, step.
        range_start = RangeStart(n) { base: range_state } custom;
        /// `base+3 =` the next int of the range, or continues at `end`.
        range_next = RangeNext(last) { base: range_next, end: label } custom;
        /// Starts `for` over the value in `base`; `base+1` becomes the position. Raises `Cannot iterate over TYPE`.
        iter_start = IterStart(last) { base: iter_state } custom;
        /// `base+2 =` the next value, or continues at `end`.
        iter_next = IterNext(last) { base: iter_next, end: label } custom;

        // -- Modules
        /// Runs the module's top-level code if it has not run yet; raises circular imports.
        import_module = ImportModule(last) { module: module } custom;
        /// `dst =` the module's namespace as of now.
        module_namespace = ModuleNamespace(last) { dst: dst, module: module } custom;
    } };
}

macro_rules! byte_type {
    (last) => {
        Last
    };
    (n) => {
        u8
    };
}
pub(crate) use byte_type;

/// The Rust type of an operand kind.
macro_rules! kind_type {
    (imm) => {
        i32
    };
    (imm16) => {
        i16
    };
    (count16) => {
        u16
    };
    (label) => {
        Label
    };
    (konst) => {
        ConstIx
    };
    (name) => {
        NameIx
    };
    (func) => {
        FuncIx
    };
    (builtin) => {
        BuiltinIx
    };
    (global) => {
        GlobalIx
    };
    (capture) => {
        CaptureIx
    };
    (place) => {
        PlaceIx
    };
    (literal) => {
        LiteralIx
    };
    (tag) => {
        TagIx
    };
    (message) => {
        MessageIx
    };
    (module) => {
        ModuleIx
    };
    ($register:ident) => {
        Reg
    };
}
pub(crate) use kind_type;

/// The bit of an operand in [`Last`], by its name in the row.
#[macro_export]
macro_rules! last_bit {
    (b) => {
        2
    };
    (at) => {
        2
    };
    (key) => {
        2
    };
    (src) => {
        4
    };
    ($first:ident) => {
        1
    };
}

/// Whether the byte flags the `src` operand of that name; windows of `n` values keep no flags.
macro_rules! is_last {
    (last, $last:expr, $f:ident) => {
        $last.has(last_bit!($f))
    };
    (n, $n:expr, $f:ident) => {
        false
    };
}

macro_rules! constructor {
    ([$($doc:tt)*] $name:ident $Variant:ident last [$($f:ident: $k:ident),*]) => {
        $($doc)*
        #[inline]
        pub fn $name($($f: kind_type!($k)),*) -> Op {
            Op::$Variant { last: Last::NONE $(, $f)* }
        }
    };
    ([$($doc:tt)*] $name:ident $Variant:ident n [$($f:ident: $k:ident),*]) => {
        $($doc)*
        #[inline]
        pub fn $name(n: u8 $(, $f: kind_type!($k))*) -> Op {
            Op::$Variant { n $(, $f)* }
        }
    };
}

/// An operand as data. `$n` is the number of window values where the byte says it.
macro_rules! operand {
    ($op:ident, $byte:ident, $b:expr, $f:ident, src) => {
        Operand::Src(*$f, is_last!($byte, $b, $f))
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, dst) => {
        Operand::Dst(*$f)
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, inout) => {
        Operand::InOut(*$f)
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, window) => {
        Operand::Window(*$f, $op.window_len())
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, call_window) => {
        Operand::Window(*$f, $op.window_len())
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, range_state) => {
        Operand::RangeState(*$f, $op.window_len())
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, range_next) => {
        Operand::RangeNext(*$f)
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, iter_state) => {
        Operand::IterState(*$f)
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, iter_next) => {
        Operand::IterNext(*$f)
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, imm) => {
        Operand::Imm(*$f)
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, imm16) => {
        Operand::Imm(i32::from(*$f))
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, count16) => {
        Operand::Count(*$f)
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, label) => {
        Operand::Label(*$f)
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, konst) => {
        Operand::Const(*$f)
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, name) => {
        Operand::Name(*$f)
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, func) => {
        Operand::Func(*$f)
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, builtin) => {
        Operand::Builtin(*$f)
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, global) => {
        Operand::Global(*$f)
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, capture) => {
        Operand::Capture(*$f)
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, place) => {
        Operand::Place(*$f)
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, literal) => {
        Operand::Literal(*$f)
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, tag) => {
        Operand::Tag(*$f)
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, message) => {
        Operand::Message(*$f)
    };
    ($op:ident, $byte:ident, $b:expr, $f:ident, module) => {
        Operand::Module(*$f)
    };
}

/// The last-use flags of the `src` operands whose register satisfies a test.
macro_rules! flag {
    (last, $byte:ident, $f:ident, src, $moves:ident) => {
        if $moves(*$f) {
            $byte.set(last_bit!($f))
        }
    };
    ($other:ident, $byte:ident, $f:ident, $k:ident, $moves:ident) => {};
}

macro_rules! forget_flags {
    (last, $byte:ident) => {
        *$byte = Last::NONE
    };
    (n, $byte:ident) => {};
}

macro_rules! retarget {
    ($f:ident, label, $to:ident) => {
        *$f = $to(*$f)
    };
    ($f:ident, $k:ident, $to:ident) => {};
}

macro_rules! define_ops {
    ($($(#[$doc:meta])* $name:ident = $Variant:ident($byte:ident) { $($f:ident: $k:ident),* $(,)? } $how:ident $($helper:ident)?;)*) => {
        /// An instruction.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "the doc line of a row describes its operands")]
        pub enum Op {
            $($(#[$doc])* $Variant { $byte: byte_type!($byte), $($f: kind_type!($k)),* },)*
        }

        /// Constructors, one per row: `Op::add(dst, a, b)`, `Op::call(n, dst, base)`. No operand is flagged as a last use.
        impl Op {
            $(constructor! { [$(#[$doc])*] $name $Variant $byte [$($f: $k),*] })*
        }

        impl Op {
            /// The instruction's name in listings.
            pub fn name(&self) -> &'static str {
                match self { $(Op::$Variant { .. } => stringify!($name),)* }
            }

            /// Visits the operands in the order of the row, with their names.
            #[allow(unused_variables, reason = "not every row has flags or operands")]
            pub fn operands(&self, mut visit: impl FnMut(&'static str, Operand)) {
                match self {
                    $(Op::$Variant { $byte, $($f),* } => {
                        $(visit(stringify!($f), operand!(self, $byte, $byte, $f, $k));)*
                    })*
                }
            }

            /// Flags exactly those `src` operands as last uses whose register satisfies `moves`.
            #[allow(unused_variables, unused_mut, reason = "not every row has flags")]
            pub fn flag_last_uses(&mut self, mut moves: impl FnMut(Reg) -> bool) {
                match self {
                    $(Op::$Variant { $byte, $($f),* } => {
                        forget_flags!($byte, $byte);
                        $(flag!($byte, $byte, $f, $k, moves);)*
                    })*
                }
            }

            /// Replaces the labels.
            #[allow(unused_variables, unused_mut, reason = "few rows have labels")]
            pub fn retarget(&mut self, mut to: impl FnMut(Label) -> Label) {
                match self {
                    $(Op::$Variant { $byte, $($f),* } => { $(retarget!($f, $k, to);)* })*
                }
            }
        }

        /// The names of all instructions, in the order of the table.
        pub const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

for_each_op!(define_ops);

const _: () = assert!(size_of::<Op>() == 8);

/// See `update_with`.
pub const FIRST_PART: u8 = ruff_runtime::ops::FIRST_PART as u8;

impl Op {
    /// How many registers the window operand of the instruction has; 0 if it has none.
    pub fn window_len(&self) -> u16 {
        match *self {
            Op::Call { n, .. } | Op::CallMethod { n, .. } => u16::from(n) + 1,
            Op::CallFunc { n, .. }
            | Op::CallBuiltin { n, .. }
            | Op::MakeStruct { n, .. }
            | Op::MakeTagged { n, .. }
            | Op::MakeClosure { n, .. }
            | Op::RestOfDict { n, .. }
            | Op::StorePlace { n, .. }
            | Op::AddPlace { n, .. }
            | Op::UpdatePlace { n, .. }
            | Op::StorePlaceGlobal { n, .. }
            | Op::AddPlaceGlobal { n, .. }
            | Op::UpdatePlaceGlobal { n, .. }
            | Op::StorePlaceCell { n, .. }
            | Op::AddPlaceCell { n, .. }
            | Op::UpdatePlaceCell { n, .. }
            | Op::MakeStructDef { n, .. }
            | Op::RangeStart { n, .. } => u16::from(n),
            Op::MakeArray { n, .. } | Op::MakeDict { n, .. } | Op::Concat { n, .. } => n,
            _ => 0,
        }
    }

    /// Whether the instruction takes its builtin from the `update_with` after it.
    pub fn is_update(&self) -> bool {
        matches!(
            self,
            Op::UpdatePlace { .. } | Op::UpdatePlaceGlobal { .. } | Op::UpdatePlaceCell { .. }
        )
    }

    /// Whether the next instruction may follow.
    pub fn falls_through(&self) -> bool {
        !matches!(
            self,
            Op::Jump { .. }
                | Op::Return { .. }
                | Op::ReturnNull { .. }
                | Op::Throw { .. }
                | Op::Raise { .. }
        )
    }

    /// Where else the instruction may continue, errors apart.
    pub fn target(&self) -> Option<Label> {
        match *self {
            Op::Jump { to, .. }
            | Op::JumpIf { to, .. }
            | Op::JumpIfNot { to, .. }
            | Op::JumpIfNull { to, .. } => Some(to),
            Op::RangeNext { end, .. } | Op::IterNext { end, .. } => Some(end),
            _ => None,
        }
    }

    /// Visits the registers that the instruction reads and writes; reads come before writes.
    pub fn registers(&self, mut visit: impl FnMut(Reg, Access)) {
        let mut written = None;
        self.operands(|_, operand| match operand {
            Operand::Src(r, _) => visit(r, Access::Read),
            Operand::Dst(r) => written = Some(r),
            Operand::InOut(r) => visit(r, Access::Change),
            Operand::Window(r, n) => r.span(n).for_each(|r| visit(r, Access::Take)),
            Operand::RangeState(r, n) => {
                r.span(n).for_each(|r| visit(r, Access::Take));
                r.span(3).for_each(|r| visit(r, Access::Write));
            }
            Operand::RangeNext(r) => {
                r.span(3).for_each(|r| visit(r, Access::Change));
                visit(r.plus(3), Access::WriteOnFallThrough);
            }
            Operand::IterState(r) => {
                visit(r, Access::Change);
                visit(r.plus(1), Access::Write);
            }
            Operand::IterNext(r) => {
                r.span(2).for_each(|r| visit(r, Access::Change));
                visit(r.plus(2), Access::WriteOnFallThrough);
            }
            _ => {}
        });
        if let Some(r) = written {
            visit(r, Access::Write);
        }
    }
}
