//! `cargo fuzz run --fuzz-dir fuzz/libfuzzer --sanitizer none builtins fuzz/corpus/builtins`

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| ruff_fuzz::run("builtins", input));
