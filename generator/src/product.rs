//! The model: products and their releases, as the stages behind [`crate::collect`] see them.

use std::borrow::Cow;
use std::sync::Arc;

use bandari_catalog::names::{FileName, GroupId, PackageId, ProductId};
use bandari_catalog::v1::{AfterExpiry, Databases, Digests, Extension};
use bandari_catalog::version::{Stability, Version};
use jiff::civil::Date;

use crate::changelog::Entry;
use crate::config::Config;
use crate::contents::Contents;
use crate::image::Image;
use crate::joomla_range::JoomlaRange;
use crate::source::Source;
use crate::stamp::Stamp;

/// One extension or one other download.
#[derive(Clone, Debug)]
pub(crate) struct Product {
    pub(crate) id: ProductId,
    pub(crate) name: String,
    pub(crate) group: Option<GroupId>,
    /// Where a license is renewed, in place of the site's address.
    pub(crate) renew_url: Option<String>,
    /// What an expired license still opens.
    pub(crate) after_expiry: AfterExpiry,
    pub(crate) summary: Option<String>,
    pub(crate) homepage: Option<String>,
    pub(crate) infourl: Option<String>,
    pub(crate) maintainer: Option<String>,
    pub(crate) icon: Option<Image>,
    /// Absent when it is not a Joomla extension.
    pub(crate) extension: Option<Extension>,
    /// Newest first.
    pub(crate) releases: Vec<Release>,
    /// Path of its product file below the package directory, for messages.
    pub(crate) product_file: Option<String>,
    /// `versions` of those `[[releases]]` of the product file that fit no release.
    pub(crate) unused_overrides: Vec<String>,
}

/// One file of one version. What many releases have in common is kept once.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    pub(crate) id: PackageId,
    pub(crate) version: Version,
    pub(crate) name: String,
    pub(crate) stability: Stability,
    pub(crate) withdrawn: bool,
    pub(crate) file: FileName,
    /// What its archive holds; absent for a file that is no Joomla package.
    pub(crate) contents: Option<Box<Contents>>,
    /// Where the bytes are.
    pub(crate) source: Source,
    pub(crate) stamp: Stamp,
    pub(crate) digests: Digests,
    /// Set for every release of an extension.
    pub(crate) joomla: Option<Arc<JoomlaRange>>,
    pub(crate) php: Option<Arc<str>>,
    pub(crate) databases: Option<Arc<Databases>>,
    /// Path of the changelog that speaks for it below the package directory, for messages.
    pub(crate) changelog: Option<Arc<str>>,
    /// The entry of its version in the changelog.
    pub(crate) notes: Option<Arc<Entry>>,
}

impl Release {
    /// Path below the package directory, for messages.
    pub(crate) fn place(&self) -> Cow<'_, str> {
        self.source.place()
    }

    /// The day on which it came out, as far as a changelog tells.
    pub(crate) fn date(&self) -> Option<Date> {
        self.notes.as_ref()?.date
    }

    /// Whether sites with default settings are offered it.
    pub(crate) fn is_stable(&self) -> bool {
        self.stability == Stability::Stable
    }

    /// What it changed, when a changelog tells that in words.
    pub(crate) fn changes(&self) -> Option<&Entry> {
        self.notes.as_deref().filter(|entry| !entry.sections.is_empty())
    }
}

impl Product {
    /// Releases that are still offered, newest first.
    pub(crate) fn offered(&self) -> impl Iterator<Item = &Release> {
        self.releases.iter().filter(|release| !release.withdrawn)
    }

    /// The release that people want: the newest stable one that is offered, else the newest.
    pub(crate) fn latest(&self) -> Option<&Release> {
        self.offered().find(|release| release.is_stable()).or_else(|| self.offered().next())
    }

    /// What Joomla's changelog file of an extension lists, newest first. Without any there is no such file.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (&Release, &Entry)> {
        let offered = self.extension.iter().flat_map(|_| self.offered());
        offered.filter_map(|release| Some((release, release.changes()?)))
    }

    /// Where Joomla asks for updates.
    pub(crate) fn feed_address(&self, config: &Config) -> String {
        format!("{}/{}/updates.xml", config.public_url, self.id)
    }

    /// Where Joomla reads what changed, if there is anything to read.
    pub(crate) fn changelog_address(&self, config: &Config) -> String {
        format!("{}/{}/changelog.xml", config.public_url, self.id)
    }

    /// Where a release is downloaded: a free one from the static host, a licensed one through the validator. Neither
    /// address has a query, so that Joomla joins a key with `?`.
    pub(crate) fn download_address(&self, release: &Release, config: &Config) -> String {
        match (&self.group, &config.download_url) {
            (Some(_), Some(download_url)) => {
                format!("{download_url}/download/{}/{}", release.id, release.file)
            }
            _ => format!("{}/files/{}/{}", config.public_url, self.id, release.file),
        }
    }
}
