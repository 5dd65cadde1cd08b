//! The download pages: the model becomes views, the views become HTML by tera. Templates are part of the binary and can be
//! replaced file by file from a folder of the vendor's.

use std::path::Path;
use std::{fs, io};

use serde::Serialize;
use tera::{Context, Tera};

use crate::config::Config;
use crate::error::Error;
use crate::product::{Product, Release};

/// Our own templates. Names end in `.html`, which is what switches tera's escaping on.
const TEMPLATES: [(&str, &str); 3] = [
    ("base.html", include_str!("../../templates/pages/base.html")),
    ("index.html", include_str!("../../templates/pages/index.html")),
    ("product.html", include_str!("../../templates/pages/product.html")),
];

/// Name and text of our own style sheet.
const STYLE: (&str, &str) = ("style.css", include_str!("../../templates/pages/style.css"));

/// Templates, ready to render.
pub(crate) struct Pages {
    tera: Tera,
    style: Vec<u8>,
    has_release_feed: bool,
}

#[derive(Serialize)]
struct SiteView<'v> {
    title: &'v str,
    vendor: &'v str,
    public_url: &'v str,
    has_release_feed: bool,
}

#[derive(Serialize)]
struct ProductView<'v> {
    id: &'v str,
    name: &'v str,
    summary: Option<&'v str>,
    homepage: Option<&'v str>,
    is_licensed: bool,
    /// `plugin`, … ; absent when it is not for Joomla.
    kind: Option<&'v str>,
    element: Option<&'v str>,
    folder: Option<&'v str>,
    feed: Option<String>,
    /// The newest stable release, else the newest.
    latest: Option<ReleaseView<'v>>,
    /// On the page of the product only: over all products they would be many times the rest.
    releases: Vec<ReleaseView<'v>>,
}

#[derive(Clone, Serialize)]
struct ReleaseView<'v> {
    version: &'v str,
    stability: &'v str,
    is_stable: bool,
    is_withdrawn: bool,
    file: &'v str,
    address: String,
    size: String,
    joomla: Option<String>,
    php: Option<&'v str>,
    databases: Vec<String>,
    digests: Vec<DigestView>,
    /// `YYYY-MM-DD`.
    released: Option<String>,
    /// On the page of the product, among its releases only.
    changes: Vec<ChangesView<'v>>,
}

#[derive(Clone, Serialize)]
struct ChangesView<'v> {
    title: &'static str,
    /// HTML: escaped already, and with no elements but those that `changelog` makes.
    texts: &'v [String],
}

#[derive(Clone, Serialize)]
struct DigestView {
    name: &'static str,
    value: String,
}

impl Pages {
    /// Takes our own templates, and the vendor's in their place where `folder/pages` has a file of the same name. Pages link
    /// the feed of releases where there is one.
    ///
    /// # Errors
    /// [`Error::Templates`] names the template and what is wrong with it.
    pub(crate) fn load(folder: Option<&Path>, has_release_feed: bool) -> Result<Self, Error> {
        let text = |name: &str, own: &str| -> Result<String, Error> {
            let Some(folder) = folder else { return Ok(own.to_owned()) };
            let path = folder.join("pages").join(name);
            match fs::read_to_string(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(own.to_owned()),
                read => read.map_err(|error| {
                    Error::Templates(format!("`{}` cannot be read: {error}", path.display()))
                }),
            }
        };
        let mut templates = Vec::new();
        for (name, own) in TEMPLATES {
            templates.push((name, text(name, own)?));
        }
        let mut tera = Tera::default();
        tera.add_raw_templates(templates).map_err(|error| template_error(&error))?;
        Ok(Self { tera, style: text(STYLE.0, STYLE.1)?.into_bytes(), has_release_feed })
    }

    /// The style sheet of all pages.
    pub(crate) fn style(&self) -> Vec<u8> {
        self.style.clone()
    }

    /// The page over all products.
    pub(crate) fn index(&self, products: &[Product], config: &Config) -> Result<Vec<u8>, Error> {
        let products: Vec<ProductView<'_>> =
            products.iter().map(|product| product_view(product, config)).collect();
        let mut context = self.site_context(config);
        context.insert("products", &products);
        context.insert("root", "");
        self.render("index.html", &context)
    }

    /// The page of one product.
    pub(crate) fn product(&self, product: &Product, config: &Config) -> Result<Vec<u8>, Error> {
        let mut view = product_view(product, config);
        view.releases = product
            .releases
            .iter()
            .map(|release| ReleaseView {
                changes: changes_view(release),
                ..release_view(product, release, config)
            })
            .collect();
        let mut context = self.site_context(config);
        context.insert("product", &view);
        context.insert("root", "../");
        self.render("product.html", &context)
    }

    fn site_context(&self, config: &Config) -> Context {
        let mut context = Context::new();
        let site = SiteView {
            title: &config.title,
            vendor: &config.vendor,
            public_url: &config.public_url,
            has_release_feed: self.has_release_feed,
        };
        context.insert("site", &site);
        context
    }

