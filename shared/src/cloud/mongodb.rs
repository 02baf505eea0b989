//! ApsaraDB for MongoDB (`dds`), 2015-12-01.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::global_whitelist::GlobalWhitelists;
use super::rds;
use super::wire::{Rows, number, numbered_pages, tags, text};
use crate::openapi::{Action, Api, Host, Rate};
use crate::snapshot::Tags;

/// SDK `dds20151201`, endpoint map.
const HOST: Host = Host::Mixed(
    "mongodb",
    &["cn-beijing", "cn-hangzhou", "cn-hangzhou-finance", "cn-heyuan", "cn-shanghai", "cn-wulanchabu"],
);

const fn api(name: &'static str) -> Api {
    // Quota page: some reads 200 a second, others 200 a minute; which is which is not said of all, so the lower.
    Api::rpc("dds", "2015-12-01", name, HOST).limit(Rate { calls: 200, per: Duration::from_secs(60) })
}

/// The regions in which MongoDB is offered.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeRegions {}

impl Action for DescribeRegions {
    const API: Api = api("DescribeRegions").needs("dds:DescribeRegions");
    type Response = rds::Regions;
}

/// What an instance is made of. Each kind is a list of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// Replica sets and single nodes.
    Replicate,
    /// Sharded clusters.
    Sharding,
    /// Serverless instances: documented for the Chinese site alone.
    Serverless,
}

/// The instances of a region, of one architecture.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeDBInstances {
    region_id: String,
    #[serde(rename = "DBInstanceType")]
    architecture: Architecture,
    /// 30, 50 or 100.
    page_size: u32,
    page_number: u32,
}

impl DescribeDBInstances {
    /// Those of a region, from the first page.
    pub fn of(region: &str, architecture: Architecture) -> Self {
        Self { region_id: region.to_owned(), architecture, page_size: 100, page_number: 1 }
    }
}

impl Action for DescribeDBInstances {
    const API: Api = api("DescribeDBInstances").needs("dds:DescribeDBInstances");
    type Response = InstancePage;
}

numbered_pages!(DescribeDBInstances => Instance);

/// One page of instances.
#[derive(Debug, Clone, Deserialize)]
pub struct InstancePage {
    #[serde(rename = "DBInstances")]
    rows: Rows<Instance>,
    #[serde(rename = "TotalCount", deserialize_with = "number")]
    total: u64,
}

/// An instance.
#[derive(Debug, Clone, Deserialize)]
pub struct Instance {
    /// `dds-…`.
    #[serde(rename = "DBInstanceId")]
    pub id: String,
    /// Its name.
    #[serde(rename = "DBInstanceDescription")]
    pub description: Option<String>,
    /// `MongoDB`.
    #[serde(rename = "Engine")]
    pub engine: Option<String>,
    /// Its tags.
    #[serde(rename = "Tags", default, deserialize_with = "tags")]
    pub tags: Tags,
}

/// The addresses of a replica set or a single node.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeReplicaSetRole<'a> {
    /// The instance.
    #[serde(rename = "DBInstanceId")]
    pub instance: &'a str,
}

impl Action for DescribeReplicaSetRole<'_> {
    const API: Api = api("DescribeReplicaSetRole").needs("dds:DescribeReplicaSetRole");
    type Response = ReplicaSets;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReplicaSets {
    replica_sets: Rows<Replica>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Replica {
    // A hidden or a read-only node may have none.
    #[serde(default, deserialize_with = "text")]
    connection_domain: String,
    #[serde(default, deserialize_with = "text")]
    connection_port: String,
    #[serde(default, deserialize_with = "text")]
    network_type: String,
}

impl ReplicaSets {
    /// Host, port and network (`VPC`, `Classic`, `Public`) of each node that has an address.
    pub fn addresses(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let nodes = self.replica_sets.0.iter().filter(|node| !node.connection_domain.is_empty());
        nodes.map(|node| {
            (node.connection_domain.as_str(), node.connection_port.as_str(), node.network_type.as_str())
        })
    }
}

/// The addresses of a sharded cluster: of its mongos, its shards and config servers.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeShardingNetworkAddress<'a> {
    /// The instance.
    #[serde(rename = "DBInstanceId")]
    pub instance: &'a str,
}

