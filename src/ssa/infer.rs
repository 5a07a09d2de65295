//! Type inference over one version, and the fixpoint over all versions of a program.
//!
//! Forward data flow on the SSA form: a value's type is the union of what can reach it; types start at nothing
//! and only grow, so loops and recursion settle at the least fixpoint (Kildall, "A unified approach to global
//! program optimization", 1973; over SSA values as in Wegman & Zadeck, 1991, without their branch pruning).
//!
//! In: functions as built, argument types. Out: the type of every value and of every return.

use super::ir::{Function, Inst, InstOp, Terminator, ValueId};
use super::types::Type;
use ruff_runtime::abi::Helper;
use ruff_runtime::builtins::{self, ResultType};
use ruff_runtime::fault;
use ruff_runtime::image::{Const, Step};
use ruff_runtime::object::Storage;
use ruff_runtime::ops::FIRST_PART;
use ruff_runtime::value::Tag;

/// What inference asks about the rest of the program.
pub trait Surroundings {
    /// The type that the function returns for these arguments.
    fn returned(&mut self, func: u16, args: &[Type]) -> Type;
    /// The type of a global variable, the uninitialised mark included if it may be read so early.
    fn global(&mut self, global: u16) -> Type;
    /// A store to a global variable.
    fn stored(&mut self, global: u16, ty: Type);
    /// A constant.
    fn constant(&self, k: u32) -> &Const;
    /// The steps of a place.
    fn steps(&self, place: u16) -> &[Step];
}

/// Computes `f.types` and `f.ret` from the types of the parameters.
pub fn infer(f: &mut Function, around: &mut dyn Surroundings) {
    let parameters = f.params().to_vec();
    for (index, ty) in f.types.iter_mut().enumerate() {
        if !parameters.contains(&ValueId(index as u32)) {
            *ty = Type::NONE;
        }
    }
    f.ret = Type::NONE;
    let order = super::order::reverse_postorder(f);
    let mut changed = true;
    while changed {
        changed = false;
        for &block in &order {
            let insts = std::mem::take(&mut f.blocks[block.index()].insts);
            for inst in &insts {
                changed |= infer_inst(f, inst, around);
                if let Some(site) = inst.site
                    && let Some(edge) = f.sites[site.index()].handler.clone()
                    && !fault!(HandlersHaveNoTypes)
                {
                    changed |= flow(f, edge.to.index(), &edge.args);
                }
            }
            f.blocks[block.index()].insts = insts;
            let end = f.blocks[block.index()].end.clone();
            if let Some(Terminator::Return(value)) = end {
                let ret = f.ret.union(f.ty(value));
                changed |= ret != f.ret;
                f.ret = ret;
            }
            let edges: Vec<_> = f.blocks[block.index()].edges().cloned().collect();
            for edge in edges {
                changed |= flow(f, edge.to.index(), &edge.args);
            }
        }
    }
}

fn flow(f: &mut Function, to: usize, args: &[ValueId]) -> bool {
    let mut changed = false;
    for (i, &arg) in args.iter().enumerate() {
        let param = f.blocks[to].params[i];
        changed |= widen(f, param, f.ty(arg));
    }
    changed
}

fn widen(f: &mut Function, value: ValueId, ty: Type) -> bool {
    let wider = f.ty(value).union(ty);
    let changed = wider != f.ty(value);
    f.types[value.index()] = wider;
    changed
}

fn infer_inst(f: &mut Function, inst: &Inst, around: &mut dyn Surroundings) -> bool {
    let args: Vec<Type> = inst.args.iter().map(|a| f.ty(a.value)).collect();
    match inst.op {
        InstOp::StoreGlobal { global } => around.stored(global, args[0]),
        InstOp::Helper { helper, imms } => change_global(helper, imms, &args, around),
        _ => {}
    }
    if args.iter().any(|ty| ty.is_none()) || inst.results.is_empty() {
        return false;
    }
    let mut changed = false;
    for (i, &result) in inst.results.iter().enumerate() {
        let ty = result_type(inst, i, &args, around);
        changed |= widen(f, result, ty);
    }
    changed
}

/// Notes what an operation that changes a place with a global as root makes of that.
fn change_global(helper: Helper, imms: [u64; 2], args: &[Type], around: &mut dyn Surroundings) {
    let (place, global) = (imms[0] as u16, (imms[0] >> 16) as u16);
    let old = match helper {
        Helper::store_place_global | Helper::add_place_global | Helper::update_place_global => {
            around.global(global).without(Type::of(Tag::Uninit))
        }
        _ => return,
    };
    let new = match helper {
        Helper::store_place_global => kept(old),
        _ if !around.steps(place).is_empty() => kept(old),
        Helper::add_place_global => args
            .first()
            .map_or(Type::ANY, |&by| arith(Helper::add, &[old, by])),
        _ => update_result(imms[1], args),
    };
    around.stored(global, new);
}

