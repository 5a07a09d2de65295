//! Which registers are still needed where: backward dataflow over the blocks of a function.
//!
//! In: a function with resolved labels. Out: [`Liveness`], and the last-use flags of its instructions. Any instruction of a
//! handler's range may continue at the handler, so what the handler needs is needed throughout the range.
//! It does not know what the instructions do beyond `Op::registers`.

use super::func::Func;
use super::op::Op;
use super::operand::{Access, Reg};
use ruff_runtime::fault;
use std::ops::Range;

/// A set of registers. Where few of many registers are in it, it is small: only words that are not 0 are kept, ascending, with
/// the number of their first register divided by 64.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RegSet {
    words: Vec<(u16, u64)>,
}

/// The number of a register's word, and its bit.
fn place(reg: Reg) -> (u16, u64) {
    (reg.0 / 64, 1 << (reg.0 % 64))
}

impl RegSet {
    /// The empty set.
    pub const fn new() -> RegSet {
        RegSet { words: Vec::new() }
    }

    fn find(&self, number: u16) -> Result<usize, usize> {
        self.words.binary_search_by_key(&number, |word| word.0)
    }

    /// Whether the register is in the set.
    #[inline]
    pub fn contains(&self, reg: Reg) -> bool {
        let (number, bit) = place(reg);
        self.find(number)
            .is_ok_and(|at| self.words[at].1 & bit != 0)
    }

    /// Adds a register.
    #[inline]
    pub fn insert(&mut self, reg: Reg) {
        let (number, bit) = place(reg);
        match self.find(number) {
            Ok(at) => self.words[at].1 |= bit,
            Err(at) => self.words.insert(at, (number, bit)),
        }
    }

    /// Removes a register.
    #[inline]
    pub fn remove(&mut self, reg: Reg) {
        let (number, bit) = place(reg);
        if let Ok(at) = self.find(number) {
            self.words[at].1 &= !bit;
            if self.words[at].1 == 0 {
                self.words.remove(at);
            }
        }
    }

    /// Adds all registers of another set; true if that changed anything.
    pub fn union(&mut self, other: &RegSet) -> bool {
        let (mut changed, mut at) = (false, 0);
        for &(number, bits) in &other.words {
            while self.words.get(at).is_some_and(|word| word.0 < number) {
                at += 1;
            }
            match self.words.get_mut(at) {
                Some((same, word)) if *same == number => {
                    changed |= bits & !*word != 0;
                    *word |= bits;
                }
                _ => {
                    self.merge(other);
                    return true;
                }
            }
        }
        changed
    }

    /// As `union`, where new words come in.
    fn merge(&mut self, other: &RegSet) {
        let mut merged = Vec::with_capacity(self.words.len() + other.words.len());
        let mut more = other.words.iter().copied().peekable();
        for &(number, word) in &self.words {
            while let Some(new) = more.next_if(|new| new.0 < number) {
                merged.push(new);
            }
            let same = more.next_if(|new| new.0 == number);
            merged.push((number, word | same.map_or(0, |new| new.1)));
        }
        merged.extend(more);
        self.words = merged;
    }

    /// Removes all registers of another set.
    fn subtract(&mut self, other: &RegSet) {
        let mut at = 0;
        self.words.retain_mut(|(number, word)| {
            while other.words.get(at).is_some_and(|other| other.0 < *number) {
                at += 1;
            }
            if let Some((_, bits)) = other.words.get(at).filter(|other| other.0 == *number) {
                *word &= !bits;
            }
            *word != 0
        });
    }

    /// How many registers it has.
    pub fn count(&self) -> usize {
        let bits = self.words.iter().map(|(_, word)| word.count_ones());
        bits.sum::<u32>() as usize
    }

    /// The registers, ascending.
    pub fn iter(&self) -> impl Iterator<Item = Reg> + '_ {
        self.words.iter().flat_map(|&(number, word)| {
            let bits = std::iter::successors(Some(word), |w| Some(w & w.wrapping_sub(1)));
            bits.take_while(|w| *w != 0)
                .map(move |w| Reg(number * 64 + w.trailing_zeros() as u16))
        })
    }

    /// The greatest register of the set.
    pub fn last(&self) -> Option<Reg> {
        let (number, word) = self.words.last()?;
        Some(Reg(number * 64 + 63 - word.leading_zeros() as u16))
    }
}

/// A stretch of instructions that is entered only at its start and left only at its end (errors apart).
#[derive(Clone, Debug)]
pub struct Block {
    /// Its instructions.
    pub range: Range<usize>,
    /// The block that follows, if the last instruction falls through, and the target of its jump.
    pub successors: [Option<u32>; 2],
    /// The block where its errors are caught.
    pub handler: Option<u32>,
}

