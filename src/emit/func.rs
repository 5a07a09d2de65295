//! A function being emitted: its registers, its variables, its prologue.
//!
//! In: a function of the HIR. Out: register code. It knows where each variable lives; the other files of this folder do
//! not.

use super::choice::Answer;
use super::tables::Tables;
use crate::bytecode::build::TooLarge;
use crate::bytecode::{self, CaptureIx, FuncBuilder, FuncIx, GlobalIx, Label, Op, Reg};
use crate::diag::{Code, Diagnostic};
use crate::resolve::hir::*;
use crate::source::{SourceMap, Span};
use ruff_runtime::error::Pos;
use ruff_runtime::fault;
use ruff_runtime::image::FuncMeta;
use rustc_hash::FxHashMap;

/// An open loop.
pub(super) struct Loop {
    pub on_break: Label,
    pub on_continue: Label,
    /// How many scopes were open around its body.
    pub scopes: usize,
}

/// Where a variable lives.
#[derive(Clone, Copy, Debug)]
pub(super) enum Home {
    /// In a register of its own.
    Reg(Reg),
    /// In the cell that the register holds.
    Cell(Reg),
    /// Captured: a value.
    Captured(CaptureIx),
    /// Captured: a cell.
    CapturedCell(CaptureIx),
    /// It is the running function.
    Callee,
    /// In a slot of the program.
    Global(GlobalIx),
}

/// Where the variables of a function are at some point of its body.
pub(super) struct Variables {
    regs: Vec<Option<Reg>>,
    made: usize,
    scope: usize,
}

/// A function being emitted.
pub(super) struct FuncCx<'a> {
    pub program: &'a Program,
    pub func: &'a Func,
    pub map: &'a SourceMap,
    pub tables: &'a mut Tables,
    pub faults: &'a mut Vec<Diagnostic>,
    pub b: FuncBuilder,
    /// The registers of locals that are in scope.
    regs: Vec<Option<Reg>>,
    /// How many `try` bodies surround the declaration of each local.
    depths: Vec<u32>,
    /// The registers of globals that live in this function.
    global_regs: FxHashMap<GlobalId, Reg>,
    captures: Vec<CaptureIx>,
    /// Locals whose cells exist before their declarations.
    pub made: Vec<LocalId>,
    /// What is known of globals in the copy of the code that is being emitted.
    pub answers: Vec<Answer>,
    pub loops: Vec<Loop>,
    pub scopes: Vec<Vec<LocalId>>,
    pub try_depth: u32,
    /// The highest register taken so far (to be reset by who wants to know).
    pub high: Reg,
    /// Where a label was bound last.
    bound: usize,
    is_main: bool,
    id: FuncId,
}

