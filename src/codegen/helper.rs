//! Calls of runtime operations: operands in the order of the helper table, counts, results, errors.

use super::cx::{BITS, FuncCx, VALUE_SIZE};
use super::val::Val;
use crate::reach::{self, Table};
use crate::ssa::ir::{Arg, Inst};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, InstBuilder, types};
use ruff_runtime::abi::{Effect, Helper, ParamKind, ReturnKind};
use ruff_runtime::fault;
use ruff_runtime::layout;
use ruff_runtime::value::Tag;

impl FuncCx<'_, '_> {
    /// Calls a helper with scalars: the words of the values, then the immediates. Gives the returned word.
    pub fn call_scalars(
        &mut self,
        helper: Helper,
        values: &[Val],
        rest: &[ir::Value],
    ) -> ir::Value {
        let mut scalars = vec![self.cx];
        for value in values {
            let (tag, bits) = value.boxed(&mut self.b);
            scalars.extend([tag, bits]);
        }
        scalars.extend(rest);
        self.call_raw(helper, &scalars)
    }

    /// Calls a helper that only raises.
    pub fn call_raising(&mut self, helper: Helper, operands: &[ir::Value]) {
        let mut scalars = vec![self.cx];
        scalars.extend(operands);
        self.call_any(helper, &scalars);
    }

    fn call_raw(&mut self, helper: Helper, scalars: &[ir::Value]) -> ir::Value {
        let call = self.call_any(helper, scalars);
        self.b.inst_results(call)[0]
    }

    fn call_any(&mut self, helper: Helper, scalars: &[ir::Value]) -> ir::Inst {
        reach::note(Table::Helpers, helper.info().name);
        let id = self.unit.helper(helper);
        let callee = self.unit.module.declare_func_in_func(id, self.b.func);
        self.b.func.dfg.ext_funcs[callee].colocated = self.unit.colocated;
        self.b.ins().call(callee, scalars)
    }

    /// The address of a builtin's descriptor.
    pub fn builtin_address(&mut self, builtin: u16) -> ir::Value {
        let id = self.unit.builtin(builtin);
        let data = self.unit.module.declare_data_in_func(id, self.b.func);
        if let ir::GlobalValueData::Symbol { colocated, .. } = &mut self.b.func.global_values[data]
        {
            *colocated = self.unit.colocated;
        }
        self.b.ins().symbol_value(types::I64, data)
    }

    /// Before a call that may run Ruff code or read the frames: where we are.
    pub fn prepare_call_out(&mut self) {
        if fault!(CallsOutHaveNoFrame) {
            return;
        }
        let depth = self.depth_at(self.level);
        self.store(depth, self.cx, layout::ctx::DEPTH);
        if let Some(frame) = self.frame {
            self.store(frame, self.cx, layout::ctx::FRAME);
        }
    }

    /// An instruction that is a helper call.
    pub fn call_helper_inst(&mut self, inst: &Inst, helper: Helper, imms: [u64; 2]) {
        match helper {
            Helper::range_start => return self.range_start(inst),
            Helper::iter_start => return self.iter_start(inst),
            Helper::index => return self.index(inst),
            Helper::set_index => return self.set_index(inst),
            Helper::get_field | Helper::get_place => return self.get_field(inst, helper, imms),
            Helper::set_field => return self.set_field(inst, imms[0]),
            Helper::store_place => return self.store_place(inst, imms),
            _ => {}
        }
        let imms = immediates(helper, imms);
        if helper.info().params.contains(&ParamKind::Slot) {
            return self.call_changing(inst, helper, &imms);
        }
        let value = self.call_values(inst, helper, &imms);
        if !inst.results.is_empty() {
            self.define(inst, 0, value);
        }
    }

    /// Calls a helper with an instruction's operands, gives up what it only borrowed at a last use, follows an error.
    pub fn call_values(&mut self, inst: &Inst, helper: Helper, imms: &[Imm]) -> Val {
        let info = helper.info();
        let mut call = Operands {
            scalars: vec![self.cx],
            borrowed: Vec::new(),
        };
        self.fill(&mut call, inst, 0, info.params, imms);
        self.finish_call(inst, helper, call)
    }