/// The blocks of a function and the registers that are live where they start.
pub struct Liveness {
    blocks: Vec<Block>,
    live_in: Vec<RegSet>,
}

impl Liveness {
    /// Analyses a function whose labels and registers are in range.
    pub fn of(func: &Func) -> Liveness {
        let blocks = blocks(func);
        let mut liveness = Liveness {
            live_in: vec![RegSet::new(); blocks.len()],
            blocks,
        };
        liveness.solve(func);
        liveness
    }

    /// The blocks, in the order of the code.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The registers whose values are needed at the start of a block.
    pub fn live_in(&self, block: usize) -> &RegSet {
        &self.live_in[block]
    }

    /// The registers besides parameters that may be read before they are written.
    pub fn unwritten(&self, func: &Func) -> impl Iterator<Item = Reg> {
        let arity = func.arity();
        self.live_in[0].iter().filter(move |r| r.0 >= arity)
    }

    /// What is needed after the last instruction of a block, before it writes what it writes only when falling through.
    fn live_out(&self, func: &Func, block: usize) -> RegSet {
        let Block {
            range, successors, ..
        } = &self.blocks[block];
        let mut live = RegSet::new();
        if let Some(next) = successors[0] {
            live.clone_from(&self.live_in[next as usize]);
            func.code[range.end - 1].registers(|r, access| {
                if access == Access::WriteOnFallThrough {
                    live.remove(r);
                }
            });
        }
        if let Some(target) = successors[1] {
            live.union(&self.live_in[target as usize]);
        }
        live
    }

    fn solve(&mut self, func: &Func) {
        let effects: Vec<_> = self.blocks.iter().map(|b| Effect::of(func, b)).collect();
        let mut predecessors = vec![Vec::new(); self.blocks.len()];
        for (i, block) in self.blocks.iter().enumerate() {
            for next in block.successors.iter().chain([&block.handler]).flatten() {
                predecessors[*next as usize].push(i as u32);
            }
        }
        // Later blocks first: what flows backward then mostly settles in one visit.
        let mut waiting = vec![true; self.blocks.len()];
        let mut list: std::collections::BinaryHeap<u32> = (0..self.blocks.len() as u32).collect();
        while let Some(block) = list.pop() {
            waiting[block as usize] = false;
            let live = self.through(func, block as usize, &effects[block as usize]);
            if self.live_in[block as usize].union(&live) {
                for &p in &predecessors[block as usize] {
                    if !std::mem::replace(&mut waiting[p as usize], true) {
                        list.push(p);
                    }
                }
            }
        }
    }

    fn through(&self, func: &Func, block: usize, effect: &Effect) -> RegSet {
        let mut live = self.live_out(func, block);
        live.subtract(&effect.written);
        live.union(&effect.read);
        if let Some(handler) = self.blocks[block].handler
            && !fault!(HandlersNeedNothing)
        {
            live.union(&self.live_in[handler as usize]);
        }
        live
    }

    /// The block that starts at an instruction.
    pub fn block_at(&self, at: usize) -> Option<usize> {
        self.blocks
            .binary_search_by_key(&at, |b| b.range.start)
            .ok()
    }

    /// The registers that an instruction writes and nobody reads afterwards, with the instruction, backward within each
    /// block.
    pub fn dead_writes(&self, func: &Func) -> Vec<(usize, Reg)> {
        let mut dead = Vec::new();
        let nothing = RegSet::new();
        for (b, block) in self.blocks.iter().enumerate() {
            let live_in =
                |block: Option<u32>| block.map_or(&nothing, |b| &self.live_in[b as usize]);
            let (caught, next) = (live_in(block.handler), live_in(block.successors[0]));
            let mut live = self.live_out(func, b);
            live.union(caught);
            for at in block.range.clone().rev() {
                let op = &func.code[at];
                op.registers(|r, access| {
                    let read = match access {
                        Access::Read | Access::Take => return,
                        Access::Write | Access::Change => live.contains(r),
                        Access::WriteOnFallThrough => next.contains(r) || caught.contains(r),
                    };
                    if !read {
                        dead.push((at, r));
                    }
                });
                op.registers(|r, access| {
                    if access == Access::Write && !caught.contains(r) {
                        live.remove(r);
                    }
                });
                op.registers(|r, access| {
                    if matches!(access, Access::Read | Access::Take | Access::Change) {
                        live.insert(r);
                    }
                });
            }
        }
        dead
    }

