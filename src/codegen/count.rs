//! Reference counts, inline as far as the common case goes; in code that is hardly executed by the runtime alone.

use super::cx::FuncCx;
use super::guard::{self, Guard};
use super::val::Val;
use crate::ssa::ir::ValueId;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, InstBuilder, types};
use ruff_runtime::abi::Helper;
use ruff_runtime::fault;
use ruff_runtime::layout;
use ruff_runtime::value::FIRST_HEAP_TAG;

impl FuncCx<'_, '_> {
    /// Whether a value may have a count that changes: constants of the program are immortal.
    pub fn is_counted(&self, value: ValueId) -> bool {
        self.f.ty(value).may_be_counted() && !self.immortal[value.index()]
    }

    /// One more count of a value.
    pub fn retain(&mut self, value: ValueId) {
        if !self.is_counted(value) {
            return;
        }
        let (tag, bits) = self.val(value).boxed(&mut self.b);
        self.retain_parts(tag, bits, self.f.ty(value).only_tag().is_some());
    }

    /// One more count of what these words are. Immortal objects have a negative count, which stays.
    pub fn retain_parts(&mut self, tag: ir::Value, bits: ir::Value, surely_counted: bool) {
        if fault!(CompiledPartsAreNotRetained) {
            return;
        }
        if self.rare {
            self.call_scalars(Helper::retain, &[Val::Boxed(tag, bits)], &[]);
            return;
        }
        let done = self.new_block(false);
        if !surely_counted {
            self.skip_uncounted(tag, done);
        }
        let count = self.load(types::I32, bits, layout::header::COUNT);
        let zero = self.b.ins().iconst(types::I32, 0);
        let immortal = self.b.ins().icmp(IntCC::SignedLessThan, count, zero);
        let mortal = self.new_block(false);
        self.b.ins().brif(immortal, done, &[], mortal, &[]);
        self.b.switch_to_block(mortal);
        let one = self.b.ins().iconst(types::I32, 1);
        let more = self.b.ins().iadd(count, one);
        self.store(more, bits, layout::header::COUNT);
        self.b.ins().jump(done, &[]);
        self.b.switch_to_block(done);
    }

    /// One count less of a value; the runtime frees what nobody holds.
    pub fn release(&mut self, value: ValueId) {
        if !self.is_counted(value) {
            return;
        }
        let (tag, bits) = self.val(value).boxed(&mut self.b);
        self.release_parts(tag, bits, self.f.ty(value).only_tag().is_some());
    }

    /// One count less of what these words are.
    pub fn release_parts(&mut self, tag: ir::Value, bits: ir::Value, surely_counted: bool) {
        if fault!(CompiledReleasesAreMissing) {
            return;
        }
        let times = 1 + usize::from(fault!(CompiledReleasesAreDoubled));
        let release = |fx: &mut Self| {
            for _ in 0..times {
                fx.call_scalars(Helper::release, &[Val::Boxed(tag, bits)], &[]);
            }
        };
        if self.rare {
            return release(self);
        }
        let done = self.new_block(false);
        if !surely_counted {
            self.skip_uncounted(tag, done);
        }
        release(self);
        self.b.ins().jump(done, &[]);
        self.b.switch_to_block(done);
    }

    /// Continues in a fresh block with a counted value, in `done` with any other.
    fn skip_uncounted(&mut self, tag: ir::Value, done: ir::Block) {
        guard::note(Guard::Counted);
        let first = self.iconst(FIRST_HEAP_TAG as i64);
        let counted = self
            .b
            .ins()
            .icmp(IntCC::UnsignedGreaterThanOrEqual, tag, first);
        let next = self.new_block(false);
        self.b.ins().brif(counted, next, &[], done, &[]);
        self.b.switch_to_block(next);
    }
}
