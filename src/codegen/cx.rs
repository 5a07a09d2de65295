//! The state of lowering one function, and the small steps that every family uses.

use super::control::{Shared, WayOut};
use super::huge::{self, Huge};
use super::val::{Val, registers};
use super::{BodyType, Compiler};
use crate::ssa::ir::{BlockId, Function, Inst, ValueId};
use crate::ssa::loops::rare_blocks;
use crate::ssa::order::reverse_postorder;
use crate::ssa::types::{Repr, Type};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    self, BlockArg, InstBuilder, MemFlagsData, StackSlotData, StackSlotKind, types,
};
use cranelift_frontend::FunctionBuilder;
use ruff_runtime::layout;
use ruff_runtime::value::Tag;
use rustc_hash::FxHashMap;

/// How a function is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Convention {
    /// As a body: arguments and result in raw registers.
    Body,
    /// As an entry: arguments in memory, the result as a tag with its payload in the context.
    Entry,
    /// By a host that knows the types, all of them scalars: context and arguments in registers, and the result. After an error,
    /// which is pending, the result means nothing. It is the outermost call.
    Host,
}

/// Lowering one version.
pub struct FuncCx<'a, 'm> {
    pub unit: &'a mut Compiler<'m>,
    pub b: FunctionBuilder<'a>,
    pub f: &'a Function,
    /// The context, the first argument everywhere.
    pub cx: ir::Value,
    /// The call depth of this function.
    pub depth: ir::Value,
    /// How many inlined calls the block being lowered is in.
    pub level: u32,
    /// The block being lowered is executed once or hardly ever: its code is to be small, not fast.
    pub rare: bool,
    /// This function's frame record, if the program keeps them.
    pub frame: Option<ir::Value>,
    /// The running function object, if the version reads it.
    pub callee: Option<ir::Value>,
    ret: Type,
    convention: Convention,
    /// Cold blocks stay where they are.
    pub in_order: bool,
    blocks: Vec<ir::Block>,
    vals: Vec<Option<Val>>,
    /// Of each value that has been lowered whether it is a constant that is never counted.
    pub immortal: Vec<bool>,
    /// Where errors go on their way out, by what is left to do.
    pub ways_out: FxHashMap<WayOut, Shared>,
    /// Those of them that are not lowered yet.
    pub unlowered_ways: Vec<(WayOut, ir::Block)>,
    /// The registers that are kept in the frame.
    pub kept: Option<ir::StackSlot>,
    window_slot: Option<ir::StackSlot>,
    root_slot: Option<ir::StackSlot>,
}

/// A value takes 16 bytes, tag first.
pub const VALUE_SIZE: i32 = 16;
/// The payload is behind the tag.
pub const BITS: i32 = 8;

impl<'a, 'm> FuncCx<'a, 'm> {
    pub fn new(
        unit: &'a mut Compiler<'m>,
        b: FunctionBuilder<'a>,
        f: &'a Function,
        ty: &BodyType,
        convention: Convention,
    ) -> FuncCx<'a, 'm> {
        let nothing = ir::Value::from_u32(0);
        let mut fx = FuncCx {
            unit,
            b,
            f,
            cx: nothing,
            depth: nothing,
            level: 0,
            rare: false,
            frame: None,
            callee: None,
            ret: ty.ret,
            convention,
            in_order: huge::is_huge(f) == Some(Huge::Allocator),
            blocks: Vec::new(),
            vals: vec![None; f.types.len()],
            immortal: vec![false; f.types.len()],
            ways_out: FxHashMap::default(),
            unlowered_ways: Vec::new(),
            kept: None,
            window_slot: None,
            root_slot: None,
        };
        fx.start(ty);
        fx
    }

    fn start(&mut self, ty: &BodyType) {
        for block in self.f.block_ids() {
            let lowered = self.b.create_block();
            self.blocks.push(lowered);
            if block.0 > 0 {
                for &param in &self.f.blocks[block.index()].params {
                    let ty = self.f.ty(param);
                    let parts: Vec<ir::Value> = registers(ty)
                        .iter()
                        .map(|r| self.b.append_block_param(lowered, *r))
                        .collect();
                    self.vals[param.index()] = Some(Val::from_registers(ty, &parts));
                }
            }
        }
        let entry = self.blocks[0];
        self.b.append_block_params_for_function_params(entry);
        self.b.switch_to_block(entry);
        let arguments = self.b.block_params(entry).to_vec();
        let parent = match self.convention {
            Convention::Body => self.take_arguments(arguments, ty),
            Convention::Entry => self.load_arguments(&arguments, ty),
            Convention::Host => self.convert_arguments(&arguments, ty),
        };
        if self.f.kept > 0 {
            self.kept = Some(self.new_slot(u32::from(self.f.kept)));
            self.clear_kept();
        }
        if self.convention != Convention::Host {
            self.count_large_frame();
            self.check_depth();
        }
        self.frame = parent.map(|parent| self.push_frame(parent));
    }

