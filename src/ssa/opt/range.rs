//! Removes overflow checks that cannot fail, and makes others cheaper where signs are known.
//!
//! Interval analysis over int values with widening at block parameters (Cousot & Cousot, "Static determination of dynamic
//! properties of programs", 1976), refined by the comparisons that dominate a block: inside `while i < n`, `i + 1` cannot
//! overflow. Cranelift knows nothing of this.

use crate::ssa::ir::{Block, BlockId, Check, Compare, Function, Inst, InstOp, Terminator, ValueId};
use crate::ssa::order::{Dominators, reverse_postorder, successors};
use crate::ssa::types::Type;
use ruff_runtime::fault;

/// Values from `lo` to `hi`, both included; empty if `lo > hi`.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Interval {
    lo: i64,
    hi: i64,
}

impl Interval {
    const ALL: Interval = Interval {
        lo: i64::MIN,
        hi: i64::MAX,
    };
    const EMPTY: Interval = Interval {
        lo: i64::MAX,
        hi: i64::MIN,
    };

    /// What `is_small` finds.
    const SMALL: Interval = Interval {
        lo: i32::MIN as i64,
        hi: i32::MAX as i64,
    };

    fn intersection(self, other: Interval) -> Interval {
        Interval {
            lo: self.lo.max(other.lo),
            hi: self.hi.min(other.hi),
        }
    }

    fn union(self, other: Interval) -> Interval {
        Interval {
            lo: self.lo.min(other.lo),
            hi: self.hi.max(other.hi),
        }
    }

    fn is_empty(self) -> bool {
        self.lo > self.hi
    }

    /// The smallest interval with all of `ends`, and whether it fits 64 bits. What does not fit has raised, so the
    /// result is cut to 64 bits.
    fn hull(ends: &[i128]) -> (Interval, bool) {
        let lo = ends.iter().copied().fold(i128::MAX, i128::min);
        let hi = ends.iter().copied().fold(i128::MIN, i128::max);
        let cut = |n: i128| n.clamp(i64::MIN as i128, i64::MAX as i128) as i64;
        (
            Interval {
                lo: cut(lo),
                hi: cut(hi),
            },
            cut(lo) as i128 == lo && cut(hi) as i128 == hi,
        )
    }
}

/// Passes over the function before bounds that still move are widened, and after that to narrow them again.
const ROUNDS_BEFORE_WIDENING: usize = 3;
const NARROWING_ROUNDS: usize = 2;

/// Runs the pass.
pub fn run(f: &mut Function) -> bool {
    let order = reverse_postorder(f);
    let dominators = Dominators::new(f, &order);
    let branches = branches(f, &order);
    let facts = facts(f, &order, &branches);
    let known = known(f, &order, &dominators, &facts);
    let mut analysis = Analysis {
        f,
        known,
        branches,
        facts,
        ranges: vec![Interval::EMPTY; f.types.len()],
    };
    analysis.start();
    let mut round = 0;
    while analysis.round(&order, round >= ROUNDS_BEFORE_WIDENING, false) {
        round += 1;
    }
    for _ in 0..NARROWING_ROUNDS {
        analysis.round(&order, false, true);
    }
    let cheaper = analysis.cheaper_checks(&order);
    for &(block, index, check) in &cheaper {
        let inst: &mut Inst = &mut f.blocks[block.index()].insts[index];
        match &mut inst.op {
            InstOp::AddInt { check: old }
            | InstOp::SubInt { check: old }
            | InstOp::MulInt { check: old } => *old = check,
            _ => {}
        }
        if check == Check::Fits {
            inst.site = None;
        }
    }
    !cheaper.is_empty()
}

/// `a how b` holds in a block.
#[derive(Clone, Copy)]
struct Fact {
    how: Compare,
    a: ValueId,
    b: ValueId,
}

/// What holds on the first and on the second edge of every block that ends in a comparison of ints.
fn branches(f: &Function, order: &[BlockId]) -> Vec<[Option<Fact>; 2]> {
    let mut definitions = vec![None; f.types.len()];
    for inst in order.iter().flat_map(|b| &f.blocks[b.index()].insts) {
        if let InstOp::CmpInt { how } = inst.op {
            let (a, b) = (inst.args[0].value, inst.args[1].value);
            definitions[inst.results[0].index()] = Some(Fact { how, a, b });
        }
    }
    let negated = |fact: Fact| Fact {
        how: fact.how.negated(),
        ..fact
    };
    let branch = |block: &Block| match &block.end {
        Some(Terminator::Branch(cond, then, otherwise)) if then.to != otherwise.to => {
            let fact = definitions[cond.index()];
            [fact, fact.map(negated)]
        }
        _ => [None; 2],
    };
    f.blocks.iter().map(branch).collect()
}

