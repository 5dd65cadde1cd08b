//! The quotas of the server, with a clock that stands still until it is told.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use governor::clock::FakeRelativeClock;
use hyper::header::HeaderMap;
use secrecy::SecretSlice;

use super::counted::SWEEP_EVERY;
use super::*;
use crate::imported_key::KeyHasher;
use crate::sender::TrustedProxies;

fn quotas() -> (Quotas<FakeRelativeClock>, FakeRelativeClock) {
    let clock = FakeRelativeClock::default();
    (Quotas::with_clock(&clock), clock)
}

fn sender(number: u32) -> Sender {
    let peer = IpAddr::V4(Ipv4Addr::from_bits(number));
    Sender::of(peer, &HeaderMap::new(), &TrustedProxies::default())
}

/// The sender of that number in an IPv6 network of that number.
fn ipv6_sender(network: u16, number: u16) -> Sender {
    let peer = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, network, number, 0, 0, 0, 5));
    Sender::of(peer, &HeaderMap::new(), &TrustedProxies::default())
}

fn beginning(key: &str) -> KeyPrefix {
    KeyHasher::new(&SecretSlice::from(vec![7; 32])).prefix(key)
}

/// Tries that many wrong keys that begin alike, from senders who try ten each.
fn try_from_many(quotas: &Quotas<FakeRelativeClock>, count: u32, key: &str) {
    for number in 0..count {
        drop(quotas.key_try(sender(0x0a00_0000 + number / 10), beginning(key)).unwrap());
    }
}

fn email(number: u32) -> EmailAddress {
    EmailAddress::parse(&format!("customer{number}@example.org")).unwrap()
}

fn retry_after<T>(seconds: u64) -> Result<T, RetryAfter> {
    Err(RetryAfter { seconds })
}

#[test]
fn an_address_gets_three_key_mails_and_one_more_each_20_minutes() {
    let (quotas, clock) = quotas();
    for from in 0..3 {
        assert_eq!(quotas.key_mail(sender(from), &email(1)), Ok(()));
    }
    assert_eq!(quotas.key_mail(sender(3), &email(1)), retry_after(1_200));
    assert_eq!(quotas.key_mail(sender(3), &email(2)), Ok(()));
    clock.advance(Duration::from_millis(500));
    assert_eq!(quotas.key_mail(sender(4), &email(1)), retry_after(1_200));
    clock.advance(Duration::from_millis(1_199_000));
    assert_eq!(quotas.key_mail(sender(4), &email(1)), retry_after(1));
    clock.advance(Duration::from_millis(500));
    assert_eq!(quotas.key_mail(sender(4), &email(1)), Ok(()));
    assert_eq!(quotas.key_mail(sender(4), &email(1)), retry_after(1_200));
}

#[test]
fn one_address_in_upper_and_lower_case_has_one_quota() {
    let (quotas, _) = quotas();
    for text in ["ada@example.org", "Ada@Example.org", " ADA@EXAMPLE.ORG "] {
        assert_eq!(quotas.key_mail(sender(1), &EmailAddress::parse(text).unwrap()), Ok(()));
    }
    assert!(quotas.key_mail(sender(1), &EmailAddress::parse("ada@example.org").unwrap()).is_err());
}

#[test]
fn a_sender_asks_for_ten_key_mails_and_one_more_a_minute() {
    let (quotas, clock) = quotas();
    for to in 0..10 {
        assert_eq!(quotas.key_mail(sender(1), &email(to)), Ok(()));
    }
    assert_eq!(quotas.key_mail(sender(1), &email(10)), retry_after(60));
    assert_eq!(quotas.key_mail(sender(2), &email(10)), Ok(()));
    clock.advance(Duration::from_secs(60));
    assert_eq!(quotas.key_mail(sender(1), &email(11)), Ok(()));
    assert_eq!(quotas.key_mail(sender(1), &email(12)), retry_after(60));
}

#[test]
fn a_sender_over_the_quota_uses_up_no_address() {
    let (quotas, _) = quotas();
    for to in 0..10 {
        quotas.key_mail(sender(1), &email(to)).unwrap();
    }
    for _ in 0..5 {
        quotas.key_mail(sender(1), &email(99)).unwrap_err();
    }
    for _ in 0..3 {
        assert_eq!(quotas.key_mail(sender(2), &email(99)), Ok(()));
    }
}

