//! A mail with its headers (RFC 5322), in plain text.

use std::time::{Duration, SystemTime};

use data_encoding::HEXLOWER;
use lettre::Address;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, SinglePart};
use sha2::{Digest, Sha256};

use crate::email::EmailAddress;

/// 128 bits, so that no two mails have the same id.
const ID_BYTES: usize = 16;

/// What becomes a mail. It holds a key, so it has no `Debug`.
pub(crate) struct Letter<'l> {
    pub(crate) from: &'l Mailbox,
    pub(crate) to: &'l EmailAddress,
    pub(crate) subject: &'l str,
    /// Lines of plain text.
    pub(crate) text: &'l str,
    /// In Unix seconds.
    pub(crate) now: i64,
    /// What makes this mail another one than all others. A mail that is tried again keeps its id, so that a recipient who got
    /// it twice can tell.
    pub(crate) identity: &'l str,
}

/// A mail that can be sent. It holds a key, so it has no `Debug`.
pub(crate) struct Mail {
    /// Hexadecimal; it tells nothing of the recipient.
    pub(crate) id: String,
    pub(crate) message: Message,
}

impl Letter<'_> {
    /// The mail; nothing when no mail can be written to that address.
    pub(crate) fn seal(&self) -> Option<Mail> {
        let to = in_ascii(self.to)?;
        let id = HEXLOWER.encode(&Sha256::digest(self.identity.as_bytes())[..ID_BYTES]);
        let message_id = format!("<{id}@{}>", self.from.email.domain());
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(self.now).unwrap_or(0));
        // A line break in a product's name must not begin another header.
        let subject: String = self.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .date(date)
            .message_id(Some(message_id))
            .header(AutoSubmitted)
            // The part brings the end of its last line itself.
            .singlepart(SinglePart::plain(self.text.trim_end().to_owned()))
            .ok()?;
        Some(Mail { id, message })
    }
}

/// The address with its domain as every mail server takes it (RFC 5891, A-labels). A name before the `@` that is not ASCII has no
/// such form; for it the server must know SMTPUTF8.
fn in_ascii(email: &EmailAddress) -> Option<Address> {
    let (local, domain) = email.expose().rsplit_once('@')?;
    Address::new(local, idna::domain_to_ascii(domain).ok()?).ok()
}

/// No absence notice or other machine answers this (RFC 3834, section 5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_beyond_ascii_is_written_as_every_server_takes_it() {
        let ascii =
            |email: &str| in_ascii(&EmailAddress::parse(email).unwrap()).map(|address| address.to_string());
        assert_eq!(ascii("ada@bücher.example").as_deref(), Some("ada@xn--bcher-kva.example"));
        assert_eq!(ascii("ada@example.org").as_deref(), Some("ada@example.org"));
        assert_eq!(ascii("ädä@bücher.example").as_deref(), Some("ädä@xn--bcher-kva.example"));
    }

    fn sealed(to: &str, subject: &str, text: &str) -> Option<Mail> {
        let from = "Läden & Co <keys@example.org>".parse().unwrap();
        let to = EmailAddress::parse(to).unwrap();
        Letter { from: &from, to: &to, subject, text, now: 1_801_353_600, identity: "1" }.seal()
    }

    fn formatted(subject: &str, text: &str) -> String {
        String::from_utf8(sealed("ada@example.org", subject, text).unwrap().message.formatted()).unwrap()
    }

    #[test]
    fn a_mail_has_the_headers_that_mail_programs_want() {
        let mail = formatted("Your key", "a\nb\n");
        let (head, body) = mail.split_once("\r\n\r\n").unwrap();
        for line in [
            "From: =?utf-8?b?TMOkZGVuICYgQ28=?= <keys@example.org>",
            "To: ada@example.org",
            "Subject: Your key",
            "Date: Sun, 31 Jan 2027 00:00:00 +0000",
            // Computed with `printf 1 | sha256sum`.
            "Message-ID: <6b86b273ff34fce19d6b804eff5a3f57@example.org>",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
        ] {
            assert!(head.lines().any(|found| found == line), "{line}\n{head}");
        }
        assert_eq!(body, "a\r\nb\r\n");
    }

    #[test]
    fn nothing_in_a_subject_begins_another_header() {
        let mail = formatted("Key\r\nBcc: eve@example.org", "a");
        assert!(mail.contains("\r\nSubject: Key  Bcc: eve@example.org\r\n"), "{mail}");
    }

    #[test]
    fn a_mail_is_ascii_whatever_it_says() {
        assert!(formatted("Schlüssel für „Leuchtturm“", "Grüße — 🗝\n").is_ascii());
    }

    #[test]
    fn an_address_that_no_mail_can_have_gets_none() {
        assert!(sealed("a<b@example.org", "s", "t").is_none());
        assert!(sealed("ada@exa_mple..org", "s", "t").is_none());
    }
}
