//! Buckets that change, servers that do not stop talking, cryptography that fails: played by `stand_ins.js`, in Deno.

use std::fs;
use std::process::Command;

use super::{Fixture, Runtime, own};
use crate::edges::fixture::FILE;

#[test]
fn what_goes_wrong_behind_the_module_gives_nothing_away() {
    let Some(deno) = Runtime::Deno.installed() else { return };
    let fixture = Fixture::new();
    let folder = fixture.generate("workers");
    fs::write(folder.join("stand_ins.js"), own("stand_ins.js")).unwrap();
    let output = Command::new(deno.program)
        .env("DENO_DIR", folder.join("deno"))
        .args(["run", "--no-config"])
        .arg(folder.join("stand_ins.js"))
        .arg(fixture.sign(FILE, 200))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "16 judged\n", "{output:?}");
}
