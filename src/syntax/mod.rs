//! Text → tokens → syntax tree. In: a file of a `SourceMap`. Out: an `ast::File` and every diagnostic of the file; a
//! tree that comes with errors is incomplete and only good for tools. Knows nothing of what names mean.

pub mod token;

pub mod lexer;

pub mod ast;

mod parser;

pub mod dump;

pub use parser::parse;
