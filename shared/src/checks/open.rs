//! Whether a set of addresses is open to the internet, by the configuration.
//!
//! Everything that the checks of storage, databases and other doors need of addresses is in this file, so that it can be laid on the
//! network engine without touching them.

use std::net::IpAddr;
use std::sync::LazyLock;

use ipnet::IpNet;

use crate::config::Config;
use crate::snapshot::Snapshot;

/// What became of the entries of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Openness {
    /// Whether those that were understood are together open to the internet.
    pub(super) open: bool,
    /// Those that were not.
    pub(super) unparsed: Vec<String>,
}

/// Whether entries, ranges and single addresses as they were written, are together open to the internet.
pub(super) fn openness(entries: &[&str], config: &Config) -> Openness {
    let (sources, unparsed) = Sources::parse(entries.iter().copied());
    Openness { open: sources.is_open(config), unparsed }
}

/// Whether the inbound rules of security groups let the internet in, for products to which groups are bound as whitelists are.
/// `None`: not known.
pub(super) fn groups_open(
    _account: &Snapshot,
    _config: &Config,
    _groups: &[String],
    _region: &str,
) -> Option<bool> {
    // The network engine will say.
    None
}

/// A set of addresses: ranges, sorted and apart, of either family.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sources {
    v4: Ranges,
    v6: Ranges,
}

/// Both ends are in the range.
type Ranges = Vec<(u128, u128)>;

const LAST_V4: u128 = u32::MAX as u128;

/// Addresses that are no internet's: the special-purpose registries of IANA (RFC 6890), multicast and the reserved block.
const NOT_PUBLIC_V4: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
];

/// The public internet. Of IPv6 only 2000::/3 is given out; of that 2001:db8::/32 is for documents.
static INTERNET: LazyLock<Sources> = LazyLock::new(|| {
    let not_v4 = Sources::parse(NOT_PUBLIC_V4.iter().copied()).0;
    let v6 = Sources::parse(["2000::/3"]).0.difference(&Sources::parse(["2001:db8::/32"]).0);
    let v4 = Sources { v4: vec![(0, LAST_V4)], v6: Vec::new() }.difference(&not_v4);
    v4.union(&v6)
});

impl Sources {
    /// Every address.
    pub(super) fn all() -> Self {
        Self { v4: vec![(0, LAST_V4)], v6: vec![(0, u128::MAX)] }
    }

    /// No address.
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// Those that entries name, and the entries that name none: `10.0.0.0/8`, `::/0`, a single address. `%` is everything, as it is in MySQL,
    /// whose word it is. A bare `0.0.0.0` is one address, and nobody's.
    pub(super) fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> (Self, Vec<String>) {
        let (mut all, mut unparsed) = (Self::none(), Vec::new());
        for entry in entries {
            let text = entry.trim();
            if text == "%" {
                all = Self::all();
            } else if let Some(net) = parse_entry(text) {
                all.add(net);
            } else {
                unparsed.push(entry.to_owned());
            }
        }
        (Self { v4: normal(all.v4), v6: normal(all.v6) }, unparsed)
    }

    /// Those in both.
    pub(super) fn intersection(&self, other: &Self) -> Self {
        Self { v4: meet(&self.v4, &other.v4), v6: meet(&self.v6, &other.v6) }
    }

    /// Those in either.
    pub(super) fn union(&self, other: &Self) -> Self {
        let both = |one: &Ranges, other: &Ranges| normal([one.as_slice(), other.as_slice()].concat());
        Self { v4: both(&self.v4, &other.v4), v6: both(&self.v6, &other.v6) }
    }

    /// Those that are not in `other`.
    pub(super) fn difference(&self, other: &Self) -> Self {
        Self {
            v4: meet(&self.v4, &complement(&other.v4, LAST_V4)),
            v6: meet(&self.v6, &complement(&other.v6, u128::MAX)),
        }
    }

    /// Whether public ones, trusted networks aside, are more than `exposure.open_wider_than` allows.
    pub(super) fn is_open(&self, config: &Config) -> bool {
        if self.v4.is_empty() && self.v6.is_empty() {
            return false;
        }
        let mut trusted = Self::none();
        config.trusted_networks.iter().for_each(|net| trusted.add(*net));
        let trusted = Self { v4: normal(trusted.v4), v6: normal(trusted.v6) };
        let public = self.intersection(&INTERNET).difference(&trusted);
        let exposure = &config.exposure;
        size(&public.v4) > 1 << (32 - u32::from(exposure.open_wider_than.min(32)))
            || size(&public.v6) > 1_u128 << (128 - u32::from(exposure.open_wider_than_ipv6.clamp(1, 128)))
    }

    fn add(&mut self, net: IpNet) {
        match net {
            IpNet::V4(net) => {
                self.v4.push((u32::from(net.network()).into(), u32::from(net.broadcast()).into()))
            }
            IpNet::V6(net) => self.v6.push((net.network().into(), net.broadcast().into())),
        }
    }
}

