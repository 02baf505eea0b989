//! The private addresses of the account, found by address, interface and instance.

use std::collections::HashMap;
use std::net::IpAddr;

use super::gate::Spot;
use crate::snapshot::{Instance, Interface, Resources, Unread};

/// Where packets may be led.
pub(super) struct Spots<'a> {
    /// Every address of every attached interface, and of instances whose interfaces are not listed.
    pub(super) all: Vec<Spot<'a>>,
    by_address: HashMap<IpAddr, Vec<usize>>,
    by_interface: HashMap<&'a str, Vec<usize>>,
    by_holder: HashMap<&'a str, Vec<usize>>,
    /// The spot of each instance's primary address.
    primary: HashMap<&'a str, usize>,
}

impl<'a> Spots<'a> {
    /// Of what was read. `unlisted` is why instances may have other interfaces than those listed.
    pub(super) fn of(resources: &'a Resources, unlisted: &'a Unread) -> Self {
        let mut spots = Self {
            all: Vec::new(),
            by_address: HashMap::new(),
            by_interface: HashMap::new(),
            by_holder: HashMap::new(),
            primary: HashMap::new(),
        };
        for interface in &resources.interfaces.rows {
            // What leads to an interface that is attached to nothing leads nowhere.
            let Some(holder) = &interface.instance else { continue };
            for address in addresses(interface) {
                spots.add(Spot {
                    region: &interface.region,
                    address,
                    vpc: interface.vpc.as_deref(),
                    vswitch: interface.vswitch.as_deref(),
                    groups: &interface.security_groups,
                    interface: Some(&interface.id),
                    holder,
                    doubt: None,
                    classic: false,
                });
            }
        }
        for instance in &resources.instances.rows {
            let first = spots.primary_of(instance).or_else(|| {
                // No interface of it is listed: the classic network has none, elsewhere it was missed.
                let why = resources.interfaces.why_in(&instance.region).unwrap_or(unlisted);
                let placeholder = IpAddr::from([0, 0, 0, 0]);
                let addresses = instance.private_ips.iter().copied();
                let known = if instance.private_ips.is_empty() { Some(placeholder) } else { None };
                let mut first = None;
                for address in addresses.chain(known) {
                    let at = spots.add(Spot {
                        region: &instance.region,
                        address,
                        vpc: instance.vpc.as_deref(),
                        vswitch: None,
                        groups: &instance.security_groups,
                        interface: None,
                        holder: &instance.id,
                        doubt: instance.vpc.is_some().then_some(why),
                        classic: instance.vpc.is_none(),
                    });
                    first = first.or(Some(at));
                }
                first
            });
            if let Some(first) = first {
                spots.primary.insert(&instance.id, first);
            }
        }
        spots
    }

    fn add(&mut self, spot: Spot<'a>) -> usize {
        let at = self.all.len();
        self.by_address.entry(spot.address).or_default().push(at);
        self.by_holder.entry(spot.holder).or_default().push(at);
        if let Some(interface) = spot.interface {
            self.by_interface.entry(interface).or_default().push(at);
        }
        self.all.push(spot);
        at
    }

    /// The address that an instance tells as its first; else the first of its only interface.
    fn primary_of(&self, instance: &Instance) -> Option<usize> {
        let own = self.by_holder.get(instance.id.as_str())?;
        let told = own.iter().find(|at| instance.private_ips.contains(&self.all[**at].address));
        told.or_else(|| own.first()).copied()
    }

    /// The primary address of an instance.
    pub(super) fn primary(&self, instance: &str) -> Option<usize> {
        let listed = || self.by_holder.get(instance).and_then(|spots| spots.first());
        self.primary.get(instance).or_else(listed).copied()
    }

    /// An address of an instance; its primary one where none is given.
    pub(super) fn of_instance(&self, instance: &str, address: Option<IpAddr>) -> Option<usize> {
        self.among(self.by_holder.get(instance), address).or_else(|| self.primary(instance))
    }

    /// An address of an interface; its first where none is given.
    pub(super) fn of_interface(&self, interface: &str, address: Option<IpAddr>) -> Option<usize> {
        let own = self.by_interface.get(interface);
        self.among(own, address).or_else(|| own.and_then(|spots| spots.first()).copied())
    }

    fn among(&self, spots: Option<&Vec<usize>>, address: Option<IpAddr>) -> Option<usize> {
        let address = address?;
        spots?.iter().find(|at| self.all[**at].address == address).copied()
    }

    /// Whatever has an address in a VPC; where the VPC is not told, in the region.
    pub(super) fn at(&self, address: IpAddr, vpc: Option<&str>, region: &str) -> Vec<usize> {
        let here = |at: &&usize| {
            let spot = &self.all[**at];
            match vpc {
                Some(_) => spot.vpc == vpc,
                None => spot.region == region,
            }
        };
        self.by_address.get(&address).into_iter().flatten().filter(here).copied().collect()
    }
}

/// Private addresses and IPv6 addresses; an interface without any that are told still is one.
fn addresses(interface: &Interface) -> Vec<IpAddr> {
    let private = interface.addresses.iter().map(|address| address.private);
    let mut all: Vec<IpAddr> = private.chain(interface.ipv6.iter().copied()).collect();
    if all.is_empty() {
        all.push(IpAddr::from([0, 0, 0, 0]));
    }
    all
}
