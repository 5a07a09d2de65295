//! Functions whose types the host knows: calls that cost what a call of machine code costs.
//!
//! In: a function of a script, Rust types for its arguments and its result. Out: those. Where the function cannot be compiled for
//! them (in [`Mode::Interpreted`](super::Mode), or because it may give something else), it is called like any other, and what
//! it gives is looked at.

use super::{Error, Function, Prepared, Session};
use crate::driver::host_call::{Arguments, Scalar};
use ruff_runtime::ops;
use ruff_runtime::value::Value;
use std::marker::PhantomData;

/// A function that a session has looked up for calls with arguments `A`, a tuple of up to four [`Scalar`]s, and a result `R`.
pub struct TypedFunction<'a, A, R> {
    prepared: Prepared<'a>,
    /// Its code, compiled for exactly these types.
    code: Option<*const u8>,
    types: PhantomData<fn(A) -> R>,
}

impl<'a> Session<'a> {
    /// Looks a function of the runtime's script up for calls with these types. Unless the runtime only interprets, it is
    /// compiled for them now.
    ///
    /// ```
    /// use ruff::embed::{Error, Mode, Runtime, Script};
    ///
    /// let script = Script::compile("area.ruff", "func area(width, height) { return width * height }")?;
    /// let area = script.function("area").expect("it is there");
    /// let mut runtime = Runtime::new(&script, Mode::Compiled);
    /// runtime.session(|session| {
    ///     let area = session.typed::<(i64, i64), i64>(area)?;
    ///     assert_eq!(session.call_typed(&area, (6, 7))?, 42);
    ///     assert!(session.call_typed(&area, (i64::MAX, 2)).is_err());
    ///     Ok::<(), Error>(())
    /// })?;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn typed<A: Arguments, R: Scalar>(
        &self,
        function: Function,
    ) -> Result<TypedFunction<'a, A, R>, Error> {
        let prepared = self.prepare(function)?;
        let types = A::types();
        // A wrong number of arguments is an error of the call.
        let fits = prepared.func.info().arity as usize == types.len();
        let tier = self.tier.filter(|_| fits);
        Ok(TypedFunction {
            code: tier.and_then(|tier| tier.host_entry(function.0, &types, R::TYPE)),
            prepared,
            types: PhantomData,
        })
    }

    /// Calls a function that this runtime has looked up with [`Session::typed`].
    #[inline(always)]
    pub fn call_typed<A: Arguments, R: Scalar>(
        &mut self,
        function: &TypedFunction<'a, A, R>,
        args: A,
    ) -> Result<R, Error> {
        let Some(code) = function.code else {
            return self.call_checked(function, args);
        };
        // SAFETY: `host_entry` compiled the code for these types, in this session, which is ready for calls.
        let result = unsafe { args.call::<R>(code, self.cx) };
        if self.cx.pending.is_some() {
            return Err(self.raised());
        }
        Ok(result)
    }

    #[inline(never)]
    fn call_checked<A: Arguments, R: Scalar>(
        &mut self,
        function: &TypedFunction<'a, A, R>,
        args: A,
    ) -> Result<R, Error> {
        let value = self.call_prepared(&function.prepared, args.to_values().as_mut())?;
        R::from_value(&value).ok_or_else(|| wrong_result::<R>(&value))
    }
}

fn wrong_result<R: Scalar>(value: &Value) -> Error {
    Error::WrongType {
        wanted: R::TYPE.to_string(),
        given: ops::text::type_name(value).into(),
    }
}
