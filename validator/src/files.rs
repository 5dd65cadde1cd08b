//! A file over HTTP: conditional requests and ranges (RFC 9110, sections 13 and 14). What may be served is decided
//! elsewhere.

use std::fs::File;
use std::time::SystemTime;

use bytes::Bytes;
use http_body_util::Either;
use http_range_header::{EndPosition, StartPosition, SyntacticallyCorrectRange};
use hyper::header::{self, HeaderMap, HeaderName};
use hyper::{Method, StatusCode};

use crate::file_body::FileBody;
use crate::reply::Reply;

/// A file to be served.
pub(crate) struct ServedFile {
    pub(crate) file: File,
    pub(crate) size_bytes: u64,
    /// With its quotes.
    pub(crate) etag: String,
    pub(crate) modified: Option<SystemTime>,
    pub(crate) content_type: String,
    pub(crate) cache_control: &'static str,
    /// Sent as the name to save under.
    pub(crate) attachment_name: Option<String>,
}

/// What part of the file to send.
enum Part {
    Whole,
    /// From the first byte to before the second.
    Range(u64, u64),
    Unsatisfiable,
}

/// Answers a `GET` or `HEAD` for a file.
pub(crate) fn answer(method: &Method, headers: &HeaderMap, served: ServedFile) -> Reply {
    if is_another_than_wanted(headers, &served) {
        let text = "The file is not, or no longer, the one that the request is about.";
        return Reply::text(StatusCode::PRECONDITION_FAILED, "precondition", text);
    }
    if is_known_to_client(headers, &served) {
        let reply = Reply::new(StatusCode::NOT_MODIFIED, "not-modified", Bytes::new());
        return with_validators(without_length(reply), &served);
    }
    let size_bytes = served.size_bytes;
    let part = requested_part(method, headers, &served);
    let (status, outcome, start, end) = match part {
        Part::Whole => (StatusCode::OK, "file", 0, size_bytes),
        Part::Range(start, end) => (StatusCode::PARTIAL_CONTENT, "file-range", start, end),
        Part::Unsatisfiable => {
            let text = format!("The file has {size_bytes} bytes.");
            return Reply::text(StatusCode::RANGE_NOT_SATISFIABLE, "range", &text)
                .with(header::CONTENT_RANGE, format!("bytes */{size_bytes}"));
        }
    };
    let mut reply = Reply::new(status, outcome, Bytes::new())
        .with(header::CONTENT_LENGTH, end - start)
        .with(header::CONTENT_TYPE, &served.content_type)
        .with(header::ACCEPT_RANGES, "bytes")
        .with(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if status == StatusCode::PARTIAL_CONTENT {
        reply = reply.with(header::CONTENT_RANGE, format!("bytes {start}-{}/{size_bytes}", end - 1));
    }
    if let Some(name) = &served.attachment_name {
        // Without it Joomla names the file after the first address, key and all, and cannot unpack it.
        reply = reply.with(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""));
    }
    reply = with_validators(reply, &served);
    if method != Method::HEAD {
        *reply.response.body_mut() = Either::Right(FileBody::new(served.file, start, end));
    }
    reply
}

fn with_validators(reply: Reply, served: &ServedFile) -> Reply {
    let reply = reply.with(header::ETAG, &served.etag).with(header::CACHE_CONTROL, served.cache_control);
    match served.modified {
        Some(modified) => reply.with(header::LAST_MODIFIED, httpdate::fmt_http_date(modified)),
        None => reply,
    }
}

/// An answer without a body must not claim that the file has no bytes.
fn without_length(mut reply: Reply) -> Reply {
    reply.response.headers_mut().remove(header::CONTENT_LENGTH);
    reply
}

