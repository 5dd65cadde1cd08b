//! The file of the signing keys: private keys as PKCS#8 in PEM, as `openssl genpkey -algorithm ed25519` writes them, one behind
//! the other. RFC 7468, section 2, lets text stand between them, and here that says more of the key that follows:
//!
//! ```text
//! Key: 2026-11-22
//! Signs-From: 2026-11-23T08:00:00Z
//! -----BEGIN PRIVATE KEY-----
//! ```
//!
//! Both lines may be missing, `Signs-From` for one key only: that one has signed since ever. Other text is for people.

use std::path::Path;

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, KeypairBytes};
use zeroize::Zeroizing;

use super::{MAX_SECRET_FILE_BYTES, create, create_folder_of, fill_random, lock_folder_of, read, replace};
use crate::dates;
use crate::error::Error;
use crate::signing_keys::{KeyName, NamedKey, SigningKeys};

const NAME: &str = "Key:";
const SIGNS_FROM: &str = "Signs-From:";
const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";

const NO_KEY: &str = "found no Ed25519 private key, expected PKCS#8 in PEM";

const HEADER: &str = "Whoever has these keys can sign links. `bandari-validator keys list` tells which of them signs now,\n\
                      `keys rotate` writes this file anew with one more.\n";

/// A key, and what the text before it says of it.
#[derive(Default)]
struct Block<'t> {
    name: Option<&'t str>,
    signs_from: Option<&'t str>,
    pem: &'t str,
}

/// Makes a file with one new key, which signs since ever, unless there is a file. Tells whether it did.
///
/// # Errors
/// [`Error::Io`] when the system has no randomness to give or the file cannot be made.
pub(crate) fn create_missing_signing_key(path: &Path) -> Result<bool, Error> {
    create_folder_of(path)?;
    let _lock = lock_folder_of(path)?;
    let is_missing = !path.exists();
    if is_missing {
        create(path, pem(&new_signing_key(path)?).as_bytes())?;
    }
    Ok(is_missing)
}

/// A new key for the file `path`.
///
/// # Errors
/// [`Error::Io`] when the system has no randomness to give.
pub(crate) fn new_signing_key(path: &Path) -> Result<SigningKey, Error> {
    let mut seed = Zeroizing::new([0_u8; 32]);
    fill_random(&mut seed[..], path)?;
    Ok(SigningKey::from_bytes(&seed))
}

/// Without the public half, which is no part of the form that OpenSSL 3.0 reads.
fn pem(key: &SigningKey) -> Zeroizing<String> {
    let private = KeypairBytes { secret_key: key.to_bytes(), public_key: None };
    private.to_pkcs8_pem(LineEnding::LF).expect("a 32-byte key has a PKCS#8 form (RFC 8410)")
}

/// Reads the signing keys.
///
/// # Errors
/// [`Error::Configuration`] when the file is missing, open to others, or holds something else than one to three Ed25519 keys
/// that take turns. The content is never shown, except names and times.
pub(crate) fn read_signing_keys(path: &Path) -> Result<SigningKeys, Error> {
    let content = read(path)?;
    let keys = std::str::from_utf8(&content).map_err(|_| NO_KEY.to_owned()).and_then(parse);
    keys.map_err(|message| Error::Configuration { file: path.to_owned(), message })
}

/// Writes the file anew.
///
/// # Errors
/// [`Error::Io`]; the file is then as it was.
pub(crate) fn replace_signing_keys(path: &Path, keys: &SigningKeys) -> Result<(), Error> {
    // With room for all of it, since a text that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(MAX_SECRET_FILE_BYTES));
    text.push_str(HEADER);
    for key in keys.iter() {
        text.push_str(&format!("\n{NAME} {}\n", key.name));
        if let Some(from) = key.signs_from {
            text.push_str(&format!("{SIGNS_FROM} {}\n", dates::print_unsigned(from)));
        }
        text.push_str(&pem(&key.key));
    }
    replace(path, text.as_bytes())
}

fn parse(text: &str) -> Result<SigningKeys, String> {
    let blocks = blocks(text)?;
    if blocks.is_empty() {
        return Err(NO_KEY.to_owned());
    }
    let keys = blocks.iter().enumerate().map(|(place, block)| {
        named_key(block).map_err(|message| match blocks.len() {
            1 => message,
            _ => format!("key {}: {message}", place + 1),
        })
    });
    SigningKeys::new(keys.collect::<Result<_, _>>()?)
}

/// Tells the text before each key from the key. Only whole lines count.
fn blocks(text: &str) -> Result<Vec<Block<'_>>, String> {
    let mut blocks = Vec::new();
    let (mut next, mut begun_at, mut at) = (Block::default(), None, 0);
    for line in text.split_inclusive('\n') {
        let begin = at;
        at += line.len();
        match begun_at {
            Some(begun) if line.starts_with(END) => {
                next.pem = text[begun..at].trim_end();
                blocks.push(std::mem::take(&mut next));
                begun_at = None;
            }
            Some(_) => {}
            None if line.starts_with(BEGIN) => begun_at = Some(begin),
            None => {
                for (label, place) in [(NAME, &mut next.name), (SIGNS_FROM, &mut next.signs_from)] {
                    let Some(value) = line.strip_prefix(label) else { continue };
                    if place.replace(value.trim()).is_some() {
                        let number = blocks.len() + 1;
                        return Err(format!(
                            "key {number}: found `{label}` twice before it, expected it once"
                        ));
                    }
                }
            }
        }
    }
    if begun_at.is_some() || next.name.is_some() || next.signs_from.is_some() {
        return Err("found the end of the file, expected the rest of a key".to_owned());
    }
    Ok(blocks)
}

