//! The requests that every edge is judged by.

mod signatures;
mod targets;

use std::ops::Range;

use bandari_tests::shop::KEY_SET;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;

use super::fixture::{BASE, FILE, Fixture, OTHER_FILE, signed, unix_seconds};

/// A request and what has to come of it.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) method: &'static str,
    /// As it goes over the wire.
    pub(super) target: String,
    pub(super) headers: Vec<String>,
    pub(super) verdict: Verdict,
}

/// What has to come of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// 200 with the bytes of [`FILE`].
    File,
    /// 200 without them.
    Head,
    /// 206 with these of its bytes.
    Part(Range<usize>),
    /// 403.
    Refused,
    /// The same, or the server itself refuses the request: it is no HTTP, or more than servers take.
    RefusedByWhoever,
    /// Servers may read it as the request for [`FILE`] that was signed; otherwise as above.
    FileOrRefused,
    /// Outside of what the edge serves: whatever the server has there, and never a licensed file.
    Elsewhere,
    /// The signature is good and there is no such file: 404, or 403 where a storage tells nobody what it has.
    NotThere,
}

/// `Expires` of most cases, in seconds from now: all of them have to be asked until then. One that is a minute later is still not
/// too far ahead for any edge.
const LIFETIME: i64 = 300;

/// Builds cases one after the other.
struct Cases<'f> {
    fixture: &'f Fixture,
    cases: Vec<Case>,
    /// `Expires` of most cases.
    expires: i64,
    /// The target of a good link to [`FILE`].
    good: String,
}

/// All of them. Most bad ones differ from a good one in one thing, and where it helps carry a good signature of what they are.
pub(super) fn cases(fixture: &Fixture) -> Vec<Case> {
    let expires = unix_seconds() + LIFETIME;
    let good = fixture.sign_text(0, BASE, &format!("{FILE}?Expires={expires}&KeyName={KEY_SET}"));
    let mut cases = Cases { fixture, cases: Vec::new(), expires, good };
    cases.good_ones();
    cases.methods();
    cases.changes();
    cases.times();
    cases.keys();
    cases.signatures();
    cases.last_characters();
    cases.parameters();
    cases.values();
    cases.paths();
    cases.forms_of_targets();
    cases.forged_headers();
    cases.cases
}

