//! The groups of licensed extensions, for each of which the plug-in has a setting.

use std::collections::BTreeMap;

use bandari_catalog::names::GroupId;
use bandari_catalog::v1::{Extension, ExtensionType};
use serde::Serialize;

use crate::config::{Config, Element};
use crate::product::Product;

/// How many names of products stand for a group: more would not be read before a field.
const MAX_NAMES: usize = 3;

/// A group as templates and reports know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Group {
    /// The name of its setting. A dot would be a step in a tree to Joomla (`libraries/vendor/joomla/registry`), so it is `~`, which
    /// no group has.
    pub(crate) field: String,
    pub(crate) id: GroupId,
    /// The names of its extensions, for people.
    pub(crate) name: String,
    /// Addresses of their feeds, sorted by product.
    pub(crate) feeds: Vec<String>,
}

/// Every group that opens an extension, sorted by id. Of other files no Joomla asks for an update, and the plug-in itself needs no
/// setting for its own key.
pub(crate) fn groups(products: &[Product], element: &Element, config: &Config) -> Vec<Group> {
    let mut extensions: BTreeMap<&GroupId, Vec<&Product>> = BTreeMap::new();
    for product in products {
        let is_other = product.extension.as_ref().is_some_and(|extension| !is_plugin(extension, element));
        if let Some(group) = product.group.as_ref().filter(|_| is_other) {
            extensions.entry(group).or_default().push(product);
        }
    }
    let group = |(id, products): (&GroupId, Vec<&Product>)| Group {
        field: format!("key_{}", id.as_str().replace('.', "~")),
        id: id.clone(),
        name: joined(&products.iter().map(|product| product.name.as_str()).collect::<Vec<_>>()),
        feeds: products.iter().map(|product| product.feed_address(config)).collect(),
    };
    extensions.into_iter().map(group).collect()
}

/// Whether an extension is the plug-in.
pub(super) fn is_plugin(extension: &Extension, element: &Element) -> bool {
    extension.kind == ExtensionType::Plugin
        && extension.folder.as_deref() == Some("installer")
        && extension.element == element.as_str()
}

fn joined(names: &[&str]) -> String {
    let shown = names.iter().take(MAX_NAMES).copied();
    shown.chain((names.len() > MAX_NAMES).then_some("…")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;
    use crate::config::ClientPlugin;

    fn of(id: &str, group: Option<&str>) -> Product {
        let group = group.map(|group| GroupId::parse(group).unwrap());
        Product { group, ..sample::module(id, &["1.0.0"]) }
    }

    fn known(products: &[Product]) -> Vec<(String, String, String)> {
        let element = ClientPlugin::default().element("Harbor Works").unwrap();
        let groups = groups(products, &element, &sample::config()).into_iter();
        groups.map(|group| (group.field, group.id.into(), group.name)).collect()
    }

    fn row(field: &str, id: &str, name: &str) -> (String, String, String) {
        (field.to_owned(), id.to_owned(), name.to_owned())
    }

    #[test]
    fn each_group_is_there_once_with_the_names_of_its_products() {
        let products =
            [of("a", Some("sea.pro")), of("b", None), of("c", Some("air")), of("d", Some("sea.pro"))];
        assert_eq!(known(&products), [row("key_air", "air", "c"), row("key_sea~pro", "sea.pro", "a, d")]);
    }

    #[test]
    fn a_group_has_the_feed_of_each_of_its_extensions() {
        let element = ClientPlugin::default().element("Harbor Works").unwrap();
        let products = [of("a", Some("sea")), of("b", Some("sea")), of("c", None)];
        let groups = groups(&products, &element, &sample::config());
        let feeds = ["https://u.example/a/updates.xml", "https://u.example/b/updates.xml"];
        assert_eq!(groups.iter().map(|group| &group.feeds[..]).collect::<Vec<_>>(), [feeds]);
    }

    #[test]
    fn of_many_products_three_stand_for_a_group() {
        let of_three = ["a", "b", "c"].map(|id| of(id, Some("sea")));
        assert_eq!(known(&of_three), [row("key_sea", "sea", "a, b, c")]);
        let of_five = ["a", "b", "c", "d", "e"].map(|id| of(id, Some("sea")));
        assert_eq!(known(&of_five), [row("key_sea", "sea", "a, b, c, …")]);
    }

    #[test]
    fn what_is_no_extension_and_the_plug_in_itself_make_no_group() {
        let mut file = of("handbook", Some("books"));
        file.extension = None;
        let mut own = of("plugin", Some("own"));
        own.extension = own.extension.map(|extension| Extension {
            kind: ExtensionType::Plugin,
            element: "harborworks".to_owned(),
            folder: Some("installer".to_owned()),
            ..extension
        });
        assert_eq!(known(&[file, own]), []);
    }
}
