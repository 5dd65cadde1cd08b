//! The page about license keys: what a key is worth, and how to get it sent.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::config::Config;
use crate::product::Product;

/// What one license opens.
#[derive(Serialize)]
pub(super) struct GroupView<'v> {
    /// What the validator is asked about.
    id: &'v str,
    /// The products' names, for a list to choose from.
    names: String,
    products: Vec<GroupProductView<'v>>,
    renew_url: Option<&'v str>,
}

#[derive(Serialize)]
struct GroupProductView<'v> {
    name: &'v str,
    /// From the page about keys.
    href: String,
}

/// Every group, by the names of its products.
pub(super) fn groups<'v>(products: &'v [Product], config: &'v Config) -> Vec<GroupView<'v>> {
    let mut by_id: BTreeMap<&str, Vec<&Product>> = BTreeMap::new();
    for product in products {
        if let Some(group) = &product.group {
            by_id.entry(group.as_str()).or_default().push(product);
        }
    }
    let mut groups: Vec<GroupView<'v>> =
        by_id.into_iter().map(|(id, of_group)| group(asked(id, products), of_group, config)).collect();
    groups.sort_by_cached_key(|group| (group.names.to_lowercase(), group.id));
    groups
}

/// What the validator is asked about to learn of a group. It looks for a product of an id first: where that is one of another
/// group, or free, a product of the group stands for it. `products` are sorted by id.
pub(super) fn asked<'v>(group: &'v str, products: &'v [Product]) -> &'v str {
    let is_of_group = |product: &Product| product.group.as_ref().is_some_and(|own| own.as_str() == group);
    match products.binary_search_by(|product| product.id.as_str().cmp(group)) {
        Ok(at) if !is_of_group(&products[at]) => {
            products.iter().find(|product| is_of_group(product)).map_or(group, |product| product.id.as_str())
        }
        _ => group,
    }
}

fn group<'v>(id: &'v str, mut products: Vec<&'v Product>, config: &'v Config) -> GroupView<'v> {
    products.sort_by_cached_key(|product| (product.name.to_lowercase(), product.id.as_str()));
    let names: Vec<&str> = products.iter().map(|product| product.name.as_str()).collect();
    let renewals = || products.iter().map(|product| product.renew_url.as_ref().or(config.renew_url.as_ref()));
    // One license has one page; where products differ, each product's page tells.
    let renew_url = renewals().next().flatten().filter(|first| renewals().all(|url| url == Some(*first)));
    GroupView {
        id,
        names: names.join(", "),
        renew_url: renew_url.map(String::as_str),
        products: products
            .into_iter()
            .map(|product| GroupProductView { name: &product.name, href: format!("../{}/", product.id) })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use bandari_catalog::names::GroupId;

    use super::*;
    use crate::check::sample;

    fn product(id: &str, group: Option<&str>) -> Product {
        let group = group.map(|group| GroupId::parse(group).unwrap());
        Product { group, ..sample::module(id, &["1.0.0"]) }
    }

    #[test]
    fn a_group_is_asked_about_by_its_id_unless_that_is_a_product_of_others() {
        let lights = || product("beacon", Some("lights"));
        let harbor = || product("tides", Some("harbor"));
        assert_eq!(asked("lights", &[lights(), harbor()]), "lights");
        assert_eq!(asked("lights", &[lights(), product("lights", Some("lights"))]), "lights");
        assert_eq!(asked("lights", &[lights(), product("lights", None)]), "beacon");
        assert_eq!(asked("lights", &[lights(), product("lights", Some("harbor")), harbor()]), "beacon");
    }
}
