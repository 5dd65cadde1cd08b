//! What one pass over an archive tells: its manifest, and what only other entries of the archive know. [`crate::archive`]
//! reads it, [`crate::collect`] makes products of it, `check` looks for what vendors get wrong.

use serde::{Deserialize, Serialize};

use crate::error::Flaw;
use crate::manifest::Manifest;
use crate::zip_directory::ArchiveFlaw;

/// What an archive holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Contents {
    pub(crate) manifest: Manifest,
    /// The name for people: the manifest's, or what its language files say where that is a key.
    pub(crate) name: String,
    /// Whether the manifest's name is a language key that no language file of the archive resolves.
    pub(crate) name_is_unresolved: bool,
    /// What the installer script demands.
    pub(crate) minimums: ScriptMinimums,
    /// For a language: `<version>` of the `langmetadata.xml` beside the manifest.
    pub(crate) metadata_version: Option<String>,
    /// For a package: its inner extensions, in the manifest's order.
    pub(crate) inner: Vec<InnerFile>,
}

/// `minimumJoomla` and `minimumPhp` of the installer script, as they are written there
/// (`libraries/src/Installer/InstallerScript.php`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ScriptMinimums {
    pub(crate) joomla: Option<String>,
    pub(crate) php: Option<String>,
}

/// One `<file>` or `<folder>` of a package's `<files>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InnerFile {
    /// Its place in the archive, the `folder` of `<files>` included.
    pub(crate) path: String,
    /// What is there, or why it could not be read.
    pub(crate) contents: Result<Box<Contents>, ArchiveFlaw>,
}

impl Contents {
    /// Whether anything is wrong with an inner extension, at any depth.
    pub(crate) fn has_inner_flaw(&self) -> bool {
        self.inner.iter().any(|file| file.contents.as_ref().map_or(true, |inner| inner.has_inner_flaw()))
    }

    /// What is wrong with inner extensions, at any depth, each with its place below this archive: `inner.zip > mod_x.xml`.
    pub(crate) fn inner_flaws(&self) -> Vec<(String, &Flaw)> {
        let mut flaws = Vec::new();
        for InnerFile { path, contents } in &self.inner {
            match contents {
                Ok(inner) => {
                    let below = inner.inner_flaws().into_iter();
                    flaws.extend(below.map(|(place, flaw)| (format!("{path} > {place}"), flaw)));
                }
                Err(ArchiveFlaw { entry: None, flaw }) => flaws.push((path.clone(), flaw)),
                Err(ArchiveFlaw { entry: Some(entry), flaw }) => {
                    flaws.push((format!("{path} > {entry}"), flaw));
                }
            }
        }
        flaws
    }
}

/// What a manifest says besides identity, name and version. Texts are as written, blanks included, but for the author.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Details {
    /// Path of the manifest in the archive.
    pub(crate) path: String,
    /// `<updateservers><server>`, in their order; bare text in `<updateservers>` counts as one of type `extension`.
    pub(crate) update_servers: Vec<UpdateServer>,
    /// `<author>`, trimmed, when it is a line of text and no longer than a name may be.
    pub(crate) author: Option<String>,
    /// `<dlid>`: the field for the download key.
    pub(crate) download_key: Option<DownloadKeyField>,
    /// `<changelogurl>`.
    pub(crate) changelog_url: Option<String>,
    /// `<scriptfile>`.
    pub(crate) script_file: Option<String>,
    /// For a package: its inner files, their paths as places in the archive.
    pub(crate) package_files: Vec<PackagePart>,
    /// For a language: whether `<files>` names the manifest itself, without which Joomla does not copy it.
    pub(crate) lists_itself: bool,
    /// `method="upgrade"` on `<extension>`.
    pub(crate) is_upgrade: bool,
    /// `group` on an `<extension>` that is no plug-in.
    pub(crate) stray_group: Option<String>,
    /// Values with blanks around them that Joomla never trims.
    pub(crate) padded_values: Vec<PaddedValue>,
}

/// A value with blanks around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PaddedValue {
    /// Where it stands, as a manifest has it: `<version>`, `group="…"`.
    pub(crate) place: String,
    /// Whether Joomla makes a folder of it, so that nothing can be installed.
    pub(crate) is_folder: bool,
}

/// One `<file>` or `<folder>` of a package, as its manifest calls it; a missing attribute is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PackagePart {
    pub(crate) path: String,
    /// `type`.
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) group: String,
    pub(crate) client: String,
}

/// One `<server>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UpdateServer {
    /// `type`; empty when missing.
    pub(crate) kind: String,
    /// `name`; empty when missing.
    pub(crate) name: String,
    pub(crate) address: String,
}

/// `<dlid prefix="…" suffix="…"/>`; a missing attribute is empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct DownloadKeyField {
    pub(crate) prefix: String,
    pub(crate) suffix: String,
}
