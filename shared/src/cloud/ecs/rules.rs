//! The rules of security groups. There are millions of them: each is read from the bytes of the answer into the snapshot's small form, and
//! nothing else of it is kept.

use std::fmt;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer};

use crate::cloud::notation::{self, ALL_PORTS};
use crate::cloud::shape::{Lenient, Row};
use crate::snapshot::{Ports, Protocol, Rule, Source};

/// One rule, as read.
#[derive(Debug, Clone)]
pub struct RuleRow {
    /// `sgr-…`, where the service tells it.
    pub id: Option<Box<str>>,
    /// The rule; `None` if it is not an inbound one that decides anything; or why it makes no sense.
    pub rule: Result<Option<Rule>, String>,
}

impl Row for RuleRow {
    const LIST: &'static str = "Permissions";
}

impl<'de> Deserialize<'de> for RuleRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let permission = Permission::deserialize(deserializer)?;
        let id = Some(&*permission.id.0).filter(|id| !id.is_empty()).map(Box::from);
        let rule = permission.rule().map_err(|why| format!("{permission}: {why}"));
        Ok(Self { id, rule })
    }
}

/// A rule as it stands in the answer (`Permission`).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Permission<'a> {
    #[serde(borrow, rename = "SecurityGroupRuleId")]
    id: Lenient<'a>,
    #[serde(borrow)]
    direction: Lenient<'a>,
    #[serde(borrow)]
    policy: Lenient<'a>,
    #[serde(borrow)]
    priority: Lenient<'a>,
    #[serde(borrow)]
    nic_type: Lenient<'a>,
    #[serde(borrow)]
    ip_protocol: Lenient<'a>,
    #[serde(borrow)]
    port_range: Lenient<'a>,
    #[serde(borrow)]
    port_range_list_id: Lenient<'a>,
    #[serde(borrow)]
    source_port_range: Lenient<'a>,
    #[serde(borrow)]
    source_cidr_ip: Lenient<'a>,
    #[serde(borrow)]
    ipv6_source_cidr_ip: Lenient<'a>,
    #[serde(borrow)]
    source_prefix_list_id: Lenient<'a>,
    #[serde(borrow)]
    source_group_id: Lenient<'a>,
    #[serde(borrow)]
    dest_cidr_ip: Lenient<'a>,
    #[serde(borrow)]
    ipv6_dest_cidr_ip: Lenient<'a>,
}

impl Permission<'_> {
    fn rule(&self) -> Result<Option<Rule>, String> {
        if self.direction.0.eq_ignore_ascii_case("egress") {
            return Ok(None);
        }
        let accept = match &*self.policy.0 {
            policy if policy.eq_ignore_ascii_case("accept") => true,
            policy if policy.eq_ignore_ascii_case("drop") => false,
            policy => return Err(format!("{policy:?} is neither accept nor drop")),
        };
        let priority = self.priority.number().filter(|priority| (1..=100).contains(priority));
        let priority = priority.ok_or_else(|| format!("{:?} is not a priority", self.priority.0))?;
        // Whoever knocks chooses the port that he comes from: a drop that names some of them stops nobody, and an accept lets everybody in.
        if !accept && !covers_all(&self.source_port_range.0) {
            return Ok(None);
        }
        let protocol = notation::protocol(&self.ip_protocol.0)?;
        Ok(Some(Rule {
            accept,
            priority,
            protocol,
            internet_nic: self.nic_type.0.eq_ignore_ascii_case("internet"),
            ports: self.ports(protocol)?,
            source: self.source()?,
            destination: self.destination()?,
        }))
    }

    /// A range comes before a list: the service ignores the list where both are set (AuthorizeSecurityGroup, PortRangeListId).
    fn ports(&self, protocol: Protocol) -> Result<Ports, String> {
        let all = Ports::Range(ALL_PORTS.0, ALL_PORTS.1);
        match (protocol, &*self.port_range.0, &*self.port_range_list_id.0) {
            (Protocol::Portless, ..) => Ok(all),
            (_, "", list) if !list.is_empty() => Ok(Ports::List(Box::new(list.to_owned()))),
            (Protocol::All, "", _) => Ok(all),
            (_, range, _) => notation::ports(range).map(|(first, last)| Ports::Range(first, last)),
        }
    }

    /// One of the four is set; an address where a group is, too, decides (AuthorizeSecurityGroup, SourceGroupId).
    fn source(&self) -> Result<Source, String> {
        let named = |id: &str| Box::new(id.to_owned());
        match [
            &self.source_cidr_ip,
            &self.ipv6_source_cidr_ip,
            &self.source_prefix_list_id,
            &self.source_group_id,
        ]
        .map(|field| &*field.0)
        {
            ["", "", "", ""] => Err("no source".to_owned()),
            ["", "", "", group] => Ok(Source::Group(named(group))),
            ["", "", list, _] => Ok(Source::PrefixList(named(list))),
            ["", range, ..] | [range, "", ..] => match notation::net(range)? {
                IpNet::V4(net) => Ok(Source::V4(net)),
                IpNet::V6(net) => Ok(Source::V6(Box::new(net))),
            },
            [_, _, ..] => Err("two ranges of addresses".to_owned()),
        }
    }

    fn destination(&self) -> Result<Option<Box<IpNet>>, String> {
        let text = match (&*self.dest_cidr_ip.0, &*self.ipv6_dest_cidr_ip.0) {
            ("", "") => return Ok(None),
            ("", v6) => v6,
            (v4, _) => v4,
        };
        let net = notation::net(text)?;
        Ok((net.prefix_len() > 0).then(|| Box::new(net)))
    }
}

/// Whether a range of ports, if one is named at all, is every port there is.
fn covers_all(range: &str) -> bool {
    range.is_empty() || notation::ports(range).is_ok_and(|(first, last)| first <= 1 && last == u16::MAX)
}

impl fmt::Display for Permission<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = [
            ("", &self.id),
            ("", &self.policy),
            ("priority ", &self.priority),
            ("", &self.ip_protocol),
            ("ports ", &self.port_range),
            ("port list ", &self.port_range_list_id),
            ("from ", &self.source_cidr_ip),
            ("from ", &self.ipv6_source_cidr_ip),
            ("from ", &self.source_prefix_list_id),
            ("from ", &self.source_group_id),
        ];
        let words = named.iter().filter(|(_, field)| !field.0.is_empty());
        for (index, (what, field)) in words.enumerate() {
            write!(f, "{}{what}{}", if index > 0 { ", " } else { "" }, field.0)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
