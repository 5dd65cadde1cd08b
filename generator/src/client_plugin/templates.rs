//! What the plug-in's files are made of: templates, part of the binary, each of which the vendor's `templates` folder may replace
//! below `client-plugin/`. A folder `client-plugin/language/<tag>/` there adds a language.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::path::Path;
use std::{fs, io};

use bandari_catalog::names::ProductId;
use bandari_catalog::version::Version;
use serde::Serialize;
use tera::{Context, Kwargs, State, Tera};
use unicode_segmentation::UnicodeSegmentation;

use super::folder::product_name;
use super::groups::Group;
use super::literals;
use super::own::NAMESPACE;
use crate::config::{Config, Element};
use crate::error::Error;
use crate::language::is_tag;
use crate::pages::{template_error, vendors_text};

/// Where the vendor's templates of the plug-in are, in the folder of all.
pub(crate) const FOLDER: &str = "client-plugin";

/// A template by its name.
macro_rules! template {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../templates/client-plugin/", $name)))
    };
}

/// Our own templates but those of languages.
const TEMPLATES: [(&str, &str); 18] = [
    template!("manifest.xml"),
    template!("plugin.php"),
    template!("script.php"),
    template!("services/provider.php"),
    template!("src/Extension/Plugin.php"),
    template!("src/Address.php"),
    template!("src/Answer.php"),
    template!("src/Check.php"),
    template!("src/Gate.php"),
    template!("src/Field/DownloadkeyField.php"),
    template!("src/KeyFields.php"),
    template!("src/Keys.php"),
    template!("src/Messages.php"),
    template!("src/Sentences.php"),
    template!("src/Unanswered.php"),
    template!("src/UpdateSites.php"),
    template!("src/Vendor.php"),
    template!("src/Versions.php"),
];

/// Our own languages.
const LANGUAGES: [(&str, &str); 4] = [
    template!("language/de-DE/plugin.ini"),
    template!("language/de-DE/plugin.sys.ini"),
    template!("language/en-GB/plugin.ini"),
    template!("language/en-GB/plugin.sys.ini"),
];

/// The files of a language: what the plug-in says, and what lists of extensions show of it.
const OF_LANGUAGE: [&str; 2] = ["plugin.ini", "plugin.sys.ini"];

/// The terms of what is installed into a Joomla.
const LICENSE: &str = include_str!("../../../site/sources/LICENSE");

/// Longest name of a vendor. With some words around it, it is the name of the plug-in and of its update site, for which Joomla has
/// 100 characters each (`#__extensions.name`, `#__update_sites.name`).
const MAX_VENDOR_CHARS: usize = 80;

/// The variables of the templates.
#[derive(Debug, Serialize)]
pub(crate) struct Facts<'f> {
    /// The plug-in's name in Joomla, and the class and namespace that are made of it.
    element: &'f str,
    class: String,
    namespace: String,
    /// What keys of its language files begin with.
    language_prefix: String,
    /// As much of the name as there is room for.
    vendor: String,
    version: &'f str,
    /// Addresses without a slash at their end.
    public_url: &'f str,
    download_url: &'f str,
    homepage: &'f str,
    /// Empty when there is none.
    support_url: &'f str,
    /// Of the plug-in itself.
    pub(crate) feed_url: String,
    changelog_url: String,
    groups: &'f [Group],
    sends: Vec<&'static str>,
    /// Tags of the languages, sorted.
    languages: Vec<String>,
}

impl<'f> Facts<'f> {
    /// All but the languages.
    pub(crate) fn new(
        config: &'f Config,
        element: &'f Element,
        product: &ProductId,
        download_url: &'f str,
        groups: &'f [Group],
    ) -> Self {
        let (first, rest) = element.as_str().split_at(1);
        let of_product = |file| format!("{}/{product}/{file}", config.public_url);
        let class = format!("{}{rest}", first.to_ascii_uppercase());
        Self {
            element: element.as_str(),
            namespace: format!("{NAMESPACE}{class}"),
            class,
            language_prefix: product_name(element).to_ascii_uppercase(),
            vendor: shortened(&config.vendor),
            version: config.client_plugin.version.as_str(),
            public_url: &config.public_url,
            download_url,
            homepage: &config.public_url,
            support_url: config.support_url.as_deref().unwrap_or_default(),
            feed_url: of_product("updates.xml"),
            changelog_url: of_product("changelog.xml"),
            groups,
            sends: config.client_plugin.sent_words(),
            languages: Vec::new(),
        }
    }