    /// Arguments in registers; gives the caller's frame record.
    fn take_arguments(&mut self, arguments: Vec<ir::Value>, ty: &BodyType) -> Option<ir::Value> {
        let mut arguments = arguments.into_iter();
        let mut next = || arguments.next().expect("the signature has this parameter");
        self.cx = next();
        self.depth = next();
        let parent = self.unit.shape.keeps_frames.then(&mut next);
        self.callee = ty.needs_callee.then(&mut next);
        for (&param, ty) in self.f.params().iter().zip(&ty.params) {
            let parts: Vec<ir::Value> = registers(*ty).iter().map(|_| next()).collect();
            self.vals[param.index()] = Some(Val::from_registers(*ty, &parts));
        }
        parent
    }

    /// Context, callee, address of the arguments.
    fn load_arguments(&mut self, entry: &[ir::Value], ty: &BodyType) -> Option<ir::Value> {
        let [cx, callee, at] = *entry else {
            unreachable!("the entry signature has three parameters")
        };
        self.cx = cx;
        let depth = self.load(types::I64, cx, layout::ctx::DEPTH);
        let weight = self.iconst(i64::from(ty.weight));
        self.depth = self.b.ins().iadd(depth, weight);
        self.callee = ty.needs_callee.then_some(callee);
        for (i, (&param, ty)) in self.f.params().iter().zip(&ty.params).enumerate() {
            let value = self.load_value(at, i as i32 * VALUE_SIZE);
            self.vals[param.index()] = Some(value.convert(*ty, &mut self.b));
        }
        let keeps_frames = self.unit.shape.keeps_frames;
        keeps_frames.then(|| self.load(types::I64, cx, layout::ctx::FRAME))
    }

    /// Context and scalars, bools among them as ints.
    fn convert_arguments(&mut self, host: &[ir::Value], ty: &BodyType) -> Option<ir::Value> {
        self.cx = host[0];
        self.depth = self.iconst(i64::from(ty.weight));
        for ((&param, ty), &arg) in self.f.params().iter().zip(&ty.params).zip(&host[1..]) {
            let value = match ty.repr() {
                Repr::Bool => Val::Bool(self.b.ins().ireduce(types::I8, arg)),
                _ => Val::from_registers(*ty, &[arg]),
            };
            self.vals[param.index()] = Some(value);
        }
        self.unit.shape.keeps_frames.then(|| self.iconst(0))
    }

    /// Lowers all blocks.
    pub fn lower(mut self) {
        let f = self.f;
        let mut first = true;
        // What is executed once; and a huge function is hardly called often enough to be worth larger code.
        let outside_loops = f.runs_once || f.kept > 0 || huge::is_huge(f).is_some();
        let rare_blocks = rare_blocks(f, outside_loops);
        for block in reverse_postorder(f) {
            if !first {
                self.b.switch_to_block(self.blocks[block.index()]);
            }
            first = false;
            self.level = f.blocks[block.index()].level;
            self.rare = rare_blocks[block.index()];
            if f.blocks[block.index()].cold {
                self.set_cold(self.blocks[block.index()]);
            }
            for inst in &f.blocks[block.index()].insts {
                self.lower_inst(inst);
            }
            self.lower_end(block);
        }
        self.lower_ways_out();
        self.b.seal_all_blocks();
        let config = self.unit.module.target_config();
        self.b.finalize(config);
    }

    // -- Values

    /// The lowered form of a value.
    pub fn val(&self, value: ValueId) -> Val {
        self.vals[value.index()]
            .unwrap_or_else(|| panic!("{}: {value} is used before it is lowered", self.f.name))
    }

    /// The lowered form of operand `i`.
    pub fn arg(&self, inst: &Inst, i: usize) -> Val {
        self.val(inst.args[i].value)
    }

    /// Operand `i` as an int register.
    pub fn int(&mut self, inst: &Inst, i: usize) -> ir::Value {
        match self.arg(inst, i).convert(Type::INT, &mut self.b) {
            Val::Int(n) => n,
            other => panic!("{}: an int was expected, got {other:?}", self.f.name),
        }
    }

