//! Application Load Balancer, 2020-06-16: what the exposure scan reads of it. Fields follow the official SDK model and the API metadata.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::shape::{self, Page, Row, Rows, by_token};
use crate::openapi::{Action, Api, Cursor, Host, Paged, Rate};

/// ALB, "API rate quotas": 20 a second for what lists; the others are taken to be no wider.
///
/// The endpoint list gives cn-hangzhou-finance the host of cn-hangzhou, but no call here says which of the two is meant: there, ALB stays
/// unread rather than being taken for that of Hangzhou.
const fn api(name: &'static str) -> Api {
    Api::rpc("alb", "2020-06-16", name, Host::Regional("alb")).limit(Rate::per_second(20))
}

/// The load balancers of the region that is asked.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListLoadBalancers {
    /// Rows in a page, up to 100.
    pub max_results: u32,
    /// Where the page starts.
    pub next_token: Option<String>,
}

/// The listeners of all load balancers of the region that is asked.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListListeners {
    /// Rows in a page, up to 100.
    pub max_results: u32,
    /// Where the page starts.
    pub next_token: Option<String>,
}

/// The server groups of the region that is asked.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListServerGroups {
    /// Rows in a page, up to 100.
    pub max_results: u32,
    /// Where the page starts.
    pub next_token: Option<String>,
}

/// The forwarding rules of one load balancer, over all its listeners.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListRules {
    /// The load balancer.
    pub load_balancer_ids: [String; 1],
    /// Rows in a page, up to 100.
    pub max_results: u32,
    /// Where the page starts.
    pub next_token: Option<String>,
}

/// The servers of one group.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListServerGroupServers {
    /// The group.
    pub server_group_id: String,
    /// Rows in a page, up to 100.
    pub max_results: u32,
    /// Where the page starts.
    pub next_token: Option<String>,
}

/// The entries of one access list.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListAclEntries {
    /// `acl-…`.
    pub acl_id: String,
    /// Rows in a page, up to 100.
    pub max_results: u32,
    /// Where the page starts.
    pub next_token: Option<String>,
}

/// One listener with its access lists, which the list does not show.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetListenerAttribute<'a> {
    /// The listener.
    pub listener_id: &'a str,
}

macro_rules! lists {
    ($($action:ty, $name:literal, $permission:literal, $row:ty, $id:ident;)*) => {$(
        impl Action for $action {
            const API: Api = api($name).needs($permission);
            type Response = Page<$row>;
        }

        by_token!($action, $row, $id);
    )*};
}

lists! {
    ListLoadBalancers, "ListLoadBalancers", "alb:ListLoadBalancers", LoadBalancer, load_balancer_id;
    ListListeners, "ListListeners", "alb:ListListeners", Listener, listener_id;
    ListServerGroups, "ListServerGroups", "alb:ListServerGroups", ServerGroup, server_group_id;
    ListRules, "ListRules", "alb:ListRules", Rule, rule_id;
    ListAclEntries, "ListAclEntries", "alb:ListAclEntries", AclEntry, entry;
}

impl Default for ListLoadBalancers {
    fn default() -> Self {
        Self { max_results: 100, next_token: None }
    }
}

impl Default for ListListeners {
    fn default() -> Self {
        Self { max_results: 100, next_token: None }
    }
}

impl Default for ListServerGroups {
    fn default() -> Self {
        Self { max_results: 100, next_token: None }
    }
}

impl ListRules {
    /// All of them.
    pub fn of(balancer: &str) -> Self {
        Self { load_balancer_ids: [balancer.to_owned()], max_results: 100, next_token: None }
    }
}

impl ListServerGroupServers {
    /// All of them.
    pub fn of(group: &str) -> Self {
        Self { server_group_id: group.to_owned(), max_results: 100, next_token: None }
    }
}

impl ListAclEntries {
    /// All of them.
    pub fn of(acl: &str) -> Self {
        Self { acl_id: acl.to_owned(), max_results: 100, next_token: None }
    }
}

impl Action for ListServerGroupServers {
    const API: Api = api("ListServerGroupServers").needs("alb:ListServerGroupServers");
    type Response = Page<Server>;
}

impl Paged for ListServerGroupServers {
    type Item = Server;
    const MOST_PAGES: u32 = 1_000;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Token(token) = cursor {
            self.next_token = Some(token);
        }
    }

    fn take(&self, page: Page<Server>, seen: u64) -> (Vec<Server>, Option<Cursor>) {
        page.by_token(seen)
    }
}

impl Action for GetListenerAttribute<'_> {
    const API: Api = api("GetListenerAttribute").needs("alb:GetListenerAttribute");
    type Response = ListenerAttribute;
}

