//! Calls of values and of methods (language.md §5.1, §5.3).

use crate::builtins::Builtin;
use crate::ctx::{Ctx, FuncInfo};
use crate::error::{Result, Thrown};
use crate::heap::Ref;
use crate::image::NameId;
use crate::object::{Bound, Dict, Func, Module, Record, Str};
use crate::ops::module::no_such_member;
use crate::value::{Tag, Value};
use alloc::vec::Vec;

/// Calls `f` with arguments that it may take. After an error some of them may still be there.
#[inline]
pub fn call(cx: &mut Ctx, f: &Value, args: &mut [Value]) -> Result {
    match f.as_object::<Func>() {
        Some(func) => call_function(cx, func, args),
        None => call_other(cx, f, args),
    }
}

#[inline(never)]
fn call_other(cx: &mut Ctx, f: &Value, args: &mut [Value]) -> Result {
    if let Some(builtin) = f.as_builtin() {
        return call_builtin(cx, builtin, args);
    }
    match f.as_object::<Bound>() {
        Some(bound) => {
            let mut all = Vec::with_capacity(args.len() + 1);
            all.push(bound.receiver.clone());
            all.extend(args.iter_mut().map(Value::take));
            let method = bound.method.clone();
            call(cx, &method, &mut all)
        }
        None => Err(not_callable(cx)),
    }
}

/// Calls a builtin.
#[inline]
pub fn call_builtin(cx: &mut Ctx, builtin: &'static Builtin, args: &mut [Value]) -> Result {
    builtin.call(cx, args)
}

/// Calls a user function: arity, depth, then its entry, wherever that leads.
#[inline]
pub fn call_function(cx: &mut Ctx, func: &Func, args: &mut [Value]) -> Result {
    let info = func.info();
    if args.len() != info.arity as usize {
        return Err(wrong_arity(cx, info, args.len()));
    }
    if cx.depth + u64::from(info.weight) >= cx.max_depth || is_stack_low(cx) {
        return Err(too_deep(cx, info));
    }
    let (depth, frame) = (cx.depth, cx.frame);
    let entry = info.entry.get();
    // SAFETY: there are as many arguments as the function has parameters. The entry consumes them: the slots are
    // overwritten without being dropped. `taken` gets what the entry has just returned.
    let result = unsafe {
        let tag = entry(cx, func, args.as_mut_ptr());
        for arg in args {
            core::ptr::write(arg, Value::NULL);
        }
        cx.taken(tag)
    };
    (cx.depth, cx.frame) = (depth, frame);
    result
}

/// Whether the machine stack has no room for another call: frames may be larger than the depth limit reckons with.
#[inline(always)]
fn is_stack_low(cx: &Ctx) -> bool {
    let here = 0u8;
    ((&raw const here).addr() as u64) < cx.stack_limit
}

/// Whether `call` would find something to call.
#[inline]
pub fn is_callable(value: &Value) -> bool {
    matches!(value.tag(), Tag::Func | Tag::Bound | Tag::Builtin)
}

/// `window[0].name(window[1]…)`
pub fn call_method(cx: &mut Ctx, name: NameId, window: &mut [Value]) -> Result {
    let target = match window[0].tag() {
        Tag::Struct => find_in_struct(cx, &window[0], name),
        Tag::Dict => find_in_dict(cx, &window[0], name),
        Tag::Module => Target::Member(find_in_module(cx, &window[0], name)?),
        _ => Target::Builtin,
    };
    match target {
        Target::Method(method) => call(cx, &method, window),
        Target::Member(callable) => call(cx, &callable, &mut window[1..]),
        Target::Native(run) => run(cx, window),
        Target::Builtin => match cx.tables.name_builtins[name as usize] {
            Some(builtin) => builtin.call(cx, window),
            None => Err(unknown_method(cx, name)),
        },
    }
}

/// Whether all methods called on the value are builtins: it has none of its own, nor members.
pub fn has_builtin_methods(receiver: &Value) -> bool {
    !matches!(receiver.tag(), Tag::Struct | Tag::Dict | Tag::Module)
}

/// What a method name means for a receiver.
enum Target {
    /// Called with the receiver.
    Method(Value),
    /// Called without the receiver.
    Member(Value),
    /// A method of a handle.
    Native(crate::object::Native),
    /// The builtin of that name, if there is one.
    Builtin,
}

fn find_in_struct(cx: &Ctx, receiver: &Value, name: NameId) -> Target {
    let Some(record) = receiver.as_object::<Record>() else {
        return Target::Builtin;
    };
    let name = cx.name(name);
    if let Some(method) = find_method(record, name) {
        return Target::Method(method.clone());
    }
    if let Some(field) = record.get(name).filter(|field| is_callable(field)) {
        return Target::Member(field.clone());
    }
    let handle = record.extra().and_then(|extra| extra.handle);
    let methods = handle.map_or(&[][..], |handle| handle.methods);
    match methods.iter().find(|(method, _)| *method == name.as_str()) {
        Some((_, run)) => Target::Native(*run),
        None => Target::Builtin,
    }
}

/// The method of a struct value.
#[inline]
pub(super) fn find_method<'a>(record: &'a Record, name: &Ref<Str>) -> Option<&'a Value> {
    let number = record.shape().definition?.find(name)?;
    record.method(number)
}

fn find_in_dict(cx: &Ctx, receiver: &Value, name: NameId) -> Target {
    let dict = receiver.as_object::<Dict>();
    match dict.and_then(|dict| dict.get_name(cx.name(name))) {
        Some(entry) if is_callable(entry) => Target::Member(entry.clone()),
        _ => Target::Builtin,
    }
}

fn find_in_module(cx: &mut Ctx, receiver: &Value, name: NameId) -> Result {
    let module = receiver.as_object::<Module>();
    match module.and_then(|module| module.get(cx.name(name))) {
        Some(member) => Ok(member.clone()),
        None => Err(no_such_member(cx, receiver, name)),
    }
}

/// `f expects 2 arguments, got 1`
#[cold]
#[inline(never)]
pub fn wrong_arity(cx: &mut Ctx, info: &FuncInfo, got: usize) -> Thrown {
    let hidden = info.is_method() as usize;
    cx.raise(format_args!(
        "{} expects {} arguments, got {}",
        info.name.as_str(),
        (info.arity as usize).saturating_sub(hidden),
        got.saturating_sub(hidden),
    ))
}

/// `Maximum call stack depth of N exceeded while calling f`
#[cold]
#[inline(never)]
pub fn too_deep(cx: &mut Ctx, info: &FuncInfo) -> Thrown {
    let (limit, name) = (cx.max_depth, info.name.clone());
    cx.raise(format_args!(
        "Maximum call stack depth of {limit} exceeded while calling {}",
        name.as_str()
    ))
}

/// The error of calling what is no function.
#[cold]
#[inline(never)]
pub fn not_callable(cx: &mut Ctx) -> Thrown {
    cx.raise(
        "Cannot call non-function; the value being called is not callable. \
         Pass a function, closure, or imported callable value instead.",
    )
}

#[cold]
#[inline(never)]
fn unknown_method(cx: &mut Ctx, name: NameId) -> Thrown {
    let name = cx.name(name).clone();
    cx.raise(format_args!("Unknown method: {}", name.as_str()))
}
