//! The package of the plug-in: its bytes, its files, and what the other commands make of it.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use bandari_tests::skipping::skip;

use super::*;

/// The names of a vendor that could break out of their place.
const HOSTILE: [&str; 8] = [
    "O'Hara \"& Sons\"",
    "<b>Bold</b> &lt;i&gt;",
    "a ${x} {$y} $z {{ vendor }} {% if %}",
    "a \\",
    "a \\' . die() . '",
    "a 100%s %d ; # [x] = |~!^",
    "a Гавань ⚓ 👩‍🚀",
    "a ?> <?php exit; */ // #]]>",
];

#[test]
fn two_folders_give_the_same_bytes_and_no_time_is_in_them() {
    let (one, other) = (harbor(), harbor());
    make(&one, &[]);
    make(&other, &["--output", "elsewhere/deep"]);
    let name = "plg_installer_harborworks-1.0.0.zip";
    let bytes = &one.tree(FOLDER)[name];
    assert!(*bytes == other.tree("elsewhere/deep")[name]);
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut names = Vec::new();
    for at in 0..archive.len() {
        let file = archive.by_index(at).unwrap();
        let time = file.last_modified().unwrap();
        assert_eq!((time.year(), time.month(), time.day(), time.second()), (1980, 1, 1, 0));
        assert_eq!(
            (file.compression(), file.size()),
            (::zip::CompressionMethod::Stored, file.compressed_size())
        );
        assert_eq!(file.unix_mode(), Some(0o100_644));
        names.push(file.name().unwrap().into_owned());
    }
    assert!(names.is_sorted());
}

#[test]
fn files_are_called_as_each_joomla_looks_for_them() {
    let site = harbor();
    make(&site, &[]);
    let files = made(&site);
    let shared = |name: &&str| {
        name.strip_prefix("src/").is_some_and(|file| !file.contains('/') && file.ends_with(".php"))
    };
    let names: Vec<&str> = files.keys().map(String::as_str).filter(|name| !shared(name)).collect();
    assert_eq!(
        names,
        [
            "LICENSE.txt",
            "harborworks.php",
            "harborworks.xml",
            "language/de-DE/de-DE.plg_installer_harborworks.ini",
            "language/de-DE/de-DE.plg_installer_harborworks.sys.ini",
            "language/en-GB/en-GB.plg_installer_harborworks.ini",
            "language/en-GB/en-GB.plg_installer_harborworks.sys.ini",
            "script.php",
            "services/provider.php",
            "src/Extension/Harborworks.php",
            "src/Field/DownloadkeyField.php",
        ]
    );
    assert!(files.contains_key("src/Vendor.php"));
    assert!(files["LICENSE.txt"].windows(26).any(|text| text == b"GNU GENERAL PUBLIC LICENSE"));
    for (name, bytes) in &files {
        let text = std::str::from_utf8(bytes).unwrap();
        assert!(!text.contains("{{") && !text.contains("{%") && !text.contains('\r'), "{name}");
    }
}

#[test]
fn the_package_passes_the_check_and_is_published_with_a_feed() {
    let site = harbor();
    make(&site, &[]);
    let check = site.run(&["check", "--strict"]);
    let stdout = "no findings in 2 packages\n".to_owned();
    assert_eq!(check, Run { code: 0, stdout, stderr: String::new() });
    let build = site.build(&[]);
    assert_eq!((build.code, &*build.stderr), (0, ""));
    let name = "plg_installer_harborworks-1.0.0.zip";
    let published = site.tree("output/public/files/plg_installer_harborworks");
    assert!(published[name] == site.tree(FOLDER)[name]);
    let feed = site.text("output/public/plg_installer_harborworks/updates.xml");
    for element in [
        "<element>harborworks</element>",
        "<type>plugin</type>",
        "<folder>installer</folder>",
        "<version>1.0.0</version>",
        "<php_minimum>7.2</php_minimum>",
        ">https://updates.example.org/files/plg_installer_harborworks/plg_installer_harborworks-1.0.0.zip</downloadurl>",
        "<changelogurl>https://updates.example.org/plg_installer_harborworks/changelog.xml</changelogurl>",
    ] {
        assert!(feed.contains(element), "{element}: {feed}");
    }
    assert!(site.path("output/public/plg_installer_harborworks/changelog.xml").exists());
}

#[test]
fn every_joomla_that_it_is_made_for_is_offered_it() {
    let site = harbor();
    make(&site, &[]);
    for (joomla, php) in [
        ("3.10.12", "7.2"),
        ("3.10.12", "8.2"),
        ("4.4.3", "7.2.5"),
        ("5.3.4", "8.1"),
        ("6.0.4", "8.3"),
        ("6.1.0", "8.4"),
    ] {
        let arguments = ["explain", "plg_installer_harborworks", "--joomla", joomla, "--php", php, "--json"];
        let run = site.run(&arguments);
        let printed: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
        assert_eq!(printed["offered"], "1.0.0", "{joomla} {php}: {run:?}");
    }
    for (joomla, php) in [("3.10.12", "7.1"), ("7.0.0", "8.4")] {
        let arguments = ["explain", "plg_installer_harborworks", "--joomla", joomla, "--php", php, "--json"];
        let printed: Value = serde_json::from_str(&site.run(&arguments).stdout).unwrap();
        assert_eq!(printed["offered"], Value::Null, "{joomla} {php}");
    }
}