/// What a block with one predecessor may rely on.
fn facts(f: &Function, order: &[BlockId], branches: &[[Option<Fact>; 2]]) -> Vec<Option<Fact>> {
    let mut predecessors = vec![0usize; f.blocks.len()];
    for &block in order {
        for next in successors(f, block) {
            predecessors[next.index()] += 1;
        }
    }
    let mut facts = vec![None; f.blocks.len()];
    for &block in order {
        for (edge, fact) in f.blocks[block.index()].edges().zip(branches[block.index()]) {
            if predecessors[edge.to.index()] == 1 {
                facts[edge.to.index()] = fact;
            }
        }
    }
    facts
}

/// For every block the nearest one, itself included, that dominates it and has a fact.
fn known(
    f: &Function,
    order: &[BlockId],
    dominators: &Dominators,
    facts: &[Option<Fact>],
) -> Vec<[Option<BlockId>; 2]> {
    let mut known = vec![[None; 2]; f.blocks.len()];
    for &block in order {
        // A dominator stands before what it dominates.
        let above = dominators
            .parent(block)
            .and_then(|parent| known[parent.index()][0]);
        known[block.index()] = match facts[block.index()] {
            Some(_) => [Some(block), above],
            None => [above; 2],
        };
    }
    known
}

/// How many comparisons may dominate a block of which the range of a value is to know: in a function of a thousand tests one after
/// the other, looking at all of them would be quadratic.
const FACTS: usize = 32;

struct Analysis<'a> {
    f: &'a Function,
    /// The nearest block with a fact, and the next above it.
    known: Vec<[Option<BlockId>; 2]>,
    branches: Vec<[Option<Fact>; 2]>,
    facts: Vec<Option<Fact>>,
    ranges: Vec<Interval>,
}

