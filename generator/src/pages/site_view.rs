//! What holds for every page: the site, and where the page is among the others.

use serde::Serialize;

use super::Edition;
use crate::config::Config;
use crate::image::ImageFormat;
use crate::layout;
use crate::product::Product;
use crate::releases_atom;

/// The site as templates see it.
#[derive(Serialize)]
pub(super) struct SiteView<'v> {
    title: &'v str,
    vendor: &'v str,
    url: &'v str,
    has_release_feed: bool,
    /// Whether something needs a key; then there is a page about keys.
    has_licensed: bool,
    /// Whether the validator sends keys by mail.
    sends_keys: bool,
    renew_url: Option<&'v str>,
    account_url: Option<&'v str>,
    support_url: Option<&'v str>,
    /// Below the root, as the icon.
    logo: Option<String>,
    icon: &'static str,
    /// What tells customers in their Joomla why a download is refused, where the site has it.
    client_plugin: Option<&'v ClientPluginView>,
}

/// The client plug-in as other pages link to it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ClientPluginView {
    id: String,
    name: String,
}

/// What the pages of one site have in common.
#[derive(Clone, Debug, Default)]
pub(crate) struct SiteFacts {
    /// Whether there is a feed of releases.
    pub(crate) has_release_feed: bool,
    /// Whether something needs a key.
    pub(crate) has_licensed: bool,
    /// The site's logo, where it has one.
    pub(crate) logo: Option<ImageFormat>,
    /// The client plug-in, where the site has it.
    pub(crate) client_plugin: Option<ClientPluginView>,
}

impl SiteFacts {
    pub(crate) fn of(
        products: &[Product],
        logo: Option<ImageFormat>,
        client_plugin: Option<&Product>,
    ) -> Self {
        let has_release_feed = releases_atom::has_entries(products);
        let has_licensed = products.iter().any(|product| product.group.is_some());
        let client_plugin =
            client_plugin.map(|own| ClientPluginView { id: own.id.to_string(), name: own.name.clone() });
        Self { has_release_feed, has_licensed, logo, client_plugin }
    }
}

/// What a page says of itself, in its language.
#[derive(Debug)]
pub(super) struct About {
    pub(super) title: String,
    pub(super) description: Option<String>,
    /// Below the root.
    pub(super) image: Option<String>,
}

/// One page as templates see it.
#[derive(Serialize)]
pub(super) struct PageView<'v> {
    title: String,
    description: Option<String>,
    /// The address of what stands for the page where a link to it is shown: its own picture, else the logo.
    image: Option<String>,
    /// The one address that stands for the page.
    url: String,
    /// Content-Security-Policy, for `<meta>`.
    csp: &'v str,
    /// The page in each language, where there are several.
    languages: Vec<LanguageView<'v>>,
}

#[derive(Serialize)]
struct LanguageView<'v> {
    tag: &'v str,
    name: &'v str,
    /// From this page.
    href: String,
    url: String,
    is_current: bool,
}

/// A page's place: below the folder of its language, with a slash at its end unless it is that folder itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct PagePlace<'p> {
    pub(super) path: &'p str,
    /// Whether it is shown at any address, so that nothing in it may be relative.
    pub(super) is_anywhere: bool,
}

impl PagePlace<'_> {
    /// From the page to the site's root.
    pub(super) fn root(self, edition: &Edition, config: &Config) -> String {
        if self.is_anywhere {
            return format!("{}/", path_of(&config.public_url));
        }
        "../".repeat(slashes(self.path) + slashes(&edition.prefix))
    }

    /// The address of the page in a language.
    pub(super) fn url(self, edition: &Edition, config: &Config) -> String {
        format!("{}/{}{}", config.public_url, edition.prefix, self.path)
    }

    /// From the page to the start page of its language.
    pub(super) fn home(self, edition: &Edition, config: &Config) -> String {
        match (self.is_anywhere, slashes(self.path)) {
            (true, _) => format!("{}{}", self.root(edition, config), edition.prefix),
            (false, 0) => "./".to_owned(),
            (false, depth) => "../".repeat(depth),
        }
    }
}

fn slashes(path: &str) -> usize {
    path.matches('/').count()
}

/// The path of an address without a slash at its end: empty for a host alone.
pub(crate) fn path_of(url: &str) -> &str {
    url.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or_default()
}

