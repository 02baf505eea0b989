//! Whom security groups let in (ECS documentation, "Security group rules").
//!
//! The rules of all groups on an interface are one list: 1 comes first, at the same priority drop comes before accept, the first that matches
//! protocol, port, source and destination decides, and what none matches is dropped. Outbound rules are no matter: groups keep state, so answers go out.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::addresses::AddressSet;
use super::bounds::Bounds;
use super::first_match::{Line, Peers, decide};
use super::openness::Threshold;
use super::ports::PortMap;
use crate::snapshot::{Ports, Protocol, Resources, Rule, SecurityGroup, Source, Unread};

/// Whom TCP and UDP ports let in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Admitted {
    /// TCP.
    pub tcp: PortMap,
    /// UDP.
    pub udp: PortMap,
}

impl Admitted {
    /// Whether nobody is let in anywhere.
    pub fn is_empty(&self) -> bool {
        self.tcp.is_empty() && self.udp.is_empty()
    }

    /// Changes both.
    #[must_use]
    pub fn map(&self, change: impl Fn(&PortMap) -> PortMap) -> Self {
        Self { tcp: change(&self.tcp), udp: change(&self.udp) }
    }

    /// Joins two, protocol by protocol.
    #[must_use]
    pub fn zip(&self, other: &Self, join: impl Fn(&PortMap, &PortMap) -> PortMap) -> Self {
        Self { tcp: join(&self.tcp, &other.tcp), udp: join(&self.udp, &other.udp) }
    }

    /// Only what a rule of this protocol can be about.
    #[must_use]
    pub fn speaking(self, protocol: Protocol) -> Self {
        match protocol {
            Protocol::All => self,
            Protocol::Tcp => Self { udp: PortMap::default(), ..self },
            Protocol::Udp => Self { tcp: PortMap::default(), ..self },
            Protocol::Portless => Self::default(),
        }
    }
}

/// Who comes: addresses, also by their kind, and whose membership in groups counts.
#[derive(Debug, Clone)]
pub struct Clients {
    /// All addresses.
    pub all: Arc<AddressSet>,
    /// The IPv4 ones among them.
    pub v4: Arc<AddressSet>,
    /// The IPv6 ones among them.
    pub v6: Arc<AddressSet>,
    /// Groups that they are members of: rules with such a source mean all of them. The internet is in none.
    pub members_of: Vec<String>,
}

impl Clients {
    /// Clients with these addresses.
    pub fn new(all: Arc<AddressSet>) -> Self {
        let v4 = Arc::new(AddressSet { v4: all.v4.clone(), ..AddressSet::default() });
        let v6 = Arc::new(AddressSet { v6: all.v6.clone(), ..AddressSet::default() });
        Self { all, v4, v6, members_of: Vec::new() }
    }

    /// Those that can talk to an address: of the same kind.
    pub fn like(&self, address: IpAddr) -> &Arc<AddressSet> {
        if address.is_ipv4() { &self.v4 } else { &self.v6 }
    }
}

/// The interface that packets come in by. In a VPC there is but one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nic {
    /// The public one of the classic network.
    Internet,
    /// The private one of the classic network.
    Intranet,
}

/// Where packets go. Rules with a destination (DestCidrIp) hold for some addresses of the group's members only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Destination {
    /// To this private address.
    Address(IpAddr),
    /// To any: whoever is let in to some address is let in.
    Any,
    /// To one that is not known.
    Unknown,
}

/// What is asked of a rulebook.
#[derive(Debug, Clone, Copy)]
pub struct Question<'q> {
    /// The groups on the interface.
    pub groups: &'q [String],
    /// Who comes.
    pub clients: &'q Clients,
    /// By which interface.
    pub nic: Nic,
    /// To which address.
    pub destination: Destination,
    /// Whether what no rule matches is accepted.
    pub unmatched: bool,
}

/// All security groups of the account and the lists that their rules name.
#[derive(Debug)]
pub struct Rulebook<'a> {
    resources: &'a Resources,
    groups: HashMap<&'a str, &'a SecurityGroup>,
    prefix_lists: HashMap<&'a str, AddressSet>,
    port_lists: HashMap<&'a str, &'a [(u16, u16)]>,
    /// Groups that have rules with a destination: few do.
    with_destinations: HashSet<&'a str>,
}

/// Which bound is worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Certain,
    Possible,
}

/// The lines of both protocols.
#[derive(Default)]
struct Lines<'a> {
    tcp: Vec<Line<'a>>,
    udp: Vec<Line<'a>>,
    /// Whether the other bound has other lines.
    unsure: bool,
}

