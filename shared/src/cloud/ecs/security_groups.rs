//! Security groups, and their rules a page at a time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{RuleRow, api};
use crate::cloud::shape::{self, Page, Row, by_token};
use crate::openapi::{Action, Api, Cursor, Paged};

/// The security groups of a region, classic network included.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeSecurityGroups {
    /// The region.
    pub region_id: String,
    /// Rows in a page, up to 100.
    pub max_results: u32,
    /// Where the page starts.
    pub next_token: Option<String>,
}

impl DescribeSecurityGroups {
    /// All of them.
    pub fn new(region: &str) -> Self {
        Self { region_id: region.to_owned(), max_results: 100, next_token: None }
    }
}

impl Action for DescribeSecurityGroups {
    const API: Api = api("DescribeSecurityGroups").needs("ecs:DescribeSecurityGroups");
    type Response = Page<SecurityGroup>;
}

by_token!(DescribeSecurityGroups, SecurityGroup, security_group_id);

/// A security group, without its rules.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecurityGroup {
    /// `sg-…`.
    pub security_group_id: String,
    /// Its name.
    #[serde(default, deserialize_with = "shape::filled")]
    pub security_group_name: Option<String>,
    /// Its VPC; none in the classic network.
    #[serde(default, deserialize_with = "shape::filled")]
    pub vpc_id: Option<String>,
    /// `normal` or `enterprise` (advanced).
    #[serde(default, deserialize_with = "shape::filled")]
    pub security_group_type: Option<String>,
    /// How many rules it has, in both directions, where the service tells.
    #[serde(default, deserialize_with = "shape::number")]
    pub rule_count: Option<u32>,
    /// Its tags.
    #[serde(default, deserialize_with = "shape::tags")]
    pub tags: BTreeMap<String, String>,
}

impl Row for SecurityGroup {
    const LIST: &'static str = "SecurityGroups";
}

/// The inbound rules of one group.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeSecurityGroupAttribute {
    /// The region.
    pub region_id: String,
    /// The group.
    pub security_group_id: String,
    /// `ingress`.
    pub direction: &'static str,
    /// `internet` or `intranet`, for the two interfaces of the classic network; a group in a VPC has only one.
    pub nic_type: Option<&'static str>,
    /// Rows in a page: 10 to 1000. The service's own 500 would cut longer lists.
    pub max_results: u32,
    /// Where the page starts.
    pub next_token: Option<String>,
}

impl DescribeSecurityGroupAttribute {
    /// All inbound rules that can let the internet in: those of the one interface in a VPC, those of the public one in the classic
    /// network.
    pub fn new(region: &str, group: &SecurityGroup) -> Self {
        Self {
            region_id: region.to_owned(),
            security_group_id: group.security_group_id.clone(),
            direction: "ingress",
            nic_type: group.vpc_id.is_none().then_some("internet"),
            max_results: 1000,
            next_token: None,
        }
    }
}

impl Action for DescribeSecurityGroupAttribute {
    const API: Api = api("DescribeSecurityGroupAttribute").needs("ecs:DescribeSecurityGroupAttribute");
    type Response = Page<RuleRow>;
}

impl Paged for DescribeSecurityGroupAttribute {
    type Item = RuleRow;
    // A group has at most a few thousand rules, however small the pages are cut.
    const MOST_PAGES: u32 = 200;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Token(token) = cursor {
            self.next_token = Some(token);
        }
    }

    fn take(&self, page: Page<RuleRow>, seen: u64) -> (Vec<RuleRow>, Option<Cursor>) {
        page.by_token(seen)
    }

    fn row_id(row: &RuleRow) -> Option<&str> {
        row.id.as_deref()
    }
}
