//! The download pages: the model becomes views, the views become HTML by tera, once for each language. Templates and texts are
//! part of the binary and can be replaced file by file from a folder of the vendor's.
//!
//! [`site_view`] is what all pages share, [`index_view`], [`product_view`] and [`key_view`] what one page shows besides;
//! [`texts`] are the words, [`structured_data`] what search engines read.

mod index_view;
mod key_view;
mod product_view;
mod site_view;
mod structured_data;
mod texts;

use std::path::Path;
use std::{fs, io};

use tera::{Context, Tera};

use crate::config::Config;
use crate::error::Error;
use crate::image::ImageFormat;
use crate::layout::{self, PageFolder};
use crate::product::Product;
use product_view::ProductView;
use site_view::{About, PagePlace, PageView, SiteView};

pub(crate) use site_view::{SiteFacts, content_security_policy, origin_of, path_of};
pub(crate) use texts::Texts;

/// Our own templates. Names end in `.html`, which is what switches tera's escaping on.
const TEMPLATES: [(&str, &str); 13] = [
    ("base.html", include_str!("../../../templates/pages/base.html")),
    ("index.html", include_str!("../../../templates/pages/index.html")),
    ("product.html", include_str!("../../../templates/pages/product.html")),
    ("key.html", include_str!("../../../templates/pages/key.html")),
    ("404.html", include_str!("../../../templates/pages/404.html")),
    ("answer.html", include_str!("../../../templates/pages/answer.html")),
    ("product/download.html", include_str!("../../../templates/pages/product/download.html")),
    ("product/changes.html", include_str!("../../../templates/pages/product/changes.html")),
    ("product/compatibility.html", include_str!("../../../templates/pages/product/compatibility.html")),
    ("product/install.html", include_str!("../../../templates/pages/product/install.html")),
    ("product/releases.html", include_str!("../../../templates/pages/product/releases.html")),
    ("product/addresses.html", include_str!("../../../templates/pages/product/addresses.html")),
    ("key/group.html", include_str!("../../../templates/pages/key/group.html")),
];

/// Name and text of our own style sheet.
const STYLE: (&str, &str) = ("style.css", include_str!("../../../templates/pages/style.css"));

/// Name and text of our own script.
const SCRIPT: (&str, &str) = ("script.js", include_str!("../../../templates/pages/script.js"));

/// Templates, ready to render.
pub(crate) struct Pages {
    tera: Tera,
    style: String,
    script: String,
    /// One for each language of the site, the main one first.
    editions: Vec<Edition>,
    facts: SiteFacts,
    content_security_policy: String,
}

/// The pages in one language.
struct Edition {
    /// Before the path of each page.
    prefix: String,
    texts: Texts,
}

impl Edition {
    /// One for each language of the site, the main one first.
    fn all(config: &Config) -> Result<Vec<Self>, Error> {
        let (mut editions, mut problems) = (Vec::new(), Vec::new());
        for (folder, tag) in PageFolder::all(config).zip(&config.languages) {
            match Texts::load(tag, config) {
                Ok(texts) => editions.push(Self { prefix: folder.prefix(), texts }),
                Err(wrong) => problems.extend(wrong),
            }
        }
        if problems.is_empty() { Ok(editions) } else { Err(Error::Texts { problems }) }
    }

    /// What search engines show of a page that is no product's.
    fn description(&self, page: &str, config: &Config) -> Option<String> {
        self.texts.word(page, "description").map(|text| texts::about_site(text, config))
    }
}

impl Pages {
    /// Takes our own templates and texts, and the vendor's in their place where the `templates` folder has a file of the same
    /// name below `pages`.
    ///
    /// # Errors
    /// [`Error::Templates`] names the template and what is wrong with it, [`Error::Texts`] all that is wrong with texts.
    pub(crate) fn load(config: &Config, facts: SiteFacts) -> Result<Self, Error> {
        let folder = config.templates.as_deref();
        let mut templates = Vec::new();
        for (name, own) in TEMPLATES {
            templates.push((name, text(folder, name, own)?));
        }
        let mut tera = Tera::default();
        tera.register_filter("fill", texts::fill_filter);
        tera.add_raw_templates(templates).map_err(|error| template_error(&error))?;
        Ok(Self {
            tera,
            style: text(folder, STYLE.0, STYLE.1)?,
            script: text(folder, SCRIPT.0, SCRIPT.1)?,
            editions: Edition::all(config)?,
            facts,
            content_security_policy: site_view::content_security_policy(config),
        })
    }

