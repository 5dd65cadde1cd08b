//! A text of a language file with its placeholders. Which ones may stand in it is part of its type, so a file is checked
//! when it is read, and filling in cannot fail.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, Error};

/// What may stand in braces in a text.
pub(crate) trait Placeholder: Copy + 'static {
    /// Each by the word in the file.
    const ALL: &'static [(&'static str, Self)];
}

/// Declares the sets of placeholders: `/// Doc` `Name { Variant = "word", … }`.
macro_rules! placeholders {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum $name { $($variant),* }

        impl Placeholder for $name {
            const ALL: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),*];
        }
    )*};
}

placeholders! {
    /// In texts that are the same for everybody.
    Nothing {}
    /// In texts about a product.
    OfProduct { Product = "product" }
    /// In texts about something that was at a date.
    OfDate { Product = "product", Date = "date" }
    /// In texts about something that will be in some days.
    OfCountdown { Product = "product", Date = "date", Days = "days" }
    /// In a number of days by itself.
    OfDays { Days = "days" }
    /// In the pattern of dates.
    OfDatePattern { Day = "day", Month = "month", Year = "year" }
    /// In texts about a day alone.
    OfDay { Date = "date" }
    /// In texts that name the vendor's site.
    OfSite { Site = "site" }
    /// In the line that says who publishes.
    OfVendor { Vendor = "vendor" }
}

/// A text in which the placeholders `P` may stand.
#[derive(Debug)]
pub(crate) struct Text<P>(Vec<Piece<P>>);

#[derive(Debug)]
enum Piece<P> {
    Literal(String),
    Place(P),
}

impl<P: Placeholder> Text<P> {
    /// Reads `Ends on {date}`. Braces stand for nothing else.
    fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("found an empty text, expected words".to_owned());
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (literal, brace) = rest.split_at(at);
            pieces.push(Piece::Literal(literal.to_owned()));
            let Some((word, after)) = brace.strip_prefix('{').and_then(|word| word.split_once('}')) else {
                return Err(format!("found a brace without its partner, expected {}", Self::expected()));
            };
            let Some((_, place)) = P::ALL.iter().find(|(known, _)| *known == word) else {
                return Err(format!("found the placeholder `{{{word}}}`, expected {}", Self::expected()));
            };
            pieces.push(Piece::Place(*place));
            rest = after;
        }
        pieces.push(Piece::Literal(rest.to_owned()));
        Ok(Self(pieces))
    }

    fn expected() -> String {
        match P::ALL.iter().map(|(word, _)| format!("`{{{word}}}`")).reduce(|all, one| all + " or " + &one) {
            Some(known) => format!("{known} or none"),
            None => "none here".to_owned(),
        }
    }

    /// The text with these values. They are taken as they are: what is in braces in a value stays so.
    pub(crate) fn fill<'v>(&self, value: impl Fn(P) -> Cow<'v, str>) -> String {
        let mut filled = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(literal) => filled.push_str(literal),
                Piece::Place(place) => filled.push_str(&value(*place)),
            }
        }
        filled
    }
}

impl Text<Nothing> {
    pub(crate) fn plain(&self) -> String {
        self.fill(|nothing| match nothing {})
    }
}

impl Text<OfProduct> {
    pub(crate) fn of_product(&self, product: &str) -> String {
        self.fill(|OfProduct::Product| product.into())
    }
}

impl<'de, P: Placeholder> Deserialize<'de> for Text<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// A text by a number: `0`, `1` and `other` at least, and as many more numbers as a language has forms for.
#[derive(Debug)]
pub(crate) struct Plural<P> {
    by_number: BTreeMap<i64, Text<P>>,
    other: Text<P>,
}

impl<P> Plural<P> {
    /// The text for this number.
    pub(crate) fn of(&self, number: i64) -> &Text<P> {
        self.by_number.get(&number).unwrap_or(&self.other)
    }
}

impl<'de, P: Placeholder> Deserialize<'de> for Plural<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut texts = BTreeMap::<String, Text<P>>::deserialize(deserializer)?;
        let other = texts.remove("other").ok_or_else(|| D::Error::missing_field("other"))?;
        for needed in ["0", "1"] {
            if !texts.contains_key(needed) {
                return Err(D::Error::missing_field(needed));
            }
        }
        let by_number = texts.into_iter().map(|(key, text)| match key.parse::<u16>() {
            // A number has one spelling, so that `01` does not hide `1`.
            Ok(number) if number.to_string() == key => Ok((number.into(), text)),
            _ => {
                Err(D::Error::custom(format!("found the key `{key}`, expected a number of days or `other`")))
            }
        });
        Ok(Self { by_number: by_number.collect::<Result<_, _>>()?, other })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_in_as_they_are() {
        let text = Text::<OfDate>::parse("{product}: bis {date}.").unwrap();
        let value = |place| match place {
            OfDate::Product => "a {date} b".into(),
            OfDate::Date => "1. Mai".into(),
        };
        assert_eq!(text.fill(value), "a {date} b: bis 1. Mai.");
    }

    #[test]
    fn a_placeholder_that_has_no_value_here_is_refused() {
        let error = |text| Text::<OfProduct>::parse(text).unwrap_err();
        assert_eq!(error("{date}"), "found the placeholder `{date}`, expected `{product}` or none");
        assert_eq!(error("{}"), "found the placeholder `{}`, expected `{product}` or none");
        assert_eq!(error("a { b"), "found a brace without its partner, expected `{product}` or none");
        assert_eq!(
            error("a } b {product}"),
            "found a brace without its partner, expected `{product}` or none"
        );
        assert_eq!(error("{{product}}"), "found the placeholder `{{product}`, expected `{product}` or none");
        assert_eq!(error(" "), "found an empty text, expected words");
        assert_eq!(
            Text::<Nothing>::parse("{product}").unwrap_err(),
            "found the placeholder `{product}`, expected none here"
        );
    }

    #[test]
    fn a_number_of_days_may_have_a_form_of_its_own() {
        let plural = |toml: &str| toml::from_str::<Plural<OfDays>>(toml).map_err(|error| error.to_string());
        let days = plural("0 = 'сегодня'\n1 = 'день'\n2 = 'два дня'\nother = '{days} дней'").unwrap();
        let said = |number: i64| days.of(number).fill(|OfDays::Days| number.to_string().into());
        assert_eq!([0, 1, 2, 5].map(said), ["сегодня", "день", "два дня", "5 дней"]);
        assert!(plural("0 = 'a'\nother = 'c'").unwrap_err().contains("missing field `1`"));
        assert!(plural("0 = 'a'\n1 = 'b'").unwrap_err().contains("missing field `other`"));
        let few = plural("0 = 'a'\n1 = 'b'\nfew = 'c'\nother = 'd'").unwrap_err();
        assert!(few.contains("found the key `few`, expected a number of days or `other`"), "{few}");
    }
}
