//! `cargo fuzz run --fuzz-dir fuzz/libfuzzer --sanitizer none compiler fuzz/corpus/compiler`

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| ruff_fuzz::run("compiler", input));
