//! libFuzzer's program for [`bandari_fuzz::feed`].

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| bandari_fuzz::feed::run(input));
