//! What an SVG may hold. It is served from the vendor's own address and people may open it there as a page of its own, so it
//! must be a picture and nothing else: nothing that runs, nothing that leads or loads from elsewhere.
//!
//! Elements and attributes are known by their names without prefix, since any prefix may stand for SVG's namespace.

use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesDecl, BytesStart, Event};
use quick_xml::name::{LocalName, NamespaceResolver, QName, ResolveResult};
use quick_xml::{NsReader, XmlVersion};

use crate::error::Flaw;
use crate::rules::Code;
use crate::xml_form;

const SVG_NAMESPACE: &str = "http://www.w3.org/2000/svg";

/// Its elements are those of web pages, wherever they stand.
const HTML_NAMESPACE: &str = "http://www.w3.org/1999/xhtml";

/// What pictures inside of a picture may be: pixels, in the address itself.
const EMBEDDED: [&str; 4] = ["data:image/png", "data:image/jpeg", "data:image/webp", "data:image/gif"];

/// What browsers take off an address: any other blank would be a part of it.
const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

const NO_SVG_EXPECTED: &str = "an SVG image: XML in UTF-8 with the root element `<svg>`";

/// Functions of style sheets that load something, besides `url(…)`: CSS Images 4, CSS Values 5.
const LOADING: [&str; 3] = ["image-set(", "image(", "src("];

/// Checks an SVG.
///
/// # Errors
/// What is in it that must not be, or why it is no SVG.
pub(super) fn check(bytes: &[u8]) -> Result<(), Flaw> {
    let text = std::str::from_utf8(bytes).map_err(|_| no_svg("bytes that are not UTF-8"))?;
    check_characters(text)?;
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().enable_all_checks(true);
    let mut contents = Contents::default();
    loop {
        match reader.read_event().map_err(|error| no_svg(format!("text that is not XML: {error}")))? {
            Event::Start(start) => {
                check_prefixes(&start, reader.resolver())?;
                contents.begin(&start)?;
            }
            Event::Empty(start) => {
                check_prefixes(&start, reader.resolver())?;
                contents.begin(&start)?;
                contents.end()?;
            }
            Event::End(_) => contents.end()?,
            Event::Text(part) => contents.text(&part.xml10_content())?,
            Event::CData(part) => contents.text(&part.xml10_content())?,
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(character)) => contents.text(character.encode_utf8(&mut [0; 4]))?,
                _ => contents.text(entity(&reference.xml10_content())?)?,
            },
            Event::Decl(declaration) => check_encoding(&declaration)?,
            // Style sheets from elsewhere come with such an instruction.
            Event::PI(instruction) => return Err(active(format!("`<?{}`", instruction.target()))),
            Event::DocType(kind) => check_document_type(&kind.xml10_content())?,
            Event::Comment(_) => {}
            Event::Eof => {
                contents.is_whole()?;
                return xml_form::check(bytes, Code::ImageContent, NO_SVG_EXPECTED);
            }
        }
    }
}

/// A browser shows nothing of a picture with a prefix that stands for no namespace.
fn check_prefixes(start: &BytesStart<'_>, namespaces: &NamespaceResolver) -> Result<(), Flaw> {
    let unknown = |name: QName<'_>, (result, _): (ResolveResult<'_>, LocalName<'_>)| match result {
        ResolveResult::Unknown(_) => {
            Err(no_svg(format!("the prefix of `{}` without its `xmlns`", name.as_ref())))
        }
        _ => Ok(()),
    };
    unknown(start.name(), namespaces.resolve_element(start.name()))?;
    for attribute in start.attributes().with_checks(false).flatten() {
        unknown(attribute.key, namespaces.resolve_attribute(attribute.key))?;
    }
    Ok(())
}

/// What is no character of XML is none here either: in other encodings such bytes give those that follow another meaning.
fn check_characters(text: &str) -> Result<(), Flaw> {
    let is_wrong =
        |c: char| (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}');
    if text.contains(is_wrong) { Err(no_svg("control characters")) } else { Ok(()) }
}

/// All that is checked here is checked as UTF-8, so browsers must read it as that.
fn check_encoding(declaration: &BytesDecl<'_>) -> Result<(), Flaw> {
    match declaration.encoding() {
        Some(Ok(name)) if !name.eq_ignore_ascii_case("utf-8") => {
            Err(no_svg(format!("the encoding `{name}`")))
        }
        Some(Err(_)) => Err(no_svg("an encoding that cannot be read")),
        _ => Ok(()),
    }
}

/// Names of the kind of document do no harm. Entities do, and what looks like an element could be one to another reader.
fn check_document_type(kind: &str) -> Result<(), Flaw> {
    match kind {
        kind if kind.contains('[') => Err(active("`<!DOCTYPE` with entities".to_owned())),
        kind if kind.contains(['<', '>']) => Err(no_svg("`<!DOCTYPE` that holds more than names")),
        _ => Ok(()),
    }
}

