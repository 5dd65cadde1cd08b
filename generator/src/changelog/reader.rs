//! From Markdown to entries: headings begin entries and sections, list items and paragraphs become items.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::error::Flaw;
use crate::rules::Code;

use super::heading::{Section, SectionHeading, VersionHeading};
use super::item::ItemText;
use super::{Entry, LineFlaw, MAX_HTML_BYTES, MAX_ITEMS, too_large};

/// Most characters of an unknown section's name, which stands before each of its items: twice as many as any real one has.
const MAX_LABEL_CHARS: usize = 80;

/// Reads a text: its entries and what could not be understood, both in the order of the file.
///
/// # Errors
/// When it has more items, or becomes more HTML, than may be. It is not read further then.
pub(super) fn read(text: &str) -> Result<(Vec<Entry>, Vec<LineFlaw>), Flaw> {
    let mut reader = Reader::new(text);
    for (event, range) in Parser::new_ext(text, Options::empty()).into_offset_iter() {
        reader.take(event, range);
        if reader.items > MAX_ITEMS {
            return Err(too_large(format!("over {MAX_ITEMS} items")));
        }
        if reader.html_bytes > MAX_HTML_BYTES {
            return Err(too_large(format!("text that becomes over {MAX_HTML_BYTES} bytes of HTML")));
        }
    }
    reader.entries.extend(reader.entry.take());
    Ok((reader.entries, reader.flaws))
}

/// Takes the events of the Markdown one by one.
struct Reader {
    /// Where each line ends.
    line_ends: Vec<usize>,
    entries: Vec<Entry>,
    flaws: Vec<LineFlaw>,
    /// Of all entries together.
    items: usize,
    html_bytes: usize,
    /// Unknown sections that were told already: who writes one writes it in each version.
    unknown_sections: BTreeSet<String>,
    /// Absent above the first version, and below what is no version or not released.
    entry: Option<Entry>,
    section: Section,
    /// What the items of the section begin with, as HTML.
    label: Option<String>,
    item: ItemText,
    /// Text of the heading that is open, its level and line.
    heading: Option<(String, HeadingLevel, usize)>,
    /// Text of the block of HTML that is open.
    html_block: Option<String>,
    /// How many lists and quotations are open.
    lists: usize,
    quotations: usize,
}

impl Reader {
    fn new(text: &str) -> Self {
        Self {
            line_ends: text.match_indices('\n').map(|(at, _)| at).collect(),
            entries: Vec::new(),
            flaws: Vec::new(),
            items: 0,
            html_bytes: 0,
            unknown_sections: BTreeSet::new(),
            entry: None,
            section: Section::Note,
            label: None,
            item: ItemText::default(),
            heading: None,
            html_block: None,
            lists: 0,
            quotations: 0,
        }
    }

    fn line(&self, range: &Range<usize>) -> usize {
        1 + self.line_ends.partition_point(|&end| end < range.start)
    }

