//! What a file asks for, compared with what the store has: a pure function, so that a dry run and an import say the same. An
//! import adds; the only things that it changes are where customers log in, and what a key opens. In particular it never
//! takes back what was done to a license here.

mod accounts;
mod keys;
mod licenses;

use std::collections::{BTreeMap, HashMap, HashSet};

use bandari_catalog::names::GroupId;
use secrecy::SecretString;
use serde::Serialize;

use crate::email::EmailAddress;
use crate::imported_key::KeyHash;
use crate::store::LicenseState;

use super::{Account, OtherwiseHere, Problem, Row, Skip, Skipped, Wanted, WantedKey, WantedLicense};

/// What the store has.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) users: HashMap<EmailAddress, u32>,
    /// By user; those without a user name are left out.
    pub(crate) accounts: HashMap<u32, KnownAccount>,
    /// By user and group.
    pub(crate) licenses: HashMap<(u32, String), Vec<KnownLicense>>,
    pub(crate) keys: HashMap<KeyHash, KnownKey>,
    /// Greatest id that a user has had.
    pub(crate) last_user: u32,
    /// Greatest id that a license has had.
    pub(crate) last_license: i64,
}

/// Where a customer logs in.
pub(crate) struct KnownAccount {
    pub(crate) username: String,
    pub(crate) password_hash: Option<SecretString>,
}

/// A license of the store, or one that this run adds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownLicense {
    pub(crate) id: i64,
    pub(crate) state: LicenseState,
    pub(crate) expires_at: Option<i64>,
}

/// An imported key of the store.
#[derive(Clone, Debug)]
pub(crate) struct KnownKey {
    pub(crate) user: u32,
    pub(crate) group: Option<String>,
    pub(crate) is_revoked: bool,
}

/// What is to be written.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) users: Vec<NewUser>,
    /// Of users who are there already.
    pub(crate) accounts: Vec<AccountChange>,
    pub(crate) licenses: Vec<NewLicense>,
    pub(crate) keys: Vec<NewKey>,
    /// Keys of the store that open whatever their holder has licenses for, from now on.
    pub(crate) widened_keys: Vec<KeyHash>,
    pub(crate) history: Vec<HistoryEntry>,
    pub(crate) counts: Counts,
}

/// A user to be made.
pub(crate) struct NewUser {
    pub(crate) id: u32,
    pub(crate) email: EmailAddress,
    pub(crate) username: Option<String>,
    pub(crate) password_hash: Option<SecretString>,
}

/// A new user name or password hash.
pub(crate) struct AccountChange {
    pub(crate) user: u32,
    pub(crate) username: String,
    pub(crate) password_hash: Option<SecretString>,
}

/// A license to be made.
pub(crate) struct NewLicense {
    pub(crate) id: i64,
    pub(crate) user: u32,
    pub(crate) group: GroupId,
    pub(crate) state: LicenseState,
    pub(crate) state_since: Option<i64>,
    pub(crate) expires_at: Option<i64>,
}

/// A key to be kept.
pub(crate) struct NewKey {
    pub(crate) hash: KeyHash,
    pub(crate) user: u32,
    pub(crate) group: Option<GroupId>,
}

/// A line of the history; its action is `import`.
pub(crate) struct HistoryEntry {
    pub(crate) user: u32,
    pub(crate) group: Option<GroupId>,
    pub(crate) license: Option<i64>,
    /// What it is; never a secret.
    pub(crate) detail: String,
}

/// How many of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) users: Count,
    pub(crate) accounts: Count,
    pub(crate) licenses: Count,
    pub(crate) keys: Count,
    /// Users of the file who have no license for anything afterwards.
    pub(crate) users_without_license: u64,
    pub(crate) skipped: Skipped,
}

/// How many were not there before, how many were there and are changed, and how many were there just so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Count {
    pub(crate) new: u64,
    pub(crate) changed: u64,
    pub(crate) there: u64,
}

/// Compares. `source` is the word for the kind of file that the history keeps.
///
/// # Errors
/// Everything in the rows that cannot stand together, or beside what the store has.
pub(crate) fn plan(
    rows: &[Row],
    skipped: Skipped,
    known: Known,
    source: &'static str,
) -> Result<Plan, Vec<Problem>> {
    let mut planner = Planner::new(known, source);
    planner.plan.counts.skipped = skipped;
    let users: Vec<u32> = rows.iter().map(|row| planner.user(row)).collect();
    let with_users = || rows.iter().zip(users.iter().copied());
    for (row, user) in with_users() {
        if let Some(account) = &row.account {
            planner.account(row.line, user, account);
        }
    }
    planner.settle_accounts();
    let wanted = || with_users().filter_map(|(row, user)| Some((row.line, user, row.license.as_ref()?)));
    planner.listed_licenses(wanted());
    for (line, user, license) in wanted().filter(|(.., license)| license.how == Wanted::UnlessCovered) {
        planner.license_unless_covered(line, user, license);
    }
    planner.count_users_without_license();
    for (row, user) in with_users() {
        if let Some(key) = &row.key {
            planner.key(row.line, user, key);
        }
    }
    planner.plan.counts.skipped.licenses.sort_by_key(|skipped| skipped.line);
    if planner.problems.is_empty() { Ok(planner.plan) } else { Err(planner.problems) }
}

