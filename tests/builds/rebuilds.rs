//! What a build does with what earlier ones published.

use super::*;

#[test]
fn other_bytes_under_a_published_name_are_refused_and_nothing_changes() {
    let site = tides();
    build(&site);
    let before = site.stamps("output");
    let site = site
        .with("tides/mod_tides-1.0.0.zip", changed_tides())
        .with("tides/mod_tides-1.1.0.zip", module("mod_tides", "1.1.0"));
    let run = site.build(&[]);
    assert_eq!(
        run,
        Run {
            code: 1,
            stdout: String::new(),
            stderr: "error: 1 published file would change under the same name: nothing was written. \
                     Give the package a new version, or use `--force`: public/files/tides/mod_tides-1.0.0.zip\n"
                .into(),
        }
    );
    assert_eq!(site.stamps("output"), before);
}

#[test]
fn other_bytes_under_a_published_name_are_taken_by_force() {
    let site = tides();
    build(&site);
    let site = site.with("tides/mod_tides-1.0.0.zip", changed_tides());
    assert_eq!(site.build(&["--force"]).code, 0);
    assert_eq!(fs::read(site.path(TIDES_ZIP)).unwrap(), changed_tides());
    assert_eq!(feed(&site, "tides")[0]["sha256"], sha256(&changed_tides()));
}

#[test]
fn a_removed_package_disappears_and_foreign_files_stay() {
    let site = harbor();
    build(&site);
    site.put("output/public/.well-known/security.txt", "Contact: harbor@example.org");
    site.put("output/public/CNAME", "updates.example.org");
    site.put("output/public/tides/screenshot.png", "PNG");
    fs::remove_file(site.path("packages/tides/mod_tides-1.0.0.zip")).unwrap();
    fs::remove_dir_all(site.path("packages/beacon")).unwrap();
    assert_eq!(build(&site), "2 products with 2 packages in `output`: 9 written, 11 unchanged, 6 removed\n");
    let tree = site.tree("output");
    assert_eq!(
        tree.keys().collect::<Vec<_>>(),
        [
            ".bandari-history.json",
            ".bandari.lock",
            "hosting/Caddyfile",
            "hosting/nginx.conf",
            "public/.well-known/security.txt",
            "public/404.html",
            "public/CNAME",
            "public/_headers",
            "public/_redirects",
            "public/assets/icon.svg",
            "public/assets/script.js",
            "public/assets/style.css",
            "public/catalog.json",
            "public/collection.xml",
            "public/files/handbook/handbook-1.0.txt",
            "public/files/tides/mod_tides-1.1.0.zip",
            "public/handbook/SHA256SUMS",
            "public/handbook/index.html",
            "public/index.html",
            "public/robots.txt",
            "public/sitemap.xml",
            "public/tides/SHA256SUMS",
            "public/tides/index.html",
            "public/tides/screenshot.png",
            "public/tides/updates.xml",
        ]
    );
    assert_eq!(feed(&site, "tides").len(), 1);
    assert!(!site.path("output/public/beacon").exists(), "a folder with nothing in it goes too");
}

#[test]
fn an_emptied_package_folder_does_not_empty_the_site() {
    let site = tides();
    build(&site);
    let before = site.stamps("output");
    fs::remove_dir_all(site.path("packages/tides")).unwrap();
    let stderr = "error: no package in `packages`: nothing was written\n".to_owned();
    assert_eq!(site.build(&[]), Run { code: 1, stdout: String::new(), stderr });
    assert_eq!(site.stamps("output"), before);
}

#[test]
fn what_a_killed_build_left_behind_is_removed() {
    let site = tides();
    site.put("output/public/files/tides/.bandari-tmp-12345-mod_tides-1.0.0.zip", "half a zip");
    site.put("output/public/.bandari-tmp-12345-catalog.json", "{");
    site.put("output/.bandari-tmp-12345-.bandari-history.json", "{");
    site.put("output/public/tides/.notes", "not ours");
    assert_eq!(build(&site), "1 product with 1 package in `output`: 17 written, 0 unchanged, 3 removed\n");
    let is_hidden = |path: &String| path.starts_with('.') || path.contains("/.");
    let hidden: Vec<String> = site.tree("output").into_keys().filter(is_hidden).collect();
    assert_eq!(hidden, [".bandari-history.json", ".bandari.lock", "public/tides/.notes"]);
}

