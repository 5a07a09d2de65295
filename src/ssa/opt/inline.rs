//! Puts the code of small functions in place of their calls, a few levels deep: what a function costs most is being
//! called. Recursive functions are unrolled the same way.
//!
//! In: optimised versions, none of which has inlined anything yet ([`Inlinable`] keeps them). An inlined body keeps all
//! that a call can be observed by: the depth check, the name in the stack of an error, the position of the call.

use crate::ssa::ir::*;
use crate::ssa::types::Type;
use ruff_runtime::fault;
use rustc_hash::FxHashMap;

/// Instructions of a body worth inlining, at most.
const SMALL: usize = 40;
/// Instructions that a function may grow to by inlining.
const LARGEST: usize = 400;

/// The bodies that calls may be replaced by.
pub struct Inlinable {
    bodies: FxHashMap<VersionId, Function>,
    levels: u32,
}

impl Inlinable {
    /// No bodies yet; of the calls in those to come so many levels are inlined in turn.
    pub fn new(levels: u32) -> Inlinable {
        Inlinable {
            bodies: FxHashMap::default(),
            levels,
        }
    }

    /// Keeps a copy of a version's optimised body if it is small enough, and its calls count as one level. A body that leaves
    /// Ruff code, or takes an error as a value, needs a frame of its own where the program keeps frames.
    pub fn offer(&mut self, version: VersionId, f: &Function, keeps_frames: bool) {
        let mut insts = f.blocks.iter().flat_map(|b| &b.insts);
        let unfit = |inst: &Inst| match inst.op {
            InstOp::LoadCapture { .. } | InstOp::LoadCallee {} => true,
            InstOp::AddInt { .. } | InstOp::SubInt { .. } | InstOp::MulInt { .. } => false,
            _ => keeps_frames && inst.op.effect() == Effect::Acts,
        };
        if f.size() <= SMALL && f.kept == 0 && f.weight == 1 && !insts.any(unfit) {
            self.bodies.insert(version, f.clone());
        }
    }

    /// Whether calls of the version may be replaced.
    pub fn has(&self, version: VersionId) -> bool {
        self.bodies.contains_key(&version)
    }
}

/// Inlines calls; true if there were any to inline.
pub fn run(f: &mut Function, inlinable: &Inlinable) -> bool {
    let mut changed = false;
    let mut block = 0;
    let mut size = f.size();
    // Inlining appends blocks: those of the body, one level deeper, and the rest of this one.
    while block < f.blocks.len() {
        if let Some((at, body)) = next_call(f, block, inlinable)
            && size + body.size() <= LARGEST
        {
            inline(f, block, at, body);
            size = f.size();
            changed = true;
        }
        block += 1;
    }
    changed
}

fn next_call<'i>(
    f: &Function,
    block: usize,
    inlinable: &'i Inlinable,
) -> Option<(usize, &'i Function)> {
    if f.blocks[block].cold || f.blocks[block].level >= inlinable.levels {
        return None;
    }
    f.blocks[block]
        .insts
        .iter()
        .enumerate()
        .find_map(|(at, inst)| match inst.op {
            InstOp::CallVersion { version } => {
                inlinable.bodies.get(&version).map(|body| (at, body))
            }
            _ => None,
        })
}

fn inline(f: &mut Function, block: usize, at: usize, body: &Function) {
    let rest = f.blocks[block].insts.split_off(at + 1);
    let call = f.blocks[block].insts.pop().expect("the call is there");
    let level = f.blocks[block].level;
    let after = f.block();
    let end = f.blocks[block].end.take();
    f.blocks[after.index()] = Block {
        params: call.results.clone(),
        insts: rest,
        end,
        cold: false,
        level,
    };
    let site = f.sites[call.site.expect("a call may raise").index()].clone();

    enter(f, block, &call, &site, body.func, level);
    let landing = land(f, &site, level);
    let mut copy = Copy {
        blocks: body.blocks.iter().map(|_| f.block()).collect(),
        values: vec![None; body.types.len()],
        body,
        landing,
        after,
        level: level + 1,
    };
    for (param, arg) in body.params().iter().zip(&call.args) {
        copy.values[param.index()] = Some(arg.value);
    }
    f.blocks[block].end = Some(Terminator::Jump(Edge {
        to: copy.blocks[0],
        args: Vec::new(),
    }));
    copy.run(f);
}

/// What a call does before its body: the depth check, counts for operands that it only borrowed.
fn enter(f: &mut Function, block: usize, call: &Inst, site: &Site, func: u16, level: u32) {
    let mut check = site.clone();
    check
        .release
        .extend(call.args.iter().filter(|arg| arg.last).map(|arg| arg.value));
    f.sites.push(check);
    let check = SiteId(f.sites.len() as u32 - 1);
    let op = InstOp::CheckDepth {
        func,
        level: level + 1,
    };
    f.blocks[block].insts.push(Inst {
        op,
        args: Vec::new(),
        results: Vec::new(),
        site: Some(check),
    });
    for arg in call.args.iter().filter(|arg| !arg.last) {
        if f.ty(arg.value).may_be_counted() {
            let args = vec![Arg::borrowed(arg.value)];
            f.blocks[block].insts.push(Inst {
                op: InstOp::Retain {},
                args,
                results: Vec::new(),
                site: None,
            });
        }
    }
}

