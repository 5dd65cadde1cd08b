use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bandari_tests::certificate::ServerCertificate;
use bandari_tests::shop::Shop;

use super::{GET, assert_logs, configure, connect, rest, status};
use crate::programs;

const TLS: &str = "tls = { certificate = 'secrets/chain.pem', key = 'secrets/tls-key.pem' }";

/// A shop that speaks TLS, and its certificate; nothing when the command `openssl` is not there.
fn shop_with_tls(lines: &str) -> Option<(Shop, ServerCertificate)> {
    let certificate = ServerCertificate::make()?;
    let mut shop = Shop::closed(programs());
    install(&shop, &certificate);
    configure(&shop, &format!("{TLS}\n{lines}"));
    shop.serve();
    Some((shop, certificate))
}

fn install(shop: &Shop, certificate: &ServerCertificate) {
    fs::copy(certificate.certificate_file(), shop.path("secrets/chain.pem")).unwrap();
    fs::copy(certificate.key_file(), shop.path("secrets/tls-key.pem")).unwrap();
    fs::set_permissions(shop.path("secrets/tls-key.pem"), fs::Permissions::from_mode(0o600)).unwrap();
}

/// Asks with OpenSSL's own client, which checks the certificate.
fn s_client(shop: &Shop, certificate: &ServerCertificate, arguments: &[&str]) -> Output {
    let mut client = Command::new("openssl")
        .args(["s_client", "-connect", &format!("127.0.0.1:{}", shop.port), "-verify_return_error"])
        .args(["-verify_ip", "127.0.0.1", "-CAfile"])
        .arg(certificate.certificate_file())
        .args(["-ign_eof"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A client whose handshake fails may have ended already.
    let request = b"GET /collection.xml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let _ = client.stdin.take().unwrap().write_all(request);
    client.wait_with_output().unwrap()
}

#[test]
fn real_clients_are_spoken_to_by_tls() {
    let Some((shop, certificate)) = shop_with_tls("") else { return };
    for (version, name) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let output = s_client(&shop, &certificate, &[version, "-alpn", "h2,http/1.1"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("HTTP/1.1 200 OK"), "{version}: {output:?}");
        assert!(text.contains(&format!("{name}, Cipher is")), "{text}");
        assert!(text.contains("ALPN protocol: http/1.1"), "{text}");
    }
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let curl = Command::new("curl")
        .args(["--silent", "--show-error", "--include", "--cacert"])
        .arg(certificate.certificate_file())
        .arg(format!("https://127.0.0.1:{}/download/lighthouse_110?dlid={key}", shop.port))
        .output();
    // curl is not everywhere.
    if let Ok(output) = curl {
        assert!(String::from_utf8_lossy(&output.stdout).starts_with("HTTP/1.1 302"), "{output:?}");
    }
}

#[test]
fn older_versions_and_other_protocols_are_refused_without_a_trace_of_content() {
    let Some((shop, certificate)) = shop_with_tls("") else { return };
    for arguments in [["-tls1_1", "-no_ticket"], ["-alpn", "h2"]] {
        let output = s_client(&shop, &certificate, &arguments);
        assert!(!String::from_utf8_lossy(&output.stdout).contains("200 OK"), "{output:?}");
    }
    assert!(!shop.log().contains("answered"), "{}", shop.log());
    let output = s_client(&shop, &certificate, &[]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("200 OK"), "{output:?}");
}

#[test]
fn a_client_without_tls_is_told_so() {
    let Some((shop, _)) = shop_with_tls("") else { return };
    let mut stream = connect(&shop);
    stream.write_all(GET).unwrap();
    let answer = rest(&mut stream);
    assert_eq!(status(&answer), 400);
    assert!(answer.ends_with("\r\n\r\nThis address speaks https, not http.\n"), "{answer}");
    let length = answer.split_once("\r\n\r\n").unwrap().1.len();
    assert!(answer.contains(&format!("content-length: {length}\r\n")), "{answer}");
}

#[test]
fn a_handshake_that_does_not_come_is_not_waited_for_and_keeps_nobody_out() {
    let Some((shop, certificate)) = shop_with_tls("limits = { head_seconds = 2, connections = 50 }") else {
        return;
    };
    let begun = Instant::now();
    let mut silent: Vec<_> = (0..20).map(|_| connect(&shop)).collect();
    // The first bytes of a handshake, and no more.
    silent[0].write_all(&[22, 3, 1, 2, 0, 1]).unwrap();
    let output = s_client(&shop, &certificate, &[]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("200 OK"), "{output:?}");
    for stream in &mut silent {
        let mut nothing = [0];
        // Where bytes were left unread, the end is a reset.
        assert!(!matches!(stream.read(&mut nothing), Ok(1..)));
    }
    assert!((2..8).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
}

#[test]
fn a_handshake_that_does_not_come_does_not_delay_the_end() {
    let Some((mut shop, _)) = shop_with_tls("") else { return };
    let _silent = connect(&shop);
    sleep(Duration::from_millis(200));
    let begun = Instant::now();
    shop.ask_to_stop();
    assert_eq!(shop.exit_code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn what_is_no_handshake_is_refused() {
    let Some((shop, certificate)) = shop_with_tls("") else { return };
    for nonsense in
        [&b"\x16\x03\x01\x00\x05hello"[..], b"\x00\x00\x00\x00", &[0x16; 40_000], b"\x80\x2e\x01\x00\x02"]
    {
        let mut stream = connect(&shop);
        let _ = stream.write_all(nonsense);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    }
    let output = s_client(&shop, &certificate, &[]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("200 OK"), "{output:?}");
}

#[test]
fn a_key_of_another_certificate_is_refused_before_anything_is_served() {
    let (Some(certificate), Some(other)) = (ServerCertificate::make(), ServerCertificate::make()) else {
        return;
    };
    let shop = Shop::closed(programs());
    install(&shop, &certificate);
    fs::copy(other.key_file(), shop.path("secrets/tls-key.pem")).unwrap();
    configure(&shop, TLS);
    let output = shop.validator(&["check-config"], "");
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("tls-key.pem`: found another key than that of the certificate `"), "{text}");
    fs::set_permissions(shop.path("secrets/tls-key.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    let output = shop.validator(&["check-config"], "");
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("tls-key.pem`: found mode 644, expected 600"), "{text}");
}

#[test]
fn a_renewed_certificate_counts_from_sighup_on() {
    let (Some((shop, first)), Some(second)) = (shop_with_tls(""), ServerCertificate::make()) else { return };
    let trusts = |certificate| {
        String::from_utf8_lossy(&s_client(&shop, certificate, &[]).stdout).contains("HTTP/1.1 200 OK")
    };
    assert!(trusts(&first) && !trusts(&second));
    // A renewal that has come halfway.
    fs::copy(second.key_file(), shop.path("secrets/tls-key.pem")).unwrap();
    shop.hang_up();
    assert_logs(&shop, "nothing is reloaded", 1);
    assert!(trusts(&first));
    install(&shop, &second);
    shop.hang_up();
    assert_logs(&shop, " reloaded packages=", 1);
    assert!(trusts(&second) && !trusts(&first));
    shop.reconfigure(TLS, "");
    shop.hang_up();
    assert_logs(&shop, " reloaded packages=", 2);
    assert_eq!(shop.get("/collection.xml").status, 200, "TLS may be switched off, too");
}

#[test]
fn a_key_in_the_public_folder_is_refused() {
    let shop = Shop::closed(programs());
    configure(&shop, "tls = { certificate = 'secrets/chain.pem', key = 'output/public/key.pem' }");
    let output = shop.validator(&["check-config"], "");
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("`tls.key`: found `"), "{text}");
}

#[test]
fn health_is_told_without_tls() {
    let Some((shop, _)) = shop_with_tls("") else { return };
    assert_eq!(bandari_tests::http::get(shop.private_port, "/healthz", &[]).status, 200);
}
