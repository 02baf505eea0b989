//! Community-compatible clusters, 2019-11-11.

use serde::{Deserialize, Serialize};

use super::HOST;
use crate::cloud::rds;
use crate::cloud::wire::{Rows, number, numbered_pages, tags, text};
use crate::openapi::{Action, Api};
use crate::snapshot::Tags;

const fn api(name: &'static str) -> Api {
    Api::rpc("clickhouse", "2019-11-11", name, HOST)
}

/// The regions in which ClickHouse is offered.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeRegions {}

impl Action for DescribeRegions {
    const API: Api = api("DescribeRegions").needs("clickhouse:DescribeRegions");
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
    const API: Api = api("DescribeDBClusters").needs("clickhouse:DescribeDBClusters");
    type Response = ClusterPage;
}

numbered_pages!(DescribeDBClusters => Cluster);

/// One page of clusters.
#[derive(Debug, Clone, Deserialize)]
pub struct ClusterPage {
    #[serde(rename = "DBClusters")]
    rows: Rows<Cluster>,
    #[serde(rename = "TotalCount", deserialize_with = "number")]
    total: u64,
}

/// A cluster.
#[derive(Debug, Clone, Deserialize)]
pub struct Cluster {
    /// `cc-…`.
    #[serde(rename = "DBClusterId")]
    pub id: String,
    /// Its name.
    #[serde(rename = "DBClusterDescription")]
    pub description: Option<String>,
    /// Its tags.
    #[serde(rename = "Tags", default, deserialize_with = "tags")]
    pub tags: Tags,
}

/// The addresses of a cluster.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeDBClusterNetInfoItems<'a> {
    /// The cluster.
    #[serde(rename = "DBClusterId")]
    pub cluster: &'a str,
}

impl Action for DescribeDBClusterNetInfoItems<'_> {
    const API: Api = api("DescribeDBClusterNetInfoItems").needs("clickhouse:DescribeDBClusterNetInfoItems");
    type Response = Network;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Network {
    net_info_items: Rows<NetInfo>,
}

impl Network {
    /// Its addresses.
    pub fn addresses(&self) -> &[NetInfo] {
        &self.net_info_items.0
    }
}

/// One address, with a port for each protocol that it speaks.
#[derive(Debug, Clone, Deserialize)]
pub struct NetInfo {
    /// The host name.
    #[serde(rename = "ConnectionString")]
    pub host: String,
    /// `Public` or `VPC`.
    #[serde(rename = "NetType")]
    pub network: String,
    #[serde(rename = "JdbcPort", default, deserialize_with = "text")]
    jdbc_port: String,
    #[serde(rename = "HttpPort", default, deserialize_with = "text")]
    http_port: String,
    /// HTTP over TLS.
    #[serde(rename = "HttpsPort", default, deserialize_with = "text")]
    pub https_port: String,
    #[serde(rename = "MySQLPort", default, deserialize_with = "text")]
    mysql_port: String,
}

impl NetInfo {
    /// Every port at which it answers.
    pub fn ports(&self) -> impl Iterator<Item = &str> {
        let ports = [&self.jdbc_port, &self.http_port, &self.https_port, &self.mysql_port];
        ports.into_iter().map(String::as_str).filter(|port| !port.is_empty())
    }
}

/// The whitelists of a cluster.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeDBClusterAccessWhiteList<'a> {
    /// The cluster.
    #[serde(rename = "DBClusterId")]
    pub cluster: &'a str,
}

impl Action for DescribeDBClusterAccessWhiteList<'_> {
    const API: Api =
        api("DescribeDBClusterAccessWhiteList").needs("clickhouse:DescribeDBClusterAccessWhiteList");
    type Response = IpArrays;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
pub struct IpArrays {
    #[serde(rename = "DBClusterAccessWhiteList")]
    lists: Rows<IpArray>,
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
    #[serde(rename = "SecurityIPList")]
    pub addresses: String,
}

impl IpArrays {
    /// The lists that count for people: hidden ones are the service's own.
    pub fn shown(&self) -> impl Iterator<Item = &IpArray> {
        let is_hidden = |list: &IpArray| list.attribute.as_deref().map(str::trim) == Some("hidden");
        self.lists.0.iter().filter(move |list| !is_hidden(list))
    }
}
