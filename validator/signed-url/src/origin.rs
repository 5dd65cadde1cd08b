//! Scheme and host of signed URLs, from configuration and never from a request.

use std::error::Error;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The longest origin, in bytes: `https://` (8), a host name (253), `:` and a port (6).
pub const MAX_ORIGIN_LENGTH: usize = 8 + MAX_HOST_LENGTH + 6;

/// The longest host name, in bytes, as written: 255 on the wire (RFC 1035, section 3.1) less the first length byte and
/// the root.
const MAX_HOST_LENGTH: usize = 253;

/// The longest label of a host name, in bytes (RFC 1035, section 3.1).
const MAX_LABEL_LENGTH: usize = 63;

/// What stands before the path of every signed URL: `http://` or `https://`, a host, and a port unless it is the
/// scheme's own.
///
/// It is part of the signed bytes, so it has one spelling: lower case, no user info, no trailing `/`. An edge takes it
/// from its configuration: behind TLS termination a request shows neither scheme nor host that can be trusted.
///
/// The host is a name of letters, digits and hyphens (RFC 1123, section 2.1; other scripts in their `xn--` form), an
/// IPv4 address, or an IPv6 address in brackets as RFC 5952 writes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

impl Origin {
    /// Takes `text` as it is; nothing is lowered or cut off.
    ///
    /// # Errors
    ///
    /// When `text` is anything but an origin in that one spelling.
    pub fn parse(text: &str) -> Result<Origin, InvalidOrigin> {
        check(text).map(|()| Origin(text.to_owned())).map_err(|expected| InvalidOrigin::new(text, expected))
    }

    /// The origin, without trailing `/`: `https://dl.example.com`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What was expected, when `text` is no origin.
fn check(text: &str) -> Result<(), &'static str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err("lower case only");
    }
    let (authority, default_port) = if let Some(authority) = text.strip_prefix("https://") {
        (authority, "443")
    } else if let Some(authority) = text.strip_prefix("http://") {
        (authority, "80")
    } else {
        return Err("`https://` or `http://` in front");
    };
    if authority.contains('@') {
        return Err("no user name or password");
    }
    if authority.contains(['/', '?', '#']) {
        return Err("nothing after the host and port, not even a `/`");
    }
    let (host, port) = split_port(authority)?;
    check_host(host)?;
    match port {
        Some(port) if port == default_port => Err("no port where it is the scheme's own"),
        Some(port) if !is_port(port) => Err("a port from 1 to 65535 without leading zeros"),
        _ => Ok(()),
    }
}

/// Splits at the `:` of the port, which in an IPv6 address is the one behind the bracket.
fn split_port(authority: &str) -> Result<(&str, Option<&str>), &'static str> {
    let after_address = authority.find(']').map_or(0, |bracket| bracket + 1);
    let (host, port) = match authority[after_address..].find(':') {
        Some(colon) => {
            let colon = after_address + colon;
            (&authority[..colon], Some(&authority[colon + 1..]))
        }
        None => (authority, None),
    };
    if host.is_empty() { Err("a host") } else { Ok((host, port)) }
}

fn check_host(host: &str) -> Result<(), &'static str> {
    if let Some(address) = host.strip_prefix('[') {
        return check_ipv6(address.strip_suffix(']').unwrap_or_default());
    }
    let is_label = |label: &str| {
        (1..=MAX_LABEL_LENGTH).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if host.len() > MAX_HOST_LENGTH || !host.split('.').all(is_label) {
        return Err("a host of letters, digits and `-` between the dots, other scripts as `xn--`");
    }
    // Where the last label is a number, browsers read the whole host as an IPv4 address and rewrite short or
    // hexadecimal forms (WHATWG URL, "ends in a number checker"), so only the plain form has one spelling.
    let last_label = host.rsplit('.').next().unwrap_or_default();
    if is_number(last_label) && host.parse::<Ipv4Addr>().is_err() {
        return Err("an IPv4 address of four decimal numbers");
    }
    Ok(())
}

