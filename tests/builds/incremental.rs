//! What builds remember of each other in the cache beside the output, when they believe it, and when not.

use std::process::Command;

use super::*;

const CACHE: &str = ".output.bandari-cache";

/// Long enough ago that nobody can have changed a file since without another time.
const OLD: SystemTime = SystemTime::UNIX_EPOCH;

/// Lets every file below `packages/` have been there for long.
fn settle(site: &Site) {
    for path in site.tree("packages").into_keys() {
        site.set_modified(&format!("packages/{path}"), OLD + Duration::from_secs(1_700_000_000));
    }
    // Longer than a tick of the file system's clock: when that was done, nobody can set.
    std::thread::sleep(Duration::from_millis(50));
}

/// [`harbor`] with files that have been there for long, built once.
fn settled_harbor() -> Site {
    let site = harbor();
    settle(&site);
    assert_eq!(packages_read(&site), 4);
    site
}

/// Builds, and tells how many packages were read for it.
#[track_caller]
fn packages_read(site: &Site) -> u64 {
    let run = site.build(&["--json"]);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    serde_json::from_str::<serde_json::Value>(&run.stdout).unwrap()["packages_read"].as_u64().unwrap()
}

/// The output is what a build without any cache into an empty folder makes.
#[track_caller]
fn assert_as_if_new(site: &Site) {
    assert_eq!(site.build(&["--no-cache", "--output", "anew"]).code, 0);
    let (output, anew) = (site.tree("output"), site.tree("anew"));
    // What was published once is remembered for ever.
    let published = |tree: &std::collections::BTreeMap<String, Vec<u8>>| {
        let mut tree = tree.clone();
        tree.retain(|path, _| path.starts_with("public/") || path.starts_with("protected/"));
        tree
    };
    assert_eq!(published(&output), published(&anew));
    fs::remove_dir_all(site.path("anew")).unwrap();
}

#[test]
fn a_build_in_which_nothing_changed_says_so_and_reads_no_package() {
    let site = settled_harbor();
    let (output, cache) = (site.stamps("output"), site.stamps(""));
    assert_eq!(packages_read(&site), 0);
    assert_eq!(build(&site), "3 products with 4 packages in `output`: 0 written, 26 unchanged, 0 removed\n");
    assert_eq!(site.stamps("output"), output);
    assert_eq!(site.stamps("")[CACHE], cache[CACHE], "there was nothing new to remember");
    assert_as_if_new(&site);
}

#[test]
fn warnings_are_told_again_when_nothing_changed() {
    let site = site().with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    settle(&site);
    let first = site.build(&[]).stderr;
    assert!(first.starts_with("warning[BND308]: `mod_tides-1.0.0.zip`: found no `joomla` range"), "{first}");
    assert_eq!(site.build(&[]).stderr, first);
}

#[test]
fn only_the_package_that_changed_is_read_again() {
    let site = settled_harbor().with("tides/mod_tides-1.2.0.zip", module("mod_tides", "1.2.0"));
    assert_eq!(packages_read(&site), 1);
    assert_eq!(feed(&site, "tides").len(), 3);
    assert_as_if_new(&site);
}

#[test]
fn a_package_that_is_gone_is_forgotten_and_the_others_are_not_read() {
    let site = settled_harbor();
    let with = fs::metadata(site.path(CACHE)).unwrap().len();
    fs::remove_file(site.path("packages/tides/mod_tides-1.0.0.zip")).unwrap();
    assert_eq!(packages_read(&site), 0);
    assert_eq!(feed(&site, "tides").len(), 1);
    assert!(fs::metadata(site.path(CACHE)).unwrap().len() < with);
    assert_as_if_new(&site);
}

#[test]
fn another_product_file_counts_without_a_package_being_read() {
    let site = settled_harbor().with("tides/product.toml", "joomla = '>=5'\nsummary = 'High and low'");
    assert_eq!(packages_read(&site), 0);
    assert_eq!(feed(&site, "tides")[0]["description"], "High and low");
    assert_as_if_new(&site);
}

