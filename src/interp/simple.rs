//! The instructions that neither jump nor call Ruff functions by themselves, and are not so hot that `run` has them inline.
//!
//! In: an instruction and the registers. Out: changed registers, or an error. One line per row; the work is in `ops`.

use super::frame::Regs;
use super::inst::Inst;
use crate::bytecode::Reg;
use crate::last_bit;
use ruff_runtime::builtins::{self, Builtin};
use ruff_runtime::ctx::Ctx;
use ruff_runtime::error::Result;
use ruff_runtime::ops;
use ruff_runtime::value::Value;

/// Reads a borrowed `src` operand, and drops it afterwards if this was its last use.
macro_rules! borrowing {
    ($regs:ident, $last:ident, $dst:ident, [$($src:ident),+], $result:expr) => {{
        let value: Value = $result;
        $($regs.done(*$src, $last.has(last_bit!($src)));)+
        $regs.set(*$dst, value);
        Ok(())
    }};
}

/// Runs an instruction that is not inline in `run`. `next` is the one after it.
#[inline(never)]
pub fn run(cx: &mut Ctx, mut regs: Regs, op: &Inst, next: Option<&Inst>) -> Result<()> {
    match op {
        Inst::LoadBuiltin { dst, builtin, .. } => {
            regs.set(*dst, Value::builtin(builtins::ALL[builtin.index()]));
            Ok(())
        }
        Inst::NewCell { last, dst, src } => {
            let value = regs.read(*src, last.has(last_bit!(src)));
            let cell = ops::new_cell(cx, value);
            give(regs, *dst, cell)
        }
        Inst::Same { last, dst, a, b } => {
            let same = ops::same(regs.at(*a), regs.at(*b));
            borrowing!(regs, last, dst, [a, b], Value::bool(same))
        }
        Inst::MatchesName { last, dst, a, name } => {
            let matches = ops::matches_name(cx, regs.at(*a), name.0);
            borrowing!(regs, last, dst, [a], Value::bool(matches))
        }
        Inst::Truthy { last, dst, a } => {
            borrowing!(regs, last, dst, [a], Value::bool(ops::truthy(regs.at(*a))))
        }
        Inst::Neg { last, dst, a } => {
            borrowing!(regs, last, dst, [a], ops::neg(cx, regs.at(*a))?)
        }
        Inst::IsFailure { last, dst, src } => {
            borrowing!(
                regs,
                last,
                dst,
                [src],
                Value::bool(ops::is_failure(cx, regs.at(*src))?)
            )
        }

        Inst::GetFieldOpt { last, dst, a, name } => {
            borrowing!(
                regs,
                last,
                dst,
                [a],
                ops::get_field_opt(cx, regs.at(*a), name.0)
            )
        }
        Inst::GetPlace { last, dst, a, name } => {
            borrowing!(
                regs,
                last,
                dst,
                [a],
                ops::get_place(cx, regs.at(*a), name.0)?
            )
        }
        Inst::FieldOrUninit { last, dst, a, name } => {
            borrowing!(
                regs,
                last,
                dst,
                [a],
                ops::field_or_uninit(cx, regs.at(*a), name.0)
            )
        }
        Inst::HasBuiltinMethods { last, dst, a } => {
            let has = ops::has_builtin_methods(regs.at(*a));
            borrowing!(regs, last, dst, [a], Value::bool(has))
        }
        Inst::MatchesTag { last, dst, a, tag } => {
            let matches = ops::matches_tag(cx, regs.at(*a), tag.0);
            borrowing!(regs, last, dst, [a], Value::bool(matches))
        }
        Inst::Payload { last, dst, a, n } => {
            borrowing!(regs, last, dst, [a], ops::payload(regs.at(*a), *n as usize))
        }
        Inst::ElementOrNull { last, dst, a, n } => {
            borrowing!(
                regs,
                last,
                dst,
                [a],
                ops::element_or_null(regs.at(*a), *n as usize)
            )
        }
        Inst::RestOfArray { last, dst, a, n } => {
            borrowing!(
                regs,
                last,
                dst,
                [a],
                ops::rest_of_array(regs.at(*a), *n as usize)
            )
        }
        Inst::EntryOrNull { last, dst, a, name } => {
            borrowing!(
                regs,
                last,
                dst,
                [a],
                ops::entry_or_null(cx, regs.at(*a), name.0)
            )
        }
        Inst::RestOfDict { n, dst, a, base } => {
            let dict = regs.at(*a).clone();
            let rest = ops::rest_of_dict(dict, regs.window(*base, (*n).into()));
            regs.clear(*base, (*n).into());
            give(regs, *dst, rest)
        }
        _ => construct(cx, regs, op, next),
    }
}

