//! Security groups: known-mistakes, section 6.1.

use super::account::*;
use crate::checks::Status::{self, Fail, Pass, Unknown};
use crate::config::Severity;
use crate::snapshot::*;

/// How a source is written, and whether it is the internet. `None`: nobody knows.
fn sources() -> Vec<(&'static str, Vec<Source>, Option<bool>)> {
    let list = |id: &str| Source::PrefixList(Box::new(id.to_owned()));
    vec![
        ("0.0.0.0/0: everybody finds it", vec![from("0.0.0.0/0")], Some(true)),
        // Prowler, CloudSploit, Steampipe, CloudRec: PASS.
        ("::/0", vec![from("::/0")], Some(true)),
        // All five: PASS (CloudRec in part).
        ("two halves", vec![from("0.0.0.0/1"), from("128.0.0.0/1")], Some(true)),
        ("two halves, IPv6", vec![from("::/1"), from("8000::/1")], Some(true)),
        ("a public /8", vec![from("47.0.0.0/8")], Some(true)),
        // Prowler, CloudSploit, Steampipe, CloudRec: PASS.
        ("a prefix list with everything in it", vec![list("pl-all")], Some(true)),
        // cnspec: PASS, for it looks for an entry that is exactly /0.
        ("a prefix list with both halves in it", vec![list("pl-halves")], Some(true)),
        ("a prefix list with an office in it", vec![list("pl-office")], Some(false)),
        ("a prefix list that cannot be read", vec![list("pl-denied")], None),
        ("a prefix list that is not there", vec![list("pl-gone")], None),
        ("private networks", vec![from("10.0.0.0/8"), from("100.64.0.0/10"), from("fd00::/8")], Some(false)),
        ("an office", vec![from("47.1.2.0/24")], Some(false)),
        ("another group: never the internet", vec![Source::Group(Box::new("sg-2".into()))], Some(false)),
    ]
}