/// The block where errors of the body arrive: what the call's site says, as code.
fn land(f: &mut Function, site: &Site, level: u32) -> BlockId {
    let landing = f.block();
    let put = |op, args| Inst {
        op,
        args,
        results: Vec::new(),
        site: None,
    };
    let mut insts = vec![put(InstOp::Located { pos: site.pos }, Vec::new())];
    let release = match fault!(InlinedErrorsLeak) {
        true => &[],
        false => &site.release[..],
    };
    insts.extend(
        release
            .iter()
            .map(|v| put(InstOp::Release {}, vec![Arg::owned(*v)])),
    );
    insts.extend(
        site.leaves
            .map(|func| put(InstOp::Unwound { func }, Vec::new())),
    );
    let end = match &site.handler {
        Some(edge) => Terminator::Jump(edge.clone()),
        None => Terminator::Unwind,
    };
    f.blocks[landing.index()] = Block {
        params: Vec::new(),
        insts,
        end: Some(end),
        cold: true,
        level,
    };
    landing
}

/// Copying a body into a function.
struct Copy<'b> {
    body: &'b Function,
    /// Where its blocks go.
    blocks: Vec<BlockId>,
    /// What its values become.
    values: Vec<Option<ValueId>>,
    landing: BlockId,
    after: BlockId,
    level: u32,
}

impl Copy<'_> {
    fn run(&mut self, f: &mut Function) {
        for (i, block) in self.body.blocks.iter().enumerate() {
            // The entry's parameters are the call's operands.
            let params = if i == 0 { &[][..] } else { &block.params[..] };
            let params = params.iter().map(|v| self.value(f, *v)).collect();
            let mut insts: Vec<Inst> = block.insts.iter().map(|inst| self.inst(f, inst)).collect();
            let end = block.end.as_ref().map(|end| self.end(f, end, &mut insts));
            let to = self.blocks[i].index();
            f.blocks[to] = Block {
                params,
                insts,
                end,
                cold: block.cold,
                level: self.level + block.level,
            };
        }
    }

    fn value(&mut self, f: &mut Function, value: ValueId) -> ValueId {
        let ty: Type = self.body.ty(value);
        *self.values[value.index()].get_or_insert_with(|| f.value(ty))
    }

    fn inst(&mut self, f: &mut Function, inst: &Inst) -> Inst {
        let args = inst
            .args
            .iter()
            .map(|a| Arg {
                value: self.value(f, a.value),
                last: a.last,
            })
            .collect();
        let results = inst.results.iter().map(|v| self.value(f, *v)).collect();
        let mut op = inst.op;
        if let InstOp::CheckDepth { level, .. } = &mut op {
            *level += self.level;
        }
        Inst {
            op,
            args,
            results,
            site: inst.site.map(|site| self.site(f, site)),
        }
    }

    /// An error that left the body now lands in the caller.
    fn site(&mut self, f: &mut Function, site: SiteId) -> SiteId {
        let site = &self.body.sites[site.index()];
        let release = site.release.iter().map(|v| self.value(f, *v)).collect();
        let (handler, leaves) = match &site.handler {
            Some(edge) => (self.edge(f, edge), site.leaves),
            None => (
                Edge {
                    to: self.landing,
                    args: Vec::new(),
                },
                (!fault!(InlinedCallsHaveNoName)).then_some(self.body.func),
            ),
        };
        f.sites.push(Site {
            pos: site.pos,
            release,
            leaves,
            handler: Some(handler),
        });
        SiteId(f.sites.len() as u32 - 1)
    }

    fn edge(&mut self, f: &mut Function, edge: &Edge) -> Edge {
        let args = edge.args.iter().map(|v| self.value(f, *v)).collect();
        Edge {
            to: self.blocks[edge.to.index()],
            args,
        }
    }

    fn end(&mut self, f: &mut Function, end: &Terminator, insts: &mut Vec<Inst>) -> Terminator {
        match end {
            Terminator::Jump(edge) => Terminator::Jump(self.edge(f, edge)),
            Terminator::Branch(cond, then, otherwise) => Terminator::Branch(
                self.value(f, *cond),
                self.edge(f, then),
                self.edge(f, otherwise),
            ),
            Terminator::Return(value) => Terminator::Jump(Edge {
                to: self.after,
                args: vec![self.value(f, *value)],
            }),
            Terminator::Unwind => {
                let op = InstOp::Unwound {
                    func: self.body.func,
                };
                insts.push(Inst {
                    op,
                    args: Vec::new(),
                    results: Vec::new(),
                    site: None,
                });
                Terminator::Jump(Edge {
                    to: self.landing,
                    args: Vec::new(),
                })
            }
            Terminator::Unreachable => Terminator::Unreachable,
        }
    }
}
