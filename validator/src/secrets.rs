//! Secret files: the signing key and the groups' seeds. They are made with safe modes and read only when nobody else can
//! read them; what they hold is wiped from memory and shown by no `Debug`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::Path;

use bandari_catalog::names::GroupId;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::Error;

/// Length of a new seed: that of HMAC-SHA256's output, beyond which a key adds nothing (RFC 2104, section 3).
const SEED_BYTES: usize = 32;

/// Mode bits that a secret file must not have: nothing for others, no writing for the group. A group may read, since
/// services often get their secrets that way.
const TOO_OPEN: u32 = 0o027;

/// Largest secret file that is read: seeds for over a thousand groups.
const MAX_SECRET_FILE_BYTES: usize = 128 << 10;

/// The seeds of groups.
pub(crate) type GroupSeeds = BTreeMap<GroupId, SecretSlice<u8>>;

/// What license keys are made and recognized with.
#[derive(Debug)]
pub(crate) struct Seeds {
    /// From these the license keys of each group are derived.
    pub(crate) groups: GroupSeeds,
    /// With this the keys of other systems are hashed.
    pub(crate) imported_keys: SecretSlice<u8>,
}

/// Makes a secret file that its owner alone can read. An existing file is never replaced.
///
/// # Errors
/// [`Error::Io`], also when the file is there already.
pub(crate) fn create(path: &Path, content: &[u8]) -> Result<(), Error> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(Error::io("create", folder))?;
    }
    File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .map_err(Error::io("create", path))
}

/// Replaces a secret file as a whole, or makes it. Mode, owner and group stay what they were; where there was no file, its owner alone can
/// read the new one.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // Not by the id of the process: after a crash the next one may have the same.
    let mut random = [0_u8; 8];
    fill_random(&mut random, path)?;
    let aside = path.with_file_name(format!(".{name}.tmp-{:016x}", u64::from_ne_bytes(random)));
    create(&aside, content)?;
    let replaced = match fs::metadata(path) {
        Ok(before) => take_access(&aside, &before),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
    .and_then(|()| fs::rename(&aside, path));
    replaced.map_err(|error| {
        // What could not take the place of the old file must not lie about, seeds and all.
        let _ = fs::remove_file(&aside);
        Error::io("write", path)(error)
    })
}

/// Gives a file the owner, the group and the mode of another: a service that reads its secrets through its group must be able
/// to go on doing so.
fn take_access(path: &Path, before: &fs::Metadata) -> io::Result<()> {
    let file = File::open(path)?;
    let made = file.metadata()?;
    // Asked only where something differs, since some systems leave this to root.
    if (made.uid(), made.gid()) != (before.uid(), before.gid()) {
        fchown(&file, Some(before.uid()), Some(before.gid()))?;
    }
    // Last, so that no other group ever has these rights.
    file.set_permissions(before.permissions())
}

/// Reads a secret file.
fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let file = File::open(path).map_err(|error| cannot_open(path, &error))?;
    read_open(path, file)
}

fn read_open(path: &Path, file: File) -> Result<Zeroizing<Vec<u8>>, Error> {
    check_mode(path, &file)?;
    // One byte more than may be there, which tells a file that is too long: cut off, it would lose seeds when it is written
    // again. The vector has room for all of it, and to see the end: one that grows would leave copies behind.
    let mut content = Zeroizing::new(Vec::with_capacity(MAX_SECRET_FILE_BYTES + 2));
    file.take(MAX_SECRET_FILE_BYTES as u64 + 1).read_to_end(&mut content).map_err(Error::io("read", path))?;
    if content.len() > MAX_SECRET_FILE_BYTES {
        return Err(Error::Configuration {
            file: path.to_owned(),
            message: format!("found more than {MAX_SECRET_FILE_BYTES} bytes, expected at most that many"),
        });
    }
    Ok(content)
}

