//! Rules of security groups and entries of network ACLs. There may be a million of them: they are small in
//! memory, and a line of text each in an account file.
//!
//! `accept tcp 22/22 from 203.0.113.0/24`, `drop all -1/-1 from ::/0 priority 100`, `accept tcp prl-1 from pl-2`,
//! `accept udp 53/53 from sg-3@2345678901234567`, `egress accept all -1/-1 to 0.0.0.0/0`,
//! `accept tcp 443/443 from 0.0.0.0/0 at 10.0.0.5/32 nic internet`.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A rule of a security group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Rule {
    pub(crate) egress: bool,
    pub(crate) accept: bool,
    /// 1 (first) to 100.
    pub(crate) priority: u8,
    pub(crate) protocol: Protocol,
    /// NicType `internet`: for the public interface of the classic network.
    pub(crate) internet_nic: bool,
    pub(crate) ports: Ports,
    pub(crate) peer: Peer,
    /// Only for these of the group's own addresses.
    pub(crate) own: Option<Box<IpNet>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    All,
    Tcp,
    Udp,
    Icmp,
    Icmpv6,
    Gre,
}

impl Protocol {
    const ALL: [Self; 6] = [Self::All, Self::Tcp, Self::Udp, Self::Icmp, Self::Icmpv6, Self::Gre];

    /// The word in an account file, and with network ACLs on the wire.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Icmp => "icmp",
            Self::Icmpv6 => "icmpv6",
            Self::Gre => "gre",
        }
    }

    /// The word in the rules of security groups (ECS, DescribeSecurityGroupAttribute).
    pub(crate) fn upper(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Icmp => "ICMP",
            Self::Icmpv6 => "ICMPV6",
            Self::Gre => "GRE",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ports {
    /// `-1/-1`.
    All,
    Range(u16, u16),
    List(Box<str>),
}

/// The other side of a rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Peer {
    V4(Ipv4Net),
    V6(Box<Ipv6Net>),
    PrefixList(Box<str>),
    Group(Box<GroupName>),
}

/// Another group, of another account if it has an owner.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GroupName {
    pub(crate) id: Box<str>,
    pub(crate) owner: Option<Box<str>>,
}

impl From<IpNet> for Peer {
    fn from(net: IpNet) -> Self {
        match net {
            IpNet::V4(net) => Self::V4(net),
            IpNet::V6(net) => Self::V6(Box::new(net)),
        }
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("-1/-1"),
            Self::Range(first, last) => write!(f, "{first}/{last}"),
            Self::List(id) => f.write_str(id),
        }
    }
}

impl FromStr for Ports {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "-1/-1" {
            return Ok(Self::All);
        }
        if text.starts_with("prl-") {
            return Ok(Self::List(text.into()));
        }
        let range = text.split_once('/').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
        match range {
            Some((first, last)) if first <= last => Ok(Self::Range(first, last)),
            _ => Err(format!("{text:?} is no range of ports such as 22/22 or -1/-1, nor a port list")),
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(net) => net.fmt(f),
            Self::V6(net) => net.fmt(f),
            Self::PrefixList(id) => f.write_str(id),
            Self::Group(group) => match &group.owner {
                None => f.write_str(&group.id),
                Some(owner) => write!(f, "{}@{owner}", group.id),
            },
        }
    }
}

impl FromStr for Peer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("pl-") {
            return Ok(Self::PrefixList(text.into()));
        }
        if text.starts_with("sg-") {
            let (id, owner) = text.split_once('@').map_or((text, None), |(id, owner)| (id, Some(owner)));
            return Ok(Self::Group(Box::new(GroupName { id: id.into(), owner: owner.map(Into::into) })));
        }
        text.parse::<IpNet>().map(Self::from).map_err(|why| format!("{text:?}: {why}"))
    }
}

/// The words of a line, taken one after the other.
struct Words<'a>(std::iter::Peekable<std::str::SplitWhitespace<'a>>);

impl<'a> Words<'a> {
    fn of(line: &'a str) -> Self {
        Self(line.split_whitespace().peekable())
    }

    fn next(&mut self) -> &'a str {
        self.0.next().unwrap_or_default()
    }

    /// Takes the word if it is next.
    fn take(&mut self, word: &str) -> bool {
        self.0.next_if_eq(&word).is_some()
    }

    fn policy(&mut self) -> Result<bool, String> {
        match self.next() {
            "accept" => Ok(true),
            "drop" => Ok(false),
            other => Err(format!("{other:?} is neither accept nor drop")),
        }
    }

    fn protocol(&mut self) -> Result<Protocol, String> {
        let word = self.next();
        let known = Protocol::ALL.into_iter().find(|protocol| protocol.word() == word);
        known.ok_or_else(|| format!("{word:?} is no protocol"))
    }

    fn end(mut self) -> Result<(), String> {
        match self.0.next() {
            None => Ok(()),
            Some(word) => Err(format!("{word:?} is too much")),
        }
    }
}

