//! How much of the machine clients may take: `[limits]` of the configuration. Nothing of it depends on who has a license, so
//! it holds before a key is looked at. What counts tries is `quota`.

use std::ops::RangeInclusive;
use std::time::Duration;

use hyper::header::{self, HeaderMap};
use hyper::{StatusCode, Uri};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::Deserialize;

use crate::reply::Reply;

/// Open files that are not customers': the monitoring's connections, the license store, listeners and standard streams.
const RESERVED_FILES: u64 = 100;

/// A customer's connection has its socket and, during a download from here, a file.
const FILES_PER_CONNECTION: u64 = 2;

/// Most connections that may be configured: more than that is a task for several machines.
const MAX_CONNECTIONS: usize = 1_000_000;

/// Heads that any browser, proxy and Joomla can do with are smaller. It is the least that hyper's buffer takes, too.
const HEAD_BYTES: RangeInclusive<usize> = 8_192..=262_144;

/// A target with two keys has a few hundred bytes; a kilobyte lets all of jBackend's parameters in.
const TARGET_BYTES: RangeInclusive<usize> = 1_024..=65_000;

/// A browser behind two proxies sends some thirty. Up to hyper's own 100, counting costs no memory.
const HEADERS: RangeInclusive<usize> = 40..=100;

/// A form with a name and a password has a few hundred bytes.
const BODY_BYTES: RangeInclusive<usize> = 1_024..=1_048_576;

/// Less cuts off slow lines, more is no limit.
const SECONDS: RangeInclusive<u64> = 1..=3_600;

/// `[limits]` of the configuration as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LimitTable {
    connections: usize,
    connections_per_address: usize,
    head_bytes: usize,
    target_bytes: usize,
    headers: usize,
    body_bytes: usize,
    head_seconds: u64,
    body_seconds: u64,
    idle_seconds: u64,
    write_seconds: u64,
}

impl Default for LimitTable {
    fn default() -> Self {
        Self {
            // An idle connection costs about 12 KB.
            connections: 10_000,
            // A large host has hundreds of Joomlas behind one address, and each needs its connection for a moment.
            connections_per_address: 256,
            head_bytes: 16_384,
            // As much as nginx and Apache take.
            target_bytes: 8_192,
            headers: 100,
            // A handful of short parameters.
            body_bytes: 16_384,
            head_seconds: 10,
            // A form fits into a dozen packets.
            body_seconds: 10,
            // A proxy should be the one that closes: nginx keeps its connections to us for 60 s.
            idle_seconds: 75,
            // A line that is merely slow takes a packet now and then.
            write_seconds: 30,
        }
    }
}

/// What clients may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Most connections of customers at a time; more of them wait.
    pub(crate) connections: usize,
    /// Most of them from one IPv4 address or one /64 of IPv6; more of them are closed at once.
    pub(crate) connections_per_address: usize,
    /// Largest head of a request, its first line included.
    pub(crate) head_bytes: usize,
    /// Longest target of a request.
    pub(crate) target_bytes: usize,
    /// Most header lines of a request.
    pub(crate) headers: usize,
    /// What the body of a form may take.
    pub(crate) body: BodyLimits,
    /// For how long a handshake of TLS and the head of a request may be on their way.
    pub(crate) head: Duration,
    /// For how long a connection may be idle between two requests.
    pub(crate) idle: Duration,
    /// For how long a client may take nothing of an answer that waits for it. Who reads nothing at all would keep connection,
    /// file and buffers for ever.
    pub(crate) write: Duration,
}

/// What the body of a form may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BodyLimits {
    pub(crate) bytes: usize,
    /// For how long it may be on its way.
    pub(crate) time: Duration,
}

impl Limits {
    /// Checks what is written.
    ///
    /// # Errors
    /// Tells the key, what was found and what was expected.
    pub(crate) fn of(table: &LimitTable) -> Result<Self, String> {
        let seconds = |key, found| within(key, found, SECONDS).map(Duration::from_secs);
        let limits = Self {
            connections: within("connections", table.connections, 1..=MAX_CONNECTIONS)?,
            connections_per_address: within(
                "connections_per_address",
                table.connections_per_address,
                1..=MAX_CONNECTIONS,
            )?,
            head_bytes: within("head_bytes", table.head_bytes, HEAD_BYTES)?,
            target_bytes: within("target_bytes", table.target_bytes, TARGET_BYTES)?,
            headers: within("headers", table.headers, HEADERS)?,
            body: BodyLimits {
                bytes: within("body_bytes", table.body_bytes, BODY_BYTES)?,
                time: seconds("body_seconds", table.body_seconds)?,
            },
            head: seconds("head_seconds", table.head_seconds)?,
            idle: seconds("idle_seconds", table.idle_seconds)?,
            write: seconds("write_seconds", table.write_seconds)?,
        };
        if limits.target_bytes > limits.head_bytes {
            return Err(format!(
                "`limits.target_bytes`: found {}, expected no more than `limits.head_bytes`, {}",
                limits.target_bytes, limits.head_bytes
            ));
        }
        Ok(limits)
    }

