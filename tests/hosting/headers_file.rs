//! `_headers`, read by the rules that its two readers document, and as their own code does: Netlify's `headers-parser`,
//! Cloudflare's `pages-shared` (`asset-server`).

use std::collections::BTreeMap;

use super::{built, rules, served_files};

/// A path with `*` and `:names`, and its headers.
type HeaderRule = (String, Vec<(String, String)>);

fn parse(text: &str) -> Vec<HeaderRule> {
    let mut rules: Vec<HeaderRule> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.starts_with('/') {
            rules.push((line.to_owned(), Vec::new()));
        } else {
            let (name, value) = line.split_once(':').unwrap();
            rules.last_mut().unwrap().1.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    rules
}

/// Whether a pattern is all of a path: `:name` is a segment with something in it, a last `*` anything.
fn matches(pattern: &str, path: &str) -> bool {
    if let Some(before) = pattern.strip_suffix('*') {
        assert!(!before.contains([':', '*']), "`{pattern}`: no rule here has both");
        return path.starts_with(before);
    }
    let (patterns, segments): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    let is_match = |pattern: &str, segment: &str| match pattern.starts_with(':') {
        true => !segment.is_empty(),
        false => pattern == segment,
    };
    patterns.len() == segments.len() && patterns.iter().zip(segments).all(|(p, s)| is_match(p, s))
}

/// What Cloudflare sends: the values of all rules that match, joined.
fn by_cloudflare(rules: &[HeaderRule], path: &str) -> BTreeMap<String, String> {
    let mut sent: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in rules.iter().filter(|(pattern, _)| matches(pattern, path)).flat_map(|rule| &rule.1) {
        let joined = sent.get(name).map_or_else(|| value.clone(), |before| format!("{before}, {value}"));
        sent.insert(name.clone(), joined);
    }
    sent
}

/// What Netlify sends, to which a slash at the end and the case are nothing: the value of the last rule that matches.
fn by_netlify(rules: &[HeaderRule], path: &str) -> BTreeMap<String, String> {
    let bare = |path: &str| format!("{}/", path.trim_end_matches('/').to_ascii_lowercase());
    let is_match = |pattern: &str| matches(pattern, path) || matches(&bare(pattern), &bare(path));
    let matching = rules.iter().filter(|(pattern, _)| is_match(pattern));
    matching.flat_map(|rule| rule.1.clone()).collect()
}

#[test]
fn both_hosts_give_each_file_its_headers() {
    for url in ["https://updates.example.org", "https://www.example.org/down.loads"] {
        let site = built(url);
        let prefix = url.trim_start_matches("https://").split_once('/').map_or("", |(_, path)| path);
        let prefix = if prefix.is_empty() { String::new() } else { format!("/{prefix}") };
        let headers = parse(&site.text("output/public/_headers"));
        let policy = rules::policy(&site);
        for (file, address) in served_files(&site) {
            let (rule, address) = (rules::of(&file), format!("{prefix}{address}"));
            let cloudflare = by_cloudflare(&headers, &address);
            let netlify = by_netlify(&headers, &address);
            for sent in [&cloudflare, &netlify] {
                let header = |name: &str| sent.get(name).map(String::as_str);
                assert_eq!(header("cache-control"), Some(rule.cache_control), "{address}");
                assert_eq!(header("x-content-type-options"), Some("nosniff"), "{address}");
                assert_eq!(header("referrer-policy"), Some("strict-origin-when-cross-origin"), "{address}");
                assert_eq!(
                    header("access-control-allow-origin").is_some(),
                    rule.is_for_other_sites,
                    "{address}"
                );
                // Without a name: a name would be the same for all.
                assert_eq!(header("content-disposition"), rule.package.as_ref().map(|_| "attachment"));
            }
            // Cloudflare has another address for a page that is a file of another name, and sends who asks for it there.
            if rule.is_page && address.ends_with('/') {
                assert_eq!(cloudflare.get("content-security-policy"), Some(&policy), "{address}");
                assert_eq!(netlify.get("content-security-policy"), Some(&policy), "{address}");
            }
            // Netlify shows a page by the name of its file, too, and no rule for pages matches there.
            let named = format!(
                "{address}{}",
                if rule.is_page && address.ends_with('/') { "index.html" } else { "" }
            );
            for sent in [&cloudflare, &by_netlify(&headers, &named)] {
                assert_eq!(sent.get("x-frame-options").map(String::as_str), Some("DENY"), "{named}");
            }
            // In an image of a vendor's it would forbid styles.
            if file.ends_with(".svg") {
                assert_eq!(netlify.get("content-security-policy"), None, "{address}");
            }
            // Of the types of others their hosts know enough.
            let own_type = file.ends_with("SHA256SUMS").then_some("text/plain; charset=utf-8");
            assert_eq!(cloudflare.get("content-type").map(String::as_str), own_type);
        }
    }
}

#[test]
fn each_host_finds_a_rule_as_it_documents() {
    let rules = parse("/*\n  A: 1\n/:x/\n  A: 2\n/F/:x\n  B: 1\n");
    assert_eq!(by_cloudflare(&rules, "/d/"), [("a".to_owned(), "1, 2".to_owned())].into());
    assert_eq!(by_cloudflare(&rules, "/d"), [("a".to_owned(), "1".to_owned())].into());
    assert_eq!(by_netlify(&rules, "/d"), [("a".to_owned(), "2".to_owned())].into());
    assert_eq!(
        by_netlify(&rules, "/f/x"),
        [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "1".to_owned())].into()
    );
    assert!(!by_cloudflare(&rules, "/f/x").contains_key("b"));
}
