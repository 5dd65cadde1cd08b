//! Keys: which of those that a file holds are there, whose they are, and what they open.

use bandari_catalog::names::GroupId;

use super::{KnownKey, NewKey, Planner, Problem, Skip, WantedKey};

impl Planner {
    pub(super) fn key(&mut self, line: u64, user: u32, wanted: &WantedKey) {
        let before = self.keys.get(&wanted.hash).copied();
        let Some(known) = self.known.keys.get_mut(&wanted.hash) else {
            return self.write_key(line, user, wanted);
        };
        if known.user != user {
            let whose = match before {
                Some((line, _)) => format!("line {line}"),
                None => format!("user {}", known.user),
            };
            let message = format!("found the key of another address, which is that of {whose}");
            return self.problems.push(Problem::new(line, message));
        }
        self.keys.entry(wanted.hash).or_insert((line, None));
        let group = wanted.group.as_ref();
        let opens_it = known.group.as_deref().is_none_or(|known| Some(known) == group.map(GroupId::as_str));
        if known.is_revoked {
            if before.is_none() {
                self.plan.counts.skipped.add(Skip::RevokedKeys, line);
            }
        } else if opens_it {
            self.plan.counts.keys.there += u64::from(before.is_none());
        } else {
            // One key for several groups: other systems give each customer a single one.
            known.group = None;
            match before.and_then(|(_, place)| place).and_then(|place| self.plan.keys.get_mut(place)) {
                Some(new) => new.group = None,
                None => {
                    self.plan.widened_keys.push(wanted.hash);
                    self.plan.counts.keys.changed += 1;
                    self.note(user, group, None, "key for another group");
                }
            }
        }
    }

    fn write_key(&mut self, line: u64, user: u32, wanted: &WantedKey) {
        let group = wanted.group.clone();
        let known = KnownKey { user, group: group.as_ref().map(GroupId::to_string), is_revoked: false };
        self.known.keys.insert(wanted.hash, known);
        self.keys.insert(wanted.hash, (line, Some(self.plan.keys.len())));
        self.note(user, group.as_ref(), None, "key");
        self.plan.keys.push(NewKey { hash: wanted.hash, user, group });
        self.plan.counts.keys.new += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::fixtures::*;
    use super::super::{Count, Known};
    use super::*;

    #[test]
    fn a_key_that_is_there_is_the_same_key() {
        let rows = || [with_key(row(2, "ada@example.org"), 7, Some("lighthouse"))];
        let here = |group: Option<&str>, is_revoked| {
            let key = KnownKey { user: 1, group: group.map(str::to_owned), is_revoked };
            Known { keys: HashMap::from([([7; 32], key)]), ..store(&[]) }
        };
        for group in [Some("lighthouse"), None] {
            let plan = planned(&rows(), here(group, false));
            assert_eq!((plan.counts.keys.there, plan.keys.len(), plan.widened_keys.len()), (1, 0, 0));
        }
        let plan = planned(&rows(), here(None, true));
        assert_eq!((plan.counts.skipped.places[&Skip::RevokedKeys].count, plan.keys.len()), (1, 0));
        let plan = planned(&rows(), here(Some("dockyard"), false));
        assert_eq!((plan.counts.keys.changed, plan.widened_keys), (1, vec![[7; 32]]));
    }

    #[test]
    fn one_key_for_several_groups_opens_whatever_its_holder_has_licenses_for() {
        let of = |line, group| with_key(row(line, "ada@example.org"), 7, Some(group));
        let plan = planned(&[of(2, "lighthouse"), of(3, "dockyard"), of(4, "lighthouse")], Known::default());
        assert_eq!(plan.keys.len(), 1);
        assert!(plan.keys[0].group.is_none());
        assert_eq!(plan.counts.keys, Count { new: 1, changed: 0, there: 0 });
    }

    #[test]
    fn one_key_for_two_users_is_a_problem() {
        let rows =
            || [with_key(row(2, "ada@example.org"), 7, None), with_key(row(3, "bob@example.org"), 7, None)];
        assert_eq!(
            problems(&rows(), store(&[])),
            ["line 3: found the key of another address, which is that of line 2"]
        );
        let key = KnownKey { user: 9, group: None, is_revoked: true };
        let known = Known { keys: HashMap::from([([7; 32], key)]), ..store(&[]) };
        assert_eq!(
            problems(&rows()[..1], known),
            ["line 2: found the key of another address, which is that of user 9"]
        );
    }
}
