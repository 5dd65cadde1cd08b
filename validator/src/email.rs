//! Mail addresses, as the license store knows its users. An address is personal: it has no `Debug` that shows it and no
//! `Display`.

use std::fmt;

/// Longest address that mail can reach (RFC 5321, section 4.5.3.1.3, less the angle brackets).
const MAX_ADDRESS_CHARS: usize = 254;

/// A mail address, trimmed and in lower case: stores compare it that way.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct EmailAddress(String);

impl EmailAddress {
    /// Takes what has the outline of an address. Whether mail arrives there, only mail can tell.
    #[must_use]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let address = text.trim().to_lowercase();
        let (local, domain) = address.rsplit_once('@')?;
        let good = !local.is_empty()
            && !domain.is_empty()
            && address.len() <= MAX_ADDRESS_CHARS
            && !address.chars().any(|c| c.is_whitespace() || c.is_control());
        good.then_some(Self(address))
    }

    /// The address itself, for the store and for mail.
    #[must_use]
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Takes the address that a request means. A blank in it is a `+` that was decoded once too often: no address has one.
    #[must_use]
    pub(crate) fn of_request(text: &str) -> Option<Self> {
        Self::parse(&text.trim().replace(' ', "+"))
    }

    /// Whether a request means this address.
    pub(crate) fn is_meant_by(&self, text: &str) -> bool {
        Self::of_request(text).as_ref() == Some(self)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_blanks_around_an_address_do_not_matter() {
        let address = EmailAddress::parse("ada+shop@example.org").unwrap();
        assert!(address.is_meant_by(" Ada+Shop@Example.ORG "));
    }

    #[test]
    fn a_plus_that_was_decoded_to_a_blank_is_understood() {
        assert!(EmailAddress::parse("ada+shop@example.org").unwrap().is_meant_by("ada shop@example.org"));
    }

    #[test]
    fn what_cannot_be_an_address_is_refused() {
        for bad in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "a da@example.org",
            "a\u{7}@b",
            &format!("{}@b", "a".repeat(254)),
        ] {
            assert!(EmailAddress::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn an_address_does_not_show_in_debug() {
        assert_eq!(format!("{:?}", EmailAddress::parse("ada@example.org")), "Some(EmailAddress(…))");
    }
}