#[test]
fn a_published_package_with_another_time_is_given_that_of_its_source() {
    // With it, the next build need not read it.
    let site = tides();
    build(&site);
    let modified = |path: &str| fs::metadata(site.path(path)).unwrap().modified().unwrap();
    site.set_modified(TIDES_ZIP, SystemTime::UNIX_EPOCH);
    assert_eq!(build(&site), "1 product with 1 package in `output`: 0 written, 17 unchanged, 0 removed\n");
    assert_eq!(modified(TIDES_ZIP), modified("packages/tides/mod_tides-1.0.0.zip"));
}

#[test]
fn a_published_package_that_was_damaged_is_repaired() {
    let site = tides();
    build(&site);
    let whole = fs::read(site.path(TIDES_ZIP)).unwrap();
    let mut damaged = whole.clone();
    damaged[10] ^= 1;
    site.put(TIDES_ZIP, damaged);
    site.set_modified(TIDES_ZIP, SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000));
    assert_eq!(build(&site), "1 product with 1 package in `output`: 1 written, 16 unchanged, 0 removed\n");
    assert_eq!(fs::read(site.path(TIDES_ZIP)).unwrap(), whole);
}

#[test]
fn a_published_package_that_was_damaged_and_kept_its_time_is_repaired_without_the_cache() {
    let site = tides();
    build(&site);
    let whole = fs::read(site.path(TIDES_ZIP)).unwrap();
    let mut damaged = whole.clone();
    damaged[10] ^= 1;
    let time = fs::metadata(site.path(TIDES_ZIP)).unwrap().modified().unwrap();
    site.put(TIDES_ZIP, damaged);
    site.set_modified(TIDES_ZIP, time);
    let run = site.build(&["--no-cache"]);
    assert_eq!(run.stdout, "1 product with 1 package in `output`: 1 written, 16 unchanged, 0 removed\n");
    assert_eq!(fs::read(site.path(TIDES_ZIP)).unwrap(), whole);
    let before = site.stamps("output");
    assert_eq!(site.build(&["--no-cache"]).code, 0);
    assert_eq!(site.stamps("output"), before, "what is sound is left alone");
}

#[test]
fn a_build_that_fails_half_way_names_no_file_that_is_not_there() {
    let site = harbor();
    // A folder where the last feed belongs: the build gets as far as that.
    fs::create_dir_all(site.path("output/public/tides/updates.xml")).unwrap();
    let run = site.build(&[]);
    assert_eq!((run.code, &*run.stdout), (1, ""));
    assert_eq!(
        run.stderr,
        "error: cannot write `output/public/tides/updates.xml`: Is a directory (os error 21)\n"
    );
    let tree = site.tree("output");
    assert!(tree.contains_key("public/beacon/updates.xml"), "the build got as far as the feeds");
    assert!(tree.contains_key("protected/beacon/plg_beacon-2.0.0.zip"));
    assert!(!tree.contains_key("public/catalog.json"), "the catalog comes last");
    assert!(!tree.contains_key("public/collection.xml"), "a feed that is not there is named nowhere");
    assert!(!tree.keys().any(|path| path.contains(".bandari-tmp-")), "nothing half done is left");
}

#[test]
fn a_removal_that_fails_half_way_leaves_nothing_that_names_what_is_gone() {
    for product in ["beacon", "tides"] {
        let site = harbor();
        build(&site);
        let package = match product {
            "beacon" => "output/protected/beacon/plg_beacon-2.0.0.zip",
            _ => TIDES_ZIP,
        };
        // A folder where a package was: the removal gets as far as that.
        fs::remove_file(site.path(package)).unwrap();
        fs::create_dir(site.path(package)).unwrap();
        fs::remove_dir_all(site.path("packages").join(product)).unwrap();
        let run = site.build(&[]);
        assert_eq!(run.code, 1);
        assert_eq!(run.stderr, format!("error: cannot remove `{package}`: Is a directory (os error 21)\n"));
        let left = site.tree(&format!("output/public/{product}"));
        assert_eq!(left.keys().collect::<Vec<_>>(), Vec::<&String>::new());
        fs::remove_dir(site.path(package)).unwrap();
        build(&site);
    }
}

