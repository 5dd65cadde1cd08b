//! Log lines for people, without colors: each request writes one, so they are made without detours. They have the form of
//! `tracing-subscriber`, which writes those with colors and looks for escapes in each character of each field.

use std::cell::Cell;
use std::fmt::{self, Debug, Write};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Bytes of `2026-11-22T22:40:56`.
const SECOND_BYTES: usize = 19;

/// The name under which `tracing` gives an event's words.
const MESSAGE: &str = "message";

thread_local! {
    /// The second that was last written, and its text.
    static SECOND: Cell<(u64, [u8; SECOND_BYTES])> = const { Cell::new((u64::MAX, [b'0'; SECOND_BYTES])) };
}

/// Writes lines for people.
pub(super) struct Plain;

impl<S, N> FormatEvent<S, N> for Plain
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        Now.format_time(&mut writer)?;
        writer.write_str(match *event.metadata().level() {
            Level::ERROR => " ERROR",
            Level::WARN => "  WARN",
            Level::INFO => "  INFO",
            Level::DEBUG => " DEBUG",
            Level::TRACE => " TRACE",
        })?;
        let mut fields = Fields { writer: writer.by_ref(), result: Ok(()) };
        event.record(&mut fields);
        fields.result?;
        writer.write_char('\n')
    }
}

/// Writes the time in UTC: RFC 3339, with microseconds.
pub(super) struct Now;

impl FormatTime for Now {
    #[expect(clippy::disallowed_methods, reason = "this is the edge of the program, where time comes in")]
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write_time(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default(), writer)
    }
}

/// Writes a time since the beginning of 1970. The text of a second is made once for all lines that a thread writes in it.
fn write_time(time: Duration, writer: &mut impl Write) -> fmt::Result {
    let (mut second, mut text) = SECOND.get();
    if second != time.as_secs() {
        second = time.as_secs();
        let made = i64::try_from(second).ok().and_then(|second| Timestamp::from_second(second).ok());
        let made = made.map(|made| made.to_string()).unwrap_or_default();
        let bytes = made.as_bytes().get(..SECOND_BYTES).and_then(|bytes| bytes.try_into().ok());
        text = bytes.unwrap_or([b'0'; SECOND_BYTES]);
        SECOND.set((second, text));
    }
    let mut fraction = *b".000000Z";
    let mut rest = time.subsec_micros();
    for digit in fraction[1..7].iter_mut().rev() {
        *digit += (rest % 10) as u8;
        rest /= 10;
    }
    for ascii in [&text[..], &fraction] {
        writer.write_str(str::from_utf8(ascii).map_err(|_| fmt::Error)?)?;
    }
    Ok(())
}

/// Writes an event's words and fields, a blank before each.
struct Fields<'w> {
    writer: Writer<'w>,
    result: fmt::Result,
}

impl Fields<'_> {
    fn write(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        let write = |writer: &mut Writer<'_>| {
            writer.write_char(' ')?;
            if field.name() != MESSAGE {
                writer.write_str(field.name())?;
                writer.write_char('=')?;
            }
            value(writer)
        };
        self.result = self.result.and_then(|()| write(&mut self.writer));
    }
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, text: &str) {
        let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\');
        self.write(field, |writer| match is_plain {
            true => {
                writer.write_char('"')?;
                writer.write_str(text)?;
                writer.write_char('"')
            }
            false => write!(writer, "{text:?}"),
        });
    }

    fn record_u64(&mut self, field: &Field, number: u64) {
        self.write(field, |writer| write!(writer, "{number}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.write(field, |writer| write!(Printable(writer), "{value:?}"));
    }
}

/// Lets control characters through as escapes only: a terminal would obey them. A line break is none of these, since some errors
/// tell more than one line.
struct Printable<'w, 'b>(&'w mut Writer<'b>);

impl Write for Printable<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for piece in text.split_inclusive(is_control) {
            let words = piece.trim_end_matches(is_control);
            self.0.write_str(words)?;
            write!(self.0, "{}", piece[words.len()..].escape_default())?;
        }
        Ok(())
    }
}

fn is_control(character: char) -> bool {
    character.is_control() && character != '\n'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(seconds: u64, microseconds: u32) -> String {
        let mut text = String::new();
        write_time(Duration::new(seconds, microseconds * 1_000 + 999), &mut text).unwrap();
        text
    }

    #[test]
    fn times_are_told_to_the_microsecond() {
        // By GNU date: date -u -d @1800000000 +%FT%TZ
        assert_eq!(time(1_800_000_000, 42), "2027-01-15T08:00:00.000042Z");
        assert_eq!(time(1_800_000_000, 999_999), "2027-01-15T08:00:00.999999Z");
        assert_eq!(time(0, 0), "1970-01-01T00:00:00.000000Z");
    }

    #[test]
    fn no_character_that_a_terminal_obeys_is_let_through() {
        let mut text = String::new();
        write!(Printable(&mut Writer::new(&mut text)), "a\u{1b}[31mb\u{9b}\r\nä").unwrap();
        assert_eq!(text, "a\\u{1b}[31mb\\u{9b}\\r\nä");
    }
}
