//! What Joomla requests for a package, and what becomes of the answer (`UpdateModel::install`,
//! `InstallerHelper::downloadPackage`, `::getFilenameFromUrl`, `::isChecksumValid`).

use super::decision::{ChecksumResult, Download, InstallOutcome, Message, SavedAs};
use super::line::Line;
use super::profile::{DownloadKey, Profile};
use super::texts;

/// What stands in every address in place of a key.
pub const KEY: &str = "KEY";

/// Such as PHP's `uniqid` makes where an address has no name.
const MADE_UP: &str = "6921dc2a5f1b3";

/// What PHP's `trim` cuts off.
const BLANKS: [char; 6] = [' ', '\t', '\n', '\r', '\0', '\u{b}'];

/// Some of what libcurl takes for no part of a host (`hostname_check` in `lib/urlapi.c`).
const NEVER_IN_A_HOST: [char; 5] = ['\\', '<', '>', '"', '`'];

/// Endings of archives that Joomla unpacks (`libraries/vendor/joomla/archive/src/Archive.php`).
const ARCHIVES: [&str; 8] = ["zip", "tar", "tgz", "gz", "gzip", "tbz2", "bz2", "bzip2"];

/// What an entry says of its package.
pub(super) struct Package<'e> {
    pub(super) address: &'e str,
    /// Addresses that are tried when a request fails, in this order.
    pub(super) mirrors: &'e [&'e str],
    /// Name and value of each digest; none when the element is missing.
    pub(super) digests: [(&'static str, Option<&'e str>); 3],
}

/// What is known before an answer comes.
pub(super) struct Requested {
    pub(super) outcome: InstallOutcome,
    pub(super) download: Download,
    pub(super) messages: Vec<Message>,
}

pub(super) fn request(package: &Package<'_>, site: &Profile) -> Requested {
    let line = site.joomla.line();
    let join = |address: &str| join(address.trim_matches(BLANKS), site.key.as_ref());
    let mut address = join(package.address);
    let mut mirrors = package.mirrors.iter();
    let mut messages = Vec::new();
    // Where no request can be made, the next mirror is tried, as after a request that failed.
    let request = loop {
        match on_the_wire(&address, line) {
            Ok(request) => break Ok(request),
            Err(cause) => {
                messages.push(texts::cannot_connect(&cause));
                match mirrors.next() {
                    Some(mirror) => address = join(mirror),
                    None => break Err(cause),
                }
            }
        }
    };
    let (outcome, request) = match request {
        Ok(request) => (InstallOutcome::Downloads, request),
        Err(cause) => (InstallOutcome::NoRequest { cause }, String::new()),
    };
    let checksum = checksum(&package.digests, line);
    match outcome {
        InstallOutcome::Downloads => messages.extend(messages_after(&checksum, site)),
        _ => messages.push(texts::download_failed(&address)),
    }
    let download = Download {
        request,
        mirrors: mirrors.filter_map(|mirror| on_the_wire(&join(mirror), line).ok()).collect(),
        saved_as: saved_as(&address),
        checksum_messages: match checksum {
            ChecksumResult::Missing => Vec::new(),
            _ => vec![texts::wrong_checksum()],
        },
        checksum,
        address,
    };
    Requested { outcome, download, messages }
}

/// The address with the key: behind a `?` of its own, or behind what Joomla takes for a `&`.
fn join(address: &str, key: Option<&DownloadKey>) -> String {
    let Some(DownloadKey { prefix, suffix }) = key else { return address.to_owned() };
    let joint = if address.contains('?') { "&amp;" } else { "?" };
    format!("{address}{joint}{prefix}{KEY}{suffix}")
}

