//! What looks like a mistake, whether or not it is what hides an update here, and how to mend it.

use bandari_catalog::version::Version;

use super::source::Source;
use super::verdict::{self, doubtful_version};
use super::words::{self, version_of};
use crate::shown::{quoted, shown};
use crate::updater::{Aborted, Decision, Feed, FeedKind, InstallOutcome, Mismatch, Outcome, Profile, Unread};

/// First bytes of what gzip packed (RFC 1952, section 2.3.1).
const GZIP: &[u8] = &[0x1f, 0x8b];

/// So far into a feed its beginning is looked for.
const BEGINNING_BYTES: usize = 512;

/// Of the feed as a whole, whatever the site.
pub(super) fn of_feed(source: &Source) -> Vec<String> {
    let mut told = source.remarks.clone();
    let feed = &source.feed;
    told.extend(not_a_feed(&source.bytes));
    if !source.bytes.trim_ascii().is_empty() {
        told.extend(feed.unread().map(|unread| of_unread(&unread, &source.bytes)));
    }
    told.extend(doubtful_php(feed));
    told.extend(mirrors(feed));
    let extensions = feed.collected();
    if feed.kind() == FeedKind::Extension && extensions.len() > 1 {
        let named: Vec<String> = extensions.iter().map(words::extension).collect();
        told.push(format!(
            "The feed names several extensions: {}. Joomla takes the highest version of them all and nothing else. Make a feed for \
             each.",
            words::list(&named)
        ));
    }
    told
}

/// A `<php_minimum>` that says another version to Joomla than to people: only the last piece of its text counts, and blanks are
/// part of it.
fn doubtful_php(feed: &Feed) -> Option<String> {
    let entries = feed.texts(&["PHP_MINIMUM"]);
    let minimum = entries.iter().find_map(|entry| {
        entry.get("PHP_MINIMUM").filter(|text| text.trim() != text.as_str() && !text.trim().is_empty())
    })?;
    Some(format!(
        "A `<php_minimum>` is {}. The blanks and the ends of lines around it count, and sites with an older PHP may be offered the \
         release. Write `<php_minimum>{}</php_minimum>`.",
        quoted(minimum),
        shown(minimum.trim())
    ))
}

fn mirrors(feed: &Feed) -> Option<String> {
    let entries = feed.texts(&["DOWNLOADSOURCE"]);
    entries.iter().any(|entry| entry.contains_key("DOWNLOADSOURCE")).then(|| {
        "The feed names mirrors (`<downloadsource>`). Joomla 4 and later never ask them, and Joomla 3.10 asks those of every release, \
         whichever it installs. Leave them out."
            .into()
    })
}

/// What of an answer to a site looks like a mistake of the feed.
pub(super) fn of_decision(decision: &Decision, site: &Profile) -> Vec<String> {
    let mut told = Vec::new();
    if let Outcome::NotInstalled { mismatches, .. } = &decision.outcome {
        told.extend(mismatches.iter().map(|mismatch| of_mismatch(mismatch, site)));
    }
    if let Outcome::Aborted(error) = &decision.outcome {
        told.extend(mend_error(error));
    }
    if let Some(InstallOutcome::Aborted(error) | InstallOutcome::Failed(error)) =
        decision.install.as_ref().map(|install| &install.outcome)
    {
        told.extend(mend_error(error));
    }
    told.extend(decision.entries.iter().filter(|entry| entry.is_newest).find_map(|entry| {
        let version = entry.version.as_deref()?;
        let shown = version_of(entry);
        let stability = Version::parse(version).ok()?.stability();
        (stability < site.minimum_stability).then(|| {
            format!(
                "{shown} (line {}) looks like {}, yet it is offered to sites that want no such release: Joomla goes by `<tag>` alone. \
                 Write `<tag>{}</tag>` into it.",
                entry.line,
                match stability.as_str() {
                    "alpha" => "an alpha".to_owned(),
                    "rc" => "a release candidate".to_owned(),
                    "dev" => "a development version".to_owned(),
                    other => format!("a {other}"),
                },
                stability.as_str()
            )
        })
    }));
    let doubtful: Vec<_> = decision
        .entries
        .iter()
        .filter_map(|entry| Some((entry.line, doubtful_version(entry.version.as_deref()?)?)))
        .collect();
    // The answer says it, too.
    if !matches!(decision.outcome, Outcome::UpToDate { .. })
        && let Some((line, first)) = doubtful.first()
    {
        told.push(format!("{first} (Line {line}{})", others(doubtful.len() - 1)));
    }
    told
}

