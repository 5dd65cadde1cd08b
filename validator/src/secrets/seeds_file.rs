//! The file of the seeds: what license keys are derived from, by group, and what imported keys are hashed with. A group has
//! one seed, and for a while those that it had before, since their keys are with customers.

mod rotation;

use std::collections::BTreeMap;
use std::path::Path;

use bandari_catalog::names::GroupId;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use secrecy::SecretSlice;
use serde::{Deserialize, Serialize};
use toml::value::Datetime;
use zeroize::Zeroizing;

use super::{MAX_SECRET_FILE_BYTES, create_folder_of, fill_random, lock_folder_of, read, replace};
use crate::dates;
use crate::error::Error;

pub(crate) use rotation::{RotatedSeed, rotate_seed};

/// Length of a new seed: that of HMAC-SHA256's output, beyond which a key adds nothing (RFC 2104, section 3).
const SEED_BYTES: usize = 32;

/// Most old seeds of a group. Each is tried with every wrong key, and a seed a year with three years of grace is plenty.
const MAX_OLD_SEEDS: usize = 3;

const HEADER: &str = "# Seeds of the license keys, by group, and of the hashes of imported keys. Whoever has one of a group can make \
                      keys; without them none can be checked.\n";

/// The seeds of groups.
pub(crate) type GroupSeeds = BTreeMap<GroupId, GroupSeed>;

/// What the license keys of a group are made and recognized with.
#[derive(Debug)]
pub(crate) struct GroupSeed {
    /// From this the keys are derived.
    pub(crate) current: SecretSlice<u8>,
    /// From these they were.
    pub(crate) old: Vec<OldSeed>,
}

impl From<SecretSlice<u8>> for GroupSeed {
    fn from(current: SecretSlice<u8>) -> Self {
        Self { current, old: Vec::new() }
    }
}

/// A seed whose keys are good for a while longer.
#[derive(Debug)]
pub(crate) struct OldSeed {
    pub(crate) seed: SecretSlice<u8>,
    /// From this Unix second on they are like any forged key.
    pub(crate) good_until: i64,
}

/// What license keys are made and recognized with.
#[derive(Debug)]
pub(crate) struct Seeds {
    pub(crate) groups: GroupSeeds,
    /// With this the keys of other systems are hashed.
    pub(crate) imported_keys: SecretSlice<u8>,
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
    /// Seeds that groups had before, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    old_seeds: Vec<OldSeedEntry>,
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

/// A seed that a group had before.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OldSeedEntry {
    group: GroupId,
    /// Base64url.
    seed: Zeroizing<String>,
    good_until: Datetime,
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
/// As [`read_seeds`]; [`Error::Io`] when the file cannot be written, [`Error::Usage`] when it would be too long.
pub(crate) fn create_missing_seeds<'g>(
    path: &Path,
    groups: impl IntoIterator<Item = &'g GroupId>,
) -> Result<Vec<GroupId>, Error> {
    create_folder_of(path)?;
    // Also before there is a file: of two that make one, the second would take the seeds away that the first told of.
    let _lock = lock_folder_of(path)?;
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
        write(path, &file)?;
    }
    Ok(made)
}

fn write(path: &Path, file: &SeedsFile) -> Result<(), Error> {
    let text = Zeroizing::new(toml::to_string(file).expect("tables of strings and dates have a TOML form"));
    let text = Zeroizing::new(format!("{HEADER}{}", *text));
    if text.len() > MAX_SECRET_FILE_BYTES {
        // Nobody could read it again.
        return Err(Error::Usage(format!(
            "the seeds would take {} bytes of `{}`, expected at most {MAX_SECRET_FILE_BYTES}: nothing was changed",
            text.len(),
            path.display()
        )));
    }
    replace(path, text.as_bytes())
}

/// Tells what was found instead.
fn good_until(old: &OldSeedEntry) -> Result<i64, String> {
    dates::parse(&old.good_until.to_string())
        .map_err(|found| format!("`good_until` of an old seed of `{}`: {found}", old.group))
}

fn wrong(path: &Path, message: String) -> Error {
    Error::Configuration { file: path.to_owned(), message }
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
    let file = read_seeds_file(path)?;
    file.decode().map_err(|message| wrong(path, message))
}

impl SeedsFile {
    /// Tells what is wrong.
    fn decode(self) -> Result<Seeds, String> {
        let imported_keys = self
            .imported_keys
            .ok_or("found no `[imported_keys]`, expected its seed: `bandari-validator init` makes it")?;
        let imported_keys = decode_seed(&imported_keys.seed)
            .map_err(|found| format!("seed of `[imported_keys]`: {found}"))?;
        let mut groups = GroupSeeds::new();
        for (group, text) in &self.seeds {
            let seed = decode_seed(text).map_err(|found| format!("seed of `{group}`: {found}"))?;
            groups.insert(group.clone(), seed.into());
        }
        for entry in &self.old_seeds {
            let of_group = groups.get_mut(&entry.group).ok_or_else(|| {
                format!("found an old seed of `{}`, expected one in `[seeds]`, too", entry.group)
            })?;
            let seed = decode_seed(&entry.seed)
                .map_err(|found| format!("an old seed of `{}`: {found}", entry.group))?;
            of_group.old.push(OldSeed { seed, good_until: good_until(entry)? });
            if of_group.old.len() > MAX_OLD_SEEDS {
                return Err(format!(
                    "found more than {MAX_OLD_SEEDS} old seeds of `{}`, expected at most that many",
                    entry.group
                ));
            }
        }
        Ok(Seeds { groups, imported_keys })
    }
}