    /// Operand `i` as a float register.
    pub fn float(&mut self, inst: &Inst, i: usize) -> ir::Value {
        match self.arg(inst, i).convert(Type::FLOAT, &mut self.b) {
            Val::Float(x) => x,
            other => panic!("{}: a float was expected, got {other:?}", self.f.name),
        }
    }

    /// Operand `i` as a bool register.
    pub fn boolean(&mut self, inst: &Inst, i: usize) -> ir::Value {
        self.condition(inst.args[i].value)
    }

    /// A bool value's register.
    pub fn condition(&mut self, value: ValueId) -> ir::Value {
        match self.val(value).convert(Type::BOOL, &mut self.b) {
            Val::Bool(x) => x,
            other => panic!("{}: a bool was expected, got {other:?}", self.f.name),
        }
    }

    /// Defines result `i` of an instruction, in the form that its type asks for.
    pub fn define(&mut self, inst: &Inst, i: usize, val: Val) {
        let Some(&result) = inst.results.get(i) else {
            return;
        };
        let val = val.convert(self.f.ty(result), &mut self.b);
        self.vals[result.index()] = Some(val);
    }

    // -- Small instructions

    pub fn iconst(&mut self, n: i64) -> ir::Value {
        self.b.ins().iconst(types::I64, n)
    }

    pub fn load(&mut self, ty: ir::Type, base: ir::Value, offset: i32) -> ir::Value {
        self.b.ins().load(ty, MemFlagsData::trusted(), base, offset)
    }

    pub fn store(&mut self, value: ir::Value, base: ir::Value, offset: i32) {
        self.b
            .ins()
            .store(MemFlagsData::trusted(), value, base, offset);
    }

    /// Stores a value, boxed, at an address.
    pub fn store_value(&mut self, val: Val, base: ir::Value, offset: i32) {
        let (tag, bits) = val.boxed(&mut self.b);
        self.store(tag, base, offset);
        self.store(bits, base, offset + BITS);
    }

    /// Loads a boxed value from an address.
    pub fn load_value(&mut self, base: ir::Value, offset: i32) -> Val {
        let tag = self.load(types::I64, base, offset);
        let bits = self.load(types::I64, base, offset + BITS);
        Val::Boxed(tag, bits)
    }

    /// A new block, cold if it is hardly ever executed.
    pub fn new_block(&mut self, cold: bool) -> ir::Block {
        let block = self.b.create_block();
        if cold {
            self.set_cold(block);
        }
        block
    }

    /// Moves a block out of the way. Not where registers are allocated in one pass, from the end of the code to its start: all that
    /// the blocks at the end use would live throughout.
    fn set_cold(&mut self, block: ir::Block) {
        if !self.in_order {
            self.b.set_cold_block(block);
        }
    }

    /// A new block with parameters for a value of the type.
    pub fn merge_block(&mut self, ty: Type) -> (ir::Block, Val) {
        let block = self.b.create_block();
        let parts: Vec<ir::Value> = registers(ty)
            .iter()
            .map(|r| self.b.append_block_param(block, *r))
            .collect();
        (block, Val::from_registers(ty, &parts))
    }

    /// Jumps to a merge block with a value of its type.
    pub fn jump_with(&mut self, block: ir::Block, val: Val, ty: Type) {
        let args = block_args(&val.convert(ty, &mut self.b).parts());
        self.b.ins().jump(block, &args);
    }

    /// Continues in a fresh block if `condition` is false, else in `cold`.
    pub fn leave_if(&mut self, condition: ir::Value, cold: ir::Block) {
        let next = self.b.create_block();
        self.branch(condition, (cold, &[]), (next, &[]), self.in_order);
        self.b.switch_to_block(next);
    }

    /// Ends the block with a branch. The code behind the first target is to come before that behind the second if `first_is_next`;
    /// Cranelift has it the other way round.
    pub fn branch(
        &mut self,
        condition: ir::Value,
        first: (ir::Block, &[BlockArg]),
        second: (ir::Block, &[BlockArg]),
        first_is_next: bool,
    ) {
        let ((to, args), (or, other_args)) = (first, second);
        if first_is_next {
            let not = self.b.ins().icmp_imm_u(IntCC::Equal, condition, 0);
            self.b.ins().brif(not, or, other_args, to, args);
        } else {
            self.b.ins().brif(condition, to, args, or, other_args);
        }
    }

