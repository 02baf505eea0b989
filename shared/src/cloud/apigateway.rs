//! API Gateway (`CloudAPI`, in RAM `apigateway`), 2016-07-14.

use serde::{Deserialize, Serialize};

use super::wire::{Rows, number, numbered_pages, optional_flag, text};
use crate::openapi::{Action, Api, Host};

/// Where it is offered (OpenAPI metadata, endpoints of the product).
pub const REGIONS: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "cn-beijing",
    "cn-beijing-finance-1",
    "cn-chengdu",
    "cn-guangzhou",
    "cn-hangzhou",
    "cn-hangzhou-finance",
    "cn-heyuan",
    "cn-heyuan-acdr-1",
    "cn-hongkong",
    "cn-huhehaote",
    "cn-north-2-gov-1",
    "cn-qingdao",
    "cn-shanghai",
    "cn-shanghai-finance-1",
    "cn-shenzhen",
    "cn-shenzhen-finance-1",
    "cn-wulanchabu",
    "cn-zhangjiakou",
    "eu-central-1",
    "eu-west-1",
    "me-central-1",
    "me-east-1",
    "us-east-1",
    "us-west-1",
];

const fn api(name: &'static str) -> Api {
    Api::rpc("cloudapi", "2016-07-14", name, Host::Regional("apigateway"))
}

/// The groups of a region.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeApiGroups {
    /// At most 50; the service's default is 10.
    page_size: u32,
    page_number: u32,
}

impl Default for DescribeApiGroups {
    fn default() -> Self {
        Self { page_size: 50, page_number: 1 }
    }
}

impl Action for DescribeApiGroups {
    const API: Api = api("DescribeApiGroups").needs("apigateway:DescribeApiGroups");
    type Response = GroupPage;
}

numbered_pages!(DescribeApiGroups => Group);

/// One page of groups.
#[derive(Debug, Clone, Deserialize)]
pub struct GroupPage {
    #[serde(rename = "ApiGroupAttributes")]
    rows: Rows<Group>,
    #[serde(rename = "TotalCount", deserialize_with = "number")]
    total: u64,
}

/// A group of APIs.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Group {
    /// Its id.
    pub group_id: String,
    /// The internet address that the service gave it.
    pub sub_domain: Option<String>,
}

/// The APIs of a region, of all groups, as they were last edited.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeApis {
    /// The service's default is 10; its maximum is not documented.
    page_size: u32,
    page_number: u32,
}

impl Default for DescribeApis {
    fn default() -> Self {
        Self { page_size: 50, page_number: 1 }
    }
}

impl Action for DescribeApis {
    const API: Api = api("DescribeApis").needs("apigateway:DescribeApis");
    type Response = ApiPage;
}

numbered_pages!(DescribeApis => Summary);

/// One page of APIs.
#[derive(Debug, Clone, Deserialize)]
pub struct ApiPage {
    #[serde(rename = "ApiSummarys")]
    rows: Rows<Summary>,
    #[serde(rename = "TotalCount", deserialize_with = "number")]
    total: u64,
}

/// An API.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Summary {
    /// Its id.
    pub api_id: String,
    /// Its name.
    pub api_name: String,
    /// Its group.
    pub group_id: String,
    deployed_infos: Option<Rows<Deployment>>,
}

impl Summary {
    /// Whether it is deployed to any stage; `None` when the list does not tell of stages.
    pub fn is_deployed(&self) -> Option<bool> {
        any_deployed(self.deployed_infos.as_ref())
    }
}

/// One API as it was last edited, and where it is deployed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeApi<'a> {
    /// Its group.
    pub group_id: &'a str,
    /// The API.
    pub api_id: &'a str,
}

impl Action for DescribeApi<'_> {
    const API: Api = api("DescribeApi").needs("apigateway:DescribeApi");
    type Response = Definition;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Definition {
    /// `ANONYMOUS`, `APP`, `APPOPENID`.
    pub auth_type: String,
    /// Whether it takes calls from inside VPCs only.
    #[serde(default, deserialize_with = "optional_flag")]
    pub disable_internet: Option<bool>,
    deployed_infos: Option<Rows<Deployment>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Deployment {
    #[serde(default, deserialize_with = "text")]
    deployed_status: String,
}

impl Definition {
    /// Whether it is deployed to any stage; `None` when the answer does not tell of stages.
    pub fn is_deployed(&self) -> Option<bool> {
        any_deployed(self.deployed_infos.as_ref())
    }
}

fn any_deployed(stages: Option<&Rows<Deployment>>) -> Option<bool> {
    let is_deployed = |stage: &Deployment| stage.deployed_status.eq_ignore_ascii_case("DEPLOYED");
    Some(stages?.0.iter().any(is_deployed))
}
