//! `cargo fuzz run --fuzz-dir fuzz/libfuzzer --sanitizer none parser fuzz/corpus/parser`

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| ruff_fuzz::run("parser", input));
