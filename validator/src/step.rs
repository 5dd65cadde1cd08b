//! Answers at whole steps of time: what took less than a step all looks the same from outside.

use std::time::Duration;

use tokio::time::Instant;

/// Waits for the end of a whole step after `begun`.
pub(crate) async fn end_of_step(begun: Instant, step: Duration) {
    tokio::time::sleep_until(next_step(begun, Instant::now(), step)).await;
}

/// The first whole step after `begun` that is not over at `now`.
fn next_step(begun: Instant, now: Instant, step: Duration) -> Instant {
    let steps = now.duration_since(begun).as_nanos().div_ceil(step.as_nanos()).max(1);
    // More steps than a `u32` are years.
    begun + step.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn everything_ends_with_a_whole_step() {
        let step = Duration::from_millis(20);
        for (took, expected) in [(0, 20), (1, 20), (20, 20), (21, 40), (199, 200)] {
            let begun = Instant::now();
            tokio::time::sleep(Duration::from_millis(took)).await;
            end_of_step(begun, step).await;
            assert_eq!(begun.elapsed().as_millis(), expected, "{took}");
        }
    }
}
