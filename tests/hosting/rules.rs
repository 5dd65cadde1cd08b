//! The headers of each file, as the README has them, and whether an answer has just these.

use bandari_tests::http::Answer;
use bandari_tests::site::Site;

/// What a file is served with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) content_type: &'static str,
    pub(super) cache_control: &'static str,
    pub(super) is_page: bool,
    pub(super) is_for_other_sites: bool,
    /// Its name, when it is one to be saved.
    pub(super) package: Option<String>,
}

/// Of a file below `public/`.
pub(super) fn of(file: &str) -> Rule {
    let name = file.rsplit('/').next().unwrap();
    let package = file.starts_with("files/").then(|| name.to_owned());
    Rule {
        content_type: content_type(name),
        cache_control: match package {
            Some(_) => "public, max-age=31536000, immutable",
            None => "public, max-age=300",
        },
        is_page: name.ends_with(".html"),
        is_for_other_sites: matches!(
            name,
            "catalog.json"
                | "collection.xml"
                | "releases.atom"
                | "updates.xml"
                | "changelog.xml"
                | "SHA256SUMS"
        ),
        package,
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or(name, |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "xml" => "text/xml; charset=utf-8",
        "txt" | "SHA256SUMS" => "text/plain; charset=utf-8",
        "json" => "application/json; charset=utf-8",
        "atom" => "application/atom+xml; charset=utf-8",
        "zip" => "application/zip",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        other => panic!("no type of `{other}` is expected"),
    }
}

/// The policy of pages: what they say themselves, and that nobody may put them into a frame.
pub(super) fn policy(site: &Site) -> String {
    let page = site.text("output/public/index.html");
    let (_, meta) = page.split_once("<meta http-equiv=\"Content-Security-Policy\" content=\"").unwrap();
    let (policy, _) = meta.split_once('"').unwrap();
    let policy = policy.replace("&#x27;", "'").replace("&#39;", "'").replace("&#x2F;", "/");
    assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{policy}");
    format!("{policy}; frame-ancestors 'none'")
}

/// Checks an answer that has the file.
#[track_caller]
pub(super) fn check(file: &str, policy: &str, answer: &Answer) {
    let rule = of(file);
    assert_eq!(answer.status, 200, "{file}");
    let type_without_blanks = answer.header("content-type").map(|found| found.replace("; ", ";"));
    assert_eq!(type_without_blanks, Some(rule.content_type.replace("; ", ";")), "{file}");
    for (name, expected) in [
        ("cache-control", Some(rule.cache_control)),
        ("x-content-type-options", Some("nosniff")),
        ("referrer-policy", Some("strict-origin-when-cross-origin")),
        ("content-security-policy", rule.is_page.then_some(policy)),
        ("access-control-allow-origin", rule.is_for_other_sites.then_some("*")),
    ] {
        assert_eq!(answer.header(name), expected, "{name} of {file}");
    }
    let disposition = rule.package.map(|name| format!("attachment; filename=\"{name}\""));
    assert_eq!(answer.header("content-disposition"), disposition.as_deref(), "{file}");
}
