//! Load balancers, as they were read: CLB, ALB and NLB alike.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{Listed, Protocol, Read, Tags};

/// Which product a load balancer is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BalancerKind {
    /// Classic (`slb`).
    Clb,
    /// Application (`alb`).
    Alb,
    /// Network (`nlb`).
    Nlb,
}

impl BalancerKind {
    /// Its product's name in ARNs.
    pub fn product(self) -> &'static str {
        match self {
            Self::Clb => "slb",
            Self::Alb => "alb",
            Self::Nlb => "nlb",
        }
    }
}

/// A load balancer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadBalancer {
    /// `lb-…`, `alb-…`, `nlb-…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub region: String,
    /// Which product.
    pub kind: BalancerKind,
    /// Whether it has an internet address of its own (AddressType `Internet`, or Ipv6AddressType `Internet`). An internal CLB with an EIP bound to it
    /// is found by the EIP.
    pub internet: bool,
    /// Its addresses, where they are told.
    pub addresses: Vec<IpAddr>,
    /// Its host name, where it has one.
    pub dns_name: Option<String>,
    /// Its VPC.
    pub vpc: Option<String>,
    /// Security groups of an ALB or NLB.
    pub security_groups: Vec<String>,
    /// Its tags.
    pub tags: Tags,
    /// Its listeners.
    pub listeners: Listed<Listener>,
}

/// A listener.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    /// Its id, or `protocol:port` where it has none.
    pub id: String,
    /// TCP or UDP below.
    pub protocol: Protocol,
    /// What it speaks, as the service says: `tcp`, `http`, `https`, `quic`, `tcpssl`.
    pub speaks: String,
    /// First and last port.
    pub ports: (u16, u16),
    /// Whether it runs.
    pub running: bool,
    /// Its access lists.
    pub access: Read<Access>,
    /// The backends that it leads to.
    pub backends: Read<Vec<Backend>>,
}

/// How a listener is guarded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// By nothing.
    Open,
    /// Only what is on these lists may come. Lists without entries let everything through (CLB, "Access control").
    White(Vec<String>),
    /// What is on these lists may not.
    Black(Vec<String>),
}

/// A server behind a listener.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backend {
    /// An instance, an interface, or an address (`Ip`), by its id or address.
    pub server: String,
    /// Its private address, where told.
    pub ip: Option<IpAddr>,
    /// The port; `None` for the listener's own.
    pub port: Option<u16>,
}

/// An access list of a load balancer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessList {
    /// `acl-…`.
    pub id: String,
    /// Where it is.
    pub region: String,
    /// Its ranges.
    pub entries: Read<Vec<IpNet>>,
}
