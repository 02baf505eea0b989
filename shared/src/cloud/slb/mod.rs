//! Classic Load Balancer, 2014-05-15: what the exposure scan reads of it. Fields follow the official SDK model and the API metadata.

mod backends;
mod listeners;
mod load_balancers;

pub use backends::{
    DescribeLoadBalancerAttribute, DescribeMasterSlaveServerGroupAttribute, DescribeVServerGroupAttribute,
    DescribeVServerGroups, PairServer, Server, VServerGroup,
};
pub use listeners::{
    AclEntries, AclEntry, DescribeAccessControlListAttribute, DescribeLoadBalancerListeners, DescribeRules,
    HttpConfig, Listener, PairConfig, Rule,
};
pub use load_balancers::{DescribeLoadBalancers, LoadBalancer};

use std::time::Duration;

use crate::openapi::{Api, Host, Rate};

/// Regions whose host does not follow the rule, by the endpoint lists of the API metadata and of the official SDK.
const HOST: Host = Host::RegionalBut(
    "slb",
    &[
        ("cn-hangzhou", "slb.aliyuncs.com"),
        ("cn-hangzhou-finance", "slb.aliyuncs.com"),
        ("cn-north-2-gov-1", "slb.aliyuncs.com"),
        ("cn-shanghai-finance-1", "slb.aliyuncs.com"),
        ("cn-shenzhen-finance-1", "slb.aliyuncs.com"),
    ],
);

/// SLB, "API rate quotas": 3,000 a minute for what reads.
const fn api(name: &'static str) -> Api {
    let rate = Rate { calls: 3000, per: Duration::from_secs(60) };
    Api::rpc("slb", "2014-05-15", name, HOST).limit(rate)
}
