//! Who sent a request: the peer of its connection, or, behind a proxy that the vendor trusts, whom that proxy names.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use hyper::header::{HeaderMap, HeaderName};
use ipnet::{IpNet, Ipv4Net};

/// The list that each proxy adds the address of its client to, at the right.
static FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// How many leading bits of an IPv6 address are one customer's: providers give out nothing smaller than a /64 (RFC
/// 6177), and whoever has one has 2^64 addresses to come from.
const CUSTOMER_BITS: u32 = 64;

/// How many leading bits of an IPv6 address are the most that one customer gets as a matter of course: providers give out
/// /48 to /64 (RFC 6177, section 2), and a /48 has 65 536 of the latter.
const NETWORK_BITS: u32 = 48;

/// How many leading bits all IPv4 addresses have in common when they are written as IPv6 (`::ffff:0:0/96`, RFC 4291).
const MAPPED_PREFIX: u8 = 96;

/// The proxies whose `X-Forwarded-For` is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Reads addresses and networks in CIDR form.
    ///
    /// # Errors
    /// What was found and what was expected, for the first entry that is neither.
    pub(crate) fn parse<T: AsRef<str>>(entries: &[T]) -> Result<Self, String> {
        let network = |entry: &T| {
            let entry = entry.as_ref();
            // Who believes everybody lets everybody choose a name.
            parse_network(entry).filter(|network| network.prefix_len() > 0).ok_or_else(|| {
                format!("found `{entry}`, expected an address or a network like `192.0.2.7` or `10.0.0.0/8`")
            })
        };
        entries.iter().map(network).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a request came through a proxy of the vendor's own network that nobody has named: then all customers look
    /// like one sender.
    pub(crate) fn lack(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        let peer = peer.to_canonical();
        let is_near = match peer {
            IpAddr::V4(peer) => peer.is_loopback() || peer.is_private(),
            IpAddr::V6(peer) => peer.is_loopback() || peer.is_unique_local(),
        };
        is_near && headers.contains_key(&FORWARDED_FOR) && !self.contains(peer)
    }

    /// `address` is canonical: IPv4 is never written as IPv6.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

fn parse_network(entry: &str) -> Option<IpNet> {
    if let Ok(address) = entry.parse::<IpAddr>() {
        return Some(address.to_canonical().into());
    }
    let network: IpNet = entry.parse().ok()?;
    let mapped = match network {
        IpNet::V6(network) if network.prefix_len() >= MAPPED_PREFIX => network.addr().to_ipv4_mapped(),
        _ => None,
    };
    let Some(address) = mapped else { return Some(network) };
    Ipv4Net::new(address, network.prefix_len() - MAPPED_PREFIX).ok().map(IpNet::V4)
}

/// Who sent a request, as far as quotas tell senders apart: an IPv4 address, or the /64 of an IPv6 address. It is
/// personal, so it has no `Debug` that shows it and no `Display`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Sender(IpAddr);

impl Sender {
    /// Finds who sent a request. Each proxy adds its client at the right of `X-Forwarded-For`, and what is further to
    /// the left may be made up. So from the right the first address counts that is no trusted proxy. What cannot be
    /// read ends the way at the address before it.
    #[must_use]
    pub(crate) fn of(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> Self {
        let mut sender = peer.to_canonical();
        if !trusted.contains(sender) {
            return Self::from_address(sender);
        }
        let lines: Vec<_> = headers.get_all(&FORWARDED_FOR).iter().collect();
        let mut entries =
            lines.iter().rev().flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',')).map(parse_entry);
        while trusted.contains(sender) {
            let Some(Some(client)) = entries.next() else { break };
            sender = client;
        }
        Self::from_address(sender)
    }

    /// The sender at an address, which is canonical.
    pub(crate) fn from_address(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self(address),
            IpAddr::V6(address) => Self(leading(address, CUSTOMER_BITS).into()),
        }
    }

    /// The network that one customer may have all of; IPv4 addresses are too scarce for that.
    #[must_use]
    pub(crate) fn network(self) -> Option<Network> {
        match self.0 {
            IpAddr::V4(_) => None,
            IpAddr::V6(address) => Some(Network(leading(address, NETWORK_BITS))),
        }
    }
}

/// The /48 of an IPv6 sender. Like a sender it is personal.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Network(Ipv6Addr);

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network(…)")
    }
}

/// The address with all but its leading bits (one at least) set to zero.
fn leading(address: Ipv6Addr, bits: u32) -> Ipv6Addr {
    Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (Ipv6Addr::BITS - bits)))
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender(…)")
    }
}

