//! The interpreter's memory: the program's text, the stack of registers and the stack of frames, which never move.
//!
//! In: a verified program, sizes. Out: [`Text`], [`Code`], [`Frame`]s and [`Regs`], which check nothing at run time.
//! They do not know the instructions.

use super::fuse;
use super::inst::Inst;
use crate::bytecode::{self, Program, Reg};
use ruff_runtime::ctx::{FrameRecord, FuncInfo};
use ruff_runtime::fault;
use ruff_runtime::heap::HeapObject;
use ruff_runtime::object::Func;
use ruff_runtime::os::memory;
use ruff_runtime::value::Value;
use std::cell::Cell;
use std::ops::Range;
use std::ptr::NonNull;

/// The instructions of a whole program, with a byte of feedback for each.
pub struct Text {
    insts: NonNull<[Inst]>,
    feedback: Box<[Cell<u8>]>,
    /// The byte of the instruction at address `a` is at `a / 8` plus this.
    feedback_bias: usize,
}

impl Text {
    /// Prepares the functions of a program; also gives the index of the first instruction of each.
    pub fn new(program: &Program) -> (Text, Vec<usize>) {
        let mut insts = Vec::new();
        let mut starts = Vec::with_capacity(program.funcs.len());
        for func in &program.funcs {
            starts.push(insts.len());
            fuse::append(func, &mut insts);
        }
        let insts = NonNull::from(Box::leak(insts.into_boxed_slice()));
        let feedback: Box<[Cell<u8>]> = vec![Cell::new(0); insts.len()].into();
        let first = insts.cast::<Inst>().addr().get();
        let bytes = feedback.as_ptr().expose_provenance();
        let text = Text {
            insts,
            feedback_bias: bytes.wrapping_sub(first / size_of::<Inst>()),
            feedback,
        };
        (text, starts)
    }

    /// The first instruction.
    pub fn start(&self) -> *mut Inst {
        self.insts.cast().as_ptr()
    }

    /// What instructions have seen.
    pub fn feedback(&self, range: Range<usize>) -> &[Cell<u8>] {
        &self.feedback[range]
    }

    /// What the instruction at an address has seen.
    ///
    /// # Safety
    /// There must be an instruction of this text at the address.
    #[inline(always)]
    pub unsafe fn seen(&self, inst: *const Inst) -> &Cell<u8> {
        let at = self
            .feedback_bias
            .wrapping_add(inst.addr() / size_of::<Inst>());
        // SAFETY: there is a byte for each instruction; its address has been exposed by `new`.
        unsafe { &*std::ptr::with_exposed_provenance(at) }
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        // SAFETY: leaked by `new`.
        drop(unsafe { Box::from_raw(self.insts.as_ptr()) });
    }
}

/// A function as the interpreter runs it. Lives as long as the machine.
pub struct Code {
    /// The instructions, in the text.
    pub start: *mut Inst,
    /// Registers of a frame.
    pub registers: usize,
    /// For how many levels of call depth a call counts.
    pub weight: u64,
    /// The registers that start as null: those that may be read before they are written.
    pub nulls: Box<[Reg]>,
    /// What every engine knows of the function.
    pub info: *const FuncInfo,
    /// The function itself: positions, handlers, the instructions as they were.
    pub func: *const bytecode::Func,
}

impl Code {
    /// A function whose instructions start at `start`.
    pub fn new(func: &bytecode::Func, info: *const FuncInfo, start: *mut Inst) -> Code {
        Code {
            start,
            registers: func.registers.into(),
            weight: func.meta.weight.into(),
            nulls: func.unwritten.clone().into(),
            info,
            func,
        }
    }

    /// The index of one of the function's instructions.
    #[inline]
    pub fn index(&self, inst: *const Inst) -> usize {
        (inst.addr() - self.start.addr()) / size_of::<Inst>()
    }
}

/// An active call.
#[repr(C)]
pub struct Frame {
    /// What other engines and the runtime see of the frame.
    pub record: FrameRecord,
    /// The function.
    pub code: *const Code,
    /// Register 0.
    pub base: *mut Value,
    /// The instruction that is calling, while a callee runs.
    pub ip: *mut Inst,
    /// The running function object; the frame owns a count.
    pub callee: *mut HeapObject<Func>,
    /// The caller's register that gets the result.
    pub dst: Reg,
}

impl Frame {
    /// The first value above the frame's registers.
    pub fn top(&self) -> *mut Value {
        // SAFETY: `code` outlives the frame, whose registers were reserved when it was pushed.
        unsafe { self.base.add((*self.code).registers) }
    }

    /// Drops what the registers hold.
    #[inline(always)]
    pub fn release(&mut self) {
        if fault!(InterpretedReturnsLeak) {
            return;
        }
        // SAFETY: the frame owns its registers; it ends here.
        unsafe {
            for at in 0..(*self.code).registers {
                let register = &mut *self.base.add(at);
                if register.is_heap() {
                    *register = Value::NULL;
                }
            }
        }
    }
}