#[test]
fn a_sender_has_ten_logins_refused_and_one_more_each_6_seconds() {
    let (quotas, clock) = quotas();
    for _ in 0..10 {
        drop(quotas.login(sender(1)).unwrap());
    }
    assert_eq!(quotas.login(sender(1)).unwrap_err(), RetryAfter { seconds: 6 });
    assert!(quotas.login(sender(2)).is_ok());
    clock.advance(Duration::from_secs(6));
    assert!(quotas.login(sender(1)).is_ok());
    assert_eq!(quotas.login(sender(1)).unwrap_err(), RetryAfter { seconds: 6 });
}

#[test]
fn good_logins_do_not_count() {
    let (quotas, clock) = quotas();
    for _ in 0..9 {
        drop(quotas.login(sender(1)).unwrap());
    }
    for _ in 0..100 {
        quotas.login(sender(1)).unwrap().forgive();
    }
    drop(quotas.login(sender(1)).unwrap());
    assert!(quotas.login(sender(1)).is_err());
    // However late it is told, a good login gives back what it took and no more.
    clock.advance(Duration::from_secs(6));
    let late = quotas.login(sender(1)).unwrap();
    clock.advance(Duration::from_secs(3_600));
    late.forgive();
    for _ in 0..10 {
        drop(quotas.login(sender(1)).unwrap());
    }
    assert!(quotas.login(sender(1)).is_err());
}

#[test]
fn logins_at_the_same_time_count_while_they_are_under_way() {
    let (quotas, _) = quotas();
    let mut under_way: Vec<_> = (0..10).map(|_| quotas.login(sender(1)).unwrap()).collect();
    assert!(quotas.login(sender(1)).is_err());
    under_way.pop().unwrap().forgive();
    assert!(quotas.login(sender(1)).is_ok());
}

#[test]
fn senders_who_do_not_matter_any_more_are_let_go() {
    let (quotas, clock) = quotas();
    for number in 0..100_000 {
        // Ten a second: each is forgotten between 6 and 12 seconds and one sweep after its only login.
        drop(quotas.login(sender(number)).unwrap());
        clock.advance(Duration::from_millis(100));
        let remembered = quotas.refused_logins.remembered();
        assert!(remembered <= 120 + SWEEP_EVERY, "{remembered} after {number}");
    }
}

#[test]
fn who_still_matters_is_not_let_go() {
    let (quotas, clock) = quotas();
    for _ in 0..10 {
        drop(quotas.login(sender(0)).unwrap());
    }
    for number in 1..=5_000 {
        drop(quotas.login(sender(number)).unwrap());
    }
    assert_eq!(quotas.login(sender(0)).unwrap_err(), RetryAfter { seconds: 6 });
    clock.advance(Duration::from_secs(6));
    assert!(quotas.login(sender(0)).is_ok());
    assert!(quotas.login(sender(0)).is_err());
}

#[test]
fn a_sender_tries_sixty_wrong_keys_and_one_more_each_10_seconds() {
    let (quotas, clock) = quotas();
    for number in 0..60 {
        drop(quotas.key_try(sender(1), beginning(&format!("{number:08}"))).unwrap());
    }
    let over = RetryAfter { seconds: 10 };
    assert_eq!(quotas.key_try(sender(1), beginning("another1")).unwrap_err(), over);
    assert!(quotas.key_try(sender(2), beginning("another1")).is_ok());
    clock.advance(Duration::from_secs(10));
    assert!(quotas.key_try(sender(1), beginning("another1")).is_ok());
    assert_eq!(quotas.key_try(sender(1), beginning("another1")).unwrap_err(), over);
}

#[test]
fn after_a_hundred_wrong_keys_that_begin_alike_suspects_have_to_wait_and_nobody_else() {
    let (quotas, clock) = quotas();
    try_from_many(&quotas, 100, "abcdefgh");
    // Ten tries make no suspect, the eleventh would.
    let suspect = sender(0x0a00_0000);
    assert_eq!(quotas.key_try(suspect, beginning("abcdefgh-9")).unwrap_err(), RetryAfter { seconds: 10 });
    for _ in 0..TRIES_WITHOUT_SUSPICION {
        drop(quotas.key_try(sender(1), beginning("abcdefgh-9")).unwrap());
    }
    assert_eq!(quotas.key_try(sender(1), beginning("abcdefgh-9")).unwrap_err(), RetryAfter { seconds: 10 });
    assert!(quotas.key_try(sender(1), beginning("abcdefgi-9")).is_ok(), "it begins otherwise");
    // What is long ago makes no suspect.
    clock.advance(Duration::from_secs(110));
    try_from_many(&quotas, 11, "abcdefgh");
    assert!(quotas.key_try(sender(1), beginning("abcdefgh-9")).is_ok());
}