/// The type of result number `i`, given the types of the operands.
fn result_type(inst: &Inst, i: usize, args: &[Type], around: &mut dyn Surroundings) -> Type {
    match inst.op {
        InstOp::ConstInt { .. } => Type::INT,
        InstOp::ConstFloat { .. } => Type::FLOAT,
        InstOp::ConstBool { .. } => Type::BOOL,
        InstOp::ConstNull {} => Type::NULL,
        InstOp::ConstUninit {} => Type::of(Tag::Uninit),
        InstOp::ConstBuiltin { .. } => Type::of(Tag::Builtin),
        InstOp::ConstPool { k } => constant(k, around),
        InstOp::AddInt { .. }
        | InstOp::SubInt { .. }
        | InstOp::MulInt { .. }
        | InstOp::DivInt {}
        | InstOp::RemInt {}
        | InstOp::NegInt {}
        | InstOp::Small {} => Type::INT,
        InstOp::AddFloat {}
        | InstOp::SubFloat {}
        | InstOp::MulFloat {}
        | InstOp::DivFloat {}
        | InstOp::RemFloat {}
        | InstOp::NegFloat {}
        | InstOp::IntToFloat {} => Type::FLOAT,
        InstOp::IsSmall {}
        | InstOp::CmpInt { .. }
        | InstOp::CmpFloat { .. }
        | InstOp::CmpBool { .. }
        | InstOp::NotBool {}
        | InstOp::Truthy {}
        | InstOp::HasType { .. } => Type::BOOL,
        InstOp::Arith { how } => arith(how, args),
        InstOp::CompareAny { .. } => {
            if args[0].may_be(Type::of(Tag::Struct)) {
                Type::ANY
            } else {
                Type::BOOL
            }
        }
        InstOp::Helper {
            helper: Helper::update_place,
            imms,
        } if around.steps(imms[0] as u16).is_empty() => {
            // After an error it is as before.
            args[0].union(update_result(imms[1], &args[1..]))
        }
        InstOp::Helper {
            helper: Helper::add_place,
            imms,
        } if around.steps(imms[0] as u16).is_empty() => args[0].union(arith(Helper::add, args)),
        InstOp::Helper { helper, .. } => helper_result(helper, args),
        InstOp::LoadGlobal { global } => around.global(global),
        InstOp::CheckInit { .. } => args[0].without(Type::of(Tag::Uninit)),
        InstOp::LoadCell {} => Type::ANY.union(Type::of(Tag::Uninit)),
        InstOp::LoadCapture { .. } | InstOp::LoadKept { .. } | InstOp::TakeKept { .. } => {
            Type::REGISTER
        }
        InstOp::LoadCallee {} => Type::of(Tag::Func),
        InstOp::CallFunc { func } => around.returned(func, args),
        InstOp::CallBuiltin { builtin } => builtin_result(builtin, args),
        InstOp::CallValue {} | InstOp::CallVersion { .. } | InstOp::CallMethod { .. } => Type::ANY,
        InstOp::RangeNext {} => [Type::INT, Type::INT, Type::BOOL][i],
        InstOp::IterNext {} => [Type::INT, item(args[0]), Type::BOOL][i],
        InstOp::Catch {} => Type::of(Tag::Struct),
        InstOp::Retain {}
        | InstOp::Release {}
        | InstOp::StoreGlobal { .. }
        | InstOp::StoreKept { .. }
        | InstOp::LeaveLoop { .. }
        | InstOp::Located { .. }
        | InstOp::Unwound { .. }
        | InstOp::CheckDepth { .. } => Type::NONE,
    }
}

/// A value whose parts may have changed, as far as that changes its type.
fn kept(root: Type) -> Type {
    if root.may_be(Type::ARRAY) {
        root.union(Type::ARRAY)
    } else {
        root
    }
}

/// What iterating over a value of some type gives.
fn item(subject: Type) -> Type {
    let countable = Type::NUMBER;
    if subject.is(countable) {
        return Type::INT;
    }
    if subject.is(Type::STR) {
        return Type::STR.union(Type::NULL);
    }
    if subject.is(Type::ARRAY) {
        return subject.element();
    }
    Type::ANY
}

fn arith(how: Helper, args: &[Type]) -> Type {
    let a = args[0];
    if a.may_be(Type::of(Tag::Struct)) {
        return Type::ANY;
    }
    let mut ty = Type::NONE;
    if how == Helper::neg {
        for number in [Type::INT, Type::FLOAT] {
            if a.may_be(number) {
                ty = ty.union(number);
            }
        }
        return ty;
    }
    let b = args[1];
    if a.may_be(Type::INT) && b.may_be(Type::INT) {
        ty = ty.union(Type::INT);
    }
    let float = a.may_be(Type::FLOAT) && b.may_be(Type::NUMBER)
        || b.may_be(Type::FLOAT) && a.may_be(Type::NUMBER);
    if float {
        ty = ty.union(Type::FLOAT);
    }
    if how == Helper::add && a.may_be(Type::STR) && b.may_be(Type::STR) {
        ty = ty.union(Type::STR);
    }
    ty
}

