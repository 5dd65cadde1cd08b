//! Words of the mail that brings a key.

use serde::Deserialize;

use super::text::{Nothing, OfDay, OfProduct, OfSite, Text};

/// The sentences of the mail; `templates/mail/key.txt` puts them in order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyMailWords {
    pub(crate) subject: Text<OfProduct>,
    pub(crate) greeting: Text<Nothing>,
    pub(crate) intro: Text<OfProduct>,
    /// Of a key that is good until a day.
    pub(crate) ends: Text<OfDay>,
    /// Of a key that is good for ever.
    pub(crate) endless: Text<Nothing>,
    /// Before the reason of a key that is not good.
    pub(crate) not_now: Text<Nothing>,
    /// Heading of the two places.
    #[serde(rename = "where")]
    pub(crate) where_heading: Text<Nothing>,
    pub(crate) update_sites: Text<Nothing>,
    pub(crate) own_settings: Text<Nothing>,
    pub(crate) asked: Text<OfSite>,
}
