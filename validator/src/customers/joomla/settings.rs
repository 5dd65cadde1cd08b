//! What opens and fills a site: its configuration, the secrets that this names, and whose user groups count.

use std::collections::BTreeMap;
use std::time::Duration;

use bandari_catalog::names::GroupId;

use crate::error::Error;

use super::config::JoomlaConfig;
use super::database::Access;

/// User groups by group of the catalog.
pub(crate) type UserGroups = BTreeMap<GroupId, Vec<u32>>;

/// What opens and fills a [`JoomlaSite`](super::JoomlaSite): as long as it is the same, so is the site. It has no `Debug`.
#[derive(Clone, PartialEq)]
pub(crate) struct SiteSettings {
    pub(super) config: JoomlaConfig,
    pub(super) access: Access,
    pub(super) user_groups: UserGroups,
    pub(super) time_limit: Duration,
}

impl SiteSettings {
    /// Reads the secrets that the configuration names. Groups that it has no user groups for have those of `taken_over`, which
    /// came from jBackend. `time_limit` is that of a look-up.
    ///
    /// # Errors
    /// [`Error::Configuration`] names the file that is wrong; [`Error::Io`].
    pub(crate) fn read(
        config: &JoomlaConfig,
        taken_over: UserGroups,
        time_limit: Duration,
    ) -> Result<Self, Error> {
        let access = Access::read(config)?;
        let mut user_groups = taken_over;
        user_groups.extend(config.user_groups.clone());
        Ok(Self { config: config.clone(), access, user_groups, time_limit })
    }

    /// Refuses groups of the catalog that nobody could have a license for.
    ///
    /// # Errors
    /// What was found and what was expected.
    pub(crate) fn check_groups(&self, of_catalog: &[&GroupId]) -> Result<(), String> {
        let has_members = |group: &GroupId| self.user_groups.get(group).is_some_and(|ids| !ids.is_empty());
        match of_catalog.iter().find(|group| self.config.licenses.is_none() && !has_members(group)) {
            Some(group) => Err(format!(
                "`joomla`: found neither user groups nor a query for licenses for the group `{group}` of the catalog, \
                 expected `{group} = […]` in `[joomla.user_groups]` or a table `[joomla.licenses]`"
            )),
            None => Ok(()),
        }
    }
}
