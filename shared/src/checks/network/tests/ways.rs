//! The ways from the internet to an instance. Scanners that look at `PublicIpAddress`, or at groups alone, miss all but the first.

use super::account::*;
use crate::checks::Status::{Fail, Pass, Unknown};
use crate::config::Severity;
use crate::snapshot::*;

fn ssh() -> Vec<SecurityGroup> {
    vec![group("sg-1", vec![tcp(22, "0.0.0.0/0")])]
}

fn dnat(external: (u16, u16), internal: (u16, u16), protocol: Protocol) -> Dnat {
    Dnat {
        id: "fwd-1".into(),
        region: REGION.into(),
        nat_gateway: "ngw-1".into(),
        vpc: Some("vpc-1".into()),
        external_ip: ip("47.1.2.9"),
        external_ports: external,
        internal_ip: ip("10.0.0.5"),
        internal_ports: internal,
        protocol,
    }
}

fn acl(ingress: Vec<AclEntry>, egress: Vec<AclEntry>) -> NetworkAcl {
    NetworkAcl {
        id: "nacl-1".into(),
        region: REGION.into(),
        vswitches: vec!["vsw-1".into()],
        ingress: Listed::whole(ingress),
        egress: Listed::whole(egress),
    }
}

fn entry(accept: bool, ports: (u16, u16), peer: &str) -> AclEntry {
    AclEntry { accept, protocol: Protocol::All, ports, peer: peer.parse().unwrap() }
}

#[test]
fn without_a_public_address_nothing_is_reached() {
    let account = server(ssh());
    let finding = finding(&account, "exposed-instance", "/i-1");
    assert_eq!((finding.status, finding.message.as_str()), (Pass, "No public address leads to it."));
}

#[test]
fn a_public_address_behind_rules_that_let_nobody_in_is_no_exposure() {
    let account = public_server(vec![group("sg-1", vec![tcp(22, "47.9.9.0/24")])]);
    let finding = finding(&account, "exposed-instance", "/i-1");
    assert_eq!(finding.status, Pass);
    assert_eq!(finding.message, "It has EIP 47.1.2.3, but no rule lets the internet in.");
}

#[test]
fn an_eip_told_in_three_places_is_one_way_and_each_is_enough() {
    for told in 1..8u8 {
        let mut account = server(ssh());
        let resources = &mut account.resources;
        if told & 1 != 0 {
            resources.eips.rows.push(eip("47.1.2.3", "EcsInstance", "i-1", None));
        }
        if told & 2 != 0 {
            resources.instances.rows[0].eip = Some(ip("47.1.2.3"));
        }
        if told & 4 != 0 {
            resources.interfaces.rows[0].addresses[0].public = Some(ip("47.1.2.3"));
        }
        let found = ways(&account, "exposed-instance", "/i-1");
        let name = if told == 4 { "public address" } else { "EIP" };
        assert_eq!(found, [format!("{name} 47.1.2.3 -> eni-1 10.0.0.5 -> sg-1 -> i-1")], "{told:b}");
    }
}

#[test]
fn a_public_address_of_its_own() {
    let mut account = server(ssh());
    account.resources.instances.rows[0].public_ips = vec![ip("47.1.2.3")];
    let found = ways(&account, "exposed-instance", "/i-1");
    assert_eq!(found, ["public address 47.1.2.3 -> eni-1 10.0.0.5 -> sg-1 -> i-1"]);
    assert_eq!(failure(&account, "exposed-instance", "/i-1"), Some(Severity::Critical));
}

#[test]
fn a_second_interface_has_groups_of_its_own() {
    // The instance names only the groups of its first interface: closed. The EIP is on the second.
    let mut account = server(vec![group("sg-closed", vec![])]);
    let resources = &mut account.resources;
    resources.interfaces.rows.push(interface("eni-2", "i-1", &["10.0.1.5", "10.0.1.6"], &["sg-open"]));
    resources.security_groups.rows.push(group("sg-open", vec![tcp(22, "0.0.0.0/0")]));
    resources.eips.rows.push(eip("47.1.2.3", "NetworkInterface", "eni-2", Some("10.0.1.6")));
    assert_eq!(
        ways(&account, "exposed-instance", "/i-1"),
        ["EIP 47.1.2.3 -> eni-2 10.0.1.6 -> sg-open -> i-1"]
    );
    assert_eq!(failure(&account, "open-ssh", "/sg-open"), Some(Severity::Critical));
    // On the first it leads to closed ports.
    account.resources.eips.rows[0] = eip("47.1.2.3", "NetworkInterface", "eni-1", None);
    assert_eq!(status(&account, "exposed-instance", "/i-1"), Pass);
    assert_eq!(failure(&account, "open-ssh", "/sg-open"), Some(Severity::Medium));
}