    /// The same of another version than the configuration's.
    pub(crate) fn of_version(self, version: &'f Version) -> Self {
        Self { version: version.as_str(), ..self }
    }

    /// What a template's file is called in the package.
    fn file_name(&self, template: &str) -> String {
        let element = self.element;
        match template.split('/').collect::<Vec<_>>()[..] {
            ["manifest.xml"] => format!("{element}.xml"),
            ["plugin.php"] => format!("{element}.php"),
            ["src", "Extension", "Plugin.php"] => format!("src/Extension/{}.php", self.class),
            // Joomla 3.10 knows language files by the tag in their names only.
            ["language", tag, file] => {
                let end = file.strip_prefix("plugin").unwrap_or(file);
                format!("language/{tag}/{tag}.plg_installer_{element}{end}")
            }
            _ => template.to_owned(),
        }
    }
}

/// A name with as many of its letters as there is room for. What is one letter to people stays whole.
fn shortened(vendor: &str) -> String {
    if vendor.chars().count() <= MAX_VENDOR_CHARS {
        return vendor.to_owned();
    }
    let mut short = String::new();
    for letter in vendor.graphemes(true) {
        if short.chars().count() + letter.chars().count() >= MAX_VENDOR_CHARS {
            break;
        }
        short.push_str(letter);
    }
    format!("{}…", short.trim_end())
}

/// The files of the plug-in.
#[derive(Debug)]
pub(crate) struct Files {
    /// By their names in the package.
    pub(crate) contents: BTreeMap<String, Vec<u8>>,
    /// Tags, sorted.
    pub(crate) languages: Vec<String>,
}

/// Makes all files, with templates of the vendor's from `folder` in place of ours.
///
/// # Errors
/// [`Error::Templates`] names the template and what is wrong with it.
pub(crate) fn render(mut facts: Facts<'_>, folder: Option<&Path>) -> Result<Files, Error> {
    let mut templates = BTreeMap::new();
    for (name, own) in TEMPLATES.into_iter().chain(LANGUAGES) {
        let vendors = vendors_text(folder, &format!("{FOLDER}/{name}"))?;
        templates.insert(name.to_owned(), vendors.unwrap_or_else(|| own.to_owned()));
    }
    for tag in folder.map(vendors_tags).transpose()?.unwrap_or_default() {
        for file in OF_LANGUAGE {
            let name = format!("language/{tag}/{file}");
            let path = format!("{FOLDER}/{name}");
            if let Entry::Vacant(place) = templates.entry(name) {
                place.insert(vendors_text(folder, &path)?.ok_or_else(|| no_language_file(folder, &path))?);
            }
        }
    }
    facts.languages = tags(templates.keys());
    let mut contents = rendered(&templates, &facts)?;
    contents.insert("LICENSE.txt".to_owned(), LICENSE.as_bytes().to_vec());
    Ok(Files { contents, languages: facts.languages })
}

/// The languages of which there are templates.
fn tags<'n>(names: impl Iterator<Item = &'n String>) -> Vec<String> {
    let tags: BTreeSet<&str> =
        names.filter_map(|name| name.strip_prefix("language/")?.split('/').next()).collect();
    tags.into_iter().map(str::to_owned).collect()
}

fn rendered(
    templates: &BTreeMap<String, String>,
    facts: &Facts<'_>,
) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let mut tera = Tera::default();
    tera.autoescape_on([".xml"]);
    tera.set_escape_fn(literals::escape_xml);
    tera.register_filter("php", |text: &str, _: Kwargs, _: &State| literals::php(text));
    tera.register_filter("ini", |text: &str, _: Kwargs, _: &State| literals::ini(text));
    tera.add_raw_templates(templates).map_err(|error| template_error(&error))?;
    let context = Context::from_serialize(facts).map_err(|error| template_error(&error))?;
    let render = |name: &String| {
        let text = tera.render(name, &context).map_err(|error| template_error(&error))?;
        Ok((facts.file_name(name), text.into_bytes()))
    };
    templates.keys().map(render).collect()
}

