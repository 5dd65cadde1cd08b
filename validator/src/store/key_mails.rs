//! Wishes for a mail with a key. Each stays until it is done, so a restart loses none; who works on one holds it by a lease,
//! so that no two processes send the same.

use bandari_catalog::names::GroupId;
use sqlx::Row;

use crate::email::EmailAddress;
use crate::error::Error;

use super::Store;

/// What somebody asked for. Whether the address is a customer's is found out later.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) email: EmailAddress,
    pub(crate) group: String,
    /// Tag of the language of the mail.
    pub(crate) language: String,
    /// In Unix seconds.
    pub(crate) asked_at: i64,
}

/// A wish that nobody else works on for as long as the lease lasts.
#[derive(Clone, Debug)]
pub(crate) struct Claimed {
    pub(crate) id: i64,
    /// How often it was claimed, this time included. It tells an outlived lease from the one that holds.
    pub(crate) attempts: u32,
    /// Nothing when the row is not one that this program would write; such a wish can only be given up.
    pub(crate) wish: Option<Wish>,
}

impl Store {
    /// Keeps a wish for an address, whosever it is: the same insert for all.
    pub(crate) async fn add_key_mail(
        &self,
        email: &EmailAddress,
        group: &GroupId,
        language: &str,
        now: i64,
    ) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO key_mails (email, group_id, language, asked_at, next_attempt_at) \
             VALUES (?1, ?2, ?3, ?4, ?4)",
        )
        .bind(email.expose())
        .bind(group.as_str())
        .bind(language)
        .bind(now)
        .execute(&self.pool)
        .await
        .map(|_| ())
        .map_err(|error| self.failed(error))
    }

    /// Takes the wish that has been due for longest at `now`, if there is one; nobody else gets it before
    /// `now + lease_seconds`.
    pub(crate) async fn claim_key_mail(
        &self,
        now: i64,
        lease_seconds: i64,
    ) -> Result<Option<Claimed>, Error> {
        // One statement, so that looking and taking cannot be parted.
        let row = sqlx::query(
            "UPDATE key_mails SET attempts = attempts + 1, next_attempt_at = ?1 + ?2 WHERE id = \
             (SELECT id FROM key_mails WHERE next_attempt_at <= ?1 ORDER BY next_attempt_at, id LIMIT 1) \
             RETURNING id, attempts, email, group_id, language, asked_at",
        )
        .bind(now)
        .bind(lease_seconds)
        .fetch_optional(&self.pool)
        .await
        .map_err(|error| self.failed(error))?;
        Ok(row.map(|row| {
            let email = EmailAddress::parse(row.get(2));
            let wish = email.map(|email| Wish {
                email,
                group: row.get(3),
                language: row.get(4),
                asked_at: row.get(5),
            });
            Claimed { id: row.get(0), attempts: row.get(1), wish }
        }))
    }

    /// Takes a wish off the list: it is done, or nothing can be done.
    pub(crate) async fn close_key_mail(&self, claimed: &Claimed) -> Result<(), Error> {
        sqlx::query("DELETE FROM key_mails WHERE id = ?1 AND attempts = ?2")
            .bind(claimed.id)
            .bind(claimed.attempts)
            .execute(&self.pool)
            .await
            .map(|_| ())
            .map_err(|error| self.failed(error))
    }

    /// Leaves a wish for later. `until` is in Unix seconds.
    pub(crate) async fn put_off_key_mail(&self, claimed: &Claimed, until: i64) -> Result<(), Error> {
        sqlx::query("UPDATE key_mails SET next_attempt_at = ?3 WHERE id = ?1 AND attempts = ?2")
            .bind(claimed.id)
            .bind(claimed.attempts)
            .bind(until)
            .execute(&self.pool)
            .await
            .map(|_| ())
            .map_err(|error| self.failed(error))
    }

    /// When the next wish is due, in Unix seconds; nothing when there is none.
    pub(crate) async fn next_key_mail_at(&self) -> Result<Option<i64>, Error> {
        sqlx::query_scalar("SELECT MIN(next_attempt_at) FROM key_mails")
            .fetch_one(&self.pool)
            .await
            .map_err(|error| self.failed(error))
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::super::Users;
    use super::*;
    use crate::customers::Customers as _;

    const LEASE: i64 = 300;

    async fn store_with_wishes(emails: &[&str]) -> (TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("licenses.sqlite"), Users::Own).await.unwrap();
        for (at, email) in (1_000..).zip(emails) {
            let email = EmailAddress::parse(email).unwrap();
            store.add_key_mail(&email, &GroupId::parse("redj_ent").unwrap(), "de", at).await.unwrap();
        }
        (folder, store)
    }

    async fn claimed(store: &Store, now: i64) -> Option<(String, u32)> {
        let claimed = store.claim_key_mail(now, LEASE).await.unwrap()?;
        Some((claimed.wish.unwrap().email.expose().to_owned(), claimed.attempts))
    }

    #[tokio::test]
    async fn wishes_are_taken_in_the_order_of_their_coming_and_never_twice() {
        let (_folder, store) = store_with_wishes(&["ada@example.org", "eve@example.org"]).await;
        assert_eq!(claimed(&store, 999).await, None);
        assert_eq!(claimed(&store, 1_001).await, Some(("ada@example.org".into(), 1)));
        assert_eq!(claimed(&store, 1_001).await, Some(("eve@example.org".into(), 1)));
        assert_eq!(claimed(&store, 1_001).await, None);
        assert_eq!(store.next_key_mail_at().await.unwrap(), Some(1_301));
    }

    #[tokio::test]
    async fn a_wish_whose_lease_is_over_is_taken_again() {
        let (_folder, store) = store_with_wishes(&["ada@example.org"]).await;
        let first = store.claim_key_mail(1_000, LEASE).await.unwrap().unwrap();
        assert_eq!(claimed(&store, 1_299).await, None);
        assert_eq!(claimed(&store, 1_300).await, Some(("ada@example.org".into(), 2)));
        // Whoever held the first lease changes nothing any more.
        store.close_key_mail(&first).await.unwrap();
        store.put_off_key_mail(&first, 5_000).await.unwrap();
        assert_eq!(claimed(&store, 1_600).await, Some(("ada@example.org".into(), 3)));
    }

    #[tokio::test]
    async fn a_wish_that_is_put_off_comes_back_and_one_that_is_closed_does_not() {
        let (_folder, store) = store_with_wishes(&["ada@example.org"]).await;
        let first = store.claim_key_mail(1_000, LEASE).await.unwrap().unwrap();
        store.put_off_key_mail(&first, 1_005).await.unwrap();
        assert_eq!(store.next_key_mail_at().await.unwrap(), Some(1_005));
        let again = store.claim_key_mail(1_005, LEASE).await.unwrap().unwrap();
        store.close_key_mail(&again).await.unwrap();
        assert_eq!(store.next_key_mail_at().await.unwrap(), None);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_many_processes_one_gets_a_wish() {
        let emails: Vec<String> = (0..20).map(|number| format!("c{number}@example.org")).collect();
        let (folder, _store) =
            store_with_wishes(&emails.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let path = folder.path().join("licenses.sqlite");
        let mut processes = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let store = Store::open(&path, Users::Own).await.unwrap();
            processes.spawn(async move {
                let mut taken = Vec::new();
                while let Some((email, _)) = claimed(&store, 2_000).await {
                    taken.push(email);
                }
                taken
            });
        }
        let mut taken: Vec<String> = processes.join_all().await.into_iter().flatten().collect();
        taken.sort();
        let mut expected = emails;
        expected.sort();
        assert_eq!(taken, expected);
    }

    #[tokio::test]
    async fn a_user_is_found_by_address() {
        let (_folder, store) = store_with_wishes(&[]).await;
        let ada = EmailAddress::parse("Ada@example.org").unwrap();
        assert_eq!(store.user_of(&ada).await.unwrap(), None);
        sqlx::query("INSERT INTO users (email, created_at) VALUES ('ada@example.org', 1)")
            .execute(&store.pool)
            .await
            .unwrap();
        assert_eq!(store.user_of(&ada).await.unwrap(), Some(1));
    }
}