fn named_key(block: &Block<'_>) -> Result<NamedKey, String> {
    let label = |label, message: String| format!("`{label}`: {message}");
    let name = block.name.map(KeyName::parse).transpose().map_err(|error| label(NAME, error))?;
    let signs_from =
        block.signs_from.map(unix_seconds).transpose().map_err(|error| label(SIGNS_FROM, error))?;
    let key = SigningKey::from_pkcs8_pem(block.pem).map_err(|_| NO_KEY.to_owned())?;
    Ok(NamedKey::new(name, signs_from, key))
}

fn unix_seconds(text: &str) -> Result<u64, String> {
    let seconds = dates::parse(text)?;
    u64::try_from(seconds).map_err(|_| format!("found `{text}`, expected a time after 1970"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;

    /// RFC 8410, section 10.3: its first example of a private key.
    const RFC_8410: &str = "-----BEGIN PRIVATE KEY-----\n\
                            MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
                            -----END PRIVATE KEY-----\n";

    /// A file in which different keys stand where the text has `{}`.
    fn file(text: &str) -> String {
        let mut file = String::new();
        for (seed, part) in (0..).zip(text.split("{}")) {
            if seed > 0 {
                file.push_str(&pem(&SigningKey::from_bytes(&[seed; 32])));
            }
            file.push_str(part);
        }
        file
    }

    fn told(text: &str) -> Vec<(String, Option<u64>)> {
        let keys = parse(text).unwrap();
        keys.iter().map(|key| (key.name.to_string(), key.signs_from)).collect()
    }

    #[test]
    fn a_key_by_itself_signs_since_ever() {
        // Its public half stands in section 10.1 of the RFC.
        assert_eq!(told(RFC_8410), [("Gb9ECWmE".to_owned(), None)]);
        assert_eq!(told(&RFC_8410.replace('\n', "\r\n")), [("Gb9ECWmE".to_owned(), None)]);
    }

    #[test]
    fn a_key_is_written_as_the_rfc_and_openssl_write_it() {
        let keys = parse(RFC_8410).unwrap().into_keys();
        assert_eq!(*pem(&keys[0].key), RFC_8410);
    }

    #[test]
    fn the_text_before_a_key_says_its_name_and_when_it_signs() {
        let text = "mine\nKey: b\nSigns-From: 2027-01-31T00:00:00Z\n{}\n# the first\nKey: a\n{}the end\n";
        let expected = [("a".to_owned(), None), ("b".to_owned(), Some(1_801_353_600))];
        assert_eq!(told(&file(text)), expected);
    }

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        let keys = parse(&file("Key: a\n{}Signs-From: 2027-01-31\n{}")).unwrap();
        replace_signing_keys(&path, &keys).unwrap();
        let read = read_signing_keys(&path).unwrap();
        assert_eq!(format!("{read:?}"), format!("{keys:?}"));
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_is_not_plain_is_refused_without_showing_a_key() {
        for (text, expected) in [
            ("", NO_KEY),
            ("Key: a\n", "found the end of the file, expected the rest of a key"),
            ("{}Signs-From: 2027-01-31\n", "found the end of the file, expected the rest of a key"),
            ("{}-----BEGIN PRIVATE KEY-----\nMC4C", "found the end of the file, expected the rest of a key"),
            ("-----BEGIN PUBLIC KEY-----\nMC4C\n-----END PUBLIC KEY-----\n", NO_KEY),
            ("Key: a\nKey: b\n{}", "key 1: found `Key:` twice before it, expected it once"),
            ("Key: a b\n{}", "`Key:`: found `a b`, expected 1 to 64 letters, digits, `_` or `-`"),
            (
                "{}Signs-From: soon\n{}",
                "key 2: `Signs-From:`: found `soon`, expected a date such as 2027-01-31",
            ),
            ("Signs-From: 1960-01-01\n{}", "`Signs-From:`: found `1960-01-01`, expected a time after 1970"),
            (
                "Key: a\n{}Key: b\n{}",
                "found the keys `a` and `b` with the same `Signs-From` or none, expected it to differ",
            ),
        ] {
            assert_eq!(parse(&file(text)).unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn secrets_are_made_for_their_owners_eyes_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets/signing-key.pem");
        create_missing_signing_key(&path).unwrap();
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(path.parent().unwrap().metadata().unwrap().mode() & 0o777, 0o700);
        assert!(read_signing_keys(&path).is_ok());
    }

    #[test]
    fn an_existing_key_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        assert!(create_missing_signing_key(&path).unwrap());
        let before = fs::read(&path).unwrap();
        assert!(!create_missing_signing_key(&path).unwrap());
        assert!(create(&path, b"another").is_err());
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        create_missing_signing_key(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = read_signing_keys(&path).unwrap_err().to_string();
        assert!(
            error.ends_with("found mode 644, expected 600: others must not read or change a secret"),
            "{error}"
        );
    }
}
