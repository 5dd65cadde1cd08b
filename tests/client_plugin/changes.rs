//! What changes of a site come to: when a new plug-in is due, which one it is, and how customers find it.

use super::*;

/// The manifest of the plug-in, with a setting for each group.
const MANIFEST: &str = "`harborworks.xml`";

/// What its settings say of what is sent, and where to.
const TEXTS: &str = "`language/de-DE/de-DE.plg_installer_harborworks.ini`, \
                     `language/en-GB/en-GB.plg_installer_harborworks.ini`";

/// What it knows of the site.
const VENDOR: &str = "`src/Vendor.php`";

/// What a check tells of the plug-in of [`harbor`] when these files are not what they would be now.
fn outdated(files: &[&str]) -> String {
    let files = files.join(", ");
    format!(
        "warning[BND512]: `plg_installer_harborworks/plg_installer_harborworks-1.0.0.zip`: found version 1.0.0 with other files \
         than `bandari client-plugin` makes now ({files}), expected a newer version, made of the groups, addresses and \
         templates that the site has now\n"
    )
}

/// What strict checks tell.
#[track_caller]
fn checked(site: &Site) -> String {
    let run = site.run(&["check", "--quiet", "--strict"]);
    assert_eq!((run.code, &*run.stderr), (if run.stdout.is_empty() { 0 } else { 3 }, ""), "{}", run.stdout);
    run.stdout
}

/// A plug-in of the vendor's, as [`beacon`].
fn plugin(element: &str, name: &str, version: &str, field: &str) -> Vec<u8> {
    let body = format!(
        "<files><folder plugin='{element}'>services</folder></files>{field}<updateservers><server type='extension' \
         name='X'>https://updates.example.org/{element}/updates.xml</server></updateservers>"
    );
    Zip::new()
        .file(&format!("{element}.xml"), manifest("type='plugin' group='system'", name, version, &body))
        .file("services/provider.php", "<?php // moored")
        .bytes()
}

const FIELD: &str = "<dlid prefix='dlid=' suffix='&amp;f=.zip'/>";

#[test]
fn a_check_asks_for_no_new_plug_in_as_long_as_nothing_of_it_changes() {
    let site = harbor();
    make(&site, &[]);
    assert_eq!(checked(&site), "");
    let site = site
        .config(&CONFIG.replace("Harbor Downloads", "Other Downloads"))
        .with("beacon/plg_beacon-2.1.0.zip", plugin("beacon", "Beacon", "2.1.0", FIELD))
        .with("tides/product.toml", "joomla = '>=5, <7'")
        .with("tides/plg_tides-1.0.0.zip", plugin("tides", "Tides", "1.0.0", ""));
    assert_eq!(checked(&site), "");
    let site = site.config(&format!("{CONFIG}[client_plugin]\nversion = '1.1.0'\n"));
    assert_eq!(checked(&site), "", "a version that is not made yet");
}

#[test]
fn a_check_asks_for_a_new_plug_in_until_there_is_one() {
    type Change = fn(Site) -> Site;
    let changes: [(&[&str], Change); 4] = [
        (&[MANIFEST], |site| {
            site.with("beacon/plg_beacon-2.1.0.zip", plugin("beacon", "Bacon", "2.1.0", FIELD))
        }),
        (&[MANIFEST, VENDOR], |site| {
            site.with("tides/product.toml", "group = 'sea'\njoomla = '>=5, <7'")
                .with("tides/plg_tides-1.0.0.zip", plugin("tides", "Tides", "1.0.0", FIELD))
        }),
        (&[TEXTS, VENDOR], |site| site.config(&CONFIG.replace("https://get.", "https://keys."))),
        (&[TEXTS, VENDOR], |site| site.config(&format!("{CONFIG}[client_plugin]\nsends = ['php']\n"))),
    ];
    for (files, change) in changes {
        let site = harbor();
        make(&site, &[]);
        let site = change(site);
        assert_eq!(checked(&site), outdated(files));
        let text = site.text("bandari.toml");
        let text = match text.strip_suffix("sends = ['php']\n") {
            Some(_) => text + "version = '1.1.0'\n",
            None => text + "[client_plugin]\nversion = '1.1.0'\n",
        };
        let site = site.config(&text).with(
            "plg_installer_harborworks/CHANGELOG.md",
            "## 1.1.0\n\n- It has what is new.\n\n## 1.0.0\n\n- It is there.\n",
        );
        make(&site, &[]);
        assert_eq!(checked(&site), "", "{files:?}");
    }
}

