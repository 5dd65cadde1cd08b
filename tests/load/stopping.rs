//! A server is told to stop while customers ask.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread::{self, JoinHandle, sleep};
use std::time::Duration;

use bandari_tests::customers::{add_customers, customers, target};
use bandari_tests::load::{Client, Load, Outcome};
use bandari_tests::shop::Shop;

use crate::programs;

/// Larger than what fits into the sockets' buffers.
const LARGE_BYTES: usize = 30_000_000;

/// Pieces in which a slow client reads it, and its pause between two.
const PIECES: usize = 15;
const SLOWLY: Duration = Duration::from_millis(200);

/// Pause of clients that make connections all the time.
const BUSY: Duration = Duration::from_millis(2);

/// Connections, of each kind, that wait for a server that hangs.
const WAITING: usize = 20;

#[test]
fn every_request_that_has_arrived_when_a_server_is_told_to_stop_is_answered() {
    let mut shop = Shop::closed(programs());
    let target = target(&customers(&shop, 1)[0]);
    shop.serve();
    let mut kept: Vec<Client> = (0..WAITING).map(|_| Client::new(shop.port)).collect();
    for client in &mut kept {
        assert_eq!(client.ask(&target), Outcome::Answered(302));
    }
    shop.freeze();
    // Half of them on connections that the server has yet to accept.
    let new = (0..WAITING).map(|_| Client::new(shop.port));
    let mut clients: Vec<Client> = kept.into_iter().chain(new).collect();
    for client in &mut clients {
        client.send(&target).unwrap();
    }
    shop.ask_to_stop();
    shop.thaw();
    let outcomes: Vec<Outcome> = clients.iter_mut().map(Client::receive).collect();
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Answered(302)), "{outcomes:?}");
    assert_eq!(shop.exit_code(), Some(0), "{}", shop.log());
}

#[test]
fn a_server_that_is_told_to_stop_under_load_refuses_nobody_whom_it_has_accepted() {
    let mut shop = Shop::closed(programs());
    let keys = customers(&shop, 4);
    let mut reset = 0;
    // What comes in the very moment of the end is the thing, so there are several.
    for _ in 0..3 {
        shop.serve();
        let mut load = Load::new();
        add_customers(&mut load, "customers", shop.port, &keys, 4);
        for key in &keys {
            let mut client = Client::new(shop.port).with_new_connections();
            let target = target(key);
            load.add("customers", BUSY, move || client.ask(&target));
        }
        load.wait_for("customers", 400);
        shop.ask_to_stop();
        assert_eq!(shop.exit_code(), Some(0), "{}", shop.log());
        let counts = load.end();
        for (outcome, count) in &counts["customers"] {
            match outcome {
                Outcome::Answered(302) | Outcome::ClosedWhileIdle | Outcome::Refused => {}
                Outcome::Unanswered(ErrorKind::ConnectionReset) => reset += count,
                _ => panic!("{counts:?}"),
            }
        }
        assert!(!shop.log().contains("are cut"), "{}", shop.log());
    }
    // Between the server's last look at what waits to be accepted and the end of the socket, the system can accept one
    // more. No program can do anything about that.
    assert!(reset <= 1, "{reset} connections were reset");
}

#[test]
fn a_server_that_is_told_to_stop_finishes_a_download_for_a_slow_client() {
    let mut shop = Shop::closed(programs());
    let key = shop.key_for("ada@shop.test", "lighthouse", None);
    let zip = "output/protected/plg_system_lighthouse/plg_system_lighthouse-1.1.0.zip";
    std::fs::write(shop.path(zip), vec![7; LARGE_BYTES]).unwrap();
    shop.serve();
    let redirect = shop.get(&target(&key));
    let link = redirect.header("location").unwrap();
    let download = read_slowly(shop.port, shop.target_of(link));
    sleep(SLOWLY * 3);
    shop.ask_to_stop();
    assert_eq!(shop.exit_code(), Some(0), "{}", shop.log());
    let body = download.join().unwrap();
    assert_eq!(body.len(), LARGE_BYTES);
    assert!(body.iter().all(|byte| *byte == 7));
}

/// Downloads in pieces, and gives the body.
fn read_slowly(port: u16, target: &str) -> JoinHandle<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n").unwrap();
    thread::spawn(move || {
        let mut read = Vec::new();
        while (&stream).take((LARGE_BYTES / PIECES) as u64).read_to_end(&mut read).unwrap() > 0 {
            sleep(SLOWLY);
        }
        assert!(read.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&read[..20]));
        let head = read.windows(4).position(|four| four == b"\r\n\r\n").expect("a head that ends");
        read.split_off(head + 4)
    })
}
