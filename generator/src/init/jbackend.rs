//! What jBackend's plug-in "Release System" was told: its groups and packages, checked. Pure: no file is looked at here.
//!
//! A group is `group;user groups[;hash;name]`, a package `id;path[;group]` (the plug-in's own help, of 25 September 2017).
//! The hash is the seed of the group's license keys. So nothing that stands where a group is expected is ever quoted in a
//! message, and no `Debug` shows it: even a line whose fields are in wrong order, or that stands under another option, must not
//! give a seed away.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Component, Path};

use bandari_catalog::names::{GroupId, PackageId};
use zeroize::Zeroizing;

use crate::error::Problem;
use crate::init::options::{Entry, Options};
use crate::rules::Code;

const IDENTIFIER_EXPECTED: &str =
    "1 to 64 characters of A-Z a-z 0-9 _ - ., beginning with a letter or digit, in the first field";

/// What the options say, as far as it is good.
#[derive(Debug)]
pub(crate) struct ReleaseSystem {
    pub(crate) folder: Option<Folder>,
    pub(crate) groups: Vec<Group>,
    pub(crate) packages: Vec<Package>,
    pub(crate) problems: Vec<Problem>,
}

/// Directory of the packages, below Joomla's root.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) place: String,
    pub(crate) path: String,
}

/// What one license opens.
pub(crate) struct Group {
    pub(crate) id: GroupId,
    /// Ids of the Joomla user groups whose members may have a key.
    pub(crate) user_groups: Vec<u32>,
    /// The plug-in's `hash`.
    pub(crate) seed: Option<Zeroizing<String>>,
    /// Name for people; it is kept with the secrets, and may be one where fields are in wrong order.
    pub(crate) name: Option<Zeroizing<String>>,
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group").field("id", &self.id).finish_non_exhaustive()
    }
}

/// One file of one version.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) place: String,
    pub(crate) id: PackageId,
    /// Below [`ReleaseSystem::folder`]; relative and without `..`.
    pub(crate) path: String,
    /// Absent for a free one.
    pub(crate) group: Option<GroupId>,
}

/// Understands the entries. What is wrong is gathered, and left out.
pub(crate) fn understand(options: &Options) -> ReleaseSystem {
    let mut problems = Vec::new();
    let folder = folder(&options.folder, &mut problems);
    let (groups, known) = groups(&options.groups, &mut problems);
    let packages = packages(&options.packages, &known, &mut problems);
    ReleaseSystem { folder, groups, packages, problems }
}

fn folder(entries: &[Entry], problems: &mut Vec<Problem>) -> Option<Folder> {
    if let Some(second) = entries.get(1) {
        problems.push(Problem::new(
            Code::TakeoverOption,
            &second.place,
            "a second line in `Folder`",
            "one folder, relative to Joomla's root",
        ));
    }
    let entry = entries.first()?;
    // Refused here, so that nothing later quotes it: it is a line of the groups that lost its label, with its seed.
    if entry.text.contains(';') {
        problems.push(Problem::new(
            Code::TakeoverOption,
            &entry.place,
            "a `;` in `Folder`",
            "a path without one: lines with `;` belong to `Package groups` or `Packages`",
        ));
        return None;
    }
    // The plug-in puts it behind the path of Joomla's root and a slash.
    Some(Folder { place: entry.place.clone(), path: entry.text.trim_start_matches('/').to_owned() })
}

/// The good groups, and the ids of all: a package of a group with a problem has none itself.
fn groups(entries: &[Entry], problems: &mut Vec<Problem>) -> (Vec<Group>, BTreeSet<GroupId>) {
    let mut groups = Vec::new();
    let mut known = BTreeSet::new();
    for entry in entries {
        let mut problem = |found: &str, expected: &str| {
            problems.push(Problem::new(Code::TakeoverOption, &entry.place, found, expected))
        };
        let mut fields = entry.text.splitn(4, ';').map(str::trim);
        let id = fields.next().and_then(|id| GroupId::parse(id).ok());
        let user_groups = fields.next().and_then(user_groups);
        let mut optional =
            || fields.next().filter(|field| !field.is_empty()).map(|f| Zeroizing::new(f.to_owned()));
        let (seed, name) = (optional(), optional());
        if id.is_none() {
            problem("no identifier of a package group", IDENTIFIER_EXPECTED);
        }
        if user_groups.is_none() {
            problem("no user groups", "numbers of Joomla user groups such as `1,3,5` in the second field");
        }
        if id.as_ref().is_some_and(|id| !known.insert(id.clone())) {
            problem("the same package group again", "each package group once");
        } else if let (Some(id), Some(user_groups)) = (id, user_groups) {
            groups.push(Group { id, user_groups, seed, name });
        }
    }
    (groups, known)
}

