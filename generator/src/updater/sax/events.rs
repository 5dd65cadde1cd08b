//! What was called back. A feed of nothing but tags has one call for two or three of its bytes, so calls are kept as places
//! in one text: 16 bytes each, with names that come again kept once. Whatever the feed, all of it takes about ten times the
//! feed's own bytes.

use std::collections::HashMap;
use std::ops::Range;
use std::slice;
use std::sync::Arc;

/// Names that are found again; feeds have some dozens.
const MAX_KNOWN_NAMES: usize = 1000;

/// One call of a handler.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Event<'e> {
    /// Where it begins, counted from 1.
    pub(crate) line: u32,
    pub(crate) kind: EventKind<'e>,
}

/// Which handler was called, and with what.
#[derive(Debug, Clone, Copy)]
pub(crate) enum EventKind<'e> {
    /// Names in upper case. Of two attributes with names that differ in case only, the later value stands in the
    /// earlier's place, as in a PHP array.
    Start {
        name: &'e str,
        attributes: Attributes<'e>,
    },
    End {
        name: &'e str,
    },
    /// One call of the character data handler; empty for an empty CDATA section or entity.
    Text(&'e str),
}

/// The attributes of an element, in their order.
#[derive(Clone, Copy)]
pub(crate) struct Attributes<'e> {
    list: &'e [Attribute],
    texts: &'e Texts,
}

impl<'e> Attributes<'e> {
    /// Names and values.
    pub(crate) fn iter(self) -> impl ExactSizeIterator<Item = (&'e str, &'e str)> {
        self.list.iter().map(move |(name, value)| (self.texts.name(*name), self.texts.at(*value)))
    }

    /// The value of the one with this name.
    pub(crate) fn value(self, name: &str) -> Option<&'e str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

impl std::fmt::Debug for Attributes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// All calls, in their order. Copies share them, and some of them ([`Events::only`]) share the
/// text with all.
#[derive(Debug, Clone)]
pub(crate) struct Events {
    calls: Arc<Vec<Call>>,
    texts: Arc<Texts>,
}

/// Events one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Iter<'e> {
    calls: slice::Iter<'e, Call>,
    texts: &'e Texts,
}

impl Events {
    pub(crate) fn len(&self) -> usize {
        self.calls.len()
    }

    pub(crate) fn iter(&self) -> Iter<'_> {
        self.range(0..self.len())
    }

    /// Those with these numbers, counted from 0.
    pub(crate) fn range(&self, numbers: Range<usize>) -> Iter<'_> {
        Iter { calls: self.calls.get(numbers).unwrap_or_default().iter(), texts: &self.texts }
    }

    /// From this number on.
    pub(crate) fn from(&self, number: usize) -> Iter<'_> {
        self.range(number..self.len())
    }

    /// A copy of nothing but those with these numbers.
    pub(crate) fn only(&self, numbers: impl Iterator<Item = Range<usize>>) -> Self {
        let calls = numbers.flat_map(|numbers| self.calls.get(numbers).unwrap_or_default()).copied();
        Self { calls: Arc::new(calls.collect()), texts: Arc::clone(&self.texts) }
    }
}

impl<'e> IntoIterator for &'e Events {
    type Item = Event<'e>;
    type IntoIter = Iter<'e>;

    fn into_iter(self) -> Iter<'e> {
        self.iter()
    }
}

impl<'e> Iterator for Iter<'e> {
    type Item = Event<'e>;

    fn next(&mut self) -> Option<Event<'e>> {
        let call = self.calls.next()?;
        let kind = match call.handler {
            Handler::Start { name, list } => {
                let attributes = Attributes { list: self.texts.list(list), texts: self.texts };
                EventKind::Start { name: self.texts.name(name), attributes }
            }
            Handler::End { name } => EventKind::End { name: self.texts.name(name) },
            Handler::Text(place) => EventKind::Text(self.texts.at(place)),
        };
        Some(Event { line: call.line, kind })
    }
}

/// A place in the text of all calls: the first byte and the first after it. `u32` is enough: see `MAX_DOCUMENT`.
type Place = [u32; 2];

