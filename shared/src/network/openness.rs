//! What counts as open to the internet.

use std::sync::Arc;

use ipnet::IpNet;

use super::addresses::{AddressSet, INTERNET};
use crate::config::Config;

/// How many addresses it takes to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    /// More IPv4 addresses than this,
    pub most_v4: u64,
    /// or more IPv6 addresses than this.
    pub most_v6: u128,
}

impl Threshold {
    /// One is enough.
    pub const ANY: Self = Self { most_v4: 0, most_v6: 0 };

    /// Whether there are enough in a set.
    pub fn is_passed_by(&self, set: &AddressSet) -> bool {
        self.is_passed(set.count_v4(), set.count_v6())
    }

    /// Whether so many are enough.
    pub fn is_passed(&self, v4: u64, v6: u128) -> bool {
        v4 > self.most_v4 || v6 > self.most_v6
    }
}

/// What counts as open to the internet: more public addresses, together, than a network with a prefix of some length has, and those that are
/// trusted do not count.
#[derive(Debug, Clone)]
pub struct Openness {
    strangers: Arc<AddressSet>,
    threshold: Threshold,
}

impl Openness {
    /// As the configuration says (`exposure.open_wider_than`, `exposure.open_wider_than_ipv6`, `trusted_networks`).
    pub fn of(config: &Config) -> Self {
        let exposure = &config.exposure;
        Self::new(exposure.open_wider_than, exposure.open_wider_than_ipv6, &config.trusted_networks)
    }

    /// By the lengths of the prefixes, IPv4 and IPv6, and the trusted networks.
    pub fn new(prefix_v4: u8, prefix_v6: u8, trusted: &[IpNet]) -> Self {
        Self {
            strangers: Arc::new(INTERNET.difference(&AddressSet::of(trusted))),
            threshold: Threshold {
                most_v4: 1u64 << (32 - u32::from(prefix_v4.min(32))),
                most_v6: 1u128.checked_shl(128 - u32::from(prefix_v6.min(128))).unwrap_or(u128::MAX),
            },
        }
    }

    /// Everybody on the public internet who is not trusted.
    pub fn strangers(&self) -> &Arc<AddressSet> {
        &self.strangers
    }

    /// Whether what may be reached from these addresses is open: enough of them are strangers'.
    pub fn is_open(&self, sources: &AddressSet) -> bool {
        self.threshold.is_passed_by(&sources.intersection(&self.strangers))
    }

    /// How many strangers it takes.
    pub fn threshold(&self) -> Threshold {
        self.threshold
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_open(openness: &Openness, nets: &str) -> bool {
        let nets: Vec<IpNet> = nets.split_whitespace().map(|net| net.parse().unwrap()).collect();
        openness.is_open(&AddressSet::of(&nets))
    }

    #[test]
    fn what_is_wide_is_open() {
        let by_default = Openness::of(&Config::default());
        for (nets, wanted) in [
            ("0.0.0.0/0", true),
            ("0.0.0.0/1 128.0.0.0/1", true),
            ("0.0.0.0/1", true),
            ("47.0.0.0/8", true),
            ("47.1.0.0/16", false),
            ("47.1.0.0/16 47.2.0.0/32", true),
            ("47.1.0.0/17 47.1.128.0/17", false),
            ("203.0.113.0/24", false),
            ("47.1.2.0/24", false),
            ("10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10", false),
            ("::/0", true),
            ("::/1 8000::/1", true),
            ("2400:3200::/32", false),
            ("2400:3200::/31", true),
            ("2001:db8::/32 fd00::/8", false),
            ("", false),
        ] {
            assert_eq!(is_open(&by_default, nets), wanted, "{nets}");
        }
    }

    #[test]
    fn who_is_trusted_does_not_count() {
        let trusted: Vec<IpNet> = ["47.0.0.0/8", "2400::/12"].map(|net| net.parse().unwrap()).into();
        let openness = Openness::new(16, 32, &trusted);
        assert!(!is_open(&openness, "47.0.0.0/8 2400:3200::/24"));
        assert!(is_open(&openness, "46.0.0.0/7"));
        assert!(!openness.strangers().contains("47.1.2.3".parse().unwrap()));
    }

    #[test]
    fn the_narrowest_and_the_widest_thresholds() {
        assert!(!is_open(&Openness::new(32, 128, &[]), "8.8.8.8/32 2400::1/128"));
        assert!(is_open(&Openness::new(32, 128, &[]), "8.8.8.8/31"));
        assert!(is_open(&Openness::new(1, 3, &[]), "0.0.0.0/0"));
        assert!(!is_open(&Openness::new(1, 1, &[]), "128.0.0.0/1 2000::/4"));
    }
}