impl Action for DescribeShardingNetworkAddress<'_> {
    const API: Api = api("DescribeShardingNetworkAddress").needs("dds:DescribeShardingNetworkAddress");
    type Response = ShardingAddresses;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ShardingAddresses {
    network_addresses: Rows<ShardingAddress>,
    // Of the DynamoDB protocol, where it is on.
    compatible_connections: Option<Rows<ShardingAddress>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ShardingAddress {
    network_address: String,
    #[serde(default, deserialize_with = "text")]
    port: String,
    network_type: String,
}

impl ShardingAddresses {
    /// Host, port and network (`VPC`, `Classic`, `Public`) of each.
    pub fn addresses(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let more = self.compatible_connections.iter().flat_map(|rows| &rows.0);
        self.network_addresses.0.iter().chain(more).map(|address| {
            (address.network_address.as_str(), address.port.as_str(), address.network_type.as_str())
        })
    }
}

/// The whitelists of an instance. Unless asked for, the service leaves out those of its own.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeSecurityIps<'a> {
    /// The instance.
    #[serde(rename = "DBInstanceId")]
    pub instance: &'a str,
}

impl Action for DescribeSecurityIps<'_> {
    const API: Api = api("DescribeSecurityIps").limit(Rate::per_second(100)).needs("dds:DescribeSecurityIps");
    type Response = SecurityIps;
}

/// The answer: MongoDB and Redis give the same.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecurityIps {
    security_ip_groups: Rows<SecurityIpGroup>,
}

/// One whitelist.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecurityIpGroup {
    /// The group's name.
    #[serde(rename = "SecurityIpGroupName")]
    pub name: String,
    #[serde(rename = "SecurityIpGroupAttribute")]
    attribute: Option<String>,
    /// Its addresses, with commas between.
    #[serde(rename = "SecurityIpList")]
    pub addresses: String,
}

impl SecurityIps {
    /// The lists that count for people: hidden ones are the service's own. (A sample in the documents has a blank before the word.)
    pub fn shown(&self) -> impl Iterator<Item = &SecurityIpGroup> {
        let is_hidden = |list: &SecurityIpGroup| list.attribute.as_deref().map(str::trim) == Some("hidden");
        self.security_ip_groups.0.iter().filter(move |list| !is_hidden(list))
    }
}

/// The whitelist templates that an instance uses.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeGlobalSecurityIPGroupRelation<'a> {
    /// The region.
    #[serde(rename = "RegionId")]
    pub region: &'a str,
    /// The instance.
    #[serde(rename = "DBClusterId")]
    pub instance: &'a str,
}

impl Action for DescribeGlobalSecurityIPGroupRelation<'_> {
    const API: Api =
        api("DescribeGlobalSecurityIPGroupRelation").needs("dds:DescribeGlobalSecurityIPGroupRelation");
    type Response = GlobalWhitelists;
}

/// The security groups that are bound to an instance.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeSecurityGroupConfiguration<'a> {
    /// The instance.
    #[serde(rename = "DBInstanceId")]
    pub instance: &'a str,
}

impl Action for DescribeSecurityGroupConfiguration<'_> {
    const API: Api =
        api("DescribeSecurityGroupConfiguration").needs("dds:DescribeSecurityGroupConfiguration");
    type Response = rds::SecurityGroups;
}

/// TLS of an instance.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeDBInstanceSSL<'a> {
    /// The instance.
    #[serde(rename = "DBInstanceId")]
    pub instance: &'a str,
}

impl Action for DescribeDBInstanceSSL<'_> {
    const API: Api = api("DescribeDBInstanceSSL").needs("dds:DescribeDBInstanceSSL");
    type Response = Ssl;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
pub struct Ssl {
    /// `Open` or `Closed`.
    #[serde(rename = "SSLStatus")]
    pub status: String,
}

/// The audit log of an instance.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeAuditPolicy<'a> {
    /// The instance.
    #[serde(rename = "DBInstanceId")]
    pub instance: &'a str,
}

impl Action for DescribeAuditPolicy<'_> {
    // Its page: 30 calls a minute.
    const API: Api = api("DescribeAuditPolicy")
        .limit(Rate { calls: 30, per: Duration::from_secs(60) })
        .needs("dds:DescribeAuditPolicy");
    type Response = AuditPolicy;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AuditPolicy {
    /// `Enable` or `Disabled`.
    pub log_audit_status: String,
}
