//! The network of an account: what ECS, VPC and the load balancers keep, by the words of an account file.
//!
//! Nothing is said twice: an instance's private addresses and groups are those of its primary interface, an EIP
//! names what it leads to, a network ACL its vSwitches. What the APIs tell of the other side is worked out when
//! they are asked. Lists are sorted by id, so that a page can begin after the last id of the page before.

mod balancer;
mod compute;
mod gateway;
mod rule;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(crate) use balancer::*;
pub(crate) use compute::*;
pub(crate) use gateway::*;
pub(crate) use rule::*;

/// The regions of an account that says nothing of them: those which an account of the China site sees.
pub(super) const REGIONS: [&str; 29] = [
    "cn-qingdao",
    "cn-beijing",
    "cn-zhangjiakou",
    "cn-huhehaote",
    "cn-wulanchabu",
    "cn-hangzhou",
    "cn-shanghai",
    "cn-nanjing",
    "cn-fuzhou",
    "cn-wuhan-lr",
    "cn-shenzhen",
    "cn-heyuan",
    "cn-guangzhou",
    "cn-chengdu",
    "cn-hongkong",
    "ap-southeast-1",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ap-northeast-1",
    "ap-northeast-2",
    "us-east-1",
    "us-west-1",
    "eu-west-1",
    "eu-central-1",
    "me-east-1",
    "me-central-1",
    "na-south-1",
];

/// A resource's tags.
pub(crate) type Tags = BTreeMap<String, String>;

/// What has an id and is in a region: every row of the lists below.
pub(crate) trait Placed {
    fn id(&self) -> &str;
    fn region(&self) -> &str;
}

/// Makes rows of lists: their `id` and `region` are found by [`Placed`].
macro_rules! placed {
    ($($row:ty),* $(,)?) => {
        $(impl $crate::account::network::Placed for $row {
            fn id(&self) -> &str {
                &self.id
            }
            fn region(&self) -> &str {
                &self.region
            }
        })*
    };
}
pub(crate) use placed;

/// Declares the lists, and what is done to all of them alike.
macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident: $row:ty),* $(,)?) => {
        /// Everything that the network products keep.
        #[derive(Clone, Default, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub(crate) struct Network {
            $($(#[$doc])* #[serde(skip_serializing_if = "Vec::is_empty")] pub(crate) $name: Vec<Arc<$row>>,)*
        }

        impl Network {
            /// Sorts every list by id.
            pub(crate) fn sort(&mut self) {
                $(self.$name.sort_by(|a, b| a.id.cmp(&b.id));)*
            }

            /// Adds all rows of another one.
            pub(crate) fn append(&mut self, other: Self) {
                $(self.$name.extend(other.$name);)*
            }

            /// Takes the row of that id away, whatever it is. Whether there was one.
            fn take_away(&mut self, id: &str) -> bool {
                let mut found = false;
                $(self.$name.retain(|row| {
                    found |= row.id == id;
                    row.id != id
                });)*
                found
            }

            /// Ids given once, and regions that the account has.
            pub(super) fn check(&self, regions: &[String]) -> Result<(), String> {
                let mut seen = BTreeSet::new();
                $(for (at, row) in self.$name.iter().enumerate() {
                    let path = concat!("network.", stringify!($name));
                    if row.id.is_empty() || !seen.insert(row.id.as_str()) {
                        return Err(format!("{path}[{at}].id: {:?} is empty or not unique", row.id));
                    }
                    if !regions.contains(&row.region) {
                        return Err(format!("{path}[{at}].region: the account has no region {:?}", row.region));
                    }
                })*
                self.check_references()
            }
        }
    };
}

lists! {
    security_groups: SecurityGroup,
    prefix_lists: PrefixList,
    port_lists: PortList,
    instances: Instance,
    interfaces: Interface,
    disks: Disk,
    images: Image,
    launch_templates: LaunchTemplate,
    vpcs: Vpc,
    vswitches: VSwitch,
    eips: Eip,
    nat_gateways: NatGateway,
    ipv6_gateways: Ipv6Gateway,
    ipv6_addresses: Ipv6Address,
    network_acls: NetworkAcl,
    /// Classic load balancers.
    clbs: Clb,
    /// The access lists of classic load balancers.
    clb_acls: AccessList,
    albs: Balancer,
    alb_acls: AccessList,
    alb_server_groups: ServerGroup,
    nlbs: Balancer,
    nlb_server_groups: ServerGroup,
}