/// Reads a password that the vendor has put into a file: its first line, without the line's end.
///
/// # Errors
/// [`Error::Configuration`] when the file is missing, open to others, or its first line is empty or no UTF-8.
pub(crate) fn read_password(path: &Path) -> Result<SecretString, Error> {
    let wrong = |message: String| Error::Configuration { file: path.to_owned(), message };
    let file = File::open(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let content = read_open(path, file)?;
    let line = content.split(|&byte| byte == b'\n').next().unwrap_or_default();
    match std::str::from_utf8(line).map(|line| line.trim_end_matches('\r')) {
        Ok(password) if !password.is_empty() => Ok(SecretString::from(password)),
        _ => Err(wrong("found no text in the first line, expected the password".to_owned())),
    }
}

/// What to say when a secret file cannot be opened.
pub(crate) fn cannot_open(path: &Path, error: &io::Error) -> Error {
    let message = match error.kind() {
        io::ErrorKind::NotFound => "is missing: `bandari-validator init` makes it".to_owned(),
        _ => format!("cannot be read: {error}"),
    };
    Error::Configuration { file: path.to_owned(), message }
}

/// Refuses a secret file that others can read or change.
pub(crate) fn check_mode(path: &Path, file: &File) -> Result<(), Error> {
    let mode = file.metadata().map_err(Error::io("read", path))?.mode() & 0o777;
    if mode & TOO_OPEN == 0 {
        return Ok(());
    }
    Err(Error::Configuration {
        file: path.to_owned(),
        message: format!("found mode {mode:o}, expected 600: others must not read or change a secret"),
    })
}

/// A new signing key as PKCS#8 in PEM, the form that `openssl genpkey -algorithm ed25519` writes.
///
/// # Errors
/// [`Error::Io`] when the system has no randomness to give or the file cannot be made.
pub(crate) fn create_signing_key(path: &Path) -> Result<(), Error> {
    let mut seed = Zeroizing::new([0_u8; 32]);
    fill_random(&mut seed[..], path)?;
    let key = SigningKey::from_bytes(&seed);
    let pem = key.to_pkcs8_pem(LineEnding::LF).expect("a 32-byte key has a PKCS#8 form (RFC 8410)");
    create(path, pem.as_bytes())
}

/// Reads the signing key.
///
/// # Errors
/// [`Error::Configuration`] when the file is missing, open to others, or no Ed25519 key. The content is never shown.
pub(crate) fn read_signing_key(path: &Path) -> Result<SigningKey, Error> {
    let wrong = || Error::Configuration {
        file: path.to_owned(),
        message: "found no Ed25519 private key, expected PKCS#8 in PEM".to_owned(),
    };
    let pem = read(path)?;
    let text = std::str::from_utf8(&pem).map_err(|_| wrong())?;
    SigningKey::from_pkcs8_pem(text).map_err(|_| wrong())
}

/// The seeds file as written.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedsFile {
    /// Base64url by group.
    #[serde(default)]
    seeds: BTreeMap<GroupId, Zeroizing<String>>,
    /// What the hashes of imported keys are made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    imported_keys: Option<SeedEntry>,
    /// What `bandari init --from-jbackend` took over. No key is made of it: it is kept for the import of old keys.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    jbackend: BTreeMap<GroupId, JbackendGroup>,
}

/// A seed by itself.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedEntry {
    /// Base64url.
    seed: Zeroizing<String>,
}

/// A package group as jBackend's Release System knew it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JbackendGroup {
    /// The plug-in's `hash`: any text, of which nobody outside of jBackend knows how it makes keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seed: Option<Zeroizing<String>>,
    /// Ids of the Joomla user groups whose members may have a key.
    user_groups: Vec<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<Zeroizing<String>>,
}

/// Adds a seed for each group that has none yet. Tells the groups that got one.
///
/// # Errors
/// As [`read_seeds`], and [`Error::Io`] when the file cannot be written.
pub(crate) fn create_missing_seeds<'g>(
    path: &Path,
    groups: impl IntoIterator<Item = &'g GroupId>,
) -> Result<Vec<GroupId>, Error> {
    let mut file = if path.exists() { read_seeds_file(path)? } else { SeedsFile::default() };
    let mut made = Vec::new();
    for group in groups {
        if !file.seeds.contains_key(group) {
            file.seeds.insert(group.clone(), new_seed(path)?);
            made.push(group.clone());
        }
    }
    let is_complete = file.imported_keys.is_some();
    if !is_complete {
        file.imported_keys = Some(SeedEntry { seed: new_seed(path)? });
    }
    if !made.is_empty() || !is_complete {
        let text = Zeroizing::new(toml::to_string(&file).expect("a table of strings has a TOML form"));
        let comment = "# Seeds of the license keys, by group, and of the hashes of imported keys. Whoever has one of a group can make \
                       keys; without them none can be checked.\n";
        replace(path, Zeroizing::new(format!("{comment}{}", *text)).as_bytes())?;
    }
    Ok(made)
}

