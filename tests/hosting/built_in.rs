//! The validator's own host: the same caching and types as elsewhere.

use bandari_tests::http::get;
use bandari_tests::shop::Shop;
use walkdir::WalkDir;

use super::rules;
use crate::programs;

#[test]
fn the_validator_gives_each_file_the_same_caching_as_other_hosts() {
    let shop = Shop::open(programs());
    let root = shop.path("output/public");
    for entry in WalkDir::new(&root).into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file()) {
        let file = entry.path().strip_prefix(&root).unwrap().to_str().unwrap();
        if file.starts_with('_') {
            continue;
        }
        let answer = get(shop.port, &format!("/{}", file.strip_suffix("index.html").unwrap_or(file)), &[]);
        let rule = rules::of(file);
        assert_eq!(answer.status, 200, "{file}");
        assert_eq!(answer.header("cache-control"), Some(rule.cache_control), "{file}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{file}");
        let disposition = rule.package.map(|name| format!("attachment; filename=\"{name}\""));
        assert_eq!(answer.header("content-disposition"), disposition.as_deref(), "{file}");
    }
}
