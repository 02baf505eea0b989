//! Sets of ports, and what depends on the port.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::addresses::AddressSet;
use super::openness::Threshold;
use super::ranges::Ranges;

/// A set of ports, 0 to 65535.
pub type PortSet = Ranges<u16>;

impl PortSet {
    /// How many ports it holds.
    pub fn count(&self) -> u32 {
        self.iter().map(|(first, last)| u32::from(last - first) + 1).sum()
    }

    /// For people: `22, 80-443`; of many only the first `most` ranges, and `…`.
    pub fn show(&self, most: usize) -> String {
        let ranges: Vec<String> = self
            .iter()
            .take(most)
            .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") })
            .collect();
        ranges.join(", ") + if self.iter().len() > most { ", …" } else { "" }
    }
}

/// Who may reach which port: ranges of ports in their order, with the addresses that may.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PortMap(Vec<Opening>);

/// Ports and the addresses that may reach each of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The first port.
    pub first: u16,
    /// The last port.
    pub last: u16,
    /// Who may reach them.
    pub peers: Arc<AddressSet>,
}

impl PortMap {
    /// The same addresses for a range of ports.
    pub fn uniform(first: u16, last: u16, peers: Arc<AddressSet>) -> Self {
        let mut map = Self::default();
        if first <= last {
            map.push(Opening { first, last, peers });
        }
        map
    }