    /// Whether there is a page about keys: where nothing is licensed there is none to ask for.
    pub(crate) fn has_key_page(&self) -> bool {
        self.facts.has_licensed
    }

    /// The words of the main language.
    pub(crate) fn main_texts(&self) -> &Texts {
        &self.editions[0].texts
    }

    /// The style sheet of all pages.
    pub(crate) fn style(&self) -> Vec<u8> {
        self.style.clone().into_bytes()
    }

    /// The script of all pages.
    pub(crate) fn script(&self) -> Vec<u8> {
        self.script.clone().into_bytes()
    }

    /// The page over all products.
    pub(crate) fn index(
        &self,
        products: &[Product],
        folder: PageFolder<'_>,
        config: &Config,
    ) -> Result<Vec<u8>, Error> {
        let edition = self.edition(folder);
        let place = PagePlace { path: "", is_anywhere: false };
        let about = About {
            title: config.title.clone(),
            description: edition.description("site", config),
            image: self.link_image(None),
        };
        let mut context = self.context(edition, place, about, config);
        let cards = index_view::cards(products, &edition.texts);
        context.insert("products", &cards);
        context.insert("filters", &index_view::filters(&cards, &edition.texts));
        self.render("index.html", &context)
    }

    /// The page of one of all `products`.
    pub(crate) fn product(
        &self,
        product: &Product,
        products: &[Product],
        folder: PageFolder<'_>,
        config: &Config,
    ) -> Result<Vec<u8>, Error> {
        let edition = self.edition(folder);
        let path = format!("{}/", product.id);
        let place = PagePlace { path: &path, is_anywhere: false };
        let about = About {
            title: format!("{} · {}", product.name, config.title),
            description: product.summary.clone(),
            image: self.link_image(Some(product)),
        };
        let mut context = self.context(edition, place, about, config);
        let url = place.url(edition, config);
        context.insert("product", &ProductView::new(product, products, &url, &edition.texts, config));
        self.render("product.html", &context)
    }

    /// The page about license keys.
    pub(crate) fn key(
        &self,
        products: &[Product],
        folder: PageFolder<'_>,
        config: &Config,
    ) -> Result<Vec<u8>, Error> {
        let edition = self.edition(folder);
        let place = PagePlace { path: "key/", is_anywhere: false };
        let title = edition.texts.word("key", "title").unwrap_or_default();
        let about = About {
            title: format!("{title} · {}", config.title),
            description: edition.description("key", config),
            image: self.link_image(None),
        };
        let mut context = self.context(edition, place, about, config);
        context.insert("groups", &key_view::groups(products, config));
        let of_validator = |path: &str| config.download_url.as_ref().map(|url| format!("{url}{path}"));
        context.insert("check_action", &of_validator("/check"));
        context.insert("send_action", &of_validator("/send-key"));
        self.render("key.html", &context)
    }

    /// The page for addresses that lead nowhere.
    pub(crate) fn not_found(&self, folder: PageFolder<'_>, config: &Config) -> Result<Vec<u8>, Error> {
        let edition = self.edition(folder);
        let place = PagePlace { path: "404.html", is_anywhere: true };
        let title = edition.texts.word("not_found", "title").unwrap_or_default();
        let about = About { title: format!("{title} · {}", config.title), description: None, image: None };
        let context = self.context(edition, place, about, config);
        self.render("404.html", &context)
    }

    fn edition(&self, folder: PageFolder<'_>) -> &Edition {
        let prefix = folder.prefix();
        // There is one for each folder that a configuration has.
        self.editions.iter().find(|edition| edition.prefix == prefix).unwrap_or(&self.editions[0])
    }

