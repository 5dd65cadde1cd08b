//! What else a manifest can get wrong: its own name, its attributes, blanks, and a name that nobody can read.

use bandari_catalog::v1::{Extension, ExtensionType};
use bandari_catalog::version::php_version_compare;

use super::Subject;
use crate::contents::PaddedValue;
use crate::error::Flaw;
use crate::rules::Code;
use crate::second_look::METADATA_FILE;

pub(super) fn of_manifest(subject: Subject<'_>) -> Vec<Flaw> {
    let details = &subject.contents.manifest.details;
    let others = [lost_manifest(subject), prefixed_plugin(subject), other_metadata_version(subject)];
    let name_flaws = [name_is_key(subject), name_has_markup(subject)];
    let mut flaws: Vec<Flaw> = others.into_iter().chain(name_flaws).flatten().collect();
    if !details.is_upgrade {
        let found = "`<extension>` without `method=\"upgrade\"`";
        flaws.push(Flaw::new(Code::NoUpgradeMethod, found, "`<extension … method=\"upgrade\">`"));
    }
    if let Some(group) = &details.stray_group {
        let found = format!("`group=\"{group}\"` on a {}", subject.extension.kind.as_str());
        flaws.push(Flaw::new(Code::StrayGroup, found, "`group` on plug-ins only"));
    }
    for PaddedValue { place, is_folder } in &details.padded_values {
        let code = if *is_folder { Code::PaddedFolder } else { Code::PaddedElement };
        let found = format!("`{place}` with blanks around its text");
        flaws.push(Flaw::new(code, found, format!("`{place}` without blanks")));
    }
    flaws
}

/// The name under which Joomla looks for the manifest of an installed extension, which is installed under its own
/// (`administrator/components/com_installer/src/Helper/InstallerHelper.php`, `getInstallationXML`). A library's manifest is
/// renamed when it is installed.
fn installed_name(extension: &Extension) -> Option<String> {
    let element = &extension.element;
    match extension.kind {
        ExtensionType::Component => Some(format!("{}.xml", element.strip_prefix("com_").unwrap_or(element))),
        ExtensionType::Module | ExtensionType::Plugin | ExtensionType::Package | ExtensionType::File => {
            Some(format!("{element}.xml"))
        }
        ExtensionType::Template => Some("templateDetails.xml".to_owned()),
        ExtensionType::Language => Some("install.xml".to_owned()),
        ExtensionType::Library => None,
    }
}

/// A manifest that is not installed under the name under which Joomla looks for it.
fn lost_manifest(subject: Subject<'_>) -> Option<Flaw> {
    let details = &subject.contents.manifest.details;
    let kind = subject.extension.kind;
    let code = match kind {
        _ if subject.product.group.is_some() => Code::LicensedManifestName,
        ExtensionType::Package => Code::PackageManifestName,
        _ => Code::ManifestFileName,
    };
    let name = details.path.rsplit('/').next().unwrap_or(&details.path);
    let expected = installed_name(subject.extension)?;
    if name != expected {
        let found = format!("the manifest of a {} called `{name}`", kind.as_str());
        return Some(Flaw::new(code, found, format!("`{expected}`")));
    }
    // Every other adapter copies the manifest unasked.
    (kind == ExtensionType::Language && !details.lists_itself).then(|| {
        let found = format!("a language whose `<files>` do not name its manifest `{name}`");
        Flaw::new(code, found, format!("`<filename>{name}</filename>` in `<files>`"))
    })
}

fn name_is_key(subject: Subject<'_>) -> Option<Flaw> {
    let name = &subject.contents.name;
    subject.contents.name_is_unresolved.then(|| {
        let found =
            format!("the language key `{name}` as `<name>`, which no language file of the package has");
        Flaw::new(Code::NameIsKey, found, "a name in words, or a language file with the key")
    })
}

/// The resolved name is the one that feeds have.
fn name_has_markup(subject: Subject<'_>) -> Option<Flaw> {
    let name = &subject.contents.name;
    name.contains('<')
        .then(|| Flaw::new(Code::NameMarkup, format!("the name `{name}`"), "a name without `<`"))
}

