//! `cargo fuzz run --fuzz-dir fuzz/libfuzzer --sanitizer none arguments fuzz/corpus/arguments`

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| ruff_fuzz::run("arguments", input));
