//! Whom the network ACL of a vSwitch lets through (VPC documentation, "Network ACL").

use std::sync::Arc;

use super::addresses::AddressSet;
use super::bounds::Bounds;
use super::first_match::{Line, Peers, decide};
use super::openness::Threshold;
use super::ports::{PortMap, PortSet};
use super::rulebook::Admitted;
use crate::snapshot::{AclEntry, Listed, NetworkAcl, Protocol};
use ipnet::IpNet;

/// The ports that clients use on their side, as operating systems choose them. A client can bind a lower one: an outbound entry for port 443 alone would let
/// answers to it out, and that is not counted as reachable here.
const CLIENT_PORTS: (u16, u16) = (1024, u16::MAX);

/// Which of `clients` an ACL lets in and answers to, at ports that enough of them reach. Entries are in order, the first that matches decides, and
/// what none matches is dropped. It keeps no state: answers go out only where an outbound entry lets them, to some port of a client.
pub(super) fn guard(acl: &NetworkAcl, clients: &Arc<AddressSet>, enough: Threshold) -> Bounds<Admitted> {
    let client_ports: PortSet = [CLIENT_PORTS].into_iter().collect();
    let inbound = entries(&acl.ingress, clients, enough);
    let outbound = entries(&acl.egress, clients, Threshold::ANY);
    inbound.zip(&outbound, |inbound, outbound| {
        inbound.zip(outbound, |inbound, outbound| {
            inbound.from(&outbound.within(&client_ports).peers()).retain(enough)
        })
    })
}

/// What one direction lets through. Where an entry is unread nobody knows its place: it may come before all others.
fn entries(entries: &Listed<AclEntry>, clients: &Arc<AddressSet>, enough: Threshold) -> Bounds<Admitted> {
    let lines = |wanted: Protocol| -> Vec<Line<'_>> {
        let concerned = entries.rows.iter().enumerate();
        let concerned =
            concerned.filter(|(_, entry)| entry.protocol == wanted || entry.protocol == Protocol::All);
        concerned.map(|(place, entry)| line(place, entry)).collect()
    };
    let everybody = |accept| Line { level: 0, accept, first: 0, last: u16::MAX, peers: Peers::Everybody };
    let bound = |first: Option<Line<'static>>| {
        let decide = |wanted| -> PortMap {
            let mut lines = lines(wanted);
            lines.extend(first);
            decide(&lines, clients, false, enough)
        };
        Admitted { tcp: decide(Protocol::Tcp), udp: decide(Protocol::Udp) }
    };
    if entries.is_whole() {
        return Bounds::known(bound(None));
    }
    Bounds { certain: Admitted::default(), possible: bound(Some(everybody(true))) }
}

fn line(place: usize, entry: &AclEntry) -> Line<'static> {
    let peers = match entry.peer {
        IpNet::V4(net) => Peers::V4(net.network().to_bits(), net.broadcast().to_bits()),
        IpNet::V6(net) => Peers::V6(net.network().to_bits(), net.broadcast().to_bits()),
    };
    let level = u16::try_from(place + 1).unwrap_or(u16::MAX);
    Line { level, accept: entry.accept, first: entry.ports.0, last: entry.ports.1, peers }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::snapshot::Unread;

    fn entry() -> impl Strategy<Value = AclEntry> {
        let protocols = [Protocol::All, Protocol::Tcp, Protocol::Udp, Protocol::Portless];
        let nets = ["0.0.0.0/0", "8.8.8.0/31", "8.8.8.2/32", "::/0", "10.0.0.0/8"];
        let ports = [(0, 65535), (22, 22), (1, 1023), (1024, 2000), (2000, 65535)];
        (any::<bool>(), 0..4usize, 0..5usize, 0..5usize).prop_map(move |(accept, protocol, ports_at, net)| {
            let (protocol, ports) = (protocols[protocol], ports[ports_at]);
            AclEntry { accept, protocol, ports, peer: nets[net].parse().unwrap() }
        })
    }

    fn passes(entries: &[AclEntry], tcp: bool, port: u16, peer: IpAddr) -> bool {
        let decides = |entry: &&AclEntry| {
            let speaks = match entry.protocol {
                Protocol::All => true,
                Protocol::Tcp => tcp,
                Protocol::Udp => !tcp,
                Protocol::Portless => false,
            };
            speaks && (entry.ports.0..=entry.ports.1).contains(&port) && entry.peer.contains(&peer)
        };
        entries.iter().find(decides).is_some_and(|entry| entry.accept)
    }

    fn acl(ingress: Listed<AclEntry>, egress: Listed<AclEntry>) -> NetworkAcl {
        NetworkAcl { id: "nacl-1".into(), region: "r".into(), vswitches: vec![], ingress, egress }
    }

    fn clients() -> Arc<AddressSet> {
        Arc::new(["8.8.8.0/30", "2400::/126"].map(|net| net.parse::<IpNet>().unwrap()).into_iter().collect())
    }

    proptest! {
        #[test]
        fn in_and_out_both_decide_by_their_first_match(ingress in vec(entry(), 0..6), egress in vec(entry(), 0..6)) {
            let guarded = guard(&acl(Listed::whole(ingress.clone()), Listed::whole(egress.clone())), &clients(), Threshold::ANY);
            for peer in ["8.8.8.0", "8.8.8.1", "8.8.8.2", "8.8.8.3", "2400::1", "9.9.9.9"] {
                let peer: IpAddr = peer.parse().unwrap();
                for (tcp, port) in [(true, 22), (false, 22), (true, 80), (false, 1500), (true, 65535)] {
                    // The ports at which entries change, and one between.
                    let answered = [1024, 1500, 2000, 2001, 65535].iter().any(|to| passes(&egress, tcp, *to, peer));
                    let wanted = clients().contains(peer) && passes(&ingress, tcp, port, peer) && answered;
                    let map = if tcp { &guarded.certain.tcp } else { &guarded.certain.udp };
                    prop_assert_eq!(map.at(port).is_some_and(|peers| peers.contains(peer)), wanted, "{} {} {}", peer, tcp, port);
                }
            }
            prop_assert_eq!(&guarded.certain, &guarded.possible);
        }
    }

    #[test]
    fn an_unread_entry_leaves_everything_possible_and_nothing_certain() {
        let all = || {
            Listed::whole(vec![AclEntry {
                accept: true,
                protocol: Protocol::All,
                ports: (0, 65535),
                peer: "0.0.0.0/0".parse().unwrap(),
            }])
        };
        let hidden = || Listed::unread(Unread::new("vpc:DescribeNetworkAclAttributes", "Throttling", ""));
        let four = Arc::new(AddressSet { v4: clients().v4.clone(), ..AddressSet::default() });
        for (ingress, egress) in [(all(), hidden()), (hidden(), all())] {
            let guarded = guard(&acl(ingress, egress), &four, Threshold::ANY);
            assert!(guarded.certain.is_empty());
            assert_eq!(guarded.possible.tcp, PortMap::uniform(0, 65535, Arc::clone(&four)));
        }
        assert!(
            guard(&acl(Listed::whole(vec![]), hidden()), &four, Threshold::ANY).possible.is_empty(),
            "nothing comes in"
        );
    }
}