/// Tells what was found instead, never the seed.
fn decode_seed(text: &str) -> Result<SecretSlice<u8>, String> {
    // More room than is needed: a vector that grows or shrinks would leave copies behind.
    let mut room = Zeroizing::new(vec![0_u8; text.len()]);
    let length = BASE64_URL_SAFE_NO_PAD
        .decode_slice(text.as_bytes(), &mut room)
        .map_err(|_| "found something else, expected base64url without `=`".to_owned())?;
    match length {
        SEED_BYTES.. => Ok(SecretSlice::from(room[..length].to_vec())),
        found => Err(format!("found {found} bytes, expected {SEED_BYTES} or more")),
    }
}

/// Ids of the Joomla user groups whose members may download, by group, as they were taken over from jBackend.
///
/// # Errors
/// As [`read_seeds`].
pub(crate) fn read_user_groups(path: &Path) -> Result<BTreeMap<GroupId, Vec<u32>>, Error> {
    let groups = read_seeds_file(path)?.jbackend.into_iter();
    Ok(groups.map(|(group, taken_over)| (group, taken_over.user_groups)).collect())
}

fn read_seeds_file(path: &Path) -> Result<SeedsFile, Error> {
    // TOML's own message quotes the line, and the line is the secret.
    let wrong = || {
        Error::Configuration {
        file: path.to_owned(),
        message:
            "found something else than tables `[seeds]`, `[[old_seeds]]`, `[imported_keys]` and `[jbackend.<group>]` with \
             their secrets"
                .to_owned(),
    }
    };
    let content = read(path)?;
    let text = std::str::from_utf8(&content).map_err(|_| wrong())?;
    toml::from_str(text).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use secrecy::ExposeSecret;

    use super::super::create;
    use super::*;

    fn group(id: &str) -> GroupId {
        GroupId::parse(id).unwrap()
    }

    #[test]
    fn new_groups_get_seeds_and_old_ones_keep_theirs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seeds.toml");
        assert_eq!(create_missing_seeds(&path, [&group("a")]).unwrap(), [group("a")]);
        let before = read_seeds(&path).unwrap().groups;
        assert_eq!(create_missing_seeds(&path, [&group("a"), &group("b")]).unwrap(), [group("b")]);
        let after = read_seeds(&path).unwrap().groups;
        assert_eq!(before[&group("a")].current.expose_secret(), after[&group("a")].current.expose_secret());
        assert_ne!(after[&group("a")].current.expose_secret(), after[&group("b")].current.expose_secret());
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
    fn a_seeds_file_that_nobody_could_read_again_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seeds.toml");
        create_missing_seeds(&path, [&group("a")]).unwrap();
        let before = fs::read(&path).unwrap();
        // A line is an id of 60 characters, a seed of 43, and ` = "` with `"` and its end.
        let groups: Vec<GroupId> = (0..1_200).map(|number| group(&format!("{number:060}"))).collect();
        let error = create_missing_seeds(&path, &groups).unwrap_err().to_string();
        let expected = format!("bytes of `{}`, expected at most 131072: nothing was changed", path.display());
        assert!(error.ends_with(&expected), "{error}");
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn seeds_that_are_made_at_the_same_time_are_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets/seeds.toml");
        let made = || create_missing_seeds(&path, [&group("a")]).unwrap().len();
        let made: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(made)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(made, 1);
    }

    #[test]
    fn a_seeds_file_behind_a_link_is_written_where_it_lies() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("shared/seeds.toml"), folder.path().join("seeds.toml"));
        create_missing_seeds(&file, [&group("a")]).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        create_missing_seeds(&link, [&group("a"), &group("b")]).unwrap();
        assert!(link.is_symlink());
        assert!(read_seeds(&file).unwrap().groups.contains_key(&group("b")));
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
        assert_eq!(
            read_seeds(&path).unwrap().groups[&group("redj_ent")].current.expose_secret().len(),
            SEED_BYTES
        );
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
            "found something else than tables `[seeds]`, `[[old_seeds]]`, `[imported_keys]` and `[jbackend.<group>]` with their secrets"
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
        let of_group = GroupSeed { current: seed(), old: vec![OldSeed { seed: seed(), good_until: 1 }] };
        let seeds = Seeds { groups: GroupSeeds::from([(group("a"), of_group)]), imported_keys: seed() };
        assert!(!format!("{seeds:?}").contains("77"), "{seeds:?}");
    }

    #[test]
    fn old_seeds_that_fit_nothing_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seeds.toml");
        create_missing_seeds(&path, [&group("a")]).unwrap();
        let good = fs::read_to_string(&path).unwrap();
        let entry = |group: &str, seed: &str, until: &str| {
            format!("[[old_seeds]]\ngroup = '{group}'\nseed = '{seed}'\ngood_until = {until}\n")
        };
        let long = "A".repeat(43);
        let four = entry("a", &long, "2027-01-31").repeat(4);
        for (entries, expected) in [
            (entry("c", &long, "2027-01-31"), "found an old seed of `c`, expected one in `[seeds]`, too"),
            (entry("a", "AAAA", "2027-01-31"), "an old seed of `a`: found 3 bytes, expected 32 or more"),
            (
                entry("a", &long, "12:00:00"),
                "`good_until` of an old seed of `a`: found `12:00:00`, expected a date such as 2027-01-31",
            ),
            (four, "found more than 3 old seeds of `a`, expected at most that many"),
        ] {
            fs::write(&path, format!("{good}{entries}")).unwrap();
            let error = read_seeds(&path).unwrap_err().to_string();
            assert!(error.ends_with(expected), "{error}");
        }
    }
}
