//! What guards an instance: whitelists, security groups, TLS, the audit log.

use serde::{Deserialize, Serialize};

use super::api;
use crate::cloud::wire::{Rows, optional_flag, text};
use crate::openapi::{Action, Api};

/// The whitelists of an instance: of all networks, or of one.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeDBInstanceIPArrayList<'a> {
    /// The instance.
    #[serde(rename = "DBInstanceId")]
    pub instance: &'a str,
    /// Those of one network only. The answer does not tell the network of a list.
    #[serde(rename = "WhitelistNetworkType", skip_serializing_if = "Option::is_none")]
    pub network: Option<WhitelistNetwork>,
}

/// The network that a whitelist is for, in an instance whose mode is `safety`. (`MIX` is the one of mode `normal`.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum WhitelistNetwork {
    /// The classic network, and the internet.
    Classic,
    /// VPCs.
    #[serde(rename = "VPC")]
    Vpc,
}

impl Action for DescribeDBInstanceIPArrayList<'_> {
    const API: Api = api("DescribeDBInstanceIPArrayList").needs("rds:DescribeDBInstanceIPArrayList");
    type Response = IpArrays;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct IpArrays {
    items: Rows<IpArray>,
}

impl IpArrays {
    /// The lists that count for people: hidden ones are the service's own.
    pub fn shown(&self) -> impl Iterator<Item = &IpArray> {
        self.items.0.iter().filter(|list| !list.is_hidden())
    }
}

/// One whitelist.
#[derive(Debug, Clone, Deserialize)]
pub struct IpArray {
    /// The group's name.
    #[serde(rename = "DBInstanceIPArrayName")]
    pub name: String,
    #[serde(rename = "DBInstanceIPArrayAttribute")]
    attribute: Option<String>,
    /// Its addresses, with commas between.
    #[serde(rename = "SecurityIPList")]
    pub addresses: String,
}

impl IpArray {
    fn is_hidden(&self) -> bool {
        self.attribute.as_deref().is_some_and(|attribute| attribute.trim() == "hidden")
    }
}

/// The whitelist templates that an instance uses, with what they let in.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeInstanceLinkedWhitelistTemplate<'a> {
    /// The region.
    #[serde(rename = "RegionId")]
    pub region: &'a str,
    /// The instance.
    #[serde(rename = "InsName")]
    pub instance: &'a str,
}

impl Action for DescribeInstanceLinkedWhitelistTemplate<'_> {
    const API: Api =
        api("DescribeInstanceLinkedWhitelistTemplate").needs("rds:DescribeInstanceLinkedWhitelistTemplate");
    type Response = LinkedTemplates;
}

/// The answer, an envelope.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LinkedTemplates {
    #[serde(default, deserialize_with = "optional_flag")]
    success: Option<bool>,
    data: Templates,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Templates {
    templates: Rows<Template>,
}

/// A whitelist template.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Template {
    /// Its name.
    pub template_name: String,
    /// Its addresses, with commas between.
    pub ips: String,
}

impl LinkedTemplates {
    /// The templates; `None` if the envelope says that they could not be read.
    pub fn templates(&self) -> Option<&[Template]> {
        (self.success != Some(false)).then_some(&self.data.templates.0)
    }
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
        api("DescribeSecurityGroupConfiguration").needs("rds:DescribeSecurityGroupConfiguration");
    type Response = SecurityGroups;
}

/// The answer: RDS, MongoDB and Redis give the same.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecurityGroups {
    items: Rows<SecurityGroup>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SecurityGroup {
    security_group_id: String,
}

impl SecurityGroups {
    /// Their ids.
    pub fn ids(&self) -> Vec<String> {
        self.items.0.iter().map(|group| group.security_group_id.clone()).collect()
    }
}

/// TLS of an instance.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeDBInstanceSSL<'a> {
    /// The instance.
    #[serde(rename = "DBInstanceId")]
    pub instance: &'a str,
}

impl Action for DescribeDBInstanceSSL<'_> {
    const API: Api = api("DescribeDBInstanceSSL").needs("rds:DescribeDBInstanceSSL");
    type Response = Ssl;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
pub struct Ssl {
    /// `Yes`/`No` (MySQL, SQL Server), `on`/`off` (PostgreSQL).
    #[serde(rename = "SSLEnabled", default, deserialize_with = "text")]
    pub enabled: String,
    /// The address that the certificate is for.
    #[serde(rename = "ConnectionString")]
    pub host: Option<String>,
}

/// The SQL audit log (SQL Explorer) of an instance.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeSQLCollectorPolicy<'a> {
    /// The instance.
    #[serde(rename = "DBInstanceId")]
    pub instance: &'a str,
}

impl Action for DescribeSQLCollectorPolicy<'_> {
    const API: Api = api("DescribeSQLCollectorPolicy").needs("rds:DescribeSQLCollectorPolicy");
    type Response = SqlCollector;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
pub struct SqlCollector {
    /// `Enable` or `Disabled`.
    #[serde(rename = "SQLCollectorStatus")]
    pub status: String,
}
