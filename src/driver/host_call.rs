//! Calls from a host into machine code, with arguments and results in registers.
//!
//! In: code that was compiled for a signature of scalars, and their Rust values. Out: what it gives. It does not know how the code
//! was made, nor what is done about an error that it leaves pending.

use crate::ssa::types::Type;
use ruff_runtime::ctx::Ctx;
use ruff_runtime::value::Value;

/// A Rust type that stands for a type of the language and travels in a register. `()` is null, and only a result.
pub trait Scalar: Copy {
    /// The type of the language.
    const TYPE: Type;
    /// What is in the register.
    type Raw;
    /// Into the register.
    fn into_raw(self) -> Self::Raw;
    /// Out of the register.
    fn from_raw(raw: Self::Raw) -> Self;
    /// As a value of the runtime.
    fn to_value(self) -> Value;
    /// From a value of the runtime, if it is of that type.
    fn from_value(value: &Value) -> Option<Self>;
}

macro_rules! scalars {
    ($($rust:ty: $ty:ident in $raw:ty, $into:expr, $from:expr, $to_value:expr, $from_value:expr;)*) => { $(
        impl Scalar for $rust {
            const TYPE: Type = Type::$ty;
            type Raw = $raw;
            #[inline(always)]
            fn into_raw(self) -> $raw {
                $into(self)
            }
            #[inline(always)]
            fn from_raw(raw: $raw) -> Self {
                $from(raw)
            }
            fn to_value(self) -> Value {
                $to_value(self)
            }
            fn from_value(value: &Value) -> Option<Self> {
                $from_value(value)
            }
        }
    )* };
}
scalars! {
    i64: INT in i64, |n| n, |n| n, Value::int, Value::as_int;
    f64: FLOAT in f64, |x| x, |x| x, Value::float, Value::as_float;
    bool: BOOL in i64, i64::from, |n| n != 0, Value::bool, Value::as_bool;
    (): NULL in i64, |()| 0, |_| (), |()| Value::NULL, |value: &Value| value.is_null().then_some(());
}

/// Arguments of a call: a tuple of up to four [`Scalar`]s.
pub trait Arguments: Copy {
    /// As values of the runtime.
    type Values: AsMut<[Value]>;
    /// Their types.
    fn types() -> Vec<Type>;
    /// As values of the runtime.
    fn to_values(self) -> Self::Values;
    /// Calls code with them.
    ///
    /// # Safety
    /// The code must have been compiled for these types of parameters and a result of type `R`, by
    /// [`define_host_entry`](crate::codegen::Compiler::define_host_entry), in the program of the context, which must be ready for calls.
    unsafe fn call<R: Scalar>(self, code: *const u8, cx: *mut Ctx) -> R;
}

macro_rules! arguments {
    ($($n:literal: $($name:ident $at:tt),*;)*) => { $(
        impl<$($name: Scalar),*> Arguments for ($($name,)*) {
            type Values = [Value; $n];
            fn types() -> Vec<Type> {
                vec![$($name::TYPE),*]
            }
            fn to_values(self) -> [Value; $n] {
                [$(self.$at.to_value()),*]
            }
            #[inline(always)]
            unsafe fn call<R: Scalar>(self, code: *const u8, cx: *mut Ctx) -> R {
                type Code<$($name,)* R> = unsafe extern "C" fn(*mut Ctx $(, $name)*) -> R;
                // SAFETY: the caller promises this signature, and a context that is ready.
                unsafe {
                    let code = std::mem::transmute::<*const u8, Code<$($name::Raw,)* R::Raw>>(code);
                    R::from_raw(code(cx $(, self.$at.into_raw())*))
                }
            }
        }
    )* };
}
arguments! {
    0: ;
    1: A 0;
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
}