    /// Visits all instructions, backward within each block, with the registers that are live after each: needed later, or by
    /// the handler, or changed in place by the instruction itself; not what it writes.
    pub fn backward(&self, func: &Func, mut visit: impl FnMut(usize, &RegSet)) {
        let nothing = RegSet::new();
        for (b, block) in self.blocks.iter().enumerate() {
            let caught = block
                .handler
                .map_or(&nothing, |h| &self.live_in[h as usize]);
            let mut live = self.live_out(func, b);
            live.union(caught);
            for at in block.range.clone().rev() {
                let op = &func.code[at];
                op.registers(|r, access| match access {
                    Access::Write if !caught.contains(r) => live.remove(r),
                    _ => {}
                });
                op.registers(|r, access| {
                    if access == Access::Change {
                        live.insert(r);
                    }
                });
                visit(at, &live);
                op.registers(|r, access| {
                    if matches!(access, Access::Read | Access::Take | Access::Change) {
                        live.insert(r);
                    }
                });
            }
        }
    }
}

/// What a block does to the registers: those it reads before it writes them, and those it writes.
struct Effect {
    read: RegSet,
    written: RegSet,
}

impl Effect {
    fn of(func: &Func, block: &Block) -> Effect {
        let mut read = RegSet::new();
        let mut written = RegSet::new();
        for op in func.code[block.range.clone()].iter().rev() {
            op.registers(|r, access| {
                if access == Access::Write {
                    read.remove(r);
                    written.insert(r);
                }
            });
            op.registers(|r, access| {
                if matches!(access, Access::Read | Access::Take | Access::Change) {
                    read.insert(r);
                }
            });
        }
        Effect { read, written }
    }
}

/// Splits the code at targets, after jumps, where handlers change, and at loop heads, even if nothing jumps back: functions can be
/// entered there.
pub fn blocks(func: &Func) -> Vec<Block> {
    let len = func.code.len();
    let mut leader = vec![false; len + 1];
    leader[0] = true;
    for (at, op) in func.code.iter().enumerate() {
        if matches!(op, Op::LoopHead { .. }) {
            leader[at] = true;
        }
        if let Some(target) = op.target() {
            leader[target.index()] = true;
            leader[at + 1] = true;
        }
        if !op.falls_through() {
            leader[at + 1] = true;
        }
    }
    for handler in &func.handlers {
        for label in [handler.from, handler.to, handler.handler] {
            leader[label.index()] = true;
        }
    }
    let starts: Vec<usize> = (0..len).filter(|&at| leader[at]).collect();
    let block_at = |at: usize| starts.binary_search(&at).ok().map(|b| b as u32);
    let mut blocks: Vec<Block> = Vec::with_capacity(starts.len());
    for (i, &start) in starts.iter().enumerate() {
        let end = starts.get(i + 1).copied().unwrap_or(len);
        let last = &func.code[end - 1];
        blocks.push(Block {
            range: start..end,
            successors: [
                last.falls_through().then(|| block_at(end)).flatten(),
                last.target().and_then(|target| block_at(target.index())),
            ],
            handler: None,
        });
    }
    // Innermost ranges come first, so the first handler that a block gets is its own.
    for handler in &func.handlers {
        let target = block_at(handler.handler.index());
        let first = starts.partition_point(|&start| start < handler.range().start);
        let inside = blocks[first..]
            .iter_mut()
            .take_while(|b| b.range.start < handler.range().end);
        for block in inside {
            block.handler = block.handler.or(target);
        }
    }
    blocks
}

/// Flags the `src` operands that are the last use of their register (of several reads by one instruction only the last is), and
/// lists the registers that may be read before they are written.
pub fn finish(func: &mut Func) {
    let liveness = Liveness::of(func);
    func.unwritten = liveness.unwritten(func).collect();
    let mut flags = vec![0u8; func.code.len()];
    liveness.backward(func, |at, live| {
        flags[at] = last_uses(&func.code[at], live);
    });
    for (op, flags) in func.code.iter_mut().zip(flags) {
        let mut nth = 0;
        op.flag_last_uses(|_| {
            nth += 1;
            flags >> (nth - 1) & 1 != 0
        });
    }
}

/// Bit i: whether the i-th read is a last use.
fn last_uses(op: &Op, live: &RegSet) -> u8 {
    let mut reads = [Reg(0); 4];
    let mut count = 0;
    op.registers(|r, access| {
        if access == Access::Read {
            reads[count] = r;
            count += 1;
        }
    });
    let reads = &reads[..count];
    let later = |i: usize| match fault!(FirstReadIsLast) {
        true => &[],
        false => &reads[i + 1..],
    };
    let is_last = |&(i, r): &(usize, &Reg)| !live.contains(*r) && !later(i).contains(r);
    reads
        .iter()
        .enumerate()
        .filter(is_last)
        .fold(0, |flags, (i, _)| flags | 1 << i)
}
