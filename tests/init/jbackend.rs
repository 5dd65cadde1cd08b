//! What is taken over from jBackend's Release System: every file, identifier and secret.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use bandari_tests::zips::Zip;

use super::*;

/// What must not be seen anywhere but in the secrets.
const SEED: &str = "k3J9xx0q";
const NAME: &str = "ReDJ Enterprise";

/// The options as the plug-in's form shows them.
const OPTIONS: &str = "\
Folder          files
Package groups  redj_enterprise;1,3,5;k3J9xx0q;ReDJ Enterprise
                unused;2
Packages        redj_ent_190;private/joomla/redj/ReDJ1.9.0.zip;redj_enterprise
                redj_ent_1100;private/joomla/redj/Re DJ 1.10.0.zip;redj_enterprise
                jback_370;public/jbackend370.zip
                jback_old;public/jbackend360.zip
                book_1;public/handbook-1.0.pdf
                book_2;public/handbook-2.0.pdf
                themes_7;public/themes7.zip
";

/// A Joomla with a Release System, in the folder `joomla`.
fn joomla() -> Site {
    let site = site();
    let folder = "joomla/files";
    site.put(&format!("{folder}/private/joomla/redj/ReDJ1.9.0.zip"), module("redj", "1.9.0"));
    site.put(&format!("{folder}/private/joomla/redj/Re DJ 1.10.0.zip"), module("redj", "1.10.0"));
    site.put(&format!("{folder}/public/jbackend370.zip"), plugin("system", "jbackend", "3.7.0"));
    site.put(&format!("{folder}/public/jbackend360.zip"), plugin("system", "jbackend", "3.6.0"));
    site.put(&format!("{folder}/public/handbook-1.0.pdf"), "one");
    site.put(&format!("{folder}/public/handbook-2.0.pdf"), "two");
    site.put(&format!("{folder}/public/themes7.zip"), Zip::new().file("dark.css", "a {}").bytes());
    site.put("joomla/options.txt", OPTIONS);
    site
}

const FROM: [&str; 2] = ["--from-jbackend", "joomla/options.txt"];