impl TryFrom<String> for Rule {
    type Error = String;

    fn try_from(line: String) -> Result<Self, String> {
        let parse = || {
            let mut words = Words::of(&line);
            let egress = words.take("egress");
            let (accept, protocol) = (words.policy()?, words.protocol()?);
            let ports = words.next().parse()?;
            if !words.take(if egress { "to" } else { "from" }) {
                return Err("after the ports comes from, or to in an egress rule".to_string());
            }
            let mut rule = Self {
                egress,
                accept,
                priority: 1,
                protocol,
                internet_nic: false,
                ports,
                peer: words.next().parse()?,
                own: None,
            };
            if words.take("at") {
                let net: IpNet = words.next().parse().map_err(|_| "after at comes a network".to_string())?;
                rule.own = Some(Box::new(net));
            }
            if words.take("priority") {
                rule.priority = match words.next().parse() {
                    Ok(number @ 1..=100) => number,
                    _ => return Err("a priority is from 1 to 100".into()),
                };
            }
            if words.take("nic") {
                rule.internet_nic = words.take("internet");
            }
            words.end().map(|()| rule)
        };
        parse().map_err(|why: String| format!("rule {line:?}: {why}"))
    }
}

impl From<Rule> for String {
    fn from(rule: Rule) -> Self {
        let (start, way) = if rule.egress { ("egress ", "to") } else { ("", "from") };
        let policy = if rule.accept { "accept" } else { "drop" };
        let (protocol, ports, peer) = (rule.protocol.word(), rule.ports, rule.peer);
        let mut line = format!("{start}{policy} {protocol} {ports} {way} {peer}");
        if let Some(own) = rule.own {
            line += &format!(" at {own}");
        }
        if rule.priority != 1 {
            line += &format!(" priority {}", rule.priority);
        }
        if rule.internet_nic {
            line += " nic internet";
        }
        line
    }
}

/// An entry of a network ACL: `accept tcp 443/443 from 0.0.0.0/0`, and `to` in the outbound list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct AclEntry {
    pub(crate) accept: bool,
    pub(crate) protocol: Protocol,
    pub(crate) ports: Ports,
    pub(crate) peer: IpNet,
}

impl TryFrom<String> for AclEntry {
    type Error = String;

    fn try_from(line: String) -> Result<Self, String> {
        let parse = || {
            let mut words = Words::of(&line);
            let (accept, protocol) = (words.policy()?, words.protocol()?);
            let ports = match words.next().parse()? {
                Ports::List(_) => return Err("network ACLs know no port lists".to_string()),
                ports => ports,
            };
            if !words.take("from") && !words.take("to") {
                return Err("after the ports comes from or to".into());
            }
            let peer = words.next().parse().map_err(|_| "a network is missing".to_string())?;
            words.end().map(|()| Self { accept, protocol, ports, peer })
        };
        parse().map_err(|why: String| format!("entry {line:?}: {why}"))
    }
}

impl From<AclEntry> for String {
    fn from(entry: AclEntry) -> Self {
        let policy = if entry.accept { "accept" } else { "drop" };
        format!("{policy} {} {} from {}", entry.protocol.word(), entry.ports, entry.peer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_written_alike() {
        for line in [
            "accept tcp 22/22 from 203.0.113.0/24",
            "drop all -1/-1 from ::/0 priority 100",
            "accept tcp prl-1 from pl-2",
            "accept udp 53/53 from sg-3@2345678901234567",
            "egress accept all -1/-1 to 0.0.0.0/0",
            "accept tcp 443/443 from 0.0.0.0/0 at 10.0.0.5/32 priority 7 nic internet",
        ] {
            assert_eq!(String::from(Rule::try_from(line.to_string()).unwrap()), line);
        }
    }

    #[test]
    fn lines_that_would_be_misread_are_refused() {
        for line in [
            "allow tcp 22/22 from 0.0.0.0/0",
            "accept sctp 22/22 from 0.0.0.0/0",
            "accept tcp 23/22 from 0.0.0.0/0",
            "accept tcp 22 from 0.0.0.0/0",
            "accept tcp 22/22 to 0.0.0.0/0",
            "accept tcp 22/22 from 0.0.0.0",
            "accept tcp 22/22 from 0.0.0.0/0 priority 0",
            "accept tcp 22/22 from 0.0.0.0/0 please",
        ] {
            assert!(Rule::try_from(line.to_string()).is_err(), "{line}");
        }
    }

    #[test]
    fn a_rule_is_small() {
        assert!(std::mem::size_of::<Rule>() <= 64, "{}", std::mem::size_of::<Rule>());
    }
}
