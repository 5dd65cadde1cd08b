//! libFuzzer's program for [`bandari_fuzz::signed_url`].

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| bandari_fuzz::signed_url::run(input));
