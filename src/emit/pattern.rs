//! Destructuring.
//!
//! In: patterns and a value. Out: code that binds their names, in order.

use super::func::FuncCx;
use crate::bytecode::{Op, Reg};
use crate::resolve::hir::*;

impl FuncCx<'_> {
    pub fn bind_pattern(&mut self, pattern: &Pattern, value: &Expr) {
        self.declare_targets(pattern);
        let top = self.b.top();
        let src = self.operand(value);
        self.destructure(pattern, src);
        if src == top && self.reachable() {
            self.b.emit(Op::clear(src));
        }
        self.b.release_to(top);
    }

    /// New variables lie below the temporaries.
    fn declare_targets(&mut self, pattern: &Pattern) {
        match pattern {
            Pattern::Name(target) => self.declare_target(target),
            Pattern::Array(elems, rest) => {
                elems.iter().for_each(|e| self.declare_targets(e));
                rest.iter().for_each(|t| self.declare_target(t));
            }
            Pattern::Dict(entries, rest) => {
                entries.iter().for_each(|e| self.declare_target(&e.1));
                rest.iter().for_each(|t| self.declare_target(t));
            }
        }
    }

    fn destructure(&mut self, pattern: &Pattern, src: Reg) {
        match pattern {
            Pattern::Name(target) => self.fill(target, |cx, dst| cx.b.emit(Op::mov(dst, src))),
            Pattern::Array(elems, rest) => {
                for (i, elem) in elems.iter().enumerate() {
                    let at = i as i16;
                    match elem {
                        Pattern::Name(target) => self.fill(target, |cx, dst| {
                            cx.b.emit(Op::element_or_null(dst, src, at));
                        }),
                        inner => {
                            let top = self.b.top();
                            let part = self.alloc();
                            self.b.emit(Op::element_or_null(part, src, at));
                            self.destructure(inner, part);
                            self.b.emit(Op::clear(part));
                            self.b.release_to(top);
                        }
                    }
                }
                if let Some(target) = rest {
                    let at = elems.len() as i16;
                    self.fill(target, |cx, dst| {
                        cx.b.emit(Op::rest_of_array(dst, src, at));
                    });
                }
            }
            Pattern::Dict(entries, rest) => {
                for (name, target) in entries {
                    let name = self.tables.name(name);
                    self.fill(target, |cx, dst| {
                        cx.b.emit(Op::entry_or_null(dst, src, name));
                    });
                }
                if let Some(target) = rest {
                    self.fill(target, |cx, dst| cx.rest_of_dict(entries, src, dst));
                }
            }
        }
    }

    fn rest_of_dict(&mut self, entries: &[(std::rc::Rc<str>, Target)], src: Reg, dst: Reg) {
        let top = self.b.top();
        let span = self.func.span;
        let n = self.count(entries.len(), span, "names in a pattern");
        let base = self.alloc_span(u16::from(n));
        for (i, (name, _)) in entries.iter().take(usize::from(n)).enumerate() {
            let k = self.tables.text(name);
            self.b.emit(Op::load_const(base.plus(i as u16), k));
        }
        self.b.emit(Op::rest_of_dict(n, dst, src, base));
        self.b.release_to(top);
    }
}
