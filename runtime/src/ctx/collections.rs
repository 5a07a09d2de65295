//! Constant arrays and dicts: made once, after the program is loaded, and immortal with all their parts.
//!
//! In: the image's table of constants, in which parts come before what they are parts of. Out: values in the table of constants.
//! It stands apart from `load` so that executables of programs without such constants do not carry arrays and dicts.

use super::Ctx;
use crate::heap::Ref;
use crate::image::Const;
use crate::object::{Array, Dict, Key};
use crate::value::Value;

impl Ctx {
    /// Makes the constant arrays and dicts of the program; until then they are null.
    pub fn make_collections(&mut self) {
        for (k, constant) in self.image.consts.iter().enumerate() {
            let part = |&at: &u32| self.const_table[at as usize].clone();
            let value = match constant {
                Const::Array(parts) => {
                    let array: Array = parts.iter().map(part).collect();
                    Value::from(Ref::new_immortal(array))
                }
                Const::Dict(parts) => {
                    let mut dict = Dict::with_capacity(parts.len() / 2);
                    for pair in parts.chunks_exact(2) {
                        if let Some(key) = Key::from_value(&part(&pair[0])) {
                            let _old = dict.insert(key, part(&pair[1]));
                        }
                    }
                    Value::from(Ref::new_immortal(dict))
                }
                _ => continue,
            };
            self.const_table[k] = value;
        }
    }
}

/// [`Ctx::make_collections`] for executables, which mention it if they need it.
// SAFETY: the name is ours alone.
#[unsafe(no_mangle)]
pub extern "C" fn ruff_make_collections(cx: &mut Ctx) {
    cx.make_collections();
}
