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
    // The validator looks for a product of an id first: where that is one of another group, a product of the group stands
    // for it.
    let is_hidden = |group: &str| {
        let of_that_name = products.iter().find(|product| product.id.as_str() == group);
        of_that_name.is_some_and(|product| product.group.as_ref().is_none_or(|own| own.as_str() != group))
    };
    let asked = |group: &'v str, of_group: &[&'v Product]| match of_group {
        [first, ..] if is_hidden(group) => first.id.as_str(),
        _ => group,
    };
    let mut groups: Vec<GroupView<'v>> =
        by_id.into_iter().map(|(id, products)| group(asked(id, &products), products, config)).collect();
    groups.sort_by_cached_key(|group| (group.names.to_lowercase(), group.id));
    groups
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
