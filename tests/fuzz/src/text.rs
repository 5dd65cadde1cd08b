//! What holds for every text that people read.

/// Longest message that a flaw may make: two values, each of which is told by its beginning, and our own words.
const MAX_MESSAGE_CHARS: usize = 4_000;

/// Asserts that a message is one line, of bounded length, that steers no terminal.
pub(crate) fn assert_message(message: &str) {
    let chars = message.chars().count();
    assert!(chars > 0 && chars <= MAX_MESSAGE_CHARS, "{chars} characters");
    assert!(!message.chars().any(char::is_control), "{message:?}");
}
