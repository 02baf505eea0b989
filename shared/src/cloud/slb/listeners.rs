//! Listeners, their access lists, their forwarding rules.

use serde::{Deserialize, Serialize};

use super::api;
use crate::cloud::shape::{self, Page, Row, Rows};
use crate::openapi::{Action, Api, Cursor, Paged};

/// The listeners of all load balancers of a region.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeLoadBalancerListeners {
    /// The region.
    pub region_id: String,
    /// Rows in a page, up to 100.
    pub max_results: u32,
    /// Where the page starts.
    pub next_token: Option<String>,
}

impl DescribeLoadBalancerListeners {
    /// All of them.
    pub fn new(region: &str) -> Self {
        Self { region_id: region.to_owned(), max_results: 100, next_token: None }
    }
}

impl Action for DescribeLoadBalancerListeners {
    const API: Api = api("DescribeLoadBalancerListeners").needs("slb:DescribeLoadBalancerListeners");
    type Response = Page<Listener>;
}

impl Paged for DescribeLoadBalancerListeners {
    type Item = Listener;
    const MOST_PAGES: u32 = 5_000;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Token(token) = cursor {
            self.next_token = Some(token);
        }
    }

    fn take(&self, page: Page<Listener>, seen: u64) -> (Vec<Listener>, Option<Cursor>) {
        page.by_token(seen)
    }
}

/// A listener.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Listener {
    /// Its load balancer.
    pub load_balancer_id: String,
    /// Its port.
    #[serde(default, deserialize_with = "shape::number")]
    pub listener_port: Option<u16>,
    /// `tcp`, `udp`, `http`, `https`.
    pub listener_protocol: String,
    /// `running`, `stopped`, …
    #[serde(default, deserialize_with = "shape::filled")]
    pub status: Option<String>,
    /// Whether access lists count: `on` or `off`.
    #[serde(default, deserialize_with = "shape::filled")]
    pub acl_status: Option<String>,
    /// `white` or `black`.
    #[serde(default, deserialize_with = "shape::filled")]
    pub acl_type: Option<String>,
    /// The access list, from when there could be one only.
    #[serde(default, deserialize_with = "shape::filled")]
    pub acl_id: Option<String>,
    /// The access lists.
    #[serde(default)]
    pub acl_ids: Option<Rows<String>>,
    /// The port of the servers of the default group.
    #[serde(default, deserialize_with = "shape::number")]
    pub backend_server_port: Option<i32>,
    /// The vServer group it leads to.
    #[serde(default, rename = "VServerGroupId", deserialize_with = "shape::filled")]
    pub vserver_group_id: Option<String>,
    /// Only of a TCP listener.
    #[serde(default, rename = "TCPListenerConfig")]
    pub tcp_listener_config: Option<PairConfig>,
    /// Only of a UDP listener.
    #[serde(default, rename = "UDPListenerConfig")]
    pub udp_listener_config: Option<PairConfig>,
    /// Only of an HTTP listener.
    #[serde(default, rename = "HTTPListenerConfig")]
    pub http_listener_config: Option<HttpConfig>,
}

impl Listener {
    /// The primary and secondary server group it leads to.
    pub fn pair(&self) -> Option<&str> {
        let configs = [&self.tcp_listener_config, &self.udp_listener_config];
        configs.into_iter().flatten().find_map(|config| config.master_slave_server_group_id.as_deref())
    }

    /// Whether it only sends clients on to another listener.
    pub fn redirects(&self) -> bool {
        let forward =
            self.http_listener_config.as_ref().and_then(|config| config.listener_forward.as_deref());
        forward.is_some_and(|forward| forward.eq_ignore_ascii_case("on"))
    }

    /// Whether it may have forwarding rules.
    pub fn has_rules(&self) -> bool {
        ["http", "https"].iter().any(|name| self.listener_protocol.eq_ignore_ascii_case(name))
    }
}

/// What only TCP and UDP listeners have.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PairConfig {
    /// The primary and secondary server group.
    #[serde(default, deserialize_with = "shape::filled")]
    pub master_slave_server_group_id: Option<String>,
}

