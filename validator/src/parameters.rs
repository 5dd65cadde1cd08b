//! Parameters of a request: from the query, and from a form where there is one. And where in a request its key is.

use std::borrow::Cow;

use hyper::header::{self, HeaderMap};

/// Names under which a key may come, as other systems call it: Akeeba Release System, rd-subscriptions and jBackend,
/// Membership Pro, SW JProjects, com_downloadtracker, LicenseDock. Each counts with `amp;` before it, too: older Joomlas
/// join a key to an address that has a query with the five characters `&amp;` (`com_installer`, `UpdateModel`).
pub(crate) const KEY_PARAMETERS: [&str; 7] =
    ["dlid", "key", "download_id", "download_key", "token", "license", "license_key"];

/// The header in which plug-ins send a key that should not stand in an address.
const KEY_HEADER: &str = "x-download-key";

/// Names and values, decoded once, in the order of their coming.
#[derive(Default)]
pub(crate) struct Parameters<'r> {
    pairs: Vec<(Cow<'r, str>, Cow<'r, str>)>,
}

impl<'r> Parameters<'r> {
    pub(crate) fn of_query(query: Option<&'r str>) -> Self {
        let query = query.unwrap_or_default();
        // As nearly all of them come: there is nothing to be decoded.
        if all_bytes(query, |byte| byte.is_ascii_graphic() & (byte != b'%') & (byte != b'+')) {
            let pairs = query.split('&').filter(|pair| !pair.is_empty());
            let pairs = pairs.map(|pair| match pair.bytes().position(|byte| byte == b'=') {
                Some(end) => (&pair[..end], &pair[end + 1..]),
                None => (pair, ""),
            });
            return Self { pairs: pairs.map(|(name, value)| (name.into(), value.into())).collect() };
        }
        Self { pairs: form_urlencoded::parse(query.as_bytes()).collect() }
    }

    /// Adds what a form-encoded body holds.
    pub(crate) fn with_form(mut self, body: &'r [u8]) -> Self {
        self.pairs.extend(form_urlencoded::parse(body));
        self
    }

    /// The first value of that name, `amp;` before it or not.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let is_it = move |found: &str| found.strip_prefix("amp;").unwrap_or(found) == name;
        self.pairs.iter().filter(move |(found, _)| is_it(found)).map(|(_, value)| value.as_ref())
    }

    /// The license key under one of these names; the first that holds something usable counts, since Joomla sends its own
    /// field also when nothing was entered there. Without one, the headers `Authorization: Bearer` (RFC 6750, section 2.1)
    /// and `X-Download-Key` are asked.
    pub(crate) fn key<'k>(&'k self, names: &[String], headers: &'k HeaderMap) -> Option<SentKey<'k>> {
        let of = |sent| SentKey::of(sent, names);
        let sent = names.iter().flat_map(|name| self.values(name)).filter_map(of).next();
        sent.or_else(|| bearer(headers).and_then(of))
            .or_else(|| headers.get(KEY_HEADER).and_then(|value| value.to_str().ok()).and_then(of))
    }

    /// The product or group that was chosen in a form.
    pub(crate) fn id(&self) -> Option<&str> {
        self.values("id").find(|id| !id.is_empty())
    }

    /// The mail address that belongs to the key.
    pub(crate) fn email(&self) -> Option<&str> {
        self.values("email").find(|email| !email.trim().is_empty())
    }
}

/// A key as it was sent. It has no `Debug`.
#[derive(Clone, Copy)]
pub(crate) struct SentKey<'k> {
    /// The key alone.
    pub(crate) text: &'k str,
    /// Blanks, quotes or the like came with it. Of these a Joomla makes an address that cannot be asked for.
    pub(crate) was_wrapped: bool,
}

impl<'k> SentKey<'k> {
    /// Takes off what pasting leaves around a key, a parameter's name before it (one of `names`), and what follows `&`, `?` or
    /// `;`, the rest of a suffix that was glued on. Nothing when no key is left.
    pub(crate) fn of(sent: &'k str, names: &[String]) -> Option<Self> {
        // As nearly all of them come; there is nothing to be taken off.
        if !sent.is_empty() && all_bytes(sent, |byte| byte.is_ascii_alphanumeric()) {
            return Some(Self { text: sent, was_wrapped: false });
        }
        let mut inner = trimmed(sent);
        if let Some((name, key)) = inner.split_once('=')
            && names.iter().any(|known| known.eq_ignore_ascii_case(name.trim_end()))
        {
            inner = trimmed(key);
        }
        let with_words = inner.split(['&', '?', ';']).next()?;
        let text = with_words.split(char::is_whitespace).next().map(trimmed).filter(|key| !key.is_empty())?;
        Some(Self { text, was_wrapped: inner.len() < sent.len() || text.len() < with_words.len() })
    }
}

/// Whether all bytes are so. It looks at all of them, which processors do to many at once; to end with the first that is not so
/// takes longer where there is none.
fn all_bytes(text: &str, is_so: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(true, |are_so, byte| are_so & is_so(byte))
}