/// A random seed in base64url.
fn new_seed(path: &Path) -> Result<Zeroizing<String>, Error> {
    let mut seed = Zeroizing::new([0_u8; SEED_BYTES]);
    fill_random(&mut seed[..], path)?;
    Ok(Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(&seed[..])))
}

/// Reads the seeds.
///
/// # Errors
/// [`Error::Configuration`] when the file is missing, open to others or malformed. Seeds are never shown.
pub(crate) fn read_seeds(path: &Path) -> Result<Seeds, Error> {
    let wrong = |message: String| Error::Configuration { file: path.to_owned(), message };
    let file = read_seeds_file(path)?;
    let imported_keys = file.imported_keys.ok_or_else(|| {
        wrong("found no `[imported_keys]`, expected its seed: `bandari-validator init` makes it".to_owned())
    })?;
    let mut groups = GroupSeeds::new();
    for (group, text) in &file.seeds {
        let seed = decode_seed(text).map_err(|found| wrong(format!("seed of `{group}`: {found}")))?;
        groups.insert(group.clone(), seed);
    }
    let imported_keys = decode_seed(&imported_keys.seed)
        .map_err(|found| wrong(format!("seed of `[imported_keys]`: {found}")))?;
    Ok(Seeds { groups, imported_keys })
}

/// Tells what was found instead, never the seed.
fn decode_seed(text: &str) -> Result<SecretSlice<u8>, String> {
    let seed = BASE64_URL_SAFE_NO_PAD
        .decode(text.as_bytes())
        .map_err(|_| "found something else, expected base64url without `=`".to_owned())?;
    let seed = SecretSlice::from(seed);
    match seed.expose_secret().len() {
        SEED_BYTES.. => Ok(seed),
        found => Err(format!("found {found} bytes, expected {SEED_BYTES} or more")),
    }
}

fn read_seeds_file(path: &Path) -> Result<SeedsFile, Error> {
    // TOML's own message quotes the line, and the line is the secret.
    let wrong = || {
        Error::Configuration {
        file: path.to_owned(),
        message:
            "found something else than tables `[seeds]`, `[imported_keys]` and `[jbackend.<group>]` with their secrets"
                .to_owned(),
    }
    };
    let content = read(path)?;
    let text = std::str::from_utf8(&content).map_err(|_| wrong())?;
    toml::from_str(text).map_err(|_| wrong())
}