fn user_groups(field: &str) -> Option<Vec<u32>> {
    let number = |text: &str| {
        let text = text.trim();
        // `parse` takes a sign, too.
        text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
    };
    field.split(',').map(number).collect()
}

fn packages(entries: &[Entry], groups: &BTreeSet<GroupId>, problems: &mut Vec<Problem>) -> Vec<Package> {
    let mut packages = Vec::new();
    let mut first_places: BTreeMap<PackageId, &str> = BTreeMap::new();
    for entry in entries {
        let mut problem = |found: String, expected: &str| {
            problems.push(Problem::new(Code::TakeoverOption, &entry.place, found, expected))
        };
        let mut fields = entry.text.splitn(3, ';').map(str::trim);
        let id = fields.next().and_then(|id| PackageId::parse(id).ok());
        let path = fields.next().filter(|path| is_path_below(path));
        let group_field = fields.next().filter(|field| !field.is_empty());
        let group = group_field.and_then(|field| groups.get(field));
        if id.is_none() {
            problem("no identifier of a package".to_owned(), IDENTIFIER_EXPECTED);
        }
        if path.is_none() {
            let expected = "a path below `Folder`, without `..`, in the second field";
            problem("no path, or one that leads out of `Folder`".to_owned(), expected);
        }
        let is_group_known = group_field.is_none() || group.is_some();
        if !is_group_known {
            // Not quoted: a line of the groups that strayed here has its seed in this place.
            problem(
                "an unknown package group".to_owned(),
                "one of `Package groups` in the third field, or none",
            );
        }
        let Some(id) = id else { continue };
        if let Some(first) = first_places.get(&id) {
            problem(format!("the same package id again, after `{first}`"), "each package id once");
            continue;
        }
        first_places.insert(id.clone(), &entry.place);
        if let Some(path) = path.filter(|_| is_group_known) {
            packages.push(Package {
                place: entry.place.clone(),
                id,
                path: path.to_owned(),
                group: group.cloned(),
            });
        }
    }
    packages
}

