//! What was not read is UNKNOWN, and no wider than it has to be.

use super::account::*;
use crate::checks::Status::{self, Fail, Pass, Unknown};
use crate::snapshot::*;

type Omit = fn(&mut Resources);

/// Each list that a way may be hidden in, not read.
fn omissions() -> Vec<(&'static str, Omit)> {
    vec![
        ("interfaces", |r| r.interfaces = Listed::unread(denied("ecs:DescribeNetworkInterfaces"))),
        ("eips", |r| r.eips = Listed::unread(denied("vpc:DescribeEipAddresses"))),
        ("dnat", |r| r.dnat = Listed::unread(denied("vpc:DescribeForwardTableEntries"))),
        ("balancers", |r| r.load_balancers = Listed::unread(denied("slb:DescribeLoadBalancers"))),
    ]
}

fn ssh() -> Vec<SecurityGroup> {
    vec![group("sg-1", vec![tcp(22, "0.0.0.0/0")])]
}

#[test]
fn a_list_that_may_hide_a_way_leaves_an_instance_unknown() {
    for (name, omit) in omissions() {
        let mut account = server(ssh());
        omit(&mut account.resources);
        let found = finding(&account, "exposed-instance", "/i-1");
        assert_eq!(found.status, Unknown, "{name}");
        assert!(found.message.contains("Forbidden.RAM"), "{name}: {}", found.message);
    }
}

#[test]
fn where_groups_let_nobody_in_it_is_known_all_the_same() {
    for (name, omit) in omissions() {
        let mut account = server(vec![group("sg-1", vec![tcp(22, "47.1.2.0/24")])]);
        omit(&mut account.resources);
        // Interfaces have groups of their own: only where those are not listed can there be others.
        let wanted = if name == "interfaces" { Unknown } else { Pass };
        assert_eq!(status(&account, "exposed-instance", "/i-1"), wanted, "{name}");
    }
}

#[test]
fn another_region_is_no_matter() {
    for (name, omit) in omissions() {
        let mut account = server(ssh());
        omit(&mut account.resources);
        let resources = &mut account.resources;
        let lists = [
            &mut resources.interfaces.unread,
            &mut resources.eips.unread,
            &mut resources.dnat.unread,
            &mut resources.load_balancers.unread,
        ];
        lists.into_iter().flatten().for_each(|why| why.region = "eu-west-1".into());
        let ids: &[&str] = &["sg-1"];
        resources.interfaces.rows = vec![interface("eni-1", "i-1", &["10.0.0.5"], ids)];
        assert_eq!(status(&account, "exposed-instance", "/i-1"), Pass, "{name}");
    }
}

#[test]
fn what_is_certain_stays_a_failure_whatever_else_is_unread() {
    for (name, omit) in omissions() {
        // Without the interfaces it is not certain which groups and which ACL guard the address.
        if name == "interfaces" {
            continue;
        }
        let mut account = server(ssh());
        account.resources.interfaces.rows[0].addresses[0].public = Some(ip("47.1.2.3"));
        omit(&mut account.resources);
        assert_eq!(status(&account, "exposed-instance", "/i-1"), Fail, "{name}");
    }
}

#[test]
fn an_instance_whose_interface_is_not_listed_is_only_possibly_exposed() {
    for why in [Some(denied("ecs:DescribeNetworkInterfaces")), None] {
        let mut account = public_server(ssh());
        account.resources.interfaces.rows.clear();
        account.resources.interfaces.unread.extend(why);
        assert_eq!(status(&account, "exposed-instance", "/i-1"), Unknown);
        // The group is open, and whether anything is reached by it is not known.
        assert_eq!(failure(&account, "open-ssh", "/sg-1"), Some(crate::config::Severity::High));
    }
}

