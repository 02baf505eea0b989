//! Elastic IP addresses.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::api;
use crate::cloud::shape::{self, Page, Row, by_number};
use crate::openapi::{Action, Api};

/// The EIPs of a region.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeEipAddresses {
    /// The region.
    pub region_id: String,
    /// Rows in a page, up to 100.
    pub page_size: u32,
    /// Which page.
    pub page_number: u32,
}

impl DescribeEipAddresses {
    /// All of them.
    pub fn new(region: &str) -> Self {
        Self { region_id: region.to_owned(), page_size: 100, page_number: 1 }
    }
}

impl Action for DescribeEipAddresses {
    const API: Api = api("DescribeEipAddresses").needs("vpc:DescribeEipAddresses");
    type Response = Page<Eip>;
}

by_number!(DescribeEipAddresses, Eip, allocation_id);

/// An EIP.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Eip {
    /// `eip-…`.
    pub allocation_id: String,
    /// The address.
    #[serde(deserialize_with = "shape::known_address")]
    pub ip_address: IpAddr,
    /// The kind of what it is bound to: `EcsInstance`, `SlbInstance`, `Nat`, `HaVip`, `NetworkInterface`, `IpAddress`.
    #[serde(default, deserialize_with = "shape::filled")]
    pub instance_type: Option<String>,
    /// What it is bound to.
    #[serde(default, deserialize_with = "shape::filled")]
    pub instance_id: Option<String>,
    /// The private address that it leads to.
    #[serde(default, deserialize_with = "shape::address")]
    pub private_ip_address: Option<IpAddr>,
    /// Its tags.
    #[serde(default, deserialize_with = "shape::tags")]
    pub tags: BTreeMap<String, String>,
}

impl Row for Eip {
    const LIST: &'static str = "EipAddresses";
}
