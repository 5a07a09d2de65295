//! `cargo fuzz run --fuzz-dir fuzz/libfuzzer --sanitizer none json fuzz/corpus/json`

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| ruff_fuzz::run("json", input));
