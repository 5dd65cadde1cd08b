//! The extensions inside of a package. Whether they are there and can be read, [`crate::archive`] tells.

use bandari_catalog::v1::{Extension, ExtensionType};

use super::Subject;
use crate::contents::{Contents, PackagePart};
use crate::error::Problem;
use crate::rules::Code;

/// What is wrong with the inner extensions of a package, and with theirs. `plugin` is the site's client plug-in, which may come along
/// with any package and has its own updates all the same.
pub(super) fn of_package(subject: Subject<'_>, plugin: Option<&Extension>) -> Vec<Problem> {
    let mut findings = Vec::new();
    add_findings(&subject.release.place(), subject.contents, plugin, &mut findings);
    findings
}

fn add_findings(place: &str, package: &Contents, plugin: Option<&Extension>, findings: &mut Vec<Problem>) {
    let details = &package.manifest.details;
    for (file, part) in package.inner.iter().zip(&details.package_files) {
        let Ok(inner) = &file.contents else { continue };
        let inner_place = format!("{place} > {}", file.path);
        let extension = &inner.manifest.extension;
        if !inner.manifest.details.update_servers.is_empty() && plugin != Some(extension) {
            let found = format!("an inner {} with an update server", extension.kind.as_str());
            let expected = "`<updateservers>` in the package's own manifest only";
            findings.push(Problem::new(Code::InnerUpdateServer, &inner_place, found, expected));
        }
        let (named, expected) = (attributes(&as_joomla_reads(part)), attributes(&as_installed(extension)));
        if named != expected {
            let found = format!("`{named}` for `{}`", file.path);
            let manifest = format!("{place} > {}", details.path);
            findings.push(Problem::new(Code::PackagePartName, manifest, found, format!("`{expected}`")));
        }
        add_findings(&inner_place, inner, plugin, findings);
    }
}

/// What Joomla looks for when it uninstalls a package (`libraries/src/Installer/Adapter/PackageAdapter.php`): the group of
/// plug-ins, the client of modules, templates and languages; nothing of the others.
fn as_joomla_reads(part: &PackagePart) -> PackagePart {
    let mut read = PackagePart { path: String::new(), ..part.clone() };
    match ExtensionType::from_word(&part.kind) {
        Some(ExtensionType::Plugin) => read.client.clear(),
        Some(ExtensionType::Module | ExtensionType::Template | ExtensionType::Language) => {
            read.group.clear();
            if read.client.is_empty() {
                "site".clone_into(&mut read.client);
            }
        }
        _ => {
            read.group.clear();
            read.client.clear();
        }
    }
    read
}

fn as_installed(extension: &Extension) -> PackagePart {
    as_joomla_reads(&PackagePart {
        path: String::new(),
        kind: extension.kind.as_str().to_owned(),
        id: extension.element.clone(),
        group: extension.folder.clone().unwrap_or_default(),
        client: extension.client.as_str().to_owned(),
    })
}

/// The attributes as a manifest has them, those left out that are empty.
fn attributes(part: &PackagePart) -> String {
    let PackagePart { path: _, kind, id, group, client } = part;
    let named = [("type", kind), ("id", id), ("group", group), ("client", client)];
    let written = named.into_iter().filter(|(_, value)| !value.is_empty());
    written.fold("<file".to_owned(), |text, (name, value)| format!("{text} {name}=\"{value}\"")) + ">"
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::contents::InnerFile;
    use crate::product::Product;

    /// A product whose archive has these parts under these names.
    fn package(parts: Vec<(PackagePart, Contents)>) -> Product {
        let mut product = sample::module("tides", &["1.0.0"]);
        let archive = sample::archive(&mut product.releases[0]);
        *archive = with_parts(archive.clone(), parts);
        product
    }

    fn with_parts(mut package: Contents, parts: Vec<(PackagePart, Contents)>) -> Contents {
        for (part, contents) in parts {
            package.inner.push(InnerFile { path: part.path.clone(), contents: Ok(Box::new(contents)) });
            package.manifest.details.package_files.push(part);
        }
        package
    }

    fn part(path: &str, kind: &str, id: &str, group: &str, client: &str) -> PackagePart {
        let [path, kind, id, group, client] = [path, kind, id, group, client].map(str::to_owned);
        PackagePart { path, kind, id, group, client }
    }

    /// A module or plug-in without an update server.
    fn silent(mut product: Product) -> Contents {
        let archive = sample::archive(&mut product.releases[0]);
        archive.manifest.details.update_servers.clear();
        archive.clone()
    }

    #[test]
    fn an_inner_extension_with_an_update_server_of_its_own_is_told_at_any_depth() {
        let loud = sample::archive(&mut sample::module("deep", &["1.0.0"]).releases[0]).clone();
        let deep = part("deep.zip", "module", "mod_deep", "", "site");
        let outer = with_parts(silent(sample::module("waves", &["1.0.0"])), vec![(deep, loud)]);
        let product = package(vec![(part("a/waves.zip", "module", "mod_waves", "", "site"), outer)]);
        let place = "tides/mod_tides-1.0.0.zip > a/waves.zip > deep.zip";
        assert_eq!(
            sample::placed(&of_package(sample::subject(&product), None)),
            [("BND811", place, "an inner module with an update server")]
        );
    }

    fn named(part: PackagePart, product: Product) -> Option<(String, String)> {
        let product = package(vec![(part, silent(product))]);
        let problem = of_package(sample::subject(&product), None).pop()?;
        assert_eq!(
            (problem.rule().code, &*problem.file),
            ("BND812", "tides/mod_tides-1.0.0.zip > mod_tides.xml")
        );
        Some((problem.found, problem.expected))
    }

    #[test]
    fn only_what_joomla_looks_for_has_to_be_right() {
        let waves = || sample::module("waves", &["1.0.0"]);
        assert_eq!(named(part("x.zip", "module", "mod_waves", "", "site"), waves()), None);
        assert_eq!(named(part("x.zip", "module", "mod_waves", "odd", ""), waves()), None);
        let beacon = || sample::licensed(&["1.0.0"]);
        assert_eq!(named(part("x.zip", "plugin", "beacon", "system", "administrator"), beacon()), None);
    }

    #[test]
    fn a_part_that_an_uninstallation_would_not_find_is_told_of_the_packages_manifest() {
        let waves = || sample::module("waves", &["1.0.0"]);
        let expected = "`<file type=\"module\" id=\"mod_waves\" client=\"site\">`".to_owned();
        let found = "`<file type=\"module\" client=\"site\">` for `x.zip`".to_owned();
        assert_eq!(named(part("x.zip", "module", "", "", ""), waves()), Some((found, expected.clone())));
        let found =
            "`<file type=\"module\" id=\"mod_waves\" client=\"administrator\">` for `x.zip`".to_owned();
        let told = named(part("x.zip", "module", "mod_waves", "", "administrator"), waves());
        assert_eq!(told, Some((found, expected)));
        let found = "`<file type=\"plugin\" id=\"beacon\">` for `x.zip`".to_owned();
        let expected = "`<file type=\"plugin\" id=\"beacon\" group=\"system\">`".to_owned();
        let told = named(part("x.zip", "plugin", "beacon", "", ""), sample::licensed(&["1.0.0"]));
        assert_eq!(told, Some((found, expected)));
    }
}
