//! Manifests: what is accepted is XML for Joomla's parser, too, which reads the same in it; and a feed says of the extension what
//! its manifest says.

use bandari_generator::fuzzing;

use crate::extension;
use crate::text::assert_message;

/// Tries one input.
///
/// # Panics
/// When something does not hold.
pub fn run(input: &[u8]) {
    match fuzzing::manifest(input, "folder/mod_tides.xml") {
        Ok(read) => {
            assert_eq!(read.path, "folder/mod_tides.xml");
            extension::check(&read);
            assert!(fuzzing::calls(input).is_some(), "accepted, and no XML for Joomla");
            // What is in another encoding, two libraries decode; they are not compared here.
            if let Ok(text) = std::str::from_utf8(input)
                && !text.contains("encoding")
            {
                extension::assert_same_calls(input, text.trim_start_matches('\u{feff}'));
            }
        }
        Err(message) => assert_message(&message),
    }
}
