//! One region: its ground, its groups, and the findings that follow from what was decided.

use super::Fail;
use super::doors::{self, Doors};
use super::openings::{Kind, Lists, Opening, opening};
use super::random::Random;
use super::{noise, ways};
use crate::account::Network;
use crate::account::network::{
    AclEntry, Eip, EipTarget, Instance, Interface, Ipv6Gateway, NatGateway, NetworkAcl, PortList, PrefixList,
    SecurityGroup, VSwitch, Vpc,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// A region's share of the account.
#[derive(Clone, Copy)]
pub(super) struct Quota {
    pub(super) groups: usize,
    pub(super) instances: usize,
    pub(super) most_rules: usize,
}

/// The vSwitches of a region, by what guards them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Subnet {
    /// By nothing.
    Open,
    /// By an ACL that drops SSH and RDP.
    Guarded,
    /// By an ACL that lets no answer out.
    Mute,
    /// By an ACL that lets in private addresses alone.
    Private,
}

const SUBNETS: [Subnet; 4] = [Subnet::Open, Subnet::Guarded, Subnet::Mute, Subnet::Private];

/// A group as it was decided.
struct Made {
    id: String,
    kind: Kind,
    opening: Opening,
    /// What the internet reaches of the interfaces that use it, way by way.
    reached: Vec<Doors>,
}

/// A region in the making.
pub(super) struct Place<'a> {
    number: usize,
    region: &'a str,
    account: &'a str,
    pub(super) random: Random,
    pub(super) network: Network,
    lists: Lists,
    /// Ids of the groups that there will be.
    names: Vec<String>,
    most_rules: usize,
    groups: Vec<Made>,
    fails: Vec<Fail>,
    serial: usize,
}

impl<'a> Place<'a> {
    pub(super) fn new(number: usize, region: &'a str, account: &'a str, random: Random) -> Self {
        let list = |start: &str, name: &str| format!("{start}-gen{number:02}{name}");
        let lists = Lists {
            wide: list("pl", "wide"),
            narrow: list("pl", "narrow"),
            ssh: list("prl", "ssh"),
            rdp: list("prl", "rdp"),
            spare: list("prl", "spare"),
        };
        Self {
            number,
            region,
            account,
            random,
            network: Network::default(),
            lists,
            names: Vec::new(),
            most_rules: 0,
            groups: Vec::new(),
            fails: Vec::new(),
            serial: 0,
        }
    }

    /// Makes everything.
    pub(super) fn settle(&mut self, quota: Quota) {
        let number = self.number;
        self.names = (0..quota.groups).map(|at| format!("sg-gen{number:02}{at:05}")).collect();
        self.most_rules = quota.most_rules;
        self.prepare();
        for at in 0..quota.instances {
            ways::instance(self, at);
        }
        while self.groups.len() < quota.groups {
            let kind = Kind::at_random(&mut self.random);
            self.group(kind);
        }
        for group in &self.groups {
            let found = doors::findings(&group.opening.open(), &group.reached);
            let arn = format!("acs:ecs:{}:{}:securitygroup/{}", self.region, self.account, group.id);
            self.fails.extend(found.into_iter().map(|(check, severity)| (check, arn.clone(), severity)));
        }
    }

    /// Adds all of it to the account.
    pub(super) fn hand_over(self, network: &mut Network, fails: &mut Vec<Fail>) {
        network.append(self.network);
        fails.extend(self.fails);
    }

