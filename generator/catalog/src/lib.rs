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
use std::io;

use serde::{Deserialize, Serialize, Serializer};

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

/// Reads a catalog. Fields that this version does not know are ignored, so that newer generators may add some.
///
/// # Errors
/// See [`Error`]; a message names the field and the place in the text.
pub fn read(json: &[u8]) -> Result<v1::Catalog, Error> {
    let envelope: Envelope = serde_json::from_slice(json).map_err(Error::Malformed)?;
    if envelope.format != FORMAT {
        return Err(Error::OtherFormat { found: envelope.format });
    }
    if envelope.version != v1::VERSION {
        return Err(Error::OtherVersion { found: envelope.version });
    }
    serde_json::from_slice(json).map_err(Error::Malformed)
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
    fn a_missing_field_is_named() {
        let error = read(br#"{"format":"bandari-catalog","version":1}"#).unwrap_err();
        assert!(error.to_string().contains("missing field `site`"), "{error}");
    }
}