#[test]
fn a_new_name_of_the_vendor_makes_no_second_plug_in() {
    let site = harbor();
    make(&site, &[]);
    for vendor in ["Harbor & Sons", "Гавань"] {
        let config = CONFIG.replace("Harbor Works", vendor);
        let site = harbor().config(&config).with(
            "plg_installer_harborworks/plg_installer_harborworks-1.0.0.zip",
            &site.tree(FOLDER)["plg_installer_harborworks-1.0.0.zip"],
        );
        let site = site.with("plg_installer_harborworks/product.toml", "joomla = '>=3.10, <7'");
        let flaw = format!(
            "found `vendor = {vendor:?}` and no `element`, while the plug-in of product `plg_installer_harborworks` is \
             called `harborworks`, expected `element = \"harborworks\"` in `[client_plugin]`, or sites would have two of \
             them\n"
        );
        let told = format!("warning[BND512]: `{}`: {flaw}", PACKAGE.strip_prefix("packages/").unwrap());
        assert!(checked(&site).contains(&told), "{}", checked(&site));
        let stderr = format!("error: configuration `bandari.toml`: {flaw}");
        assert_eq!(site.run(&["client-plugin"]), Run { code: 2, stdout: String::new(), stderr });
        let known = "[client_plugin]\nelement = 'harborworks'\nversion = '1.1.0'\n";
        let site = site.config(&(config + known));
        assert!(make(&site, &[]).starts_with("made `packages/plg_installer_harborworks/CHANGELOG.md`\n"));
    }
}

#[test]
fn an_installer_plug_in_of_the_vendors_own_making_is_not_taken_for_ours() {
    let body = "<files><folder plugin='harborworks'>services</folder></files>";
    let manifest = manifest("type='plugin' group='installer'", "Installer - Own", "0.9.0", body);
    let site = harbor()
        .with("own/product.toml", "joomla = '>=4.4, <7'")
        .with("own/own-0.9.0.zip", Zip::new().file("harborworks.xml", manifest).bytes());
    assert!(!checked(&site).contains("BND512"), "{}", checked(&site));
    assert_eq!(site.build(&[]).code, 0);
    assert!(!site.text("output/public/key/index.html").contains("own/"));
    let stderr = "error: the plug-in is product `own` of `packages/own`: expected `--output packages/own`, or a folder outside \
                  of the packages whose `product.toml` has this `id`\n";
    assert_eq!(
        site.run(&["client-plugin"]),
        Run { code: 2, stdout: String::new(), stderr: stderr.to_owned() }
    );
    make(&site, &["--output", "packages/own"]);
    assert_eq!(site.build(&[]).code, 0);
    assert!(site.text("output/public/key/index.html").contains("<a href=\"../own/\" dir=\"auto\">"));
}

#[test]
fn the_plug_in_may_come_along_in_a_package() {
    let site = harbor();
    make(&site, &[]);
    let own = &site.tree("packages")[PACKAGE.strip_prefix("packages/").unwrap()];
    let body = format!(
        "<packagename>dock</packagename><files><file type='plugin' id='harborworks' group='installer'>own.zip</file></files>\
         {FIELD}<updateservers><server type='extension' name='Dock'>https://updates.example.org/dock/updates.xml</server>\
         </updateservers>"
    );
    let package = Zip::new()
        .file("pkg_dock.xml", manifest("type='package'", "Dock", "1.0.0", &body))
        .stored("own.zip", own)
        .bytes();
    let site = site
        .with("dock/product.toml", "group = 'lights.pro'\njoomla = '>=4.4, <7'")
        .with("dock/pkg_dock-1.0.0.zip", package);
    assert_eq!(checked(&site), outdated(&[MANIFEST, VENDOR]), "of a group with one extension more");
}

#[test]
fn pages_about_keys_lead_to_the_plug_in() {
    let link = "<a href=\"../plg_installer_harborworks/\" dir=\"auto\">Installer - Harbor Works</a>";
    let site = harbor()
        .config(&CONFIG.replace("public_url", "languages = ['en', 'de']\npublic_url"))
        .with("tides/product.toml", "joomla = '>=5, <7'")
        .with("tides/plg_tides-1.0.0.zip", plugin("tides", "Tides", "1.0.0", ""));
    let links =
        |site: &Site, page: &str| site.text(&format!("output/public/{page}index.html")).contains(link);
    assert_eq!(site.build(&[]).code, 0);
    for page in ["beacon/", "key/", "de/beacon/", "de/key/"] {
        assert!(!links(&site, page), "{page}");
    }
    make(&site, &[]);
    assert_eq!(site.build(&[]).code, 0);
    for page in ["beacon/", "key/", "de/beacon/", "de/key/"] {
        assert!(links(&site, page), "{page}");
    }
    for page in ["", "tides/", "plg_installer_harborworks/", "de/tides/"] {
        assert!(!links(&site, page), "{page}");
    }
    let said = "Dieses Plugin für Ihr Joomla hat ebenfalls ein Feld für den Schlüssel";
    assert!(site.text("output/public/de/beacon/index.html").contains(said));
}
