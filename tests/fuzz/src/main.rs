//! libFuzzer's program for all targets; the environment says which. One program for all is linked once.

#![no_main]

use std::sync::LazyLock;

use bandari_fuzz::{Run, ShopPlace, TARGETS};

static TARGET: LazyLock<(Run, ShopPlace)> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let found = TARGETS.into_iter().find(|(known, _)| *known == name);
    let Some((_, run)) = found else {
        let known = TARGETS.map(|(known, _)| known).join(", ");
        panic!("found FUZZ_TARGET={name:?}, expected one of {known}");
    };
    let program = std::env::current_exe().expect("a program has a path");
    // Two targets may run at a time.
    (run, ShopPlace::new(program.with_extension(format!("{name}.shop"))))
});

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let (run, place) = &*TARGET;
    run(place, input);
});