struct Planner {
    known: Known,
    source: &'static str,
    /// Users whom the file has named so far.
    seen_users: HashSet<u32>,
    /// New users' places in the plan.
    new_users: HashMap<u32, usize>,
    /// What the file has said of a user's account so far, and the first line that did.
    accounts: BTreeMap<u32, (u64, Account)>,
    /// Keys that the file has named so far: in which line, and their place in the plan when they are new.
    keys: HashMap<KeyHash, (u64, Option<usize>)>,
    /// Licenses for customers that were looked at already.
    covered: HashSet<(u32, GroupId, Option<i64>)>,
    plan: Plan,
    problems: Vec<Problem>,
}

impl Planner {
    fn new(known: Known, source: &'static str) -> Self {
        Self {
            known,
            source,
            seen_users: HashSet::new(),
            new_users: HashMap::new(),
            accounts: BTreeMap::new(),
            keys: HashMap::new(),
            covered: HashSet::new(),
            plan: Plan::default(),
            problems: Vec::new(),
        }
    }

    fn note(&mut self, user: u32, group: Option<&GroupId>, license: Option<i64>, what: &str) {
        let detail = format!("{}: {what}", self.source);
        self.plan.history.push(HistoryEntry { user, group: group.cloned(), license, detail });
    }
}

#[cfg(test)]
mod fixtures {
    //! Rows and stores for the tests of planning.

    use super::*;

    pub(super) const END: Option<i64> = Some(1_900_000_000);

    pub(super) fn group(id: &str) -> GroupId {
        GroupId::parse(id).unwrap()
    }

    pub(super) fn row(line: u64, email: &str) -> Row {
        Row { line, email: EmailAddress::parse(email).unwrap(), account: None, license: None, key: None }
    }

    pub(super) fn listed(line: u64, state: LicenseState, expires_at: Option<i64>) -> Row {
        let license = WantedLicense {
            group: group("lighthouse"),
            expires_at,
            how: Wanted::Exactly { state, since: None },
        };
        Row { license: Some(license), ..row(line, "ada@example.org") }
    }

    pub(super) fn customer(line: u64, expires_at: Option<i64>) -> Row {
        let license = WantedLicense { group: group("lighthouse"), expires_at, how: Wanted::UnlessCovered };
        Row { license: Some(license), ..row(line, "ada@example.org") }
    }

    pub(super) fn with_key(row: Row, key: u8, of: Option<&str>) -> Row {
        Row { key: Some(WantedKey { hash: [key; 32], group: of.map(group) }), ..row }
    }

    pub(super) fn with_account(row: Row, username: &str, password_hash: Option<&str>) -> Row {
        let password_hash = password_hash.map(SecretString::from);
        Row { account: Some(Account { username: username.to_owned(), password_hash }), ..row }
    }

    /// A store in which Ada is user 1, with these licenses for one group, from license 1 on.
    pub(super) fn store(licenses: &[(LicenseState, Option<i64>)]) -> Known {
        let licenses =
            (1..).zip(licenses).map(|(id, &(state, expires_at))| KnownLicense { id, state, expires_at });
        Known {
            users: HashMap::from([(EmailAddress::parse("ada@example.org").unwrap(), 1)]),
            licenses: HashMap::from([((1, "lighthouse".to_owned()), licenses.collect())]),
            last_user: 1,
            last_license: 5,
            ..Known::default()
        }
    }

    pub(super) fn planned(rows: &[Row], known: Known) -> Plan {
        plan(rows, Skipped::default(), known, "csv").unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    pub(super) fn problems(rows: &[Row], known: Known) -> Vec<String> {
        let problems = plan(rows, Skipped::default(), known, "csv").err().unwrap_or_default();
        problems.iter().map(ToString::to_string).collect()
    }

    /// How many licenses are new, were there, and are skipped.
    pub(super) fn licenses(rows: &[Row], known: Known) -> (u64, u64, u64) {
        let counts = planned(rows, known).counts;
        let skipped = counts.skipped.places.get(&Skip::LicensesOtherwiseHere);
        (counts.licenses.new, counts.licenses.there, skipped.map_or(0, |places| places.count))
    }
}

#[cfg(test)]
mod tests {
    use super::fixtures::*;

    #[test]
    fn new_ids_follow_the_last_ones_and_each_change_has_its_line() {
        let rows = [
            with_key(with_account(customer(2, END), "ada", None), 7, Some("lighthouse")),
            row(3, "bob@example.org"),
        ];
        let plan = planned(&rows, store(&[]));
        assert_eq!((plan.users[0].id, plan.licenses[0].id, plan.licenses[0].user), (2, 6, 1));
        let lines: Vec<_> = plan.history.iter().map(|line| (line.user, line.detail.as_str())).collect();
        assert_eq!(
            lines,
            [
                (2, "csv: user"),
                (1, "csv: user name"),
                (1, "csv: active license, ends 2030-03-17T17:46:40Z"),
                (1, "csv: key")
            ]
        );
    }
}
