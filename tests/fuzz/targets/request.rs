//! libFuzzer's program for [`bandari_fuzz::request`]; its shop is a folder beside the program.

#![no_main]

use std::sync::OnceLock;

use bandari_fuzz::{Shop, request};

static SHOP: OnceLock<Shop> = OnceLock::new();

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let shop = SHOP.get_or_init(|| {
        let program = std::env::current_exe().expect("a program has a path");
        Shop::make(&program.with_extension("shop"))
    });
    request::run(shop, input);
});
