//! Our order of versions against real PHP's, pair by pair.

use std::cmp::Ordering;

use bandari_catalog::version::php_version_compare;

/// Pairs with the answer of `version_compare` in PHP 8.2.36; strings are JSON.
const PAIRS: &str = include_str!("../../../tests/php-version-compare.tsv");

#[test]
fn versions_are_ordered_as_php_orders_them() {
    let mut pairs = 0;
    let mut wrong = Vec::new();
    for line in PAIRS.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let a: String = serde_json::from_str(fields[0]).unwrap();
        let b: String = serde_json::from_str(fields[1]).unwrap();
        let expected = match fields[2] {
            "-1" => Ordering::Less,
            "0" => Ordering::Equal,
            "1" => Ordering::Greater,
            other => panic!("`{other}` is no answer of version_compare"),
        };
        let found = php_version_compare(&a, &b);
        if found != expected {
            wrong.push(format!("{a:?} against {b:?}: found {found:?}, expected {expected:?}"));
        }
        pairs += 1;
    }
    assert_eq!(wrong, [] as [String; 0]);
    assert_eq!(pairs, 2_016);
}
