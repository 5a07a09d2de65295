//! Gives a loop a second version for small bounds, in which overflow checks cannot fail.
//!
//! In `while i < n { s := s + i * i; … }` the square may overflow for some `n`, but not for an `n` of 32 bits, and hardly a loop runs
//! longer. So the values that bound the loop are looked at once, before it: if all of them are small, a copy of the loop runs
//! that knows it; else the loop as it was. Nothing leads from one to the other. (Loop versioning, as for the array
//! bounds checks of Midkiff, Moreira & Snir, "Optimizing array reference checking in Java programs", 1998.)
//!
//! A copy that [`range`] cannot make cheaper is dropped again.

use super::range;
use crate::ssa::ir::*;
use crate::ssa::loops::{Flow, Loop};
use crate::ssa::rewrite::{copy, for_each_edge, for_each_use};
use crate::ssa::types::Type;
use rustc_hash::FxHashMap;

/// The most that a loop may cost that gets a second version, and a function with second versions.
const LARGEST_LOOP: usize = 160;
const LARGEST_FUNCTION: usize = 800;

/// Bounds that are looked at before a loop, at most.
const MOST_BOUNDS: usize = 6;

/// How much cheaper its checks must get for a loop to be worth the memory of a second version.
const WORTHWHILE: usize = 2;

/// Runs the pass.
pub fn run(f: &mut Function) -> bool {
    // No loop of it would fit, and each look at one costs as much as the function is large.
    if f.size() > LARGEST_FUNCTION {
        return false;
    }
    let loops = Flow::new(f).outermost_loops();
    let heads: Vec<BlockId> = loops.iter().map(|found| found.head).collect();
    let mut changed = false;
    for head in heads {
        if let Some(better) = versioned(f, head) {
            *f = better;
            changed = true;
        }
    }
    changed
}

/// The function with a second version of a loop, if that is cheaper.
fn versioned(f: &Function, head: BlockId) -> Option<Function> {
    let flow = Flow::new(f);
    let loops = flow.outermost_loops();
    let found = loops.iter().find(|found| found.head == head)?;
    let region = Region::around(f, found, &flow)?;
    let before = checks(f, &region.blocks);
    let bounds = bounds(f, &region)?;
    if before < WORTHWHILE {
        return None;
    }
    let mut f = f.clone();
    close(&mut f, &region);
    let copies = duplicate(&mut f, &region, &bounds);
    range::run(&mut f);
    (checks(&f, &copies) + WORTHWHILE <= before).then_some(f)
}

/// What the overflow checks of some blocks cost: one for each that compares, two for each that looks at the flag of a product, which
/// takes the long multiplication.
fn checks(f: &Function, blocks: &[BlockId]) -> usize {
    let cost = |inst: &Inst| match inst.op {
        InstOp::MulInt { check: Check::Flag } => 2,
        InstOp::AddInt { check } | InstOp::SubInt { check } | InstOp::MulInt { check } => {
            usize::from(check != Check::Fits)
        }
        _ => 0,
    };
    let insts = blocks.iter().flat_map(|b| &f.blocks[b.index()].insts);
    insts.map(cost).sum()
}

/// A loop with the cold blocks that only it leads to.
struct Region {
    head: BlockId,
    blocks: Vec<BlockId>,
    /// By block: whether it is one of them.
    contains: Vec<bool>,
    /// Where the values of the loop may be used afterwards: a block that the head dominates.
    exit: Option<BlockId>,
}

impl Region {
    /// None if the loop is too large, or is left for several blocks that may use its values.
    fn around(f: &Function, found: &Loop, flow: &Flow) -> Option<Region> {
        let mut region = Region {
            head: found.head,
            blocks: found.blocks.clone(),
            contains: vec![false; f.blocks.len()],
            exit: None,
        };
        found
            .blocks
            .iter()
            .for_each(|b| region.contains[b.index()] = true);
        let after = |b: &&BlockId| flow.dominators.dominates(found.head, **b);
        // In this order a block comes after those that lead to it, except for loops.
        for &block in flow.order.iter().filter(after) {
            let from = &flow.predecessors[block.index()];
            let inside = from.iter().filter(|b| region.contains[b.index()]).count();
            if region.contains[block.index()] || inside == 0 {
                continue;
            }
            if f.blocks[block.index()].cold && inside == from.len() {
                region.contains[block.index()] = true;
                region.blocks.push(block);
            } else if region.exit.replace(block).is_some() {
                return None;
            }
        }
        let size: usize = region
            .blocks
            .iter()
            .map(|b| f.blocks[b.index()].size())
            .sum();
        let fits = size <= LARGEST_LOOP && f.size() + size <= LARGEST_FUNCTION;
        // The entry cannot be led to.
        (fits && found.head.0 != 0).then_some(region)
    }

