//! Container Registry, Enterprise Edition, 2018-12-01. The Personal Edition has an API of its own (2016-06-07) whose answers are
//! documented nowhere; it is not read.

use serde::{Deserialize, Serialize};

use super::wire::{Rows, flag, number, optional_flag};
use crate::openapi::{Action, Api, Cursor, Host, Paged};

/// Where it is offered (OpenAPI metadata, endpoints of the product).
pub const REGIONS: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-6",
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
    Api::rpc("cr", "2018-12-01", name, Host::Regional("cr"))
}

/// The registry instances of a region.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListInstance {
    page_no: u32,
    /// The service's default is 30.
    page_size: u32,
}

impl Default for ListInstance {
    fn default() -> Self {
        Self { page_no: 1, page_size: 100 }
    }
}

impl Action for ListInstance {
    const API: Api = api("ListInstance").needs("cr:ListInstance");
    type Response = InstancePage;
}

impl Paged for ListInstance {
    type Item = Instance;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Page(number) = cursor {
            self.page_no = number;
        }
    }

    fn take(&self, page: InstancePage, seen: u64) -> (Vec<Instance>, Option<Cursor>) {
        let seen = seen + page.instances.0.len() as u64;
        (page.instances.0, Cursor::page(self.page_no, seen, page.total_count))
    }
}

/// One page of instances.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InstancePage {
    instances: Rows<Instance>,
    #[serde(deserialize_with = "number")]
    total_count: u64,
}

/// A registry instance.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Instance {
    /// `cri-…`.
    pub instance_id: String,
    /// Its region.
    pub region_id: Option<String>,
}

/// The repositories of an instance.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListRepository {
    instance_id: String,
    page_no: u32,
    /// The service's default is 30.
    page_size: u32,
}

impl ListRepository {
    /// Those of an instance, from the first page.
    pub fn of(instance: &str) -> Self {
        Self { instance_id: instance.to_owned(), page_no: 1, page_size: 100 }
    }
}

impl Action for ListRepository {
    const API: Api = api("ListRepository").needs("cr:ListRepository");
    type Response = RepositoryPage;
}

impl Paged for ListRepository {
    type Item = Repository;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Page(number) = cursor {
            self.page_no = number;
        }
    }

    fn take(&self, page: RepositoryPage, seen: u64) -> (Vec<Repository>, Option<Cursor>) {
        let seen = seen + page.repositories.0.len() as u64;
        (page.repositories.0, Cursor::page(self.page_no, seen, page.total_count))
    }
}

/// One page of repositories.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RepositoryPage {
    repositories: Rows<Repository>,
    #[serde(deserialize_with = "number")]
    total_count: u64,
}

/// A repository.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Repository {
    /// Its namespace.
    pub repo_namespace_name: String,
    /// Its name.
    pub repo_name: String,
    /// `PUBLIC` or `PRIVATE`.
    pub repo_type: String,
}

/// How an instance is reached.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetInstanceEndpoint<'a> {
    /// The instance.
    pub instance_id: &'a str,
    /// `internet` is the only one there is.
    pub endpoint_type: &'static str,
}

impl Action for GetInstanceEndpoint<'_> {
    const API: Api = api("GetInstanceEndpoint").needs("cr:GetInstanceEndpoint");
    type Response = Endpoint;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Endpoint {
    /// Whether it is open at all.
    #[serde(deserialize_with = "flag")]
    pub enable: bool,
    /// Whether the list counts.
    #[serde(default, deserialize_with = "optional_flag")]
    pub acl_enable: Option<bool>,
    acl_entries: Option<Rows<AclEntry>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AclEntry {
    entry: String,
}

impl Endpoint {
    /// The ranges on its list; `None` when the answer has no list.
    pub fn entries(&self) -> Option<impl Iterator<Item = &str>> {
        Some(self.acl_entries.as_ref()?.0.iter().map(|row| row.entry.as_str()))
    }
}
