//! Files of other systems: whatever is wrong with one, no message, report or history shows a key, a mail address or a password
//! hash of it; and a key that is imported is found by the request that brings it.
//!
//! The first line of an input names the format: `csv`, `ars`, `jbackend`; or it is `key`, and what follows is one.

use bandari_validator::fuzzing;

/// What must not be told. Seeds have these in every place where a secret, or something that was mistaken for one, may stand.
const SECRETS: [&str; 4] = [
    "fd8s809f89ds8f90",
    "zoe.secret@quaywall.test",
    "0123456789abcdef0123456789abcdef",
    "$2y$10$abcdefghijklmnopqrstuuW3nBtGUDWCRnlRkUmcdXmBCYzuE0X9e",
];

/// Longest part of a secret that may be told: a whole key has eight characters at least.
const MAX_TOLD: usize = 7;

/// Most bytes that a command prints: fifty problems.
const MAX_TOLD_BYTES: usize = 50_000;

/// Tries one input.
///
/// # Panics
/// When something does not hold.
pub fn run(input: &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let content = input.get(end + 1..).unwrap_or_default();
    match &input[..end] {
        b"csv" => import("csv", content),
        b"ars" => import("ars", content),
        b"jbackend" => import("jbackend", content),
        b"key" => key(content),
        _ => {}
    }
}

fn import(format: &str, content: &[u8]) {
    let imported = fuzzing::import(format, content);
    assert!(!imported.told.is_empty() && imported.told.len() <= MAX_TOLD_BYTES, "{}", imported.told.len());
    // The lines of problems are told apart by line ends.
    assert!(!imported.told.chars().any(|c| c.is_control() && c != '\n'), "{:?}", imported.told);
    let told = format!("{}\n{}", imported.told, imported.history.join("\n"));
    assert_tells_no_secret(&told, content);
    if let Some([users, licenses, keys]) = imported.written {
        let lines = content.len();
        assert!(users <= lines && licenses <= lines && keys <= lines);
    }
}

fn assert_tells_no_secret(told: &str, content: &[u8]) {
    let content = String::from_utf8_lossy(content);
    for secret in SECRETS {
        let parts = (0..secret.len() - MAX_TOLD).filter_map(|at| secret.get(at..at + MAX_TOLD + 1));
        for part in parts {
            assert!(
                !told.contains(part) || is_in_name_of_table(&content, part),
                "{part} of {secret} is told: {told}"
            );
        }
    }
}

/// What a table of a dump is called is no secret, even if it is called like one.
fn is_in_name_of_table(content: &str, part: &str) -> bool {
    content.match_indices(part).any(|(at, _)| {
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '-');
        let rest = &content[at..];
        let name = &rest[..rest.find(|c| !is_of_name(c)).unwrap_or(rest.len())];
        name.ends_with("ars_dlidlabels") || name.ends_with("_users")
    })
}

fn key(content: &[u8]) {
    let Ok(key) = std::str::from_utf8(content) else { return };
    match fuzzing::is_found_by_request(key) {
        Ok(is_found) => assert!(is_found, "{key:?} is imported, and never found"),
        Err(message) => assert!(key.len() <= MAX_TOLD || !message.contains(key), "{message}"),
    }
}
