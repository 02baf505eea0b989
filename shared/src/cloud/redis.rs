//! Redis and Tair (`r-kvstore`, in RAM `kvstore`), 2015-01-01.

use serde::{Deserialize, Serialize};

use super::global_whitelist::GlobalWhitelists;
use super::wire::{Rows, number, numbered_pages, tags, text};
use super::{mongodb, rds};
use crate::openapi::{Action, Api, Host};
use crate::snapshot::Tags;

/// SDK `r_kvstore20150101`, endpoint map.
const HOST: Host = Host::Mixed("r-kvstore", &["cn-hangzhou", "cn-hangzhou-finance"]);

const fn api(name: &'static str) -> Api {
    Api::rpc("r-kvstore", "2015-01-01", name, HOST)
}

/// The regions in which Redis is offered.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeRegions {}

impl Action for DescribeRegions {
    const API: Api = api("DescribeRegions").needs("kvstore:DescribeRegions");
    type Response = Regions;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Regions {
    region_ids: Rows<Region>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Region {
    region_id: String,
}

impl Regions {
    /// Their ids.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.region_ids.0.iter().map(|region| region.region_id.as_str())
    }
}

/// The instances of a region. Without `InstanceType` it is taken to list all types, as clients in wide use rely on; the API page
/// calls `Redis` the default. Unverified.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeInstances {
    region_id: String,
    /// At most 50; the service's default is 30.
    page_size: u32,
    page_number: u32,
}

impl DescribeInstances {
    /// Those of a region, from the first page.
    pub fn of(region: &str) -> Self {
        Self { region_id: region.to_owned(), page_size: 50, page_number: 1 }
    }
}

impl Action for DescribeInstances {
    const API: Api = api("DescribeInstances").needs("kvstore:DescribeInstances");
    type Response = InstancePage;
}

numbered_pages!(DescribeInstances => Instance);

/// One page of instances.
#[derive(Debug, Clone, Deserialize)]
pub struct InstancePage {
    #[serde(rename = "Instances")]
    rows: Rows<Instance>,
    #[serde(rename = "TotalCount", deserialize_with = "number")]
    total: u64,
}

/// An instance.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Instance {
    /// `r-…`, `tair-…`.
    pub instance_id: String,
    /// Its name.
    pub instance_name: Option<String>,
    /// `Redis`, `Tair`, `Memcache`.
    pub instance_type: Option<String>,
    /// Its tags.
    #[serde(default, deserialize_with = "tags")]
    pub tags: Tags,
}

/// The addresses of an instance.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeDBInstanceNetInfo<'a> {
    /// The instance.
    pub instance_id: &'a str,
}

impl Action for DescribeDBInstanceNetInfo<'_> {
    const API: Api = api("DescribeDBInstanceNetInfo").needs("kvstore:DescribeDBInstanceNetInfo");
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

/// One address. Its network is told in two ways, of which either may be missing.
#[derive(Debug, Clone, Deserialize)]
pub struct NetInfo {
    /// The host name.
    #[serde(rename = "ConnectionString")]
    pub host: String,
    /// The port.
    #[serde(rename = "Port", default, deserialize_with = "text")]
    pub port: String,
    /// `Public`, `Inner` (classic network), `Private` (VPC).
    #[serde(rename = "IPType", default, deserialize_with = "text")]
    pub ip_type: String,
    /// 0 the internet, 1 the classic network, 2 a VPC.
    #[serde(rename = "DBInstanceNetType", default, deserialize_with = "text")]
    pub net_type: String,
}

/// The whitelists of an instance.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeSecurityIps<'a> {
    /// The instance.
    pub instance_id: &'a str,
}

impl Action for DescribeSecurityIps<'_> {
    const API: Api = api("DescribeSecurityIps").needs("kvstore:DescribeSecurityIps");
    type Response = mongodb::SecurityIps;
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
        api("DescribeGlobalSecurityIPGroupRelation").needs("kvstore:DescribeGlobalSecurityIPGroupRelation");
    type Response = GlobalWhitelists;
}

/// The security groups that are bound to an instance.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeSecurityGroupConfiguration<'a> {
    /// The instance.
    pub instance_id: &'a str,
}

impl Action for DescribeSecurityGroupConfiguration<'_> {
    const API: Api =
        api("DescribeSecurityGroupConfiguration").needs("kvstore:DescribeSecurityGroupConfiguration");
    type Response = rds::SecurityGroups;
}

/// TLS of an instance.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeInstanceSSL<'a> {
    /// The instance.
    pub instance_id: &'a str,
}

impl Action for DescribeInstanceSSL<'_> {
    const API: Api = api("DescribeInstanceSSL").needs("kvstore:DescribeInstanceSSL");
    type Response = Ssl;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
pub struct Ssl {
    /// `Enable` or `Disable`.
    #[serde(rename = "SSLEnabled")]
    pub enabled: String,
}

/// The audit log of an instance.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeAuditLogConfig<'a> {
    /// The region.
    pub region_id: &'a str,
    /// The instance.
    pub instance_id: &'a str,
}

impl Action for DescribeAuditLogConfig<'_> {
    const API: Api = api("DescribeAuditLogConfig").needs("kvstore:DescribeAuditLogConfig");
    type Response = AuditLog;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AuditLog {
    /// `true` or `false`.
    #[serde(deserialize_with = "text")]
    pub db_audit: String,
}
