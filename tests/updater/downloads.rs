//! The request for a package, the name it is saved under, and its checksums.

use bandari_generator::updater::{ChecksumResult, Download, InstallOutcome, MessageKind, Profile};

use super::feeds::{ALL, Entry, JOOMLA_3, SHA256, SINCE_4, entry, feed, install, site, with_key};

#[track_caller]
fn download(entry: Entry, site: &Profile) -> Download {
    install(feed([entry]), site).download.unwrap()
}

fn messages(entry: Entry, site: &Profile) -> Vec<(MessageKind, String)> {
    let messages = install(feed([entry]), site).messages;
    messages.into_iter().map(|message| (message.kind, message.text)).collect()
}

#[test]
fn the_address_is_trimmed_and_otherwise_sent_as_it_is() {
    for joomla in ALL {
        let blanks = entry("1.1.0").package("\n   https://example.org/a.zip  \t");
        assert_eq!(download(blanks, &site(joomla)).request, "https://example.org/a.zip", "on {joomla}");
        let encoded = "https://example.org/a%20b%2fc/t.zip?q=%C3%BC&amp;r=1";
        let sent = "https://example.org/a%20b%2fc/t.zip?q=%C3%BC&r=1";
        assert_eq!(download(entry("1.1.0").package(encoded), &site(joomla)).request, sent, "on {joomla}");
    }
}

#[test]
fn a_key_follows_a_question_mark() {
    for joomla in ALL {
        let download =
            download(entry("1.1.0").package("https://example.org/a.zip"), &with_key(joomla, "dlid=", ""));
        assert_eq!(download.address, "https://example.org/a.zip?dlid=KEY", "on {joomla}");
        assert_eq!(download.request, "https://example.org/a.zip?dlid=KEY", "on {joomla}");
    }
}

/// Messages and plugins see the five characters, the server does not.
#[test]
fn behind_a_query_a_key_follows_an_escaped_ampersand() {
    for joomla in ALL {
        let asks = entry("1.1.0").package("https://example.org/dl?id=5");
        let download = download(asks, &with_key(joomla, "dlid=", ""));
        assert_eq!(download.address, "https://example.org/dl?id=5&amp;dlid=KEY", "on {joomla}");
        assert_eq!(download.request, "https://example.org/dl?id=5&dlid=KEY", "on {joomla}");
    }
}

#[test]
fn prefix_and_suffix_are_sent_as_they_are() {
    for joomla in ALL {
        for (prefix, suffix) in
            [("dlid=12:", ""), ("dlid=A/", "=="), ("dlid=A+", ""), ("dlid=A%2B", ""), ("a=1&b=", "")]
        {
            let download = download(
                entry("1.1.0").package("https://example.org/a.zip"),
                &with_key(joomla, prefix, suffix),
            );
            assert_eq!(
                download.request,
                format!("https://example.org/a.zip?{prefix}KEY{suffix}"),
                "on {joomla}"
            );
        }
    }
}

#[test]
fn what_follows_a_number_sign_is_not_sent() {
    for joomla in ALL {
        let download = download(
            entry("1.1.0").package("https://example.org/a.zip"),
            &with_key(joomla, "dlid=", "#.zip"),
        );
        assert_eq!(download.request, "https://example.org/a.zip?dlid=KEY", "on {joomla}");
        assert_eq!(download.saved_as.name.as_deref(), Some("a.zip_dlid_KEY_.zip"), "on {joomla}");
    }
}

/// Joomla's `Uri` leaves out a query that PHP takes for nothing; only the path is encoded; a host keeps its case.
#[test]
fn the_server_gets_what_joomla_and_libcurl_make_of_an_address() {
    for joomla in ALL {
        for (address, sent) in [
            ("https://example.org/t.zip?", "https://example.org/t.zip"),
            ("https://example.org/t.zip?0", "https://example.org/t.zip"),
            ("https://example.org/t.zip?#a", "https://example.org/t.zip"),
            ("https://example.org?", "https://example.org/"),
            ("https://example.org/ä.zip?b=ü", "https://example.org/%c3%a4.zip?b=ü"),
            ("HTTPS://Example.ORG:/T.zip", "https://Example.ORG/T.zip"),
            ("//example.org/t.zip", "http://example.org/t.zip"),
        ] {
            let download = download(entry("1.1.0").package(address), &site(joomla));
            assert_eq!(download.request, sent, "{address} on {joomla}");
        }
    }
}