impl Analysis<'_> {
    fn start(&mut self) {
        for &param in self.f.params() {
            self.ranges[param.index()] = Interval::ALL;
        }
        for &param in &self.f.not_negative {
            self.ranges[param.index()].lo = 0;
        }
    }

    /// One pass over all blocks; true if something changed.
    fn round(&mut self, order: &[BlockId], widen: bool, narrow: bool) -> bool {
        let mut changed = false;
        let mut incoming: Vec<Vec<Interval>> = self
            .f
            .blocks
            .iter()
            .map(|b| vec![Interval::EMPTY; b.params.len()])
            .collect();
        for (number, &block) in order.iter().enumerate() {
            let f = self.f;
            let data = &f.blocks[block.index()];
            if number > 0 && !narrow {
                // What comes from above is known already: a chain of blocks needs one round.
                changed |= self.enter(block, &incoming[block.index()], widen, false);
            }
            for inst in &data.insts {
                for &result in &inst.results {
                    if f.ty(result) == Type::INT {
                        let range = self.result(inst, block).0;
                        changed |= self.update(result, range, false, narrow);
                    }
                }
                let handler = inst
                    .site
                    .and_then(|site| f.sites[site.index()].handler.as_ref());
                if let Some(edge) = handler {
                    for (slot, &arg) in incoming[edge.to.index()].iter_mut().zip(&edge.args) {
                        *slot = slot.union(self.at(arg, block));
                    }
                }
            }
            for (edge, fact) in data.edges().zip(self.branches[block.index()]) {
                for (i, &arg) in edge.args.iter().enumerate() {
                    let mut range = self.at(arg, block);
                    if let Some(fact) = fact {
                        range = self.cut(range, arg, fact);
                    }
                    incoming[edge.to.index()][i] = incoming[edge.to.index()][i].union(range);
                }
            }
        }
        for &block in order.iter().skip(1) {
            changed |= self.enter(block, &incoming[block.index()], widen, narrow);
        }
        changed
    }

    /// Updates the parameters of a block by what comes in.
    fn enter(&mut self, block: BlockId, incoming: &[Interval], widen: bool, narrow: bool) -> bool {
        let f = self.f;
        let mut changed = false;
        for (&param, &range) in f.blocks[block.index()].params.iter().zip(incoming) {
            if f.ty(param) == Type::INT {
                changed |= self.update(param, range, widen, narrow);
            }
        }
        changed
    }

    fn update(&mut self, value: ValueId, range: Interval, widen: bool, narrow: bool) -> bool {
        let old = self.ranges[value.index()];
        if narrow {
            self.ranges[value.index()] = range;
            return false;
        }
        let mut new = old.union(range);
        if widen && !old.is_empty() {
            if new.lo < old.lo {
                new.lo = i64::MIN;
            }
            if new.hi > old.hi {
                new.hi = i64::MAX;
            }
        }
        self.ranges[value.index()] = new;
        new != old
    }

    /// The range of a value as seen in a block: its own, cut by the comparisons that dominate the block.
    fn at(&self, value: ValueId, block: BlockId) -> Interval {
        let mut range = self.ranges[value.index()];
        let first = self.known[block.index()][0];
        let above = |block: &BlockId| self.known[block.index()][1];
        for block in std::iter::successors(first, above).take(FACTS) {
            if let Some(fact) = self.facts[block.index()] {
                range = self.cut(range, value, fact);
            }
        }
        range
    }

    fn cut(&self, range: Interval, value: ValueId, fact: Fact) -> Interval {
        let (how, other) = if fact.a == value {
            (fact.how, fact.b)
        } else if fact.b == value {
            (fact.how.swapped(), fact.a)
        } else {
            return range;
        };
        let other = self.ranges[other.index()];
        if other.is_empty() {
            return range;
        }
        let (mut lo, mut hi) = (range.lo, range.hi);
        match how {
            Compare::Lt if fault!(UpperBoundsAreOff) => hi = hi.min(other.hi.saturating_sub(2)),
            Compare::Lt => hi = hi.min(other.hi.saturating_sub(1)),
            Compare::Le => hi = hi.min(other.hi),
            Compare::Gt => lo = lo.max(other.lo.saturating_add(1)),
            Compare::Ge => lo = lo.max(other.lo),
            Compare::Eq => (lo, hi) = (lo.max(other.lo), hi.min(other.hi)),
            Compare::Ne => {}
        }
        Interval { lo, hi }
    }

    /// The range of an instruction's int result, and whether it always fits.
    fn result(&self, inst: &Inst, block: BlockId) -> (Interval, bool) {
        if let InstOp::ConstInt { n } = inst.op {
            return (Interval { lo: n, hi: n }, true);
        }
        if inst.op == (InstOp::Small {}) {
            let range = self.at(inst.args[0].value, block);
            return (range.intersection(Interval::SMALL), true);
        }
        let unknown = (Interval::ALL, false);
        if !matches!(
            inst.op,
            InstOp::AddInt { .. }
                | InstOp::SubInt { .. }
                | InstOp::MulInt { .. }
                | InstOp::RemInt {}
                | InstOp::DivInt {}
        ) {
            return unknown;
        }
        let a = self.at(inst.args[0].value, block);
        let b = self.at(inst.args[1].value, block);
        if a.is_empty() || b.is_empty() {
            return (Interval::EMPTY, true);
        }
        let [al, ah, bl, bh] = [a.lo, a.hi, b.lo, b.hi].map(i128::from);
        match inst.op {
            InstOp::AddInt { .. } => Interval::hull(&[al + bl, ah + bh]),
            InstOp::SubInt { .. } => Interval::hull(&[al - bh, ah - bl]),
            InstOp::MulInt { .. } => Interval::hull(&[al * bl, al * bh, ah * bl, ah * bh]),
            InstOp::RemInt {} if b.lo == b.hi && b.lo > 0 => {
                let natural = a.lo >= 0 || fault!(RemaindersAreNatural);
                let lo = if natural { 0 } else { 1 - b.lo };
                (
                    Interval {
                        lo: lo.max(a.lo.min(0)),
                        hi: (b.lo - 1).min(a.hi.max(0)),
                    },
                    true,
                )
            }
            InstOp::DivInt {} if b.lo == b.hi && b.lo > 0 => (
                Interval {
                    lo: a.lo / b.lo,
                    hi: a.hi / b.lo,
                },
                true,
            ),
            _ => unknown,
        }
    }

    /// The instructions that look at the overflow flag and need not, with the check that does.
    fn cheaper_checks(&self, order: &[BlockId]) -> Vec<(BlockId, usize, Check)> {
        let mut list = Vec::new();
        for &block in order {
            for (index, inst) in self.f.blocks[block.index()].insts.iter().enumerate() {
                if let Some(check) = self.cheaper_check(inst, block) {
                    list.push((block, index, check));
                }
            }
        }
        list
    }

    fn cheaper_check(&self, inst: &Inst, block: BlockId) -> Option<Check> {
        let (InstOp::AddInt { check: old }
        | InstOp::SubInt { check: old }
        | InstOp::MulInt { check: old }) = inst.op
        else {
            return None;
        };
        if old == Check::Fits {
            return None;
        }
        if self.result(inst, block).1 {
            return Some(Check::Fits);
        }
        let (a, b) = (inst.args[0].value, inst.args[1].value);
        let (a, b) = (self.at(a, block), self.at(b, block));
        let check = match inst.op {
            InstOp::MulInt { .. } if a.lo >= 0 && b.lo == b.hi && b.lo > 0 => {
                Check::Above(i64::MAX / b.lo)
            }
            InstOp::MulInt { .. } => return None,
            _ if b.lo >= 0 => Check::NotNegative,
            _ if b.hi <= 0 => Check::NotPositive,
            _ => return None,
        };
        (old != check).then_some(check)
    }
}
