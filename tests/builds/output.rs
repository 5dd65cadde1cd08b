//! What is published where, and that the same input gives the same output.

use super::*;

#[test]
fn two_builds_in_two_folders_are_the_same_byte_for_byte() {
    let (one, other) = (harbor(), harbor());
    other.set_modified("packages/tides/mod_tides-1.0.0.zip", SystemTime::UNIX_EPOCH);
    build(&one);
    build(&other);
    let tree = one.tree("output");
    assert_eq!(tree, other.tree("output"));
    assert_eq!(
        tree.keys().collect::<Vec<_>>(),
        [
            ".bandari-history.json",
            ".bandari.lock",
            "hosting/Caddyfile",
            "hosting/nginx.conf",
            "protected/beacon/plg_beacon-2.0.0.zip",
            "public/404.html",
            "public/_headers",
            "public/_redirects",
            "public/assets/icon.svg",
            "public/assets/script.js",
            "public/assets/style.css",
            "public/beacon/SHA256SUMS",
            "public/beacon/index.html",
            "public/beacon/updates.xml",
            "public/catalog.json",
            "public/collection.xml",
            "public/files/handbook/handbook-1.0.txt",
            "public/files/tides/mod_tides-1.0.0.zip",
            "public/files/tides/mod_tides-1.1.0.zip",
            "public/handbook/SHA256SUMS",
            "public/handbook/index.html",
            "public/index.html",
            "public/key/index.html",
            "public/robots.txt",
            "public/sitemap.xml",
            "public/tides/SHA256SUMS",
            "public/tides/index.html",
            "public/tides/updates.xml",
        ]
    );
}

#[test]
fn a_second_build_touches_no_file() {
    let site = harbor();
    assert_eq!(build(&site), "3 products with 4 packages in `output`: 26 written, 0 unchanged, 0 removed\n");
    let before = site.stamps("output");
    assert_eq!(build(&site), "3 products with 4 packages in `output`: 0 written, 26 unchanged, 0 removed\n");
    assert_eq!(site.stamps("output"), before);
}

#[test]
fn no_byte_of_a_licensed_package_is_in_the_public_folder() {
    let site = harbor();
    build(&site);
    let licensed = site.tree("packages")["beacon/plg_beacon-2.0.0.zip"].clone();
    assert_eq!(
        site.tree("output/protected"),
        [("beacon/plg_beacon-2.0.0.zip".into(), licensed.clone())].into()
    );
    let public: Vec<String> = site.tree("output/public").values().map(|bytes| sha256(bytes)).collect();
    assert!(!public.contains(&sha256(&licensed)));
    assert!(public.contains(&sha256(&module("mod_tides", "1.0.0"))), "the test looks where packages are");
}

#[test]
fn a_package_that_becomes_licensed_leaves_the_public_folder() {
    let site = tides();
    build(&site);
    let site = site.with("tides/product.toml", "joomla = '>=5'\ngroup = 'harbor'");
    build(&site);
    assert_eq!(site.tree("output/public/files"), [].into());
    assert_eq!(site.tree("output/protected").into_keys().collect::<Vec<_>>(), ["tides/mod_tides-1.0.0.zip"]);
}

#[test]
fn a_published_package_may_be_read_by_the_web_server() {
    let site = tides();
    site.permit("packages/tides/mod_tides-1.0.0.zip", 0o600);
    build(&site);
    assert_eq!(fs::metadata(site.path(TIDES_ZIP)).unwrap().permissions().mode() & 0o777, 0o644);
}

#[test]
fn a_published_package_has_the_time_of_its_source() {
    let site = tides();
    let time = SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_789);
    site.set_modified("packages/tides/mod_tides-1.0.0.zip", time);
    build(&site);
    assert_eq!(fs::metadata(site.path(TIDES_ZIP)).unwrap().modified().unwrap(), time);
}

#[test]
fn the_sums_of_a_product_are_those_of_its_files() {
    let site = harbor();
    build(&site);
    let expected: String = ["1.1.0", "1.0.0"]
        .map(|version| format!("{}  mod_tides-{version}.zip\n", sha256(&module("mod_tides", version))))
        .concat();
    assert_eq!(site.text("output/public/tides/SHA256SUMS"), expected);
}

#[test]
fn the_catalog_reads_back_and_names_files_that_are_there() {
    let site = harbor();
    build(&site);
    let catalog = bandari_catalog::read(&fs::read(site.path("output/public/catalog.json")).unwrap()).unwrap();
    let mut seen = Vec::new();
    for product in &catalog.products {
        let folder = if product.group.is_some() { "protected" } else { "public/files" };
        for Package { id, file, size_bytes, digests, .. } in &product.packages {
            let bytes = fs::read(site.path(&format!("output/{folder}/{}/{file}", product.id))).unwrap();
            assert_eq!(
                (*size_bytes, digests.sha256.to_string()),
                (bytes.len() as u64, sha256(&bytes)),
                "{id}"
            );
            seen.push(id.as_str());
        }
    }
    assert_eq!(seen, ["beacon-2.0.0", "handbook-1.0", "tides-1.1.0", "tides-1.0.0"]);
}

#[test]
fn a_template_of_the_vendors_that_fails_on_one_page_is_told_before_anything_is_written() {
    let site = harbor().config(&format!("{CONFIG}templates = 'templates'\n"));
    // Only the last product's page asks for what is not there.
    site.put("templates/pages/product.html", "{% if product.id == 'tides' %}{{ nowhere }}{% endif %}");
    let run = site.build(&[]);
    assert_eq!((run.code, &*run.stdout), (1, ""));
    assert!(run.stderr.starts_with("error: templates: "), "{}", run.stderr);
    assert!(!site.path("output").exists());
}

#[test]
fn a_folder_of_templates_that_is_not_there_is_refused() {
    let site = harbor().config(&format!("{CONFIG}templates = 'design'\n"));
    for command in ["build", "check"] {
        let run = site.run(&[command]);
        let expected = "error: configuration `bandari.toml`: found no folder `design`, expected the folder with your own \
                        templates, as `templates` says\n";
        assert_eq!((run.code, &*run.stderr), (2, expected), "{command}");
    }
}