/// What only HTTP listeners have.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct HttpConfig {
    /// `on` if it only sends clients on to HTTPS.
    #[serde(default, deserialize_with = "shape::filled")]
    pub listener_forward: Option<String>,
}

impl Row for Listener {
    const LIST: &'static str = "Listeners";
}

/// The forwarding rules of one HTTP or HTTPS listener; no pages.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeRules<'a> {
    /// The region.
    pub region_id: &'a str,
    /// The load balancer.
    pub load_balancer_id: &'a str,
    /// The listener's port.
    pub listener_port: u16,
    /// The listener's protocol: two listeners may have one port.
    pub listener_protocol: &'a str,
}

impl Action for DescribeRules<'_> {
    const API: Api = api("DescribeRules").needs("slb:DescribeRules");
    type Response = Page<Rule>;
}

/// A forwarding rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Rule {
    /// The vServer group it leads to.
    #[serde(default, rename = "VServerGroupId", deserialize_with = "shape::filled")]
    pub vserver_group_id: Option<String>,
}

impl Row for Rule {
    const LIST: &'static str = "Rules";
}

/// The entries of one access list.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeAccessControlListAttribute {
    /// The region.
    pub region_id: String,
    /// `acl-…`.
    pub acl_id: String,
    /// Which page; the first is not named. That there are pages stands in the API metadata alone.
    pub page: Option<u32>,
}

impl DescribeAccessControlListAttribute {
    /// All of them.
    pub fn new(region: &str, acl: &str) -> Self {
        Self { region_id: region.to_owned(), acl_id: acl.to_owned(), page: None }
    }
}

impl Action for DescribeAccessControlListAttribute {
    const API: Api =
        api("DescribeAccessControlListAttribute").needs("slb:DescribeAccessControlListAttribute");
    type Response = AclEntries;
}

/// The answer. An empty list may leave the entries out, but then says so by its total.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AclEntries {
    acl_entrys: Option<Rows<AclEntry>>,
    #[serde(default, deserialize_with = "shape::number")]
    total_acl_entry: Option<u64>,
}

/// One range.
#[derive(Debug, Clone, Deserialize)]
pub struct AclEntry {
    /// `10.0.0.0/24`.
    #[serde(rename = "AclEntryIP")]
    pub range: String,
}

impl Paged for DescribeAccessControlListAttribute {
    type Item = AclEntry;
    const MOST_PAGES: u32 = 100;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Page(number) = cursor {
            self.page = Some(number);
        }
    }

    fn take(&self, page: AclEntries, seen: u64) -> (Vec<AclEntry>, Option<Cursor>) {
        let next = match (&page.acl_entrys, page.total_acl_entry) {
            (Some(rows), Some(total)) => {
                Cursor::page(self.page.unwrap_or(1), seen + rows.0.len() as u64, total)
            }
            (Some(_), None) | (None, Some(0)) => None,
            (None, _) => Some(Cursor::Lost("the answer has no AclEntrys")),
        };
        (page.acl_entrys.map(|rows| rows.0).unwrap_or_default(), next)
    }

    fn row_id(row: &AclEntry) -> Option<&str> {
        Some(&row.range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_list_is_empty_only_if_it_says_so() {
        let ask = DescribeAccessControlListAttribute::new("cn-hangzhou", "acl-1");
        let take = |json: &str, seen| {
            let (rows, next) = ask.take(serde_json::from_str(json).unwrap(), seen);
            (rows.len(), next)
        };
        let one = r#"{"AclEntrys": {"AclEntry": [{"AclEntryIP": "10.0.0.0/8"}]}, "TotalAclEntry": "#;
        assert_eq!(take(&format!("{one} 1}}"), 0), (1, None));
        assert_eq!(take(&format!("{one} 2}}"), 0), (1, Some(Cursor::Page(2))));
        assert_eq!(take(r#"{"TotalAclEntry": 0}"#, 0), (0, None));
        assert_eq!(take(r#"{"AclEntrys": {"AclEntry": []}}"#, 0), (0, None));
        for lost in ["{}", r#"{"TotalAclEntry": 3}"#, r#"{"AclEntrys": null}"#] {
            assert!(matches!(take(lost, 0), (0, Some(Cursor::Lost(_)))), "{lost}");
        }
    }
}
