use super::*;
use crate::account::network::{Peer, Ports, Protocol, Rule, SecurityGroup};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

#[test]
fn the_same_seed_gives_the_same_account() {
    let (one, same, other) =
        (generated(7, Size::SMALL), generated(7, Size::SMALL), generated(8, Size::SMALL));
    let text = |made: &Generated| serde_json::to_string(&made.account).unwrap();
    assert_eq!((text(&one), &one.truth), (text(&same), &same.truth));
    assert_ne!(one.truth, other.truth);
}

#[test]
fn a_large_account_is_as_large_as_asked_for() {
    let made = generated(1, Size::LARGE);
    let network = &made.account.network;
    assert_eq!(
        (made.account.regions.len(), network.security_groups.len(), network.instances.len()),
        (25, 2500, 1000)
    );
    let rules = network.security_groups.iter().map(|group| group.rules.len());
    assert_eq!(rules.clone().max(), Some(1000));
    assert!(rules.clone().filter(|rules| *rules == 1000).count() >= 10);
    assert!(rules.clone().filter(|rules| *rules <= 20).count() > 1250);
    assert_eq!((made.account.buckets.len(), made.account.databases.len()), (200, 100));
    assert!(made.account.role("order-service").is_some());
}

#[test]
fn accounts_are_sound_and_what_fails_is_there() {
    for seed in 0..5 {
        let Generated { mut account, truth } = generated(seed, Size::SMALL);
        account.network_is_sound().unwrap();
        let mut ids: BTreeSet<&str> = account.network.security_groups.iter().map(|row| &*row.id).collect();
        ids.extend(account.network.instances.iter().map(|row| &*row.id));
        ids.extend(account.network.clbs.iter().map(|row| &*row.id));
        ids.extend(account.network.albs.iter().chain(&account.network.nlbs).map(|row| &*row.id));
        ids.extend(account.buckets.iter().map(|row| &*row.name));
        ids.extend(account.databases.iter().map(|row| &*row.id));
        let distinct: BTreeSet<(&str, &str)> =
            truth.fails.iter().map(|(check, resource, _)| (*check, resource.as_str())).collect();
        assert_eq!(distinct.len(), truth.fails.len());
        assert!(truth.fails.is_sorted());
        for (_, resource, _) in &truth.fails {
            assert!(ids.contains(resource.rsplit(['/', ':']).next().unwrap()), "{resource}");
        }
    }
}

#[test]
fn every_check_fails_in_every_way_that_it_can() {
    let made = generated(3, Size::SMALL);
    let told: BTreeSet<(&str, &str)> =
        made.truth.fails.iter().map(|(check, _, severity)| (*check, *severity)).collect();
    for check in ["open-ssh", "open-rdp", "open-database-port", "open-all-ports"] {
        assert!(told.contains(&(check, "critical")) && told.contains(&(check, "medium")), "{check}");
    }
    for severity in ["critical", "medium", "low"] {
        assert!(told.contains(&("open-port", severity)), "{severity}");
    }
    for (check, severity) in [
        ("exposed-instance", "critical"),
        ("exposed-instance", "low"),
        ("open-load-balancer", "low"),
        ("open-load-balancer", "high"),
        ("open-load-balancer", "critical"),
    ] {
        assert!(told.contains(&(check, severity)), "{check} {severity}");
    }
}

/// Strangers: in each half, quarter and block of the internet that rules of the generator make a difference of, and
/// none where its narrow rules are.
const STRANGERS: [&str; 10] = [
    "1.2.3.4",
    "8.8.8.8",
    "39.1.2.3",
    "65.1.2.3",
    "100.1.2.3",
    "129.1.2.3",
    "197.1.2.3",
    "223.5.6.7",
    "2001:470::1",
    "2a00:1450::1",
];

