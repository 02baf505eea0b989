//! IPv6 gateways, the addresses behind them, and the rules that let some of these reach out only.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::api;
use crate::cloud::shape::{self, Page, Row, by_number};
use crate::openapi::{Action, Api};

/// The IPv6 gateways of a region. Without one, the internet reaches no IPv6 address of it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeIpv6Gateways {
    /// The region.
    pub region_id: String,
    /// Rows in a page, up to 50.
    pub page_size: u32,
    /// Which page.
    pub page_number: u32,
}

impl DescribeIpv6Gateways {
    /// All of them.
    pub fn new(region: &str) -> Self {
        Self { region_id: region.to_owned(), page_size: 50, page_number: 1 }
    }
}

impl Action for DescribeIpv6Gateways {
    const API: Api = api("DescribeIpv6Gateways").needs("vpc:DescribeIpv6Gateways");
    type Response = Page<Ipv6Gateway>;
}

by_number!(DescribeIpv6Gateways, Ipv6Gateway, ipv6_gateway_id);

/// An IPv6 gateway.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Ipv6Gateway {
    /// `ipv6gw-…`.
    pub ipv6_gateway_id: String,
}

impl Row for Ipv6Gateway {
    const LIST: &'static str = "Ipv6Gateways";
}

/// The IPv6 addresses of a region.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeIpv6Addresses {
    /// The region.
    pub region_id: String,
    /// Rows in a page, up to 50.
    pub page_size: u32,
    /// Which page.
    pub page_number: u32,
}

impl DescribeIpv6Addresses {
    /// All of them.
    pub fn new(region: &str) -> Self {
        Self { region_id: region.to_owned(), page_size: 50, page_number: 1 }
    }
}

impl Action for DescribeIpv6Addresses {
    const API: Api = api("DescribeIpv6Addresses").needs("vpc:DescribeIpv6Addresses");
    type Response = Page<Ipv6Address>;
}

by_number!(DescribeIpv6Addresses, Ipv6Address, ipv6_address_id);

/// An IPv6 address.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Ipv6Address {
    /// `ipv6-…`.
    pub ipv6_address_id: String,
    /// The address.
    #[serde(rename = "Ipv6Address", deserialize_with = "shape::known_address")]
    pub address: IpAddr,
    /// `Public` when internet bandwidth was bought for it, else `Private`.
    pub network_type: String,
    /// What has it: an instance or an interface.
    #[serde(default, deserialize_with = "shape::filled")]
    pub associated_instance_id: Option<String>,
    /// Its gateway.
    #[serde(default, deserialize_with = "shape::filled")]
    pub ipv6_gateway_id: Option<String>,
}

impl Ipv6Address {
    /// Whether the internet may reach it, but for an egress-only rule.
    pub fn is_public(&self) -> bool {
        self.network_type.eq_ignore_ascii_case("public")
    }
}

impl Row for Ipv6Address {
    const LIST: &'static str = "Ipv6Addresses";
}

/// The egress-only rules of one gateway.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeIpv6EgressOnlyRules {
    /// The region.
    pub region_id: String,
    /// The gateway.
    pub ipv6_gateway_id: String,
    /// Rows in a page, up to 50.
    pub page_size: u32,
    /// Which page.
    pub page_number: u32,
}

impl DescribeIpv6EgressOnlyRules {
    /// All of them.
    pub fn new(region: &str, gateway: &str) -> Self {
        let (region_id, ipv6_gateway_id) = (region.to_owned(), gateway.to_owned());
        Self { region_id, ipv6_gateway_id, page_size: 50, page_number: 1 }
    }
}

impl Action for DescribeIpv6EgressOnlyRules {
    const API: Api = api("DescribeIpv6EgressOnlyRules").needs("vpc:DescribeIpv6EgressOnlyRules");
    type Response = Page<EgressOnlyRule>;
}

by_number!(DescribeIpv6EgressOnlyRules, EgressOnlyRule, ipv6_egress_only_rule_id);

/// A rule that lets an address reach out and nothing reach it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EgressOnlyRule {
    /// `ipv6py-…`.
    pub ipv6_egress_only_rule_id: String,
    /// The IPv6 address it is for, by its id.
    #[serde(default, deserialize_with = "shape::filled")]
    pub instance_id: Option<String>,
    /// `Available`; others are being made or taken away.
    #[serde(default, deserialize_with = "shape::filled")]
    pub status: Option<String>,
}

impl EgressOnlyRule {
    /// Whether it holds now.
    pub fn holds(&self) -> bool {
        self.status.as_deref().is_none_or(|status| status.eq_ignore_ascii_case("available"))
    }
}

impl Row for EgressOnlyRule {
    const LIST: &'static str = "Ipv6EgressOnlyRules";
}
