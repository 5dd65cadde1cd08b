//! Whose signature it is, of what, and how it is written.

use super::*;

/// The letters of base64url in the order of their values.
const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The group order L of Ed25519 (RFC 8032, section 5.1), little-endian.
const GROUP_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

impl Cases<'_> {
    pub(super) fn keys(&mut self) {
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

    pub(super) fn signatures(&mut self) {
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
            ("a signature in lower case", with(&signature.to_ascii_lowercase())),
            ("plain base64", with(&other_alphabet)),
            ("a signature in hexadecimal", with(&data_encoding::HEXLOWER.encode(&bytes))),
            ("an encoded line end behind it", with(&format!("{signature}%0A"))),
            ("an encoded null behind it", with(&format!("{signature}%00"))),
        ] {
            self.add(name, target, Verdict::Refused);
        }
    }

    /// The last of 86 characters has four bits that mean nothing: 16 spellings of one signature, of which one is good.
    pub(super) fn last_characters(&mut self) {
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
}