#[test]
fn a_group_that_is_not_there_lets_in_nobody_knows_whom() {
    let mut account = public_server(vec![]);
    account.resources.interfaces.rows[0].security_groups = vec!["sg-gone".into()];
    let found = finding(&account, "exposed-instance", "/i-1");
    assert_eq!(found.status, Unknown);
    assert!(found.message.contains("sg-gone is not listed"), "{}", found.message);
    // Beside one whose first rule drops everything it lets in nobody.
    let drop = |net| rule(false, 1, Protocol::All, Ports::Range(0, 65535), from(net));
    account.resources.security_groups.rows = vec![group("sg-1", vec![drop("0.0.0.0/0"), drop("::/0")])];
    account.resources.interfaces.rows[0].security_groups.push("sg-1".into());
    assert_eq!(status(&account, "exposed-instance", "/i-1"), Pass);
}

#[test]
fn network_acls_that_were_not_read_may_close_and_may_not() {
    let mut account = public_server(ssh());
    account.resources.network_acls = Listed::unread(denied("vpc:DescribeNetworkAcls"));
    let found = finding(&account, "exposed-instance", "/i-1");
    assert_eq!(found.status, Unknown);
    assert!(found.message.contains("vpc:DescribeNetworkAcls"), "{}", found.message);
    // What the groups do not let in no ACL opens.
    let mut closed = public_server(vec![group("sg-1", vec![])]);
    closed.resources.network_acls = Listed::unread(denied("vpc:DescribeNetworkAcls"));
    assert_eq!(status(&closed, "exposed-instance", "/i-1"), Pass);
}

#[test]
fn an_entry_of_an_acl_that_was_not_read_may_be_the_first() {
    let all = || AclEntry {
        accept: true,
        protocol: Protocol::All,
        ports: (0, 65535),
        peer: "0.0.0.0/0".parse().unwrap(),
    };
    for inbound in [true, false] {
        let mut account = public_server(ssh());
        let mut acl = NetworkAcl {
            id: "nacl-1".into(),
            region: REGION.into(),
            vswitches: vec!["vsw-1".into()],
            ingress: Listed::whole(vec![all()]),
            egress: Listed::whole(vec![all()]),
        };
        let list = if inbound { &mut acl.ingress } else { &mut acl.egress };
        list.unread.push(denied("vpc:DescribeNetworkAclAttributes"));
        account.resources.network_acls.rows.push(acl);
        assert_eq!(status(&account, "exposed-instance", "/i-1"), Unknown, "inbound {inbound}");
    }
}

#[test]
fn ipv6_addresses_that_were_not_read_concern_only_who_has_some() {
    let open = || vec![group("sg-1", vec![tcp(22, "::/0")])];
    let mut account = server(open());
    account.resources.ipv6_addresses = Listed::unread(denied("vpc:DescribeIpv6Addresses"));
    assert_eq!(status(&account, "exposed-instance", "/i-1"), Pass);
    account.resources.interfaces.rows[0].ipv6 = vec![ip("2408::5")];
    assert_eq!(status(&account, "exposed-instance", "/i-1"), Unknown);
}

#[test]
fn an_eip_on_what_moves_leads_to_nobody_knows_which_instance() {
    let mut account = server(ssh());
    account.resources.eips.rows.push(eip("47.1.2.3", "HaVip", "havip-1", None));
    let found = finding(&account, "exposed-instance", "/i-1");
    assert_eq!(found.status, Unknown);
    assert!(found.message.contains("EIP 47.1.2.3 leads to havip-1"), "{}", found.message);
}

#[test]
fn instances_that_were_not_listed_are_unknown_by_region() {
    let mut account = server(ssh());
    account.resources.instances = Listed::unread(denied("ecs:DescribeInstances"));
    let found = findings(&account, "exposed-instance");
    let told: Vec<(&str, Status)> = found.iter().map(|one| (one.resource.as_str(), one.status)).collect();
    assert_eq!(told, [("acs:ecs:cn-hangzhou:1:instance*", Unknown)]);
}

#[test]
fn an_account_of_which_nothing_was_read_has_no_pass() {
    let mut account = empty();
    account.resources = Resources::unasked();
    let found = crate::checks::run(super::super::CHECKS, &account, &crate::config::Config::default());
    assert!(found.iter().all(|finding| finding.status == Unknown), "{found:?}");
    for check in super::super::CHECKS {
        assert!(found.iter().any(|finding| finding.check == check.id), "{}: silent", check.id);
    }
}
