//! `_redirects`, and that it is in the way of nothing.

use super::{built, built_with, served_files};

/// From, to and status of each line.
fn parse(text: &str) -> Vec<(String, String, String)> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let parts = |line: &str| {
        let parts: Vec<&str> = line.split(' ').collect();
        assert_eq!(parts.len(), 3, "{line}");
        (parts[0].to_owned(), parts[1].to_owned(), parts[2].to_owned())
    };
    lines.map(parts).collect()
}

#[test]
fn addresses_of_the_main_language_lead_to_its_pages() {
    let site = built("https://www.example.org/downloads");
    let expected = [
        ("/downloads/favicon.ico", "/downloads/assets/icon.svg"),
        ("/downloads/en", "/downloads/"),
        ("/downloads/en/", "/downloads/"),
        ("/downloads/en/:page", "/downloads/:page/"),
        ("/downloads/en/:page/", "/downloads/:page/"),
    ];
    let expected = expected.map(|(from, to)| (from.to_owned(), to.to_owned(), "302".to_owned()));
    assert_eq!(parse(&site.text("output/public/_redirects")), expected);
}

/// Cloudflare follows a redirect whatever is there. A product may well be called as the main language is.
#[test]
fn no_redirect_is_in_the_way_of_a_file() {
    let product = "kind = 'file'\npattern = 'en-{version}.txt'\nname = 'English'\nid = 'en'\n";
    let more = [("packages/en/product.toml", product), ("packages/en/en-1.0.txt", "All in English.\n")];
    for site in [built("https://updates.example.org"), built_with("https://updates.example.org", &more)] {
        let is_product = site.path("output/public/en").exists();
        let redirects = parse(&site.text("output/public/_redirects"));
        assert_eq!(redirects.iter().any(|(from, ..)| from.starts_with("/en/")), !is_product);
        for (from, ..) in &redirects {
            let fixed = from.split(':').next().unwrap();
            let is_hidden = |address: &str| match fixed == from {
                true => address == fixed,
                false => address.starts_with(fixed),
            };
            for (_, address) in served_files(&site) {
                assert!(!is_hidden(&address), "{from} hides {address}");
            }
        }
    }
}
