//! The builder's arms: what each bytecode instruction becomes. An index; the work is in `build`.

use super::build::Builder;
use super::ir::*;
use super::types::Type;
use crate::bytecode::op::Op;
use crate::bytecode::operand::{Last, Reg};
use crate::for_each_op;
use crate::last_bit;
use ruff_runtime::abi::Helper;
use ruff_runtime::fault;
use ruff_runtime::image::Const;
use ruff_runtime::value::Tag;

macro_rules! via_helper {
    (via $helper:ident) => {
        Some(Helper::$helper)
    };
    (custom) => {
        None
    };
}

macro_rules! define_via {
    ($($(#[$doc:meta])* $name:ident = $Variant:ident($byte:ident) { $($f:ident: $k:ident),* $(,)? } $how:ident $($helper:ident)?;)*) => {
        /// The runtime operation of a `via` row.
        fn via(op: &Op) -> Option<Helper> {
            match op { $(Op::$Variant { .. } => via_helper!($how $($helper)?),)* }
        }
    };
}
for_each_op!(define_via);

const NO_IMMS: [u64; 2] = [0, 0];

impl Builder<'_> {
    /// Appends what an instruction does.
    pub(super) fn build_op(&mut self, op: Op) {
        if let Some(helper) = via(&op) {
            return self.build_via(helper, op);
        }
        match op {
            Op::LoadConst { dst, k, .. } => self.load_const(dst, k.0),
            Op::LoadInt { dst, n, .. } => self.define(dst, InstOp::ConstInt { n: i64::from(n) }),
            Op::LoadBool { dst, b, .. } => self.define(dst, InstOp::ConstBool { b: b != 0 }),
            Op::LoadNull { dst, .. } => self.define(dst, InstOp::ConstNull {}),
            Op::LoadUninit { dst, .. } => self.define(dst, InstOp::ConstUninit {}),
            Op::LoadBuiltin { dst, builtin, .. } => {
                self.define(dst, InstOp::ConstBuiltin { builtin: builtin.0 })
            }
            Op::Move { dst, src, last } => self.copy(dst, src, last),
            Op::Clear { dst, .. } => self.clear(dst),

            Op::LoadGlobal { dst, global, .. } => self.load_global(dst, global.0),
            Op::LoadGlobalRaw { dst, global, .. } => {
                self.define(dst, InstOp::LoadGlobal { global: global.0 })
            }
            Op::StoreGlobal { src, global, last } => {
                let value = self.read_owned(src, last.has(last_bit!(src)));
                self.put(InstOp::StoreGlobal { global: global.0 }, vec![value]);
            }
            Op::NewCell { dst, src, last } => {
                let value = self.read(src, last.has(last_bit!(src)));
                self.call(Helper::new_cell, NO_IMMS, vec![value], dst);
            }
            Op::LoadCell { dst, cell, last } => {
                let cell = self.read(cell, last.has(last_bit!(cell)));
                let value = self.make(InstOp::LoadCell {}, vec![Arg::borrowed(cell.value)]);
                self.set(dst, value);
                self.give_up(cell);
            }
            Op::StoreCell { cell, src, last } => {
                let cell = self.read(cell, last.has(last_bit!(cell)));
                let value = self.read(src, last.has(last_bit!(src)));
                self.put(
                    InstOp::Helper {
                        helper: Helper::store_cell,
                        imms: NO_IMMS,
                    },
                    vec![cell, value],
                );
            }
            Op::LoadCapture { dst, capture, .. } => {
                self.define(dst, InstOp::LoadCapture { capture: capture.0 })
            }
            Op::LoadCallee { dst, .. } => self.define(dst, InstOp::LoadCallee {}),
            Op::CheckInit { src, name, last } => {
                let raw = self.take(src);
                let op = InstOp::CheckInit {
                    error: Helper::undefined_name,
                    index: name.0,
                };
                let value = self.make_raising(op, vec![raw]);
                self.keep_or_give_up(src, value, last.has(last_bit!(src)));
            }
            Op::IsUninit { dst, src, last } => {
                let value = self.read(src, last.has(last_bit!(src)));
                let ty = Type::of(Tag::Uninit);
                let result = self.make(InstOp::HasType { ty }, vec![Arg::borrowed(value.value)]);
                self.set(dst, result);
                self.give_up(value);
            }

            Op::AddImm { dst, a, n, last } => self.arith_imm(Helper::add, dst, a, n, last),
            Op::SubImm { dst, a, n, last } => self.arith_imm(Helper::sub, dst, a, n, last),

            Op::Jump { to, .. } => {
                let edge = self.edge_after_deaths(self.block_at(to.index()));
                self.end(Terminator::Jump(edge));
            }
            Op::JumpIf { cond, to, last } => {
                let cond = self.condition(cond, last);
                self.branch(cond, to.index());
            }
            Op::JumpIfNot { cond, to, last } => {
                let cond = self.condition(cond, last);
                let cond = self.make(InstOp::NotBool {}, vec![Arg::borrowed(cond)]);
                self.branch(cond, to.index());
            }
            Op::JumpIfNull { src, to, last } => {
                let value = self.read(src, last.has(last_bit!(src)));
                let cond = self.make(
                    InstOp::HasType { ty: Type::NULL },
                    vec![Arg::borrowed(value.value)],
                );
                self.give_up(value);
                self.branch(cond, to.index());
            }
            Op::Return { src, last } => {
                let value = self.read_owned(src, last.has(last_bit!(src)));
                self.leave(value.value);
            }
            Op::ReturnNull { .. } => {
                let null = self.constant(InstOp::ConstNull {});
                self.leave(null);
            }
            Op::LoopHead { .. } => {}
            Op::Raise { message, .. } => {
                self.raise(Helper::raise, [u64::from(message.0), 0], Vec::new())
            }
            Op::Catch { dst, .. } => self.define(dst, InstOp::Catch {}),
            Op::CatchNone { .. } => self.put(
                InstOp::Helper {
                    helper: Helper::catch_none,
                    imms: NO_IMMS,
                },
                Vec::new(),
            ),

            Op::Call { n, dst, base } => {
                self.call_window(InstOp::CallValue {}, base, u16::from(n) + 1, dst)
            }
            Op::CallFunc { n, dst, base, func } => {
                self.call_window(InstOp::CallFunc { func: func.0 }, base, u16::from(n), dst);
            }
            Op::CallBuiltin {
                n,
                dst,
                base,
                builtin,
            } => {
                self.call_window(
                    InstOp::CallBuiltin { builtin: builtin.0 },
                    base,
                    u16::from(n),
                    dst,
                );
            }
            Op::CallMethod { n, dst, base, name } => {
                self.call_window(
                    InstOp::CallMethod { name: name.0 },
                    base,
                    u16::from(n) + 1,
                    dst,
                );
            }

            Op::MakeArray { dst, base, n, .. } => {
                self.construct(Helper::make_array, 0, base, n, dst)
            }
            Op::MakeDict { dst, base, n, .. } => self.construct(Helper::make_dict, 0, base, n, dst),
            Op::MakeStruct {
                n,
                dst,
                base,
                literal,
            } => {
                self.construct(
                    Helper::make_struct,
                    u64::from(literal.0),
                    base,
                    u16::from(n),
                    dst,
                );
            }
            Op::MakeTagged { n, dst, base, tag } => {
                self.construct(
                    Helper::make_tagged,
                    u64::from(tag.0),
                    base,
                    u16::from(n),
                    dst,
                );
            }
            Op::MakeClosure { n, dst, base, func } => {
                self.construct(
                    Helper::make_closure,
                    u64::from(func.0),
                    base,
                    u16::from(n),
                    dst,
                );
            }
            Op::MakeStructDef { n, dst, base } => {
                self.construct(Helper::make_struct_def, 0, base, u16::from(n), dst)
            }
            Op::Concat { dst, base, n, .. } => self.construct(Helper::concat, 0, base, n, dst),
            Op::RestOfDict { n, dst, a, base } => {
                let mut args = vec![self.read(a, false)];
                args.extend(self.window(base, u16::from(n)));
                self.call(Helper::rest_of_dict, NO_IMMS, args, dst);
            }
            Op::ArrayPush { array, src, last } => {
                let value = self.read(src, last.has(last_bit!(src)));
                self.change(Helper::array_push, NO_IMMS, array, vec![value]);
            }
            Op::ArraySpread { array, src, last } => {
                let value = self.read(src, last.has(last_bit!(src)));
                self.change(Helper::array_spread, NO_IMMS, array, vec![value]);
            }
            Op::DictSet {
                dict,
                key,
                src,
                last,
            } => {
                let args = vec![
                    self.read(key, last.has(last_bit!(key))),
                    self.read(src, last.has(last_bit!(src))),
                ];
                self.change(Helper::dict_set, NO_IMMS, dict, args);
            }
            Op::DictSpread { dict, src, last } => {
                let value = self.read(src, last.has(last_bit!(src)));
                self.change(Helper::dict_spread, NO_IMMS, dict, vec![value]);
            }

            Op::SetIndex {
                root,
                at,
                src,
                last,
            } => {
                let args = vec![
                    self.read_beside(root, at, last.has(last_bit!(at))),
                    self.read_beside(root, src, last.has(last_bit!(src))),
                ];
                self.change(Helper::set_index, NO_IMMS, root, args);
            }
            Op::SetField {
                root,
                src,
                name,
                last,
            } => {
                let value = self.read_beside(root, src, last.has(last_bit!(src)));
                self.change(Helper::set_field, [u64::from(name.0), 0], root, vec![value]);
            }
            Op::StorePlace {
                n,
                root,
                base,
                place,
            } => {
                let window = self.window(base, u16::from(n));
                self.change(Helper::store_place, [u64::from(place.0), 0], root, window);
            }
            Op::AddPlace {
                n,
                root,
                base,
                place,
            } => {
                let window = self.window(base, u16::from(n));
                self.change(Helper::add_place, [u64::from(place.0), 0], root, window);
            }
            Op::UpdatePlace {
                n,
                root,
                base,
                place,
            } => {
                let with = self.updating_builtin();
                let window = self.window(base, u16::from(n));
                self.change(
                    Helper::update_place,
                    [u64::from(place.0), with],
                    root,
                    window,
                );
            }
            Op::StorePlaceGlobal {
                n,
                global,
                base,
                place,
            } => {
                self.shared_place(
                    Helper::store_place_global,
                    Some(global.0),
                    None,
                    place.0,
                    base,
                    n,
                );
            }
            Op::AddPlaceGlobal {
                n,
                global,
                base,
                place,
            } => {
                self.shared_place(
                    Helper::add_place_global,
                    Some(global.0),
                    None,
                    place.0,
                    base,
                    n,
                );
            }
            Op::UpdatePlaceGlobal {
                n,
                global,
                base,
                place,
            } => {
                self.shared_place(
                    Helper::update_place_global,
                    Some(global.0),
                    None,
                    place.0,
                    base,
                    n,
                );
            }
            Op::StorePlaceCell {
                n,
                cell,
                base,
                place,
            } => {
                self.shared_place(Helper::store_place_cell, None, Some(cell), place.0, base, n);
            }
            Op::AddPlaceCell {
                n,
                cell,
                base,
                place,
            } => {
                self.shared_place(Helper::add_place_cell, None, Some(cell), place.0, base, n);
            }
            Op::UpdatePlaceCell {
                n,
                cell,
                base,
                place,
            } => {
                self.shared_place(
                    Helper::update_place_cell,
                    None,
                    Some(cell),
                    place.0,
                    base,
                    n,
                );
            }
            Op::UpdateWith { .. } => {}

            Op::RangeStart { n, base } => self.range_start(base, u16::from(n)),
            Op::RangeNext { base, end, .. } => self.range_next(base, end.index()),
            Op::IterStart { base, .. } => self.iter_start(base),
            Op::IterNext { base, end, .. } => self.iter_next(base, end.index()),

            Op::ImportModule { module, .. } => {
                self.effect(Helper::import_module, [u64::from(module.0), 0], Vec::new())
            }
            Op::ModuleNamespace { dst, module, .. } => {
                self.call(
                    Helper::module_namespace,
                    [u64::from(module.0), 0],
                    Vec::new(),
                    dst,
                );
            }
            _ => unreachable!("{} is a via row", op.name()),
        }
    }

    fn build_via(&mut self, helper: Helper, op: Op) {
        let arith = matches!(
            helper,
            Helper::add | Helper::sub | Helper::mul | Helper::div | Helper::rem | Helper::neg
        );
        let compare = matches!(
            helper,
            Helper::eq | Helper::ne | Helper::lt | Helper::le | Helper::gt | Helper::ge
        );
        if !arith && !compare && helper != Helper::truthy {
            if helper == Helper::throw {
                let mut source = None;
                op.operands(|_, operand| {
                    if let crate::bytecode::operand::Operand::Src(r, last) = operand {
                        source = Some((r, last))
                    }
                });
                let (r, last) = source.expect("throw has an operand");
                let value = self.read(r, last);
                return self.raise(helper, NO_IMMS, vec![value]);
            }
            return self.via(helper, op);
        }
        let mut sources = Vec::new();
        let mut dst = Reg(0);
        op.operands(|_, operand| match operand {
            crate::bytecode::operand::Operand::Dst(r) => dst = r,
            crate::bytecode::operand::Operand::Src(r, last) => sources.push((r, last)),
            _ => {}
        });
        let args: Vec<Arg> = sources
            .into_iter()
            .map(|(r, last)| self.read(r, last))
            .collect();
        let result = if helper == Helper::truthy {
            self.make(InstOp::Truthy {}, args)
        } else if arith {
            self.make_raising(InstOp::Arith { how: helper }, args)
        } else {
            self.make_raising(InstOp::CompareAny { how: helper }, args)
        };
        self.set(dst, result);
    }

    // -- Shapes of instructions

    fn define(&mut self, dst: Reg, op: InstOp) {
        let value = self.constant(op);
        self.set(dst, value);
    }

    /// A helper with a result.
    fn call(&mut self, helper: Helper, imms: [u64; 2], args: Vec<Arg>, dst: Reg) {
        let result = self.make_raising(InstOp::Helper { helper, imms }, args);
        self.set(dst, result);
    }

    /// A helper without result that may raise.
    fn effect(&mut self, helper: Helper, imms: [u64; 2], args: Vec<Arg>) {
        let site = self.site();
        self.emit(
            InstOp::Helper { helper, imms },
            args,
            Vec::new(),
            Some(site),
        );
    }

    /// A helper that always raises.
    fn raise(&mut self, helper: Helper, imms: [u64; 2], args: Vec<Arg>) {
        self.effect(helper, imms, args);
        self.end(Terminator::Unreachable);
    }

    fn construct(&mut self, helper: Helper, imm: u64, base: Reg, n: u16, dst: Reg) {
        let window = self.window(base, n);
        self.call(helper, [imm, 0], window, dst);
    }

    fn call_window(&mut self, op: InstOp, base: Reg, n: u16, dst: Reg) {
        let window = self.window(base, n);
        let result = self.make_raising(op, window);
        self.set(dst, result);
    }

    /// A `src` operand of which the instruction needs a count of its own.
    fn read_owned(&mut self, r: Reg, last: bool) -> Arg {
        let arg = self.read(r, last);
        if !arg.last {
            self.put(InstOp::Retain {}, vec![Arg::borrowed(arg.value)]);
        }
        Arg::owned(arg.value)
    }

    /// A `src` operand of an instruction that changes `root`. A kept register that is both has two holders meanwhile, which
    /// the values do not show: the count does.
    fn read_beside(&mut self, root: Reg, r: Reg, last: bool) -> Arg {
        match self.keeps() && r == root && !fault!(KeptPartsAreBorrowed) {
            true => self.read_owned(r, last),
            false => self.read(r, last),
        }
    }

    /// Puts a value back into the register that it came from, unless that was its last use.
    fn keep_or_give_up(&mut self, r: Reg, value: ValueId, last: bool) {
        if last {
            self.put(InstOp::Release {}, vec![Arg::owned(value)]);
        } else {
            self.replace(r, value);
        }
    }

    // -- Instructions with work of their own

    fn load_const(&mut self, dst: Reg, k: u32) {
        let op = match &self.program.image.consts[k as usize] {
            Const::Int(n) => InstOp::ConstInt { n: *n },
            Const::Float(x) => InstOp::ConstFloat { bits: x.to_bits() },
            Const::Null => InstOp::ConstNull {},
            Const::Bool(b) => InstOp::ConstBool { b: *b },
            Const::Str(_) | Const::Array(_) | Const::Dict(_) => InstOp::ConstPool { k },
        };
        self.define(dst, op);
    }

    fn copy(&mut self, dst: Reg, src: Reg, last: Last) {
        let value = self.read_owned(src, last.has(last_bit!(src)));
        self.set(dst, value.value);
    }

    fn clear(&mut self, dst: Reg) {
        let value = self.read(dst, true);
        self.give_up(value);
    }

    fn load_global(&mut self, dst: Reg, global: u16) {
        let raw = self.constant(InstOp::LoadGlobal { global });
        let value = self.make_raising(
            InstOp::CheckInit {
                error: Helper::undefined_global,
                index: global,
            },
            vec![Arg::owned(raw)],
        );
        self.set(dst, value);
    }

    fn arith_imm(&mut self, how: Helper, dst: Reg, a: Reg, n: i16, last: Last) {
        let a = self.read(a, last.has(last_bit!(a)));
        let n = self.constant(InstOp::ConstInt { n: i64::from(n) });
        let result = self.make_raising(InstOp::Arith { how }, vec![a, Arg::borrowed(n)]);
        self.set(dst, result);
    }

    fn condition(&mut self, cond: Reg, last: Last) -> ValueId {
        let cond = self.read(cond, last.has(last_bit!(cond)));
        self.make(InstOp::Truthy {}, vec![cond])
    }

    /// Leaves the function with an owned value; everything else that is owned is given up.
    fn leave(&mut self, value: ValueId) {
        for other in self.owned() {
            self.put(InstOp::Release {}, vec![Arg::owned(other)]);
        }
        self.end(Terminator::Return(value));
    }

    /// The builtin that the `update_with` after this instruction names, and its number of arguments, in one word.
    fn updating_builtin(&self) -> u64 {
        match self.func.code.get(self.pc + 1) {
            Some(Op::UpdateWith { n, builtin, .. }) => u64::from(builtin.0) | u64::from(*n) << 16,
            _ => unreachable!("the verifier wants update_with after update_place"),
        }
    }

    /// A change of a place whose root is a global or a captured variable.
    fn shared_place(
        &mut self,
        helper: Helper,
        global: Option<u16>,
        cell: Option<Reg>,
        place: u16,
        base: Reg,
        n: u8,
    ) {
        let updates = matches!(
            helper,
            Helper::update_place_global | Helper::update_place_cell
        );
        let with = if updates { self.updating_builtin() } else { 0 };
        let mut args: Vec<Arg> = cell
            .map(|r| Arg::borrowed(self.peek(r)))
            .into_iter()
            .collect();
        args.extend(self.window(base, u16::from(n)));
        let imms = [u64::from(place) | global.map_or(0, u64::from) << 16, with];
        self.effect(helper, imms, args);
        if let Some(cell) = cell {
            self.give_up_if_dead(cell);
        }
    }

    fn range_start(&mut self, base: Reg, n: u16) {
        let window = self.window(base, n);
        let state = [
            self.f.value(Type::NONE),
            self.f.value(Type::NONE),
            self.f.value(Type::NONE),
        ];
        let site = self.site();
        let op = InstOp::Helper {
            helper: Helper::range_start,
            imms: NO_IMMS,
        };
        self.emit(op, window, state.to_vec(), Some(site));
        for (i, value) in state.into_iter().enumerate() {
            self.set(base.plus(i as u16), value);
        }
    }

    fn range_next(&mut self, base: Reg, end: usize) {
        let state: Vec<Arg> = base.span(3).map(|r| Arg::borrowed(self.peek(r))).collect();
        let results = [
            self.f.value(Type::NONE),
            self.f.value(Type::NONE),
            self.f.value(Type::NONE),
        ];
        self.emit(InstOp::RangeNext {}, state, results.to_vec(), None);
        self.replace(base, results[0]);
        self.branch_loop(results[2], base.plus(3), results[1], end);
    }

    fn iter_start(&mut self, base: Reg) {
        self.change(Helper::iter_start, NO_IMMS, base, Vec::new());
        self.define(base.plus(1), InstOp::ConstInt { n: 0 });
    }

    fn iter_next(&mut self, base: Reg, end: usize) {
        let state = vec![
            Arg::borrowed(self.peek(base)),
            Arg::borrowed(self.peek(base.plus(1))),
        ];
        let results = [
            self.f.value(Type::NONE),
            self.f.value(Type::NONE),
            self.f.value(Type::NONE),
        ];
        let site = self.site();
        self.emit(InstOp::IterNext {}, state, results.to_vec(), Some(site));
        self.replace(base.plus(1), results[0]);
        self.branch_loop(results[2], base.plus(2), results[1], end);
    }
}
