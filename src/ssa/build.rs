//! Bytecode → SSA. In: a verified function, the instruction where it is entered, the types of its live registers there.
//! Out: a [`Function`] whose values are not typed yet (`infer` does that).
//!
//! Every block gets a parameter for every live register (`opt::params` removes those that are not needed). A register that
//! is live owns one count of its value; where it dies without a last use, the builder puts a `release`. So SSA code counts
//! exactly as the interpreter does, and inference then removes the counting of uncounted values.
//!
//! Where so many registers are live at so many instructions that this would take a time that grows with the square of the code, the
//! version *keeps* its registers in its frame: instructions load and store them, blocks have no parameters, an error leaves everything
//! where it is, and who leaves the function gives all of it up.

use super::ir::*;
use super::region::{Analysis, Place, Region};
use super::types::Type;
use crate::bytecode::func::{Func, Program};
use crate::bytecode::liveness::Liveness;
use crate::bytecode::op::Op;
use crate::bytecode::operand::{Operand, Reg};
use ruff_runtime::abi::Helper;
use ruff_runtime::fault;

/// Builds the function as entered at instruction `entry` (0, or a loop head) with values of the given types: the
/// parameters, or for a loop head the live registers in ascending order ([`live_registers`]). Of a function entered at a loop head
/// only the loop is built, with all loops around it: what comes behind is often run once, and left to whoever entered. The version
/// keeps its registers if it has many, or if it is told to.
pub fn build(
    program: &Program,
    index: u16,
    analysis: &Analysis,
    entry: u32,
    types: &[Type],
    always_keeps: bool,
) -> Function {
    let func = &program.funcs[index as usize];
    let region = Region::of(analysis, entry);
    let keeps = always_keeps || region.has_many_registers(analysis);
    let mut f = Function {
        name: if func.name().is_empty() {
            "main".to_string()
        } else {
            func.name().to_string()
        },
        func: index,
        entry_pc: entry,
        weight: func.meta.weight,
        kept: if keeps { func.registers } else { 0 },
        runs_once: (program.image.modules.iter()).any(|module| module.main == index),
        not_negative: Vec::new(),
        blocks: Vec::new(),
        types: Vec::new(),
        sites: Vec::new(),
        ret: Type::ANY,
    };
    let entry_block = f.block();
    for _ in &region.blocks {
        f.block();
    }
    let mut builder = Builder {
        program,
        func,
        analysis,
        region,
        f,
        source: 0,
        block: entry_block,
        regs: Vec::new(),
        pc: 0,
    };
    builder.declare_params();
    builder.enter(entry as usize, types);
    for (block, place) in builder.region.blocks.clone() {
        match place {
            Place::Inside => builder.build_block(block),
            Place::Exit => builder.build_exit(block),
        }
    }
    builder.f
}

/// The registers that are live where a block of the bytecode starts, ascending: their values are what an entry at a loop head takes,
/// and what is handed over where such a version leaves its loop. At the start of the function all parameters are, since a loop head
/// there is entered as the function is.
pub fn live_registers(func: &Func, liveness: &Liveness, pc: u32) -> Vec<u16> {
    if pc == 0 {
        return (0..func.arity()).collect();
    }
    let block = liveness.block_at(pc as usize);
    let live = liveness.live_in(block.expect("a block starts there"));
    live.iter().map(|r| r.0).collect()
}

pub(super) struct Builder<'p> {
    pub program: &'p Program,
    pub func: &'p Func,
    analysis: &'p Analysis,
    region: Region,
    pub f: Function,
    /// The block of the bytecode that is built.
    source: usize,
    block: BlockId,
    /// The value of each live register that is not kept.
    regs: Vec<Option<ValueId>>,
    pub pc: usize,
}

