//! Ports of 127.0.0.1 that nobody uses.

use std::hash::{BuildHasher, RandomState};
use std::net::TcpListener;
use std::ops::Range;

/// Below the ports that systems take for outgoing connections (32768 and up on Linux, 49152 by RFC 6335): what was connected
/// from a port keeps it for a minute, and a server that is started again needs the one that it had.
const PORTS: Range<u16> = 12_000..32_000;

/// A port that nothing listens on. Any of many, since other tests look for one at the same time.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn free_port() -> u16 {
    let random = RandomState::new().hash_one(std::process::id());
    let skipped = usize::try_from(random % u64::try_from(PORTS.len()).unwrap()).unwrap();
    let mut candidates = PORTS.cycle().skip(skipped).take(PORTS.len());
    candidates.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a free port")
}
