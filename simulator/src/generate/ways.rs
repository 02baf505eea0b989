//! The ways by which the internet reaches an instance, and those by which it does not though it looks like it. Every
//! instance has one, so that what reaches it is what was decided.

use super::doors::Doors;
use super::openings::Kind;
use super::region::{Place, Subnet};
use crate::account::network::{
    AccessList, Balancer, Classic, Clb, ClbGroup, ClbListener, ForwardEntry, Instance, Ipv6Address, Listener,
    ListenerAcl, Server, ServerGroup, Zone,
};
use std::net::IpAddr;
use std::sync::Arc;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    None,
    PublicIp,
    Eip,
    /// Beside a group that adds nothing.
    EipWithTwoGroups,
    /// Another group on the interface closes SSH.
    EipAndDroppingGroup,
    EipOfInterface,
    /// To the second address of a second interface; the groups of the first one do not count.
    EipOfSecondInterface,
    EipBehindAcl,
    EipBehindMuteAcl,
    EipBehindPrivateAcl,
    Ipv6,
    Ipv6EgressOnly,
    /// Without internet bandwidth.
    Ipv6Private,
    Dnat,
    /// To a port that its group does not let in.
    DnatToClosedPort,
    DnatOfAnyPort,
    Classic,
    ClbWeb,
    ClbDatabase,
    /// From port 8022 to 22.
    ClbToSsh,
    ClbWhiteList,
    ClbEmptyWhiteList,
    ClbStopped,
    ClbIntranet,
    Alb,
    Nlb,
}

const WAYS: [Way; 26] = [
    Way::Eip,
    Way::None,
    Way::PublicIp,
    Way::EipWithTwoGroups,
    Way::EipAndDroppingGroup,
    Way::EipOfInterface,
    Way::EipOfSecondInterface,
    Way::EipBehindAcl,
    Way::EipBehindMuteAcl,
    Way::EipBehindPrivateAcl,
    Way::Ipv6,
    Way::Ipv6EgressOnly,
    Way::Ipv6Private,
    Way::Dnat,
    Way::DnatToClosedPort,
    Way::DnatOfAnyPort,
    Way::Classic,
    Way::ClbWeb,
    Way::ClbDatabase,
    Way::ClbToSsh,
    Way::ClbWhiteList,
    Way::ClbEmptyWhiteList,
    Way::ClbStopped,
    Way::ClbIntranet,
    Way::Alb,
    Way::Nlb,
];
/// Those that are common; the first instances of a region have one way each.
const COMMON: [Way; 8] = [
    Way::None,
    Way::None,
    Way::None,
    Way::PublicIp,
    Way::Eip,
    Way::Eip,
    Way::EipWithTwoGroups,
    Way::EipBehindAcl,
];

/// Makes one more instance of the region.
pub(super) fn instance(place: &mut Place, at: usize) {
    let id = place.id("i");
    let way = WAYS.get(at).copied().unwrap_or_else(|| place.random.pick(&COMMON));
    let mut instance = Instance {
        id: id.clone(),
        region: place.region(),
        name: String::new(),
        running: true,
        public_ip: None,
        classic: None,
        user_data: String::new(),
        created: "2025-05-06T07:08:00Z".into(),
        tags: Default::default(),
    };
    match way {
        Way::None | Way::PublicIp | Way::Eip | Way::EipOfInterface => {
            let kind = place.random.pick(&Kind::ANY);
            let group = place.shared_group(kind);
            let (eni, _) = place.interface(&id, true, Subnet::Open, &[group]);
            match way {
                Way::PublicIp => instance.public_ip = Some(place.public_ip()),
                Way::Eip => drop(place.eip("EcsInstance", &id, None)),
                Way::EipOfInterface => drop(place.eip("NetworkInterface", &eni, None)),
                _ => {}
            }
            if way != Way::None {
                let doors = place.v4(group);
                place.reached(&id, &doors, &[group]);
            }
        }
        Way::EipWithTwoGroups => {
            let kind = place.random.pick(&Kind::ANY);
            let groups = [place.shared_group(kind), place.group(Kind::Quiet)];
            place.of_one_type(groups[0], groups[1]);
            place.interface(&id, true, Subnet::Open, &groups);
            place.eip("EcsInstance", &id, None);
            let doors = place.v4(groups[0]);
            place.reached(&id, &doors, &groups);
        }
        Way::EipAndDroppingGroup => {
            let groups = [place.shared_group(Kind::Ssh), place.group(Kind::DropsSsh)];
            place.of_one_type(groups[0], groups[1]);
            place.interface(&id, true, Subnet::Open, &groups);
            place.eip("EcsInstance", &id, None);
            let doors = place.v4(groups[0]).without(&[22]);
            place.reached(&id, &doors, &groups);
        }
        Way::EipOfSecondInterface => {
            let first = place.shared_group(Kind::Rdp);
            let kind = place.random.pick(&Kind::ANY);
            let second = place.shared_group(kind);
            place.interface(&id, true, Subnet::Open, &[first]);
            let (eni, ips) = place.interface(&id, false, Subnet::Open, &[second]);
            place.eip("NetworkInterface", &eni, Some(ips[1]));
            let doors = place.v4(second);
            place.reached(&id, &doors, &[second]);
        }
        Way::EipBehindAcl | Way::EipBehindMuteAcl | Way::EipBehindPrivateAcl => {
            let subnet = match way {
                Way::EipBehindAcl => Subnet::Guarded,
                Way::EipBehindMuteAcl => Subnet::Mute,
                _ => Subnet::Private,
            };
            let kind = place.random.pick(&[Kind::Ssh, Kind::AllTcp, Kind::Database, Kind::RangeOverBoth]);
            let group = place.shared_group(kind);
            place.interface(&id, true, subnet, &[group]);
            place.eip("EcsInstance", &id, None);
            if subnet == Subnet::Guarded {
                let doors = place.v4(group).without(&[22, 3389]);
                place.reached(&id, &doors, &[group]);
            }
        }
        Way::Ipv6 | Way::Ipv6EgressOnly | Way::Ipv6Private => ipv6(place, way, &id),
        Way::Dnat | Way::DnatToClosedPort | Way::DnatOfAnyPort => dnat(place, way, &id),
        Way::Classic => {
            let group = place.group(Kind::Classic);
            let inner_ip = place.private_ip(Subnet::Open);
            instance.classic = Some(Classic { inner_ip, security_groups: vec![place.group_id(group)] });
            instance.public_ip = Some(place.public_ip());
            let doors = place.v4(group);
            place.reached(&id, &doors, &[group]);
        }
        Way::Alb | Way::Nlb => modern(place, way, &id),
        _ => clb(place, way, &id),
    }
    place.add(instance);
}

