//! The network, as it was read: security groups, interfaces, addresses, gateways, access lists.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{Listed, Read};

/// A resource's tags.
pub type Tags = BTreeMap<String, String>;

/// A security group and its inbound rules (ECS, DescribeSecurityGroups and DescribeSecurityGroupAttribute).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// `sg-…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub region: String,
    /// The VPC; `None` in the classic network.
    pub vpc: Option<String>,
    /// An advanced (enterprise) group, not a basic one.
    pub advanced: bool,
    /// Its tags.
    pub tags: Tags,
    /// Its inbound rules. A rule that makes no sense is in `unread`, and so is a page that did not come.
    pub rules: Listed<Rule>,
}

/// One inbound rule. There are millions of them in a large account: it is kept small.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Accept, else drop.
    pub accept: bool,
    /// 1 (first) to 100.
    pub priority: u8,
    /// Which protocols.
    pub protocol: Protocol,
    /// For the public interface of the classic network (NicType `internet`).
    pub internet_nic: bool,
    /// Which ports. All of them for protocols without.
    pub ports: Ports,
    /// From where.
    pub source: Source,
    /// To which of the group's own addresses only (DestCidrIp).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<Box<IpNet>>,
}

/// The protocol of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Every protocol.
    All,
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// Others, which have no ports: ICMP, ICMPv6, GRE, AH, ESP.
    Portless,
}

/// The ports of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ports {
    /// From the first to the last, both included. `-1/-1` is 0 to 65535.
    Range(u16, u16),
    /// Those of a port list, by its id.
    List(Box<String>),
}

/// The source of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A range of addresses. IPv6 ranges are boxed: they are few and four times as large.
    V4(ipnet::Ipv4Net),
    /// The same, IPv6.
    V6(Box<ipnet::Ipv6Net>),
    /// Those of a prefix list, by its id.
    PrefixList(Box<String>),
    /// Members of another group, by its id: private addresses only.
    Group(Box<String>),
}

/// A prefix list (ECS, DescribePrefixListAttributes).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixList {
    /// `pl-…`.
    pub id: String,
    /// Where it is.
    pub region: String,
    /// Its ranges.
    pub entries: Read<Vec<IpNet>>,
}

/// A port list (ECS, DescribePortRangeListEntries).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortList {
    /// `prl-…`.
    pub id: String,
    /// Where it is.
    pub region: String,
    /// Its ranges, first and last port.
    pub entries: Read<Vec<(u16, u16)>>,
}

/// An ECS instance (DescribeInstances).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// `i-…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub region: String,
    /// The VPC; `None` in the classic network.
    pub vpc: Option<String>,
    /// Its own public address (PublicIpAddress), not an EIP.
    pub public_ips: Vec<IpAddr>,
    /// Its EIP, as the instance tells (EipAddress).
    pub eip: Option<IpAddr>,
    /// Its private addresses.
    pub private_ips: Vec<IpAddr>,
    /// The groups of its primary interface.
    pub security_groups: Vec<String>,
    /// Whether it runs.
    pub running: bool,
    /// Its tags.
    pub tags: Tags,
}

/// A network interface (DescribeNetworkInterfaces).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// `eni-…`.
    pub id: String,
    /// Where it is.
    pub region: String,
    /// What it is attached to, if anything: an instance, or another product's resource.
    pub instance: Option<String>,
    /// Its vSwitch.
    pub vswitch: Option<String>,
    /// Its VPC.
    pub vpc: Option<String>,
    /// Its security groups.
    pub security_groups: Vec<String>,
    /// Its private addresses, secondary ones included, each with the public one that leads to it.
    pub addresses: Vec<InterfaceAddress>,
    /// Its IPv6 addresses.
    pub ipv6: Vec<IpAddr>,
}

/// A private address of an interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceAddress {
    /// The private address.
    pub private: IpAddr,
    /// The public one, if there is one.
    pub public: Option<IpAddr>,
}

/// An elastic IP address (VPC, DescribeEipAddresses).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Eip {
    /// `eip-…`.
    pub id: String,
    /// Where it is.
    pub region: String,
    /// The address.
    pub ip: IpAddr,
    /// What it leads to: `EcsInstance`, `NetworkInterface`, `SlbInstance`, `Nat`, `HaVip`, `IpAddress`; `None` when bound to nothing.
    pub target_kind: Option<String>,
    /// The id of that.
    pub target: Option<String>,
    /// The private address it leads to, where that is told.
    pub private_ip: Option<IpAddr>,
    /// Its tags.
    pub tags: Tags,
}

/// A DNAT entry of an internet NAT gateway (VPC, DescribeForwardTableEntries).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dnat {
    /// `fwd-…`.
    pub id: String,
    /// Where it is.
    pub region: String,
    /// The gateway.
    pub nat_gateway: String,
    /// The gateway's VPC.
    pub vpc: Option<String>,
    /// The public address.
    pub external_ip: IpAddr,
    /// The public ports; all of them for `Any`.
    pub external_ports: (u16, u16),
    /// The private address.
    pub internal_ip: IpAddr,
    /// The private ports.
    pub internal_ports: (u16, u16),
    /// TCP, UDP or all.
    pub protocol: Protocol,
}

/// An IPv6 address (VPC, DescribeIpv6Addresses).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ipv6Address {
    /// `ipv6-…`.
    pub id: String,
    /// Where it is.
    pub region: String,
    /// The address.
    pub ip: IpAddr,
    /// Whether internet bandwidth was bought for it (NetworkType `Public`): without, the internet does not reach it.
    pub public: bool,
    /// What has it.
    pub instance: Option<String>,
    /// Whether an egress-only rule of the IPv6 gateway covers it: it reaches out, nothing reaches in.
    pub egress_only: bool,
}

/// A network ACL (VPC, DescribeNetworkAcls and DescribeNetworkAclAttributes).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAcl {
    /// `nacl-…`.
    pub id: String,
    /// Where it is.
    pub region: String,
    /// The vSwitches that it guards.
    pub vswitches: Vec<String>,
    /// Inbound entries in their order: the first that matches decides, none that does drops.
    pub ingress: Listed<AclEntry>,
    /// Outbound entries in their order, for the answers: it keeps no state.
    pub egress: Listed<AclEntry>,
}

/// One entry of a network ACL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclEntry {
    /// Accept, else drop.
    pub accept: bool,
    /// Which protocols.
    pub protocol: Protocol,
    /// Ports, first and last.
    pub ports: (u16, u16),
    /// The addresses on the other side.
    pub peer: IpNet,
}