/// The first rule that matches a packet decides: by priority, drops first. None: dropped. This is the documents'
/// model, one packet at a time.
fn admits(network: &Network, group: &SecurityGroup, from: IpAddr, protocol: Protocol, port: u16) -> bool {
    let within = |nets: &[IpNet]| nets.iter().any(|net| net.contains(&from));
    let matches = |rule: &&Rule| {
        let peer = match &rule.peer {
            Peer::V4(net) => within(&[IpNet::V4(*net)]),
            Peer::V6(net) => within(&[IpNet::V6(**net)]),
            Peer::PrefixList(id) => {
                within(&network.prefix_lists.iter().find(|list| *list.id == **id).unwrap().entries)
            }
            Peer::Group(_) => false,
        };
        let on_port = match &rule.ports {
            Ports::All => true,
            Ports::Range(first, last) => (*first..=*last).contains(&port),
            Ports::List(id) => {
                let list = network.port_lists.iter().find(|list| *list.id == **id).unwrap();
                list.entries.iter().any(|(first, last)| (*first..=*last).contains(&port))
            }
        };
        !rule.egress
            && (rule.internet_nic || group.vpc.is_some())
            && (rule.protocol == protocol || rule.protocol == Protocol::All)
            && peer
            && on_port
    };
    let first = group.rules.iter().filter(matches).min_by_key(|rule| (rule.priority, rule.accept));
    first.is_some_and(|rule| rule.accept)
}

#[test]
fn packets_pass_where_the_truth_says_so() {
    let named = [22, 3389];
    let probes: Vec<u16> = (doors::DATABASES.into_iter())
        .chain(doors::OTHERS)
        .chain(doors::WEB)
        .chain(named)
        .chain([
            1, 21, 135, 445, 1000, 2222, 3350, 12000, 12025, 12050, 13005, 13500, 15000, 40000, 40001, 65535,
        ])
        .collect();
    let strangers: Vec<IpAddr> = STRANGERS.iter().map(|text| text.parse().unwrap()).collect();
    for seed in 20..24 {
        let Generated { account, truth } = generated(seed, Size::SMALL);
        let network = &account.network;
        let mut told: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (check, resource, _) in &truth.fails {
            if let Some((_, id)) = resource.split_once(":securitygroup/") {
                told.entry(id).or_default().insert(check);
            }
        }
        for group in &network.security_groups {
            let open = |protocol| {
                let passes = |port: &&u16| {
                    strangers.iter().any(|from| admits(network, group, *from, protocol, **port))
                };
                probes.iter().filter(passes).copied().collect::<BTreeSet<u16>>()
            };
            let (tcp, udp) = (open(Protocol::Tcp), open(Protocol::Udp));
            let all = [&tcp, &udp].iter().any(|open| open.len() == probes.len());
            let databases = doors::DATABASES.iter().any(|port| tcp.contains(port)) || udp.contains(&11211);
            let others = !udp.is_empty()
                || tcp.iter().any(|port| !doors::DATABASES.contains(port) && !named.contains(port));
            let seen: BTreeSet<&str> = [
                ("open-ssh", tcp.contains(&22)),
                ("open-rdp", tcp.contains(&3389)),
                ("open-database-port", databases),
                ("open-all-ports", all),
                ("open-port", others && !all),
            ]
            .into_iter()
            .filter_map(|(check, fails)| fails.then_some(check))
            .collect();
            let wanted = told.get(group.id.as_str()).cloned().unwrap_or_default();
            assert_eq!(seen, wanted, "seed {seed}: {} ({})", group.id, group.name);
        }
    }
}

/// Whatever is narrow here is so even together: of the narrow public sources of two groups no more than 65,536
/// addresses, the bound of the default configuration.
#[test]
fn narrow_sources_are_few_together() {
    let made = generated(1, Size::LARGE);
    for group in &made.account.network.security_groups {
        let narrow = group.rules.iter().filter_map(|rule| match rule.peer {
            Peer::V4(net) if net.prefix_len() >= 28 => Some(1_u64 << (32 - net.prefix_len())),
            _ => None,
        });
        assert!(narrow.sum::<u64>() < 32768, "{}", group.id);
    }
}