/// Joomla's "Refresh cache" takes the version from the metadata
/// (`libraries/src/Installer/Adapter/LanguageAdapter.php`, `refreshManifestCache`).
fn other_metadata_version(subject: Subject<'_>) -> Option<Flaw> {
    let in_metadata = subject.contents.metadata_version.as_ref()?;
    let version = subject.contents.manifest.version.as_str();
    php_version_compare(in_metadata, version).is_ne().then(|| {
        let found = format!("version {in_metadata} in the `{METADATA_FILE}` beside it");
        Flaw::new(Code::MetadataVersion, found, format!("{version}, as in the manifest"))
    })
}

fn prefixed_plugin(subject: Subject<'_>) -> Option<Flaw> {
    let Extension { kind, element, .. } = subject.extension;
    (*kind == ExtensionType::Plugin && element.to_ascii_lowercase().starts_with("plg_")).then(|| {
        let found = format!("the plug-in element `{element}`");
        Flaw::new(Code::PluginElementPrefix, found, "the plug-in's own name, without `plg_` and its group")
    })
}

#[cfg(test)]
mod tests {
    use bandari_catalog::names::GroupId;
    use bandari_catalog::v1::Client;

    use super::super::sample;
    use super::*;
    use crate::contents::Details;

    fn told(spoil: impl FnOnce(&mut Details)) -> Vec<(&'static str, String)> {
        let mut product = sample::module("tides", &["1.0.0"]);
        spoil(sample::details(&mut product.releases[0]));
        let flaws = of_manifest(sample::subject(&product));
        flaws.into_iter().map(|flaw| (flaw.code.rule().code, flaw.found)).collect()
    }

    #[test]
    fn a_manifest_is_looked_for_under_a_name_for_each_type() {
        let name = |kind, element: &str| {
            installed_name(&Extension {
                kind,
                element: element.to_owned(),
                folder: None,
                client: Client::Site,
            })
        };
        assert_eq!(name(ExtensionType::Component, "com_shop").unwrap(), "shop.xml");
        assert_eq!(name(ExtensionType::Module, "mod_x").unwrap(), "mod_x.xml");
        assert_eq!(name(ExtensionType::Plugin, "x").unwrap(), "x.xml");
        assert_eq!(name(ExtensionType::Package, "pkg_x").unwrap(), "pkg_x.xml");
        assert_eq!(name(ExtensionType::Template, "x").unwrap(), "templateDetails.xml");
        assert_eq!(name(ExtensionType::Language, "de-DE").unwrap(), "install.xml");
        assert_eq!(name(ExtensionType::Library, "vendor/x"), None);
        assert_eq!(name(ExtensionType::File, "x").unwrap(), "x.xml");
    }

    #[test]
    fn a_manifest_under_another_name_is_told_and_worse_when_licensed() {
        let found = "the manifest of a module called `manifest.xml`".to_owned();
        assert_eq!(told(|details| details.path = "mod_tides/manifest.xml".to_owned()), [("BND225", found)]);
        let mut product = sample::licensed(&["1.0.0"]);
        sample::details(&mut product.releases[0]).path = "plg_beacon.xml".to_owned();
        let flaws = of_manifest(sample::subject(&product));
        assert_eq!(sample::told(&flaws), [("BND507", "the manifest of a plugin called `plg_beacon.xml`")]);
    }

    /// What is told of an extension of this type, element and manifest; `group` makes it a licensed one.
    fn told_of_type(
        kind: ExtensionType,
        element: &str,
        path: &str,
        group: Option<&str>,
    ) -> Vec<(&'static str, String)> {
        let mut product = sample::module("tides", &["1.0.0"]);
        product.group = group.map(|group| GroupId::parse(group).unwrap());
        product.extension =
            Some(Extension { kind, element: element.to_owned(), folder: None, client: Client::Site });
        sample::details(&mut product.releases[0]).path = path.to_owned();
        let flaws = of_manifest(sample::subject(&product));
        flaws.into_iter().map(|flaw| (flaw.code.rule().code, flaw.found)).collect()
    }

    #[test]
    fn a_package_whose_manifest_is_not_found_again_is_worse_than_others() {
        let found = "the manifest of a package called `tides.xml`".to_owned();
        let told = |group| told_of_type(ExtensionType::Package, "pkg_tides", "tides.xml", group);
        assert_eq!(told(None), [("BND227", found.clone())]);
        assert_eq!(told(Some("sea")), [("BND507", found)]);
    }

    #[test]
    fn a_file_extension_whose_element_is_not_the_name_of_its_manifest_is_told() {
        let told = |path| told_of_type(ExtensionType::File, "lfix", path, None);
        assert_eq!(
            told("l.xmlfix.xml"),
            [("BND225", "the manifest of a file called `l.xmlfix.xml`".to_owned())]
        );
        assert_eq!(told("lfix.xml"), []);
    }

