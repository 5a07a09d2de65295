//! The helper table: every operation of the runtime that compiled code can call, one row each.
//!
//! A row: doc line, effect, name, parameters with their kinds, kind of result, and what it does in terms of `ops`. It
//! expands to a variant of [`Helper`], the `extern "C"` function `ruff_NAME` and a [`HelperInfo`] in [`HELPERS`].
//! Only scalars cross the boundary; the first parameter is always the context.
//! The archive that executables link does not mention [`HELPERS`], so that they carry only the helpers they call.

use crate::builtins::Builtin;
use crate::ctx::Ctx;
use crate::error::{Pos, Result, Thrown};
use crate::heap::checker;
use crate::object::FieldCache;
use crate::ops;
use crate::value::Value;
use core::mem::ManuallyDrop;

/// What a helper may do, each including what stands above it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Effect {
    /// Depends on its parameters only (not on what they point to).
    Pure,
    /// Reads memory.
    Reads,
    /// Allocates, frees, writes.
    Allocates,
    /// Raises errors of its own.
    Throws,
    /// Calls functions of the program, or builtins: anything may happen. The caller has stored its depth and frame.
    Calls,
}

/// How a parameter is passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParamKind {
    /// A value as two scalars, tag and payload; the helper takes its count over.
    Own,
    /// A value as two scalars; the caller keeps its count.
    Ref,
    /// Address of a value that the helper changes in place.
    Slot,
    /// Address of values and their number. The helper takes them all over, whatever happens; afterwards the
    /// memory holds no counts.
    Window,
    /// Address of three values, the state of a loop, which the helper changes in place.
    State,
    /// A signed integer.
    Int,
    /// A float.
    Float,
    /// An unsigned constant: an index into a table of the program, a position, a number.
    Imm,
    /// Address of a builtin's descriptor.
    Builtin,
    /// Address of a [`FieldCache`].
    Cache,
}

/// How a result is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReturnKind {
    /// The tag, with the payload left in `Ctx::ret_bits`; [`crate::value::Tag::Error`] if an error is pending, [`crate::value::Tag::Uninit`] where
    /// there is no (further) value.
    Val,
    /// 0 or 1; 2 if an error is pending.
    Bool,
    /// 0; 1 if an error is pending.
    Unit,
    /// A float.
    Float,
    /// Nothing; an error is always pending.
    Thrown,
}

/// What generated code must know of a helper.
pub struct HelperInfo {
    /// The row's name.
    pub name: &'static str,
    /// The symbol of its function.
    pub symbol: &'static str,
    /// Its parameters after the context.
    pub params: &'static [ParamKind],
    /// Its result.
    pub ret: ReturnKind,
    /// What it may do.
    pub effect: Effect,
    /// The address of its function in this process.
    pub addr: fn() -> *const u8,
}

impl Helper {
    /// The helper's row.
    pub fn info(self) -> &'static HelperInfo {
        &HELPERS[self as usize]
    }
}

/// What an operation gives, as the results of each kind.
trait Give {
    fn val(self, cx: &mut Ctx) -> u64
    where
        Self: Sized;
}

impl Give for Result {
    #[inline(always)]
    fn val(self, cx: &mut Ctx) -> u64 {
        cx.give(self)
    }
}

impl Give for Value {
    #[inline(always)]
    fn val(self, cx: &mut Ctx) -> u64 {
        cx.give(Ok(self))
    }
}

impl Give for Option<Value> {
    #[inline(always)]
    fn val(self, cx: &mut Ctx) -> u64 {
        cx.give(Ok(self.unwrap_or(Value::UNINIT)))
    }
}

impl Give for Result<Option<Value>> {
    #[inline(always)]
    fn val(self, cx: &mut Ctx) -> u64 {
        cx.give(self.map(|value| value.unwrap_or(Value::UNINIT)))
    }
}

/// What an operation without a value gives: the flag of kinds `Bool` and `Unit`.
trait Flag {
    fn flag(self) -> u64;
}

impl Flag for bool {
    #[inline(always)]
    fn flag(self) -> u64 {
        self as u64
    }
}

impl Flag for Result<bool> {
    #[inline(always)]
    fn flag(self) -> u64 {
        self.map_or(2, u64::from)
    }
}

impl Flag for () {
    #[inline(always)]
    fn flag(self) -> u64 {
        0
    }
}