/// What it is in a feed that PHP stumbles over.
fn mend_error(Aborted { line, error }: &Aborted) -> Option<String> {
    let place = line.map(|line| format!("Line {line}: ")).unwrap_or_default();
    if let Some(rest) = error.strip_prefix("Attempt to assign property \"") {
        let name = rest.split('"').next().unwrap_or(rest);
        return Some(if error.ends_with("on null") {
            format!(
                "{place}the element `<{}>` stands outside of every `<update>`, where Joomla keeps nothing. Move it into an `<update>`, or \
                 leave it out. If it is the root of the feed, name it `<updates>`.",
                shown(name)
            )
        } else {
            format!("{place}`<stability>` and `<tag>` cannot stand in one entry. Leave `<stability>` out.")
        });
    }
    if error.starts_with("Unknown column 'client'") {
        return Some("The newest entry that fits has an empty `<client>`. Write `<client>site</client>`, or the client that it has.".into());
    }
    if error.starts_with("invalid input syntax") {
        return Some("No client of Joomla has the name in the `<client>` of the newest entry that fits. Write `site` or `administrator`.".into());
    }
    error
        .starts_with("array_pop()")
        .then(|| format!("{place}a `<category>` has no `ref`. Leave it out: Joomla follows none."))
}

fn others(number: usize) -> String {
    match number {
        0 => String::new(),
        1 => ", and another entry".into(),
        _ => format!(", and {number} other entries"),
    }
}

fn not_a_feed(bytes: &[u8]) -> Option<String> {
    if bytes.starts_with(GZIP) {
        return Some(
            "The feed is packed by gzip, and Joomla unpacks nothing. Publish it as plain XML.".into(),
        );
    }
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(BEGINNING_BYTES)]).to_lowercase();
    let start = start.trim_start_matches('\u{feff}');
    if start.trim().is_empty() {
        return Some("The feed is empty. Joomla tells nobody.".into());
    }
    if start.trim_start().starts_with("<!doctype html") || start.trim_start().starts_with("<html") {
        return Some("This is a web page and no feed. Look at what lies at the address.".into());
    }
    let declaration = start.find("<?xml").filter(|&at| at > 0)?;
    let before = &start[..declaration];
    let what = if before.trim().is_empty() { "a blank or an empty line".into() } else { quoted(before) };
    Some(format!(
        "Before the XML declaration stands {what}. Nothing may stand there: begin the file with `<?xml`."
    ))
}

fn of_unread(unread: &Unread, bytes: &[u8]) -> String {
    let told = verdict::unread(Some(unread));
    match unread {
        Unread::Malformed { line, .. } => {
            let mend = mend_encoding(bytes, *line).or_else(|| mend_line(line_of(bytes, *line)));
            let mend = mend.unwrap_or_default();
            format!("{told} Joomla says that it could not parse the feed, and takes nothing of it.{mend}")
        }
        Unread::Unfinished { line, .. } => {
            let mend = mend_line(line_of(bytes, *line)).unwrap_or_default();
            format!("{told} What stands from there on does not count, and nobody is told.{mend}")
        }
    }
}

/// Bytes that are no UTF-8, in a file that says it is, or does not say what it is.
fn mend_encoding(bytes: &[u8], line: u32) -> Option<String> {
    let text = bytes.split(|&b| b == b'\n').nth(line.saturating_sub(1) as usize)?;
    let broken = std::str::from_utf8(text).is_err();
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(BEGINNING_BYTES)]).to_lowercase();
    let declaration = start.split("?>").next().filter(|start| start.contains("<?xml")).unwrap_or_default();
    let is_utf_8 = !declaration.contains("encoding") || declaration.contains("utf-8");
    (broken && is_utf_8).then(|| {
        " That line is not in UTF-8, as an XML file is that does not declare another encoding; perhaps it is in ISO-8859-1. Save the \
         file as UTF-8."
            .into()
    })
}

