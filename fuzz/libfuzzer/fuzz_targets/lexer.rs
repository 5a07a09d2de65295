//! `cargo fuzz run --fuzz-dir fuzz/libfuzzer --sanitizer none lexer fuzz/corpus/lexer`

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| ruff_fuzz::run("lexer", input));
