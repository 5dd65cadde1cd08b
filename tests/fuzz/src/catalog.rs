//! Catalogs: what the validator takes, it can offer; and writing what was read gives the same catalog.

use std::collections::BTreeSet;

use bandari_validator::fuzzing;

/// Tries one input.
///
/// # Panics
/// When something does not hold.
pub fn run(input: &[u8]) {
    let whole = bandari_catalog::read(input);
    let mut products = Vec::new();
    let site = bandari_catalog::read_products(input, |product| products.push(product));
    let catalog = match (whole, site) {
        (Ok(catalog), Ok(site)) => {
            assert_eq!((&catalog.site, &catalog.products), (&site, &products));
            catalog
        }
        (Err(error), Err(_)) => {
            assert!(!error.to_string().is_empty());
            assert!(fuzzing::offer(input).is_err());
            return;
        }
        (whole, site) => panic!("one reader takes it: {:?}, the other: {:?}", whole.err(), site.err()),
    };
    let written = bandari_catalog::write(&catalog);
    assert_eq!(bandari_catalog::read(&written).expect("it was just written"), catalog);
    let Ok(offer) = fuzzing::offer(input) else { return };
    let packages = || catalog.products.iter().flat_map(|product| &product.packages);
    assert_eq!(offer.package_count(), packages().count());
    let groups: BTreeSet<_> = catalog.products.iter().filter_map(|product| product.group.as_ref()).collect();
    assert!(offer.groups().eq(groups));
    fuzzing::offer(&written).expect("it is the same catalog");
}
