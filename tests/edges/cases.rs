//! The requests that every edge is judged by.

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
    /// Servers may read it as the request for [`FILE`] that was signed; otherwise 403.
    FileOrRefused,
    /// Outside of what the edge serves: whatever the server has there, and never a licensed file.
    Elsewhere,
    /// The signature is good and there is no such file: 404, or 403 where a storage tells nobody what it has.
    NotThere,
}

/// `Expires` of most cases, in seconds from now.
const LIFETIME: i64 = 200;

/// The letters of base64url in the order of their values.
const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The group order L of Ed25519 (RFC 8032, section 5.1), little-endian.
const GROUP_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

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
        let proto = ["X-Forwarded-Proto: https", "X-Forwarded-Host: elsewhere.test"];
        self.push("another scheme and host in headers", "GET", &good, &proto, Verdict::File);
        let missing = self.signed_path("/protected/plg_system_lighthouse/plg_system_lighthouse-9.9.9.zip");
        self.add("a file that is not there", missing, Verdict::NotThere);
    }

    fn methods(&mut self) {
        let good = self.good.clone();
        self.push("HEAD", "HEAD", &good, &[], Verdict::Head);
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"] {
            self.push(method, method, &good, &["Content-Length: 0"], Verdict::Refused);
        }
        let overridden = ["Content-Length: 0", "X-HTTP-Method-Override: GET", "X-Method-Override: GET"];
        self.push("POST that calls itself GET", "POST", &good, &overridden, Verdict::Refused);
        self.push("get in lower case", "get", &good, &[], Verdict::RefusedByWhoever);
        self.push("TRACE", "TRACE", &good, &[], Verdict::RefusedByWhoever);
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

    fn keys(&mut self) {
        let stranger = SigningKey::from_bytes(&[7; 32]);
        let text = format!("{FILE}?Expires={}&KeyName={KEY_SET}", self.expires);
        let by = |base: &str| self.fixture.sign_text(0, base, &text);
        let (host, scheme, port) = (
            by("http://elsewhere.test"),
            by("https://packages.shop.test"),
            by("http://packages.shop.test:80"),
        );
        let upper = by("http://PACKAGES.shop.test");
        let path_only = by("");
        self.add("a key that is not in the set", signed(&stranger, BASE, &text), Verdict::Refused);
        self.add("signed for another host", host, Verdict::Refused);
        self.add("signed for another scheme", scheme, Verdict::Refused);
        self.add("signed with the scheme's own port", port, Verdict::Refused);
        self.add("signed for the host in upper case", upper, Verdict::Refused);
        self.add("signed without a host", path_only, Verdict::Refused);
        for (name, key_set) in [
            ("a key set that is not there", "other"),
            ("the key set in upper case", "SHOP"),
            ("the beginning of the key set's name", "sho"),
            ("more than the key set's name", "shops"),
            ("a key set named like a property", "constructor"),
            ("a key set without a name", ""),
        ] {
            let target = self.signed_query(&format!("Expires={}&KeyName={key_set}", self.expires));
            self.add(name, target, Verdict::Refused);
        }
    }

    fn signatures(&mut self) {
        let (text, signature) = self.parts();
        let bytes: [u8; 64] = BASE64_URL_SAFE_NO_PAD.decode(&signature).unwrap().try_into().unwrap();
        let with = |signature: &str| format!("{text}&Signature={signature}");
        let of_bytes = |bytes: &[u8]| with(&BASE64_URL_SAFE_NO_PAD.encode(bytes));
        let mut plus_order = bytes;
        let mut carry = 0;
        for (byte, order) in plus_order[32..].iter_mut().zip(GROUP_ORDER) {
            let sum = u16::from(*byte) + u16::from(order) + carry;
            (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
        }
        // With the neutral element as R, S = 0 is good for each text under a public key that is the neutral element.
        let mut neutral = [0; 64];
        neutral[0] = 1;
        let mut flipped = bytes;
        flipped[40] ^= 1;
        let swapped = [&bytes[32..], &bytes[..32]].concat();
        let other_alphabet = "+/".repeat(43);
        for (name, target) in [
            ("one bit of the signature", of_bytes(&flipped)),
            ("S + L", of_bytes(&plus_order)),
            ("the signature of a small-order key", of_bytes(&neutral)),
            ("a signature of zeros", of_bytes(&[0; 64])),
            ("its halves swapped", of_bytes(&swapped)),
            ("an empty signature", with("")),
            ("a signature of 85 characters", with(&signature[..85])),
            ("a signature of 87 characters", with(&format!("{signature}A"))),
            ("padding", with(&format!("{signature}=="))),
            ("encoded padding", with(&format!("{signature}%3D%3D"))),
            ("plain base64", with(&other_alphabet)),
            ("a signature in hexadecimal", with(&data_encoding::HEXLOWER.encode(&bytes))),
            ("an encoded line end behind it", with(&format!("{signature}%0A"))),
            ("an encoded null behind it", with(&format!("{signature}%00"))),
        ] {
            self.add(name, target, Verdict::Refused);
        }
    }

    /// The last of 86 characters has four bits that mean nothing: 16 spellings of one signature, of which one is good.
    fn last_characters(&mut self) {
        let (front, last) = self.good.split_at(self.good.len() - 1);
        let value = BASE64URL.iter().position(|letter| *letter == last.as_bytes()[0]).unwrap();
        assert_eq!(value % 16, 0, "the spare bits of a good signature are 0");
        let spellings: Vec<String> = BASE64URL[value..value + 16]
            .iter()
            .map(|letter| format!("{front}{}", char::from(*letter)))
            .collect();
        for (bits, target) in spellings.into_iter().enumerate() {
            let verdict = if bits == 0 { Verdict::File } else { Verdict::Refused };
            self.add(&format!("last character, spare bits {bits:04b}"), target, verdict);
        }
    }

    fn parameters(&mut self) {
        let expires = self.expires;
        for (name, query) in [
            ("another order", format!("KeyName={KEY_SET}&Expires={expires}")),
            (
                "Expires twice, the later one first",
                format!("Expires=9999999999&Expires={expires}&KeyName={KEY_SET}"),
            ),
            (
                "Expires twice, the later one last",
                format!("Expires={expires}&Expires=9999999999&KeyName={KEY_SET}"),
            ),
            ("KeyName twice", format!("Expires={expires}&KeyName=other&KeyName={KEY_SET}")),
            ("a parameter before", format!("x=1&Expires={expires}&KeyName={KEY_SET}")),
            ("a parameter between", format!("Expires={expires}&x=1&KeyName={KEY_SET}")),
            ("a parameter behind KeyName", format!("Expires={expires}&KeyName={KEY_SET}&x=1")),
            ("names in lower case", format!("expires={expires}&keyname={KEY_SET}")),
            ("an encoded name", format!("%45xpires={expires}&KeyName={KEY_SET}")),
            ("semicolons", format!("Expires={expires};KeyName={KEY_SET}")),
            ("a prefix signature", format!("URLPrefix=aHR0cDovLw&Expires={expires}&KeyName={KEY_SET}")),
            ("an ampersand before", format!("&Expires={expires}&KeyName={KEY_SET}")),
            ("two ampersands", format!("Expires={expires}&&KeyName={KEY_SET}")),
            ("two question marks", format!("?Expires={expires}&KeyName={KEY_SET}")),
        ] {
            let target = self.signed_query(&query);
            self.add(name, target, Verdict::Refused);
        }
        let (text, signature) = self.parts();
        for (name, target) in [
            ("a parameter at the end", format!("{}&x=1", self.good)),
            ("an ampersand at the end", format!("{}&", self.good)),
            ("Signature twice", format!("{}&Signature={signature}", self.good)),
            ("Signature twice, a bad one first", format!("{text}&Signature=x&Signature={signature}")),
            ("Signature first", self.good.replace('?', &format!("?Signature={signature}&"))),
            ("a link within a link", format!("{FILE}?{}", self.good)),
        ] {
            self.add(name, target, Verdict::Refused);
        }
    }

    fn values(&mut self) {
        let expires = self.expires;
        for (name, value) in [
            ("a plus before Expires", format!("+{expires}")),
            ("an encoded plus before Expires", format!("%2B{expires}")),
            ("a zero before Expires", format!("0{expires}")),
            ("a fraction in Expires", format!("{expires}.0")),
            ("an exponent in Expires", "18000000e2".to_owned()),
            ("Expires in milliseconds", format!("{expires}000")),
            ("Expires in hexadecimal", format!("0x{expires:x}")),
            ("a minus before Expires", format!("-{expires}")),
            ("Expires without a value", String::new()),
            (
                "an encoded digit in Expires",
                format!("%3{}{}", &expires.to_string()[..1], &expires.to_string()[1..]),
            ),
            ("an encoded space behind Expires", format!("{expires}%20")),
            ("a plus behind Expires", format!("{expires}+")),
        ] {
            let target = self.signed_query(&format!("Expires={value}&KeyName={KEY_SET}"));
            self.add(name, target, Verdict::Refused);
        }
        let target = self.signed_query(&format!("Expires={expires}&KeyName=%73hop"));
        self.add("an encoded key set", target, Verdict::Refused);
    }

    fn paths(&mut self) {
        let file = |from: &str, to: &str| FILE.replacen(from, to, 1);
        for (name, path) in [
            ("an encoded letter", file("plg_", "%70lg_")),
            ("an encoded slash", file("/plg_", "%2Fplg_")),
            ("a dot segment", file("/plg_", "/./plg_")),
            ("two dots", file("/plg_", "/x/../plg_")),
            ("encoded dots", file("/plg_", "/x/%2E%2E/plg_")),
            ("dots up to the root", file("/protected", "/../../protected")),
            ("two slashes", file("/plg_", "//plg_")),
            ("two slashes first", format!("/{FILE}")),
            ("a host first", format!("//elsewhere.test{FILE}")),
            ("a backslash", file("/plg_", "\\plg_")),
            ("an encoded backslash", file("/plg_", "%5Cplg_")),
            ("a slash at the end", format!("{FILE}/")),
            ("a parameter of a path", format!("{FILE};a=b")),
            ("an encoded null", format!("{FILE}%00")),
            ("an encoded space", file("plg_", "%20plg_")),
            ("a plus", file("plg_", "+plg_")),
            ("a broken encoding", file("plg_", "%zzplg_")),
            ("an encoded letter of another script", file("plg_", "%C3%A4plg_")),
        ] {
            let (is_signed, is_not) = (self.signed_path(&path), self.good_but(FILE, &path));
            // A server may answer what it cannot decode by itself.
            let verdict = Verdict::RefusedByWhoever;
            self.add(&format!("{name}, signed"), is_signed, verdict);
            // What the server puts in order first may become what was signed.
            self.add(name, is_not, Verdict::FileOrRefused);
        }
        let long = format!("/protected/{}.zip", "a".repeat(5_000));
        let (signed, unsigned) = (self.signed_path(&long), self.good_but(FILE, &long));
        self.add("an overlong path, signed", signed, Verdict::RefusedByWhoever);
        self.add("an overlong path", unsigned, Verdict::RefusedByWhoever);
        let long = self.good_but("&Signature=", &format!("&Signature={}", "A".repeat(20_000)));
        self.add("an overlong signature", long, Verdict::RefusedByWhoever);
    }

    fn forms_of_targets(&mut self) {
        let good = self.good.clone();
        self.add("an absolute address", format!("{BASE}{good}"), Verdict::FileOrRefused);
        self.add(
            "an absolute address elsewhere",
            format!("http://elsewhere.test{good}"),
            Verdict::FileOrRefused,
        );
        // Some servers drop it before anybody sees it.
        self.add("a fragment", format!("{good}#x"), Verdict::FileOrRefused);
        self.add("no slash first", good.trim_start_matches('/'), Verdict::RefusedByWhoever);
        self.add("a space in the target", self.good_but("&Key", " &Key"), Verdict::RefusedByWhoever);
        self.add("a letter of another script", self.good_but("plg_", "pläg_"), Verdict::RefusedByWhoever);
        self.push("an asterisk", "OPTIONS", "*", &[], Verdict::RefusedByWhoever);
        self.push("CONNECT", "CONNECT", "packages.shop.test:80", &[], Verdict::RefusedByWhoever);
        self.add("the root", "/", Verdict::Elsewhere);
        self.add("the folder of the files", "/protected/", Verdict::Refused);
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
