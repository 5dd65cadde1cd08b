//! What hosts of `public/` have to know: which headers each file has, which addresses lead elsewhere, what crawlers may read. For
//! Netlify and Cloudflare Pages as files of the site, for nginx and Caddy as configurations beside it, all of them by the same
//! rules. Templates, which a vendor's replace file by file; without escaping, so values hold only what has no meaning in any of
//! these languages.

use serde::Serialize;
use tera::{Context, Tera};

use crate::config::Config;
use crate::error::Error;
use crate::layout;
use crate::pages;
use crate::product::Product;

/// A file for hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostingFile {
    Robots,
    Headers,
    Redirects,
    Nginx,
    Caddy,
}

impl HostingFile {
    pub(crate) const ALL: [Self; 5] =
        [Self::Robots, Self::Headers, Self::Redirects, Self::Nginx, Self::Caddy];

    /// Where it will be.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Robots => layout::ROBOTS,
            Self::Headers => layout::HEADERS,
            Self::Redirects => layout::REDIRECTS,
            Self::Nginx => layout::NGINX,
            Self::Caddy => layout::CADDY,
        }
    }

    /// Name and text of our own template. Such names switch tera's escaping off.
    const fn template(self) -> (&'static str, &'static str) {
        match self {
            Self::Robots => ("hosting/robots.txt", include_str!("../../templates/pages/hosting/robots.txt")),
            Self::Headers => ("hosting/_headers", include_str!("../../templates/pages/hosting/_headers")),
            Self::Redirects => {
                ("hosting/_redirects", include_str!("../../templates/pages/hosting/_redirects"))
            }
            Self::Nginx => ("hosting/nginx.conf", include_str!("../../templates/pages/hosting/nginx.conf")),
            Self::Caddy => ("hosting/Caddyfile", include_str!("../../templates/pages/hosting/Caddyfile")),
        }
    }
}

/// Templates of files for hosts, ready to render.
pub(crate) struct Hosting {
    tera: Tera,
    context: Context,
}

impl Hosting {
    /// Takes our own templates, and the vendor's in their place where there are some.
    ///
    /// # Errors
    /// [`Error::Templates`] names the template and what is wrong with it.
    pub(crate) fn load(products: &[Product], config: &Config) -> Result<Self, Error> {
        let mut templates = Vec::new();
        for (name, own) in HostingFile::ALL.map(HostingFile::template) {
            templates.push((name, pages::text(config.templates.as_deref(), name, own)?));
        }
        let mut tera = Tera::default();
        tera.add_raw_templates(templates).map_err(|error| pages::template_error(&error))?;
        let context = Context::from_serialize(&HostedSite::new(products, config))
            .map_err(|error| pages::template_error(&error))?;
        Ok(Self { tera, context })
    }

    /// Makes a file.
    ///
    /// # Errors
    /// [`Error::Templates`].
    pub(crate) fn file(&self, file: HostingFile) -> Result<Vec<u8>, Error> {
        let rendered = self.tera.render(file.template().0, &self.context);
        rendered.map(String::into_bytes).map_err(|error| pages::template_error(&error))
    }
}

/// The variables of the templates.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct HostedSite {
    /// The address of the site, without a slash at its end.
    url: String,
    /// Its scheme, host and port.
    base: String,
    /// `https` or `http`.
    scheme: String,
    /// The name or address in `base`.
    host: String,
    /// Also when it is the scheme's own.
    port: u16,
    /// The path of the address, such as `/downloads`; mostly empty.
    prefix: String,
    /// The same as part of a regular expression.
    prefix_pattern: String,
    /// Content-Security-Policy of pages, with what only a header can say.
    policy: String,
    /// Folders of pages in further languages.
    folders: Vec<String>,
    /// The folder that the pages of the main language would have if it were a further one; where there are several languages and
    /// nothing else is in it.
    main_folder: Option<String>,
}

impl HostedSite {
    fn new(products: &[Product], config: &Config) -> Self {
        let (base, prefix) =
            (plain(pages::origin_of(&config.public_url)), pages::path_of(&config.public_url));
        let prefix = plain(prefix).replace(':', "%3A");
        let (scheme, authority) = base.split_once("://").unwrap_or_default();
        let (host, port) = match authority.rsplit_once(':') {
            // In an IPv6 address the port is behind the bracket.
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
            _ => (authority, None),
        };
        let port = port.unwrap_or(if scheme == "https" { 443 } else { 80 });
        let (main, further) = config.languages.split_first().map_or((None, &[][..]), |(main, further)| {
            (Some(main.as_str()).filter(|_| !further.is_empty()), further)
        });
        let is_product = |tag: &str| products.iter().any(|p| p.id.as_str().eq_ignore_ascii_case(tag));
        Self {
            url: plain(&config.public_url),
            scheme: scheme.to_owned(),
            host: host.to_owned(),
            port,
            prefix_pattern: prefix.replace('.', "\\."),
            prefix,
            policy: format!(
                "{}; frame-ancestors 'none'",
                plain_policy(&pages::content_security_policy(config))
            ),
            folders: further.iter().map(ToString::to_string).collect(),
            main_folder: main.filter(|tag| !is_product(tag)).map(str::to_owned),
            base,
        }
    }
}

