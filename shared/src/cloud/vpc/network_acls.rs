//! Network ACLs.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::api;
use crate::cloud::shape::{self, Page, Row, Rows, by_number};
use crate::openapi::{Action, Api, Rate};

/// VPC, "API rate quotas": 30 a minute (DescribeNetworkAcls; that of one ACL is taken to be no wider).
const RATE: Rate = Rate { calls: 30, per: Duration::from_secs(60) };

/// The network ACLs of a region.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeNetworkAcls {
    /// The region.
    pub region_id: String,
    /// Rows in a page, up to 50.
    pub page_size: u32,
    /// Which page.
    pub page_number: u32,
}

impl DescribeNetworkAcls {
    /// All of them.
    pub fn new(region: &str) -> Self {
        Self { region_id: region.to_owned(), page_size: 50, page_number: 1 }
    }
}

impl Action for DescribeNetworkAcls {
    const API: Api = api("DescribeNetworkAcls").limit(RATE).needs("vpc:DescribeNetworkAcls");
    type Response = Page<NetworkAcl>;
}

by_number!(DescribeNetworkAcls, NetworkAcl, network_acl_id);

/// One network ACL, whole.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeNetworkAclAttributes<'a> {
    /// The region.
    pub region_id: &'a str,
    /// The ACL.
    pub network_acl_id: &'a str,
}

impl Action for DescribeNetworkAclAttributes<'_> {
    const API: Api =
        api("DescribeNetworkAclAttributes").limit(RATE).needs("vpc:DescribeNetworkAclAttributes");
    type Response = AclAttribute;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AclAttribute {
    /// The ACL.
    pub network_acl_attribute: NetworkAcl,
}

/// A network ACL. The list has the same fields as the ACL alone, but whether it fills them in is not documented.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NetworkAcl {
    /// `nacl-…`.
    pub network_acl_id: String,
    /// Inbound entries, in their order.
    #[serde(default)]
    pub ingress_acl_entries: Option<Rows<AclEntry>>,
    /// Outbound entries, in their order.
    #[serde(default)]
    pub egress_acl_entries: Option<Rows<AclEntry>>,
    /// What it guards.
    #[serde(default)]
    pub resources: Option<Rows<AclResource>>,
}

impl NetworkAcl {
    /// Whether it is all there. One without any entry is not believed: each has some from the start.
    pub fn is_whole(&self) -> bool {
        let count = |entries: &Option<Rows<AclEntry>>| entries.as_ref().map(|rows| rows.0.len());
        let entries = (count(&self.ingress_acl_entries), count(&self.egress_acl_entries));
        self.resources.is_some() && matches!(entries, (Some(inward), Some(outward)) if inward + outward > 0)
    }
}

impl Row for NetworkAcl {
    const LIST: &'static str = "NetworkAcls";
}

/// An entry of a network ACL.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AclEntry {
    /// `accept` or `drop`.
    pub policy: String,
    /// `all`, `tcp`, `udp`, `icmp`, `gre`.
    pub protocol: String,
    /// `-1/-1`, `80/80`.
    pub port: String,
    /// The other side: the source of inbound entries, the destination of outbound ones, IPv4 or IPv6.
    #[serde(rename = "SourceCidrIp", alias = "DestinationCidrIp")]
    pub peer: String,
}

/// What a network ACL is bound to.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AclResource {
    /// The vSwitch.
    pub resource_id: String,
    /// `VSwitch`.
    #[serde(default, deserialize_with = "shape::filled")]
    pub resource_type: Option<String>,
    /// `BINDED`, `BINDING`, `UNBINDING`.
    #[serde(default, deserialize_with = "shape::filled")]
    pub status: Option<String>,
}

impl AclResource {
    /// The vSwitch, if it is one that the ACL guards now.
    pub fn vswitch(self) -> Option<String> {
        let is =
            |field: &Option<String>, word| field.as_deref().is_some_and(|f| f.eq_ignore_ascii_case(word));
        let guarded = !is(&self.status, "unbinding") && !is(&self.status, "binding");
        (guarded && (self.resource_type.is_none() || is(&self.resource_type, "vswitch")))
            .then_some(self.resource_id)
    }
}