#[inline(always)]
fn give(mut regs: Regs, dst: Reg, value: Value) -> Result<()> {
    regs.set(dst, value);
    Ok(())
}

/// Constructors.
fn construct(cx: &mut Ctx, mut regs: Regs, op: &Inst, next: Option<&Inst>) -> Result<()> {
    match op {
        Inst::MakeArray { dst, base, n, .. } => {
            let array = ops::make_array(cx, regs.window(*base, (*n).into()));
            give(regs, *dst, array)
        }
        Inst::MakeDict { dst, base, n, .. } => {
            let dict = ops::make_dict(cx, regs.window(*base, (*n).into()));
            regs.clear(*base, (*n).into());
            give(regs, *dst, dict?)
        }
        Inst::ArrayPush { last, array, src } => {
            let value = regs.read(*src, last.has(last_bit!(src)));
            ops::array_push(cx, regs.at_mut(*array), value);
            Ok(())
        }
        Inst::ArraySpread { last, array, src } => {
            let from = regs.read(*src, last.has(last_bit!(src)));
            ops::array_spread(cx, regs.at_mut(*array), &from)
        }
        Inst::DictSet {
            last,
            dict,
            key,
            src,
        } => {
            let value = regs.read(*src, last.has(last_bit!(src)));
            let key = regs.read(*key, last.has(last_bit!(key)));
            ops::dict_set(cx, regs.at_mut(*dict), &key, value)
        }
        Inst::DictSpread { last, dict, src } => {
            let from = regs.read(*src, last.has(last_bit!(src)));
            ops::dict_spread(cx, regs.at_mut(*dict), &from)
        }
        Inst::MakeStruct {
            n,
            dst,
            base,
            literal,
        } => {
            let value = ops::make_struct(cx, literal.0, regs.window(*base, (*n).into()));
            give(regs, *dst, value)
        }
        Inst::MakeStructDef { n, dst, base } => {
            let methods = ops::make_struct_def(cx, regs.window(*base, (*n).into()));
            give(regs, *dst, methods)
        }
        Inst::MakeTagged { n, dst, base, tag } => {
            let value = ops::make_tagged(cx, tag.0, regs.window(*base, (*n).into()));
            regs.clear(*base, (*n).into());
            give(regs, *dst, value)
        }
        Inst::MakeOk { last, dst, src } => {
            let value = regs.read(*src, last.has(last_bit!(src)));
            give(regs, *dst, ops::make_ok(cx, value))
        }
        Inst::MakeErr { last, dst, src } => {
            let value = regs.read(*src, last.has(last_bit!(src)));
            give(regs, *dst, ops::make_err(cx, value))
        }
        Inst::MakeSome { last, dst, src } => {
            let value = regs.read(*src, last.has(last_bit!(src)));
            give(regs, *dst, ops::make_some(cx, value))
        }
        Inst::MakeNone { dst, .. } => give(regs, *dst, ops::make_none(cx)),
        Inst::MakeClosure { n, dst, base, func } => {
            let closure = ops::make_closure(cx, func.0, regs.window(*base, (*n).into()));
            give(regs, *dst, closure)
        }
        Inst::Concat { dst, base, n, .. } => {
            let text = ops::concat(cx, regs.window(*base, (*n).into()))?;
            regs.clear(*base, (*n).into());
            give(regs, *dst, text)
        }
        _ => place(cx, regs, op, next),
    }
}

