//! Joomla's updater: what a site makes of a feed, and why.
//!
//! A model of Joomla's own code, from the feed's bytes on: it knows nothing of who wrote the feed. No input, no clock, no
//! network; the same feed and the same [`Profile`] always give the same [`Decision`]. The way through is Joomla's:
//!
//! 1. `sax` calls back as PHP's XML parser does: [`Feed`] holds what it said.
//! 2. The check. `check` walks an extension feed as `ExtensionAdapter` does, `collection` a collection as `CollectionAdapter`
//!    does; `requirements` holds each entry to the site, and `row` tells what `Updater` and the table `#__updates` do with what
//!    is left: whose extension it is, whether it is newer, whether it fits into the columns.
//! 3. The installation. Joomla reads the feed once more with another class: `install` walks it as `Update` does; `download`
//!    joins the address with the download key as `UpdateModel` does, tells which file the package is saved as
//!    (`InstallerHelper`), and what checksums do.
//! 4. Beside them: `changelog`, as `Changelog` reads it for the window with what a release changed.
//!
//! `demands`, `identity` and `written` are no part of the model: what of a site a feed asks for at all, which extension it is
//! meant for, where nobody says it, and what it says in so many words.
//! `condensed` leaves out of a feed what no site is ever offered, for who asks for many sites.
//!
//! Where the model stops: Joomla takes dangerous HTML out of messages before they are shown, here it stays in them; letters with
//! accents, which MySQL takes for those without, are told apart; and odd addresses that libcurl mends on its way (`..`, a port
//! that is empty, a name and a password) are shown as they are written.
//!
//! What differs between Joomla's versions is data, a [`Line`] for each; the rules ask it. The texts are Joomla's own, of its
//! English language files (`texts`). Short names above are files below Joomla's `libraries/src/Updater/`,
//! `libraries/src/Installer/` and `administrator/components/com_installer/`.

mod changelog;
mod check;
mod collection;
mod condensed;
mod decision;
mod demands;
mod download;
mod expressions;
mod feed;
mod identity;
mod install;
mod line;
mod profile;
mod requirements;
mod row;
mod sax;
mod texts;
mod written;
#[cfg(feature = "fuzzing")]
mod xml_calls;

pub use changelog::{Changes, CutItem};
pub use decision::{
    Aborted, ChecksumResult, Decision, Download, Entry, FeedKind, Install, InstallOutcome, Message,
    MessageKind, Misfit, Mismatch, Outcome, Reason, SavedAs, Unread,
};
pub use demands::Demands;
pub use download::{KEY, can_be_unpacked};
pub use feed::Feed;
pub use line::Line;
pub use profile::{Database, DatabaseKind, DownloadKey, Installed, JoomlaVersion, PhpVersion, Profile};
pub(crate) use sax::{Mistake, check as check_xml};
#[cfg(feature = "fuzzing")]
pub use xml_calls::XmlCall;
#[cfg(feature = "fuzzing")]
pub(crate) use xml_calls::xml_calls;
