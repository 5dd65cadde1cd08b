//! What product files say of who may download a product, whether or not any of its packages is good.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bandari_catalog::names::ProductId;

use crate::product_file::ProductFile;

/// Products that product files speak for.
#[derive(Default)]
pub(crate) struct Claims {
    licensed: BTreeSet<ProductId>,
    free: BTreeSet<ProductId>,
    /// Set when the product file of the root is licensed and has no id: its products have their elements as ids, and which
    /// those are, no broken package tells.
    others_are_licensed: bool,
}

impl Claims {
    /// With product files by their folders below the package directory.
    pub(super) fn of(product_files: &BTreeMap<PathBuf, ProductFile>) -> Self {
        let mut claims = Self::default();
        for (folder, file) in product_files {
            let is_licensed = file.group.is_some();
            match file.id.clone().or_else(|| id_of_folder(folder)) {
                Some(id) if is_licensed => claims.licensed.insert(id),
                Some(id) => claims.free.insert(id),
                None => {
                    claims.others_are_licensed |= is_licensed;
                    continue;
                }
            };
        }
        claims
    }

    /// Whether a product is licensed now, as far as anybody can tell.
    pub(crate) fn may_be_licensed(&self, id: &ProductId) -> bool {
        self.licensed.contains(id) || self.others_are_licensed && !self.free.contains(id)
    }
}

fn id_of_folder(folder: &Path) -> Option<ProductId> {
    ProductId::parse(&folder.file_name()?.to_string_lossy()).ok()
}
