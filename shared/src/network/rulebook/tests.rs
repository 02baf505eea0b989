//! The rulebook against a model that knows nothing of ranges or sweeps: it tries single packets, and every way in which what was not read may turn out.

use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::snapshot::{Listed, PortList, PrefixList, Read};

/// Few addresses and ports, so that rules meet.
const PORTS: [u16; 9] = [0, 1, 2, 3, 4, 5, 65533, 65534, 65535];

fn sources() -> Vec<IpAddr> {
    let v4 = (0..8).map(|n| IpAddr::V4(Ipv4Addr::new(8, 8, 8, n)));
    let v6 = (0..4).map(|n| IpAddr::V6(Ipv6Addr::new(0x2400, 0, 0, 0, 0, 0, 0, n)));
    // Private ones are not among the clients.
    v4.chain(v6).chain([IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1))]).collect()
}

fn destinations() -> Vec<IpAddr> {
    ["10.0.0.1", "10.0.0.2", "10.0.1.1", "fd00::1", "fd00::2"].map(|ip| ip.parse().unwrap()).into()
}

fn clients() -> Clients {
    let nets = ["8.8.8.0/29", "2400::/126"].map(|net| net.parse::<IpNet>().unwrap());
    Clients::new(Arc::new(nets.into_iter().collect()))
}

fn net() -> impl Strategy<Value = IpNet> {
    prop_oneof![
        6 => (0u8..8, 28u8..=32).prop_map(|(n, length)| IpNet::new(Ipv4Addr::new(8, 8, 8, n).into(), length).unwrap()),
        1 => Just("0.0.0.0/0".parse().unwrap()),
        1 => Just("10.0.0.0/8".parse().unwrap()),
        3 => (0u16..4, 125u8..=128).prop_map(|(n, length)| {
            IpNet::new(Ipv6Addr::new(0x2400, 0, 0, 0, 0, 0, 0, n).into(), length).unwrap()
        }),
        1 => Just("::/0".parse().unwrap()),
    ]
    .prop_map(|net: IpNet| net.trunc())
}

fn source() -> impl Strategy<Value = Source> {
    prop_oneof![
        8 => net().prop_map(|net| match net {
            IpNet::V4(net) => Source::V4(net),
            IpNet::V6(net) => Source::V6(Box::new(net)),
        }),
        // pl-2 cannot be read, and pl-3 is not there.
        2 => (0..4).prop_map(|n| Source::PrefixList(Box::new(format!("pl-{n}")))),
        1 => (0..2).prop_map(|n| Source::Group(Box::new(format!("sg-{n}")))),
    ]
}

fn range() -> impl Strategy<Value = (u16, u16)> {
    (0..PORTS.len(), 0..PORTS.len()).prop_map(|(a, b)| (PORTS[a.min(b)], PORTS[a.max(b)]))
}

fn ports() -> impl Strategy<Value = Ports> {
    prop_oneof![
        8 => range().prop_map(|(first, last)| Ports::Range(first, last)),
        // prl-2 cannot be read.
        2 => (0..3).prop_map(|n| Ports::List(Box::new(format!("prl-{n}")))),
    ]
}

fn destination() -> impl Strategy<Value = Option<Box<IpNet>>> {
    let nets = [
        "10.0.0.0/24",
        "10.0.0.0/25",
        "10.0.0.1/32",
        "10.0.0.128/25",
        "fd00::/64",
        "fd00::1/128",
        "0.0.0.0/0",
    ];
    prop_oneof![
        4 => Just(None),
        1 => (0..nets.len()).prop_map(move |n| Some(Box::new(nets[n].parse().unwrap()))),
    ]
}

fn rule() -> impl Strategy<Value = Rule> {
    let protocols = [Protocol::All, Protocol::Tcp, Protocol::Udp, Protocol::Portless];
    let basics = (any::<bool>(), 1u8..4, 0..4usize, any::<bool>());
    (basics, ports(), source(), destination()).prop_map(
        move |((accept, priority, protocol, internet_nic), ports, source, destination)| {
            let protocol = protocols[protocol];
            Rule { accept, priority, protocol, internet_nic, ports, source, destination }
        },
    )
}