/// What was read so far.
#[derive(Default)]
struct Contents {
    has_root: bool,
    depth: usize,
    /// The text of the style sheet that is open, without its comments of XML.
    style: Option<String>,
}

impl Contents {
    fn begin(&mut self, start: &BytesStart<'_>) -> Result<(), Flaw> {
        let name = start.local_name();
        let is = |other: &str| name.as_ref().eq_ignore_ascii_case(other);
        // What stands around it would be joined, and what is split by it would not be seen.
        if is("script") || is("foreignObject") || self.style.is_some() {
            return Err(active(format!("`<{}>`", name.as_ref())));
        }
        let is_root = self.depth == 0;
        if is_root && (self.has_root || name.as_ref() != "svg") {
            return Err(no_svg(format!("the root element `<{}>`", name.as_ref())));
        }
        let mut namespace = None;
        let own =
            start.name().prefix().map_or_else(|| "xmlns".to_owned(), |p| format!("xmlns:{}", p.as_ref()));
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| no_svg(format!("a wrong attribute: {error}")))?;
            let value = attribute.normalized_value(XmlVersion::default());
            let value = value.map_err(|error| no_svg(format!("a wrong attribute: {error}")))?;
            check_characters(&value)?;
            check_attribute(&attribute, &value)?;
            if attribute.key.as_ref() == own {
                namespace = Some(value.into_owned());
            }
        }
        // Browsers show an image of no namespace, or another one, as nothing.
        if is_root && namespace.as_deref() != Some(SVG_NAMESPACE) {
            return Err(no_svg(format!("no `{own}=\"{SVG_NAMESPACE}\"`")));
        }
        self.style = is("style").then(String::new);
        self.has_root = true;
        self.depth += 1;
        Ok(())
    }

    fn end(&mut self) -> Result<(), Flaw> {
        self.depth = self.depth.saturating_sub(1);
        self.style.take().map_or(Ok(()), |style| check_style(&style))
    }

    fn text(&mut self, text: &str) -> Result<(), Flaw> {
        if self.depth == 0 && !text.trim().is_empty() {
            return Err(no_svg("text outside of the root element"));
        }
        check_characters(text)?;
        if let Some(style) = &mut self.style {
            style.push_str(text);
        }
        Ok(())
    }

    fn is_whole(&self) -> Result<(), Flaw> {
        match (self.has_root, self.depth) {
            (true, 0) => Ok(()),
            (true, _) => Err(no_svg("text that ends inside an element")),
            (false, _) => Err(no_svg("no element")),
        }
    }
}

/// The character that one of XML's own entities stands for.
fn entity(name: &str) -> Result<&'static str, Flaw> {
    quick_xml::escape::resolve_xml_entity(name).ok_or_else(|| no_svg(format!("the entity `&{name};`")))
}

fn check_attribute(attribute: &Attribute<'_>, value: &str) -> Result<(), Flaw> {
    let whole_name = attribute.key.as_ref();
    let (name, prefix) = attribute.key.decompose();
    let name = name.as_ref().to_ascii_lowercase();
    let value = value.trim_matches(BLANKS);
    let is_refused = if whole_name == "xmlns" || whole_name.starts_with("xmlns:") {
        value == HTML_NAMESPACE
    } else if name == "href" || name == "src" {
        !is_inside(value)
    } else if name == "attributename" {
        // An animation sets it, when nobody looks any more.
        let animated = value.rsplit(':').next().unwrap_or(value).to_ascii_lowercase();
        animated == "href" || animated.starts_with("on")
    } else {
        // Addresses would count from there, also those that are a mere `#…`.
        name.starts_with("on") || name == "ping" || whole_name == "xml:base"
    };
    if is_refused {
        return Err(active(format!("`{whole_name}=\"{value}\"`")));
    }
    // Nearly every attribute may be a property of style sheets, and none of another namespace is.
    if prefix.is_none() && value.contains('(') { check_style(value) } else { Ok(()) }
}

/// Whether an address is of something in the same file.
fn is_inside(address: &str) -> bool {
    address.is_empty()
        || address.starts_with('#')
        || EMBEDDED.iter().any(|kind| {
            address.get(..kind.len()).is_some_and(|start| start.eq_ignore_ascii_case(kind))
                && address[kind.len()..].starts_with([';', ','])
        })
}

