//! Elastic Compute Service, 2014-05-26: what the exposure scan reads of it. Fields follow the official SDK model and the API metadata.

mod images;
mod instances;
mod interfaces;
mod lists;
mod regions;
mod rules;
mod security_groups;

pub use images::{DescribeImageSharePermission, DescribeImages, Image, Share, Shares};
pub use instances::{DescribeInstances, EipAddress, Instance, VpcAttributes};
pub use interfaces::{Attachment, DescribeNetworkInterfaces, Interface, Ipv6, PrivateIp, PublicIp};
pub use lists::{DescribePortRangeListEntries, DescribePrefixListAttributes, PortEntry, PrefixEntry};
pub use regions::{DescribeRegions, Region};
pub use rules::RuleRow;
pub use security_groups::{DescribeSecurityGroupAttribute, DescribeSecurityGroups, SecurityGroup};

use std::time::Duration;

use crate::openapi::{Api, Host, Rate};

/// Regions whose host does not follow the rule, by the endpoint lists of the API metadata and of the official SDK.
const HOST: Host = Host::RegionalBut(
    "ecs",
    &[("cn-hangzhou-finance", "ecs.aliyuncs.com"), ("cn-north-2-gov-1", "ecs.aliyuncs.com")],
);

/// ECS, "API rate quotas": 1,000 a minute, per API and region, for nearly all that read.
const fn api(name: &'static str) -> Api {
    let rate = Rate { calls: 1000, per: Duration::from_secs(60) };
    Api::rpc("ecs", "2014-05-26", name, HOST).limit(rate)
}
