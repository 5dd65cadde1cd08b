//! Licenses: which of those that a file asks for are there.

use std::collections::{BTreeMap, HashSet};

use bandari_catalog::names::GroupId;

use crate::dates;

use super::{KnownLicense, LicenseState, NewLicense, OtherwiseHere, Planner, Wanted, WantedLicense};

impl Planner {
    /// Licenses that the file lists. Of those for the same user, group and end, the ones in the same state are the same; one
    /// that is left over here is one that was changed here, and stays as it is.
    pub(super) fn listed_licenses<'w>(
        &mut self,
        wanted: impl Iterator<Item = (u64, u32, &'w WantedLicense)>,
    ) {
        let mut listed: BTreeMap<_, Vec<(LicenseState, Option<i64>, u64)>> = BTreeMap::new();
        for (line, user, license) in wanted {
            let Wanted::Exactly { state, since } = license.how else { continue };
            let same = listed.entry((user, license.group.clone(), license.expires_at)).or_default();
            if !same.iter().any(|(other, ..)| *other == state) {
                same.push((state, since, line));
            }
        }
        for ((user, group, expires_at), states) in listed {
            let key = (user, group.to_string());
            let here = self.known.licenses.get(&key).into_iter().flatten();
            let here: Vec<_> = here.filter(|license| license.expires_at == expires_at).copied().collect();
            let is_listed =
                |license: &&KnownLicense| states.iter().any(|(state, ..)| *state == license.state);
            let mut left_over = here.iter().filter(|license| !is_listed(license));
            for &(state, since, line) in &states {
                if here.iter().any(|license| license.state == state) {
                    self.plan.counts.licenses.there += 1;
                } else if let Some(KnownLicense { id, state: here, .. }) = left_over.next() {
                    let (license, here, listed) = (*id, *here, Some(state));
                    self.plan.counts.skipped.add_license(OtherwiseHere { line, license, here, listed });
                } else {
                    self.write_license(user, &group, expires_at, (state, since));
                }
            }
        }
    }

    /// A license for a customer who may have a better one.
    pub(super) fn license_unless_covered(&mut self, line: u64, user: u32, wanted: &WantedLicense) {
        if !self.covered.insert((user, wanted.group.clone(), wanted.expires_at)) {
            return;
        }
        let here = self.known.licenses.get(&(user, wanted.group.to_string())).into_iter().flatten();
        let is_no_earlier = |license: &&KnownLicense| match (license.expires_at, wanted.expires_at) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(end), Some(wanted)) => end >= wanted,
        };
        let covering: Vec<_> = here.filter(is_no_earlier).copied().collect();
        if covering.iter().any(|license| license.state == LicenseState::Active) {
            self.plan.counts.licenses.there += 1;
        } else if let Some(&KnownLicense { id: license, state: here, .. }) = covering.first() {
            self.plan.counts.skipped.add_license(OtherwiseHere { line, license, here, listed: None });
        } else {
            let active = (LicenseState::Active, None);
            self.write_license(user, &wanted.group, wanted.expires_at, active);
        }
    }

    /// Counts whom the file names and leaves without a license.
    pub(super) fn count_users_without_license(&mut self) {
        let with: HashSet<u32> = self.known.licenses.keys().map(|(user, _)| *user).collect();
        self.plan.counts.users_without_license = self.seen_users.difference(&with).count() as u64;
    }

    fn write_license(
        &mut self,
        user: u32,
        group: &GroupId,
        expires_at: Option<i64>,
        (state, state_since): (LicenseState, Option<i64>),
    ) {
        self.known.last_license = self.known.last_license.saturating_add(1);
        let id = self.known.last_license;
        let here = self.known.licenses.entry((user, group.to_string())).or_default();
        here.push(KnownLicense { id, state, expires_at });
        let license = NewLicense { id, user, group: group.clone(), state, state_since, expires_at };
        self.plan.licenses.push(license);
        self.plan.counts.licenses.new += 1;
        let what = format!("{} license, ends {}", state.name(), dates::print_or_never(expires_at));
        self.note(user, Some(group), Some(id), &what);
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::super::{Known, Row};
    use super::*;

    #[test]
    fn a_license_with_the_same_end_and_state_is_the_same() {
        use LicenseState::{Active, Refunded};
        let rows = || [listed(2, Active, END), listed(3, Refunded, END), listed(4, Active, END)];
        assert_eq!(licenses(&rows(), Known::default()), (2, 0, 0));
        assert_eq!(licenses(&rows(), store(&[(Active, END), (Refunded, END)])), (0, 2, 0));
        assert_eq!(licenses(&rows(), store(&[(Active, None)])), (2, 0, 0));
    }

    #[test]
    fn what_was_done_to_a_license_here_is_not_taken_back() {
        use LicenseState::{Active, Canceled, Revoked};
        assert_eq!(licenses(&[listed(2, Active, END)], store(&[(Canceled, END)])), (0, 0, 1));
        assert_eq!(licenses(&[listed(2, Canceled, END)], store(&[(Active, END)])), (0, 0, 1));
        assert_eq!(licenses(&[customer(2, END)], store(&[(Revoked, None)])), (0, 0, 1));
    }

    #[test]
    fn a_license_in_another_state_is_told_with_its_line_and_the_command_that_follows_the_file() {
        use LicenseState::{Active, Canceled, Refunded};
        let rows = [listed(7, Refunded, END), customer(8, None)];
        let skipped = planned(&rows, store(&[(Canceled, None), (Active, END)])).counts.skipped;
        let told = skipped
            .licenses
            .iter()
            .map(|skipped| (skipped.line, skipped.license, skipped.here, skipped.listed, skipped.command()));
        assert!(told.eq([
            (7, 2, Active, Some(Refunded), Some("license refund 2".to_owned())),
            (8, 1, Canceled, None, None),
        ]));
    }

    #[test]
    fn customers_whom_a_file_leaves_without_a_license_are_counted() {
        let rows = || [row(2, "ada@example.org"), row(3, "bob@example.org"), row(4, "bob@example.org")];
        let without = |rows: &[Row], known| planned(rows, known).counts.users_without_license;
        assert_eq!(without(&rows(), Known::default()), 2);
        assert_eq!(without(&rows(), store(&[(LicenseState::Active, END)])), 1);
        let [_, bob, _] = rows();
        assert_eq!(without(&[customer(2, END), bob], Known::default()), 1);
    }

    #[test]
    fn a_customer_gets_a_license_unless_one_is_there_that_ends_no_earlier() {
        use LicenseState::{Active, Canceled};
        let rows = || [customer(2, END), customer(3, END)];
        assert_eq!(licenses(&rows(), Known::default()), (1, 0, 0));
        for (here, expected) in [
            (&[(Active, END)][..], (0, 1, 0)),
            (&[(Active, None), (Canceled, None)], (0, 1, 0)),
            (&[(Active, Some(1_800_000_000))], (1, 0, 0)),
        ] {
            assert_eq!(licenses(&rows(), store(here)), expected);
        }
        assert_eq!(licenses(&[customer(2, None)], store(&[(Active, END)])), (1, 0, 0));
    }
}
