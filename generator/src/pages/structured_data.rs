//! What a product's page tells search engines: schema.org's `SoftwareApplication` as JSON-LD.

use serde_json::{Map, Value, json};

use super::texts::Texts;
use crate::config::Config;
use crate::product::{Product, Release};

/// The data of a product, such that it may stand in a `<script>` of HTML: whatever is in it cannot end that element.
pub(super) fn of_product(product: &Product, texts: &Texts, config: &Config) -> String {
    let url = format!("{}/{}/", config.public_url, product.id);
    let mut data = json!({
        "@context": "https://schema.org",
        "@type": "SoftwareApplication",
        "name": product.name,
        "url": url,
        "inLanguage": texts.tag.as_str(),
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
        if product.group.is_none() {
            add("offers", Some(json!({ "@type": "Offer", "price": 0, "priceCurrency": "USD" })));
        }
        if let Some(latest) = product.latest() {
            members.append(&mut of_release(product, latest, &url, config));
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