fn ipv6(place: &mut Place, way: Way, id: &str) {
    let kind = place.random.pick(&Kind::IPV6);
    let group = place.shared_group(kind);
    let (interface, _) = place.interface(id, true, Subnet::Open, &[group]);
    let (address, ip, region) = (place.id("ipv6"), place.ipv6(), place.region());
    let gateway = Arc::make_mut(&mut place.network.ipv6_gateways[0]);
    if way == Way::Ipv6EgressOnly {
        gateway.egress_only.push(address.clone());
    }
    let gateway = gateway.id.clone();
    let public = way != Way::Ipv6Private;
    let address = Ipv6Address { id: address, region, ip, public, interface, gateway };
    place.network.ipv6_addresses.push(Arc::new(address));
    if way == Way::Ipv6 {
        let doors = place.v6(group);
        place.reached(id, &doors, &[group]);
    }
}

fn dnat(place: &mut Place, way: Way, id: &str) {
    let kind = place.random.pick(&[Kind::Ssh, Kind::Rdp, Kind::Database, Kind::SshByPrefixList]);
    let group = place.shared_group(kind);
    let (_, ips) = place.interface(id, true, Subnet::Open, &[group]);
    let gateway = place.network.nat_gateways[0].id.clone();
    let external_ip = place.eip("Nat", &gateway, None);
    let open = place.v4(group);
    let port = match way {
        Way::Dnat => open.first_tcp().expect("these kinds let TCP in"),
        _ => 13500,
    };
    let (protocol, external_port, internal_port) = match way {
        Way::DnatOfAnyPort => ("any", "Any".to_string(), "Any".to_string()),
        _ => ("tcp", (40000 + port % 20000).to_string(), port.to_string()),
    };
    let entry = ForwardEntry {
        id: place.id("fwd"),
        name: String::new(),
        external_ip,
        external_port,
        internal_ip: ips[0],
        internal_port,
        protocol: protocol.into(),
    };
    Arc::make_mut(&mut place.network.nat_gateways[0]).forward.push(entry);
    let doors = match way {
        Way::DnatOfAnyPort => open,
        _ => open.both(&Doors::tcp(&[port])),
    };
    place.reached(id, &doors, &[group]);
}