    /// The region's VPC, vSwitches, lists and gateways.
    fn prepare(&mut self) {
        let (number, region) = (self.number, self.region.to_string());
        self.network.vpcs.push(Arc::new(Vpc {
            id: self.vpc(),
            region: region.clone(),
            name: String::new(),
            cidr: format!("10.{number}.0.0/16"),
            ipv6_cidr: Some(format!("2408:4000:{number:x}::/56")),
            tags: Default::default(),
        }));
        for (at, subnet) in SUBNETS.into_iter().enumerate() {
            self.network.vswitches.push(Arc::new(VSwitch {
                id: self.vswitch(subnet),
                region: region.clone(),
                name: String::new(),
                vpc: self.vpc(),
                cidr: format!("10.{number}.{}.0/19", at * 32),
                ipv6_cidr: (subnet == Subnet::Open).then(|| format!("2408:4000:{number:x}:1::/64")),
                zone: 'h',
            }));
        }
        let all = "accept all -1/-1 from 0.0.0.0/0";
        self.acl(
            Subnet::Guarded,
            &["drop tcp 22/22 from 0.0.0.0/0", "drop tcp 3389/3389 from 0.0.0.0/0", all],
            &[all],
        );
        self.acl(Subnet::Mute, &[all], &["accept all -1/-1 to 10.0.0.0/8", "drop all -1/-1 to 0.0.0.0/0"]);
        self.acl(Subnet::Private, &["accept all -1/-1 from 10.0.0.0/8"], &[all]);
        for (id, nets) in [
            (&self.lists.wide, &["0.0.0.0/1", "128.0.0.0/1"][..]),
            (&self.lists.narrow, &["203.0.113.0/24", "120.55.1.16/28", "121.40.3.4/32"][..]),
        ] {
            self.network.prefix_lists.push(Arc::new(PrefixList {
                id: id.clone(),
                region: region.clone(),
                name: String::new(),
                entries: nets.iter().map(|net| net.parse().expect("a network")).collect(),
            }));
        }
        for (id, ports) in
            [(&self.lists.ssh, Lists::SSH), (&self.lists.rdp, Lists::RDP), (&self.lists.spare, Lists::SPARE)]
        {
            self.network.port_lists.push(Arc::new(PortList {
                id: id.clone(),
                region: region.clone(),
                name: String::new(),
                entries: ports.into(),
            }));
        }
        let gateway = self.id("ngw");
        self.network.nat_gateways.push(Arc::new(NatGateway {
            id: gateway,
            region: region.clone(),
            name: String::new(),
            vpc: self.vpc(),
            private: false,
            forward: Vec::new(),
        }));
        let gateway = self.id("ipv6gw");
        self.network.ipv6_gateways.push(Arc::new(Ipv6Gateway {
            id: gateway,
            region,
            vpc: self.vpc(),
            egress_only: Vec::new(),
        }));
    }

    fn acl(&mut self, subnet: Subnet, ingress: &[&str], egress: &[&str]) {
        let entries = |lines: &[&str]| -> Vec<AclEntry> {
            let entry = |line: &&str| AclEntry::try_from((*line).to_string()).expect("an entry");
            lines.iter().map(entry).collect()
        };
        self.network.network_acls.push(Arc::new(NetworkAcl {
            id: self.vswitch(subnet).replace("vsw-", "nacl-"),
            region: self.region.into(),
            name: String::new(),
            vpc: self.vpc(),
            vswitches: vec![self.vswitch(subnet)],
            ingress: entries(ingress),
            egress: entries(egress),
        }));
    }

    /// A new id, such as `i-gen0300017`.
    pub(super) fn id(&mut self, start: &str) -> String {
        self.serial += 1;
        format!("{start}-gen{:02}{:05}", self.number, self.serial)
    }

    pub(super) fn region(&self) -> String {
        self.region.into()
    }

    pub(super) fn vpc(&self) -> String {
        format!("vpc-gen{:02}", self.number)
    }

    pub(super) fn vswitch(&self, subnet: Subnet) -> String {
        let at = SUBNETS.iter().position(|one| *one == subnet).unwrap_or_default();
        format!("vsw-gen{:02}{at}", self.number)
    }

    /// A private address that nothing has yet.
    pub(super) fn private_ip(&mut self, subnet: Subnet) -> IpAddr {
        self.serial += 1;
        let at = SUBNETS.iter().position(|one| *one == subnet).unwrap_or_default();
        let host = (at << 13) + self.serial + 1;
        IpAddr::from(Ipv4Addr::from(0x0A00_0000 | (self.number << 16 | host) as u32))
    }

    /// A public address that nothing has yet, of 47.96.0.0/11.
    pub(super) fn public_ip(&mut self) -> IpAddr {
        self.serial += 1;
        IpAddr::from(Ipv4Addr::from(0x2F60_0000 | (self.number << 13 | self.serial) as u32))
    }

    pub(super) fn ipv6(&mut self) -> IpAddr {
        self.serial += 1;
        let start = 0x2408_4000_0000_0001_u128 | (self.number as u128) << 16;
        IpAddr::from(Ipv6Addr::from(start << 64 | self.serial as u128))
    }

    /// An EIP that leads there. Its address.
    pub(super) fn eip(&mut self, kind: &str, id: &str, private_ip: Option<IpAddr>) -> IpAddr {
        let (eip, ip) = (self.id("eip"), self.public_ip());
        self.network.eips.push(Arc::new(Eip {
            id: eip,
            region: self.region.into(),
            name: String::new(),
            ip,
            target: Some(EipTarget { kind: kind.into(), id: id.into(), private_ip }),
            managed: false,
            tags: Default::default(),
        }));
        ip
    }