    #[test]
    fn a_library_may_call_its_manifest_as_it_likes() {
        assert_eq!(told_of_type(ExtensionType::Library, "harbor/compass", "compass.xml", Some("sea")), []);
    }

    #[test]
    fn a_language_that_does_not_name_its_manifest_among_its_files_is_told() {
        let told = |path, group| told_of_type(ExtensionType::Language, "de-CH", path, group);
        let found = "a language whose `<files>` do not name its manifest `install.xml`".to_owned();
        assert_eq!(told("install.xml", None), [("BND225", found.clone())]);
        assert_eq!(told("install.xml", Some("sea")), [("BND507", found)]);
        assert_eq!(
            told("de-CH.xml", None),
            [("BND225", "the manifest of a language called `de-CH.xml`".to_owned())]
        );
        let mut product = sample::module("tides", &["1.0.0"]);
        product.extension.as_mut().unwrap().kind = ExtensionType::Language;
        let details = sample::details(&mut product.releases[0]);
        (details.path, details.lists_itself) = ("install.xml".to_owned(), true);
        assert_eq!(of_manifest(sample::subject(&product)), []);
    }

    #[test]
    fn another_version_in_the_metadata_of_a_language_is_told() {
        let told = |version: &str| {
            let mut product = sample::module("tides", &["1.1.0"]);
            sample::archive(&mut product.releases[0]).metadata_version = Some(version.to_owned());
            let flaws = of_manifest(sample::subject(&product));
            flaws.into_iter().map(|flaw| (flaw.code.rule().code, flaw.found)).collect::<Vec<_>>()
        };
        assert_eq!(told("1.1.0"), []);
        let found = |version: &str| format!("version {version} in the `langmetadata.xml` beside it");
        for other in ["1.0.0", "1.1", "2.0", ""] {
            assert_eq!(told(other), [("BND228", found(other))]);
        }
    }

    #[test]
    fn a_folder_around_the_manifest_is_no_part_of_its_name() {
        assert_eq!(told(|details| details.path = "package/mod_tides.xml".to_owned()), []);
    }

    #[test]
    fn attributes_and_blanks_are_told() {
        assert_eq!(told(|details| details.is_upgrade = false)[0].0, "BND221");
        let found = "`group=\"mod_tides\"` on a module".to_owned();
        assert_eq!(told(|details| details.stray_group = Some("mod_tides".to_owned())), [("BND222", found)]);
        for (place, is_folder, code) in [("<version>", false, "BND224"), ("group=\"…\"", true, "BND226")] {
            let found = format!("`{place}` with blanks around its text");
            let value = PaddedValue { place: place.to_owned(), is_folder };
            assert_eq!(told(|details| details.padded_values.push(value)), [(code, found)]);
        }
    }

    #[test]
    fn a_plugin_element_with_its_prefix_is_told() {
        let mut product = sample::licensed(&["1.0.0"]);
        let element = "plg_system_beacon";
        product.extension.as_mut().unwrap().element = element.to_owned();
        sample::details(&mut product.releases[0]).path = format!("{element}.xml");
        let flaws = of_manifest(sample::subject(&product));
        assert_eq!(sample::told(&flaws), [("BND223", "the plug-in element `plg_system_beacon`")]);
    }

    #[test]
    fn a_name_that_stays_a_language_key_is_told() {
        let mut product = sample::module("tides", &["1.0.0"]);
        let contents = sample::archive(&mut product.releases[0]);
        (contents.name, contents.name_is_unresolved) = ("MOD_TIDES".to_owned(), true);
        let found = "the language key `MOD_TIDES` as `<name>`, which no language file of the package has";
        assert_eq!(sample::told(&of_manifest(sample::subject(&product))), [("BND411", found)]);
    }

    #[test]
    fn a_name_that_begins_an_element_is_told() {
        let mut product = sample::module("tides", &["1.0.0"]);
        sample::archive(&mut product.releases[0]).name = "Tides <b>& Co".to_owned();
        let flaws = of_manifest(sample::subject(&product));
        assert_eq!(sample::told(&flaws), [("BND412", "the name `Tides <b>& Co`")]);
        sample::archive(&mut product.releases[0]).name = "Tides > \"Waves\" & Co".to_owned();
        assert_eq!(of_manifest(sample::subject(&product)), []);
    }
}