impl<'a> Lines<'a> {
    fn push(&mut self, protocol: Protocol, line: Line<'a>) {
        if matches!(protocol, Protocol::Tcp | Protocol::All) {
            self.tcp.push(line);
        }
        if matches!(protocol, Protocol::Udp | Protocol::All) {
            self.udp.push(line);
        }
    }
}

impl<'a> Rulebook<'a> {
    /// Of what was read.
    pub fn of(resources: &'a Resources) -> Self {
        let groups = resources.security_groups.rows.iter().map(|group| (group.id.as_str(), group));
        let prefix_lists = resources.prefix_lists.rows.iter();
        let port_lists = resources.port_lists.rows.iter();
        let has_destinations =
            |group: &&SecurityGroup| group.rules.rows.iter().any(|rule| rule.destination.is_some());
        let with_destinations = resources.security_groups.rows.iter().filter(has_destinations);
        Self {
            with_destinations: with_destinations.map(|group| group.id.as_str()).collect(),
            resources,
            groups: groups.collect(),
            prefix_lists: prefix_lists
                .filter_map(|list| Some((list.id.as_str(), AddressSet::of(list.entries.known()?))))
                .collect(),
            port_lists: port_lists
                .filter_map(|list| Some((list.id.as_str(), list.entries.known()?.as_slice())))
                .collect(),
        }
    }