    /// Whether code in order has the first block before the second.
    pub fn comes_first(&self, first: BlockId, second: BlockId) -> bool {
        self.in_order && first < second
    }

    /// Continues in a fresh block, on the fast way, unless `reason` speaks against it: then in `other`, which does it all.
    pub fn guard(&mut self, reason: ir::Value, other: ir::Block) {
        let fails = self.unit.shape.guards_fail;
        let reason = if fails { self.iconst(1) } else { reason };
        self.leave_if(reason, other);
    }

    /// Goes to `fast`, where that does, if `holds`; else to `other`, which does it all.
    pub fn prefer(&mut self, holds: ir::Value, fast: ir::Block, other: ir::Block) {
        let fails = self.unit.shape.guards_fail;
        let holds = if fails { self.iconst(0) } else { holds };
        self.b.ins().brif(holds, fast, &[], other, &[]);
        self.b.switch_to_block(fast);
    }

    /// The lowered block.
    pub fn lowered(&self, block: BlockId) -> ir::Block {
        self.blocks[block.index()]
    }

    // -- Returning

    pub fn return_value(&mut self, value: Val) {
        let value = value.convert(self.ret, &mut self.b);
        let returned = match self.convention {
            Convention::Body => {
                let mut parts = value.parts();
                if self.ret.repr() != Repr::Boxed {
                    parts.push(self.iconst(0));
                }
                parts
            }
            Convention::Entry => {
                let (tag, bits) = value.boxed(&mut self.b);
                self.store(bits, self.cx, layout::ctx::RET_BITS);
                vec![tag]
            }
            Convention::Host => match value {
                Val::Float(x) => vec![x],
                _ => vec![value.boxed(&mut self.b).1],
            },
        };
        self.b.ins().return_(&returned);
    }

    /// With an error pending.
    pub fn return_error(&mut self) {
        let error = Tag::Error as i64;
        let returned = match (self.convention, self.ret.repr()) {
            (Convention::Entry, _) => vec![self.iconst(error)],
            (Convention::Host, Repr::Float) => vec![self.b.ins().f64const(0.0)],
            (Convention::Host, _) => vec![self.iconst(0)],
            (_, Repr::Boxed) => vec![self.iconst(error), self.iconst(0)],
            (_, Repr::Int) => vec![self.iconst(0), self.iconst(1)],
            (_, Repr::Bool) => vec![self.b.ins().iconst(types::I8, 0), self.iconst(1)],
            (_, Repr::Float) => vec![self.b.ins().f64const(0.0), self.iconst(1)],
            (_, Repr::Null) => vec![self.iconst(1)],
        };
        self.b.ins().return_(&returned);
    }

    // -- Stack slots

    /// The address of room for `n` values that one call uses.
    pub fn window(&mut self, n: usize) -> ir::Value {
        let slot = match self.window_slot {
            Some(slot) => slot,
            None => {
                let slot = self.new_slot(self.most_operands().max(n) as u32);
                self.window_slot = Some(slot);
                slot
            }
        };
        self.b.ins().stack_addr(types::I64, slot, 0)
    }

    /// Operands of the instruction that has the most.
    pub fn most_operands(&self) -> usize {
        let insts = self.f.blocks.iter().flat_map(|block| &block.insts);
        insts.map(|inst| inst.args.len()).max().unwrap_or(0)
    }

    /// The address of room for the values that a helper changes in place.
    pub fn roots(&mut self) -> ir::Value {
        let slot = match self.root_slot {
            Some(slot) => slot,
            None => {
                let slot = self.new_slot(4);
                self.root_slot = Some(slot);
                slot
            }
        };
        self.b.ins().stack_addr(types::I64, slot, 0)
    }

    fn new_slot(&mut self, values: u32) -> ir::StackSlot {
        let data = StackSlotData::new(StackSlotKind::ExplicitSlot, values * VALUE_SIZE as u32, 3);
        self.b.create_sized_stack_slot(data)
    }

    /// Links this function into the chain of frames.
    fn push_frame(&mut self, parent: ir::Value) -> ir::Value {
        let slot = self.new_slot(1);
        let record = self.b.ins().stack_addr(types::I64, slot, 0);
        let info = self.func_info();
        self.store(parent, record, layout::frame::PARENT);
        self.store(info, record, layout::frame::FUNC);
        record
    }
}

/// Registers as block arguments.
pub fn block_args(parts: &[ir::Value]) -> Vec<BlockArg> {
    parts.iter().map(|v| (*v).into()).collect()
}