fn is_path_below(path: &str) -> bool {
    !path.is_empty()
        && Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::options;

    fn read(text: &str) -> ReleaseSystem {
        let options = options::read("old", text);
        assert!(options.problems.is_empty());
        understand(&options)
    }

    fn group_lines(lines: &str) -> ReleaseSystem {
        read(&format!("Folder f\nPackage groups\n{lines}"))
    }

    #[test]
    fn the_example_of_the_plug_ins_help_is_understood() {
        let system = read(
            "Folder          packages\n\
             Package groups  redj_enterprise;1,3,5;k3J9xx0q;ReDJ Enterprise\n\
             Packages        redj_ent_190;private/joomla/redj/ReDJ1.9.0.zip;redj_enterprise\n\
             \x20               jback_370;public/jbackend370.zip\n",
        );
        assert!(system.problems.is_empty(), "{:?}", system.problems);
        assert_eq!(system.folder.unwrap().path, "packages");
        let [group] = &system.groups[..] else { panic!("{:?}", system.groups) };
        assert_eq!((group.id.as_str(), &group.user_groups[..]), ("redj_enterprise", &[1, 3, 5][..]));
        assert_eq!(group.seed.as_ref().unwrap().as_str(), "k3J9xx0q");
        assert_eq!(group.name.as_ref().unwrap().as_str(), "ReDJ Enterprise");
        let packages: Vec<_> = (system.packages.iter())
            .map(|p| (p.id.as_str(), p.path.as_str(), p.group.as_ref().map(GroupId::as_str)))
            .collect();
        assert_eq!(
            packages,
            [
                ("redj_ent_190", "private/joomla/redj/ReDJ1.9.0.zip", Some("redj_enterprise")),
                ("jback_370", "public/jbackend370.zip", None)
            ]
        );
    }

    #[test]
    fn a_hash_and_a_name_may_be_left_out() {
        let system = group_lines("a;1\nb ; 2, 3 ; seed\nc;4;;Name; with more\nd;5;;\n");
        let fields: Vec<_> = (system.groups.iter())
            .map(|g| (g.seed.as_ref().map(|s| s.as_str()), g.name.as_ref().map(|n| n.as_str())))
            .collect();
        assert_eq!(
            fields,
            [(None, None), (Some("seed"), None), (None, Some("Name; with more")), (None, None)]
        );
        assert!(system.problems.is_empty());
    }

    fn shown(problems: &[Problem]) -> Vec<String> {
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn user_groups_that_are_no_numbers_are_refused() {
        for bad in ["a;x", "a;1,,2", "a;", "a", "a;+1", "a;-1", "a;1 2", "a;99999999999"] {
            assert_eq!(
                shown(&group_lines(bad).problems),
                [
                    "`old:3`: found no user groups, expected numbers of Joomla user groups such as `1,3,5` in the second field"
                ],
                "{bad}"
            );
        }
    }

    #[test]
    fn a_package_group_twice_is_refused() {
        assert_eq!(
            shown(&group_lines("a;1\na;2").problems),
            ["`old:4`: found the same package group again, expected each package group once"]
        );
    }

    fn package_problems(lines: &str) -> Vec<String> {
        shown(&read(&format!("Folder f\nPackage groups\na;1\nPackages\n{lines}")).problems)
    }

    #[test]
    fn every_problem_of_the_packages_is_told_with_its_line() {
        assert_eq!(
            package_problems("p_1;p.zip;b\nq_1;/etc/passwd\nq_1;q.zip\n r 1;../r.zip;a\ns_1\n"),
            [
                "`old:5`: found an unknown package group, expected one of `Package groups` in the third field, or none",
                "`old:6`: found no path, or one that leads out of `Folder`, \
                 expected a path below `Folder`, without `..`, in the second field",
                "`old:7`: found the same package id again, after `old:6`, expected each package id once",
                "`old:8`: found no identifier of a package, expected 1 to 64 characters of A-Z a-z 0-9 _ - ., \
                 beginning with a letter or digit, in the first field",
                "`old:8`: found no path, or one that leads out of `Folder`, \
                 expected a path below `Folder`, without `..`, in the second field",
                "`old:9`: found no path, or one that leads out of `Folder`, \
                 expected a path below `Folder`, without `..`, in the second field",
            ]
        );
    }

    #[test]
    fn a_second_folder_is_refused() {
        assert_eq!(
            shown(&read("Folder a\nb\n").problems),
            ["`old:2`: found a second line in `Folder`, expected one folder, relative to Joomla's root"]
        );
    }

    #[test]
    fn a_line_of_the_groups_in_the_place_of_the_folder_is_refused_unseen() {
        let system = read("Folder\nredj;1,3,5;k3J9xx0q;ReDJ\nPackages\np;p.zip\n");
        assert!(system.folder.is_none());
        assert_eq!(
            shown(&system.problems),
            ["`old:2`: found a `;` in `Folder`, \
              expected a path without one: lines with `;` belong to `Package groups` or `Packages`"]
        );
    }

    #[test]
    fn no_message_and_no_debug_shows_a_seed() {
        let seed = "k3J9xx0q";
        for lines in [
            format!("Package groups\na;{seed};1,2;Name\n"),
            format!("Package groups\n{seed} ;;;\n a;1;{seed};N\na;1;{seed}\n"),
            format!("Packages\na;1,2;{seed};Name\n{seed}\n"),
            format!("Package groups\na;1,2;{seed};{seed}\nPackages\np;p.zip;{seed}\n"),
        ] {
            let system = read(&format!("Folder f\n{lines}"));
            assert!(!format!("{system:?}").contains(seed), "{system:?}");
            assert!(!shown(&system.problems).concat().contains(seed), "{:?}", system.problems);
        }
    }
}