    /// The same for a helper that changes values in place: they are in memory during the call, and its first results.
    pub fn call_changing(&mut self, inst: &Inst, helper: Helper, imms: &[Imm]) {
        let info = helper.info();
        let root = self.arg(inst, 0);
        let roots = self.roots();
        self.store_value(root, roots, 0);
        let mut call = Operands {
            scalars: vec![self.cx],
            borrowed: Vec::new(),
        };
        let slot = info
            .params
            .iter()
            .position(|p| *p == ParamKind::Slot)
            .expect("a changing helper has a slot");
        self.fill(&mut call, inst, 0, &info.params[..slot], imms);
        call.scalars.push(roots);
        self.fill(&mut call, inst, 1, &info.params[slot + 1..], imms);
        let returned = self.call_counted(helper, call);
        let changed = self.load_value(roots, 0);
        self.define(inst, 0, changed);
        self.follow_error(inst, info.ret, returned);
    }

    /// Appends the scalars of `params`, values from operand `next` on.
    fn fill(
        &mut self,
        call: &mut Operands,
        inst: &Inst,
        mut next: usize,
        params: &[ParamKind],
        imms: &[Imm],
    ) {
        let mut imms = imms.iter();
        for param in params {
            match param {
                ParamKind::Own | ParamKind::Ref => {
                    let arg = inst.args[next];
                    next += 1;
                    self.fill_value(call, arg, *param == ParamKind::Own);
                }
                ParamKind::Window => {
                    let (address, count) = self.fill_window(&inst.args[next..]);
                    next = inst.args.len();
                    call.scalars.extend([address, count]);
                }
                ParamKind::Imm | ParamKind::Int | ParamKind::Builtin => {
                    let imm = match imms.next() {
                        Some(Imm::Builtin(builtin)) => self.builtin_address(*builtin),
                        Some(Imm::Number(n)) => self.iconst(*n as i64),
                        None => panic!("{}: an immediate is missing", self.f.name),
                    };
                    call.scalars.push(imm);
                }
                ParamKind::Slot | ParamKind::State | ParamKind::Float | ParamKind::Cache => {
                    panic!(
                        "{}: {param:?} is passed by a method of its own",
                        self.f.name
                    )
                }
            }
        }
    }

    fn fill_value(&mut self, call: &mut Operands, arg: Arg, own: bool) {
        let (tag, bits) = self.val(arg.value).boxed(&mut self.b);
        call.scalars.extend([tag, bits]);
        let counted = self.is_counted(arg.value);
        if counted && own && !arg.last {
            self.retain(arg.value);
        }
        if counted && !own && arg.last {
            call.borrowed.push(arg);
        }
    }

    /// Moves operands to memory; gives address and count. A borrowed operand is counted for the window.
    pub fn fill_window(&mut self, args: &[Arg]) -> (ir::Value, ir::Value) {
        let address = self.window(args.len());
        for (i, arg) in args.iter().enumerate() {
            if !arg.last {
                self.retain(arg.value);
            }
            let value = self.val(arg.value);
            self.store_value(value, address, i as i32 * VALUE_SIZE);
        }
        (address, self.iconst(args.len() as i64))
    }

    fn finish_call(&mut self, inst: &Inst, helper: Helper, call: Operands) -> Val {
        let info = helper.info();
        let returned = self.call_counted(helper, call);
        self.follow_error(inst, info.ret, returned)
    }

    /// The call itself, then the counts that it left to us. The payload of its result is read before those can
    /// disturb it.
    fn call_counted(&mut self, helper: Helper, call: Operands) -> Returned {
        let info = helper.info();
        if info.effect == Effect::Calls {
            self.prepare_call_out();
        }
        let call_inst = self.call_any(helper, &call.scalars);
        let word = self.b.inst_results(call_inst).first().copied();
        let payload = (info.ret == ReturnKind::Val)
            .then(|| self.load(types::I64, self.cx, layout::ctx::RET_BITS));
        for arg in call.borrowed {
            self.release(arg.value);
        }
        Returned { word, payload }
    }

    /// Branches to the instruction's site if the returned word says so, and gives the result as a value.
    fn follow_error(&mut self, inst: &Inst, ret: ReturnKind, returned: Returned) -> Val {
        if inst.site.is_some() {
            let (how, mark) = match ret {
                ReturnKind::Val => (IntCC::Equal, Tag::Error as i64),
                ReturnKind::Bool => (IntCC::Equal, 2),
                ReturnKind::Unit => (IntCC::NotEqual, 0),
                ReturnKind::Float => return Val::Float(returned.word()),
                ReturnKind::Thrown => {
                    self.enter_site(inst);
                    let dead = self.new_block(true);
                    self.b.switch_to_block(dead);
                    return Val::Null;
                }
            };
            let mark = self.iconst(mark);
            let raised = self.b.ins().icmp(how, returned.word(), mark);
            self.enter_site_if(raised, inst);
        }
        match (ret, returned.payload) {
            (ReturnKind::Val, Some(payload)) => Val::Boxed(returned.word(), payload),
            (ReturnKind::Bool, _) => Val::Bool(self.b.ins().ireduce(types::I8, returned.word())),
            _ => Val::Null,
        }
    }