impl Network {
    /// The primary interface of an instance; none in the classic network.
    pub(crate) fn primary(&self, instance: &str) -> Option<&Interface> {
        let mut all = self.interfaces.iter().map(AsRef::as_ref);
        all.find(|interface: &&Interface| {
            interface.primary && interface.instance.as_deref() == Some(instance)
        })
    }

    /// The EIPs that lead to a thing.
    pub(crate) fn eips_of<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Eip> {
        self.eips
            .iter()
            .map(AsRef::as_ref)
            .filter(move |eip: &&Eip| eip.target.as_ref().is_some_and(|target| target.id == id))
    }

    /// The network ACL that guards a vSwitch.
    pub(crate) fn acl_of(&self, vswitch: &str) -> Option<&NetworkAcl> {
        let mut all = self.network_acls.iter().map(AsRef::as_ref);
        all.find(|acl: &&NetworkAcl| acl.vswitches.iter().any(|id| id == vswitch))
    }

    /// Deletes what has that id. Interfaces go with their instance, and EIPs are left without a target.
    pub(crate) fn delete(&mut self, id: &str) -> bool {
        if !self.take_away(id) {
            return false;
        }
        let (gone, left) = std::mem::take(&mut self.interfaces)
            .into_iter()
            .partition::<Vec<_>, _>(|interface| interface.instance.as_deref() == Some(id));
        self.interfaces = left;
        self.eips.iter_mut().for_each(|eip| {
            let leads_nowhere = |target: &EipTarget| {
                target.id == id || gone.iter().any(|interface| interface.id == target.id)
            };
            if eip.target.as_ref().is_some_and(leads_nowhere) {
                Arc::make_mut(eip).target = None;
            }
        });
        true
    }

    /// Things that are named are there, in the same region.
    fn check_references(&self) -> Result<(), String> {
        let mut here: BTreeSet<(&str, &str)> = BTreeSet::new();
        here.extend(self.security_groups.iter().map(|row| (row.region(), row.id())));
        here.extend(self.prefix_lists.iter().map(|row| (row.region(), row.id())));
        here.extend(self.port_lists.iter().map(|row| (row.region(), row.id())));
        here.extend(self.instances.iter().map(|row| (row.region(), row.id())));
        here.extend(self.vswitches.iter().map(|row| (row.region(), row.id())));
        let need = |path: String, region: &str, id: &str| {
            let found = here.contains(&(region, id));
            if found { Ok(()) } else { Err(format!("{path}: there is no {id:?} in {region}")) }
        };
        for interface in &self.interfaces {
            let (path, region) = (format!("network.interfaces {:?}", interface.id), &interface.region);
            need(format!("{path}.vswitch"), region, &interface.vswitch)?;
            for id in interface.security_groups.iter().chain(&interface.instance) {
                need(path.clone(), region, id)?;
            }
        }
        for acl in &self.network_acls {
            for id in &acl.vswitches {
                need(format!("network.network_acls {:?}.vswitches", acl.id), &acl.region, id)?;
            }
        }
        for group in &self.security_groups {
            for (at, rule) in group.rules.iter().enumerate() {
                let path = format!("network.security_groups {:?}.rules[{at}]", group.id);
                match &rule.peer {
                    Peer::PrefixList(id) => need(path.clone(), &group.region, id)?,
                    Peer::Group(other) if other.owner.is_none() => {
                        need(path.clone(), &group.region, &other.id)?;
                    }
                    _ => {}
                }
                if let Ports::List(id) = &rule.ports {
                    need(path, &group.region, id)?;
                }
            }
        }
        for instance in &self.instances {
            if instance.classic.is_none() && self.primary(&instance.id).is_none() {
                return Err(format!("network.instances {:?}: it has no primary interface", instance.id));
            }
        }
        Ok(())
    }
}

/// An access list of a load balancer.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessList {
    pub(crate) id: String,
    pub(crate) region: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) entries: Vec<IpNet>,
}

placed!(AccessList);

/// The date of what has none in the file.
pub(crate) fn long_ago() -> String {
    "2025-04-08T03:20:00Z".into()
}

fn yes() -> bool {
    true
}
