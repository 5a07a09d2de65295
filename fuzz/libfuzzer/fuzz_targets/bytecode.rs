//! `cargo fuzz run --fuzz-dir fuzz/libfuzzer --sanitizer none bytecode fuzz/corpus/bytecode`

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| ruff_fuzz::run("bytecode", input));