    fn take(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.open(tag, &range),
            Event::End(tag) => self.close(tag),
            Event::Text(text) => match (&mut self.heading, &mut self.html_block) {
                (Some((heading, ..)), _) | (_, Some(heading)) => heading.push_str(&text),
                _ => self.item.push(&text),
            },
            Event::Code(code) => match &mut self.heading {
                Some((heading, ..)) => heading.push_str(&code),
                None => {
                    self.item.open("code");
                    self.item.push(&code);
                    self.item.close("code");
                }
            },
            Event::Html(html) => match &mut self.html_block {
                Some(block) => block.push_str(&html),
                None => self.item.push(&html),
            },
            // In headings it is an anchor, and comments are not meant for readers.
            Event::InlineHtml(html) if self.heading.is_some() || html.starts_with("<!--") => {}
            Event::InlineHtml(html) => self.item.push(&html),
            Event::SoftBreak | Event::HardBreak => match &mut self.heading {
                Some((heading, ..)) => heading.push(' '),
                None => self.item.separate(),
            },
            Event::Rule => {}
            // Without options there are no events of other kinds.
            _ => {}
        }
    }

    fn open(&mut self, tag: Tag<'_>, range: &Range<usize>) {
        match tag {
            Tag::Heading { level, .. }
                if level <= HeadingLevel::H3 && self.lists == 0 && self.quotations == 0 =>
            {
                self.heading = Some((String::new(), level, self.line(range)));
            }
            Tag::HtmlBlock => self.html_block = Some(String::new()),
            Tag::List(_) => {
                self.lists += 1;
                if self.lists > 1 {
                    self.item.open_list();
                }
            }
            Tag::Item if self.lists > 1 => self.item.open_list_item(),
            Tag::BlockQuote(_) => self.quotations += 1,
            Tag::Paragraph | Tag::Heading { .. } => self.item.separate(),
            Tag::CodeBlock(_) => {
                self.item.separate();
                self.item.open("code");
            }
            _ if self.heading.is_some() => {}
            Tag::Emphasis => self.item.open("em"),
            Tag::Strong => self.item.open("strong"),
            Tag::Link { link_type, dest_url, .. } => self.item.open_link(link_type, &dest_url),
            // Of an image the text remains that stands in for it.
            _ => {}
        }
    }

    fn close(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) if self.heading.is_some() => self.end_heading(),
            TagEnd::HtmlBlock => self.end_html_block(),
            TagEnd::List(_) => {
                self.lists -= 1;
                if self.lists > 0 {
                    self.item.close_list();
                }
            }
            TagEnd::Item if self.lists == 1 => self.end_item(),
            TagEnd::BlockQuote(_) => self.quotations -= 1,
            TagEnd::Paragraph | TagEnd::Heading(_) => self.end_block(),
            TagEnd::CodeBlock => {
                self.item.close("code");
                self.end_block();
            }
            _ if self.heading.is_some() => {}
            TagEnd::Emphasis => self.item.close("em"),
            TagEnd::Strong => self.item.close("strong"),
            TagEnd::Link => self.item.close_link(),
            _ => {}
        }
    }

    /// Outside of lists each block is an item of its own.
    fn end_block(&mut self) {
        if self.lists == 0 { self.end_item() } else { self.item.separate() }
    }

    /// What is put in as HTML is shown as text, for nobody can tell what it would do where it is shown.
    fn end_html_block(&mut self) {
        let html = self.html_block.take().unwrap_or_default();
        let mut html = html.trim_start();
        while let Some((_, behind)) = html.strip_prefix("<!--").and_then(|comment| comment.split_once("-->"))
        {
            html = behind.trim_start();
        }
        self.item.separate();
        self.item.push(html);
        self.end_block();
    }

    fn end_item(&mut self) {
        let item = std::mem::take(&mut self.item);
        let (Some(html), Some(entry)) = (item.into_html(), &mut self.entry) else { return };
        let html = match &self.label {
            Some(label) => format!("{label}: {html}"),
            None => html,
        };
        self.items += 1;
        self.html_bytes += html.len();
        entry.sections.entry(self.section).or_default().push(html);
    }

    fn end_heading(&mut self) {
        let Some((text, level, line)) = self.heading.take() else { return };
        if level == HeadingLevel::H3 {
            return self.begin_section(&text, line);
        }
        let is_title = level == HeadingLevel::H1 && self.entry.is_none() && self.entries.is_empty();
        self.entries.extend(self.entry.take());
        (self.section, self.label) = (Section::Note, None);
        match VersionHeading::parse(&text) {
            Some(VersionHeading::Unreleased) => {}
            Some(VersionHeading::Release(release)) => {
                self.flaws.extend(release.flaw.map(|flaw| LineFlaw { line, flaw }));
                self.entry = Some(Entry {
                    version: release.version,
                    date: release.date,
                    is_yanked: release.is_yanked,
                    line,
                    sections: BTreeMap::new(),
                });
            }
            None if is_title => {}
            None => {
                let found = format!("the heading `{}`", text.trim());
                let expected = "a version such as `## [1.2.0] - 2026-10-26`: what is below it is left out";
                let flaw = Flaw::new(Code::ChangelogHeading, found, expected);
                self.flaws.push(LineFlaw { line, flaw });
            }
        }
    }

    fn begin_section(&mut self, heading: &str, line: usize) {
        let mut label = ItemText::default();
        (self.section, self.label) = match SectionHeading::parse(heading) {
            SectionHeading::Known(section) => (section, None),
            SectionHeading::Deprecated => (Section::Note, Some("Deprecated".to_owned())),
            SectionHeading::Unknown => {
                let name = heading.trim().trim_end_matches(':');
                match name.char_indices().nth(MAX_LABEL_CHARS) {
                    None => label.push(name),
                    Some((end, _)) => label.push(&format!("{}…", &name[..end])),
                }
                (Section::Change, label.into_html())
            }
        };
        let is_unknown = self.section == Section::Change && self.label.is_some();
        if is_unknown && self.entry.is_some() && self.unknown_sections.insert(heading.trim().to_lowercase()) {
            let found = format!("the section `{}`", heading.trim());
            let expected = "Added, Changed, Deprecated, Removed, Fixed, Security, Language or Notes: \
                            its items are shown as changes";
            self.flaws.push(LineFlaw { line, flaw: Flaw::new(Code::ChangelogSection, found, expected) });
        }
    }
}
