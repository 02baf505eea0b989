//! Elasticsearch, 2017-06-13 (ROA).

use serde::{Deserialize, Serialize};

use super::wire::{Rows, flag, number, tags, text};
use crate::openapi::{Action, Api, Cursor, Host, Paged, percent};
use crate::snapshot::Tags;

/// Where it is offered (OpenAPI metadata, endpoints of the product).
pub const REGIONS: &[&str] = &[
    "ap-northeast-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-5",
    "cn-beijing",
    "cn-chengdu",
    "cn-guangzhou",
    "cn-hangzhou",
    "cn-hangzhou-finance",
    "cn-hongkong",
    "cn-north-2-gov-1",
    "cn-qingdao",
    "cn-shanghai",
    "cn-shanghai-finance-1",
    "cn-shenzhen",
    "cn-wulanchabu",
    "cn-zhangjiakou",
    "eu-central-1",
    "eu-west-1",
    "us-east-1",
    "us-west-1",
];

/// What every call answers for an account that never opened the service (its error codes): it has no instance.
pub const NOT_OPENED: &str = "UserNotOpen";

const fn api(name: &'static str) -> Api {
    Api::roa("elasticsearch", "2017-06-13", name, Host::Regional("elasticsearch"), "GET")
}

/// The instances of a region.
#[derive(Debug, Clone, Serialize)]
pub struct ListInstance {
    page: u32,
    /// At most 100; the service's default is 10.
    size: u32,
}

impl Default for ListInstance {
    fn default() -> Self {
        Self { page: 1, size: 100 }
    }
}

impl Action for ListInstance {
    const API: Api = api("ListInstance").needs("elasticsearch:ListInstance");
    type Response = InstancePage;

    fn path(&self) -> String {
        "/openapi/instances".to_owned()
    }
}

impl Paged for ListInstance {
    type Item = Listed;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Page(number) = cursor {
            self.page = number;
        }
    }

    fn take(&self, answer: InstancePage, seen: u64) -> (Vec<Listed>, Option<Cursor>) {
        let seen = seen + answer.result.0.len() as u64;
        (answer.result.0, Cursor::page(self.page, seen, answer.headers.total))
    }
}

/// One page. The total is in a header that the body repeats.
#[derive(Debug, Clone, Deserialize)]
pub struct InstancePage {
    #[serde(rename = "Result")]
    result: Rows<Listed>,
    #[serde(rename = "Headers")]
    headers: Headers,
}

#[derive(Debug, Clone, Deserialize)]
struct Headers {
    #[serde(rename = "X-Total-Count", deserialize_with = "number")]
    total: u64,
}

/// An instance as the list has it: without its switches.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// `es-cn-…`.
    pub instance_id: String,
    /// Its name.
    pub description: Option<String>,
    /// Its tags.
    #[serde(default, deserialize_with = "tags")]
    pub tags: Tags,
}

/// One instance, whole.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeInstance<'a> {
    /// The instance.
    #[serde(skip)]
    pub instance: &'a str,
}

impl Action for DescribeInstance<'_> {
    const API: Api = api("DescribeInstance").needs("elasticsearch:DescribeInstance");
    type Response = Described;

    fn path(&self) -> String {
        format!("/openapi/instances/{}", percent(self.instance))
    }
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
pub struct Described {
    /// The instance.
    #[serde(rename = "Result")]
    pub instance: Instance,
}

/// An instance with its switches and whitelists.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Instance {
    /// Whether the nodes have an internet address.
    #[serde(deserialize_with = "flag")]
    pub enable_public: bool,
    /// Whether Kibana has one.
    #[serde(deserialize_with = "flag")]
    pub enable_kibana_public_network: bool,
    /// `HTTP` or `HTTPS`.
    #[serde(default, deserialize_with = "text")]
    pub protocol: String,
    /// The address inside the VPC.
    #[serde(default, deserialize_with = "text")]
    pub domain: String,
    /// Its port.
    #[serde(default, deserialize_with = "text")]
    pub port: String,
    /// The internet address of the nodes.
    #[serde(default, deserialize_with = "text")]
    pub public_domain: String,
    /// Its port.
    #[serde(default, deserialize_with = "text")]
    pub public_port: String,
    /// The internet address of Kibana.
    #[serde(default, deserialize_with = "text")]
    pub kibana_domain: String,
    /// Its port.
    #[serde(default, deserialize_with = "text")]
    pub kibana_port: String,
    /// Who may reach the nodes from the internet.
    pub public_ip_whitelist: Option<Vec<String>>,
    /// Who may reach Kibana from the internet.
    #[serde(rename = "kibanaIPWhitelist")]
    pub kibana_ip_whitelist: Option<Vec<String>>,
    network_config: Option<NetworkConfig>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NetworkConfig {
    #[serde(default)]
    white_ip_group_list: Option<Vec<WhiteGroup>>,
}

/// A named whitelist, in the newer form that stands beside the two lists.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WhiteGroup {
    /// Its name.
    pub group_name: String,
    /// Its addresses.
    pub ips: Vec<String>,
    /// What it guards: `PUBLIC_ES`, `PUBLIC_KIBANA`, `PRIVATE_ES`, `PRIVATE_KIBANA`.
    pub white_ip_type: String,
}

impl Instance {
    /// The named whitelists.
    pub fn groups(&self) -> &[WhiteGroup] {
        let groups = self.network_config.as_ref().and_then(|config| config.white_ip_group_list.as_deref());
        groups.unwrap_or_default()
    }
}