fn line_of(bytes: &[u8], line: u32) -> String {
    let line = bytes.split(|&b| b == b'\n').nth(line.saturating_sub(1) as usize).unwrap_or_default();
    String::from_utf8_lossy(line).into_owned()
}

/// An `&` is what most often ends the reading, then a `<` in an attribute.
fn mend_line(line: String) -> Option<String> {
    let in_attributes = line.split('"').skip(1).step_by(2);
    if line.matches('"').count().is_multiple_of(2)
        && in_attributes.into_iter().any(|value| value.contains('<'))
    {
        return Some(" There is a `<` in an attribute in that line: write `&lt;`.".into());
    }
    let mut rest = line.as_str();
    while let Some(at) = rest.find('&') {
        rest = &rest[at + 1..];
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '#').collect();
        let is_reference = rest[name.len()..].starts_with(';');
        let is_known = name.starts_with('#') || ["amp", "lt", "gt", "quot", "apos"].contains(&name.as_str());
        if !is_reference || name.is_empty() {
            return Some(" There is an `&` in that line that begins no reference: write `&amp;`.".into());
        }
        if !is_known {
            return Some(format!(
                " {} in that line is known to HTML but not to XML: write the character itself.",
                quoted(&format!("&{name};"))
            ));
        }
    }
    None
}

/// Where the newest entry names another extension.
fn of_mismatch(mismatch: &Mismatch, site: &Profile) -> String {
    let Mismatch { field, feed, taken_as, installed } = mismatch;
    let kind = site.installed.as_ref().map_or("extension", |installed| installed.kind.as_str());
    let mend = format!("Write `<{field}>{}</{field}>`.", shown(installed));
    match (*field, feed.as_deref()) {
        ("client", None) => format!(
            "The newest entry that fits has no `<client>`, and Joomla takes that for {}. The {kind} is installed for {}. {mend}",
            quoted(taken_as.as_deref().unwrap_or("administrator")),
            quoted(installed)
        ),
        ("folder", None) => format!(
            "It has no `<folder>`. An update of a plugin is found by its group, too: write that of the plugin, such as \
             `<folder>{}</folder>`.",
            shown(installed)
        ),
        ("client", Some(text)) => {
            let taken = taken_as.as_deref().filter(|taken| !taken.eq_ignore_ascii_case(text));
            let taken =
                taken.map(|taken| format!(", which Joomla takes for {}", quoted(taken))).unwrap_or_default();
            format!(
                "Its `<client>` is {}{taken}. The {kind} is installed for {}. {mend}",
                quoted(text),
                quoted(installed)
            )
        }
        ("folder", Some(text)) if installed.is_empty() => format!(
            "Its `<folder>` is {}. Only plugins have one, and this is a {kind}: leave the element out.",
            quoted(text)
        ),
        (_, None) => format!("It has no `<{field}>`. {mend}"),
        (_, Some(text)) if text.trim() == installed => {
            format!("Its `<{field}>` is {}, and the blanks around it count. {mend}", quoted(text))
        }
        ("element", Some(text)) if text.starts_with("plg_") => format!(
            "Its `<element>` is {}, but Joomla's element of a plugin is what its manifest says in `plugin=\"…\"`, without \
             `plg_` and group. {mend}",
            quoted(text)
        ),
        (_, Some(text)) => {
            format!(
                "Its `<{field}>` is {}, and that of the extension is {}. If the feed is for this extension, write \
                 `<{field}>{}</{field}>`.",
                quoted(text),
                quoted(installed),
                shown(installed)
            )
        }
    }
}

/// Of the address that Joomla will ask, where it is one.
pub(super) fn of_address(feed: &Feed) -> Option<String> {
    let address = feed.address();
    let second = feed.second_address().filter(|_| address.contains("://"))?;
    Some(format!(
        "The address does not end in `.xml`. Whenever it cannot be read, Joomla asks for {}, too, and names that one in its \
         message.",
        quoted(&second)
    ))
}
