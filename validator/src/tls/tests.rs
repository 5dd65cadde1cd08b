use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

use super::*;
use crate::app::App;
use crate::config::Config;
use crate::init::init;

/// Good from 2026 to 2061, and made for these tests like all that follows.
const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBUDCB9qADAgECAgEBMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCXNob3AudGVz\n\
dDAgFw0yNjAxMDEwMDAwMDBaGA8yMDYyMDEwMTAwMDAwMFowFDESMBAGA1UEAwwJ\n\
c2hvcC50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEV/IKdgz7BIsjeW3/\n\
ko180615NH5uIZZKLcBZsGiuktled+XLJTFknBgb/rbUJ/poiV3CTqpPPskJFwm9\n\
BK7Yj6M3MDUwFAYDVR0RBA0wC4IJc2hvcC50ZXN0MB0GA1UdDgQWBBShuvgWmlBA\n\
UscNTy0I3u2eEGv3JDAKBggqhkjOPQQDAgNJADBGAiEAjl1tUhMIFscQ+bFIeTXA\n\
MhGarHd0gIqerF6G2R4puNkCIQDh12dmGiflobTkAG0KLNHTzPDCcVjSyoPUi9FD\n\
KuQcwA==\n\
-----END CERTIFICATE-----\n\
";

/// Good in 2001. Of the same key.
const OLD: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBTjCB9KADAgECAgECMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCXNob3AudGVz\n\
dDAeFw0wMTAxMDEwMDAwMDBaFw0wMjAxMDEwMDAwMDBaMBQxEjAQBgNVBAMMCXNo\n\
b3AudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFfyCnYM+wSLI3lt/5KN\n\
fNOteTR+biGWSi3AWbBorpLZXnflyyUxZJwYG/621Cf6aIldwk6qTz7JCRcJvQSu\n\
2I+jNzA1MBQGA1UdEQQNMAuCCXNob3AudGVzdDAdBgNVHQ4EFgQUobr4FppQQFLH\n\
DU8tCN7tnhBr9yQwCgYIKoZIzj0EAwIDSQAwRgIhAKpRNBvO5DL1khfrrOzwJLsW\n\
4fUzmaFnZjblLWBzkY58AiEAzH1u4nJWkoMWdAZ2QZ12ARJMan7Mxgyzpvb9fgVr\n\
SQw=\n\
-----END CERTIFICATE-----\n\
";

/// Of X.509 v1, which has no names of hosts.
const V1: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBIzCByQIUdIrNzFUAk5JnLt/Slfhz0SZQJIUwCgYIKoZIzj0EAwIwFDESMBAG\n\
A1UEAwwJc2hvcC50ZXN0MB4XDTI2MTEyMjA3MDI0OVoXDTM2MTExOTA3MDI0OVow\n\
FDESMBAGA1UEAwwJc2hvcC50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n\
V/IKdgz7BIsjeW3/ko180615NH5uIZZKLcBZsGiuktled+XLJTFknBgb/rbUJ/po\n\
iV3CTqpPPskJFwm9BK7YjzAKBggqhkjOPQQDAgNJADBGAiEA1VTQGiPUAnEikDWY\n\
PGt6Ky9u1wQLWCy9cCDypqF4Mw8CIQCO/S4bKWyJBfO/N7JLOyUILYmkcK1WwBRt\n\
gC8q6d7O4w==\n\
-----END CERTIFICATE-----\n\
";

/// The key of all of them. It opens nothing.
const KEY: &str = "\
-----BEGIN PRIVATE KEY-----\n\
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgbrFHl69qYdBoTWjL\n\
yJBobKldV8EyYG+hYJ0xmgYr8XOhRANCAARX8gp2DPsEiyN5bf+SjXzTrXk0fm4h\n\
lkotwFmwaK6S2V535cslMWScGBv+ttQn+miJXcJOqk8+yQkXCb0ErtiP\n\
-----END PRIVATE KEY-----\n\
";