/// The languages for which the vendor has a folder.
///
/// # Errors
/// [`Error::Templates`] names a folder that is called like no language.
fn vendors_tags(folder: &Path) -> Result<BTreeSet<String>, Error> {
    let languages = folder.join(FOLDER).join("language");
    let entries = match fs::read_dir(&languages) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        read => read.map_err(Error::io("read", &languages))?,
    };
    let mut tags = BTreeSet::new();
    for entry in entries {
        let entry = entry.map_err(Error::io("read", &languages))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // Such belong to version control and file managers, as everywhere.
        if name.starts_with('.') || !entry.path().is_dir() {
            continue;
        }
        if !is_tag(&name) {
            let path = entry.path().display().to_string();
            return Err(Error::Templates(format!("`{path}` is no language of Joomla's such as `fr-FR`")));
        }
        tags.insert(name);
    }
    Ok(tags)
}

fn no_language_file(folder: Option<&Path>, path: &str) -> Error {
    let path = folder.unwrap_or(Path::new("")).join(path);
    let both = OF_LANGUAGE.map(|file| format!("`{file}`")).join(" and ");
    Error::Templates(format!("`{}` is not there: a language needs {both}", path.display()))
}

#[cfg(test)]
mod tests {
    use bandari_catalog::names::GroupId;

    use super::*;
    use crate::check::sample;
    use crate::config::{OF_PLUGIN, Sent};

    /// The plug-in of a vendor of this name for one group, with these templates of the vendor's.
    fn files(vendor: &str, vendors: &[(&str, &str)]) -> Result<Files, String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in vendors {
            let path = folder.path().join(FOLDER).join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let mut config = Config { vendor: vendor.to_owned(), ..sample::config() };
        config.client_plugin.sends = vec![Sent::Php];
        let element = config.client_plugin.element("Harbor Works").unwrap();
        let groups = [Group {
            field: "key_sea~pro".to_owned(),
            id: GroupId::parse("sea.pro").unwrap(),
            name: "Tides".to_owned(),
            feeds: vec!["https://u.example/tides/updates.xml".to_owned()],
        }];
        let product = ProductId::parse("keys").unwrap();
        let facts = Facts::new(&config, &element, &product, "https://get.example", &groups);
        render(facts, Some(folder.path()))
            .map_err(|error| error.to_string().replace(&folder.path().display().to_string(), "TEMPLATES"))
    }

    fn text(files: &Files, name: &str) -> String {
        String::from_utf8(files.contents[name].clone()).unwrap()
    }

    #[test]
    fn a_template_of_the_vendors_has_all_that_is_known() {
        let template = "{{ element }} {{ class }} {{ namespace }} {{ language_prefix }} {{ vendor }} {{ version }} \
                        {{ public_url }} {{ download_url }} {{ homepage }} <{{ support_url }}> {{ feed_url }} {{ changelog_url }} \
                        {% for group in groups %}{{ group.id }}={{ group.field }}={{ group.name }}={{ group.feeds | join(sep=' ') }}{% endfor %} \
                        {{ sends | join(sep=',') }} {{ languages | join(sep=',') }}";
        let files = files("Harbor Works", &[("script.php", template)]).unwrap();
        assert_eq!(
            text(&files, "script.php"),
            "harborworks Harborworks Bandari\\ClientPlugin\\Harborworks PLG_INSTALLER_HARBORWORKS Harbor Works 1.0.0 \
             https://u.example https://get.example https://u.example <> \
             https://u.example/keys/updates.xml https://u.example/keys/changelog.xml sea.pro=key_sea~pro=Tides=https://u.example/tides/updates.xml php de-DE,en-GB"
        );
    }

