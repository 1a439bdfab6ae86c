#![no_main]
//! See `fastedge_fuzz::TARGETS`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| fastedge_fuzz::run("dotenv", data));