/// All but the old Joomla.
fn new_site(site: &Site) -> BTreeMap<String, Vec<u8>> {
    let mut tree = site.tree("");
    tree.retain(|path, _| !path.starts_with("joomla/"));
    tree
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn every_package_keeps_its_id_and_the_site_builds() {
    let site = joomla();
    assert_eq!(
        init(&site, &FROM),
        "made `secrets/seeds.toml`\n\
         made `packages`\n\
         made `packages/handbook/product.toml`\n\
         made `packages/jbackend/product.toml`\n\
         made `packages/redj/product.toml`\n\
         made `packages/themes/product.toml`\n\
         made `packages/handbook/handbook-1.0.pdf`\n\
         made `packages/handbook/handbook-2.0.pdf`\n\
         made `packages/jbackend/jbackend360.zip`\n\
         made `packages/jbackend/jbackend370.zip`\n\
         made `packages/redj/ReDJ1.9.0.zip`\n\
         made `packages/redj/Re_DJ_1.10.0.zip`\n\
         made `packages/themes/themes7.zip`\n\
         made `bandari.toml`\n\
         product `handbook`, free: 2 packages\n  \
           `book_1` is version 1.0 in `handbook-1.0.pdf`\n  \
           `book_2` is version 2.0 in `handbook-2.0.pdf`\n\
         product `jbackend`, free: 2 packages\n  \
           `jback_old` is version 3.6.0 in `jbackend360.zip`\n  \
           `jback_370` is version 3.7.0 in `jbackend370.zip`\n\
         product `redj`, group `redj_enterprise`: 2 packages\n  \
           `redj_ent_190` is version 1.9.0 in `ReDJ1.9.0.zip`\n  \
           `redj_ent_1100` is version 1.10.0 in `Re_DJ_1.10.0.zip`\n\
         product `themes`, free: 1 package\n  \
           `themes_7` is version 7 in `themes7.zip`\n\
         note: `private/joomla/redj/Re DJ 1.10.0.zip` is taken over as `Re_DJ_1.10.0.zip`\n\
         to change in `bandari.toml`: `vendor`, `title`, `public_url`, `download_url`, `protected_url`\n\
         next: bandari build\n      bandari-validator init\n"
    );
    assert_eq!(site.build(&[]).code, 0);
    assert_eq!(packages(&site, "handbook"), ["book_2 2.0 handbook-2.0.pdf", "book_1 1.0 handbook-1.0.pdf"]);
    assert_eq!(
        packages(&site, "jbackend"),
        ["jback_370 3.7.0 jbackend370.zip", "jback_old 3.6.0 jbackend360.zip"]
    );
    assert_eq!(
        packages(&site, "redj"),
        ["redj_ent_1100 1.10.0 Re_DJ_1.10.0.zip", "redj_ent_190 1.9.0 ReDJ1.9.0.zip"]
    );
    assert_eq!(packages(&site, "themes"), ["themes_7 7 themes7.zip"]);
    assert_eq!(product(&site, "redj")["group"], "redj_enterprise");
    assert_eq!(site.tree("output/protected").len(), 2);
}

#[test]
fn one_pattern_is_written_where_one_fits_all_else_each_id() {
    let site = joomla();
    init(&site, &FROM);
    let settings = |product: &str| -> Vec<String> {
        let text = site.text(&format!("packages/{product}/product.toml"));
        text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect()
    };
    assert_eq!(
        settings("redj"),
        [r#"id = "redj""#, r#"group = "redj_enterprise""#, r#"package_id = "redj_ent_{compact}""#]
    );
    assert_eq!(
        settings("jbackend"),
        [
            r#"id = "jbackend""#,
            "[[releases]]",
            r#"versions = "3.6.0""#,
            r#"package_id = "jback_old""#,
            "[[releases]]",
            r#"versions = "3.7.0""#,
            r#"package_id = "jback_370""#,
        ]
    );
    assert_eq!(
        settings("themes"),
        [
            r#"id = "themes""#,
            r#"kind = "file""#,
            r#"pattern = "themes{version}.zip""#,
            r#"package_id = "themes_{version}""#
        ]
    );
}

#[test]
fn packages_are_copied_and_the_old_ones_left_alone() {
    let site = joomla();
    let before = site.stamps("joomla");
    init(&site, &FROM);
    assert_eq!(site.stamps("joomla"), before);
    assert_eq!(
        fs::read(site.path("packages/redj/Re_DJ_1.10.0.zip")).unwrap(),
        fs::read(site.path("joomla/files/private/joomla/redj/Re DJ 1.10.0.zip")).unwrap()
    );
    assert!(fs::symlink_metadata(site.path("packages/redj/Re_DJ_1.10.0.zip")).unwrap().is_file());
}

#[test]
fn seeds_user_groups_and_names_go_to_the_secrets_and_nowhere_else() {
    let site = joomla();
    let run = site.run(&["init", "--json", "--from-jbackend", "joomla/options.txt"]);
    assert_eq!(run.code, 0);
    assert_eq!(site.build(&[]).code, 0);
    let secrets: toml::Table = toml::from_str(&site.text("secrets/seeds.toml")).unwrap();
    let expected = toml::toml! {
        [jbackend.redj_enterprise]
        seed = "k3J9xx0q"
        user_groups = [1, 3, 5]
        name = "ReDJ Enterprise"
        [jbackend.unused]
        user_groups = [2]
    };
    assert_eq!(secrets, expected);
    let mode = |path: &str| fs::metadata(site.path(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("secrets"), mode("secrets/seeds.toml")), (0o700, 0o600));
    for secret in [SEED, NAME] {
        assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{run:?}");
        for (path, bytes) in new_site(&site) {
            assert_eq!(holds(&bytes, secret), path == "secrets/seeds.toml", "{secret} in {path}");
        }
    }
}

#[test]
fn the_validator_keeps_the_old_seeds_and_makes_its_own() {
    let site = joomla();
    init(&site, &FROM);
    assert_eq!(site.build(&[]).code, 0);
    let output = Command::new(programs().validator).arg("init").current_dir(site.path("")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(!holds(&output.stdout, SEED) && !holds(&output.stderr, SEED), "{output:?}");
    let secrets: toml::Table = toml::from_str(&site.text("secrets/seeds.toml")).unwrap();
    assert_eq!(secrets["jbackend"]["redj_enterprise"]["seed"].as_str(), Some(SEED));
    // 32 bytes in base64url.
    assert_eq!(secrets["seeds"]["redj_enterprise"].as_str().unwrap().len(), 43);
}

#[test]
fn what_a_killed_run_left_in_the_making_goes_before_the_next_makes_it_again() {
    let site = joomla();
    let left = ["secrets/.bandari-tmp-4711-seeds.toml", ".bandari-tmp-4711-bandari.toml"];
    left.iter().for_each(|path| site.put(path, SEED));
    // Not of this site's making.
    let others = ["secrets/.bandari-tmp-4711-other.toml", ".bandari-tmp-notes-bandari.toml"];
    others.iter().for_each(|path| site.put(path, ""));
    init(&site, &FROM);
    assert!(!left.iter().any(|path| site.path(path).exists()));
    assert!(others.iter().all(|path| site.path(path).exists()));
}

#[test]
fn a_validators_secrets_are_extended() {
    let site = joomla();
    site.put("secrets/seeds.toml", "# mine\n[seeds]\nother = 'c2VjcmV0'\n");
    site.permit("secrets/seeds.toml", 0o600);
    assert!(init(&site, &FROM).contains("\nextended `secrets/seeds.toml`\n"));
    let text = site.text("secrets/seeds.toml");
    assert!(text.starts_with("# mine\n[seeds]\nother = 'c2VjcmV0'\n"), "{text}");
    assert!(text.contains("\n[jbackend.redj_enterprise]\n"), "{text}");
}

#[test]
fn the_plug_ins_parameters_as_json_give_the_same_site() {
    let text = joomla();
    init(&text, &FROM);
    let site = joomla();
    let values = |label: &str, until: &str| {
        let (_, rest) = OPTIONS.split_once(label).unwrap();
        let (values, _) = rest.split_once(until).unwrap_or((rest, ""));
        values.lines().map(str::trim).collect::<Vec<_>>().join("\r\n")
    };
    let options = json!({
        "folder": "files",
        "package_groups": values("Package groups", "Packages"),
        "packages": values("Packages ", "no such label"),
    });
    site.put("joomla/options.json", options.to_string());
    init(&site, &["--from-jbackend", "joomla/options.json"]);
    let without_name = |site: &Site| {
        let mut tree = new_site(site);
        // It holds the name of the scratch folder.
        tree.remove("bandari.toml");
        tree
    };
    assert_eq!(without_name(&site), without_name(&text));
}

#[test]
fn a_second_takeover_changes_nothing() {
    let site = joomla();
    init(&site, &FROM);
    let before = site.stamps("");
    let printed = init(&site, &FROM);
    assert!(printed.starts_with("kept `bandari.toml`\n") && !printed.contains("made"), "{printed}");
    assert_eq!(site.stamps(""), before);
}

#[test]
fn a_new_release_comes_in_by_a_second_takeover() {
    let site = joomla();
    init(&site, &FROM);
    let product_file = site.text("packages/redj/product.toml").replacen("# joomla = ", "joomla = ", 1);
    site.put("packages/redj/product.toml", &product_file);
    site.put("joomla/files/ReDJ2.0.0.zip", module("redj", "2.0.0"));
    site.put("joomla/options.txt", format!("{OPTIONS}redj_ent_200;ReDJ2.0.0.zip;redj_enterprise\n"));
    assert!(init(&site, &FROM).starts_with("made `packages/redj/ReDJ2.0.0.zip`\nkept "));
    assert_eq!(site.text("packages/redj/product.toml"), product_file);
    assert_eq!(site.build(&[]).code, 0);
    assert_eq!(packages(&site, "redj")[0], "redj_ent_200 2.0.0 ReDJ2.0.0.zip");
}

/// jBackend's folder under its usual name, beside the options.
fn copied_joomla() -> Site {
    let site = site();
    site.put("packages/private/joomla/redj/ReDJ1.9.0.zip", module("redj", "1.9.0"));
    site.put("packages/public/jbackend370.zip", plugin("system", "jbackend", "3.7.0"));
    site.put("packages/public/not in the options.zip", "no zip");
    site.put(
        "options.txt",
        "Folder packages\nPackage groups redj_enterprise;1,3,5\n\
         Packages\nredj_ent_190;private/joomla/redj/ReDJ1.9.0.zip;redj_enterprise\njback_370;public/jbackend370.zip\n",
    );
    site
}

const FROM_COPY: [&str; 2] = ["--from-jbackend", "options.txt"];

#[test]
fn a_folder_in_the_place_of_the_packages_is_left_alone_and_the_site_has_products() {
    let site = copied_joomla();
    let before = site.stamps("packages");
    let printed = init(&site, &FROM_COPY);
    assert!(
        printed.starts_with(
            "made `secrets/seeds.toml`\n\
             made `products`\n\
             made `products/jbackend/product.toml`\n\
             made `products/redj/product.toml`\n\
             made `products/jbackend/jbackend370.zip`\n\
             made `products/redj/ReDJ1.9.0.zip`\n\
             made `bandari.toml`\n"
        ),
        "{printed}"
    );
    assert!(
        printed.contains(
            "\nnote: `packages` is left to the Release System: the packages of this site are in `products`\n"
        ),
        "{printed}"
    );
    assert_eq!(site.stamps("packages"), before);
    assert!(site.text("bandari.toml").contains("\npackages = \"products\"\n"));
    assert_eq!(site.build(&[]).code, 0);
    assert_eq!(packages(&site, "jbackend"), ["jback_370 3.7.0 jbackend370.zip"]);
    assert_eq!(packages(&site, "redj"), ["redj_ent_190 1.9.0 ReDJ1.9.0.zip"]);
    assert_eq!(site.tree("output/public/files").len() + site.tree("output/protected").len(), 2);
}

#[test]
fn a_second_takeover_from_the_place_of_the_packages_changes_nothing() {
    let site = copied_joomla();
    init(&site, &FROM_COPY);
    let before = site.stamps("");
    let printed = init(&site, &FROM_COPY);
    assert!(printed.starts_with("kept `bandari.toml`\n") && !printed.contains("made"), "{printed}");
    assert_eq!(site.stamps(""), before);
}

#[test]
fn a_takeover_that_did_not_get_to_its_end_goes_on_in_the_same_place() {
    let site = copied_joomla();
    init(&site, &FROM_COPY);
    let whole = site.tree("");
    for file in ["bandari.toml", "products/redj/ReDJ1.9.0.zip"] {
        fs::remove_file(site.path(file)).unwrap();
    }
    init(&site, &FROM_COPY);
    assert_eq!(site.tree(""), whole);
}

#[test]
fn a_folder_below_the_place_of_the_packages_is_left_alone_too() {
    let site = copied_joomla();
    site.put("options.txt", "Folder packages/public\nPackages jback_370;jbackend370.zip\n");
    assert!(init(&site, &FROM_COPY).starts_with("made `products`\n"));
}

#[test]
fn another_folder_of_that_name_beside_the_options_comes_before_the_sites_own() {
    let site = copied_joomla();
    site.put("joomla/packages/jbackend370.zip", plugin("system", "jbackend", "3.7.0"));
    site.put("joomla/options.txt", "Folder packages\nPackages jback_370;jbackend370.zip\n");
    fs::remove_file(site.path("packages/public/not in the options.zip")).unwrap();
    let printed = init(&site, &["--from-jbackend", "joomla/options.txt"]);
    assert!(printed.contains("made `packages/jbackend/jbackend370.zip`\n"), "{printed}");
}
