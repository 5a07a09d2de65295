//! Replacing values by others, and copying blocks.

use super::ir::{Block, BlockId, Edge, Function, SiteId, Terminator, ValueId};
use rustc_hash::FxHashMap;

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
        for block in f.block_ids() {
            for_each_use(f, block, |value| *value = self.find(*value));
        }
    }
}

/// Changes every use of a value in a block: by its instructions, by their sites, at its end.
pub fn for_each_use(f: &mut Function, block: BlockId, mut change: impl FnMut(&mut ValueId)) {
    let block = &mut f.blocks[block.index()];
    for inst in &mut block.insts {
        inst.args.iter_mut().for_each(|arg| change(&mut arg.value));
        if let Some(site) = inst.site {
            let site = &mut f.sites[site.index()];
            let args = site.handler.iter_mut().flat_map(|edge| &mut edge.args);
            site.release.iter_mut().chain(args).for_each(&mut change);
        }
    }
    if let Some(Terminator::Branch(value, _, _) | Terminator::Return(value)) = &mut block.end {
        change(value);
    }
    let args = block.edges_mut().flat_map(|edge| &mut edge.args);
    args.for_each(change);
}

/// Changes the edges out of a block: those of its end, and those to handlers.
pub fn for_each_edge(f: &mut Function, block: BlockId, mut change: impl FnMut(&mut Edge)) {
    for site in f.blocks[block.index()]
        .insts
        .iter()
        .filter_map(|inst| inst.site)
    {
        f.sites[site.index()]
            .handler
            .iter_mut()
            .for_each(&mut change);
    }
    f.blocks[block.index()].edges_mut().for_each(change);
}

/// Copies blocks; gives the copies in the same order. What the blocks define has new names in the copies, and edges between them
/// lead to copies. `values` says what else they use instead of what.
pub fn copy(
    f: &mut Function,
    blocks: &[BlockId],
    mut values: FxHashMap<ValueId, ValueId>,
) -> Vec<BlockId> {
    let copies: Vec<BlockId> = blocks.iter().map(|_| f.block()).collect();
    for (&from, &to) in blocks.iter().zip(&copies) {
        let mut block: Block = f.blocks[from.index()].clone();
        for value in block.definitions_mut() {
            let new = f.value(f.ty(*value));
            values.insert(std::mem::replace(value, new), new);
        }
        for site in block.insts.iter_mut().filter_map(|inst| inst.site.as_mut()) {
            f.sites.push(f.sites[site.index()].clone());
            *site = SiteId(f.sites.len() as u32 - 1);
        }
        f.blocks[to.index()] = block;
    }
    for &block in &copies {
        for_each_use(f, block, |value| {
            *value = values.get(value).copied().unwrap_or(*value);
        });
        for_each_edge(f, block, |edge| {
            if let Some(at) = blocks.iter().position(|b| *b == edge.to) {
                edge.to = copies[at];
            }
        });
    }
    copies
}