fn fill_random(bytes: &mut [u8], path: &Path) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|error| Error::io("find randomness for", path)(error.into()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn group(id: &str) -> GroupId {
        GroupId::parse(id).unwrap()
    }

    #[test]
    fn secrets_are_made_for_their_owners_eyes_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets/signing-key.pem");
        create_signing_key(&path).unwrap();
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(path.parent().unwrap().metadata().unwrap().mode() & 0o777, 0o700);
        assert!(read_signing_key(&path).is_ok());
    }

    #[test]
    fn an_existing_key_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        create_signing_key(&path).unwrap();
        let before = fs::read(&path).unwrap();
        assert!(create_signing_key(&path).is_err());
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        create_signing_key(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = read_signing_key(&path).unwrap_err().to_string();
        assert!(
            error.ends_with("found mode 644, expected 600: others must not read or change a secret"),
            "{error}"
        );
    }

    #[test]
    fn a_password_is_the_first_line_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        let read = |content: &[u8]| {
            let _ = fs::remove_file(&path);
            create(&path, content).unwrap();
            read_password(&path)
        };
        assert_eq!(read(b"s3cret \r\nnotes\n").unwrap().expose_secret(), "s3cret ");
        assert_eq!(read(b"s3cret").unwrap().expose_secret(), "s3cret");
        for bad in [&b""[..], b"\ns3cret", b"\xff\n"] {
            let error = read(bad).unwrap_err().to_string();
            assert!(error.ends_with("found no text in the first line, expected the password"), "{error}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(read_password(&path).unwrap_err().to_string().contains("first line"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(read_password(&path).unwrap_err().to_string().contains("found mode 644, expected 600"));
        fs::remove_file(&path).unwrap();
        assert!(read_password(&path).unwrap_err().to_string().contains("cannot be read"));
    }

    #[test]
    fn new_groups_get_seeds_and_old_ones_keep_theirs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seeds.toml");
        assert_eq!(create_missing_seeds(&path, [&group("a")]).unwrap(), [group("a")]);
        let before = read_seeds(&path).unwrap().groups;
        assert_eq!(create_missing_seeds(&path, [&group("a"), &group("b")]).unwrap(), [group("b")]);
        let after = read_seeds(&path).unwrap().groups;
        assert_eq!(before[&group("a")].expose_secret(), after[&group("a")].expose_secret());
        assert_ne!(after[&group("a")].expose_secret(), after[&group("b")].expose_secret());
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_seeds_file_that_is_too_long_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seeds.toml");
        create_missing_seeds(&path, [&group("a")]).unwrap();
        let mut long = fs::read(&path).unwrap();
        // Comments, so that what a limit leaves of the file is good TOML.
        long.resize(MAX_SECRET_FILE_BYTES, b'#');
        fs::write(&path, &long).unwrap();
        assert!(read_seeds(&path).is_ok(), "the limit itself is allowed");
        long.push(b'#');
        fs::write(&path, &long).unwrap();
        let error = create_missing_seeds(&path, [&group("b")]).unwrap_err().to_string();
        assert!(error.ends_with("found more than 131072 bytes, expected at most that many"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), long);
    }

    #[test]
    fn a_seeds_file_that_is_written_again_keeps_its_mode_and_group() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seeds.toml");
        create_missing_seeds(&path, [&group("a")]).unwrap();
        // Only root may give a file to any group; others test the mode alone.
        let _ = std::os::unix::fs::chown(&path, None, Some(1));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let access = |path: &Path| {
            let metadata = path.metadata().unwrap();
            (metadata.mode() & 0o777, metadata.uid(), metadata.gid())
        };
        let before = access(&path);
        create_missing_seeds(&path, [&group("a"), &group("b")]).unwrap();
        assert_eq!(access(&path), before);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    /// As `bandari init --from-jbackend` writes it.
    const FROM_JBACKEND: &str = "[jbackend.redj_ent]\nseed = \"k3J9xx0q\"\nuser_groups = [1, 3, 5]\nname = \"ReDJ\"\n\n\
                                 [jbackend.tides]\nuser_groups = [2]\n";

    #[test]
    fn what_was_taken_over_from_jbackend_is_kept_and_makes_no_keys() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seeds.toml");
        create(&path, FROM_JBACKEND.as_bytes()).unwrap();
        assert_eq!(create_missing_seeds(&path, [&group("redj_ent")]).unwrap(), [group("redj_ent")]);
        assert_eq!(read_seeds(&path).unwrap().groups[&group("redj_ent")].expose_secret().len(), SEED_BYTES);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.ends_with(&format!("\n{FROM_JBACKEND}")), "{text}");
    }

    #[test]
    fn a_key_of_a_jbackend_group_that_nobody_knows_is_refused_without_showing_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seeds.toml");
        create(&path, b"[jbackend.a]\nuser_groups = []\nhash = 'k3J9xx0q'\n").unwrap();
        let error = read_seeds(&path).unwrap_err().to_string();
        assert!(error.ends_with(
            "found something else than tables `[seeds]`, `[imported_keys]` and `[jbackend.<group>]` with their secrets"
        ));
    }

    #[test]
    fn a_malformed_seeds_file_is_refused_without_showing_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seeds.toml");
        create(&path, b"[seeds]\na = c2VjcmV0\n").unwrap();
        let error = read_seeds(&path).unwrap_err().to_string();
        assert!(!error.contains("c2VjcmV0"), "{error}");
    }

    #[test]
    fn seeds_show_nothing_in_debug() {
        let seed = || SecretSlice::from(vec![77_u8; 32]);
        let seeds = Seeds { groups: GroupSeeds::from([(group("a"), seed())]), imported_keys: seed() };
        assert!(!format!("{seeds:?}").contains("77"), "{seeds:?}");
    }
}
