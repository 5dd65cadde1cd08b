//! Settings, flags and refusals of `bandari client-plugin`.

use super::*;

/// The run ended without writing anything: this exit code, this message.
#[track_caller]
fn assert_refused(site: &Site, arguments: &[&str], code: i32, message: &str) {
    let before = site.tree("packages");
    let run = site.run(&[&["client-plugin"], arguments].concat());
    let stderr = format!("error: {message}\n");
    assert_eq!(run, Run { code, stdout: String::new(), stderr });
    assert_eq!(site.tree("packages"), before, "something was written");
}

/// The configuration with another vendor, and with more at its end.
fn config(vendor: &str, more: &str) -> String {
    CONFIG.replace("'Harbor Works'", vendor) + more
}

#[test]
fn the_report_tells_what_was_made_and_what_is_in_it() {
    let site = harbor();
    let about = "plug-in `harborworks` 1.0.0, in de-DE, en-GB\n  has a key for group `lights.pro`: Beacon\n  \
                 sends the key and nothing else\n  \
                 looks for updates at https://updates.example.org/plg_installer_harborworks/updates.xml\nnext: bandari build\n";
    let files = |word: &str| {
        format!("{word} `{FOLDER}/product.toml`\n{word} `{FOLDER}/CHANGELOG.md`\n{word} `{PACKAGE}`\n")
    };
    assert_eq!(make(&site, &[]), files("made") + about);
    let stamps = site.stamps("packages");
    assert_eq!(make(&site, &[]), files("kept") + about);
    assert_eq!(site.stamps("packages"), stamps, "something was written again");
    assert_eq!(make(&site, &["--quiet"]), "");
}

#[test]
fn the_report_as_json_is_json() {
    let config = config("'Harbor Works'", "[client_plugin]\nversion = '1.2.0'\nsends = ['php', 'joomla']\n");
    let site = harbor().config(&config);
    let printed: Value = serde_json::from_str(&make(&site, &["--json", "--output", "made"])).unwrap();
    assert_eq!(
        printed,
        json!({
            "element": "harborworks",
            "version": "1.2.0",
            "product": "plg_installer_harborworks",
            "feed": "https://updates.example.org/plg_installer_harborworks/updates.xml",
            "file": "made/plg_installer_harborworks-1.2.0.zip",
            "among_packages": false,
            "groups": [{
                "field": "key_lights~pro",
                "id": "lights.pro",
                "name": "Beacon",
                "feeds": ["https://updates.example.org/beacon/updates.xml"],
            }],
            "languages": ["de-DE", "en-GB"],
            "sends": ["joomla", "php"],
            "made": ["made/product.toml", "made/CHANGELOG.md", "made/plg_installer_harborworks-1.2.0.zip"],
            "kept": [],
        })
    );
    assert!(!site.path(FOLDER).exists());
}

#[test]
fn files_beside_the_package_are_written_once_and_kept() {
    let site = harbor();
    make(&site, &[]);
    assert_eq!(
        site.text(&format!("{FOLDER}/product.toml")),
        "# The plug-in that `bandari client-plugin` makes, one more product of the site.\n\n\
         # Name of the product in addresses. It must not change once published: it is in the plug-in itself.\n\
         id = \"plg_installer_harborworks\"\n\n\
         summary = \"Says in Joomla why a download from Harbor Works is refused, and takes license keys along.\"\n\n\
         # What the plug-in is made for.\njoomla = \">=3.10, <7\"\nphp = \"7.2\"\n"
    );
    let (product, changelog) = ("id = 'keys'\njoomla = '>=4.4, <7'\n", "## 1.1.0\n\n- New\n");
    let site = harbor()
        .with("keys/product.toml", product)
        .with("keys/CHANGELOG.md", changelog)
        .config(&config("'Harbor Works'", "[client_plugin]\nversion = '1.1.0'\n"));
    let printed: Value =
        serde_json::from_str(&make(&site, &["--json", "--output", "packages/keys"])).unwrap();
    assert_eq!(printed["product"], "keys");
    assert_eq!(printed["feed"], "https://updates.example.org/keys/updates.xml");
    assert_eq!(printed["kept"], json!(["packages/keys/product.toml", "packages/keys/CHANGELOG.md"]));
    assert_eq!(site.text("packages/keys/product.toml"), product);
    assert_eq!(site.text("packages/keys/CHANGELOG.md"), changelog);
    let files = unpacked(&site.tree("packages")["keys/plg_installer_harborworks-1.1.0.zip"]);
    let manifest = String::from_utf8(files["harborworks.xml"].clone()).unwrap();
    assert!(manifest.contains(">https://updates.example.org/keys/updates.xml</server>"), "{manifest}");
    assert!(
        manifest.contains(">https://updates.example.org/keys/changelog.xml</changelogurl>"),
        "{manifest}"
    );
}

