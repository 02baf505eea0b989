//! Effective exposure: from the internet to the thing, hop by hop.
//!
//! A way in is an address that the internet reaches (public, elastic, IPv6), a DNAT entry, or a listener of a load balancer. Then come the network ACL of the
//! vSwitch and the security groups of the interface. What could not be read makes a way possible and not certain.

mod entrance;
mod gate;
mod spots;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::bounds::Bounds;
use super::frontdoor::{Frontdoor, frontdoors, is_public};
use super::openness::Openness;
use super::rulebook::{Admitted, Clients, Destination, Nic, Question, Rulebook};
use crate::config::Config;
use crate::snapshot::{Snapshot, Unread};

/// What the internet reaches, and by which ways.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Every way in to an interface, whether or not ACL and groups let anything through.
    pub paths: Vec<Path>,
    /// What each security group lets in by itself, in the order of the snapshot.
    pub groups: Vec<GroupReach>,
    /// The listeners that are or may be open.
    pub frontdoors: Vec<Frontdoor>,
    /// Whether the internet reaches each load balancer's address, in the order of the snapshot.
    pub public_balancers: Vec<Bounds<bool>>,
    by_group: HashMap<String, Vec<usize>>,
    by_holder: HashMap<String, Vec<usize>>,
}

/// What a security group lets in by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupReach {
    /// Open ports and the strangers who may reach them.
    pub admitted: Bounds<Admitted>,
    /// Why more may be possible than is certain.
    pub doubts: Vec<Unread>,
    /// Whether an interface or an instance has it.
    pub attached: bool,
    /// Why it is not known who has it, if it is not.
    pub unlisted: Option<Unread>,
}

/// A way from the internet to an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// How it enters, in the words of the products: `EIP 47.1.2.3`, `DNAT 47.1.2.3:2222 (fwd-1)`, `tcp:80 of lb-1`. For what was not read, the reason.
    pub entrance: String,
    /// Whether the entrance is known, and not only possible.
    pub known: bool,
    /// The interface, where it was listed.
    pub interface: Option<String>,
    /// The private address; unspecified (`0.0.0.0`) where it was not told.
    pub address: IpAddr,
    /// The groups that guard it.
    pub groups: Vec<String>,
    /// What the interface is attached to: an instance, or another product's resource.
    pub holder: String,
    /// Whether it is an instance that is known not to run. Address and rules stay, so it is reached once it does.
    pub stopped: bool,
    /// Open ports of the holder, and the strangers who reach them on this way.
    pub reached: Bounds<Admitted>,
    /// Why more may be possible than is certain.
    pub doubts: Vec<Unread>,
    /// The ports that the internet sees, on a way through a listener that speaks HTTP: those behind it are its backends' business.
    pub web_front: Option<(u16, u16)>,
}

impl Path {
    /// The way with its hops: `EIP 47.1.2.3 -> eni-1 10.0.0.5 -> sg-1, sg-2 -> i-1`.
    pub fn via(&self) -> String {
        let address = Some(self.address).filter(|address| !address.is_unspecified());
        let interface = self.interface.iter().cloned().chain(address.map(|address| address.to_string()));
        let interface: Vec<String> = interface.collect();
        let groups = if self.groups.is_empty() { "?".to_owned() } else { self.groups.join(", ") };
        format!("{} -> {} -> {groups} -> {}", self.entrance, interface.join(" "), self.holder)
    }
}

impl Exposure {
    /// Of what was read, by what the configuration calls open.
    pub fn of(account: &Snapshot, config: &Config) -> Self {
        let (resources, openness) = (&account.resources, Openness::of(config));
        let strangers = Clients::new(Arc::clone(openness.strangers()));
        let rulebook = Rulebook::of(resources);
        let frontdoors = frontdoors(resources, &rulebook, &openness, &strangers);
        let paths = entrance::paths(resources, &rulebook, &openness, &strangers, &frontdoors);
        let balancers = resources.load_balancers.rows.iter();
        let public_balancers = balancers.map(|balancer| is_public(resources, balancer)).collect();
        let mut exposure = Self { paths, frontdoors, public_balancers, ..Self::default() };
        for (at, path) in exposure.paths.iter().enumerate() {
            exposure.by_holder.entry(path.holder.clone()).or_default().push(at);
            for group in &path.groups {
                exposure.by_group.entry(group.clone()).or_default().push(at);
            }
        }
        let instances = resources.instances.rows.iter();
        let interfaces = resources.interfaces.rows.iter().filter(|interface| interface.instance.is_some());
        let attached: std::collections::HashSet<&str> = instances
            .flat_map(|instance| &instance.security_groups)
            .chain(interfaces.flat_map(|interface| &interface.security_groups))
            .map(String::as_str)
            .collect();
        let enough = openness.threshold();
        exposure.groups = (resources.security_groups.rows.iter())
            .map(|group| {
                let asked = Question {
                    groups: std::slice::from_ref(&group.id),
                    clients: &strangers,
                    nic: Nic::Internet,
                    destination: Destination::Any,
                    unmatched: false,
                };
                let admitted = rulebook.admits(&asked, enough);
                let unsure = admitted.certain != admitted.possible;
                let doubts = if unsure { rulebook.doubts(asked.groups, &group.region) } else { Vec::new() };
                let interfaces = resources.interfaces.why_in(&group.region);
                let instances = || resources.instances.why_in(&group.region);
                GroupReach {
                    admitted,
                    doubts,
                    attached: attached.contains(group.id.as_str()),
                    unlisted: interfaces.or_else(instances).cloned(),
                }
            })
            .collect();
        exposure
    }

    /// The ways to interfaces that a group guards.
    pub fn paths_of_group(&self, id: &str) -> impl Iterator<Item = &Path> {
        self.by_group.get(id).into_iter().flatten().filter_map(|at| self.paths.get(*at))
    }

    /// The ways to an instance.
    pub fn paths_to(&self, instance: &str) -> impl Iterator<Item = &Path> {
        self.by_holder.get(instance).into_iter().flatten().filter_map(|at| self.paths.get(*at))
    }
}
