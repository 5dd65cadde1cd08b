use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bandari_tests::http;

use super::{GET, ask, assert_logs, connect, rest, shop_with, status};

/// A request that asks for the connection's end.
fn last_get(target: &str, header_lines: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header_lines}\r\n").into_bytes()
}

/// Sends as much as the server takes, which may be less than all, and gives its answer.
fn send_all_and_read(stream: &mut TcpStream, bytes: &[u8]) -> String {
    stream.write_all(bytes).expect("whoever still sends is listened to");
    rest(stream)
}

#[test]
fn a_target_above_its_limit_is_too_long() {
    let shop = shop_with("limits = { target_bytes = 1024 }");
    let target = |bytes: usize| format!("/{}", "x".repeat(bytes - 1));
    assert_eq!(shop.get(&target(1_024)).status, 404);
    let answer = shop.get(&target(1_025));
    assert_eq!((answer.status, answer.header("connection")), (414, Some("close")));
    assert_eq!(answer.text(), "The address is too long: 1024 bytes are read at most.\n");
    assert_logs(&shop, "status=414 outcome=\"target\"", 1);
}

#[test]
fn headers_above_their_number_or_size_are_refused() {
    let shop = shop_with("limits = { headers = 40, head_bytes = 8192 }");
    // Host and Connection are two more.
    let get = |lines: usize| last_get("/collection.xml", &"X-A: b\r\n".repeat(lines));
    assert_eq!(status(&send_all_and_read(&mut connect(&shop), &get(38))), 200);
    assert_eq!(status(&send_all_and_read(&mut connect(&shop), &get(39))), 431);
    assert_eq!(status(&send_all_and_read(&mut connect(&shop), &get(500))), 431);
    let empty = last_get("/collection.xml", "X-A: \r\n").len();
    let sized =
        |bytes: usize| last_get("/collection.xml", &format!("X-A: {}\r\n", "x".repeat(bytes - empty)));
    assert_eq!(status(&send_all_and_read(&mut connect(&shop), &sized(8_192))), 200);
    assert_eq!(status(&send_all_and_read(&mut connect(&shop), &sized(8_193))), 431);
    assert_logs(&shop, "status=431 outcome=\"headers\"", 1);
    assert_logs(&shop, "status=431 outcome=\"head\"", 2);
}

#[test]
fn who_still_sends_a_head_that_is_too_large_gets_the_answer() {
    let shop = shop_with("");
    let head = last_get("/", &"X-A: b\r\n".repeat(500_000));
    assert_eq!(status(&send_all_and_read(&mut connect(&shop), &head)), 431);
}

