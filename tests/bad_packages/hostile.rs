//! Manifests and archives made to cost memory or to be misread, and encodings right and wrong.

use std::collections::BTreeMap;

use bandari_tests::feed::entries;

use super::*;

/// Address space of a run: a program that keeps to its limits needs less than half of it.
const ADDRESS_SPACE_KIB: u32 = 256 << 10;

/// A manifest of type file, with `attributes` in its root's tag and `body` in the root.
fn file_manifest(attributes: &str, body: &str) -> String {
    manifest(&format!("type=\"file\" {attributes}"), "Tides", "1.0.0", body)
}

/// The package of nothing but this manifest is refused for this problem, within the memory above.
#[track_caller]
fn assert_manifest_refused(manifest: impl AsRef<[u8]>, problem: &str) {
    let site = site().with("tides.zip", Zip::new().file("tides.xml", manifest).bytes());
    let run = site.build_within(ADDRESS_SPACE_KIB, &[]);
    assert_reported(&site, &run, &[&format!("`tides.zip > tides.xml`: {problem}")]);
}

/// The same manifest with a document type before its root.
fn with_document_type(manifest: &str, declarations: &str) -> String {
    manifest.replacen("<extension", &format!("<!DOCTYPE extension [{declarations}]>\n<extension"), 1)
}

/// Nine entities of ten of the one before: `&e9;` stands for a billion times `ha`.
fn entity_bomb() -> String {
    let ten = |level: u32| format!("<!ENTITY e{} \"{}\">", level + 1, format!("&e{level};").repeat(10));
    format!("<!ENTITY e0 \"ha\">{}", (0..9).map(ten).collect::<String>())
}

#[test]
fn entities_that_would_grow_to_gigabytes_are_refused() {
    let in_name = manifest("type=\"file\"", "&e9;", "1.0.0", "");
    let entity =
        "found the entity `&e9;`, expected only `&amp;`, `&lt;`, `&gt;`, `&quot;`, `&apos;` and numbers";
    assert_manifest_refused(with_document_type(&in_name, &entity_bomb()), entity);
    let in_text = file_manifest("", "<description>&e9;</description>");
    assert_manifest_refused(with_document_type(&in_text, &entity_bomb()), entity);
}

#[test]
fn entities_in_attributes_are_refused_even_where_nobody_reads_them() {
    let found =
        "found text that is not XML: at 1..3: unrecognized entity `e9`, expected a well-formed manifest";
    for manifest in [file_manifest("author=\"&e9;\"", ""), file_manifest("", "<files folder=\"&e9;\"/>")] {
        assert_manifest_refused(with_document_type(&manifest, &entity_bomb()), found);
    }
}

#[test]
fn an_entity_from_a_file_is_refused_and_the_file_not_read() {
    let manifest = manifest("type=\"file\"", "&own;", "1.0.0", "");
    assert_manifest_refused(
        with_document_type(&manifest, "<!ENTITY own SYSTEM \"file:///etc/hostname\">"),
        "found the entity `&own;`, expected only `&amp;`, `&lt;`, `&gt;`, `&quot;`, `&apos;` and numbers",
    );
}

#[test]
fn attributes_and_texts_of_ten_megabytes_are_refused() {
    let long = "a".repeat(10_000_000);
    for manifest in [
        // The root's own tag does not end within what is read.
        file_manifest(&format!("copyright=\"{long}\""), ""),
        file_manifest("", &format!("<files folder=\"{long}\"/>")),
        file_manifest("", &format!("<description>{long}</description>")),
        file_manifest("", &format!("<description><![CDATA[{long}]]></description>")),
    ] {
        assert_manifest_refused(
            manifest,
            "found a manifest of over 1048576 bytes, expected a smaller one: real manifests have under 20,000",
        );
    }
}

#[test]
fn a_long_value_is_shown_by_its_beginning() {
    let shown = "1".repeat(500 - "`<version>` \"".len());
    assert_manifest_refused(
        manifest("type=\"file\"", "Tides", &"1".repeat(1_000_000), ""),
        &format!(
            "found `<version>` \"{shown}… (1000014 characters), expected 1 to 32 characters of \
             A-Z a-z 0-9 . - _ + ~, the last a letter or digit, such as `2.0.0-beta1`"
        ),
    );
}

#[test]
fn a_long_name_of_an_entry_is_shown_by_its_beginning() {
    let name = format!("../{}", "a".repeat(60_000));
    let bytes =
        Zip::new().file(&name.replace("..", "aa"), "").renamed(&name.replace("..", "aa"), &name).bytes();
    assert_package_refused(
        bytes,
        &format!(
            "`tides.zip > {}… (60003 characters)`: found a name with `..`, \
             expected a relative name with `/` between folders",
            &name[..500]
        ),
    );
}

#[test]
fn a_manifest_of_a_hundred_thousand_levels_is_refused() {
    let body = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert_manifest_refused(
        file_manifest("", &body),
        "found elements too deep or after the root, expected one root with at most 64 levels",
    );
}

#[test]
fn a_large_xml_file_beside_the_manifest_does_no_harm() {
    let data = format!("<data>{}</data>", "a".repeat(10_000_000));
    let cut_tag = format!("<{}/>", "a".repeat(10_000_000));
    let zip = tides().file("data.xml", data).file("more.xml", cut_tag);
    assert_eq!(site().with("tides.zip", zip.bytes()).build(&["--quiet"]).stderr, "");
}

#[test]
fn more_xml_files_than_a_search_should_open_are_refused() {
    let zip = (0..500).fold(tides(), |zip, number| zip.stored(&format!("data/{number}.xml"), "<data/>"));
    assert_package_refused(
        zip.bytes(),
        "`tides.zip`: found over 500 XML files near its root, \
         expected the manifest in the archive's root, data in folders below",
    );
}