/// What the server gets: Joomla's `Uri` turns `&amp;` back, what follows a `#` stays at home, and libcurl does the rest.
///
/// # Errors
/// What libcurl says of an address that it cannot request.
fn on_the_wire(address: &str, line: &Line) -> Result<String, String> {
    let bad = || "URL using bad/illegal format or missing URL".to_owned();
    let whole = address.replace("&amp;", "&");
    let mended =
        if line.mends_tabs_in_keys { whole.replace(|c: char| c.is_ascii_control(), "_") } else { whole };
    if mended.contains(|c: char| c == ' ' || c.is_ascii_control()) {
        return Err(bad());
    }
    let sent = mended.split('#').next().unwrap_or_default();
    let (place, query) = sent.split_once('?').unwrap_or((sent, ""));
    // PHP takes "0" for nothing.
    let query = if query.is_empty() || query == "0" { String::new() } else { format!("?{query}") };
    let (scheme, rest) = match place.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        // What libcurl supposes. One slash before it makes it a path, which is of no host.
        None if place.starts_with('/') && !place.starts_with("//") => return Err(bad()),
        None => ("http".to_owned(), place.trim_start_matches('/')),
    };
    if scheme != "http" && scheme != "https" {
        return Err(format!("Protocol \"{scheme}\" not supported or disabled in libcurl"));
    }
    let host = rest.split('/').next().unwrap_or_default();
    let path = encoded(&rest[host.len()..]);
    let host = host.strip_suffix(':').unwrap_or(host);
    if host.is_empty() || host.contains(NEVER_IN_A_HOST) {
        return Err(bad());
    }
    let slash = if path.is_empty() { "/" } else { "" };
    Ok(format!("{scheme}://{host}{slash}{path}{query}"))
}

/// What is not ASCII in a path is written as bytes, in lower case. A query is sent as it is.
fn encoded(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for c in path.chars() {
        if c.is_ascii() {
            encoded.push(c);
        } else {
            let mut bytes = [0; 4];
            encoded.extend(c.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02x}")));
        }
    }
    encoded
}

/// The name that the package gets when the answer has no `Content-Disposition`: what stands behind the last `/` of the address
/// as it was first built, query and all.
fn saved_as(address: &str) -> SavedAs {
    let name = address.rsplit_once('/').map(|(_, last)| file_name(last));
    // PHP takes "0" for nothing.
    let name = name.filter(|name| !name.is_empty() && name != "0");
    let can_be_unpacked = name.as_deref().is_some_and(can_be_unpacked);
    let message = (!can_be_unpacked).then(|| texts::cannot_unpack(name.as_deref().unwrap_or(MADE_UP)));
    SavedAs { name, can_be_unpacked, message }
}

/// Every other character becomes `_`, and of several one after the other one stays.
fn file_name(segment: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "_-.".contains(c) { c } else { '_' };
    let underscored: String = segment.chars().map(plain).collect();
    let mut name = String::with_capacity(underscored.len());
    for c in underscored.trim_matches('_').chars() {
        if c != '_' || !name.ends_with('_') {
            name.push(c);
        }
    }
    name
}

/// Whether Joomla unpacks a file of this name: it goes by its end and nothing else.
#[must_use]
pub fn can_be_unpacked(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| ARCHIVES.contains(&ending.as_str()))
}

fn checksum(digests: &[(&'static str, Option<&str>); 3], line: &Line) -> ChecksumResult {
    let stops = line.stops_at_wrong_checksum;
    let given = || digests.iter().filter_map(|(name, value)| value.map(|value| (*name, value)));
    let never_right = given().find(|(name, value)| {
        let value = if line.trims_checksums { value.trim_matches(BLANKS) } else { value };
        value.len() != hex_digits(name) || !value.bytes().all(|b| b.is_ascii_hexdigit())
    });
    if let Some((digest, value)) = never_right {
        return ChecksumResult::NeverRight { digest, value: value.to_owned(), stops };
    }
    let digests: Vec<&'static str> = given().map(|(name, _)| name).collect();
    if digests.is_empty() { ChecksumResult::Missing } else { ChecksumResult::Compared { digests, stops } }
}

fn hex_digits(digest: &str) -> usize {
    match digest {
        "sha256" => 64,
        "sha384" => 96,
        _ => 128,
    }
}

/// What the administrator reads when the package comes under a name that can be unpacked and with the digests of the feed.
fn messages_after(checksum: &ChecksumResult, site: &Profile) -> Vec<Message> {
    let line = site.joomla.line();
    let kind = site.installed.as_ref().map_or("package", |installed| installed.kind.as_str());
    let updated = texts::updated(kind, line);
    match checksum {
        ChecksumResult::Missing if line.tells_missing_checksum => vec![texts::missing_checksum(), updated],
        ChecksumResult::NeverRight { stops: true, .. } => vec![texts::wrong_checksum()],
        ChecksumResult::NeverRight { stops: false, .. } => vec![texts::wrong_checksum(), updated],
        _ => vec![updated],
    }
}
