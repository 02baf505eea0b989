//! ApsaraDB RDS, 2014-08-15: instances, their endpoints, and what guards them. Detail calls name the instance alone; the host
//! finds it.

mod endpoints;
mod guards;
mod instances;

pub use endpoints::{
    ClusterEndpoints, DescribeDBInstanceEndpoints, DescribeDBInstanceNetInfo, DescribeDBProxy,
    DescribeDBProxyEndpoint, NetInfo, Network, Proxy, ProxyAddress, ProxyEndpoint,
};
pub use guards::{
    DescribeDBInstanceIPArrayList, DescribeDBInstanceSSL, DescribeInstanceLinkedWhitelistTemplate,
    DescribeSQLCollectorPolicy, DescribeSecurityGroupConfiguration, IpArray, IpArrays, LinkedTemplates,
    SecurityGroups, SqlCollector, Ssl, Template, WhitelistNetwork,
};
pub use instances::{
    DescribeDBInstances, DescribeRegions, Instance, InstancePage, ListTagResources, Regions, TagPage,
    TaggedInstance,
};

use crate::openapi::{Api, Host};

/// SDK `rds20140815`, endpoint map.
const HOST: Host = Host::Mixed(
    "rds",
    &[
        "ap-southeast-1",
        "cn-beijing",
        "cn-beijing-finance-1",
        "cn-hangzhou",
        "cn-hangzhou-finance",
        "cn-heyuan",
        "cn-hongkong",
        "cn-north-2-gov-1",
        "cn-qingdao",
        "cn-shanghai",
        "cn-shanghai-finance-1",
        "cn-shenzhen",
        "cn-shenzhen-finance-1",
        "us-east-1",
        "us-west-1",
    ],
);

const fn api(name: &'static str) -> Api {
    Api::rpc("rds", "2014-08-15", name, HOST)
}
