//! What PHP calls back; the values were seen there.

use super::*;

#[test]
fn a_small_feed_is_read() {
    let document = parse(b"<a>x</a>\n");
    assert_eq!(document.end, End::Whole);
}
