//! The last two hops: the network ACL of a vSwitch and the security groups of an interface.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::super::addresses::AddressSet;
use super::super::bounds::Bounds;
use super::super::openness::{Openness, Threshold};
use super::super::ports::{Opening, PortMap};
use super::super::rulebook::{Admitted, Clients, Destination, Nic, Question, Rulebook};
use super::super::subnet_guard::guard;
use crate::snapshot::{BalancerKind, NetworkAcl, Resources, Unread};

/// A private address with what guards it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'a> {
    pub(super) region: &'a str,
    /// Unspecified where it was not told.
    pub(super) address: IpAddr,
    pub(super) vpc: Option<&'a str>,
    pub(super) vswitch: Option<&'a str>,
    pub(super) groups: &'a [String],
    pub(super) interface: Option<&'a str>,
    /// What the interface is attached to.
    pub(super) holder: &'a str,
    /// Why it is not certain that these groups, and no others, are on its interface.
    pub(super) doubt: Option<&'a Unread>,
    /// In the classic network: no interfaces, no ACLs, but two sides.
    pub(super) classic: bool,
}

/// Whose packets are to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Coming {
    /// From the internet.
    Strangers,
    /// From the own addresses of a load balancer, by its place in the snapshot, on behalf of its clients. `None`: of one that was not read.
    Balancer(Option<usize>),
}

/// What is asked for again and again: the groups, kind of address, side, who comes, the ACL, and the address where rules tell addresses apart.
type Key<'a> = (Vec<&'a str>, bool, Nic, Coming, Option<&'a str>, Option<IpAddr>);

/// Answers what ACLs and groups let through, each question once.
pub(super) struct Gate<'a> {
    resources: &'a Resources,
    rulebook: &'a Rulebook<'a>,
    openness: &'a Openness,
    strangers: &'a Clients,
    acls: HashMap<&'a str, &'a NetworkAcl>,
    known: HashMap<Key<'a>, Bounds<Admitted>>,
}

impl<'a> Gate<'a> {
    pub(super) fn of(
        resources: &'a Resources,
        rulebook: &'a Rulebook<'a>,
        openness: &'a Openness,
        strangers: &'a Clients,
    ) -> Self {
        let acls = resources.network_acls.rows.iter();
        let acls = acls.flat_map(|acl| acl.vswitches.iter().map(move |id| (id.as_str(), acl))).collect();
        Self { resources, rulebook, openness, strangers, acls, known: HashMap::new() }
    }

    /// Which strangers reach which port of an address, if they are led to it.
    pub(super) fn direct(&mut self, spot: &Spot<'a>) -> Bounds<Admitted> {
        // What comes to a public address of the classic network comes in on the public side.
        let passed = self.pass(spot, Coming::Strangers, Nic::Internet);
        if spot.doubt.is_some() { passed.doubted() } else { passed }
    }

    /// The same if a balancer leads them there. Where it keeps the client's address the groups see that; it is not documented whether they see the
    /// balancer's own in some cases: whoever either is accepted for is let in.
    pub(super) fn behind(
        &mut self,
        spot: &Spot<'a>,
        balancer: Option<usize>,
        keeps_client: bool,
    ) -> Bounds<Admitted> {
        let own = self.pass(spot, Coming::Balancer(balancer), Nic::Intranet);
        // Behind what the balancer is let in to, all its clients are.
        let everybody = self.strangers.like(spot.address);
        let whole = self.balancer(balancer, spot.address).all;
        let clients = |map: &PortMap, wanted: &dyn Fn(&AddressSet) -> bool| {
            let mut there = PortMap::default();
            for opening in map.openings().iter().filter(|opening| wanted(&opening.peers)) {
                there.push(Opening { peers: Arc::clone(everybody), ..*opening });
            }
            there
        };
        let mut passed = Bounds {
            // Which of these addresses a balancer has is not told. Who named the backend meant it to be reached: a group that lets in some of
            // them is taken to let in this one. Where the balancer is not known either, all of them must be let in.
            certain: own.certain.map(|map| clients(map, &|peers| balancer.is_some() || peers.covers(&whole))),
            possible: own.possible.map(|map| clients(map, &|_| true)),
        };
        if keeps_client {
            let direct = self.pass(spot, Coming::Strangers, Nic::Intranet);
            passed = passed.zip(&direct, |one, other| one.zip(other, PortMap::union));
        }
        if spot.doubt.is_some() { passed.doubted() } else { passed }
    }

