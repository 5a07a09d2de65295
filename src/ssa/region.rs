//! The part of a function that is compiled for an entry.
//!
//! In: the blocks of the bytecode and where the function is entered. Out: for each block, whether it is compiled, left to the
//! interpreter, or the place where that takes over.
//! It does not know what the blocks do.

use crate::bytecode::liveness::{Block, Liveness};

/// What becomes of a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// It is compiled.
    Inside,
    /// Compiled code ends where it starts.
    Exit,
    /// Compiled code never gets there.
    Outside,
}

/// The place of each block.
pub struct Region(Vec<Place>);

impl Region {
    /// All blocks for an entry at the start; else the outermost loop around the entry, which is what the entry reaches and what
    /// reaches it.
    pub fn of(liveness: &Liveness, entry: u32) -> Region {
        let blocks = liveness.blocks();
        let head = liveness.block_at(entry as usize);
        let (Some(head), true) = (head, entry != 0) else {
            return Region(vec![Place::Inside; blocks.len()]);
        };
        let mut predecessors = vec![Vec::new(); blocks.len()];
        for (at, block) in blocks.iter().enumerate() {
            for next in successors(block) {
                predecessors[next].push(at);
            }
        }
        let reached = closure(blocks.len(), head, |at| successors(&blocks[at]).collect());
        let reaches = closure(blocks.len(), head, |at| predecessors[at].clone());
        let mut places = vec![Place::Outside; blocks.len()];
        for at in 0..blocks.len() {
            if !(reached[at] && reaches[at]) && at != head {
                continue;
            }
            places[at] = Place::Inside;
            for next in successors(&blocks[at]) {
                if places[next] == Place::Outside {
                    places[next] = Place::Exit;
                }
            }
        }
        Region(places)
    }

    /// The place of a block.
    pub fn place(&self, block: usize) -> Place {
        self.0[block]
    }
}

/// Where control goes from a block, errors included.
fn successors(block: &Block) -> impl Iterator<Item = usize> + use<> {
    let all = [block.successors[0], block.successors[1], block.handler];
    all.into_iter().flatten().map(|next| next as usize)
}

/// The blocks that are reached from `start` by `next`.
fn closure(count: usize, start: usize, next: impl Fn(usize) -> Vec<usize>) -> Vec<bool> {
    let mut reached = vec![false; count];
    let mut waiting = vec![start];
    while let Some(at) = waiting.pop() {
        if !std::mem::replace(&mut reached[at], true) {
            waiting.extend(next(at));
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytecode::{FuncBuilder, Op, Reg};
    use ruff_runtime::image::FuncMeta;

    #[test]
    fn the_outermost_loop_around_the_entry_is_compiled() {
        let mut b = FuncBuilder::new(FuncMeta {
            name: "f".into(),
            arity: 1,
            has_self: false,
            legacy_method: false,
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
        let func = b.finish().unwrap();
        let liveness = Liveness::of(&func);
        let places = |entry: u32| {
            let region = Region::of(&liveness, entry);
            let starts = [0, 1, 3, 4, 5];
            starts.map(|pc| region.place(liveness.block_at(pc).expect("a block starts there")))
        };
        use Place::*;
        assert_eq!(places(0), [Inside; 5]);
        assert_eq!(places(1), [Inside, Inside, Inside, Inside, Exit]);
        assert_eq!(places(5), [Outside, Outside, Outside, Outside, Inside]);
    }
}
