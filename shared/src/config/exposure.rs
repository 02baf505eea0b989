//! `exposure`: what counts as open to the internet.

use serde::Serialize;

use super::node::{Node, Wrong};
use super::value::{self, list, or_default, said};

/// What counts as open to the internet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exposure {
    /// Public IPv4 sources count as open when they are together more addresses than a network with a prefix of this length has: with 16, more than 65,536.
    #[serde(serialize_with = "prefix")]
    pub open_wider_than: u8,
    /// The same for IPv6.
    #[serde(serialize_with = "prefix")]
    pub open_wider_than_ipv6: u8,
    /// Ports that are public by nature: open ones are findings of low severity.
    pub web_ports: Vec<u16>,
    /// How many objects of a bucket are looked at for an ACL of their own. None at 0.
    pub object_sample: u32,
    /// Exemptions are announced this many days before they end.
    pub remind_exemptions_before: u32,
}

impl Default for Exposure {
    fn default() -> Self {
        Self {
            open_wider_than: 16,
            open_wider_than_ipv6: 32,
            web_ports: vec![80, 443],
            object_sample: 20,
            remind_exemptions_before: 14,
        }
    }
}

impl Exposure {
    pub(super) fn read(node: &Node) -> Result<Self, Wrong> {
        let keys = node.mapping(&[
            "open_wider_than",
            "open_wider_than_ipv6",
            "web_ports",
            "object_sample",
            "remind_exemptions_before",
        ])?;
        let mut read = Self::default();
        keys.read("open_wider_than", &mut read.open_wider_than, said(|text| parse_prefix(text, 32)))?;
        keys.read(
            "open_wider_than_ipv6",
            &mut read.open_wider_than_ipv6,
            said(|text| parse_prefix(text, 128)),
        )?;
        keys.read("web_ports", &mut read.web_ports, or_default(list(said(parse_port))))?;
        keys.read("object_sample", &mut read.object_sample, said(value::number))?;
        keys.read("remind_exemptions_before", &mut read.remind_exemptions_before, said(value::number))?;
        Ok(read)
    }
}

fn prefix<S: serde::Serializer>(length: &u8, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format!("/{length}"))
}

fn parse_prefix(text: &str, longest: u8) -> Result<u8, String> {
    let number = text.strip_prefix('/').and_then(|number| number.parse().ok());
    number
        .filter(|length| (1..=longest).contains(length))
        .ok_or_else(|| format!("{text:?} is not a length of a prefix: /1 to /{longest}"))
}

pub(super) fn parse_port(text: &str) -> Result<u16, String> {
    text.parse().ok().filter(|port| *port > 0).ok_or_else(|| format!("{text:?} is not a port: 1 to 65535"))
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn values_are_read_shown_and_read_again() {
        let text = "exposure: {open_wider_than: /24, web_ports: [443, 8443], object_sample: 0}";
        let config = Config::parse(text, "test").unwrap();
        assert_eq!((config.exposure.open_wider_than, config.exposure.open_wider_than_ipv6), (24, 32));
        assert_eq!(config.exposure.web_ports, [443, 8443]);
        assert_eq!(Config::parse(&config.show(), "shown").unwrap().exposure, config.exposure);
        for (wrong, says) in [
            ("exposure: {open_wider_than: 24}", "not a length of a prefix: /1 to /32"),
            ("exposure: {open_wider_than: /0}", "not a length of a prefix"),
            ("exposure: {web_ports: [0]}", "not a port"),
            ("exposure: {ports: [1]}", "unknown key"),
        ] {
            let error = Config::parse(wrong, "test").unwrap_err().to_string();
            assert!(error.contains(says), "{wrong}: {error}");
        }
    }
}
