//! Variables that are a local or a global, as the activation finds it (language.md §4.4, A3 and A4).
//!
//! In: `Ask` statements. Out: the code behind each of them twice, once for either answer. Inside a copy such a variable is
//! an ordinary local or an ordinary global: nothing is asked again, and what works in place for those does so here.

use super::func::FuncCx;
use crate::bytecode::Op;
use crate::resolve::hir::*;
use std::borrow::Cow;

/// How many answers the code is copied for. Behind further questions the variables ask at each use.
const ANSWERS: usize = 3;

/// What a name stands for in the copy of the code that is being emitted.
#[derive(Clone, Copy)]
pub(super) struct Answer {
    question: Question,
    is_global: bool,
}

impl FuncCx<'_> {
    /// Asks a question, and emits the statements behind it.
    pub fn ask(&mut self, question: Question, rest: &[Stmt]) {
        if let Some(is_global) = self.implied(question) {
            return self.answered(question, is_global, rest);
        }
        if self.answers.len() == ANSWERS {
            return self.stmts(rest);
        }
        let (as_local, end) = (self.b.label(), self.b.label());
        let top = self.b.top();
        let test = self.alloc();
        match question.capture {
            None => self.load_raw(Slot::Global(question.global), test),
            Some(id) => self.load_raw(Slot::Capture(id), test),
        }
        self.b.emit(Op::is_uninit(test, test));
        self.b.emit(match question.capture {
            None => Op::jump_if(test, as_local),
            Some(_) => Op::jump_if_not(test, as_local),
        });
        self.b.release_to(top);
        let before = self.variables();
        self.answered(question, true, rest);
        let ends = self.reachable();
        if ends {
            self.b.emit(Op::jump(end));
        }
        self.b.release_to(top);
        self.restore(before);
        self.bind(as_local);
        self.answered(question, false, rest);
        if ends {
            self.bind(end);
        }
    }

    fn answered(&mut self, question: Question, is_global: bool, rest: &[Stmt]) {
        self.answers.push(Answer {
            question,
            is_global,
        });
        self.stmts(rest);
        self.answers.pop();
    }

    /// What earlier answers say. The globals of a file are numbered in the order in which it initialises them.
    fn implied(&self, question: Question) -> Option<bool> {
        if question.capture.is_some() {
            return None;
        }
        let global = question.global;
        let mut own = self.answers.iter().filter(|a| a.question.capture.is_none());
        let says = |answer: &Answer| match answer.is_global {
            true => (global <= answer.question.global).then_some(true),
            false => (global >= answer.question.global).then_some(false),
        };
        own.find_map(says)
    }

    /// Whether the variable that stands for a global is the global, if that is known here.
    pub fn answer(&self, global: GlobalId) -> Option<bool> {
        let mut answers = self.answers.iter();
        let answer = answers.find(|a| a.question.global == global)?;
        Some(answer.is_global)
    }

    /// What a name means here.
    pub fn settled<'v>(&self, var: &'v Var) -> Cow<'v, Var> {
        let (Slot::Local(_) | Slot::Capture(_), Some(fallback)) = (var.slot, &var.fallback) else {
            return Cow::Borrowed(var);
        };
        let Slot::Global(global) = fallback.slot else {
            return Cow::Borrowed(var);
        };
        match self.answer(global) {
            None => Cow::Borrowed(var),
            Some(true) => Cow::Borrowed(fallback),
            Some(false) => Cow::Owned(Var {
                certain: true,
                fallback: None,
                ..var.clone()
            }),
        }
    }

    /// What a store does here.
    pub fn settled_target<'t>(&self, target: &'t Target) -> Cow<'t, Target> {
        let Store::Dynamic {
            slot,
            new,
            global,
            raise: None,
        } = target.store
        else {
            return Cow::Borrowed(target);
        };
        let Some(is_global) = self.answer(global) else {
            return Cow::Borrowed(target);
        };
        let store = match slot {
            _ if is_global => Store::Global(global),
            Slot::Local(id) if new => Store::New(id),
            Slot::Local(id) => Store::Local(id),
            Slot::Capture(id) => Store::Capture(id),
            _ => return Cow::Borrowed(target),
        };
        let (span, name) = (target.span, target.name.clone());
        Cow::Owned(Target { span, name, store })
    }
}
