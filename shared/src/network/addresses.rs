//! Sets of addresses, IPv4 and IPv6.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use ipnet::IpNet;

use super::ranges::Ranges;

/// A set of addresses, IPv4 and IPv6. Equal sets compare equal, however they came about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct AddressSet {
    /// The IPv4 addresses, as numbers.
    pub v4: Ranges<u32>,
    /// The IPv6 addresses, as numbers.
    pub v6: Ranges<u128>,
}

impl FromIterator<IpNet> for AddressSet {
    fn from_iter<I: IntoIterator<Item = IpNet>>(nets: I) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for net in nets {
            match net {
                IpNet::V4(net) => v4.push((net.network().to_bits(), net.broadcast().to_bits())),
                IpNet::V6(net) => v6.push((net.network().to_bits(), net.broadcast().to_bits())),
            }
        }
        Self { v4: v4.into_iter().collect(), v6: v6.into_iter().collect() }
    }
}

impl AddressSet {
    /// The addresses of networks.
    pub fn of<'a>(nets: impl IntoIterator<Item = &'a IpNet>) -> Self {
        nets.into_iter().copied().collect()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether it holds an address.
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.v4.contains(address.to_bits()),
            IpAddr::V6(address) => self.v6.contains(address.to_bits()),
        }
    }

    /// Whether it holds everything that another set holds.
    pub fn covers(&self, other: &Self) -> bool {
        self.v4.covers(&other.v4) && self.v6.covers(&other.v6)
    }

    /// What either holds.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self { v4: self.v4.union(&other.v4), v6: self.v6.union(&other.v6) }
    }

    /// What both hold.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self { v4: self.v4.intersection(&other.v4), v6: self.v6.intersection(&other.v6) }
    }

    /// What it holds and the other does not.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self { v4: self.v4.difference(&other.v4), v6: self.v6.difference(&other.v6) }
    }

    /// Only its IPv4 addresses, or only its IPv6 addresses: those of the same kind as `like`.
    #[must_use]
    pub fn of_kind(&self, like: IpAddr) -> Self {
        match like {
            IpAddr::V4(_) => Self { v4: self.v4.clone(), v6: Ranges::default() },
            IpAddr::V6(_) => Self { v4: Ranges::default(), v6: self.v6.clone() },
        }
    }

    /// What of it is on the public internet.
    #[must_use]
    pub fn public(&self) -> Self {
        self.intersection(&INTERNET)
    }

    /// How many IPv4 addresses it holds.
    pub fn count_v4(&self) -> u64 {
        self.v4.iter().map(|(first, last)| u64::from(last - first) + 1).sum()
    }

    /// How many IPv6 addresses it holds; the largest number there is for all of them.
    pub fn count_v6(&self) -> u128 {
        self.v6
            .iter()
            .map(|(first, last)| (last - first).saturating_add(1))
            .fold(0, |sum, count| sum.saturating_add(count))
    }

    /// How much of the public IPv4 and of the public IPv6 internet it covers, in parts of a million.
    pub fn share_of_internet(&self) -> Share {
        let public = self.public();
        // By shifting both, the product stays within 128 bits; what is lost is far below a millionth.
        let (v6, all_v6) = (public.count_v6() >> 32, INTERNET.count_v6() >> 32);
        Share {
            v4: u32::try_from(public.count_v4() * 1_000_000 / INTERNET.count_v4()).unwrap_or(1_000_000),
            v6: u32::try_from(v6 * 1_000_000 / all_v6).unwrap_or(1_000_000),
        }
    }

    /// Its widest ranges for people, at most `most`, IPv4 before IPv6, wide before narrow. All of the public internet is `0.0.0.0/0` and `::/0`;
    /// ranges between which there is nothing public are one.
    pub fn widest(&self, most: usize) -> Vec<String> {
        let mut shown = Vec::new();
        if self.v4.covers(&INTERNET.v4) {
            shown.push("0.0.0.0/0".to_owned());
        } else {
            let mut ranges = joined(&self.v4, &INTERNET.v4);
            ranges.sort_by_key(|(first, last)| (std::cmp::Reverse(last - first), *first));
            shown.extend(ranges.iter().take(most).map(|range| show_v4(*range)));
        }
        if self.v6.covers(&INTERNET.v6) {
            shown.push("::/0".to_owned());
        } else {
            let mut ranges = joined(&self.v6, &INTERNET.v6);
            ranges.sort_by_key(|(first, last)| (std::cmp::Reverse(last - first), *first));
            shown.extend(ranges.iter().take(most).map(|range| show_v6(*range)));
        }
        shown.truncate(most);
        shown
    }
}