#[test]
fn a_catalog_that_cannot_be_read_stops_the_build_unless_forced() {
    let site = tides();
    site.put("output/public/catalog.json", "{}");
    let run = site.build(&[]);
    assert_eq!((run.code, &*run.stdout), (1, ""));
    assert_eq!(
        run.stderr,
        "error: `output/public/catalog.json`: not a catalog: missing field `format` at line 1 column 2. \
         Put the file right, or use `--force` to replace it\n"
    );
    assert_eq!(site.build(&["--force"]).code, 0);
}

#[test]
fn a_build_beside_another_is_refused_before_it_reads_or_removes_anything() {
    let site = tides().with("waves/mod_waves-1.0.0.zip", "no zip");
    site.put("output/.bandari.lock", "");
    site.put(".bandari-tmp-4711-.output.bandari-cache", "the other's cache in the making");
    let lock = File::open(site.path("output/.bandari.lock")).unwrap();
    lock.lock().unwrap();
    let before = site.stamps("");
    for arguments in [&[] as &[_], &["--no-cache"], &["--force", "--keep-going"]] {
        let stderr = "error: another build is writing to `output`\n".to_owned();
        assert_eq!(site.build(arguments), Run { code: 1, stdout: String::new(), stderr });
    }
    assert_eq!(site.stamps(""), before);
    lock.unlock().unwrap();
    fs::remove_dir_all(site.path("packages/waves")).unwrap();
    build(&site);
}

#[test]
fn a_release_that_is_withdrawn_later_loses_its_file() {
    let site = harbor();
    build(&site);
    assert!(site.path(TIDES_ZIP).exists());
    let site = site.with("tides/product.toml", WITHDRAWN);
    build(&site);
    assert!(!site.path(TIDES_ZIP).exists());
}

#[test]
fn a_withdrawn_release_cannot_come_back_with_other_bytes() {
    let site = harbor();
    build(&site);
    let site = site.with("tides/product.toml", WITHDRAWN);
    build(&site);
    let site = site.with("tides/product.toml", "joomla = '>=4.4, <7'").with(
        "tides/mod_tides-1.0.0.zip",
        Zip::new()
            .file("mod_tides.xml", module_manifest("mod_tides", "1.0.0"))
            .file("new.php", "<?php")
            .bytes(),
    );
    let run = site.build(&[]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("1 published file would change under the same name"), "{}", run.stderr);
    assert!(!site.path(TIDES_ZIP).exists());
}

#[test]
fn a_release_that_was_never_published_may_be_mended_while_it_is_withdrawn() {
    let site = harbor().with("tides/product.toml", WITHDRAWN);
    build(&site);
    let history = site.text("output/.bandari-history.json");
    build(&site);
    assert_eq!(site.text("output/.bandari-history.json"), history, "a second build published nothing");
    let site = site
        .with("tides/mod_tides-1.0.0.zip", changed_tides())
        .with("tides/product.toml", "joomla = '>=4.4, <7'\nphp = '8.1'");
    build(&site);
    assert_eq!(fs::read(site.path(TIDES_ZIP)).unwrap(), changed_tides());
}

#[test]
fn a_withdrawn_release_cannot_come_back_with_other_bytes_either_where_only_the_catalog_is_left() {
    let site = harbor().with("tides/product.toml", WITHDRAWN);
    build(&site);
    fs::remove_file(site.path("output/.bandari-history.json")).unwrap();
    let site = site
        .with("tides/mod_tides-1.0.0.zip", changed_tides())
        .with("tides/product.toml", "joomla = '>=4.4, <7'");
    let run = site.build(&[]);
    assert!(run.stderr.contains("1 published file would change under the same name"), "{}", run.stderr);
}