fn group(id: usize) -> impl Strategy<Value = SecurityGroup> {
    (vec(rule(), 0..6), proptest::bool::weighted(0.3), proptest::bool::weighted(0.1)).prop_map(
        move |(rules, classic, unread)| {
            let mut rules = Listed::whole(rules);
            if unread {
                rules.unread.push(Unread::new("ecs:DescribeSecurityGroupAttribute", "Throttling", ""));
            }
            SecurityGroup {
                id: format!("sg-{id}"),
                name: String::new(),
                region: "r".into(),
                vpc: (!classic).then(|| "vpc-1".into()),
                advanced: false,
                tags: [].into(),
                rules,
            }
        },
    )
}

fn world() -> impl Strategy<Value = Resources> {
    let lists = (vec(net(), 0..3), vec(net(), 0..3), vec(range(), 0..3), vec(range(), 0..3));
    ((group(0), group(1), group(2)), lists).prop_map(|(groups, (pl_0, pl_1, prl_0, prl_1))| {
        let denied = || Unread::new("ecs:Describe", "Forbidden", "");
        let prefix_list = |id: &str, entries| PrefixList { id: id.into(), region: "r".into(), entries };
        let port_list = |id: &str, entries| PortList { id: id.into(), region: "r".into(), entries };
        Resources {
            security_groups: Listed::whole(vec![groups.0, groups.1, groups.2]),
            prefix_lists: Listed::whole(vec![
                prefix_list("pl-0", Read::Read(pl_0)),
                prefix_list("pl-1", Read::Read(pl_1)),
                prefix_list("pl-2", Read::Unread(denied())),
            ]),
            port_lists: Listed::whole(vec![
                port_list("prl-0", Read::Read(prl_0)),
                port_list("prl-1", Read::Read(prl_1)),
                port_list("prl-2", Read::Unread(denied())),
            ]),
            ..Resources::unasked()
        }
    })
}

struct Packet {
    tcp: bool,
    port: u16,
    from: IpAddr,
    to: IpAddr,
}

/// Whether a rule matches a packet; `None` when that cannot be known.
fn matches(rule: &Rule, packet: &Packet, world: &Resources, to_is_known: bool) -> Option<bool> {
    let protocol = match rule.protocol {
        Protocol::All => true,
        Protocol::Tcp => packet.tcp,
        Protocol::Udp => !packet.tcp,
        Protocol::Portless => false,
    };
    let port = match &rule.ports {
        Ports::Range(first, last) => Some((*first..=*last).contains(&packet.port)),
        Ports::List(id) => {
            let list = world.port_lists.rows.iter().find(|list| list.id == **id).unwrap();
            let has =
                |entries: &Vec<(u16, u16)>| entries.iter().any(|(a, b)| (*a..=*b).contains(&packet.port));
            list.entries.known().map(has)
        }
    };
    let from = match &rule.source {
        Source::V4(net) => Some(IpNet::V4(*net).contains(&packet.from)),
        Source::V6(net) => Some(IpNet::V6(**net).contains(&packet.from)),
        Source::PrefixList(id) => {
            let list = world.prefix_lists.rows.iter().find(|list| list.id == **id);
            let entries = list.and_then(|list| list.entries.known());
            entries.map(|entries| entries.iter().any(|net| net.contains(&packet.from)))
        }
        Source::Group(_) => Some(false),
    };
    let to = match rule.destination.as_deref() {
        None => Some(true),
        Some(net) if to_is_known => Some(net.contains(&packet.to)),
        Some(_) => None,
    };
    let parts = [Some(protocol), port, from, to];
    if parts.contains(&Some(false)) {
        Some(false)
    } else if parts.contains(&None) {
        None
    } else {
        Some(true)
    }
}

