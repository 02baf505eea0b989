//! Whether a list of addresses, as somebody wrote it, is open to the internet by the configuration.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::config::Config;
use crate::network::{self, AddressSet};

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
    let (sources, unparsed) = addresses(entries.iter().copied());
    Openness { open: network::Openness::of(config).is_open(&sources), unparsed }
}

/// Every address.
pub(super) fn everywhere() -> AddressSet {
    ["0.0.0.0/0", "::/0"].into_iter().filter_map(entry).collect()
}

/// The addresses that entries name, and the entries that name none: `10.0.0.0/8`, `::/0`, a single address. `%` is everything, as it is in
/// MySQL, whose word it is. A bare `0.0.0.0` is one address, and nobody's.
pub(super) fn addresses<'a>(entries: impl IntoIterator<Item = &'a str>) -> (AddressSet, Vec<String>) {
    let (mut nets, mut all, mut unparsed) = (Vec::new(), false, Vec::new());
    for text in entries {
        match entry(text.trim()) {
            Some(net) => nets.push(net),
            None if text.trim() == "%" => all = true,
            None => unparsed.push(text.to_owned()),
        }
    }
    let named: AddressSet = nets.into_iter().collect();
    (if all { everywhere() } else { named }, unparsed)
}

fn entry(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

#[cfg(test)]
mod tests {
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
}