fn builtin_result(builtin: u16, args: &[Type]) -> Type {
    let builtin = &builtins::ALL[builtin as usize];
    if let Some(ty) = array_result(builtin.name, args) {
        return ty;
    }
    match builtin.result {
        ResultType::Any => Type::ANY,
        ResultType::Null => Type::NULL,
        ResultType::Bool => Type::BOOL,
        ResultType::Int => Type::INT,
        ResultType::Float => Type::FLOAT,
        ResultType::Str => Type::STR,
        ResultType::Bytes => Type::of(Tag::Bytes),
        ResultType::Array | ResultType::Pair => Type::of(Tag::Array),
        ResultType::Dict => Type::of(Tag::Dict),
    }
}

/// What a place gets from the builtin, with its number of arguments, that updates it.
fn update_result(with: u64, args: &[Type]) -> Type {
    if (with >> 16) as usize & FIRST_PART != 0 {
        // What is left of the first argument.
        return kept(args[0]);
    }
    builtin_result(with as u16, args)
}

/// What the builtins that make or keep arrays of known storage give.
fn array_result(builtin: &str, args: &[Type]) -> Option<Type> {
    match (builtin, args) {
        ("push" | "append", [array, value]) => Some(array.with_appended(*value)),
        ("range", _) => Some(Type::EMPTY_ARRAY.union(Type::array_of(Storage::Ints))),
        _ => None,
    }
}

/// The type of a constant.
fn constant(k: u32, around: &dyn Surroundings) -> Type {
    match around.constant(k) {
        Const::Null => Type::NULL,
        Const::Bool(_) => Type::BOOL,
        Const::Int(_) => Type::INT,
        Const::Float(_) => Type::FLOAT,
        Const::Str(_) => Type::STR,
        Const::Array(parts) => {
            let parts: Vec<Type> = parts.iter().map(|&part| constant(part, around)).collect();
            array_literal(&parts)
        }
        Const::Dict(_) => Type::of(Tag::Dict),
    }
}

/// An array of these elements. A literal has the narrowest storage.
fn array_literal(elements: &[Type]) -> Type {
    let Some((first, rest)) = elements.split_first() else {
        return Type::EMPTY_ARRAY;
    };
    let mixed = Type::array_of(Storage::Values);
    if rest.iter().any(|ty| !ty.may_be(*first)) {
        return mixed;
    }
    let same = elements
        .iter()
        .fold(*first, |ty, element| ty.both(*element));
    let uniform = Type::array_with(same);
    if elements
        .iter()
        .all(|ty| ty == first && ty.only_tag().is_some())
    {
        uniform
    } else {
        uniform.union(mixed)
    }
}

/// The runtime operations whose result is known better than "any value".
fn helper_result(helper: Helper, args: &[Type]) -> Type {
    match helper {
        Helper::not => {
            if args[0].may_be(Type::of(Tag::Struct)) {
                Type::ANY
            } else {
                Type::BOOL
            }
        }
        Helper::is_failure
        | Helper::same
        | Helper::matches_name
        | Helper::matches_tag
        | Helper::has_builtin_methods => Type::BOOL,
        Helper::make_array => array_literal(args),
        Helper::array_push => args[0].both(Type::ARRAY).with_appended(args[1]),
        // The next part of a long literal.
        Helper::array_spread
            if args[0] == args[1]
                && args[0].is(Type::ARRAY)
                && args[0].element().only_tag().is_some() =>
        {
            args[0]
        }
        Helper::array_spread | Helper::rest_of_array => Type::ARRAY,
        Helper::index if args[0].is(Type::ARRAY) => args[0].element(),
        Helper::index if args[0].is(Type::STR) => Type::STR,
        Helper::make_dict | Helper::dict_set | Helper::dict_spread | Helper::rest_of_dict => {
            Type::of(Tag::Dict)
        }
        Helper::make_struct => Type::of(Tag::Struct),
        Helper::make_ok
        | Helper::make_err
        | Helper::make_some
        | Helper::make_none
        | Helper::make_tagged => Type::of(Tag::Variant),
        Helper::make_closure => Type::of(Tag::Func),
        Helper::concat => Type::STR,
        Helper::new_cell => Type::CELL,
        Helper::module_namespace => Type::of(Tag::Module),
        Helper::field_or_uninit => Type::ANY.union(Type::of(Tag::Uninit)),
        Helper::range_start => Type::INT,
        // A place keeps its root: what is written to changes its parts, not its kind. After an error it is as before.
        Helper::set_index => {
            let array = args[0].both(Type::ARRAY);
            args[0].union(array.with_element(args[2]))
        }
        Helper::set_field | Helper::store_place | Helper::add_place | Helper::update_place => {
            kept(args[0])
        }
        Helper::iter_start if args[0].is(Type::NUMBER) => Type::INT,
        Helper::iter_start => args[0],
        _ => Type::ANY,
    }
}
