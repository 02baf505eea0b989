//! Network Load Balancer, 2022-04-30: what the exposure scan reads of it. Fields follow the official SDK model and the API metadata. It has
//! no access lists: security groups guard it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::alb::Server;
use super::shape::{self, Page, Row, Rows, by_token};
use crate::openapi::{Action, Api, Cursor, Host, Paged, Rate};

/// NLB, "API rate quotas": 20 a second for what lists.
const fn api(name: &'static str) -> Api {
    Api::rpc("nlb", "2022-04-30", name, Host::Regional("nlb")).limit(Rate::per_second(20))
}

/// The load balancers of a region.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListLoadBalancers {
    /// The region.
    pub region_id: String,
    /// Rows in a page, up to 100.
    pub max_results: u32,
    /// Where the page starts.
    pub next_token: Option<String>,
}

impl ListLoadBalancers {
    /// All of them.
    pub fn new(region: &str) -> Self {
        Self { region_id: region.to_owned(), max_results: 100, next_token: None }
    }
}

impl Action for ListLoadBalancers {
    const API: Api = api("ListLoadBalancers").needs("nlb:ListLoadBalancers");
    type Response = Page<LoadBalancer>;
}

by_token!(ListLoadBalancers, LoadBalancer, load_balancer_id);

/// A load balancer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoadBalancer {
    /// `nlb-…`.
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
    /// Its security groups; without any, everything comes through.
    #[serde(default)]
    pub security_group_ids: Option<Rows<String>>,
    /// Its addresses, by zone.
    #[serde(default)]
    pub zone_mappings: Option<Rows<Zone>>,
    /// Its tags.
    #[serde(default, deserialize_with = "shape::tags")]
    pub tags: BTreeMap<String, String>,
}

impl Row for LoadBalancer {
    const LIST: &'static str = "LoadBalancers";
}

/// A zone of a load balancer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Zone {
    /// The addresses in it.
    #[serde(default)]
    pub load_balancer_addresses: Option<Rows<Address>>,
}

/// The addresses of a load balancer in a zone.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Address {
    /// The public one.
    #[serde(default, rename = "PublicIPv4Address", deserialize_with = "shape::address")]
    pub public_ipv4: Option<IpAddr>,
    /// The private one.
    #[serde(default, rename = "PrivateIPv4Address", deserialize_with = "shape::address")]
    pub private_ipv4: Option<IpAddr>,
    /// The IPv6 one.
    #[serde(default, rename = "Ipv6Address", deserialize_with = "shape::address")]
    pub ipv6: Option<IpAddr>,
}

/// The listeners of all load balancers of a region.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListListeners {
    /// The region.
    pub region_id: String,
    /// Rows in a page, up to 100.
    pub max_results: u32,
    /// Where the page starts.
    pub next_token: Option<String>,
}

impl ListListeners {
    /// All of them.
    pub fn new(region: &str) -> Self {
        Self { region_id: region.to_owned(), max_results: 100, next_token: None }
    }
}

impl Action for ListListeners {
    const API: Api = api("ListListeners").needs("nlb:ListListeners");
    type Response = Page<Listener>;
}

by_token!(ListListeners, Listener, listener_id);

/// A listener.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Listener {
    /// `lsn-…`.
    pub listener_id: String,
    /// Its load balancer.
    pub load_balancer_id: String,
    /// Its port; 0 for one that takes a range of them.
    #[serde(default, deserialize_with = "shape::number")]
    pub listener_port: Option<u16>,
    /// The first port of the range.
    #[serde(default, deserialize_with = "shape::number")]
    pub start_port: Option<u16>,
    /// The last.
    #[serde(default, deserialize_with = "shape::number")]
    pub end_port: Option<u16>,
    /// `TCP`, `UDP`, `TCPSSL`.
    pub listener_protocol: String,
    /// `Running`, `Stopped`, …
    #[serde(default, deserialize_with = "shape::filled")]
    pub listener_status: Option<String>,
    /// The group it leads to.
    #[serde(default, deserialize_with = "shape::filled")]
    pub server_group_id: Option<String>,
}

impl Row for Listener {
    const LIST: &'static str = "Listeners";
}

/// The servers of one group.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListServerGroupServers {
    /// The region.
    pub region_id: String,
    /// The group.
    pub server_group_id: String,
    /// Rows in a page, up to 100.
    pub max_results: u32,
    /// Where the page starts.
    pub next_token: Option<String>,
}

impl ListServerGroupServers {
    /// All of them.
    pub fn new(region: &str, group: &str) -> Self {
        let (region_id, server_group_id) = (region.to_owned(), group.to_owned());
        Self { region_id, server_group_id, max_results: 100, next_token: None }
    }
}

impl Action for ListServerGroupServers {
    // The metadata places its parameters in the body.
    const API: Api = api("ListServerGroupServers").form().needs("nlb:ListServerGroupServers");
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
