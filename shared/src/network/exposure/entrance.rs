//! The ways in: which addresses, entries and listeners lead where.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;

use super::super::bounds::Bounds;
use super::super::frontdoor::{Frontdoor, is_public};
use super::super::openness::Openness;
use super::super::ports::{PortMap, PortSet};
use super::super::rulebook::{Admitted, Clients, Rulebook};
use super::Path;
use super::gate::{Gate, Spot};
use super::spots::Spots;
use crate::snapshot::{BalancerKind, Instance, Listener, LoadBalancer, Read, Resources, Unread};

/// Every way in to an attached interface.
pub(super) fn paths(
    resources: &Resources,
    rulebook: &Rulebook<'_>,
    openness: &Openness,
    strangers: &Clients,
    frontdoors: &[Frontdoor],
) -> Vec<Path> {
    let unlisted = Unread::new("ecs:DescribeNetworkInterfaces", "NotListed", "the interface is not listed");
    let spots = Spots::of(resources, &unlisted);
    let gate = Gate::of(resources, rulebook, openness, strangers);
    let instances =
        resources.instances.rows.iter().map(|instance| (instance.id.as_str(), instance)).collect();
    let mut ways = Ways { resources, openness, spots: &spots, gate, instances, paths: Vec::new() };
    ways.addresses();
    ways.ipv6_addresses();
    ways.dnat();
    ways.listeners(frontdoors);
    ways.unread(strangers);
    ways.paths
}

struct Ways<'a> {
    resources: &'a Resources,
    openness: &'a Openness,
    spots: &'a Spots<'a>,
    gate: Gate<'a>,
    instances: HashMap<&'a str, &'a Instance>,
    paths: Vec<Path>,
}

impl<'a> Ways<'a> {
    /// Public and elastic addresses. The same one may be told by the interface, the list of EIPs and the instance: it is one way, and each of the three is
    /// enough.
    fn addresses(&mut self) {
        let (resources, spots) = (self.resources, self.spots);
        let mut led: BTreeMap<IpAddr, usize> = BTreeMap::new();
        let mut elastic: HashSet<IpAddr> = resources.eips.rows.iter().map(|eip| eip.ip).collect();
        for interface in &resources.interfaces.rows {
            for address in &interface.addresses {
                let spot = spots.of_interface(&interface.id, Some(address.private));
                if let (Some(public), Some(spot)) = (address.public, spot) {
                    led.entry(public).or_insert(spot);
                }
            }
        }
        for eip in &resources.eips.rows {
            let (Some(kind), Some(target)) = (&eip.target_kind, &eip.target) else { continue };
            let spot = match kind.as_str() {
                "EcsInstance" => spots.of_instance(target, eip.private_ip),
                "NetworkInterface" => spots.of_interface(target, eip.private_ip),
                _ => None,
            };
            if let Some(spot) = spot {
                led.entry(eip.ip).or_insert(spot);
            }
        }
        for instance in &resources.instances.rows {
            elastic.extend(instance.eip);
            if let Some(spot) = spots.primary(&instance.id) {
                for public in instance.public_ips.iter().copied().chain(instance.eip) {
                    led.entry(public).or_insert(spot);
                }
            }
        }
        for (public, at) in led {
            let name = if elastic.contains(&public) { "EIP" } else { "public address" };
            let spot = spots.all[at];
            let reached = self.gate.direct(&spot);
            self.add(format!("{name} {public}"), true, &spot, reached, Vec::new(), None);
        }
    }

    /// IPv6 addresses with internet bandwidth.
    fn ipv6_addresses(&mut self) {
        for address in self.resources.ipv6_addresses.rows.iter().filter(|one| one.public && !one.egress_only)
        {
            let spots = self.spots.at(address.ip, None, &address.region);
            // One that its interface does not show leads to what is said to have it.
            let holder = || {
                let holder = address.instance.as_deref()?;
                self.spots.of_interface(holder, None).or_else(|| self.spots.primary(holder))
            };
            let spot = spots.first().copied().or_else(holder);
            let Some(at) = spot else { continue };
            let spot = Spot { address: address.ip, ..self.spots.all[at] };
            let reached = self.gate.direct(&spot);
            self.add(format!("IPv6 address {}", address.ip), true, &spot, reached, Vec::new(), None);
        }
    }