#[test]
fn an_address_without_a_host_is_not_requested() {
    for joomla in ALL {
        for address in ["/t.zip", "https://example.org\\t.zip"] {
            let install = install(feed([entry("1.1.0").package(address)]), &site(joomla));
            assert!(
                matches!(install.outcome, InstallOutcome::NoRequest { .. }),
                "{address} on {joomla}: {install:?}"
            );
        }
    }
}

#[test]
fn a_blank_in_the_key_leaves_no_request() {
    for joomla in ALL {
        for (prefix, suffix) in [("dlid= ", ""), ("dlid=", " "), ("dlid=A ", "")] {
            let install = install(feed([entry("1.1.0")]), &with_key(joomla, prefix, suffix));
            assert!(
                matches!(install.outcome, InstallOutcome::NoRequest { .. }),
                "on {joomla}: {:?}",
                install.outcome
            );
            let told = &install.messages[0].text;
            assert_eq!(
                told, "Error connecting to the server: URL using bad/illegal format or missing URL",
                "on {joomla}"
            );
        }
    }
}

#[test]
fn a_tab_in_the_key_becomes_an_underscore_since_joomla_4() {
    let tabbed = |joomla| {
        install(
            feed([entry("1.1.0").package("https://example.org/a.zip")]),
            &with_key(joomla, "dlid=A\t", ""),
        )
    };
    for joomla in SINCE_4 {
        assert_eq!(
            tabbed(joomla).download.unwrap().request,
            "https://example.org/a.zip?dlid=A_KEY",
            "on {joomla}"
        );
    }
    for joomla in JOOMLA_3 {
        assert!(matches!(tabbed(joomla).outcome, InstallOutcome::NoRequest { .. }));
    }
}

#[test]
fn the_name_comes_from_the_end_of_the_first_address() {
    for (address, suffix, name, can_be_unpacked) in [
        ("https://example.org/x.zip", None, "x.zip", true),
        ("https://example.org/x.zip", Some(""), "x.zip_dlid_KEY", false),
        ("https://example.org/x.zip", Some("&x=.zip"), "x.zip_dlid_KEY_x_.zip", true),
        ("https://example.org/x.zip", Some("#.zip"), "x.zip_dlid_KEY_.zip", true),
        ("https://example.org/x.zip", Some("&f=/y.zip"), "y.zip", true),
        ("https://example.org/dl?id=5", Some(""), "dl_id_5_amp_dlid_KEY", false),
        ("https://example.org/tides-(1.1.0)!.tar.gz", None, "tides-_1.1.0_.tar.gz", true),
        ("https://example.org/__tides__.ZIP", None, "tides_.ZIP", true),
        ("https://example.org/tides.rar", None, "tides.rar", false),
    ] {
        for joomla in ALL {
            let site = suffix.map_or_else(|| site(joomla), |suffix| with_key(joomla, "dlid=", suffix));
            let saved_as = download(entry("1.1.0").package(address), &site).saved_as;
            assert_eq!(saved_as.name.as_deref(), Some(name), "on {joomla}");
            assert_eq!(saved_as.can_be_unpacked, can_be_unpacked, "{name} on {joomla}");
            let message = saved_as.message.map(|message| message.text);
            let expected = (!can_be_unpacked).then(|| format!("Failed to extract file: {name}"));
            assert_eq!(message, expected, "on {joomla}");
        }
    }
}

