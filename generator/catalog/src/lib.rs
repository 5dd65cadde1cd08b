//! The catalog: one JSON file in which the generator tells the validator, the pages and third parties
//! what a site offers. `FORMAT.md` beside this crate describes it field by field.
//!
//! This crate owns the file's types ([`v1`]), the names that occur in it ([`names`]) and Joomla's order of
//! versions ([`version`]). It reads and writes bytes; it opens no file and knows no HTTP, no templates and
//! no keys. Nothing in a catalog is secret.

pub mod names;
pub mod v1;
pub mod version;

use std::cell::Cell;
use std::fmt;
use std::io;

use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The value of the file's `format` field: tells a catalog from any other JSON.
pub const FORMAT: &str = "bandari-catalog";

/// Why bytes are not a catalog that this version reads.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not JSON, or a field is missing or holds something else than `FORMAT.md` says.
    #[error("not a catalog: {0}")]
    Malformed(serde_json::Error),
    /// JSON, but of some other kind.
    #[error("found format `{found}`, expected `{FORMAT}`")]
    OtherFormat {
        /// The `format` field as found.
        found: String,
    },
    /// A catalog of a version that did not exist when this program was built.
    #[error("found catalog version {found}, expected {}", v1::VERSION)]
    OtherVersion {
        /// The `version` field as found.
        found: u32,
    },
}

/// The two fields that stay where they are in every version of the format.
#[derive(Deserialize)]
struct Envelope {
    format: String,
    version: u32,
}

impl Envelope {
    fn check(self) -> Result<(), Error> {
        if self.format != FORMAT {
            return Err(Error::OtherFormat { found: self.format });
        }
        if self.version != v1::VERSION {
            return Err(Error::OtherVersion { found: self.version });
        }
        Ok(())
    }
}

/// Reads a catalog. Fields that this version does not know are ignored, so that newer generators may add some.
///
/// # Errors
/// See [`Error`]; a message names the field and the place in the text.
pub fn read(json: &[u8]) -> Result<v1::Catalog, Error> {
    let envelope: Envelope = serde_json::from_slice(json).map_err(Error::Malformed)?;
    envelope.check()?;
    serde_json::from_slice(json).map_err(Error::Malformed)
}

/// Reads a catalog product by product, without a whole one in memory; `take` gets each in the order of the file. What is left is
/// the site.
///
/// # Errors
/// Those of [`read`]. What came before an error was taken.
pub fn read_products(json: impl io::Read, take: impl FnMut(v1::Product)) -> Result<v1::Site, Error> {
    let mut deserializer = serde_json::Deserializer::from_reader(json);
    let mut taker = Taker { take, format: None, version: None };
    let read = deserializer.deserialize_map(&mut taker).and_then(|site| deserializer.end().map(|()| site));
    // Before all else: what is of another version need not look like this one.
    if let (Some(format), Some(version)) = (taker.format, taker.version) {
        Envelope { format, version }.check()?;
    }
    read.map_err(Error::Malformed)
}

/// Gives each product of a catalog away.
struct Taker<T> {
    take: T,
    format: Option<String>,
    version: Option<u32>,
}

impl<'de, T: FnMut(v1::Product)> Visitor<'de> for &mut Taker<T> {
    type Value = v1::Site;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a catalog")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<v1::Site, A::Error> {
        let (mut site, mut products) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "format" => self.format = Some(map.next_value()?),
                "version" => self.version = Some(map.next_value()?),
                "site" => site = Some(map.next_value::<v1::Site>()?),
                "products" => products = Some(map.next_value_seed(ProductTaker(&mut self.take))?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let others = [
            ("format", self.format.is_some()),
            ("version", self.version.is_some()),
            ("products", products.is_some()),
        ];
        let missing = others.into_iter().find(|(_, is_there)| !is_there);
        missing.map_or(Ok(()), |(field, _)| Err(de::Error::missing_field(field)))?;
        site.ok_or_else(|| de::Error::missing_field("site"))
    }
}

/// Gives each product of a list away.
struct ProductTaker<'t, T>(&'t mut T);

impl<'de, T: FnMut(v1::Product)> DeserializeSeed<'de> for ProductTaker<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: FnMut(v1::Product)> Visitor<'de> for ProductTaker<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of products")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut products: A) -> Result<(), A::Error> {
        while let Some(product) = products.next_element()? {
            (self.0)(product);
        }
        Ok(())
    }
}

/// Writes a catalog: indented, fields in the order of their declaration, a newline at the end. The same
/// catalog gives the same bytes on every machine.
#[must_use]
pub fn write(catalog: &v1::Catalog) -> Vec<u8> {
    let mut json = Vec::new();
    write_products(&mut json, &catalog.site, catalog.products.iter())
        .expect("a catalog has string keys only, nothing in it fails to serialize, and memory takes it");
    json
}

/// Writes the same without a whole catalog in memory: `products` are asked for one by one, sorted by id.
///
/// # Errors
/// Those of `out`.
pub fn write_products<P: Serialize>(
    mut out: impl io::Write,
    site: &v1::Site,
    products: impl Iterator<Item = P>,
) -> io::Result<()> {
    let catalog = Document {
        format: FORMAT,
        version: v1::VERSION,
        site,
        products: Products(Cell::new(Some(products))),
    };
    serde_json::to_writer_pretty(&mut out, &catalog)?;
    out.write_all(b"\n")
}

/// [`v1::Catalog`] as it is written.
#[derive(Serialize)]
#[serde(bound = "Products<I>: Serialize")]
struct Document<'s, I> {
    format: &'static str,
    version: u32,
    site: &'s v1::Site,
    products: Products<I>,
}

