//! jBackend's options: no message, note or log shows the seed of a group, wherever it stands; and a package lies below its folder.

use std::path::{Component, Path};

use bandari_generator::fuzzing;

use crate::text::assert_message;

/// Seeds of groups, which the inputs have where a seed, or something else, belongs.
const SECRETS: [&str; 2] = ["k3J9xx0q", "Zq8-t0p_s33d"];

/// Tries one input.
///
/// # Panics
/// When something does not hold.
pub fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let read = fuzzing::jbackend_options(text);
    read.told.iter().for_each(|message| assert_message(message));
    for secret in SECRETS {
        for message in &read.told {
            assert!(!message.contains(secret), "{message}");
        }
        // The first field of a line is an identifier, which everybody may see, and the second one of a package is its path.
        if !is_public(text, secret) {
            assert!(!read.debug.contains(secret), "{}", read.debug);
        }
    }
    for path in &read.paths {
        let is_below = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        assert!(!path.is_empty() && Path::new(path).components().all(is_below), "{path}");
    }
}

/// Whether some line has a secret in one of its first two fields.
fn is_public(text: &str, secret: &str) -> bool {
    text.split(['\n', '"', '\\', ':', '=']).any(|line| {
        let place = line.find(secret);
        place.is_some_and(|place| line[..place].matches(';').count() < 2)
    })
}