/// An address in characters that mean nothing in a configuration. The others, which an address may have and none has, are encoded:
/// what is then served where is the vendor's to see, but nothing breaks out of its place.
fn plain(address: &str) -> String {
    encode_but(address, "-._~:/[]%@")
}

/// A policy, of which an address may hold what would be a variable to nginx.
fn plain_policy(policy: &str) -> String {
    encode_but(policy, "-._~:/[]%@ ';*+=")
}

fn encode_but(text: &str, harmless: &str) -> String {
    let encoded = |c: char| match c {
        c if c.is_ascii_alphanumeric() || harmless.contains(c) => c.to_string(),
        c => format!("%{:02X}", u32::from(c)),
    };
    text.chars().map(encoded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A site without products, with this in its configuration.
    fn site(more: &str) -> (tempfile::TempDir, Config) {
        let folder = tempfile::tempdir().unwrap();
        for below in ["packages", "templates/pages/hosting"] {
            std::fs::create_dir_all(folder.path().join(below)).unwrap();
        }
        let file = folder.path().join("bandari.toml");
        std::fs::write(&file, format!("title = 'T'\nvendor = 'V'\n{more}")).unwrap();
        let config = Config::load(&file, None).unwrap();
        (folder, config)
    }

    fn text(config: &Config, file: HostingFile) -> String {
        String::from_utf8(Hosting::load(&[], config).unwrap().file(file).unwrap()).unwrap()
    }

    #[test]
    fn an_address_is_taken_apart() {
        for (url, host, port, prefix, pattern) in [
            ("https://u.example", "u.example", 443, "", ""),
            ("http://127.0.0.1:8480/a.b", "127.0.0.1", 8480, "/a.b", "/a\\.b"),
            ("http://[::1]", "[::1]", 80, "", ""),
            ("http://[::1]:81", "[::1]", 81, "", ""),
        ] {
            let (_folder, config) = site(&format!("public_url = '{url}'\n"));
            let site = HostedSite::new(&[], &config);
            assert_eq!((&*site.host, site.port, &*site.prefix), (host, port, prefix), "{url}");
            assert_eq!(site.prefix_pattern, pattern, "{url}");
        }
    }

    #[test]
    fn nothing_in_an_address_means_anything_to_a_server() {
        let (_folder, config) = site("public_url = 'https://u.$host.example/$uri/(a*:b'\n");
        let site = HostedSite::new(&[], &config);
        assert_eq!(site.base, "https://u.%24host.example");
        assert_eq!(site.prefix, "/%24uri/%28a%2A%3Ab");
        assert!(!text(&config, HostingFile::Nginx).contains("$host"));
    }

    #[test]
    fn the_main_language_has_a_folder_to_redirect_only_beside_others() {
        let (_folder, config) = site("public_url = 'https://u.example'\n");
        assert_eq!(HostedSite::new(&[], &config).main_folder, None);
        let (_folder, config) = site("public_url = 'https://u.example'\nlanguages = ['de', 'en']\n");
        let site = HostedSite::new(&[], &config);
        assert_eq!((site.main_folder.as_deref(), &site.folders[..]), (Some("de"), &["en".to_owned()][..]));
    }

    /// Cloudflare reads no more than 100 rules, and no line of more than 2,000 characters.
    #[test]
    fn a_site_in_forty_languages_is_within_the_limits_of_cloudflare() {
        let tags: Vec<String> =
            (b'a'..).take(20).flat_map(|first| [b'a', b'b'].map(|second| tag(first, second))).collect();
        let (_folder, config) = site("public_url = 'https://u.example'\n");
        let languages = ["en".to_owned()].into_iter().chain(tags).collect::<Vec<_>>();
        let config = config.in_languages(&languages).unwrap();
        let headers = text(&config, HostingFile::Headers);
        assert_eq!(headers.lines().filter(|line| line.starts_with('/')).count(), 52);
        assert!(headers.lines().all(|line| line.len() <= 2_000));
    }

    fn tag(first: u8, second: u8) -> String {
        String::from_utf8(vec![first, second]).unwrap()
    }

    #[test]
    fn a_file_of_the_vendors_replaces_ours_and_nothing_is_escaped_in_it() {
        let (folder, config) = site("public_url = 'https://u.example/a/b'\ntemplates = 'templates'\n");
        let own = "{{ prefix }}/x\n  Content-Security-Policy: {{ policy }}\n";
        std::fs::write(folder.path().join("templates/pages/hosting/_headers"), own).unwrap();
        let headers = text(&config, HostingFile::Headers);
        assert!(headers.starts_with("/a/b/x\n  Content-Security-Policy: default-src 'none'; "), "{headers}");
        assert!(
            text(&config, HostingFile::Robots).ends_with("\nSitemap: https://u.example/a/b/sitemap.xml\n")
        );
    }

    #[test]
    fn a_broken_template_is_named() {
        let (folder, config) = site("public_url = 'https://u.example'\ntemplates = 'templates'\n");
        std::fs::write(folder.path().join("templates/pages/hosting/nginx.conf"), "{% if %}").unwrap();
        let Err(error) = Hosting::load(&[], &config) else { panic!("a broken template was taken") };
        assert!(error.to_string().contains("hosting/nginx.conf"), "{error}");
    }
}
