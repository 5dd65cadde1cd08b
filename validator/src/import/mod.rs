//! Users, licenses and keys that come from other systems. A reader for each kind of file (`csv_file`, `ars_dump`,
//! `jbackend_list`) makes rows of it, `plan` compares them with what the store has, and the store writes what is new. Nothing
//! of this shows a key, a hash or a mail address: problems name lines.

mod ars_dump;
mod csv_file;
mod jbackend_list;
mod plan;
mod site_keys;
mod skipped;
mod sql_dump;

use std::collections::HashSet;
use std::fmt;

use bandari_catalog::names::GroupId;
use secrecy::SecretString;

use crate::email::EmailAddress;
use crate::imported_key::{KeyHash, KeyHasher};
use crate::license_key::has_our_form;
use crate::parameters::SentKey;
use crate::password::PasswordHash;
use crate::store::LicenseState;

pub(crate) use plan::{
    AccountChange, Count, Counts, Known, KnownAccount, KnownKey, KnownLicense, Plan, plan,
};
#[cfg(test)]
pub(crate) use skipped::Places;
pub(crate) use skipped::{OtherwiseHere, Skip, Skipped};

/// The kinds of files that are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// A table with a header line
    Csv,
    /// An SQL dump of a Joomla with Akeeba Release System 5 to 7
    Ars,
    /// Lines `package group;email;key[;user name[;password hash]]`
    Jbackend,
}

impl Format {
    /// As the command line and the history name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ars => "ars",
            Self::Jbackend => "jbackend",
        }
    }
}

const KEY_OF_NO_REQUEST: &str = "found a key that no request can bring as it is, expected none with `&`, `?` or `;` in it, \
    a quote, `.` or `,` at an end, or a parameter's name such as `dlid=` before it";

/// What a reader needs to know beside the file.
pub(crate) struct Terms<'t> {
    /// Groups of the catalog.
    pub(crate) groups: Vec<&'t GroupId>,
    /// Groups for which everybody in the file gets a license.
    pub(crate) grants: Vec<GroupId>,
    /// The end of licenses for which the file says none, in Unix seconds.
    pub(crate) expires_at: Option<i64>,
    pub(crate) hasher: KeyHasher,
    /// Names under which requests bring keys.
    pub(crate) key_parameters: &'t [String],
    /// In Unix seconds.
    pub(crate) now: i64,
}

impl Terms<'_> {
    /// # Errors
    /// The groups that there are; what was found may be a key in the wrong place, and is not shown.
    fn group(&self, id: &str) -> Result<GroupId, String> {
        let found = self.groups.iter().find(|group| group.as_str() == id);
        found.map(|group| (*group).clone()).ok_or_else(|| {
            let known: Vec<String> = self.groups.iter().map(|group| format!("`{group}`")).collect();
            format!("found no group of the catalog, expected one of {}", known.join(", "))
        })
    }

    /// # Errors
    /// What was expected; the key is not shown.
    pub(crate) fn key_hash(&self, key: &str) -> Result<KeyHash, String> {
        let hash = self.hasher.hash(key).ok_or_else(|| {
            "found no key, expected a Download ID or 8 to 128 letters, digits and signs without blanks"
                .to_owned()
        })?;
        // Keys of our own form are judged by their seeds, and never looked for among those of others.
        if has_our_form(key) {
            return Err("found a key such as Bandari derives, expected one of another system".to_owned());
        }
        // What a request would bring of it has to be all of it, or nobody ever finds it.
        match SentKey::of(key, self.key_parameters).is_some_and(|sent| sent.text == key) {
            true => Ok(hash),
            false => Err(KEY_OF_NO_REQUEST.to_owned()),
        }
    }
}

/// What one line of a file says.
pub(crate) struct Row {
    pub(crate) line: u64,
    pub(crate) email: EmailAddress,
    pub(crate) account: Option<Account>,
    pub(crate) license: Option<WantedLicense>,
    pub(crate) key: Option<WantedKey>,
}

/// Where a customer logs in.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) username: String,
    /// In a form that Joomla accepts.
    pub(crate) password_hash: Option<SecretString>,
}

impl Account {
    /// # Errors
    /// What is wrong with them; neither is shown.
    fn new(username: &str, password_hash: &str) -> Result<Option<Self>, String> {
        match (username, password_hash) {
            ("", "") => Ok(None),
            ("", _) => Err("found a password hash without a user name, expected both".to_owned()),
            (username, "") => Ok(Some(Self { username: username.to_owned(), password_hash: None })),
            (username, hash) if PasswordHash::parse(hash).is_some() => {
                Ok(Some(Self { username: username.to_owned(), password_hash: Some(hash.into()) }))
            }
            _ => Err("found a password hash of another form, expected one that Joomla accepts".to_owned()),
        }
    }
}

/// A license that a file asks for.
#[derive(Clone)]
pub(crate) struct WantedLicense {
    pub(crate) group: GroupId,
    /// First second in which it is no longer good, in Unix seconds; nothing means never.
    pub(crate) expires_at: Option<i64>,
    pub(crate) how: Wanted,
}

/// When a license counts as being there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// With the same end and state: the file lists licenses.
    Exactly {
        state: LicenseState,
        /// In Unix seconds; nothing for an active one, and where the file says none.
        since: Option<i64>,
    },
    /// With no earlier end: the file lists customers.
    UnlessCovered,
}

/// A key that a file holds.
pub(crate) struct WantedKey {
    pub(crate) hash: KeyHash,
    /// What it opens; nothing means whatever its holder has licenses for.
    pub(crate) group: Option<GroupId>,
}

/// Something in a file that keeps it from being imported.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    /// Counted from 1; the file as a whole has none.
    pub(crate) line: Option<u64>,
    pub(crate) message: String,
}

