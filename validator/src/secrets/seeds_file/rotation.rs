//! A new seed for a group, and for how long the keys of the one before are good.

use std::path::Path;

use bandari_catalog::names::GroupId;
use toml::value::Datetime;

use super::{MAX_OLD_SEEDS, OldSeedEntry, good_until, new_seed, read_seeds_file, write, wrong};
use crate::dates;
use crate::error::Error;
use crate::secrets::lock_folder_of;

/// What a rotation of a group's seed leaves.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RotatedSeed {
    /// Until when keys of the seed before are good, in Unix seconds; nothing when they are worthless at once.
    pub(crate) old_good_until: Option<i64>,
    /// How many still older seeds of the group are good no longer than that either, and were to be good for longer.
    pub(crate) shortened: usize,
}

/// Gives a group a new seed. Keys of the one before are good until `old_until` (Unix seconds), and so at most are those of still
/// older ones: whoever ends the keys of a year would not leave those of the year before. What has ended at `now`, of any group,
/// is taken out of the file.
///
/// # Errors
/// As [`super::read_seeds`]; [`Error::Usage`] when the group has no seed or too many.
pub(crate) fn rotate_seed(
    path: &Path,
    group: &GroupId,
    old_until: i64,
    now: i64,
) -> Result<RotatedSeed, Error> {
    let _lock = lock_folder_of(path)?;
    let mut file = read_seeds_file(path)?;
    let Some(seed) = file.seeds.get_mut(group) else {
        let known: Vec<String> = file.seeds.keys().map(|group| format!("`{group}`")).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(Error::Usage(format!(
            "found no seed of the group `{group}`, expected one of those that have one: {known}"
        )));
    };
    let before = std::mem::replace(seed, new_seed(path)?);
    let mut shortened = 0;
    for old in &mut file.old_seeds {
        let until = good_until(old).map_err(|message| wrong(path, message))?;
        if old.group == *group && old_until < until {
            old.good_until = datetime(old_until)?;
            shortened += 1;
        }
    }
    file.old_seeds.push(OldSeedEntry {
        group: group.clone(),
        seed: before,
        good_until: datetime(old_until)?,
    });
    // All dates were read just now, so none of them is wrong.
    file.old_seeds.retain(|old| good_until(old).is_ok_and(|until| until > now));
    if file.old_seeds.iter().filter(|old| old.group == *group).count() > MAX_OLD_SEEDS {
        return Err(Error::Usage(format!(
            "found {MAX_OLD_SEEDS} old seeds of the group `{group}` that are still good, expected fewer: `keys list` tells until \
             when they are"
        )));
    }
    write(path, &file)?;
    Ok(RotatedSeed { old_good_until: Some(old_until).filter(|until| *until > now), shortened })
}

/// A time as the file has it.
fn datetime(unix_seconds: i64) -> Result<Datetime, Error> {
    let text = dates::print(unix_seconds);
    text.parse().map_err(|_| Error::Usage(format!("found a date {text}, expected one before the year 10000")))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use secrecy::ExposeSecret;

    use super::super::{create_missing_seeds, read_seeds};
    use super::*;

    fn group(id: &str) -> GroupId {
        GroupId::parse(id).unwrap()
    }

    /// A file with seeds for `a` and `b`, and the path of its folder.
    fn two_groups() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seeds.toml");
        create_missing_seeds(&path, [&group("a"), &group("b")]).unwrap();
        (folder, path)
    }

    /// Dates of the old seeds of `a`.
    fn ends(path: &Path) -> Vec<i64> {
        read_seeds(path).unwrap().groups[&group("a")].old.iter().map(|old| old.good_until).collect()
    }

    #[test]
    fn a_rotated_seed_is_kept_with_its_end() {
        let (_folder, path) = two_groups();
        let seed_of = |id: &str| read_seeds(&path).unwrap().groups[&group(id)].current.clone();
        let (a, b) = (seed_of("a"), seed_of("b"));
        let rotated = rotate_seed(&path, &group("a"), 500, 100).unwrap();
        assert_eq!(rotated, RotatedSeed { old_good_until: Some(500), shortened: 0 });
        let seeds = read_seeds(&path).unwrap();
        let of_a = &seeds.groups[&group("a")];
        assert_ne!(of_a.current.expose_secret(), a.expose_secret());
        assert_eq!((of_a.old[0].seed.expose_secret(), of_a.old[0].good_until), (a.expose_secret(), 500));
        assert_eq!(seed_of("b").expose_secret(), b.expose_secret());
        assert!(fs::read_to_string(&path).unwrap().contains("good_until = 1970-01-01T00:08:20Z\n"));
    }

    #[test]
    fn an_older_seed_ends_no_later_than_a_newer_one() {
        let (_folder, path) = two_groups();
        rotate_seed(&path, &group("a"), 500, 100).unwrap();
        rotate_seed(&path, &group("a"), 900, 100).unwrap();
        assert_eq!(ends(&path), [500, 900]);
        assert_eq!(rotate_seed(&path, &group("a"), 700, 100).unwrap().shortened, 1);
        assert_eq!(ends(&path), [500, 700, 700]);
        // What leaked must open nothing any more, and neither must what may have leaked with it.
        let rotated = rotate_seed(&path, &group("a"), 100, 100).unwrap();
        assert_eq!(rotated, RotatedSeed { old_good_until: None, shortened: 3 });
        assert_eq!(ends(&path), [0_i64; 0]);
    }

    #[test]
    fn old_seeds_that_have_ended_go_and_too_many_are_refused() {
        let (_folder, path) = two_groups();
        for until in [500, 600, 700] {
            rotate_seed(&path, &group("a"), until, 100).unwrap();
        }
        let before = fs::read(&path).unwrap();
        let error = rotate_seed(&path, &group("a"), 800, 100).unwrap_err().to_string();
        assert!(error.starts_with("found 3 old seeds of the group `a` that are still good"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), before);
        rotate_seed(&path, &group("b"), 800, 600).unwrap();
        assert_eq!(ends(&path), [700]);
    }

    #[test]
    fn rotations_at_the_same_time_all_count() {
        let (_folder, path) = two_groups();
        std::thread::scope(|scope| {
            for _ in 0..MAX_OLD_SEEDS {
                scope.spawn(|| rotate_seed(&path, &group("a"), 500, 100).unwrap());
            }
        });
        assert_eq!(ends(&path), [500; MAX_OLD_SEEDS]);
    }

    #[test]
    fn a_group_without_a_seed_cannot_rotate_it() {
        let (_folder, path) = two_groups();
        assert_eq!(
            rotate_seed(&path, &group("c"), 500, 100).unwrap_err().to_string(),
            "found no seed of the group `c`, expected one of those that have one: `a`, `b`"
        );
        let path = path.with_file_name("empty.toml");
        create_missing_seeds(&path, []).unwrap();
        assert_eq!(
            rotate_seed(&path, &group("c"), 500, 100).unwrap_err().to_string(),
            "found no seed of the group `c`, expected one of those that have one: none"
        );
    }
}