    fn render(&self, name: &str, context: &Context) -> Result<Vec<u8>, Error> {
        self.tera.render(name, context).map(String::into_bytes).map_err(|error| template_error(&error))
    }
}

/// tera tells the place and the cause in its chain of sources only.
fn template_error(error: &tera::Error) -> Error {
    let mut message = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        message = format!("{message}: {error}");
        cause = error.source();
    }
    Error::Templates(message)
}

fn product_view<'v>(product: &'v Product, config: &Config) -> ProductView<'v> {
    let is_stable = |release: &&Release| release.stability == bandari_catalog::version::Stability::Stable;
    let latest = product.offered().find(is_stable).or_else(|| product.offered().next());
    let extension = product.extension.as_ref();
    ProductView {
        id: product.id.as_str(),
        name: &product.name,
        summary: product.summary.as_deref(),
        homepage: product.homepage.as_deref(),
        is_licensed: product.group.is_some(),
        kind: extension.map(|extension| extension.kind.as_str()),
        element: extension.map(|extension| extension.element.as_str()),
        folder: extension.and_then(|extension| extension.folder.as_deref()),
        feed: extension.map(|_| format!("{}/{}/updates.xml", config.public_url, product.id)),
        latest: latest.map(|release| release_view(product, release, config)),
        releases: Vec::new(),
    }
}

fn release_view<'v>(product: &'v Product, release: &'v Release, config: &Config) -> ReleaseView<'v> {
    let digests = &release.digests;
    let mut views = vec![DigestView { name: "SHA-256", value: digests.sha256.to_string() }];
    views.extend(
        digests.sha384.as_ref().map(|digest| DigestView { name: "SHA-384", value: digest.to_string() }),
    );
    views.extend(
        digests.sha512.as_ref().map(|digest| DigestView { name: "SHA-512", value: digest.to_string() }),
    );
    ReleaseView {
        version: release.version.as_str(),
        stability: release.stability.as_str(),
        is_stable: release.stability == bandari_catalog::version::Stability::Stable,
        is_withdrawn: release.withdrawn,
        file: release.file.as_str(),
        address: product.download_address(release, config),
        size: size_for_people(release.stamp.size_bytes),
        joomla: release.joomla.as_ref().map(ToString::to_string),
        php: release.php.as_deref(),
        databases: databases_for_people(release),
        digests: views,
        released: release.date().map(|date| date.to_string()),
        changes: Vec::new(),
    }
}

fn changes_view(release: &Release) -> Vec<ChangesView<'_>> {
    let sections = release.changes().into_iter().flat_map(|entry| &entry.sections);
    sections.map(|(section, texts)| ChangesView { title: section.title(), texts }).collect()
}

fn databases_for_people(release: &Release) -> Vec<String> {
    let Some(databases) = &release.databases else { return Vec::new() };
    let named =
        [("MySQL", &databases.mysql), ("MariaDB", &databases.mariadb), ("PostgreSQL", &databases.postgresql)];
    named.into_iter().filter_map(|(name, version)| Some(format!("{name} {}", version.as_ref()?))).collect()
}

/// `1 byte`, `812 bytes`, `4.5 KB`, `12.0 MB`: decimal units, as file managers of the day show them.
fn size_for_people(bytes: u64) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{}.{} KB", bytes / 1_000, bytes % 1_000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_units_that_people_read() {
        assert_eq!(size_for_people(1), "1 byte");
        assert_eq!(size_for_people(999), "999 bytes");
        assert_eq!(size_for_people(4_590), "4.5 KB");
        assert_eq!(size_for_people(12_040_000), "12.0 MB");
    }

    #[test]
    fn a_template_of_the_vendors_replaces_ours() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("pages")).unwrap();
        std::fs::write(folder.path().join("pages/index.html"), "Ahoy from {{ site.vendor }}").unwrap();
        let pages = Pages::load(Some(folder.path()), false).unwrap();
        let config = Config {
            file: "f".into(),
            title: "T".into(),
            vendor: "<V>".into(),
            public_url: "https://u.example".into(),
            download_url: None,
            protected_url: None,
            renew_url: None,
            account_url: None,
            support_url: None,
            packages: "p".into(),
            output: "o".into(),
            digests: [crate::config::DigestName::Sha256].into(),
            templates: None,
            retention: None,
        };
        assert_eq!(pages.index(&[], &config).unwrap(), b"Ahoy from &lt;V&gt;");
    }

    #[test]
    fn a_broken_template_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("pages")).unwrap();
        std::fs::write(folder.path().join("pages/index.html"), "{% if %}").unwrap();
        let Err(error) = Pages::load(Some(folder.path()), false) else {
            panic!("a broken template was taken")
        };
        assert!(error.to_string().contains("index.html"), "{error}");
    }
}
