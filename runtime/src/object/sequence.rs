//! Queues and stacks.

use crate::heap::Object;
use crate::value::{Tag, Value};
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// The body of a queue, front first.
#[derive(Clone, Default)]
pub struct Queue(pub VecDeque<Value>);

impl Object for Queue {
    const TAG: Tag = Tag::Queue;
    fn children(&mut self, visit: &mut dyn FnMut(&mut Value)) {
        self.0.iter_mut().for_each(visit);
    }
}

/// The body of a stack, bottom first.
#[derive(Clone, Default)]
pub struct Stack(pub Vec<Value>);

impl Object for Stack {
    const TAG: Tag = Tag::Stack;
    fn children(&mut self, visit: &mut dyn FnMut(&mut Value)) {
        self.0.iter_mut().for_each(visit);
    }
}
