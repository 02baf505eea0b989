//! Enterprise clusters, 2023-05-22.

use serde::{Deserialize, Serialize};

use super::HOST;
use crate::cloud::wire::{Rows, number, tags, text};
use crate::openapi::{Action, Api, Cursor, Paged};
use crate::snapshot::Tags;

const fn api(name: &'static str) -> Api {
    Api::rpc("clickhouse", "2023-05-22", name, HOST)
}

/// The clusters of a region.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeDBInstances {
    region_id: String,
    /// The service's default is 30; its maximum is not documented.
    page_size: u32,
    page_number: u32,
}

impl DescribeDBInstances {
    /// Those of a region, from the first page.
    pub fn of(region: &str) -> Self {
        Self { region_id: region.to_owned(), page_size: 30, page_number: 1 }
    }
}

impl Action for DescribeDBInstances {
    const API: Api = api("DescribeDBInstances").needs("clickhouse:DescribeDBInstances");
    type Response = InstancePage;
}

impl Paged for DescribeDBInstances {
    type Item = Instance;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Page(number) = cursor {
            self.page_number = number;
        }
    }

    fn take(&self, page: InstancePage, seen: u64) -> (Vec<Instance>, Option<Cursor>) {
        let InstancePage { data: Data { rows, total } } = page;
        let seen = seen + rows.0.len() as u64;
        (rows.0, Cursor::page(self.page_number, seen, total))
    }
}

/// One page of clusters.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InstancePage {
    data: Data,
}

#[derive(Debug, Clone, Deserialize)]
struct Data {
    #[serde(rename = "DBInstances")]
    rows: Rows<Instance>,
    #[serde(rename = "TotalCount", deserialize_with = "number")]
    total: u64,
}

/// A cluster.
#[derive(Debug, Clone, Deserialize)]
pub struct Instance {
    /// `cc-…`.
    #[serde(rename = "DBInstanceId")]
    pub id: String,
    /// Its name.
    #[serde(rename = "Description")]
    pub description: Option<String>,
    /// Its tags.
    #[serde(rename = "Tags", default, deserialize_with = "tags")]
    pub tags: Tags,
}

/// The endpoints of a cluster.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeEndpoints<'a> {
    /// The region.
    #[serde(rename = "RegionId")]
    pub region: &'a str,
    /// The cluster.
    #[serde(rename = "DBInstanceId")]
    pub instance: &'a str,
}

impl Action for DescribeEndpoints<'_> {
    const API: Api = api("DescribeEndpoints").needs("clickhouse:DescribeEndpoints");
    type Response = Endpoints;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Endpoints {
    data: EndpointData,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EndpointData {
    endpoints: Rows<Endpoint>,
}

impl Endpoints {
    /// The endpoints.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.data.endpoints.0
    }
}

/// One endpoint.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Endpoint {
    /// The host name.
    pub connection_string: String,
    /// `VPC` or `PUBLIC`.
    pub net_type: String,
    ports: Option<Rows<Port>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Port {
    #[serde(default, deserialize_with = "text")]
    protocol: String,
    #[serde(default, deserialize_with = "text")]
    port: String,
}

impl Endpoint {
    /// Every port at which it answers, and for which protocol: `HttpPort`, `HttpsPort`, …
    pub fn ports(&self) -> impl Iterator<Item = (&str, &str)> {
        let ports = self.ports.iter().flat_map(|rows| &rows.0);
        ports.map(|port| (port.port.as_str(), port.protocol.as_str()))
    }
}

/// The whitelists of a cluster.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeSecurityIPList<'a> {
    /// The region.
    #[serde(rename = "RegionId")]
    pub region: &'a str,
    /// The cluster.
    #[serde(rename = "DBInstanceId")]
    pub instance: &'a str,
}

impl Action for DescribeSecurityIPList<'_> {
    const API: Api = api("DescribeSecurityIPList").needs("clickhouse:DescribeSecurityIPList");
    type Response = SecurityIpList;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecurityIpList {
    data: Groups,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Groups {
    group_items: Rows<SecurityIpGroup>,
}

/// One whitelist.
#[derive(Debug, Clone, Deserialize)]
pub struct SecurityIpGroup {
    /// The group's name.
    #[serde(rename = "GroupName")]
    pub name: String,
    #[serde(rename = "GroupTag")]
    tag: Option<String>,
    /// Its addresses, with commas between.
    #[serde(rename = "SecurityIPList")]
    pub addresses: String,
}

impl SecurityIpList {
    /// The lists that count for people: hidden ones are the service's own.
    pub fn shown(&self) -> impl Iterator<Item = &SecurityIpGroup> {
        let is_hidden = |group: &SecurityIpGroup| group.tag.as_deref().map(str::trim) == Some("hidden");
        self.data.group_items.0.iter().filter(move |group| !is_hidden(group))
    }
}
