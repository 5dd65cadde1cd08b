//! What clients may take of the machine, over raw sockets: each limit, what is answered above it, and who is served meanwhile.

mod connections;
mod requests;
mod tls;

use std::fs::File;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bandari_tests::shop::Shop;
use tokio::net::TcpSocket;

use crate::programs;

/// Longer than any limit that these tests set.
const PATIENCE: Duration = Duration::from_secs(20);

/// A small file that is always there.
const GET: &[u8] = b"GET /collection.xml HTTP/1.1\r\nHost: x\r\n\r\n";

/// A shop that is open, with these further lines of configuration.
fn shop_with(lines: &str) -> Shop {
    let mut shop = Shop::closed(programs());
    configure(&shop, lines);
    shop.serve();
    shop
}

fn configure(shop: &Shop, lines: &str) {
    let mut file = File::options().append(true).open(shop.path("validator.toml")).unwrap();
    writeln!(file, "{lines}").unwrap();
}

fn connect(shop: &Shop) -> TcpStream {
    patient(TcpStream::connect(("127.0.0.1", shop.port)).unwrap())
}

fn patient(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Connects from an address of this machine's own.
fn connect_from(from: &str, to: SocketAddr) -> TcpStream {
    let from: IpAddr = from.parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let stream = runtime.block_on(async {
        let socket = if from.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.unwrap();
        socket.bind((from, 0).into()).unwrap();
        socket.connect(to).await.unwrap()
    });
    let stream = stream.into_std().unwrap();
    stream.set_nonblocking(false).unwrap();
    patient(stream)
}

/// Everything until the server closes. A connection that is reset is none that was closed in order.
fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("an orderly end");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Sends a request and reads its answer, whose length is told, so that the connection can be used once more.
fn ask(stream: &mut TcpStream, request: &[u8]) -> u16 {
    stream.write_all(request).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("a head");
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    status(&head)
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap_or_else(|| panic!("found `{answer}`")).parse().unwrap()
}

/// Whether the server has closed, or does soon.
fn is_closed(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    // Who is turned away may find the connection reset.
    match stream.read(&mut [0]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

/// Waits until the log tells something so many times: an answer may arrive before its line.
fn assert_logs(shop: &Shop, text: &str, times: usize) {
    let begun = Instant::now();
    while shop.log().matches(text).count() != times {
        assert!(begun.elapsed() < PATIENCE, "{text}: {}", shop.log());
        sleep(Duration::from_millis(20));
    }
}