/// Refuses what loads something, and backslashes: with them any word can be spelled so that nobody finds it.
fn check_style(style: &str) -> Result<(), Flaw> {
    let style = style.to_ascii_lowercase();
    for (start, found) in style.match_indices("url(") {
        let address = style[start + found.len()..].trim_start_matches(BLANKS);
        let address = address.strip_prefix(['"', '\'']).unwrap_or(address).trim_start_matches(BLANKS);
        if !address.starts_with('#') && (address.is_empty() || !is_inside(address)) {
            let shown: String = address.chars().take(80).collect();
            return Err(active(format!("`url({shown}`")));
        }
    }
    match LOADING.iter().chain(&["@import", "\\"]).find(|word| style.contains(**word)) {
        Some(word) => Err(active(format!("`{word}` in a style"))),
        None => Ok(()),
    }
}

fn no_svg(found: impl Into<String>) -> Flaw {
    Flaw::new(Code::ImageContent, found, NO_SVG_EXPECTED)
}

fn active(found: String) -> Flaw {
    let expected = "a picture and nothing else: no scripts, events or HTML, and no addresses but `#…` and embedded pixels";
    Flaw::new(Code::ImageActive, found, expected)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Of these, files are put together that may be anything.
    const PARTS: [&str; 24] = [
        "<?xml version='1.0' encoding='",
        "utf-8",
        "'?>",
        "<!DOCTYPE svg",
        "[<!ENTITY a '",
        "]>",
        "<svg xmlns='http://www.w3.org/2000/svg'",
        "<a:g xmlns:a='",
        "<style",
        " href='",
        " style=\"",
        "'",
        "\"",
        "/>",
        ">",
        "</svg>",
        "</style>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "url(",
        "&#x6a;",
        "ä\u{3000}",
    ];

    proptest! {
        #[test]
        fn whatever_a_file_holds_is_answered(parts in prop::collection::vec(prop::sample::select(&PARTS[..]), 0..40)) {
            let text = parts.concat();
            if check(text.as_bytes()).is_ok() {
                prop_assert!(text.contains("<svg xmlns="), "{text}");
            }
        }
    }

    #[test]
    fn the_largest_file_takes_no_time_to_speak_of() {
        let deep = ["<g>".repeat(30_000), "</g>".repeat(30_000)].concat();
        assert_eq!(check_inside(&deep), Ok(()));
        let wide: String = (0..20_000).map(|number| format!(" a{number}=''")).collect();
        assert_eq!(check_inside(&format!("<g{wide}/>")), Ok(()));
        assert_eq!(check_inside(&format!("<style>{}</style>", "url(#a)".repeat(30_000))), Ok(()));
    }

    /// In the element `<svg>`.
    fn check_inside(inside: &str) -> Result<(), Flaw> {
        let namespaces = "xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'";
        check(format!("<svg {namespaces}>{inside}</svg>").as_bytes())
    }

    #[test]
    fn what_a_browser_cannot_read_is_no_picture() {
        let expected = "expected an SVG image: XML in UTF-8 with the root element `<svg>`";
        for (inside, found) in [
            (
                "<g a='1'b='2'/>",
                "text that is no well-formed XML: two parts of a tag or declaration without a blank between them in line 1",
            ),
            (
                "\n<1x/>",
                "text that is no well-formed XML: a `<` or `&` before something that is no name in line 2",
            ),
            ("]]>", "text that is no well-formed XML: `]]>` in a text in line 1"),
            ("<x:g/>", "the prefix of `x:g` without its `xmlns`"),
            ("<g x:href='#a'/>", "the prefix of `x:href` without its `xmlns`"),
        ] {
            assert_eq!(
                check_inside(inside).unwrap_err().to_string(),
                format!("found {found}, {expected}"),
                "{inside}"
            );
        }
    }

    #[test]
    fn what_drawing_programs_write_is_a_picture() {
        for whole in [
            "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<svg xmlns='http://www.w3.org/2000/svg'/>",
            "<?xml version=\"1.0\"?><!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \
             \"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\"><!-- harbor -->\n\
             <s:svg xmlns:s='http://www.w3.org/2000/svg'><s:path d='M0 0h9'/></s:svg>\n",
        ] {
            assert_eq!(check(whole.as_bytes()), Ok(()), "{whole}");
        }
        for inside in [
            "<title>Salt &amp; <![CDATA[<Water>]]> &#228;</title>",
            "<linearGradient id='a'/><rect fill='url(#a)' transform='rotate(45)' style='stroke: url( \"#a\" )'/>",
            "<use href='#a'/><use xlink:href='#a'/><a href='#a'/>",
            "<image href='data:image/png;base64,iVBORw0KGgo='/>",
            "<style>.a { fill: #fff } .b { fill: url('#a') } .c { background: url(data:image/webp,x) }</style>",
            "<style/><metadata xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' \
             rdf:resource='http://purl.org/dc/dcmitype/StillImage'/>",
            "<g xmlns:i='http://www.inkscape.org/namespaces/inkscape' i:export-filename='C:\\art (2)\\a.png'/>",
            "<animate attributeName='opacity' values='0;1' dur='1s'/>",
        ] {
            assert_eq!(check_inside(inside), Ok(()), "{inside}");
        }
    }

    #[test]
    fn what_runs_or_leads_elsewhere_is_no_picture() {
        for inside in [
            "<script>alert(1)</script>",
            "<script href='#a'/>",
            "<SCRIPT/>",
            "<audio src='a.ogg'/>",
            "<s:script xmlns:s='http://www.w3.org/2000/svg'/>",
            "<g onload='alert(1)'/>",
            "<g ONCLICK=''/>",
            "<foreignObject/>",
            "<h:iframe xmlns:h='http://www.w3.org/1999/xhtml'/>",
            "<h:p xmlns:h='http&#58;//www.w3.org/1999/xhtml'/>",
            "<a href='https://elsewhere.example'/>",
            "<a xlink:href=' javascript:alert(1)'/>",
            "<a xlink:href='&#106;avascript:alert(1)'/>",
            "<image href='other.png'/>",
            "<image href='//elsewhere.example/a.png'/>",
            "<image href='data:image/svg+xml,x'/>",
            "<image href='data:image/pngx,x'/>",
            "<use href='other.svg#a'/>",
            "<g xml:base='https://elsewhere.example/'/>",
            "<set attributeName='href' to='javascript:alert(1)'/>",
            "<animate attributeName='xlink:href' values='x'/>",
            "<set attributeName='onclick' to='alert(1)'/>",
            "<rect fill='url(https://elsewhere.example/a.svg#a)'/>",
            "<rect style='fill: URL( \"a.svg#a\")'/>",
            "<rect style='fill: u\\72l(a.svg)'/>",
            "<rect style='fill: url('/>",
            "<style>@import 'a.css';</style>",
            "<style>@im<!-- -->port 'a.css';</style>",
            "<style>@im<![CDATA[port]]> 'a.css';</style>",
            "<style>@&#105;mport 'a.css';</style>",
            "<style>@\\69mport 'a.css';</style>",
            "<style>@im<g/>port 'a.css';</style>",
            "<style>g { cursor: image-set('a.png' 1x) }</style>",
            "<style>g { background: IMAGE('a.png') }</style>",
            "<style>g { background: src('a.png') }</style>",
            "<?xml-stylesheet href='a.css'?>",
            "<a href='#a' ping='https://elsewhere.example'/>",
            // To a browser no blanks: what follows is a name in the same folder.
            "<use href='&#160;#a'/>",
            "<rect fill='url(&#160;#a)'/>",
            "<rect fill='url(\"&apos;#a\")'/>",
            "<style>g { fill: url(\u{2003}#a) }</style>",
        ] {
            let flaw = check_inside(inside).expect_err(inside);
            assert_eq!(flaw.code, Code::ImageActive, "{inside}: {flaw}");
        }
        let entities = "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg xmlns='http://www.w3.org/2000/svg'/>";
        assert_eq!(check(entities.as_bytes()).unwrap_err().code, Code::ImageActive);
    }

    #[test]
    fn what_is_no_svg_in_utf_8_is_told_apart() {
        for (bytes, found) in [
            (&b"<svg xmlns='http://www.w3.org/2000/svg'>\xe4</svg>"[..], "bytes that are not UTF-8"),
            (b"<?xml version='1.0' encoding='latin1'?><svg/>", "the encoding `latin1`"),
            // Of its bytes others would make other characters.
            (b"<?xml version='1.0' encoding=ISO-2022-JP?><svg/>", "an encoding that cannot be read"),
            (b"<html/>", "the root element `<html>`"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'>\x1b$B</svg>", "control characters"),
            (b"<svg xmlns='http://www.w3.org/2000/svg' id='a&#8;'/>", "control characters"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'>&#1;</svg>", "control characters"),
            (b"<!DOCTYPE svg SYSTEM '>' <svg onload='a'>", "`<!DOCTYPE` that holds more than names"),
            (
                b"<!DOCTYPE svg SYSTEM '<'><svg xmlns='http://www.w3.org/2000/svg'/>",
                "`<!DOCTYPE` that holds more than names",
            ),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/><svg/>", "the root element `<svg>`"),
            (b"<svg/>", "no `xmlns=\"http://www.w3.org/2000/svg\"`"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'>&harbor;</svg>", "the entity `&harbor;`"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'>", "text that ends inside an element"),
            (b"hello", "text outside of the root element"),
            (b"", "no element"),
        ] {
            let flaw = check(bytes).unwrap_err();
            assert_eq!((flaw.code, &*flaw.found), (Code::ImageContent, found));
        }
        let flaw = check_inside("<g></h>").unwrap_err();
        assert!(flaw.found.starts_with("text that is not XML: "), "{flaw}");
    }
}
