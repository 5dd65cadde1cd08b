//! Accepting: who comes in, who waits, and who is turned away.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::Instant;

use super::Side;
use super::connection::Guest;
use super::places::Places;
use crate::sender::Sender;

/// How long to wait after a failed accept: without it, a process out of file descriptors would spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Between two log lines on connections that were turned away: a flood should not fill the log, too.
const TURNED_AWAY_PAUSE: Duration = Duration::from_secs(60);

/// A listener and the places behind it.
pub(super) struct Door {
    listener: TcpListener,
    side: Side,
    places: Arc<Places>,
    /// How many connections this process has files for.
    most: usize,
}

impl Door {
    pub(super) fn new(listener: TcpListener, side: Side, most: usize) -> Self {
        Self { listener, side, places: Arc::default(), most }
    }

    /// Lets in one connection after the other, for as long as it is asked to.
    pub(super) async fn let_in(&self, stop: &watch::Sender<()>) -> Infallible {
        let mut turned_away = TurnedAway::default();
        loop {
            self.places.room(|| self.side.limits().connections.min(self.most)).await;
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    if !self.open(stream, peer, stop) {
                        turned_away.add();
                    }
                }
                // A client that went away while it waited.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// Lets in whoever the system has accepted already, since their requests may be on the way.
    pub(super) fn let_last_in(self, stop: &watch::Sender<()>) {
        // Asked of the system itself: the runtime learns of a connection only some time after it has come.
        let Ok(listener) = self.listener.as_fd().try_clone_to_owned().map(std::net::TcpListener::from) else {
            return;
        };
        for _ in 0..self.most {
            let (stream, peer) = match listener.accept() {
                Ok(accepted) => accepted,
                // A client that went away while it waited.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                Err(_) => return,
            };
            if let Ok(stream) = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream)) {
                self.open(stream, peer, stop);
            }
        }
    }

    /// Has a task serve a connection, unless its sender has enough of them. Tells whether it does.
    fn open(&self, stream: TcpStream, peer: SocketAddr, stop: &watch::Sender<()>) -> bool {
        let limits = self.side.limits();
        let address = peer.ip().to_canonical();
        let sender = (!self.side.is_proxy(address)).then(|| Sender::from_address(address));
        let Some(place) = self.places.take(sender, limits.connections_per_address) else { return false };
        let guest = Guest::new(self.side.clone(), peer.ip(), place, limits);
        tokio::spawn(guest.serve(stream, stop.subscribe()));
        true
    }
}

/// Connections of senders that have enough of them. They are closed at once.
#[derive(Default)]
struct TurnedAway {
    count: u64,
    told: Option<Instant>,
}

impl TurnedAway {
    fn add(&mut self) {
        self.count += 1;
        if self.told.is_none_or(|told| told.elapsed() >= TURNED_AWAY_PAUSE) {
            let connections = std::mem::take(&mut self.count);
            tracing::warn!(
                connections,
                "connections were closed at once: their address has `limits.connections_per_address` already"
            );
            self.told = Some(Instant::now());
        }
    }
}
