//! Removes pure instructions whose results nobody uses, and unreachable blocks' contents.

use crate::ssa::ir::{Arg, Effect, Function, Inst, InstOp, Terminator, ValueId};
use crate::ssa::order::reverse_postorder;
use ruff_runtime::fault;

/// Runs the pass.
pub fn run(f: &mut Function) -> bool {
    let mut removed = clear_unreachable(f);
    loop {
        let used = used_values(f);
        let mut changed = false;
        for block in &mut f.blocks {
            for mut inst in std::mem::take(&mut block.insts) {
                let pure = match inst.op.effect() {
                    Effect::Pure => true,
                    Effect::Raises => fault!(UnusedErrorsVanish),
                    Effect::Acts => false,
                };
                if !pure || inst.results.iter().any(|r| used[r.index()]) {
                    block.insts.push(inst);
                    continue;
                }
                changed = true;
                // What it would have given up must be given up all the same.
                inst.args.retain(|arg| arg.last);
                for arg in inst.args {
                    if f.types[arg.value.index()].may_be_counted() {
                        block.insts.push(release(arg));
                    }
                }
            }
        }
        removed |= changed;
        if !changed {
            return removed;
        }
    }
}

fn release(arg: Arg) -> Inst {
    Inst {
        op: InstOp::Release {},
        args: vec![arg],
        results: Vec::new(),
        site: None,
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
