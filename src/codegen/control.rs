//! Ends of blocks, errors on their way out, the depth check, steps of int ranges.

use super::cx::{FuncCx, VALUE_SIZE, block_args};
use super::val::Val;
use crate::ssa::ir::{BlockId, Check, Edge, Inst, InstOp, Terminator, ValueId};
use crate::ssa::types::Type;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, BlockArg, InstBuilder, TrapCode, types};
use ruff_runtime::abi::Helper;
use ruff_runtime::error::Pos;
use ruff_runtime::fault;
use ruff_runtime::layout;
use ruff_runtime::os::stack;

/// Reached only by a bug of the compiler.
pub const NEVER: TrapCode = TrapCode::unwrap_user(1);

/// Bytes of the frame that a value and what its lowering makes of it take, at most.
const VALUE_ROOM: usize = 64;

/// Jumps to a shared block, at most. Cranelift takes a time that grows with their square.
const MOST_JUMPS: u32 = 100;

/// A block to which several others jump.
pub struct Shared {
    block: ir::Block,
    jumps: u32,
}

/// What is left to do with a pending error.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct WayOut {
    /// It may have no position yet.
    locates: bool,
    /// Counts to give up, from the last to the first: those of later sites often begin with those of earlier ones.
    release: Vec<Val>,
    /// The inlined function that it leaves.
    leaves: Option<u16>,
    /// Where it goes; none: out of the function.
    handler: Option<(BlockId, Vec<Val>)>,
}

