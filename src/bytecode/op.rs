//! The opcode table: the only list of instructions. The enum, the disassembler, the verifier, liveness and the arms of
//! the interpreter and the SSA builder expand from it.
//!
//! A row: doc line, name, `Variant { operand: kind, … }`, and how it is done:
//! `via F` calls the runtime operation `ops::F` with the operands in order (see the helper table `abi.rs`, which says which
//! of them it takes owned); `custom` has a method of its own in each engine.
//!
//! Operand kinds (`Use` says which are registers, and how they are used):
//! `dst` register written (its old value is dropped) · `src` register read; if it is the last use, moved out (the register then
//! holds null) · `inout` register whose value is changed in place · `window` first of `count` registers that are
//! all moved out · `count` number of window values · `konst` `name` `func` `builtin` `global` `capture` `place` `literal` `tag`
//! `message` `module` indices into the program's tables · `imm` small integer · `label` instruction index.
//!
//! Every instruction is 8 bytes: the opcode, a byte (`count` or last-use flags), and 6 bytes of operands.

/// Calls `$with!` with all rows.
#[macro_export]
macro_rules! for_each_op {
    ($with:ident) => { $with! {
        // -- Moving values
        /// `dst = consts[k]`
        load_const = LoadConst { dst: dst, k: konst } custom;
        /// `dst = n`, a small integer.
        load_int = LoadInt { dst: dst, n: imm } custom;
        /// `dst = true` (1) or `false` (0).
        load_bool = LoadBool { dst: dst, b: imm } custom;
        /// `dst = null`
        load_null = LoadNull { dst: dst } custom;
        /// `dst =` the builtin as a function value.
        load_builtin = LoadBuiltin { dst: dst, builtin: builtin } custom;
        /// `dst =` the mark of an uninitialised variable.
        load_uninit = LoadUninit { dst: dst } custom;
        /// `dst = src`
        mov = Move { dst: dst, src: src } custom;
        /// Drops the value of a register whose variable has gone out of scope; it then holds null.
        clear = Clear { dst: dst } custom;

        // -- Variables that are not registers
        /// `dst = globals[g]`; raises `Undefined variable` if it is not initialised.
        load_global = LoadGlobal { dst: dst, global: global } custom;
        /// `dst = globals[g]`, or the uninitialised mark.
        load_global_raw = LoadGlobalRaw { dst: dst, global: global } custom;
        /// `globals[g] = src`
        store_global = StoreGlobal { src: src, global: global } custom;
        /// `dst =` a new captured variable that holds `src`.
        new_cell = NewCell { dst: dst, src: src } custom;
        /// `dst =` the value of the captured variable in `cell`, or the uninitialised mark.
        load_cell = LoadCell { dst: dst, cell: src } custom;
        /// Stores `src` in the captured variable in `cell`.
        store_cell = StoreCell { cell: src, src: src } custom;
        /// `dst =` what the running function captured at that index (a value or a captured variable).
        load_capture = LoadCapture { dst: dst, capture: capture } custom;
        /// `dst =` the running function itself.
        load_callee = LoadCallee { dst: dst } custom;
        /// Raises `Undefined variable: NAME` if `src` is the uninitialised mark.
        check_init = CheckInit { src: src, name: name } custom;
        /// `dst =` whether `src` is the uninitialised mark.
        is_uninit = IsUninit { dst: dst, src: src } custom;

        // -- Operators
        /// `dst = a + b`
        add = Add { dst: dst, a: src, b: src } via add;
        /// `dst = a - b`
        sub = Sub { dst: dst, a: src, b: src } via sub;
        /// `dst = a * b`
        mul = Mul { dst: dst, a: src, b: src } via mul;
        /// `dst = a / b`
        div = Div { dst: dst, a: src, b: src } via div;
        /// `dst = a % b`
        rem = Rem { dst: dst, a: src, b: src } via rem;
        /// `dst = a + n`
        add_imm = AddImm { dst: dst, a: src, n: imm16 } custom;
        /// `dst = a - n`
        sub_imm = SubImm { dst: dst, a: src, n: imm16 } custom;
        /// `dst = -a`
        neg = Neg { dst: dst, a: src } via neg;
        /// `dst = !a`
        not = Not { dst: dst, a: src } via not;
        /// `dst = a == b`, with overloads.
        eq = Eq { dst: dst, a: src, b: src } via eq;
        /// `dst = a != b`, with overloads.
        ne = Ne { dst: dst, a: src, b: src } via ne;
        /// `dst = a < b`
        lt = Lt { dst: dst, a: src, b: src } via lt;
        /// `dst = a <= b`
        le = Le { dst: dst, a: src, b: src } via le;
        /// `dst = a > b`
        gt = Gt { dst: dst, a: src, b: src } via gt;
        /// `dst = a >= b`
        ge = Ge { dst: dst, a: src, b: src } via ge;
        /// `dst =` whether `a` is truthy, as a bool.
        truthy = Truthy { dst: dst, a: src } via truthy;
        /// `dst = a == b` without overloads: literal patterns.
        same = Same { dst: dst, a: src, b: src } via same;
        /// `dst =` whether `a` is a string equal to the name, or a float that prints so: a bare identifier as a pattern.
        matches_name = MatchesName { dst: dst, a: src, name: name } via matches_name;

        // -- Control
        /// Continues at `to`.
        jump = Jump { to: label } custom;
        /// Continues at `to` if `cond` is truthy.
        jump_if = JumpIf { cond: src, to: label } custom;
        /// Continues at `to` if `cond` is falsy.
        jump_if_not = JumpIfNot { cond: src, to: label } custom;
        /// Continues at `to` if `src` is null.
        jump_if_null = JumpIfNull { src: src, to: label } custom;
        /// Leaves the function with `src`.
        ret = Return { src: src } custom;
        /// Leaves the function with null.
        return_null = ReturnNull { } custom;
        /// The head of a loop: where heat is counted and where native code may enter.
        loop_head = LoopHead { } custom;

        // -- Errors
        /// Raises `src` (language.md §14.1).
        throw = Throw { src: src } via throw;
        /// Raises the message.
        raise = Raise { message: message } custom;
        /// First instruction of a handler: `dst =` the caught error as a struct `Error`.
        catch = Catch { dst: dst } custom;
        /// First instruction of a handler that binds nothing: the caught error is dropped.
        catch_none = CatchNone { } custom;
        /// `dst =` whether `src` is `Err` or `None` (to be returned) and not `Ok` or `Some`; raises for anything else.
        is_failure = IsFailure { dst: dst, src: src } via is_failure;

        // -- Calls
        /// `dst = f(args…)` where `f` is `window[0]` and the `count` arguments follow it.
        call = Call { n: count, dst: dst, base: call_window } custom;
        /// `dst =` the call of a known function of the program; the arity has been checked.
        call_func = CallFunc { n: count, dst: dst, base: window, func: func } custom;
        /// `dst =` the call of a builtin.
        call_builtin = CallBuiltin { n: count, dst: dst, base: window, builtin: builtin } custom;
        /// `dst = window[0].name(args…)` as language.md §5.3; `count` arguments follow the receiver.
        call_method = CallMethod { n: count, dst: dst, base: call_window, name: name } custom;

        // -- Constructors
        /// `dst =` an array of the window.
        make_array = MakeArray { dst: dst, base: window, n: count16 } custom;
        /// `dst =` a dict of the window: key, value, key, value… (`n` values in all).
        make_dict = MakeDict { dst: dst, base: window, n: count16 } custom;
        /// Appends `src` to the array under construction.
        array_push = ArrayPush { array: inout, src: src } custom;
        /// Appends the elements of `src`; raises `Can only spread arrays`.
        array_spread = ArraySpread { array: inout, src: src } custom;
        /// Sets an entry of the dict under construction; raises `Dict keys must be strings`.
        dict_set = DictSet { dict: inout, key: src, src: src } custom;
        /// Sets all entries of `src`; raises `Can only spread dicts`.
        dict_spread = DictSpread { dict: inout, src: src } custom;
        /// `dst =` a struct of the literal, its fields from the window (as many as the literal says).
        make_struct = MakeStruct { dst: dst, base: window, literal: literal } custom;
        /// `dst =` a tagged value with the window as payload.
        make_tagged = MakeTagged { n: count, dst: dst, base: window, tag: tag } custom;
        /// `dst = Ok(src)`
        make_ok = MakeOk { dst: dst, src: src } via make_ok;
        /// `dst = Err(src)`
        make_err = MakeErr { dst: dst, src: src } via make_err;
        /// `dst = Some(src)`
        make_some = MakeSome { dst: dst, src: src } via make_some;
        /// `dst = None`
        make_none = MakeNone { dst: dst } via make_none;
        /// `dst =` a function object of `func` that captures the window.
        make_closure = MakeClosure { n: count, dst: dst, base: window, func: func } custom;
        /// `dst =` the texts of the window, joined: string interpolation.
        concat = Concat { dst: dst, base: window, n: count16 } custom;

        // -- Reading parts
        /// `dst = a[at]`
        index = Index { dst: dst, a: src, at: src } via index;
        /// `dst = a.name`
        get_field = GetField { dst: dst, a: src, name: name } via get_field;
        /// `dst = a?.name`
        get_field_opt = GetFieldOpt { dst: dst, a: src, name: name } via get_field_opt;
        /// `dst =` the field `name` of the receiver of a method without `self`, or the uninitialised mark.
        field_or_uninit = FieldOrUninit { dst: dst, a: src, name: name } via field_or_uninit;
        /// `dst =` whether `a` is a tagged value, result or option of that tag.
        matches_tag = MatchesTag { dst: dst, a: src, tag: tag } via matches_tag;
        /// `dst =` payload number `n` of a tagged value, result or option, or null.
        payload = Payload { dst: dst, a: src, n: imm16 } via payload;
        /// `dst =` element `n` of the array `a`, or null if there is none or `a` is no array: destructuring.
        element_or_null = ElementOrNull { dst: dst, a: src, n: imm16 } via element_or_null;
        /// `dst =` the elements from `n` on of the array `a`, or `[]`.
        rest_of_array = RestOfArray { dst: dst, a: src, n: imm16 } via rest_of_array;
        /// `dst =` the entry `name` of the dict `a`, or null.
        entry_or_null = EntryOrNull { dst: dst, a: src, name: name } via entry_or_null;
        /// `dst =` the dict `a` (or `{}` if it is no dict) without the entries whose names the window holds.
        rest_of_dict = RestOfDict { n: count, dst: dst, a: src, base: window } custom;

        // -- Writing to places (language.md §6.2)
        /// `root[at] = src`
        set_index = SetIndex { root: inout, at: src, src: src } custom;
        /// `root.name = src`
        set_field = SetField { root: inout, src: src, name: name } custom;
        /// Stores `window[0]` at the place of `root`; the indices of its steps follow in the window.
        store_place = StorePlace { n: count, root: inout, base: window, place: place } custom;
        /// Adds `window[0]` to the value at the place of `root` in place: `root.path += window[0]`. The
        /// place has just been read into `window[1]`, whose count keeps nobody else from appending in place; the indices follow.
        add_place = AddPlace { n: count, root: inout, base: window, place: place } custom;
        /// `root.path = builtin(root.path, window…)` in place: `window[0]` is the value just read from the place, then come the
        /// builtin's other arguments, then the indices of the place. The builtin is that of the next instruction, a `nop_builtin`.
        update_place = UpdatePlace { n: count, root: inout, base: window, place: place } custom;
        /// Never executed: carries the builtin of the `update_place` before it, and its number of arguments.
        update_with = UpdateWith { n: count, builtin: builtin } custom;

        // -- Loops over values
        /// Starts `for` over an int range: `base, base+1, base+2` hold the `n` arguments of `range` and then its state: next, end, step.
        range_start = RangeStart { n: count, base: range_state } custom;
        /// `base+3 =` the next int of the range, or continues at `end`.
        range_next = RangeNext { base: range_next, end: label } custom;
        /// Starts `for` over the value in `base`; `base+1` becomes the position. Raises `Cannot iterate over TYPE`.
        iter_start = IterStart { base: iter_state } custom;
        /// `base+2 =` the next value, or continues at `end`.
        iter_next = IterNext { base: iter_next, end: label } custom;

        // -- Modules
        /// Runs the module's top-level code if it has not run yet; raises circular imports.
        import_module = ImportModule { module: module } custom;
        /// `dst =` the module's namespace as of now.
        module_namespace = ModuleNamespace { dst: dst, module: module } custom;
    } };
}
