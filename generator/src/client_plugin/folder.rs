//! The folder that the package is put into, and which product it is of the site.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bandari_catalog::names::{FileName, ProductId};
use toml::Value;

use super::groups::is_plugin;
use crate::config::{Config, Element};
use crate::error::{Error, Flaw};
use crate::place::{Content, is_there, place, remove_leftovers_of};
use crate::product::Product;
use crate::product_file::ProductFile;
use crate::rules::Code;
use crate::scan::{CHANGELOG_FILE, PRODUCT_FILE};

/// A folder that may have a `product.toml`.
pub(super) struct Folder {
    path: PathBuf,
    product: ProductId,
    has_product_file: bool,
}

/// What was written, and what was there.
pub(super) struct Written {
    pub(super) made: Vec<String>,
    pub(super) kept: Vec<String>,
}

/// What the plug-in is called where its type is not told: its language files, its product and its package.
pub(super) fn product_name(element: &Element) -> String {
    format!("plg_installer_{}", element.as_str())
}

impl Folder {
    /// Looks at the folder, which need not be there.
    ///
    /// # Errors
    /// [`Error::Configuration`] of a `product.toml` that cannot be used, or is not for an extension.
    pub(super) fn open(path: PathBuf, element: &Element) -> Result<Self, Error> {
        let file = path.join(PRODUCT_FILE);
        let usual =
            || ProductId::parse(&product_name(element)).expect("an element is short and of such characters");
        let text = match fs::read_to_string(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { path, product: usual(), has_product_file: false });
            }
            read => read.map_err(Error::io("read", &file))?,
        };
        let wrong = |flaws: &[Flaw]| {
            let message = flaws.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            Error::Configuration { file: file.clone(), message }
        };
        let known = ProductFile::parse(&text).map_err(|flaws| wrong(&flaws))?;
        if known.plain_file.is_some() {
            let flaw = Flaw::new(Code::WrongValue, "`kind = \"file\"`", "a folder of the plug-in's own");
            return Err(wrong(&[flaw]));
        }
        let of_folder =
            || ProductId::parse(&fs::canonicalize(&path).ok()?.file_name()?.to_string_lossy()).ok();
        let product = known.id.or_else(of_folder).unwrap_or_else(usual);
        Ok(Self { path, product, has_product_file: true })
    }

    /// The plug-in's id among the products.
    pub(super) fn product(&self) -> &ProductId {
        &self.product
    }

    /// Where a file is.
    pub(super) fn file(&self, name: &FileName) -> PathBuf {
        self.path.join(name.as_str())
    }

    /// # Errors
    /// [`Error::Usage`] when the product is another extension, when the plug-in is another product, or when a product file that
    /// would be written here would speak for other packages, too.
    pub(super) fn check_products(
        &self,
        products: &[Product],
        element: &Element,
        config: &Config,
    ) -> Result<(), Error> {
        let is_own = |product: &&Product| {
            product.extension.as_ref().is_some_and(|extension| is_plugin(extension, element))
        };
        let path = self.path.display();
        let expected = "expected a folder of the plug-in's own";
        if let Some(other) = products.iter().find(|product| product.id == self.product && !is_own(product)) {
            let (id, name) = (&self.product, &other.name);
            let message = format!(
                "product `{id}` of `{path}` is `{name}`: {expected}, whose `product.toml`, if there is one, has \
                 another `id`"
            );
            return Err(Error::Usage(message));
        }
        let others = products.iter().filter(|product| !is_own(product));
        if let Some(other) = others.filter(|_| !self.has_product_file).find(|other| self.holds(other)) {
            let message = format!("`{path}` holds packages of `{}`: {expected}", other.name);
            return Err(Error::Usage(message));
        }
        let own = products.iter().find(is_own);
        match own.and_then(|own| Some((own, own_folder(own, config)?))) {
            Some((own, folder)) if self.is_apart(own, &folder, config) => {
                let (id, folder) = (&own.id, folder.display());
                let message = format!(
                    "the plug-in is product `{id}` of `{folder}`: expected `--output {folder}`, or a folder outside of the \
                     packages whose `product.toml` has this `id`"
                );
                Err(Error::Usage(message))
            }
            _ => Ok(()),
        }
    }

    /// Whether packages of a product are here or below.
    fn holds(&self, product: &Product) -> bool {
        let Ok(here) = fs::canonicalize(&self.path) else { return false };
        let is_below = |path: &Path| fs::canonicalize(path).is_ok_and(|path| path.starts_with(&here));
        product.releases.iter().any(|release| is_below(release.source.path()))
    }

    /// Whether what is made here would be another product than the plug-in is, or the same in two folders.
    fn is_apart(&self, own: &Product, folder: &Path, config: &Config) -> bool {
        let is_there = fs::canonicalize(folder).ok() == fs::canonicalize(&self.path).ok();
        !is_there && (own.id != self.product || self.is_among_packages(config))
    }

    /// Whether a build finds what is put here. The folder need not be there.
    pub(super) fn is_among_packages(&self, config: &Config) -> bool {
        let known = |path: &Path| {
            path.ancestors().find_map(|above| {
                let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
                fs::canonicalize(above).ok()
            })
        };
        known(&self.path)
            .zip(known(&config.packages))
            .is_some_and(|(path, packages)| path.starts_with(packages))
    }

    /// Writes the package, and first product file and changelog where there are none: without them a build that comes in between
    /// would offer the package to every Joomla.
    ///
    /// # Errors
    /// [`Error::ClientPluginChanges`] when there is another package of that name, [`Error::Io`].
    pub(super) fn write(&self, name: &FileName, archive: Vec<u8>, config: &Config) -> Result<Written, Error> {
        let (package, archive) = (self.file(name), Content::Bytes(archive));
        let is_kept = is_there(&package, &archive, None)?;
        if !is_kept && package.exists() {
            return Err(Error::ClientPluginChanges { file: package });
        }
        let changelog_file = self.path.join(CHANGELOG_FILE);
        let changelog = changelog_text(config.client_plugin.version.as_str());
        let product = product_text(&self.product, &config.vendor);
        let files = [
            (self.path.join(PRODUCT_FILE), Content::Bytes(product.into_bytes()), self.has_product_file),
            (changelog_file.clone(), Content::Bytes(changelog.into_bytes()), changelog_file.exists()),
            (package, archive, is_kept),
        ];
        let mut written = Written { made: Vec::new(), kept: Vec::new() };
        fs::create_dir_all(&self.path).map_err(Error::io("create", &self.path))?;
        for (path, content, is_kept) in files {
            let list = if is_kept { &mut written.kept } else { &mut written.made };
            list.push(path.display().to_string());
            if !is_kept {
                put(&path, &content)?;
            }
        }
        Ok(written)
    }
}