#[test]
fn without_a_validator_there_is_nobody_to_ask() {
    let site = Site::new(programs().bandari)
        .with("tides/product.toml", "joomla = '>=5'")
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
        .config("title = 'T'\nvendor = 'V'\npublic_url = 'https://u.example'\n");
    assert_refused(
        &site,
        &[],
        2,
        "configuration `bandari.toml`: found no `download_url`, expected the address of the validator, which the plug-in \
         asks about keys",
    );
}

#[test]
fn without_a_licensed_extension_there_is_nothing_to_ask() {
    let site = Site::new(programs().bandari)
        .with("tides/product.toml", "joomla = '>=5'")
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
        .with(
            "book/product.toml",
            "kind = 'file'\npattern = 'b-{version}.txt'\nname = 'Book'\ngroup = 'books'",
        )
        .with("book/b-1.0.txt", "How to moor\n");
    assert_refused(
        &site,
        &[],
        2,
        "configuration `bandari.toml`: found no extension with a `group` in its `product.toml`, expected at least one: the \
         plug-in is about keys of licensed extensions",
    );
}

#[test]
fn packages_with_problems_are_told_first() {
    let site = harbor().with("tides/mod_tides-1.0.0.zip", "");
    let run = site.run(&["client-plugin"]);
    assert_eq!(
        run,
        Run {
            code: 1,
            stdout: String::new(),
            stderr: "error[BND004]: `tides/mod_tides-1.0.0.zip`: found 0 bytes, expected a package\n\
                     error: 1 problem in the packages: nothing was written\n"
                .to_owned(),
        }
    );
    assert!(!site.path(FOLDER).exists());
}

#[test]
fn another_content_needs_another_version() {
    let site = harbor();
    make(&site, &[]);
    let site = site
        .with("tides/product.toml", "group = 'sea'\njoomla = '>=5'")
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    let message = format!(
        "`{PACKAGE}` is there with other bytes: nothing was written. Raise `version` in `[client_plugin]`, or remove the \
         file if nobody has it yet"
    );
    assert_refused(&site, &[], 1, &message);
    let site = site.config(&config("'Harbor Works'", "[client_plugin]\nversion = '1.1.0'\n"));
    assert!(make(&site, &[]).contains("  has a key for group `sea`: mod_tides\n"));
    assert!(site.path(PACKAGE).exists(), "the older version stays");
}

#[test]
fn a_version_below_what_is_there_is_refused() {
    let body = "<files><folder plugin='harborworks'>services</folder></files>";
    let own = manifest("type='plugin' group='installer'", "Harbor keys", "3.1.0", body);
    let site = harbor()
        .with("keys/product.toml", "joomla = '>=4.4, <7'")
        .with("keys/keys-3.1.0.zip", Zip::new().file("harborworks.xml", own).bytes());
    assert_refused(
        &site,
        &["--output", "packages/keys"],
        2,
        "configuration `bandari.toml`: found version 1.0.0, older than `keys/keys-3.1.0.zip`, so that no Joomla would be \
         offered it, expected `version` in `[client_plugin]` above 3.1.0",
    );
    let site = site.config(&config("'Harbor Works'", "[client_plugin]\nversion = '3.2.0'\n"));
    make(&site, &["--output", "packages/keys"]);
    let older = "[client_plugin]\nversion = '3.1.1'\n";
    let site = site.config(&config("'Harbor Works'", older));
    let run = site.run(&["client-plugin", "--output", "packages/keys"]);
    assert!(run.code == 2 && run.stderr.contains("above 3.2.0"), "{run:?}");
}