    /// Entries of NAT gateways.
    fn dnat(&mut self) {
        for entry in &self.resources.dnat.rows {
            let ports: PortSet = [entry.internal_ports].into_iter().collect();
            let outside = show_ports(entry.external_ports);
            let entrance =
                format!("DNAT {}{outside} ({} of {})", entry.external_ip, entry.id, entry.nat_gateway);
            let found = self.spots.at(entry.internal_ip, entry.vpc.as_deref(), &entry.region);
            // Without the VPC nobody knows which of several networks with the same addresses is meant.
            let known = entry.vpc.is_some();
            for at in found {
                let spot = self.spots.all[at];
                let reached = self.gate.direct(&spot);
                let reached = reached.map(|all| all.map(|map| map.within(&ports)).speaking(entry.protocol));
                let reached = if known { reached } else { reached.doubted() };
                self.add(entrance.clone(), known, &spot, reached, Vec::new(), None);
            }
        }
    }

    /// Listeners of load balancers.
    fn listeners(&mut self, frontdoors: &[Frontdoor]) {
        for door in frontdoors {
            let balancer = &self.resources.load_balancers.rows[door.balancer];
            let listener = &balancer.listeners.rows[door.listener];
            let Read::Read(backends) = &listener.backends else { continue };
            let entrance = format!("{}:{} of {}", listener.speaks, bare_ports(listener.ports), balancer.id);
            for backend in backends {
                let by_id = self.spots.of_instance(&backend.server, backend.ip);
                let by_id = by_id.or_else(|| self.spots.of_interface(&backend.server, backend.ip));
                let found = by_id.map_or_else(
                    || {
                        let address = backend.server.parse().ok().or(backend.ip);
                        let at = |ip| self.spots.at(ip, balancer.vpc.as_deref(), &balancer.region);
                        address.map(at).unwrap_or_default()
                    },
                    |at| vec![at],
                );
                for at in found {
                    let spot = self.spots.all[at];
                    let passed =
                        self.gate.behind(&spot, Some(door.balancer), keeps_client(balancer, listener));
                    let openness = self.openness;
                    let reached = passed.zip(&door.admitted, |passed, admitted| {
                        led_to(passed, admitted, backend.port, openness)
                    });
                    let known = !door.admitted.certain.is_empty();
                    let web = matches!(listener.speaks.as_str(), "http" | "https" | "quic");
                    let front = web.then_some(listener.ports);
                    self.add(entrance.clone(), known, &spot, reached, door.doubts.clone(), front);
                }
            }
        }
    }

    fn add(
        &mut self,
        entrance: String,
        known: bool,
        spot: &Spot<'a>,
        reached: Bounds<Admitted>,
        mut doubts: Vec<Unread>,
        web_front: Option<(u16, u16)>,
    ) {
        if reached.certain == reached.possible {
            doubts.clear();
        } else {
            doubts.extend(self.gate.doubts(spot));
            doubts.sort();
            doubts.dedup();
        }
        self.paths.push(Path {
            entrance,
            known,
            interface: spot.interface.map(str::to_owned),
            address: spot.address,
            groups: spot.groups.to_vec(),
            holder: spot.holder.to_owned(),
            stopped: self.instances.get(spot.holder).is_some_and(|instance| !instance.running),
            reached,
            doubts,
            web_front,
        });
    }

    /// Ways that may be there, because what would show them was not read.
    fn unread(&mut self, strangers: &Clients) {
        let resources = self.resources;
        let balancers = BalancerDoubts::of(resources);
        let movable = movable_eips(resources);
        for at in 0..self.spots.all.len() {
            let spot = self.spots.all[at];
            let direct = if spot.address.is_ipv6() {
                resources.ipv6_addresses.why_in(spot.region).into_iter().cloned().collect()
            } else {
                let eips = resources.eips.why_in(spot.region).into_iter();
                let dnat = resources.dnat.why_in(spot.region).into_iter();
                let unknown_instance =
                    !self.instances.contains_key(spot.holder) && spot.holder.starts_with("i-");
                let own = unknown_instance.then(|| resources.instances.why_in(spot.region)).flatten();
                let movable = movable.iter().filter(|why| why.concerns(spot.region));
                // The classic network has neither EIPs nor NAT gateways.
                let all = eips.chain(dnat).chain(movable).filter(|_| !spot.classic).chain(own);
                all.cloned().collect::<Vec<Unread>>()
            };
            if let Some(why) = direct.first() {
                let reached = self.gate.direct(&spot).doubted();
                if !reached.possible.is_empty() {
                    self.add(why.to_string(), false, &spot, reached, direct, None);
                }
            }
            if let Some(why) = balancers.concerning(&spot) {
                let reached = self.gate.behind(&spot, None, true).doubted();
                if !reached.possible.is_empty() {
                    self.add(why.to_string(), false, &spot, reached, vec![why.clone()], None);
                }
            }
        }
        // Where interfaces were not listed an instance may have more of them, with other addresses and other groups.
        for instance in resources.instances.rows.iter().filter(|instance| instance.vpc.is_some()) {
            let Some(why) = resources.interfaces.why_in(&instance.region) else { continue };
            let everything = PortMap::uniform(0, u16::MAX, std::sync::Arc::clone(&strangers.all));
            self.paths.push(Path {
                entrance: why.to_string(),
                known: false,
                interface: None,
                address: instance.private_ips.first().copied().unwrap_or(IpAddr::from([0, 0, 0, 0])),
                groups: Vec::new(),
                holder: instance.id.clone(),
                stopped: !instance.running,
                reached: Bounds {
                    certain: Admitted::default(),
                    possible: Admitted { tcp: everything.clone(), udp: everything },
                },
                doubts: vec![why.clone()],
                web_front: None,
            });
        }
    }
}

