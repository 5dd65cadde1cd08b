//! Whether this validator can do its work now, for balancers and monitoring.
//!
//! It is found out at most once a second however many ask, so asking often is no way to keep the license store busy.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::dates;
use crate::live::Live;

/// For how long an answer counts.
const REMEMBERED: Duration = Duration::from_secs(1);

/// How long finding out may take: balancers give up after a few seconds, and what takes longer is not ready.
const LIMIT: Duration = Duration::from_secs(2);

/// What was found out. One line each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// Without this no unknown customer can be served.
    pub(crate) missing: Option<String>,
    /// What somebody should look at, while the work goes on.
    pub(crate) remarks: Vec<String>,
}

/// The last answer.
#[derive(Debug, Default)]
pub(crate) struct Readiness {
    last: Mutex<Option<(Instant, Found)>>,
}

impl Readiness {
    /// What there is to say of `live` at `now` (Unix seconds).
    pub(crate) async fn find(&self, live: &Live, now: u64) -> Found {
        // Whoever else asks meanwhile waits for the same answer.
        let mut last = self.last.lock().await;
        if let Some((_, found)) = last.as_ref().filter(|(at, _)| at.elapsed() < REMEMBERED) {
            return found.clone();
        }
        let app = live.app();
        let is_there = timeout(LIMIT, app.customers.is_there()).await.ok();
        let missing = license_store(is_there, app.customers.away_for(), now);
        // The old one goes on. One silent static host must not take every validator out of its balancer.
        let catalog = live.catalog_state();
        let remark = |what: &str, since: std::time::Instant| {
            format!("catalog: {what} since {}, the old one goes on", before(now, since.elapsed()))
        };
        let away = catalog.away_since.map(|since| remark("cannot be read", since));
        let refused = catalog.refused_since.map(|since| remark("a new one is refused", since));
        let found = Found { missing, remarks: away.into_iter().chain(refused).collect() };
        *last = Some((Instant::now(), found.clone()));
        found
    }
}

/// What there is to say of the place of the licenses at `now`: whether it can be used, nothing when that took too long; and for
/// how long it has been away.
fn license_store(is_there: Option<bool>, away_for: Option<Duration>, now: u64) -> Option<String> {
    match (is_there, away_for) {
        (Some(true), _) => None,
        (_, Some(away_for)) => Some(format!(
            "license store: it cannot be used since {}, the log tells why",
            before(now, away_for)
        )),
        // It did not answer just now, but does again.
        (Some(false), None) => Some("license store: it cannot be used, the log tells why".to_owned()),
        (None, None) => Some(format!("license store: no answer within {} s", LIMIT.as_secs())),
    }
}

/// The time so long before `now`, for people.
fn before(now: u64, duration: Duration) -> String {
    dates::print(i64::try_from(now.saturating_sub(duration.as_secs())).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2027-01-15T08:00:00Z.
    const NOW: u64 = 1_800_000_000;

    #[test]
    fn a_store_that_is_missing_is_told_with_the_time_since_when() {
        let minute = Some(Duration::from_secs(60));
        for (is_there, away_for, expected) in [
            (Some(true), None, None),
            (
                Some(false),
                minute,
                Some("license store: it cannot be used since 2027-01-15T07:59:00Z, the log tells why"),
            ),
            (
                None,
                minute,
                Some("license store: it cannot be used since 2027-01-15T07:59:00Z, the log tells why"),
            ),
            (None, None, Some("license store: no answer within 2 s")),
            (Some(false), None, Some("license store: it cannot be used, the log tells why")),
        ] {
            assert_eq!(license_store(is_there, away_for, NOW).as_deref(), expected);
        }
    }
}
