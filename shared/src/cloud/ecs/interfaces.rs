//! Network interfaces.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::api;
use crate::cloud::shape::{self, Page, Row, Rows, by_token};
use crate::openapi::{Action, Api, Rate};

/// The network interfaces of a region, primary and secondary.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeNetworkInterfaces {
    /// The region.
    pub region_id: String,
    /// Rows in a page.
    pub max_results: u32,
    /// Where the page starts.
    pub next_token: Option<String>,
}

impl DescribeNetworkInterfaces {
    /// All of them.
    pub fn new(region: &str) -> Self {
        Self { region_id: region.to_owned(), max_results: 100, next_token: None }
    }
}

impl Action for DescribeNetworkInterfaces {
    // The quota page gives 500 a minute for what it shows of the APIs of interfaces; the row of this one is not known.
    const API: Api = api("DescribeNetworkInterfaces")
        .limit(Rate { calls: 500, per: std::time::Duration::from_secs(60) })
        .needs("ecs:DescribeNetworkInterfaces");
    type Response = Page<Interface>;
}

by_token!(DescribeNetworkInterfaces, Interface, network_interface_id);

/// A network interface.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Interface {
    /// `eni-…`.
    pub network_interface_id: String,
    /// What it is attached to.
    #[serde(default, deserialize_with = "shape::filled")]
    pub instance_id: Option<String>,
    /// The same, of an interface that hangs on a trunk.
    #[serde(default)]
    pub attachment: Option<Attachment>,
    /// Its vSwitch.
    #[serde(default, rename = "VSwitchId", deserialize_with = "shape::filled")]
    pub vswitch_id: Option<String>,
    /// Its VPC.
    #[serde(default, deserialize_with = "shape::filled")]
    pub vpc_id: Option<String>,
    /// Its security groups.
    pub security_group_ids: Rows<String>,
    /// Its primary private address.
    #[serde(default, deserialize_with = "shape::address")]
    pub private_ip_address: Option<IpAddr>,
    /// The public address that leads to the primary one.
    #[serde(default)]
    pub associated_public_ip: Option<PublicIp>,
    /// All its private addresses.
    #[serde(default)]
    pub private_ip_sets: Option<Rows<PrivateIp>>,
    /// Its IPv6 addresses.
    #[serde(default)]
    pub ipv6_sets: Option<Rows<Ipv6>>,
}

/// What an interface is attached to.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attachment {
    /// The instance.
    #[serde(default, deserialize_with = "shape::filled")]
    pub instance_id: Option<String>,
}

/// A public address; empty when there is none.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PublicIp {
    /// The address.
    #[serde(default, deserialize_with = "shape::address")]
    pub public_ip_address: Option<IpAddr>,
}

/// A private address.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrivateIp {
    /// The address.
    #[serde(deserialize_with = "shape::known_address")]
    pub private_ip_address: IpAddr,
    /// The public address that leads to it.
    #[serde(default)]
    pub associated_public_ip: Option<PublicIp>,
}

/// An IPv6 address.
#[derive(Debug, Clone, Deserialize)]
pub struct Ipv6 {
    /// The address.
    #[serde(rename = "Ipv6Address", deserialize_with = "shape::known_address")]
    pub address: IpAddr,
}

impl Row for Interface {
    const LIST: &'static str = "NetworkInterfaceSets";
}
