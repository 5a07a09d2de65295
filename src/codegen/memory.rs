//! Constants, globals, captures and cells: values that are not in registers.

use super::cx::{BITS, FuncCx, VALUE_SIZE};
use super::guard::{self, Guard};
use super::val::Val;
use crate::ssa::ir::Inst;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, InstBuilder, types};
use ruff_runtime::abi::Helper;
use ruff_runtime::layout;
use ruff_runtime::value::Tag;

impl FuncCx<'_, '_> {
    /// A string, an array or a dict of the table of constants; they are immortal.
    pub fn const_pool(&mut self, inst: &Inst, k: u32) {
        let consts = self.load(types::I64, self.cx, layout::ctx::CONSTS);
        let bits = self.load(types::I64, consts, k as i32 * VALUE_SIZE + BITS);
        let tag = match self.f.ty(inst.results[0]).only_tag() {
            Some(tag) => self.iconst(tag as i64),
            None => self.load(types::I64, consts, k as i32 * VALUE_SIZE),
        };
        self.define(inst, 0, Val::Boxed(tag, bits));
        self.immortal[inst.results[0].index()] = true;
    }

    fn global_address(&mut self, global: u16) -> (ir::Value, i32) {
        let globals = self.load(types::I64, self.cx, layout::ctx::GLOBALS);
        (globals, i32::from(global) * VALUE_SIZE)
    }

    pub fn load_global(&mut self, inst: &Inst, global: u16) {
        let (base, offset) = self.global_address(global);
        let value = self.load_value(base, offset);
        self.define_counted(inst, value);
    }

    /// Defines the result with a count of its own.
    fn define_counted(&mut self, inst: &Inst, value: Val) {
        self.define(inst, 0, value);
        self.retain(inst.results[0]);
    }

    pub fn store_global(&mut self, inst: &Inst, global: u16) {
        let (base, offset) = self.global_address(global);
        let old = self.load_value(base, offset);
        let value = self.arg(inst, 0);
        self.store_value(value, base, offset);
        if let Val::Boxed(tag, bits) = old {
            self.release_parts(tag, bits, false);
        }
    }

    pub fn check_init(&mut self, inst: &Inst, error: Helper, index: u16) {
        let value = self.arg(inst, 0);
        let (tag, _) = value.boxed(&mut self.b);
        let uninit = self.iconst(Tag::Uninit as i64);
        guard::note(Guard::Initialised);
        let missing = self.b.ins().icmp(IntCC::Equal, tag, uninit);
        let cold = self.new_block(true);
        self.leave_if(missing, cold);
        self.in_cold_block(cold, |fx| {
            let index = fx.iconst(i64::from(index));
            fx.call_raising(error, &[index]);
            fx.enter_site(inst);
        });
        self.define(inst, 0, value);
    }

    /// The address of a kept register.
    fn kept_register(&mut self, r: u16) -> ir::Value {
        let kept = self.kept.expect("the version keeps its registers");
        let offset = i32::from(r) * VALUE_SIZE;
        self.b.ins().stack_addr(types::I64, kept, offset)
    }

    pub fn load_kept(&mut self, inst: &Inst, r: u16) {
        let register = self.kept_register(r);
        let value = self.load_value(register, 0);
        self.define(inst, 0, value);
    }

    pub fn take_kept(&mut self, inst: &Inst, r: u16) {
        let register = self.kept_register(r);
        let value = self.load_value(register, 0);
        self.store_value(Val::Null, register, 0);
        self.define(inst, 0, value);
    }

    pub fn store_kept(&mut self, inst: &Inst, r: u16) {
        let register = self.kept_register(r);
        let old = self.load_value(register, 0);
        let value = self.arg(inst, 0);
        self.store_value(value, register, 0);
        if let Val::Boxed(tag, bits) = old {
            self.release_parts(tag, bits, false);
        }
    }

    /// All kept registers hold null.
    pub fn clear_kept(&mut self) {
        let Some(first) = self.kept.map(|_| self.kept_register(0)) else {
            return;
        };
        let size = self.iconst(i64::from(self.f.kept) * i64::from(VALUE_SIZE));
        let end = self.b.ins().iadd(first, size);
        let (head, done) = (self.new_block(false), self.new_block(false));
        let at = self.b.append_block_param(head, types::I64);
        self.b.ins().jump(head, &[first.into()]);
        self.b.switch_to_block(head);
        self.store_value(Val::Null, at, 0);
        let next = self.iconst(i64::from(VALUE_SIZE));
        let next = self.b.ins().iadd(at, next);
        let more = self.b.ins().icmp(IntCC::UnsignedLessThan, next, end);
        self.b.ins().brif(more, head, &[next.into()], done, &[]);
        self.b.switch_to_block(done);
    }

    /// Gives up what the kept registers hold.
    pub fn release_kept(&mut self) {
        if self.kept.is_some() {
            let first = self.kept_register(0);
            let count = self.iconst(i64::from(self.f.kept));
            self.call_scalars(Helper::release_all, &[], &[first, count]);
        }
    }

    pub fn load_cell(&mut self, inst: &Inst) {
        let (_, cell) = self.arg(inst, 0).boxed(&mut self.b);
        let value = self.load_value(cell, layout::cell::VALUE);
        self.define_counted(inst, value);
    }

    /// Where to go on, then the values, to the memory that the context names.
    pub fn leave_loop(&mut self, inst: &Inst, pc: u32) {
        let memory = self.load(types::I64, self.cx, layout::ctx::RESUME);
        let pc = self.iconst(i64::from(pc));
        let values = (0..inst.args.len()).map(|i| self.arg(inst, i));
        let values: Vec<Val> = std::iter::once(Val::Int(pc)).chain(values).collect();
        for (i, value) in values.into_iter().enumerate() {
            self.store_value(value, memory, i as i32 * VALUE_SIZE);
        }
    }

    fn callee(&self) -> ir::Value {
        self.callee
            .unwrap_or_else(|| panic!("{}: the body does not take its callee", self.f.name))
    }

    /// The callee is passed as the body of its object.
    pub fn load_capture(&mut self, inst: &Inst, capture: u16) {
        let captures = self.load(
            types::I64,
            self.callee(),
            layout::func::CAPTURES - layout::header::SIZE,
        );
        let value = self.load_value(captures, i32::from(capture) * VALUE_SIZE);
        self.define_counted(inst, value);
    }

    pub fn load_callee(&mut self, inst: &Inst) {
        let header = self.iconst(i64::from(layout::header::SIZE));
        let callee = self.callee();
        let object = self.b.ins().isub(callee, header);
        let tag = self.iconst(Tag::Func as i64);
        self.define_counted(inst, Val::Boxed(tag, object));
    }
}
