//! A small account to which each test adds what it is about.

use std::net::IpAddr;

use crate::checks::{Finding, Status, run};
use crate::config::{Config, Severity};
use crate::snapshot::*;

use super::super::CHECKS;

pub(super) const REGION: &str = "cn-hangzhou";

pub(super) fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

pub(super) fn denied(action: &str) -> Unread {
    Unread { region: REGION.into(), ..Unread::new(action, "Forbidden.RAM", "not allowed") }
}

/// An account that was read whole and has nothing.
pub(super) fn empty() -> Snapshot {
    let mut account = Snapshot::unasked("2026-11-24T02:00:00Z".parse().unwrap(), "1");
    let resources = &mut account.resources;
    resources.security_groups = Listed::whole(vec![]);
    resources.prefix_lists = Listed::whole(vec![]);
    resources.port_lists = Listed::whole(vec![]);
    resources.instances = Listed::whole(vec![]);
    resources.interfaces = Listed::whole(vec![]);
    resources.eips = Listed::whole(vec![]);
    resources.dnat = Listed::whole(vec![]);
    resources.ipv6_addresses = Listed::whole(vec![]);
    resources.network_acls = Listed::whole(vec![]);
    resources.load_balancers = Listed::whole(vec![]);
    resources.access_lists = Listed::whole(vec![]);
    account
}

pub(super) fn rule(accept: bool, priority: u8, protocol: Protocol, ports: Ports, source: Source) -> Rule {
    Rule { accept, priority, protocol, internet_nic: false, ports, source, destination: None }
}

pub(super) fn from(net: &str) -> Source {
    match net.parse().unwrap() {
        ipnet::IpNet::V4(net) => Source::V4(net),
        ipnet::IpNet::V6(net) => Source::V6(Box::new(net)),
    }
}

/// `accept 22 0.0.0.0/0`, `drop 1 tcp 1-65535 ::/0`: TCP and priority 50 unless told otherwise.
pub(super) fn tcp(port: u16, net: &str) -> Rule {
    rule(true, 50, Protocol::Tcp, Ports::Range(port, port), from(net))
}

pub(super) fn group(id: &str, rules: Vec<Rule>) -> SecurityGroup {
    SecurityGroup {
        id: id.into(),
        name: String::new(),
        region: REGION.into(),
        vpc: Some("vpc-1".into()),
        advanced: false,
        tags: [].into(),
        rules: Listed::whole(rules),
    }
}

/// An instance with no public address.
pub(super) fn instance(id: &str, private: &str, groups: &[&str]) -> Instance {
    Instance {
        id: id.into(),
        name: String::new(),
        region: REGION.into(),
        vpc: Some("vpc-1".into()),
        public_ips: vec![],
        eip: None,
        private_ips: vec![ip(private)],
        security_groups: groups.iter().map(|id| (*id).into()).collect(),
        running: true,
        tags: [].into(),
    }
}

pub(super) fn interface(id: &str, instance: &str, private: &[&str], groups: &[&str]) -> Interface {
    let address = |private: &&str| InterfaceAddress { private: ip(private), public: None };
    Interface {
        id: id.into(),
        region: REGION.into(),
        instance: Some(instance.into()),
        vswitch: Some("vsw-1".into()),
        vpc: Some("vpc-1".into()),
        security_groups: groups.iter().map(|id| (*id).into()).collect(),
        addresses: private.iter().map(address).collect(),
        ipv6: vec![],
    }
}

pub(super) fn eip(public: &str, kind: &str, target: &str, private: Option<&str>) -> Eip {
    Eip {
        id: format!("eip-{public}"),
        region: REGION.into(),
        ip: ip(public),
        target_kind: Some(kind.into()),
        target: Some(target.into()),
        private_ip: private.map(ip),
        tags: [].into(),
    }
}

/// `i-1` with `eni-1` at 10.0.0.5 in these groups, and no way to it.
pub(super) fn server(groups: Vec<SecurityGroup>) -> Snapshot {
    let mut account = empty();
    let ids: Vec<&str> = groups.iter().map(|group| group.id.as_str()).collect();
    account.resources.instances.rows.push(instance("i-1", "10.0.0.5", &ids));
    account.resources.interfaces.rows.push(interface("eni-1", "i-1", &["10.0.0.5"], &ids));
    account.resources.security_groups.rows = groups;
    account
}

/// The same with an EIP on it.
pub(super) fn public_server(groups: Vec<SecurityGroup>) -> Snapshot {
    let mut account = server(groups);
    account.resources.eips.rows.push(eip("47.1.2.3", "EcsInstance", "i-1", None));
    account
}

pub(super) fn findings(account: &Snapshot, check: &str) -> Vec<Finding> {
    let found = run(CHECKS, account, &Config::default());
    found.into_iter().filter(|finding| finding.check == check).collect()
}

/// The finding of a check on the one resource whose ARN ends so.
#[track_caller]
pub(super) fn finding(account: &Snapshot, check: &str, resource: &str) -> Finding {
    let mut found = findings(account, check);
    found.retain(|finding| finding.resource.ends_with(resource));
    assert_eq!(found.len(), 1, "{check} on {resource}: {found:?}");
    found.remove(0)
}

#[track_caller]
pub(super) fn status(account: &Snapshot, check: &str, resource: &str) -> Status {
    finding(account, check, resource).status
}

/// The severity of a failure; `None` for anything else.
#[track_caller]
pub(super) fn failure(account: &Snapshot, check: &str, resource: &str) -> Option<Severity> {
    let finding = finding(account, check, resource);
    (finding.status == Status::Fail).then_some(finding.severity)
}

/// The ways in the evidence of a failure.
#[track_caller]
pub(super) fn ways(account: &Snapshot, check: &str, resource: &str) -> Vec<String> {
    let finding = finding(account, check, resource);
    let paths = finding.evidence["paths"].as_array().unwrap();
    paths.iter().map(|path| path["via"].as_str().unwrap().to_owned()).collect()
}
