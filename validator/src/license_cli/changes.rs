//! `license cancel`, `refund`, `suspend`, `revoke`, and `restore`, which takes any of them back.

use crate::cli::print;
use crate::config::Config;
use crate::error::Error;
use crate::store::LicenseState;

use super::show::LicenseJson;
use super::{LicenseArgs, now, own_store, print_json};

/// Brings a license into a state.
pub(super) async fn run(args: &LicenseArgs, state: LicenseState) -> Result<(), Error> {
    let config = Config::load(&args.config.config)?;
    let store = own_store(&config, state.command()).await?;
    let now = now();
    let found = store.change_state(args.license, state, now).await?;
    let (row, was) = found.ok_or(Error::NoSuchLicense(args.license))?;
    if args.json {
        let license = LicenseJson::new(&row, now);
        return print_json(
            &serde_json::json!({ "changed": was != state, "was": was.name(), "license": license }),
        );
    }
    let (license, user, group) = (row.license, row.user, &row.group);
    match was == state {
        true => print(&format!("license {license} is {} already: nothing changed", state.name())),
        false => print(&format!(
            "license {license} of user {user} for `{group}` is {} now, was {}",
            state.name(),
            was.name()
        )),
    }
}
