//! What PHP calls back. Each value was seen there, in PHP 8.2 with libxml2 2.9.14, and written down by hand.

use proptest::prelude::*;

use super::*;

/// The calls of a document, as tags in brackets and text as it is.
fn calls(document: &Document) -> Vec<String> {
    let call = |event: Event<'_>| match event.kind {
        EventKind::Start { name, attributes } => {
            let attributes: String =
                attributes.iter().map(|(name, value)| format!(" {name}={value}")).collect();
            format!("<{name}{attributes}>")
        }
        EventKind::End { name } => format!("</{name}>"),
        EventKind::Text(text) => text.to_owned(),
    };
    document.events.iter().map(call).collect()
}

#[track_caller]
fn assert_whole(bytes: impl AsRef<[u8]>, expected: &[&str]) {
    let document = parse(bytes.as_ref());
    assert_eq!(calls(&document), expected);
    assert_eq!(document.end, End::Whole);
}

#[track_caller]
fn assert_waits(bytes: impl AsRef<[u8]>, expected: &[&str], line: u32, why: Unfinished) {
    let document = parse(bytes.as_ref());
    assert_eq!(calls(&document), expected);
    assert_eq!(document.end, End::Unfinished { line, why });
}

#[track_caller]
fn assert_malformed(bytes: impl AsRef<[u8]>, expected: &[&str], line: u32, message: &'static str) {
    let document = parse(bytes.as_ref());
    assert_eq!(calls(&document), expected);
    assert_eq!(document.end, End::Malformed { line, message });
}

