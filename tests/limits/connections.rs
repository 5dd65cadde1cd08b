use std::fs;
use std::net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bandari_tests::shop::Shop;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{GET, ask, assert_logs, configure, connect, connect_from, is_closed, rest, shop_with, status};
use crate::programs;

/// Files that a test needs for its connections and all else.
const FILES: u64 = 4_000;

/// A customer waits this long at most while all others do nothing.
const PROMPT: Duration = Duration::from_secs(3);

/// Raises this process's limit of open files; tells whether it is enough.
fn has_files() -> bool {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    maximum.is_none_or(|maximum| maximum >= FILES)
}

fn address(shop: &Shop) -> SocketAddr {
    ([127, 0, 0, 1], shop.port).into()
}

#[test]
fn an_address_gets_so_many_connections_and_others_get_theirs() {
    let shop = shop_with("limits = { connections_per_address = 5 }");
    let mut taken: Vec<TcpStream> = (0..5).map(|_| connect(&shop)).collect();
    for stream in &mut taken {
        assert_eq!(ask(stream, GET), 200);
    }
    let mut sixth = connect(&shop);
    assert!(is_closed(&mut sixth));
    assert_eq!(ask(&mut connect_from("127.0.0.2", address(&shop)), GET), 200);
    assert_eq!(ask(&mut taken[0], GET), 200, "who has a place keeps it");
    taken.pop();
    sleep(Duration::from_millis(200));
    assert_eq!(ask(&mut connect(&shop), GET), 200);
    let log = shop.log();
    assert!(log.contains("connections were closed at once"), "{log}");
    assert!(!log.contains("127.0.0.2"), "{log}");
}

#[test]
fn a_net_of_ipv6_is_one_address_and_ipv4_behind_ipv6_is_itself() {
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        assert!(std::env::var_os("CI").is_none(), "no IPv6 on this machine");
        return;
    }
    let mut shop = Shop::closed(programs());
    configure(&shop, "limits = { connections_per_address = 2 }");
    let config = fs::read_to_string(shop.path("validator.toml")).unwrap();
    let everywhere = config
        .replace(&format!("listen = '127.0.0.1:{}'", shop.port), &format!("listen = '[::]:{}'", shop.port));
    fs::write(shop.path("validator.toml"), everywhere).unwrap();
    shop.serve();
    let six: SocketAddr = (Ipv6Addr::LOCALHOST, shop.port).into();
    let mut taken = [connect_from("::1", six), connect_from("::1", six)];
    for stream in &mut taken {
        assert_eq!(ask(stream, GET), 200);
    }
    assert!(is_closed(&mut connect_from("::1", six)));
    let mut others = [connect(&shop), connect(&shop)];
    for stream in &mut others {
        assert_eq!(ask(stream, GET), 200);
    }
    assert!(is_closed(&mut connect(&shop)));
}

#[test]
fn another_limit_counts_from_sighup_on() {
    let shop = shop_with("limits = { connections_per_address = 1 }");
    let _taken = connect(&shop);
    assert!(is_closed(&mut connect(&shop)));
    shop.reconfigure("connections_per_address = 1", "connections_per_address = 2");
    shop.hang_up();
    assert_logs(&shop, " reloaded packages=", 1);
    assert_eq!(ask(&mut connect(&shop), GET), 200);
}

#[test]
fn a_trusted_proxy_has_all_connections() {
    let shop = shop_with("trusted_proxies = ['127.0.0.1']\nlimits = { connections_per_address = 2 }");
    let mut proxy: Vec<TcpStream> = (0..20).map(|_| connect(&shop)).collect();
    for stream in &mut proxy {
        assert_eq!(ask(stream, GET), 200);
    }
    let stranger = || connect_from("127.0.0.2", address(&shop));
    let _taken = [stranger(), stranger()];
    assert!(is_closed(&mut stranger()));
}

#[test]
fn idle_connections_make_room_for_new_ones() {
    let shop = shop_with("limits = { connections = 10 }");
    let mut idle: Vec<TcpStream> = (0..10).map(|_| connect(&shop)).collect();
    for stream in &mut idle {
        assert_eq!(ask(stream, GET), 200);
        sleep(Duration::from_millis(5));
    }
    let begun = Instant::now();
    let mut eleventh = connect(&shop);
    assert_eq!(ask(&mut eleventh, GET), 200);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert!(is_closed(&mut idle[0]), "it has been idle for longest");
    assert_eq!(ask(&mut idle[9], GET), 200);
}

