//! Licensed products.

use super::*;

const PACKAGE: &str = "beacon/plg_beacon-1.0.0.zip";
const MANIFEST: &str = "beacon/plg_beacon-1.0.0.zip > beacon.xml";

const CLIENT_PLUGIN: &str = "plg_installer_harborworks/plg_installer_harborworks-1.0.0.zip";

fn plugin(element: &str, body: &str) -> String {
    let files = format!("<files><folder plugin='{element}'>services</folder></files>");
    let server = SERVER.replace("tides", "beacon");
    manifest("type='plugin' group='system'", "Beacon", "1.0.0", &[&files, &server, body].concat())
}

fn with_file(name: &str, manifest: &str, product: &str) -> Site {
    sound()
        .with("beacon/product.toml", format!("{PRODUCT}{product}"))
        .with(PACKAGE, Zip::new().file(name, manifest).bytes())
}

/// A licensed plug-in with this key field.
fn with_field(field: &str) -> Site {
    with_file("beacon.xml", &plugin("beacon", field), "group = 'lights'")
}

fn with_library() -> Site {
    let server = SERVER.replace("tides", "compass");
    let body = ["<libraryname>harbor/compass</libraryname>", &server, FIELD].concat();
    let zip = Zip::new().file("compass.xml", manifest("type='library'", "Compass", "1.0.0", &body));
    sound()
        .with("compass/product.toml", format!("{PRODUCT}group = 'lights'"))
        .with("compass/lib_compass-1.0.0.zip", zip.bytes())
}

const FIELD: &str = "<dlid prefix='dlid=' suffix='&amp;f=.zip'/>";

/// A licensed plug-in without a changelog, whose older releases outlast a license.
fn with_kept() -> Site {
    with_file("beacon.xml", &plugin("beacon", FIELD), "group = 'lights'\nafter_expiry = 'older-releases'")
}

/// A licensed plug-in, the client plug-in that was made then, and a group that is younger.
fn with_outdated_client_plugin() -> Site {
    let site = with_file("beacon.xml", &plugin("beacon", FIELD), "group = 'lights'");
    let made = site.run(&["client-plugin"]);
    assert_eq!((made.code, &*made.stderr), (0, ""));
    let younger = plugin("buoy", FIELD).replace("beacon", "buoy");
    site.with("buoy/product.toml", format!("{PRODUCT}group = 'floats'"))
        .with("buoy/plg_buoy-1.0.0.zip", Zip::new().file("buoy.xml", younger).bytes())
}

pub(super) fn seeds() -> Vec<Seed> {
    let long = format!("<dlid prefix='dlid=' suffix='&amp;{}.zip'/>", "x".repeat(900));
    let prefixed = "plg_system_beacon";
    vec![
        seed("BND501", MANIFEST, with_field("")),
        seed("BND502", MANIFEST, with_field("<dlid prefix='dlid=' suffix=''/>")),
        seed("BND503", MANIFEST, with_field("<dlid prefix='dlid=' suffix='f=.zip'/>")),
        seed("BND504", MANIFEST, with_field("<dlid prefix='license=' suffix='&amp;f=.zip'/>")),
        seed("BND505", MANIFEST, with_file("beacon.xml", &plugin("beacon", FIELD), "")),
        seed("BND506", MANIFEST, with_field(&long)),
        seed(
            "BND507",
            "beacon/plg_beacon-1.0.0.zip > plg_beacon.xml",
            with_file("plg_beacon.xml", &plugin("beacon", FIELD), "group = 'lights'"),
        ),
        seed("BND508", "compass/lib_compass-1.0.0.zip > compass.xml", with_library()),
        seed(
            "BND509",
            "tides/product.toml",
            sound().with("tides/product.toml", format!("{PRODUCT}after_expiry = 'older-releases'")),
        ),
        seed("BND510", PACKAGE, with_kept()),
        seed("BND511", MANIFEST, with_field("<dlid prefix='dlid=' suffix='&amp;f=my beacon.zip'/>")),
        seed("BND512", CLIENT_PLUGIN, with_outdated_client_plugin()),
        seed(
            "BND223",
            "beacon/plg_beacon-1.0.0.zip > plg_system_beacon.xml",
            with_file("plg_system_beacon.xml", &plugin(prefixed, ""), ""),
        ),
    ]
}

#[test]
fn a_release_without_a_date_is_told_by_a_check_and_stops_no_build() {
    let site = with_kept();
    let run = site.run(&["check", "--quiet", "--strict"]);
    let found = "found no changelog with the date of version 1.0.0, \
                 expected `## [1.0.0]` and the day on which it came out, as in `2026-10-26`";
    assert_eq!((run.code, run.stdout), (3, format!("warning[BND510]: `{PACKAGE}`: {found}\n")));
    let built = site.build(&[]);
    assert_eq!((built.code, &*built.stderr), (0, ""));
}

#[test]
fn a_licensed_product_with_a_good_key_field_has_no_findings() {
    let run = with_field(FIELD).run(&["check"]);
    assert_eq!((run.code, &*run.stdout), (0, "no findings in 2 packages\n"));
}
