//! The file that holds the three options of jBackend's plug-in "Release System", in either of its forms: JSON as Joomla
//! keeps a plug-in's parameters, or text as people copy it from the plug-in's form. What the entries mean is
//! [`crate::init::jbackend`]'s business. Some of the text is secret, so no message here quotes any of it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::error::Problem;
use crate::rules::Code;

/// The options, entry by entry, as they were written.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) folder: Vec<Entry>,
    pub(crate) groups: Vec<Entry>,
    pub(crate) packages: Vec<Entry>,
    pub(crate) problems: Vec<Problem>,
    /// What was left aside.
    pub(crate) notes: Vec<String>,
}

/// One line of an option, trimmed and not empty. There is no `Debug`: a line may hold a group's seed.
pub(crate) struct Entry {
    /// The file with its line; for JSON the file, the option and the line within it.
    pub(crate) place: String,
    pub(crate) text: Zeroizing<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Folder,
    Groups,
    Packages,
}

impl Name {
    fn label(self) -> &'static str {
        match self {
            Self::Folder => "Folder",
            Self::Groups => "Package groups",
            Self::Packages => "Packages",
        }
    }
}

/// Reads the options; `file` is what places begin with.
pub(crate) fn read(file: &str, text: &str) -> Options {
    let text = text.trim_start_matches('\u{feff}');
    let mut form = Form { file, options: Options::default(), seen: Vec::new() };
    if text.trim_start().starts_with('{') {
        form.read_json(text);
    } else {
        form.read_text(text);
    }
    form.options
}

struct Form<'f> {
    file: &'f str,
    options: Options,
    /// Which options there were already.
    seen: Vec<Name>,
}

impl Form<'_> {
    fn problem(&mut self, place: String, found: impl Into<String>, expected: &str) {
        self.options.problems.push(Problem::new(Code::TakeoverOption, place, found, expected));
    }

    fn begin(&mut self, name: Name, place: String) {
        if self.seen.contains(&name) {
            self.problem(place, format!("`{}` a second time", name.label()), "each option once");
        }
        self.seen.push(name);
    }

    /// Takes a line. Blank lines and those that begin with `#` say nothing.
    fn take(&mut self, name: Name, place: String, line: &str) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return;
        }
        let entries = match name {
            Name::Folder => &mut self.options.folder,
            Name::Groups => &mut self.options.groups,
            Name::Packages => &mut self.options.packages,
        };
        entries.push(Entry { place, text: Zeroizing::new(line.to_owned()) });
    }

    fn read_text(&mut self, text: &str) {
        let mut current: Option<Name> = None;
        for (index, line) in text.lines().enumerate() {
            let place = format!("{}:{}", self.file, index + 1);
            let waits_for_folder = current == Some(Name::Folder) && self.options.folder.is_empty();
            match label(line) {
                // The folder is often called `packages`, and a form may be copied with its values below their labels.
                Some((Name::Packages, ""))
                    if waits_for_folder && line.trim().eq_ignore_ascii_case("packages") =>
                {
                    self.take(Name::Folder, place, line);
                }
                Some((name, value)) => {
                    self.begin(name, place.clone());
                    current = Some(name);
                    self.take(name, place, value);
                }
                None => match current {
                    Some(name) => self.take(name, place, line),
                    None if line.trim().is_empty() || line.trim().starts_with('#') => {}
                    None => {
                        let expected =
                            "`Folder`, `Package groups` or `Packages` at the beginning of a line first";
                        self.problem(place, "text that belongs to no option", expected);
                        return;
                    }
                },
            }
        }
    }

    fn read_json(&mut self, text: &str) {
        let Members(members) = match serde_json::from_str(text) {
            Ok(members) => members,
            Err(error) => {
                // The parser's own words are about the form only; a quoted value could be a seed.
                let place = format!("{}:{}", self.file, error.line());
                return self.problem(place, format!("no JSON (column {})", error.column()), "a JSON object");
            }
        };
        for (index, (key, value)) in members.into_iter().enumerate() {
            let letters: String =
                key.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
            let name = match letters.as_str() {
                "folder" => Name::Folder,
                "packagegroups" | "groups" => Name::Groups,
                "packages" => Name::Packages,
                _ => {
                    // By its number, since a line of the groups may stand where a key should.
                    let (number, file) = (index + 1, self.file);
                    self.options.notes.push(format!(
                        "member {number} of `{file}` is left aside: it is none of the three options"
                    ));
                    continue;
                }
            };
            let option = format!("{} > {}", self.file, name.label());
            self.begin(name, option.clone());
            self.take_value(name, &option, value);
        }
    }

    fn take_value(&mut self, name: Name, option: &str, value: Value) {
        let mut line_number = 0;
        let values = match value {
            Value::Array(values) => values,
            // What Joomla keeps of a field that nobody filled in.
            Value::Null => return,
            value => vec![value],
        };
        for value in values {
            let Value::String(text) = value else {
                let found = "a value that is no string";
                return self.problem(
                    option.to_owned(),
                    found,
                    "a string with one entry on each line, or a list of strings",
                );
            };
            for line in Zeroizing::new(text).lines() {
                line_number += 1;
                self.take(name, format!("{option}:{line_number}"), line);
            }
        }
    }
}

