//! How far a connection is, and how long it may stay there. The connection's own task writes it down; the accept loop reads
//! it when places are scarce.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::limits::Limits;

/// While all places are taken, a client that has not sent a whole head by then makes room for another, and so does one whose
/// form is waited for longer.
const SCARCE_REQUEST: Duration = Duration::from_secs(1);

/// Bits that tell the phase in [`Progress::state`]; milliseconds are above them.
const PHASE_BITS: u32 = 2;

/// What a connection is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing has been asked yet: the handshake of TLS and the first head. Or the first byte of a later head has come.
    Head = 0,
    /// A request is answered. The client's reading has a limit of its own.
    Busy = 1,
    /// Everything is answered, and nothing new has come.
    Idle = 2,
    /// The body of a request is waited for, which has a limit of its own (`form`).
    Form = 3,
}

/// How far a connection is.
#[derive(Debug)]
pub(super) struct Progress {
    /// When it was accepted.
    accepted: Instant,
    /// The phase, and when it began in milliseconds after `accepted`.
    state: AtomicU64,
    /// Whether the client may have sent more than what was read when its last answer left.
    unread: AtomicBool,
    /// Whether the client has yet to take what waits for it. Then the connection is in use, even when its answer has left hyper.
    stalled: AtomicBool,
    /// Asks the connection's task to give up its place.
    pub(super) leave: Notify,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            accepted: Instant::now(),
            state: AtomicU64::new(Phase::Head as u64),
            unread: AtomicBool::new(false),
            stalled: AtomicBool::new(false),
            leave: Notify::new(),
        }
    }

    /// A phase begins, now. Gives when that is.
    pub(super) fn begin(&self, phase: Phase) -> Instant {
        let now = Instant::now();
        // Of 64 bits, 62 are enough for any uptime.
        let milliseconds = u64::try_from((now - self.accepted).as_millis()).unwrap_or(u64::MAX);
        self.state.store(milliseconds << PHASE_BITS | phase as u64, Ordering::Relaxed);
        now
    }

    /// What it is at, and since when.
    pub(super) fn now(&self) -> (Phase, Instant) {
        let state = self.state.load(Ordering::Relaxed);
        let phase = match state & ((1 << PHASE_BITS) - 1) {
            0 => Phase::Head,
            1 => Phase::Busy,
            2 => Phase::Idle,
            _ => Phase::Form,
        };
        (phase, self.accepted + Duration::from_millis(state >> PHASE_BITS))
    }

    pub(super) fn set_unread(&self, unread: bool) {
        self.unread.store(unread, Ordering::Relaxed);
    }

    pub(super) fn is_unread(&self) -> bool {
        self.unread.load(Ordering::Relaxed)
    }

    /// Gives what it was before.
    pub(super) fn set_stalled(&self, stalled: bool) -> bool {
        let before = self.stalled.load(Ordering::Relaxed);
        if before != stalled {
            // Only the connection's own task writes here.
            self.stalled.store(stalled, Ordering::Relaxed);
        }
        before
    }

    /// Whether an answer is made or on its way. The client's reading has a limit of its own.
    pub(super) fn is_in_use(&self) -> bool {
        self.now().0 == Phase::Busy || self.stalled.load(Ordering::Relaxed)
    }

    /// Bytes of a request have come.
    pub(super) fn has_read(&self) {
        if self.now().0 == Phase::Idle {
            self.begin(Phase::Head);
        }
    }

    /// Bytes of an answer have left: while its rest does, the connection is not idle.
    pub(super) fn has_written(&self) {
        if self.now().0 == Phase::Idle {
            self.begin(Phase::Idle);
        }
    }

    /// More of a request's body is needed and has yet to come. What comes piece by piece is waited for since the first.
    pub(super) fn awaits_body(&self) {
        if self.now().0 == Phase::Busy {
            self.begin(Phase::Form);
        }
    }

    /// A request's body is there, or nobody needs it any more.
    pub(super) fn has_body(&self) {
        if self.now().0 == Phase::Form {
            self.begin(Phase::Busy);
        }
    }

    /// When the connection has been at the same for too long; nothing while others see to that.
    pub(super) fn deadline(&self, limits: &Limits) -> Option<Instant> {
        let (phase, since) = self.now();
        match phase {
            _ if self.is_in_use() => None,
            Phase::Busy | Phase::Form => None,
            Phase::Head => Some(since + limits.head),
            Phase::Idle => Some(since + limits.idle),
        }
    }

    /// Since when the connection could have made room for others; nothing for one that is in use.
    pub(super) fn spare_since(&self, now: Instant) -> Option<Instant> {
        let (phase, since) = self.now();
        let is_spare = !self.is_in_use() && (phase == Phase::Idle || now >= since + SCARCE_REQUEST);
        is_spare.then_some(since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::LimitTable;

    async fn seconds(seconds: u64) {
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn each_phase_has_its_own_limit() {
        let limits = Limits::of(&LimitTable::default()).unwrap();
        let progress = Progress::new();
        let accepted = Instant::now();
        assert_eq!(progress.deadline(&limits), Some(accepted + limits.head));
        seconds(3).await;
        progress.has_read();
        assert_eq!(progress.deadline(&limits), Some(accepted + limits.head), "bytes buy no time for a head");
        progress.begin(Phase::Busy);
        assert_eq!(progress.deadline(&limits), None);
        seconds(60).await;
        progress.begin(Phase::Idle);
        let answered = Instant::now();
        assert_eq!(progress.deadline(&limits), Some(answered + limits.idle));
        seconds(5).await;
        progress.has_written();
        assert_eq!(progress.deadline(&limits), Some(Instant::now() + limits.idle));
        progress.has_read();
        assert_eq!(progress.deadline(&limits), Some(Instant::now() + limits.head));
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_is_not_in_use_makes_room() {
        let progress = Progress::new();
        let accepted = Instant::now();
        assert_eq!(progress.spare_since(Instant::now()), None, "its head may be on its way");
        seconds(1).await;
        assert_eq!(progress.spare_since(Instant::now()), Some(accepted));
        progress.begin(Phase::Busy);
        seconds(100).await;
        assert_eq!(progress.spare_since(Instant::now()), None);
        progress.begin(Phase::Idle);
        assert_eq!(progress.spare_since(Instant::now()), Some(Instant::now()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_form_that_drips_makes_room_and_is_given_up_by_nobody_else() {
        let limits = Limits::of(&LimitTable::default()).unwrap();
        let progress = Progress::new();
        progress.begin(Phase::Busy);
        let waited = Instant::now();
        progress.awaits_body();
        assert_eq!((progress.deadline(&limits), progress.spare_since(Instant::now())), (None, None));
        seconds(1).await;
        progress.awaits_body();
        assert_eq!(progress.spare_since(Instant::now()), Some(waited), "a byte buys no time");
        progress.has_body();
        assert_eq!(progress.spare_since(Instant::now()), None);
        progress.begin(Phase::Idle);
        progress.has_body();
        assert_eq!(progress.now().0, Phase::Idle, "a body that nobody read");
    }
}
