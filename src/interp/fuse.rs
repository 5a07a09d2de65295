//! Chooses instructions that do the work of several, and drops work that has no effect.
//!
//! In: a verified function. Out: its instructions for the loop. A sequence is fused where the registers in its middle
//! are read by nobody else and own nothing: they are then not written at all.
//! It does not know how the fused instructions work; that they do the same is said by their doc lines in `inst`.

use super::inst::{Inst, When};
use super::owned::Owned;
use crate::bytecode::liveness::RegSet;
use crate::bytecode::{Func, Label, Op, Reg};
use crate::last_bit;
use crate::reach::{self, Table};
use ruff_runtime::builtins;
use ruff_runtime::fault;

/// Appends the instructions of a function.
pub fn append(func: &Func, code: &mut Vec<Inst>) {
    Owned::of(func).forward(func, |at, owned| {
        let window = Window { func, at, owned };
        let inst = window.fused().unwrap_or_else(|| window.plain());
        if let Some(name) = inst.fused() {
            reach::note(Table::Fused, name);
        }
        code.push(inst);
    });
}

/// An instruction and those that follow it.
struct Window<'a> {
    func: &'a Func,
    at: usize,
    /// What may own something before the instruction.
    owned: &'a RegSet,
}

impl Window<'_> {
    /// The instruction `n` further on.
    fn op(&self, n: usize) -> Option<Op> {
        self.func.code.get(self.at + n).copied()
    }

    fn plain(&self) -> Inst {
        Inst::new(self.func.code[self.at], self.at)
    }

    /// Whether the register owns nothing before the instruction.
    fn is_idle(&self, r: Reg) -> bool {
        !self.owned.contains(r)
    }

    fn is_loop_head(&self, label: Label) -> bool {
        matches!(self.func.code[label.index()], Op::LoopHead { .. })
    }

    fn distance(&self, to: Label) -> Option<i16> {
        i16::try_from(to.index() as i64 - self.at as i64).ok()
    }

    fn fused(&self) -> Option<Inst> {
        match self.op(0)? {
            Op::LoadInt { dst, n, .. } => self.with_int(dst, n),
            Op::Move { last, dst, src } if !last.has(last_bit!(src)) => self.get(dst, src),
            Op::LoadBool { dst, b, .. } => self.set_bool(dst, b != 0),
            Op::Add { dst, a, b, .. } if dst == a => self.step_by(a, b),
            Op::AddImm { dst, a, n, .. } if dst == a => self.step(a, n),
            Op::SubImm { dst, a, n, .. } if dst == a => self.step(a, n.checked_neg()?),
            Op::Not { dst, a, .. } => {
                let (sense, to) = self.jump_on(1, dst, &[a])?;
                let (sense, to) = (!sense, self.distance(to)?);
                Some(Inst::JumpBool { sense, a, to })
            }
            Op::IsUninit { last, dst, src } if !last.has(last_bit!(src)) => {
                let (sense, to) = self.jump_on(1, dst, &[])?;
                let (a, to) = (src, self.distance(to)?);
                Some(Inst::JumpUninit { sense, a, to })
            }
            Op::Jump { to, .. } if self.is_loop_head(to) => match self.plain() {
                Inst::Jump { to, .. } => Some(Inst::JumpBack { to }),
                _ => None,
            },
            Op::CallBuiltin {
                n,
                dst,
                base,
                builtin,
            } => match (builtins::ALL[builtin.index()].name, n) {
                ("push", 2) => Some(Inst::Push {
                    n,
                    dst,
                    base,
                    builtin,
                }),
                ("len", 1) => Some(Inst::Len {
                    n,
                    dst,
                    base,
                    builtin,
                }),
                _ => None,
            },
            Op::Return { src, .. } => {
                let only = self.owned.iter().all(|r| r == src);
                only.then_some(Inst::ReturnOnly { src })
            }
            _ => self.compare_and_jump(),
        }
    }

    /// The jump at `n` if it alone reads `dst`, which owns nothing before or is one of the operands (that own nothing if the fused
    /// instruction does its work): when it jumps, and where to.
    fn jump_on(&self, n: usize, dst: Reg, operands: &[Reg]) -> Option<(bool, Label)> {
        let (sense, last, read, to) = match self.op(n)? {
            Op::JumpIf { last, cond, to } => (true, last, cond, to),
            Op::JumpIfNot { last, cond, to } => (false, last, cond, to),
            _ => return None,
        };
        let idle = self.is_idle(dst) || operands.contains(&dst);
        let fits = read == dst && last.has(last_bit!(cond)) && idle;
        fits.then_some((sense, to))
    }

    fn compare_and_jump(&self) -> Option<Inst> {
        let (how, dst, a, b, _) = comparison(self.op(0)?)?;
        let (sense, to) = self.jump_on(1, dst, &[a, b])?;
        let back = self.is_loop_head(to);
        let (when, unless) = (When::new(sense, back), When::new(!sense, back));
        let to = self.distance(to)?;
        Some(match how {
            Comparison::Eq => Inst::JumpEq { when, a, b, to },
            Comparison::Ne => Inst::JumpEq {
                when: unless,
                a,
                b,
                to,
            },
            Comparison::Lt => Inst::JumpLt { when, a, b, to },
            Comparison::Le => Inst::JumpLe { when, a, b, to },
            Comparison::Gt => Inst::JumpLt {
                when,
                a: b,
                b: a,
                to,
            },
            Comparison::Ge => Inst::JumpLe {
                when,
                a: b,
                b: a,
                to,
            },
        })
    }

    /// `load_int k, n` and an operation that alone reads `k`, as its right operand.
    fn with_int(&self, k: Reg, n: i32) -> Option<Inst> {
        if !self.is_idle(k) {
            return None;
        }
        let arithmetic = |a: Reg, b: Reg, last: bool| {
            let fits = b == k && a != k && last;
            u8::try_from(a.0).ok().filter(|_| fits)
        };
        match self.op(1)? {
            Op::Mul { last, dst, a, b } => {
                let a = arithmetic(a, b, last.has(last_bit!(b)))?;
                Some(Inst::MulInt { a, dst, n })
            }
            Op::Div { last, dst, a, b } => {
                let a = arithmetic(a, b, last.has(last_bit!(b)))?;
                Some(Inst::DivInt { a, dst, n })
            }
            Op::Rem { last, dst, a, b } => {
                let a = arithmetic(a, b, last.has(last_bit!(b)))?;
                Some(Inst::RemInt { a, dst, n })
            }
            compare => {
                let (how, dst, a, b, last) = comparison(compare)?;
                let n = i16::try_from(n).ok()?;
                if b != k || a == k || !last {
                    return None;
                }
                let (sense, to) = self.jump_on(2, dst, &[a, b])?;
                let back = self.is_loop_head(to);
                let to = self.distance(to)?;
                // Between ints, `a <= n` is `a < n + 1`.
                let (contrary, n) = match how {
                    Comparison::Eq | Comparison::Lt => (false, n),
                    Comparison::Ne | Comparison::Ge => (true, n),
                    Comparison::Le if fault!(FusedComparisonIsStrict) => (false, n),
                    Comparison::Le => (false, n.checked_add(1)?),
                    Comparison::Gt => (true, n.checked_add(1)?),
                };
                let when = When::new(sense != contrary, back);
                Some(match how {
                    Comparison::Eq | Comparison::Ne => Inst::JumpEqInt { when, a, n, to },
                    _ => Inst::JumpLtInt { when, a, n, to },
                })
            }
        }
    }

    /// `get` of copies of `a` and of another register, with a small int for what is not there. `base` has the copy of `a`.
    fn get(&self, base: Reg, a: Reg) -> Option<Inst> {
        let Op::Move {
            last,
            dst: second,
            src: key,
        } = self.op(1)?
        else {
            return None;
        };
        let Op::LoadInt { dst: third, n, .. } = self.op(2)? else {
            return None;
        };
        let Op::CallBuiltin {
            n: 3,
            dst,
            base: window,
            builtin,
        } = self.op(3)?
        else {
            return None;
        };
        let gets = matches!(builtins::ALL[builtin.index()].name, "get" | "get_default");
        let registers = [base, base.plus(1), base.plus(2)];
        let fits = gets
            && [window, second, third] == registers
            && !last.has(last_bit!(src))
            && registers
                .iter()
                .all(|r| self.is_idle(*r) && *r != a && *r != key);
        let n = i8::try_from(n).ok()?;
        fits.then_some(Inst::Get { n, dst, a, key })
    }

    /// A bool in `dst` that is then stored in an array, and nowhere else.
    fn set_bool(&self, dst: Reg, value: bool) -> Option<Inst> {
        let Op::SetIndex {
            last,
            root,
            at,
            src,
        } = self.op(1)?
        else {
            return None;
        };
        let alone = src == dst && root != dst && at != dst && self.is_idle(dst);
        let fits = alone && last.has(last_bit!(src));
        fits.then_some(Inst::SetBool { value, root, at })
    }

    /// `counter = counter + by`, the comparison of a loop, and its jump back.
    fn step_by(&self, counter: Reg, by: Reg) -> Option<Inst> {
        let (how, b, to) = self.ends_loop(counter)?;
        let small = |r: Reg| u8::try_from(r.0).ok();
        let (a, by, b) = (small(counter)?, small(by)?, small(b)?);
        matches!(how, Comparison::Lt).then_some(Inst::StepByLt { a, by, b, to })
    }

    /// `counter = counter + n`, the comparison of a loop, and its jump back.
    fn step(&self, counter: Reg, n: i16) -> Option<Inst> {
        let (how, b, to) = self.ends_loop(counter)?;
        let (step, a) = (i8::try_from(n).ok()?, counter);
        match how {
            Comparison::Lt => Some(Inst::StepLt { step, a, b, to }),
            Comparison::Le => Some(Inst::StepLe { step, a, b, to }),
            _ => None,
        }
    }

    /// After the step of a counter: its comparison, with what, and the jump to the head of the loop if that holds.
    fn ends_loop(&self, counter: Reg) -> Option<(Comparison, Reg, i16)> {
        let (how, dst, a, b, _) = comparison(self.op(1)?)?;
        let (sense, to) = self.jump_on(2, dst, &[a, b])?;
        if a != counter || b == counter || !sense || !self.is_loop_head(to) {
            return None;
        }
        Some((how, b, self.distance(to)?))
    }
}

enum Comparison {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// How an instruction compares, its operands, and whether this is the last use of the right one.
fn comparison(op: Op) -> Option<(Comparison, Reg, Reg, Reg, bool)> {
    let (how, last, dst, a, b) = match op {
        Op::Eq { last, dst, a, b } => (Comparison::Eq, last, dst, a, b),
        Op::Ne { last, dst, a, b } => (Comparison::Ne, last, dst, a, b),
        Op::Lt { last, dst, a, b } => (Comparison::Lt, last, dst, a, b),
        Op::Le { last, dst, a, b } => (Comparison::Le, last, dst, a, b),
        Op::Gt { last, dst, a, b } => (Comparison::Gt, last, dst, a, b),
        Op::Ge { last, dst, a, b } => (Comparison::Ge, last, dst, a, b),
        _ => return None,
    };
    Some((how, dst, a, b, last.has(last_bit!(b))))
}