impl Problem {
    fn new(line: u64, message: impl Into<String>) -> Self {
        Self { line: Some(line), message: message.into() }
    }

    fn of_file(message: impl Into<String>) -> Self {
        Self { line: None, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// What a reader made of a file.
#[derive(Default)]
pub(crate) struct Read {
    pub(crate) rows: Vec<Row>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) skipped: Skipped,
}

impl Read {
    fn add(&mut self, line: u64, row: Result<Row, String>) {
        match row {
            Ok(row) => self.rows.push(row),
            Err(message) => self.problems.push(Problem::new(line, message)),
        }
    }
}

/// Reads a file.
pub(crate) fn read(format: Format, content: &[u8], terms: &Terms<'_>) -> Read {
    let mut read = match format {
        Format::Csv => read_text(csv_file::read, content, terms),
        Format::Ars => ars_dump::read(content, terms),
        Format::Jbackend => read_text(jbackend_list::read, content, terms),
    };
    grant_to_all(&mut read, terms);
    read
}

/// Everybody in the file gets the licenses that the command line says.
fn grant_to_all(read: &mut Read, terms: &Terms<'_>) {
    let mut seen = HashSet::new();
    let mut granted = Vec::new();
    for row in read.rows.iter().filter(|row| seen.insert(row.email.clone())) {
        granted.extend(terms.grants.iter().map(|group| Row {
            line: row.line,
            email: row.email.clone(),
            account: None,
            license: Some(WantedLicense {
                group: group.clone(),
                expires_at: terms.expires_at,
                how: Wanted::UnlessCovered,
            }),
            key: None,
        }));
    }
    read.rows.extend(granted);
}

/// Reads a file that must be text.
fn read_text(reader: fn(&str, &Terms<'_>) -> Read, content: &[u8], terms: &Terms<'_>) -> Read {
    match text_of(content) {
        Ok(text) => reader(text, terms),
        Err(problem) => Read { problems: vec![problem], ..Read::default() },
    }
}

/// The whole of a text file, the byte order mark left out.
///
/// # Errors
/// The line that is not UTF-8.
fn text_of(content: &[u8]) -> Result<&str, Problem> {
    let text = std::str::from_utf8(content).map_err(|error| {
        let line = 1 + content[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        Problem::new(line as u64, "found bytes that are no UTF-8, expected a file saved as UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn email(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text)
        .ok_or_else(|| "found no mail address, expected one such as `ada@example.org`".to_owned())
}

#[cfg(test)]
mod fixtures {
    //! Terms for the tests of the readers.

    use secrecy::SecretSlice;

    use super::*;

    /// 2027-01-15, whatever it is.
    pub(super) const NOW: i64 = 1_800_000_000;

    pub(super) fn with_terms<T>(run: impl FnOnce(&Terms<'_>) -> T) -> T {
        let groups = ["dockyard", "lighthouse"].map(|id| GroupId::parse(id).unwrap());
        let hasher = KeyHasher::new(&SecretSlice::from(vec![7; 32]));
        run(&Terms {
            groups: groups.iter().collect(),
            grants: Vec::new(),
            expires_at: None,
            hasher,
            key_parameters: &crate::parameters::KEY_PARAMETERS.map(str::to_owned),
            now: NOW,
        })
    }

    pub(super) fn hash(key: &str) -> KeyHash {
        KeyHasher::new(&SecretSlice::from(vec![7; 32])).hash(key).unwrap()
    }

    pub(super) fn messages(read: &Read) -> Vec<String> {
        read.problems.iter().map(ToString::to_string).collect()
    }
}

#[cfg(test)]
mod tests {
    use secrecy::{ExposeSecret, SecretSlice};

    use super::fixtures::{hash, messages, with_terms};
    use super::*;
    use crate::license_key::{KeyHolder, LicenseKeys};

    #[test]
    fn a_key_is_taken_when_a_request_would_bring_all_of_it() {
        with_terms(|terms| {
            for good in
                ["it's-a-demo-key", "demo.key.0123", "demo+key/0123=", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"]
            {
                assert_eq!(terms.key_hash(good), Ok(hash(good)), "{good}");
            }
            for bad in [
                "semi;colon-demo-key",
                "pass&word-demo",
                "question?-demo",
                "quoted-demo-key.",
                "'quoted-demo-key'",
                "\"quoted-demo-key",
                ".quoted-demo-key",
                "demo-key-0123,",
                "dlid=demo-key-0123",
            ] {
                assert_eq!(terms.key_hash(bad), Err(KEY_OF_NO_REQUEST.to_owned()), "{bad}");
            }
        });
    }

    #[test]
    fn a_key_that_we_derive_is_no_key_of_another_system() {
        let group = GroupId::parse("lighthouse").unwrap();
        let keys = LicenseKeys::new(&[(group.clone(), SecretSlice::from(vec![7; 32]).into())].into());
        let key = keys.derive(&group, KeyHolder { user: 7, serial: 0 }).unwrap();
        with_terms(|terms| {
            assert_eq!(
                terms.key_hash(key.expose_secret()),
                Err("found a key such as Bandari derives, expected one of another system".to_owned())
            );
        });
    }

    #[test]
    fn a_file_in_another_encoding_is_refused() {
        for format in [Format::Csv, Format::Jbackend] {
            let read = with_terms(|terms| read(format, b"email,username\nada@example.org,\xe4da\n", terms));
            assert_eq!(
                messages(&read),
                ["line 2: found bytes that are no UTF-8, expected a file saved as UTF-8"]
            );
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_line() {
        let read =
            with_terms(|terms| read(Format::Csv, "\u{feff}email\nada@example.org\n".as_bytes(), terms));
        assert_eq!((messages(&read), read.rows.len()), (Vec::new(), 1));
    }
}