fn value(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// RFC 9110, section 13.2.2: `If-Match` counts where it is given, else `If-Unmodified-Since`.
fn is_another_than_wanted(headers: &HeaderMap, served: &ServedFile) -> bool {
    match headers.contains_key(header::IF_MATCH) {
        // Compared strongly (section 13.1.1): a weak tag is never that of these very bytes.
        true => !tags(headers, header::IF_MATCH).any(|tag| tag == "*" || tag == served.etag),
        false => is_unmodified_since(headers, header::IF_UNMODIFIED_SINCE, served) == Some(false),
    }
}

/// RFC 9110, section 13.2.2: `If-None-Match` counts where it is given, else `If-Modified-Since`.
fn is_known_to_client(headers: &HeaderMap, served: &ServedFile) -> bool {
    match headers.contains_key(header::IF_NONE_MATCH) {
        true => tags(headers, header::IF_NONE_MATCH)
            .any(|tag| tag == "*" || tag.trim_start_matches("W/") == served.etag),
        false => is_unmodified_since(headers, header::IF_MODIFIED_SINCE, served) == Some(true),
    }
}

/// The tags of a header, over all of its lines.
fn tags(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

/// Whether the file is as old as the header's date or older; nothing when either date is unknown.
fn is_unmodified_since(headers: &HeaderMap, name: HeaderName, served: &ServedFile) -> Option<bool> {
    let since = httpdate::parse_http_date(value(headers, name)?).ok()?;
    Some(whole_seconds(served.modified?) <= whole_seconds(since))
}

fn whole_seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// One range is honored. Several at once, unknown units and malformed ones get the whole file, which RFC 9110, section
/// 14.2, leaves to the server.
fn requested_part(method: &Method, headers: &HeaderMap, served: &ServedFile) -> Part {
    let Some(range) = value(headers, header::RANGE).filter(|_| method == Method::GET) else {
        return Part::Whole;
    };
    if !range_still_fits(headers, served) {
        return Part::Whole;
    }
    // A unit's case does not count (RFC 9110, section 14.1), but to the parser it does.
    let Some((unit, ranges)) = range.split_once('=') else { return Part::Whole };
    let range = format!("{}={ranges}", unit.to_ascii_lowercase());
    let Ok(parsed) = http_range_header::parse_range_header(&range) else { return Part::Whole };
    match parsed.ranges[..] {
        [range] => resolve(range, served.size_bytes),
        _ => Part::Whole,
    }
}

/// `If-Range`: the range counts only for the file that the client has a part of. A date is too coarse to tell files apart
/// that change within a second, so only a strong tag is taken.
fn range_still_fits(headers: &HeaderMap, served: &ServedFile) -> bool {
    value(headers, header::IF_RANGE).is_none_or(|tag| tag.trim() == served.etag)
}

fn resolve(range: SyntacticallyCorrectRange, size_bytes: u64) -> Part {
    if let (StartPosition::Index(first), EndPosition::Index(last)) = (range.start, range.end)
        && last < first
    {
        return Part::Whole;
    }
    let start = match range.start {
        StartPosition::Index(start) => start,
        // A suffix longer than the file is the whole file (RFC 9110, section 14.1.2).
        StartPosition::FromLast(length) => size_bytes - length.min(size_bytes),
    };
    let end = match range.end {
        EndPosition::Index(last) => last.saturating_add(1).min(size_bytes),
        EndPosition::LastByte => size_bytes,
    };
    if start < end { Part::Range(start, end) } else { Part::Unsatisfiable }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served() -> ServedFile {
        let path = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(path.path(), "0123456789").unwrap();
        ServedFile {
            file: path.reopen().unwrap(),
            size_bytes: 10,
            etag: "\"tag\"".into(),
            modified: Some(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000)),
            content_type: "application/zip".into(),
            cache_control: "private",
            attachment_name: Some("x.zip".into()),
        }
    }

    fn ask(method: &Method, headers: &[(HeaderName, &str)]) -> (StatusCode, HeaderMap) {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        let response = answer(method, &headers, served()).response;
        (response.status(), response.headers().clone())
    }

    fn ask_range(range: &str) -> (u16, Option<String>) {
        let (status, headers) = ask(&Method::GET, &[(header::RANGE, range)]);
        (status.as_u16(), value(&headers, header::CONTENT_RANGE).map(str::to_owned))
    }

    #[test]
    fn one_range_gets_just_its_bytes() {
        assert_eq!(ask_range("bytes=0-3"), (206, Some("bytes 0-3/10".into())));
        assert_eq!(ask_range("bytes=4-"), (206, Some("bytes 4-9/10".into())));
        assert_eq!(ask_range("bytes=-3"), (206, Some("bytes 7-9/10".into())));
        assert_eq!(ask_range("bytes=8-99"), (206, Some("bytes 8-9/10".into())));
        assert_eq!(ask_range("Bytes=0-3"), (206, Some("bytes 0-3/10".into())));
    }

    #[test]
    fn a_suffix_longer_than_the_file_is_the_whole_file() {
        assert_eq!(ask_range("bytes=-99"), (206, Some("bytes 0-9/10".into())));
    }

    #[test]
    fn a_range_behind_the_end_cannot_be_satisfied() {
        assert_eq!(ask_range("bytes=10-"), (416, Some("bytes */10".into())));
    }

    #[test]
    fn what_is_not_one_range_of_bytes_gets_the_whole_file() {
        for range in ["bytes=0-1,3-4", "lines=0-3", "bytes", "bytes=a-b", "bytes=3-1", "bytes=-0"] {
            assert_eq!(ask_range(range), (200, None), "{range}");
        }
    }

    #[test]
    fn a_range_of_a_file_that_changed_gets_the_whole_new_file() {
        let range = (header::RANGE, "bytes=4-");
        assert_eq!(ask(&Method::GET, &[range.clone(), (header::IF_RANGE, "\"old\"")]).0, 200);
        assert_eq!(ask(&Method::GET, &[range, (header::IF_RANGE, "\"tag\"")]).0, 206);
    }

    #[test]
    fn a_client_that_has_the_file_gets_no_bytes() {
        assert_eq!(ask(&Method::GET, &[(header::IF_NONE_MATCH, "\"a\", W/\"tag\"")]).0, 304);
        assert_eq!(ask(&Method::GET, &[(header::IF_NONE_MATCH, "\"a\"")]).0, 200);
        let two_lines = [(header::IF_NONE_MATCH, "\"a\""), (header::IF_NONE_MATCH, "\"tag\"")];
        assert_eq!(ask(&Method::GET, &two_lines).0, 304);
        assert_eq!(ask(&Method::GET, &[(header::IF_MODIFIED_SINCE, "Sun, 09 Sep 2001 01:46:40 GMT")]).0, 304);
        assert_eq!(ask(&Method::GET, &[(header::IF_MODIFIED_SINCE, "Sun, 09 Sep 2001 01:46:39 GMT")]).0, 200);
    }

    #[test]
    fn a_request_about_another_file_than_this_is_refused() {
        const BEFORE: &str = "Sun, 09 Sep 2001 01:46:39 GMT";
        const SINCE: &str = "Sun, 09 Sep 2001 01:46:40 GMT";
        let status = |headers: &[(HeaderName, &str)]| ask(&Method::GET, headers).0.as_u16();
        for (tags, expected) in
            [("\"tag\"", 200), ("\"a\", \"tag\"", 200), ("*", 200), ("\"a\"", 412), ("W/\"tag\"", 412)]
        {
            assert_eq!(status(&[(header::IF_MATCH, tags)]), expected, "{tags}");
        }
        assert_eq!(status(&[(header::IF_MATCH, "\"a\""), (header::IF_MATCH, "\"tag\"")]), 200);
        assert_eq!(status(&[(header::IF_UNMODIFIED_SINCE, SINCE)]), 200);
        assert_eq!(status(&[(header::IF_UNMODIFIED_SINCE, BEFORE)]), 412);
        assert_eq!(status(&[(header::IF_UNMODIFIED_SINCE, "yesterday")]), 200);
        let tag_before_date = [(header::IF_MATCH, "\"tag\""), (header::IF_UNMODIFIED_SINCE, BEFORE)];
        assert_eq!(status(&tag_before_date), 200);
        let before_the_others =
            [(header::IF_MATCH, "\"a\""), (header::IF_NONE_MATCH, "\"tag\""), (header::RANGE, "bytes=99-")];
        assert_eq!(status(&before_the_others), 412);
    }

    #[test]
    fn head_tells_what_get_would_send() {
        let (status, headers) = ask(&Method::HEAD, &[(header::RANGE, "bytes=0-3")]);
        assert_eq!(status, 200);
        assert_eq!(value(&headers, header::CONTENT_LENGTH), Some("10"));
        assert_eq!(value(&headers, header::CONTENT_DISPOSITION), Some("attachment; filename=\"x.zip\""));
    }
}
