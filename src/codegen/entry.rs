//! Entries: from the generic signature, arguments in memory, to the bodies, arguments in registers.

use super::cx::{BITS, VALUE_SIZE};
use super::guard::{self, Guard};
use super::val::{Val, registers};
use super::{Body, Compiler};
use crate::ssa::types::{Repr, Type};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, InstBuilder, MemFlagsData, types};
use cranelift_frontend::FunctionBuilder;
use cranelift_module::{FuncId, Module};
use ruff_runtime::fault;
use ruff_runtime::layout;
use ruff_runtime::layout::array::{self, Storage};
use ruff_runtime::value::Tag;

/// Lowers an entry that tries the bodies in order. What fits none goes to the entry `otherwise`; without one, the last body fits any
/// arguments that can come.
pub fn lower(
    unit: &mut Compiler,
    mut b: FunctionBuilder,
    bodies: &[Body],
    otherwise: Option<FuncId>,
) {
    let block = b.create_block();
    b.append_block_params_for_function_params(block);
    b.switch_to_block(block);
    let (cx, callee, args) = match *b.block_params(block) {
        [cx, callee, args] => (cx, callee, args),
        _ => unreachable!("the entry signature has three parameters"),
    };
    for (i, body) in bodies.iter().enumerate() {
        let next = b.create_block();
        if i + 1 < bodies.len() || otherwise.is_some() {
            guard(&mut b, args, &body.ty.params, next);
            if unit.shape.guards_fail {
                fail(&mut b, next);
            }
        }
        call(unit, &mut b, cx, callee, args, body);
        b.switch_to_block(next);
    }
    match otherwise {
        Some(id) => {
            let entry = unit.module.declare_func_in_func(id, b.func);
            let call = b.ins().call(entry, &[cx, callee, args]);
            let tag = b.inst_results(call)[0];
            b.ins().return_(&[tag]);
        }
        None => {
            b.ins().trap(ir::TrapCode::unwrap_user(1));
        }
    }
    b.seal_all_blocks();
    let config = unit.module.target_config();
    b.finalize(config);
}

/// Goes to `next` unless the arguments have the types.
fn guard(b: &mut FunctionBuilder, args: ir::Value, params: &[Type], next: ir::Block) {
    for (i, ty) in params.iter().enumerate() {
        let Some(tag) = ty.only_tag() else { continue };
        if fault!(EntriesGuardFirstArgument) && i > 0 {
            continue;
        }
        guard::note(Guard::ArgumentTag);
        let actual = b.ins().load(
            types::I64,
            MemFlagsData::trusted(),
            args,
            i as i32 * VALUE_SIZE,
        );
        let expected = b.ins().iconst(types::I64, tag as i64);
        let fits = b.ins().icmp(IntCC::Equal, actual, expected);
        let go_on = b.create_block();
        b.ins().brif(fits, go_on, &[], next, &[]);
        b.switch_to_block(go_on);
        if tag == Tag::Array && !Type::ARRAY.is(*ty) {
            let at = i as i32 * VALUE_SIZE + BITS;
            let object = b.ins().load(types::I64, MemFlagsData::trusted(), args, at);
            guard_array(b, object, *ty, next);
        }
    }
}

/// Goes to `next`, whatever the arguments are.
fn fail(b: &mut FunctionBuilder, next: ir::Block) {
    let go_on = b.create_block();
    let never = b.ins().iconst(types::I64, 0);
    b.ins().brif(never, go_on, &[], next, &[]);
    b.switch_to_block(go_on);
}

/// Goes to `next` unless the array has a storage of the type: the one of its elements, or none of boxed values without elements.
fn guard_array(b: &mut FunctionBuilder, object: ir::Value, ty: Type, next: ir::Block) {
    let flags = MemFlagsData::trusted();
    let storage = b.ins().load(types::I64, flags, object, array::STORAGE);
    let (no_elements, go_on) = (b.create_block(), b.create_block());
    match ty.only_storage() {
        Some(only) => {
            guard::note(Guard::ArgumentStorage);
            let fits = b.ins().icmp_imm_u(IntCC::Equal, storage, only as i64);
            b.ins().brif(fits, go_on, &[], no_elements, &[]);
        }
        None => {
            b.ins().jump(no_elements, &[]);
        }
    }
    b.switch_to_block(no_elements);
    guard::note(Guard::ArgumentEmpty);
    let len = b.ins().load(types::I64, flags, object, array::LEN);
    let boxed = b
        .ins()
        .icmp_imm_u(IntCC::Equal, storage, Storage::Values as i64);
    let boxed = b.ins().uextend(types::I64, boxed);
    let unfit = b.ins().bor(len, boxed);
    b.ins().brif(unfit, next, &[], go_on, &[]);
    b.switch_to_block(go_on);
}

fn call(
    unit: &mut Compiler,
    b: &mut FunctionBuilder,
    cx: ir::Value,
    callee: ir::Value,
    args: ir::Value,
    body: &Body,
) {
    let flags = MemFlagsData::trusted();
    let depth = b.ins().load(types::I64, flags, cx, layout::ctx::DEPTH);
    let weight = b.ins().iconst(types::I64, i64::from(body.ty.weight));
    let depth = b.ins().iadd(depth, weight);
    let mut scalars = vec![cx, depth];
    if unit.shape.keeps_frames {
        scalars.push(b.ins().load(types::I64, flags, cx, layout::ctx::FRAME));
    }
    if body.ty.needs_callee {
        scalars.push(callee);
    }
    for (i, ty) in body.ty.params.iter().enumerate() {
        let at = i as i32 * VALUE_SIZE;
        let tag = b.ins().load(types::I64, flags, args, at);
        let bits = b.ins().load(types::I64, flags, args, at + BITS);
        scalars.extend(Val::Boxed(tag, bits).convert(*ty, b).parts());
    }
    let func = unit.module.declare_func_in_func(body.id, b.func);
    let call = b.ins().call(func, &scalars);
    let returned = b.inst_results(call).to_vec();
    let (tag, bits) = Val::from_registers(body.ty.ret, &returned).boxed(b);
    b.ins().store(flags, bits, cx, layout::ctx::RET_BITS);
    let tag = match body.ty.ret.repr() {
        Repr::Boxed => tag,
        _ => {
            let raised = returned[registers(body.ty.ret).len()];
            let error = b.ins().iconst(types::I64, Tag::Error as i64);
            b.ins().select(raised, error, tag)
        }
    };
    b.ins().return_(&[tag]);
}