#[test]
fn one_sender_alone_does_not_use_up_the_keys_that_begin_alike() {
    let (quotas, clock) = quotas();
    for _ in 0..1_000 {
        let _ = quotas.key_try(sender(1), beginning("abcdefgh")).map(drop);
        clock.advance(Duration::from_secs(1));
    }
    for _ in 0..40 {
        drop(quotas.key_try(sender(2), beginning("abcdefgh")).unwrap());
    }
}

#[test]
fn a_try_that_is_held_back_for_others_does_not_count_for_its_sender() {
    let (quotas, _) = quotas();
    try_from_many(&quotas, 100, "abcdefgh");
    let suspect = sender(0x0a00_0000);
    for _ in 0..100 {
        let _ = quotas.key_try(suspect, beginning("abcdefgh")).unwrap_err();
    }
    for number in 10..60 {
        drop(quotas.key_try(suspect, beginning(&format!("{number:08}"))).unwrap());
    }
}

#[test]
fn a_good_key_gives_back_what_it_took_to_all() {
    let (quotas, _) = quotas();
    let customer = ipv6_sender(1, 1);
    for _ in 0..2_000 {
        quotas.key_try(customer, beginning("abcdefgh")).unwrap().forgive();
    }
    try_from_many(&quotas, 99, "abcdefgh");
    // The hundredth is there once. A try beyond it took nothing, and gives nothing back.
    drop(quotas.key_try(customer, beginning("abcdefgh")).unwrap());
    quotas.key_try(customer, beginning("abcdefgh")).unwrap().forgive();
    assert!(quotas.key_try(sender(0x0a00_0000), beginning("abcdefgh")).is_err());
}

#[test]
fn an_ipv6_network_has_the_quota_of_sixteen_senders() {
    let (quotas, clock) = quotas();
    let try_one = |network, number: u16| {
        quotas.key_try(ipv6_sender(network, number), beginning(&format!("{number:08}"))).map(drop)
    };
    for number in 0..960 {
        assert_eq!(try_one(1, number), Ok(()), "{number}");
    }
    assert_eq!(try_one(1, 960), retry_after(1));
    assert_eq!(try_one(2, 960), Ok(()));
    clock.advance(Duration::from_millis(625));
    assert_eq!(try_one(1, 961), Ok(()));
    assert_eq!(try_one(1, 962), retry_after(1));

    for number in 0..160 {
        drop(quotas.login(ipv6_sender(1, number)).unwrap());
        assert_eq!(quotas.key_mail(ipv6_sender(1, number), &email(number.into())), Ok(()));
    }
    assert_eq!(quotas.login(ipv6_sender(1, 160)).unwrap_err(), RetryAfter { seconds: 1 });
    assert_eq!(quotas.key_mail(ipv6_sender(1, 160), &email(160)), retry_after(4));
    assert!(quotas.login(ipv6_sender(2, 160)).is_ok());
}

#[test]
fn a_sender_over_the_quota_uses_up_nothing_of_its_network() {
    let (quotas, _) = quotas();
    for _ in 0..1_000 {
        let _ = quotas.key_try(ipv6_sender(1, 0), beginning("abcdefgh")).map(drop);
    }
    for number in 1..=900 {
        drop(quotas.key_try(ipv6_sender(1, number), beginning(&format!("{number:08}"))).unwrap());
    }
    assert!(quotas.key_try(ipv6_sender(1, 901), beginning("abcdefgh")).is_err());
}

#[test]
fn a_network_over_the_quota_fills_no_table_with_senders() {
    let (quotas, _) = quotas();
    for number in 0..10_000 {
        let _ = quotas.login(ipv6_sender(1, number)).map(drop);
    }
    assert_eq!(quotas.refused_logins.remembered(), 160);
}

#[test]
fn nothing_of_senders_and_addresses_shows_in_debug() {
    let (quotas, _) = quotas();
    quotas.key_mail(sender(0xc000_0209), &email(1)).unwrap();
    let shown = format!("{quotas:?}");
    let digest = format!("{:?}", Sha256::digest("customer1@example.org"));
    assert!(!shown.contains("192.0.2.9") && !shown.contains("customer"), "{shown}");
    assert!(!shown.contains(digest.trim_matches(['[', ']'])), "{shown}");
}