/// Good as long as the first, and of another key.
const OTHER: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBETCBxKADAgECAgEDMAUGAytlcDAVMRMwEQYDVQQDDApvdGhlci50ZXN0MCAX\n\
DTI2MDEwMTAwMDAwMFoYDzIwNjIwMTAxMDAwMDAwWjAVMRMwEQYDVQQDDApvdGhl\n\
ci50ZXN0MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAx\n\
ZuGjNzA1MBQGA1UdEQQNMAuCCXNob3AudGVzdDAdBgNVHQ4EFgQUoozB+G5ZYNPg\n\
OudcliyXqNRIKTwwBQYDK2VwA0EAJCdKom6EeakyvIkGGNdJwh8Vvd/pZUfds0AW\n\
XyAKQzYtYW6XlsWIQxIpvYepEo5OXTBKkVvgm6G0Hc1y/u3WBA==\n\
-----END CERTIFICATE-----\n\
";

/// The key of that: the example of RFC 8410, section 10.3.
const OTHER_KEY: &str = "\
-----BEGIN PRIVATE KEY-----\n\
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
-----END PRIVATE KEY-----\n";

/// The beginning of 2027.
const NOW: u64 = 1_798_761_600;

/// What a server says at start that has these files.
fn load(certificate: &str, key: &str, key_mode: u32, now: u64) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let config =
        TlsConfig { certificate: folder.path().join("chain.pem"), key: folder.path().join("key.pem") };
    std::fs::write(&config.certificate, certificate).unwrap();
    std::fs::write(&config.key, key).unwrap();
    std::fs::set_permissions(&config.key, Permissions::from_mode(key_mode)).unwrap();
    let place = format!("{}/", folder.path().display());
    ServerTls::load(&config, now).map(drop).map_err(|error| {
        assert!(error.is_usage(), "{error}");
        error.to_string().replace(&place, "")
    })
}

#[test]
fn certificate_and_key_that_belong_together_are_good() {
    assert_eq!(load(CERTIFICATE, KEY, 0o600, NOW), Ok(()));
    assert_eq!(load(&format!("{CERTIFICATE}{OLD}"), KEY, 0o640, NOW), Ok(()), "with a chain, for a group");
}

#[test]
fn validity_is_read_as_it_is_written() {
    let validity = |pem: &str| Validity::of(&CertificateDer::from_pem_slice(pem.as_bytes()).unwrap());
    // 2026-01-01 and 2062-01-01, in UTCTime and in GeneralizedTime.
    let expected = Validity { begins: 1_767_225_600, ends: 2_903_299_200 };
    assert_eq!(validity(CERTIFICATE), Some(expected));
    assert_eq!(validity(OLD), Some(Validity { begins: 978_307_200, ends: 1_009_843_200 }));
    assert!(validity(V1).is_some(), "no version is written");
    assert_eq!(Validity::of(b"0\x03\x02\x01\x01"), None);
}

#[test]
fn a_certificate_that_is_over_or_yet_to_come_is_refused_with_its_date() {
    let error = load(OLD, KEY, 0o600, NOW).unwrap_err();
    let expected = "configuration `chain.pem`: found a certificate that was good until 2002-01-01T00:00:00Z, expected \
                    a newer one";
    assert_eq!(error, expected);
    assert_eq!(load(OLD, KEY, 0o600, 1_009_843_200), Ok(()), "its last second");
    let error = load(CERTIFICATE, KEY, 0o600, 1_700_000_000).unwrap_err();
    assert!(error.ends_with("good from 2026-01-01T00:00:00Z on only, expected one for today"), "{error}");
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let error = load(CERTIFICATE, OTHER_KEY, 0o600, NOW).unwrap_err();
    assert_eq!(error, "configuration `key.pem`: found another key than that of the certificate `chain.pem`");
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let error = load(CERTIFICATE, KEY, 0o644, NOW).unwrap_err();
    assert!(error.starts_with("configuration `key.pem`: found mode 644, expected 600"), "{error}");
}

