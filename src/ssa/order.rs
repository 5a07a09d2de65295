//! Orders over the blocks of a function: predecessors, reverse postorder, dominators.

use super::ir::{Block, BlockId, Function};

/// The blocks that control may reach from a block: its edges and the handlers of its sites.
pub fn successors(f: &Function, block: BlockId) -> Vec<BlockId> {
    let data: &Block = &f.blocks[block.index()];
    let mut list: Vec<BlockId> = data.edges().map(|edge| edge.to).collect();
    for site in data.insts.iter().filter_map(|inst| inst.site) {
        if let Some(edge) = &f.sites[site.index()].handler
            && !list.contains(&edge.to)
        {
            list.push(edge.to);
        }
    }
    list
}

/// The reachable blocks, each before its successors except along back edges.
pub fn reverse_postorder(f: &Function) -> Vec<BlockId> {
    let mut seen = vec![false; f.blocks.len()];
    let mut order = Vec::with_capacity(f.blocks.len());
    let mut stack = vec![(BlockId(0), successors(f, BlockId(0)))];
    seen[0] = true;
    while let Some((block, rest)) = stack.last_mut() {
        match rest.pop() {
            Some(next) if !seen[next.index()] => {
                seen[next.index()] = true;
                stack.push((next, successors(f, next)));
            }
            Some(_) => {}
            None => {
                order.push(*block);
                stack.pop();
            }
        }
    }
    order.reverse();
    order
}

/// For every block those that lead to it.
pub fn predecessors(f: &Function, order: &[BlockId]) -> Vec<Vec<BlockId>> {
    let mut predecessors = vec![Vec::new(); f.blocks.len()];
    for &block in order {
        for next in successors(f, block) {
            predecessors[next.index()].push(block);
        }
    }
    predecessors
}

/// The immediate dominator of every reachable block; the entry is its own (Cooper, Harvey & Kennedy, "A simple,
/// fast dominance algorithm", 2001).
pub struct Dominators {
    parent: Vec<Option<BlockId>>,
    rank: Vec<usize>,
}

impl Dominators {
    /// Computes them for the blocks in `order`, a reverse postorder.
    pub fn new(f: &Function, order: &[BlockId]) -> Dominators {
        let mut rank = vec![usize::MAX; f.blocks.len()];
        for (i, block) in order.iter().enumerate() {
            rank[block.index()] = i;
        }
        let predecessors = predecessors(f, order);
        let mut parent = vec![None; f.blocks.len()];
        parent[0] = Some(BlockId(0));
        let mut changed = true;
        while changed {
            changed = false;
            for &block in &order[1..] {
                let mut known = predecessors[block.index()]
                    .iter()
                    .copied()
                    .filter(|p| parent[p.index()].is_some());
                let Some(first) = known.next() else { continue };
                let meet = known.fold(first, |a, b| intersect(&parent, &rank, a, b));
                if parent[block.index()] != Some(meet) {
                    parent[block.index()] = Some(meet);
                    changed = true;
                }
            }
        }
        Dominators { parent, rank }
    }

    /// The immediate dominator; none for the entry and for unreachable blocks.
    pub fn parent(&self, block: BlockId) -> Option<BlockId> {
        if block.0 == 0 {
            None
        } else {
            self.parent[block.index()]
        }
    }

    /// True if every path to `b` passes `a`.
    pub fn dominates(&self, a: BlockId, b: BlockId) -> bool {
        let mut at = b;
        while self.rank[at.index()] > self.rank[a.index()] {
            match self.parent(at) {
                Some(up) => at = up,
                None => return false,
            }
        }
        at == a
    }
}

fn intersect(
    parent: &[Option<BlockId>],
    rank: &[usize],
    mut a: BlockId,
    mut b: BlockId,
) -> BlockId {
    let up = |block: BlockId| parent[block.index()].unwrap_or(BlockId(0));
    while a != b {
        while rank[a.index()] > rank[b.index()] {
            a = up(a);
        }
        while rank[b.index()] > rank[a.index()] {
            b = up(b);
        }
    }
    a
}
