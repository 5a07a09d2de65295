//! Closures: which variables a function captures, and whether as values or as cells (language.md §5.2).
//!
//! In: captures and stores as they are met, with a clock. Out: `cell`, `early` and `itself` of locals and captures,
//! decided when the owner of the variable ends. A variable that nobody stores to after a capture is captured by value.

use super::Resolver;
use super::hir::*;
use ruff_runtime::fault;

/// What happened to a local, in terms of the resolver's clock.
pub(super) struct Events {
    /// When it got its first value.
    init: u32,
    /// How many loops surround its declaration.
    depth: usize,
    /// The first capture and the loops (inside its scope) around captures.
    first_capture: Option<u32>,
    capture_loops: Vec<u32>,
    /// The last later store and the loops around stores.
    last_store: Option<u32>,
    store_loops: Vec<u32>,
    stored_by_closure: bool,
    /// The captures themselves: to be told the decision.
    captures: Vec<(FuncId, CaptureId)>,
    /// Captures by the very function that initialises it, with their times.
    itself: Vec<(FuncId, CaptureId, u32)>,
}

impl Events {
    pub fn new(pos: u32, depth: usize) -> Events {
        Events {
            init: pos,
            depth,
            first_capture: None,
            capture_loops: Vec::new(),
            last_store: None,
            store_loops: Vec::new(),
            stored_by_closure: false,
            captures: Vec::new(),
            itself: Vec::new(),
        }
    }

    /// Whether it gets its first value later than that.
    pub fn is_initialised_after(&self, pos: u32) -> bool {
        self.init > pos
    }

    pub fn initialised(&mut self, pos: u32) {
        self.init = pos;
    }

    pub fn assigned(&mut self, pos: u32, loops: &[u32], by_closure: bool) {
        self.last_store = self.last_store.max(Some(pos));
        self.stored_by_closure |= by_closure;
        note(&mut self.store_loops, loops.get(self.depth));
    }

    fn captured(&mut self, pos: u32, loops: &[u32]) {
        self.first_capture = Some(self.first_capture.map_or(pos, |first| first.min(pos)));
        note(&mut self.capture_loops, loops.get(self.depth));
    }

    /// Whether a capture comes before the first value.
    fn early(&self) -> bool {
        self.first_capture.is_some_and(|first| first < self.init)
    }

    fn cell(&self) -> bool {
        let Some(first) = self.first_capture else {
            return false;
        };
        self.stored_by_closure
            || self.early()
            || self.last_store.is_some_and(|last| last > first) && !fault!(LateStoresAreNotCaptured)
            || self
                .store_loops
                .iter()
                .any(|l| self.capture_loops.contains(l))
    }
}

fn note(loops: &mut Vec<u32>, innermost: Option<&u32>) {
    if let Some(&l) = innermost
        && loops.last() != Some(&l)
    {
        loops.push(l);
    }
}

impl Resolver<'_> {
    /// Captures a local of the function at `depth` into the current function, through all functions between.
    pub(super) fn capture(&mut self, depth: usize, id: LocalId) -> CaptureId {
        let now = self.tick();
        let mut source = Source::Local(id);
        let mut result = CaptureId(0);
        for inner in depth + 1..self.fns.len() {
            let cx = &mut self.fns[inner];
            let known = cx.capture_of.get(&source).copied();
            result = known.unwrap_or(CaptureId(cx.captures.len() as u32));
            let (func, bound_to, made_at) = (cx.id, cx.bound_to, cx.made_at);
            if inner == depth + 1 {
                self.note_capture(
                    depth,
                    id,
                    bound_to == Some(id),
                    made_at,
                    now,
                    (func, result),
                );
            }
            if known.is_none() {
                let name = self.fns[depth].locals[id.index()].name.clone();
                if inner > depth + 1 {
                    let events = &mut self.fns[depth].locals[id.index()].events;
                    events.captures.push((func, result));
                }
                let cx = &mut self.fns[inner];
                cx.capture_of.insert(source, result);
                cx.captures.push(Capture {
                    name,
                    from: source,
                    cell: false,
                    itself: false,
                    unused: false,
                });
            }
            source = Source::Capture(result);
        }
        result
    }

    fn note_capture(
        &mut self,
        depth: usize,
        id: LocalId,
        itself: bool,
        made_at: Option<u32>,
        now: u32,
        capture: (FuncId, CaptureId),
    ) {
        let cx = &mut self.fns[depth];
        let local = &mut cx.locals[id.index()];
        if itself {
            local.events.itself.push((capture.0, capture.1, now));
            return;
        }
        let pos = made_at.unwrap_or(now);
        if made_at.is_some_and(|start| local.events.init > start)
            || made_at.is_some() && local.pending
        {
            local.block_early = true;
        }
        local.events.captured(pos, &cx.loops);
        local.events.captures.push(capture);
    }

    /// Decides about the locals of the function that has just been resolved, and tells their captures.
    pub(super) fn decide_captures(&mut self, cx: &mut super::scope::FuncCx) -> Vec<Local> {
        let real = self.structs_that_capture(cx);
        let scalars = super::scalar::solve(&cx.locals);
        let mut locals = Vec::with_capacity(cx.locals.len());
        for (i, info) in cx.locals.iter_mut().enumerate() {
            let events = &mut info.events;
            let constant = events.last_store.is_none();
            for (func, capture, pos) in std::mem::take(&mut events.itself) {
                if constant {
                    self.program.funcs[func.index()].captures[capture.index()].itself = true;
                } else {
                    events.captured(pos, &[]);
                    events.captures.push((func, capture));
                }
            }
            let unused = info.methods_of.is_some_and(|s| !real.contains(&s));
            let cell = !unused && events.cell();
            for &(func, capture) in &events.captures {
                let capture = &mut self.program.funcs[func.index()].captures[capture.index()];
                (capture.cell, capture.unused) = (cell, unused);
            }
            locals.push(Local {
                name: info.name.clone(),
                cell,
                early: cell && events.early(),
                captured: !events.captures.is_empty(),
                scalar: !cell && scalars[i],
                unused,
            });
        }
        locals
    }

    /// The struct definitions of the function's blocks whose methods capture more than such definitions.
    fn structs_that_capture(&self, cx: &super::scope::FuncCx) -> Vec<StructId> {
        let hidden: Vec<(LocalId, StructId)> = (cx.locals.iter().enumerate())
            .filter_map(|(i, l)| Some((LocalId(i as u32), l.methods_of?)))
            .collect();
        let mut real: Vec<StructId> = Vec::new();
        loop {
            let before = real.len();
            for &(_, def) in &hidden {
                let captures = self.program.structs[def.index()]
                    .methods
                    .iter()
                    .flat_map(|(_, f)| &self.program.funcs[f.index()].captures);
                let matters = |c: &Capture| match c.from {
                    Source::Local(id) => hidden
                        .iter()
                        .find(|h| h.0 == id)
                        .is_none_or(|h| real.contains(&h.1)),
                    Source::Capture(_) => true,
                };
                if !real.contains(&def) && captures.into_iter().any(matters) {
                    real.push(def);
                }
            }
            if real.len() == before {
                return real;
            }
        }
    }
}
