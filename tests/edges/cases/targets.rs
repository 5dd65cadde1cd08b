//! What the target says, and in which spelling.

use super::*;

/// What some pattern languages take for digits.
const DIGITS_OF_ANOTHER_SCRIPT: [char; 10] = ['٠', '١', '٢', '٣', '٤', '٥', '٦', '٧', '٨', '٩'];

impl Cases<'_> {
    pub(super) fn parameters(&mut self) {
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
            ("an encoded ampersand", format!("Expires={expires}%26KeyName={KEY_SET}")),
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
            ("an encoded question mark", self.good_but("?", "%3F")),
        ] {
            self.add(name, target, Verdict::Refused);
        }
    }

    pub(super) fn values(&mut self) {
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
        let arabic: String = expires
            .to_string()
            .bytes()
            .map(|digit| DIGITS_OF_ANOTHER_SCRIPT[usize::from(digit - b'0')])
            .collect();
        let target = self.signed_query(&format!("Expires={arabic}&KeyName={KEY_SET}"));
        self.add("digits of another script in Expires", target, Verdict::RefusedByWhoever);
    }

    pub(super) fn paths(&mut self) {
        let file = |from: &str, to: &str| FILE.replacen(from, to, 1);
        // What a server puts in order first may become what was signed (the algorithms of WHATWG URL do so, for one).
        let or_file = Verdict::FileOrRefused;
        for (name, path) in [
            ("a dot segment", file("/plg_", "/./plg_")),
            ("two dots", file("/plg_", "/x/../plg_")),
            ("encoded dots", file("/plg_", "/x/%2E%2E/plg_")),
            ("dots up to the root", file("/protected", "/../../protected")),
            ("two slashes", file("/plg_", "//plg_")),
            ("two slashes first", format!("/{FILE}")),
            ("a host first", format!("//elsewhere.test{FILE}")),
            ("a backslash", file("/plg_", "\\plg_")),
        ] {
            self.path(name, &path, or_file.clone());
        }
        // Nobody decodes a target, or takes away from it.
        for (name, path) in [
            ("an encoded letter", file("plg_", "%70lg_")),
            ("an encoded slash", file("/plg_", "%2Fplg_")),
            ("an encoded backslash", file("/plg_", "%5Cplg_")),
            ("a slash at the end", format!("{FILE}/")),
            ("a parameter of a path", format!("{FILE};a=b")),
            ("an encoded null", format!("{FILE}%00")),
            ("an encoded space", file("plg_", "%20plg_")),
            ("a plus", file("plg_", "+plg_")),
            ("a broken encoding", file("plg_", "%zzplg_")),
            ("an encoded letter of another script", file("plg_", "%C3%A4plg_")),
            ("a fragment in the path", format!("{FILE}#x")),
        ] {
            self.path(name, &path, Verdict::RefusedByWhoever);
        }
        let long = format!("/protected/{}.zip", "a".repeat(5_000));
        let (signed, unsigned) = (self.signed_path(&long), self.good_but(FILE, &long));
        self.add("an overlong path, signed", signed, Verdict::RefusedByWhoever);
        self.add("an overlong path", unsigned, Verdict::RefusedByWhoever);
        let long = self.good_but("&Signature=", &format!("&Signature={}", "A".repeat(20_000)));
        self.add("an overlong signature", long, Verdict::RefusedByWhoever);
    }

    /// A path in another spelling, with a signature of its own and with that of the file. A server may answer what it cannot decode
    /// by itself.
    fn path(&mut self, name: &str, path: &str, unless_signed: Verdict) {
        let (is_signed, is_not) = (self.signed_path(path), self.good_but(FILE, path));
        self.add(&format!("{name}, signed"), is_signed, Verdict::RefusedByWhoever);
        self.add(name, is_not, unless_signed);
    }

    pub(super) fn forms_of_targets(&mut self) {
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
        self.add("a tab in the target", self.good_but("?", "\t?"), Verdict::RefusedByWhoever);
        self.add("a null in the target", self.good_but("?", "\0?"), Verdict::RefusedByWhoever);
        self.add("a letter of another script", self.good_but("plg_", "pläg_"), Verdict::RefusedByWhoever);
        // Asks the server as a whole (RFC 9110, section 9.3.7): Apache and Caddy say by themselves that it is there.
        self.push("an asterisk", "OPTIONS", "*", &[], Verdict::Elsewhere);
        self.push("CONNECT", "CONNECT", "packages.shop.test:80", &[], Verdict::RefusedByWhoever);
        self.add("the root", "/", Verdict::Elsewhere);
        self.add("the folder of the files", "/protected/", Verdict::Refused);
    }
}