/// What becomes of a packet, in each way that the unknown may turn out: accepted in all of them, accepted in any.
fn outcomes(
    groups: &[String],
    nic: Nic,
    unmatched: bool,
    packet: &Packet,
    world: &Resources,
    to_is_known: bool,
) -> (bool, bool) {
    let mut rules: Vec<(u8, bool, Option<bool>)> = Vec::new();
    let mut hidden = groups.is_empty() && !unmatched;
    for id in groups {
        let Some(group) = world.security_groups.rows.iter().find(|group| group.id == *id) else {
            hidden = true;
            continue;
        };
        hidden |= !group.rules.is_whole();
        for rule in &group.rules.rows {
            if group.vpc.is_some() || rule.internet_nic == (nic == Nic::Internet) {
                rules.push((rule.priority, rule.accept, matches(rule, packet, world, to_is_known)));
            }
        }
    }
    let unknown: Vec<usize> = (0..rules.len()).filter(|at| rules[*at].2.is_none()).collect();
    let mut hidden_rules = vec![None];
    if hidden {
        hidden_rules.extend((1..5).flat_map(|priority| [Some((priority, true)), Some((priority, false))]));
    }
    let (mut always, mut ever) = (true, false);
    for more in hidden_rules {
        for ways in 0..1u32 << unknown.len() {
            let holds = |at: usize| match unknown.iter().position(|other| *other == at) {
                Some(bit) => ways >> bit & 1 == 1,
                None => rules[at].2 == Some(true),
            };
            let matching = (0..rules.len()).filter(|at| holds(*at)).map(|at| (rules[at].0, rules[at].1));
            // `false`, to drop, comes before `true`, to accept.
            let decided = matching.chain(more).min().map_or(unmatched, |(_, accept)| accept);
            always &= decided;
            ever |= decided;
        }
    }
    (always, ever)
}

fn lets(map: &Admitted, packet: &Packet) -> bool {
    let map = if packet.tcp { &map.tcp } else { &map.udp };
    map.at(packet.port).is_some_and(|peers| peers.contains(packet.from))
}

fn packets(to: &[IpAddr]) -> impl Iterator<Item = Packet> + '_ {
    sources().into_iter().flat_map(move |from| {
        [true, false].into_iter().flat_map(move |tcp| {
            PORTS
                .into_iter()
                .flat_map(move |port| to.iter().map(move |to| Packet { tcp, port, from, to: *to }))
        })
    })
}

const EVERYTHING: Threshold = Threshold::ANY;

