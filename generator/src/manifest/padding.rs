//! Blanks around the values of a manifest: which of them Joomla does not trim, and which keep it from installing anything.

use bandari_catalog::v1::ExtensionType;

use crate::contents::PaddedValue;
use crate::language;
use crate::manifest_xml::Raw;

impl Raw {
    /// Joomla trims the address of an update server and filters blanks out of a package's name and of the element of
    /// components and templates; blanks around other values hurt as told beside each.
    pub(super) fn padded_values(&self, kind: ExtensionType) -> Vec<PaddedValue> {
        let is_key = self.name.as_deref().is_some_and(|name| language::is_key(name.trim()));
        let is_plugin = kind == ExtensionType::Plugin;
        // Each becomes the name of a folder, which Joomla cannot create.
        let folders = [
            ("<element>", &self.element, kind == ExtensionType::Module),
            ("<libraryname>", &self.library_name, kind == ExtensionType::Library),
            ("<tag>", &self.tag, kind == ExtensionType::Language),
            ("plugin=\"…\"", &self.plugin, is_plugin),
            ("group=\"…\"", &self.group, is_plugin),
        ];
        let others = [
            // version_compare takes a blank for a part of its own: the version is never equal to the feed's.
            ("<version>", &self.version, true),
            // Not found among the language files' keys, so shown as it is.
            ("<name>", &self.name, is_key),
            // Asked for with the blanks, which is no address.
            ("<changelogurl>", &self.changelog_url, true),
            // A file of that name with blanks does not exist, so the script is not run.
            ("<scriptfile>", &self.script_file, true),
        ];
        let is_padded = |text: &Option<String>| text.as_deref().is_some_and(|text| text != text.trim());
        let padded = |(place, text, hurts): &(&str, &Option<String>, bool)| {
            (*hurts && is_padded(text)).then(|| (*place).to_owned())
        };
        let folders = folders.iter().filter_map(padded).map(|place| PaddedValue { place, is_folder: true });
        let others = others.iter().filter_map(padded).map(|place| PaddedValue { place, is_folder: false });
        folders.chain(others).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::parse;

    #[test]
    fn blanks_around_a_text_are_told_where_they_hurt() {
        let padded = |kind: &str, name: &str| {
            let text = format!(
                "<extension type='{kind}' group=' system'><name> {name} </name><version>1 </version>\
                 <element> mod_a</element><libraryname>\n a</libraryname><tag>de-DE </tag>\
                 <packagename> a </packagename><updateservers><server> https://a.example </server></updateservers>\
                 <files><folder plugin='a '>src</folder></files>\
                 <changelogurl>\nhttps://a.example/c.xml</changelogurl><scriptfile> script.php </scriptfile></extension>"
            );
            let padded = parse(&text, "x.xml").unwrap().details.padded_values;
            let (folders, others): (Vec<_>, Vec<_>) = padded.into_iter().partition(|value| value.is_folder);
            let places =
                |values: Vec<PaddedValue>| values.into_iter().map(|value| value.place).collect::<Vec<_>>();
            (places(folders), places(others))
        };
        let others = ["<version>", "<changelogurl>", "<scriptfile>"].map(str::to_owned).to_vec();
        for (kind, folders) in [
            ("module", vec!["<element>"]),
            ("library", vec!["<libraryname>"]),
            ("language", vec!["<tag>"]),
            ("plugin", vec!["plugin=\"…\"", "group=\"…\""]),
            ("component", vec![]),
            ("package", vec![]),
        ] {
            let folders = folders.into_iter().map(str::to_owned).collect();
            assert_eq!(padded(kind, "Tides"), (folders, others.clone()), "{kind}");
        }
        assert_eq!(
            padded("module", "MOD_TIDES").1,
            ["<version>", "<name>", "<changelogurl>", "<scriptfile>"]
        );
    }
}