    #[test]
    fn values_are_escaped_as_each_file_wants_it() {
        let vendors = [
            ("manifest.xml", "<a b='{{ vendor }}'>{{ feed_url }}</a>"),
            ("plugin.php", "<?php return {{ vendor | php }};"),
            ("language/en-GB/plugin.ini", "A=\"{{ vendor | ini }}\""),
        ];
        let files = files("O'Hara & \"Sons\"", &vendors).unwrap();
        let feed = "https://u.example/keys/updates.xml";
        let manifest = format!("<a b='O&#39;Hara &amp; &quot;Sons&quot;'>{feed}</a>");
        assert_eq!(text(&files, "harborworks.xml"), manifest);
        assert_eq!(text(&files, "harborworks.php"), "<?php return 'O\\'Hara & \"Sons\"';");
        let ini = text(&files, "language/en-GB/en-GB.plg_installer_harborworks.ini");
        assert_eq!(ini, "A=\"O’Hara & “Sons”\"");
    }

    #[test]
    fn a_language_of_the_vendors_is_added_and_needs_both_files() {
        let both = [("language/fr-FR/plugin.ini", "A=\"a\""), ("language/fr-FR/plugin.sys.ini", "B=\"b\"")];
        let with_french = files("V", &both).unwrap();
        assert_eq!(with_french.languages, ["de-DE", "en-GB", "fr-FR"]);
        assert_eq!(text(&with_french, "language/fr-FR/fr-FR.plg_installer_harborworks.sys.ini"), "B=\"b\"");
        assert_eq!(
            files("V", &both[..1]).unwrap_err(),
            "templates: `TEMPLATES/client-plugin/language/fr-FR/plugin.sys.ini` is not there: a language needs `plugin.ini` \
             and `plugin.sys.ini`"
        );
        assert_eq!(files("V", &[("language/de-DE/plugin.ini", "")]).unwrap().languages, ["de-DE", "en-GB"]);
        assert_eq!(
            files("V", &[("language/fr/plugin.ini", "")]).unwrap_err(),
            "templates: `TEMPLATES/client-plugin/language/fr` is no language of Joomla's such as `fr-FR`"
        );
        assert!(files("V", &[("language/.git/x", ""), ("language/README", "")]).is_ok());
    }

    #[test]
    fn a_template_that_cannot_be_used_is_told_with_its_name() {
        for (name, template) in [("src/Vendor.php", "{% if %}"), ("plugin.php", "{{ vendors }}")] {
            let told = files("V", &[(name, template)]).unwrap_err();
            assert!(told.starts_with("templates: ") && told.contains(name), "{told}");
        }
    }

    #[test]
    fn a_long_name_is_cut_between_two_letters() {
        assert_eq!(shortened(&"é".repeat(80)), "é".repeat(80));
        assert_eq!(shortened(&"é".repeat(81)), format!("{}…", "é".repeat(79)));
        let letters = "a".repeat(78);
        assert_eq!(shortened(&format!("{letters} bc")), format!("{letters}…"));
        // Each of five characters.
        assert_eq!(shortened(&"👩‍❤️‍👨".repeat(20)), format!("{}…", "👩‍❤️‍👨".repeat(13)));
    }

    #[test]
    fn every_template_is_embedded() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../templates/client-plugin/");
        let tree = crate::tree::Tree::read(Path::new(folder));
        let files = tree.entries.iter().filter(|entry| entry.file_type().is_file());
        let names = files.map(|entry| entry.path().strip_prefix(folder).unwrap().to_str().unwrap());
        let embedded = TEMPLATES.into_iter().chain(LANGUAGES).map(|(name, _)| name);
        assert_eq!(embedded.collect::<BTreeSet<_>>(), names.collect());
    }

    /// Two classes of one name in one file are an error to PHP.
    #[test]
    fn no_element_is_called_like_a_class_that_is_imported_beside_it() {
        let imported = |name: &str| {
            let (_, template) = TEMPLATES.into_iter().find(|(known, _)| *known == name).unwrap();
            let imports = template.lines().filter_map(|line| line.strip_prefix("use ")?.strip_suffix(';'));
            let names = imports.filter_map(|class| class.rsplit('\\').next().map(str::to_lowercase));
            names.filter(|name| !name.contains("class")).collect::<Vec<_>>()
        };
        let mut names = [imported("src/Extension/Plugin.php"), imported("services/provider.php")].concat();
        names.push("script".to_owned());
        names.sort();
        assert_eq!(names, OF_PLUGIN);
    }
}