    /// The other blocks.
    fn outside(&self, f: &Function) -> Vec<BlockId> {
        f.block_ids()
            .filter(|b| !self.contains[b.index()])
            .collect()
    }

    /// By value: whether the region defines it.
    fn defined(&self, f: &Function) -> Vec<bool> {
        let mut defined = vec![false; f.types.len()];
        for block in &self.blocks {
            f.blocks[block.index()]
                .definitions()
                .for_each(|v| defined[v.index()] = true);
        }
        defined
    }
}

/// The ints that are compared or multiplied in the loop and come from outside: as they are, or as what the first iteration starts with
/// (parameters of the head). None if there are none, or too many.
fn bounds(f: &Function, region: &Region) -> Option<Vec<ValueId>> {
    let mut known = region.defined(f);
    for param in &f.blocks[region.head.index()].params {
        known[param.index()] = false;
    }
    let insts = f.blocks.iter().flat_map(|b| &b.insts);
    for constant in insts.filter(|inst| matches!(inst.op, InstOp::ConstInt { .. })) {
        known[constant.results[0].index()] = true;
    }
    let mut bounds = Vec::new();
    for inst in region
        .blocks
        .iter()
        .flat_map(|b| &f.blocks[b.index()].insts)
    {
        if !matches!(inst.op, InstOp::CmpInt { .. } | InstOp::MulInt { .. }) {
            continue;
        }
        for arg in &inst.args {
            if !known[arg.value.index()] && !bounds.contains(&arg.value) {
                bounds.push(arg.value);
            }
        }
    }
    (1..=MOST_BOUNDS).contains(&bounds.len()).then_some(bounds)
}

/// Has the exit take the values of the region that are used behind it as parameters, so that either version may give them
/// (loop-closed SSA form).
fn close(f: &mut Function, region: &Region) {
    let Some(exit) = region.exit else { return };
    let defined = region.defined(f);
    let mut given: Vec<ValueId> = Vec::new();
    let first = f.types.len();
    for block in region.outside(f) {
        for_each_use(f, block, |value| {
            if defined.get(value.index()) == Some(&true) {
                let at = given.iter().position(|v| v == value).unwrap_or_else(|| {
                    given.push(*value);
                    given.len() - 1
                });
                *value = ValueId((first + at) as u32);
            }
        });
    }
    for &value in &given {
        let ty = f.ty(value);
        let param = f.value(ty);
        f.blocks[exit.index()].params.push(param);
    }
    for &block in &region.blocks {
        for_each_edge(f, block, |edge| {
            if edge.to == exit {
                edge.args.extend(&given);
            }
        });
    }
}

/// Copies the region, has the copy use small bounds, and puts the question which of both it is before them. Gives the copy.
fn duplicate(f: &mut Function, region: &Region, bounds: &[ValueId]) -> Vec<BlockId> {
    let outside = region.outside(f);
    let (guard, fast) = (f.block(), f.block());
    for block in outside {
        for_each_edge(f, block, |edge| {
            if edge.to == region.head {
                edge.to = guard;
            }
        });
    }
    let head = &f.blocks[region.head.index()];
    let (level, inner) = (head.level, head.params.clone());
    let params: Vec<ValueId> = inner.iter().map(|param| f.value(f.ty(*param))).collect();
    let mut asked = Vec::new();
    let mut narrow = Vec::new();
    let (mut entering, mut values) = (params.clone(), FxHashMap::default());
    for &bound in bounds {
        let small = f.value(Type::INT);
        let before = match inner.iter().position(|param| *param == bound) {
            Some(at) => std::mem::replace(&mut entering[at], small),
            None => {
                values.insert(bound, small);
                bound
            }
        };
        asked.push(before);
        narrow.push(pure(InstOp::Small {}, &[before], small));
    }
    let copies = copy(f, &region.blocks, values);

    let to = |to, args| Edge { to, args };
    let is_small = f.value(Type::BOOL);
    let original = to(region.head, params.clone());
    f.blocks[fast.index()] = Block {
        insts: narrow,
        end: Some(Terminator::Jump(to(copies[0], entering))),
        level,
        ..Block::default()
    };
    f.blocks[guard.index()] = Block {
        insts: vec![pure(InstOp::IsSmall {}, &asked, is_small)],
        params,
        end: Some(Terminator::Branch(is_small, to(fast, Vec::new()), original)),
        level,
        ..Block::default()
    };
    copies
}

fn pure(op: InstOp, args: &[ValueId], result: ValueId) -> Inst {
    Inst {
        op,
        args: args.iter().map(|v| Arg::borrowed(*v)).collect(),
        results: vec![result],
        site: None,
    }
}