    fn pass(&mut self, spot: &Spot<'a>, coming: Coming, nic: Nic) -> Bounds<Admitted> {
        let acl = spot.vswitch.and_then(|id| self.acls.get(id).copied());
        let by_address = self.rulebook.have_destinations(spot.groups).then_some(spot.address);
        let groups: Vec<&str> = spot.groups.iter().map(String::as_str).collect();
        let acl_id = acl.map(|acl| acl.id.as_str());
        let key = (groups, spot.address.is_ipv4(), nic, coming, acl_id, by_address);
        let known = match self.known.get(&key) {
            Some(known) => known.clone(),
            None => {
                let found = self.work_out(spot, coming, nic, acl);
                self.known.insert(key, found.clone());
                found
            }
        };
        if acl.is_none() && self.acl_doubt(spot).is_some() { known.doubted() } else { known }
    }

    /// Why there may be an ACL that was not read.
    fn acl_doubt(&self, spot: &Spot<'_>) -> Option<Unread> {
        let acls = &self.resources.network_acls;
        if spot.classic || spot.vswitch.is_some_and(|id| self.acls.contains_key(id)) {
            return None;
        }
        if let Some(why) = acls.why_in(spot.region) {
            return Some(why.clone());
        }
        let some = spot.vswitch.is_none() && acls.rows.iter().any(|acl| acl.region == spot.region);
        some.then(|| Unread {
            region: spot.region.to_owned(),
            ..Unread::new("ecs:DescribeNetworkInterfaces", "NotTold", "the vSwitch is not told")
        })
    }

    /// Why it is not certain what an address lets in.
    pub(super) fn doubts(&self, spot: &Spot<'_>) -> Vec<Unread> {
        let mut doubts: Vec<Unread> = spot.doubt.cloned().into_iter().collect();
        doubts.extend(self.acl_doubt(spot));
        if let Some(acl) = spot.vswitch.and_then(|id| self.acls.get(id)) {
            doubts.extend(acl.ingress.unread.iter().chain(&acl.egress.unread).cloned());
        }
        doubts.extend(self.rulebook.doubts(spot.groups, spot.region));
        doubts
    }

    fn work_out(
        &self,
        spot: &Spot<'_>,
        coming: Coming,
        nic: Nic,
        acl: Option<&NetworkAcl>,
    ) -> Bounds<Admitted> {
        let own;
        let clients = match coming {
            Coming::Strangers => self.strangers,
            Coming::Balancer(balancer) => {
                own = self.balancer(balancer, spot.address);
                &own
            }
        };
        let enough = if coming == Coming::Strangers { self.openness.threshold() } else { Threshold::ANY };
        let asked = Question {
            groups: spot.groups,
            clients,
            nic,
            destination: if spot.address.is_unspecified() {
                Destination::Unknown
            } else {
                Destination::Address(spot.address)
            },
            unmatched: false,
        };
        let admitted = self.rulebook.admits(&asked, enough);
        let Some(acl) = acl else { return admitted };
        let guarded = guard(acl, clients.like(spot.address), enough);
        admitted
            .zip(&guarded, |one, other| one.zip(other, |one, other| one.intersection(other).retain(enough)))
    }

    /// Whose packets a balancer's own are: 100.64.0.0/10 (CLB documentation), for ALB and NLB addresses of its vSwitches, and members of its groups.
    /// Those of IPv6 are not documented: only who accepts all private ones is sure to accept them.
    fn balancer(&self, balancer: Option<usize>, like: IpAddr) -> Clients {
        let balancer = balancer.and_then(|at| self.resources.load_balancers.rows.get(at));
        let nets: &[&str] = match balancer.map(|balancer| balancer.kind) {
            _ if like.is_ipv6() => &["fd00::/8"],
            Some(BalancerKind::Clb) => &["100.64.0.0/10"],
            Some(BalancerKind::Alb | BalancerKind::Nlb) => &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
            None => &["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"],
        };
        let addresses = nets.iter().filter_map(|net| net.parse::<ipnet::IpNet>().ok()).collect();
        let groups = balancer.map(|balancer| balancer.security_groups.clone()).unwrap_or_default();
        Clients { members_of: groups, ..Clients::new(Arc::new(addresses)) }
    }
}