impl Builder<'_> {
    fn declare_params(&mut self) {
        if self.keeps() {
            return;
        }
        for &(block, _) in &self.region.blocks {
            let ssa = self.region.ssa_block(block).index();
            for _ in self.analysis.liveness.live_in(block).iter() {
                let param = self.f.value(Type::NONE);
                self.f.blocks[ssa].params.push(param);
            }
        }
    }

    /// The entry block: parameters become registers, and control goes where the version is entered.
    fn enter(&mut self, entry: usize, types: &[Type]) {
        let registers = live_registers(self.func, &self.analysis.liveness, entry as u32);
        self.regs = vec![None; self.func.registers as usize];
        for (&r, &ty) in registers.iter().zip(types) {
            let param = self.f.value(ty);
            self.f.blocks[0].params.push(param);
            self.replace(Reg(r), param);
        }
        let target = self.block_at(entry);
        let edge = self.edge_after_deaths(target);
        self.end(Terminator::Jump(edge));
    }

    fn build_block(&mut self, block: usize) {
        let range = self.analysis.liveness.blocks()[block].range.clone();
        self.source = block;
        self.block = self.region.ssa_block(block);
        self.regs.fill(None);
        let params = self.f.blocks[self.block.index()].params.iter();
        for (r, &param) in self.analysis.liveness.live_in(block).iter().zip(params) {
            self.regs[r.index()] = Some(param);
        }
        for pc in range.clone() {
            self.pc = pc;
            self.build_op(self.func.code[pc]);
        }
        if self.f.blocks[self.block.index()].end.is_none() {
            match self.analysis.liveness.block_at(range.end) {
                Some(next) => {
                    let edge = self.edge_after_deaths(next);
                    self.end(Terminator::Jump(edge));
                }
                None => self.end(Terminator::Unreachable),
            }
        }
    }

    /// The way out of the region to a block: its registers go to whoever entered, who continues there.
    fn build_exit(&mut self, block: usize) {
        let pc = self.analysis.liveness.blocks()[block].range.start as u32;
        self.block = self.region.ssa_block(block);
        let at = self.block.index();
        self.f.blocks[at].cold = true;
        let args = if self.keeps() {
            let live = self.analysis.liveness.live_in(block);
            live.iter().map(|r| self.take(r)).collect()
        } else {
            let params = self.f.blocks[at].params.iter();
            params.map(|&param| Arg::owned(param)).collect()
        };
        self.put(InstOp::LeaveLoop { pc }, args);
        let null = self.constant(InstOp::ConstNull {});
        self.end(Terminator::Return(null));
    }

    // -- Registers

    /// Whether registers are kept in the frame.
    pub fn keeps(&self) -> bool {
        self.f.kept > 0
    }

    /// The value of a register; a register that is not live holds null.
    pub fn peek(&mut self, r: Reg) -> ValueId {
        match self.regs[r.index()] {
            Some(value) => value,
            None if self.keeps() => self.constant(InstOp::LoadKept { r: r.0 }),
            None => self.constant(InstOp::ConstNull {}),
        }
    }

    /// A `src` operand: at the last use the register's count passes on.
    pub fn read(&mut self, r: Reg, last: bool) -> Arg {
        if self.keeps() && last {
            return Arg::owned(self.constant(InstOp::TakeKept { r: r.0 }));
        }
        let owned = self.regs[r.index()].is_some();
        let value = self.peek(r);
        if last {
            self.regs[r.index()] = None;
        }
        Arg {
            value,
            last: last && owned,
        }
    }

    /// A register that is moved out.
    pub fn take(&mut self, r: Reg) -> Arg {
        self.read(r, true)
    }

    /// The `n` registers of a window, all moved out.
    pub fn window(&mut self, base: Reg, n: u16) -> Vec<Arg> {
        base.span(n).map(|r| self.take(r)).collect()
    }

    /// Writes a register. The count of its old value is given up, and that of the new one if nobody will read it.
    pub fn set(&mut self, r: Reg, value: ValueId) {
        if self.keeps() {
            return match self.analysis.dead.contains(&(self.pc, r)) {
                true => self.put(InstOp::Release {}, vec![Arg::owned(value)]),
                false => self.replace(r, value),
            };
        }
        if let Some(old) = self.regs[r.index()].replace(value)
            && !fault!(OverwrittenValuesLeak)
        {
            self.put(InstOp::Release {}, vec![Arg::owned(old)]);
        }
        if self.analysis.dead.contains(&(self.pc, r)) {
            self.regs[r.index()] = None;
            self.put(InstOp::Release {}, vec![Arg::owned(value)]);
        }
    }

    /// Gives up the value of a register that the current instruction was the last to look at.
    pub fn give_up_if_dead(&mut self, r: Reg) {
        if self.analysis.dead.contains(&(self.pc, r)) {
            let value = self.take(r);
            self.give_up(value);
        }
    }

    /// Writes a register whose old value is gone, or kept.
    pub fn replace(&mut self, r: Reg, value: ValueId) {
        match self.keeps() {
            true => self.put(InstOp::StoreKept { r: r.0 }, vec![Arg::owned(value)]),
            false => self.regs[r.index()] = Some(value),
        }
    }

    /// Gives up what an operand owns.
    pub fn give_up(&mut self, arg: Arg) {
        if arg.last {
            self.put(InstOp::Release {}, vec![arg]);
        }
    }

    /// The registers that are live where a block starts, ascending; none that are kept.
    fn passed_to(&self, block: usize) -> Vec<Reg> {
        match self.keeps() {
            true => Vec::new(),
            false => self.analysis.liveness.live_in(block).iter().collect(),
        }
    }

    /// What the live registers hold.
    pub fn owned(&self) -> Vec<ValueId> {
        self.regs.iter().flatten().copied().collect()
    }

    // -- Instructions

    /// Appends an instruction with the given results.
    pub fn emit(
        &mut self,
        op: InstOp,
        args: Vec<Arg>,
        results: Vec<ValueId>,
        site: Option<SiteId>,
    ) {
        self.f.blocks[self.block.index()].insts.push(Inst {
            op,
            args,
            results,
            site,
        });
    }

    /// Appends an instruction without result that cannot raise.
    pub fn put(&mut self, op: InstOp, args: Vec<Arg>) {
        self.emit(op, args, Vec::new(), None);
    }

    /// Appends an instruction with one result that cannot raise.
    pub fn make(&mut self, op: InstOp, args: Vec<Arg>) -> ValueId {
        let result = self.f.value(Type::NONE);
        self.emit(op, args, vec![result], None);
        result
    }

    /// Appends an instruction with one result that may raise here.
    pub fn make_raising(&mut self, op: InstOp, args: Vec<Arg>) -> ValueId {
        let result = self.f.value(Type::NONE);
        let site = self.site();
        self.emit(op, args, vec![result], Some(site));
        result
    }

    pub fn constant(&mut self, op: InstOp) -> ValueId {
        self.make(op, Vec::new())
    }

    pub fn end(&mut self, end: Terminator) {
        self.f.blocks[self.block.index()].end = Some(end);
    }

    /// The current instruction as a site: what is owned now goes to the handler or is given up.
    pub fn site(&mut self) -> SiteId {
        let handler = self.analysis.liveness.blocks()[self.source].handler;
        let mut release: Vec<(Reg, ValueId)> = self
            .regs
            .iter()
            .enumerate()
            .filter_map(|(r, v)| v.map(|v| (Reg(r as u16), v)))
            .collect();
        let handler = handler.map(|block| {
            let block = block as usize;
            let live = self.passed_to(block);
            release.retain(|(r, _)| !live.contains(r));
            let args = live.into_iter().map(|r| self.peek(r)).collect();
            Edge {
                to: self.region.ssa_block(block),
                args,
            }
        });
        if fault!(ErrorsLeak) {
            release.clear();
        }
        let release = release.into_iter().map(|(_, value)| value).collect();
        self.f.sites.push(Site {
            pos: self.func.positions[self.pc],
            release,
            leaves: None,
            handler,
        });
        SiteId(self.f.sites.len() as u32 - 1)
    }

    // -- Control

    /// The block that starts at an instruction.
    pub fn block_at(&self, pc: usize) -> usize {
        self.analysis
            .liveness
            .block_at(pc)
            .expect("a jump target starts a block")
    }

    /// An edge to a block, after giving up here what is not live there.
    pub fn edge_after_deaths(&mut self, to: usize) -> Edge {
        for value in self.deaths(to) {
            self.put(InstOp::Release {}, vec![Arg::owned(value)]);
        }
        self.edge(to)
    }

    fn deaths(&self, to: usize) -> Vec<ValueId> {
        let live = self.analysis.liveness.live_in(to);
        let owned = self
            .regs
            .iter()
            .enumerate()
            .filter_map(|(r, v)| v.map(|v| (Reg(r as u16), v)));
        owned
            .filter(|(r, _)| !live.contains(*r))
            .map(|(_, v)| v)
            .collect()
    }

    fn edge(&mut self, to: usize) -> Edge {
        let args = self
            .passed_to(to)
            .into_iter()
            .map(|r| self.peek(r))
            .collect();
        Edge {
            to: self.region.ssa_block(to),
            args,
        }
    }

    /// An edge from a branch: what dies on it is given up in a block of its own, and so are the values of `give_up`.
    fn branch_edge(&mut self, to: usize, give_up: &[ValueId]) -> Edge {
        let mut deaths = self.deaths(to);
        deaths.extend(give_up);
        if deaths.is_empty() {
            return self.edge(to);
        }
        self.edge_through_block(to, |builder| {
            for value in deaths {
                builder.put(InstOp::Release {}, vec![Arg::owned(value)]);
            }
        })
    }

    /// An edge through a block of its own.
    fn edge_through_block(&mut self, to: usize, fill: impl FnOnce(&mut Self)) -> Edge {
        let to = self.in_new_block(|builder| {
            fill(builder);
            let edge = builder.edge(to);
            builder.end(Terminator::Jump(edge));
        });
        Edge {
            to,
            args: Vec::new(),
        }
    }

    /// Fills a new block, then goes on where the builder was. Gives the block.
    fn in_new_block(&mut self, fill: impl FnOnce(&mut Self)) -> BlockId {
        let new = self.f.block();
        let from = std::mem::replace(&mut self.block, new);
        fill(self);
        self.block = from;
        new
    }

    /// Ends the block: to `then` if `cond` holds, else to the next instruction.
    pub fn branch(&mut self, cond: ValueId, then: usize) {
        let (then, next) = (self.block_at(then), self.block_at(self.pc + 1));
        let then = self.branch_edge(then, &[]);
        let next = self.branch_edge(next, &[]);
        self.end(Terminator::Branch(cond, then, next));
    }

    /// Ends the block of a loop step: to the next instruction with `item` in `r` while `cond` holds, else to `end`.
    pub fn branch_loop(&mut self, cond: ValueId, r: Reg, item: ValueId, end: usize) {
        let (end, next) = (self.block_at(end), self.block_at(self.pc + 1));
        // Without an item it is null: nothing to give up.
        let end = self.branch_edge(end, &[]);
        if self.keeps() {
            let next = self.edge_through_block(next, |builder| builder.set(r, item));
            return self.end(Terminator::Branch(cond, next, end));
        }
        // The register may hold the item before, kept alive by a handler.
        let mut give_up: Vec<ValueId> = self.regs[r.index()].replace(item).into_iter().collect();
        if self.analysis.dead.contains(&(self.pc, r)) {
            self.regs[r.index()] = None;
            give_up.push(item);
        }
        let next = self.branch_edge(next, &give_up);
        self.end(Terminator::Branch(cond, next, end));
    }

    // -- Operations of the table

    /// A row with `via`: its `src` operands are the helper's values, the others its immediates.
    pub fn via(&mut self, helper: Helper, op: Op) {
        let mut sources = Vec::new();
        let mut imms = Vec::new();
        let mut dst = None;
        op.operands(|_, operand| match operand {
            Operand::Dst(r) => dst = Some(r),
            Operand::Src(r, last) => sources.push((r, last)),
            Operand::Imm(n) => imms.push(n as i64 as u64),
            Operand::Name(ix) => imms.push(u64::from(ix.0)),
            Operand::Tag(ix) => imms.push(u64::from(ix.0)),
            _ => {}
        });
        let args = sources
            .into_iter()
            .map(|(r, last)| self.read(r, last))
            .collect();
        let imms = [
            imms.first().copied().unwrap_or(0),
            imms.get(1).copied().unwrap_or(0),
        ];
        let result = self.make_raising(InstOp::Helper { helper, imms }, args);
        match dst {
            Some(r) => self.set(r, result),
            None => self.f.blocks[self.block.index()]
                .insts
                .last_mut()
                .expect("just put")
                .results
                .clear(),
        }
    }

    /// A helper that changes the value of `root` in place. The changed value is the instruction's first result, valid on
    /// the error path, too.
    pub fn change(&mut self, helper: Helper, imms: [u64; 2], root: Reg, args: Vec<Arg>) {
        let mut all = vec![self.take(root)];
        all.extend(args);
        let changed = self.f.value(Type::NONE);
        if !self.keeps() {
            self.replace(root, changed);
        }
        let site = self.site();
        let op = InstOp::Helper { helper, imms };
        self.emit(op, all, vec![changed], Some(site));
        if self.keeps() {
            self.keep_on_the_way(site, root, changed);
            self.replace(root, changed);
        }
        self.give_up_if_dead(root);
    }

    /// Has an error at the site pass through a block that puts a value into a kept register.
    fn keep_on_the_way(&mut self, site: SiteId, r: Reg, value: ValueId) {
        let handler = self.f.sites[site.index()].handler.take();
        let param = self.f.value(Type::NONE);
        let to = self.in_new_block(|builder| {
            builder.replace(r, param);
            builder.end(handler.map_or(Terminator::Unwind, Terminator::Jump));
        });
        let block = &mut self.f.blocks[to.index()];
        block.cold = true;
        block.params.push(param);
        self.f.sites[site.index()].handler = Some(Edge {
            to,
            args: vec![value],
        });
    }
}
