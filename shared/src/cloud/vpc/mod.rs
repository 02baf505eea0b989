//! Virtual Private Cloud, 2016-04-28: addresses, gateways and network ACLs, as far as the exposure scan reads them. Fields follow the official
//! SDK model and the API metadata.

mod eips;
mod ipv6;
mod nat;
mod network_acls;

pub use eips::{DescribeEipAddresses, Eip};
pub use ipv6::{
    DescribeIpv6Addresses, DescribeIpv6EgressOnlyRules, DescribeIpv6Gateways, EgressOnlyRule, Ipv6Address,
    Ipv6Gateway,
};
pub use nat::{DescribeForwardTableEntries, DescribeNatGateways, ForwardEntry, NatGateway};
pub use network_acls::{
    AclAttribute, AclEntry, AclResource, DescribeNetworkAclAttributes, DescribeNetworkAcls, NetworkAcl,
};

use std::time::Duration;

use crate::openapi::{Api, Host, Rate};

/// Regions whose host does not follow the rule (endpoint map of the official SDK).
const HOST: Host = Host::RegionalBut(
    "vpc",
    &[("cn-hangzhou-finance", "vpc.aliyuncs.com"), ("cn-north-2-gov-1", "vpc.aliyuncs.com")],
);

/// VPC, "API rate quotas": 300 to 1,200 a minute, per API and region. The rows of most APIs used here are not known: the least of these.
const fn api(name: &'static str) -> Api {
    let rate = Rate { calls: 300, per: Duration::from_secs(60) };
    Api::rpc("vpc", "2016-04-28", name, HOST).limit(rate)
}
