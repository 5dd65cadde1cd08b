//! What stands between an update and its site, in words: an update that is listed and not installed, or stored and not listed.
//! Each is the end of a sentence without its dot.

use crate::shown::{quoted, shown};
use crate::updater::{ChecksumResult, Install, InstallOutcome, Misfit};

/// Why a listed update cannot be installed; none where it can.
pub(crate) fn of_install(install: &Install) -> Option<String> {
    Some(match &install.outcome {
        InstallOutcome::Downloads => {
            let Some(ChecksumResult::NeverRight { digest, value, stops: true }) =
                install.download.as_ref().map(|download| &download.checksum)
            else {
                return None;
            };
            let blanks = if value.trim() == value { "" } else { " with the blanks around it" };
            format!("its `<{digest}>`{blanks} is that of no package")
        }
        InstallOutcome::NoRequest { cause } => format!("its address cannot be requested: {}", shown(cause)),
        InstallOutcome::NothingFits => "nothing fits when Joomla reads the feed again".to_owned(),
        InstallOutcome::NeverTaken => "the feed has no `</updates>`".to_owned(),
        InstallOutcome::NoAddress => "it has no `<downloadurl>`".to_owned(),
        InstallOutcome::Unreadable => "the feed is no XML".to_owned(),
        InstallOutcome::Failed(aborted) | InstallOutcome::Aborted(aborted) => {
            format!("PHP ends the installation with the error {}", quoted(&aborted.error))
        }
    })
}

/// Why the database refuses an update.
pub(crate) fn of_misfit(misfit: &Misfit) -> String {
    match misfit {
        Misfit::Blank { column: "name" } => "it has no `<name>`".to_owned(),
        Misfit::Blank { column } => format!("it has no `{column}`"),
        Misfit::TooLong { column, length, limit } => {
            format!("its `{column}` has a length of {length}, and {limit} is the most")
        }
    }
}
