//! Users, and where they log in.

use std::collections::HashMap;

use secrecy::{ExposeSecret, SecretString};

use super::{Account, AccountChange, KnownAccount, NewUser, Planner, Problem, Row};

impl Planner {
    /// The id of the row's user, who is made when the address is new.
    pub(super) fn user(&mut self, row: &Row) -> u32 {
        if let Some(&user) = self.known.users.get(&row.email) {
            let is_first = self.seen_users.insert(user);
            self.plan.counts.users.there += u64::from(is_first);
            return user;
        }
        self.known.last_user = self.known.last_user.saturating_add(1);
        let id = self.known.last_user;
        self.known.users.insert(row.email.clone(), id);
        self.seen_users.insert(id);
        self.new_users.insert(id, self.plan.users.len());
        let user = NewUser { id, email: row.email.clone(), username: None, password_hash: None };
        self.plan.users.push(user);
        self.plan.counts.users.new += 1;
        self.note(id, None, None, "user");
        id
    }

    /// Takes down what a line says of an account; lines for the same address add up.
    pub(super) fn account(&mut self, line: u64, user: u32, account: &Account) {
        let Some((before, said)) = self.accounts.get_mut(&user) else {
            self.accounts.insert(user, (line, account.clone()));
            return;
        };
        let is_other_hash = match (&said.password_hash, &account.password_hash) {
            (Some(said), Some(new)) => said.expose_secret() != new.expose_secret(),
            _ => false,
        };
        if is_other_hash || folded(&said.username) != folded(&account.username) {
            let message =
                format!("found another user name or password than in line {before} for the same address");
            self.problems.push(Problem::new(line, message));
        } else if said.password_hash.is_none() {
            said.password_hash.clone_from(&account.password_hash);
        }
    }

    /// Writes what all lines have said of accounts. Names that are given up are free before any is taken, so that users can
    /// swap them.
    pub(super) fn settle_accounts(&mut self) {
        let accounts = std::mem::take(&mut self.accounts);
        let staying = self.known.accounts.iter().filter(|(user, _)| !accounts.contains_key(user));
        let mut owners: HashMap<String, u32> =
            staying.map(|(user, account)| (folded(&account.username), *user)).collect();
        for (&user, (line, account)) in &accounts {
            let owner = *owners.entry(folded(&account.username)).or_insert(user);
            if owner == user {
                self.write_account(user, account);
                continue;
            }
            let whose = match accounts.get(&owner) {
                Some((line, _)) => format!("line {line}"),
                None => format!("user {owner}"),
            };
            let message = format!("found the user name of another address, which is that of {whose}");
            self.problems.push(Problem::new(*line, message));
        }
    }

    fn write_account(&mut self, user: u32, account: &Account) {
        let (username, mut password_hash) = (account.username.clone(), account.password_hash.clone());
        let what = if password_hash.is_some() { "user name and password" } else { "user name" };
        if let Some(new) = self.new_users.get(&user).and_then(|place| self.plan.users.get_mut(*place)) {
            (new.username, new.password_hash) = (Some(username), password_hash);
            self.plan.counts.accounts.new += 1;
            return self.note(user, None, None, what);
        }
        match self.known.accounts.get(&user) {
            Some(known) if known.is_same(account) => {
                self.plan.counts.accounts.there += 1;
                return;
            }
            Some(known) => {
                // Of the same user name, an old password is better than none; of another it would be a stranger's.
                if password_hash.is_none() && folded(&known.username) == folded(&username) {
                    password_hash.clone_from(&known.password_hash);
                }
                self.plan.counts.accounts.changed += 1;
            }
            None => self.plan.counts.accounts.new += 1,
        }
        self.plan.accounts.push(AccountChange { user, username, password_hash });
        self.note(user, None, None, what);
    }
}

impl KnownAccount {
    /// Whether the file says nothing new: a name without a password leaves the password as it is.
    fn is_same(&self, account: &Account) -> bool {
        let hash = |hash: &Option<SecretString>| hash.as_ref().map(|hash| hash.expose_secret().to_owned());
        self.username == account.username
            && (account.password_hash.is_none() || hash(&self.password_hash) == hash(&account.password_hash))
    }
}