/// Writing to places, loops' starts, modules.
fn place(cx: &mut Ctx, mut regs: Regs, op: &Inst, next: Option<&Inst>) -> Result<()> {
    match op {
        Inst::SetField {
            last,
            root,
            src,
            name,
        } => {
            let value = regs.read(*src, last.has(last_bit!(src)));
            ops::set_field(cx, regs.at_mut(*root), name.0, value)
        }
        Inst::StorePlace {
            n,
            root,
            base,
            place,
        } => in_window(regs, *base, *n, |window| {
            // The window lies above all live registers, so it does not contain the root.
            let mut regs = regs;
            ops::store_place(cx, regs.at_mut(*root), place.0, window)
        }),
        Inst::AddPlace {
            n,
            root,
            base,
            place,
        } => in_window(regs, *base, *n, |window| {
            let mut regs = regs;
            ops::add_place(cx, regs.at_mut(*root), place.0, window)
        }),
        Inst::UpdatePlace {
            n,
            root,
            base,
            place,
        } => in_window(regs, *base, *n, |window| {
            let mut regs = regs;
            let (builtin, count) = update_with(next);
            ops::update_place(cx, regs.at_mut(*root), place.0, window, builtin, count)
        }),
        Inst::StorePlaceGlobal {
            n,
            global,
            base,
            place,
        } => in_window(regs, *base, *n, |window| {
            ops::store_place_global(cx, global.0, place.0, window)
        }),
        Inst::AddPlaceGlobal {
            n,
            global,
            base,
            place,
        } => in_window(regs, *base, *n, |window| {
            ops::add_place_global(cx, global.0, place.0, window)
        }),
        Inst::UpdatePlaceGlobal {
            n,
            global,
            base,
            place,
        } => in_window(regs, *base, *n, |window| {
            let (builtin, count) = update_with(next);
            ops::update_place_global(cx, global.0, place.0, window, builtin, count)
        }),
        Inst::StorePlaceCell {
            n,
            cell,
            base,
            place,
        } => in_window(regs, *base, *n, |window| {
            ops::store_place_cell(cx, regs.at(*cell), place.0, window)
        }),
        Inst::AddPlaceCell {
            n,
            cell,
            base,
            place,
        } => in_window(regs, *base, *n, |window| {
            ops::add_place_cell(cx, regs.at(*cell), place.0, window)
        }),
        Inst::UpdatePlaceCell {
            n,
            cell,
            base,
            place,
        } => in_window(regs, *base, *n, |window| {
            let (builtin, count) = update_with(next);
            ops::update_place_cell(cx, regs.at(*cell), place.0, window, builtin, count)
        }),
        Inst::RangeStart { n, base, .. } => {
            ops::range_start(cx, regs.window(*base, 3), (*n).into())
        }
        Inst::IterStart { base, .. } => ops::iter_start(cx, regs.window(*base, 2)),
        Inst::ImportModule { module, .. } => ops::import_module(cx, module.0),
        Inst::ModuleNamespace { dst, module, .. } => {
            let namespace = ops::module_namespace(cx, module.0);
            give(regs, *dst, namespace)
        }
        _ => unreachable!("{op:?} is inline in the interpreter's loop"),
    }
}

/// Runs an operation on a window and drops what it leaves there.
#[inline(always)]
fn in_window(
    mut regs: Regs,
    base: Reg,
    n: u8,
    operation: impl FnOnce(&mut [Value]) -> Result<()>,
) -> Result<()> {
    let result = operation(regs.window(base, n.into()));
    regs.clear(base, n.into());
    result
}

/// The builtin and the number of its arguments that follow an update of a place.
fn update_with(next: Option<&Inst>) -> (&'static Builtin, usize) {
    match next {
        Some(Inst::UpdateWith { n, builtin }) => (builtins::ALL[builtin.index()], (*n).into()),
        _ => unreachable!("verified: update_with follows"),
    }
}
