//! What is taken of a file where users and licenses live in a Joomla site's database: the keys of its users. All else is there
//! already, or is for the site to say.

use std::collections::HashMap;

use crate::email::EmailAddress;

use super::{Read, Skip};

impl Read {
    /// The addresses whose keys the file holds, each once.
    pub(crate) fn holders_of_keys(&self) -> Vec<EmailAddress> {
        let holders = self.rows.iter().filter(|row| row.key.is_some()).map(|row| row.email.clone());
        let mut holders: Vec<_> = holders.collect();
        holders.sort_by(|one, other| one.expose().cmp(other.expose()));
        holders.dedup();
        holders
    }

    /// Leaves only keys, and those only of these users.
    pub(crate) fn keep_keys_of(&mut self, users: &HashMap<EmailAddress, u32>) {
        for row in std::mem::take(&mut self.rows) {
            if row.key.is_none() {
                self.skipped.add(Skip::WithoutKey, row.line);
            } else if !users.contains_key(&row.email) {
                self.skipped.add(Skip::KeysWithoutUser, row.line);
            } else {
                self.rows.push(super::Row { account: None, license: None, ..row });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::with_terms;
    use super::super::{Format, read};
    use super::*;

    #[test]
    fn keys_of_users_are_kept_and_nothing_else() {
        let text = "email,group,key,expires\n\
                    ada@example.org,lighthouse,fd8s809f89ds8f90,2027-01-31\n\
                    ada@example.org,dockyard,,\n\
                    bob@example.org,,fd8s809f89ds8f91,\n\
                    Ada@Example.org,,fd8s809f89ds8f92,\n";
        let mut read = with_terms(|terms| read(Format::Csv, text.as_bytes(), terms));
        let ada = EmailAddress::parse("ada@example.org").unwrap();
        assert_eq!(read.holders_of_keys().len(), 2);
        read.keep_keys_of(&HashMap::from([(ada, 42)]));
        let lines: Vec<_> = read.rows.iter().map(|row| (row.line, row.license.is_some())).collect();
        assert_eq!(lines, [(2, false), (5, false)]);
        let skipped = |skip| read.skipped.places[&skip].lines.iter().copied().collect::<Vec<_>>();
        assert_eq!((skipped(Skip::WithoutKey), skipped(Skip::KeysWithoutUser)), (vec![3], vec![4]));
    }
}
