//! When a mail that did not leave is tried again. Pure; times are in Unix seconds.

/// How long to wait after the first failures: a server that restarts is back in a minute, one that greylists after five
/// (RFC 6647, section 5), and one that broke at night in the morning.
const PAUSES_SECONDS: [i64; 6] = [5, 60, 5 * 60, 30 * 60, 2 * 3_600, 6 * 3_600];

/// How long to wait after all further failures.
const LAST_PAUSE_SECONDS: i64 = 12 * 3_600;

/// A mail that comes later than three days after it was asked for is a riddle to its recipient.
const MAX_AGE_SECONDS: i64 = 3 * 86_400;

/// When to try again after the failure number `attempts` (1 is the first); nothing when that would be too late.
pub(super) fn next_attempt(asked_at: i64, attempts: u32, now: i64) -> Option<i64> {
    let index = usize::try_from(attempts).unwrap_or(usize::MAX).saturating_sub(1);
    let next = now.saturating_add(*PAUSES_SECONDS.get(index).unwrap_or(&LAST_PAUSE_SECONDS));
    (!is_too_late(asked_at, next)).then_some(next)
}

/// Whether the mail should not be sent any more.
pub(super) fn is_too_late(asked_at: i64, now: i64) -> bool {
    now.saturating_sub(asked_at) > MAX_AGE_SECONDS
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600;

    #[test]
    fn pauses_grow_from_seconds_to_half_a_day() {
        let pauses = (1..=9).map(|attempts| next_attempt(0, attempts, 1_000).unwrap() - 1_000);
        let expected = [5, 60, 300, 1_800, 2 * HOUR, 6 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR];
        assert_eq!(pauses.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn after_three_days_nothing_is_tried_any_more() {
        assert_eq!(next_attempt(0, 20, 60 * HOUR), Some(72 * HOUR));
        assert_eq!(next_attempt(0, 20, 60 * HOUR + 1), None);
        assert!(!is_too_late(0, 72 * HOUR));
        assert!(is_too_late(0, 72 * HOUR + 1));
    }

    #[test]
    fn a_server_that_is_always_down_is_tried_a_dozen_times() {
        let (mut now, mut attempts) = (0, 1);
        while let Some(next) = next_attempt(0, attempts, now) {
            (now, attempts) = (next, attempts + 1);
        }
        // 5 s, 1 min, 5 min, 30 min, 2 h, 6 h make 8 h 36 min 5 s; five times 12 h fit into the rest of three days.
        assert_eq!((attempts, now), (12, 68 * HOUR + 36 * 60 + 5));
    }
}
