//! Simplifies control flow: branches lose negations, edges skip empty blocks, a block with one predecessor joins it.

use super::dce::clear_unreachable;
use crate::ssa::ir::{BlockId, Edge, Function, InstOp, Terminator};
use crate::ssa::order::reverse_postorder;
use crate::ssa::rewrite::Replacement;
use ruff_runtime::fault;
use rustc_hash::FxHashMap;

/// Runs the pass.
pub fn run(f: &mut Function) -> bool {
    let swapped = swap_negated(f);
    let skipped = skip_empty(f);
    // Blocks that nothing reaches must not hold on to those that others join.
    let cleared = clear_unreachable(f);
    join_chains(f) | skipped | cleared | swapped
}

/// Branches on `!c` become branches on `c` with their edges swapped: then other passes, and the machine, see the
/// comparison itself.
fn swap_negated(f: &mut Function) -> bool {
    let mut negated = FxHashMap::default();
    for inst in f.blocks.iter().flat_map(|b| &b.insts) {
        if inst.op == (InstOp::NotBool {}) {
            negated.insert(inst.results[0], inst.args[0].value);
        }
    }
    let mut changed = false;
    for block in &mut f.blocks {
        while let Some(Terminator::Branch(cond, then, otherwise)) = &mut block.end
            && let Some(&positive) = negated.get(cond)
        {
            *cond = positive;
            if !fault!(NegatedBranchesStay) {
                std::mem::swap(then, otherwise);
            }
            changed = true;
        }
    }
    changed
}

/// Where an edge to an empty block may go instead.
fn forwarded(f: &Function, edge: &Edge) -> Option<Edge> {
    let target = &f.blocks[edge.to.index()];
    match &target.end {
        Some(Terminator::Jump(next))
            if target.params.is_empty() && target.insts.is_empty() && next.to != edge.to =>
        {
            Some(next.clone())
        }
        _ => None,
    }
}

fn skip_empty(f: &mut Function) -> bool {
    let mut changed = false;
    for block in 0..f.blocks.len() {
        // A chain of empty blocks is at most as long as there are blocks.
        for _ in 0..f.blocks.len() {
            let edges: Vec<Option<Edge>> = f.blocks[block]
                .edges()
                .map(|edge| forwarded(f, edge))
                .collect();
            if edges.iter().all(Option::is_none) {
                break;
            }
            changed = true;
            for (edge, next) in f.blocks[block].edges_mut().zip(edges) {
                if let Some(next) = next {
                    *edge = next;
                }
            }
        }
    }
    changed
}

fn join_chains(f: &mut Function) -> bool {
    let order = reverse_postorder(f);
    let mut predecessors = vec![0usize; f.blocks.len()];
    predecessors[0] = 1;
    for &block in &order {
        f.blocks[block.index()]
            .edges()
            .for_each(|edge| predecessors[edge.to.index()] += 1);
        for site in f.blocks[block.index()]
            .insts
            .iter()
            .filter_map(|inst| inst.site)
        {
            if let Some(edge) = &f.sites[site.index()].handler {
                // A handler is entered from the middle of a block; two keep it from being joined.
                predecessors[edge.to.index()] += 2;
            }
        }
    }
    let mut replacement = Replacement::new(f);
    let mut changed = false;
    let mut gone = vec![false; f.blocks.len()];
    for &block in &order {
        if gone[block.index()] {
            continue;
        }
        while let Some(Terminator::Jump(edge)) = f.blocks[block.index()].end.clone() {
            let same_level = f.blocks[edge.to.index()].level == f.blocks[block.index()].level;
            if predecessors[edge.to.index()] != 1 || edge.to == block || !same_level {
                break;
            }
            join(f, &mut replacement, block, &edge);
            gone[edge.to.index()] = true;
            changed = true;
        }
    }
    if changed {
        replacement.apply(f);
    }
    changed
}

fn join(f: &mut Function, replacement: &mut Replacement, block: BlockId, edge: &Edge) {
    let next = std::mem::take(&mut f.blocks[edge.to.index()]);
    for (param, arg) in next.params.iter().zip(&edge.args) {
        replacement.replace(*param, *arg);
    }
    f.blocks[edge.to.index()].end = Some(Terminator::Unreachable);
    let block = &mut f.blocks[block.index()];
    block.insts.extend(next.insts);
    block.end = next.end;
}
