//! ClickHouse, in its two generations: community-compatible clusters (2019-11-11) and enterprise clusters (2023-05-22), which
//! are listed by different APIs.

mod community;
mod enterprise;

pub use community::{
    Cluster, ClusterPage, DescribeDBClusterAccessWhiteList, DescribeDBClusterNetInfoItems,
    DescribeDBClusters, DescribeRegions, IpArray, IpArrays, NetInfo, Network,
};
pub use enterprise::{
    DescribeDBInstances, DescribeEndpoints, DescribeSecurityIPList, Endpoint, Endpoints, Instance,
    InstancePage, SecurityIpGroup, SecurityIpList,
};

use crate::openapi::Host;

/// SDK `clickhouse20191111`, endpoint map.
const HOST: Host = Host::Mixed(
    "clickhouse",
    &[
        "ap-southeast-1",
        "ap-southeast-3",
        "cn-beijing",
        "cn-beijing-finance-1",
        "cn-hangzhou",
        "cn-hangzhou-finance",
        "cn-hongkong",
        "cn-north-2-gov-1",
        "cn-qingdao",
        "cn-shanghai",
        "cn-shanghai-finance-1",
        "cn-shenzhen",
        "cn-shenzhen-finance-1",
        "me-east-1",
        "us-east-1",
        "us-west-1",
    ],
);