#[test]
fn archives_are_known_by_their_ending() {
    for ending in ["zip", "tar", "tgz", "gz", "gzip", "tbz2", "bz2", "bzip2", "Zip"] {
        let saved_as =
            download(entry("1.1.0").package(&format!("https://example.org/x.{ending}")), &site("5.3.4"))
                .saved_as;
        assert!(saved_as.can_be_unpacked, "{ending}");
    }
    for ending in ["rar", "7z", "xz", "zipx", "php"] {
        let saved_as =
            download(entry("1.1.0").package(&format!("https://example.org/x.{ending}")), &site("5.3.4"))
                .saved_as;
        assert!(!saved_as.can_be_unpacked, "{ending}");
    }
}

const MIRRORS: &str = "<downloads><downloadurl>https://example.org/a.zip</downloadurl>\
    <downloadsource>https://one.example.org/a.zip</downloadsource>\
    <downloadsource>https://two.example.org/get?f=1&amp;g=a.zip</downloadsource></downloads>";

/// Those of all entries in the order of the feed, also of other versions; an entity cuts off what is before it.
#[test]
fn joomla_3_tries_the_mirrors_of_all_entries() {
    let old = entry("1.0.1").xml(
        "downloads",
        "<downloads><downloadurl>https://example.org/old.zip</downloadurl>\
         <downloadsource>https://one.example.org/old.zip</downloadsource></downloads>",
    );
    for joomla in JOOMLA_3 {
        let install = install(feed([old.clone(), entry("1.1.0").xml("downloads", MIRRORS)]), &site(joomla));
        let download = install.download.unwrap();
        assert_eq!(download.request, "https://example.org/a.zip");
        assert_eq!(
            download.mirrors[..2],
            ["https://one.example.org/old.zip", "https://one.example.org/a.zip"]
        );
    }
}

#[test]
fn mirrors_are_dead_since_joomla_4() {
    for joomla in SINCE_4 {
        let download = download(entry("1.1.0").xml("downloads", MIRRORS), &site(joomla));
        assert_eq!(download.request, "https://example.org/a.zip", "on {joomla}");
        assert_eq!(download.mirrors, [""; 0], "on {joomla}");
    }
}

/// What `</updates>` forgets is what was read before it.
#[test]
fn a_mirror_behind_all_entries_is_tried() {
    let mirror = "<downloadsource>https://one.example.org/a.zip</downloadsource>";
    let feed = format!("<updates><updates>{}</updates>{mirror}</updates>", entry("1.1.0"));
    for joomla in ALL {
        let download = install(&feed, &site(joomla)).download.unwrap();
        assert_eq!(download.mirrors, ["https://one.example.org/a.zip"], "on {joomla}");
    }
}

#[test]
fn without_address_the_update_is_invalid() {
    let only_mirror = "<downloads><downloadsource>https://one.example.org/a.zip</downloadsource></downloads>";
    for downloads in [only_mirror, ""] {
        for joomla in ALL {
            let install = install(feed([entry("1.1.0").xml("downloads", downloads)]), &site(joomla));
            assert_eq!(install.outcome, InstallOutcome::NoAddress, "on {joomla}");
            assert_eq!(install.messages.len(), 1, "on {joomla}");
            assert_eq!(install.messages[0].text, "Invalid extension update", "on {joomla}");
        }
    }
}

const UPDATED: &str = "Updating module was successful.";
const WRONG: &str =
    "The checksum verification failed. Please make sure you are using the correct update server!";

/// The color in which success is told.
fn success(joomla: &str) -> MessageKind {
    if joomla.starts_with('3') { MessageKind::Message } else { MessageKind::Success }
}

#[test]
fn digests_are_compared_in_whatever_case() {
    for digest in [SHA256.to_owned(), SHA256.to_uppercase()] {
        for joomla in ALL {
            let entry = entry("1.1.0").with("sha256", &digest);
            let stops = !joomla.starts_with('3');
            let checksum = download(entry.clone(), &site(joomla)).checksum;
            assert_eq!(checksum, ChecksumResult::Compared { digests: vec!["sha256"], stops }, "on {joomla}");
            assert_eq!(
                messages(entry, &site(joomla)),
                [(success(joomla), UPDATED.to_owned())],
                "on {joomla}"
            );
        }
    }
}