#[test]
fn an_interface_that_is_attached_to_nothing_exposes_nothing() {
    let mut account = public_server(ssh());
    account.resources.instances.rows.clear();
    account.resources.interfaces.rows[0].instance = None;
    account.resources.eips.rows[0] = eip("47.1.2.3", "NetworkInterface", "eni-1", None);
    assert_eq!(failure(&account, "open-ssh", "/sg-1"), Some(Severity::Medium));
    // Attached to another product's resource it does.
    account.resources.interfaces.rows[0].instance = Some("eci-1".into());
    assert_eq!(ways(&account, "open-ssh", "/sg-1"), ["EIP 47.1.2.3 -> eni-1 10.0.0.5 -> sg-1 -> eci-1"]);
    assert_eq!(failure(&account, "open-ssh", "/sg-1"), Some(Severity::Critical));
}

#[test]
fn groups_on_one_interface_are_one_list() {
    let open = || group("sg-open", vec![tcp(22, "0.0.0.0/0")]);
    let drop = |priority| {
        let drop = rule(false, priority, Protocol::Tcp, Ports::Range(1, 1024), from("0.0.0.0/0"));
        group("sg-drop", vec![drop])
    };
    // A drop in another group comes first, or with, or too late. Nobody merges groups: a critical failure each time.
    for (priority, instance, severity) in
        [(1, Pass, Severity::Medium), (50, Pass, Severity::Medium), (51, Fail, Severity::Critical)]
    {
        let account = public_server(vec![open(), drop(priority)]);
        assert_eq!(status(&account, "exposed-instance", "/i-1"), instance, "{priority}");
        assert_eq!(failure(&account, "open-ssh", "/sg-open"), Some(severity), "{priority}");
        assert_eq!(status(&account, "open-ssh", "/sg-drop"), Pass, "{priority}: it only drops");
    }
}

#[test]
fn halves_in_two_groups_add_up() {
    let half = |id, net| group(id, vec![tcp(22, net)]);
    let account = public_server(vec![half("sg-1", "0.0.0.0/1"), half("sg-2", "128.0.0.0/1")]);
    let found = finding(&account, "exposed-instance", "/i-1");
    assert_eq!(found.evidence["sources"][0], "0.0.0.0/0");
    // Each is narrower than the threshold: only together are they open.
    let account = public_server(vec![half("sg-1", "47.1.0.0/16"), half("sg-2", "47.2.0.0/16")]);
    assert_eq!(status(&account, "exposed-instance", "/i-1"), Fail);
    assert_eq!(status(&account, "open-ssh", "/sg-1"), Pass);
}

#[test]
fn a_rule_for_another_group_lets_no_internet_in() {
    let members =
        rule(true, 1, Protocol::All, Ports::Range(0, 65535), Source::Group(Box::new("sg-1".into())));
    let account = public_server(vec![group("sg-1", vec![members])]);
    assert_eq!(status(&account, "exposed-instance", "/i-1"), Pass);
}

#[test]
fn dnat_leads_to_the_ports_inside() {
    for (entry, groups, wanted) in [
        (dnat((2222, 2222), (22, 22), Protocol::Tcp), ssh(), Fail),
        (dnat((22, 22), (2222, 2222), Protocol::Tcp), ssh(), Pass),
        (dnat((2222, 2222), (22, 22), Protocol::Udp), ssh(), Pass),
        (dnat((0, 65535), (0, 65535), Protocol::All), ssh(), Fail),
        // Forwarded, and dropped by the group.
        (dnat((2222, 2222), (22, 22), Protocol::Tcp), vec![group("sg-1", vec![tcp(80, "0.0.0.0/0")])], Pass),
    ] {
        let mut account = server(groups);
        account.resources.dnat.rows.push(entry.clone());
        assert_eq!(status(&account, "exposed-instance", "/i-1"), wanted, "{entry:?}");
    }
    let mut account = server(ssh());
    account.resources.dnat.rows.push(dnat((2222, 2222), (22, 22), Protocol::Tcp));
    let way = "DNAT 47.1.2.9:2222 (fwd-1 of ngw-1) -> eni-1 10.0.0.5 -> sg-1 -> i-1";
    assert_eq!(ways(&account, "exposed-instance", "/i-1"), [way]);
    assert_eq!(ways(&account, "open-ssh", "/sg-1"), [way]);
    assert_eq!(failure(&account, "open-ssh", "/sg-1"), Some(Severity::Critical));
}

#[test]
fn dnat_in_another_network_leads_elsewhere() {
    let mut account = server(ssh());
    let entry = dnat((2222, 2222), (22, 22), Protocol::Tcp);
    account.resources.dnat.rows.push(Dnat { vpc: Some("vpc-2".into()), ..entry.clone() });
    assert_eq!(status(&account, "exposed-instance", "/i-1"), Pass);
    // Networks may have the same addresses: without the VPC it is not known which is meant.
    account.resources.dnat.rows[0] = Dnat { vpc: None, ..entry };
    assert_eq!(status(&account, "exposed-instance", "/i-1"), Unknown);
}

