//! What `bandari init` says that it did.

use bandari_catalog::names::{FileName, GroupId, PackageId, ProductId};
use bandari_catalog::version::Version;
use serde::Serialize;

/// What a run did, for people and for machines. There is no secret in it.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    /// Files and folders that were not there before, in the order of writing.
    pub(crate) made: Vec<String>,
    /// Files that were there, and that nothing was done to.
    pub(crate) kept: Vec<String>,
    /// Files that were there and got more.
    pub(crate) extended: Vec<String>,
    /// What was taken over from jBackend, sorted by id.
    pub(crate) products: Vec<ReportedProduct>,
    /// Keys of the new configuration whose values are placeholders.
    pub(crate) placeholders: Vec<&'static str>,
    /// What else is worth knowing.
    pub(crate) notes: Vec<String>,
    /// The commands to run now.
    pub(crate) next: Vec<String>,
}

/// A product that was taken over.
#[derive(Debug, Serialize)]
pub(crate) struct ReportedProduct {
    pub(crate) id: ProductId,
    pub(crate) group: Option<GroupId>,
    pub(crate) packages: Vec<ReportedPackage>,
}

/// A package that was taken over.
#[derive(Debug, Serialize)]
pub(crate) struct ReportedPackage {
    pub(crate) id: PackageId,
    pub(crate) version: Version,
    pub(crate) file: FileName,
}