impl<'a> FuncCx<'a> {
    pub fn new(
        program: &'a Program,
        id: FuncId,
        map: &'a SourceMap,
        tables: &'a mut Tables,
        faults: &'a mut Vec<Diagnostic>,
    ) -> FuncCx<'a> {
        let func = &program.funcs[id.index()];
        let mut count = 0;
        let captures = (func.captures.iter())
            .map(|capture| {
                let ix = CaptureIx(count);
                count += u16::from(is_real(capture));
                ix
            })
            .collect();
        let mut b = FuncBuilder::new(FuncMeta {
            name: func.name.to_string(),
            arity: func.params,
            has_self: func.kind == FuncKind::Method,
            legacy_method: func.kind == FuncKind::Legacy,
            weight: 1,
        });
        b.set_captures(count);
        FuncCx {
            program,
            func,
            map,
            tables,
            faults,
            b,
            regs: vec![None; func.locals.len()],
            depths: vec![0; func.locals.len()],
            global_regs: FxHashMap::default(),
            captures,
            made: Vec::new(),
            answers: Vec::new(),
            loops: Vec::new(),
            scopes: Vec::new(),
            try_depth: 0,
            high: Reg(0),
            bound: 0,
            is_main: matches!(func.kind, FuncKind::Main | FuncKind::Test),
            id,
        }
    }

    /// Emits the function.
    pub fn emit(mut self) -> Result<bytecode::Func, TooLarge> {
        let func = self.func;
        for i in 0..func.params {
            let (id, reg) = (LocalId(i), Reg(i as u16));
            self.regs[id.index()] = Some(reg);
            if self.local(id).cell {
                self.b.emit(Op::new_cell(reg, reg));
            }
        }
        for &id in &func.fields {
            let reg = self.declare(id);
            let name = self.tables.name(&self.local(id).name);
            self.b.emit(Op::field_or_uninit(reg, Reg(0), name));
            if self.local(id).cell {
                self.b.emit(Op::new_cell(reg, reg));
            }
        }
        self.open_block(&func.body);
        self.stmts(&func.body.stmts);
        self.b.finish()
    }

    // -- Copies of the code

    /// Where the variables are, before the first copy of some code.
    pub fn variables(&self) -> Variables {
        Variables {
            regs: self.regs.clone(),
            made: self.made.len(),
            scope: self.scopes.last().map_or(0, Vec::len),
        }
    }

    /// Forgets the variables of a copy before the next.
    pub fn restore(&mut self, before: Variables) {
        self.regs = before.regs;
        self.made.truncate(before.made);
        if let Some(scope) = self.scopes.last_mut() {
            scope.truncate(before.scope);
        }
    }

    // -- Positions, labels, registers

    /// The position of the instructions that follow.
    pub fn at(&mut self, span: Span) {
        let place = self.map.line_col(span);
        let col = place.col + u32::from(fault!(PositionsAreOff));
        self.b.at(Pos::new(span.file.0, place.line, col));
    }

    pub fn bind(&mut self, label: Label) {
        self.b.bind(label);
        self.bound = self.b.len();
    }

    /// Whether what is emitted next can run.
    pub fn reachable(&self) -> bool {
        self.b.falls_through() || self.bound == self.b.len()
    }

    pub fn alloc(&mut self) -> Reg {
        self.alloc_span(1)
    }

    pub fn alloc_span(&mut self, n: u16) -> Reg {
        let reg = self.b.alloc_span(n);
        self.high = self.high.max(self.b.top());
        reg
    }

    /// Reports a construct that is too large for its instruction.
    pub fn too_large(&mut self, span: Span, what: &str) {
        let message = format!("Compilation error: more than 255 {what}");
        self.faults
            .push(Diagnostic::error(Code::COMPILE, span, message));
    }

    /// The number of values of a window, as an instruction holds it.
    pub fn count(&mut self, n: usize, span: Span, what: &str) -> u8 {
        u8::try_from(n).unwrap_or_else(|_| {
            self.too_large(span, what);
            0
        })
    }

    // -- Variables

    pub fn local(&self, id: LocalId) -> &'a Local {
        &self.func.locals[id.index()]
    }

    /// Gives a local its register, in the innermost scope.
    pub fn declare(&mut self, id: LocalId) -> Reg {
        let reg = self.alloc();
        self.place_local(id, reg);
        reg
    }

    /// Says that a local lives in a register.
    pub fn place_local(&mut self, id: LocalId, reg: Reg) {
        self.regs[id.index()] = Some(reg);
        self.depths[id.index()] = self.try_depth;
        if let Some(scope) = self.scopes.last_mut() {
            scope.push(id);
        }
    }

    /// The register of a local.
    pub fn reg(&mut self, id: LocalId) -> Reg {
        match self.regs[id.index()] {
            Some(reg) => reg,
            // A use after a declaration that always raises.
            None => self.declare(id),
        }
    }

    /// The register of a global that lives in this function.
    pub fn global_reg(&mut self, id: GlobalId) -> Option<Reg> {
        let global = &self.program.globals[id.index()];
        if global.home == crate::resolve::hir::Home::Slot || !self.is_main {
            return None;
        }
        if let Some(&reg) = self.global_regs.get(&id) {
            return Some(reg);
        }
        let reg = self.alloc();
        self.global_regs.insert(id, reg);
        Some(reg)
    }

    /// Where a slot lives; `None` for builtins and undefined names.
    pub fn home(&mut self, slot: Slot) -> Option<Home> {
        Some(match slot {
            Slot::Local(id) => {
                let reg = self.reg(id);
                if self.local(id).cell {
                    Home::Cell(reg)
                } else {
                    Home::Reg(reg)
                }
            }
            Slot::Capture(id) => {
                let capture = &self.func.captures[id.index()];
                let ix = self.captures[id.index()];
                match (capture.itself, capture.cell) {
                    (true, _) => Home::Callee,
                    (_, true) => Home::CapturedCell(ix),
                    _ => Home::Captured(ix),
                }
            }
            Slot::Global(id) => match self.global_reg(id) {
                Some(reg) => Home::Reg(reg),
                None => Home::Global(self.tables.global(self.program, id)),
            },
            Slot::Builtin(_) | Slot::Number(_) | Slot::Undefined => return None,
        })
    }

    /// The register that a name can be used in where it stands.
    pub fn plain(&mut self, var: &Var) -> Option<Reg> {
        let var = self.settled(var);
        if !var.certain {
            return None;
        }
        match self.home(var.slot)? {
            Home::Reg(reg) => Some(reg),
            _ => None,
        }
    }

    /// Whether the variable lives on behind the innermost `try` body around this point, in this function.
    pub fn outlives_try(&self, slot: Slot) -> bool {
        self.try_depth > 0
            && match slot {
                Slot::Local(id) => self.depths[id.index()] < self.try_depth,
                _ => true,
            }
    }

    /// `dst =` the variable's value.
    pub fn load(&mut self, var: &Var, span: Span, dst: Reg) {
        let var = &*self.settled(var);
        self.at(span);
        let home = self.home(var.slot);
        match (home, var.slot) {
            (Some(Home::Reg(reg)), _) => self.b.emit(Op::mov(dst, reg)),
            (Some(Home::Cell(reg)), _) => self.b.emit(Op::load_cell(dst, reg)),
            (Some(Home::Captured(ix)), _) => self.b.emit(Op::load_capture(dst, ix)),
            (Some(Home::CapturedCell(ix)), _) => {
                self.b.emit(Op::load_capture(dst, ix));
                self.b.emit(Op::load_cell(dst, dst));
            }
            (Some(Home::Callee), _) => self.b.emit(Op::load_callee(dst)),
            (Some(Home::Global(ix)), _) if var.fallback.is_none() => {
                self.b.emit(Op::load_global(dst, ix))
            }
            (Some(Home::Global(ix)), _) => self.b.emit(Op::load_global_raw(dst, ix)),
            (None, Slot::Builtin(number)) => {
                let ix = self.tables.builtin(number);
                self.b.emit(Op::load_builtin(dst, ix));
            }
            (None, Slot::Number(x)) => {
                let k = self.tables.float(x);
                self.b.emit(Op::load_const(dst, k));
            }
            (None, _) => self.undefined(&var.name),
        }
        let Some(fallback) = &var.fallback else {
            return;
        };
        if fallback.slot == Slot::Undefined {
            let name = self.tables.name(&var.name);
            self.b.emit(Op::check_init(dst, name));
            return;
        }
        let done = self.b.label();
        self.jump_if_init(dst, done);
        self.load(fallback, span, dst);
        self.bind(done);
    }

    /// Raises that there is no such variable.
    pub fn undefined(&mut self, name: &str) {
        let message = self.tables.message(&format!("Undefined variable: {name}"));
        self.b.emit(Op::raise(message));
    }

    /// Continues at `to` if the register does not hold the uninitialised mark.
    pub fn jump_if_init(&mut self, reg: Reg, to: Label) {
        let top = self.b.top();
        let test = self.alloc();
        self.b.emit(Op::is_uninit(test, reg));
        self.b.emit(Op::jump_if_not(test, to));
        self.b.release_to(top);
    }

    /// `dst =` what a closure captures: a value, a cell, or the uninitialised mark.
    fn load_source(&mut self, capture: &Capture, dst: Reg) {
        let slot = match capture.from {
            Source::Local(id) => Slot::Local(id),
            Source::Capture(id) => Slot::Capture(id),
        };
        match self.home(slot) {
            Some(Home::Reg(reg) | Home::Cell(reg)) => self.b.emit(Op::mov(dst, reg)),
            Some(Home::Captured(ix) | Home::CapturedCell(ix)) => {
                self.b.emit(Op::load_capture(dst, ix))
            }
            _ => self.b.emit(Op::load_callee(dst)),
        }
    }

    /// `dst =` a new function object.
    pub fn closure(&mut self, id: FuncId, dst: Reg, span: Span) {
        let func = &self.program.funcs[id.index()];
        let captures: Vec<&Capture> = func.captures.iter().filter(|c| is_real(c)).collect();
        let n = self.count(captures.len(), span, "captured variables");
        let top = self.b.top();
        let base = self.alloc_span(u16::from(n));
        for (i, capture) in captures.into_iter().take(usize::from(n)).enumerate() {
            self.load_source(capture, base.plus(i as u16));
        }
        self.b
            .emit(Op::make_closure(n, dst, base, FuncIx(id.0 as u16)));
        self.b.release_to(top);
    }

    /// The start of a block: the cells that must exist from the start, the methods of its struct definitions.
    pub fn open_block(&mut self, block: &Block) {
        self.scopes.push(Vec::new());
        let hidden = (block.structs.iter().map(|s| s.1)).filter(|&id| !self.local(id).unused);
        let cells = hidden.filter(|&id| self.local(id).cell);
        let cells: Vec<LocalId> = block.early.iter().copied().chain(cells).collect();
        for id in cells {
            self.new_cell(id);
            self.made.push(id);
        }
        for &(def, id) in &block.structs {
            if self.local(id).unused {
                continue;
            }
            let cell = self.local(id).cell;
            let reg = if cell { self.reg(id) } else { self.declare(id) };
            let top = self.b.top();
            let value = if cell { self.alloc() } else { reg };
            let methods = &self.program.structs[def.index()].methods;
            let span = self.func.span;
            let n = self.count(methods.len(), span, "methods");
            let base = self.alloc_span(u16::from(n));
            for (i, &(_, method)) in methods.iter().take(usize::from(n)).enumerate() {
                self.closure(method, base.plus(i as u16), span);
            }
            self.b.emit(Op::make_struct_def(n, value, base));
            if cell {
                self.b.emit(Op::store_cell(reg, value));
            }
            self.b.release_to(top);
        }
    }

    /// Gives a local a cell without a value.
    pub fn new_cell(&mut self, id: LocalId) {
        let reg = self.declare(id);
        self.b.emit(Op::load_uninit(reg));
        self.b.emit(Op::new_cell(reg, reg));
    }

    /// The end of a block, whose registers start at `mark`.
    pub fn close_block(&mut self, mark: Reg) {
        let scope = self.scopes.len() - 1;
        if self.reachable() {
            self.clear_scopes(scope);
        }
        self.scopes.pop();
        self.b.release_to(mark);
    }

    /// Drops what the variables of the scopes from `from` inward hold.
    pub fn clear_scopes(&mut self, from: usize) {
        for i in (from..self.scopes.len()).rev() {
            for at in (0..self.scopes[i].len()).rev() {
                let id = self.scopes[i][at];
                if let Some(reg) = self.regs[id.index()]
                    && !self.local(id).scalar
                {
                    self.b.emit(Op::clear(reg));
                }
            }
        }
    }

    /// The function that a call of the name certainly reaches.
    pub fn direct(&self, var: &Var) -> Option<FuncId> {
        let Slot::Global(mut id) = var.slot else {
            return None;
        };
        if !var.certain {
            return None;
        }
        loop {
            let global = &self.program.globals[id.index()];
            match (global.assigned, global.hoisted, global.copy_of) {
                (true, _, _) => return None,
                (_, Some(func), _) => return Some(func),
                (_, _, Some(from)) => id = from,
                _ => return None,
            }
        }
    }

    /// `?` on a failure raises here instead of returning.
    pub fn is_test(&self) -> bool {
        self.func.kind == FuncKind::Test && self.program.modules[0].main == self.id
    }
}

/// Whether the closure really holds it.
fn is_real(capture: &Capture) -> bool {
    !capture.itself && !capture.unused
}