#[test]
fn what_is_no_certificate_or_no_key_is_refused_without_being_shown() {
    for (certificate, key, expected) in [
        ("", KEY, "`chain.pem`: found no certificate, expected one in PEM"),
        (KEY, KEY, "`chain.pem`: found no certificate, expected one in PEM"),
        (
            "-----BEGIN secret\n",
            KEY,
            "`chain.pem`: found something else than PEM, expected a certificate and its chain",
        ),
        (V1, KEY, "`chain.pem`: found a certificate that cannot be used, expected X.509 v3"),
        (
            CERTIFICATE,
            CERTIFICATE,
            "`key.pem`: found no private key, expected one in PEM and without a password",
        ),
        (
            CERTIFICATE,
            "-----BEGIN secret\n",
            "`key.pem`: found no private key, expected one in PEM and without a password",
        ),
    ] {
        let error = load(certificate, key, 0o600, NOW).unwrap_err();
        assert_eq!(error, format!("configuration {expected}"));
    }
}

#[test]
fn a_missing_file_is_named() {
    let config = TlsConfig { certificate: "no/chain.pem".into(), key: "no/key.pem".into() };
    let error = ServerTls::load(&config, NOW).unwrap_err().to_string();
    assert!(error.starts_with("configuration `no/chain.pem`: cannot be read: "), "{error}");
}

fn certificate(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

/// The certificate that a client is shown.
async fn shown(app: &App) -> CertificateDer<'static> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates([CERTIFICATE, OTHER].map(certificate));
    let client = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (here, there) = tokio::io::duplex(64 * 1024);
    let name = "shop.test".try_into().unwrap();
    let (served, seen) = tokio::join!(
        app.tls.as_ref().unwrap().acceptor().accept(here),
        TlsConnector::from(Arc::new(client)).connect(name, there)
    );
    served.unwrap();
    seen.unwrap().get_ref().1.peer_certificates().unwrap()[0].clone()
}

#[tokio::test]
async fn a_reload_takes_the_certificate_that_is_there_now_or_leaves_all_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        path
    };
    write(
        "catalog.json",
        r#"{"format": "bandari-catalog", "version": 1, "products": [],
        "site": {"title": "t", "vendor": "v", "public_url": "http://127.0.0.1"}}"#,
    );
    let file = write(
        "validator.toml",
        "listen = '127.0.0.1:1'\nprivate_listen = '127.0.0.1:2'\ncatalog = 'catalog.json'\nkey_set = 'k'\n\
         tls = { certificate = 'chain.pem', key = 'key.pem' }\n",
    );
    write("chain.pem", CERTIFICATE);
    write("key.pem", KEY);
    init(&file, None).await.unwrap();
    let config = Config::load(&file).unwrap();
    let app = App::load(&config).await.unwrap();
    assert_eq!(shown(&app).await, certificate(CERTIFICATE));
    write("chain.pem", OTHER);
    let with_catalog = app.with_catalog(app.catalog()).unwrap();
    assert_eq!(shown(&with_catalog).await, certificate(CERTIFICATE), "a catalog does not depend on it");
    let error = app.reload(&config, app.catalog()).await.unwrap_err().to_string();
    assert!(error.contains("found another key"), "half of a renewal: {error}");
    write("key.pem", OTHER_KEY);
    let reloaded = app.reload(&config, app.catalog()).await.unwrap();
    assert_eq!(shown(&reloaded).await, certificate(OTHER));
    assert_eq!(shown(&app).await, certificate(CERTIFICATE), "who is spoken to already notices nothing");
}

#[test]
fn nothing_of_a_key_shows_in_debug() {
    let folder = tempfile::tempdir().unwrap();
    let config = TlsConfig { certificate: folder.path().join("c.pem"), key: folder.path().join("k.pem") };
    std::fs::write(&config.certificate, CERTIFICATE).unwrap();
    std::fs::write(&config.key, KEY).unwrap();
    std::fs::set_permissions(&config.key, Permissions::from_mode(0o600)).unwrap();
    assert_eq!(format!("{:?}", ServerTls::load(&config, NOW).unwrap()), "ServerTls(…)");
}
