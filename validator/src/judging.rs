//! From the credentials of a question to a verdict: recognizes the key, asks the store, lets `decision` decide. Wrong keys of
//! all kinds take the same time here, and who tries many of them has to wait.

use std::time::{Duration, Instant};

use bandari_catalog::names::GroupId;

use crate::decision::{Claim, Holder, KeyScope, KnownKey, State, Verdict, decide};
use crate::error::Error;
use crate::imported_key::KeyHash;
use crate::license_key::{KeyHolder, Recognized};
use crate::offer::LicensedPlace;
use crate::question::Question;
use crate::quota::RetryAfter;

/// An invalid key is answered after a whole step of this, whatever it took to find out: a forged key costs arithmetic, a
/// genuine one with a wrong mail address a look-up as well, and nobody may tell the two apart. So is a wish for a key mail,
/// whosever the address is. Longer than a look-up takes, shorter than anybody notices.
pub(crate) const STEP: Duration = Duration::from_millis(20);

/// Why there is no verdict.
#[derive(Debug)]
pub(crate) enum Undecided {
    /// The store cannot be asked.
    StoreAway(Error),
    /// The sender tried too many wrong keys.
    TooManyRequests(RetryAfter),
}

impl From<Error> for Undecided {
    fn from(error: Error) -> Self {
        Self::StoreAway(error)
    }
}

impl From<RetryAfter> for Undecided {
    fn from(retry_after: RetryAfter) -> Self {
        Self::TooManyRequests(retry_after)
    }
}

/// Where a key comes from, by arithmetic alone.
enum Origin {
    /// We derived it for this holder, for the group that is asked for or for another.
    Ours(KeyHolder, KeyScope, GroupId),
    /// Nobody knows yet.
    Elsewhere([KeyHash; 2]),
    /// There is none, it cannot be one, or it is a forged one of ours.
    Nowhere,
}

impl Question<'_> {
    /// What the sender may have of what the group opens. A package that came out at `kept_if_released_at` stays with holders
    /// of licenses that ended later.
    ///
    /// # Errors
    /// [`Undecided`]. A forged key of our own form never gets as far as the store. A genuine one is never refused for what
    /// others tried from the same address.
    pub(crate) async fn judge(
        &self,
        group: &GroupId,
        kept_if_released_at: Option<i64>,
    ) -> Result<Verdict, Undecided> {
        let begun = Instant::now();
        let judged = self.judge_at_once(group, kept_if_released_at).await;
        let is_good = judged.as_ref().is_ok_and(|verdict| verdict.state != State::Invalid);
        if !is_good {
            self.app.pacer.end_of_step(begun, STEP).await;
        }
        judged
    }

    /// The same for a licensed package.
    ///
    /// # Errors
    /// As [`Question::judge`].
    pub(crate) async fn judge_package(&self, licensed: &LicensedPlace) -> Result<Verdict, Undecided> {
        self.judge(&licensed.group, licensed.kept_if_released_at).await
    }

    async fn judge_at_once(
        &self,
        group: &GroupId,
        kept_if_released_at: Option<i64>,
    ) -> Result<Verdict, Undecided> {
        let credentials = self.credentials();
        let origin = credentials.key.map_or(Origin::Nowhere, |key| self.origin(key.text, group));
        // Only what has to be looked up may be guessed, so that is counted before the look-up: it is taken back when the key
        // was good.
        let guess = match origin {
            Origin::Elsewhere(_) => Some(self.app.quotas.key_try(self.sender)?),
            Origin::Ours(..) | Origin::Nowhere => None,
        };
        let (key, holder) = match self.find(&origin, group).await {
            Ok(found) => found.unzip(),
            Err(error) => {
                if let Some(guess) = guess {
                    guess.forgive();
                }
                return Err(error.into());
            }
        };
        let claim = Claim {
            has_key: credentials.key.is_some(),
            key,
            email: credentials.email,
            holder: holder.as_ref(),
            kept_if_released_at,
        };
        let verdict = decide(&claim, self.now_seconds());
        match (verdict.state, guess) {
            (State::Invalid, Some(_)) => {}
            (_, Some(guess)) => guess.forgive(),
            // Forged keys and wrong mail addresses count like all other wrong ones.
            (State::Invalid, None) => self.app.quotas.key_try(self.sender).map(drop)?,
            (_, None) => {}
        }
        Ok(verdict)
    }

    fn origin(&self, key: &str, wanted: &GroupId) -> Origin {
        match self.app.keys.recognize(key, wanted) {
            Recognized::OfGroup(holder) => Origin::Ours(holder, KeyScope::Wanted, wanted.clone()),
            Recognized::OfOtherGroup(other, holder) => Origin::Ours(holder, KeyScope::Other, other),
            Recognized::Forged => Origin::Nowhere,
            Recognized::Nothing => {
                self.app.key_hasher.candidates(key).map_or(Origin::Nowhere, Origin::Elsewhere)
            }
        }
    }

    /// What is known of a key, and of its holder with respect to the key's group.
    async fn find(&self, origin: &Origin, wanted: &GroupId) -> Result<Option<(KnownKey, Holder)>, Error> {
        let store = &self.app.store;
        let (user, group, known) = match origin {
            Origin::Ours(holder, scope, group) => {
                (holder.user, group, KnownKey { scope: *scope, serial: Some(holder.serial) })
            }
            Origin::Elsewhere(hashes) => {
                let Some(imported) = store.imported_key(hashes).await? else { return Ok(None) };
                let opens_wanted = imported.group.as_deref().is_none_or(|group| group == wanted.as_str());
                let scope = if opens_wanted { KeyScope::Wanted } else { KeyScope::Other };
                (imported.user, wanted, KnownKey { scope, serial: None })
            }
            Origin::Nowhere => return Ok(None),
        };
        Ok(store.look_up(user, group).await?.map(|holder| (known, holder)))
    }
}
