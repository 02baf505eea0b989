//! Who may come in by the listeners of load balancers.

use std::collections::HashMap;
use std::sync::Arc;

use super::addresses::AddressSet;
use super::bounds::Bounds;
use super::openness::{Openness, Threshold};
use super::ports::PortMap;
use super::rulebook::{Admitted, Clients, Destination, Nic, Question, Rulebook};
use crate::snapshot::{Access, BalancerKind, Listener, LoadBalancer, Read, Resources, Unread};

/// A listener that the internet may reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frontdoor {
    /// The balancer's place in the snapshot.
    pub balancer: usize,
    /// The listener's place in it.
    pub listener: usize,
    /// Strangers that it lets in.
    pub admitted: Bounds<Admitted>,
    /// Why more may be possible than is certain.
    pub doubts: Vec<Unread>,
}

/// The listeners that are, or may be, open to the internet.
pub(super) fn frontdoors(
    resources: &Resources,
    rulebook: &Rulebook<'_>,
    openness: &Openness,
    strangers: &Clients,
) -> Vec<Frontdoor> {
    let lists = AccessLists::of(resources);
    let enough = openness.threshold();
    let mut doors = Vec::new();
    for (at, balancer) in resources.load_balancers.rows.iter().enumerate() {
        let public = is_public(resources, balancer);
        if !public.possible {
            continue;
        }
        let unread_eips = resources.eips.why_in(&balancer.region).filter(|_| !public.certain);
        let mut doubts: Vec<Unread> = unread_eips.cloned().into_iter().collect();
        let guarded = guard(rulebook, balancer, strangers, enough);
        if guarded.certain != guarded.possible {
            doubts.extend(rulebook.doubts(&balancer.security_groups, &balancer.region));
        }
        for (place, listener) in balancer.listeners.rows.iter().enumerate().filter(|(_, l)| l.running) {
            let mut doubts = doubts.clone();
            let access = lists.admit(balancer, listener, &strangers.all, &mut doubts);
            let (first, last) = listener.ports;
            let admitted = guarded.zip(&access, |guarded, access| {
                let door = PortMap::uniform(first, last, Arc::clone(access));
                guarded.map(|map| map.intersection(&door).retain(enough)).speaking(listener.protocol)
            });
            let admitted = if public.certain { admitted } else { admitted.doubted() };
            if !admitted.possible.is_empty() {
                doors.push(Frontdoor { balancer: at, listener: place, admitted, doubts });
            }
        }
    }
    doors
}

/// Whether the internet reaches a balancer's address: its own, or an EIP that is bound to it. An EIP that was not read may be.
pub(super) fn is_public(resources: &Resources, balancer: &LoadBalancer) -> Bounds<bool> {
    let has_eip = || resources.eips.rows.iter().any(|eip| eip.target.as_deref() == Some(&balancer.id));
    if balancer.internet || has_eip() {
        return Bounds::known(true);
    }
    Bounds { certain: false, possible: !resources.eips.is_whole_in(&balancer.region) }
}

/// What the balancer's own groups let in. Without a rule that matches it accepts: ALB and NLB documentation, "a security group which does not contain any
/// Deny rules: the listener ports accept all requests by default". Its addresses are not known well enough for rules with a destination.
fn guard(
    rulebook: &Rulebook<'_>,
    balancer: &LoadBalancer,
    strangers: &Clients,
    enough: Threshold,
) -> Bounds<Admitted> {
    let asked = Question {
        groups: &balancer.security_groups,
        clients: strangers,
        nic: Nic::Internet,
        destination: Destination::Unknown,
        unmatched: true,
    };
    rulebook.admits(&asked, enough)
}

/// The access lists of the account.
struct AccessLists<'a> {
    resources: &'a Resources,
    entries: HashMap<&'a str, &'a Read<Vec<ipnet::IpNet>>>,
}

impl<'a> AccessLists<'a> {
    fn of(resources: &'a Resources) -> Self {
        let lists = resources.access_lists.rows.iter();
        Self { resources, entries: lists.map(|list| (list.id.as_str(), &list.entries)).collect() }
    }

    /// Which of `clients` a listener's access lists let in.
    fn admit(
        &self,
        balancer: &LoadBalancer,
        listener: &Listener,
        clients: &Arc<AddressSet>,
        doubts: &mut Vec<Unread>,
    ) -> Bounds<Arc<AddressSet>> {
        let nobody = || Arc::new(AddressSet::default());
        let all = || Arc::clone(clients);
        let access = match &listener.access {
            Read::Read(access) => access,
            Read::Unread(why) => {
                doubts.push(why.clone());
                return Bounds { certain: nobody(), possible: all() };
            }
        };
        let mut whole = true;
        let mut named = |ids: &[String]| -> AddressSet {
            let mut nets = Vec::new();
            for id in ids {
                match self.entries.get(id.as_str()) {
                    Some(Read::Read(entries)) => nets.extend(entries),
                    Some(Read::Unread(why)) => {
                        whole = false;
                        doubts.push(why.clone());
                    }
                    None => {
                        whole = false;
                        let listed = self.resources.access_lists.why_in(&balancer.region).cloned();
                        doubts.push(listed.unwrap_or_else(|| Unread {
                            region: balancer.region.clone(),
                            ..Unread::new("", "NotListed", format!("the access list {id} is not listed"))
                        }));
                    }
                }
            }
            AddressSet::of(nets)
        };
        match access {
            Access::Open => Bounds::known(all()),
            Access::White(ids) => {
                let entries = named(ids);
                if !entries.is_empty() {
                    let listed = Arc::new(clients.intersection(&entries));
                    let possible = if whole { Arc::clone(&listed) } else { all() };
                    return Bounds { certain: listed, possible };
                }
                if whole && balancer.kind == BalancerKind::Clb {
                    // CLB documentation, "Access control": "does not take effect if the associated ACL is empty".
                    return Bounds::known(all());
                }
                if whole {
                    // For ALB the documents disagree: everything passes, or nothing does.
                    doubts.push(Unread {
                        region: balancer.region.clone(),
                        ..Unread::new(
                            "",
                            "NotDocumented",
                            format!("what an empty white list of {} lets through", listener.id),
                        )
                    });
                }
                Bounds { certain: nobody(), possible: all() }
            }
            Access::Black(ids) => {
                let left = Arc::new(clients.difference(&named(ids)));
                Bounds { certain: if whole { Arc::clone(&left) } else { nobody() }, possible: left }
            }
        }
    }
}
