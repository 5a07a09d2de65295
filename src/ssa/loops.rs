//! Control flow with its natural loops.
//!
//! In: a function. Out: its reachable blocks in order, with predecessors and dominators, and the loops that lie in no other one, and
//! what of it all is hardly executed. It does not look at instructions.

use super::ir::{BlockId, Function};
use super::order::{Dominators, predecessors, reverse_postorder};

/// The control flow of a function.
pub struct Flow {
    /// The reachable blocks in reverse postorder.
    pub order: Vec<BlockId>,
    /// For every block those that lead to it.
    pub predecessors: Vec<Vec<BlockId>>,
    /// Their dominators.
    pub dominators: Dominators,
}

/// For every block whether it is hardly ever executed: if it is cold, or outside loops if what is there counts as such.
pub fn rare_blocks(f: &Function, outside_loops: bool) -> Vec<bool> {
    let mut rare: Vec<bool> = (f.blocks.iter())
        .map(|block| outside_loops || block.cold)
        .collect();
    if outside_loops {
        for block in (Flow::new(f).outermost_loops().iter()).flat_map(|each| &each.blocks) {
            rare[block.index()] = f.blocks[block.index()].cold;
        }
    }
    rare
}

/// A natural loop (Aho, Lam, Sethi & Ullman, "Compilers", section 9.6.6).
pub struct Loop {
    /// The block that every iteration starts with; it dominates the others.
    pub head: BlockId,
    /// Its blocks; the head is the first.
    pub blocks: Vec<BlockId>,
}

impl Flow {
    /// The flow as it is now.
    pub fn new(f: &Function) -> Flow {
        let order = reverse_postorder(f);
        Flow {
            predecessors: predecessors(f, &order),
            dominators: Dominators::new(f, &order),
            order,
        }
    }

    /// The outermost loops, in the order of their heads.
    pub fn outermost_loops(&self) -> Vec<Loop> {
        let mut taken = vec![false; self.predecessors.len()];
        let mut loops = Vec::new();
        // The head of an outer loop comes before those of the inner ones.
        for &head in &self.order {
            let from = &self.predecessors[head.index()];
            let back = |from: &BlockId| self.dominators.dominates(head, *from);
            let mut waiting: Vec<BlockId> = from.iter().copied().filter(back).collect();
            if waiting.is_empty() || std::mem::replace(&mut taken[head.index()], true) {
                continue;
            }
            let mut blocks = vec![head];
            while let Some(block) = waiting.pop() {
                if !std::mem::replace(&mut taken[block.index()], true) {
                    blocks.push(block);
                    waiting.extend(&self.predecessors[block.index()]);
                }
            }
            loops.push(Loop { head, blocks });
        }
        loops
    }
}
