//! PolarDB, 2017-08-01.

use serde::{Deserialize, Serialize};

use super::global_whitelist::GlobalWhitelists;
use super::rds;
use super::wire::{Rows, number, numbered_pages, tags, text};
use crate::openapi::{Action, Api, Host};
use crate::snapshot::Tags;

/// SDK `polardb20170801`, endpoint map.
const HOST: Host = Host::Mixed(
    "polardb",
    &[
        "cn-beijing",
        "cn-beijing-finance-1",
        "cn-hangzhou",
        "cn-hangzhou-finance",
        "cn-heyuan",
        "cn-qingdao",
        "cn-shanghai",
        "cn-wulanchabu",
    ],
);

const fn api(name: &'static str) -> Api {
    Api::rpc("polardb", "2017-08-01", name, HOST)
}

/// The regions in which PolarDB is offered.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeRegions {}

impl Action for DescribeRegions {
    const API: Api = api("DescribeRegions").needs("polardb:DescribeRegions");
    type Response = rds::Regions;
}

/// The clusters of a region.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeDBClusters {
    region_id: String,
    /// 30, 50 or 100.
    page_size: u32,
    page_number: u32,
}

impl DescribeDBClusters {
    /// Those of a region, from the first page.
    pub fn of(region: &str) -> Self {
        Self { region_id: region.to_owned(), page_size: 100, page_number: 1 }
    }
}

impl Action for DescribeDBClusters {
    const API: Api = api("DescribeDBClusters").needs("polardb:DescribeDBClusters");
    type Response = ClusterPage;
}

numbered_pages!(DescribeDBClusters => Cluster);

/// One page of clusters.
#[derive(Debug, Clone, Deserialize)]
pub struct ClusterPage {
    #[serde(rename = "Items")]
    rows: Rows<Cluster>,
    #[serde(rename = "TotalRecordCount", deserialize_with = "number")]
    total: u64,
}

/// A cluster.
#[derive(Debug, Clone, Deserialize)]
pub struct Cluster {
    /// `pc-…`.
    #[serde(rename = "DBClusterId")]
    pub id: String,
    /// Its name.
    #[serde(rename = "DBClusterDescription")]
    pub description: Option<String>,
    /// The engine that it speaks: `MySQL`, `PostgreSQL`, `Oracle`.
    #[serde(rename = "DBType")]
    pub engine: Option<String>,
    /// Its tags.
    #[serde(rename = "Tags", default, deserialize_with = "tags")]
    pub tags: Tags,
}

/// The endpoints of a cluster: primary, cluster and custom ones, each with an address in each network that it is in.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeDBClusterEndpoints<'a> {
    /// The cluster.
    #[serde(rename = "DBClusterId")]
    pub cluster: &'a str,
}

impl Action for DescribeDBClusterEndpoints<'_> {
    const API: Api = api("DescribeDBClusterEndpoints").needs("polardb:DescribeDBClusterEndpoints");
    type Response = Endpoints;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Endpoints {
    items: Rows<Endpoint>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Endpoint {
    address_items: Rows<Address>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Address {
    connection_string: String,
    #[serde(default, deserialize_with = "text")]
    port: String,
    net_type: String,
}

impl Endpoints {
    /// Host, port and network (`Public`, `Private`, `Inner`) of each address.
    pub fn addresses(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.items.0.iter().flat_map(|endpoint| &endpoint.address_items.0).map(|address| {
            (address.connection_string.as_str(), address.port.as_str(), address.net_type.as_str())
        })
    }
}

/// The whitelists of a cluster, and the security groups that are bound to it.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeDBClusterAccessWhitelist<'a> {
    /// The cluster.
    #[serde(rename = "DBClusterId")]
    pub cluster: &'a str,
}

impl Action for DescribeDBClusterAccessWhitelist<'_> {
    const API: Api =
        api("DescribeDBClusterAccessWhitelist").needs("polardb:DescribeDBClusterAccessWhitelist");
    type Response = AccessWhitelist;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
pub struct AccessWhitelist {
    #[serde(rename = "Items")]
    lists: Rows<IpArray>,
    #[serde(rename = "DBClusterSecurityGroups")]
    groups: Option<Rows<SecurityGroup>>,
}

/// One whitelist.
#[derive(Debug, Clone, Deserialize)]
pub struct IpArray {
    /// The group's name.
    #[serde(rename = "DBClusterIPArrayName")]
    pub name: String,
    #[serde(rename = "DBClusterIPArrayAttribute")]
    attribute: Option<String>,
    /// Its addresses, with commas between.
    #[serde(rename = "SecurityIps")]
    pub addresses: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SecurityGroup {
    security_group_id: String,
}

impl AccessWhitelist {
    /// The lists that count for people: hidden ones are the service's own.
    pub fn shown(&self) -> impl Iterator<Item = &IpArray> {
        let is_hidden = |list: &IpArray| list.attribute.as_deref().map(str::trim) == Some("hidden");
        self.lists.0.iter().filter(move |list| !is_hidden(list))
    }

    /// The ids of the groups; `None` when the answer says nothing of groups.
    pub fn groups(&self) -> Option<Vec<String>> {
        Some(self.groups.as_ref()?.0.iter().map(|group| group.security_group_id.clone()).collect())
    }
}

/// The whitelist templates that a cluster uses.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeGlobalSecurityIPGroupRelation<'a> {
    /// The region.
    #[serde(rename = "RegionId")]
    pub region: &'a str,
    /// The cluster.
    #[serde(rename = "DBClusterId")]
    pub cluster: &'a str,
}

impl Action for DescribeGlobalSecurityIPGroupRelation<'_> {
    const API: Api =
        api("DescribeGlobalSecurityIPGroupRelation").needs("polardb:DescribeGlobalSecurityIPGroupRelation");
    type Response = GlobalWhitelists;
}

/// TLS of a cluster, by endpoint.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeDBClusterSSL<'a> {
    /// The cluster.
    #[serde(rename = "DBClusterId")]
    pub cluster: &'a str,
}

impl Action for DescribeDBClusterSSL<'_> {
    const API: Api = api("DescribeDBClusterSSL").needs("polardb:DescribeDBClusterSSL");
    type Response = Ssl;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Ssl {
    items: Rows<EndpointSsl>,
}

#[derive(Debug, Clone, Deserialize)]
struct EndpointSsl {
    #[serde(rename = "SSLEnabled")]
    enabled: String,
}

impl Ssl {
    /// `Enabled` or `Disabled`, of each endpoint.
    pub fn endpoints(&self) -> impl Iterator<Item = &str> {
        self.items.0.iter().map(|endpoint| endpoint.enabled.as_str())
    }
}

/// The SQL audit log of a cluster.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeDBClusterAuditLogCollector<'a> {
    /// The cluster.
    #[serde(rename = "DBClusterId")]
    pub cluster: &'a str,
}

impl Action for DescribeDBClusterAuditLogCollector<'_> {
    const API: Api =
        api("DescribeDBClusterAuditLogCollector").needs("polardb:DescribeDBClusterAuditLogCollector");
    type Response = AuditLogCollector;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AuditLogCollector {
    /// `Enable` or `Disabled`.
    pub collector_status: String,
}
