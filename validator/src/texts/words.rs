//! The words of a language file.

use serde::Deserialize;

use super::key_mail::KeyMailWords;
use super::text::{Nothing, OfCountdown, OfDate, OfDatePattern, OfDays, OfProduct, OfVendor, Plural, Text};

/// A language file. Every key must be there, and none that is not listed here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub(super) direction: Direction,
    pub(super) date: DateWords,
    pub(super) states: States,
    pub(super) problems: Problems,
    pub(super) check: CheckWords,
    pub(super) send_key: SendKeyWords,
    pub(super) key_mail: KeyMailWords,
    pub(super) labels: Labels,
}

/// `dir` of a page.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Direction {
    Ltr,
    Rtl,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DateWords {
    pub(super) pattern: Text<OfDatePattern>,
    pub(super) months: [Text<Nothing>; 12],
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct States {
    /// Of a license that has ended, where its holder keeps what was released before.
    pub(super) older_releases: Text<OfDate>,
    pub(super) valid: StateWords<Text<OfProduct>>,
    pub(super) expiring: StateWords<Plural<OfCountdown>>,
    pub(super) kept_release: StateWords<Text<OfDate>>,
    pub(super) missing: StateWords<Text<OfProduct>>,
    pub(super) invalid: StateWords<Text<OfProduct>>,
    pub(super) expired: StateWords<Text<OfDate>>,
    pub(super) canceled: StateWords<Dated>,
    pub(super) refunded: StateWords<Text<OfProduct>>,
    pub(super) suspended: StateWords<Text<OfProduct>>,
    pub(super) not_covered: StateWords<Text<OfProduct>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StateWords<R> {
    pub(super) heading: Text<Nothing>,
    pub(super) reason: R,
    pub(super) advice: Text<OfProduct>,
    /// What to do wherever it is told.
    pub(super) steps: Vec<Text<OfProduct>>,
    /// What to do besides where an update was refused.
    pub(super) update_steps: Vec<Text<OfProduct>>,
}

/// A sentence about something whose date may be unknown.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dated {
    pub(super) dated: Text<OfDate>,
    pub(super) undated: Text<OfProduct>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Problems {
    pub(super) no_package: ProblemWords<Nothing>,
    pub(super) free: ProblemWords<OfProduct>,
    pub(super) unknown_package: ProblemWords<Nothing>,
    pub(super) unknown_product: ProblemWords<Nothing>,
    pub(super) withdrawn: ProblemWords<OfProduct>,
    pub(super) store_away: ProblemWords<Nothing>,
    pub(super) too_many_requests: ProblemWords<Nothing>,
    pub(super) not_found: ProblemWords<Nothing>,
    pub(super) no_link: ProblemWords<Nothing>,
    pub(super) no_key_mails: ProblemWords<Nothing>,
    pub(super) too_many_mails: ProblemWords<Nothing>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, bound = "P: super::text::Placeholder")]
pub(super) struct ProblemWords<P> {
    pub(super) heading: Text<Nothing>,
    pub(super) text: Text<P>,
}

/// The page on which people check a key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckWords {
    pub(crate) heading: Text<Nothing>,
    pub(crate) intro: Text<OfProduct>,
    pub(crate) key: Text<Nothing>,
    pub(crate) submit: Text<Nothing>,
    pub(crate) expires: Text<Nothing>,
    pub(crate) never: Text<Nothing>,
    pub(crate) left: Text<Nothing>,
    /// What to tell of a form without a key.
    pub(crate) no_key: Text<Nothing>,
    /// Names the end of the key that was judged.
    pub(crate) judged_key: Text<Nothing>,
    /// What to tell of a key that came with blanks, quotes or the like around it.
    pub(crate) wrapped: Text<Nothing>,
    pub(super) days: Plural<OfDays>,
}

/// The page on which people have their key sent to them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendKeyWords {
    pub(crate) heading: Text<Nothing>,
    pub(crate) intro: Text<OfProduct>,
    pub(crate) email: Text<Nothing>,
    pub(crate) submit: Text<Nothing>,
    /// What to tell whoever gave an address, whosever it is.
    pub(crate) asked: Text<OfProduct>,
    /// What to tell of a form without an address.
    pub(crate) no_address: Text<Nothing>,
}

/// Words of all pages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Labels {
    pub(crate) what_to_do: Text<Nothing>,
    pub(crate) renew: Text<Nothing>,
    pub(crate) buy: Text<Nothing>,
    pub(crate) check: Text<Nothing>,
    pub(crate) account: Text<Nothing>,
    pub(crate) support: Text<Nothing>,
    pub(crate) homepage: Text<OfProduct>,
    pub(crate) published_by: Text<OfVendor>,
}
