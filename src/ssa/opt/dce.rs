//! Removes pure instructions whose results nobody uses, and unreachable blocks' contents.

use crate::ssa::ir::{Effect, Function, Terminator, ValueId};
use crate::ssa::order::reverse_postorder;

/// Runs the pass.
pub fn run(f: &mut Function) -> bool {
    let mut removed = clear_unreachable(f);
    loop {
        let used = used_values(f);
        let mut changed = false;
        for block in &mut f.blocks {
            let before = block.insts.len();
            block.insts.retain(|inst| {
                inst.op.effect() != Effect::Pure || inst.results.iter().any(|r| used[r.index()])
            });
            changed |= block.insts.len() != before;
        }
        removed |= changed;
        if !changed {
            return removed;
        }
    }
}

/// Empties the blocks that control cannot reach; true if there was something in them.
pub fn clear_unreachable(f: &mut Function) -> bool {
    let order = reverse_postorder(f);
    let mut reachable = vec![false; f.blocks.len()];
    order.iter().for_each(|b| reachable[b.index()] = true);
    let mut changed = false;
    for (block, _) in f
        .blocks
        .iter_mut()
        .zip(&reachable)
        .filter(|(_, reachable)| !**reachable)
    {
        changed |= !block.insts.is_empty();
        block.insts.clear();
        block.end = Some(Terminator::Unreachable);
    }
    changed
}

fn used_values(f: &Function) -> Vec<bool> {
    let mut used = vec![false; f.types.len()];
    let mut mark = |value: ValueId| used[value.index()] = true;
    for block in &f.blocks {
        for inst in &block.insts {
            inst.args.iter().for_each(|arg| mark(arg.value));
            if let Some(site) = inst.site {
                let site = &f.sites[site.index()];
                site.release.iter().for_each(|v| mark(*v));
                site.handler
                    .iter()
                    .flat_map(|edge| &edge.args)
                    .for_each(|v| mark(*v));
            }
        }
        match &block.end {
            Some(Terminator::Branch(cond, _, _)) => mark(*cond),
            Some(Terminator::Return(value)) => mark(*value),
            _ => {}
        }
        block
            .edges()
            .flat_map(|edge| &edge.args)
            .for_each(|v| mark(*v));
    }
    used
}
