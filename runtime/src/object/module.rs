//! Module namespaces: a snapshot of what a module exports.

use crate::heap::{Object, Ref};
use crate::object::Str;
use crate::value::{Tag, Value};
use alloc::vec::Vec;

/// The body of a namespace.
pub struct Module {
    /// The module's name.
    pub name: Ref<Str>,
    /// The exported names and their values.
    pub members: Vec<(Ref<Str>, Value)>,
}

impl Object for Module {
    const TAG: Tag = Tag::Module;
    fn children(&mut self, visit: &mut dyn FnMut(&mut Value)) {
        self.members.iter_mut().for_each(|(_, value)| visit(value));
    }

    #[cfg(debug_assertions)]
    fn names(&self, visit: &mut dyn FnMut(&Ref<Str>)) {
        visit(&self.name);
        self.members.iter().for_each(|(name, _)| visit(name));
    }
}

impl Module {
    /// A member by its (interned) name.
    pub fn get(&self, name: &Ref<Str>) -> Option<&Value> {
        let member = self
            .members
            .iter()
            .find(|(member, _)| member.ptr_eq(name))?;
        Some(&member.1)
    }
}