/// Scheme, host and port of an address.
pub(crate) fn origin_of(url: &str) -> &str {
    url.strip_suffix(path_of(url)).unwrap_or(url)
}

impl<'v> SiteView<'v> {
    pub(super) fn new(facts: &'v SiteFacts, config: &'v Config) -> Self {
        Self {
            title: &config.title,
            vendor: &config.vendor,
            url: &config.public_url,
            has_release_feed: facts.has_release_feed,
            has_licensed: facts.has_licensed,
            sends_keys: facts.has_licensed && config.key_mails,
            renew_url: config.renew_url.as_deref(),
            account_url: config.account_url.as_deref(),
            support_url: config.support_url.as_deref(),
            logo: facts.logo.map(|format| layout::below_root(&layout::logo(format)).to_owned()),
            icon: layout::below_root(layout::ICON),
            client_plugin: facts.client_plugin.as_ref(),
        }
    }
}

impl<'v> PageView<'v> {
    pub(super) fn new(
        about: About,
        place: PagePlace<'_>,
        edition: &'v Edition,
        (editions, csp): (&'v [Edition], &'v str),
        config: &Config,
    ) -> Self {
        let root = place.root(edition, config);
        let language = |other: &'v Edition| LanguageView {
            tag: other.texts.tag.as_str(),
            name: other.texts.name(),
            href: match format!("{root}{}{}", other.prefix, place.path) {
                href if href.is_empty() => "./".to_owned(),
                href => href,
            },
            url: place.url(other, config),
            is_current: other.prefix == edition.prefix,
        };
        let languages = if editions.len() > 1 { editions.iter().map(language).collect() } else { Vec::new() };
        let About { title, description, image } = about;
        let image = image.map(|path| format!("{}/{path}", config.public_url));
        Self { title, description, image, url: place.url(edition, config), csp, languages }
    }
}

/// The Content-Security-Policy (level 3) of every page, as far as `<meta>` can say it: everything from the site itself; only
/// forms and scripts ask the validator. Browsers hold the redirects that answer a form to `form-action`, too, and a download
/// is redirected to the edge.
pub(crate) fn content_security_policy(config: &Config) -> String {
    let validator = config.download_url.as_deref().map(origin_of);
    let edge = config.protected_url.as_deref().map(origin_of);
    let mut forms = vec!["'self'"];
    forms.extend(validator);
    forms.extend(edge.filter(|edge| Some(*edge) != validator));
    [
        "default-src 'none'".to_owned(),
        "style-src 'self'".to_owned(),
        "script-src 'self'".to_owned(),
        "img-src 'self'".to_owned(),
        "font-src 'self'".to_owned(),
        format!("connect-src {}", validator.unwrap_or("'none'")),
        format!("form-action {}", forms.join(" ")),
        "base-uri 'none'".to_owned(),
    ]
    .join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_may_ask_the_validator_and_send_forms_to_it_and_on_to_the_edge() {
        let policy = |more: &str| {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir(folder.path().join("packages")).unwrap();
            let file = folder.path().join("bandari.toml");
            let text = format!("title = 'T'\nvendor = 'V'\npublic_url = 'https://u.example/a'\n{more}");
            std::fs::write(&file, text).unwrap();
            content_security_policy(&Config::load(&file, None).unwrap())
        };
        let own = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'";
        for (more, connect, form) in [
            ("", "'none'", "'self'"),
            (
                "download_url = 'https://get.example/v1'\nprotected_url = 'https://cdn.example/p'\n",
                "https://get.example",
                "'self' https://get.example https://cdn.example",
            ),
            (
                "download_url = 'https://get.example:8443'\nprotected_url = 'https://get.example:8443/p'\n",
                "https://get.example:8443",
                "'self' https://get.example:8443",
            ),
        ] {
            let expected = format!("{own}; connect-src {connect}; form-action {form}; base-uri 'none'");
            assert_eq!(policy(more), expected);
        }
    }

    #[test]
    fn an_address_has_an_origin_and_a_path() {
        for (url, origin, path) in [
            ("https://u.example", "https://u.example", ""),
            ("http://127.0.0.1:8480/a/b", "http://127.0.0.1:8480", "/a/b"),
        ] {
            assert_eq!((origin_of(url), path_of(url)), (origin, path));
        }
    }
}