    /// Adds ports that come after all others. Nobody is no opening.
    pub(crate) fn push(&mut self, opening: Opening) {
        if opening.peers.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some(open)
                if open.last.checked_add(1) == Some(opening.first)
                    && (Arc::ptr_eq(&open.peers, &opening.peers) || open.peers == opening.peers) =>
            {
                open.last = opening.last;
            }
            _ => self.0.push(opening),
        }
    }

    /// Whether nobody may reach anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its parts, in the order of their ports.
    pub fn openings(&self) -> &[Opening] {
        &self.0
    }

    /// The ports that somebody may reach.
    pub fn ports(&self) -> PortSet {
        self.0.iter().map(|opening| (opening.first, opening.last)).collect()
    }

    /// Who may reach a port.
    pub fn at(&self, port: u16) -> Option<&AddressSet> {
        let at = self.0.partition_point(|opening| opening.last < port);
        self.0.get(at).filter(|opening| opening.first <= port).map(|opening| &*opening.peers)
    }

    /// Who may reach any of its ports.
    pub fn peers(&self) -> AddressSet {
        // A map has few different sets, and many parts that share them.
        let mut seen = BTreeSet::new();
        let mut different = self.0.iter().filter(|opening| seen.insert(Arc::as_ptr(&opening.peers) as usize));
        let first = different.next().map(|opening| (*opening.peers).clone()).unwrap_or_default();
        let more: Vec<&AddressSet> = different.map(|opening| &*opening.peers).collect();
        if more.is_empty() {
            return first;
        }
        let all = || std::iter::once(&first).chain(more.iter().copied());
        AddressSet {
            v4: all().flat_map(|set| set.v4.iter()).collect(),
            v6: all().flat_map(|set| set.v6.iter()).collect(),
        }
    }

    /// Only these ports.
    #[must_use]
    pub fn within(&self, ports: &PortSet) -> Self {
        let mut map = Self::default();
        for opening in &self.0 {
            for (first, last) in ports.iter() {
                let (first, last) = (first.max(opening.first), last.min(opening.last));
                if first <= last {
                    map.push(Opening { first, last, peers: Arc::clone(&opening.peers) });
                }
            }
        }
        map
    }

    /// Only these addresses.
    #[must_use]
    pub fn from(&self, addresses: &AddressSet) -> Self {
        self.each(|peers| if addresses.covers(peers) { None } else { Some(peers.intersection(addresses)) })
    }

    /// Only ports that enough addresses may reach.
    #[must_use]
    pub fn retain(&self, enough: Threshold) -> Self {
        Self(self.0.iter().filter(|opening| enough.is_passed_by(&opening.peers)).cloned().collect())
    }

    /// Who is in both, port by port.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut map = Self::default();
        let (mut left, mut right) = (self.0.as_slice(), other.0.as_slice());
        while let ([a, left_rest @ ..], [b, right_rest @ ..]) = (left, right) {
            let (first, last) = (a.first.max(b.first), a.last.min(b.last));
            if first <= last {
                let peers = if Arc::ptr_eq(&a.peers, &b.peers) || b.peers.covers(&a.peers) {
                    Arc::clone(&a.peers)
                } else {
                    Arc::new(a.peers.intersection(&b.peers))
                };
                map.push(Opening { first, last, peers });
            }
            if a.last < b.last {
                left = left_rest;
            } else {
                right = right_rest;
            }
        }
        map
    }

    /// Who is in either, port by port.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        if self.is_empty() || self == other {
            return other.clone();
        }
        if other.is_empty() {
            return self.clone();
        }
        let ends =
            |map: &Self| map.0.iter().flat_map(|o| [u32::from(o.first), u32::from(o.last) + 1]).collect();
        let mut cuts: BTreeSet<u32> = ends(self);
        cuts.append(&mut ends(other));
        let cuts: Vec<u32> = cuts.into_iter().collect();
        let mut map = Self::default();
        for pair in cuts.windows(2) {
            let (Ok(first), Ok(last)) = (u16::try_from(pair[0]), u16::try_from(pair[1] - 1)) else {
                continue;
            };
            let peers = match (self.part(first), other.part(first)) {
                (None, None) => continue,
                (Some(one), None) | (None, Some(one)) => Arc::clone(one),
                (Some(one), Some(other)) if one.covers(other) => Arc::clone(one),
                (Some(one), Some(other)) => Arc::new(one.union(other)),
            };
            map.push(Opening { first, last, peers });
        }
        map
    }

    fn part(&self, port: u16) -> Option<&Arc<AddressSet>> {
        let at = self.0.partition_point(|opening| opening.last < port);
        self.0.get(at).filter(|opening| opening.first <= port).map(|opening| &opening.peers)
    }

    fn each(&self, change: impl Fn(&AddressSet) -> Option<AddressSet>) -> Self {
        let mut map = Self::default();
        for opening in &self.0 {
            let peers = change(&opening.peers).map_or_else(|| Arc::clone(&opening.peers), Arc::new);
            map.push(Opening { peers, ..*opening });
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use ipnet::IpNet;
    use proptest::prelude::*;

    use super::*;

    fn addresses(octet: u8) -> Arc<AddressSet> {
        Arc::new(AddressSet::from_iter([IpNet::new(IpAddr::V4(Ipv4Addr::new(8, 8, 8, octet)), 31).unwrap()]))
    }

    fn map() -> impl Strategy<Value = PortMap> {
        proptest::collection::vec((0u16..4, 0u16..4, 0u8..3), 0..5).prop_map(|parts| {
            let mut map = PortMap::default();
            let mut next = 0u16;
            for (skip, more, octet) in parts {
                let first = next + skip;
                map.push(Opening { first, last: first + more, peers: addresses(octet) });
                next = first + more + 1;
            }
            map
        })
    }

    proptest! {
        #[test]
        fn maps_are_sets_at_every_port(a in map(), b in map(), first in 0u16..20, more in 0u16..8) {
            let none = AddressSet::default();
            let ports: PortSet = [(first, first + more)].into_iter().collect();
            let only = addresses(0);
            let (union, common, cut, from) =
                (a.union(&b), a.intersection(&b), a.within(&ports), a.from(&only));
            for port in 0..64 {
                let (x, y) = (a.at(port).unwrap_or(&none), b.at(port).unwrap_or(&none));
                prop_assert_eq!(union.at(port).unwrap_or(&none), &x.union(y));
                prop_assert_eq!(common.at(port).unwrap_or(&none), &x.intersection(y));
                prop_assert_eq!(cut.at(port).unwrap_or(&none), if ports.contains(port) { x } else { &none });
                prop_assert_eq!(from.at(port).unwrap_or(&none), &x.intersection(&only));
                prop_assert_eq!(a.ports().contains(port), !x.is_empty());
            }
            let everybody = (0..64).filter_map(|port| a.at(port)).fold(none.clone(), |all, set| all.union(set));
            prop_assert_eq!(a.peers(), everybody);
        }
    }

    #[test]
    fn ports_are_shown_as_people_write_them() {
        let ports: PortSet = [(22, 22), (80, 82), (65535, 65535)].into_iter().collect();
        assert_eq!((ports.show(9).as_str(), ports.show(2).as_str()), ("22, 80-82, 65535", "22, 80-82, …"));
        assert_eq!(ports.count(), 5);
    }
}