/// How much of the internet a set covers, in parts of a million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share {
    /// Of the IPv4 internet.
    pub v4: u32,
    /// Of the IPv6 internet.
    pub v6: u32,
}

impl std::fmt::Display for Share {
    /// `100% of IPv4, 3.1% of IPv6`; what is not zero is never shown as such.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let percent = |millionths: u32| match millionths {
            0..1_000 => "<0.1%".to_owned(),
            _ if millionths.is_multiple_of(10_000) => format!("{}%", millionths / 10_000),
            _ => format!("{}.{}%", millionths / 10_000, millionths % 10_000 / 1_000),
        };
        match (self.v4, self.v6) {
            (v4, 0) => write!(f, "{} of IPv4", percent(v4)),
            (0, v6) => write!(f, "{} of IPv6", percent(v6)),
            (v4, v6) => write!(f, "{} of IPv4, {} of IPv6", percent(v4), percent(v6)),
        }
    }
}

/// Ranges, those joined between which there is nothing of `all`.
fn joined<N: super::ranges::Number>(ranges: &Ranges<N>, all: &Ranges<N>) -> Vec<(N, N)> {
    let mut joined: Vec<(N, N)> = Vec::new();
    for (first, last) in ranges.iter() {
        match joined.last_mut() {
            Some(open)
                if !open.1.next().zip(first.before()).is_some_and(|(from, to)| all.meets(from, to)) =>
            {
                open.1 = last;
            }
            _ => joined.push((first, last)),
        }
    }
    joined
}

/// How many bits of a network's prefix a range of so many addresses has, if it is one network. `None` for the count: all of them.
fn prefix(first: u128, last: u128, bits: u32) -> Option<u32> {
    let host = first ^ last;
    let is_network = host & host.wrapping_add(1) == 0 && first & host == 0;
    is_network.then(|| bits - (u128::BITS - host.leading_zeros()))
}

fn show_v4((first, last): (u32, u32)) -> String {
    let (from, to) = (Ipv4Addr::from_bits(first), Ipv4Addr::from_bits(last));
    prefix(first.into(), last.into(), 32)
        .map_or_else(|| format!("{from}-{to}"), |length| format!("{from}/{length}"))
}

fn show_v6((first, last): (u128, u128)) -> String {
    let (from, to) = (Ipv6Addr::from_bits(first), Ipv6Addr::from_bits(last));
    prefix(first, last, 128).map_or_else(|| format!("{from}-{to}"), |length| format!("{from}/{length}"))
}

/// Blocks of IPv4 addresses that nobody has on the public internet (IANA, special-purpose address registry; multicast; reserved).
const NOT_PUBLIC_V4: &[([u8; 4], u8)] = &[
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 3),
];

/// The same within 2000::/3, which is all that is given out of IPv6: benchmarking, ORCHID, documentation.
const NOT_PUBLIC_V6: &[([u16; 2], u8)] =
    &[([0x2001, 0x0010], 28), ([0x2001, 0x0020], 28), ([0x2001, 0x0db8], 32), ([0x3fff, 0], 20)];