#[test]
fn a_file_that_becomes_a_package_by_its_product_file_is_read() {
    let site = site()
        .with("tides/product.toml", "kind = 'file'\npattern = 'mod_tides-{version}.zip'\nname = 'Tides'")
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    settle(&site);
    assert_eq!(packages_read(&site), 1);
    let site = site.with("tides/product.toml", "joomla = '>=5'");
    assert_eq!(packages_read(&site), 1);
    assert_eq!(feed(&site, "tides")[0]["element"], "mod_tides");
}

#[test]
fn another_title_in_the_configuration_counts() {
    let site = settled_harbor().config(&CONFIG.replace("Harbor Downloads", "Quay Downloads"));
    assert_eq!(packages_read(&site), 0);
    assert!(site.text("output/public/index.html").contains("Quay Downloads"));
    assert_as_if_new(&site);
}

#[test]
fn what_refusals_tell_customers_counts_without_a_package_being_read() {
    let site = settled_harbor();
    let catalog = "output/public/catalog.json";
    for (key, address) in [
        ("renew_url", "https://shop.example.org/renew"),
        ("account_url", "https://shop.example.org/account"),
        ("support_url", "mailto:help@example.org"),
    ] {
        site.put("bandari.toml", format!("{CONFIG}{key} = '{address}'\n"));
        assert_eq!(packages_read(&site), 0);
        assert!(site.text(catalog).contains(&format!(r#""{key}": "{address}""#)), "{}", site.text(catalog));
        assert_as_if_new(&site);
        site.put("bandari.toml", CONFIG);
        assert_eq!(packages_read(&site), 0);
        assert!(!site.text(catalog).contains(key), "{}", site.text(catalog));
    }
    let product_file = site.text("packages/beacon/product.toml");
    for (line, told) in [
        ("renew_url = 'https://beacon.example/renew'", r#""renew_url": "https://beacon.example/renew""#),
        ("after_expiry = 'older-releases'", r#""after_expiry": "older-releases""#),
    ] {
        site.put("packages/beacon/product.toml", format!("{product_file}\n{line}"));
        assert_eq!(packages_read(&site), 0);
        assert!(site.text(catalog).contains(told), "{}", site.text(catalog));
        assert_as_if_new(&site);
        site.put("packages/beacon/product.toml", &product_file);
        assert_eq!(packages_read(&site), 0);
        assert!(!site.text(catalog).contains(told), "{}", site.text(catalog));
    }
}

#[test]
fn a_changed_template_of_the_vendors_counts() {
    let site = harbor().config(&format!("{CONFIG}templates = 'templates'\n"));
    settle(&site);
    for text in ["Ahoy", "Fair winds"] {
        site.put("templates/pages/index.html", text);
        build(&site);
        assert_eq!(site.text("output/public/index.html"), text);
    }
    assert_as_if_new(&site);
}

#[test]
fn bytes_that_change_under_the_old_size_and_time_are_noticed() {
    let site = settled_harbor();
    let zip = "packages/tides/mod_tides-1.1.0.zip";
    let modified = fs::metadata(site.path(zip)).unwrap().modified().unwrap();
    let mut bytes = fs::read(site.path(zip)).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    site.put(zip, bytes);
    site.set_modified(zip, modified);
    let run = site.build(&[]);
    assert_eq!((run.code, &*run.stdout), (1, ""), "{}", run.stderr);
    assert!(run.stderr.contains("error[BND101]: `tides/mod_tides-1.1.0.zip`"), "{}", run.stderr);
}

#[test]
fn a_package_that_was_just_written_when_it_was_read_is_read_again() {
    let site = harbor();
    // From the future, so that a slow machine does not make them old.
    for path in site.tree("packages").into_keys().map(|path| format!("packages/{path}")) {
        let written = fs::metadata(site.path(&path)).unwrap().modified().unwrap();
        site.set_modified(&path, written + Duration::from_secs(3_600));
    }
    assert_eq!(packages_read(&site), 4);
    assert_eq!(packages_read(&site), 4);
    settle(&site);
    assert_eq!(packages_read(&site), 4, "they have other times now");
    assert_eq!(packages_read(&site), 0);
}

#[test]
fn problems_are_told_again_without_reading_and_what_was_good_is_remembered() {
    let site = harbor().with("waves/mod_waves-1.0.0.zip", "no zip");
    settle(&site);
    let first = site.build(&[]);
    assert_eq!(first.code, 1);
    assert!(!site.path("output").exists() && site.path(CACHE).exists());
    assert_eq!(site.build(&[]), first);
    fs::remove_dir_all(site.path("packages/waves")).unwrap();
    assert_eq!(packages_read(&site), 0);
    assert_as_if_new(&site);
}

#[test]
fn a_digest_that_is_wanted_now_makes_every_package_be_read() {
    let site = settled_harbor().config(&format!("{CONFIG}digests = ['sha256', 'sha512']\n"));
    assert_eq!(packages_read(&site), 4);
    assert!(feed(&site, "tides")[0].contains_key("sha512"));
    assert_as_if_new(&site);
    let site = site.config(CONFIG);
    assert_eq!(packages_read(&site), 0);
    assert!(!feed(&site, "tides")[0].contains_key("sha512"));
    assert_as_if_new(&site);
}

/// A cache with these bytes is thrown away in one line, and the build is right without it.
#[track_caller]
fn assert_thrown_away(site: &Site, bytes: &[u8], reason: &str) {
    site.put(CACHE, bytes);
    assert_thrown_away_as_it_is(site, reason);
}

#[track_caller]
fn assert_thrown_away_as_it_is(site: &Site, reason: &str) {
    let cache = site.path(CACHE).canonicalize().unwrap();
    let run = site.build(&["--json"]);
    let notice = format!("notice: the cache `{}` is thrown away: {reason}\n", cache.display());
    assert_eq!((run.code, run.stderr), (0, notice));
    let result: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&result["packages_read"], &result["files_unchanged"]), (&json!(4), &json!(26)));
    assert_eq!(packages_read(site), 0, "a new one is in its place");
}

#[test]
fn a_damaged_cache_is_thrown_away_in_one_line() {
    let site = settled_harbor();
    let whole = fs::read(site.path(CACHE)).unwrap();
    assert_thrown_away(&site, b"", "it is damaged");
    assert_thrown_away(&site, b"{}", "it is damaged");
    assert_thrown_away(&site, &whole[..whole.len() - 1], "it is damaged");
    let mut damaged = whole;
    *damaged.last_mut().unwrap() ^= 0x10;
    assert_thrown_away(&site, &damaged, "it is damaged");
}

#[test]
fn damaged_records_of_packages_are_noticed_when_they_are_wanted() {
    let site = settled_harbor();
    let mut damaged = fs::read(site.path(CACHE)).unwrap();
    // The records follow the header.
    damaged[200] ^= 0x10;
    site.put(CACHE, &damaged);
    assert_eq!(packages_read(&site), 0, "nothing changed, so nobody asked for a record");
    let product_file = site.text("packages/tides/product.toml");
    let site = site.with("tides/product.toml", product_file);
    assert_thrown_away(&site, &damaged, "it is damaged");
}

#[test]
fn a_cache_of_another_version_is_thrown_away_in_one_line() {
    let site = settled_harbor();
    let mut other = fs::read(site.path(CACHE)).unwrap();
    // The program's digest stands behind the sixteen bytes that every cache begins with.
    other[16] ^= 1;
    assert_thrown_away(&site, &other, "it is of another version");
}

#[test]
fn a_pipe_in_the_place_of_the_cache_is_not_waited_for() {
    let site = settled_harbor();
    fs::remove_file(site.path(CACHE)).unwrap();
    assert!(Command::new("mkfifo").arg(site.path(CACHE)).status().unwrap().success());
    assert_thrown_away_as_it_is(&site, "it is no regular file");
}

#[test]
fn a_quiet_build_throws_a_damaged_cache_away_without_a_word() {
    let site = settled_harbor();
    site.put(CACHE, "{}");
    assert_eq!(site.build(&["--quiet"]), Run { code: 0, stdout: String::new(), stderr: String::new() });
}

#[test]
fn a_build_without_a_cache_leaves_none_and_believes_none() {
    let site = harbor();
    settle(&site);
    assert_eq!(site.build(&["--no-cache"]).code, 0);
    assert!(!site.path(CACHE).exists());
    assert_eq!(packages_read(&site), 4);
    let before = site.stamps("")[CACHE];
    let run = site.build(&["--no-cache", "--json"]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&run.stdout).unwrap()["packages_read"], 4);
    assert_eq!(site.stamps("")[CACHE], before);
}

#[test]
fn the_cache_is_beside_the_output_and_nowhere_else() {
    let site = harbor();
    let packages = site.stamps("packages");
    build(&site);
    build(&site);
    assert_eq!(site.stamps("packages"), packages);
    let elsewhere: Vec<String> = site.tree("").into_keys().filter(|path| path.contains("cache")).collect();
    assert_eq!(elsewhere, [CACHE]);
}

#[test]
fn two_outputs_of_one_folder_have_caches_of_their_own() {
    let site = settled_harbor();
    let before = site.stamps("")[CACHE];
    let run = site.build(&["--output", "test", "--json"]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&run.stdout).unwrap()["packages_read"], 4);
    assert!(site.path(".test.bandari-cache").exists());
    assert_eq!(site.stamps("")[CACHE], before);
    assert_eq!(site.tree("test"), site.tree("output"));
}

#[test]
fn a_folder_in_which_no_cache_can_be_written_stops_no_build() {
    let site = harbor();
    fs::create_dir(site.path("output")).unwrap();
    site.permit("", 0o555);
    let run = site.build_unprivileged(&[]);
    site.permit("", 0o755);
    let cache = site.path("").canonicalize().unwrap().join(CACHE);
    let notice =
        format!("notice: no cache is kept in `{}`: Permission denied (os error 13)\n", cache.display());
    assert_eq!((run.code, run.stderr), (0, notice));
    assert!(site.path("output/public/catalog.json").exists());
}

#[test]
fn the_first_build_to_a_folder_deep_down_keeps_a_cache() {
    let site = harbor();
    let run = site.build(&["--output", "to/be/made"]);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    assert!(site.path("to/be/.made.bandari-cache").exists());
}

#[test]
fn a_first_build_that_is_refused_leaves_no_folders_for_its_output() {
    let site = harbor().with("waves/mod_waves-1.0.0.zip", "no zip");
    assert_eq!(site.build(&["--no-cache", "--output", "to/be/made"]).code, 1);
    assert!(!site.path("to").exists());
}

#[test]
fn what_a_killed_build_left_of_its_cache_is_removed() {
    let site = harbor();
    site.put(".bandari-tmp-4711-.output.bandari-cache", "half a cache");
    site.put(".bandari-tmp-4711-.test.bandari-cache", "of another output");
    build(&site);
    assert!(!site.path(".bandari-tmp-4711-.output.bandari-cache").exists());
    assert!(site.path(".bandari-tmp-4711-.test.bandari-cache").exists());
}

#[test]
fn whatever_happened_to_the_output_is_put_right_though_no_package_changed() {
    let site = settled_harbor();
    let before = site.tree("output");
    let page = "output/public/tides/index.html";
    let modified = fs::metadata(site.path(page)).unwrap().modified().unwrap();
    let text = site.text(page);
    // The same size and time: only the time of the change tells.
    site.put(page, text.replace("mod_tides", "mod_tidez"));
    site.set_modified(page, modified);
    assert_eq!(build(&site), "3 products with 4 packages in `output`: 1 written, 25 unchanged, 0 removed\n");
    fs::remove_file(site.path("output/public/beacon/updates.xml")).unwrap();
    assert_eq!(build(&site), "3 products with 4 packages in `output`: 1 written, 25 unchanged, 0 removed\n");
    site.put("output/public/files/tides/.bandari-tmp-4711-mod_tides-1.0.0.zip", "half a zip");
    assert_eq!(build(&site), "3 products with 4 packages in `output`: 0 written, 26 unchanged, 1 removed\n");
    fs::remove_file(site.path("output/.bandari-history.json")).unwrap();
    assert_eq!(build(&site), "3 products with 4 packages in `output`: 0 written, 26 unchanged, 0 removed\n");
    assert_eq!(site.tree("output"), before);
    assert_eq!(packages_read(&site), 0);
    fs::remove_dir_all(site.path("output")).unwrap();
    assert_eq!(build(&site), "3 products with 4 packages in `output`: 26 written, 0 unchanged, 0 removed\n");
    assert_eq!(site.tree("output"), before);
}
