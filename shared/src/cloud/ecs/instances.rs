//! Instances.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::api;
use crate::cloud::shape::{self, Page, Row, Rows, by_token};
use crate::openapi::{Action, Api};

/// The instances of a region.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeInstances {
    /// The region.
    pub region_id: String,
    /// Rows in a page, up to 100.
    pub max_results: u32,
    /// Where the page starts.
    pub next_token: Option<String>,
}

impl DescribeInstances {
    /// All of them.
    pub fn new(region: &str) -> Self {
        Self { region_id: region.to_owned(), max_results: 100, next_token: None }
    }
}

impl Action for DescribeInstances {
    const API: Api = api("DescribeInstances").needs("ecs:DescribeInstances");
    type Response = Page<Instance>;
}

by_token!(DescribeInstances, Instance, instance_id);

/// An instance.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Instance {
    /// `i-…`.
    pub instance_id: String,
    /// Its name.
    #[serde(default, deserialize_with = "shape::filled")]
    pub instance_name: Option<String>,
    /// `Running`, `Stopped`, …
    #[serde(default, deserialize_with = "shape::filled")]
    pub status: Option<String>,
    /// The groups of its primary interface.
    pub security_group_ids: Rows<String>,
    /// Its own public addresses. Always there, if only as an empty list.
    #[serde(deserialize_with = "shape::addresses")]
    pub public_ip_address: Vec<IpAddr>,
    /// Its private addresses in the classic network.
    #[serde(default, deserialize_with = "shape::addresses")]
    pub inner_ip_address: Vec<IpAddr>,
    /// Its EIP.
    #[serde(default)]
    pub eip_address: Option<EipAddress>,
    /// Its place in a VPC.
    #[serde(default)]
    pub vpc_attributes: Option<VpcAttributes>,
    /// Its tags.
    #[serde(default, deserialize_with = "shape::tags")]
    pub tags: BTreeMap<String, String>,
}

/// The EIP of an instance; without an address when there is none.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EipAddress {
    /// The address.
    #[serde(default, deserialize_with = "shape::address")]
    pub ip_address: Option<IpAddr>,
}

/// Where an instance is in a VPC; empty in the classic network.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VpcAttributes {
    /// The VPC.
    #[serde(default, deserialize_with = "shape::filled")]
    pub vpc_id: Option<String>,
    /// The private addresses.
    #[serde(default, deserialize_with = "shape::addresses")]
    pub private_ip_address: Vec<IpAddr>,
}

impl Row for Instance {
    const LIST: &'static str = "Instances";
}
