//! The rules: every finding about a package, a product or a changelog has a code that never changes its meaning, and each code
//! says what happens to which Joomla versions and how to mend it. `CHECKS.md` shows the same table to people.

use std::fmt;

use serde::{Serialize, Serializer};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something does not work, or cannot be published at all.
    Error,
    /// Allowed, and perhaps not meant.
    Warning,
}

impl Severity {
    /// The word that reports begin with.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// What a code stands for.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// `BND` and three digits.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// What happens, and to which Joomla versions.
    pub effect: &'static str,
    /// What to do about it.
    pub mend: &'static str,
}

/// Writes the codes and their table from one list, so that neither can miss what the other has.
macro_rules! rules {
    ($($name:ident = $code:literal $severity:ident $title:literal, effect $effect:literal, mend $mend:literal;)*) => {
        /// A rule's name in the source. Outside it is known by its code alone.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the table says what each stands for")]
        pub enum Code {
            $($name,)*
        }

        /// Every code, in the order of the table.
        pub const CODES: &[Code] = &[$(Code::$name,)*];

        impl Code {
            /// What the code stands for.
            #[must_use]
            pub fn rule(self) -> &'static Rule {
                match self {
                    $(Self::$name => &Rule {
                        code: $code,
                        severity: Severity::$severity,
                        title: $title,
                        effect: $effect,
                        mend: $mend,
                    },)*
                }
            }
        }
    };
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rule().code)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.rule().code)
    }
}

