//! What a vendor's own monitoring sees: the log, the metrics, and whether the validator is ready.

mod lines;
mod numbers;
mod ready;

use bandari_tests::http::{self, Answer};
use bandari_tests::shop::Shop;

use crate::programs;

/// Asks the private listener.
fn ask(shop: &Shop, path: &str) -> Answer {
    http::get(shop.private_port, path, &[])
}

#[test]
fn the_private_listener_answers_get_and_head_at_its_addresses_and_nothing_else() {
    let shop = Shop::open(programs());
    for path in ["/healthz", "/readyz", "/metrics"] {
        let head = http::request(shop.private_port, "HEAD", path, &[], b"");
        assert_eq!((head.status, &head.body[..]), (200, &b""[..]), "{path}");
        let length: usize = head.header("content-length").unwrap().parse().unwrap();
        assert!(length > 0, "{path}");
        let post = http::request(shop.private_port, "POST", path, &[], b"");
        assert_eq!((post.status, post.header("allow")), (405, Some("GET, HEAD")), "{path}");
        assert_eq!(shop.get(path).status, 404, "customers see nothing of it");
    }
    for path in ["/", "/metrics/", "/download/lighthouse_110"] {
        assert_eq!(ask(&shop, path).status, 404, "{path}");
    }
}