/// Behind a classic load balancer: what was decided for its listener's protocol, port, port of the server.
fn clb(place: &mut Place, way: Way, id: &str) {
    let (kind, protocol, port, server_port) = match way {
        Way::ClbDatabase => (Kind::Database, "tcp", 0, 0),
        Way::ClbToSsh => (Kind::Ssh, "tcp", 8022, 22),
        Way::ClbWhiteList | Way::ClbStopped | Way::ClbIntranet => (Kind::Ssh, "tcp", 22, 22),
        _ => (Kind::BehindClb, "http", 80, 80),
    };
    let group = place.group(kind);
    let server_port = match way {
        Way::ClbDatabase => place.v4(group).first_tcp().unwrap_or_default(),
        _ => server_port,
    };
    let port = if way == Way::ClbDatabase { server_port } else { port };
    let (_, ips) = place.interface(id, true, Subnet::Open, &[group]);
    let (lb, list) = (place.id("lb"), place.id("acl"));
    let (internet, region) = (way != Way::ClbIntranet, place.region());
    let address = if internet { place.public_ip() } else { place.private_ip(Subnet::Open) };
    let listed = match way {
        Way::ClbWhiteList => Some(vec!["120.55.1.16/28".parse().expect("a network")]),
        Way::ClbEmptyWhiteList => Some(Vec::new()),
        _ => None,
    };
    let acl = listed.as_ref().map(|_| ListenerAcl { on: true, white: true, ids: vec![list.clone()] });
    if let Some(entries) = listed {
        let list = AccessList { id: list, region: region.clone(), name: String::new(), entries };
        place.network.clb_acls.push(Arc::new(list));
    }
    // Half by the default servers, half by a group of servers.
    let by_group = way == Way::ClbDatabase || way == Way::ClbWeb || way == Way::ClbIntranet;
    let server = Server { id: id.into(), kind: "Ecs".into(), ip: Some(ips[0]), port: server_port };
    let servers = ClbGroup {
        id: lb.replace("lb-", "rsp-"),
        name: String::new(),
        master_slave: false,
        servers: vec![server.clone()],
    };
    let listener = ClbListener {
        protocol: protocol.into(),
        port,
        running: way != Way::ClbStopped,
        acl,
        backend_port: (!by_group).then_some(server_port),
        group: by_group.then(|| servers.id.clone()),
        forward_port: None,
    };
    let vpc = place.vpc();
    let vswitch = place.vswitch(Subnet::Open);
    place.network.clbs.push(Arc::new(Clb {
        id: lb.clone(),
        region,
        name: String::new(),
        address,
        internet,
        vpc: (!internet).then_some(vpc),
        vswitch: (!internet).then_some(vswitch),
        active: true,
        tags: Default::default(),
        servers: if by_group { Vec::new() } else { vec![Server { port: 0, ..server }] },
        groups: if by_group { vec![servers] } else { Vec::new() },
        listeners: vec![listener],
    }));
    if matches!(way, Way::ClbWeb | Way::ClbDatabase | Way::ClbToSsh | Way::ClbEmptyWhiteList) {
        place.balancer_open("slb", &lb, &Doors::tcp(&[port]));
        place.reached(id, &Doors::tcp(&[server_port]), &[group]);
    }
}

/// Behind an ALB on 443, or an NLB on a database's port.
fn modern(place: &mut Place, way: Way, id: &str) {
    let alb = way == Way::Alb;
    let group = place.group(if alb { Kind::BehindAlb } else { Kind::Database });
    let port = if alb { 443 } else { place.v4(group).first_tcp().unwrap_or_default() };
    let (_, ips) = place.interface(id, true, Subnet::Open, &[group]);
    let product = if alb { "alb" } else { "nlb" };
    let (balancer, servers, listener) = (place.id(product), place.id("sgp"), place.id("lsn"));
    let (public_ip, private_ip): (IpAddr, IpAddr) = (place.public_ip(), place.private_ip(Subnet::Open));
    let protocol = if alb { "HTTPS" } else { "TCP" };
    let server = Server { id: id.into(), kind: "Ecs".into(), ip: Some(ips[0]), port };
    let servers = ServerGroup {
        id: servers,
        region: place.region(),
        name: String::new(),
        kind: "Instance".into(),
        protocol: protocol.into(),
        vpc: place.vpc(),
        any_port: false,
        servers: vec![server],
    };
    let made = Balancer {
        id: balancer.clone(),
        region: place.region(),
        name: String::new(),
        internet: true,
        ipv6_internet: None,
        active: true,
        vpc: place.vpc(),
        zones: vec![Zone {
            zone: 'h',
            vswitch: place.vswitch(Subnet::Open),
            public_ip: Some(public_ip),
            private_ip,
            ipv6: None,
        }],
        security_groups: Vec::new(),
        tags: Default::default(),
        listeners: vec![Listener {
            id: listener,
            protocol: protocol.into(),
            port,
            range: None,
            running: true,
            acl: None,
            server_groups: vec![servers.id.clone()],
        }],
    };
    let network = &mut place.network;
    if alb {
        network.albs.push(Arc::new(made));
        network.alb_server_groups.push(Arc::new(servers));
    } else {
        network.nlbs.push(Arc::new(made));
        network.nlb_server_groups.push(Arc::new(servers));
    }
    let doors = Doors::tcp(&[port]);
    place.balancer_open(product, &balancer, &doors);
    place.reached(id, &doors, &[group]);
}
