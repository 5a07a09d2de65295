//! Checks that a function is well-formed SSA: edges fit their blocks, every use is dominated by its definition.
//!
//! Runs after every pass in debug builds: a broken pass is named at once.

use super::ir::{BlockId, Edge, Function, Terminator, ValueId};
use super::order::{Dominators, reverse_postorder};

/// Gives the first fault found.
pub fn verify(f: &Function) -> Result<(), String> {
    let order = reverse_postorder(f);
    let checker = Checker {
        f,
        dominators: Dominators::new(f, &order),
        places: definitions(f, &order)?,
    };
    for &block in &order {
        checker.block(block)?;
    }
    Ok(())
}

/// Where a value is defined: block, and position in it (0 for parameters).
type Place = (BlockId, usize);

fn definitions(f: &Function, order: &[BlockId]) -> Result<Vec<Option<Place>>, String> {
    let mut places = vec![None; f.types.len()];
    let mut define = |value: ValueId, place: Place| match places[value.index()].replace(place) {
        Some(_) => Err(format!("{value} is defined twice")),
        None => Ok(()),
    };
    for &block in order {
        let data = &f.blocks[block.index()];
        for &param in &data.params {
            define(param, (block, 0))?;
        }
        for (i, inst) in data.insts.iter().enumerate() {
            for &result in &inst.results {
                define(result, (block, i + 1))?;
            }
        }
    }
    Ok(places)
}

struct Checker<'f> {
    f: &'f Function,
    dominators: Dominators,
    places: Vec<Option<Place>>,
}

impl Checker<'_> {
    fn block(&self, block: BlockId) -> Result<(), String> {
        let data = &self.f.blocks[block.index()];
        for (i, inst) in data.insts.iter().enumerate() {
            for arg in &inst.args {
                self.used(arg.value, block, i)?;
            }
            let Some(site) = inst.site else { continue };
            let site = &self.f.sites[site.index()];
            // Results that are changed in place are there on the error path, too.
            for &value in &site.release {
                self.used(value, block, i + 1)?;
            }
            if let Some(edge) = &site.handler {
                self.edge(edge, block, i + 1)?;
            }
        }
        let end = data.insts.len();
        match &data.end {
            None => return Err(format!("{block} has no end")),
            Some(Terminator::Branch(cond, _, _)) => self.used(*cond, block, end)?,
            Some(Terminator::Return(value)) => self.used(*value, block, end)?,
            _ => {}
        }
        data.edges()
            .try_for_each(|edge| self.edge(edge, block, end))
    }

    fn edge(&self, edge: &Edge, block: BlockId, at: usize) -> Result<(), String> {
        let wanted = self.f.blocks[edge.to.index()].params.len();
        if edge.args.len() != wanted {
            return Err(format!(
                "{block} gives {} values to {}, which takes {wanted}",
                edge.args.len(),
                edge.to
            ));
        }
        edge.args.iter().try_for_each(|v| self.used(*v, block, at))
    }

    fn used(&self, value: ValueId, block: BlockId, at: usize) -> Result<(), String> {
        match self.places[value.index()] {
            None => Err(format!("{block} uses {value}, which is not defined")),
            Some((home, place)) if home == block && place > at => {
                Err(format!("{block} uses {value} before its definition"))
            }
            Some((home, _)) if !self.dominators.dominates(home, block) => Err(format!(
                "{block} uses {value}, which {home} defines on another path"
            )),
            Some(_) => Ok(()),
        }
    }
}
