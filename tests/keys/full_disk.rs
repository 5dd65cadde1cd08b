//! Keys and seeds while nothing can be written: the ones that are there stay, and no half ones lie about.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use super::*;

/// Runs a command of a process that may make files but write nothing into them.
fn on_a_full_disk(shop: &Shop, arguments: &[&str]) -> Output {
    // Ignored, the signal that a limit of file sizes sends leaves an error in its place (`setrlimit(2)`, `RLIMIT_FSIZE`).
    let limited = "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\"";
    Command::new("sh")
        .args(["-c", limited])
        .arg(programs().validator)
        .args(arguments)
        .arg("--config")
        .arg(shop.path("validator.toml"))
        .output()
        .unwrap()
}

/// All files beside the seeds, with what is in them.
fn secret_files(shop: &Shop) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(shop.path("secrets")).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

#[test]
fn a_rotation_that_cannot_be_written_leaves_everything_as_it_was() {
    let shop = Shop::closed(programs());
    let before = secret_files(&shop);
    for arguments in
        [&["keys", "rotate"][..], &["keys", "rotate", "--group", "lighthouse", "--old-until", "2999-01-01"]]
    {
        let output = on_a_full_disk(&shop, arguments);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{output:?}");
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.starts_with("error: cannot write `"), "{message}");
        assert!(secret_files(&shop) == before, "{arguments:?} left something else than was there");
    }
}

#[test]
fn a_first_key_that_cannot_be_written_is_none() {
    let shop = Shop::closed(programs());
    fs::remove_file(shop.path(KEY_FILE)).unwrap();
    let before = secret_files(&shop);
    assert_eq!(on_a_full_disk(&shop, &["init"]).status.code(), Some(1));
    assert!(secret_files(&shop) == before, "half a key is there");
    let made = shop.validator_prints(&["init"], "");
    assert!(made.starts_with(&format!("made `{}`\n", shop.path(KEY_FILE).display())), "{made}");
}