type PortCase = (&'static str, Protocol, Ports, Option<bool>, Option<bool>);

/// How ports are written, and whether SSH, and whether all of a protocol, is among them. `None`: nobody knows.
fn ports() -> Vec<PortCase> {
    let list = |id: &str| Ports::List(Box::new(id.to_owned()));
    vec![
        ("TCP 22", Protocol::Tcp, Ports::Range(22, 22), Some(true), Some(false)),
        // CloudSploit openSSH: PASS.
        ("all protocols, -1/-1", Protocol::All, Ports::Range(0, 65535), Some(true), Some(true)),
        // CloudSploit openAllPorts: PASS.
        ("TCP 1/65535", Protocol::Tcp, Ports::Range(1, 65535), Some(true), Some(true)),
        // Steampipe and CloudRec: port 22 open.
        ("UDP 1/65535", Protocol::Udp, Ports::Range(1, 65535), Some(false), Some(true)),
        // CloudSploit openAllPorts and Steampipe: open.
        ("ICMP -1/-1", Protocol::Portless, Ports::Range(0, 65535), Some(false), Some(false)),
        // Prowler, CloudSploit, cnspec: PASS; Steampipe: an SQL error that takes the whole control with it.
        ("a port list with 20-25", Protocol::Tcp, list("prl-admin"), Some(true), Some(false)),
        ("a port list with everything in two ranges", Protocol::Tcp, list("prl-all"), Some(true), Some(true)),
        ("a port list that cannot be read", Protocol::Tcp, list("prl-denied"), None, None),
        ("a port list for UDP", Protocol::Udp, list("prl-admin"), Some(false), Some(false)),
        ("TCP 443", Protocol::Tcp, Ports::Range(443, 443), Some(false), Some(false)),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Drop {
    /// The accept rules alone.
    None,
    /// Rules that drop, and none that accepts. CloudSploit: FAIL.
    Only,
    /// Drop at 1, accept at 100. Prowler, CloudSploit, Steampipe, cnspec: FAIL.
    First,
    /// At the same priority drop comes first.
    Same,
    /// Accept at 1, drop at 100: it never gets that far.
    Last,
    /// A drop at 1 of something else.
    Elsewhere,
}

fn lists(account: &mut Snapshot) {
    let nets = |nets: &[&str]| Read::Read(nets.iter().map(|net| net.parse().unwrap()).collect());
    for (id, entries) in [
        ("pl-all", nets(&["0.0.0.0/0"])),
        ("pl-halves", nets(&["0.0.0.0/1", "128.0.0.0/1"])),
        ("pl-office", nets(&["47.1.2.0/24"])),
        ("pl-denied", Read::Unread(denied("ecs:DescribePrefixListAttributes"))),
    ] {
        account.resources.prefix_lists.rows.push(PrefixList {
            id: id.into(),
            region: REGION.into(),
            entries,
        });
    }
    for (id, entries) in [
        ("prl-admin", Read::Read(vec![(20, 25)])),
        ("prl-all", Read::Read(vec![(0, 99), (100, 65535)])),
        ("prl-denied", Read::Unread(denied("ecs:DescribePortRangeListEntries"))),
    ] {
        account.resources.port_lists.rows.push(PortList { id: id.into(), region: REGION.into(), entries });
    }
}

/// Every way to write a source with every way to write ports, under every kind of drop: all pairs, and all triples.
#[test]
fn every_pair_of_the_cases_that_others_get_wrong() {
    for (source, nets, is_open) in sources() {
        for (what, protocol, ports, has_ssh, has_all) in ports() {
            for drop in [Drop::None, Drop::Only, Drop::First, Drop::Same, Drop::Last, Drop::Elsewhere] {
                let name = format!("{source}, {what}, {drop:?}");
                let (accepts, drops) = match drop {
                    Drop::First => (100, 1),
                    Drop::Last => (1, 100),
                    _ => (50, 50),
                };
                let mut rules = Vec::new();
                for net in &nets {
                    if drop != Drop::Only {
                        rules.push(rule(true, accepts, protocol, ports.clone(), net.clone()));
                    }
                    if !matches!(drop, Drop::None | Drop::Elsewhere) {
                        rules.push(rule(false, drops, protocol, ports.clone(), net.clone()));
                    }
                }
                if drop == Drop::Elsewhere {
                    let elsewhere = from("10.0.0.0/8");
                    rules.push(rule(false, 1, Protocol::All, Ports::Range(0, 65535), elsewhere));
                }
                let mut account = public_server(vec![group("sg-1", rules)]);
                lists(&mut account);
                let closed = matches!(drop, Drop::Only | Drop::First | Drop::Same);
                let wanted = |concerned: Option<bool>| match (is_open, concerned) {
                    (Some(false), _) | (_, Some(false)) => Pass,
                    // What is dropped is dropped, however wide a list may be: but where it is not known, accept and drop are two unknown rules.
                    _ if drop == Drop::Only => Pass,
                    (Some(true), Some(true)) if closed => Pass,
                    (Some(true), Some(true)) => Fail,
                    _ => Unknown,
                };
                assert_eq!(status(&account, "open-ssh", "/sg-1"), wanted(has_ssh), "{name}: open-ssh");
                assert_eq!(
                    status(&account, "open-all-ports", "/sg-1"),
                    wanted(has_all),
                    "{name}: open-all-ports"
                );
            }
        }
    }
}

#[test]
fn rules_that_cannot_be_read_are_unknown() {
    // Prowler: PASS, after a warning.
    let mut unread = group("sg-1", vec![]);
    unread.rules = Listed::unread(denied("ecs:DescribeSecurityGroupAttribute"));
    let mut account = public_server(vec![unread]);
    for check in ["open-ssh", "open-rdp", "open-database-port", "open-all-ports", "open-port"] {
        let finding = finding(&account, check, "/sg-1");
        assert_eq!(finding.status, Unknown, "{check}");
        assert!(finding.message.contains("ecs:DescribeSecurityGroupAttribute"), "{}", finding.message);
    }
    assert_eq!(status(&account, "exposed-instance", "/i-1"), Unknown);

    // A second page that did not come, behind a first that opens SSH: it may hold the drop that comes first.
    account.resources.security_groups.rows[0].rules.rows.push(tcp(22, "0.0.0.0/0"));
    assert_eq!(status(&account, "open-ssh", "/sg-1"), Unknown);
    // Nothing that is unread comes before a drop at 1: at the same priority it wins.
    let drop = rule(false, 1, Protocol::Tcp, Ports::Range(22, 22), from("0.0.0.0/0"));
    let drop_6 = rule(false, 1, Protocol::Tcp, Ports::Range(22, 22), from("::/0"));
    account.resources.security_groups.rows[0].rules.rows.extend([drop, drop_6]);
    assert_eq!(status(&account, "open-ssh", "/sg-1"), Pass);
    assert_eq!(status(&account, "open-rdp", "/sg-1"), Unknown);
}

#[test]
fn severity_is_that_of_the_reach() {
    // Nobody else tells a rule on a group that nothing public uses from one on a reachable instance.
    let open = || vec![group("sg-1", vec![tcp(22, "0.0.0.0/0")])];
    assert_eq!(failure(&public_server(open()), "open-ssh", "/sg-1"), Some(Severity::Critical));
    assert_eq!(failure(&server(open()), "open-ssh", "/sg-1"), Some(Severity::Medium));
    let mut unused = empty();
    unused.resources.security_groups.rows = open();
    assert_eq!(failure(&unused, "open-ssh", "/sg-1"), Some(Severity::Medium));
    assert_eq!(finding(&unused, "open-ssh", "/sg-1").evidence["attached"], false);

    for list in ["interfaces", "instances", "eips", "dnat"] {
        let mut unread = server(open());
        let why = denied("ecs:Describe");
        match list {
            "interfaces" => unread.resources.interfaces = Listed::unread(why),
            "instances" => unread.resources.instances = Listed::unread(why),
            "eips" => unread.resources.eips = Listed::unread(why),
            _ => unread.resources.dnat = Listed::unread(why),
        }
        assert_eq!(failure(&unread, "open-ssh", "/sg-1"), Some(Severity::High), "{list}");
    }
}

#[test]
fn a_reachable_instance_is_in_the_evidence_with_its_way() {
    let mut account = public_server(vec![group("sg-1", vec![tcp(22, "0.0.0.0/0")])]);
    let finding_of = |account: &Snapshot| finding(account, "open-ssh", "/sg-1");
    let found = finding_of(&account);
    assert_eq!(found.resource, "acs:ecs:cn-hangzhou:1:securitygroup/sg-1");
    assert_eq!(found.evidence["sources"][0], "0.0.0.0/0");
    assert_eq!(found.evidence["share_of_internet"], "100% of IPv4");
    assert_eq!(found.scope.ports, [(22, 22)]);
    assert_eq!(ways(&account, "open-ssh", "/sg-1"), ["EIP 47.1.2.3 -> eni-1 10.0.0.5 -> sg-1 -> i-1"]);
    account.resources.instances.rows[0].running = false;
    assert!(
        finding_of(&account).message.contains("1 of them stopped now"),
        "{}",
        finding_of(&account).message
    );
    assert_eq!(finding_of(&account).severity, Severity::Critical);
}

#[test]
fn only_so_many_ways_are_told() {
    let mut account = server(vec![group("sg-1", vec![tcp(22, "0.0.0.0/0")])]);
    for n in 0..25 {
        account.resources.eips.rows.push(eip(&format!("47.1.2.{n}"), "EcsInstance", "i-1", None));
    }
    let found = finding(&account, "open-ssh", "/sg-1");
    assert_eq!(found.evidence["paths"].as_array().unwrap().len(), 10);
    assert_eq!(found.evidence["more_paths"], 15);
}

#[test]
fn each_port_has_its_check() {
    for (protocol, port, check, severity) in [
        (Protocol::Tcp, 22, "open-ssh", Severity::Critical),
        (Protocol::Tcp, 3389, "open-rdp", Severity::Critical),
        (Protocol::Tcp, 3306, "open-database-port", Severity::Critical),
        (Protocol::Tcp, 6379, "open-database-port", Severity::Critical),
        (Protocol::Tcp, 27017, "open-database-port", Severity::Critical),
        (Protocol::Udp, 11211, "open-database-port", Severity::Critical),
        (Protocol::Tcp, 8080, "open-port", Severity::Critical),
        (Protocol::Udp, 22, "open-port", Severity::Critical),
        (Protocol::Udp, 3306, "open-port", Severity::Critical),
        // Public by nature: reached or not.
        (Protocol::Tcp, 443, "open-port", Severity::Low),
    ] {
        let open = rule(true, 50, protocol, Ports::Range(port, port), from("0.0.0.0/0"));
        let account = public_server(vec![group("sg-1", vec![open])]);
        for other in ["open-ssh", "open-rdp", "open-database-port", "open-all-ports", "open-port"] {
            let wanted = (other == check).then_some(severity);
            assert_eq!(failure(&account, other, "/sg-1"), wanted, "{protocol:?} {port}: {other}");
        }
    }
    // Beside another port web ports are not forgiven.
    let account = public_server(vec![group("sg-1", vec![tcp(443, "0.0.0.0/0"), tcp(8080, "0.0.0.0/0")])]);
    assert_eq!(failure(&account, "open-port", "/sg-1"), Some(Severity::Critical));
    // Port 0 is none.
    let account = public_server(vec![group("sg-1", vec![tcp(0, "0.0.0.0/0")])]);
    assert_eq!(failure(&account, "open-port", "/sg-1"), None);
}

#[test]
fn a_group_that_opens_all_ports_is_not_told_again_for_any_other() {
    let all = rule(true, 1, Protocol::All, Ports::Range(0, 65535), from("0.0.0.0/0"));
    let account = public_server(vec![group("sg-1", vec![all])]);
    assert_eq!(failure(&account, "open-all-ports", "/sg-1"), Some(Severity::Critical));
    assert!(findings(&account, "open-port").is_empty());
    // All ports of TCP may add up from several rules, and one that is dropped leaves the others open.
    let range = |first, last| rule(true, 50, Protocol::Tcp, Ports::Range(first, last), from("0.0.0.0/0"));
    let account = public_server(vec![group("sg-1", vec![range(1, 30000), range(30001, 65535)])]);
    assert_eq!(status(&account, "open-all-ports", "/sg-1"), Fail);
    let but_one = rule(false, 1, Protocol::Tcp, Ports::Range(25, 25), from("0.0.0.0/0"));
    let account = public_server(vec![group("sg-1", vec![range(1, 65535), but_one])]);
    assert_eq!(status(&account, "open-all-ports", "/sg-1"), Pass);
    assert_eq!(status(&account, "open-port", "/sg-1"), Fail);
    assert_eq!(status(&account, "open-ssh", "/sg-1"), Fail);
}

#[test]
fn in_the_classic_network_only_rules_of_the_public_side_count() {
    // Nobody looks at NicType.
    for (vpc, internet_nic, wanted) in
        [(false, true, Fail), (false, false, Pass), (true, true, Fail), (true, false, Fail)]
    {
        let mut one = group("sg-1", vec![Rule { internet_nic, ..tcp(22, "0.0.0.0/0") }]);
        let mut account = empty();
        let mut old = instance("i-1", "10.0.0.5", &["sg-1"]);
        old.public_ips = vec![ip("47.1.2.3")];
        if vpc {
            let mut card = interface("eni-1", "i-1", &["10.0.0.5"], &["sg-1"]);
            card.vswitch = None;
            account.resources.interfaces.rows.push(card);
        } else {
            (one.vpc, old.vpc) = (None, None);
        }
        account.resources.instances.rows.push(old);
        account.resources.security_groups.rows.push(one);
        for (check, resource) in [("open-ssh", "/sg-1"), ("exposed-instance", "/i-1")] {
            assert_eq!(
                status(&account, check, resource),
                wanted,
                "{check}: vpc {vpc}, internet {internet_nic}"
            );
        }
        if !vpc && wanted == Fail {
            assert_eq!(
                ways(&account, "exposed-instance", "/i-1"),
                ["public address 47.1.2.3 -> 10.0.0.5 -> sg-1 -> i-1"]
            );
        }
    }
}

#[test]
fn a_rule_for_some_addresses_of_the_group_opens_those() {
    let open = |to: &str| Rule { destination: Some(Box::new(to.parse().unwrap())), ..tcp(22, "0.0.0.0/0") };
    for (to, instance) in [
        ("10.0.0.5/32", Some(Severity::Critical)),
        ("10.0.0.0/24", Some(Severity::Critical)),
        ("10.0.0.6/32", None),
    ] {
        let account = public_server(vec![group("sg-1", vec![open(to)])]);
        assert_eq!(failure(&account, "exposed-instance", "/i-1"), instance, "{to}");
        let group = instance.unwrap_or(Severity::Medium);
        assert_eq!(
            failure(&account, "open-ssh", "/sg-1"),
            Some(group),
            "{to}: the group is open to some address"
        );
    }
}

#[test]
fn who_is_trusted_is_not_the_internet() {
    let config = crate::config::Config::parse("trusted_networks: [47.0.0.0/8]", "test").unwrap();
    let account = public_server(vec![group("sg-1", vec![tcp(22, "47.0.0.0/8")])]);
    let found = crate::checks::run(super::super::CHECKS, &account, &config);
    assert!(found.iter().all(|finding| finding.status == Status::Pass), "{found:?}");
    assert_eq!(status(&account, "open-ssh", "/sg-1"), Fail, "without it they are strangers");
}

#[test]
fn an_account_without_groups_says_so() {
    let found = findings(&empty(), "open-ssh");
    assert_eq!((found.len(), found[0].status), (1, Pass));
    let mut unread = empty();
    unread.resources.security_groups = Listed::unread(denied("ecs:DescribeSecurityGroups"));
    let found = findings(&unread, "open-ssh");
    assert_eq!((found.len(), found[0].status), (1, Unknown));
}