    /// A group.
    pub fn group(&self, id: &str) -> Option<&'a SecurityGroup> {
        self.groups.get(id).copied()
    }

    /// Whether any rule of these groups has a destination of its own.
    pub fn have_destinations(&self, groups: &[String]) -> bool {
        groups.iter().any(|id| self.with_destinations.contains(id.as_str()))
    }

    /// Who is let in, at ports that enough of them reach.
    pub fn admits(&self, asked: &Question<'_>, enough: Threshold) -> Bounds<Admitted> {
        if asked.destination != Destination::Any || !self.have_destinations(asked.groups) {
            return self.admits_at(asked, &|rule| applies(rule, asked.destination), enough);
        }
        // Each destination that rules tell apart; all addresses are among them, and so is what is in none of the others.
        let groups = asked.groups.iter().filter_map(|id| self.group(id));
        let rules = groups.flat_map(|group| &group.rules.rows);
        let all = ["0.0.0.0/0", "::/0"].into_iter().filter_map(|net| net.parse().ok());
        let nets: HashSet<IpNet> =
            rules.filter_map(|rule| rule.destination.as_deref().copied()).chain(all).collect();
        let mut union = Bounds::<Admitted>::default();
        for net in &nets {
            let inner = nets.iter().filter(|other| *other != net && net.contains(*other));
            if AddressSet::of([net]).difference(&AddressSet::of(inner)).is_empty() {
                continue;
            }
            let clients = Clients {
                all: Arc::clone(asked.clients.like(net.addr())),
                members_of: asked.clients.members_of.clone(),
                ..asked.clients.clone()
            };
            let applies = |rule: &Rule| Some(rule.destination.as_deref().is_none_or(|to| to.contains(net)));
            let there = self.admits_at(&Question { clients: &clients, ..*asked }, &applies, enough);
            union = union.zip(&there, |one, other| one.zip(other, PortMap::union));
        }
        union
    }

    fn admits_at(
        &self,
        asked: &Question<'_>,
        applies: &dyn Fn(&Rule) -> Option<bool>,
        enough: Threshold,
    ) -> Bounds<Admitted> {
        let clients = match asked.destination {
            Destination::Address(address) => asked.clients.like(address),
            Destination::Any | Destination::Unknown => &asked.clients.all,
        };
        let admitted = |lines: &Lines<'_>| Admitted {
            tcp: decide(&lines.tcp, clients, asked.unmatched, enough),
            udp: decide(&lines.udp, clients, asked.unmatched, enough),
        };
        let lines = self.lines(asked, clients, applies, Bound::Possible);
        let possible = admitted(&lines);
        if !lines.unsure {
            return Bounds::known(possible);
        }
        Bounds { certain: admitted(&self.lines(asked, clients, applies, Bound::Certain)), possible }
    }

    /// The rules that can concern these clients. What is not known of a rule makes it wide where that leads away from certainty, else no rule at all:
    /// unknown accepts open everything they could when it is asked what is possible, unknown drops close everything they could when what is certain.
    fn lines(
        &self,
        asked: &Question<'_>,
        clients: &AddressSet,
        applies: &dyn Fn(&Rule) -> Option<bool>,
        bound: Bound,
    ) -> Lines<'_> {
        let mut lines = Lines::default();
        let mut seen = HashSet::new();
        // An interface whose groups are not told has some.
        let mut unread = asked.groups.is_empty() && !asked.unmatched;
        for id in asked.groups.iter().filter(|id| seen.insert(id.as_str())) {
            let Some(group) = self.group(id) else {
                unread = true;
                continue;
            };
            unread |= !group.rules.is_whole();
            for rule in &group.rules.rows {
                let other_nic = group.vpc.is_none() && rule.internet_nic != (asked.nic == Nic::Internet);
                if rule.protocol == Protocol::Portless || other_nic {
                    continue;
                }
                let peers = match &rule.source {
                    Source::V4(net) => {
                        let (first, last) = (net.network().to_bits(), net.broadcast().to_bits());
                        if !clients.v4.meets(first, last) {
                            continue;
                        }
                        Some(Peers::V4(first, last))
                    }
                    Source::V6(net) => {
                        let (first, last) = (net.network().to_bits(), net.broadcast().to_bits());
                        if !clients.v6.meets(first, last) {
                            continue;
                        }
                        Some(Peers::V6(first, last))
                    }
                    Source::PrefixList(list) => self.prefix_lists.get(list.as_str()).map(Peers::Set),
                    Source::Group(source) => {
                        if !asked.clients.members_of.contains(source) {
                            continue;
                        }
                        Some(Peers::Everybody)
                    }
                };
                let range;
                let ports: Option<&[(u16, u16)]> = match &rule.ports {
                    // Ports say nothing where the protocol is any (`-1/-1`, and the console allows no other).
                    Ports::Range(first, last) => {
                        range = [(*first, *last)];
                        Some(&range)
                    }
                    Ports::List(list) => self.port_lists.get(list.as_str()).copied(),
                };
                let applies = applies(rule);
                if applies == Some(false) {
                    continue;
                }
                if peers.is_none() || ports.is_none() || applies.is_none() {
                    lines.unsure = true;
                    if rule.accept != (bound == Bound::Possible) {
                        continue;
                    }
                }
                let (level, accept) = (rule.priority.into(), rule.accept);
                let peers = peers.unwrap_or(Peers::Everybody);
                for &(first, last) in ports.unwrap_or(&[(0, u16::MAX)]) {
                    lines.push(rule.protocol, Line { level, accept, first, last, peers });
                }
            }
        }
        if unread {
            // It may be of any priority. At the first, known drops still come before an unknown accept.
            lines.unsure = true;
            let accept = bound == Bound::Possible;
            let line = Line { level: 1, accept, first: 0, last: u16::MAX, peers: Peers::Everybody };
            lines.push(Protocol::All, line);
        }
        lines
    }

    /// Why it is not known whom these groups let in: each reason once.
    pub fn doubts(&self, groups: &[String], region: &str) -> Vec<Unread> {
        let mut doubts = Vec::new();
        let mut add = |why: Unread| {
            if !doubts.contains(&why) {
                doubts.push(why);
            }
        };
        for id in groups {
            let Some(group) = self.group(id) else {
                let listed = self.resources.security_groups.why_in(region).cloned();
                add(listed.unwrap_or_else(|| missing("ecs:DescribeSecurityGroups", region, id)));
                continue;
            };
            group.rules.unread.iter().cloned().for_each(&mut add);
            for rule in &group.rules.rows {
                if let Source::PrefixList(list) = &rule.source
                    && !self.prefix_lists.contains_key(list.as_str())
                {
                    let lists = &self.resources.prefix_lists;
                    let found = lists.rows.iter().find(|row| row.id == **list);
                    let why = found.and_then(|row| row.entries.unread()).or_else(|| lists.why_in(region));
                    add(why
                        .cloned()
                        .unwrap_or_else(|| missing("ecs:DescribePrefixListAttributes", region, list)));
                }
                if let Ports::List(list) = &rule.ports
                    && !self.port_lists.contains_key(list.as_str())
                {
                    let lists = &self.resources.port_lists;
                    let found = lists.rows.iter().find(|row| row.id == **list);
                    let why = found.and_then(|row| row.entries.unread()).or_else(|| lists.why_in(region));
                    add(why
                        .cloned()
                        .unwrap_or_else(|| missing("ecs:DescribePortRangeListEntries", region, list)));
                }
            }
        }
        doubts
    }
}

/// What is named and was not among what was listed: of another account, or made in between.
fn missing(action: &str, region: &str, id: &str) -> Unread {
    Unread { region: region.to_owned(), ..Unread::new(action, "NotListed", format!("{id} is not listed")) }
}

/// Whether a rule is about packets to a destination, where that is known.
fn applies(rule: &Rule, destination: Destination) -> Option<bool> {
    let Some(to) = rule.destination.as_deref() else { return Some(true) };
    match destination {
        Destination::Address(address) => Some(to.contains(&address)),
        // Asked only of rules without.
        Destination::Any => Some(true),
        Destination::Unknown => None,
    }
}

#[cfg(test)]
mod tests;