#[test]
fn a_folder_of_another_product_is_refused() {
    assert_refused(
        &harbor(),
        &["--output", "packages/beacon"],
        2,
        "product `beacon` of `packages/beacon` is `Beacon`: expected a folder of the plug-in's own, whose `product.toml`, if \
         there is one, has another `id`",
    );
}

/// Its `product.toml` would speak for the packages of others, or of those that come.
#[test]
fn a_folder_with_packages_of_others_is_refused() {
    let site = harbor().with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    for folder in ["packages", "packages/../packages/", ".", "packages/tides"] {
        let holds = if folder == "packages/tides" { "mod_tides" } else { "Beacon" };
        let message =
            format!("`{folder}` holds packages of `{holds}`: expected a folder of the plug-in's own");
        assert_refused(&site, &["--output", folder], 2, &message);
    }
}

#[test]
fn a_second_folder_is_refused_unless_it_is_the_same_product_outside_of_the_packages() {
    let site = harbor().with("keys/product.toml", "id = 'keys'\njoomla = '>=3.10, <7'\n");
    make(&site, &["--output", "packages/keys"]);
    let message = "the plug-in is product `keys` of `packages/keys`: expected `--output packages/keys`, or a folder outside of \
                   the packages whose `product.toml` has this `id`";
    for arguments in [&[][..], &["--output", "packages/beacon/new"], &["--output", "made"]] {
        assert_refused(&site, arguments, 2, message);
    }
    site.put("made/product.toml", "id = 'keys'\n");
    assert!(make(&site, &["--output", "made"]).contains("https://updates.example.org/keys/updates.xml\n"));
    assert!(make(&site, &["--output", "packages/keys"]).starts_with("kept `packages/keys/product.toml`\n"));
}

#[test]
fn a_package_that_no_build_publishes_is_told_of() {
    let told = make(&harbor(), &["--output", "made"]);
    let last = "not among the packages of the site: no build publishes it from there\n";
    assert!(told.ends_with(last), "{told}");
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let site = harbor();
    site.put("file", "");
    assert_refused(
        &site,
        &["--output", "file"],
        1,
        "cannot read `file/product.toml`: Not a directory (os error 20)",
    );
    std::fs::create_dir(site.path("made")).unwrap();
    site.permit("made", 0o555);
    let run = site.run_unprivileged(&["client-plugin", "--output", "made/new"]);
    let stderr = "error: cannot create `made/new`: Permission denied (os error 13)\n".to_owned();
    assert_eq!(run, Run { code: 1, stdout: String::new(), stderr });
}

#[test]
fn a_name_that_is_made_of_some_of_the_vendors_letters_is_told_when_it_is_made() {
    let site = harbor().config(&config("'Müller & Söhne'", ""));
    let hint = "plug-in `mllershne` 1.0.0, in de-DE, en-GB\n  the name has a to z and digits of `vendor` only: before it is \
                published, `element` in `[client_plugin]` may set another\n";
    let told = make(&site, &[]);
    assert!(told.contains(hint), "{told}");
    assert!(!make(&site, &[]).contains("may set another"), "it is there");
    let site = harbor().config(&config("'Müller & Söhne'", "[client_plugin]\nelement = 'mueller'\n"));
    assert!(!make(&site, &[]).contains("may set another"));
}

