//! Prefix lists and port lists, which rules may name instead of addresses and ports. Neither has pages.

use serde::{Deserialize, Serialize};

use super::api;
use crate::cloud::shape::{Page, Row};
use crate::openapi::{Action, Api};

/// The ranges of a prefix list.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribePrefixListAttributes<'a> {
    /// The region.
    pub region_id: &'a str,
    /// `pl-…`.
    pub prefix_list_id: &'a str,
}

impl Action for DescribePrefixListAttributes<'_> {
    const API: Api = api("DescribePrefixListAttributes").needs("ecs:DescribePrefixListAttributes");
    type Response = Page<PrefixEntry>;
}

/// One range.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrefixEntry {
    /// `10.0.0.0/8`.
    pub cidr: String,
}

impl Row for PrefixEntry {
    const LIST: &'static str = "Entries";
}

/// The ranges of a port list.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribePortRangeListEntries<'a> {
    /// The region.
    pub region_id: &'a str,
    /// `prl-…`.
    pub port_range_list_id: &'a str,
}

impl Action for DescribePortRangeListEntries<'_> {
    const API: Api = api("DescribePortRangeListEntries").needs("ecs:DescribePortRangeListEntries");
    type Response = Page<PortEntry>;
}

/// One range.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PortEntry {
    /// `80/88`.
    pub port_range: String,
}

impl Row for PortEntry {
    const LIST: &'static str = "Entries";
}
