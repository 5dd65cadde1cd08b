//! The secret part of what jBackend was told: each group's seed, user groups and name, as the table `[jbackend.<group>]` of
//! `secrets/seeds.toml` beside the configuration. The validator owns that file and keeps the table; the seeds of its own
//! license keys stand in another. No message here shows a value of it.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use bandari_catalog::names::GroupId;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::{Error, Problem};
use crate::init::jbackend::Group;
use crate::place::{place_by, remove_leftovers_of};
use crate::rules::Code;

/// Largest file that the validator reads.
const MAX_SEEDS_FILE_BYTES: usize = 128 << 10;

/// Mode bits that the validator refuses on a secret file: anything for others, writing for the group.
const TOO_OPEN: u32 = 0o027;

const HEADER: &str = "# Secrets of package groups. jBackend's are kept as they were: its keys can be imported, not made again.\n";

/// What is read of an existing file; the validator's own table is none of our business.
#[derive(Default, Deserialize)]
struct Existing {
    #[serde(default)]
    jbackend: BTreeMap<GroupId, Row>,
}

#[derive(Serialize)]
struct Added {
    jbackend: BTreeMap<GroupId, Row>,
}

/// A group as the file has it.
#[derive(PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seed: Option<Zeroizing<String>>,
    user_groups: Vec<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<Zeroizing<String>>,
}

/// The file as it will be. There is no `Debug`.
pub(crate) struct SeedsFile {
    path: PathBuf,
    text: Zeroizing<String>,
    /// Of the file that is there already.
    before: Option<Metadata>,
}

/// Adds the groups to what is in the file. Nothing is written yet; `None` when the file has all of them.
///
/// # Errors
/// [`Error::Configuration`] when the file cannot be used as it is; [`Error::NotBegun`] when it says something else of a group.
pub(crate) fn prepare(path: &Path, groups: Vec<Group>) -> Result<Option<SeedsFile>, Error> {
    let wrong = |message: &str| Error::Configuration { file: path.to_owned(), message: message.to_owned() };
    let (before, old_text) = match read(path)? {
        Some((metadata, text)) => (Some(metadata), text),
        None => (None, Zeroizing::new(HEADER.to_owned())),
    };
    let mut existing: Existing = toml::from_str(&old_text)
        .map_err(|_| wrong("found something else than tables of groups with their seeds"))?;
    let mut added = BTreeMap::new();
    let mut problems = Vec::new();
    for Group { id, user_groups, seed, name } in groups {
        let row = Row { seed, user_groups, name };
        match existing.jbackend.remove(&id) {
            None => {
                added.insert(id, row);
            }
            Some(before) if before == row => {}
            Some(_) => problems.push(Problem::new(
                Code::PlaceTaken,
                path.display().to_string(),
                format!("another seed, other user groups or another name for `{id}`"),
                "what the plug-in was told, or nothing about that group",
            )),
        }
    }
    if !problems.is_empty() {
        return Err(Error::NotBegun { problems });
    }
    if added.is_empty() {
        return Ok(None);
    }
    let rows = Zeroizing::new(
        toml::to_string(&Added { jbackend: added }).expect("tables of strings and numbers have a TOML form"),
    );
    let text = Zeroizing::new(format!("{}\n{}", old_text.trim_end(), *rows));
    // Behind what is there already, the new tables may be a second definition of the same.
    toml::from_str::<Existing>(&text).map_err(|_| {
        wrong(
            "found `jbackend` in a form to which nothing can be added, expected `[jbackend.<group>]` tables",
        )
    })?;
    if text.len() > MAX_SEEDS_FILE_BYTES {
        return Err(wrong(&format!(
            "would have over {MAX_SEEDS_FILE_BYTES} bytes, expected at most that many"
        )));
    }
    Ok(Some(SeedsFile { path: path.to_owned(), text, before }))
}

/// The file that is there, unless others can read it.
fn read(path: &Path) -> Result<Option<(Metadata, Zeroizing<String>)>, Error> {
    let wrong = |message: String| Error::Configuration { file: path.to_owned(), message };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(format!("cannot be read: {error}"))),
    };
    let metadata = file.metadata().map_err(Error::io("read", path))?;
    let mode = metadata.mode() & 0o777;
    if mode & TOO_OPEN != 0 {
        return Err(wrong(format!(
            "found mode {mode:o}, expected 600: others must not read or change a secret"
        )));
    }
    // With room for all of it, since a text that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(MAX_SEEDS_FILE_BYTES + 2));
    file.take(MAX_SEEDS_FILE_BYTES as u64 + 1)
        .read_to_string(&mut text)
        .map_err(|error| wrong(format!("cannot be read: {error}")))?;
    if text.len() > MAX_SEEDS_FILE_BYTES {
        return Err(wrong(format!(
            "found more than {MAX_SEEDS_FILE_BYTES} bytes, expected at most that many"
        )));
    }
    Ok(Some((metadata, text)))
}