/// A load balancer. Its addresses are not in the list.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoadBalancer {
    /// `alb-…`.
    pub load_balancer_id: String,
    /// Its name.
    #[serde(default, deserialize_with = "shape::filled")]
    pub load_balancer_name: Option<String>,
    /// `Internet` or `Intranet`.
    pub address_type: String,
    /// The same of its IPv6 addresses, where it has any.
    #[serde(default, deserialize_with = "shape::filled")]
    pub ipv6_address_type: Option<String>,
    /// Its host name.
    #[serde(default, rename = "DNSName", deserialize_with = "shape::filled")]
    pub dns_name: Option<String>,
    /// Its VPC.
    #[serde(default, deserialize_with = "shape::filled")]
    pub vpc_id: Option<String>,
    /// Its security groups.
    #[serde(default)]
    pub security_group_ids: Option<Rows<String>>,
    /// Its tags.
    #[serde(default, deserialize_with = "shape::tags")]
    pub tags: BTreeMap<String, String>,
}

impl Row for LoadBalancer {
    const LIST: &'static str = "LoadBalancers";
}

/// A listener.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Listener {
    /// `lsn-…`.
    pub listener_id: String,
    /// Its load balancer.
    pub load_balancer_id: String,
    /// Its port.
    #[serde(default, deserialize_with = "shape::number")]
    pub listener_port: Option<u16>,
    /// `HTTP`, `HTTPS`, `QUIC`.
    pub listener_protocol: String,
    /// `Running`, `Stopped`, …
    #[serde(default, deserialize_with = "shape::filled")]
    pub listener_status: Option<String>,
    /// What it does with what no rule takes.
    #[serde(default)]
    pub default_actions: Option<Rows<RuleAction>>,
}

impl Row for Listener {
    const LIST: &'static str = "Listeners";
}

/// What a listener or a rule does.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RuleAction {
    #[serde(default)]
    forward_group_config: Option<ForwardGroups>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ForwardGroups {
    #[serde(default)]
    server_group_tuples: Option<Rows<ForwardGroup>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ForwardGroup {
    server_group_id: String,
}

/// The server groups that actions lead to; none for those that answer or send on by themselves.
pub fn groups_of(actions: &Option<Rows<RuleAction>>) -> impl Iterator<Item = &str> {
    let configs = actions.iter().flat_map(|rows| &rows.0).filter_map(|act| act.forward_group_config.as_ref());
    let groups = configs.filter_map(|config| config.server_group_tuples.as_ref()).flat_map(|rows| &rows.0);
    groups.map(|group| group.server_group_id.as_str())
}

/// The answer for one listener.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListenerAttribute {
    /// The listener, again: an answer without it is none.
    pub listener_id: String,
    /// Its access lists; without any, the listener is open.
    #[serde(default)]
    pub acl_config: Option<AclConfig>,
}

/// The access lists of a listener.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AclConfig {
    /// `White` or `Black`.
    #[serde(default, deserialize_with = "shape::filled")]
    pub acl_type: Option<String>,
    /// The lists.
    #[serde(default)]
    pub acl_relations: Option<Rows<AclRelation>>,
}

/// An access list of a listener.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AclRelation {
    /// `acl-…`.
    pub acl_id: String,
}

/// A server group.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ServerGroup {
    /// `sgp-…`.
    pub server_group_id: String,
    /// The load balancers that lead to it, by default or by a rule.
    #[serde(default)]
    pub related_load_balancer_ids: Option<Rows<String>>,
}

impl Row for ServerGroup {
    const LIST: &'static str = "ServerGroups";
}

/// A forwarding rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Rule {
    /// `rule-…`.
    pub rule_id: String,
    /// Its listener.
    pub listener_id: String,
    /// What it does.
    pub rule_actions: Option<Rows<RuleAction>>,
}

impl Row for Rule {
    const LIST: &'static str = "Rules";
}

/// A server of a group, of an ALB or an NLB.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Server {
    /// An instance, an interface, an address, a function.
    pub server_id: String,
    /// Its address, where it is told.
    #[serde(default, deserialize_with = "shape::address")]
    pub server_ip: Option<IpAddr>,
    /// Its port; 0 for the listener's own.
    #[serde(default, deserialize_with = "shape::number")]
    pub port: Option<u16>,
}

impl Row for Server {
    const LIST: &'static str = "Servers";
}

/// A range of an access list.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AclEntry {
    /// `10.0.0.0/24`.
    pub entry: String,
}

impl Row for AclEntry {
    const LIST: &'static str = "AclEntries";
}
