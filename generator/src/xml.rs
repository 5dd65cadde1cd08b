//! How XML documents are written: indented, by a writer that lets no value break out of its place, the same bytes each time.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

/// Writes into memory, so that writing does not fail.
pub(crate) type XmlWriter = Writer<Vec<u8>>;

/// A document with this root element, its attributes and what `write_children` puts into it.
pub(crate) fn document(
    root: &str,
    attributes: &[(&str, &str)],
    write_children: impl FnOnce(&mut XmlWriter) -> io::Result<()>,
) -> Vec<u8> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let written =
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None))).and_then(|()| {
            let root = writer.create_element(root).with_attributes(attributes.iter().copied());
            root.write_inner_content(write_children).map(|_| ())
        });
    written.expect("writing to memory does not fail");
    let mut xml = writer.into_inner();
    xml.push(b'\n');
    xml
}

/// Writes an element with nothing but a text in it, and no blank around that.
pub(crate) fn text(writer: &mut XmlWriter, element: &str, value: &str) -> io::Result<()> {
    writer.create_element(element).write_text_content(BytesText::new(value))?;
    Ok(())
}
