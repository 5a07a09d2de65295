//! Modules: running their top-level code, and their namespaces (language.md §17).

use crate::ctx::{Ctx, ModuleState};
use crate::error::{Result, Thrown};
use crate::heap::Ref;
use crate::image::NameId;
use crate::object::Module;
use crate::ops::call_function;
use crate::value::Value;
use alloc::string::String;

/// Runs a module's top-level code if it has not run yet.
pub fn import_module(cx: &mut Ctx, module: u16) -> Result<()> {
    let at = module as usize;
    match cx.modules[at] {
        ModuleState::Done => return Ok(()),
        ModuleState::Running => return Err(circular(cx, at)),
        ModuleState::Waiting => {}
    }
    cx.modules[at] = ModuleState::Running;
    cx.importing.push(module);
    let main = cx.func_object(cx.image.modules[at].main).clone();
    let result = call_function(cx, &main, &mut []);
    cx.importing.pop();
    cx.modules[at] = match result {
        Ok(_) => ModuleState::Done,
        Err(_) => ModuleState::Waiting,
    };
    result.map(drop)
}

/// `Circular import detected: a -> b -> a`
#[cold]
fn circular(cx: &mut Ctx, module: usize) -> Thrown {
    let mut path = String::new();
    let from = cx.importing.iter().position(|&m| m as usize == module);
    for &m in &cx.importing[from.unwrap_or_default()..] {
        path.push_str(&cx.image.modules[m as usize].name);
        path.push_str(" -> ");
    }
    path.push_str(&cx.image.modules[module].name);
    cx.raise(format_args!("Circular import detected: {path}"))
}

/// The module's namespace as of now.
pub fn module_namespace(cx: &mut Ctx, module: u16) -> Value {
    let meta = &cx.image.modules[module as usize];
    let exports = meta.exports.iter().map(|&(name, global)| {
        let value = cx.global_table[global as usize].clone();
        (cx.name(name).clone(), value)
    });
    let members = exports.filter(|(_, value)| !value.is_uninit()).collect();
    let name = String::from(meta.name.as_str());
    let name = cx.intern(&name);
    Value::from(Ref::new(Module { name, members }))
}

/// `Symbol 'hidden' not found in module 'm'`
#[cold]
#[inline(never)]
pub(super) fn no_such_member(cx: &mut Ctx, module: &Value, name: NameId) -> Thrown {
    let module = module.as_object::<Module>().map(|m| m.name.clone());
    let module = module.as_ref().map_or("", |m| m.as_str());
    let name = cx.name(name).clone();
    cx.raise(format_args!(
        "Symbol '{}' not found in module '{module}'",
        name.as_str()
    ))
}