#[test]
fn all_digests_that_are_given_are_compared() {
    let three = entry("1.1.0").with("sha384", &SHA256.repeat(2)[..96]).with("sha512", &SHA256.repeat(2));
    for joomla in ALL {
        let ChecksumResult::Compared { digests, .. } = download(three.clone(), &site(joomla)).checksum else {
            panic!("on {joomla}")
        };
        assert_eq!(digests, ["sha256", "sha384", "sha512"], "on {joomla}");
    }
}

#[test]
fn a_missing_digest_is_told_since_joomla_4() {
    let bare = entry("1.1.0").without("sha256");
    for joomla in SINCE_4 {
        assert_eq!(download(bare.clone(), &site(joomla)).checksum, ChecksumResult::Missing, "on {joomla}");
        let [(kind, _), (_, updated)] = &messages(bare.clone(), &site(joomla))[..] else {
            panic!("on {joomla}")
        };
        assert_eq!((*kind, updated.as_str()), (MessageKind::Warning, UPDATED), "on {joomla}");
    }
    assert_eq!(messages(bare, &site("3.10.12")), [(MessageKind::Message, UPDATED.to_owned())]);
}

/// Blanks are not cut off in these versions, and an empty element counts as given.
#[test]
fn a_digest_that_is_empty_or_has_blanks_is_never_right() {
    for digest in [String::new(), format!(" {SHA256} "), format!("\n{SHA256}\n"), "0123".to_owned()] {
        for joomla in ALL {
            let entry = entry("1.1.0").with("sha256", &digest);
            let stops = !joomla.starts_with('3');
            let expected = ChecksumResult::NeverRight { digest: "sha256", value: digest.clone(), stops };
            assert_eq!(download(entry.clone(), &site(joomla)).checksum, expected, "on {joomla}");
            let mut told = vec![(MessageKind::Error, WRONG.to_owned())];
            if !stops {
                told.push((MessageKind::Message, UPDATED.to_owned()));
            }
            assert_eq!(messages(entry, &site(joomla)), told, "on {joomla}");
        }
    }
}

#[test]
fn newer_versions_cut_off_the_blanks_around_a_digest() {
    let blanks = entry("1.1.0").with("sha256", &format!("\n  {SHA256}\t"));
    for (joomla, trims) in [
        ("5.3.4", false),
        ("5.4.0", false),
        ("5.4.1", true),
        ("6.0.0", false),
        ("6.0.1", true),
        ("6.1.0", true),
    ] {
        let checksum = download(blanks.clone(), &site(joomla)).checksum;
        assert_eq!(matches!(checksum, ChecksumResult::Compared { .. }), trims, "on {joomla}: {checksum:?}");
    }
}

#[test]
fn the_request_for_a_package_names_joomla_in_some_versions() {
    for (joomla, names) in [
        ("3.10.12", false),
        ("4.4.3", true),
        ("5.3.4", true),
        ("6.0.0", false),
        ("6.0.2", false),
        ("6.0.3", true),
    ] {
        assert_eq!(site(joomla).joomla.line().names_itself_to_packages, names, "{joomla}");
    }
}

#[test]
fn a_wrong_digest_stops_the_installation_since_joomla_4() {
    for joomla in ALL {
        let download = download(entry("1.1.0"), &site(joomla));
        let ChecksumResult::Compared { stops, .. } = download.checksum else { panic!("on {joomla}") };
        assert_eq!(stops, !joomla.starts_with('3'), "on {joomla}");
        let told: Vec<(MessageKind, &str)> =
            download.checksum_messages.iter().map(|message| (message.kind, message.text.as_str())).collect();
        assert_eq!(told, [(MessageKind::Error, WRONG)], "on {joomla}");
    }
}