/// Without what stands at its ends and belongs to no key: blanks, quotes and stops of any script, and what nobody sees.
fn trimmed(text: &str) -> &str {
    let is_quote = |c| matches!(c, '"' | '\'' | '„' | '“' | '”' | '‚' | '‘' | '’' | '«' | '»' | '‹' | '›');
    // Zero-width characters, marks of direction, and the byte order mark.
    let is_invisible = |c| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    text.trim_matches(|c: char| c.is_whitespace() || is_quote(c) || is_invisible(c) || matches!(c, '.' | ','))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key)
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    fn key_with(query: &str, headers: &HeaderMap) -> Option<String> {
        let names = KEY_PARAMETERS.map(str::to_owned);
        Parameters::of_query(Some(query)).key(&names, headers).map(|key| key.text.to_owned())
    }

    fn key(query: &str) -> Option<String> {
        key_with(query, &HeaderMap::new())
    }

    #[test]
    fn what_has_nothing_to_be_decoded_is_read_as_everything_else() {
        for query in
            ["", "a", "a=b", "=b", "a=", "=", "&&a=b&", "a=b=c&d", "a==", "dlid=x&amp;id=y", "a?b=/&c"]
        {
            let library = form_urlencoded::parse(query.as_bytes()).collect::<Vec<_>>();
            assert_eq!(Parameters::of_query(Some(query)).pairs, library, "{query}");
        }
    }

    #[test]
    fn a_key_may_come_in_a_header_and_the_address_comes_first() {
        let mut headers = HeaderMap::new();
        headers.insert(KEY_HEADER, HeaderValue::from_static("\"abc\""));
        assert_eq!(key_with("", &headers).as_deref(), Some("abc"));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("bearer def"));
        assert_eq!(key_with("dlid=", &headers).as_deref(), Some("def"));
        assert_eq!(key_with("token=ghi", &headers).as_deref(), Some("ghi"));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Basic abcdef"));
        assert_eq!(key_with("", &headers).as_deref(), Some("abc"));
    }

    #[test]
    fn a_key_comes_under_any_of_its_names_and_behind_amp() {
        for query in
            ["dlid=abc", "key=abc", "amp;dlid=abc", "id=7&amp;key=abc", "email=a%40b&amp;dlid=abc&x=.zip"]
        {
            assert_eq!(key(query).as_deref(), Some("abc"), "{query}");
        }
        for name in KEY_PARAMETERS {
            assert_eq!(key(&format!("x=1&{name}=abc")).as_deref(), Some("abc"), "{name}");
            assert_eq!(key(&format!("x=1&amp;{name}=abc")).as_deref(), Some("abc"), "{name}");
        }
    }

    #[test]
    fn what_was_pasted_or_glued_to_a_key_is_taken_off() {
        for query in
            ["dlid=%20abc%20", "dlid=%22abc%22", "dlid=abc.", "dlid=abc%26dummy%3Dmy.zip", "dlid=abc;f=.zip"]
        {
            assert_eq!(key(query).as_deref(), Some("abc"), "{query}");
        }
    }

    #[test]
    fn what_word_processors_and_mail_programs_put_around_a_key_is_taken_off() {
        for (before, after) in [
            ("\u{a0}", "\u{a0}"),
            ("\u{3000}\t", "\r\n"),
            ("\u{200b}\u{feff}", "\u{200d}\u{2060}"),
            ("„", "“"),
            ("“", "”"),
            ("‚", "‘"),
            ("‘", "’"),
            ("» ", " «"),
            ("", ","),
            ("", "”,"),
            ("dlid=", ""),
            ("DLID = \"", "\""),
            ("“license_key=", "”."),
            ("token=\u{a0}", "&f=.zip"),
            ("", "\u{a0}(Dockyard)"),
            ("", ", Dockyard"),
        ] {
            let pasted = format!("{before}abc{after}");
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("dlid", &pasted).finish();
            assert_eq!(key(&query).as_deref(), Some("abc"), "{pasted:?}");
        }
        assert_eq!(key("dlid=other%3Dabc").as_deref(), Some("other=abc"));
    }

    #[test]
    fn whether_something_stood_around_a_key_is_told_and_a_glued_suffix_is_no_such_thing() {
        let was_wrapped = |query: &str| {
            let names = KEY_PARAMETERS.map(str::to_owned);
            Parameters::of_query(Some(query)).key(&names, &HeaderMap::new()).unwrap().was_wrapped
        };
        for query in [
            "dlid=%20abc",
            "dlid=abc%C2%A0",
            "dlid=%22abc%22",
            "dlid=abc.",
            "dlid=key%3Dabc",
            "dlid=abc%20def",
            "dlid=abc%20%26f=.zip",
        ] {
            assert!(was_wrapped(query), "{query}");
        }
        for query in ["dlid=abc", "dlid=abc%26dummy%3Dmy.zip", "dlid=abc;f=.zip", "dlid=%20&key=abc"] {
            assert!(!was_wrapped(query), "{query}");
        }
    }

    #[test]
    fn an_empty_value_hides_no_good_one() {
        for query in ["dlid=&key=abc", "key=abc&dlid=%20", "amp;dlid=%22%22&amp;key=abc", "dlid=&dlid=abc"] {
            assert_eq!(key(query).as_deref(), Some("abc"), "{query}");
        }
        assert_eq!(key("key=abc&dlid=def").as_deref(), Some("def"));
        let parameters = Parameters::of_query(Some("email=&email=a%40b"));
        assert_eq!(parameters.email(), Some("a@b"));
    }

    #[test]
    fn an_empty_key_is_no_key() {
        for query in
            ["", "dlid=", "dlid=%20", "dlid=%C2%A0%E2%80%8B", "dlid=dlid%3D", "dlid=%26a", "other=abc"]
        {
            assert_eq!(key(query), None, "{query}");
        }
    }
}