impl Flag for Result<()> {
    #[inline(always)]
    fn flag(self) -> u64 {
        self.is_err() as u64
    }
}

/// Values that a helper has taken over: what its operation leaves is dropped.
struct Window<'a>(&'a mut [Value]);

impl Drop for Window<'_> {
    #[inline]
    fn drop(&mut self) {
        for value in self.0.iter_mut() {
            drop(value.take());
        }
    }
}

macro_rules! helpers {
    ($( $(#[$doc:meta])+ $effect:ident $name:ident($($p:ident: $kind:tt),*) -> $ret:ident = |$cx:ident| $body:expr; )*) => {
        pastey::paste! {
            /// A helper.
            #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
            #[allow(non_camel_case_types, reason = "the variants are the names of the rows")]
            pub enum Helper { $($(#[$doc])+ $name,)* }

            /// The rows, in the order of [`Helper`].
            pub static HELPERS: &[HelperInfo] = &[$(HelperInfo {
                name: stringify!($name),
                symbol: concat!("ruff_", stringify!($name)),
                params: &[$(kind!($kind)),*],
                ret: ReturnKind::[<$ret:camel>],
                effect: Effect::[<$effect:camel>],
                addr: || [<ruff_ $name>] as *const u8,
            }),*];
        }
        $( entry! { [$(#[$doc])+] $name ($($p: $kind,)*) [] [] $ret $cx $body } )*
    };
}

macro_rules! kind {
    (own) => {
        ParamKind::Own
    };
    (ref) => {
        ParamKind::Ref
    };
    (slot) => {
        ParamKind::Slot
    };
    (window) => {
        ParamKind::Window
    };
    (state) => {
        ParamKind::State
    };
    (int) => {
        ParamKind::Int
    };
    (float) => {
        ParamKind::Float
    };
    (imm) => {
        ParamKind::Imm
    };
    (builtin) => {
        ParamKind::Builtin
    };
    (cache) => {
        ParamKind::Cache
    };
}

/// The `extern "C"` function of a row. Takes one parameter after the other from the parentheses and adds its scalars to
/// the first list, and to the second what makes the operation's argument of them.
macro_rules! entry {
    ([$($doc:tt)+] $name:ident () [$($scalar:ident: $ty:ty,)*] [$($make:tt)*] $ret:ident $cx:ident $body:expr) => {
        pastey::paste! {
            $($doc)+
            ///
            /// # Safety
            /// `cx` is the running program's context, and the parameters are what the row's kinds say.
            // SAFETY: the name is unique: two rows of one name do not compile.
            #[unsafe(export_name = concat!("ruff_", stringify!($name)))]
            pub unsafe extern "C" fn [<ruff_ $name>](cx: *mut Ctx, $($scalar: $ty),*) -> ret_type!($ret) {
                // SAFETY: the caller passes the context of the running program, which nobody else is using.
                let $cx: &mut Ctx = unsafe { &mut *cx };
                $($make)*
                checker::helper($cx, stringify!($name));
                give!($ret, $cx, $body)
            }
        }
    };
    ($doc:tt $name:ident ($p:ident: own, $($rest:tt)*) [$($scalars:tt)*] [$($make:tt)*] $($last:tt)*) => {
        pastey::paste! { entry! { $doc $name ($($rest)*) [$($scalars)* [<$p _tag>]: u64, [<$p _bits>]: u64,] [$($make)*
            // SAFETY: the two words of a value, whose count the caller hands over.
            let $p = unsafe { Value::from_raw([<$p _tag>], [<$p _bits>]) };
            checker::owned(core::slice::from_ref(&$p));
        ] $($last)* } }
    };
    ($doc:tt $name:ident ($p:ident: ref, $($rest:tt)*) [$($scalars:tt)*] [$($make:tt)*] $($last:tt)*) => {
        pastey::paste! { entry! { $doc $name ($($rest)*) [$($scalars)* [<$p _tag>]: u64, [<$p _bits>]: u64,] [$($make)*
            // SAFETY: the two words of a value, whose count the caller keeps: it is not dropped here.
            let [<$p _kept>] = ManuallyDrop::new(unsafe { Value::from_raw([<$p _tag>], [<$p _bits>]) });
            let $p: &Value = &[<$p _kept>];
            checker::argument($p);
        ] $($last)* } }
    };
    ($doc:tt $name:ident ($p:ident: slot, $($rest:tt)*) [$($scalars:tt)*] [$($make:tt)*] $($last:tt)*) => {
        entry! { $doc $name ($($rest)*) [$($scalars)* $p: *mut Value,] [$($make)*
            // SAFETY: the address of a value that only the caller refers to.
            let $p: &mut Value = unsafe { &mut *$p };
            checker::argument($p);
        ] $($last)* }
    };
    ($doc:tt $name:ident ($p:ident: window, $($rest:tt)*) [$($scalars:tt)*] [$($make:tt)*] $($last:tt)*) => {
        pastey::paste! { entry! { $doc $name ($($rest)*) [$($scalars)* [<$p _at>]: *mut Value, [<$p _count>]: u64,] [$($make)*
            // SAFETY: the address and number of values that the caller hands over.
            let [<$p _all>] = Window(unsafe { core::slice::from_raw_parts_mut([<$p _at>], [<$p _count>] as usize) });
            let $p: &mut [Value] = &mut *[<$p _all>].0;
            checker::owned($p);
        ] $($last)* } }
    };
    ($doc:tt $name:ident ($p:ident: state, $($rest:tt)*) [$($scalars:tt)*] [$($make:tt)*] $($last:tt)*) => {
        entry! { $doc $name ($($rest)*) [$($scalars)* $p: *mut Value,] [$($make)*
            // SAFETY: the address of three values that only the caller refers to.
            let $p: &mut [Value] = unsafe { core::slice::from_raw_parts_mut($p, 3) };
            $p.iter().for_each(checker::argument);
        ] $($last)* }
    };
    ($doc:tt $name:ident ($p:ident: int, $($rest:tt)*) [$($scalars:tt)*] [$($make:tt)*] $($last:tt)*) => {
        entry! { $doc $name ($($rest)*) [$($scalars)* $p: i64,] [$($make)*] $($last)* }
    };
    ($doc:tt $name:ident ($p:ident: float, $($rest:tt)*) [$($scalars:tt)*] [$($make:tt)*] $($last:tt)*) => {
        entry! { $doc $name ($($rest)*) [$($scalars)* $p: f64,] [$($make)*] $($last)* }
    };
    ($doc:tt $name:ident ($p:ident: imm, $($rest:tt)*) [$($scalars:tt)*] [$($make:tt)*] $($last:tt)*) => {
        entry! { $doc $name ($($rest)*) [$($scalars)* $p: u64,] [$($make)*] $($last)* }
    };
    ($doc:tt $name:ident ($p:ident: builtin, $($rest:tt)*) [$($scalars:tt)*] [$($make:tt)*] $($last:tt)*) => {
        entry! { $doc $name ($($rest)*) [$($scalars)* $p: *const Builtin,] [$($make)*
            // SAFETY: the address of a builtin's descriptor, a static.
            let $p: &'static Builtin = unsafe { &*$p };
        ] $($last)* }
    };
    ($doc:tt $name:ident ($p:ident: cache, $($rest:tt)*) [$($scalars:tt)*] [$($make:tt)*] $($last:tt)*) => {
        entry! { $doc $name ($($rest)*) [$($scalars)* $p: *mut FieldCache,] [$($make)*
            // SAFETY: the address of a cache of the calling code, which nobody else is using.
            let $p: &mut FieldCache = unsafe { &mut *$p };
        ] $($last)* }
    };
}

macro_rules! ret_type {
    (val) => {
        u64
    };
    (bool) => {
        u64
    };
    (unit) => {
        u64
    };
    (float) => {
        f64
    };
    (thrown) => {
        ()
    };
}

macro_rules! give {
    (val, $cx:ident, $body:expr) => {{
        let result = $body;
        Give::val(result, $cx)
    }};
    (bool, $cx:ident, $body:expr) => {
        Flag::flag($body)
    };
    (unit, $cx:ident, $body:expr) => {
        Flag::flag($body)
    };
    (float, $cx:ident, $body:expr) => {
        $body
    };
    (thrown, $cx:ident, $body:expr) => {{
        let Thrown = $body;
    }};
}

helpers! {
    // -- Counting
    /// Gives a count up.
    allocates release(v: own) -> unit = |_cx| drop(v);
    /// Gives up the counts of many values, which are null afterwards.
    allocates release_all(values: window) -> unit = |_cx| values.iter_mut().for_each(|value| drop(value.take()));
    /// Takes one more count.
    reads retain(v: ref) -> unit = |_cx| core::mem::forget(v.clone());

    // -- Operators
    /// `a + b`
    calls add(a: own, b: ref) -> val = |cx| ops::add(cx, a, b);
    /// `a - b`
    calls sub(a: ref, b: ref) -> val = |cx| ops::sub(cx, a, b);
    /// `a * b`
    calls mul(a: ref, b: ref) -> val = |cx| ops::mul(cx, a, b);
    /// `a / b`
    calls div(a: ref, b: ref) -> val = |cx| ops::div(cx, a, b);
    /// `a % b`
    calls rem(a: ref, b: ref) -> val = |cx| ops::rem(cx, a, b);
    /// `a % b` of floats, `b` not zero.
    pure rem_float(a: float, b: float) -> float = |_cx| ops::rem_float(a, b);
    /// `-a`
    calls neg(a: ref) -> val = |cx| ops::neg(cx, a);
    /// `!a`
    calls not(a: ref) -> val = |cx| ops::not(cx, a);
    /// `a == b`
    calls eq(a: ref, b: ref) -> val = |cx| ops::eq(cx, a, b);
    /// `a != b`
    calls ne(a: ref, b: ref) -> val = |cx| ops::ne(cx, a, b);
    /// `a < b`
    calls lt(a: ref, b: ref) -> val = |cx| ops::lt(cx, a, b);
    /// `a <= b`
    calls le(a: ref, b: ref) -> val = |cx| ops::le(cx, a, b);
    /// `a > b`
    calls gt(a: ref, b: ref) -> val = |cx| ops::gt(cx, a, b);
    /// `a >= b`
    calls ge(a: ref, b: ref) -> val = |cx| ops::ge(cx, a, b);
    /// Truthiness of any value.
    reads truthy(a: ref) -> bool = |_cx| ops::truthy(a);
    /// Structural equality.
    allocates same(a: ref, b: ref) -> bool = |_cx| ops::same(a, b);
    /// Whether a bare identifier as a pattern matches.
    allocates matches_name(a: ref, name: imm) -> bool = |cx| ops::matches_name(cx, a, name as u16);

    // -- Errors of inline arithmetic
    /// `Integer overflow: a + b`
    throws overflow_add(a: int, b: int) -> thrown = |cx| ops::overflow(cx, a, '+', b);
    /// `Integer overflow: a - b`
    throws overflow_sub(a: int, b: int) -> thrown = |cx| ops::overflow(cx, a, '-', b);
    /// `Integer overflow: a * b`
    throws overflow_mul(a: int, b: int) -> thrown = |cx| ops::overflow(cx, a, '*', b);
    /// `Integer overflow: -(a)`
    throws overflow_neg(a: int) -> thrown = |cx| ops::negation_overflow(cx, a);
    /// `Division by zero`
    throws division_by_zero() -> thrown = |cx| ops::division_by_zero(cx);
    /// `Modulo by zero`
    throws modulo_by_zero() -> thrown = |cx| ops::modulo_by_zero(cx);

    // -- Errors
    /// Raises `v`.
    throws throw(v: own) -> thrown = |cx| ops::throw(cx, v);
    /// Raises a message of the program.
    throws raise(message: imm) -> thrown = |cx| ops::raise(cx, message as u16);
    /// Notes where the pending error was raised.
    allocates located(at: imm) -> unit = |cx| cx.located(Pos(at));
    /// Notes that the pending error leaves a function.
    allocates unwound(func: imm) -> unit = |cx| cx.unwound(&raw const cx.func_table[func as usize]);
    /// The pending error as the value that `except` binds.
    allocates catch() -> val = |cx| ops::catch(cx);
    /// Drops the pending error.
    allocates catch_none() -> unit = |cx| ops::catch_none(cx);
    /// Whether `a?` leaves the function.
    throws is_failure(a: ref) -> bool = |cx| ops::is_failure(cx, a);

    // -- Variables
    /// `Undefined variable` for a global.
    throws undefined_global(global: imm) -> thrown = |cx| ops::undefined_global(cx, global as u16);
    /// `Undefined variable` for a name.
    throws undefined_name(name: imm) -> thrown = |cx| ops::undefined_name(cx, name as u16);
    /// A new captured variable.
    allocates new_cell(v: own) -> val = |cx| ops::new_cell(cx, v);
    /// Stores to a captured variable.
    allocates store_cell(cell: ref, v: own) -> unit = |_cx| ops::store_cell(cell, v);

    // -- Calls
    /// Calls `f`.
    calls call(f: ref, args: window) -> val = |cx| ops::call(cx, f, args);
    /// Calls a method of `window[0]`.
    calls call_method(name: imm, args: window) -> val = |cx| ops::call_method(cx, name as u16, args);
    /// Calls a builtin.
    calls call_builtin(f: builtin, args: window) -> val = |cx| ops::call_builtin(cx, f, args);
    /// Calls a function of the program that captures nothing.
    calls call_func(func: imm, args: window) -> val = |cx| {
        let func = cx.func_object(func as u16).clone();
        ops::call_function(cx, &func, args)
    };
    /// The error of a call beyond the deepest nesting.
    throws too_deep(func: imm) -> thrown = |cx| {
        let info = &raw const cx.func_table[func as usize];
        // SAFETY: the function table lives as long as the context and is not changed.
        ops::too_deep(cx, unsafe { &*info })
    };

    // -- Constructors
    /// An array of the window.
    allocates make_array(values: window) -> val = |cx| ops::make_array(cx, values);
    /// A dict of the window: key, value, key, value…
    throws make_dict(values: window) -> val = |cx| ops::make_dict(cx, values);
    /// Appends to the array under construction.
    allocates array_push(array: slot, v: own) -> unit = |cx| ops::array_push(cx, array, v);
    /// Appends the elements of `from`.
    throws array_spread(array: slot, from: ref) -> unit = |cx| ops::array_spread(cx, array, from);
    /// Sets an entry of the dict under construction.
    throws dict_set(dict: slot, key: ref, v: own) -> unit = |cx| ops::dict_set(cx, dict, key, v);
    /// Sets all entries of `from`.
    throws dict_spread(dict: slot, from: ref) -> unit = |cx| ops::dict_spread(cx, dict, from);
    /// A struct of a literal.
    allocates make_struct(literal: imm, values: window) -> val = |cx| ops::make_struct(cx, literal as u16, values);
    /// The methods of a struct definition that capture local variables.
    allocates make_struct_def(values: window) -> val = |cx| ops::make_struct_def(cx, values);
    /// A tagged value.
    allocates make_tagged(tag: imm, values: window) -> val = |cx| ops::make_tagged(cx, tag as u16, values);
    /// `Ok(v)`
    allocates make_ok(v: own) -> val = |cx| ops::make_ok(cx, v);
    /// `Err(v)`
    allocates make_err(v: own) -> val = |cx| ops::make_err(cx, v);
    /// `Some(v)`
    allocates make_some(v: own) -> val = |cx| ops::make_some(cx, v);
    /// `None`
    reads make_none() -> val = |cx| ops::make_none(cx);
    /// A function object that captures the window.
    allocates make_closure(func: imm, values: window) -> val = |cx| ops::make_closure(cx, func as u16, values);
    /// The texts of the window, joined.
    throws concat(values: window) -> val = |cx| ops::concat(cx, values);

    // -- Reading parts
    /// `a[at]`
    throws index(a: ref, at: ref) -> val = |cx| ops::index(cx, a, at);
    /// `a.name`
    throws get_field(a: ref, name: imm) -> val = |cx| ops::get_field(cx, a, name as u16);
    /// Notes where the shape of the struct `a` has the field.
    allocates learn_field(a: ref, name: imm, cache: cache) -> unit = |cx| ops::learn_field(cx, a, name as u16, cache);
    /// `a?.name`
    allocates get_field_opt(a: ref, name: imm) -> val = |cx| ops::get_field_opt(cx, a, name as u16);
    /// `a.name` as a step of a place.
    throws get_place(a: ref, name: imm) -> val = |cx| ops::get_place(cx, a, name as u16);
    /// The field of the receiver of a method without `self`.
    reads field_or_uninit(a: ref, name: imm) -> val = |cx| ops::field_or_uninit(cx, a, name as u16);
    /// Whether the methods of `a` are builtins.
    reads has_builtin_methods(a: ref) -> bool = |_cx| ops::has_builtin_methods(a);
    /// Whether `a` has that tag.
    reads matches_tag(a: ref, tag: imm) -> bool = |cx| ops::matches_tag(cx, a, tag as u16);
    /// Payload `n`, or null.
    reads payload(a: ref, n: imm) -> val = |_cx| ops::payload(a, n as usize);
    /// Element `n`, or null.
    reads element_or_null(a: ref, n: imm) -> val = |_cx| ops::element_or_null(a, n as usize);
    /// The elements from `n` on.
    allocates rest_of_array(a: ref, n: imm) -> val = |_cx| ops::rest_of_array(a, n as usize);
    /// The entry of that name, or null.
    reads entry_or_null(a: ref, name: imm) -> val = |cx| ops::entry_or_null(cx, a, name as u16);
    /// The dict without the entries whose names the window holds.
    allocates rest_of_dict(a: own, names: window) -> val = |_cx| ops::rest_of_dict(a, names);

    // -- Writing to places
    /// `root[at] = v`
    throws set_index(root: slot, at: ref, v: own) -> unit = |cx| ops::set_index(cx, root, at, v);
    /// `root.name = v`
    throws set_field(root: slot, name: imm, v: own) -> unit = |cx| ops::set_field(cx, root, name as u16, v);
    /// Stores `window[0]` at the place.
    throws store_place(root: slot, place: imm, values: window) -> unit = |cx| ops::store_place(cx, root, place as u16, values);
    /// Adds `window[0]` to the place.
    calls add_place(root: slot, place: imm, values: window) -> unit = |cx| ops::add_place(cx, root, place as u16, values);
    /// Applies a builtin, with its number of arguments, to the place.
    calls update_place(root: slot, place: imm, values: window, f: builtin, count: imm) -> unit = |cx| {
        ops::update_place(cx, root, place as u16, values, f, count as usize)
    };
    /// `store_place` with a global as root.
    throws store_place_global(global: imm, place: imm, values: window) -> unit = |cx| {
        ops::store_place_global(cx, global as u16, place as u16, values)
    };
    /// `add_place` with a global as root.
    calls add_place_global(global: imm, place: imm, values: window) -> unit = |cx| {
        ops::add_place_global(cx, global as u16, place as u16, values)
    };
    /// `update_place` with a global as root.
    calls update_place_global(global: imm, place: imm, values: window, f: builtin, count: imm) -> unit = |cx| {
        ops::update_place_global(cx, global as u16, place as u16, values, f, count as usize)
    };
    /// `store_place` with a captured variable as root.
    throws store_place_cell(cell: ref, place: imm, values: window) -> unit = |cx| {
        ops::store_place_cell(cx, cell, place as u16, values)
    };
    /// `add_place` with a captured variable as root.
    calls add_place_cell(cell: ref, place: imm, values: window) -> unit = |cx| {
        ops::add_place_cell(cx, cell, place as u16, values)
    };
    /// `update_place` with a captured variable as root.
    calls update_place_cell(cell: ref, place: imm, values: window, f: builtin, count: imm) -> unit = |cx| {
        ops::update_place_cell(cx, cell, place as u16, values, f, count as usize)
    };

    // -- Loops
    /// Starts a loop over `range(…)` of `count` arguments.
    throws range_start(state: state, count: imm) -> unit = |cx| ops::range_start(cx, state, count as usize);
    /// Starts a loop over `state[0]`.
    throws iter_start(state: state) -> unit = |cx| ops::iter_start(cx, state);
    /// The next value, or no value.
    calls iter_next(state: state) -> val = |cx| ops::iter_next(cx, state);

    // -- Modules
    /// Runs a module's top-level code once.
    calls import_module(module: imm) -> unit = |cx| ops::import_module(cx, module as u16);
    /// A module's namespace as of now.
    allocates module_namespace(module: imm) -> val = |cx| ops::module_namespace(cx, module as u16);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_unique_names_and_addresses() {
        for (i, helper) in HELPERS.iter().enumerate() {
            assert_eq!(helper.symbol.strip_prefix("ruff_"), Some(helper.name));
            assert!(HELPERS[..i].iter().all(|other| other.name != helper.name));
            assert!(!(helper.addr)().is_null());
        }
        assert_eq!(Helper::add.info().params, [ParamKind::Own, ParamKind::Ref]);
    }
}
