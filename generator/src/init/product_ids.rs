//! Which id a product gets that has none yet: short where that is enough to tell it from the others.

use std::collections::{BTreeMap, BTreeSet};

use bandari_catalog::names::{MAX_IDENTIFIER_CHARS, ProductId};
use bandari_catalog::v1::{Extension, ExtensionType};

use crate::collect::is_reserved;

/// Ids that are given away already.
#[derive(Default)]
pub(crate) struct ProductIds {
    taken: BTreeSet<String>,
}

impl ProductIds {
    /// Notes an id that a product has.
    pub(crate) fn take(&mut self, id: &ProductId) {
        self.taken.insert(id.to_string());
    }

    /// Ids for extensions: the element, as `bandari build` would call it, unless several have the same; then the kind and
    /// where it belongs, too.
    pub(crate) fn of_extensions<'e>(
        &mut self,
        extensions: impl IntoIterator<Item = &'e Extension>,
    ) -> BTreeMap<Extension, ProductId> {
        let extensions: BTreeSet<&Extension> = extensions.into_iter().collect();
        let mut bearers: BTreeMap<&str, usize> = BTreeMap::new();
        for extension in &extensions {
            *bearers.entry(&extension.element).or_default() += 1;
        }
        let ids = extensions.iter().map(|extension| {
            let element = &extension.element;
            let wishes = if bearers[element.as_str()] == 1 { vec![element.clone()] } else { Vec::new() };
            ((*extension).clone(), self.first_free(wishes, &full_name(extension)))
        });
        ids.collect()
    }

    /// An id for files that are no extension; `kind` is their ending.
    pub(crate) fn of_files(&mut self, stem: &str, kind: &str) -> ProductId {
        let stem = if stem.is_empty() { "package" } else { stem };
        self.first_free(vec![stem.to_owned()], &format!("{stem}-{kind}"))
    }

    /// The first of `wishes` that is free, else `last`, else `last` with the first number that makes it so.
    fn first_free(&mut self, wishes: Vec<String>, last: &str) -> ProductId {
        let numbered = (2_u32..).map(|number| format!("{}_{number}", cut(last, MAX_IDENTIFIER_CHARS - 11)));
        let id = wishes
            .into_iter()
            .chain([last.to_owned()])
            .chain(numbered)
            .filter_map(|text| ProductId::parse(&cleaned(&text)).ok())
            .find(|id| !is_reserved(id.as_str()) && !self.taken.contains(id.as_str()))
            .expect("fewer ids are taken than there are numbers, and a cleaned text is an id");
        self.take(&id);
        id
    }
}

/// The name that tells an extension from others with the same element.
pub(crate) fn full_name(extension: &Extension) -> String {
    let element = &extension.element;
    match (extension.kind, &extension.folder) {
        (ExtensionType::Plugin, Some(folder)) => format!("plg_{folder}_{element}"),
        (kind, _) => format!("{}_{element}_{}", kind.as_str(), extension.client.as_str()),
    }
}

/// The text with nothing in it that an id may not have.
fn cleaned(text: &str) -> String {
    let good = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' };
    let text: String = text.chars().map(good).collect();
    let text = text.trim_matches(['_', '-', '.']);
    if text.is_empty() { "product".to_owned() } else { cut(text, MAX_IDENTIFIER_CHARS).to_owned() }
}

/// The beginning of a text, in at most that many bytes.
fn cut(text: &str, max_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(max_bytes)]
}

#[cfg(test)]
mod tests {
    use bandari_catalog::v1::Client;

    use super::*;

    fn plugin(folder: &str, element: &str) -> Extension {
        let (element, folder) = (element.to_owned(), Some(folder.to_owned()));
        Extension { kind: ExtensionType::Plugin, element, folder, client: Client::Site }
    }

    fn module(element: &str, client: Client) -> Extension {
        Extension { kind: ExtensionType::Module, element: element.to_owned(), folder: None, client }
    }

    #[test]
    fn extensions_with_the_same_element_get_ids_that_tell_them_apart() {
        let extensions = [
            plugin("system", "tide"),
            plugin("content", "tide"),
            plugin("system", "beacon"),
            module("mod_tide", Client::Site),
            module("mod_tide", Client::Administrator),
            plugin("system", "check"),
        ];
        let ids = ProductIds::default().of_extensions(&extensions);
        let ids: Vec<_> = extensions.iter().map(|extension| ids[extension].as_str()).collect();
        assert_eq!(
            ids,
            [
                "plg_system_tide",
                "plg_content_tide",
                "beacon",
                "module_mod_tide_site",
                "module_mod_tide_administrator",
                "plg_system_check"
            ]
        );
    }

    #[test]
    fn any_text_becomes_an_id_that_nobody_has() {
        let mut ids = ProductIds::default();
        ids.take(&ProductId::parse("handbook").unwrap());
        let long = "ä".repeat(80);
        for (stem, id) in [
            ("handbook", "handbook-pdf"),
            ("handbook", "handbook-pdf_2"),
            ("handbook", "handbook-pdf_3"),
            ("", "package"),
            ("download", "download-pdf"),
            ("-my book-", "my_book"),
            (&long, "product"),
            (&"x".repeat(80), &"x".repeat(64)),
        ] {
            assert_eq!(ids.of_files(stem, "pdf").as_str(), id);
        }
    }
}
