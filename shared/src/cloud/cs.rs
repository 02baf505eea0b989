//! Container Service for Kubernetes (ACK), 2015-12-15 (ROA).

use serde::{Deserialize, Serialize};

use super::wire::{Rows, json_in_text, number, tags};
use crate::openapi::{Action, Api, Cursor, Host, Paged, percent};
use crate::snapshot::Tags;

/// Where it is offered (OpenAPI metadata, endpoints of the product).
pub const REGIONS: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-7",
    "cn-beijing",
    "cn-beijing-finance-1",
    "cn-chengdu",
    "cn-fuzhou",
    "cn-guangzhou",
    "cn-hangzhou",
    "cn-hangzhou-finance",
    "cn-heyuan",
    "cn-heyuan-acdr-1",
    "cn-hongkong",
    "cn-huhehaote",
    "cn-nanjing",
    "cn-qingdao",
    "cn-shanghai",
    "cn-shanghai-finance-1",
    "cn-shenzhen",
    "cn-shenzhen-finance-1",
    "cn-wuhan-lr",
    "cn-wulanchabu",
    "cn-zhangjiakou",
    "cn-zhengzhou-jva",
    "eu-central-1",
    "eu-west-1",
    "me-central-1",
    "me-east-1",
    "na-south-1",
    "us-east-1",
    "us-southeast-1",
    "us-west-1",
];

const fn api(name: &'static str) -> Api {
    Api::roa("cs", "2015-12-15", name, Host::Regional("cs"), "GET")
}

/// The clusters of a region.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeClustersV1 {
    region_id: String,
    page_size: u32,
    page_number: u32,
}

impl DescribeClustersV1 {
    /// Those of a region, from the first page. The region is named although the host has one: whether a regional host shows
    /// that region's clusters only is not documented.
    pub fn of(region: &str) -> Self {
        Self { region_id: region.to_owned(), page_size: 50, page_number: 1 }
    }
}

impl Action for DescribeClustersV1 {
    const API: Api = api("DescribeClustersV1").needs("cs:DescribeClustersV1");
    type Response = ClusterPage;

    fn path(&self) -> String {
        "/api/v1/clusters".to_owned()
    }
}

impl Paged for DescribeClustersV1 {
    type Item = Cluster;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Page(number) = cursor {
            self.page_number = number;
        }
    }

    fn take(&self, page: ClusterPage, seen: u64) -> (Vec<Cluster>, Option<Cursor>) {
        let seen = seen + page.clusters.0.len() as u64;
        (page.clusters.0, Cursor::page(self.page_number, seen, page.page_info.total_count))
    }
}

/// One page of clusters.
#[derive(Debug, Clone, Deserialize)]
pub struct ClusterPage {
    clusters: Rows<Cluster>,
    page_info: PageInfo,
}

#[derive(Debug, Clone, Deserialize)]
struct PageInfo {
    #[serde(deserialize_with = "number")]
    total_count: u64,
}

/// A cluster.
#[derive(Debug, Clone, Deserialize)]
pub struct Cluster {
    /// Its id.
    pub cluster_id: String,
    /// Its name.
    pub name: Option<String>,
    /// Its region.
    pub region_id: Option<String>,
    /// Its tags.
    #[serde(default, deserialize_with = "tags")]
    pub tags: Tags,
    master_url: Option<String>,
}

impl Cluster {
    /// The addresses of its API server, if the answer tells them.
    pub fn api_server(&self) -> Option<ApiServer> {
        json_in_text(self.master_url.as_deref()?)
    }

    /// Whether the answer says that there is no address at all: a cluster that is being made, or one that runs elsewhere and is
    /// only registered here.
    pub fn has_no_api_server(&self) -> bool {
        self.master_url.as_deref() == Some("")
    }
}

/// What `master_url` holds: JSON as text.
#[derive(Debug, Clone, Deserialize)]
pub struct ApiServer {
    api_server_endpoint: Option<String>,
    intranet_api_server_endpoint: Option<String>,
}

impl ApiServer {
    /// The public address; `Some(None)` when there is none, `None` when not even the private one is told.
    pub fn public(&self) -> Option<Option<&str>> {
        let public = self.api_server_endpoint.as_deref();
        (public.is_some() || self.intranet_api_server_endpoint.is_some())
            .then(|| public.filter(|address| !address.is_empty()))
    }
}

/// One cluster.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeClusterDetail<'a> {
    /// The cluster.
    #[serde(skip)]
    pub cluster: &'a str,
}

impl Action for DescribeClusterDetail<'_> {
    const API: Api = api("DescribeClusterDetail").needs("cs:DescribeClusterDetail");
    type Response = Cluster;

    fn path(&self) -> String {
        format!("/clusters/{}", percent(self.cluster))
    }
}
