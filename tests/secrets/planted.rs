//! Secrets that a test has planted, and the search for them in whatever a program says.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER};

/// Shorter ones could be found by accident.
const MIN_BYTES: usize = 8;

/// Secrets, by what they are.
#[derive(Default)]
pub(super) struct Planted {
    secrets: Vec<(String, Vec<String>)>,
}

impl Planted {
    pub(super) fn plant(&mut self, what: &str, secret: impl AsRef<[u8]>) {
        self.secrets.push((what.to_owned(), forms(secret.as_ref())));
    }

    /// The first secret that a text holds in any form, whatever the case of its letters.
    pub(super) fn found_in(&self, text: &[u8], but: &[&str]) -> Option<&str> {
        let text = String::from_utf8_lossy(text).to_ascii_lowercase();
        let holds = |forms: &[String]| forms.iter().any(|form| text.contains(form));
        let others = self.secrets.iter().filter(|(what, _)| !but.contains(&what.as_str()));
        others.filter(|(_, forms)| holds(forms)).map(|(what, _)| what.as_str()).next()
    }

    /// No secret is in this text.
    #[track_caller]
    pub(super) fn assert_none_in(&self, place: &str, text: &[u8]) {
        self.assert_none_but(&[], place, text);
    }

    /// No secret is in this text except those that belong there.
    #[track_caller]
    pub(super) fn assert_none_but(&self, but: &[&str], place: &str, text: &[u8]) {
        if let Some(what) = self.found_in(text, but) {
            panic!("{what} is in {place}: {}", String::from_utf8_lossy(text));
        }
    }
}

/// How a secret may appear: as it is, percent-encoded, as hex digits, as a list of numbers (Rust's `Debug` of bytes), and in base64
/// with anything before it. In lower case.
fn forms(secret: &[u8]) -> Vec<String> {
    assert!(secret.len() >= MIN_BYTES, "too short to be searched for");
    let percent = |is_plain: fn(&u8) -> bool| {
        let encoded = |byte: &u8| match is_plain(byte) {
            true => char::from(*byte).to_string(),
            false => format!("%{byte:02x}"),
        };
        secret.iter().map(encoded).collect::<String>()
    };
    let numbers: Vec<String> = secret.iter().map(u8::to_string).collect();
    let mut forms = vec![
        percent(u8::is_ascii_alphanumeric),
        percent(|_| false),
        HEXLOWER.encode(secret),
        numbers.join(", "),
    ];
    forms.extend(std::str::from_utf8(secret).map(str::to_owned));
    for before in 0..3 {
        let bytes = [&vec![0; before][..], secret].concat();
        for encoding in [BASE64_NOPAD, BASE64URL_NOPAD] {
            let text = encoding.encode(&bytes);
            // Characters that other bytes have a part in.
            let (first, last) = ([0, 2, 3][before], usize::from(!bytes.len().is_multiple_of(3)));
            forms.push(text[first..text.len() - last].to_owned());
        }
    }
    forms.into_iter().map(|form| form.to_ascii_lowercase()).collect()
}

#[test]
fn a_secret_is_found_in_every_form() {
    let mut planted = Planted::default();
    planted.plant("the password", "Turn the <Tide>");
    for text in [
        "password: Turn the <Tide>",
        "turn the <tide>",
        "?password=Turn%20the%20%3CTide%3e",
        "5475726E20746865203C546964653E",
        "[0, 84, 117, 114, 110, 32, 116, 104, 101, 32, 60, 84, 105, 100, 101, 62]",
        // "\0ada\0Turn the <Tide>" and "Turn the <Tide>", and the first with two zeros before it, by `base64`.
        "AUTH PLAIN AGFkYQBUdXJuIHRoZSA8VGlkZT4=",
        "VHVybiB0aGUgPFRpZGU+",
        "AABhZGEAVHVybiB0aGUgPFRpZGU+",
        "AAAAYWRhAFR1cm4gdGhlIDxUaWRlPg==",
    ] {
        assert_eq!(planted.found_in(text.as_bytes(), &[]), Some("the password"), "{text}");
        assert_eq!(planted.found_in(text.as_bytes(), &["the password"]), None);
    }
    assert_eq!(planted.found_in(b"Turn the Tide", &[]), None);
}