    /// A new group of a kind, by its place.
    pub(super) fn group(&mut self, kind: Kind) -> usize {
        let at = self.groups.len();
        let id = self.names.get(at).cloned().unwrap_or_else(|| format!("sg-gen{:02}{at:05}", self.number));
        let mut opening = opening(kind, &self.lists, &mut self.random);
        let mut rules = std::mem::take(&mut opening.rules);
        // The servers of balancers have rules of their own alone: what reaches them is decided to the address.
        if !matches!(kind, Kind::BehindClb | Kind::BehindAlb) {
            let some = noise::amount(self.most_rules, &mut self.random);
            if kind != Kind::Quiet && !opening.open().all() && some >= 10 && self.random.percent(50) {
                rules.extend(noise::wide_but_idle(&mut self.random));
            }
            while rules.len() < some {
                rules.push(noise::harmless(&self.lists, &self.names, &mut self.random));
            }
        }
        // The order in which rules are told means nothing.
        for last in (1..rules.len()).rev() {
            rules.swap(last, self.random.within(0, last));
        }
        self.network.security_groups.push(Arc::new(SecurityGroup {
            id: id.clone(),
            region: self.region.into(),
            name: format!("{kind:?}").to_lowercase(),
            vpc: (kind != Kind::Classic).then(|| self.vpc()),
            advanced: self.random.percent(10),
            created: "2025-04-08T03:20:00Z".into(),
            rules: Arc::new(rules),
            ..SecurityGroup::default()
        }));
        self.groups.push(Made { id, kind, opening, reached: Vec::new() });
        at
    }

    /// A group of a kind: now and then one that others use already.
    pub(super) fn shared_group(&mut self, kind: Kind) -> usize {
        let known = self.groups.iter().position(|group| group.kind == kind);
        match known.filter(|_| self.random.percent(40)) {
            Some(at) => at,
            None => self.group(kind),
        }
    }

    pub(super) fn v4(&self, group: usize) -> Doors {
        self.groups[group].opening.v4.clone()
    }

    pub(super) fn v6(&self, group: usize) -> Doors {
        self.groups[group].opening.v6.clone()
    }

    /// Makes a group basic or advanced, as another one is: an interface takes no mixture (ECS, "Basic and advanced
    /// security groups").
    pub(super) fn of_one_type(&mut self, like: usize, at: usize) {
        let advanced = self.network.security_groups[like].advanced;
        Arc::make_mut(&mut self.network.security_groups[at]).advanced = advanced;
    }

    /// An interface with these groups.
    pub(super) fn interface(
        &mut self,
        instance: &str,
        primary: bool,
        subnet: Subnet,
        groups: &[usize],
    ) -> (String, Vec<IpAddr>) {
        let id = self.id("eni");
        let count = if primary { 1 } else { 2 };
        let ips: Vec<IpAddr> = (0..count).map(|_| self.private_ip(subnet)).collect();
        self.network.interfaces.push(Arc::new(Interface {
            id: id.clone(),
            region: self.region.into(),
            primary,
            instance: Some(instance.into()),
            vswitch: self.vswitch(subnet),
            vpc: self.vpc(),
            security_groups: groups.iter().map(|at| self.groups[*at].id.clone()).collect(),
            private_ips: ips.clone(),
            managed: false,
            tags: Default::default(),
        }));
        (id, ips)
    }

    /// Adds an instance. One in ten is stopped, which changes nothing.
    pub(super) fn add(&mut self, instance: Instance) {
        let running = !self.random.percent(10);
        self.network.instances.push(Arc::new(Instance { running, ..instance }));
    }

    pub(super) fn group_id(&self, at: usize) -> String {
        self.groups[at].id.clone()
    }

    /// The internet reaches an instance on these doors, through an interface with these groups.
    pub(super) fn reached(&mut self, instance: &str, doors: &Doors, groups: &[usize]) {
        if doors.is_empty() {
            return;
        }
        for at in groups {
            self.groups[*at].reached.push(doors.clone());
        }
        let severity = if doors.only_web() { "low" } else { "critical" };
        let arn = format!("acs:ecs:{}:{}:instance/{instance}", self.region, self.account);
        self.fails.push(("exposed-instance", arn, severity));
    }

    /// A load balancer is open to the internet on these doors.
    pub(super) fn balancer_open(&mut self, product: &str, id: &str, doors: &Doors) {
        let arn = format!("acs:{product}:{}:{}:loadbalancer/{id}", self.region, self.account);
        self.fails.push(("open-load-balancer", arn, doors.balancer_severity()));
    }
}
