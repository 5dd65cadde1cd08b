//! From the credentials of a question to a verdict: recognizes the key, asks the store, lets `decision` decide. Wrong keys of
//! all kinds take the same time here, and who tries many of them has to wait.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bandari_catalog::names::GroupId;

use crate::customers::{Away, Known};
use crate::decision::{Claim, Holder, KeyScope, KnownKey, State, Verdict, decide};
use crate::imported_key::ForeignKey;
use crate::license_key::{KeyHolder, Recognized};
use crate::metrics::QuotaOf;
use crate::offer::LicensedPlace;
use crate::question::{Credentials, Question};
use crate::quota::RetryAfter;

/// An invalid key is answered after a whole step of this, whatever it took to find out: a forged key costs arithmetic, a
/// genuine one with a wrong mail address a look-up as well, and nobody may tell the two apart. So is a wish for a key mail,
/// whosever the address is. Longer than a look-up takes, shorter than anybody notices.
pub(crate) const STEP: Duration = Duration::from_millis(20);

/// Why there is no verdict.
#[derive(Debug)]
pub(crate) enum Undecided {
    /// The place where licenses live cannot be asked.
    StoreAway,
    /// Too many wrong keys were tried, by this sender at least some of them.
    TooManyRequests(RetryAfter),
}

impl From<Away> for Undecided {
    fn from(Away: Away) -> Self {
        Self::StoreAway
    }
}

impl From<RetryAfter> for Undecided {
    fn from(retry_after: RetryAfter) -> Self {
        Self::TooManyRequests(retry_after)
    }
}

/// Where a key comes from, by arithmetic alone.
enum Origin {
    /// We derived it for this holder, for the group that is asked for.
    OfGroup(KeyHolder),
    /// We derived it for this holder and another group.
    OfOtherGroup(KeyHolder, GroupId),
    /// Nobody knows yet.
    Elsewhere(ForeignKey),
    /// There is none, it cannot be one, or it is a forged one of ours.
    Nowhere,
}

impl Question<'_> {
    /// What the sender may have of what the group opens. A package that came out at `kept_if_released_at` stays with holders
    /// of licenses that ended later.
    ///
    /// # Errors
    /// [`Undecided`]. A forged key of our own form never gets as far as the store. A genuine one, and one of another system
    /// that is remembered, is never refused for what others tried.
    pub(crate) async fn judge(
        &self,
        group: &GroupId,
        kept_if_released_at: Option<i64>,
    ) -> Result<Verdict, Undecided> {
        let begun = Instant::now();
        let judged = self.judge_at_once(group, kept_if_released_at).await;
        let metrics = &self.app.lasting.metrics;
        match &judged {
            Ok(verdict) => metrics.judged(verdict.state),
            Err(Undecided::TooManyRequests(_)) => metrics.held_back(QuotaOf::WrongKeys),
            Err(Undecided::StoreAway) => {}
        }
        let is_good = judged.as_ref().is_ok_and(|verdict| verdict.state != State::Invalid);
        if !is_good {
            self.app.lasting.pacer.end_of_step(begun, STEP).await;
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
        let Some(sent) = credentials.key else {
            return self.decide(credentials, &Origin::Nowhere, group, kept_if_released_at).await;
        };
        let origin = self.origin(sent.text, group);
        let (quotas, hasher) = (&self.app.lasting.quotas, &self.app.key_hasher);
        let try_key = || quotas.key_try(self.sender, hasher.prefix(sent.text));
        // Only what has to be looked up may be guessed, so that is counted before the look-up: it is taken back when the key
        // was good.
        let guess = match &origin {
            Origin::Elsewhere(key) if !self.app.customers.remembers(key) => Some(try_key()?),
            _ => None,
        };
        let decided = self.decide(credentials, &origin, group, kept_if_released_at).await;
        let is_wrong = matches!(&decided, Ok(verdict) if verdict.state == State::Invalid);
        match guess {
            Some(_) if is_wrong => {}
            // Good, or nobody could look.
            Some(guess) => guess.forgive(),
            // Forged keys and wrong mail addresses count like all other wrong ones.
            None if is_wrong => try_key().map(drop)?,
            None => {}
        }
        decided
    }

    async fn decide(
        &self,
        credentials: Credentials<'_>,
        origin: &Origin,
        group: &GroupId,
        kept_if_released_at: Option<i64>,
    ) -> Result<Verdict, Undecided> {
        let Known { value: found, is_stale } = self.find(origin, group).await?;
        let (key, holder) = found.unzip();
        let claim = Claim {
            has_key: credentials.key.is_some(),
            key,
            email: credentials.email,
            holder: holder.as_deref(),
            kept_if_released_at,
        };
        let verdict = decide(&claim, self.now_seconds());
        // While nobody can be asked, what was good goes on; a reason to refuse may be gone by now.
        if is_stale && !verdict.state.is_allowed() { Err(Undecided::StoreAway) } else { Ok(verdict) }
    }

    fn origin(&self, key: &str, wanted: &GroupId) -> Origin {
        match self.app.keys.recognize(key, wanted, self.now_seconds()) {
            Recognized::OfGroup(holder) => Origin::OfGroup(holder),
            Recognized::OfOtherGroup(other, holder) => Origin::OfOtherGroup(holder, other),
            Recognized::Forged => Origin::Nowhere,
            Recognized::Nothing => {
                self.app.key_hasher.foreign_key(key).map_or(Origin::Nowhere, Origin::Elsewhere)
            }
        }
    }

    /// What is known of a key, and of its holder with respect to the key's group.
    async fn find(
        &self,
        origin: &Origin,
        wanted: &GroupId,
    ) -> Result<Known<Option<(KnownKey, Arc<Holder>)>>, Away> {
        let customers = &self.app.customers;
        let of_ours = |holder: &KeyHolder, scope| KnownKey { scope, serial: Some(holder.serial) };
        let (user, group, known, is_stale) = match origin {
            Origin::OfGroup(holder) => (holder.user, wanted, of_ours(holder, KeyScope::Wanted), false),
            Origin::OfOtherGroup(holder, group) => {
                (holder.user, group, of_ours(holder, KeyScope::Other), false)
            }
            Origin::Elsewhere(key) => {
                let Known { value: Some(imported), is_stale } = customers.imported_key(key).await? else {
                    return Ok(Known::fresh(None));
                };
                let opens_wanted = imported.group.as_deref().is_none_or(|group| group == wanted.as_str());
                let scope = if opens_wanted { KeyScope::Wanted } else { KeyScope::Other };
                (imported.user, wanted, KnownKey { scope, serial: None }, is_stale)
            }
            Origin::Nowhere => return Ok(Known::fresh(None)),
        };
        let found = customers.holder(user, group).await?;
        Ok(Known { value: found.value.map(|holder| (known, holder)), is_stale: is_stale || found.is_stale })
    }
}