#[test]
fn a_download_is_never_closed_to_make_room() {
    use std::io::{Read, Write};

    let mut shop = Shop::closed(programs());
    configure(&shop, "limits = { connections = 2, idle_seconds = 1, head_seconds = 1 }");
    let large = vec![7; 20_000_000];
    fs::write(shop.path("output/public/large.bin"), &large).unwrap();
    shop.serve();
    let mut download = connect(&shop);
    download.write_all(b"GET /large.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut begun = [0; 1_000];
    download.read_exact(&mut begun).unwrap();
    for _ in 0..5 {
        assert_eq!(ask(&mut connect(&shop), GET), 200);
        sleep(Duration::from_millis(500));
    }
    let mut rest = Vec::new();
    download.read_to_end(&mut rest).unwrap();
    assert!(rest.ends_with(&large[..19_000_000]), "{} bytes came", rest.len());
}

#[test]
fn who_was_let_in_before_the_end_may_still_ask_and_who_idles_does_not_delay_it() {
    let mut shop = shop_with("");
    let mut idle = connect(&shop);
    assert_eq!(ask(&mut idle, GET), 200);
    let mut asking = connect(&shop);
    let _silent = connect(&shop);
    sleep(Duration::from_millis(200));
    let begun = Instant::now();
    shop.ask_to_stop();
    sleep(Duration::from_millis(100));
    assert_eq!(ask(&mut asking, GET), 200);
    assert!(is_closed(&mut asking) && is_closed(&mut idle));
    assert_eq!(shop.exit_code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn thousands_of_connections_that_ask_nothing_do_not_keep_customers_out() {
    assert!(has_files(), "this test needs {FILES} open files");
    let shop = shop_with("limits = { connections = 1000, connections_per_address = 100 }");
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    // More than there are places, from more addresses than one.
    let flood: Vec<TcpStream> =
        (0..1_900).map(|n| connect_from(&format!("127.0.1.{}", n % 50 + 1), address(&shop))).collect();
    let mut longest = Duration::ZERO;
    for _ in 0..5 {
        let begun = Instant::now();
        assert_eq!(shop.get(&format!("/download/lighthouse_110?dlid={key}")).status, 302);
        longest = longest.max(begun.elapsed());
    }
    assert!(longest < PROMPT, "{longest:?}");
    drop(flood);
}

#[test]
fn forms_that_do_not_come_do_not_keep_customers_out() {
    use std::io::Write;

    let shop = shop_with("limits = { connections = 20 }");
    let mut flood: Vec<TcpStream> = (0..20).map(|_| connect(&shop)).collect();
    for stream in &mut flood {
        let form = "POST /check/lighthouse HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nd";
        stream.write_all(form.as_bytes()).unwrap();
    }
    let begun = Instant::now();
    assert_eq!(ask(&mut connect(&shop), GET), 200);
    assert!(begun.elapsed() < Duration::from_millis(1_800), "{:?}", begun.elapsed());
    let told = flood.iter_mut().map(|stream| status(&rest(stream))).collect::<Vec<_>>();
    assert_eq!(told, [408; 20], "each is told why");
}

#[test]
fn who_waits_for_a_place_when_the_server_stops_is_answered() {
    use std::io::{Read, Write};

    let mut shop = Shop::closed(programs());
    configure(&shop, "limits = { connections = 1, connections_per_address = 1000 }");
    fs::write(shop.path("output/public/large.bin"), vec![7; 30_000_000]).unwrap();
    shop.serve();
    let mut download = connect(&shop);
    download.write_all(b"GET /large.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    download.read_exact(&mut [0; 1_000]).unwrap();
    // More than Rust's own queue has room for.
    let mut waiting: Vec<TcpStream> = (0..400).map(|_| connect(&shop)).collect();
    for stream in &mut waiting {
        stream.write_all(GET).unwrap();
    }
    shop.ask_to_stop();
    for stream in &mut waiting {
        assert_eq!(status(&rest(stream)), 200);
    }
    let mut rest = Vec::new();
    download.read_to_end(&mut rest).unwrap();
    assert!(rest.len() > 29_000_000, "{} bytes came", rest.len());
    assert_eq!(shop.exit_code(), Some(0));
}

#[test]
fn a_slowloris_from_one_address_leaves_room_for_others() {
    assert!(has_files(), "this test needs {FILES} open files");
    // As it comes.
    let shop = shop_with("");
    let mut slow: Vec<TcpStream> = (0..1_000).map(|_| connect(&shop)).collect();
    for stream in &mut slow {
        use std::io::Write;
        let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-");
    }
    let begun = Instant::now();
    assert_eq!(ask(&mut connect_from("127.0.0.2", address(&shop)), GET), 200);
    assert!(begun.elapsed() < PROMPT, "{:?}", begun.elapsed());
}