/// The option whose label a line begins with, and what stands behind it. Only at the very beginning, since an indented
/// `packages` may well be the folder's name.
fn label(line: &str) -> Option<(Name, &str)> {
    let end_of_word = |text: &str| text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (word, rest) = line.split_at(end_of_word(line));
    let (name, rest) = match word.to_ascii_lowercase().as_str() {
        "folder" => (Name::Folder, rest),
        "packages" => (Name::Packages, rest),
        "packagegroups" => (Name::Groups, rest),
        "package" => {
            let (second, rest) = rest.trim_start().split_at(end_of_word(rest.trim_start()));
            if !second.eq_ignore_ascii_case("groups") {
                return None;
            }
            (Name::Groups, rest)
        }
        _ => return None,
    };
    let value = rest.trim_start();
    let value = match value.strip_prefix([':', '=']) {
        Some(value) => value,
        // `packages_190;…` is an entry.
        None if value.len() == rest.len() && !rest.is_empty() => return None,
        None => value,
    };
    Some((name, value.trim()))
}

/// The members of a JSON object in their order; of two with one name, a map would lose the first.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The options as `place text` lines.
    fn shown(options: &Options) -> [Vec<String>; 3] {
        let show = |entry: &Entry| format!("{} {}", entry.place, *entry.text);
        [&options.folder, &options.groups, &options.packages]
            .map(|entries| entries.iter().map(show).collect())
    }

    const EXAMPLE: [&str; 4] = [
        "packages",
        "redj_enterprise;1,3,5;k3J9xx0q;ReDJ Enterprise",
        "redj_ent_190;private/joomla/redj/ReDJ1.9.0.zip;redj_enterprise",
        "jback_370;public/jbackend370.zip",
    ];

    #[test]
    fn the_form_as_people_copy_it_is_read() {
        let [folder, groups, one, two] = EXAMPLE;
        let text = format!(
            "Folder          {folder}\r\nPackage groups  {groups}\r\nPackages        {one}\r\n                {two}\r\n"
        );
        let options = read("old.txt", &text);
        assert_eq!(
            shown(&options),
            [
                vec![format!("old.txt:1 {folder}")],
                vec![format!("old.txt:2 {groups}")],
                vec![format!("old.txt:3 {one}"), format!("old.txt:4 {two}")]
            ]
        );
        assert!(options.problems.is_empty());
    }

    #[test]
    fn values_may_stand_below_their_labels() {
        let [folder, groups, one, two] = EXAMPLE;
        let text = format!(
            "# copied\n\nFOLDER:\n{folder}\n\npackage groups =\n{groups}\nPackages:\n# free\n{two}\n\t{one}\n"
        );
        assert_eq!(
            shown(&read("old.txt", &text)),
            [
                vec![format!("old.txt:4 {folder}")],
                vec![format!("old.txt:7 {groups}")],
                vec![format!("old.txt:10 {two}"), format!("old.txt:11 {one}")]
            ]
        );
    }

    #[test]
    fn an_entry_that_begins_like_a_label_is_an_entry() {
        let options =
            read("old.txt", "Folder files\nPackages\npackages_1;a.zip\nfolder;b.zip\npackage;c.zip\n");
        assert_eq!(
            shown(&options)[2],
            ["old.txt:3 packages_1;a.zip", "old.txt:4 folder;b.zip", "old.txt:5 package;c.zip"]
        );
    }

    #[test]
    fn a_plugins_parameters_are_read_whatever_their_letter_case() {
        let [folder, groups, one, two] = EXAMPLE;
        let text = format!(
            r#"{{"Folder": "{folder}", "package_groups": ["{groups}"], "packages": "{one}\r\n\r\n{two}", "redj;1;seed": 1}}"#
        );
        let options = read("old.json", &text);
        assert_eq!(
            shown(&options),
            [
                vec![format!("old.json > Folder:1 {folder}")],
                vec![format!("old.json > Package groups:1 {groups}")],
                vec![format!("old.json > Packages:1 {one}"), format!("old.json > Packages:3 {two}")]
            ]
        );
        assert_eq!(options.notes, ["member 4 of `old.json` is left aside: it is none of the three options"]);
    }

    fn problems(text: &str) -> Vec<String> {
        read("old", text).problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_has_neither_form_is_refused() {
        assert_eq!(
            problems("redj;1;seed\n"),
            ["`old:1`: found text that belongs to no option, \
              expected `Folder`, `Package groups` or `Packages` at the beginning of a line first"]
        );
        assert_eq!(
            problems("{\"folder\":\n \"a\" \"seed\"}"),
            ["`old:2`: found no JSON (column 6), expected a JSON object"]
        );
        assert_eq!(
            problems(r#"{"groups": {"redj": "seed"}}"#),
            ["`old > Package groups`: found a value that is no string, \
              expected a string with one entry on each line, or a list of strings"]
        );
    }

    #[test]
    fn an_option_twice_is_refused() {
        assert_eq!(
            problems("Folder a\nFolder b\n"),
            ["`old:2`: found `Folder` a second time, expected each option once"]
        );
        assert_eq!(
            problems(r#"{"groups": "", "Package groups": ""}"#),
            ["`old > Package groups`: found `Package groups` a second time, expected each option once"]
        );
    }
}