/// Products that can be written once.
struct Products<I>(Cell<Option<I>>);

impl<P: Serialize, I: Iterator<Item = P>> Serialize for Products<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.take().into_iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_another_format_is_refused_by_name() {
        let error = read(br#"{"format":"composer","version":1}"#).unwrap_err();
        assert_eq!(error.to_string(), "found format `composer`, expected `bandari-catalog`");
    }

    #[test]
    fn a_catalog_of_a_later_version_is_refused_by_number() {
        let error = read(br#"{"format":"bandari-catalog","version":2}"#).unwrap_err();
        assert_eq!(error.to_string(), "found catalog version 2, expected 1");
    }

    #[test]
    fn a_reader_ignores_what_a_newer_writer_adds_at_any_level() {
        let json = r#"{"format":"bandari-catalog","version":1,"new":1,
            "site":{"title":"T","vendor":"V","public_url":"https://u.example","new":1},
            "products":[{"id":"p","name":"P","new":1,
                "extension":{"type":"module","element":"mod_p","client":"site","new":1},
                "packages":[{"id":"p-1","version":"1","stability":"stable","file":"p.zip","size_bytes":1,"new":1,
                    "digests":{"sha256":"0000000000000000000000000000000000000000000000000000000000000000","new":1},
                    "databases":{"mysql":"8","sqlite":"3"}}]}]}"#;
        assert_eq!(read(json.as_bytes()).unwrap().products[0].packages.len(), 1);
    }

    /// A catalog whose one product has these fields besides those that it must have.
    fn with_product(fields: &str) -> v1::Product {
        let json = format!(
            r#"{{"format":"bandari-catalog","version":1,
                "site":{{"title":"T","vendor":"V","public_url":"https://u.example"}},
                "products":[{{"id":"p","name":"P",{fields}"packages":[]}}]}}"#
        );
        read(json.as_bytes()).unwrap().products.remove(0)
    }

    #[test]
    fn what_an_expired_license_opens_is_nothing_unless_a_known_word_says_more() {
        let after_expiry = |fields| with_product(fields).after_expiry;
        assert_eq!(after_expiry(""), v1::AfterExpiry::Nothing);
        assert_eq!(after_expiry(r#""after_expiry":"nothing","#), v1::AfterExpiry::Nothing);
        assert_eq!(after_expiry(r#""after_expiry":"older-releases","#), v1::AfterExpiry::OlderReleases);
        assert_eq!(after_expiry(r#""after_expiry":"the-newest","#), v1::AfterExpiry::Nothing);
    }

    #[test]
    fn what_an_expired_license_opens_is_written_where_it_is_something() {
        let written = |fields| serde_json::to_value(with_product(fields)).unwrap();
        assert_eq!(written(r#""after_expiry":"older-releases","#)["after_expiry"], "older-releases");
        assert_eq!(written(r#""after_expiry":"nothing","#).get("after_expiry"), None);
    }

    #[test]
    fn an_icon_is_a_file_of_its_product_and_nothing_says_that_there_is_none() {
        let icon = |fields| with_product(fields).icon.map(|icon| icon.to_string());
        assert_eq!(icon(r#""icon":"icon.svg","#).as_deref(), Some("icon.svg"));
        assert_eq!(icon(""), None);
        assert_eq!(serde_json::to_value(with_product("")).unwrap().get("icon"), None);
    }

    #[test]
    fn a_catalog_is_written_as_its_types_are_declared() {
        let json = r#"{"format":"bandari-catalog","version":1,
            "site":{"title":"T","vendor":"V","public_url":"https://u.example"},
            "products":[{"id":"p","name":"P","packages":[]},{"id":"q","name":"Q","packages":[]}]}"#;
        let catalog = read(json.as_bytes()).unwrap();
        let mut declared = serde_json::to_vec_pretty(&catalog).unwrap();
        declared.push(b'\n');
        assert_eq!(write(&catalog), declared);
        let none = v1::Catalog { products: Vec::new(), ..catalog };
        assert!(write(&none).ends_with(b"\"products\": []\n}\n"));
    }

    #[test]
    fn products_can_be_read_one_by_one() {
        let json = r#"{"format":"bandari-catalog","version":1,"new":[1],
            "site":{"title":"T","vendor":"V","public_url":"https://u.example"},
            "products":[{"id":"p","name":"P","packages":[]},{"id":"q","name":"Q","packages":[]}]}"#;
        let mut products = Vec::new();
        let site = read_products(json.as_bytes(), |product| products.push(product)).unwrap();
        let whole = read(json.as_bytes()).unwrap();
        assert_eq!((site, products), (whole.site, whole.products));
        for wrong in ["{}", "[]", "{", r#"{"format":"composer","version":1,"site":"#, &json[..json.len() - 1]]
        {
            assert!(read_products(wrong.as_bytes(), drop).is_err(), "{wrong}");
        }
        let later = json.replace("\"version\":1", "\"version\":2");
        let error = read_products(later.as_bytes(), drop).unwrap_err();
        assert_eq!(error.to_string(), "found catalog version 2, expected 1");
        let other = &br#"{"format":"composer","version":1}"#[..];
        let error = read_products(other, drop).unwrap_err();
        assert_eq!(error.to_string(), "found format `composer`, expected `bandari-catalog`");
        let error = read_products(&b"{}"[..], drop).unwrap_err();
        assert_eq!(error.to_string(), "not a catalog: missing field `format` at line 1 column 2");
    }

    #[test]
    fn a_missing_field_is_named() {
        let error = read(br#"{"format":"bandari-catalog","version":1}"#).unwrap_err();
        assert!(error.to_string().contains("missing field `site`"), "{error}");
    }
}
