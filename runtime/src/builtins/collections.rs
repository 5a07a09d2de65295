//! Builtins over sets, queues and stacks (language.md §19.6). Like arrays they work in place while nobody else holds
//! the collection.

use super::args::{array, pair, requires};
use crate::ctx::Ctx;
use crate::error::{Result, Thrown};
use crate::heap::{Object, Ref};
use crate::object::{Array, Queue, Set, Stack};
use crate::ops::room;
use crate::value::Value;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

builtins! {
    /// A set of the elements of an array.
    "Set" = set 0..=1, Pure -> Any;
    /// The set with a value in it.
    "set_add" = set_add 2..=2, Pure -> Any;
    /// The set without a value.
    "set_remove" = set_remove 2..=2, Pure -> Any;
    /// True if the value is in the set.
    "set_has" = set_has 2..=2, Pure -> Bool;
    /// The elements of either set.
    "set_union" = set_union 2..=2, Pure -> Any;
    /// The elements of both sets.
    "set_intersect" = set_intersect 2..=2, Pure -> Any;
    /// The elements of the first set that are not in the second.
    "set_difference" = set_difference 2..=2, Pure -> Any;
    /// The elements of a set as an array, in the order in which they were added.
    "set_to_array" = set_to_array 1..=1, Pure -> Array;
    /// A queue of the elements of an array, the first in front.
    "Queue" = queue 0..=1, Pure -> Any;
    /// The queue with a value at its back.
    "queue_enqueue" = queue_enqueue 2..=2, Pure -> Any;
    /// The queue without its front, and the front (null if there is none).
    "queue_dequeue" = queue_dequeue 1..=1, Pure -> Pair;
    /// The front of a queue, or null.
    "queue_peek" = queue_peek 1..=1, Pure -> Any;
    /// True if the queue has no elements.
    "queue_is_empty" = queue_is_empty 1..=1, Pure -> Bool;
    /// The number of elements of a queue.
    "queue_size" = queue_size 1..=1, Pure -> Int;
    /// The elements of a queue as an array, front first.
    "queue_to_array" = queue_to_array 1..=1, Pure -> Array;
    /// A stack of the elements of an array, the last on top.
    "Stack" = stack 0..=1, Pure -> Any;
    /// The stack with a value on top.
    "stack_push" = stack_push 2..=2, Pure -> Any;
    /// The stack without its top, and the top (null if there is none).
    "stack_pop" = stack_pop 1..=1, Pure -> Pair;
    /// The top of a stack, or null.
    "stack_peek" = stack_peek 1..=1, Pure -> Any;
    /// True if the stack has no elements.
    "stack_is_empty" = stack_is_empty 1..=1, Pure -> Bool;
    /// The number of elements of a stack.
    "stack_size" = stack_size 1..=1, Pure -> Int;
    /// The elements of a stack as an array, the bottom first.
    "stack_to_array" = stack_to_array 1..=1, Pure -> Array;
}

/// A new collection from the elements of the optional array argument.
fn constructed<T>(cx: &mut Ctx, args: &[Value], name: &str) -> Result
where
    T: Object + FromIterator<Value>,
{
    let elements = match args.first().map(Value::as_object::<Array>) {
        None => T::from_iter([]),
        Some(Some(array)) => {
            room::check(cx, array.len() * 2, room::SET_ELEMENT)?;
            T::from_iter(array.iter())
        }
        Some(None) => {
            return Err(cx.raise(format_args!("{name} constructor requires an array argument")));
        }
    };
    Ok(Value::from(Ref::new(elements)))
}

#[cold]
fn requires_kind<T: Object>(cx: &mut Ctx, name: &str) -> Thrown {
    let kind = match T::TAG {
        crate::value::Tag::Set => "a set as the first argument",
        crate::value::Tag::Queue => "a queue as the first argument",
        _ => "a stack as the first argument",
    };
    requires(cx, name, kind)
}

/// The collection in the first argument.
fn read<'a, T: Object>(cx: &mut Ctx, args: &'a [Value], name: &str) -> Result<&'a T> {
    match args[0].as_object::<T>() {
        Some(collection) => Ok(collection),
        None => Err(requires_kind::<T>(cx, name)),
    }
}

/// The counted reference to the collection in the first argument.
fn write<'a, T: Object>(cx: &mut Ctx, args: &'a mut [Value], name: &str) -> Result<&'a mut Ref<T>> {
    match args[0].as_ref_mut::<T>() {
        Some(collection) => Ok(collection),
        None => Err(requires_kind::<T>(cx, name)),
    }
}

fn set(cx: &mut Ctx, args: &mut [Value]) -> Result {
    constructed::<Set>(cx, args, "Set")
}

fn set_add(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let set = read::<Set>(cx, args, "set_add")?;
    if set.is_full() {
        room::check(cx, set.len() * 2, room::SET_ELEMENT)?;
    }
    let value = args[1].take();
    let set = write::<Set>(cx, args, "set_add")?;
    // A set that is shared is copied only if it changes.
    if let Some(unique) = set.in_place() {
        unique.insert(value);
    } else if !set.contains(&value) {
        set.make_mut().insert(value);
    }
    Ok(args[0].take())
}

