//! The offsets and sizes that generated code may use: all it knows of the runtime's memory besides the helpers.
//!
//! In: the `#[repr(C)]` types. Out: byte offsets as `i32`, the form in which loads and stores take them. Offsets
//! of objects count from the object's header, where a value's payload points. All targets have 64-bit pointers, so the
//! offsets of the compiling machine are those of the target.

use crate::heap::HeapObject;
use core::mem::offset_of;

const fn body<T>(offset: usize) -> i32 {
    (offset_of!(HeapObject<T>, body) + offset) as i32
}

/// A boxed value in memory.
pub mod value {
    pub use crate::value::FIRST_HEAP_TAG;
    /// The tag.
    pub const TAG: i32 = 0;
    /// The payload.
    pub const BITS: i32 = 8;
    /// Bytes of a value.
    pub const SIZE: i32 = size_of::<crate::value::Value>() as i32;
}

/// [`crate::ctx::Ctx`]
pub mod ctx {
    use super::*;
    use crate::ctx::Ctx;
    /// Payload of a result.
    pub const RET_BITS: i32 = offset_of!(Ctx, ret_bits) as i32;
    /// Call depth of the function that calls out.
    pub const DEPTH: i32 = offset_of!(Ctx, depth) as i32;
    /// Depth at which a call raises.
    pub const MAX_DEPTH: i32 = offset_of!(Ctx, max_depth) as i32;
    /// Lowest address of the machine stack at which a call may start.
    pub const STACK_LIMIT: i32 = offset_of!(Ctx, stack_limit) as i32;
    /// Frame record of the function that calls out.
    pub const FRAME: i32 = offset_of!(Ctx, frame) as i32;
    /// Pointer to the constants.
    pub const CONSTS: i32 = offset_of!(Ctx, consts) as i32;
    /// Pointer to the globals.
    pub const GLOBALS: i32 = offset_of!(Ctx, globals) as i32;
    /// Pointer to the function table.
    pub const FUNCS: i32 = offset_of!(Ctx, funcs) as i32;
    /// Pointer to the table of pointers to function objects without captures, by function.
    pub const FUNC_OBJECTS: i32 = offset_of!(Ctx, func_objects) as i32;
    /// Pointer to where code leaves what registers hold.
    pub const RESUME: i32 = offset_of!(Ctx, resume) as i32;
}

/// [`crate::heap::Header`]
pub mod header {
    use super::*;
    use crate::heap::Header;
    pub use crate::heap::IMMORTAL;
    /// The 32-bit count.
    pub const COUNT: i32 = offset_of!(Header, count) as i32;
    /// Bytes of the header: where the body begins.
    pub const SIZE: i32 = size_of::<Header>() as i32;
}

/// [`crate::ctx::FuncInfo`]
pub mod func_info {
    use super::*;
    use crate::ctx::FuncInfo;
    /// Where a call goes.
    pub const ENTRY: i32 = offset_of!(FuncInfo, entry) as i32;
    /// 32-bit number of parameters.
    pub const ARITY: i32 = offset_of!(FuncInfo, arity) as i32;
    /// 32-bit index of the function.
    pub const ID: i32 = offset_of!(FuncInfo, id) as i32;
    /// 32-bit counter of calls and loop iterations.
    pub const HEAT: i32 = offset_of!(FuncInfo, heat) as i32;
    /// Bytes of an element of the function table.
    pub const SIZE: i32 = size_of::<FuncInfo>() as i32;
}

/// [`crate::ctx::FrameRecord`]
pub mod frame {
    use super::*;
    use crate::ctx::FrameRecord;
    /// The caller's record.
    pub const PARENT: i32 = offset_of!(FrameRecord, parent) as i32;
    /// The active function.
    pub const FUNC: i32 = offset_of!(FrameRecord, func) as i32;
    /// Bytes of a record.
    pub const SIZE: i32 = size_of::<FrameRecord>() as i32;
}

/// [`crate::object::Func`]. Entries get the address of the body: the payload of the value plus [`header::SIZE`].
pub mod func {
    use super::*;
    use crate::object::Func;
    /// Pointer to the function's `FuncInfo`.
    pub const INFO: i32 = body::<Func>(offset_of!(Func, info));
    /// Pointer to the captured values.
    pub const CAPTURES: i32 = body::<Func>(Func::CAPTURES);
}

/// [`crate::object::Cell`]
pub mod cell {
    use super::*;
    use crate::object::Cell;
    /// The variable's value.
    pub const VALUE: i32 = body::<Cell>(offset_of!(Cell, value));
}

/// [`crate::object::Array`]
pub mod array {
    use super::*;
    use crate::object::Array;
    pub use crate::object::Storage;
    /// 64-bit [`Storage`].
    pub const STORAGE: i32 = body::<Array>(Array::OFFSETS[0]);
    /// Pointer to the elements.
    pub const DATA: i32 = body::<Array>(Array::OFFSETS[1]);
    /// Number of elements.
    pub const LEN: i32 = body::<Array>(Array::OFFSETS[2]);
    /// Elements that fit before the storage must grow.
    pub const CAPACITY: i32 = body::<Array>(Array::OFFSETS[3]);
}

/// [`crate::object::Record`]
pub mod record {
    use super::*;
    use crate::object::Record;
    /// Address of the shape.
    pub const SHAPE: i32 = body::<Record>(Record::OFFSETS[0]);
    /// The value of the first field; the others follow.
    pub const VALUES: i32 = body::<Record>(Record::OFFSETS[1]);
}

/// [`crate::object::FieldCache`]
pub mod field_cache {
    use crate::object::FieldCache;
    /// Address of the shape.
    pub const SHAPE: i32 = FieldCache::OFFSETS[0] as i32;
    /// Where a struct of that shape has the field: bytes from its header.
    pub const OFFSET: i32 = FieldCache::OFFSETS[1] as i32;
    /// Bytes of a cache.
    pub const SIZE: i32 = size_of::<FieldCache>() as i32;
}
