//! Who a new site's vendor is, as far as packages tell: the author of the newest package of most extensions.

use std::collections::BTreeMap;

/// The author of most extensions; of those of equally many, the one that comes first.
pub(crate) fn vendor(authors: &[String]) -> Option<&str> {
    // How many there are of each, and the place of the first.
    let mut found: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (place, author) in authors.iter().enumerate() {
        found.entry(author).or_insert((0, place)).0 += 1;
    }
    let most = found.into_iter().min_by_key(|&(_, (times, place))| (std::cmp::Reverse(times), place));
    most.map(|(author, _)| author)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vendor_of(authors: &[&str]) -> Option<String> {
        let authors: Vec<String> = authors.iter().map(|author| (*author).to_owned()).collect();
        vendor(&authors).map(str::to_owned)
    }

    #[test]
    fn the_author_of_most_extensions_is_the_vendor() {
        assert_eq!(vendor_of(&["Ada", "Mwambao", "Mwambao"]).as_deref(), Some("Mwambao"));
        assert_eq!(vendor_of(&[]), None);
    }

    #[test]
    fn of_authors_of_equally_many_the_first_is_the_vendor() {
        assert_eq!(vendor_of(&["Mwambao", "Ada", "Ada", "Mwambao"]).as_deref(), Some("Mwambao"));
    }
}
