//! The text of one item: what Markdown says in any number of lines and nested lists becomes HTML in one line.
//!
//! Joomla prints items as HTML without a look at them (`layouts/joomla/installer/changelog.php`), into the
//! administrator's browser. So all text is escaped, and the only elements are those that are written here: `<code>`,
//! `<em>`, `<strong>` and `<a>` with an address that runs no script.

use pulldown_cmark::LinkType;

/// Schemes of addresses that a link may have.
const SAFE_SCHEMES: [&str; 3] = ["http:", "https:", "mailto:"];

/// An item in the making.
#[derive(Default)]
pub(super) struct ItemText {
    html: String,
    /// The last character that people see; none as long as there is nothing to see.
    last: Option<char>,
    /// What goes before the next visible character: blanks, or what tells the parts of a nested list apart.
    gap: &'static str,
    /// Whether each open link became an element.
    links: Vec<bool>,
    /// The nested lists that are open.
    lists: Vec<NestedList>,
}

#[derive(Default)]
struct NestedList {
    has_items: bool,
    has_parenthesis: bool,
}

/// Before the first item of a list that is nested twice.
const OPENING: &str = " (";

impl ItemText {
    /// Adds text: escaped, each run of blanks and line breaks as one blank, without control characters.
    pub(super) fn push(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_ascii_whitespace() || (c.is_control() && c.is_whitespace()) {
                self.separate();
            } else if !is_forbidden(c) {
                self.close_gap();
                push_escaped(&mut self.html, c);
                self.last = Some(c);
            }
        }
    }

    /// What follows is another word.
    pub(super) fn separate(&mut self) {
        self.set_gap(" ");
    }

    /// Begins an element without attributes; [`Self::close`] ends it.
    pub(super) fn open(&mut self, element: &str) {
        self.close_gap();
        self.html.extend(["<", element, ">"]);
    }

    pub(super) fn close(&mut self, element: &str) {
        self.html.extend(["</", element, ">"]);
    }

    /// Begins a link; where its address is none that may be followed, its text remains.
    pub(super) fn open_link(&mut self, kind: LinkType, address: &str) {
        let address = if kind == LinkType::Email { format!("mailto:{address}") } else { address.to_owned() };
        let scheme = address.to_ascii_lowercase();
        let is_element = SAFE_SCHEMES.iter().any(|safe| scheme.starts_with(safe))
            && !address.chars().any(is_forbidden)
            && !self.links.contains(&true);
        if is_element {
            self.close_gap();
            self.html.push_str("<a href=\"");
            address.chars().for_each(|c| push_escaped(&mut self.html, c));
            self.html.push_str("\">");
        }
        self.links.push(is_element);
    }

    pub(super) fn close_link(&mut self) {
        if self.links.pop() == Some(true) {
            self.html.push_str("</a>");
        }
    }

    /// Begins a list within the item.
    pub(super) fn open_list(&mut self) {
        self.lists.push(NestedList::default());
    }

    /// Begins an item of the list within: `parent: one; two (of one; of two)`.
    pub(super) fn open_list_item(&mut self) {
        let level = self.lists.len();
        let Some(list) = self.lists.last_mut() else { return };
        let is_first = !std::mem::replace(&mut list.has_items, true);
        let ends_a_phrase = self.last.is_some_and(|c| ".:;,!?…".contains(c));
        self.set_gap(match (is_first, level) {
            (true, 2..) => OPENING,
            _ if ends_a_phrase => " ",
            (true, _) => ": ",
            (false, _) => "; ",
        });
    }

    pub(super) fn close_list(&mut self) {
        if self.gap == OPENING {
            self.gap = "";
        }
        if self.lists.pop().is_some_and(|list| list.has_parenthesis) {
            self.html.push(')');
            self.last = Some(')');
        }
        self.separate();
    }

    /// The item as HTML; nothing when there is nothing to see in it.
    pub(super) fn into_html(self) -> Option<String> {
        self.last.map(|_| self.html)
    }

    /// A stronger gap replaces a blank, and nothing replaces a stronger one: of two beginnings at one place one is told.
    fn set_gap(&mut self, gap: &'static str) {
        if self.last.is_some() && matches!(self.gap, "" | " ") {
            self.gap = gap;
        }
    }

    fn close_gap(&mut self) {
        if self.gap == OPENING
            && let Some(list) = self.lists.last_mut()
        {
            list.has_parenthesis = true;
        }
        self.html.push_str(self.gap);
        self.gap = "";
    }
}

/// Characters that XML 1.0 forbids (section 2.2), and control characters that nobody sees.
fn is_forbidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')
}

fn push_escaped(html: &mut String, c: char) {
    match c {
        '&' => html.push_str("&amp;"),
        '<' => html.push_str("&lt;"),
        '>' => html.push_str("&gt;"),
        '"' => html.push_str("&quot;"),
        '\'' => html.push_str("&#39;"),
        c => html.push(c),
    }
}