fn utf16(text: &str) -> Vec<u8> {
    [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn names_come_in_upper_case_but_for_letters_beyond_ascii() {
    assert_whole("<é:x.1-2_ü/>", &["<é:X.1-2_ü>", "</é:X.1-2_ü>"]);
}

#[test]
fn of_attributes_that_differ_in_case_the_last_value_takes_the_first_place() {
    assert_whole(r#"<a A="1" b="2" a="3"/>"#, &["<A A=3 B=2>", "</A>"]);
    assert_malformed(r#"<a b="1" b="2"/>"#, &[], 1, "Attribute redefined");
}

#[test]
fn many_attributes_are_compared_as_well() {
    let many: String = (0..40).map(|number| format!(" a{number}='x'")).collect();
    let document = parse(format!("<a{many} A7='y'/>").as_bytes());
    let Some(Event { kind: EventKind::Start { attributes, .. }, .. }) = document.events.iter().next() else {
        panic!("a start")
    };
    assert_eq!((attributes.iter().len(), attributes.value("A7")), (40, Some("y")));
    assert_malformed(format!("<a{many} a39='y'/>"), &[], 1, "Attribute redefined");
}

#[test]
fn an_element_has_no_more_attributes_than_php_has_time_to_compare() {
    let tag = |number: usize| {
        let attributes: String = (0..number).map(|number| format!(" a{number}=''")).collect();
        format!("<a><b{attributes}/></a>")
    };
    assert_eq!(parse(tag(100_000).as_bytes()).end, End::Whole);
    assert_malformed(tag(100_001), &["<A>"], 1, "Invalid document start");
}

#[test]
fn references_cut_text_in_pieces() {
    assert_whole("<a>1&amp;2</a>", &["<A>", "1", "&", "2", "</A>"]);
    assert_whole("<a>&#8364;&#x41;</a>", &["<A>", "€", "A", "</A>"]);
}

#[test]
fn the_first_character_beyond_ascii_cuts_text_and_later_ones_do_not() {
    assert_whole("<a>8.1é</a>", &["<A>", "8.1", "é", "</A>"]);
    assert_whole("<a>é8.1é2</a>", &["<A>", "é8.1é2", "</A>"]);
}

#[test]
fn line_ends_of_two_characters_cut_text_and_lone_carriage_returns_become_line_feeds() {
    assert_whole("<a>1\r\n2\r3</a>", &["<A>", "1", "\n2", "\n3", "</A>"]);
    assert_whole("<a>é\r\n2</a>", &["<A>", "é\n2", "</A>"]);
}

#[test]
fn ascii_comes_in_one_piece_and_other_text_in_pieces_of_300_bytes() {
    let ascii = "x".repeat(1000);
    assert_whole(format!("<a>{ascii}</a>"), &["<A>", &ascii, "</A>"]);
    let other = "é".repeat(320);
    assert_whole(
        format!("<a>{other}</a>"),
        &["<A>", &"é".repeat(150), &"é".repeat(150), &"é".repeat(20), "</A>"],
    );
    // The character that passes the limit is still in.
    let euro = "€".repeat(101);
    assert_whole(format!("<a>x{euro}</a>"), &["<A>", "x", &"€".repeat(100), "€", "</A>"]);
    assert_whole(format!("<a>é{euro}</a>"), &["<A>", &format!("é{}", "€".repeat(100)), "€", "</A>"]);
}

#[test]
fn blanks_are_text() {
    assert_whole("<a> <b>\n</b>\t</a>", &["<A>", " ", "<B>", "\n", "</B>", "\t", "</A>"]);
}

#[test]
fn a_section_is_one_piece_with_its_carriage_returns() {
    assert_whole("<a>x<![CDATA[1\r\n<é]]>y</a>", &["<A>", "x", "1\r\n<é", "y", "</A>"]);
    assert_whole("<a><![CDATA[]]></a>", &["<A>", "", "</A>"]);
}

#[test]
fn comments_and_instructions_cut_text_and_leave_nothing() {
    assert_whole("<a>1<!-- é -->2<?x y?>3</a>", &["<A>", "1", "2", "3", "</A>"]);
}

#[test]
fn lines_are_where_things_begin() {
    let document = parse(b"<?xml version='1.0'?>\n<a\n>1\r\n2<b/>\n\n</a>");
    let lines: Vec<u32> = document.events.iter().map(|event| event.line).collect();
    assert_eq!(calls(&document), ["<A>", "1", "\n2", "<B>", "</B>", "\n\n", "</A>"]);
    assert_eq!(lines, [2, 3, 3, 4, 4, 4, 6]);
}

#[test]
fn attribute_values_have_a_space_for_each_blank_and_keep_those_written_as_references() {
    assert_whole("<a b=\" x\n\ty\r\nz &#10; \"/>", &["<A B= x  y z \n >", "</A>"]);
    assert_whole("<a b='&lt;&amp;&#38;\u{E9}\"'/>", &["<A B=<&&\u{E9}\">", "</A>"]);
}

#[test]
fn an_empty_body_is_waited_upon() {
    assert_waits("", &[], 1, Unfinished::Empty);
    assert_waits("  \n  ", &[], 2, Unfinished::Empty);
    // Fewer than four bytes do not tell the encoding.
    assert_waits("<a>", &[], 1, Unfinished::Empty);
    assert_waits("<?xml version='1.0'", &[], 1, Unfinished::Declaration);
}

#[test]
fn what_is_cut_off_is_waited_upon() {
    assert_waits("<a>x</a", &["<A>", "x"], 1, Unfinished::Tag);
    assert_waits("<a>\n<b", &["<A>", "\n"], 2, Unfinished::Tag);
    assert_waits("<a>x<!-- -", &["<A>", "x"], 1, Unfinished::Comment);
    assert_waits("<a>x<?php >", &["<A>", "x"], 1, Unfinished::Instruction);
    assert_waits("<a><b>x</b>\n", &["<A>", "<B>", "x", "</B>"], 1, Unfinished::Root);
    assert_waits("<!DOCTYPE a [ <!-- ]> <a></a>", &[], 1, Unfinished::Doctype);
}

#[test]
fn short_text_before_the_end_waits_for_the_next_tag_and_long_text_does_not() {
    assert_waits("<a>text", &["<A>"], 1, Unfinished::Root);
    let long = "x".repeat(300);
    assert_waits(format!("<a>{long}"), &["<A>", &long], 1, Unfinished::Root);
}

#[test]
fn a_section_that_is_cut_off_gives_its_first_300_bytes_if_it_is_long() {
    assert_waits("<a><![CDATA[x", &["<A>"], 1, Unfinished::CData);
    let long = "x".repeat(700);
    assert_waits(format!("<a><![CDATA[{long}"), &["<A>", &"x".repeat(300)], 1, Unfinished::CData);
}

#[test]
fn an_ampersand_waits_for_any_semicolon_and_then_is_a_mistake() {
    assert_waits("<a>a &b c<d/></a>", &["<A>", "a "], 1, Unfinished::Reference);
    assert_malformed("<a>a & b<d/>;</a>", &["<A>", "a "], 1, "XML_ERR_NAME_REQUIRED");
    assert_malformed("<a>a &b c;</a>", &["<A>", "a "], 1, "EntityRef: expecting ';'");
}

#[test]
fn a_less_than_in_the_last_tag_hides_its_end() {
    // The last `<` is in the value; from there the quotation mark opens a value that has no end.
    assert_waits("<a b=\"<\"/>", &[], 1, Unfinished::Tag);
    assert_malformed("<a><b c=\"<\"/></a>", &["<A>"], 1, "> required");
}

#[test]
fn what_stands_behind_the_root_must_be_nothing_or_cut_off() {
    assert_whole("<a/> \r\n", &["<A>", "</A>"]);
    assert_whole("<a/><!-- x --><?y?>", &["<A>", "</A>"]);
    assert_waits("<a/>x", &["<A>", "</A>"], 1, Unfinished::BehindRoot);
    assert_waits("<a/>\n<!-- x", &["<A>", "</A>"], 2, Unfinished::BehindRoot);
    assert_malformed("<a/>xx", &["<A>", "</A>"], 1, "Invalid document end");
    assert_malformed("<a/><b/>", &["<A>", "</A>"], 1, "Invalid document end");
}

#[test]
fn what_stands_before_the_root_must_not_be_text() {
    assert_malformed("x<a/>", &[], 1, "Not well-formed (invalid token)");
    assert_malformed("\n<?xml version='1.0'?><a/>", &[], 2, "Reserved XML Name");
    assert_malformed("\0<a/>", &[], 1, "Not well-formed (invalid token)");
    assert_malformed("</ab>", &[], 1, "XML_ERR_NAME_REQUIRED");
}

#[test]
fn tags_must_match_and_be_well_formed() {
    assert_malformed("<a><b></a>", &["<A>", "<B>"], 1, "Mismatched tag");
    assert_malformed("<a b/>", &[], 1, "Attribute without value");
    assert_malformed("<a b=1/>", &[], 1, "> required");
    assert_malformed("<a b='1'c='2'/>", &[], 1, "Space required");
}

#[test]
fn the_end_of_a_section_is_a_mistake_in_text_and_swallows_what_is_before() {
    assert_malformed("<a>x]]></a>", &["<A>"], 1, "Sequence ']]>' not allowed in content");
    assert_malformed("<a>xé]]></a>", &["<A>", "x"], 1, "Sequence ']]>' not allowed in content");
}

#[test]
fn two_hyphens_in_a_comment_are_a_mistake() {
    assert_malformed("<a><!-- a -- b --></a>", &["<A>"], 1, "Comment must not contain '--' (double-hyphen)");
}

#[test]
fn control_characters_and_broken_bytes_are_mistakes() {
    assert_malformed("<a>\u{1}</a>", &["<A>"], 1, "Invalid character");
    assert_malformed("<a>x\0y</a>", &["<A>", "x"], 1, "Invalid character");
    assert_malformed(b"<a>x\xE4y</a>", &["<A>", "x"], 1, "Invalid character");
    assert_malformed("<a>&#0;</a>", &["<A>"], 1, "Invalid character");
    assert_malformed("<a>&#xD800;</a>", &["<A>"], 1, "Invalid character");
}

#[test]
fn elements_may_be_nested_as_deep_as_one_likes() {
    let deep = "<a>".repeat(5000) + &"</a>".repeat(5000);
    let document = parse(deep.as_bytes());
    assert_eq!((document.events.len(), document.end), (10_000, End::Whole));
}

#[test]
fn entities_stand_in_text_as_they_are_written() {
    let calls = ["<A>", "<b>&amp;</b>", "</A>"];
    assert_whole("<!DOCTYPE a [<!ENTITY e '<b>&amp;</b>'>]><a>&e;</a>", &calls);
    assert_whole("<!DOCTYPE a [<!ENTITY e SYSTEM 'x'>]><a>x&e;y</a>", &["<A>", "x", "y", "</A>"]);
}

#[test]
fn entities_are_replaced_within_attributes() {
    let declared =
        "<!DOCTYPE a [<!ENTITY e 'x&f;'><!ENTITY f 'y&#9;'><!ENTITY l '<'><!ENTITY s SYSTEM 'x'>]>";
    assert_whole(format!("{declared}<a b='&e;'/>"), &["<A B=xy >", "</A>"]);
    assert_malformed(format!("{declared}<a b='&l;'/>"), &[], 1, "< in attribute");
    assert_malformed(format!("{declared}<a b='&s;'/>"), &[], 1, "XML_ERR_ENTITY_IS_EXTERNAL");
}

#[test]
fn unknown_entities_are_mistakes() {
    assert_malformed("<a>x&nbsp;y</a>", &["<A>", "x"], 1, "Undeclared entity error");
    // They might be declared in the file; all is read, and `xml_parse` returns 0 nevertheless.
    let calls = ["<A>", "x", "y", "</A>"];
    assert_malformed("<!DOCTYPE a SYSTEM 'a.dtd'><a>x&e;y</a>", &calls, 1, "Undeclared entity warning");
}

#[test]
fn entities_that_multiply_are_refused() {
    let message = "Detected an entity reference loop";
    assert_malformed("<!DOCTYPE a [<!ENTITY e '&f;'><!ENTITY f '&e;'>]><a b='&e;'/>", &[], 1, message);
    let lol: String = (1..20)
        .map(|level| format!("<!ENTITY e{level} '{}'>", format!("&e{};", level - 1).repeat(10)))
        .collect();
    assert_malformed(format!("<!DOCTYPE a [<!ENTITY e0 'lol'>{lol}]><a b='&e19;'/>"), &[], 1, message);
}

#[test]
fn entities_add_no_more_text_than_a_site_can_hold() {
    let entity = "x".repeat(100_000);
    let document =
        parse(format!("<!DOCTYPE a [<!ENTITY e '{entity}'>]><a>{}</a>", "&e;".repeat(5000)).as_bytes());
    assert!(matches!(document.end, End::Malformed { .. }));
    assert!(document.events.len() < 400);
}

#[test]
fn declarations_of_a_document_type_are_read_and_ignored() {
    let elements = "<!-- ]> --> <!ELEMENT a (b|(c,d)*)?>\n<!ELEMENT b (#PCDATA)><!NOTATION n PUBLIC 'x'>";
    let attributes = "<!ATTLIST a b (x|y) 'x' c ID #REQUIRED><!ENTITY % e 'x'>";
    assert_whole(format!("<!DOCTYPE a [{elements}{attributes}]><a/>"), &["<A>", "</A>"]);
    assert_malformed("<!DOCTYPE a [%e;]><a/>", &[], 1, "Undeclared entity error");
}

#[test]
fn of_several_mistakes_the_last_is_told() {
    // The first is `,` where a `|` was before.
    let text = "<!DOCTYPE a [<!ELEMENT a (b|c,(d)*)?> <!ATTLIST a b CDATA #IMPLIED>]><a/>";
    assert_malformed(text, &[], 1, "DOCTYPE not finished");
}

#[test]
fn a_byte_order_mark_is_skipped() {
    assert_whole("\u{FEFF}<a/>", &["<A>", "</A>"]);
}

#[test]
fn declared_encodings_are_converted() {
    let declared = |encoding: &str, text: &[u8]| {
        [format!("<?xml version='1.0' encoding='{encoding}'?><a>").as_bytes(), text, b"</a>"].concat()
    };
    assert_whole(declared("iso-8859-1", b"\xE4"), &["<A>", "ä", "</A>"]);
    assert_whole(declared("ISO-8859-15", b"\xA4"), &["<A>", "€", "</A>"]);
    assert_whole(declared("windows-1252", b"\x80"), &["<A>", "€", "</A>"]);
    assert_whole(declared("koi8-r", b"\xC1"), &["<A>", "а", "</A>"]);
    assert_whole(declared("Shift_JIS", b"\x93\xFA"), &["<A>", "日", "</A>"]);
    assert_malformed(declared("x-none", b""), &[], 1, "Unsupported encoding");
    assert_malformed(declared("UTF-16", b""), &[], 1, "Invalid encoding");
}

#[test]
fn bytes_that_do_not_fit_a_declared_encoding_end_the_reading_in_silence() {
    let bytes = b"<?xml version='1.0' encoding='windows-1252'?><a><b>x</b>y\x81</a>";
    assert_waits(bytes, &["<A>", "<B>", "x", "</B>"], 1, Unfinished::Encoding);
}

#[test]
fn text_that_grows_to_more_than_twice_its_bytes_ends_the_reading_in_silence() {
    // Each character is one byte in this encoding and three in UTF-8, so that it comes in pieces of a hundred.
    let thai = [b"<a>", &[0xA1; 400][..], b"</a>"].concat();
    let feed = |times: usize| {
        [b"<?xml version=\"1.0\" encoding=\"windows-874\"?><x>", &thai.repeat(times)[..], b"</x>"].concat()
    };
    let document = parse(&feed(1));
    assert_eq!((document.events.len(), document.end), (8, End::Whole));
    let document = parse(&feed(100));
    assert_eq!(document.events.len(), 408);
    assert_eq!(document.end, End::Unfinished { line: 1, why: Unfinished::Tag });
}

#[test]
fn utf16_is_known_by_its_mark_and_must_declare_itself_briefly() {
    assert_whole(utf16("<a>\u{E4}\u{1F600}</a>"), &["<A>", "ä😀", "</A>"]);
    assert_whole(utf16("<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>"), &["<A>", "</A>"]);
    let long = "<?xml version=\"1.0\" encoding=\"UTF-16\" standalone=\"yes\"?><a/>";
    assert_waits(utf16(long), &[], 1, Unfinished::Declaration);
}

#[test]
fn the_declaration_must_have_a_version_of_one() {
    assert_whole("<?xml version='1.1'?><a/>", &["<A>", "</A>"]);
    assert_malformed("<?xml version='2.0'?><a/>", &[], 1, "Unknown");
    assert_malformed("<?xml encoding='utf-8'?><a/>", &[], 1, "Space required");
}

#[test]
fn a_document_of_more_than_ten_million_bytes_is_read_and_refused() {
    let document = parse(format!("<a>{}</a>", "x".repeat(10_000_000)).as_bytes());
    assert_eq!(document.events.len(), 3);
    assert_eq!(document.end, End::Malformed { line: 1, message: "No memory" });
}

/// Pieces that documents are put together from, whole and broken.
const PIECES: [&str; 40] = [
    "<a>",
    "</a>",
    "<b c=\"",
    "\"",
    "'",
    "/>",
    "<",
    ">",
    "&",
    ";",
    "&amp;",
    "&#65;",
    "&#x",
    "&e;",
    "&f;",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?",
    "?>",
    "<?xml version='1.0'?>",
    "<?xml version='1.0' encoding='",
    "utf-16",
    "windows-874",
    "'?>",
    "<!DOCTYPE a [",
    "<!ENTITY e '&f;&f;'>",
    "<!ENTITY f 'x&#60;'>",
    "%p;",
    "<!ATTLIST a b CDATA '",
    "<!ELEMENT a (b|",
    "]>",
    "\r\n",
    "\n",
    " ",
    "text",
    "é",
    "\0",
    "\u{1F600}",
];

#[test]
fn long_documents_of_any_piece_are_read_in_linear_time() {
    // Were it not so, this would take hours.
    for piece in PIECES {
        for start in ["", "<a>", "<a b='", "<!DOCTYPE a [", "<!DOCTYPE a [<!ENTITY e '"] {
            parse(format!("{start}{}", piece.repeat(50_000)).as_bytes());
            parse(format!("{start}{}'>]><a><b>", piece.repeat(50_000)).as_bytes());
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_some_end(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        parse(&bytes);
    }

    #[test]
    fn any_pieces_are_read_to_some_end(
        pieces in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..60),
        times in 1_usize..200,
    ) {
        let document = pieces.concat();
        parse(document.as_bytes());
        parse(document.repeat(times).as_bytes());
    }
}
