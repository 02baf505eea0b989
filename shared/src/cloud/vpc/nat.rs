//! NAT gateways and their DNAT entries.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::api;
use crate::cloud::shape::{self, Page, Row, by_number};
use crate::openapi::{Action, Api};

/// The NAT gateways of a region, of both kinds.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeNatGateways {
    /// The region.
    pub region_id: String,
    /// Rows in a page, up to 50.
    pub page_size: u32,
    /// Which page.
    pub page_number: u32,
}

impl DescribeNatGateways {
    /// All of them.
    pub fn new(region: &str) -> Self {
        Self { region_id: region.to_owned(), page_size: 50, page_number: 1 }
    }
}

impl Action for DescribeNatGateways {
    const API: Api = api("DescribeNatGateways").needs("vpc:DescribeNatGateways");
    type Response = Page<NatGateway>;
}

by_number!(DescribeNatGateways, NatGateway, nat_gateway_id);

/// A NAT gateway.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NatGateway {
    /// `ngw-…`.
    pub nat_gateway_id: String,
    /// Its VPC.
    #[serde(default, deserialize_with = "shape::filled")]
    pub vpc_id: Option<String>,
    /// `internet` or `intranet`.
    #[serde(default, deserialize_with = "shape::filled")]
    pub network_type: Option<String>,
}

impl NatGateway {
    /// Whether the internet may reach through it. What does not say that it is internal may be reached.
    pub fn is_internet(&self) -> bool {
        !self.network_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("intranet"))
    }
}

impl Row for NatGateway {
    const LIST: &'static str = "NatGateways";
}

/// The DNAT entries of one gateway, over all its tables.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeForwardTableEntries {
    /// The region.
    pub region_id: String,
    /// The gateway.
    pub nat_gateway_id: String,
    /// Rows in a page, up to 50.
    pub page_size: u32,
    /// Which page.
    pub page_number: u32,
}

impl DescribeForwardTableEntries {
    /// All of them.
    pub fn new(region: &str, gateway: &str) -> Self {
        Self {
            region_id: region.to_owned(),
            nat_gateway_id: gateway.to_owned(),
            page_size: 50,
            page_number: 1,
        }
    }
}

impl Action for DescribeForwardTableEntries {
    const API: Api = api("DescribeForwardTableEntries").needs("vpc:DescribeForwardTableEntries");
    type Response = Page<ForwardEntry>;
}

by_number!(DescribeForwardTableEntries, ForwardEntry, forward_entry_id);

/// A DNAT entry.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ForwardEntry {
    /// `fwd-…`.
    pub forward_entry_id: String,
    /// The public address.
    #[serde(deserialize_with = "shape::known_address")]
    pub external_ip: IpAddr,
    /// Its ports: `80`, `80/90`, `Any`.
    pub external_port: String,
    /// The private address.
    #[serde(deserialize_with = "shape::known_address")]
    pub internal_ip: IpAddr,
    /// Its ports.
    pub internal_port: String,
    /// `TCP`, `UDP` or `Any`.
    pub ip_protocol: String,
}

impl Row for ForwardEntry {
    const LIST: &'static str = "ForwardTableEntries";
}