#[test]
fn a_file_that_a_killed_build_did_not_remove_goes_with_the_next() {
    let site = harbor();
    build(&site);
    let history = site.text("output/.bandari-history.json");
    let licensed = site.with("tides/product.toml", "group = 'tides'\njoomla = '>=4.4, <7'");
    build(&licensed);
    // As if that build had ended between its catalog and its removals.
    licensed.put("output/.bandari-history.json", history);
    licensed.put(TIDES_ZIP, module("mod_tides", "1.0.0"));
    build(&licensed);
    assert!(!licensed.path(TIDES_ZIP).exists(), "a licensed package is still public");
}

#[test]
fn bytes_that_a_killed_build_published_keep_their_name() {
    let site = harbor();
    build(&site);
    let catalog = site.text("output/public/catalog.json");
    let site = site.with("tides/mod_tides-1.2.0.zip", module("mod_tides", "1.2.0"));
    build(&site);
    // As if that build had ended between its feeds and its catalog.
    site.put("output/public/catalog.json", catalog);
    let other =
        Zip::new().file("mod_tides.xml", module_manifest("mod_tides", "1.2.0")).file("new.php", "<?php");
    let site = site.with("tides/mod_tides-1.2.0.zip", other.bytes());
    let run = site.build(&[]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("public/files/tides/mod_tides-1.2.0.zip"), "{}", run.stderr);
}

#[test]
fn forced_bytes_of_the_same_size_and_time_are_published() {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let zip = |byte: u8| {
        Zip::new().file("mod_tides.xml", module_manifest("mod_tides", "1.0.0")).file("a.php", [byte])
    };
    let site = tides().with("tides/mod_tides-1.0.0.zip", zip(b'a').bytes());
    site.set_modified("packages/tides/mod_tides-1.0.0.zip", time);
    build(&site);
    let site = site.with("tides/mod_tides-1.0.0.zip", zip(b'b').bytes());
    site.set_modified("packages/tides/mod_tides-1.0.0.zip", time);
    assert_eq!(site.build(&["--force"]).code, 0);
    let published = fs::read(site.path(TIDES_ZIP)).unwrap();
    assert_eq!(sha256(&published), feed(&site, "tides")[0]["sha256"]);
}

#[test]
fn a_feed_keeps_its_address_whatever_becomes_of_folders() {
    let site = site().with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    assert_eq!(site.build(&[]).code, 0);
    fs::remove_file(site.path("packages/mod_tides-1.0.0.zip")).unwrap();
    let site = site
        .with("tides/product.toml", "joomla = '>=5'")
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    let run = site.build(&[]);
    assert_eq!(
        (run.code, &*run.stderr),
        (
            1,
            "error: 1 published feed would move: `mod_tides` to `tides`. Sites that installed it ask at the old address. \
             Give it its `id` back in `product.toml`, or use `--force`\n"
        )
    );
    assert!(site.path("output/public/mod_tides/updates.xml").exists());
    assert_eq!(site.build(&["--force"]).code, 0);
}

#[test]
fn published_files_have_the_permissions_that_the_builders_umask_gives() {
    let site = tides();
    site.permit("packages/tides/mod_tides-1.0.0.zip", 0o400);
    build(&site);
    let mode = |path: &str| fs::metadata(site.path(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(TIDES_ZIP), mode("output/public/tides/updates.xml"));
}

#[test]
fn a_record_of_earlier_builds_that_names_foreign_files_removes_none() {
    let site = tides();
    build(&site);
    let history =
        site.text("output/.bandari-history.json").replace("public/index.html", "public/../../bandari.toml");
    site.put("output/.bandari-history.json", history);
    let run = site.build(&[]);
    assert_eq!(
        (run.code, &*run.stderr),
        (
            1,
            "error: `output/.bandari-history.json`: found `public/../../bandari.toml`, expected files of `public/`, \
             `protected/` and `hosting/`. Put the file right, or use `--force` to replace it\n"
        )
    );
    assert!(site.path("bandari.toml").exists());
}