    /// The answer to a request whose head arrived whole and yet asks too much. A head that is too large does not get this far.
    pub(crate) fn refuse(&self, target: &Uri, headers: &HeaderMap) -> Option<Reply> {
        let target_bytes = target.path_and_query().map_or(0, |target| target.as_str().len());
        let (status, outcome, text) = if target_bytes > self.target_bytes {
            let text = format!("The address is too long: {} bytes are read at most.", self.target_bytes);
            (StatusCode::URI_TOO_LONG, "target", text)
        } else if headers.len() > self.headers {
            let text = format!("There are too many headers: {} are read at most.", self.headers);
            (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "headers", text)
        } else {
            return None;
        };
        Some(Reply::text(status, outcome, &text).with(header::CONNECTION, "close"))
    }
}

fn within<N: PartialOrd + std::fmt::Display>(
    key: &str,
    found: N,
    range: RangeInclusive<N>,
) -> Result<N, String> {
    if range.contains(&found) {
        return Ok(found);
    }
    Err(format!("`limits.{key}`: found {found}, expected {} to {}", range.start(), range.end()))
}

/// How many connections this process may have with the files that it may open. Raises its own limit to what the system allows
/// it first.
#[must_use]
pub(crate) fn connections_of_this_process() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    connections_within(if raised.is_ok() { maximum } else { current })
}

/// How many connections fit into a limit of open files; nothing means that there is none.
fn connections_within(open_files: Option<u64>) -> usize {
    let Some(open_files) = open_files else { return MAX_CONNECTIONS };
    let connections = open_files.saturating_sub(RESERVED_FILES) / FILES_PER_CONNECTION;
    // One at least: a server that is far too small should still answer.
    usize::try_from(connections).unwrap_or(MAX_CONNECTIONS).clamp(1, MAX_CONNECTIONS)
}

#[cfg(test)]
mod tests {
    use hyper::header::{HeaderName, HeaderValue};

    use super::*;

    fn limits(lines: &str) -> Result<Limits, String> {
        Limits::of(&toml::from_str(lines).map_err(|error| error.to_string())?)
    }

    #[test]
    fn connections_leave_files_for_everything_else() {
        assert_eq!(connections_within(Some(1_100)), 500);
        assert_eq!(connections_within(Some(50)), 1);
        assert_eq!(connections_within(Some(u64::MAX)), MAX_CONNECTIONS);
        assert_eq!(connections_within(None), MAX_CONNECTIONS);
    }

    #[test]
    fn a_limit_that_is_none_or_shuts_everybody_out_is_refused() {
        for (line, expected) in [
            ("connections = 0", "`limits.connections`: found 0, expected 1 to 1000000"),
            (
                "connections_per_address = 0",
                "`limits.connections_per_address`: found 0, expected 1 to 1000000",
            ),
            ("head_bytes = 100", "`limits.head_bytes`: found 100, expected 8192 to 262144"),
            ("target_bytes = 1000", "`limits.target_bytes`: found 1000, expected 1024 to 65000"),
            (
                "target_bytes = 16385",
                "`limits.target_bytes`: found 16385, expected no more than `limits.head_bytes`, 16384",
            ),
            ("headers = 101", "`limits.headers`: found 101, expected 40 to 100"),
            ("body_bytes = 2000000", "`limits.body_bytes`: found 2000000, expected 1024 to 1048576"),
            ("head_seconds = 0", "`limits.head_seconds`: found 0, expected 1 to 3600"),
            ("body_seconds = 0", "`limits.body_seconds`: found 0, expected 1 to 3600"),
            ("idle_seconds = 3601", "`limits.idle_seconds`: found 3601, expected 1 to 3600"),
            ("write_seconds = 0", "`limits.write_seconds`: found 0, expected 1 to 3600"),
        ] {
            assert_eq!(limits(line).unwrap_err(), expected);
        }
        assert!(limits("conections = 5").unwrap_err().contains("unknown field `conections`"));
    }

    #[test]
    fn what_init_writes_are_the_defaults() {
        let text = crate::config::starting_text("c");
        let (_, lines) = text.split_once("\n# [limits]\n").unwrap();
        let (lines, _) = lines.split_once("\n\n").unwrap();
        assert_eq!(limits(&lines.replace("# ", "").replace("75  ", "75 # ")), limits(""));
        assert_eq!(lines.lines().count(), 10, "every key");
    }

    #[test]
    fn what_is_not_written_keeps_its_default() {
        let limits = limits("idle_seconds = 5").unwrap();
        assert_eq!(limits.idle, Duration::from_secs(5));
        assert_eq!(limits.connections, 10_000);
        assert_eq!(limits.body, BodyLimits { bytes: 16_384, time: Duration::from_secs(10) });
    }

    #[test]
    fn what_is_at_a_limit_is_answered_and_what_is_above_is_not() {
        let limits = limits("target_bytes = 1024\nheaders = 40").unwrap();
        let status = |target_bytes: usize, header_lines: usize| {
            let target: Uri = format!("/{}", "x".repeat(target_bytes - 1)).parse().unwrap();
            let mut headers = HeaderMap::new();
            for _ in 0..header_lines {
                headers.append(HeaderName::from_static("x-a"), HeaderValue::from_static("b"));
            }
            limits.refuse(&target, &headers).map(|reply| reply.response.status().as_u16())
        };
        assert_eq!(status(1_024, 40), None);
        assert_eq!(status(1_025, 40), Some(414));
        assert_eq!(status(1_024, 41), Some(431));
    }
}
