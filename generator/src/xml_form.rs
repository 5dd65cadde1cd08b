//! Whether files that others will read as XML are well-formed, before they are published. `quick-xml`, which reads their values, takes
//! much that is not: attributes without quotes, two root elements, `--` in comments. Joomla finds no manifest in such a file, and a
//! browser shows no picture.
//!
//! The parser asked is the model of Joomla's own ([`crate::updater`]), which was made after libxml2 and is held to it by tests.

use crate::error::Flaw;
use crate::rules::Code;
use crate::updater::{Mistake, check_xml};

/// Checks the bytes of a file, in whatever encoding they are; `expected` says what it should be.
///
/// # Errors
/// The first thing that is wrong, and its line.
pub(crate) fn check(bytes: &[u8], code: Code, expected: &str) -> Result<(), Flaw> {
    check_xml(bytes).map_err(|mistake| flaw(mistake, code, expected))
}

/// Checks a file that Joomla reads as a whole, as SimpleXML does; `in_utf8` is the same text, which declares UTF-8 if anything. The
/// model gets its text as feeds come, piece by piece, and in some encodings it waits for more of a text that is whole.
///
/// # Errors
/// As [`check`]; what the model waits for only when it waits in UTF-8, too.
pub(crate) fn check_whole(bytes: &[u8], in_utf8: &str, code: Code, expected: &str) -> Result<(), Flaw> {
    let checked = match check_xml(bytes) {
        Err(Mistake { is_waiting: true, .. }) => check_xml(in_utf8.as_bytes()),
        checked => checked,
    };
    checked.map_err(|mistake| flaw(mistake, code, expected))
}

fn flaw(Mistake { line, what, .. }: Mistake, code: Code, expected: &str) -> Flaw {
    Flaw::new(code, format!("text that is no well-formed XML: {what} in line {line}"), expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(text: &str) -> Option<String> {
        let flaw = check(text.as_bytes(), Code::ManifestText, "").err()?;
        Some(flaw.found.strip_prefix("text that is no well-formed XML: ").unwrap().to_owned())
    }

    #[test]
    fn what_libxml2_refuses_is_refused_with_its_line() {
        for (text, told) in [
            ("<a b/>", "an attribute without a value in line 1"),
            ("<a\n b=c/>", "an attribute without quotes around its value in line 2"),
            ("<a b='1' b='2'/>", "the same attribute twice in an element in line 1"),
            ("<a><b c='<'/></a>", "a `<` in the value of an attribute in line 1"),
            ("<a b='1'c='2'/>", "two parts of a tag or declaration without a blank between them in line 1"),
            ("<a>\n\n&nbsp;</a>", "an entity that is not declared in line 3"),
            ("<a>&amp</a>", "an `&` that begins no entity in line 1"),
            ("<a>&amp &lt;</a>", "an entity without its `;` in line 1"),
            ("<a>x & y;</a>", "a `<` or `&` before something that is no name in line 1"),
            (
                "<a>&#0;</a>",
                "a character that XML does not have, or bytes that do not fit the encoding in line 1",
            ),
            (
                "<a>\u{1}</a>",
                "a character that XML does not have, or bytes that do not fit the encoding in line 1",
            ),
            ("<a>]]></a>", "`]]>` in a text in line 1"),
            ("<a><1/></a>", "a `<` or `&` before something that is no name in line 1"),
            ("<a><!-- x -- y --></a>", "`--` in a comment in line 1"),
            ("<a></a>text", "something behind the end of the root element in line 1"),
            ("<a/>\n<b/>", "something behind the end of the root element in line 2"),
            ("<a></b>", "an end tag of another element than the one that is open in line 1"),
            ("<a><b></a>", "an end tag of another element than the one that is open in line 1"),
            ("<a>\n\n", "an element without its end tag in line 1"),
            ("\n<?xml version='1.0'?><a/>", "an XML declaration that is not at the very beginning in line 2"),
            (
                "<a><?xml version='1.0'?></a>",
                "an XML declaration that is not at the very beginning in line 1",
            ),
            ("<?xml encoding='UTF-8'?><a/>", "a wrong XML declaration in line 1"),
            ("<?xml version='1.0' encoding='x-none'?><a/>", "an encoding that parsers do not know in line 1"),
            ("<?xml version='1.0' standalone='maybe'?><a/>", "a wrong XML declaration in line 1"),
            ("text", "something else than an element in line 1"),
            ("", "no element in line 1"),
            ("<!DOCTYPE a [<!ELEMENT a b>]><a/>", "a wrong document type declaration in line 1"),
        ] {
            assert_eq!(mistake(text).as_deref(), Some(told), "{text}");
        }
    }

    #[test]
    fn what_libxml2_takes_is_well_formed() {
        for text in [
            "<a/>",
            "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\" standalone='yes' ?>\r\n<a b = '&lt;>' c='&#228;'>]] &gt;<!-- - --></a >\n<!-- x --> <?p?>\n",
            "<!DOCTYPE a SYSTEM 'a.dtd'><x:a y:b='' b=''><![CDATA[<&]]></x:a>",
            "<ä_.-1>\u{85}</ä_.-1>",
        ] {
            assert_eq!(mistake(text), None, "{text}");
        }
    }
}
