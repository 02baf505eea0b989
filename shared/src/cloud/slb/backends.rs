//! The servers behind listeners: the default group of a balancer, vServer groups, primary and secondary groups. None has pages.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::api;
use crate::cloud::shape::{self, Page, Row, Rows};
use crate::openapi::{Action, Api};

/// One load balancer; of the answer, its default server group.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeLoadBalancerAttribute<'a> {
    /// The region.
    pub region_id: &'a str,
    /// The load balancer.
    pub load_balancer_id: &'a str,
}

impl Action for DescribeLoadBalancerAttribute<'_> {
    const API: Api = api("DescribeLoadBalancerAttribute").needs("slb:DescribeLoadBalancerAttribute");
    type Response = Page<Server>;
}

/// The vServer groups of one load balancer, and what leads to them.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeVServerGroups<'a> {
    /// The region.
    pub region_id: &'a str,
    /// The load balancer.
    pub load_balancer_id: &'a str,
    /// With the forwarding rules that lead to each.
    pub include_rule: bool,
}

impl Action for DescribeVServerGroups<'_> {
    const API: Api = api("DescribeVServerGroups").needs("slb:DescribeVServerGroups");
    type Response = Page<VServerGroup>;
}

/// A vServer group, without its servers.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VServerGroup {
    #[serde(default)]
    associated_objects: Option<AssociatedObjects>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssociatedObjects {
    #[serde(default)]
    rules: Option<Rows<serde::de::IgnoredAny>>,
}

impl VServerGroup {
    /// Whether a forwarding rule leads to it. Where the answer does not say, one may.
    pub fn may_have_rules(&self) -> bool {
        let rules = self.associated_objects.as_ref().and_then(|objects| objects.rules.as_ref());
        rules.is_none_or(|rules| !rules.0.is_empty())
    }
}

impl Row for VServerGroup {
    const LIST: &'static str = "VServerGroups";
}

/// The servers of one vServer group.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeVServerGroupAttribute<'a> {
    /// The region.
    pub region_id: &'a str,
    /// The group.
    #[serde(rename = "VServerGroupId")]
    pub vserver_group_id: &'a str,
}

impl Action for DescribeVServerGroupAttribute<'_> {
    const API: Api = api("DescribeVServerGroupAttribute").needs("slb:DescribeVServerGroupAttribute");
    type Response = Page<Server>;
}

/// The servers of one primary and secondary group.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeMasterSlaveServerGroupAttribute<'a> {
    /// The region.
    pub region_id: &'a str,
    /// The group.
    pub master_slave_server_group_id: &'a str,
}

impl Action for DescribeMasterSlaveServerGroupAttribute<'_> {
    const API: Api =
        api("DescribeMasterSlaveServerGroupAttribute").needs("slb:DescribeMasterSlaveServerGroupAttribute");
    type Response = Page<PairServer>;
}

/// A server.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Server {
    /// An instance, an interface, or an address.
    pub server_id: String,
    /// Its address, where it is told.
    #[serde(default, deserialize_with = "shape::address")]
    pub server_ip: Option<IpAddr>,
    /// Its port; the default group leaves that to the listener.
    #[serde(default, deserialize_with = "shape::number")]
    pub port: Option<u16>,
}

impl Row for Server {
    const LIST: &'static str = "BackendServers";
}

/// A server of a primary and secondary group.
#[derive(Debug, Clone, Deserialize)]
pub struct PairServer(pub Server);

impl Row for PairServer {
    const LIST: &'static str = "MasterSlaveBackendServers";
}