/// As the store's index tells user names apart.
pub(super) fn folded(username: &str) -> String {
    username.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::super::{Count, Known};
    use super::*;

    #[test]
    fn a_user_name_belongs_to_one_address_and_an_address_has_one() {
        let rows = [
            with_account(row(2, "ada@example.org"), "ada", Some("a")),
            with_account(row(3, "bob@example.org"), "ADA", None),
            with_account(row(4, "ada@example.org"), "lady", Some("a")),
            with_account(row(5, "ada@example.org"), "ada", Some("b")),
            with_account(row(6, "ada@example.org"), "ada", Some("a")),
        ];
        assert_eq!(
            problems(&rows, store(&[])),
            [
                "line 4: found another user name or password than in line 2 for the same address",
                "line 5: found another user name or password than in line 2 for the same address",
                "line 3: found the user name of another address, which is that of line 2",
            ]
        );
        let account = KnownAccount { username: "Ada".to_owned(), password_hash: None };
        let known = Known { accounts: HashMap::from([(9, account)]), ..store(&[]) };
        assert_eq!(
            problems(&rows[..1], known),
            ["line 2: found the user name of another address, which is that of user 9"]
        );
    }

    #[test]
    fn users_may_swap_their_names_and_take_one_that_another_gives_up() {
        let account =
            |name: &str| KnownAccount { username: name.to_owned(), password_hash: Some("a".into()) };
        let here =
            || Known { accounts: HashMap::from([(1, account("ada")), (9, account("Bob"))]), ..store(&[]) };
        let mut known = here();
        known.users.insert(crate::email::EmailAddress::parse("bob@example.org").unwrap(), 9);
        let rows = [
            with_account(row(2, "ada@example.org"), "bob", None),
            with_account(row(3, "bob@example.org"), "ada", None),
        ];
        let plan = planned(&rows, known);
        let changes = plan
            .accounts
            .iter()
            .map(|change| (change.user, change.username.as_str(), change.password_hash.is_some()));
        assert!(changes.eq([(1, "bob", false), (9, "ada", false)]), "nobody gets the other's password");

        let rows = [
            with_account(row(2, "ada@example.org"), "lady", None),
            with_account(row(3, "new@example.org"), "ada", None),
        ];
        assert_eq!(planned(&rows, here()).users[0].username.as_deref(), Some("ada"));
        // Who is not in the file keeps the name.
        assert_eq!(
            problems(&[with_account(row(2, "ada@example.org"), "bob", None)], here()),
            ["line 2: found the user name of another address, which is that of user 9"]
        );
    }

    #[test]
    fn a_name_in_other_letters_keeps_its_password() {
        let account = KnownAccount { username: "ada".to_owned(), password_hash: Some("a".into()) };
        let here = Known { accounts: HashMap::from([(1, account)]), ..store(&[]) };
        let plan = planned(&[with_account(row(2, "ada@example.org"), "Ada", None)], here);
        let hash = plan.accounts[0].password_hash.as_ref().map(|hash| hash.expose_secret().to_owned());
        assert_eq!(hash.as_deref(), Some("a"));
    }

    #[test]
    fn lines_for_the_same_address_add_up_to_one_account() {
        let rows = [
            with_account(row(2, "ada@example.org"), "ada", None),
            with_account(row(3, "ada@example.org"), "ada", Some("a")),
            row(4, "ada@example.org"),
        ];
        let plan = planned(&rows, Known::default());
        let hash = plan.users[0].password_hash.as_ref().map(|hash| hash.expose_secret().to_owned());
        assert_eq!((plan.counts.accounts.new, hash.as_deref()), (1, Some("a")));
    }

    #[test]
    fn an_account_is_changed_by_what_is_newer() {
        let here = || {
            let account = KnownAccount { username: "ada".to_owned(), password_hash: Some("a".into()) };
            Known { accounts: HashMap::from([(1, account)]), ..store(&[]) }
        };
        for (username, hash, expected) in [
            ("ada", Some("a"), Count { there: 1, ..Count::default() }),
            ("ada", None, Count { there: 1, ..Count::default() }),
            ("ada", Some("b"), Count { changed: 1, ..Count::default() }),
            ("lady", None, Count { changed: 1, ..Count::default() }),
        ] {
            let plan = planned(&[with_account(row(2, "ada@example.org"), username, hash)], here());
            assert_eq!(plan.counts.accounts, expected, "{username} {hash:?}");
        }
    }
}
