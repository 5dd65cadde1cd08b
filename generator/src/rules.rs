//! The rules: every finding about a package, a product or a changelog has a code that never changes its meaning, and each code
//! says what happens to which Joomla versions and how to mend it. `CHECKS.md` shows the same table to people.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

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

/// From its text, as the cache keeps it.
impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        let code = CODES.iter().find(|code| code.rule().code == text).copied();
        code.ok_or_else(|| de::Error::custom(format!("`{text}` is no code of a rule")))
    }
}

rules! {
    // 0: files and folders
    Unreadable = "BND001" Error "A file or folder cannot be read",
        effect "Nothing is published: what is in it is unknown.",
        mend "Give the user that builds the right to read it, and where the message says so, room in the folder for temporary files.";
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
    Templates = "BND010" Error "A template, or a language's texts, that cannot be used",
        effect "Nothing is published: a page would be missing.",
        mend "Correct the file as the message says, or remove it: the built-in one, if there is one, then takes its place.";
    ImageMissing = "BND011" Error "An image that is not there",
        effect "Nothing is published: pages would show a gap in its place.",
        mend "Put the image itself, no link, where `icon` in `product.toml` or `logo` in `bandari.toml` says, or remove the key.";
    ImageContent = "BND012" Error "An image that is not what its name says, or too large",
        effect "Nothing is published: browsers would not show it, or load it on every page for long.",
        mend "Save it in the format that its name says, with at most 256 KB; an SVG as UTF-8, in the namespace of SVG.";
    ImageActive = "BND013" Error "An SVG that is more than a picture",
        effect "Nothing is published: opened by itself, it would run scripts at your own address, or load from others what visitors did not ask for.",
        mend "Export it as plain or optimized SVG, with fonts as paths and pictures embedded, and remove what the message shows.";

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
        effect "Nothing is published: PHP's `version_compare` would sort it wrongly or not at all, so sites would be offered it for ever or never.",
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
    NoUpgradeMethod = "BND221" Warning "A manifest without `method=\"upgrade\"`",
        effect "Uploading the package over an installed version fails on every Joomla. Updates through the update server work.",
        mend "Write `method=\"upgrade\"` into `<extension>`.";
    StrayGroup = "BND222" Warning "A `group` on something that is no plug-in",
        effect "Joomla knows groups of plug-ins only. Who takes it over into a hand-written feed as `<folder>` hides every update; the feeds written here leave it out.",
        mend "Remove `group` from `<extension>`.";
    PluginElementPrefix = "BND223" Warning "A plug-in whose element begins with `plg_`",
        effect "Joomla takes the value of `plugin=\"…\"` as it is, so the plug-in is installed as `plg_…`, and a feed or a site that knows it without the prefix never matches.",
        mend "Write the plug-in's own name, such as `plugin=\"redirect\"`; only if no site has it yet, since its identity changes.";
    PaddedElement = "BND224" Error "Blanks around a value that Joomla does not trim",
        effect "The package can be installed on Joomla 3.10 to 6, which take the value with its blanks: an update of a padded version shows for ever or never, a name that is a language key is not translated, the installer script is not run, and there is no changelog at the address.",
        mend "Write the value without blanks and line breaks around it.";
    ManifestFileName = "BND225" Warning "A manifest that Joomla does not find again",
        effect "Joomla 3.10 to 6 look for the manifest of an installed extension under the name that the message says. With another one \"Refresh cache\" sets what Joomla has stored of it to nothing, and the site is offered for ever what it has installed; settings or the uninstallation may fail. A language whose manifest is not copied only loses its key field. None of them could ever be licensed.",
        mend "Rename the manifest in the package; in a language name it in `<files>`, too.";
    PaddedFolder = "BND226" Error "Blanks around a value that becomes the name of a folder",
        effect "No Joomla can install the package: it says \"Could not create folder\", or with blanks in `<tag>` ends with an uncaught exception.",
        mend "Write the value without blanks and line breaks around it.";
    PackageManifestName = "BND227" Error "A package whose manifest Joomla does not find again",
        effect "Joomla 3.10 to 6 cannot uninstall the package (\"Missing manifest file\"), and after \"Refresh cache\" the site is offered for ever what it has installed.",
        mend "Rename the manifest in the package.";
    MetadataVersion = "BND228" Warning "A language with another version in its `langmetadata.xml`",
        effect "In Joomla 4 and later \"Refresh cache\" makes that the version that the site believes to have: with an older one there it is offered for ever what it has, with a newer one it may never be offered what comes next.",
        mend "Write the version of the manifest into `langmetadata.xml`.";

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
        effect "Nothing is published: it has the bytes of a licensed package, or is named like one that is broken or left out, or nobody can see what it may be a copy of. Published, anybody could download it without a license.",
        mend "Repair what else the report tells of, and put all packages of a licensed product under its `product.toml`. Give a free package a folder with a `product.toml`, and a name of its own.";
    PublishedFileChanges = "BND321" Error "A published package would change its bytes",
        effect "`bandari build` refuses it: caches and mirrors keep the old bytes under the name, so Joomla 4 and later would stop at a wrong checksum, and 3.10 would install what nobody knows.",
        mend "Give the package a new version and a new file name. If nobody has it yet, `bandari build --force` replaces it.";
    PublishedFeedMoves = "BND322" Error "A published feed would move to another address",
        effect "`bandari build` refuses it: sites that have the extension, whatever their Joomla, ask for updates at the old address.",
        mend "Give the product its `id` back; only if no site has it yet, use `bandari build --force`.";
    PublishedRecord = "BND323" Error "What is published cannot be understood",
        effect "`bandari build` refuses to go on: it could not tell which files are its own and which bytes were published.",
        mend "Put the file back as it was, or let `bandari build --force` replace it.";
    BehindPublished = "BND324" Warning "The newest version is older than the one that is published",
        effect "Sites that have the newer version keep it: no Joomla is ever offered a lower one.",
        mend "Publish under a higher version; to take a release back, keep its package and write `withdrawn = true` for it.";
    LicensedGivenAway = "BND325" Error "What is published as licensed would become free",
        effect "`bandari build` refuses it: without a `group` the package goes to the public folder, and anybody could download it without a license.",
        mend "Give the product back its `product.toml` with its `group`, or put the package under it. If it is to be free from now on, `bandari build --force` gives it away.";
    UpdateLost = "BND326" Warning "Sites that would lose an update",
        effect "Sites with the Joomla, PHP and database that the message names are offered less than they are now: those that have not updated yet find an older version or none, and those that have get nothing until a higher one fits them.",
        mend "Put the package back, or widen `joomla`, `php` or `databases` again. If the release does not work there, `withdrawn = true` for it says that it is meant so, and a release of a higher version brings them further.";
    UpdateWithdrawn = "BND327" Warning "Sites that lose a withdrawn release",
        effect "It is withdrawn, so this is meant: but sites that have it already keep it on every Joomla, and the others named in the message are offered the older version or none.",
        mend "Nothing, if that is meant; a release of a higher version reaches both.";
    FeedGone = "BND328" Warning "A published extension of which there is no package any more",
        effect "`bandari build` removes its feed, and every site that has the extension, on any Joomla, says at each check that it could not open the update site.",
        mend "Put its packages back; to end a product, write `withdrawn = true` for all of its versions, which leaves an empty feed.";

    // 4: feeds and update servers
    NoUpdateServer = "BND401" Error "A manifest without an update server",
        effect "Sites that install this release, on any Joomla, never learn of an update.",
        mend "Write into the manifest the `<updateservers>` that the message shows.";
    ServerAddress = "BND402" Error "An update server that is not the feed that is written",
        effect "Sites that install this release, on any Joomla, look for updates at another address than the one where they are published.",
        mend "Write the feed's address into `<server>`, letter for letter; or give the product the `id`, or the site the `public_url`, that the manifest counts on.";
    FeedAddressEnd = "BND403" Error "An update server whose address does not end in `.xml`",
        effect "Sites look for updates at another address than the feed's. And where the answer is not XML, every Joomla from 3.10 to 6 asks once more with `/extension.xml` behind the address, even behind a query.",
        mend "Write the feed's address into `<server>`, letter for letter.";
    ServerType = "BND404" Error "An update server of another type than `extension`",
        effect "Joomla 3.10 to 6 never ask an update site whose type is missing, unknown to them or has blanks around it, and say nothing; only letter case does not count. An extension's site with `tuf` ends the whole update check of Joomla 5.1 and later.",
        mend "Write `type=\"extension\"`; `collection` is right for the site's `collection.xml` only.";
    SeveralServers = "BND405" Warning "Several update servers in one manifest",
        effect "Every one of them is asked at each check. When their addresses change later, Joomla 5.3 and later keep the download key only where there is exactly one.",
        mend "Keep one `<server>`: the feed of this product.";
    ServerName = "BND406" Error "An update server with a name that is too long",
        effect "The table of update sites holds 100 characters. On a strict database (MariaDB, PostgreSQL) the installation ends with a database error on Joomla 3.10 to 6 and leaves the extension without an update site, so it never learns of an update.",
        mend "Shorten the `name` of `<server>`.";
    SharedFeedAddress = "BND407" Error "One feed address for two products",
        effect "In every Joomla both share one update site and one download key, and a feed gives a site one extension only: updates of the other never show.",
        mend "Write each product's own feed into its manifest.";
    PlainAddress = "BND408" Error "An address without https",
        effect "Whoever sits between can send any Joomla another package: a feed that comes over http is as little protected as the checksums in it.",
        mend "Serve the address over https and write `https://`; plain http is fine on this machine only.";
    ChangelogAddress = "BND409" Warning "A `<changelogurl>` that leads nowhere, or elsewhere",
        effect "The changelog button in the list of installed extensions opens an empty window in Joomla 4 and later, or shows another text; in Joomla 4 and early releases of 5 the one beside an update does, too. An update does not renew the address that a site has stored of a `file` extension, nor in Joomla 4 that of a package: it must be right from the first release on.",
        mend "Write the address that the message shows into `<changelogurl>`.";
    ChangelogUnnamed = "BND410" Warning "A changelog that the manifest does not name",
        effect "Joomla 4 and later do not show it in the list of installed extensions; Joomla 4 and early releases of 5 look there for it beside an update, too, and open an empty window. An update does not renew the address that a site has stored of a `file` extension, nor in Joomla 4 that of a package: the manifest must name it from the first release on.",
        mend "Write the `<changelogurl>` that the message shows into the manifest.";
    NameIsKey = "BND411" Warning "A name that is a language key",
        effect "The list of updates shows the bare key in every Joomla: names in feeds are not translated.",
        mend "Write the name in words into `<name>`, or put the key into the package's `.sys.ini`.";
    NameMarkup = "BND412" Warning "A name with `<` in it",
        effect "Joomla 3.10 to 6 show it rightly in the list of updates, but print it as HTML where they warn that an update needs another PHP or database.",
        mend "Write the name without `<`.";
    CollectionOffersMore = "BND413" Warning "A collection that offers what the feed does not have",
        effect "Joomla 3.10 to 6 ask neither PHP nor database of the rows of a collection. Sites that lack what the release asks for see the update for ever: installing it says \"Invalid extension update\", or installs an older version that is there already.",
        mend "Write the product's own feed into `<server type=\"extension\">`.";

    // 5: licensed products
    NoKeyField = "BND501" Error "A licensed product without a field for the download key",
        effect "Joomla 4 and later show no field for the key, so every download is refused. (Joomla 3.10 has no such field at all: there the extension must store the key itself.)",
        mend "Write the `<dlid>` that the message shows into the manifest.";
    KeySuffixEnd = "BND502" Warning "A download address that does not end in `.zip`",
        effect "Joomla 4 and later tell the kind of archive from the end of the address, key and all, when the CDN sends no `Content-Disposition`: the update then dies with \"Failed to extract file\".",
        mend "Write `suffix=\"&amp;f=.zip\"` into `<dlid>`.";
    KeySuffixGlued = "BND503" Error "A suffix that becomes part of the download key",
        effect "Joomla 4 and later put nothing between the key and the suffix, so every key reaches the validator with the suffix glued on and is refused.",
        mend "Begin the suffix with `&amp;`, such as `&amp;f=.zip`.";
    KeyPrefix = "BND504" Error "A key under a name that the validator does not read",
        effect "Joomla 4 and later send the key under the name that the prefix gives; the validator finds none there and refuses every download.",
        mend "Write `prefix=\"dlid=\"` into `<dlid>`.";
    KeyFieldUnused = "BND505" Error "A field for a download key in a free product",
        effect "As long as no key is entered, Joomla 4 and later mark the update as not allowed and offer no way to choose it.",
        mend "Remove `<dlid>`; or, if the product is to be licensed, give it a `group`.";
    KeyFieldLength = "BND506" Error "A prefix and suffix that leave no room for the key",
        effect "Joomla stores prefix, key and suffix in one column of 1000 characters: a key that does not fit is cut off or not stored.",
        mend "Shorten prefix and suffix.";
    LicensedManifestName = "BND507" Error "A licensed product whose manifest Joomla does not find again",
        effect "Joomla 4 and later look for `<dlid>` in the manifest of that name, and without it never show a field for the key: every download is refused. What BND225 says of others happens, too, and to packages what BND227 says.",
        mend "Rename the manifest in the package; in a language name it in `<files>`, too.";
    LicensedLibrary = "BND508" Error "A licensed library",
        effect "Joomla 3.10 to 6 update a library by uninstalling it first, and its update site is made anew with an empty download key: after each update the next download is refused until somebody enters the key again.",
        mend "Put the library into a package, and license that.";
    GroupMissing = "BND509" Error "A `renew_url` or an `after_expiry` without a `group`",
        effect "Nothing is published: a free product has no license to be renewed, and if only the `group` was forgotten, a licensed package would be published for free.",
        mend "Write the product's `group` into its `product.toml`, or remove the key.";
    UndatedRelease = "BND510" Warning "A release without a date, though dates say what an expired license opens",
        effect "Holders of an expired license cannot download it: `after_expiry = \"older-releases\"` leaves them what was released before their license ended, and of this release nobody can tell.",
        mend "Write the day into the version's heading in `CHANGELOG.md`, such as `## [1.2.0] - 2026-10-26`.";
    KeyNotSent = "BND511" Error "A key field with which no key is sent",
        effect "Joomla 4 and later put prefix, key and suffix into the address as they are. With a blank in them nothing is requested (\"URL using bad/illegal format or missing URL\"), and from a `#` on nothing is sent, so every update fails or is refused.",
        mend "Write `prefix=\"dlid=\" suffix=\"&amp;f=.zip\"` into `<dlid>`.";
    ClientPluginOutdated = "BND512" Warning "A client plug-in that was made of what the site was before",
        effect "What changed is not in it, on all Joomla versions: it has no setting for the key of a group that is new, puts no key into the fields of extensions that are new, and where an address of `bandari.toml` changed, it no longer recognizes what it should check. Under another name it would be a second plug-in.",
        mend "Run `bandari client-plugin` with a higher `version` in `[client_plugin]` of `bandari.toml`; where the message names an `element`, write that there.";

    // 6: versions and ranges
    VersionLetter = "BND601" Error "A version that begins with a letter",
        effect "Every Joomla takes `v1.1.0` for older than `1.0.0`: sites that have a version without the letter are never offered it, and those that have it are offered `1.0.0` as an update.",
        mend "Write the version without the letter; sites that have `v1.0.0` take `1.1.0` for newer.";
    VersionBelowItself = "BND602" Error "A version with a word that makes it older",
        effect "Every Joomla takes `1.1.0-stable` and `1.1.0+build5` for older than `1.1.0`: sites may be offered what they have, or never what is new.",
        mend "Leave the word out. Known words are dev, alpha, beta and rc for pre-releases, pl for patches; `1.1.0-1` and `1.1.0+1` are newer than `1.1.0`.";
    PrereleaseAboveRelease = "BND603" Error "A pre-release that is newer than its release",
        effect "Every Joomla takes `2.0.0-preview1` for newer than `2.0.0`, since the word begins with `p` as in `pl`: whoever has it is never offered the release.",
        mend "Use `dev`, `alpha`, `beta` or `rc`.";
    VersionLengths = "BND604" Warning "One version written in two lengths",
        effect "Every Joomla takes `1.0` for older than `1.0.0`: sites that have the one are offered the other as an update.",
        mend "Write all versions with equally many numbers, and withdraw one of the two.";
    PrereleaseTaggedStable = "BND605" Warning "A pre-release that is offered to everybody",
        effect "The feed tags it as stable, so every Joomla offers it to every site, whatever stability the site asks for.",
        mend "Remove `stability` from the `[[releases]]` that holds for it: the version says what it is.";
    UnusedOverride = "BND606" Warning "A `[[releases]]` entry for no release",
        effect "It changes nothing: what was meant to be withdrawn or limited is offered as all others are.",
        mend "Correct its `versions`, move it before the entry that takes them first, or remove it.";
    FileNameVersion = "BND607" Warning "A file named after another version than its manifest's",
        effect "The manifest's version is published. If the file's name is right, sites on any Joomla that have that older version are never offered this one.",
        mend "Raise `<version>` in the manifest and pack again, or rename the file.";
    RangeEndsWithinMajor = "BND611" Warning "A range that ends at an old minor version of Joomla",
        effect "Sites that are about to update to a later minor version are told that the extension is not compatible, and get no update of it afterwards.",
        mend "End the range with the major version, such as `<7`, and give later releases their own when one really breaks.";
    BareThreeOne = "BND612" Warning "A range with `3.1`",
        effect "It takes Joomla 3.1 and nothing else; 3.10, the last Joomla 3, is not offered the release.",
        mend "Write `3.10`, or `>=3.1` for everything from there on.";
    RangeTooOld = "BND613" Warning "A range that takes no Joomla in use",
        effect "No site with Joomla 3.10, 4.4, 5 or 6 is offered the newest stable release.",
        mend "Correct `joomla` in the `product.toml`.";
    ScriptJoomlaMinimum = "BND614" Error "An installer script that demands a later Joomla than the feed",
        effect "Sites with a Joomla below the script's `minimumJoomla` are offered the update, download it, and the script refuses to install it.",
        mend "Begin `joomla` at the script's minimum; with `[[releases]]` for this version only.";
    ScriptPhpMinimum = "BND615" Error "An installer script that demands a later PHP than the feed",
        effect "Sites with a PHP below the script's `minimumPhp` are offered the update, download it, and the script refuses to install it, on any Joomla.",
        mend "Set `php` to the script's minimum; with `[[releases]]` for this version only.";
    OfferedToNobody = "BND616" Warning "A release that asks for what no site has",
        effect "It is in the feed, and no Joomla from 3.10 to 6 with any PHP and database is offered it.",
        mend "Correct `joomla`, `php` or `databases` in the `product.toml`: PHP 8.1 is not `8.10`, and the version of a MariaDB is none of MySQL.";
    BehindNewer = "BND617" Warning "A new release that no site is offered",
        effect "Every Joomla takes the highest version that fits it. Each site that this release fits is offered one that is published already and higher.",
        mend "Give it a higher version, or with `[[releases]]` limit `joomla` or `php` of the newer releases to the sites that are to have them.";

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
    NoChangelogEntry = "BND711" Warning "A version of which the changelog says nothing",
        effect "Joomla 4 and later show no changelog beside this update, and the page and `releases.atom` say nothing of it.",
        mend "Write a heading with the version and below it what changed.";

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
    InnerUpdateServer = "BND811" Warning "An inner extension with an update server of its own",
        effect "Every Joomla registers it too, so each part of the package is offered as an update besides the package.",
        mend "Remove `<updateservers>` from the inner manifests.";
    PackagePartName = "BND812" Warning "An inner extension under a wrong name in its package",
        effect "Installing and updating work. Uninstalling the package, on any Joomla, does not find this part and leaves it installed.",
        mend "Write what the message shows into the `<file>` or `<folder>` of the package's manifest.";

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
