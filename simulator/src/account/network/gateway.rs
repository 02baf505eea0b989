//! What VPC keeps.

use super::{AclEntry, Tags, placed};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

placed!(Vpc, VSwitch, Eip, NatGateway, Ipv6Gateway, Ipv6Address, NetworkAcl);

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vpc {
    pub(crate) id: String,
    pub(crate) region: String,
    #[serde(default)]
    pub(crate) name: String,
    pub(crate) cidr: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ipv6_cidr: Option<String>,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VSwitch {
    pub(crate) id: String,
    pub(crate) region: String,
    #[serde(default)]
    pub(crate) name: String,
    pub(crate) vpc: String,
    pub(crate) cidr: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ipv6_cidr: Option<String>,
    /// Letter of the zone.
    #[serde(default = "zone")]
    pub(crate) zone: char,
}

fn zone() -> char {
    'h'
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Eip {
    pub(crate) id: String,
    pub(crate) region: String,
    #[serde(default)]
    pub(crate) name: String,
    pub(crate) ip: IpAddr,
    /// None: bound to nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<EipTarget>,
    /// Allocated by a product for itself (ServiceManaged 1).
    #[serde(default)]
    pub(crate) managed: bool,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
}

/// What an EIP leads to.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EipTarget {
    /// InstanceType: `EcsInstance`, `NetworkInterface`, `SlbInstance`, `Nat`, `HaVip`, `IpAddress`.
    pub(crate) kind: String,
    pub(crate) id: String,
    /// Which address of an interface; None: the primary one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) private_ip: Option<IpAddr>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NatGateway {
    pub(crate) id: String,
    pub(crate) region: String,
    #[serde(default)]
    pub(crate) name: String,
    pub(crate) vpc: String,
    /// NetworkType `intranet`, not `internet`.
    #[serde(default)]
    pub(crate) private: bool,
    #[serde(default)]
    pub(crate) forward: Vec<ForwardEntry>,
}

/// A DNAT entry. Ports are texts, since `Any` and ranges such as `8000/8010` are among them.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForwardEntry {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: String,
    pub(crate) external_ip: IpAddr,
    pub(crate) external_port: String,
    pub(crate) internal_ip: IpAddr,
    pub(crate) internal_port: String,
    /// `tcp`, `udp` or `any`.
    pub(crate) protocol: String,
}

impl NatGateway {
    /// Its table of DNAT entries.
    pub(crate) fn table(&self) -> String {
        format!("ftb-{}", self.id.strip_prefix("ngw-").unwrap_or(&self.id))
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ipv6Gateway {
    pub(crate) id: String,
    pub(crate) region: String,
    pub(crate) vpc: String,
    /// IPv6 addresses, by id, that reach out and are not reached.
    #[serde(default)]
    pub(crate) egress_only: Vec<String>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ipv6Address {
    pub(crate) id: String,
    pub(crate) region: String,
    pub(crate) ip: IpAddr,
    /// Internet bandwidth was bought for it (NetworkType `Public`).
    #[serde(default)]
    pub(crate) public: bool,
    pub(crate) interface: String,
    pub(crate) gateway: String,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetworkAcl {
    pub(crate) id: String,
    pub(crate) region: String,
    #[serde(default)]
    pub(crate) name: String,
    pub(crate) vpc: String,
    pub(crate) vswitches: Vec<String>,
    pub(crate) ingress: Vec<AclEntry>,
    pub(crate) egress: Vec<AclEntry>,
}
