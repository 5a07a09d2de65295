//! Removes block parameters that always get the same value.
//!
//! The builder gives every block a parameter for every live register; most of them are not needed (Braun et al.,
//! "Simple and efficient construction of static single assignment form", 2013, §3.1).

use crate::ssa::ir::{Edge, Function, ValueId};
use crate::ssa::rewrite::Replacement;
use ruff_runtime::fault;

/// Runs the pass.
pub fn run(f: &mut Function) -> bool {
    let mut replacement = Replacement::new(f);
    let mut any = false;
    loop {
        let incoming = single_values(f, &mut replacement);
        let mut kept = vec![Vec::new(); f.blocks.len()];
        for (block, incoming) in incoming.iter().enumerate().skip(1) {
            let keep: Vec<bool> = f.blocks[block]
                .params
                .iter()
                .enumerate()
                .map(|(i, &param)| match incoming.get(i) {
                    Some(&Incoming::One(value)) => {
                        replacement.replace(param, value);
                        false
                    }
                    _ => true,
                })
                .collect();
            if !keep.iter().all(|k| *k) {
                retain_by(&mut f.blocks[block].params, &keep);
                kept[block] = keep;
            }
        }
        if kept.iter().all(Vec::is_empty) {
            break;
        }
        any = true;
        for_edges(f, |edge| retain_by(&mut edge.args, &kept[edge.to.index()]));
        replacement.apply(f);
    }
    any
}

#[derive(Clone, Copy, PartialEq)]
enum Incoming {
    Nothing,
    One(ValueId),
    Several,
}

/// For every block parameter, the one value other than itself that reaches it.
fn single_values(f: &Function, replacement: &mut Replacement) -> Vec<Vec<Incoming>> {
    let mut incoming: Vec<Vec<Incoming>> = f
        .blocks
        .iter()
        .map(|b| vec![Incoming::Nothing; b.params.len()])
        .collect();
    let mut flow = |edge: &Edge, raising: &[ValueId]| {
        let to = edge.to.index();
        for (i, &arg) in edge.args.iter().enumerate() {
            let (arg, param) = (replacement.find(arg), f.blocks[to].params[i]);
            if arg == param {
                continue;
            }
            let seen = &mut incoming[to][i];
            *seen = match *seen {
                // What an instruction makes of its operands before it raises need not be in the register of its result.
                _ if raising.contains(&arg) && !fault!(HandlersSeeResults) => Incoming::Several,
                Incoming::Nothing => Incoming::One(arg),
                Incoming::One(other) if other == arg => Incoming::One(arg),
                _ => Incoming::Several,
            };
        }
    };
    for block in &f.blocks {
        block.edges().for_each(|edge| flow(edge, &[]));
        for inst in &block.insts {
            let site = inst.site.map(|site| &f.sites[site.index()]);
            if let Some(edge) = site.and_then(|site| site.handler.as_ref()) {
                flow(edge, &inst.results);
            }
        }
    }
    incoming
}

fn for_edges(f: &mut Function, mut change: impl FnMut(&mut Edge)) {
    for block in &mut f.blocks {
        block.edges_mut().for_each(&mut change);
    }
    for site in &mut f.sites {
        site.handler.iter_mut().for_each(&mut change);
    }
}

/// Removes what has a flag that is false.
fn retain_by<T>(list: &mut Vec<T>, keep: &[bool]) {
    let mut flags = keep.iter();
    list.retain(|_| *flags.next().unwrap_or(&true));
}