/// Memory for `len` items, zeroed; the system provides pages as they are touched.
pub struct Reserve<T> {
    base: NonNull<T>,
    size: usize,
    len: usize,
}

impl<T> Reserve<T> {
    /// Reserves room for as many items as the system grants, at most `wanted`.
    ///
    /// # Safety
    /// Zeroed memory must be a valid `T`, and `T` must not need to be dropped.
    pub unsafe fn new(wanted: usize) -> Reserve<T> {
        let mut len = wanted.max(1);
        loop {
            let size = len * size_of::<T>();
            match memory::map_zeroed(size) {
                Some(base) => {
                    return Reserve {
                        base: base.cast(),
                        size,
                        len,
                    };
                }
                None if len > 1024 => len /= 2,
                None => memory::die(format_args!(
                    "[RUFRT002] [runtime] error: out of memory (no room for the stack)"
                )),
            }
        }
    }

    /// The first item.
    pub fn start(&self) -> *mut T {
        self.base.as_ptr()
    }

    /// The end of the memory.
    pub fn end(&self) -> *mut T {
        // SAFETY: one past the last item of the allocation.
        unsafe { self.base.as_ptr().add(self.len) }
    }

    /// How many items there is room for.
    pub fn len(&self) -> usize {
        self.len
    }
}

impl<T> Drop for Reserve<T> {
    fn drop(&mut self) {
        // SAFETY: mapped with this size by `new`.
        unsafe { memory::unmap(self.base.cast(), self.size) }
    }
}

/// The registers of the running frame.
#[derive(Clone, Copy)]
pub struct Regs(*mut Value);

impl Regs {
    /// # Safety
    /// `base` must point to the registers of an active frame of a verified function, and only its instructions may use
    /// the result.
    #[inline(always)]
    pub unsafe fn new(base: *mut Value) -> Regs {
        Regs(base)
    }

    /// The address of a register.
    #[inline(always)]
    pub fn ptr(self, r: Reg) -> *mut Value {
        // SAFETY: registers of verified instructions lie in the frame (`new`).
        unsafe { self.0.add(r.index()) }
    }

    /// The value of a register.
    #[inline(always)]
    pub fn at(&self, r: Reg) -> &Value {
        // SAFETY: as in `ptr`; registers always hold a value.
        unsafe { &*self.ptr(r) }
    }

    /// The value of a register, to be changed.
    #[inline(always)]
    pub fn at_mut(&mut self, r: Reg) -> &mut Value {
        // SAFETY: as in `at`; the borrow of `self` keeps the instruction from borrowing it twice.
        unsafe { &mut *self.ptr(r) }
    }

    /// `n` registers from `r` on.
    #[inline(always)]
    pub fn window(&mut self, r: Reg, n: usize) -> &mut [Value] {
        // SAFETY: windows of verified instructions lie in the frame.
        unsafe { std::slice::from_raw_parts_mut(self.ptr(r), n) }
    }

    /// Writes a register. The old value is dropped.
    #[inline(always)]
    pub fn set(&mut self, r: Reg, value: Value) {
        let register = self.at_mut(r);
        if register.is_heap() {
            clear(register);
        }
        // SAFETY: the register owns nothing (any more).
        unsafe { std::ptr::write(register, value) }
    }

    /// Moves the value of a register out.
    #[inline(always)]
    pub fn take(&mut self, r: Reg) -> Value {
        self.at_mut(r).take()
    }

    /// The value of a `src` operand: moved out if this is the last use, else a copy.
    #[inline(always)]
    pub fn read(&mut self, r: Reg, last: bool) -> Value {
        if last {
            self.take(r)
        } else if fault!(InterpretedCopiesAreNotRetained) {
            let (tag, bits) = self.at(r).raw();
            // SAFETY: a count too few is what the fault is about.
            unsafe { Value::from_raw(tag, bits) }
        } else {
            self.at(r).clone()
        }
    }

    /// After an operation that has borrowed a `src` operand: drops the value if this was the last use.
    #[inline(always)]
    pub fn done(&mut self, r: Reg, last: bool) {
        if last {
            if fault!(InterpretedReleasesAreDoubled) {
                let (tag, bits) = self.at(r).raw();
                // SAFETY: a count too few is what the fault is about.
                drop(unsafe { Value::from_raw(tag, bits) });
            }
            self.set(r, Value::NULL);
        }
    }

    /// Drops what is left in a window.
    #[inline(always)]
    pub fn clear(&mut self, r: Reg, n: usize) {
        for value in self.window(r, n) {
            if value.is_heap() {
                *value = Value::NULL;
            }
        }
    }
}

/// Drops a value. A call of its own, so that it takes no room in the loop.
#[inline(never)]
fn clear(value: &mut Value) {
    *value = Value::NULL;
}