fn put(path: &Path, content: &Content) -> Result<(), Error> {
    remove_leftovers_of(path).map_err(Error::io("clear the way for", path))?;
    place(path, content)
}

/// The `product.toml` of the plug-in: what its manifest cannot say.
fn product_text(id: &ProductId, vendor: &str) -> String {
    let summary =
        format!("Says in Joomla why a download from {vendor} is refused, and takes license keys along.");
    let (id, summary) = (Value::from(id.as_str()), Value::from(summary));
    format!(
        "# The plug-in that `bandari client-plugin` makes, one more product of the site.\n\n\
         # Name of the product in addresses. It must not change once published: it is in the plug-in itself.\n\
         id = {id}\n\n\
         summary = {summary}\n\n\
         # What the plug-in is made for.\n\
         joomla = \">=3.10, <7\"\n\
         php = \"7.2\"\n"
    )
}

/// The first `CHANGELOG.md` of the plug-in, whose manifest names a changelog. Without a date, which nothing here knows.
fn changelog_text(version: &str) -> String {
    format!(
        "# Changelog\n\n\
         What Joomla shows beside an update of the plug-in. Tell here what is new before you raise its version.\n\n\
         ## [{version}]\n\n\
         ### Added\n\n\
         - Joomla says why a download is refused, and adds the license key to it.\n"
    )
}

/// The folder of the plug-in's product file, else of its newest package.
fn own_folder(own: &Product, config: &Config) -> Option<PathBuf> {
    let file = own.product_file.as_ref().map(|file| config.packages.join(file));
    let file = file.or_else(|| Some(own.releases.first()?.source.path().to_owned()))?;
    file.parent().map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ClientPlugin;

    #[test]
    fn a_new_product_file_can_be_read_whatever_the_vendor_is_called() {
        let id = ProductId::parse("plg_installer_x").unwrap();
        for vendor in ["Harbor Works", "\"'\\ </script> ${x}", "Гавань ⚓", &"x".repeat(1_000)] {
            let file = ProductFile::parse(&product_text(&id, vendor)).unwrap();
            assert_eq!(file.id.as_ref(), Some(&id));
            assert!(file.summary.is_some_and(|summary| summary.contains(vendor)));
        }
    }

    fn open(product_file: &str) -> Result<String, String> {
        let site = tempfile::tempdir().unwrap();
        let path = site.path().join("ours");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("product.toml"), product_file).unwrap();
        let element = ClientPlugin::default().element("Harbor Works").unwrap();
        let folder = Folder::open(path, &element).map_err(|error| error.to_string());
        folder
            .map(|folder| folder.product().to_string())
            .map_err(|error| error.replace(&site.path().display().to_string(), "SITE"))
    }

    #[test]
    fn the_id_is_that_of_the_product_file_else_the_folders_name() {
        assert_eq!(open("id = 'keys'").unwrap(), "keys");
        assert_eq!(open("php = '8.1'").unwrap(), "ours");
    }

    #[test]
    fn a_product_file_that_is_wrong_or_for_plain_files_is_refused() {
        assert_eq!(
            open("kind = 'file'\npattern = 'a-{version}.txt'\nname = 'A'").unwrap_err(),
            "configuration `SITE/ours/product.toml`: found `kind = \"file\"`, expected a folder of the plug-in's own"
        );
        let told = open("id = '/'\nphp = 'x'").unwrap_err();
        assert!(told.starts_with("configuration `SITE/ours/product.toml`: found `id = \"/\"`"), "{told}");
        assert!(told.contains("; found `php = \"x\"`"), "{told}");
    }
}
