//! What is known of a bytecode function whatever its version, and the part of it that a version compiles.
//!
//! In: a verified function; where it is entered. Out: what is live where, which writes nobody reads; the blocks that are compiled, and
//! those where compiled code ends.
//! It does not know what the blocks do.

use super::ir::BlockId;
use crate::bytecode::func::Func;
use crate::bytecode::liveness::{Block, Liveness};
use crate::bytecode::operand::Reg;
use rustc_hash::FxHashSet;

/// Registers that are many to be live at an instruction: more than a literal in a literal takes.
const MANY: usize = 160;
/// So many are live at the instructions of a version, added up where they are many, that it keeps them in its frame. It is as if 300
/// were, from one statement each to another.
const MOST_LIVE: usize = 200_000;

/// What all versions of a function ask for. It takes a while to find out for a large function, and each of its loops may get a version.
pub struct Analysis {
    /// What is live where.
    pub liveness: Liveness,
    /// Writes that nobody reads.
    pub dead: FxHashSet<(usize, Reg)>,
    /// For each block the number of registers that are live after its instructions, added up where they are [`MANY`].
    live: Vec<usize>,
    /// The strongly connected component of each block.
    component: Vec<u32>,
    /// The blocks of each component, ascending.
    members: Vec<Vec<usize>>,
}

impl Analysis {
    /// Analyses a verified function.
    pub fn of(func: &Func) -> Analysis {
        let liveness = Liveness::of(func);
        let dead = liveness.dead_writes(func).into_iter().collect();
        let component = components(liveness.blocks());
        let count = component.iter().max().map_or(0, |&last| last as usize + 1);
        let mut members = vec![Vec::new(); count];
        for (block, &component) in component.iter().enumerate() {
            members[component as usize].push(block);
        }
        Analysis {
            live: live(func, &liveness),
            liveness,
            dead,
            component,
            members,
        }
    }
}

/// What becomes of a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// It is compiled.
    Inside,
    /// Compiled code ends where it starts.
    Exit,
}

/// The blocks that a version compiles and those where it ends, ascending. Their SSA blocks are numbered from 1 in this order.
pub struct Region {
    /// The blocks.
    pub blocks: Vec<(usize, Place)>,
}

impl Region {
    /// All blocks for an entry at the start; else the outermost loop around the entry. That is the strongly connected component of
    /// the control flow, errors included.
    pub fn of(analysis: &Analysis, entry: u32) -> Region {
        let blocks = analysis.liveness.blocks();
        let mut places: Vec<(usize, Place)>;
        if entry == 0 {
            places = (0..blocks.len()).map(|at| (at, Place::Inside)).collect();
        } else {
            let head = analysis.liveness.block_at(entry as usize);
            let component = analysis.component[head.expect("a loop head starts a block")];
            let inside = &analysis.members[component as usize];
            let mut exits: Vec<usize> = inside
                .iter()
                .flat_map(|&at| successors(&blocks[at]))
                .filter(|&next| analysis.component[next] != component)
                .collect();
            exits.sort_unstable();
            exits.dedup();
            places = inside.iter().map(|&at| (at, Place::Inside)).collect();
            places.extend(exits.into_iter().map(|at| (at, Place::Exit)));
            places.sort_unstable_by_key(|&(at, _)| at);
        }
        Region { blocks: places }
    }

    /// Whether its errors would have to give up so much that the code would grow with the square of the program.
    pub fn has_many_registers(&self, analysis: &Analysis) -> bool {
        let live = self.blocks.iter().map(|&(block, _)| analysis.live[block]);
        live.sum::<usize>() > MOST_LIVE
    }

    /// The SSA block of a block of the region.
    pub fn ssa_block(&self, block: usize) -> BlockId {
        let place = self.blocks.binary_search_by_key(&block, |&(at, _)| at);
        BlockId(place.expect("the region has the block") as u32 + 1)
    }
}

/// For each block the number of registers that are live after its instructions, added up where they are [`MANY`].
fn live(func: &Func, liveness: &Liveness) -> Vec<usize> {
    let mut sums = vec![0; liveness.blocks().len()];
    if usize::from(func.registers) < MANY {
        return sums;
    }
    let mut at_instruction = vec![0; func.code.len()];
    liveness.backward(func, |at, live| at_instruction[at] = live.count());
    for (sum, block) in sums.iter_mut().zip(liveness.blocks()) {
        let counts = at_instruction[block.range.clone()].iter();
        *sum = counts.filter(|&&live| live >= MANY).sum();
    }
    sums
}