#[test]
fn an_archive_that_counts_fewer_entries_than_its_too_many_is_refused() {
    let crowd = (2..=100_000).fold(tides(), |zip, number| zip.stored(&number.to_string(), ""));
    assert_package_refused(
        crowd.counting(2).bytes(),
        "`tides.zip`: found 100001 entries, expected at most 100000",
    );
}

#[test]
fn text_around_the_root_is_refused_as_joomlas_parser_refuses_it() {
    let manifest = file_manifest("", "");
    let outside = "found text outside of the root, expected a well-formed manifest";
    assert_manifest_refused(format!("Ahoy\n{manifest}"), outside);
    assert_manifest_refused(format!("{manifest}Ahoy"), outside);
    assert_manifest_refused(
        format!("\n{manifest}"),
        "found something before the XML declaration, \
         expected it at the very beginning: Joomla cannot read the manifest otherwise",
    );
    assert_manifest_refused(
        format!("{manifest}<extension/>"),
        "found an element without content as the root or after it, expected one root with elements in it",
    );
}

#[test]
fn bytes_that_are_not_in_the_declared_encoding_are_refused() {
    let latin = latin_1(&file_manifest("", "<author>Küste</author>"));
    assert_manifest_refused(
        &latin,
        "found bytes that are not UTF-8, expected XML in the encoding that it declares",
    );
    let mut cut = utf_16(&file_manifest("", ""), u16::to_le_bytes);
    cut.pop();
    assert_manifest_refused(
        &cut,
        "found bytes that are not UTF-16LE, expected XML in the encoding that it declares",
    );
}

#[test]
fn an_encoding_that_nobody_knows_is_refused() {
    assert_manifest_refused(
        file_manifest("", "").replace("utf-8", "klingon"),
        "found encoding `klingon`, expected one that XML readers know, such as UTF-8",
    );
}

#[test]
fn eight_bit_text_that_declares_utf_16_is_refused() {
    assert_manifest_refused(
        file_manifest("", "").replace("utf-8", "utf-16"),
        "found no element, expected XML with the root element `<extension>`",
    );
}

fn latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

/// Windows' extension of it, for the one character that the test needs.
fn windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|c| if c == '€' { 0x80 } else { u8::try_from(u32::from(c)).unwrap() }).collect()
}

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// One package of each type, all with this name; `tail` makes the elements differ. In pairs: the product's id and the
/// manifest.
fn every_type(tail: &str, name: &str) -> Vec<(String, String)> {
    let plugin = format!("<files><filename plugin=\"p{tail}\">p.php</filename></files>");
    let package = format!("<packagename>{tail}</packagename><files><file>inner.zip</file></files>");
    [
        (format!("com_{tail}"), "type=\"component\"", format!("<element>{tail}</element>")),
        (format!("mod_{tail}"), "type=\"module\" client=\"site\"", format!("<element>mod_{tail}</element>")),
        (format!("p{tail}"), "type=\"plugin\" group=\"system\"", plugin),
        (format!("lib{tail}"), "type=\"library\"", format!("<libraryname>lib{tail}</libraryname>")),
        (format!("t{tail}"), "type=\"template\" client=\"site\"", format!("<element>t{tail}</element>")),
        (format!("file-{tail}"), "type=\"file\"", String::new()),
        (format!("pkg_{tail}"), "type=\"package\"", package),
        (format!("xx-{tail}"), "type=\"language\" client=\"site\"", format!("<tag>xx-{tail}</tag>")),
    ]
    .into_iter()
    .map(|(id, attributes, body)| (id, manifest(attributes, name, "1.0.0", &body)))
    .collect()
}

#[test]
fn manifests_of_every_type_are_read_in_every_encoding_that_joomla_reads() {
    type Encode = fn(&str) -> Vec<u8>;
    let encodings: [(&str, &str, &str, Encode); 7] = [
        ("plain", "utf-8", "Küste 潮", |text| text.into()),
        ("bom", "utf-8", "Küste 潮", |text| format!("\u{feff}{text}").into()),
        ("latin", "ISO-8859-1", "Küste", latin_1),
        ("windows", "windows-1252", "Küste 5 €", windows_1252),
        ("le", "UTF-16", "Küste 潮", |text| utf_16(&format!("\u{feff}{text}"), u16::to_le_bytes)),
        ("be", "UTF-16", "Küste 潮", |text| utf_16(&format!("\u{feff}{text}"), u16::to_be_bytes)),
        ("unmarked", "UTF-16", "Küste 潮", |text| utf_16(text, u16::to_le_bytes)),
    ];
    let mut site = site().with("product.toml", "joomla = '>=4.4'");
    let mut expected = BTreeMap::new();
    for (tail, declared, name, encode) in encodings {
        for (id, manifest) in every_type(tail, name) {
            let bytes = encode(&manifest.replace("utf-8", declared));
            let inner = module("mod_inner", "1.0.0");
            let package = Zip::new().file(&format!("{id}.xml"), bytes).file("inner.zip", inner);
            site = site.with(&format!("all/{id}.zip"), package.bytes());
            expected.insert(id, name);
        }
    }
    assert_eq!(site.build(&["--quiet"]), Run { code: 0, stdout: String::new(), stderr: String::new() });
    for (id, name) in &expected {
        let feed = entries(&site.text(&format!("output/public/{id}/updates.xml")));
        assert_eq!((feed.len(), feed[0]["name"].as_str()), (1, *name), "{id}");
    }
    assert_eq!(expected.len(), 7 * 8);
}