#[test]
fn a_malformed_request_is_refused_and_logged_without_its_content() {
    let shop = shop_with("");
    for malformed in [
        "GET /?planted=\"quote HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /planted<tag> HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nplanted header: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: planted\r\n\r\n",
        "planted\r\n\r\n",
    ] {
        println!("{malformed}");
        let answer = send_all_and_read(&mut connect(&shop), malformed.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 400 "), "{malformed}: {answer}");
    }
    assert_logs(&shop, "status=400 outcome=\"malformed\"", 5);
    assert!(!shop.log().contains("planted"), "{}", shop.log());
}

#[test]
fn a_head_that_drips_is_not_waited_for() {
    let shop = shop_with("limits = { head_seconds = 1 }");
    let begun = Instant::now();
    let mut stream = connect(&shop);
    for byte in b"GET / HTTP/1.1\r\n" {
        if stream.write_all(&[*byte]).is_err() {
            break;
        }
        sleep(Duration::from_millis(100));
    }
    assert_eq!(status(&rest(&mut stream)), 408);
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_logs(&shop, "status=408 outcome=\"late\"", 1);
}

#[test]
fn a_client_that_sends_nothing_is_closed_without_a_word() {
    let shop = shop_with("limits = { head_seconds = 1 }");
    let begun = Instant::now();
    assert_eq!(rest(&mut connect(&shop)), "");
    assert!((1..5).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
}

#[test]
fn an_idle_connection_is_kept_for_its_own_time_and_closed_then() {
    let shop = shop_with("limits = { head_seconds = 1, idle_seconds = 4 }");
    let mut stream = connect(&shop);
    assert_eq!(ask(&mut stream, GET), 200);
    sleep(Duration::from_secs(2));
    assert_eq!(ask(&mut stream, GET), 200, "longer than a head may take");
    let begun = Instant::now();
    assert_eq!(rest(&mut stream), "");
    assert!((3..8).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
}

#[test]
fn a_head_that_begins_on_an_idle_connection_has_its_own_time() {
    let shop = shop_with("limits = { head_seconds = 1, idle_seconds = 30 }");
    let mut stream = connect(&shop);
    assert_eq!(ask(&mut stream, GET), 200);
    stream.write_all(&GET[..10]).unwrap();
    let begun = Instant::now();
    assert_eq!(status(&rest(&mut stream)), 408);
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
}

#[test]
fn a_form_that_is_too_large_or_too_late_is_refused() {
    let shop = shop_with("limits = { body_bytes = 1024, body_seconds = 1 }");
    let post = |body: &[u8]| http::request(shop.port, "POST", "/check/lighthouse", &[], body);
    assert_eq!(post(&[b'x'; 1_024]).status, 200);
    for target in ["/check/lighthouse", "/send-key/lighthouse", "/download/lighthouse_110"] {
        let answer = http::request(shop.port, "POST", target, &[], &[b'x'; 1_025]);
        assert_eq!((answer.status, answer.header("connection")), (413, Some("close")), "{target}");
    }
    let begun = Instant::now();
    let mut stream = connect(&shop);
    let head = "POST /check/lighthouse HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\ndlid=";
    stream.write_all(head.as_bytes()).unwrap();
    assert_eq!(status(&rest(&mut stream)), 408);
    assert!((1..5).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
}

#[test]
fn who_still_sends_a_form_that_is_too_large_gets_the_answer() {
    let shop = shop_with("");
    let bytes = 20_000_000;
    let head = format!("POST /check/lighthouse HTTP/1.1\r\nHost: x\r\nContent-Length: {bytes}\r\n\r\n");
    let request = [head.into_bytes(), vec![b'x'; bytes]].concat();
    assert_eq!(status(&send_all_and_read(&mut connect(&shop), &request)), 413);
}

#[test]
fn what_is_sent_to_an_address_that_reads_no_form_does_not_cost_the_answer() {
    let shop = shop_with("");
    let bytes = 5_000_000;
    let head = format!("POST /collection.xml HTTP/1.1\r\nHost: x\r\nContent-Length: {bytes}\r\n\r\n");
    let request = [head.into_bytes(), vec![b'x'; bytes]].concat();
    assert_eq!(status(&send_all_and_read(&mut connect(&shop), &request)), 405);
}

#[test]
fn whoever_sends_and_never_reads_or_ends_is_cut_off() {
    let shop = shop_with("limits = { body_bytes = 1024 }");
    let mut stream = connect(&shop);
    stream.write_all(b"POST /check/x HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000\r\n\r\n").unwrap();
    let begun = Instant::now();
    // The answer is there at once; what follows it is read for some seconds.
    while stream.write_all(&[b'x'; 1_000]).is_ok() {
        assert!(begun.elapsed().as_secs() < 15, "nobody listens forever");
        sleep(Duration::from_millis(50));
    }
    assert!(begun.elapsed().as_secs() >= 3, "{:?}", begun.elapsed());
}

#[test]
fn requests_in_a_row_are_answered_in_a_row() {
    let shop = shop_with("");
    let mut stream = connect(&shop);
    let mut requests = GET.repeat(20);
    requests.extend(last_get("/nothing", ""));
    stream.write_all(&requests).unwrap();
    let answers = rest(&mut stream);
    let statuses: Vec<u16> =
        answers.match_indices("HTTP/1.1 ").map(|(at, _)| status(&answers[at..])).collect();
    assert_eq!(statuses, [vec![200; 20], vec![404]].concat());
}

#[test]
fn who_closes_its_side_behind_a_request_is_answered() {
    let shop = shop_with("");
    let mut stream = connect(&shop);
    // A wrong key is not answered at once.
    stream.write_all(&last_get("/download/lighthouse_110?dlid=nobodys-key", "")).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(status(&rest(&mut stream)), 403);
}

#[test]
fn a_slow_client_costs_nobody_else_anything() {
    let shop = shop_with("");
    let mut slow: Vec<TcpStream> = (0..100).map(|_| connect(&shop)).collect();
    for stream in &mut slow {
        stream.write_all(b"GET / HT").unwrap();
    }
    let begun = Instant::now();
    assert_eq!(shop.get("/collection.xml").status, 200);
    assert!(begun.elapsed().as_secs() < 2, "{:?}", begun.elapsed());
    slow[0].write_all(b"TP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut head = [0; 12];
    slow[0].read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 200");
}
