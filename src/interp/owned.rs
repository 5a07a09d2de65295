//! Which registers may own a heap object where: forward dataflow over the blocks of a function.
//!
//! In: a verified function. Out: [`Owned`]. Where a register is not in the set, its value may be forgotten without being dropped:
//! what returns need not look at, and what fused instructions need not write.

use crate::bytecode::liveness::{Block, RegSet, blocks};
use crate::bytecode::op::Op;
use crate::bytecode::{Access, Func, Operand};

/// The blocks of a function, and the registers that may own something where they start.
pub struct Owned {
    blocks: Vec<Block>,
    at_start: Vec<RegSet>,
}

impl Owned {
    /// Analyses a function.
    pub fn of(func: &Func) -> Owned {
        let blocks = blocks(func);
        let mut at_start = vec![RegSet::new(); blocks.len()];
        func.parameters().for_each(|r| at_start[0].insert(r));
        let mut owned = Owned { blocks, at_start };
        owned.solve(func);
        owned
    }

    /// Visits all instructions in order, with what may own something before each.
    pub fn forward(&self, func: &Func, mut visit: impl FnMut(usize, &RegSet)) {
        for (block, at_start) in self.blocks.iter().zip(&self.at_start) {
            let mut owned = at_start.clone();
            for at in block.range.clone() {
                visit(at, &owned);
                apply(&func.code[at], &mut owned);
            }
        }
    }

    fn solve(&mut self, func: &Func) {
        let mut waiting = vec![false; self.blocks.len()];
        let mut list = vec![0];
        let mut visited = vec![false; self.blocks.len()];
        while let Some(b) = list.pop() {
            waiting[b] = false;
            visited[b] = true;
            let Block {
                range,
                successors,
                handler,
            } = &self.blocks[b];
            let mut owned = self.at_start[b].clone();
            // An error may come before or after each instruction has changed registers.
            let mut caught = owned.clone();
            for op in &func.code[range.clone()] {
                apply(op, &mut owned);
                op.registers(|r, _| {
                    if owned.contains(r) {
                        caught.insert(r);
                    }
                });
            }
            let edges = successors.iter().map(|next| (next, &owned));
            for (next, state) in edges.chain([(handler, &caught)]) {
                let Some(next) = next.map(|next| next as usize) else {
                    continue;
                };
                let changed = self.at_start[next].union(state) || !visited[next];
                if changed && !std::mem::replace(&mut waiting[next], true) {
                    list.push(next);
                }
            }
        }
    }
}

/// What an instruction that raises nothing does to the set.
fn apply(op: &Op, owned: &mut RegSet) {
    op.operands(|_, operand| {
        if let Operand::Src(r, true) = operand {
            owned.remove(r);
        }
    });
    let counted = gives_counted(op);
    op.registers(|r, access| match access {
        Access::Read => {}
        Access::Take => owned.remove(r),
        Access::Write if !counted => owned.remove(r),
        // Where it jumps instead, the register keeps what it has.
        Access::WriteOnFallThrough if !counted => {}
        Access::Change if !counted => {}
        Access::Write | Access::WriteOnFallThrough | Access::Change => owned.insert(r),
    });
}

/// Whether what the instruction writes may be a heap object.
fn gives_counted(op: &Op) -> bool {
    !matches!(
        op,
        Op::LoadInt { .. }
            | Op::LoadBool { .. }
            | Op::LoadNull { .. }
            | Op::LoadBuiltin { .. }
            | Op::LoadUninit { .. }
            | Op::Clear { .. }
            | Op::IsUninit { .. }
            | Op::Truthy { .. }
            | Op::Same { .. }
            | Op::MatchesName { .. }
            | Op::MatchesTag { .. }
            | Op::IsFailure { .. }
            | Op::RangeStart { .. }
            | Op::RangeNext { .. }
    )
}
