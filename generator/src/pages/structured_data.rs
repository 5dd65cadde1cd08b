//! What a product's page tells search engines: schema.org's `SoftwareApplication` as JSON-LD.

use serde_json::{Map, Value, json};

use crate::config::Config;
use crate::product::{Product, Release};

/// The data of a product for its page at `url`, such that it may stand in a `<script>` of HTML: whatever is in it cannot end that
/// element. It says nothing of languages: those of the product are not known, and that of the page is the page's.
pub(super) fn of_product(product: &Product, url: &str, config: &Config) -> String {
    let mut data = json!({
        "@context": "https://schema.org",
        "@type": "SoftwareApplication",
        "name": product.name,
        "url": url,
        "isAccessibleForFree": product.group.is_none(),
        "publisher": { "@type": "Organization", "name": config.vendor, "url": format!("{}/", config.public_url) },
    });
    if let Some(members) = data.as_object_mut() {
        let mut add = |name: &str, value: Option<Value>| {
            members.extend(value.map(|value| (name.to_owned(), value)));
        };
        add("description", product.summary.as_ref().map(|summary| json!(summary)));
        add("sameAs", product.homepage.as_ref().map(|homepage| json!(homepage)));
        if product.extension.is_some() {
            add("applicationCategory", Some(json!("DeveloperApplication")));
        }
        if product.group.is_none() && product.latest().is_some() {
            add("offers", Some(json!({ "@type": "Offer", "price": 0, "priceCurrency": "USD" })));
        }
        if let Some(latest) = product.latest() {
            members.append(&mut of_release(product, latest, url, config));
        }
    }
    // `<` alone could begin the end of the element, `&` is for readers that take the page for XML.
    data.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

fn of_release(product: &Product, release: &Release, url: &str, config: &Config) -> Map<String, Value> {
    let version = release.version.as_str();
    let mut members = Map::new();
    let mut add = |name: &str, value: Value| {
        members.insert(name.to_owned(), value);
    };
    add("softwareVersion", json!(version));
    add("releaseNotes", json!(format!("{url}#{version}")));
    add("fileSize", json!(format!("{} bytes", release.stamp.size_bytes)));
    if let Some(date) = release.date() {
        add("datePublished", json!(date.to_string()));
    }
    if let Some(joomla) = &release.joomla {
        add("operatingSystem", json!(format!("Joomla {}", joomla.for_people())));
    }
    if let Some(php) = &release.php {
        add("softwareRequirements", json!(format!("PHP {php}")));
    }
    if product.group.is_none() {
        add("downloadUrl", json!(product.download_address(release, config)));
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;

    const URL: &str = "https://u.example/de/tides/";

    fn data(product: &Product) -> Value {
        serde_json::from_str(&of_product(product, URL, &sample::config())).unwrap()
    }

    #[test]
    fn a_product_is_told_as_its_page_has_it() {
        let mut product = sample::module("tides", &["2.0.0-beta1", "1.1.0"]);
        product.summary = Some("Tides".to_owned());
        assert_eq!(
            data(&product),
            json!({
                "@context": "https://schema.org",
                "@type": "SoftwareApplication",
                "name": "tides",
                "url": "https://u.example/de/tides/",
                "description": "Tides",
                "applicationCategory": "DeveloperApplication",
                "isAccessibleForFree": true,
                "offers": { "@type": "Offer", "price": 0, "priceCurrency": "USD" },
                "publisher": { "@type": "Organization", "name": "V", "url": "https://u.example/" },
                "softwareVersion": "1.1.0",
                "releaseNotes": "https://u.example/de/tides/#1.1.0",
                "fileSize": "0 bytes",
                "operatingSystem": "Joomla 4.4 – 6",
                "softwareRequirements": "PHP 8.1",
                "downloadUrl": "https://u.example/files/tides/mod_tides-1.1.0.zip",
            })
        );
    }

    #[test]
    fn what_is_no_longer_offered_has_no_version_and_no_price() {
        let mut product = sample::module("tides", &["1.0.0"]);
        product.releases[0].withdrawn = true;
        let data = data(&product);
        for absent in ["softwareVersion", "downloadUrl", "offers"] {
            assert!(data.get(absent).is_none(), "{absent}");
        }
    }

    #[test]
    fn nothing_in_it_ends_the_element_around_it() {
        let mut product = sample::module("tides", &["1.0.0"]);
        product.name = "</script><!-- & \"'".to_owned();
        let text = of_product(&product, URL, &sample::config());
        assert!(!text.contains(['<', '>', '&']), "{text}");
        assert_eq!(data(&product)["name"], "</script><!-- & \"'");
    }
}
