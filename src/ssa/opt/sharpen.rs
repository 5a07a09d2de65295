//! Turns operations on any values into typed ones where inference knows the types.
//!
//! After this pass arithmetic on known ints and floats is on raw registers, counting of uncounted values is gone, and loops
//! over ints and ranges are compares and adds.

use crate::ssa::ir::{Arg, Check, Compare, Function, Inst, InstOp, SiteId, ValueId};
use crate::ssa::rewrite::Replacement;
use crate::ssa::types::Type;
use ruff_runtime::abi::Helper;
use ruff_runtime::value::Tag;
use rustc_hash::FxHashSet;

/// Runs the pass.
pub fn run(f: &mut Function) -> bool {
    let mut replacement = Replacement::new(f);
    let mut ones = f
        .blocks
        .iter()
        .flat_map(|b| &b.insts)
        .filter(is_one)
        .map(|inst| inst.results[0])
        .collect();
    for block in f.block_ids() {
        let insts = std::mem::take(&mut f.blocks[block.index()].insts);
        let mut out = Sharpener {
            f,
            replacement: &mut replacement,
            ones: &mut ones,
            insts: Vec::with_capacity(insts.len()),
        };
        for inst in insts {
            out.sharpen(inst);
        }
        let insts = out.insts;
        f.blocks[block.index()].insts = insts;
    }
    replacement.apply(f);
    true
}

struct Sharpener<'a> {
    f: &'a mut Function,
    replacement: &'a mut Replacement,
    /// Values that are the int 1.
    ones: &'a mut FxHashSet<ValueId>,
    insts: Vec<Inst>,
}

fn is_one(inst: &&Inst) -> bool {
    inst.op == InstOp::ConstInt { n: 1 }
}