#[test]
fn a_product_file_that_cannot_be_used_is_refused() {
    for (product, message) in [
        ("php = 'new'", "found `php = \"new\"`, expected a version such as `8.1`"),
        (
            "kind = 'file'\npattern = 'a-{version}.txt'\nname = 'A'",
            "found `kind = \"file\"`, expected a folder of the plug-in's own",
        ),
    ] {
        let site = harbor();
        site.put("made/product.toml", product);
        let message = format!("configuration `made/product.toml`: {message}");
        assert_refused(&site, &["--output", "made"], 2, &message);
        assert_eq!(site.tree("made").len(), 1);
    }
}

#[test]
fn a_vendor_without_a_latin_letter_is_asked_for_an_element() {
    let site = harbor().config(&config("'Гавань'", ""));
    assert_refused(
        &site,
        &[],
        2,
        "configuration `bandari.toml`: found `vendor = \"Гавань\"`, in which no letter is one of a to z, expected `element` in \
         `[client_plugin]`, such as `element = \"harborworks\"`",
    );
    let site = site.config(&config("'Гавань'", "[client_plugin]\nelement = 'gavan'\n"));
    make(&site, &[]);
    assert!(site.path("packages/plg_installer_gavan/plg_installer_gavan-1.0.0.zip").exists());
}

#[test]
fn settings_that_cannot_be_are_told() {
    for (setting, message) in [
        (
            "element = 'webinstaller'",
            "found `element = \"webinstaller\"`, a name that an installer plug-in of Joomla's has, expected another name",
        ),
        (
            "element = 'Harbor'",
            "found `element = \"Harbor\"`, expected 1 to 30 lower-case letters and digits, beginning with a letter, such as \
             `harborworks`",
        ),
        (
            "version = 'new'",
            "found `version = \"new\"`, expected a version of at most 19 characters, beginning with a digit, such as `1.0.0`",
        ),
    ] {
        let site = harbor().config(&config("'Harbor Works'", &format!("[client_plugin]\n{setting}\n")));
        assert_refused(&site, &[], 2, &format!("configuration `bandari.toml`: {message}"));
    }
    let site = harbor().config(&config("'Harbor Works'", "[client_plugin]\nsends = ['mail']\n"));
    let run = site.run(&["client-plugin"]);
    assert_eq!(run.code, 2);
    let told = "unknown variant `mail`, expected one of `joomla`, `php`, `extension`";
    assert!(run.stderr.contains(told), "{}", run.stderr);
}

#[test]
fn templates_that_cannot_be_used_are_told_with_their_names() {
    let site = harbor().config(&config("'Harbor Works'", "templates = 'templates'\n"));
    site.put("templates/client-plugin/language/fr-FR/plugin.ini", "A=\"a\"\n");
    assert_refused(
        &site,
        &[],
        1,
        "templates: `templates/client-plugin/language/fr-FR/plugin.sys.ini` is not there: a language needs `plugin.ini` and \
         `plugin.sys.ini`",
    );
    site.put("templates/client-plugin/language/fr-FR/plugin.sys.ini", "A=\"{{ nobody }}\"\n");
    let run = site.run(&["client-plugin"]);
    assert_eq!((run.code, &*run.stdout), (1, ""));
    assert!(run.stderr.starts_with("error: templates: "), "{}", run.stderr);
    assert!(run.stderr.contains("language/fr-FR/plugin.sys.ini"), "{}", run.stderr);
    assert!(!site.path(FOLDER).exists());
}

#[test]
fn a_check_tells_of_a_template_of_the_vendors_that_cannot_be_used() {
    let site = harbor().config(&(CONFIG.to_owned() + "templates = 'templates'\n"));
    std::fs::create_dir_all(site.path("templates/client-plugin/src")).unwrap();
    make(&site, &[]);
    std::fs::write(site.path("templates/client-plugin/src/Vendor.php"), "<?php // {{ vendors }}").unwrap();
    let run = site.run(&["check", "--quiet"]);
    let told = "error[BND010]: `templates/client-plugin/src/Vendor.php`: found ";
    assert!(run.code == 3 && run.stdout.starts_with(told) && run.stdout.contains("vendors"), "{run:?}");
}
