//! Replacing values by others throughout a function.

use super::ir::{Function, Terminator, ValueId};

/// For every value the one that stands for it; itself where nothing replaces it.
pub struct Replacement(Vec<ValueId>);

impl Replacement {
    /// Nothing is replaced yet.
    pub fn new(f: &Function) -> Replacement {
        Replacement((0..f.types.len() as u32).map(ValueId).collect())
    }

    /// From now on `new` stands for `old`.
    pub fn replace(&mut self, old: ValueId, new: ValueId) {
        let new = self.find(new);
        self.grow(old);
        self.0[old.index()] = new;
    }

    fn grow(&mut self, value: ValueId) {
        while self.0.len() <= value.index() {
            self.0.push(ValueId(self.0.len() as u32));
        }
    }

    /// What stands for a value now (with path compression).
    pub fn find(&mut self, value: ValueId) -> ValueId {
        self.grow(value);
        let mut root = value;
        while self.0[root.index()] != root {
            root = self.0[root.index()];
        }
        let mut at = value;
        while self.0[at.index()] != root {
            at = std::mem::replace(&mut self.0[at.index()], root);
        }
        root
    }

    /// Rewrites every use in the function.
    pub fn apply(&mut self, f: &mut Function) {
        for block in &mut f.blocks {
            for inst in &mut block.insts {
                for arg in &mut inst.args {
                    arg.value = self.find(arg.value);
                }
            }
            match &mut block.end {
                Some(Terminator::Branch(cond, _, _)) => *cond = self.find(*cond),
                Some(Terminator::Return(value)) => *value = self.find(*value),
                _ => {}
            }
            for edge in block.edges_mut() {
                for arg in &mut edge.args {
                    *arg = self.find(*arg);
                }
            }
        }
        for site in &mut f.sites {
            let args = site.handler.iter_mut().flat_map(|edge| &mut edge.args);
            for value in site.release.iter_mut().chain(args) {
                *value = self.find(*value);
            }
        }
    }
}