fn set_remove(cx: &mut Ctx, args: &mut [Value]) -> Result {
    if read::<Set>(cx, args, "set_remove")?.contains(&args[1]) {
        let value = args[1].take();
        write::<Set>(cx, args, "set_remove")?.make_mut().remove(&value);
    }
    Ok(args[0].take())
}

fn set_has(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let set = read::<Set>(cx, args, "set_has")?;
    Ok(Value::bool(set.contains(&args[1])))
}

/// Both set arguments.
fn two_sets<'a>(cx: &mut Ctx, args: &'a [Value], name: &str) -> Result<(&'a Set, &'a Set)> {
    match (args[0].as_object::<Set>(), args[1].as_object::<Set>()) {
        (Some(a), Some(b)) => Ok((a, b)),
        _ => Err(requires(cx, name, "two set arguments")),
    }
}

fn set_union(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (_, b) = two_sets(cx, args, "set_union")?;
    let more: Vec<Value> = b.iter().cloned().collect();
    let union = write::<Set>(cx, args, "set_union")?;
    if !more.is_empty() {
        let union = union.make_mut();
        more.into_iter().for_each(|value| union.insert(value));
    }
    Ok(args[0].take())
}

fn set_intersect(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (a, b) = two_sets(cx, args, "set_intersect")?;
    let both: Set = a.iter().filter(|v| b.contains(v)).cloned().collect();
    Ok(Value::from(Ref::new(both)))
}

fn set_difference(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let (a, b) = two_sets(cx, args, "set_difference")?;
    let rest: Set = a.iter().filter(|v| !b.contains(v)).cloned().collect();
    Ok(Value::from(Ref::new(rest)))
}

fn set_to_array(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let set = read::<Set>(cx, args, "set_to_array")?;
    Ok(array(set.iter().cloned().collect()))
}

impl FromIterator<Value> for Queue {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Queue {
        Queue(VecDeque::from_iter(values))
    }
}

impl FromIterator<Value> for Stack {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Stack {
        Stack(Vec::from_iter(values))
    }
}

fn queue(cx: &mut Ctx, args: &mut [Value]) -> Result {
    constructed::<Queue>(cx, args, "Queue")
}

fn queue_enqueue(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let queue = read::<Queue>(cx, args, "queue_enqueue")?;
    if queue.0.len() == queue.0.capacity() {
        room::check(cx, queue.0.len() * 2, size_of::<Value>())?;
    }
    let value = args[1].take();
    let queue = write::<Queue>(cx, args, "queue_enqueue")?;
    queue.make_mut().0.push_back(value);
    Ok(args[0].take())
}

fn queue_dequeue(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let queue = write::<Queue>(cx, args, "queue_dequeue")?;
    let front = if queue.0.is_empty() {
        None
    } else {
        queue.make_mut().0.pop_front()
    };
    Ok(pair(args[0].take(), front.unwrap_or_default()))
}

fn queue_peek(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let queue = read::<Queue>(cx, args, "queue_peek")?;
    Ok(queue.0.front().cloned().unwrap_or_default())
}

fn queue_is_empty(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let queue = read::<Queue>(cx, args, "queue_is_empty")?;
    Ok(Value::bool(queue.0.is_empty()))
}

fn queue_size(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let queue = read::<Queue>(cx, args, "queue_size")?;
    Ok(Value::int(queue.0.len() as i64))
}

fn queue_to_array(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let queue = read::<Queue>(cx, args, "queue_to_array")?;
    Ok(array(queue.0.iter().cloned().collect()))
}

fn stack(cx: &mut Ctx, args: &mut [Value]) -> Result {
    constructed::<Stack>(cx, args, "Stack")
}

fn stack_push(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let stack = read::<Stack>(cx, args, "stack_push")?;
    if stack.0.len() == stack.0.capacity() {
        room::check(cx, stack.0.len() * 2, size_of::<Value>())?;
    }
    let value = args[1].take();
    let stack = write::<Stack>(cx, args, "stack_push")?;
    stack.make_mut().0.push(value);
    Ok(args[0].take())
}

fn stack_pop(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let stack = write::<Stack>(cx, args, "stack_pop")?;
    let top = if stack.0.is_empty() {
        None
    } else {
        stack.make_mut().0.pop()
    };
    Ok(pair(args[0].take(), top.unwrap_or_default()))
}

fn stack_peek(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let stack = read::<Stack>(cx, args, "stack_peek")?;
    Ok(stack.0.last().cloned().unwrap_or_default())
}

fn stack_is_empty(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let stack = read::<Stack>(cx, args, "stack_is_empty")?;
    Ok(Value::bool(stack.0.is_empty()))
}

fn stack_size(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let stack = read::<Stack>(cx, args, "stack_size")?;
    Ok(Value::int(stack.0.len() as i64))
}

fn stack_to_array(cx: &mut Ctx, args: &mut [Value]) -> Result {
    let stack = read::<Stack>(cx, args, "stack_to_array")?;
    Ok(array(stack.0.clone()))
}