    // -- Loops: the state is in memory during the call

    fn store_state(&mut self, inst: &Inst) -> ir::Value {
        let state = self.roots();
        for i in 0..inst.args.len() {
            let value = self.arg(inst, i);
            self.store_value(value, state, i as i32 * VALUE_SIZE);
        }
        for i in inst.args.len()..STATE_VALUES {
            self.store_value(Val::Null, state, i as i32 * VALUE_SIZE);
        }
        state
    }

    /// Starts a loop over `range(…)`: its arguments become next, end, step.
    fn range_start(&mut self, inst: &Inst) {
        let state = self.store_state(inst);
        let count = self.iconst(inst.args.len() as i64);
        let word = self.call_raw(Helper::range_start, &[self.cx, state, count]);
        // The arguments are numbers, or the call has raised and left them to us.
        inst.args.iter().for_each(|arg| self.release(arg.value));
        self.follow_error(
            inst,
            ReturnKind::Unit,
            Returned {
                word: Some(word),
                payload: None,
            },
        );
        for i in 0..inst.results.len() {
            let bits = self.load(types::I64, state, i as i32 * VALUE_SIZE + BITS);
            self.define(inst, i, Val::Int(bits));
        }
    }

    /// Starts a loop over a value.
    fn iter_start(&mut self, inst: &Inst) {
        let state = self.store_state(inst);
        let word = self.call_raw(Helper::iter_start, &[self.cx, state]);
        let subject = self.load_value(state, 0);
        self.define(inst, 0, subject);
        self.follow_error(
            inst,
            ReturnKind::Unit,
            Returned {
                word: Some(word),
                payload: None,
            },
        );
    }

    /// A step of a loop over a value.
    pub fn iter_next(&mut self, inst: &Inst) {
        if self.steps_inline(inst) {
            return;
        }
        let state = self.store_state(inst);
        self.prepare_call_out();
        let tag = self.call_raw(Helper::iter_next, &[self.cx, state]);
        let payload = self.load(types::I64, self.cx, layout::ctx::RET_BITS);
        let next = self.load(types::I64, state, VALUE_SIZE + BITS);
        self.define(inst, 0, Val::Int(next));
        let item = self.follow_error(
            inst,
            ReturnKind::Val,
            Returned {
                word: Some(tag),
                payload: Some(payload),
            },
        );
        self.define(inst, 1, item);
        let nothing = self.iconst(Tag::Uninit as i64);
        let has = self.b.ins().icmp(IntCC::NotEqual, tag, nothing);
        self.define(inst, 2, Val::Bool(has));
    }
}

/// Values of a loop's state.
const STATE_VALUES: usize = 3;

/// The immediates in the order of the helper's parameters. Changes of places pack more than two into their two words.
pub fn immediates(helper: Helper, [first, second]: [u64; 2]) -> Vec<Imm> {
    let (place, global) = (Imm::Number(first & 0xffff), Imm::Number(first >> 16));
    let (builtin, count) = (Imm::Builtin(second as u16), Imm::Number(second >> 16));
    match helper {
        Helper::update_place | Helper::update_place_cell => vec![place, builtin, count],
        Helper::update_place_global => vec![global, place, builtin, count],
        Helper::store_place_global | Helper::add_place_global => vec![global, place],
        _ => vec![Imm::Number(first), Imm::Number(second)],
    }
}

/// An immediate operand of a helper.
#[derive(Clone, Copy, Debug)]
pub enum Imm {
    /// A number.
    Number(u64),
    /// The address of a builtin's descriptor.
    Builtin(u16),
}

struct Operands {
    scalars: Vec<ir::Value>,
    /// Last uses that the helper only borrows.
    borrowed: Vec<Arg>,
}

struct Returned {
    word: Option<ir::Value>,
    payload: Option<ir::Value>,
}

impl Returned {
    fn word(&self) -> ir::Value {
        self.word.expect("the helper returns a word")
    }
}