/// A name's number, and the place of the value.
type Attribute = (u32, Place);

#[derive(Debug, Clone, Copy)]
struct Call {
    line: u32,
    handler: Handler,
}

#[derive(Debug, Clone, Copy)]
enum Handler {
    /// Numbers of a name and of a list of attributes; number 0 is the empty list.
    Start {
        name: u32,
        list: u32,
    },
    End {
        name: u32,
    },
    Text(Place),
}

/// What calls are about.
#[derive(Debug, Default)]
struct Texts {
    text: String,
    names: Vec<Place>,
    attributes: Vec<Attribute>,
    /// Places in `attributes`, of lists that are not empty.
    lists: Vec<Place>,
}

impl Texts {
    fn at(&self, [start, end]: Place) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    fn name(&self, number: u32) -> &str {
        self.names.get(number as usize).map(|place| self.at(*place)).unwrap_or_default()
    }

    fn list(&self, number: u32) -> &[Attribute] {
        let place = number.checked_sub(1).and_then(|index| self.lists.get(index as usize));
        let list = place.and_then(|[start, end]| self.attributes.get(*start as usize..*end as usize));
        list.unwrap_or_default()
    }

    fn push(&mut self, text: &str) -> Place {
        let start = number(self.text.len());
        self.text.push_str(text);
        [start, number(self.text.len())]
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Takes note of calls.
#[derive(Default)]
pub(super) struct Record {
    calls: Vec<Call>,
    texts: Texts,
    known: HashMap<String, u32>,
}

impl Record {
    pub(super) fn start(&mut self, line: u32, name: &str, attributes: &[(String, String)]) {
        let start = number(self.texts.attributes.len());
        for (name, value) in attributes {
            let attribute = (self.name(name), self.texts.push(value));
            self.texts.attributes.push(attribute);
        }
        if !attributes.is_empty() {
            self.texts.lists.push([start, number(self.texts.attributes.len())]);
        }
        let list = if attributes.is_empty() { 0 } else { number(self.texts.lists.len()) };
        let name = self.name(name);
        self.calls.push(Call { line, handler: Handler::Start { name, list } });
    }

    pub(super) fn end(&mut self, line: u32, name: &str) {
        let name = self.name(name);
        self.calls.push(Call { line, handler: Handler::End { name } });
    }

    pub(super) fn text(&mut self, line: u32, text: &str) {
        let place = self.texts.push(text);
        self.calls.push(Call { line, handler: Handler::Text(place) });
    }

    pub(super) fn finish(self) -> Events {
        Events { calls: Arc::new(self.calls), texts: Arc::new(self.texts) }
    }

    fn name(&mut self, name: &str) -> u32 {
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        let place = self.texts.push(name);
        let index = number(self.texts.names.len());
        self.texts.names.push(place);
        if self.known.len() < MAX_KNOWN_NAMES {
            self.known.insert(name.to_owned(), index);
        }
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_takes_16_bytes() {
        assert_eq!(size_of::<Call>(), 16);
        assert_eq!(size_of::<Attribute>(), 12);
    }

    #[test]
    fn a_name_is_kept_once() {
        let mut record = Record::default();
        for line in 1..=100 {
            record.start(line, "UPDATE", &[]);
            record.end(line, "UPDATE");
        }
        let events = record.finish();
        assert_eq!((events.len(), events.texts.text.as_str()), (200, "UPDATE"));
    }

    #[test]
    fn names_beyond_those_that_are_known_are_kept_as_well() {
        let mut record = Record::default();
        let names: Vec<String> = (0..2 * MAX_KNOWN_NAMES).map(|number| format!("N{number}")).collect();
        for name in &names {
            record.start(1, name, &[(name.clone(), "x".to_owned())]);
        }
        let events = record.finish();
        let kept = events.iter().map(|event| match event.kind {
            EventKind::Start { name, attributes } if attributes.value(name) == Some("x") => name,
            _ => "",
        });
        assert!(kept.eq(names.iter().map(String::as_str)));
    }
}
