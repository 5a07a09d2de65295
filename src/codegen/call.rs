//! Calls: versions directly with raw registers, everything else through the runtime or a function's entry.

use super::cx::{FuncCx, VALUE_SIZE};
use super::guard::{self, Guard};
use super::helper::Imm;
use super::val::{Val, registers};
use crate::ssa::ir::{Inst, VersionId};
use crate::ssa::types::Repr;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, InstBuilder, types};
use ruff_runtime::abi::Helper;
use ruff_runtime::builtins;
use ruff_runtime::layout;
use ruff_runtime::value::Tag;

impl FuncCx<'_, '_> {
    /// Calls the body of a version of the program.
    pub fn call_version(&mut self, inst: &Inst, version: VersionId) {
        let body = self.unit.bodies[&version].clone();
        if body.ty.needs_callee {
            let func = self.f_of(inst);
            return self.call_func(inst, func);
        }
        let depth = self.depth_at(self.level + body.ty.weight);
        let mut scalars = vec![self.cx, depth];
        scalars.extend(self.frame);
        for (arg, ty) in inst.args.iter().zip(&body.ty.params) {
            if !arg.last {
                self.retain(arg.value);
            }
            scalars.extend(self.val(arg.value).convert(*ty, &mut self.b).parts());
        }
        let callee = self.unit.module.declare_func_in_func(body.id, self.b.func);
        let call = self.b.ins().call(callee, &scalars);
        let returned = self.b.inst_results(call).to_vec();
        let raised = match body.ty.ret.repr() {
            Repr::Boxed => {
                let error = self.iconst(Tag::Error as i64);
                self.b.ins().icmp(IntCC::Equal, returned[0], error)
            }
            _ => returned[registers(body.ty.ret).len()],
        };
        self.enter_site_if(raised, inst);
        self.define(inst, 0, Val::from_registers(body.ty.ret, &returned));
    }

    /// Calls a value: a user function through its entry, anything else by the runtime.
    pub fn call_value(&mut self, inst: &Inst) {
        let (tag, bits) = self.arg(inst, 0).boxed(&mut self.b);
        let (window, count) = self.fill_window(&inst.args[1..]);
        self.prepare_call_out();
        if self.rare {
            let word = self.call_scalars(Helper::call, &[Val::Boxed(tag, bits)], &[window, count]);
            return self.finish_boxed_call(inst, word, true);
        }
        let (slow, done) = (self.new_block(false), self.new_block(false));
        let word = self.b.append_block_param(done, types::I64);

        let func = self.iconst(Tag::Func as i64);
        guard::note(Guard::FunctionTag);
        let is_func = self.b.ins().icmp(IntCC::Equal, tag, func);
        let arity_block = self.new_block(false);
        self.b.ins().brif(is_func, arity_block, &[], slow, &[]);
        self.b.switch_to_block(arity_block);
        let info = self.load(types::I64, bits, layout::func::INFO);
        let arity = self.load(types::I32, info, layout::func_info::ARITY);
        let wanted = self.b.ins().iconst(types::I32, inst.args.len() as i64 - 1);
        guard::note(Guard::Arity);
        let fits = self.b.ins().icmp(IntCC::Equal, arity, wanted);
        let fast = self.new_block(false);
        self.prefer(fits, fast, slow);
        let entry = self.load(types::I64, info, layout::func_info::ENTRY);
        let object = self.func_body(bits);
        let signature = self.unit.entry_signature();
        let signature = self.b.import_signature(signature);
        let call = self
            .b
            .ins()
            .call_indirect(signature, entry, &[self.cx, object, window]);
        let returned = self.b.inst_results(call)[0];
        self.b.ins().jump(done, &[returned.into()]);

        self.b.switch_to_block(slow);
        let returned = self.call_scalars(Helper::call, &[Val::Boxed(tag, bits)], &[window, count]);
        self.b.ins().jump(done, &[returned.into()]);

        self.b.switch_to_block(done);
        self.finish_boxed_call(inst, word, true);
    }

    /// Calls a function of the program by its number.
    pub fn call_func(&mut self, inst: &Inst, func: u16) {
        let value = self.call_values(inst, Helper::call_func, &[Imm::Number(u64::from(func))]);
        self.define(inst, 0, value);
    }

    /// Calls a builtin; some are inline.
    pub fn call_builtin(&mut self, inst: &Inst, builtin: u16) {
        match (builtins::ALL[usize::from(builtin)].name, inst.args.len()) {
            ("push" | "append", 2) => self.push(inst, builtin),
            ("len", 1) => self.len(inst, builtin),
            _ => self.call_any_builtin(inst, builtin),
        }
    }

    pub fn call_any_builtin(&mut self, inst: &Inst, builtin: u16) {
        let value = self.call_values(inst, Helper::call_builtin, &[Imm::Builtin(builtin)]);
        self.define(inst, 0, value);
    }

    pub fn call_method(&mut self, inst: &Inst, name: u16) {
        let value = self.call_values(inst, Helper::call_method, &[Imm::Number(u64::from(name))]);
        self.define(inst, 0, value);
    }

    /// The result of a call with the generic signature; the called value is given up if that was its last use.
    fn finish_boxed_call(&mut self, inst: &Inst, word: ir::Value, release_callee: bool) {
        let payload = self.load(types::I64, self.cx, layout::ctx::RET_BITS);
        if release_callee && inst.args[0].last {
            self.release(inst.args[0].value);
        }
        let error = self.iconst(Tag::Error as i64);
        let raised = self.b.ins().icmp(IntCC::Equal, word, error);
        self.enter_site_if(raised, inst);
        self.define(inst, 0, Val::Boxed(word, payload));
    }

    /// The program's record of this function.
    pub fn func_info(&mut self) -> ir::Value {
        let funcs = self.load(types::I64, self.cx, layout::ctx::FUNCS);
        let offset = self.iconst(i64::from(self.f.func) * i64::from(layout::func_info::SIZE));
        self.b.ins().iadd(funcs, offset)
    }

    /// The body of a function object, as entries take it.
    pub fn func_body(&mut self, object: ir::Value) -> ir::Value {
        let header = self.iconst(i64::from(layout::header::SIZE));
        self.b.ins().iadd(object, header)
    }

    fn f_of(&self, inst: &Inst) -> u16 {
        panic!(
            "{}: {:?} calls a version with captures directly",
            self.f.name, inst.op
        )
    }
}

const _: () = assert!(VALUE_SIZE == 16);
