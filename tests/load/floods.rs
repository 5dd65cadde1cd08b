//! A minute of everything that comes in from the network.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::Duration;

use bandari_tests::customers::{PAUSE, add_customers, assert_only, customers, target};
use bandari_tests::load::{Client, Load, Outcome};
use bandari_tests::shop::Shop;

use crate::programs;

/// A third of the flood. By then every table and every thread's memory has been used.
const THIRD: Duration = Duration::from_secs(20);

/// How much more memory may be in use at the end than after a third. What is remembered of senders and customers grows for a
/// while, by some hundred bytes for each; a leak of a kilobyte for each request would be several times as much.
const GROWTH_BYTES: u64 = 4 << 20;

/// How long to read an answer to something that has none, perhaps.
const GLIMPSE: Duration = Duration::from_millis(500);

/// What no customer's Joomla sends.
const BROKEN: [&[u8]; 9] = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"\x00\xff\xfe\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET /download/lighthouse_110 HTTP/9.9\r\n\r\n",
    b"GET /download/lighthouse_110?dlid=\x01\x80 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /post/release/check/1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
    b"POST /post/release/check/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
    b"GET /%%%?%zz=%&&&==;;amp;amp;dlid HTTP/1.1\r\nHost: x\r\nCookie\r\n\r\n",
];

/// A key that was given out before there was a validator.
const FOREIGN_KEY: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn a_minute_of_good_bad_and_broken_requests_does_no_harm() {
    let mut shop = Shop::closed(programs());
    let config = std::fs::read_to_string(shop.path("validator.toml")).unwrap();
    std::fs::write(shop.path("validator.toml"), format!("trusted_proxies = ['127.0.0.1']\n{config}"))
        .unwrap();
    let keys = customers(&shop, 8);
    shop.import("csv", &format!("email,group,key\nada@shop.test,lighthouse,{FOREIGN_KEY}\n"));
    shop.serve();
    let mut load = Load::new();
    add_customers(&mut load, "customers", shop.port, &keys, 4);
    let mut client = Client::new(shop.port).from_address("2001:db8:7:7::7");
    load.add("customers with keys of another system", PAUSE * 5, move || client.ask(&target(FOREIGN_KEY)));
    add_guessers(&mut load, shop.port, &keys[0]);
    add_broken(&mut load, shop.port);
    add_lazy(&mut load, shop.port);
    sleep(THIRD);
    let early = shop.memory_bytes();
    sleep(THIRD * 2);
    let late = shop.memory_bytes();
    let counts = load.end();
    println!("{early} bytes, then {late}; {counts:#?}");
    assert_only(&counts, "customers", &Outcome::Answered(302), 1_000);
    assert_only(&counts, "customers with keys of another system", &Outcome::Answered(302), 200);
    let is_refused = |outcome: &Outcome| matches!(outcome, Outcome::Answered(403 | 429));
    for wrong in ["guessers", "forgers"] {
        assert!(counts[wrong].keys().all(is_refused), "{wrong}: {:?}", counts[wrong]);
    }
    let is_our_fault = |outcome: &Outcome| matches!(outcome, Outcome::Answered(500..) | Outcome::ComeAgain);
    assert!(!counts["broken"].keys().any(is_our_fault), "{:?}", counts["broken"]);
    assert!(late < early + GROWTH_BYTES, "{early} bytes after a third, {late} at the end");
    // Whoever has tried nothing wrong is not refused for others, and neither is a valid key where somebody did.
    for address in ["198.51.100.1", "203.0.113.0", "192.0.2.77"] {
        assert_eq!(
            Client::new(shop.port).from_address(address).ask(&target(&keys[7])),
            Outcome::Answered(302)
        );
    }
    shop.ask_to_stop();
    assert_eq!(shop.exit_code(), Some(0));
}

/// Keys that nobody has: from an address of a customer, and from ever new ones.
fn add_guessers(load: &mut Load, port: u16, key: &str) {
    let mut forger = Client::new(port).from_address("203.0.113.0");
    let forged = target(&format!("{}aaaa{}", &key[..8], &key[12..]));
    load.add("forgers", PAUSE, move || forger.ask(&forged));
    for family in 0..2 {
        let mut number = 0_u32;
        load.add("guessers", PAUSE, move || {
            number += 1;
            let [a, b, c, _] = number.to_le_bytes();
            let address = match family {
                0 => format!("10.{c}.{b}.{a}"),
                _ => format!("2001:db8:{b:x}:{a:x}::{number:x}"),
            };
            // Every other one begins as the good one does.
            let beginning = if number.is_multiple_of(2) { &FOREIGN_KEY[..8] } else { "fedcba98" };
            let guess = format!("{beginning}{number:024x}");
            Client::new(port).from_address(&address).ask(&target(&guess))
        });
    }
}

/// What is no request, or far too large.
fn add_broken(load: &mut Load, port: u16) {
    let long = "a".repeat(1 << 20);
    let huge = [
        format!("GET /download/lighthouse_110?dlid={long} HTTP/1.1\r\nHost: x\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: x\r\nCookie: {long}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "A: b\r\n".repeat(10_000)),
        format!("POST /check/lighthouse HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{long}", long.len()),
    ];
    let broken = BROKEN.iter().map(|bytes| bytes.to_vec());
    let all: Vec<Vec<u8>> = broken.chain(huge.map(String::into_bytes)).collect();
    let mut all = all.into_iter().cycle();
    load.add("broken", PAUSE, move || provoke(port, &all.next().expect("a cycle has no end")));
    load.add("gone at once", PAUSE, move || {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let sent = stream.write_all(b"GET /updates.xml HTTP/1.1\r\nHost: x\r\n\r\n");
        sent.map_or(Outcome::Cut, |()| Outcome::ClosedWhileIdle)
    });
}

/// Those who send slowly, or nothing.
fn add_lazy(load: &mut Load, port: u16) {
    for _ in 0..4 {
        load.add("slow", PAUSE, move || {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            for byte in b"GET /download/lighthouse_110" {
                if stream.write_all(&[*byte]).is_err() {
                    break;
                }
                sleep(PAUSE * 5);
            }
            Outcome::ClosedWhileIdle
        });
    }
    load.add("silent", PAUSE, move || {
        let silent: Vec<_> = (0..50).map(|_| TcpStream::connect(("127.0.0.1", port))).collect();
        sleep(PAUSE * 100);
        if silent.iter().all(Result::is_ok) { Outcome::ClosedWhileIdle } else { Outcome::Refused }
    });
}

/// Sends these bytes, as far as they are wanted, and looks what comes.
fn provoke(port: u16, bytes: &[u8]) -> Outcome {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(GLIMPSE)).unwrap();
    // Whoever is refused early cannot send the rest.
    let _ = stream.write_all(bytes);
    let mut answer = [0; 12];
    match stream.read_exact(&mut answer) {
        Ok(()) => {
            let status = std::str::from_utf8(&answer[9..]).ok().and_then(|text| text.parse().ok());
            Outcome::Answered(status.expect("a status"))
        }
        Err(error) => Outcome::Unanswered(error.kind()),
    }
}
