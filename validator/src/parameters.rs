//! Parameters of a request: from the query, and from a form where there is one.

use std::borrow::Cow;

/// Names under which a key may come. Each counts with `amp;` before it, too: older Joomlas join a key to an address that has
/// a query with the five characters `&amp;` (`com_installer`, `UpdateModel`).
const KEY_NAMES: [&str; 2] = ["dlid", "key"];

/// Names and values, decoded once, in the order of their coming.
#[derive(Default)]
pub(crate) struct Parameters<'r> {
    pairs: Vec<(Cow<'r, str>, Cow<'r, str>)>,
}

impl<'r> Parameters<'r> {
    pub(crate) fn of_query(query: Option<&'r str>) -> Self {
        Self { pairs: form_urlencoded::parse(query.unwrap_or_default().as_bytes()).collect() }
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

    /// The license key. Blanks and quotes around it are what pasting leaves; what follows `&`, `?`, `;` or a blank is the
    /// rest of a suffix that was glued on. The first name with something usable counts: Joomla sends its own field also when
    /// nothing was entered there.
    pub(crate) fn key(&self) -> Option<&str> {
        let edges = |c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\'' | '.');
        KEY_NAMES
            .iter()
            .flat_map(|name| self.values(name))
            .filter_map(|sent| sent.trim_matches(edges).split(['&', '?', ';', ' ']).next())
            .find(|key| !key.is_empty())
    }

    /// The mail address that belongs to the key.
    pub(crate) fn email(&self) -> Option<&str> {
        self.values("email").find(|email| !email.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(query: &str) -> Option<String> {
        Parameters::of_query(Some(query)).key().map(str::to_owned)
    }

    #[test]
    fn a_key_comes_under_any_of_its_names_and_behind_amp() {
        for query in
            ["dlid=abc", "key=abc", "amp;dlid=abc", "id=7&amp;key=abc", "email=a%40b&amp;dlid=abc&x=.zip"]
        {
            assert_eq!(key(query).as_deref(), Some("abc"), "{query}");
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
        for query in ["", "dlid=", "dlid=%20", "other=abc"] {
            assert_eq!(key(query), None, "{query}");
        }
    }
}