impl Sharpener<'_> {
    fn ty(&mut self, arg: Arg) -> Type {
        let value = self.replacement.find(arg.value);
        self.f.ty(value)
    }

    /// Appends an instruction on raw values that gives `result`.
    fn put(&mut self, op: InstOp, args: &[ValueId], result: ValueId, site: Option<SiteId>) {
        let args = args.iter().map(|v| Arg::borrowed(*v)).collect();
        self.insts.push(Inst {
            op,
            args,
            results: vec![result],
            site,
        });
    }

    /// Appends an instruction on raw values and gives its new result.
    fn make(&mut self, op: InstOp, args: &[ValueId], ty: Type) -> ValueId {
        let result = self.f.value(ty);
        self.put(op, args, result, None);
        result
    }

    fn as_float(&mut self, arg: Arg) -> ValueId {
        if self.ty(arg) == Type::FLOAT {
            return arg.value;
        }
        self.make(InstOp::IntToFloat {}, &[arg.value], Type::FLOAT)
    }

    fn sharpen(&mut self, inst: Inst) {
        let kept = match inst.op {
            InstOp::Arith { how } => self.arith(how, &inst),
            InstOp::CompareAny { how } => self.compare(how, &inst),
            InstOp::Truthy {} => self.truthy(&inst),
            InstOp::HasType { ty } => self.has_type(ty, &inst),
            InstOp::Retain {} | InstOp::Release {} => !self.ty(inst.args[0]).may_be_counted(),
            InstOp::CheckInit { .. } => self.pass_if_initialised(&inst),
            InstOp::Helper { helper, .. } => self.helper(helper, &inst),
            InstOp::RangeNext {} => self.range_next(&inst),
            InstOp::IterNext {} => self.iter_next(&inst),
            _ => false,
        };
        if !kept {
            self.insts.push(inst);
        }
    }

    fn arith(&mut self, how: Helper, inst: &Inst) -> bool {
        let types: Vec<Type> = inst.args.iter().map(|a| self.ty(*a)).collect();
        let values: Vec<ValueId> = inst.args.iter().map(|a| a.value).collect();
        let result = inst.results[0];
        if types.iter().all(|ty| *ty == Type::INT) {
            let op = match how {
                Helper::add => InstOp::AddInt { check: Check::Flag },
                Helper::sub => InstOp::SubInt { check: Check::Flag },
                Helper::mul => InstOp::MulInt { check: Check::Flag },
                Helper::div => InstOp::DivInt {},
                Helper::rem => InstOp::RemInt {},
                Helper::neg => InstOp::NegInt {},
                _ => return false,
            };
            self.put(op, &values, result, inst.site);
            return true;
        }
        if !types
            .iter()
            .all(|ty| *ty == Type::INT || *ty == Type::FLOAT)
        {
            return false;
        }
        let (op, site) = match how {
            Helper::add => (InstOp::AddFloat {}, None),
            Helper::sub => (InstOp::SubFloat {}, None),
            Helper::mul => (InstOp::MulFloat {}, None),
            Helper::div => (InstOp::DivFloat {}, inst.site),
            Helper::rem => (InstOp::RemFloat {}, inst.site),
            Helper::neg => (InstOp::NegFloat {}, None),
            _ => return false,
        };
        let floats: Vec<ValueId> = inst.args.iter().map(|a| self.as_float(*a)).collect();
        self.put(op, &floats, result, site);
        true
    }

    fn compare(&mut self, how: Helper, inst: &Inst) -> bool {
        let Some(compare) = comparison(how) else {
            return false;
        };
        let (a, b) = (inst.args[0], inst.args[1]);
        let (ta, tb) = (self.ty(a), self.ty(b));
        let result = inst.results[0];
        let raw = |ty: Type| ty == Type::INT || ty == Type::FLOAT;
        if ta == Type::INT && tb == Type::INT {
            self.put(
                InstOp::CmpInt { how: compare },
                &[a.value, b.value],
                result,
                None,
            );
        } else if raw(ta) && raw(tb) {
            let floats = [self.as_float(a), self.as_float(b)];
            self.put(InstOp::CmpFloat { how: compare }, &floats, result, None);
        } else if ta == Type::BOOL
            && tb == Type::BOOL
            && matches!(compare, Compare::Eq | Compare::Ne)
        {
            self.put(
                InstOp::CmpBool { how: compare },
                &[a.value, b.value],
                result,
                None,
            );
        } else {
            return false;
        }
        true
    }

    fn truthy(&mut self, inst: &Inst) -> bool {
        if self.ty(inst.args[0]) != Type::BOOL {
            return false;
        }
        self.replacement
            .replace(inst.results[0], inst.args[0].value);
        true
    }

    fn has_type(&mut self, wanted: Type, inst: &Inst) -> bool {
        let ty = self.ty(inst.args[0]);
        let b = if ty.is(wanted) {
            true
        } else if !ty.may_be(wanted) {
            false
        } else {
            return false;
        };
        self.put(InstOp::ConstBool { b }, &[], inst.results[0], None);
        true
    }

    fn pass_if_initialised(&mut self, inst: &Inst) -> bool {
        if self.ty(inst.args[0]).may_be(Type::of(Tag::Uninit)) {
            return false;
        }
        self.replacement
            .replace(inst.results[0], inst.args[0].value);
        true
    }

    fn helper(&mut self, helper: Helper, inst: &Inst) -> bool {
        match helper {
            Helper::not if self.ty(inst.args[0]) == Type::BOOL => {
                self.put(
                    InstOp::NotBool {},
                    &[inst.args[0].value],
                    inst.results[0],
                    None,
                );
                true
            }
            Helper::range_start => self.range_start(inst),
            // Iterating over an int or an array needs no preparation.
            Helper::iter_start if self.ty(inst.args[0]).is(Type::INT.union(Type::ARRAY)) => {
                self.replacement
                    .replace(inst.results[0], inst.args[0].value);
                true
            }
            _ => false,
        }
    }

    /// A range over ints needs no call: the state is start, end, step.
    fn range_start(&mut self, inst: &Inst) -> bool {
        let ints: Vec<ValueId> = inst.args.iter().map(|a| a.value).collect();
        if !inst.args.iter().all(|a| self.ty(*a) == Type::INT) || ints.is_empty() || ints.len() > 2
        {
            return false;
        }
        let one = self.one();
        let (start, end) = match ints[..] {
            [end] => (self.make(InstOp::ConstInt { n: 0 }, &[], Type::INT), end),
            _ => (ints[0], ints[1]),
        };
        for (result, value) in inst.results.iter().zip([start, end, one]) {
            self.replacement.replace(*result, value);
        }
        true
    }

    /// A range with step 1 is a compare and an add that cannot overflow.
    fn range_next(&mut self, inst: &Inst) -> bool {
        let step = self.replacement.find(inst.args[2].value);
        if !self.ones.contains(&step) {
            return false;
        }
        let (next, end) = (inst.args[0].value, inst.args[1].value);
        self.count_up(next, end, step, &inst.results);
        true
    }

    fn one(&mut self) -> ValueId {
        let one = self.make(InstOp::ConstInt { n: 1 }, &[], Type::INT);
        self.ones.insert(one);
        one
    }

    fn iter_next(&mut self, inst: &Inst) -> bool {
        if self.ty(inst.args[0]) != Type::INT {
            return false;
        }
        let one = self.one();
        let (end, position) = (inst.args[0].value, inst.args[1].value);
        self.count_up(position, end, one, &inst.results);
        true
    }

    /// `[at + step, at, at < end]`. The sum is only used where `at < end` holds, so it needs no check.
    fn count_up(&mut self, at: ValueId, end: ValueId, step: ValueId, results: &[ValueId]) {
        self.put(
            InstOp::CmpInt { how: Compare::Lt },
            &[at, end],
            results[2],
            None,
        );
        self.put(
            InstOp::AddInt { check: Check::Fits },
            &[at, step],
            results[0],
            None,
        );
        self.replacement.replace(results[1], at);
    }
}

/// The comparison behind a compare helper.
fn comparison(how: Helper) -> Option<Compare> {
    Some(match how {
        Helper::eq => Compare::Eq,
        Helper::ne => Compare::Ne,
        Helper::lt => Compare::Lt,
        Helper::le => Compare::Le,
        Helper::gt => Compare::Gt,
        Helper::ge => Compare::Ge,
        _ => return None,
    })
}