#[test]
fn the_eip_of_a_gateway_without_an_entry_leads_nowhere() {
    let mut account = server(ssh());
    account.resources.eips.rows.push(eip("47.1.2.9", "Nat", "ngw-1", None));
    assert_eq!(status(&account, "exposed-instance", "/i-1"), Pass);
}

#[test]
fn ipv6_needs_internet_bandwidth_and_a_rule_for_ipv6() {
    for (public, egress_only, net, wanted) in [
        (true, false, "::/0", Fail),
        (true, false, "0.0.0.0/0", Pass),
        (false, false, "::/0", Pass),
        (true, true, "::/0", Pass),
    ] {
        let mut account = server(vec![group("sg-1", vec![tcp(22, net)])]);
        account.resources.interfaces.rows[0].ipv6 = vec![ip("2408::5")];
        account.resources.ipv6_addresses.rows.push(Ipv6Address {
            id: "ipv6-1".into(),
            region: REGION.into(),
            ip: ip("2408::5"),
            public,
            instance: Some("i-1".into()),
            egress_only,
        });
        let name = format!("public {public}, egress only {egress_only}, {net}");
        assert_eq!(status(&account, "exposed-instance", "/i-1"), wanted, "{name}");
        if wanted == Fail {
            let way = "IPv6 address 2408::5 -> eni-1 2408::5 -> sg-1 -> i-1";
            assert_eq!(ways(&account, "exposed-instance", "/i-1"), [way]);
        }
    }
}

#[test]
fn the_network_acl_stands_before_the_groups() {
    // Nobody looks at it.
    let all = || entry(true, (0, 65535), "0.0.0.0/0");
    for (ingress, egress, wanted, why) in [
        (vec![all()], vec![all()], Fail, "lets everything through"),
        (vec![], vec![all()], Pass, "what no entry matches is dropped"),
        (vec![entry(false, (22, 22), "0.0.0.0/0"), all()], vec![all()], Pass, "the first that matches drops"),
        (vec![all(), entry(false, (22, 22), "0.0.0.0/0")], vec![all()], Fail, "it accepted before"),
        (vec![entry(true, (80, 80), "0.0.0.0/0")], vec![all()], Pass, "another port"),
        (vec![entry(true, (0, 65535), "47.1.2.0/24")], vec![all()], Pass, "an office"),
        (vec![all()], vec![], Pass, "no answer comes out"),
        (
            vec![all()],
            vec![entry(true, (22, 22), "0.0.0.0/0")],
            Pass,
            "answers go to the client's port, not to 22",
        ),
        (vec![all()], vec![entry(true, (1024, 65535), "0.0.0.0/0")], Fail, "answers go out"),
        (vec![all()], vec![entry(true, (1024, 65535), "10.0.0.0/8")], Pass, "to no stranger"),
    ] {
        let mut account = public_server(ssh());
        account.resources.network_acls.rows.push(acl(ingress, egress));
        assert_eq!(status(&account, "exposed-instance", "/i-1"), wanted, "{why}");
        let severity = if wanted == Fail { Severity::Critical } else { Severity::Medium };
        assert_eq!(failure(&account, "open-ssh", "/sg-1"), Some(severity), "{why}");
    }
    let mut elsewhere = public_server(ssh());
    elsewhere
        .resources
        .network_acls
        .rows
        .push(NetworkAcl { vswitches: vec!["vsw-2".into()], ..acl(vec![], vec![]) });
    assert_eq!(status(&elsewhere, "exposed-instance", "/i-1"), Fail, "it guards another vSwitch");
}

#[test]
fn a_stopped_instance_is_reported_and_said_to_be_stopped() {
    let mut account = public_server(ssh());
    account.resources.instances.rows[0].running = false;
    let found = finding(&account, "exposed-instance", "/i-1");
    assert_eq!((found.status, found.severity), (Fail, Severity::Critical));
    assert!(found.message.contains("It is stopped now"), "{}", found.message);
    assert_eq!(
        (&found.evidence["running"], &found.evidence["paths"][0]["stopped"]),
        (&false.into(), &true.into())
    );
}

#[test]
fn reached_on_web_ports_only_it_is_low() {
    let web = vec![group("sg-1", vec![tcp(80, "0.0.0.0/0"), tcp(443, "::/0"), tcp(443, "0.0.0.0/0")])];
    let account = public_server(web);
    let found = finding(&account, "exposed-instance", "/i-1");
    assert_eq!((found.status, found.severity), (Fail, Severity::Low));
    assert_eq!(found.scope.ports, [(80, 80), (443, 443)]);
    assert_eq!(found.resource, "acs:ecs:cn-hangzhou:1:instance/i-1");
}

#[test]
fn messages_are_in_chinese_where_that_is_asked_for() {
    let config = crate::config::Config::parse("language: zh", "test").unwrap();
    let found = crate::checks::run(super::super::CHECKS, &public_server(ssh()), &config);
    let told = found.iter().find(|finding| finding.check == "exposed-instance").unwrap();
    assert!(told.message.contains("互联网可经 EIP 47.1.2.3 到达 i-1"), "{}", told.message);
}