/// The public internet: every address that somebody can have on it.
pub static INTERNET: LazyLock<AddressSet> = LazyLock::new(|| {
    let net_v4 = |(octets, length): &([u8; 4], u8)| {
        let first = u32::from_be_bytes(*octets);
        (first, first | u32::MAX.checked_shr(u32::from(*length)).unwrap_or_default())
    };
    let net_v6 = |(words, length): &([u16; 2], u8)| {
        let first = Ipv6Addr::new(words[0], words[1], 0, 0, 0, 0, 0, 0).to_bits();
        (first, first | u128::MAX.checked_shr(u32::from(*length)).unwrap_or_default())
    };
    let (v4, v6): (Ranges<u32>, Ranges<u128>) =
        ([(0, u32::MAX)].into_iter().collect(), [net_v6(&([0x2000, 0], 3))].into_iter().collect());
    AddressSet {
        v4: v4.difference(&NOT_PUBLIC_V4.iter().map(net_v4).collect()),
        v6: v6.difference(&NOT_PUBLIC_V6.iter().map(net_v6).collect()),
    }
});

#[cfg(test)]
mod tests {
    use super::*;

    fn set(nets: &str) -> AddressSet {
        nets.split_whitespace().map(|net| net.parse::<IpNet>().unwrap()).collect()
    }

    #[test]
    fn two_halves_are_the_internet_and_private_addresses_are_not() {
        assert_eq!(set("0.0.0.0/1 128.0.0.0/1"), set("0.0.0.0/0"));
        assert_eq!(set("0.0.0.0/0").public(), set("0.0.0.0/1 128.0.0.0/1").public());
        for private in
            ["10.0.0.0/8", "100.64.0.0/10", "fd00::/8", "fe80::/10", "2001:db8::/32", "224.0.0.0/4"]
        {
            assert!(set(private).public().is_empty(), "{private}");
        }
        for public in ["8.8.8.8", "47.1.2.3", "100.0.0.1", "172.32.0.1", "223.255.255.255", "2400:3200::1"] {
            assert!(INTERNET.contains(public.parse().unwrap()), "{public}");
        }
        assert_eq!(INTERNET.count_v4(), 3_702_258_432, "what is left of 2^32");
    }

    #[test]
    fn ranges_are_shown_as_people_write_them() {
        for (nets, wanted) in [
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("0.0.0.0/1 128.0.0.0/1 ::/0", "0.0.0.0/0 ::/0"),
            ("47.0.0.0/8 8.0.0.0/7 1.2.3.4/32", "8.0.0.0/7 47.0.0.0/8 1.2.3.4/32"),
            ("8.0.0.0/32 8.0.0.1/32 8.0.0.2/32", "8.0.0.0-8.0.0.2"),
            ("0.0.0.0/1", "1.0.0.0-126.255.255.255"),
            ("2400::/12", "2400::/12"),
            ("::/0", "::/0"),
        ] {
            assert_eq!(set(nets).public().widest(3).join(" "), wanted, "{nets}");
        }
        let many: Vec<String> = (1..100u8).map(|n| format!("{}.0.0.0/16", n.max(11))).collect();
        assert_eq!(set(&many.join(" ")).widest(3).len(), 3);
    }

    #[test]
    fn the_share_of_the_internet() {
        for (nets, wanted) in [
            ("0.0.0.0/0 ::/0", "100% of IPv4, 100% of IPv6"),
            ("0.0.0.0/0", "100% of IPv4"),
            ("::/0", "100% of IPv6"),
            ("10.0.0.0/8 47.0.0.0/8", "0.4% of IPv4"),
            ("1.2.3.4/32", "<0.1% of IPv4"),
        ] {
            assert_eq!(set(nets).share_of_internet().to_string(), wanted, "{nets}");
        }
    }

    #[test]
    fn everything_can_be_counted() {
        assert_eq!((set("0.0.0.0/0").count_v4(), set("::/0").count_v6()), (1 << 32, u128::MAX));
        assert_eq!(set("10.0.0.0/30 10.0.0.2/31").count_v4(), 4);
        assert_eq!(set("0.0.0.0/0 ::/0").of_kind("::1".parse().unwrap()), set("::/0"));
    }
}
