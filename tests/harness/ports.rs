//! Ports of 127.0.0.1 that nobody uses and no other test gets.

use std::hash::{BuildHasher, RandomState};
use std::io::ErrorKind;
use std::net::TcpListener;
use std::ops::Range;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::{Mutex, PoisonError};

/// Below the ports that systems take for outgoing connections (32768 and up on Linux, 49152 by RFC 6335): what was connected
/// from a port keeps it for a minute, and a server that is started again needs the one that it had.
const PORTS: Range<u16> = 12_000..32_000;

/// How many ports are claimed at once. Tests that share a process need a few each, and each claim holds a file open.
const BLOCK: u16 = 50;

/// Ports that this process has claimed for as long as it lives.
struct Block {
    _claim: UnixDatagram,
    left: Range<u16>,
}

impl Block {
    /// Claims ports that no other process has claimed. Between the choice of a port and a server that listens on it a test may
    /// build a whole site, and another test must not choose the same port meanwhile: so who claims ports takes a name in the
    /// abstract namespace of sockets, which goes with its process, however that ends (unix(7)).
    fn claim() -> Self {
        let number = usize::from(BLOCK);
        // Any of them, so that what is still in use by processes that left no claim is seldom tried.
        let first =
            usize::try_from(RandomState::new().hash_one(()) % u64::try_from(PORTS.len()).unwrap()).unwrap();
        let mut blocks = PORTS.step_by(number).cycle().skip(first / number).take(PORTS.len() / number);
        let claim = |start: u16| {
            let name = SocketAddr::from_abstract_name(format!("bandari-tests-ports-{start}")).unwrap();
            match UnixDatagram::bind_addr(&name) {
                Ok(claim) => Some(Self { _claim: claim, left: start..start + BLOCK }),
                Err(error) if error.kind() == ErrorKind::AddrInUse => None,
                Err(error) => panic!("no claim on ports: {error}"),
            }
        };
        blocks.find_map(claim).expect("ports that nobody claims")
    }
}

/// A port that nothing listens on, and that is given to nobody else while this process lives.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn free_port() -> u16 {
    static BLOCKS: Mutex<Vec<Block>> = Mutex::new(Vec::new());
    let mut blocks = BLOCKS.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let left = blocks.last_mut().map(|block| &mut block.left);
        let free = left.and_then(|left| left.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()));
        match free {
            Some(port) => return port,
            None => blocks.push(Block::claim()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_port_is_given_twice() {
        let ports: BTreeSet<u16> = (0..1_000).map(|_| free_port()).collect();
        assert_eq!(ports.len(), 1_000);
    }

    #[test]
    fn what_another_has_claimed_is_not_given() {
        let claimed: Vec<Block> = (0..50).map(|_| Block::claim()).collect();
        let port = free_port();
        assert!(claimed.iter().all(|block| !block.left.contains(&port)), "{port}");
    }
}
