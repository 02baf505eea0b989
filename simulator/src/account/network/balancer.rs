//! What the load balancers keep: classic ones (CLB), and application and network ones (ALB, NLB).

use super::{Tags, placed, yes};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

placed!(Clb, Balancer, ServerGroup);

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Clb {
    pub(crate) id: String,
    pub(crate) region: String,
    #[serde(default)]
    pub(crate) name: String,
    pub(crate) address: IpAddr,
    /// AddressType `internet`, not `intranet`.
    pub(crate) internet: bool,
    /// Where an intranet address is; None: the classic network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) vpc: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) vswitch: Option<String>,
    #[serde(default = "yes")]
    pub(crate) active: bool,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    /// The default servers, which have the port of the listener's BackendServerPort.
    #[serde(default)]
    pub(crate) servers: Vec<Server>,
    #[serde(default)]
    pub(crate) groups: Vec<ClbGroup>,
    #[serde(default)]
    pub(crate) listeners: Vec<ClbListener>,
}

/// A server behind a load balancer.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    /// An instance, an interface, or the address itself.
    pub(crate) id: String,
    /// `Ecs`, `Eni`, `Eci`, `Ip`, `Fc`; in lower case with CLB.
    #[serde(default = "ecs")]
    pub(crate) kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ip: Option<IpAddr>,
    /// 0 among the default servers of a CLB.
    #[serde(default)]
    pub(crate) port: u16,
}

fn ecs() -> String {
    "Ecs".into()
}

/// A vServer group (`rsp-`) or a primary/secondary server group.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClbGroup {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) master_slave: bool,
    pub(crate) servers: Vec<Server>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClbListener {
    /// `tcp`, `udp`, `http`, `https`.
    pub(crate) protocol: String,
    pub(crate) port: u16,
    #[serde(default = "yes")]
    pub(crate) running: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) acl: Option<ListenerAcl>,
    /// Port of the default servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) backend_port: Option<u16>,
    /// A vServer group or primary/secondary group, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) group: Option<String>,
    /// HTTP that only sends on to another listener's port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) forward_port: Option<u16>,
}

/// How a listener is guarded.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListenerAcl {
    /// CLB: AclStatus `on`. Switched off, the lists stay named.
    #[serde(default = "yes")]
    pub(crate) on: bool,
    /// Only what is on the lists may come; else: what is on them may not.
    pub(crate) white: bool,
    pub(crate) ids: Vec<String>,
}

/// An ALB or NLB.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Balancer {
    pub(crate) id: String,
    pub(crate) region: String,
    #[serde(default)]
    pub(crate) name: String,
    /// AddressType `Internet`, not `Intranet`.
    pub(crate) internet: bool,
    /// Ipv6AddressType `Internet` of a dual-stack one; None: IPv4 alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ipv6_internet: Option<bool>,
    #[serde(default = "yes")]
    pub(crate) active: bool,
    pub(crate) vpc: String,
    pub(crate) zones: Vec<Zone>,
    #[serde(default)]
    pub(crate) security_groups: Vec<String>,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    #[serde(default)]
    pub(crate) listeners: Vec<Listener>,
}

impl Balancer {
    /// Its host name, of `alb` or `nlb`.
    pub(crate) fn dns_name(&self, product: &str) -> String {
        let name = self.id.trim_start_matches(product).trim_start_matches('-');
        match product {
            "alb" => format!("alb-{name}.{}.alb.aliyuncsslb.com", self.region),
            _ => format!("nlb-{name}.{}.nlb.aliyuncsslb.com", self.region),
        }
    }
}

/// Where a load balancer stands.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Zone {
    pub(crate) zone: char,
    pub(crate) vswitch: String,
    /// Only of one with an internet address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) public_ip: Option<IpAddr>,
    pub(crate) private_ip: IpAddr,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ipv6: Option<IpAddr>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listener {
    pub(crate) id: String,
    /// `HTTP`, `HTTPS`, `QUIC`; `TCP`, `UDP`, `TCPSSL`.
    pub(crate) protocol: String,
    /// 0 for an NLB's range of ports.
    #[serde(default)]
    pub(crate) port: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) range: Option<(u16, u16)>,
    #[serde(default = "yes")]
    pub(crate) running: bool,
    /// ALB alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) acl: Option<ListenerAcl>,
    pub(crate) server_groups: Vec<String>,
}

/// A server group of an ALB or NLB.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServerGroup {
    pub(crate) id: String,
    pub(crate) region: String,
    #[serde(default)]
    pub(crate) name: String,
    /// ServerGroupType: `Instance`, `Ip`, `Fc`.
    #[serde(default = "instance")]
    pub(crate) kind: String,
    pub(crate) protocol: String,
    pub(crate) vpc: String,
    /// NLB: requests keep the listener's port, whichever.
    #[serde(default)]
    pub(crate) any_port: bool,
    pub(crate) servers: Vec<Server>,
}

fn instance() -> String {
    "Instance".into()
}
