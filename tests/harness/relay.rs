//! A network between two programs that can go down.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Bytes that are passed on at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// Passes everything on, until it is told otherwise.
pub struct Relay {
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    is_down: Arc<AtomicBool>,
}

impl Relay {
    /// Passes on to a port of 127.0.0.1.
    ///
    /// # Panics
    /// When it cannot listen.
    #[must_use]
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let is_down = Arc::new(AtomicBool::new(false));
        let relay = Self { port: listener.local_addr().unwrap().port(), is_down: Arc::clone(&is_down) };
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                pass_on(client, server, &is_down);
            }
        });
        relay
    }

    /// From now on nothing comes through. Lines on which somebody says something stay as they are for ever, as those do whose
    /// other end has gone without a word.
    pub fn go_down(&self) {
        self.is_down.store(true, Ordering::Relaxed);
    }

    /// Lets new lines through.
    pub fn come_back(&self) {
        self.is_down.store(false, Ordering::Relaxed);
    }
}

fn pass_on(client: TcpStream, server: TcpStream, is_down: &Arc<AtomicBool>) {
    let ends = [(client.try_clone(), server.try_clone()), (Ok(server), Ok(client))];
    for (from, to) in ends {
        let (from, to, is_down) = (from.unwrap(), to.unwrap(), Arc::clone(is_down));
        thread::spawn(move || copy(from, to, &is_down));
    }
}

/// Copies to the end, or until the line is dead.
fn copy(mut from: TcpStream, mut to: TcpStream, is_down: &AtomicBool) {
    let mut piece = vec![0; PIECE_BYTES];
    while let Ok(read @ 1..) = from.read(&mut piece) {
        if is_down.load(Ordering::Relaxed) {
            // Open, until the test ends.
            std::mem::forget((from, to));
            return;
        }
        if to.write_all(&piece[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