/// An address; some proxies add the port, and brackets around IPv6.
fn parse_entry(entry: &[u8]) -> Option<IpAddr> {
    let entry = std::str::from_utf8(entry).ok()?.trim_matches([' ', '\t']);
    let bracketed = entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']'));
    let address = match bracketed {
        Some(address) => address.parse::<Ipv6Addr>().ok()?.into(),
        None => entry.parse().or_else(|_| entry.parse().map(|socket: SocketAddr| socket.ip())).ok()?,
    };
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    #[test]
    fn a_proxy_that_nobody_named_is_noticed() {
        let forwarded =
            HeaderMap::from_iter([(FORWARDED_FOR.clone(), HeaderValue::from_static("192.0.2.7"))]);
        let named = TrustedProxies::parse(&["10.0.0.0/8"]).unwrap();
        let lack = |peer: &str, headers: &HeaderMap| named.lack(peer.parse().unwrap(), headers);
        assert!(
            lack("127.0.0.1", &forwarded) && lack("192.168.1.1", &forwarded) && lack("fd00::1", &forwarded)
        );
        assert!(!lack("127.0.0.1", &HeaderMap::new()), "no proxy at all");
        assert!(!lack("10.1.2.3", &forwarded), "named");
        assert!(!lack("192.0.2.99", &forwarded), "a stranger may send what it likes");
    }

    #[test]
    fn nobody_can_trust_everybody() {
        for entry in ["0.0.0.0/0", "::/0"] {
            assert!(TrustedProxies::parse(&[entry]).unwrap_err().starts_with(&format!("found `{entry}`")));
        }
    }

    fn trusted() -> TrustedProxies {
        TrustedProxies::parse(&["127.0.0.1", "10.0.0.0/8", "2001:db8:aaaa::/48"]).unwrap()
    }

    /// Who sent a request with these lines of `X-Forwarded-For`.
    fn sender(peer: &str, lines: &[&str]) -> Sender {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR.clone(), HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        Sender::of(peer.parse().unwrap(), &headers, &trusted())
    }

    fn address(text: &str) -> Sender {
        Sender(text.parse().unwrap())
    }

    #[test]
    fn a_peer_that_is_no_trusted_proxy_is_the_sender_whatever_it_says() {
        assert_eq!(sender("192.0.2.9", &["198.51.100.1"]), address("192.0.2.9"));
        assert_eq!(sender("11.0.0.1", &[]), address("11.0.0.1"));
    }

    #[test]
    fn from_the_right_the_first_that_is_no_trusted_proxy_counts() {
        for (line, expected) in [
            ("198.51.100.1", "198.51.100.1"),
            ("203.0.113.5, 198.51.100.1", "198.51.100.1"),
            ("203.0.113.5,198.51.100.1 ,10.1.2.3,\t10.9.9.9", "198.51.100.1"),
            ("10.1.2.3, 10.9.9.9", "10.1.2.3"),
            ("198.51.100.1:50123", "198.51.100.1"),
            ("[2001:db8:1:2::5]:50123, [2001:db8:aaaa::1]", "2001:db8:1:2::"),
            ("2001:db8:1:2::5", "2001:db8:1:2::"),
        ] {
            assert_eq!(sender("127.0.0.1", &[line]), address(expected), "{line}");
        }
    }

    #[test]
    fn a_proxy_that_names_nobody_is_the_sender() {
        assert_eq!(sender("127.0.0.1", &[]), address("127.0.0.1"));
        assert_eq!(sender("127.0.0.1", &[""]), address("127.0.0.1"));
    }

    #[test]
    fn what_cannot_be_read_ends_the_way_at_the_address_before_it() {
        for (line, expected) in [
            ("198.51.100.1, unknown, 10.1.2.3", "10.1.2.3"),
            ("198.51.100.1, , 10.1.2.3", "10.1.2.3"),
            ("198.51.100.1, 10.1.2.3.4", "127.0.0.1"),
            ("198.51.100.1, grüße", "127.0.0.1"),
            ("198.51.100.1, [10.1.2.3]", "127.0.0.1"),
        ] {
            assert_eq!(sender("127.0.0.1", &[line]), address(expected), "{line}");
        }
    }

    #[test]
    fn several_header_lines_are_one_list() {
        assert_eq!(sender("127.0.0.1", &["203.0.113.5, 198.51.100.1", "10.1.2.3"]), address("198.51.100.1"));
        assert_eq!(sender("127.0.0.1", &["203.0.113.5", "198.51.100.1, 10.1.2.3"]), address("198.51.100.1"));
    }

    #[test]
    fn ipv4_written_as_ipv6_is_ipv4() {
        assert_eq!(sender("::ffff:192.0.2.9", &[]), address("192.0.2.9"));
        assert_eq!(sender("::ffff:10.0.0.1", &["::ffff:198.51.100.1"]), address("198.51.100.1"));
        let mapped = TrustedProxies::parse(&["::ffff:127.0.0.1", "::ffff:10.0.0.0/104"]).unwrap();
        assert_eq!(mapped, TrustedProxies::parse(&["127.0.0.1/32", "10.0.0.0/8"]).unwrap());
    }

    #[test]
    fn ipv6_senders_of_one_64_are_one_sender() {
        assert_eq!(sender("2001:db8:1:2::5", &[]), sender("2001:db8:1:2:ffff:ffff:ffff:ffff", &[]));
        assert_ne!(sender("2001:db8:1:2::5", &[]), sender("2001:db8:1:3::5", &[]));
        assert_ne!(sender("192.0.2.9", &[]), sender("192.0.2.8", &[]));
    }

    #[test]
    fn ipv6_senders_of_one_48_have_one_network_and_ipv4_senders_none() {
        let network = |peer: &str| sender(peer, &[]).network();
        assert_eq!(network("2001:db8:1:2::5"), network("2001:db8:1:ffff::7"));
        assert_ne!(network("2001:db8:1:2::5"), network("2001:db8:2:2::5"));
        assert_eq!((network("192.0.2.9"), network("::ffff:192.0.2.9")), (None, None));
        assert_eq!(format!("{:?}", network("2001:db8::1")), "Some(Network(…))");
    }

    #[test]
    fn an_entry_that_is_no_network_is_named() {
        for bad in ["10.0.0.0/33", "10.0.0", "proxy.example", "", "10.0.0.1:80", " 10.0.0.1"] {
            let error = TrustedProxies::parse(&["127.0.0.1", bad]).unwrap_err();
            let expected =
                format!("found `{bad}`, expected an address or a network like `192.0.2.7` or `10.0.0.0/8`");
            assert_eq!(error, expected);
        }
    }

    #[test]
    fn a_sender_does_not_show_in_debug() {
        assert_eq!(format!("{:?}", sender("192.0.2.9", &[])), "Sender(…)");
    }
}