#[test]
fn a_template_of_the_vendors_replaces_ours_and_a_language_is_added() {
    let site = harbor().config(&format!("{CONFIG}templates = 'templates'\n"));
    site.put("templates/client-plugin/services/provider.php", "<?php // {{ element }} of {{ vendor }}\n");
    for file in ["plugin.ini", "plugin.sys.ini"] {
        let text = "{{ language_prefix }}=\"Installeur - {{ vendor | ini }}\"\n";
        site.put(&format!("templates/client-plugin/language/fr-FR/{file}"), text);
    }
    assert!(make(&site, &[]).contains("plug-in `harborworks` 1.0.0, in de-DE, en-GB, fr-FR\n"));
    let files = made(&site);
    assert_eq!(files["services/provider.php"], b"<?php // harborworks of Harbor Works\n");
    let french = "PLG_INSTALLER_HARBORWORKS=\"Installeur - Harbor Works\"\n".as_bytes();
    assert_eq!(files["language/fr-FR/fr-FR.plg_installer_harborworks.ini"], french);
    assert_eq!(files["language/fr-FR/fr-FR.plg_installer_harborworks.sys.ini"], french);
}

/// The plug-in of a vendor with such a name, unpacked into a folder.
#[track_caller]
fn plugin_of(vendor: &str) -> Site {
    let vendor = toml::Value::from(vendor);
    let text = CONFIG.replace("'Harbor Works'", &vendor.to_string());
    let site = harbor().config(&format!(
        "{text}[client_plugin]\nelement = 'hostile'\nsends = ['joomla', 'php', 'extension']\n"
    ));
    make(&site, &[]);
    let package = "plg_installer_hostile/plg_installer_hostile-1.0.0.zip";
    for (name, bytes) in unpacked(&site.tree("packages")[package]) {
        site.put(&format!("unpacked/{name}"), bytes);
    }
    site
}

/// Runs PHP on some code with this argument and gives back what it prints; nothing where it is not installed.
#[track_caller]
fn php(arguments: &[&str]) -> Option<String> {
    let Ok(output) = Command::new("php").args(["-d", "display_errors=stderr"]).args(arguments).output()
    else {
        skip("php-cli");
        return None;
    };
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && told.is_empty(), "{arguments:?}: {told}");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_hostile_vendor_makes_sound_php_with_his_name_in_it() {
    let mut linted = BTreeSet::new();
    for vendor in HOSTILE.map(str::to_owned).into_iter().chain(["é".repeat(100)]) {
        let site = plugin_of(&vendor);
        let files = site.tree("unpacked").into_iter().filter(|(name, _)| name.ends_with(".php"));
        for (name, _) in files.filter(|(_, bytes)| linted.insert(bytes.clone())) {
            let Some(_) = php(&["-l", site.path("unpacked").join(&name).to_str().unwrap()]) else { return };
        }
        let code = "define('_JEXEC', 1); require $argv[1]; \
                    echo json_encode((new ReflectionClass('Bandari\\ClientPlugin\\Hostile\\Vendor'))->getConstants());";
        let printed = php(&["-r", code, site.path("unpacked/src/Vendor.php").to_str().unwrap()]);
        let Some(constants) = printed else { return };
        let constants: Value = serde_json::from_str(&constants).unwrap();
        let mut values = constants.as_object().unwrap().values();
        let name = if vendor.starts_with('é') { format!("{}…", "é".repeat(79)) } else { vendor.clone() };
        assert!(values.any(|value| *value == json!(name)), "{vendor}: {constants}");
    }
}

#[test]
fn a_hostile_vendor_makes_language_files_that_every_joomla_reads_alike() {
    // In the two modes in which Joomla 3.10 and later versions read them.
    let code = "foreach (array(INI_SCANNER_NORMAL, INI_SCANNER_RAW) as $mode) { \
                $read[] = parse_ini_string(file_get_contents($argv[1]), false, $mode); } echo json_encode($read);";
    for (vendor, shown) in [
        (HOSTILE[0], "O’Hara “& Sons”"),
        (HOSTILE[1], "‹b›Bold‹/b› &\u{2060}lt;i&\u{2060}gt;"),
        (HOSTILE[2], "a $\u{2060}{x} {$y} $z {{ vendor }} {％ if ％}"),
        (HOSTILE[3], "a ∖"),
        (HOSTILE[4], "a ∖’ . die() . ’"),
        (HOSTILE[5], "a 100％s ％d ; # [x] = |~!^"),
        (HOSTILE[6], HOSTILE[6]),
        (HOSTILE[7], "a ?› ‹?php exit; */ // #]]›"),
    ] {
        let site = plugin_of(vendor);
        for (tag, end) in [("de-DE", ".ini"), ("de-DE", ".sys.ini"), ("en-GB", ".ini"), ("en-GB", ".sys.ini")]
        {
            let file = site.path(&format!("unpacked/language/{tag}/{tag}.plg_installer_hostile{end}"));
            let Some(printed) = php(&["-r", code, file.to_str().unwrap()]) else { return };
            let read: Value = serde_json::from_str(&printed).unwrap();
            assert_eq!(read[0], read[1], "{vendor}: {}", file.display());
            let name = read[1]["PLG_INSTALLER_HOSTILE"].as_str().unwrap();
            assert_eq!(name, format!("Installer - {shown}"), "{}", file.display());
            let lines = fs::read_to_string(&file).unwrap();
            let keys = lines.lines().filter(|line| line.starts_with("PLG_INSTALLER_HOSTILE")).count();
            assert_eq!(read[1].as_object().unwrap().len(), keys, "{}", file.display());
        }
    }
}

#[test]
fn a_hostile_vendor_passes_the_check() {
    for vendor in HOSTILE.map(str::to_owned).into_iter().chain(["é".repeat(100)]) {
        let site = plugin_of(&vendor);
        let run = site.run(&["check", "--strict"]);
        assert_eq!((run.code, &*run.stdout), (0, "no findings in 2 packages\n"), "{vendor}: {}", run.stderr);
    }
}