impl SeedsFile {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there was none before.
    pub(crate) fn is_new(&self) -> bool {
        self.before.is_none()
    }

    /// Writes the file. A new one, and its folder, are for their owner only; an existing one keeps mode, owner and group.
    pub(crate) fn write(&self) -> Result<(), Error> {
        if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .map_err(Error::io("create", folder))?;
        }
        // There are secrets in it.
        remove_leftovers_of(&self.path).map_err(Error::io("clear the way for", &self.path))?;
        place_by(&self.path, |aside| self.write_aside(aside).map_err(Error::io("write", aside)))
    }

    fn write_aside(&self, aside: &Path) -> io::Result<()> {
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(aside)?;
        file.write_all(self.text.as_bytes())?;
        if let Some(before) = &self.before {
            let made = file.metadata()?;
            // Asked only where something differs, since some systems leave this to root; rights come last, so that no
            // other group ever has them.
            if (made.uid(), made.gid()) != (before.uid(), before.gid()) {
                fchown(&file, Some(before.uid()), Some(before.gid()))?;
            }
            file.set_permissions(before.permissions())?;
        }
        file.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn group(id: &str, seed: &str) -> Group {
        Group {
            id: GroupId::parse(id).unwrap(),
            user_groups: vec![1, 3, 5],
            seed: (!seed.is_empty()).then(|| Zeroizing::new(seed.to_owned())),
            name: (!seed.is_empty()).then(|| Zeroizing::new(format!("The \"{id}\""))),
        }
    }

    fn write(path: &Path, groups: Vec<Group>) -> Result<bool, Error> {
        let file = prepare(path, groups)?;
        file.as_ref().map_or(Ok(()), SeedsFile::write)?;
        Ok(file.is_some())
    }

    #[test]
    fn groups_are_written_for_their_owners_eyes_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets/seeds.toml");
        assert!(write(&path, vec![group("redj_ent", "k3J9"), group("free.to.all", "")]).unwrap());
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            format!(
                "{HEADER}\n[jbackend.\"free.to.all\"]\nuser_groups = [1, 3, 5]\n\n\
                 [jbackend.redj_ent]\nseed = \"k3J9\"\nuser_groups = [1, 3, 5]\nname = 'The \"redj_ent\"'\n"
            )
            .replace("\n\n[jbackend.\"f", "\n[jbackend.\"f")
        );
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(path.parent().unwrap().metadata().unwrap().mode() & 0o777, 0o700);
    }

    #[test]
    fn an_existing_file_is_extended_and_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seeds.toml");
        fs::write(&path, "# mine\n[seeds]\na = 'secret'\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(write(&path, vec![group("a", "one")]).unwrap());
        assert!(write(&path, vec![group("b", "two"), group("a", "one")]).unwrap());
        assert!(!write(&path, vec![group("a", "one")]).unwrap(), "nothing is missing any more");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# mine\n[seeds]\na = 'secret'\n[jbackend.a]\nseed = \"one\"\n"), "{text}");
        assert!(text.contains("\n[jbackend.b]\nseed = \"two\"\n"), "{text}");
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    fn refusal(before: &str, mode: u32) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seeds.toml");
        fs::write(&path, before).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = write(&path, vec![group("a", "k3J9")]).unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), before);
        let problems: String = error.problems().iter().map(ToString::to_string).collect();
        format!("{error} {problems}").replace(&folder.path().display().to_string(), "SITE")
    }

    #[test]
    fn another_seed_for_the_same_group_is_refused_without_showing_either() {
        assert_eq!(
            refusal("[jbackend.a]\nseed = 'other'\nuser_groups = [1, 3, 5]\nname = 'The \"a\"'\n", 0o600),
            "1 problem: nothing was written `SITE/seeds.toml`: found another seed, other user groups or another name for \
             `a`, expected what the plug-in was told, or nothing about that group"
        );
    }

    #[test]
    fn a_file_that_cannot_be_extended_is_refused_without_showing_it() {
        assert_eq!(
            refusal("seed = k3J9", 0o600),
            "configuration `SITE/seeds.toml`: found something else than tables of groups with their seeds "
        );
        assert_eq!(
            refusal("jbackend = {}", 0o600),
            "configuration `SITE/seeds.toml`: found `jbackend` in a form to which nothing can be added, \
             expected `[jbackend.<group>]` tables "
        );
        assert_eq!(
            refusal("", 0o644),
            "configuration `SITE/seeds.toml`: found mode 644, expected 600: others must not read or change a secret "
        );
    }
}
