//! How the network products write addresses, ports and protocols.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::snapshot::Protocol;

/// Every port.
pub const ALL_PORTS: (u16, u16) = (0, u16::MAX);

/// A range of addresses: with or without a mask, host bits set or not.
///
/// # Errors
/// When it is neither.
pub fn net(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let net = match text.contains('/') {
        true => text.parse::<IpNet>().ok(),
        false => text.parse::<IpAddr>().ok().map(IpNet::from),
    };
    net.map(|net| net.trunc()).ok_or_else(|| format!("{text:?} is not a range of addresses"))
}

/// A range of ports: `22/22`, `22`, `-1/-1` for all of them. NAT gateways write `10-20` or `10/20`, and `Any`.
///
/// # Errors
/// When it is none of these, or ends before it begins.
pub fn ports(text: &str) -> Result<(u16, u16), String> {
    let text = text.trim();
    if text == "-1/-1" || text == "-1" || text.eq_ignore_ascii_case("any") || text.eq_ignore_ascii_case("all")
    {
        return Ok(ALL_PORTS);
    }
    let (first, last) = text.split_once(['/', '-']).unwrap_or((text, text));
    match (first.trim().parse(), last.trim().parse()) {
        (Ok(first), Ok(last)) if first <= last => Ok((first, last)),
        _ => Err(format!("{text:?} is not a range of ports")),
    }
}

/// A protocol, in any casing. Those that have no ports are one.
///
/// # Errors
/// When it is not one that the documents name.
pub fn protocol(text: &str) -> Result<Protocol, String> {
    let is = |names: &[&str]| names.iter().any(|name| text.trim().eq_ignore_ascii_case(name));
    match () {
        () if is(&["all", "any", "-1"]) => Ok(Protocol::All),
        () if is(&["tcp"]) => Ok(Protocol::Tcp),
        () if is(&["udp"]) => Ok(Protocol::Udp),
        () if is(&["icmp", "icmpv6", "ipv6-icmp", "gre", "ah", "esp"]) => Ok(Protocol::Portless),
        () => Err(format!("{text:?} is not a protocol")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_addresses() {
        for (text, read) in [
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("10.1.2.3", "10.1.2.3/32"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("::/0", "::/0"),
            ("2001:db8::1", "2001:db8::1/128"),
            ("2001:db8::1/32", "2001:db8::/32"),
        ] {
            assert_eq!(net(text).unwrap().to_string(), read);
        }
        for wrong in ["", "10.0.0.0/33", "10.0.0", "sg-1", "0.0.0.0/0,1.1.1.1"] {
            assert!(net(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn ranges_of_ports() {
        for (text, read) in [
            ("22/22", (22, 22)),
            ("1/65535", (1, 65535)),
            ("-1/-1", ALL_PORTS),
            ("80", (80, 80)),
            ("Any", ALL_PORTS),
            ("10-20", (10, 20)),
        ] {
            assert_eq!(ports(text), Ok(read), "{text}");
        }
        for wrong in ["", "/", "20/10", "1/65536", "ssh", "-1/22"] {
            assert!(ports(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn protocols_in_any_casing() {
        assert_eq!(protocol("ALL"), Ok(Protocol::All));
        assert_eq!(protocol("Tcp"), Ok(Protocol::Tcp));
        assert_eq!(protocol("ICMPv6"), Ok(Protocol::Portless));
        assert!(protocol("").is_err() && protocol("6").is_err());
    }
}