fn check_ipv6(address: &str) -> Result<(), &'static str> {
    match address.parse::<Ipv6Addr>() {
        Ok(parsed) if parsed.to_string() == address => Ok(()),
        _ => Err("an IPv6 address in its shortest form, in brackets"),
    }
}

fn is_number(label: &str) -> bool {
    match label.strip_prefix("0x") {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => label.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0') && text.parse::<u16>().is_ok()
}

/// A text that is no [`Origin`]. A user name and password in it are not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidOrigin {
    found: String,
    expected: &'static str,
}

impl InvalidOrigin {
    fn new(text: &str, expected: &'static str) -> InvalidOrigin {
        let found = match text.rsplit_once('@') {
            Some((_, host)) => format!("…@{host}"),
            None => text.to_owned(),
        };
        InvalidOrigin { found, expected }
    }
}

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "origin `{}`: expected {}", self.found.escape_debug(), self.expected)
    }
}

impl Error for InvalidOrigin {}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        Origin::parse(text).expect_err(text).to_string()
    }

    #[test]
    fn an_origin_in_its_one_spelling_is_kept() {
        for text in [
            "https://dl.example.com",
            "http://dl.example.com",
            "https://dl.example.com:8443",
            "http://dl.example.com:443",
            "https://localhost",
            "https://xn--bcher-kva.example",
            "http://127.0.0.1:8080",
            "http://[::1]:8080",
            "https://[2001:db8::1]",
        ] {
            assert_eq!(Origin::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn the_message_says_what_was_found_and_what_was_expected() {
        assert_eq!(
            message("dl.example.com"),
            "origin `dl.example.com`: expected `https://` or `http://` in front"
        );
        assert_eq!(
            message("https://dl.example.com/"),
            "origin `https://dl.example.com/`: expected nothing after the host and port, not even a `/`"
        );
        assert!(message("https://DL.example.com").ends_with("expected lower case only"));
        assert!(
            message("https://dl.example.com:443").ends_with("expected no port where it is the scheme's own")
        );
        assert!(
            message("http://dl.example.com:80").ends_with("expected no port where it is the scheme's own")
        );
        assert!(message("https://").ends_with("expected a host"));
        assert!(message("https://:8443").ends_with("expected a host"));
    }

    #[test]
    fn a_password_is_not_repeated() {
        for text in ["https://user:secret@dl.example.com", "HTTPS://user:SECRET@secret@dl.example.com"] {
            let message = message(text);
            assert!(message.contains("`…@dl.example.com`"), "{message}");
            assert!(!message.to_lowercase().contains("secret"), "{message}");
        }
    }

    #[test]
    fn ports_have_one_spelling() {
        for port in ["", "0", "08443", "+8443", "65536", "8443:1", "x"] {
            let text = format!("https://dl.example.com:{port}");
            assert!(message(&text).ends_with("a port from 1 to 65535 without leading zeros"), "{text}");
        }
    }

    #[test]
    fn hosts_have_one_spelling() {
        let long_label = format!("https://{}.example", "a".repeat(64));
        let long_host = format!("https://{}aa", "a.".repeat(126));
        for text in [
            "https://dl..example.com",
            "https://dl.example.com.",
            "https://-dl.example.com",
            "https://dl_1.example.com",
            "https://bücher.example",
            "https://dl.example.com\n",
            "https://dl example.com",
            "https://127.1",
            "https://0x7f000001",
            "https://127.0.0.01",
            "https://[0:0:0:0:0:0:0:1]",
            "https://[::1",
            "https://::1",
            "https://[::1]x",
            "https://[]",
            "https://dl.example.com]",
            long_label.as_str(),
            long_host.as_str(),
        ] {
            assert!(Origin::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_longest_origin_has_the_stated_length() {
        let text = format!("https://{}a:65535", "a.".repeat(126));
        assert_eq!(Origin::parse(&text).unwrap().as_str().len(), MAX_ORIGIN_LENGTH);
    }
}