/// Whether servers see the client's own address: those of TCP and UDP listeners of CLB and NLB do.
fn keeps_client(balancer: &LoadBalancer, listener: &Listener) -> bool {
    balancer.kind != BalancerKind::Alb
        && matches!(listener.speaks.to_ascii_lowercase().as_str(), "tcp" | "udp" | "tcpssl")
}

/// What comes through a listener to a server's port: whoever both let in. Without a port of its own the server's is the listener's.
fn led_to(passed: &Admitted, admitted: &Admitted, port: Option<u16>, openness: &Openness) -> Admitted {
    let enough = openness.threshold();
    passed.zip(admitted, |passed, admitted| match port {
        None => passed.intersection(admitted).retain(enough),
        Some(port) => {
            let there: PortSet = [(port, port)].into_iter().collect();
            passed.within(&there).from(&admitted.peers()).retain(enough)
        }
    })
}

fn bare_ports((first, last): (u16, u16)) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

fn show_ports(ports: (u16, u16)) -> String {
    if ports.0 <= 1 && ports.1 == u16::MAX { String::new() } else { format!(":{}", bare_ports(ports)) }
}

/// EIPs of what moves from instance to instance (a high-availability virtual IP): which instance has it is not read.
fn movable_eips(resources: &Resources) -> Vec<Unread> {
    let movable = resources.eips.rows.iter().filter(|eip| eip.target_kind.as_deref() == Some("HaVip"));
    movable
        .map(|eip| Unread {
            region: eip.region.clone(),
            ..Unread::new(
                "vpc:DescribeHaVips",
                "NotRead",
                format!("EIP {} leads to {}", eip.ip, eip.target.as_deref().unwrap_or("HaVip")),
            )
        })
        .collect()
}

/// What of load balancers was not read, and whom it may lead to.
struct BalancerDoubts<'a> {
    regions: &'a [Unread],
    /// The region, the VPC where it is told, and the reason.
    balancers: Vec<(&'a str, Option<&'a str>, &'a Unread)>,
}

impl<'a> BalancerDoubts<'a> {
    fn of(resources: &'a Resources) -> Self {
        let mut balancers = Vec::new();
        for balancer in &resources.load_balancers.rows {
            if !is_public(resources, balancer).possible {
                continue;
            }
            // Servers of a CLB may be in any network, those of the others in its VPC or what is connected to it.
            let vpc = balancer.vpc.as_deref().filter(|_| balancer.kind != BalancerKind::Clb);
            let backends = balancer.listeners.rows.iter().filter(|listener| listener.running);
            let unread = backends.filter_map(|listener| listener.backends.unread());
            let unread = balancer.listeners.unread.iter().chain(unread);
            balancers.extend(unread.map(|why| (balancer.region.as_str(), vpc, why)));
        }
        Self { regions: &resources.load_balancers.unread, balancers }
    }

    fn concerning(&self, spot: &Spot<'_>) -> Option<&Unread> {
        let region = self.regions.iter().find(|why| why.concerns(spot.region));
        let one = || {
            let concerns = |(region, vpc, _): &&(&str, Option<&str>, &Unread)| {
                *region == spot.region && vpc.is_none_or(|vpc| spot.vpc == Some(vpc))
            };
            self.balancers.iter().find(concerns).map(|(_, _, why)| *why)
        };
        region.or_else(one)
    }
}