fn parse_entry(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Sorted, and joined where they touch.
fn normal(mut ranges: Ranges) -> Ranges {
    ranges.sort_unstable();
    let mut joined = Ranges::with_capacity(ranges.len());
    for (first, last) in ranges {
        match joined.last_mut() {
            Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
            _ => joined.push((first, last)),
        }
    }
    joined
}

fn meet(one: &Ranges, other: &Ranges) -> Ranges {
    let (mut met, mut i, mut j) = (Ranges::new(), 0, 0);
    while let (Some(a), Some(b)) = (one.get(i), other.get(j)) {
        let (first, last) = (a.0.max(b.0), a.1.min(b.1));
        if first <= last {
            met.push((first, last));
        }
        if a.1 < b.1 { i += 1 } else { j += 1 }
    }
    met
}

fn complement(ranges: &Ranges, last: u128) -> Ranges {
    let (mut gaps, mut next) = (Ranges::new(), Some(0));
    for (start, end) in ranges {
        if let Some(next) = next.filter(|next| next < start) {
            gaps.push((next, start - 1));
        }
        next = end.checked_add(1);
    }
    if let Some(next) = next.filter(|next| *next <= last) {
        gaps.push((next, last));
    }
    gaps
}

/// How many addresses. Public ones of IPv6 are an eighth of all, so that the sum has room.
fn size(ranges: &Ranges) -> u128 {
    ranges.iter().map(|(first, last)| last - first + 1).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn open(entries: &[&str]) -> bool {
        let openness = openness(entries, &Config::default());
        assert_eq!(openness.unparsed, Vec::<String>::new());
        openness.open
    }

    #[test]
    fn what_is_open() {
        assert!(open(&["0.0.0.0/0"]));
        assert!(open(&["::/0"]));
        assert!(open(&["0.0.0.0/1", "128.0.0.0/1"]), "halves");
        assert!(open(&["128.0.0.0/1"]), "half of it");
        assert!(open(&["2000::/4", "3000::/4"]));
        assert!(open(&["127.0.0.1", " 0.0.0.0/0"]));
        assert!(open(&["11.0.0.0/8"]), "a public /8");
        assert!(open(&["8.8.0.0/16", "9.9.9.9"]), "one more than 65,536");
        assert!(open(&["%"]));
        assert!(!open(&["8.8.0.0/16"]), "exactly 65,536");
        assert!(!open(&[]));
        assert!(!open(&["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"]));
        assert!(!open(&["0.0.0.0"]), "one address, and nobody's");
        assert!(!open(&["8.8.0.0/17", "8.8.128.0/17", "8.8.1.0/24"]), "counted once");
        let bad = openness(&["0.0.0.0/33", "anywhere", "010.0.0.1", "10.0.0.0/8"], &Config::default());
        assert_eq!(
            bad,
            Openness {
                open: false,
                unparsed: ["0.0.0.0/33", "anywhere", "010.0.0.1"].map(str::to_owned).into()
            }
        );
    }

    #[test]
    fn trusted_networks_and_limits_count() {
        let text = "{trusted_networks: [8.0.0.0/8, 2400::/12], exposure: {open_wider_than: /24, open_wider_than_ipv6: /48}}";
        let config = Config::parse(text, "test").unwrap();
        let open = |entries: &[&str]| openness(entries, &config).open;
        assert!(!open(&["8.0.0.0/8"]));
        assert!(!open(&["8.0.0.0/8", "9.9.9.0/24"]));
        assert!(open(&["8.0.0.0/8", "9.9.9.0/24", "9.9.10.1"]));
        assert!(!open(&["2400:1::/32"]) && !open(&["2600:1:2::/48"]));
        assert!(open(&["2600:1:2::/47"]));
    }

    /// Short prefixes, so that ranges overlap; addresses at their ends.
    fn entry() -> impl Strategy<Value = String> {
        prop_oneof![
            (any::<u32>(), 0_u8..6).prop_map(|(ip, length)| {
                ipnet::Ipv4Net::new(ip.into(), length).unwrap().trunc().to_string()
            }),
            (any::<u128>(), 0_u8..5).prop_map(|(ip, length)| {
                ipnet::Ipv6Net::new(ip.into(), length).unwrap().trunc().to_string()
            }),
        ]
    }

    fn contains(sources: &Sources, ip: IpAddr) -> bool {
        let (ranges, ip) = match ip {
            IpAddr::V4(ip) => (&sources.v4, u128::from(u32::from(ip))),
            IpAddr::V6(ip) => (&sources.v6, u128::from(ip)),
        };
        ranges.iter().any(|(first, last)| (*first..=*last).contains(&ip))
    }

    proptest! {
        /// Each operation means what it means for a single address.
        #[test]
        fn sets_are_sets(
            one in proptest::collection::vec(entry(), 0..5),
            other in proptest::collection::vec(entry(), 0..5),
            ips in proptest::collection::vec(prop_oneof![
                any::<u32>().prop_map(|ip| IpAddr::V4(ip.into())), any::<u128>().prop_map(|ip| IpAddr::V6(ip.into())),
            ], 16),
        ) {
            let within = |entries: &[String], ip: &IpAddr| {
                entries.iter().any(|entry| entry.parse::<IpNet>().unwrap().contains(ip))
            };
            let a = Sources::parse(one.iter().map(String::as_str)).0;
            let b = Sources::parse(other.iter().map(String::as_str)).0;
            let ends = one.iter().chain(&other).flat_map(|entry| {
                let net: IpNet = entry.parse().unwrap();
                [net.network(), net.broadcast()]
            });
            for ip in ips.into_iter().chain(ends) {
                let (in_a, in_b) = (within(&one, &ip), within(&other, &ip));
                prop_assert_eq!(contains(&a, ip), in_a);
                prop_assert_eq!(contains(&a.union(&b), ip), in_a || in_b);
                prop_assert_eq!(contains(&a.intersection(&b), ip), in_a && in_b);
                prop_assert_eq!(contains(&a.difference(&b), ip), in_a && !in_b);
            }
            prop_assert_eq!(a.difference(&a), Sources::none());
            prop_assert_eq!(Sources::all().difference(&Sources::all().difference(&a)), a);
        }
    }
}