impl Cases<'_> {
    fn add(&mut self, name: &str, target: impl Into<String>, verdict: Verdict) {
        self.push(name, "GET", target, &[], verdict);
    }

    fn push(
        &mut self,
        name: &str,
        method: &'static str,
        target: impl Into<String>,
        headers: &[&str],
        verdict: Verdict,
    ) {
        let headers = headers.iter().map(|line| (*line).to_owned()).collect();
        self.cases.push(Case { name: name.to_owned(), method, target: target.into(), headers, verdict });
    }

    /// The good target with one text in it replaced.
    fn good_but(&self, from: &str, to: &str) -> String {
        assert!(self.good.contains(from), "{from}");
        self.good.replacen(from, to, 1)
    }

    /// A target with a good signature of this very text.
    fn signed(&self, text: &str) -> String {
        self.fixture.sign_text(0, BASE, text)
    }

    /// A target with a good signature for this path.
    fn signed_path(&self, path: &str) -> String {
        self.signed(&format!("{path}?Expires={}&KeyName={KEY_SET}", self.expires))
    }

    /// A target with a good signature of these parameters.
    fn signed_query(&self, query: &str) -> String {
        self.signed(&format!("{FILE}?{query}"))
    }

    /// The good target up to its signature, and the signature.
    fn parts(&self) -> (String, String) {
        let (text, signature) = self.good.split_once("&Signature=").unwrap();
        (text.to_owned(), signature.to_owned())
    }

    fn good_ones(&mut self) {
        let good = self.good.clone();
        let next = format!("{FILE}?Expires={}&KeyName={KEY_SET}", self.expires);
        self.add("a good link", &good, Verdict::File);
        self.add("the key that signs next", self.fixture.sign_text(1, BASE, &next), Verdict::File);
        self.push("a first range", "GET", &good, &["Range: bytes=0-99"], Verdict::Part(0..100));
        let size = self.fixture.bytes(FILE).len();
        self.push("a range to the end", "GET", &good, &["Range: bytes=100-"], Verdict::Part(100..size));
        self.push("the last bytes", "GET", &good, &["Range: bytes=-10"], Verdict::Part(size - 10..size));
        let from_a_joomla = ["Accept-Encoding: gzip, deflate, br", "User-Agent: Joomla!/5.3.4"];
        self.push("encodings that a client takes", "GET", &good, &from_a_joomla, Verdict::File);
        let cookie = ["Cookie: a=b", "Authorization: Basic YTpi"];
        self.push("cookies and passwords of other sites", "GET", &good, &cookie, Verdict::File);
        let host = ["Host: elsewhere.test"];
        self.push("another name in Host", "GET", &good, &host, Verdict::FileOrRefused);
        // Where a runtime puts an address together of Host and target, these would move what is read as path and query.
        for (name, host) in [
            ("a path in Host", "Host: packages.shop.test/protected"),
            ("a question mark in Host", "Host: packages.shop.test?"),
            ("a fragment in Host", "Host: packages.shop.test#"),
            ("a user in Host", "Host: packages.shop.test@elsewhere.test"),
            ("half an address in Host", "Host: [::1"),
            ("an empty Host", "Host:"),
        ] {
            self.push(name, "GET", &good, &[host], Verdict::FileOrRefused);
        }
        let host = format!("Host: packages.shop.test{good}");
        self.push("a good link in Host", "GET", OTHER_FILE, &[&host], Verdict::RefusedByWhoever);
        let hosts = ["Host: packages.shop.test", "Host: elsewhere.test"];
        self.push("two names in Host", "GET", &good, &hosts, Verdict::FileOrRefused);
        let proto = ["X-Forwarded-Proto: https", "X-Forwarded-Host: elsewhere.test"];
        self.push("another scheme and host in headers", "GET", &good, &proto, Verdict::File);
        let missing = self.signed_path("/protected/plg_system_lighthouse/plg_system_lighthouse-9.9.9.zip");
        self.add("a file that is not there", missing, Verdict::NotThere);
    }

    fn methods(&mut self) {
        let good = self.good.clone();
        self.push("HEAD", "HEAD", &good, &[], Verdict::Head);
        self.push("HEAD without parameters", "HEAD", FILE, &[], Verdict::Refused);
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"] {
            self.push(method, method, &good, &["Content-Length: 0"], Verdict::Refused);
        }
        let overridden = ["Content-Length: 0", "X-HTTP-Method-Override: GET", "X-Method-Override: GET"];
        self.push("POST that calls itself GET", "POST", &good, &overridden, Verdict::Refused);
        self.push("get in lower case", "get", &good, &[], Verdict::RefusedByWhoever);
        // The words of caches, and of those who share folders.
        for method in ["TRACE", "PURGE", "BAN", "PROPFIND"] {
            self.push(method, method, &good, &[], Verdict::RefusedByWhoever);
        }
    }

    fn changes(&mut self) {
        let later = (self.expires + 60).to_string();
        let earlier = (self.expires - 60).to_string();
        let expires = self.expires.to_string();
        self.add("no parameters", FILE, Verdict::Refused);
        self.add("empty parameters", format!("{FILE}?"), Verdict::Refused);
        self.add("the signature of another file", self.good_but(FILE, OTHER_FILE), Verdict::Refused);
        self.add("another folder", self.good_but("/protected/", "/public/"), Verdict::Elsewhere);
        self.add("a folder more", self.good_but("/protected/", "/protected/protected/"), Verdict::Refused);
        self.add("the file's name in upper case", self.good_but("1.1.0.zip", "1.1.0.ZIP"), Verdict::Refused);
        self.add("a later expiry", self.good_but(&expires, &later), Verdict::Refused);
        self.add("an earlier expiry", self.good_but(&expires, &earlier), Verdict::Refused);
        self.add("no signature", self.parts().0, Verdict::Refused);
        self.push("a range without parameters", "GET", FILE, &["Range: bytes=0-99"], Verdict::Refused);
        let has_it = ["If-None-Match: *", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT"];
        self.push("a client that says it has the file", "GET", FILE, &has_it, Verdict::Refused);
    }

    fn times(&mut self) {
        let ends = |seconds| self.fixture.sign(FILE, seconds);
        let (now, before, long_ago) = (ends(0), ends(-1), ends(-400_000));
        let (far, years) = (ends(10 * 86_400), ends(3_000_000_000));
        self.add("expired at this second", now, Verdict::Refused);
        self.add("expired a second ago", before, Verdict::Refused);
        self.add("expired days ago", long_ago, Verdict::Refused);
        self.add("good for days", far, Verdict::Refused);
        self.add("good for a century", years, Verdict::Refused);
    }

    /// What proxies of some kind set, and a client may send as well.
    fn forged_headers(&mut self) {
        let good = self.good.clone();
        for header in [
            "X-Original-URI",
            "x-original-uri",
            "X_Original_URI",
            "X-Original-URL",
            "X-Forwarded-Uri",
            "X-Rewrite-URL",
        ] {
            let line = format!("{header}: {good}");
            self.push(&format!("a good link in {header}"), "GET", OTHER_FILE, &[&line], Verdict::Refused);
            let bad = format!("{header}: {OTHER_FILE}");
            self.push(&format!("a bad link in {header}"), "GET", &good, &[&bad], Verdict::File);
        }
        let line = format!("X-Original-URI: {good}");
        self.push("two good links in headers", "GET", OTHER_FILE, &[&line, &line], Verdict::Refused);
        let hop = ["Connection: close, X-Original-URI", &line];
        self.push("a header of this connection only", "GET", OTHER_FILE, &hop, Verdict::Refused);
        self.push("and with a good link", "GET", &good, &hop, Verdict::FileOrRefused);
    }
}