impl<'a> FuncCx<'a, '_> {
    pub fn lower_end(&mut self, block: BlockId) {
        let f = self.f;
        match f.blocks[block.index()].end.as_ref() {
            Some(Terminator::Jump(edge)) => {
                let (to, args) = self.edge(edge);
                self.b.ins().jump(to, &args);
            }
            Some(Terminator::Branch(cond, then, otherwise)) => {
                if let Some(step) = self.inline_step(block, *cond) {
                    return self.step_over_array(step, then, otherwise);
                }
                let cond = self.condition(*cond);
                let in_order = self.comes_first(then.to, otherwise.to);
                let (then, then_args) = self.edge(then);
                let (otherwise, other_args) = self.edge(otherwise);
                self.branch(cond, (then, &then_args), (otherwise, &other_args), in_order);
            }
            Some(Terminator::Return(value)) => {
                let value = self.val(*value);
                self.release_kept();
                self.return_value(value);
            }
            Some(Terminator::Unwind) => {
                let out = self.way_out(WayOut::default());
                self.b.ins().jump(out, &[]);
            }
            Some(Terminator::Unreachable) | None => {
                self.b.ins().trap(NEVER);
            }
        }
    }

    /// The step of a loop that the block ends with, if it is lowered together with the branch on its result.
    fn inline_step(&self, block: BlockId, cond: ValueId) -> Option<&'a Inst> {
        let step = self.f.blocks[block.index()].insts.last()?;
        let ends = step.op == InstOp::IterNext {} && step.results[2] == cond;
        (ends && self.steps_inline(step)).then_some(step)
    }

    pub fn edge(&mut self, edge: &Edge) -> (ir::Block, Vec<BlockArg>) {
        let args = self.values(&edge.args);
        (self.lowered(edge.to), self.block_args(edge.to, &args))
    }

    fn values<'v>(&self, values: impl IntoIterator<Item = &'v ValueId>) -> Vec<Val> {
        values.into_iter().map(|&value| self.val(value)).collect()
    }

    /// Values as the parameters of a block.
    fn block_args(&mut self, to: BlockId, args: &[Val]) -> Vec<BlockArg> {
        let params = &self.f.blocks[to.index()].params;
        let mut parts = Vec::new();
        for (&arg, &param) in args.iter().zip(params) {
            let ty = self.f.ty(param);
            parts.extend(arg.convert(ty, &mut self.b).parts());
        }
        block_args(&parts)
    }

    // -- Errors

    /// Lowers something in a cold block, then goes on where the lowering was.
    pub fn in_cold_block(&mut self, cold: ir::Block, lower: impl FnOnce(&mut Self)) {
        let here = self.b.current_block().expect("lowering is in a block");
        let rare = std::mem::replace(&mut self.rare, true);
        self.b.switch_to_block(cold);
        lower(self);
        self.b.switch_to_block(here);
        self.rare = rare;
    }

    /// If an error has been raised, enters the instruction's site; continues if not.
    pub fn enter_site_if(&mut self, raised: ir::Value, inst: &Inst) {
        if self.rare {
            // Without a block for the position; it costs an instruction where all goes well.
            let (to, args) = self.site_target(inst);
            let next = self.new_block(false);
            self.branch(raised, (to, &args), (next, &[]), self.in_order);
            return self.b.switch_to_block(next);
        }
        let cold = self.new_block(true);
        self.leave_if(raised, cold);
        self.in_cold_block(cold, |fx| fx.enter_site(inst));
    }

    /// With an error pending: position, counts, and on to the handler or out of the function. Ends the block.
    pub fn enter_site(&mut self, inst: &Inst) {
        let (to, args) = self.site_target(inst);
        self.b.ins().jump(to, &args);
    }

    /// Where an error at an instruction goes first.
    fn site_target(&mut self, inst: &Inst) -> (ir::Block, Vec<BlockArg>) {
        let f = self.f;
        let site = &f.sites[inst.site.expect("the instruction may raise").index()];
        let counted = |value: &&ValueId| self.is_counted(**value);
        let way = WayOut {
            locates: !site.pos.is_unknown(),
            release: self.values(site.release.iter().filter(counted)),
            leaves: site.leaves,
            handler: (site.handler.as_ref()).map(|edge| (edge.to, self.values(&edge.args))),
        };
        let position = way.locates.then(|| self.iconst(site.pos.0 as i64).into());
        let to = self.way_out(way);
        (to, position.into_iter().collect())
    }

    /// The block that does what is left to do; it takes the position if it locates the error. Sites share it: it only uses values
    /// that all of them have.
    fn way_out(&mut self, way: WayOut) -> ir::Block {
        if let Some(known) = self.ways_out.get_mut(&way)
            && known.jumps < MOST_JUMPS
        {
            known.jumps += 1;
            return known.block;
        }
        let block = self.new_block(true);
        if way.locates {
            self.b.append_block_param(block, types::I64);
        }
        let shared = Shared { block, jumps: 1 };
        self.ways_out.insert(way.clone(), shared);
        self.unlowered_ways.push((way, block));
        block
    }

    /// Lowers the ways out, when everything else is lowered: each asks for a shorter one.
    pub fn lower_ways_out(&mut self) {
        while let Some((mut way, block)) = self.unlowered_ways.pop() {
            self.b.switch_to_block(block);
            if std::mem::take(&mut way.locates) {
                let position = self.b.block_params(block)[0];
                self.call_scalars(Helper::located, &[], &[position]);
            } else if let Some(value) = way.release.pop() {
                // Small rather than fast: the runtime looks whether there is anything to count.
                self.call_scalars(Helper::release, &[value], &[]);
            } else {
                self.leave_by(&way);
                continue;
            }
            let rest = self.way_out(way);
            self.b.ins().jump(rest, &[]);
        }
    }

    /// The end of a way out, with nothing left to release.
    fn leave_by(&mut self, way: &WayOut) {
        if let Some(func) = way.leaves {
            self.unwound(func);
        }
        match &way.handler {
            Some((to, args)) => {
                let args = self.block_args(*to, args);
                let to = self.lowered(*to);
                self.b.ins().jump(to, &args);
            }
            None if way.leaves.is_some() => {
                let out = self.way_out(WayOut::default());
                self.b.ins().jump(out, &[]);
            }
            None => {
                self.release_kept();
                self.unwound(self.f.func);
                self.return_error();
            }
        }
    }

    /// The pending error gets a position if it has none.
    pub fn located(&mut self, pos: Pos) {
        let pos = self.iconst(pos.0 as i64);
        self.call_scalars(Helper::located, &[], &[pos]);
    }

    /// The pending error leaves a function.
    pub fn unwound(&mut self, func: u16) {
        let func = self.iconst(i64::from(func));
        self.call_scalars(Helper::unwound, &[], &[func]);
    }

    /// A frame that may be larger than the depth limit reckons with counts as the calls for which it takes the room: then this call is
    /// as deep as the stack is used.
    pub fn count_large_frame(&mut self) {
        let in_memory = self.most_operands() + usize::from(self.f.kept);
        let bytes = VALUE_ROOM * self.f.types.len() + VALUE_SIZE as usize * in_memory;
        if bytes <= stack::BYTES_PER_CALL {
            return;
        }
        let here = self.b.ins().get_stack_pointer(types::I64);
        let limit = self.load(types::I64, self.cx, layout::ctx::STACK_LIMIT);
        let room = self.b.ins().isub(here, limit);
        let per_call = self.iconst(stack::BYTES_PER_CALL as i64);
        let more = self.b.ins().sdiv(room, per_call);
        let most = self.load(types::I64, self.cx, layout::ctx::MAX_DEPTH);
        let used = self.b.ins().isub(most, more);
        self.depth = self.b.ins().smax(self.depth, used);
    }

    /// Raises if this call is too deep. The call is not entered: its arguments are given up, and the error's position
    /// and stack are the caller's.
    pub fn check_depth(&mut self) {
        let (depth, func) = (self.depth, self.f.func);
        self.leave_if_too_deep(depth, func, |fx| {
            for &param in fx.f.params() {
                fx.release(param);
            }
            fx.return_error();
        });
    }

    /// The same for a call that has been inlined.
    pub fn check_inlined_depth(&mut self, inst: &Inst, func: u16, level: u32) {
        let depth = self.depth_at(level);
        self.leave_if_too_deep(depth, func, |fx| fx.enter_site(inst));
    }

    fn leave_if_too_deep(&mut self, depth: ir::Value, func: u16, leave: impl FnOnce(&mut Self)) {
        let limit = self.load(types::I64, self.cx, layout::ctx::MAX_DEPTH);
        let deep = self
            .b
            .ins()
            .icmp(IntCC::UnsignedGreaterThanOrEqual, depth, limit);
        let cold = self.new_block(true);
        self.leave_if(deep, cold);
        self.in_cold_block(cold, |fx| {
            let func = fx.iconst(i64::from(func));
            fx.call_raising(Helper::too_deep, &[func]);
            leave(fx);
        });
    }

    /// The call depth so many inlined calls below this function.
    pub fn depth_at(&mut self, level: u32) -> ir::Value {
        if level == 0 {
            return self.depth;
        }
        let level = self.iconst(i64::from(level));
        self.b.ins().iadd(self.depth, level)
    }

    /// Takes the pending error as a value.
    pub fn catch(&mut self, inst: &Inst) {
        self.prepare_call_out();
        let value = self.call_values(inst, Helper::catch, &[]);
        self.define(inst, 0, value);
    }

    // -- Ranges

    /// A step of a range whose step is not known to be 1. A sum beyond the last int ends the loop.
    pub fn range_next(&mut self, inst: &Inst) {
        let (next, end, step) = (self.int(inst, 0), self.int(inst, 1), self.int(inst, 2));
        let zero = self.iconst(0);
        let up = self.b.ins().icmp(IntCC::SignedGreaterThan, step, zero);
        let below = self.b.ins().icmp(IntCC::SignedLessThan, next, end);
        let above = self.b.ins().icmp(IntCC::SignedGreaterThan, next, end);
        let has = match fault!(CompiledRangesOnlyRise) {
            true => below,
            false => self.b.ins().select(up, below, above),
        };
        let (sum, overflow) = self.overflowing(&InstOp::AddInt { check: Check::Flag }, next, step);
        let following = self.b.ins().select(overflow, end, sum);
        self.define(inst, 0, Val::Int(following));
        self.define(inst, 1, Val::Int(next));
        self.define(inst, 2, Val::Bool(has));
        debug_assert_eq!(self.f.ty(inst.results[2]), Type::BOOL);
    }
}