fn names(which: &[u8]) -> Vec<String> {
    which.iter().map(|n| format!("sg-{n}")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn an_address_lets_in_what_the_first_match_accepts(
        world in world(), which in vec(0u8..3, 0..4), gone in proptest::bool::weighted(0.1),
        internet in any::<bool>(), unmatched in any::<bool>(), to in 0..5usize,
    ) {
        let mut groups = names(&which);
        groups.extend(gone.then(|| "sg-gone".to_owned()));
        let nic = if internet { Nic::Internet } else { Nic::Intranet };
        let (clients, to) = (clients(), destinations()[to]);
        let rulebook = Rulebook::of(&world);
        let asked = Question { groups: &groups, clients: &clients, nic, destination: Destination::Address(to), unmatched };
        let admitted = rulebook.admits(&asked, EVERYTHING);
        for packet in packets(&[to]) {
            let comes = clients.like(to).contains(packet.from);
            let (always, ever) = outcomes(&groups, nic, unmatched, &packet, &world, true);
            let told = (lets(&admitted.certain, &packet), lets(&admitted.possible, &packet));
            prop_assert_eq!(told, (comes && always, comes && ever), "{}:{} tcp {}", packet.from, packet.port, packet.tcp);
        }
        // What is not kept is not told, and nothing else changes.
        let wide = Threshold { most_v4: 4, most_v6: 2 };
        let pruned = rulebook.admits(&asked, wide);
        prop_assert_eq!(pruned, admitted.map(|bound| bound.map(|map| map.retain(wide))));
    }

    #[test]
    fn a_group_lets_in_what_any_of_its_addresses_does(world in world(), which in vec(0u8..3, 1..3)) {
        let (groups, clients) = (names(&which), clients());
        let asked = Question {
            groups: &groups, clients: &clients, nic: Nic::Internet, destination: Destination::Any, unmatched: false,
        };
        let admitted = Rulebook::of(&world).admits(&asked, EVERYTHING);
        // One address for each part of the networks that rules tell apart.
        let to: Vec<IpAddr> = ["10.0.0.1", "10.0.0.2", "10.0.0.129", "10.0.1.1", "fd00::1", "fd00::2", "fd01::1"]
            .map(|ip| ip.parse().unwrap()).into();
        for packet in packets(&to[..1]) {
            let there = to.iter().filter(|to| to.is_ipv4() == packet.from.is_ipv4()).map(|to| {
                let packet = Packet { to: *to, ..packet };
                outcomes(&groups, Nic::Internet, false, &packet, &world, true)
            });
            let (always, ever) = there.fold((false, false), |all, one| (all.0 || one.0, all.1 || one.1));
            let comes = clients.all.contains(packet.from);
            let told = (lets(&admitted.certain, &packet), lets(&admitted.possible, &packet));
            prop_assert_eq!(told, (comes && always, comes && ever), "{}:{} tcp {}", packet.from, packet.port, packet.tcp);
        }
    }

    #[test]
    fn to_an_unknown_address_only_that_is_certain_which_any_address_would_let_in(
        world in world(), which in vec(0u8..3, 1..3), unmatched in any::<bool>(),
    ) {
        let (groups, clients) = (names(&which), clients());
        let asked = Question {
            groups: &groups, clients: &clients, nic: Nic::Internet, destination: Destination::Unknown, unmatched,
        };
        let admitted = Rulebook::of(&world).admits(&asked, EVERYTHING);
        for packet in packets(&destinations()[..1]) {
            let (always, ever) = outcomes(&groups, Nic::Internet, unmatched, &packet, &world, false);
            let comes = clients.all.contains(packet.from);
            let told = (lets(&admitted.certain, &packet), lets(&admitted.possible, &packet));
            prop_assert_eq!(told, (comes && always, comes && ever), "{}:{} tcp {}", packet.from, packet.port, packet.tcp);
        }
    }
}

#[test]
fn a_large_group_is_quick() {
    // Rules on single ports, rules on one port, and ranges that overlap a little: none may cost the square of their number.
    let rule = |n: u32, first: u16, last: u16, source: &str| Rule {
        accept: !n.is_multiple_of(50),
        priority: (n % 100 + 1) as u8,
        protocol: Protocol::Tcp,
        internet_nic: false,
        ports: Ports::Range(first, last),
        source: Source::V4(source.parse().unwrap()),
        destination: None,
    };
    let rules: Vec<Rule> = (0..60_000u32)
        .map(|n| match n % 3 {
            0 => rule(n, n as u16, n as u16, "0.0.0.0/0"),
            1 => rule(n, 22, 22, &format!("8.{}.{}.0/25", n / 256 % 256, n % 256)),
            _ => rule(n, n as u16, (n as u16).saturating_add(5), "47.0.0.0/8"),
        })
        .collect();
    let group = SecurityGroup {
        id: "sg-1".into(),
        name: String::new(),
        region: "r".into(),
        vpc: Some("vpc-1".into()),
        advanced: true,
        tags: [].into(),
        rules: Listed::whole(rules),
    };
    let world = Resources { security_groups: Listed::whole(vec![group]), ..Resources::unasked() };
    let groups = names(&[1]);
    let clients = Clients::new(Arc::new((*crate::network::INTERNET).clone()));
    let asked = Question {
        groups: &groups,
        clients: &clients,
        nic: Nic::Internet,
        destination: Destination::Any,
        unmatched: false,
    };
    let began = std::time::Instant::now();
    let admitted = Rulebook::of(&world).admits(&asked, EVERYTHING);
    let took = began.elapsed();
    assert!(admitted.certain.tcp.openings().len() > 1000);
    // A tenth of that in practice, without optimisation; the square would be minutes.
    assert!(took.as_secs() < 20, "{took:?}");
}