    /// What stands for a page where a link to it is shown, below the root: the product's icon, else the site's logo. Networks
    /// that show such pictures take no SVG.
    fn link_image(&self, product: Option<&Product>) -> Option<String> {
        let is_shown = |format: &ImageFormat| *format != ImageFormat::Svg;
        let icon = product.and_then(|product| {
            let format = product.icon.as_ref().map(|icon| icon.format).filter(is_shown)?;
            Some(layout::icon(&product.id, format))
        });
        let path = icon.or_else(|| self.facts.logo.filter(is_shown).map(layout::logo))?;
        Some(layout::below_root(&path).to_owned())
    }

    fn context(&self, edition: &Edition, place: PagePlace<'_>, about: About, config: &Config) -> Context {
        let mut context = Context::new();
        let others = (&*self.editions, &*self.content_security_policy);
        context.insert("site", &SiteView::new(&self.facts, config));
        context.insert("page", &PageView::new(about, place, edition, others, config));
        context.insert("lang", edition.texts.tag.as_str());
        context.insert("dir", edition.texts.direction());
        context.insert("root", &place.root(edition, config));
        context.insert("home", &place.home(edition, config));
        context.insert_value("t", edition.texts.all.clone());
        context
    }

    fn render(&self, name: &str, context: &Context) -> Result<Vec<u8>, Error> {
        self.tera.render(name, context).map(String::into_bytes).map_err(|error| template_error(&error))
    }
}

/// The vendor's page template of that name in the `templates` folder, else ours.
pub(crate) fn text(folder: Option<&Path>, name: &str, own: &str) -> Result<String, Error> {
    Ok(vendors_text(folder, &format!("pages/{name}"))?.unwrap_or_else(|| own.to_owned()))
}

/// The vendor's file at a path in the `templates` folder, if there is one.
///
/// # Errors
/// [`Error::Templates`] when it cannot be read.
pub(crate) fn vendors_text(folder: Option<&Path>, path: &str) -> Result<Option<String>, Error> {
    let Some(path) = folder.map(|folder| folder.join(path)) else { return Ok(None) };
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::Templates(format!("`{}` cannot be read: {error}", path.display()))),
    }
}

/// tera tells the place and the cause in its chain of sources only.
pub(crate) fn template_error(error: &tera::Error) -> Error {
    let mut message = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        message = format!("{message}: {error}");
        cause = error.source();
    }
    Error::Templates(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A site whose vendor has this template.
    fn config_with(name: &str, template: &str) -> (tempfile::TempDir, Config) {
        let folder = tempfile::tempdir().unwrap();
        for below in ["packages", "templates/pages"] {
            fs::create_dir_all(folder.path().join(below)).unwrap();
        }
        fs::write(folder.path().join("templates/pages").join(name), template).unwrap();
        let file = folder.path().join("bandari.toml");
        let text = "title = 'T'\nvendor = '<V>'\npublic_url = 'https://u.example'\ntemplates = 'templates'\n";
        fs::write(&file, text).unwrap();
        let config = Config::load(&file, None).unwrap();
        (folder, config)
    }

    #[test]
    fn a_template_of_the_vendors_replaces_ours() {
        let (_folder, config) = config_with("index.html", "Ahoy from {{ site.vendor }}");
        let pages = Pages::load(&config, SiteFacts::default()).unwrap();
        assert_eq!(pages.index(&[], PageFolder::Main, &config).unwrap(), b"Ahoy from &lt;V&gt;");
    }

    #[test]
    fn words_in_texts_are_filled_in_and_escaped() {
        let template = "{{ t.product.version | fill(version='<1>') }}";
        let (_folder, config) = config_with("index.html", template);
        let pages = Pages::load(&config, SiteFacts::default()).unwrap();
        assert_eq!(pages.index(&[], PageFolder::Main, &config).unwrap(), b"Version &lt;1&gt;");
    }

    #[test]
    fn a_broken_template_is_named() {
        let (_folder, config) = config_with("index.html", "{% if %}");
        let Err(error) = Pages::load(&config, SiteFacts::default()) else {
            panic!("a broken template was taken")
        };
        assert!(error.to_string().contains("index.html"), "{error}");
    }
}
