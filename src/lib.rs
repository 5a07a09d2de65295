//! The Ruff toolchain, stages in the order in which a program passes through them, and the API by which others run Ruff.
//!
//! ```
//! use ruff::embed::{Data, Error, Mode, Runtime, Script};
//!
//! let script = Script::compile("sums.ruff", "
//!     export total := 0
//!     func add(n) { total += n; return total }
//!     func fail() { return [1][9] }
//! ")?;
//! let mut runtime = Runtime::new(&script, Mode::Tiered);
//! runtime.run()?;
//! assert_eq!(runtime.call("add", &[Data::Int(2)])?, Data::Int(2));
//! assert_eq!(runtime.call("add", &[40.into()])?, Data::Int(42));
//! assert_eq!(runtime.variable("total"), Some(Data::Int(42)));
//!
//! let Err(Error::Raised(error)) = runtime.call("fail", &[]) else { panic!() };
//! assert_eq!((error.message.as_str(), error.line), ("Index out of bounds: 9", 4));
//! # Ok::<(), Error>(())
//! ```

pub mod source;

pub mod diag;

pub mod reach;

pub mod syntax;

pub mod resolve;

pub mod bytecode;

pub mod emit;

pub mod interp;

pub mod ssa;

pub mod codegen;

pub mod driver;

pub mod embed;