/// Where control goes from a block, errors included.
fn successors(block: &Block) -> impl Iterator<Item = usize> + use<> {
    let all = [block.successors[0], block.successors[1], block.handler];
    all.into_iter().flatten().map(|next| next as usize)
}

/// The strongly connected component of each block (Tarjan, "Depth-first search and linear graph algorithms", 1972), without recursion.
fn components(blocks: &[Block]) -> Vec<u32> {
    const NEW: u32 = u32::MAX;
    let (mut order, mut low) = (vec![NEW; blocks.len()], vec![NEW; blocks.len()]);
    let mut component = vec![NEW; blocks.len()];
    let (mut next_order, mut next_component) = (0, 0);
    let mut open = Vec::new();
    for root in 0..blocks.len() {
        let mut path = Vec::new();
        if order[root] == NEW {
            path.push((root, successors(&blocks[root])));
        }
        while let Some((at, rest)) = path.last_mut() {
            let at = *at;
            if order[at] == NEW {
                (order[at], low[at]) = (next_order, next_order);
                next_order += 1;
                open.push(at);
            }
            if let Some(next) = rest.next() {
                if order[next] == NEW {
                    path.push((next, successors(&blocks[next])));
                } else if component[next] == NEW {
                    low[at] = low[at].min(order[next]);
                }
                continue;
            }
            path.pop();
            if let Some(&mut (before, _)) = path.last_mut() {
                low[before] = low[before].min(low[at]);
            }
            if low[at] == order[at] {
                while let Some(member) = open.pop() {
                    component[member] = next_component;
                    if member == at {
                        break;
                    }
                }
                next_component += 1;
            }
        }
    }
    component
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytecode::{FuncBuilder, Op};
    use ruff_runtime::image::FuncMeta;

    /// Writes `n` registers, then looks at each.
    fn writes_then_reads(n: u16) -> Func {
        let mut b = FuncBuilder::new(FuncMeta {
            name: "f".into(),
            arity: 0,
            has_self: false,
            legacy_method: false,
            weight: 1,
        });
        let first = b.alloc_span(n);
        first.span(n).for_each(|r| b.emit(Op::load_int(r, 1)));
        let last = b.alloc();
        first.span(n).for_each(|r| b.emit(Op::mov(last, r)));
        b.emit(Op::ret(last));
        b.finish().unwrap()
    }

    #[test]
    fn many_registers_that_live_long_are_kept() {
        for (registers, many) in [(60, false), (200, false), (900, true)] {
            let analysis = Analysis::of(&writes_then_reads(registers));
            let region = Region::of(&analysis, 0);
            assert_eq!(region.has_many_registers(&analysis), many, "{registers}");
        }
    }

    #[test]
    fn the_outermost_loop_around_the_entry_is_compiled() {
        let mut b = FuncBuilder::new(FuncMeta {
            name: "f".into(),
            arity: 1,
            has_self: false,
            legacy_method: false,
            weight: 1,
        });
        let r = Reg(0);
        let outer = b.here(); // 0
        b.emit(Op::loop_head());
        let inner = b.here(); // 1
        b.emit(Op::loop_head());
        let end = b.label();
        b.emit(Op::jump_if(r, end)); // 2
        b.emit(Op::jump_if(r, inner)); // 3
        b.emit(Op::jump(outer)); // 4
        b.bind(end); // 5
        let last = b.here();
        b.emit(Op::loop_head());
        b.emit(Op::jump(last));
        let analysis = Analysis::of(&b.finish().unwrap());
        let places = |entry: u32| {
            let blocks = Region::of(&analysis, entry).blocks;
            let start = |at: usize| analysis.liveness.blocks()[at].range.start;
            let starts = blocks.into_iter().map(|(at, place)| (start(at), place));
            starts.collect::<Vec<_>>()
        };
        use Place::*;
        assert_eq!(places(0), [0, 1, 3, 4, 5].map(|at| (at, Inside)));
        let inner = [
            (0, Inside),
            (1, Inside),
            (3, Inside),
            (4, Inside),
            (5, Exit),
        ];
        assert_eq!(places(1), inner);
        assert_eq!(places(5), [(5, Inside)]);
    }
}