rules! {
    // 0: files and folders
    Unreadable = "BND001" Error "A file or folder cannot be read",
        effect "Nothing is published: what is in it is unknown.",
        mend "Give the user that builds the right to read it.";
    UnusualFile = "BND002" Error "A link, device or pipe among the packages",
        effect "Nothing is published: a link out of the folder would publish what nobody meant to publish, one within it the same file twice.",
        mend "Put the file itself there, or move the link out of the folder of packages.";
    FileName = "BND003" Error "A file name that would need encoding in an address",
        effect "Nothing is published: signed URLs, feeds and CDNs would spell the name differently, and downloads would fail on all Joomla versions.",
        mend "Rename the file with letters, digits, `.`, `_`, `~` and `-` only.";
    EmptyFile = "BND004" Error "An empty file",
        effect "Nothing is published: no Joomla can install it.",
        mend "Put the package there again; a copy may have been cut off.";
    ProductFileName = "BND005" Error "A `product.toml` under a wrong name",
        effect "Nothing is published: without its `group` a licensed package would be published for free.",
        mend "Name the file `product.toml`, in lower case, and make it a regular file.";
    ProductFileText = "BND006" Error "A `product.toml` that cannot be understood",
        effect "Nothing is published: without its `group` a licensed package would be published for free.",
        mend "Write what the README lists; the message names the line.";
    WrongValue = "BND007" Error "A value that is not what its key wants",
        effect "Nothing is published: feeds made of it would be wrong for every Joomla.",
        mend "Write a value as the message describes it.";
    PlainFileVersion = "BND008" Error "A file name with a version that is none",
        effect "Nothing is published: releases could not be put in order.",
        mend "Name the file so that what stands at `{version}` is a version.";
    PlainFileLeftOut = "BND009" Warning "A file that does not fit the product's pattern",
        effect "The file is not published.",
        mend "Rename it as `pattern` says, or move it out of the folder of packages.";

    // 1: archives
    BrokenArchive = "BND101" Error "No whole zip file",
        effect "Nothing is published: Joomla would say \"Failed to extract file\".",
        mend "Pack the extension again, or copy the zip again.";
    ArchiveSize = "BND102" Error "An archive with too much in it",
        effect "Nothing is published: Joomla unpacks within one web request and one memory limit, and would break off in the middle.",
        mend "Pack what is installed and nothing else.";
    EntryName = "BND103" Error "An entry that would be unpacked somewhere else",
        effect "Nothing is published: Joomla versions and tools disagree about where such an entry goes, and it may overwrite files of the site.",
        mend "Pack with relative names and `/` between folders.";
    EntryKind = "BND104" Error "An entry that Joomla cannot unpack",
        effect "Nothing is published: no Joomla unpacks links, encrypted entries or methods other than Store and Deflate.",
        mend "Pack with Store or Deflate, without a password and without links.";
    OverlappingEntries = "BND105" Error "Entries that share their bytes or their name",
        effect "Nothing is published: what is unpacked depends on the program that unpacks.",
        mend "Pack the extension again with a usual tool.";
    NoManifest = "BND106" Error "No manifest where Joomla looks",
        effect "Nothing is published: every Joomla would say \"Can't find XML setup file\".",
        mend "Put the manifest into the archive's root or one folder below; for a download that is no extension, write `kind = \"file\"` into a `product.toml`.";
    TwoManifests = "BND107" Error "Two manifests where Joomla looks",
        effect "Nothing is published: Joomla may find the type of the package in one and install the other.",
        mend "Keep one XML file with the root `<extension>` in the first two levels.";

    // 2: manifests
    ManifestText = "BND201" Error "A manifest that is not well-formed XML",
        effect "Nothing is published: no Joomla could install it.",
        mend "Correct the manifest where the message says; save it in the encoding that it declares.";
    ManifestSize = "BND202" Error "A manifest beyond every measure",
        effect "Nothing is published: reading it would take memory without end.",
        mend "Write a manifest of usual size and depth.";
    ManifestElement = "BND203" Error "An element that the manifest must have is missing",
        effect "Nothing is published: Joomla stores neither an extension nor an update without it.",
        mend "Add the element directly below `<extension>`.";
    ManifestVersion = "BND204" Error "A `<version>` that Joomla cannot compare",
        effect "Nothing is published: PHP's version_compare would sort it wrongly or not at all, so sites would be offered it for ever or never.",
        mend "Write a version such as `2.0.0` or `2.0.0-beta1`.";
    ManifestType = "BND205" Error "A type of extension that Joomla does not know",
        effect "Nothing is published: no Joomla has an installer for it.",
        mend "Write one of the eight types, in lower case.";
    NoElement = "BND206" Error "The extension has no element name",
        effect "Nothing is published: Joomla could not match updates to the installed extension.",
        mend "Add what the message names to the manifest.";
    PluginGroup = "BND207" Error "A plug-in without a group",
        effect "Nothing is published: Joomla matches updates of plug-ins by their folder, too, and would never show one.",
        mend "Write `group=\"…\"` into `<extension>`.";
    ClientName = "BND208" Error "A client that is neither `site` nor `administrator`",
        effect "Nothing is published: Joomla 3.10 to 6 would install the extension for another client than the feed could name, and never show its updates.",
        mend "Write `client=\"site\"` or `client=\"administrator\"`; numbers are not names.";
    ValueTooLong = "BND209" Error "A value that does not fit into Joomla's tables",
        effect "Nothing is published: Joomla 4 and later drop the update without a word, 3.10 cuts the value off.",
        mend "Shorten the value.";
    ControlCharacter = "BND210" Error "A control character in a value",
        effect "Nothing is published: one such character makes the whole feed unreadable to every Joomla.",
        mend "Remove the character.";

    // 3: products
    VersionTwice = "BND301" Error "A version or a file name twice in one product",
        effect "Nothing is published: which of the two is meant, nobody can tell.",
        mend "Remove one of the files, or give it a version of its own.";
    SplitProduct = "BND302" Error "One extension under two product files",
        effect "Nothing is published: it would have two feeds and two ways to be downloaded.",
        mend "Put all versions of an extension under one `product.toml`.";
    SharedProductFile = "BND303" Error "Several extensions under one product file without an `id` for each",
        effect "Nothing is published: the address of a feed would change with the coming and going of others.",
        mend "Give each extension a folder with a `product.toml` of its own.";
    SharedProductId = "BND304" Error "One product id for several extensions",
        effect "Nothing is published: two extensions on one feed share one update site and one download key in every Joomla, and only one of them is found.",
        mend "Give each extension an `id` of its own.";
    ProductIdForm = "BND305" Error "A product id that cannot stand in an address",
        effect "Nothing is published: the id is part of the feed's address, which must be the same for ever.",
        mend "Write an `id` as the message describes it.";
    SharedPackageId = "BND306" Error "One package id for several packages",
        effect "Nothing is published: the validator could not tell which file to send.",
        mend "Write a `package_id` pattern that differs for each version and product.";
    LicensedWithoutAddresses = "BND307" Error "A licensed product on a site without a validator",
        effect "Nothing is published: its feed would have no address to download from.",
        mend "Write `download_url` and `protected_url` into `bandari.toml`, or remove the product's `group`.";
    NoJoomlaRange = "BND308" Warning "No range of Joomla versions",
        effect "The feed offers the product to every Joomla from 3.10 on, also to those on which it breaks.",
        mend "Write `joomla = \">=4.4, <7\"` or what fits into its `product.toml`.";
    LicensedCopy = "BND309" Error "A free package that may be a copy of a licensed one",
        effect "Nothing is published: the licensed package cannot be read, and the free one is named like it; published, anybody could download it without a license.",
        mend "Repair the licensed package and put all packages of the product under its `product.toml`; or rename the free one.";

    // 7: changelogs
    ChangelogText = "BND701" Error "A changelog that cannot be used",
        effect "Nothing is published: updates would come without their changes, as if there were none.",
        mend "Save the file as UTF-8; move older entries to another file when it is too large.";
    ChangelogName = "BND702" Warning "A changelog under a wrong name",
        effect "It is not read: Joomla 4 and later show no changes beside an update.",
        mend "Name the file `CHANGELOG.md`, in this letter case.";
    SharedChangelog = "BND703" Warning "One changelog for several products",
        effect "It is left out: whose versions it counts, nobody can tell.",
        mend "Give each product a folder with its own `CHANGELOG.md`.";
    ChangelogHeading = "BND704" Warning "A heading of a changelog without a version",
        effect "What is below it is shown nowhere.",
        mend "Write the version first, such as `## [1.2.0] - 2026-10-26`; sections of a version begin with `###`.";
    ChangelogVersionTwice = "BND705" Warning "A version twice in a changelog",
        effect "The first entry is shown, the other nowhere.",
        mend "Put both entries under one heading.";
    ChangelogDate = "BND706" Warning "A date in a changelog that is none",
        effect "The page shows no date, and the release is missing from `releases.atom`.",
        mend "Write year, month and day as in `2026-10-26`.";
    ChangelogSection = "BND707" Warning "A section of a changelog that nobody knows",
        effect "Joomla knows no such section: the items are shown as changes, each with the section's name before it.",
        mend "Write the items under one of the sections that the message lists.";
    ChangelogControlCharacter = "BND708" Warning "A control character in a changelog",
        effect "It is left out: one such character would make the whole changelog unreadable to every Joomla.",
        mend "Remove the character.";
    YankedButOffered = "BND709" Warning "A release that its changelog calls yanked",
        effect "Every Joomla is offered it all the same.",
        mend "Write `withdrawn = true` for the version into `product.toml`, or remove `[YANKED]` from the changelog.";

    // 8: what is inside of a package
    InnerMissing = "BND801" Error "An inner extension that is not in the package",
        effect "Nothing is published: Joomla 3.10 to 6 would install the extensions before it and then abort, which leaves a part of the package.",
        mend "Pack the file or folder, or correct its name in the manifest; blanks, capitals and the `folder` of `<files>` count.";
    InnerUnreadable = "BND802" Error "An inner extension that cannot be unpacked",
        effect "Nothing is published: Joomla 3.10 to 6 would abort the installation of the whole package.",
        mend "Pack each inner extension as a zip or as a folder.";
    InnerNotRead = "BND803" Warning "An inner extension that is not looked into",
        effect "The package is published; whether Joomla can install this part of it is not known.",
        mend "Pack inner extensions as zips or folders, and packages in packages not deeper than the message says.";
    PackageWithoutFiles = "BND804" Error "A package with nothing in it",
        effect "Nothing is published: Joomla 3.10 to 6 would abort, as there is nothing to install.",
        mend "Name the inner extensions in `<files>`, each in a `<file>` or `<folder>`.";

    // 9: what `bandari init` was given
    TakeoverOption = "BND901" Error "An option of jBackend's Release System that cannot be understood",
        effect "Nothing is taken over: a package, or who may have it, would be lost.",
        mend "Correct the line as the plug-in's own help describes it.";
    TakeoverFile = "BND902" Error "A package of jBackend that cannot be taken over",
        effect "Nothing is taken over: the package's id would lead to nothing.",
        mend "Put the file where its line says, rename it as the message says, or remove the line.";
    TakeoverProduct = "BND903" Error "Packages of jBackend that cannot be one product",
        effect "Nothing is taken over: versions of one extension would be mixed up, or be sold and given away at once.",
        mend "Change the lines so that each version is there once and all packages of an extension are in one group or free.";
    PlaceTaken = "BND904" Error "Something else in a place that is needed",
        effect "Nothing is written: what is there is never replaced, and with it packages would change their id, their group or their bytes.",
        mend "Move it away, or change it as the message says.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_rules_share_a_code() {
        let codes: BTreeSet<&str> = CODES.iter().map(|code| code.rule().code).collect();
        assert_eq!(codes.len(), CODES.len());
    }

    #[test]
    fn a_code_is_bnd_and_three_digits_and_the_table_is_in_their_order() {
        let codes: Vec<&str> = CODES.iter().map(|code| code.rule().code).collect();
        assert!(codes.is_sorted(), "{codes:?}");
        for code in codes {
            let digits = code.strip_prefix("BND").unwrap_or_default();
            assert!(digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()), "{code}");
        }
    }
}
