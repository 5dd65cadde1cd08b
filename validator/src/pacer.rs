//! Lets answers go at whole steps of time, whatever the work before them took: what took less than a step all looks the same
//! from outside.
//!
//! tokio's timer counts whole milliseconds from the moment at which its thread goes to sleep, and that is when the work is
//! done: the time of an answer would still tell the work to the microsecond. So a thread of its own waits here, by the
//! system's fine timer, until a moment that depends on the beginning alone.

use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

/// Who waits for which moment.
type Wish = (Instant, oneshot::Sender<()>);

/// Wakes those who wait.
#[derive(Debug)]
pub(crate) struct Pacer {
    wishes: mpsc::Sender<Wish>,
}

impl Pacer {
    /// Starts the thread, which ends with the pacer.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub(crate) fn start() -> io::Result<Self> {
        let (wishes, wished) = mpsc::channel();
        std::thread::Builder::new().name("pacer".to_owned()).spawn(move || wake_all(&wished))?;
        Ok(Self { wishes })
    }

    /// Waits for the end of a whole step after `begun`.
    pub(crate) async fn end_of_step(&self, begun: Instant, step: Duration) {
        let (wake, woken) = oneshot::channel();
        let at = begun + whole_steps(begun.elapsed(), step);
        // Neither can fail while the thread runs; if it ever did not, an answer at once is better than none.
        if self.wishes.send((at, wake)).is_ok() {
            let _ = woken.await;
        }
    }
}

/// Runs until the pacer is gone.
fn wake_all(wished: &Receiver<Wish>) {
    // The number keeps apart what is due at the same moment.
    let mut waiting = BTreeMap::new();
    for number in 0_u64.. {
        let wish = match waiting.first_key_value() {
            None => wished.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(((at, _), _)) => wished.recv_timeout(Instant::saturating_duration_since(at, Instant::now())),
        };
        match wish {
            Ok((at, wake)) => drop(waiting.insert((at, number), wake)),
            Err(RecvTimeoutError::Timeout) => wake_due(&mut waiting),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn wake_due(waiting: &mut BTreeMap<(Instant, u64), oneshot::Sender<()>>) {
    let now = Instant::now();
    while let Some(entry) = waiting.first_entry().filter(|entry| entry.key().0 <= now) {
        // Who has gone away need not be woken.
        let _ = entry.remove().send(());
    }
}

/// The shortest time of whole steps, one at least, that is not over after `elapsed`.
pub(crate) fn whole_steps(elapsed: Duration, step: Duration) -> Duration {
    // A fuzzer measures no times, and would wait most of its own.
    if cfg!(fuzzing) {
        return elapsed;
    }
    let steps = elapsed.as_nanos().div_ceil(step.as_nanos()).max(1);
    // More steps than a `u32` are years.
    step.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_millis(20);

    #[test]
    fn what_took_less_than_a_step_ends_with_it() {
        for (took, expected) in [(0, 20), (1, 20), (20, 20), (21, 40), (199, 200)] {
            assert_eq!(whole_steps(Duration::from_millis(took), STEP).as_millis(), expected, "{took}");
        }
    }

    #[tokio::test]
    async fn nobody_is_woken_before_the_step_is_over_and_everybody_after_it() {
        let pacer = Pacer::start().unwrap();
        let begun = Instant::now();
        let (long, short) = (STEP * 3, STEP);
        let after = async |step| {
            pacer.end_of_step(begun, step).await;
            begun.elapsed()
        };
        let (first, second, third) = tokio::join!(after(long), after(short), after(short));
        assert!(first >= long && second >= short && third >= short);
        assert!(second < first, "who waits for less is not held up by who waits for more");
    }
}
